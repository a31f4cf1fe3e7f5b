"""Weights as the text that screens and reports show, and what they come to. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph._files import Weight, WeightStats
    from kerascope.graph._types import Inspection

__all__ = [
    "WeightTotals",
    "draw_histogram",
    "format_bytes",
    "format_number",
    "format_share",
    "format_totals",
    "numbers_of",
    "weight_group",
    "weight_state",
    "weight_totals",
    "weights_named",
]

_MODEL = "model"
_BARS = ("▁▂▃▄▅▆▇█", "_.-:=+*#")
"""Heights of a histogram's column, and their ASCII twins."""
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


@dataclass(frozen=True, slots=True)
class WeightTotals:
    """What the weights of a file come to.

    Attributes:
        arrays: Weights of the model, without the optimizer's and what else the file keeps.
        numbers: Numbers in them.
        size: Bytes of these.
        others: For each other group its name and its numbers.
        config: Parameters by the config; `None` where they are not known.
        reason: Why they are not; empty where there is no config to know them from.
    """

    arrays: int
    numbers: int
    size: int
    others: tuple[tuple[str, int], ...] = ()
    config: int | None = None
    reason: str = ""


def numbers_of(weight: Weight) -> int:
    """How many numbers a weight holds; one without sizes is a single number."""
    return math.prod(weight.shape)


def weights_named(weights: Sequence[Weight], texts: Sequence[str]) -> tuple[Weight, ...]:
    """The weights whose name or place in the file holds one of the texts; all of them where there are no texts."""
    if not texts:
        return tuple(weights)
    return tuple(weight for weight in weights if any(text in weight.name or text in weight.path for text in texts))


def weight_group(weight: Weight) -> str:
    """What a weight stands under: its layer's name, else where it is in the file; others than the model's say so."""
    where = weight.layer if weight.layer is not None else weight.name.rpartition("/")[0]
    if weight.group == _MODEL or where.startswith(weight.group):
        return where
    return " ".join(part for part in (weight.group, where) if part)


def weight_totals(inspection: Inspection) -> WeightTotals:
    """Add up the weights of a file, and set the parameters of its largest model beside them."""
    own = [weight for weight in inspection.weights if weight.group == _MODEL]
    others: dict[str, int] = {}
    for weight in inspection.weights:
        if weight.group != _MODEL:
            others[weight.group] = others.get(weight.group, 0) + numbers_of(weight)
    named = [model for model in inspection.models if model.name is not None]
    model = max(named, key=lambda each: len(each.layers), default=None)
    params = model.params if model is not None else None
    reason = ""
    if inspection.file is None or inspection.file.architecture:
        reason = (model.unknown if model is not None else None) or "not every layer's parameters are known"
    return WeightTotals(
        len(own),
        sum(map(numbers_of, own)),
        sum(weight.size for weight in own),
        tuple(others.items()),
        params.total if params is not None else None,
        "" if params is not None else reason,
    )


def format_totals(totals: WeightTotals) -> str:
    """The totals as one line: `4 weights, 688 parameters, 2.8 kB; 688 by the config: equal`."""
    text = f"{_count(totals.arrays, 'weight')}, {_count(totals.numbers, 'parameter')}, {format_bytes(totals.size)}"
    if totals.config is None:
        if totals.reason:
            text += f"; by the config unknown: {totals.reason}"
    elif totals.config == totals.numbers:
        text += f"; {totals.config:,} by the config: equal"
    else:
        difference = totals.numbers - totals.config
        text += f"; ≠ {totals.config:,} by the config: {abs(difference):,} {'more' if difference > 0 else 'fewer'} here"
    for group, numbers in totals.others:
        text += f"; {group}: {_count(numbers, 'number')}"
    return text


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def format_bytes(size: int) -> str:
    """A size for people, in steps of a thousand: `512 B`, `36.9 kB`, `269 MB`."""
    value, steps = float(size), 0
    while value >= 999.5 and steps < len(_UNITS) - 1:
        value, steps = value / 1000, steps + 1
    if not steps:
        return f"{size:,} B"
    return f"{value:.1f} {_UNITS[steps]}" if value < 99.95 else f"{value:,.0f} {_UNITS[steps]}"


def format_number(value: float | None) -> str:
    """A statistic to four digits: `-0.03125`, `1.2e-05`; the empty string where there is none."""
    if value is None:
        return ""
    return f"{value + 0.0:.4g}"  # adding zero turns -0.0 into 0.0


def format_share(part: int, whole: int) -> str:
    """A share in per cent, never rounded to nothing or to all: `0 %`, `<0.1 %`, `12.5 %`, `>99.9 %`, `100 %`."""
    if not whole:
        return ""
    if part in (0, whole):
        return "0 %" if not part else "100 %"
    share = 100 * part / whole
    if share < 0.1:
        return "<0.1 %"
    return ">99.9 %" if share > 99.9 else f"{share:.1f} %"


def draw_histogram(counts: Sequence[int], width: int, *, ascii_only: bool = False) -> str:
    """Counts as a row of at most `width` columns, the largest one full; what is not empty is always seen.

    Args:
        counts: Counts of equal bins.
        width: Cells there are; neighbouring bins are drawn as one where there are more of them.
        ascii_only: Use the ASCII twins of the blocks.
    """
    width = min(width, len(counts))
    if width < 1:
        return ""
    # The mean of the bins in a column: their sum would draw teeth where columns hold one more or one less.
    edges = [at * len(counts) // width for at in range(width + 1)]
    columns = [sum(counts[low:high]) / (high - low) for low, high in pairwise(edges)]
    most = max(columns)
    bars = _BARS[ascii_only]
    return "".join(bars[max(0, math.ceil(height / most * len(bars)) - 1)] if height else " " for height in columns)


def weight_state(weight: Weight, stats: WeightStats | None, reason: str | None = None) -> str:
    """In a word or two what is known of a weight's numbers; empty before anything is.

    Args:
        weight: The weight.
        stats: Its statistics.
        reason: Why there are none.

    Returns:
        `finite`, `✗ NaN`, `✗ Inf`, `✗ NaN, Inf`, `empty` or `? not read`.
    """
    if stats is None:
        return "? not read" if reason or weight.unreadable else ""
    words = [word for word, count in (("NaN", stats.nans), ("Inf", stats.infs)) if count]
    if words:
        return f"✗ {', '.join(words)}"
    return "finite" if stats.count else "empty"
