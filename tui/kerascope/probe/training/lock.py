"""One at a time begins a run, resumes it or gives it up: a lock on a file in its directory.

Whoever asks for a run takes the same lock; its twin is `kerascope.runs._lock`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["locked"]

LOCK_FILE = ".lock"

WAIT_SECONDS = 5.0
"""Seconds in which whoever holds the lock has done what takes milliseconds."""


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Hold the lock of a run, where it can be had: a disk may have no locks, or be full.

    Raises:
        BlockingIOError: Somebody else has held it all the time.
    """
    try:
        path = os.path.join(directory, LOCK_FILE)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        yield  # what is to be written there will fail, and says why
        return
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        except OSError:
            return  # a network disk without locks
        else:
            return
