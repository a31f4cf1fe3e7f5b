"""Numbers along an axis: kept as plain columns, reduced to what a screen can show of them."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate, islice
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Extremes", "Series", "is_ascending"]

MOST = 200_000
"""Points a series keeps; beyond, each four become their least and greatest, so that every spike stays."""

MOST_GAPS = 10_000
"""Places without a finite number a series keeps: a model that has gone to NaN never comes back."""


class Extremes(NamedTuple):
    """What is in one column of a plot: where, the first and the last number, the least and the greatest."""

    x: float
    first: float
    last: float
    least: float
    greatest: float


class Series:
    """One curve: finite numbers in the order of x, and the places where the number is NaN or infinite.

    Attributes:
        steps: Where each finite number is; strictly ascending.
        values: The finite numbers.
        breaks: Places, ascending, from which on the curve is another one: it is not joined to what is before.
        gaps: `(x, number)` of those that are not finite; the first ones, when there are thousands.
        thinned: Whether older numbers were reduced to their extremes, because there were too many.
    """

    __slots__ = ("_last", "_smooth", "breaks", "gaps", "steps", "thinned", "values")

    def __init__(self, steps: Sequence[float] = (), values: Sequence[float] = ()) -> None:
        self.steps = array("d")
        self.values = array("d")
        self.breaks: tuple[float, ...] = ()
        self.gaps: list[tuple[float, float]] = []
        self.thinned = False
        self._last: tuple[float, float] | None = None
        self._smooth: tuple[float, Series] | None = None
        self.extend(steps, values)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def span(self) -> tuple[float, float] | None:
        """The first and the last place there is a number at, finite or not; `None` while there is none."""
        if self._last is None:
            return None
        first = [self.steps[0]] if self.steps else []
        return min([*first, *(x for x, _ in self.gaps[:1])]), self._last[0]

    @property
    def last(self) -> float | None:
        """The last number, NaN and infinities as they are."""
        return None if self._last is None else self._last[1]

    @property
    def broken(self) -> float | None:
        """The first place at which the number is NaN or infinite."""
        return self.gaps[0][0] if self.gaps else None

    def append(self, x: float, value: float) -> None:
        """Add one number; see `extend`."""
        self.extend_ascending((x,), (value,))

    def extend(self, steps: Sequence[float], values: Sequence[float]) -> None:
        """Add numbers; where x goes back, what was there from that place on is dropped: it was done again.

        Args:
            steps: Places, ascending.
            values: As many numbers.

        Raises:
            ValueError: There are not as many of one as of the other.
        """
        if len(steps) != len(values):
            raise ValueError(f"{len(steps)} places for {len(values)} numbers")
        if is_ascending(steps):
            self.extend_ascending(steps, values)
            return
        for x, value in zip(steps, values, strict=True):
            self.extend_ascending((x,), (value,))

    def extend_ascending(self, steps: Sequence[float], values: Sequence[float]) -> None:
        """As `extend`, for who has seen that the places ascend and that there are as many of both."""
        if not steps:
            return
        if self._last is not None and steps[0] <= self._last[0]:
            self.cut(steps[0])
        if math.isfinite(sum(values)):
            self.steps.extend(steps)
            self.values.extend(values)
        else:
            self._extend_broken(steps, values)
        self._last = (steps[-1], values[-1])
        if len(self.steps) > MOST:
            self._thin()

    def _extend_broken(self, steps: Sequence[float], values: Sequence[float]) -> None:
        for x, value in zip(steps, values, strict=True):
            if math.isfinite(value):
                self.steps.append(x)
                self.values.append(value)
            elif len(self.gaps) < MOST_GAPS:
                self.gaps.append((x, value))

    def cut(self, x: float) -> None:
        """Drop everything from `x` on."""
        place = bisect_left(self.steps, x)
        del self.steps[place:], self.values[place:]
        del self.gaps[bisect_left(self.gaps, (x, -math.inf)) :]
        ends = [(self.steps[-1], self.values[-1])] if self.steps else []
        ends += self.gaps[-1:]
        self._last = max(ends, key=lambda end: end[0], default=None)
        self._smooth = None

    def _thin(self) -> None:
        """Keep of each four numbers the least and the greatest, where they were."""
        steps, values = array("d"), array("d")
        whole = len(self.values) // 4 * 4
        for place in range(0, whole, 4):
            four = self.values[place : place + 4]
            for offset in sorted({four.index(min(four)), 3 - four[::-1].index(max(four))}):
                steps.append(self.steps[place + offset])
                values.append(four[offset])
        steps.extend(self.steps[whole:])
        values.extend(self.values[whole:])
        self.steps, self.values, self.thinned, self._smooth = steps, values, True, None

    def extremes(self, first: float, last: float, columns: int) -> list[Extremes]:
        """What is between two places, in at most `columns` columns of the same width; empty ones are left out.

        `x` of a column is the middle of the places in it. Not a number is lost sight of: each is between the least
        and the greatest of its column.

        Raises:
            ValueError: There are no columns.
        """
        if columns < 1:
            raise ValueError(f"{columns} columns; at least 1 is needed")
        steps, values = self.steps, self.values
        start, end = bisect_left(steps, first), bisect_right(steps, last)
        if end - start <= columns:
            return [Extremes(steps[at], *(values[at],) * 4) for at in range(start, end)]
        width = (last - first) / columns
        found = []
        for column in range(1, columns + 1):
            stop = end if column == columns else bisect_left(steps, first + column * width, start, end)
            if stop > start:
                part = values[start:stop]
                middle = (steps[start] + steps[stop - 1]) / 2
                found.append(Extremes(middle, part[0], part[-1], min(part), max(part)))
            start = stop
        return found

    def reduce(self, first: float, last: float, columns: int) -> list[tuple[float, float, float]]:
        """`(x, least, greatest)` from `first` to `last`, at most one for each of `columns`; see `extremes`."""
        return [(each.x, each.least, each.greatest) for each in self.extremes(first, last, columns)]

    def smoothed(self, weight: float) -> Series:
        """The exponential moving average of all numbers, corrected for its beginning, as TensorBoard's slider has it.

        Each number is `weight` times the one before plus `1 - weight` times the new one, divided by
        `1 - weight**n`, so that the first numbers are not drawn to zero (resample() in TensorBoard's line chart).

        Args:
            weight: From 0 (as it is) to below 1.

        Raises:
            ValueError: The weight is out of these bounds.
        """
        if not 0 <= weight < 1:
            raise ValueError(f"smoothing by {weight}; it goes from 0 to below 1")
        if weight == 0 or not self.values:
            return self
        if self._smooth is not None and self._smooth[0] == weight and len(self._smooth[1]) == len(self):
            return self._smooth[1]
        smooth = Series()
        smooth.steps = self.steps[:]
        smooth.values = _average(self.values, weight)
        smooth.gaps, smooth.thinned, smooth._last = list(self.gaps), self.thinned, self._last
        smooth.breaks = self.breaks
        if self._last is not None and math.isfinite(self._last[1]):
            smooth._last = (self._last[0], smooth.values[-1])
        self._smooth = (weight, smooth)
        return smooth


def is_ascending(steps: Sequence[float]) -> bool:
    """Whether each place is beyond the one before it."""
    return all(map(lt, steps, islice(steps, 1, None)))


def _average(values: Sequence[float], weight: float) -> array[float]:
    rest = 1 - weight
    running = accumulate(values, lambda before, value: before * weight + rest * value, initial=0.0)
    next(running)
    power = 1.0
    smooth = array("d")
    for value in running:
        power *= weight
        if power < 1e-17:
            # From here on the correction is a division by 1.
            smooth.append(value)
            smooth.extend(running)
            break
        smooth.append(value / (1 - power))
    return smooth
