"""A run's log: read from the file where it is looked at, followed as it grows, searched in bounded pieces."""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from typing import TYPE_CHECKING

from kerascope.runs._fold import fold, plain_lines
from kerascope.runs._layout import LOG_FILE, STREAMS_FILE
from kerascope.runs._log_errors import REACH, find_error
from kerascope.runs._log_filter import FilteredLog
from kerascope.runs._log_index import BLOCK, LineIndex
from kerascope.runs._log_lines import LogFound, LogLine
from kerascope.runs._streams import Streams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["LogFile"]

MAX_LINE = 64 * 1024
"""Bytes of a line that is shown whole."""

HEAD = 16 * 1024
"""Bytes that are shown of a longer one."""

MAX_PAGE = 1024 * 1024
"""Bytes of lines that are read by one call."""

KNOWN_END = 64
"""Bytes before the place that was read last which must be as they were, or the file is another."""


class LogFile:
    """The lines of a run's `output.log`, from its end: the last page is there at once, however long it is.

    Lines have places from 0, the newest last. What lies before the lines known first is looked at by `advance`; each
    line found there moves all places up by one, and `before` says by how many they have moved. The file is the store:
    in memory are two numbers for 64 KiB of it. When it is cut short or replaced, it is read anew; when it is deleted,
    what was in it stays readable. Nothing here raises for what is in the file, or for what becomes of it.

    Args:
        directory: The run's directory.

    Attributes:
        before: Lines that were put before those known first.
        generation: How many times it was read anew.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOG_FILE
        self._streams = Streams(directory / STREAMS_FILE)
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None
        self._index = LineIndex(self._read, 0)
        self._known_end = b""
        self._rest = b""
        self._error: int | None = None
        self.before = 0
        self.generation = 0

    def close(self) -> None:
        """Let go of the file; it can be looked at again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()

    @property
    def count(self) -> int:
        """Lines that are known, one at the end that still grows among them."""
        return self._index.count

    @property
    def whole(self) -> int:
        """Lines that are known and have their end: no more than one less."""
        return self._index.whole

    @property
    def size(self) -> int:
        """Bytes up to which the file was looked at."""
        return self._index.high

    @property
    def complete(self) -> bool:
        """Whether everything before the end was looked at."""
        return self._index.complete

    # Looking at more of it

    def advance(self, budget_bytes: int) -> bool:
        """Look at what was written, else at what was there before, about so many bytes; whether anything has changed.

        Call it until nothing changes, in steps that leave the screen its turn.
        """
        try:
            size = self._look()
            if size is None:
                return False
            if size > self._index.high:
                return self._go_on(min(size - self._index.high, max(budget_bytes, BLOCK)))
            return not self._index.complete and self._go_back(max(budget_bytes // BLOCK, 1))
        except OSError:
            # A network disk that is away for now: what is known stays.
            return False

    def _look(self) -> int | None:
        """Bytes of the file now, after it was found to be the one that is known; `None` where there is none."""
        self._open_newest()
        if self._descriptor is None:
            return None
        size = os.fstat(self._descriptor).st_size
        index = self._index
        if size < index.high or self._read(index.high - len(self._known_end), len(self._known_end)) != self._known_end:
            self._begin_again(size)
        elif self._identity is None:
            self._index = LineIndex(self._read, size)
        facts = os.fstat(self._descriptor)
        self._identity = facts.st_dev, facts.st_ino
        return size

    def _open_newest(self) -> None:
        """Open what is at the path, where that is not open; what is deleted stays open."""
        try:
            facts = self._path.stat()
        except OSError:
            return
        if not stat.S_ISREG(facts.st_mode):
            return
        if self._descriptor is not None and self._identity == (facts.st_dev, facts.st_ino):
            return
        descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        self.close()
        self._descriptor = descriptor
        if self._identity is not None and self._identity != (facts.st_dev, facts.st_ino):
            self._begin_again(facts.st_size)

    def _begin_again(self, size: int) -> None:
        self._index = LineIndex(self._read, size)
        self._known_end = self._rest = b""
        self._error = None
        # Whoever keeps lines by their place has to let go of them.
        self.before += 1
        self.generation += 1

    def _go_on(self, size: int) -> bool:
        index = self._index
        at_line = index.high == 0 or index.ends > 0
        data = self._read(index.high, size)
        if not data:
            return False
        index.extend(data)
        self._known_end = (self._known_end + data)[-KNOWN_END:]
        lines, end, rest = (self._rest + data).rpartition(b"\n")
        if self._error is None and end:
            found = find_error(lines, whole=at_line)
            if found is not None:
                self._error = index.high - len(rest) - 1 - len(lines) + found
        # Of a line without an end the last part is enough: a traceback in it is found wherever it stands.
        self._rest = rest[-BLOCK:] if end else (self._rest + data)[-BLOCK:]
        return True

    def _go_back(self, blocks: int) -> bool:
        index = self._index
        start = max(0, index.low - blocks * BLOCK)
        size, ahead = index.low - start, 1 if start else 0
        data = self._read(start - ahead, ahead + size + REACH)
        if len(data) < ahead + size:
            return False
        # One that begins right behind counts too: what came after could not tell that it is a line's beginning.
        found = find_error(data, whole=not start, end=ahead + size + 1)
        if found is not None:
            self._error = start - ahead + found
        whole = index.whole
        index.prepend(data[ahead : ahead + size])
        self.before += index.whole - whole
        return True

    def _read(self, offset: int, size: int) -> bytes:
        return b"" if self._descriptor is None else os.pread(self._descriptor, size, offset)

    # Lines

    def lines(self, first: int, last: int) -> Sequence[LogLine]:
        """The lines in places from `first` up to, without, `last`; none where the file has just been cut short."""
        first, last = max(first, 0), min(last, self.count)
        if first >= last:
            return []
        try:
            spans = [self._index.bounds(place) for place in range(first, last)]
            begin, end = spans[0][0], spans[-1][1]
            page = self._read(begin, end - begin) if end - begin <= MAX_PAGE else None
            parts = [self._shown_part(*span, page, begin) for span in spans]
        except (OSError, IndexError):
            # What the index says is there is gone: `advance` will find that out.
            return []
        errors = self._streams.errors(begin, end + 1)
        return [
            self._line(first + row, part, _is_within(max(span[0], span[1] - 1), errors))
            for row, (span, part) in enumerate(zip(spans, parts, strict=True))
        ]

    def _line(self, place: int, part: tuple[bytes, int], error: bool) -> LogLine:
        text, spans = fold(part[0])
        return LogLine(place + 1, text, spans, "err" if error else "out", place >= self._index.whole, part[1])

    def _shown_part(self, start: int, end: int, page: bytes | None = None, begin: int = 0) -> tuple[bytes, int]:
        """What is read of a line, and how many bytes of it are not to be seen at its end.

        Args:
            start: Offset of the line.
            end: Offset of its end.
            page: What was read already.
            begin: Offset of that.
        """
        if end - start <= MAX_LINE:
            return (self._read(start, end - start) if page is None else page[start - begin : end - begin]), 0
        tail = self._read(end - MAX_LINE, MAX_LINE)
        redrawn = tail.find(b"\r", 0, -1)
        if redrawn >= 0:
            # A long progress bar: what it was before was written over.
            return tail[redrawn + 1 :], 0
        head = _whole_characters(self._read(start, HEAD))
        return head, end - start - len(head)

    # Searching

    def find(self, text: str, start: int, forward: bool, budget_bytes: int) -> LogFound:
        """Search plain text, in any case, from a place on, that line included, in about so many bytes."""
        if not 0 <= start < self.count:
            return LogFound()
        wanted = text.lower()
        first, last = self.part(start, budget_bytes) if forward else self.part_before(start + 1, budget_bytes)
        held = self.plain(first, last).lower()
        place = held.find(wanted) if forward else held.rfind(wanted)
        if place >= 0:
            return LogFound(line=first + held.count("\n", 0, place))
        if forward:
            return LogFound(next=last if last < self.count else None)
        return LogFound(next=first - 1 if first else None)

    def part(self, first: int, budget_bytes: int) -> tuple[int, int]:
        """Places of the lines from `first` on that have about so many bytes: at least one line."""
        start, _ = self._bounds(first)
        last = self._index.place_at(start + budget_bytes) if start + budget_bytes < self.size else self.count
        return first, max(last, first + 1)

    def part_before(self, last: int, budget_bytes: int) -> tuple[int, int]:
        """Places of the lines before `last` that have about so many bytes: at least one line."""
        _, end = self._bounds(last - 1)
        first = self._index.place_at(end - budget_bytes) + 1 if end > budget_bytes else 0
        return max(0, min(first, last - 1)), last

    def plain(self, first: int, last: int) -> str:
        """The texts of lines that follow each other, for a search: one a line."""
        try:
            start, end = self._index.bounds(first)[0], self._index.bounds(last - 1)[1]
            if last - first == 1:
                return plain_lines(self._shown_part(start, end)[0])
            return plain_lines(self._read(start, end - start))
        except (OSError, IndexError):
            # What the index says is there is gone: `advance` will find that out.
            return ""

    def _bounds(self, place: int) -> tuple[int, int]:
        try:
            return self._index.bounds(place)
        except (OSError, IndexError):
            return 0, 0

    def filtered(self, text: str) -> FilteredLog:
        """The lines that hold plain text, in any case; it has to be advanced like the log itself."""
        return FilteredLog(self, text)

    def place_of(self, number: int) -> int:
        """The place of a line, by the number that it has now."""
        return number - 1

    def place_at(self, offset: int) -> int:
        """The place of the line that the byte at `offset` belongs to, or will; negative where that is not known yet."""
        return self._index.place_at(offset)

    def first_error(self) -> int | None:
        """The place of the first line that looks like an error, among all that are known."""
        if self._error is None:
            return None
        place = self._index.place_at(self._error)
        return place if place >= 0 else None


def _is_within(offset: int, ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the ranges, which ascend, holds the byte."""
    place = bisect_right(ranges, offset, key=lambda each: each[0])
    return place > 0 and offset < ranges[place - 1][1]


def _whole_characters(data: bytes) -> bytes:
    """UTF-8 without the beginning of a character at its end."""
    for back in range(1, min(4, len(data)) + 1):
        if data[-back] >= 0xC0:
            return data[:-back]
        if data[-back] < 0x80:
            break
    return data
