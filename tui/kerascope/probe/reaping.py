"""Taking note of children that have ended."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["reaped"]


def reaped() -> Iterator[tuple[int, int]]:
    """Process id and wait status of each child that has ended, those we were handed as subreaper included."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status
