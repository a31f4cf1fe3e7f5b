"""What a plot of one metric shows: which curves, which stretch of them, and the ticks of its axes. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "SMOOTHINGS",
    "Curve",
    "CurvesView",
    "Points",
    "Scene",
    "Window",
    "build_scene",
    "nice_ticks",
]

SMOOTHINGS = (0.0, 0.6, 0.9, 0.99)
"""Weights of an exponential moving average, as TensorBoard's slider has it; 0 shows every extreme."""

_TICK_CELLS = 12
"""Cells between two ticks of x at least, about."""

_MARGIN = 0.04
"""Part of the height that stays free above and below."""


class Points(Protocol):
    """Numbers along an axis, reduced to what a screen can show of them."""

    @property
    def span(self) -> tuple[float, float] | None:
        """The first and the last place there is a number at, `None` while there is none."""
        ...

    @property
    def last(self) -> float | None:
        """The last number, NaN and infinities as they are."""
        ...

    @property
    def broken(self) -> float | None:
        """The first place at which the number is NaN or infinite."""
        ...

    @property
    def breaks(self) -> Sequence[float]:
        """Places, ascending, from which on it is another curve, which the line before does not lead to."""
        ...

    def reduce(self, first: float, last: float, columns: int) -> Sequence[tuple[float, float, float]]:
        """`(x, least, greatest)` of the finite numbers from `first` to `last`, at most one for each of `columns`."""
        ...

    def smoothed(self, weight: float) -> Points:
        """The exponential moving average of all numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a plot: what the legend calls it, and its numbers."""

    label: str
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesView:
    """All that can be plotted.

    Attributes:
        curves: By metric, in the order to offer them; train before validation, or one run after the other.
        unit: What is counted along x: `epochs` or `batches`.
        stamp: Differs when any number does; what has the same stamp is not drawn again.
        live: Whether more is to come, so that there is room left for it.
        end: Where x ends when all goes as planned.
        current: The metric to show while nobody has chosen one: that of the model in training; empty for the first.
    """

    curves: Mapping[str, tuple[Curve, ...]] = field(default_factory=dict)
    unit: str = "epochs"
    stamp: object = None
    live: bool = False
    end: float | None = None
    current: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of what can be plotted."""
        return tuple(self.curves)

    def span(self, metric: str) -> tuple[float, float] | None:
        """From the first to the last number of a metric, over all its curves."""
        spans = [curve.points.span for curve in self.curves.get(metric, ())]
        known = [span for span in spans if span is not None]
        return (min(first for first, _ in known), max(last for _, last in known)) if known else None


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of x that is shown.

    Attributes:
        zoom: How many times it goes into the whole.
        last: Where it ends; `None` follows the newest numbers.
    """

    zoom: float = 1.0
    last: float | None = None

    def range(self, whole: tuple[float, float]) -> tuple[float, float]:
        """First and last x that is shown of `whole`."""
        first, end = whole
        width = (end - first) / self.zoom
        last = end if self.last is None else max(first + width, min(self.last, end))
        return last - width, last

    def zoomed(self, factor: float, whole: tuple[float, float], most: float) -> Window:
        """Closer by `factor`, the middle staying where it is; at the end of a live curve the end does."""
        zoom = max(1.0, min(self.zoom * factor, most))
        if zoom == 1.0:
            return Window()
        if self.last is None:
            return Window(zoom)
        first, last = self.range(whole)
        width = (whole[1] - whole[0]) / zoom
        return Window(zoom, (first + last) / 2 + width / 2)._within(whole)

    def moved(self, share: float, whole: tuple[float, float]) -> Window:
        """To the right by a share of what is shown; at the right end it follows what comes."""
        if self.zoom == 1.0:
            return self
        first, last = self.range(whole)
        return Window(self.zoom, last + share * (last - first))._within(whole)

    def _within(self, whole: tuple[float, float]) -> Window:
        width = (whole[1] - whole[0]) / self.zoom
        assert self.last is not None
        return Window(self.zoom, None if self.last >= whole[1] else max(whole[0] + width, self.last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a plot is drawn from.

    Attributes:
        lines: Of each curve the points to join, `(x, y)`; y is its logarithm on a log scale.
        breaks: Of each curve the places whose points are not joined to those before.
        x: First and last x.
        y: Least and greatest y.
        x_ticks: Places and what is written there.
        y_ticks: Places and what is written there.
        left_out: Numbers of 0 and below, which a log scale cannot show.
    """

    lines: tuple[tuple[tuple[float, float], ...], ...]
    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    breaks: tuple[tuple[float, ...], ...]
    left_out: bool = False


def build_scene(
    curves: Sequence[Curve],
    shown: tuple[float, float],
    size: tuple[int, int],
    *,
    finer: int = 1,
    logarithmic: bool = False,
    smoothing: float = 0.0,
) -> Scene | None:
    """What to draw of some curves; `None` where no number falls into the stretch.

    Args:
        curves: The curves.
        shown: First and last x.
        size: Cells from left to right, and lines of text.
        finer: Places of a cell that can be told apart from left to right.
        logarithmic: Whether y is on a log scale.
        smoothing: Weight of the moving average that is shown instead of the numbers.
    """
    cells, rows = size
    lines: list[tuple[tuple[float, float], ...]] = []
    left_out = False
    for curve in curves:
        points = curve.points.smoothed(smoothing) if smoothing else curve.points
        reduced = points.reduce(*shown, cells * finer)
        if logarithmic:
            positive = [(x, math.log10(least), math.log10(most)) for x, least, most in reduced if least > 0]
            left_out = left_out or len(positive) < len(reduced)
            reduced = positive
        lines.append(_joined(reduced))
    heights = [y for line in lines for _, y in line]
    if not heights:
        return None
    y = _padded(min(heights), max(heights))
    # A tick every other line is as close as is still read at a glance.
    ticks = max(2, rows // 2)
    return Scene(
        lines=tuple(lines),
        x=shown,
        y=y,
        x_ticks=tuple((at, f"{at:,g}") for at in nice_ticks(*shown, max(2, cells // _TICK_CELLS), whole=True)),
        y_ticks=_log_ticks(*y, ticks) if logarithmic else _labelled(nice_ticks(*y, ticks)),
        breaks=tuple(tuple(curve.points.breaks) for curve in curves),
        left_out=left_out,
    )


def _joined(reduced: Sequence[tuple[float, float, float]]) -> tuple[tuple[float, float], ...]:
    """The points to join: of each place both extremes, that one first which is nearer to where the line comes from."""
    line: list[tuple[float, float]] = []
    for x, least, most in reduced:
        if least == most:
            line.append((x, least))
        elif line and abs(line[-1][1] - most) < abs(line[-1][1] - least):
            line += [(x, most), (x, least)]
        else:
            line += [(x, least), (x, most)]
    return tuple(line)


def _padded(least: float, most: float) -> tuple[float, float]:
    """The range with some air; one that has no height gets one."""
    height = most - least
    # Heights that a float hardly holds would leave all ticks on one number.
    if height <= 1e-12 * max(abs(least), abs(most)):
        height = abs(most) or 1.0
        return least - height / 2, most + height / 2
    return least - _MARGIN * height, most + _MARGIN * height


def nice_ticks(first: float, last: float, most: int, *, whole: bool = False) -> list[float]:
    """About `most` places at multiples of 1, 2 or 5 times a power of ten: two at least, unless the ends are one.

    Args:
        first: Where they may begin.
        last: Where they may end.
        most: How many there is room for.
        whole: Whether only whole numbers are wanted.
    """
    if not last > first:
        return [first]
    rough = (last - first) / max(2, most)
    power = 10.0 ** math.floor(math.log10(rough))
    steps = [factor * power for factor in (0.5, 1, 2, 5, 10)]
    at = next(at for at, step in enumerate(steps) if step >= rough * 0.999 and at)
    if whole:
        return _multiples(first, last, max(1.0, steps[at]))
    ticks = _multiples(first, last, steps[at])
    # The step before goes at least twice into what is shown.
    return ticks if len(ticks) > 1 else _multiples(first, last, steps[at - 1])


def _multiples(first: float, last: float, step: float) -> list[float]:
    """All multiples of `step` from `first` to `last`, as round as they are meant."""
    begin, end = math.ceil(first / step - 1e-9), math.floor(last / step + 1e-9)
    return [round(number * step, 12 - math.floor(math.log10(step))) + 0.0 for number in range(begin, end + 1)]


def _labelled(ticks: Sequence[float]) -> tuple[tuple[float, str], ...]:
    """Ticks with as many digits as tell them apart, all with the same number of them."""
    greatest = max(map(abs, ticks), default=0.0)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else greatest or 1.0
    if greatest and (greatest >= 1e6 or greatest < 1e-3):
        digits = max(0, math.floor(math.log10(greatest)) - math.floor(math.log10(step) + 1e-9))
        return tuple((at, f"{at:.{digits}e}" if at else "0") for at in ticks)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return tuple((at, f"{at:,.{decimals}f}") for at in ticks)


def _log_ticks(least: float, most: float, count: int) -> tuple[tuple[float, str], ...]:
    """Ticks of a log scale: powers of ten where several are shown, else round numbers between them."""
    powers = range(math.ceil(least), math.floor(most) + 1)
    if len(powers) >= 3:
        step = max(1, math.ceil(len(powers) / count))
        shown = [power for power in powers if power % step == 0]
        return tuple((float(power), f"{10.0**power:g}") for power in (shown if len(shown) > 1 else powers[::step]))
    numbers = [tick for tick in nice_ticks(10**least, 10**most, count) if tick > 0]
    factors = (1, 2, 5)
    between = [factor * 10.0**power for power in range(math.floor(least), math.ceil(most) + 1) for factor in factors]
    spread = [number for number in between if least <= math.log10(number) <= most]
    labelled = [(number, f"{number:g}") for number in spread] if len(spread) >= 2 else _labelled(numbers)
    return tuple((math.log10(number), text) for number, text in labelled)
