"""Drawing a scene by Plotext, and reading its cells back as strips. Imported when the first plot is drawn.

Plotext is pure Python. textual-plot draws as fast and brings its own keys, but it needs NumPy, which the screen's
process does without.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip
from textual_plotext import Plot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.style import Style

    from kerascope.app._curves import Scene

__all__ = ["Pen", "draw"]

_MARKS_MOST = 3
"""A curve gets marks at its points where there is one in so many columns at most; else marks a few columns apart."""

_APART = 8
"""Columns between the marks of a crowded curve."""

_TO_ASCII = str.maketrans({"│": "|", "┤": "+", "─": "-", "┬": "+", "└": "+", "┼": "+"})


@dataclass(frozen=True, slots=True)
class Pen:
    """How a curve is drawn.

    Attributes:
        line: What joins its points: `braille`, or one character.
        mark: What stands at its points, `None` for nothing.
        style: Colour and weight.
    """

    line: str
    mark: str | None
    style: Style


def draw(scene: Scene, pens: Sequence[Pen], width: int, height: int, axis: Style, *, ascii_only: bool) -> list[Strip]:
    """The lines of a plot with its axes.

    Args:
        scene: What to draw.
        pens: One for each of its lines; of lines the first lies on top, of marks none does.
        width: Cells there are.
        height: Lines there are.
        axis: Style of axes and ticks.
        ascii_only: Whether the axes are drawn with ASCII.
    """
    plot = Plot()
    plot.theme("clear")
    plot.plotsize(width, height)
    plot._set_size(width, height)  # what textual-plotext itself does: plotsize alone is bounded by the terminal's size
    plot.xaxes(True, False)
    plot.yaxes(True, False)
    plot.xlim(*scene.x)
    plot.ylim(*scene.y)
    plot.xticks([at for at, _ in scene.x_ticks], [text for _, text in scene.x_ticks])
    plot.yticks([at for at, _ in scene.y_ticks], [text for _, text in scene.y_ticks])
    # The colour carries the number of the curve, so that its cells are known again.
    for number, (line, pen) in reversed(list(enumerate(zip(scene.lines, pens, strict=True)))):
        for part in _parts(line, scene.breaks[number]) if len(line) > 1 else ():
            xs, ys = [x for x, _ in part], [y for _, y in part]
            if len(part) > 1:
                plot.plot(xs, ys, marker=pen.line, color=number + 1)
            else:
                plot.scatter(xs, ys, marker=_LONE[ascii_only], color=number + 1)
    # Marks lie on all lines: those of a curve beneath another are all that is seen of it.
    for number, points in _marked(scene, pens, width, height).items():
        marker = pens[number].mark or _LONE[ascii_only]
        plot.scatter([x for x, _ in points], [y for _, y in points], marker=marker, color=number + 1)
    rows = plot.build().rstrip("\n").split("\n")[:height]
    return [_strip(row, pens, axis, width, ascii_only=ascii_only) for row in rows]


_LONE = {False: "•", True: "*"}
"""What stands for a curve of a single point."""


def _parts(line: Sequence[tuple[float, float]], breaks: Sequence[float]) -> Iterator[Sequence[tuple[float, float]]]:
    """The points between two breaks of a line."""
    ends = [bisect_left(line, at, key=itemgetter(0)) for at in breaks]
    for start, end in pairwise([0, *ends, len(line)]):
        if end > start:
            yield line[start:end]


def _marked(scene: Scene, pens: Sequence[Pen], width: int, height: int) -> dict[int, list[tuple[float, float]]]:
    """The points of each curve that get its mark; where curves lie on each other their marks take turns."""
    wanted: dict[tuple[int, int], dict[int, tuple[float, float]]] = {}
    for number, (line, pen) in enumerate(zip(scene.lines, pens, strict=True)):
        if pen.mark is None and len(line) != 1:
            continue
        every = 1 if len(line) * _MARKS_MOST <= width else max(1, len(line) * _APART // width)
        for x, y in line[every * number // len(pens) :: every]:
            wanted.setdefault((_cell(x, scene.x, width), _cell(y, scene.y, height)), {})[number] = x, y
    marked: dict[int, list[tuple[float, float]]] = {}
    turns: Counter[tuple[int, ...]] = Counter()
    for _, points in sorted(wanted.items()):
        numbers = tuple(points)
        winner = numbers[turns[numbers] % len(numbers)]
        turns[numbers] += 1
        marked.setdefault(winner, []).append(points[winner])
    return marked


def _cell(value: float, bounds: tuple[float, float], cells: int) -> int:
    """The cell of a number, near enough to tell which points share one."""
    first, last = bounds
    return int((value - first) / (last - first) * cells) if last > first else 0


def _strip(row: str, pens: Sequence[Pen], axis: Style, width: int, *, ascii_only: bool) -> Strip:
    """One line of Plotext's as a strip: its colours are the numbers of curves."""
    segments: list[Segment] = []
    first, *others = row.split("\x1b[")
    for code, _, text in (("", "", first), *(piece.partition("m") for piece in others)):
        if not text:
            continue
        number = int(code.rpartition(";")[2]) if code.startswith("38;5;") else 0
        style = pens[number - 1].style if 0 < number <= len(pens) else axis
        segments.append(Segment(text.translate(_TO_ASCII) if ascii_only and not number else text, style))
    return Strip(segments).adjust_cell_length(width, axis).simplify()
