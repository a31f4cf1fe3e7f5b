"""Rows of the log as strips of styled text."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.errors import StyleSyntaxError
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kerascope.graph import format_bytes

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence

    from kerascope.app._log_window import Row
    from kerascope.app._marks import Marks

__all__ = ["GUTTER", "in_sight", "row_strip"]

GUTTER = 2
"""Cells before the text: the mark of the stream, and a blank."""


def in_sight(row: Row, left: int, width: int) -> Row:
    """The part of a line that is not wrapped which can be seen, and a little more, where a cell is a character.

    A line may have a hundred thousand characters, so those out of sight are not to be looked at.
    """
    text = row.line.text
    if not text.isascii():
        return row
    return replace(row, first=min(left, len(text)), last=min(left + width, len(text)))


def row_strip(
    row: Row,
    pattern: re.Pattern[str] | None,
    marks: Marks,
    style_of: Callable[[str], Style],
    plain: Style,
    *,
    marked: bool,
) -> Strip:
    """One row, as long as its text is.

    Args:
        row: What to show.
        pattern: What was searched for; it is highlighted wherever it stands.
        marks: The glyphs.
        style_of: What the component styles add, by name.
        plain: What they add it to.
        marked: Whether a search, an error or the mouse chose this line.
    """
    line = row.line
    text = line.text
    under = plain + style_of("marked") if marked else plain
    base = under + style_of("err") if line.stream == "err" else under
    segments = [*_gutter(row, marks, style_of, under, marked=marked)]
    segments += _pieces(text, row.first, row.last, base, line.spans, pattern, style_of("match"))
    if line.cut_bytes and row.tail and row.last == len(text):
        more = f"{' ' if row.first < row.last else ''}{marks.ellipsis} and {format_bytes(line.cut_bytes)} more"
        segments.append(Segment(more, under + style_of("muted")))
    return Strip(segments).simplify()


def _gutter(
    row: Row, marks: Marks, style_of: Callable[[str], Style], under: Style, *, marked: bool
) -> tuple[Segment, Segment]:
    """The mark of the stream, or of a row that goes on from the one above; and that of the chosen line."""
    if row.number:
        return Segment(marks.wrapped, under + style_of("muted")), Segment(" ", under)
    stream = Segment(marks.stderr, under + style_of("err-mark")) if row.line.stream == "err" else Segment(" ", under)
    return stream, Segment(marks.cursor, under + style_of("cursor")) if marked else Segment(" ", under)


def _pieces(
    text: str,
    first: int,
    last: int,
    base: Style,
    spans: Sequence[tuple[int, int, str]],
    pattern: re.Pattern[str] | None,
    match: Style,
) -> list[Segment]:
    """A stretch of a line, cut where styles begin and end."""
    layers = [(begin, end, _style(name)) for begin, end, name in spans if begin < last and end > first]
    if pattern is not None:
        # A match may reach over the end of a row.
        reach = len(pattern.pattern)
        near = pattern.finditer(text, max(0, first - reach), min(len(text), last + reach))
        layers += [(found.start(), found.end(), match) for found in near]
    if not layers:
        return [Segment(text[first:last], base)]
    edges = sorted({first, last, *(min(max(edge, first), last) for begin, end, _ in layers for edge in (begin, end))})
    segments: list[Segment] = []
    for begin, end in pairwise(edges):
        style = base
        for low, high, own in layers:
            if low <= begin and end <= high:
                style = style + own
        segments.append(Segment(text[begin:end], style))
    return segments


@lru_cache(maxsize=512)
def _style(name: str) -> Style:
    try:
        return Style.parse(name)
    except StyleSyntaxError:
        # A colour that is none: the text is what counts.
        return Style.null()
