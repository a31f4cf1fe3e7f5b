"""What the Linux kernel does for a process on request; nothing anywhere else."""

from __future__ import annotations

import contextlib
import ctypes
import sys

__all__ = ["PR_SET_PDEATHSIG", "prctl", "set_subreaper"]

PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Set an option of this process (Linux's prctl(2))."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def set_subreaper(on: bool) -> None:
    """Whether processes below us whose parents die become our children rather than those of process 1."""
    prctl(_PR_SET_CHILD_SUBREAPER, int(on))
