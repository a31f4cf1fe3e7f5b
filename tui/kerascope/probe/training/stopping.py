"""The request to stop: a file in the run's directory, looked for at most ten times a second."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECK_SECONDS", "Agreement", "StopRequest", "Stopping"]

CHECK_SECONDS = 0.1
"""Seconds between two looks at the directory, and between two `batch` records."""


class Stopping(SystemExit):
    """Ends the program after a stop; a `SystemExit`, which a thread ends by without a word and `except` lets pass."""

    def __init__(self) -> None:
        super().__init__(0)


class StopRequest:
    """Whether somebody has asked the run to stop.

    Args:
        directory: The run's directory.
        seen: Told once who has asked.
    """

    def __init__(self, directory: str, seen: Callable[[str | None], None]) -> None:
        self.asked = False
        self._path = os.path.join(directory, "stop.json")
        self._seen = seen
        self._next = 0.0
        self._lock = threading.Lock()

    def check(self) -> bool:
        """Look again, when the last look is long enough ago."""
        if self.asked:
            return True
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + CHECK_SECONDS
        return self.look()

    def look(self) -> bool:
        """Look now."""
        with self._lock:
            if self.asked or not os.path.exists(self._path):
                return self.asked
            self.asked = True
        self._seen(self._asker())
        return True

    def _asker(self) -> str | None:
        try:
            with open(self._path, encoding="utf-8") as file:
                facts = json.load(file)
        except (OSError, ValueError):
            return None  # it is being written, or somebody made it by hand: the request counts all the same
        return str(facts["by"]) if isinstance(facts, dict) and facts.get("by") else None


class Agreement:
    """Lets several workers stop after the same epoch: one that went on alone would wait for the others for ever.

    The chief names the next epoch in a file at the end of one. Nobody comes to the end of that next epoch without the
    chief having begun it, so all see the file in time.

    Args:
        path: The file, in the directory that all share.
        stop: Whether somebody has asked the run to stop.
        chief: Whether this is the chief.
    """

    def __init__(self, path: str, stop: StopRequest, *, chief: bool) -> None:
        self._path = path
        self._stop = stop
        self._chief = chief
        self._named = False
        if chief and os.path.exists(path):
            os.unlink(path)  # an earlier attempt's

    def __call__(self, epoch: int) -> bool:
        """Whether all stop after this epoch of the run, which has just ended."""
        if self._chief and not self._named and self._stop.look():
            # What cannot be written now is tried again after the next epoch: the training goes on until then.
            with contextlib.suppress(OSError):
                self._name(epoch + 1)
                self._named = True
        try:
            with open(self._path, encoding="utf-8") as file:
                return epoch >= int(json.load(file)["after_epoch"])
        except (OSError, ValueError, KeyError):
            return False  # nobody has asked

    def _name(self, epoch: int) -> None:
        aside = f"{self._path}.{os.getpid()}"
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        with open(aside, "w", encoding="utf-8") as file:
            json.dump({"after_epoch": epoch}, file)
        os.replace(aside, self._path)
