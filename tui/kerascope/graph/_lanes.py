"""A layer graph as lanes, one row a layer, in the manner of `git log --graph`.

A lane carries one layer's output from the row where it is computed to the last row that takes it. A layer stands on
the lane of an input that ends with it, else on a free one, so that a chain is one straight line and every connection
is drawn within the row of the layer that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph._types import Layer

__all__ = [
    "CROSS",
    "DOWN",
    "LEFT",
    "MAX_LANES",
    "NODE",
    "RIGHT",
    "UP",
    "LaneRow",
    "draw_lanes",
    "lay_out",
]

MAX_LANES = 12
"""Lanes that are drawn; what is carried beyond them is counted in a last lane, `+n`."""

MAX_DEPTH = 6
"""Levels of nested models that are indented; deeper layers stand beside those of the last level."""

UP, DOWN, LEFT, RIGHT, NODE, CROSS = 1, 2, 4, 8, 16, 32

# Bits of a cell -> its glyph and the ASCII twin of it. A line that only passes under another one (CROSS) leaves the
# upright whole, so that a crossing can be told from a junction.
_GLYPHS: dict[int, tuple[str, str]] = {
    0: (" ", " "),
    UP: ("│", "|"),
    DOWN: ("│", "|"),
    UP | DOWN: ("│", "|"),
    LEFT: ("─", "-"),
    RIGHT: ("─", "-"),
    LEFT | RIGHT: ("─", "-"),
    UP | LEFT: ("╯", "'"),
    UP | RIGHT: ("╰", "`"),
    DOWN | LEFT: ("╮", "."),
    DOWN | RIGHT: ("╭", "."),
    UP | DOWN | LEFT: ("┤", "+"),
    UP | DOWN | RIGHT: ("├", "+"),
    UP | LEFT | RIGHT: ("┴", "+"),
    DOWN | LEFT | RIGHT: ("┬", "+"),
    UP | DOWN | LEFT | RIGHT: ("┼", "+"),
    UP | DOWN | LEFT | RIGHT | CROSS: ("│", "|"),
}
_NODE_GLYPH = ("●", "*")
_START_GLYPH = ("○", "o")
_LOOSE_GLYPH = ("✗", "x")
_NO_CELLS: tuple[int, ...] = ()

# id, lane, cells, more, outside, and for each lane whether it goes on below.
_LevelRow: TypeAlias = "tuple[str, int, tuple[int, ...], int, int, list[bool]]"


@dataclass(frozen=True, slots=True)
class LaneRow:
    """The lanes at one layer's row.

    Attributes:
        id: The layer's id.
        depth: How many models it is nested in; its own lanes begin after that many groups of cells.
        lane: Index in `cells` of the cell that holds the node.
        cells: One cell a lane, each the sum of UP, DOWN, LEFT, RIGHT, NODE, CROSS.
        more: How many outputs are carried past the last lane that is drawn.
        outside: How many of the layer's inputs come from layers that are not laid out before it.
    """

    id: str
    depth: int
    lane: int
    cells: tuple[int, ...]
    more: int = 0
    outside: int = 0


def draw_lanes(row: LaneRow, *, ascii_only: bool = False, loose: bool = False) -> str:
    """The row's lanes as text: two cells a lane, the last one without its gap.

    Args:
        row: The row to draw.
        ascii_only: Use the ASCII twin of every glyph.
        loose: The layer is connected to nothing; its node is a cross.
    """
    column = 1 if ascii_only else 0
    parts: list[str] = []
    for cell in row.cells:
        if cell & NODE:
            starts = not cell & (UP | LEFT | RIGHT)
            parts.append((_LOOSE_GLYPH if loose else _START_GLYPH if starts else _NODE_GLYPH)[column])
        else:
            parts.append(_GLYPHS[cell][column])
        parts.append(_GLYPHS[RIGHT][column] if cell & RIGHT else " ")
    text = "".join(parts)
    return f"{text}+{row.more}" if row.more else text.rstrip()


def lay_out(layers: Sequence[Layer], *, max_lanes: int = MAX_LANES) -> tuple[LaneRow, ...]:
    """Lay a model's layers out as lanes, in time proportional to layers times lanes plus connections.

    Args:
        layers: Layers in topological order. Those with a `parent` follow it, indented, with lanes of their own. An
            `inbound` that names a layer that is not there, or stands later, is counted in `LaneRow.outside`.
        max_lanes: How many lanes are drawn at each level.

    Returns:
        One row a layer, in the order to show them in.
    """
    children = _group_by_parent(layers)
    rows: list[LaneRow] = []
    # A stack and not recursion; each entry is a level half shown, and what passes beside it.
    open_levels = [(iter(_lay_out_level(children.get(None, ()), max_lanes)), _NO_CELLS)]
    while open_levels:
        level, beside = open_levels[-1]
        for row in level:
            name, lane, cells, more, outside, below = row
            rows.append(LaneRow(name, len(open_levels) - 1, len(beside) + lane, beside + cells, more, outside))
            inner = children.get(name)
            if inner:
                # Past the parent's own lane at least, so that what is inside it always stands to its right.
                passing = tuple(UP | DOWN if carried else 0 for carried in below) + (0,) * (lane + 1 - len(below))
                open_levels.append((iter(_lay_out_level(inner, max_lanes)), beside + passing))
                break
        else:
            open_levels.pop()
    return tuple(rows)


def _group_by_parent(layers: Sequence[Layer]) -> dict[str | None, list[Layer]]:
    """Layers by the id of the layer they are shown under, `None` for the top level, never deeper than MAX_DEPTH."""
    depth: dict[str, int] = {}
    groups: dict[str | None, list[Layer]] = {}
    shown_under: dict[str, str | None] = {}
    seen: set[str] = set()
    for layer in layers:
        # A parent that stands later, or is the layer itself, could close a ring that is never shown.
        parent = layer.parent if layer.parent in seen else None
        level = 0 if parent is None else depth[parent] + 1
        if parent is not None and level > MAX_DEPTH:
            parent = shown_under[parent]
            level = MAX_DEPTH
        seen.add(layer.id)
        depth[layer.id] = level
        shown_under[layer.id] = parent
        groups.setdefault(parent, []).append(layer)
    return groups


def _lay_out_level(layers: Sequence[Layer], max_lanes: int) -> list[_LevelRow]:
    """Rows of one level, each with what passes from it to the row below."""
    position = {layer.id: index for index, layer in enumerate(layers)}
    inputs: list[list[str]] = []
    last_use: dict[str, int] = {}
    for index, layer in enumerate(layers):
        sources = [source for source in dict.fromkeys(layer.inbound) if position.get(source, index) < index]
        inputs.append(sources)
        for source in sources:
            last_use[source] = index

    lanes: list[str | None] = []  # what each drawn lane carries
    lane_of: dict[str, int] = {}  # absent for what is carried in the last lane, `+n`
    hidden: set[str] = set()
    result: list[_LevelRow] = []
    above: list[bool] = []
    for index, (layer, sources) in enumerate(zip(layers, inputs, strict=True)):
        name = layer.id
        taken: list[int] = []
        column = max_lanes + 1
        more_above = len(hidden)
        from_hidden = False
        for source in sources:
            lane = lane_of.get(source)
            if lane is None:
                from_hidden = True
                if last_use[source] == index:
                    hidden.discard(source)
                continue
            taken.append(lane)
            if last_use[source] == index:
                del lane_of[source]
                lanes[lane] = None
                column = min(column, lane)
        if column > max_lanes:
            column = _free_lane(lanes, max_lanes)
        if column == len(lanes) < max_lanes:
            lanes.append(None)
        if name in last_use:
            if column < max_lanes:
                lanes[column] = name
                lane_of[name] = column
            else:
                hidden.add(name)
        while lanes and lanes[-1] is None:
            lanes.pop()
        below = [carried is not None for carried in lanes]
        cells = _cells(column, taken, above, below, max_lanes if from_hidden else column)
        more = max(more_above, len(hidden)) if from_hidden else len(hidden)
        result.append((name, column, cells, more, len(set(layer.inbound)) - len(sources), below))
        above = below
    return result


def _free_lane(lanes: Sequence[str | None], max_lanes: int) -> int:
    """The leftmost lane that carries nothing; `max_lanes` when all are taken."""
    return lanes.index(None) if None in lanes else min(len(lanes), max_lanes)


def _cells(
    column: int, taken: Sequence[int], above: Sequence[bool], below: Sequence[bool], reach: int
) -> tuple[int, ...]:
    """The cells of one row.

    Args:
        column: Where the node stands.
        taken: Lanes of its inputs.
        above: For each lane, whether something comes from the row above.
        below: The same for the row below.
        reach: A further lane the node is connected to: the last one, when an input is carried there.
    """
    if len(above) <= 1 and len(below) <= 1 and column == reach == 0:
        return (NODE | (UP if above and above[0] else 0) | (DOWN if below and below[0] else 0),)
    right_end = max((column, reach, *taken))
    left_end = min((column, *taken))
    cells: list[int] = []
    for lane in range(max(len(above), len(below), right_end + 1)):
        cell = UP if lane < len(above) and above[lane] else 0
        if lane < len(below) and below[lane]:
            cell |= DOWN
        if left_end <= lane < right_end:
            cell |= RIGHT
        if left_end < lane <= right_end:
            cell |= LEFT
        if lane == column:
            cell |= NODE
        elif cell & LEFT and cell & RIGHT and cell & UP and lane not in taken:
            cell |= CROSS
        cells.append(cell)
    while not cells[-1]:
        cells.pop()
    return tuple(cells)
