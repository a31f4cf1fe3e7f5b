"""Fitting the table's columns into the width there is. Pure: texts in, widths and texts out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from kerascope.app._words import engine_name, name_of
from kerascope.graph import (
    NOT_RECORDED,
    Connection,
    cut_middle,
    declares,
    draw_lanes,
    format_count,
    format_shapes,
)

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._view import LayerRow, View
    from kerascope.graph import Compared, Layer, Shape, Source

__all__ = [
    "FOLD_MARK",
    "GUTTER",
    "Cells",
    "Column",
    "Columns",
    "declared_text",
    "effective_text",
    "fit",
    "fit_columns",
    "other_text",
    "read_cells",
]

GUTTER = 2
"""Cells left of the lanes: the cursor, and the mark of a row with findings."""

FOLD_MARK = 2
"""Cells of the fold mark before a name, with its gap; kept free on rows that have none."""

_NAME_LEAST = 12
_NAME_BARE = 10
"""Cells of a name when even the class is left out."""
_CLASS_LEAST = 9
_GAP = 2
_GAP_MOST = 4
_INDENT = 2
_UNKNOWN_MOST = 17
_NOT_MATCHED = "not matched"
"""Said of a layer that has no counterpart under the other Keras."""
_SHAPE_MOST = 28
"""Cells of a declared or effective shape once there is no room for all of it."""
_SHAPE_LEAST = 20


@dataclass(frozen=True, slots=True)
class Cells:
    """The texts of one row.

    `*_mark` stand behind the shape they judge; `*_brief` serve when there is no room. `other` is what the other Keras
    makes of the layer, `differs` whether that is something else, `same` whether it is known to be the same. Not
    `recorded` is a declaration where the format of the file keeps none.
    """

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
    fails: bool = False
    other: str = ""
    other_mark: str = ""
    differs: bool = False
    same: bool = False
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which cells it shows, where it begins and how wide it is."""

    key: str
    title: str
    start: int
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is given up for want of room.

    Attributes:
        whole_names: No name and class is cut.
        whole_layers: No name is cut, though a class may be.
        symbols_only: Quiet marks lose their words.
        bare: All marks do, and equal shapes of the other Keras are one word.
        brief: Effective cells show one shape, or the mark alone.
        most: Cells of a shape.
        drop: Columns that are left out.
    """

    whole_names: bool = False
    whole_layers: bool = False
    symbols_only: bool = False
    bare: bool = False
    brief: bool = False
    most: int | None = None
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns, and what they gave up for want of room.

    Attributes:
        columns: From the left; those that found no room stand behind the others, where scrolling reaches them.
        width: Cells of all of them.
        frozen: Cells at the left that do not scroll sideways.
        stage: What was given up.
    """

    columns: tuple[Column, ...]
    width: int
    frozen: int
    stage: Stage

    def width_of(self, key: str) -> int:
        """Cells of a column; 0 where there is no such column."""
        return next((column.width for column in self.columns if column.key == key), 0)


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


def read_cells(row: LayerRow, view: View, marks: Marks, *, foldable: bool) -> Cells:
    """The texts of a layer's row; names leave room for the marks of a view where something is `foldable`."""
    layer = row.layer
    declared = layer.declared
    recorded = declared is not None or declares(view.inspection)
    if declared is None:
        declared_text = "" if recorded else NOT_RECORDED
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
    if layer.failure is not None:
        mark = marks.fails
    lanes = draw_lanes(row.lanes, ascii_only=marks.ascii_only, loose=row.loose)
    if row.unjudged:
        lanes = lanes.replace("o" if marks.ascii_only else "○", marks.unjudged)
    return Cells(
        lanes=lanes,
        name=_name(row, view.inspection.source, marks, foldable=foldable),
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
        fails=layer.failure is not None,
        other=_NOT_MATCHED if layer.compared is None else _other_shapes(layer.compared),
        other_mark="" if layer.compared is None else _difference(layer, layer.compared, marks),
        differs=layer.compared is not None and not layer.compared.same,
        same=layer.compared is not None and layer.compared.same,
        recorded=recorded,
    )


def _name(row: LayerRow, source: Source, marks: Marks, *, foldable: bool) -> str:
    """The name behind its indent and fold mark; what a folded row hides is counted behind it."""
    mark = ""
    if row.inside:
        mark = marks.folded if row.folded else marks.unfolded
    name = name_of(row.layer, source)
    count = f" +{row.inside:,}" if row.folded else ""
    return " " * (_INDENT * row.lanes.depth) + (mark.ljust(FOLD_MARK) if foldable else "") + name + count


def _other_shapes(compared: Compared) -> str:
    if compared.effective is not None:
        return format_shapes(compared.effective)
    unknown = compared.unknown or "unknown"
    return unknown if len(unknown) <= _UNKNOWN_MOST else "unknown"


def _difference(layer: Layer, compared: Compared, marks: Marks) -> str:
    """What the other Keras makes different, where it is not the shape that stands before it."""
    if compared.same:
        return ""
    if compared.verdict is not layer.verdict:
        return marks.verdict(compared.verdict) if compared.verdict is not None else "not declared"
    if compared.effective != layer.effective:
        return ""
    return "output" if compared.output != layer.output else "params"


def declared_text(cells: Cells, stage: Stage, marks: Marks) -> tuple[str, str]:
    """Shape and mark of the declared cell; a discarded one loses its word last, and no mark is ever cut."""
    mark = cells.declared_mark
    if stage.bare or (stage.symbols_only and cells.quiet):
        mark = mark[:1]
    return _cap(cells.declared, stage.most, marks), mark


def effective_text(cells: Cells, stage: Stage, marks: Marks) -> tuple[str, str]:
    """Shape and mark of the effective cell; a brief one shows the mark alone, or the first of several shapes."""
    if not stage.brief:
        return _cap(cells.effective, stage.most, marks), cells.effective_mark
    if cells.effective_mark and not cells.fails:
        return "", cells.effective_mark
    return _cap(cells.effective_brief, stage.most, marks), cells.effective_mark


def other_text(cells: Cells, stage: Stage, marks: Marks) -> tuple[str, str]:
    """What the other Keras makes of the layer, and the mark of a difference: `≠ (None, 4)`."""
    if not cells.differs:
        return ("same" if stage.bare and cells.same else _cap(cells.other, stage.most, marks)), ""
    mark = "" if stage.bare else cells.other_mark
    return f"{marks.differs} {_cap(cells.other, stage.most, marks)}", mark


def _cap(shape: str, most: int | None, marks: Marks) -> str:
    return fit(shape, most, marks) if most is not None and cell_len(shape) > most else shape


def _first_of(shapes: tuple[Shape, ...]) -> str:
    """The first of several shapes, with how many others there are: `(None, 19, 19, 640) +1`."""
    others = len(dict.fromkeys(shapes)) - 1
    return format_shapes(shapes[:1]) + (f" +{others}" if others else "")


def _joined(pair: tuple[str, str]) -> int:
    shape, mark = pair
    return cell_len(shape) + cell_len(mark) + (1 if shape and mark else 0)


# From nothing given up to everything.
_STAGES = (
    Stage(whole_names=True),
    Stage(whole_names=True, symbols_only=True),
    Stage(symbols_only=True),
    Stage(symbols_only=True, brief=True),
    Stage(symbols_only=True, brief=True, most=_SHAPE_MOST),
    Stage(symbols_only=True, brief=True, drop=("output",)),
    Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, drop=("output",)),
    Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, drop=("output", "class_name")),
    Stage(symbols_only=True, brief=True, most=_SHAPE_LEAST, drop=("output", "class_name")),
    Stage(symbols_only=True, brief=True, bare=True, most=_SHAPE_LEAST, drop=("output", "class_name")),
    Stage(symbols_only=True, brief=True, bare=True, most=_SHAPE_LEAST, drop=("output", "class_name", "params")),
)
# Where the format keeps no declarations their column says so in nearly every row: it goes before a name is cut.
_STAGES_UNDECLARED = (
    Stage(whole_names=True),
    Stage(whole_names=True, symbols_only=True),
    Stage(whole_names=True, symbols_only=True, brief=True, drop=("output",)),
    Stage(whole_layers=True, symbols_only=True, brief=True, drop=("output",)),
    Stage(whole_names=True, symbols_only=True, brief=True, drop=("output", "declared")),
    Stage(symbols_only=True, brief=True, drop=("output", "declared")),
    Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, drop=("output", "declared")),
    Stage(symbols_only=True, brief=True, most=_SHAPE_LEAST, drop=("output", "declared", "class_name")),
    Stage(symbols_only=True, brief=True, bare=True, most=_SHAPE_LEAST, drop=("output", "declared", "class_name")),
)
# With two Keras side by side their shapes are what is looked for: the other columns go first.
_STAGES_COMPARED = (
    Stage(whole_names=True),
    Stage(whole_names=True, symbols_only=True),
    Stage(symbols_only=True, drop=("output",)),
    Stage(symbols_only=True, drop=("output", "class_name")),
    Stage(symbols_only=True, drop=("output", "class_name", "params")),
    Stage(symbols_only=True, brief=True, most=_SHAPE_MOST, drop=("output", "class_name", "params")),
    Stage(symbols_only=True, brief=True, bare=True, most=_SHAPE_LEAST, drop=("output", "class_name", "params")),
    Stage(
        symbols_only=True, brief=True, bare=True, most=_SHAPE_LEAST, drop=("output", "class_name", "params", "declared")
    ),
)


def fit_columns(view: View, cells: dict[int, Cells], width: int, marks: Marks) -> Columns:
    """Choose columns, widths and gaps for `width` cells.

    The words of quiet marks give way first, then name and class, down to a least width. Then effective cells become
    brief: the first of several shapes, and for a layer that is connected to nothing that instead of its shape. Then
    long shapes are cut in their middle, then `output` goes, then `class`; the heading says what is missing where it
    would have stood. Then the words of all marks go, and last `params`, or `declared` where nothing is. What went
    stands behind the others, beyond the edge, and the detail has it.
    """
    every = [cells[at] for at in cells]
    width -= 1  # air between the last number and the edge
    titles = _titles(view)
    name_room = _NAME_LEAST + (FOLD_MARK if view.foldable else 0)

    def most(key: str, least: int) -> int:
        return max([least, *(cell_len(getattr(cell, key)) for cell in every)])

    widths = {
        "lanes": most("lanes", 1),
        "name": most("name", 5),
        "class_name": most("class_name", 5),
        "output": most("output", 6),
        "params": most("params", 6),
    }
    wishes = widths["name"], widths["class_name"]
    stages: tuple[Stage, ...] = _STAGES if view.other is None else _STAGES_COMPARED
    if view.other is None and not declares(view.inspection):
        stages = _STAGES_UNDECLARED
    elif view.other is None and not any(cell.declared for cell in every):
        # A column with nothing in it goes before the parameters.
        stages = (*stages[:-1], replace(stages[-1], drop=("output", "class_name", "declared")))
    chosen = stages[-1]
    for stage in stages:
        chosen = stage
        texts = {"declared": declared_text, "effective": effective_text, "other": other_text}
        for key, text in texts.items():
            longest = max([0, *(_joined(text(cell, stage, marks)) for cell in every)])
            widths[key] = max(longest, len(_title(key, titles, stage, marks)))
        kept = [key for key in titles if key not in stage.drop]
        fixed = GUTTER + widths["lanes"] + sum(widths[key] for key in kept if key not in ("name", "class_name"))
        with_class = "class_name" in kept
        name_least = min(wishes[0], name_room)
        if not with_class:
            name_least = max(_NAME_BARE, len(_title("name", titles, stage, marks)))
        class_least = min(wishes[1], _CLASS_LEAST) if with_class else 0
        class_least = max(class_least, len(_title("class_name", titles, stage, marks)) * with_class)
        room = width - fixed - _GAP * len(kept)
        widths["name"], widths["class_name"] = name_least, class_least
        least = max(wishes[0], name_least) if stage.whole_layers else name_least
        if room >= (sum(wishes) if stage.whole_names else least + class_least):
            widths["name"], widths["class_name"] = _share(
                room, (name_least, max(wishes[0], name_least)), (class_least, wishes[1] * with_class)
            )
            break
    return _placed(titles, widths, wishes[1], chosen, width, marks)


def _titles(view: View) -> dict[str, str]:
    """Headings of all columns there are, in their order."""
    engine = view.inspection.engine
    titles = {"name": "layer", "class_name": "class", "declared": "declared", "effective": "effective"}
    if view.other is not None:
        titles["effective"] = f"effective {engine_name(engine)}" if engine is not None else "effective"
        titles["other"] = engine_name(view.other)
    return {**titles, "output": "output", "params": "params"}


def _title(key: str, titles: dict[str, str], stage: Stage, marks: Marks) -> str:
    """A heading, with the columns that were left out behind it."""
    title = titles.get(key, "")
    if key == "name" and "class_name" in stage.drop and "other" not in titles:
        return f"{title} {marks.ellipsis}class"
    if key == "class_name" and "declared" in stage.drop and "other" not in titles:
        return f"{title} {marks.ellipsis}declared"
    if key == ("other" if "other" in titles else "effective") and "output" in stage.drop:
        return f"{title} {marks.ellipsis}output"
    return title


def _placed(
    titles: dict[str, str], widths: dict[str, int], class_wish: int, stage: Stage, width: int, marks: Marks
) -> Columns:
    """The columns where they stand; the dropped ones behind the others."""
    kept = [key for key in titles if key not in stage.drop]
    used = GUTTER + widths["lanes"] + sum(widths[key] for key in kept)
    gap = max(_GAP, min(_GAP_MOST, (width - used - 2) // len(kept)))
    at = GUTTER + widths["lanes"] + _GAP
    columns = [Column("lanes", "", GUTTER, widths["lanes"])]
    for key in kept:
        columns.append(Column(key, _title(key, titles, stage, marks), at, widths[key], key == "params"))
        at += widths[key] + gap
    frozen = columns[1].start + columns[1].width + _GAP
    at = max(at, width + 1)  # not half in sight
    for key in stage.drop:
        column_width = class_wish if key == "class_name" else widths[key]
        columns.append(Column(key, titles[key], at, column_width, key == "params"))
        at += column_width + gap
    return Columns(tuple(columns), at - gap, frozen, stage)


def _share(room: int, first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """Share `room` between two columns with (least, wish) each; the second one gives way first."""
    b = max(second[0], min(second[1], room - first[1]))
    a = max(first[0], min(first[1], room - b))
    return a, b
