"""Rows of tables as strips of styled text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from kerascope.app._columns import GUTTER, declared_text, effective_text, fit, other_text
from kerascope.graph import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.style import Style

    from kerascope.app._columns import Cells, Columns
    from kerascope.app._marks import Marks
    from kerascope.app._view import LayerRow, TitleRow

__all__ = ["cell_segments", "edged", "head_window", "layer_strip", "title_strip", "window"]

_SEVERITY_STYLE = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def window(strip: Strip, columns: Columns, scroll_x: int, width: int, style: Style) -> Strip:
    """What is visible of a row: lanes and name stay when the rest is scrolled sideways.

    A number that is not all in sight is left out, for a part of it is another number.
    """
    frozen = min(columns.frozen, width) if scroll_x else 0
    left, right = frozen + scroll_x, scroll_x + width
    start, end = left, right
    for column in columns.columns:
        after = column.start + column.width
        if column.right and column.start < left < after:
            start = after
        if column.right and column.start < right < after:
            end = column.start
    if start >= end:
        start, end = left, right
    parts = [strip.crop_extend(0, frozen, style), Strip.blank(start - left, style)]
    return Strip.join([*parts, strip.crop_extend(start, end, style), Strip.blank(right - end, style)])


def head_window(columns: Columns, scroll_x: int, width: int, style: Style) -> Strip:
    """What is visible of the headings."""
    text = ""
    for column in columns.columns:
        text = text.ljust(column.start)
        text += column.title.rjust(column.width) if column.right else column.title.ljust(column.width)
    return window(Strip([Segment(text, style)]), columns, scroll_x, width, style)


def edged(head: Strip, columns: Columns, marks: Marks, scroll_x: int, style: Style) -> Strip:
    """The visible headings with marks at the edges beyond which there is more."""
    width = head.cell_length
    if columns.width > scroll_x + width:
        head = Strip.join([head.crop(0, width - 1), Strip([Segment(marks.more[1], style)])])
    if scroll_x and 0 < columns.frozen < width:
        at = columns.frozen - 1
        head = Strip.join([head.crop(0, at), Strip([Segment(marks.more[0], style)]), head.crop(at + 1)])
    return head


def cell_segments(
    cells: Mapping[str, str], columns: Columns, marks: Marks, style_of: Callable[[str], Style], plain: Style
) -> list[Segment]:
    """The cells of a row, behind its gutter.

    Args:
        cells: Texts by the key of their column; a column without one is blank.
        columns: Where they stand.
        marks: Glyphs.
        style_of: The style of a column, by its key.
        plain: The style between them.
    """
    segments: list[Segment] = []
    end = GUTTER
    for column in columns.columns:
        segments.append(Segment(" " * (column.start - end), plain))
        end = column.start + column.width
        text = fit(cells.get(column.key, ""), column.width, marks, right=column.right)
        segments.append(Segment(text, style_of(column.key)))
    return segments


def title_strip(row: TitleRow, width: int, marks: Marks, style_of: Callable[[str], Style], plain: Style) -> Strip:
    """A heading between rows, as wide as the pane."""
    title, remark = style_of("title"), style_of("remark")
    if not row.title:
        return Strip([Segment("", plain)])
    text = f"{marks.rule * 2} {row.title} "
    tail = f"{marks.dot} {marks.text(row.remark)} "
    fill = max(0, width - cell_len(text) - cell_len(tail))
    return Strip([Segment(text, title), Segment(tail, remark), Segment(marks.rule * fill, remark)])


def layer_strip(
    row: LayerRow,
    cells: Cells,
    columns: Columns,
    marks: Marks,
    style_of: Callable[[str], Style],
    plain: Style,
    *,
    selected: bool,
) -> Strip:
    """A layer's row, all its columns, also those beyond the edge."""
    muted = style_of("muted")
    severity = row.severity
    gutter = marks.severities[severity] if severity is not None else " "
    segments = [
        Segment(marks.cursor if selected else " ", plain),
        Segment(gutter, style_of(_SEVERITY_STYLE[severity]) if severity is not None else plain),
    ]
    at = 2
    for column in columns.columns:
        if column.start > at:
            segments.append(Segment(" " * (column.start - at), plain))
        at = column.start + column.width
        if column.key == "lanes":
            style = style_of("loose" if row.loose else "lanes")
            segments.append(Segment(fit(cells.lanes, column.width, marks), style))
        elif column.key == "name":
            bold = "loose" if row.loose else "name"
            segments.append(Segment(fit(cells.name, column.width, marks), style_of(bold)))
        elif column.key == "declared":
            style = plain if cells.recorded else muted
            if row.layer.verdict is Verdict.DISCARDED:
                style = style_of("discarded")
            pair = declared_text(cells, columns.stage, marks)
            mark_style = {
                Verdict.DISCARDED: style_of("discarded"),
                Verdict.DECIDES: style_of("decides"),
            }.get(row.layer.verdict or Verdict.REDUNDANT, muted)
            segments.extend(_pair(pair, column.width, style, mark_style, plain))
        elif column.key == "effective":
            pair = effective_text(cells, columns.stage, marks)
            style = style_of("effective") if cells.known else muted
            segments.extend(_pair(pair, column.width, style, style_of("loose"), plain))
        elif column.key == "other":
            pair = other_text(cells, columns.stage, marks)
            style = style_of("differs") if cells.differs else muted
            segments.extend(_pair(pair, column.width, style, style, plain))
        else:
            text = fit(getattr(cells, column.key), column.width, marks, right=column.right)
            segments.append(Segment(text, muted if column.key == "class_name" else plain))
    return Strip(segments).simplify()


def _pair(pair: tuple[str, str], width: int, style: Style, mark_style: Style, plain: Style) -> list[Segment]:
    """A shape and its mark, padded to `width`."""
    shape, mark = pair
    segments = []
    if shape:
        segments.append(Segment(shape, style))
    if mark:
        segments.append(Segment(f" {mark}" if shape else mark, mark_style))
    used = sum(cell_len(segment.text) for segment in segments)
    segments.append(Segment(" " * max(0, width - used), plain))
    return segments
