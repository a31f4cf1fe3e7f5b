"""The lines of a log that hold a text: found from its end backwards, and on with what is written."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from kerascope.runs._log_lines import LogFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.runs._log import LogFile
    from kerascope.runs._log_lines import LogLine

__all__ = ["FilteredLog"]

_LINES = 200
"""Lines of a filter that one step of a search looks at."""


class FilteredLog:
    """A log with the lines that do not hold a text left out; as `LogFile`, with places of its own.

    A line is kept by its place less the log's `before`, which stays the same when lines are found before it.

    Args:
        log: The whole log; it has to be advanced too.
        text: What the lines hold, in any case.
    """

    def __init__(self, log: LogFile, text: str) -> None:
        self._log = log
        self._text = text.lower()
        self.before = 0
        self._begin()

    def _begin(self) -> None:
        self._generation = self._log.generation
        self._front = array("q")
        self._back = array("q")
        self._low = self._high = self._log.whole - self._log.before
        self._looked_at = -1
        self._partial = False

    @property
    def count(self) -> int:
        """Lines that were found."""
        return len(self._back) + len(self._front) + self._partial

    @property
    def complete(self) -> bool:
        """Whether everything before the end was looked at."""
        return self._log.complete and self._low + self._log.before <= 0

    def advance(self, budget_bytes: int) -> bool:
        """Look through about so many bytes of the log, as far as that is known; whether anything has changed."""
        log = self._log
        if self._generation != log.generation:
            self.before += 1
            self._begin()
            return True
        first, last = self._high + log.before, self._low + log.before
        if first < log.whole:
            return self._go_on(first, budget_bytes)
        if last > 0:
            return self._go_back(last, budget_bytes)
        return self._look_at_last()

    def _go_on(self, first: int, budget_bytes: int) -> bool:
        first, last = self._log.part(first, budget_bytes)
        last = min(last, self._log.whole)
        self._front.extend(self._holding(first, last))
        self._high = last - self._log.before
        return True

    def _go_back(self, last: int, budget_bytes: int) -> bool:
        first, last = self._log.part_before(last, budget_bytes)
        found = self._holding(first, last)
        self._back.extend(reversed(found))
        self.before += len(found)
        self._low = first - self._log.before
        return True

    def _look_at_last(self) -> bool:
        """The last line changes until it has its end."""
        log = self._log
        if self._looked_at == log.size:
            return False
        self._looked_at = log.size
        before = self._partial
        self._partial = log.whole < log.count and self._text in log.plain(log.whole, log.count).lower()
        return self._partial or before

    def _holding(self, first: int, last: int) -> list[int]:
        """Of the lines in these places those that hold the text."""
        text = self._log.plain(first, last).lower()
        found, line, done = [], first - self._log.before, 0
        place = text.find(self._text)
        while place >= 0:
            line += text.count("\n", done, place)
            found.append(line)
            done = text.find("\n", place)
            if done < 0:
                break
            place = text.find(self._text, done)
        return found

    def _place(self, row: int) -> int:
        """The place in the log of a line of the filter."""
        behind = row - len(self._back)
        if behind < 0:
            return self._back[-1 - row] + self._log.before
        return self._front[behind] + self._log.before if behind < len(self._front) else self._log.whole

    def lines(self, first: int, last: int) -> Sequence[LogLine]:
        """The lines in places from `first` up to, without, `last`."""
        found: list[LogLine] = []
        if self._generation != self._log.generation:
            return found
        for row in range(max(first, 0), min(last, self.count)):
            place = self._place(row)
            found += self._log.lines(place, place + 1)
        return found

    def find(self, text: str, start: int, forward: bool, budget_bytes: int) -> LogFound:
        """Search plain text, in any case, from a place on, that line included, in about so many bytes."""
        wanted = text.lower()
        step = 1 if forward else -1
        row, left = start, _LINES
        while 0 <= row < self.count and left > 0 and budget_bytes > 0:
            place = self._place(row)
            held = self._log.plain(place, place + 1)
            if wanted in held.lower():
                return LogFound(line=row)
            budget_bytes -= len(held)
            left -= 1
            row += step
        return LogFound(next=row if 0 <= row < self.count else None)
