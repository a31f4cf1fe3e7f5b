"""The plot of one metric: train and validation, or several runs, in one frame."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from kerascope.app._actions import bindings
from kerascope.app._columns import fit
from kerascope.app._curves import SMOOTHINGS, CurvesView, Window, build_scene
from kerascope.app._plotting import Pen, draw
from kerascope.app._run_words import number_text

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from kerascope.app._curves import Curve, Scene
    from kerascope.app._marks import Marks

__all__ = ["Curves"]

_STYLES = ("first", "second", "third", "fourth", "fifth", "sixth")
_AXIS_LEAST = 3
"""Lines of a plot below which nothing can be seen in it."""

_LABELS = 8
"""Cells that the numbers beside the y axis take, about."""

_CLOSER = 2.0
_ASIDE = 0.25
_LEGEND_MOST = 3


class Curves(Widget, can_focus=True):
    """Draws `view` anew when its stamp, its size or what the keys chose differs, and sends only lines that do."""

    COMPONENT_CLASSES = {
        "curves--metric",
        "curves--label",
        "curves--muted",
        "curves--axis",
        "curves--warning",
        *(f"curves--{name}" for name in _STYLES),
    }
    BINDINGS = bindings("curves")

    view: reactive[CurvesView] = reactive(CurvesView(), repaint=False, always_update=True)
    metric: reactive[str] = reactive("", repaint=False)
    """Name of what is plotted."""
    empty: reactive[str] = reactive("", repaint=False)
    """What is said where nothing can be plotted."""

    class Unit(Message):
        """The other unit along x is wanted."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks
        self.window = Window()
        self.logarithmic = False
        self.smoothing = 0.0
        self._drawn: object = None
        self._strips: list[Strip] = []
        self._focus_seen = False
        self._chosen = False

    # What to draw

    def watch_view(self, view: CurvesView) -> None:
        """Keep the metric that was chosen, where it is still there."""
        wanted = self.metric if self._chosen else view.current
        if wanted not in view.curves:
            wanted = self.metric if self.metric in view.curves else next(iter(view.curves), "")
        if wanted != self.metric:
            self.set_reactive(Curves.metric, wanted)
            self.window = Window()
        self._redraw()

    def watch_empty(self) -> None:
        """Say it."""
        self._redraw()

    def watch_metric(self) -> None:
        """Draw another one."""
        self._redraw()

    def on_resize(self) -> None:
        """Draw to the new size."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Draw in the new colours."""
        super().notify_style_update()
        self._drawn = None
        if self.is_mounted and self.size:
            self._redraw()

    @property
    def whole(self) -> tuple[float, float] | None:
        """From the first to the last x, with room for what is to come; `None` where there is nothing to plot."""
        span = self.view.span(self.metric)
        if span is None:
            return None
        first, last = span
        if self.view.live:
            last = min(_rounded_up(last), self.view.end if self.view.end is not None else float("inf"))
            last = max(last, span[1])
        return first, last if last > first else first + 1

    def _redraw(self) -> None:
        width, height = self.size
        if not width or not height:
            return
        stamp = (
            self.view.stamp,
            self.view.unit,
            self.empty,
            self.metric,
            self.window,
            self.logarithmic,
            self.smoothing,
            width,
            height,
        )
        if stamp == self._drawn:
            return
        self._drawn = stamp
        before, self._strips = self._strips, self._picture(width, height)
        same = [old == new for old, new in zip(before, self._strips, strict=False)]
        if len(before) != len(self._strips):
            self.refresh()
            return
        changed = [Region(0, y, width, 1) for y, equal in enumerate(same) if not equal]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One line of what was drawn."""
        if y < len(self._strips):
            return self._strips[y].apply_style(self.rich_style)
        return Strip.blank(self.size.width, self.rich_style)

    def _picture(self, width: int, height: int) -> list[Strip]:
        whole = self.whole
        curves = self.view.curves.get(self.metric, ())
        if whole is None:
            empty = self.empty if not curves else f"{self.metric} has no number yet"
            words = textwrap.wrap(empty, max(width - 2, 20))
            lines = [Strip.blank(width), *(self._line([(f" {line}", "muted")], width) for line in words)]
            return [*lines, *[Strip.blank(width)] * (height - len(lines))][:height]
        shown = self.window.range(whole)
        legend = self._legend(curves, width)
        rows = height - len(legend) - 1
        scene = None
        if rows >= _AXIS_LEAST:
            scene = build_scene(
                curves,
                shown,
                (width - _LABELS, rows - 2),
                finer=1 if self.marks.ascii_only else 2,
                logarithmic=self.logarithmic,
                smoothing=self.smoothing,
            )
        lines = [self._title(shown, whole, scene, width), *legend]
        if scene is not None:
            pens = self._pens(len(curves))
            ascii_only = self.marks.ascii_only
            lines += draw(scene, pens, width, rows, self._style("axis"), ascii_only=ascii_only)
        elif rows >= 1:
            lines.append(self._line([(f" {self._nothing(curves)}", "muted")], width))
        return [*lines, *[Strip.blank(width)] * (height - len(lines))][:height]

    def _nothing(self, curves: tuple[Curve, ...]) -> str:
        if self.logarithmic:
            return "no number here is above 0, so a log scale shows none; L goes back"
        if any(curve.points.broken is not None for curve in curves):
            return "every number here is NaN or infinite"
        return "there is no number in this stretch; 0 shows all"

    # Title and legend

    def _title(self, shown: tuple[float, float], whole: tuple[float, float], scene: Scene | None, width: int) -> Strip:
        view = self.view
        at = view.metrics.index(self.metric) + 1
        unit = view.unit
        left = [(f" {self.metric}", "metric")]
        if len(view.metrics) > 1:
            left.append((f"  [ {at}/{len(view.metrics)} ]", "muted"))
        right: list[tuple[str, str]] = []
        broken = [curve.points.broken for curve in view.curves[self.metric]]
        first = min((place for place in broken if place is not None), default=None)
        if first is not None:
            right.append((f"{self.marks.loose} NaN or infinite from {unit[:-1]} {first:,g}", "warning"))
        if scene is not None and scene.left_out:
            right.append(("0 and below left out", "warning"))
        if self.logarithmic:
            right.append(("log scale", "muted"))
        if self.smoothing:
            right.append((f"smoothed {self.smoothing:g}", "muted"))
        zoomed = self.window.zoom > 1
        right.append((f"{unit} {shown[0]:,.0f} to {shown[1]:,.0f}" if zoomed else f"over {unit}", "muted"))
        room = width - sum(cell_len(text) for text, _ in left) - 3
        while len(right) > 1 and sum(cell_len(text) + 2 for text, _ in right) > room:
            right.pop()
        pieces: list[tuple[str, str]] = []
        for text, style in right:
            pieces += [("  ", "muted"), (text, style)]
        space = max(1, width - 1 - sum(cell_len(text) for text, _ in [*left, *pieces]))
        return self._line([*left, (" " * space, "muted"), *pieces], width)

    def _legend(self, curves: tuple[Curve, ...], width: int) -> list[Strip]:
        """The curves by their marks, with their last numbers; on as many lines as they need, up to a few."""
        lines: list[list[tuple[str, str]]] = [[]]
        room = width
        for number, (curve, pen) in enumerate(zip(curves, self._pens(len(curves)), strict=True)):
            last = curve.points.last
            label = fit(curve.label, min(cell_len(curve.label), width // 2), self.marks)
            text = f" {label} {number_text(last)}  "
            sample = f" {_sample(pen)}"
            needed = cell_len(sample) + cell_len(text)
            if needed > room and lines[-1]:
                lines.append([])
                room = width
            room -= needed
            lines[-1] += [(sample, _STYLES[number % len(_STYLES)]), (text, "label")]
        return [self._line(line, width) for line in lines[:_LEGEND_MOST]]

    def _pens(self, count: int) -> list[Pen]:
        """Curves that lie on each other are told apart by their marks; the colour is one more difference."""
        pens: list[Pen] = []
        for number in range(count):
            mark = self.marks.points[number % len(self.marks.points)]
            style = self._style(_STYLES[number % len(_STYLES)])
            if self.marks.ascii_only:
                pens.append(Pen(mark, mark, style))
            else:
                pens.append(Pen("braille", mark if number else None, style))
        return pens

    def _line(self, pieces: list[tuple[str, str]], width: int) -> Strip:
        segments = [Segment(text, self._style(style)) for text, style in pieces]
        return Strip(segments).adjust_cell_length(width)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"curves--{name}", partial=True)

    # What the keys do

    def action_metric(self, step: int) -> None:
        """Plot the next metric, round the end."""
        metrics = self.view.metrics
        if metrics:
            self._chosen = True
            at = metrics.index(self.metric)
            self.metric = metrics[(at + step) % len(metrics)]

    def action_log_scale(self) -> None:
        """Change between a log scale and a plain one."""
        self.logarithmic = not self.logarithmic
        self._redraw()

    def action_smoothing(self) -> None:
        """Smooth more, and after the most not at all."""
        at = SMOOTHINGS.index(self.smoothing)
        self.smoothing = SMOOTHINGS[(at + 1) % len(SMOOTHINGS)]
        self._redraw()

    def action_zoom(self, step: int) -> None:
        """Closer, or farther off; 0 shows all."""
        whole = self.whole
        if whole is None:
            return
        # Two numbers at least are to be seen.
        most = max(1.0, (whole[1] - whole[0]) / 2)
        self.window = self.window.zoomed(_CLOSER**step, whole, most) if step else Window()
        self._redraw()

    def action_pan(self, step: int) -> None:
        """To the left or the right of what is shown."""
        whole = self.whole
        if whole is not None:
            self.window = self.window.moved(step * _ASIDE, whole)
            self._redraw()

    def action_unit(self) -> None:
        """Ask for the other unit along x."""
        self.post_message(self.Unit())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Closer."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Farther off."""
        event.stop()
        self.action_zoom(-1)


def _sample(pen: Pen) -> str:
    """A bit of a curve, for the legend."""
    if pen.line != "braille":
        return pen.line * 3
    return f"─{pen.mark or '─'}─"


def _rounded_up(number: float) -> float:
    """The next round number, so that a curve that grows is not drawn anew as a whole each time."""
    power = 10.0 ** (len(str(int(max(number, 1)))) - 1)
    return next(factor * power for factor in (1, 1.5, 2, 3, 5, 7.5, 10) if factor * power >= number)
