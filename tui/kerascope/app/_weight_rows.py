"""The weights of a file as rows and columns. Pure: weights in, texts and widths out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kerascope.app._columns import GUTTER, Column, Columns, Stage
from kerascope.app._words import counted
from kerascope.graph import (
    draw_histogram,
    format_bytes,
    format_count,
    format_number,
    format_shape,
    format_share,
    numbers_of,
    weight_group,
    weight_state,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.app._marks import Marks
    from kerascope.graph import Weight, WeightStats

__all__ = ["GroupRow", "WeightRow", "fit_weight_columns", "weight_cells", "weight_line", "weight_rows"]

_GAP = 2
_NAME_LEAST = 18
_NUMBER = 10
"""Cells of a statistic: `-1.234e-05`."""
_STATE = 10
_HISTOGRAM = 20
_HISTOGRAM_BRIEF = 12
_TITLES = {
    "name": "weight",
    "shape": "shape",
    "dtype": "dtype",
    "size": "size",
    "state": "numbers",
    "minimum": "min",
    "maximum": "max",
    "mean": "mean",
    "std": "std",
    "zeros": "zeros",
    "nans": "NaN",
    "infs": "Inf",
    "histogram": "histogram",
}
_ALWAYS = ("name", "shape", "dtype", "size")
_FIXED = {
    "state": _STATE,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "mean": _NUMBER,
    "std": _NUMBER,
    "zeros": 7,
    "nans": 7,
    "infs": 7,
}
_RIGHT = frozenset({"size", "minimum", "maximum", "mean", "std", "zeros", "nans", "infs"})
_DROPPED = (
    ("infs", "nans"),
    ("std",),
    ("mean",),
    ("dtype",),
    ("zeros",),
    ("minimum", "maximum"),
    ("size",),
    ("shape",),
)
"""Columns in the order in which they go for want of room; the selected weight is told whole beneath the table."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A heading: the layer whose weights follow, or where they are in the file."""

    title: str
    weights: tuple[Weight, ...]

    @property
    def remark(self) -> str:
        """What the weights come to; worked out when it is drawn, for there may be ten thousand headings."""
        numbers = counted(sum(map(numbers_of, self.weights)), "number")
        size = format_bytes(sum(weight.size for weight in self.weights))
        return f"{counted(len(self.weights), 'weight')}, {numbers}, {size}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the weights are in the file."""
        return tuple(weight.path for weight in self.weights)


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One weight; `label` is its name without what the heading says."""

    weight: Weight
    label: str


def weight_rows(weights: Sequence[Weight]) -> tuple[GroupRow | WeightRow, ...]:
    """The weights in the order of the file, those of one layer under a heading."""
    rows: list[GroupRow | WeightRow] = []
    for group, together in groupby(weights, weight_group):
        own = tuple(together)
        rows.append(GroupRow(group or "the file", own))
        rows += [WeightRow(weight, _label(weight)) for weight in own]
    return tuple(rows)


def _label(weight: Weight) -> str:
    parts = weight.name.split("/")
    if weight.layer is None:
        return parts[-1]
    if weight.layer in parts[:-1]:
        # The last one: a layer may be named like the model that holds it.
        at = len(parts) - 1 - parts[::-1].index(weight.layer, 1)
        return "/".join(parts[at + 1 :])
    return weight.name.removeprefix(f"{weight.layer}/")


def weight_cells(
    row: WeightRow, found: WeightStats | str | None, marks: Marks, *, waiting: bool, wide: int
) -> dict[str, str]:
    """The texts of a weight's row, by column.

    Args:
        row: The row.
        found: Its statistics, or why there are none.
        marks: The glyphs.
        waiting: Whether its numbers are being read.
        wide: Cells of the histogram.
    """
    weight = row.weight
    stats = found if found is not None and not isinstance(found, str) else None
    reason = found if isinstance(found, str) else None
    cells = {
        "name": f"  {row.label}",
        "shape": format_shape(weight.shape),
        "dtype": weight.dtype,
        "size": format_bytes(weight.size),
        "state": "reading" if waiting else marks.text(weight_state(weight, stats, reason)),
    }
    if stats is not None:
        for key in ("minimum", "maximum", "mean", "std"):
            cells[key] = format_number(getattr(stats, key))
        cells["zeros"] = format_share(stats.zeros, stats.count)
        cells["nans"], cells["infs"] = format_count(stats.nans), format_count(stats.infs)
        cells["histogram"] = draw_histogram(stats.histogram, wide, ascii_only=marks.ascii_only)
    return cells


def fit_weight_columns(rows: Sequence[GroupRow | WeightRow], width: int, marks: Marks, *, statistics: bool) -> Columns:
    """Choose columns and widths for `width` cells; those that found no room stand beyond the edge.

    Args:
        rows: All rows.
        width: Cells there are.
        marks: The glyphs.
        statistics: Whether any were asked for; else their columns would be empty.
    """
    own = [row for row in rows if isinstance(row, WeightRow)]
    keys = list(_TITLES if statistics else _ALWAYS)
    widths = {
        "name": max([len(_TITLES["name"]), *(cell_len(row.label) + 2 for row in own)]),
        "shape": max([len(_TITLES["shape"]), *(len(format_shape(row.weight.shape)) for row in own)]),
        "dtype": max([len(_TITLES["dtype"]), *(cell_len(row.weight.dtype) for row in own)]),
        "size": max([len(_TITLES["size"]), *(len(format_bytes(row.weight.size)) for row in own)]),
        **_FIXED,
        "histogram": _HISTOGRAM,
    }
    wish = widths["name"]
    width -= 1  # air before the edge
    dropped: list[str] = []

    def needed() -> int:
        kept = [key for key in keys if key not in dropped]
        return GUTTER + sum(widths[key] for key in kept if key != "name") + _GAP * (len(kept) - 1)

    for going in ((), *_DROPPED):
        if going:
            widths["histogram"] = _HISTOGRAM_BRIEF
            dropped += [key for key in going if key in keys]
        if needed() + min(wish, _NAME_LEAST) <= width:
            break
    widths["name"] = max(min(wish, _NAME_LEAST), min(wish, width - needed()))
    return _placed(keys, widths, dropped, width, marks)


def _placed(keys: Sequence[str], widths: dict[str, int], dropped: Sequence[str], width: int, marks: Marks) -> Columns:
    at = GUTTER
    columns: list[Column] = []
    kept = [key for key in keys if key not in dropped]
    for key in kept:
        title = _TITLES[key]
        if key == kept[-1] and dropped and len(title) < widths[key]:
            title += marks.ellipsis
        columns.append(Column(key, title, at, widths[key], key in _RIGHT))
        at += widths[key] + _GAP
    frozen = columns[0].start + columns[0].width + _GAP
    if dropped:
        at = max(at, width + 1)
    for key in keys:
        if key in dropped:
            columns.append(Column(key, _TITLES[key], at, widths[key], key in _RIGHT))
            at += widths[key] + _GAP
    return Columns(tuple(columns), at - _GAP, frozen, Stage())


def weight_line(weight: Weight, found: WeightStats | str | None) -> str:
    """One weight as one line of text, to copy."""
    parts = [f"{weight.name} {format_shape(weight.shape)} {weight.dtype}", format_bytes(weight.size)]
    if isinstance(found, str) or weight.unreadable:
        parts.append(f"its numbers cannot be read: {found or weight.unreadable}")
    elif found is not None:
        parts += [
            f"{name} {format_number(value)}"
            for name, value in (
                ("min", found.minimum),
                ("max", found.maximum),
                ("mean", found.mean),
                ("std", found.std),
            )
            if value is not None
        ]
        parts += [f"zeros {found.zeros:,}", f"NaN {found.nans:,}", f"Inf {found.infs:,}"]
    return "; ".join(parts)
