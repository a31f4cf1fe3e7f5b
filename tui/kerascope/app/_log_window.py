"""Which part of a log is on the screen: rows of lines, wrapped or not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, get_character_cell_size

if TYPE_CHECKING:
    from kerascope.app._log_source import LogLine, LogLines

__all__ = ["LogWindow", "Place", "Row", "wrap_points"]

_KEPT = 4_000
"""Lines in memory at most; those of a few pages, as the file itself is the store."""


class Place(NamedTuple):
    """A row: the place of its line in the log, and which row of that line."""

    line: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What one row shows.

    Attributes:
        at: Place of the line.
        line: The line.
        number: Which row of the line it is, from 0.
        first: Its first character.
        last: Where it ends in the line.
        tail: Whether it is the line's last row.
    """

    at: int
    line: LogLine
    number: int
    first: int
    last: int
    tail: bool = True


def wrap_points(text: str, width: int) -> tuple[int, ...]:
    """Where the rows of a line end, broken at the last cell as `less` does: copied text is the same again."""
    width = max(width, 2)
    if len(text) <= width and cell_len(text) <= width:
        return (len(text),)
    if text.isascii():
        return (*range(width, len(text), width), len(text))
    points: list[int] = []
    used = 0
    for at, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > width:
            points.append(at)
            used = 0
        used += size
    return (*points, len(text))


class LogWindow:
    """Lines of a log as rows of `width` cells, in the places they had when `changed` was called last.

    Args:
        lines: The log, or what a filter left of it.
        width: Cells of a row; 0 wraps nothing.
    """

    def __init__(self, lines: LogLines, width: int = 0) -> None:
        self.lines = lines
        self.width = width
        self._kept: dict[int, LogLine] = {}
        self._points: dict[int, tuple[int, ...]] = {}
        self._before = lines.before
        self.count = lines.count
        """Lines there are."""

    def wrap(self, width: int) -> None:
        """Wrap to another width; 0 wraps nothing."""
        if width != self.width:
            self.width = width
            self._points.clear()

    def changed(self) -> int:
        """Take notice that the log has advanced; by how much places have moved up."""
        moved = self.lines.before - self._before
        self._before, self.count = self.lines.before, self.lines.count
        gone = [at for at, line in self._kept.items() if moved or line.partial or at >= self.count]
        for at in gone:
            del self._kept[at]
            self._points.pop(at, None)
        return moved

    def forget(self) -> None:
        """Read everything anew."""
        self._kept.clear()
        self._points.clear()

    def line(self, at: int, *, around: int = 50) -> LogLine | None:
        """The line in a place; those `around` it are read with it."""
        known = self._kept.get(at)
        if known is None and 0 <= at < self.count:
            if len(self._kept) > _KEPT:
                self.forget()
            first, last = max(0, at - around), min(self.count, at + around + 1)
            moved = self.lines.before - self._before
            found = self.lines.lines(first + moved, last + moved)
            self._kept.update(enumerate(found, first))
            for place in range(first, first + len(found)):
                self._points.pop(place, None)
            known = self._kept.get(at)
        return known

    def _ends(self, at: int) -> tuple[int, ...]:
        line = self.line(at)
        if line is None:
            return (0,)
        if not self.width:
            return (len(line.text),)
        points = self._points.get(at)
        if points is None:
            points = wrap_points(line.text, self.width)
            if line.cut_bytes:
                # How much is left out stands on a row of its own.
                points += (len(line.text),)
            self._points[at] = points
        return points

    def height(self, at: int) -> int:
        """Rows of a line."""
        return len(self._ends(at)) if self.width else 1

    def rows(self, top: Place, height: int) -> list[Row]:
        """The rows from `top` on, at most `height`."""
        rows: list[Row] = []
        at, skip = top
        while len(rows) < height and 0 <= at < self.count:
            line = self.line(at)
            if line is None:
                break
            ends = self._ends(at)
            for number in range(min(skip, len(ends) - 1), len(ends)):
                if len(rows) == height:
                    break
                rows.append(
                    Row(at, line, number, ends[number - 1] if number else 0, ends[number], number == len(ends) - 1)
                )
            at, skip = at + 1, 0
        return rows

    def moved(self, place: Place, rows: int) -> Place:
        """The row that is so many rows further down, or up, brought within the log."""
        at, row = place
        if not self.width:
            return Place(max(0, min(at + rows, self.count - 1)))
        row += rows
        while row < 0 and at > 0:
            at -= 1
            row += self.height(at)
        if row < 0 or not self.count:
            return Place(0)
        while row >= self.height(at):
            if at == self.count - 1:
                return Place(at, self.height(at) - 1)
            row -= self.height(at)
            at += 1
        return Place(at, row)

    def end(self, height: int) -> Place:
        """The first row of the last page."""
        if not self.count:
            return Place(0)
        if not self.width:
            return Place(max(0, self.count - height))
        last = self.count - 1
        return self.moved(Place(last, self.height(last) - 1), 1 - height)

    def clamped(self, place: Place, height: int) -> Place:
        """A place brought within the log, so that no row of a page is left empty where there are lines for it."""
        end = self.end(height)
        if place.line < 0 or not self.count:
            return Place(0)
        if place >= end:
            return end
        return Place(place.line, min(place.row, self.height(place.line) - 1))
