"""A whole log as text: into a file, or for the clipboard, a few lines at a time so that the screen has its turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kerascope.app._log_source import LogLines

__all__ = ["log_text", "save_log"]

_LINES = 500
_BYTES = 1 << 20


async def _pieces(lines: LogLines) -> AsyncIterator[str]:
    """All lines as they are now, each with its end."""
    while not lines.complete:
        lines.advance(_BYTES)
        await asyncio.sleep(0)
    before, count, at = lines.before, lines.count, 0
    while at < min(count, lines.count):
        at += lines.before - before
        before = lines.before
        yield "".join(f"{line.text}\n" for line in lines.lines(at, min(at + _LINES, count, lines.count)))
        at += _LINES
        await asyncio.sleep(0)


async def log_text(lines: LogLines, most: int) -> str | None:
    """The whole log; `None` where it has more than `most` characters."""
    pieces: list[str] = []
    size = 0
    async for piece in _pieces(lines):
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
    return "".join(pieces)


async def save_log(lines: LogLines, path: Path) -> tuple[int, int]:
    """Write the whole log to a new file; its lines and its bytes.

    Raises:
        FileExistsError: There is such a file; it is left alone.
        OSError: It cannot be written; what was written of it is gone.
    """
    file = path.open("xb")
    count = 0
    try:
        with file:
            async for piece in _pieces(lines):
                file.write(piece.encode("utf-8", "replace"))
                count += piece.count("\n")
            return count, file.tell()
    except BaseException:
        _remove(path)
        raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
