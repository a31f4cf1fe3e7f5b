"""Noticing that the program is to end: an SSH link that dropped must not leave it behind, nor SIGTERM its screen.

With SIGHUP ignored (`nohup`, some shells) or never delivered, reading a dead terminal returns at once and for ever.
So both are watched: the signal, and POLLHUP on standard input once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["POLL_SECONDS", "HangupWatch"]

POLL_SECONDS = 1.0
_GRACE_SECONDS = {signal.SIGHUP: 1.5, signal.SIGTERM: 5.0}


class HangupWatch:
    """Calls `on_hangup` once, with the exit status, when the terminal is gone or SIGTERM comes.

    Should that not end the process in time, it is ended.
    """

    def __init__(self, on_hangup: Callable[[int], None]) -> None:
        self._on_hangup = on_hangup
        self._fired = False
        self._descriptor: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Watch from now on; does nothing when standard input is not a terminal (in tests, say)."""
        stdin = sys.__stdin__
        if stdin is None or stdin.closed or not stdin.isatty():
            return
        self._descriptor = stdin.fileno()
        self._loop = asyncio.get_running_loop()
        # Where there are no signal handlers on the loop, the poll alone has to do.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            for number in _GRACE_SECONDS:
                self._loop.add_signal_handler(number, self._fire, number)

    def poll(self) -> None:
        """Ask whether the terminal is still there."""
        if self._descriptor is None or self._fired:
            return
        poller = select.poll()
        poller.register(self._descriptor, 0)
        if any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in poller.poll(0)):
            self._fire(signal.SIGHUP)

    def _fire(self, number: signal.Signals) -> None:
        if self._fired:
            return
        self._fired = True
        # Leaving the screen writes to the terminal, and writing to a dead one can block: a thread waits for that.
        status = 128 + number
        last_resort = threading.Timer(_GRACE_SECONDS[number], os._exit, (status,))
        last_resort.daemon = True
        last_resort.start()
        self._on_hangup(status)
