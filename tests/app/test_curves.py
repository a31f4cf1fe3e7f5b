"""The plot: what of the numbers is drawn, and where the keys lead."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App

from kerascope.app._curves import Curve, CurvesView, Window, build_scene, nice_ticks
from kerascope.app._internals import drop_colors
from kerascope.app._marks import marks_for
from kerascope.app.widgets.curves import Curves
from kerascope.runs import Series

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from textual.app import ComposeResult
    from textual.geometry import Region

STYLES = "/".join((*__file__.split("/")[:-3], "tui", "kerascope", "app", "screens", "run.tcss"))


class PlotApp(App[None]):
    """Nothing but a plot."""

    CSS_PATH = STYLES

    def __init__(self, view: CurvesView, *, ascii_only: bool) -> None:
        super().__init__()
        self._view = view
        self._ascii_only = ascii_only
        drop_colors(self)

    def compose(self) -> ComposeResult:
        yield Curves(marks_for(self._ascii_only), id="run-curves")

    def on_mount(self) -> None:
        self.curves.view = self._view
        self.curves.focus()

    @property
    def curves(self) -> Curves:
        return self.query_one(Curves)


@asynccontextmanager
async def plotted(
    view: CurvesView, *, size: tuple[int, int] = (80, 20), ascii_only: bool = False
) -> AsyncIterator[tuple[Any, PlotApp]]:
    app = PlotApp(view, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app


def text_of(app: App[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()) + "\n"


def curve(label: str, values: Sequence[float], first: int = 1) -> Curve:
    return Curve(label, Series(range(first, first + len(values)), values))


def falling(count: int, offset: float = 0.0) -> list[float]:
    return [offset + 0.2 + 2 * math.exp(-5 * at / count) for at in range(count)]


@pytest.fixture
def two() -> CurvesView:
    """Two metrics, the first one with its validation."""
    pair = (curve("train", falling(40)), curve("validation", falling(40, 0.3)))
    return CurvesView(curves={"loss": pair, "accuracy": (curve("train", [0.1, 0.5, 0.9]),)}, stamp=1)


# What is drawn


def test_a_spike_among_many_numbers_is_drawn() -> None:
    values = [0.5] * 50_000
    values[31_007] = 9.0
    scene = build_scene([curve("train", values)], (1, 50_000), (72, 18), finer=2)
    assert scene is not None
    assert max(y for _, y in scene.lines[0]) == 9.0
    assert scene.y[1] > 9.0
    assert len(scene.lines[0]) <= 2 * 144


@pytest.mark.parametrize("smoothing", [0.0, 0.6])
async def test_a_curve_is_broken_where_it_begins_anew(smoothing: float) -> None:
    async def drawn(*breaks: float) -> list[str]:
        series = Series(range(1, 8), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.5])
        series.breaks = breaks
        async with plotted(CurvesView(curves={"loss": (Curve("a run", series),)})) as (pilot, app):
            app.curves.smoothing = smoothing
            await pilot.resize_terminal(79, 20)
            await pilot.pause()
            return text_of(app).split("\n")[2:-3]

    joined, broken = await drawn(), await drawn(4, 7)
    assert all(any("⠀" < cell <= "⣿" for cell in line) for line in joined[1:-1]), "a line leads up to the next fold"
    bare = [line for line in broken if not any("⠀" < cell <= "⣿" for cell in line)]
    assert len(bare) > 5
    assert sum(line.count("•") for line in broken) == 1, "one that is alone"


def test_numbers_that_are_all_equal_have_an_axis() -> None:
    scene = build_scene([curve("train", [0.25] * 5)], (1, 5), (72, 18))
    assert scene is not None
    assert scene.y[0] < 0.25 < scene.y[1]
    texts = [text for _, text in scene.y_ticks]
    assert len(set(texts)) == len(texts) >= 2


def test_a_log_scale_leaves_out_what_it_cannot_show() -> None:
    scene = build_scene([curve("train", [100.0, 0.0, -1.0, 0.01])], (1, 4), (72, 18), logarithmic=True)
    assert scene is not None
    assert scene.left_out
    assert [y for _, y in scene.lines[0]] == [2.0, -2.0]
    assert {"0.1", "1", "10"} <= {text for _, text in scene.y_ticks}
    assert build_scene([curve("train", [0.0, -1.0])], (1, 2), (72, 18), logarithmic=True) is None


def test_smoothing_takes_the_spike_away() -> None:
    values = [0.5] * 200
    values[100] = 9.0
    scene = build_scene([curve("train", values)], (1, 200), (72, 18), finer=2, smoothing=0.9)
    assert scene is not None
    assert max(y for _, y in scene.lines[0]) == pytest.approx(1.35, abs=1e-3)


@pytest.mark.parametrize(
    ("first", "last", "most", "ticks"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (0.0, 0.35, 4, [0.0, 0.1, 0.2, 0.3]),
        (-1.2, 1.2, 3, [-1, 0, 1]),
        (3, 3, 4, [3]),
        (1e-9, 3e-9, 2, [1e-9, 2e-9, 3e-9]),
    ],
)
def test_ticks_are_round(first: float, last: float, most: int, ticks: list[float]) -> None:
    assert nice_ticks(first, last, most) == pytest.approx(ticks)


def test_a_range_has_two_ticks_at_least() -> None:
    chance = random.Random(1)
    for number in range(3_000):
        least = chance.uniform(-1, 1) * 10 ** chance.randint(-4, 4)
        most = least + chance.random() * 10 ** chance.randint(-4, 4)
        logarithmic = number % 2 == 0 and least > 0
        rows = chance.randint(3, 20)
        scene = build_scene([curve("train", [least, most])], (1, 2), (72, rows), logarithmic=logarithmic)
        assert scene is not None
        inside = [text for at, text in scene.y_ticks if scene.y[0] <= at <= scene.y[1]]
        assert len(set(inside)) >= 2, (least, most, rows, logarithmic)


def test_epochs_are_counted_in_whole_numbers() -> None:
    assert nice_ticks(1, 3, 20, whole=True) == [1, 2, 3]


def test_large_and_small_numbers_have_ticks_that_differ() -> None:
    for factor in (1e-7, 1e-4, 1.0, 1e4, 1e9):
        scene = build_scene([curve("train", [factor, 1.01 * factor])], (1, 2), (72, 18))
        assert scene is not None
        texts = [text for _, text in scene.y_ticks]
        assert len(set(texts)) == len(texts) >= 2, factor


# Where it looks


def test_zooming_keeps_to_the_newest_numbers() -> None:
    window = Window().zoomed(2, (1, 101), 50)
    assert window.range((1, 101)) == (51, 101)
    assert window.range((1, 201)) == (101, 201), "it follows what comes"


def test_panning_stays_within_the_whole() -> None:
    whole = (0.0, 100.0)
    window = Window().zoomed(4, whole, 50)
    for _ in range(20):
        window = window.moved(-0.25, whole)
    assert window.range(whole) == (0, 25)
    for _ in range(20):
        window = window.moved(0.25, whole)
    assert window.range(whole) == (75, 100)
    assert window.last is None


def test_zooming_out_ends_at_all() -> None:
    window = Window(4.0, 50.0).zoomed(1 / 8, (0, 100), 50)
    assert window == Window()


# On the screen


async def test_two_curves_are_told_apart_without_colour(
    two: CurvesView, golden: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with plotted(two) as (_, app):
        text = text_of(app)
        golden("curves-80x20", text)
        assert "─── train 0.2" in text
        assert "─•─ validation 0.5" in text
        assert sum(line.count("•") for line in text.split("\n")[2:]) >= 5
    async with plotted(two, ascii_only=True) as (_, app):
        text = text_of(app)
        golden("curves-plain", text)
        assert text.isascii()
        assert "*** train" in text
        assert "ooo validation" in text


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("count", [12, 400])
async def test_a_curve_that_lies_on_another_is_seen(
    ascii_only: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    runs = tuple(curve(f"run {number}", falling(count)) for number in range(3))
    async with plotted(CurvesView(curves={"loss": runs}), size=(150, 40), ascii_only=ascii_only) as (_, app):
        plot = text_of(app).split("\n", 2)[2]
    for mark in "*o+" if ascii_only else "•+":
        assert plot.count(mark) >= 3, (mark, plot)


async def test_several_runs_lie_in_one_plot(golden: Any) -> None:
    runs = tuple(curve(f"2023111{day}-120000-spirals", falling(30, day / 5)) for day in range(4))
    async with plotted(CurvesView(curves={"val_loss": runs}, stamp=1), size=(100, 24)) as (_, app):
        text = text_of(app)
        golden("curves-runs", text)
        for day in range(4):
            assert f"2023111{day}-120000-spirals" in text


async def test_the_keys_of_the_plot(two: CurvesView) -> None:
    async with plotted(two) as (pilot, app):
        await pilot.press("]")
        assert app.curves.metric == "accuracy"
        assert "accuracy  [ 2/2 ]" in text_of(app)
        await pilot.press("]", "L", "S")
        await pilot.pause()
        assert "log scale  smoothed 0.6  over epochs" in text_of(app)
        await pilot.press("L", "S", "S", "S", "+")
        await pilot.pause()
        assert "epochs 20 to 40" in text_of(app)
        await pilot.press("h", "h", "h", "h")
        await pilot.pause()
        assert "epochs 1 to 20" in text_of(app)
        await pilot.press("0")
        await pilot.pause()
        assert "over epochs" in text_of(app)


async def test_nan_is_said_and_the_rest_is_drawn() -> None:
    values = [*falling(20), math.nan, math.inf]
    async with plotted(CurvesView(curves={"loss": (curve("train", values),)}, stamp=1)) as (_, app):
        text = text_of(app)
        assert "✗ NaN or infinite from epoch 21" in text
        assert "train Inf" in text
        assert any("\u2800" < char <= "\u28ff" for char in text), "the finite numbers are there"


async def test_nothing_but_nan_is_a_sentence() -> None:
    async with plotted(CurvesView(curves={"loss": (curve("train", [math.nan] * 3),)}, stamp=1)) as (_, app):
        assert "every number here is NaN or infinite" in text_of(app)


async def test_one_number_is_seen() -> None:
    view = CurvesView(curves={"loss": (curve("train", [0.5]), curve("validation", [0.7]))}, stamp=1)
    async with plotted(view) as (_, app):
        assert "\n".join(text_of(app).split("\n")[2:]).count("•") == 2


async def test_only_lines_that_differ_are_drawn_anew(two: CurvesView, monkeypatch: pytest.MonkeyPatch) -> None:
    async with plotted(two) as (pilot, app):
        drawn: list[Region] = []
        refresh = app.curves.refresh

        def noted(*regions: Region, **options: Any) -> Curves:
            drawn.extend(regions or [app.curves.size.region])
            return refresh(*regions, **options)

        monkeypatch.setattr(app.curves, "refresh", noted)
        app.curves.view = two
        await pilot.pause()
        assert not drawn, "the same stamp"
        train, _validation = two.curves["loss"]
        longer = (train, Curve("validation", Series(range(1, 41), [*falling(39, 0.3), 0.9])))
        app.curves.view = CurvesView(curves={**two.curves, "loss": longer}, stamp=2)
        await pilot.pause()
        assert 0 < sum(region.height for region in drawn) < app.curves.size.height


@pytest.mark.parametrize(("planned", "end"), [(1000, 50), (42, 42), (None, 50)])
async def test_a_curve_that_grows_has_room_to_grow(two: CurvesView, planned: float | None, end: float) -> None:
    live = CurvesView(curves=two.curves, stamp=1, live=True, end=planned)
    async with plotted(live) as (_, app):
        assert app.curves.whole == (1, end)


def test_the_plotting_library_comes_with_the_screen_that_plots() -> None:
    program = "import sys, kerascope.app.app; print([name for name in sys.modules if 'plotext' in name])"
    path = {"PYTHONPATH": "/".join((*__file__.split("/")[:-3], "tui"))}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=path)
    assert ran.stdout.strip() == "[]"
