"""What a training process does when its keeper is dead: read its own output, write its own record."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from typing import TYPE_CHECKING

from .output import OutputLog
from .record import append_event

if TYPE_CHECKING:
    from .record import Reporter

__all__ = ["Heir"]

POLL_MILLISECONDS = 200

DRAIN_SECONDS = 10.0
"""Seconds that the end of the training waits for its output to be on the disk."""


class Heir:
    """Watches the keeper, in a thread, and takes its place.

    The training process holds the read ends of its own output too: so a dead keeper never breaks a pipe.

    Args:
        directory: The run's directory.
        out: Read end of the pipe that is our standard output.
        err: That of standard error.
        life: Read end of a pipe of which nobody but the keeper has the other end.
        reporter: Takes over `run.json`.
    """

    def __init__(self, directory: str, out: int, err: int, life: int, reporter: Reporter) -> None:
        self._directory = directory
        self._pipes = {out: False, err: True}
        self._identities = {descriptor: _identity(descriptor) for descriptor in (out, err, life)}
        self._life = life
        self._reporter = reporter
        self._keeper = os.getppid()
        self._ending = threading.Event()
        self._alone = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="kerascope-heir", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def _watch(self) -> None:
        try:
            os.read(self._life, 1)
        except OSError:
            return  # The user's program has closed our end.
        self._alone.set()
        self._reporter.inherit()
        message = f"the process that kept this run ({self._keeper}) has died; the training keeps its record itself now"
        with contextlib.suppress(OSError):
            append_event(self._directory, "warning", message=message)
        self._copy()

    def _copy(self) -> None:
        log = OutputLog(self._directory)
        poll = select.poll()
        for descriptor in self._pipes:
            if self._is_ours(descriptor):
                poll.register(descriptor, select.POLLIN)
        while True:
            # Asked before the pipes are: what was written before the end is seen after it.
            ending = self._ending.is_set()
            ready = poll.poll(0 if ending else POLL_MILLISECONDS)
            for descriptor, _ in ready:
                if not self._is_ours(descriptor) or not log.copy(descriptor, error=self._pipes[descriptor]):
                    poll.unregister(descriptor)
            if log.behind:
                log.flush()
            if ending and not ready:
                return

    def end(self) -> None:
        """Wait, at the end of the training, until all its output is written, where that is ours to do."""
        if self._is_ours(self._life) and _has_ended(self._life):
            # The keeper may have died in this moment: the thread is about to see it.
            self._alone.wait(DRAIN_SECONDS)
        self._ending.set()
        if self._alone.is_set():
            self._thread.join(DRAIN_SECONDS)

    def _is_ours(self, descriptor: int) -> bool:
        """Whether it still is the pipe: programs that become daemons close everything, and numbers are used again."""
        identity = self._identities[descriptor]
        return identity is not None and _identity(descriptor) == identity


def _has_ended(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(0))


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
