"""Telling, while the user's file runs, where it is and what it has made."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .places import Places
    from .recorder import Recorder

__all__ = ["Ticker"]


class Ticker(threading.Thread):
    """Tells, a few times a second, which line of the user's code runs now, how many layers there are, and the models.

    The models are told while the file still runs so that they are known when its process is killed later, while it
    loads its data, say. They are read only when Keras is not at work and nothing was made since the tick before.

    Args:
        recorder: What is recorded.
        places: Tells whose code runs.
        send: Sends a line to the engine.
    """

    INTERVAL = 0.25

    def __init__(self, recorder: Recorder, places: Places, send: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(name="kerascope-ticker", daemon=True)
        self._recorder = recorder
        self._places = places
        self._send = send
        self._watched = threading.main_thread().ident or 0
        self._stopped = threading.Event()

    def run(self) -> None:
        last: Any = None
        while not self._stopped.wait(self.INTERVAL):
            self._recorder.flush()
            frame = sys._current_frames().get(self._watched)
            stack = self._places.stack(frame)
            made = self._recorder.sequence
            quiet = last is not None and last[1] == made and not self._places.in_keras(frame)
            now = (stack, made)
            if stack and now != last:
                self._send(
                    {
                        "event": "progress",
                        "path": stack[-1]["path"],
                        "line": stack[-1]["line"],
                        "frames": stack,
                        "layers": len(self._recorder.layers),
                    }
                )
            if quiet and not self._stopped.is_set():
                self._recorder.tell_models()
            last = now

    def stop(self) -> None:
        """Say nothing more."""
        self._stopped.set()
