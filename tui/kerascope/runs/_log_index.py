"""Where the lines of a growing file begin: counted by blocks, from the end backwards and on with what is written."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BLOCK", "LineIndex"]

BLOCK = 64 * 1024
"""Bytes whose line ends are counted together; where each of them is, is looked up when it is asked for."""

_KEPT = 32
"""Blocks whose line ends are remembered: those of a few pages."""

_NEWLINE = re.compile(b"\n")


class LineIndex:
    """Line ends of a file between two places in it, `low` and `high`; both move outwards.

    Lines have places from 0. As long as `low` is not the file's beginning, the first of them is the first one whose
    beginning is known. Two numbers for each block are kept, whatever is in it.

    Args:
        read: Gives so many bytes of the file from an offset on, fewer at its end.
        size: Bytes of the file.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read = read
        self._origin = size // BLOCK * BLOCK
        self.low = self.high = self._origin
        self._after = array("q")
        self._back = array("q")
        self._known: OrderedDict[int, list[int]] = OrderedDict()
        self._last_end = -1

    @property
    def complete(self) -> bool:
        """Whether everything before `high` was looked at."""
        return self.low == 0

    @property
    def ends(self) -> int:
        """Line ends between `low` and `high`."""
        return self._total_back + self._total_after

    @property
    def whole(self) -> int:
        """Lines that have their beginning and their end between `low` and `high`."""
        return self.ends if self.complete else max(0, self.ends - 1)

    @property
    def count(self) -> int:
        """Lines whose beginning is known; the last one may still grow."""
        return self.whole + self.partial

    @property
    def partial(self) -> bool:
        """Whether the last line has no end yet."""
        if self.ends == 0:
            return self.complete and self.high > 0
        return self._last_end + 1 < self.high

    @property
    def _total_after(self) -> int:
        return self._after[-1] if self._after else 0

    @property
    def _total_back(self) -> int:
        return self._back[-1] if self._back else 0

    def extend(self, data: bytes) -> None:
        """Take in what stands from `high` on."""
        self._known.pop(self.high // BLOCK * BLOCK, None)
        self._last_end = max(self._last_end, self._last_in(data, self.high))
        done = 0
        while done < len(data):
            used = self.high % BLOCK
            size = min(BLOCK - used, len(data) - done)
            count = data.count(b"\n", done, done + size)
            if used:
                self._after[-1] += count
            else:
                self._after.append(self._total_after + count)
            self.high += size
            done += size

    def prepend(self, data: bytes) -> None:
        """Take in what stands before `low`: whole blocks."""
        if self._last_end < 0:
            self._last_end = self._last_in(data, self.low - len(data))
        for start in range(len(data) - BLOCK, -1, -BLOCK):
            self._back.append(self._total_back + data.count(b"\n", start, start + BLOCK))
            self.low -= BLOCK

    @staticmethod
    def _last_in(data: bytes, offset: int) -> int:
        found = data.rfind(b"\n")
        return found if found < 0 else offset + found

    def bounds(self, place: int) -> tuple[int, int]:
        """Where the line in a place begins, and where it ends (its line end, or `high`)."""
        before = place if self.complete else place + 1
        start = self._end_at(before - 1) + 1 if before else 0
        return start, self._end_at(before) if before < self.ends else self.high

    def place_at(self, offset: int) -> int:
        """The place of the line that the byte at `offset` belongs to; its line end does too.

        It is negative where that line's beginning is not known.
        """
        ends = self._ends_before(offset)
        return ends if self.complete else ends - 1

    def _end_at(self, number: int) -> int:
        """Offset of a line end, by its number from `low` on."""
        number -= self._total_back
        if number >= 0:
            block = bisect_right(self._after, number)
            base = self._after[block - 1] if block else 0
            return self._positions(self._origin + block * BLOCK)[number - base]
        block = bisect_left(self._back, -number)
        return self._positions(self._origin - (block + 1) * BLOCK)[self._back[block] + number]

    def _ends_before(self, offset: int) -> int:
        """Line ends between `low` and `offset`."""
        if offset >= self.high:
            return self.ends
        if offset < self.low:
            return 0
        block = (offset - self._origin) // BLOCK
        positions = self._positions(self._origin + block * BLOCK)
        within = bisect_left(positions, offset)
        if block >= 0:
            return self._total_back + (self._after[block - 1] if block else 0) + within
        return self._total_back - self._back[-block - 1] + within

    def _positions(self, start: int) -> list[int]:
        """Offsets of the line ends in a block."""
        known = self._known.get(start)
        if known is None:
            data = self._read(start, min(BLOCK, self.high - start))
            known = self._known[start] = [start + found.start() for found in _NEWLINE.finditer(data)]
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(start)
        return known
