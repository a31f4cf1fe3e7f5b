"""Ending what a training has left running: as subreaper the keeper is the parent of all its orphans (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from ..reaping import reaped

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["end_leftovers"]

LEAVE_SECONDS = 0.5
"""Seconds for those that end by themselves when their parent does, as the trackers of multiprocessing."""

TERM_SECONDS = 2.0
"""Seconds between SIGTERM and SIGKILL."""

KILL_SECONDS = 2.0
"""Seconds for the killed to be gone; native code deep in a driver takes its time."""


def end_leftovers(group: int, wait: Callable[[], object]) -> list[str]:
    """End every process below us, gently first.

    Args:
        group: Process group of the training, which is gone itself.
        wait: Waits a moment; it is called until all are gone.

    Returns:
        Those that had to be told, as `name (pid)`.
    """
    told: dict[int, str] = {}
    for number, seconds in ((None, LEAVE_SECONDS), (signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        deadline = time.monotonic() + seconds
        reached: set[int] = set()
        while (left := _descendants()) and time.monotonic() < deadline:
            if number is not None:
                # Each that dies can hand us children that we have not seen yet.
                for pid in left.keys() - reached:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
                told.update(left)
                reached |= left.keys()
            wait()
            for _ in reaped():
                pass
        if not left:
            break
    if not os.path.exists("/proc/self/stat"):
        # Then the group is all that is known; elsewhere its number may be somebody else's by now.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    return [f"{name} ({pid})" for pid, name in told.items()]


def _descendants() -> dict[int, str]:
    """Live processes below us at any depth, and their names."""
    children: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    with contextlib.suppress(OSError):
        for entry in os.listdir("/proc"):
            facts = _process(int(entry)) if entry.isdigit() else None
            if facts is not None:
                parent, names[int(entry)] = facts
                children.setdefault(parent, []).append(int(entry))
    found: dict[int, str] = {}
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update((pid, names[pid]) for pid in below)
        waiting += below
    return found


def _process(pid: int) -> tuple[int, str] | None:
    """Parent and name of a process, `None` where it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            head, _, tail = file.read().rpartition(")")
    except OSError:
        return None
    state, parent = tail.split()[:2]
    return None if state in ("Z", "X") else (int(parent), head.partition("(")[2])
