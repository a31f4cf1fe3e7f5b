"""Searching a log in slices, so that the keys and the log go on meanwhile."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.app._log_source import LogLines

__all__ = ["find_line"]

_SLICE = 0.01
"""Seconds of work before the keys have their turn."""

_BYTES = 256 * 1024
"""Bytes looked at in one go; far less than a slice's worth."""

_TELL = 0.5
"""Seconds between words on how far it is."""


async def find_line(lines: LogLines, text: str, start: int, forward: bool, tell: Callable[[str], None]) -> int | None:
    """The place of the next line that holds a text, in any case, in one direction; `None` where there is none.

    Args:
        lines: Where to look.
        text: Plain text.
        start: Place of the first line that counts.
        forward: Towards the end.
        tell: Takes sentences on how far a long search is.
    """
    before = lines.before
    at: int | None = start
    told = since = perf_counter()
    while at is not None and 0 <= at < lines.count:
        found = lines.find(text, at, forward, _BYTES)
        if found.line is not None:
            return found.line
        at = found.next
        if at is None or perf_counter() - since < _SLICE:
            continue
        if perf_counter() - told > _TELL:
            tell(f"searching for {text!r}, at line {at + 1:,}, esc gives up")
            told = perf_counter()
        await asyncio.sleep(0)
        at += lines.before - before
        before, since = lines.before, perf_counter()
    return None
