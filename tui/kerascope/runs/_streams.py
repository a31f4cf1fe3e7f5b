"""Which bytes of a run's output came by stderr: looked up in a sorted list that stays on the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Streams"]

_PIECE = 4096
"""Bytes that are read at once; an entry has about 15."""


class Streams:
    """Ranges of `output.log` that came by stderr, as the keeper writes them: `OFFSET LENGTH`, ascending, one a line.

    A program that writes to both in turn makes as many ranges as lines, so they are searched in the file by halves.

    Args:
        path: The file; where there is none, everything came by stdout.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def errors(self, start: int, end: int) -> list[tuple[int, int]]:
        """The ranges that reach into the bytes from `start` up to `end`, ascending; never raises."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            # Not every run has it, and without it the log can be read all the same.
            return []
        try:
            return _search(descriptor, start, end)
        except OSError:
            return []
        finally:
            os.close(descriptor)


def _search(descriptor: int, start: int, end: int) -> list[tuple[int, int]]:
    low, high = 0, os.fstat(descriptor).st_size
    while high - low > _PIECE:
        middle = (low + high) // 2
        first = next(iter(_entries(descriptor, middle, _PIECE)), None)
        if first is not None and first[0] <= start:
            low = middle
        else:
            high = middle
    # Ranges do not overlap, so none that begins before the one at `low` reaches beyond `start`.
    found: list[tuple[int, int]] = []
    size, place = os.fstat(descriptor).st_size, low
    while place < size:
        entries = _entries(descriptor, place, _PIECE)
        found += [entry for entry in entries if entry[1] > start and entry[0] < end]
        if entries and entries[-1][0] >= end:
            break
        place += _PIECE
    return found


def _entries(descriptor: int, place: int, size: int) -> list[tuple[int, int]]:
    """The ranges whose lines begin in a piece of the file, as `(start, end)`."""
    # With the byte before, to see whether a line begins at `place`, and a line more than the piece.
    before = 1 if place else 0
    data = os.pread(descriptor, size + 64, place - before)
    begin = data.find(b"\n") + 1 if before else 0
    if before and not begin:
        return []
    found = []
    for line in data[begin:].split(b"\n")[:-1]:
        if begin >= size + before:
            break
        begin += len(line) + 1
        offset, _, length = line.partition(b" ")
        if offset.isdigit() and length.isdigit() and len(line) < 64:
            found.append((int(offset), int(offset) + int(length)))
    return found
