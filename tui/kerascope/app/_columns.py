"""Fitting the table's columns into the width there is. Pure: texts in, widths and texts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from kerascope.app._words import name_of
from kerascope.graph import Connection, cut_middle, draw_lanes, format_count, format_shapes

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._view import LayerRow, View
    from kerascope.graph import Shape

__all__ = [
    "GUTTER",
    "Cells",
    "Column",
    "Columns",
    "declared_text",
    "effective_text",
    "fit",
    "fit_columns",
    "read_cells",
]

GUTTER = 2
"""Cells left of the lanes: the cursor, and the mark of a row with findings."""

_NAME_LEAST = 12
_CLASS_LEAST = 9
_GAP = 2
_GAP_MOST = 4
_INDENT = 2
_UNKNOWN_MOST = 17
_SHAPE_MOST = 28
"""Cells of a declared or effective shape once there is no room for all of it."""
_SHAPE_LEAST = 20


@dataclass(frozen=True, slots=True)
class Cells:
    """The texts of one row. `*_mark` stand behind the shape they judge; `short` ones serve when there is no room."""

    lanes: str
    name: str
    class_name: str
    declared: str
    declared_mark: str
    quiet: bool
    effective: str
    effective_brief: str
    effective_mark: str
    known: bool
    output: str
    params: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which cells it shows, where it begins and how wide it is."""

    key: str
    title: str
    start: int
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns, and what they gave up: words of quiet marks, parts of effective cells, the middle of shapes."""

    columns: tuple[Column, ...]
    width: int
    symbols_only: bool
    brief: bool
    most: int | None
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What is given up for want of room."""

    whole_names: bool = False
    symbols_only: bool = False
    brief: bool = False
    most: int | None = None
    with_output: bool = True
    with_class: bool = True


def fit(text: str, width: int, marks: Marks, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded, or cut in its middle."""
    length = cell_len(text)
    if length > width:
        if text.isascii() or length == len(text):
            text = cut_middle(text, width, marks.ellipsis)
        else:
            # Characters two cells wide: cut by characters until the cells fit.
            kept = len(text)
            while cell_len(text) > width and kept:
                kept -= 1
                text = cut_middle(text, kept, marks.ellipsis)
        length = cell_len(text)
    if right:
        return " " * (width - length) + text
    return text + " " * (width - length) if length <= width else set_cell_size(text, width)


def read_cells(row: LayerRow, marks: Marks) -> Cells:
    """The texts of a layer's row."""
    layer = row.layer
    declared = layer.declared
    if declared is None:
        declared_text = ""
    elif declared.shape is not None:
        declared_text = format_shapes([declared.shape])
    else:
        declared_text = declared.value or "unreadable"
    verdict = layer.verdict if declared is not None else None
    if layer.effective is not None:
        effective = format_shapes(layer.effective)
    elif row.loose:
        effective = ""
    elif layer.unknown and len(layer.unknown) <= _UNKNOWN_MOST:
        effective = layer.unknown
    else:
        effective = "unknown"
    loose = layer.connection not in (None, Connection.CONNECTED)
    mark = marks.connection(layer.connection) if loose and layer.connection is not None else ""
    lanes = draw_lanes(row.lanes, ascii_only=marks.ascii_only, loose=row.loose)
    if row.unjudged:
        lanes = lanes.replace("o" if marks.ascii_only else "○", marks.unjudged)
    return Cells(
        lanes=lanes,
        name=" " * (_INDENT * row.lanes.depth) + name_of(layer),
        class_name=layer.class_name,
        declared=declared_text,
        declared_mark=marks.verdict(verdict) if verdict is not None else "",
        quiet=verdict is None or verdict.value != "discarded",
        effective=effective,
        effective_brief=_first_of(layer.effective) if layer.effective else effective,
        effective_mark=mark,
        known=layer.effective is not None,
        output=format_shapes(layer.output) if layer.output is not None else "",
        params=format_count(layer.params),
    )


def declared_text(cells: Cells, symbols_only: bool, most: int | None, marks: Marks) -> tuple[str, str]:
    """Shape and mark of the declared cell; a discarded one never loses its word, and no mark is ever cut."""
    mark = cells.declared_mark
    if symbols_only and cells.quiet:
        mark = mark[:1]
    return _cap(cells.declared, most, marks), mark


def effective_text(cells: Cells, brief: bool, most: int | None, marks: Marks) -> tuple[str, str]:
    """Shape and mark of the effective cell; a brief one shows the mark alone, or the first of several shapes."""
    if not brief:
        return _cap(cells.effective, most, marks), cells.effective_mark
    if cells.effective_mark:
        return "", cells.effective_mark
    return _cap(cells.effective_brief, most, marks), ""


def _cap(shape: str, most: int | None, marks: Marks) -> str:
    return fit(shape, most, marks) if most is not None and cell_len(shape) > most else shape


def _first_of(shapes: tuple[Shape, ...]) -> str:
    """The first of several shapes, with how many others there are: `(None, 19, 19, 640) +1`."""
    others = len(dict.fromkeys(shapes)) - 1
    return format_shapes(shapes[:1]) + (f" +{others}" if others else "")


def _joined(pair: tuple[str, str]) -> int:
    shape, mark = pair
    return cell_len(shape) + cell_len(mark) + (1 if shape and mark else 0)


def fit_columns(view: View, cells: dict[int, Cells], width: int, marks: Marks) -> Columns:
    """Choose columns, widths and gaps for `width` cells.

    The words of quiet marks give way first, then name and class, down to a least width. Then effective cells become
    brief: the first of several shapes, and for a layer that is connected to nothing that instead of its shape. Then
    long shapes are cut in their middle, then `output` goes, then `class`. The heading says what is missing where it
    would have stood; the detail has it.
    """
    every = [cells[at] for at in cells]
    width -= 1  # air between the last number and the edge

    def most(key: str, least: int) -> int:
        return max([least, *(cell_len(getattr(cell, key)) for cell in every)])

    lanes = most("lanes", 1)
    name_wish = most("name", 5)
    class_wish = most("class_name", 5)
    output = most("output", 6)
    params = most("params", 6)

    # From nothing given up to everything.
    stages = (
        _Stage(whole_names=True),
        _Stage(whole_names=True, symbols_only=True),
        _Stage(symbols_only=True),
        _Stage(symbols_only=True, brief=True),
        _Stage(symbols_only=True, brief=True, most=_SHAPE_MOST),
        _Stage(symbols_only=True, brief=True, with_output=False),
        _Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, with_output=False),
        _Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, with_output=False, with_class=False),
        _Stage(symbols_only=True, brief=True, most=_SHAPE_LEAST, with_output=False, with_class=False),
    )
    name = class_width = declared = effective = 0
    chosen = stages[-1]
    for stage in stages:
        chosen = stage
        with_output, with_class = stage.with_output, stage.with_class
        declared = max([8, *(_joined(declared_text(cell, stage.symbols_only, stage.most, marks)) for cell in every)])
        effective = max([9, *(_joined(effective_text(cell, stage.brief, stage.most, marks)) for cell in every)])
        if not with_output:
            effective = max(effective, len(_title("effective", marks, "output")))
        fixed = GUTTER + lanes + declared + effective + params + (output if with_output else 0)
        count = 5 + with_output + with_class
        name_least = min(name_wish, _NAME_LEAST) if with_class else len(_title("layer", marks, "class"))
        class_least = min(class_wish, _CLASS_LEAST) if with_class else 0
        room = width - fixed - _GAP * (count - 1)
        name, class_width = name_least, class_least
        if room >= (name_wish + class_wish if stage.whole_names else name_least + class_least):
            name, class_width = _share(
                room, (name_least, max(name_wish, name_least)), (class_least, class_wish * with_class)
            )
            break
    with_output, with_class = chosen.with_output, chosen.with_class
    plan: list[tuple[str, str, int, bool]] = [
        ("name", "layer" if with_class else _title("layer", marks, "class"), name, False),
        ("class_name", "class", class_width, False),
        ("declared", "declared", declared, False),
        (
            "effective",
            "effective" if with_output else _title("effective", marks, "output"),
            effective,
            False,
        ),
        ("output", "output", output, False),
        ("params", "params", params, True),
    ]
    dropped = (() if with_output else ("output",)) + (() if with_class else ("class",))
    plan = [entry for entry in plan if entry[0].removesuffix("_name") not in dropped]
    used = GUTTER + lanes + sum(entry[2] for entry in plan)
    gap = max(_GAP, min(_GAP_MOST, (width - used - 2) // len(plan)))
    columns = [Column("lanes", "", GUTTER, lanes)]
    at = GUTTER + lanes + _GAP
    for key, title, column_width, right in plan:
        columns.append(Column(key, title, at, column_width, right))
        at += column_width + gap
    return Columns(tuple(columns), at - gap, chosen.symbols_only, chosen.brief, chosen.most, dropped)


def _title(title: str, marks: Marks, missing: str) -> str:
    """A heading that says which column was left out behind it."""
    return f"{title} {marks.ellipsis}{missing}"


def _share(room: int, first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """Share `room` between two columns with (least, wish) each; the second one gives way first."""
    b = max(second[0], min(second[1], room - first[1]))
    a = max(first[0], min(first[1], room - b))
    return a, b
