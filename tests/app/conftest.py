"""Fixtures of the screen's tests: samples, an inspector that answers from memory, and a frozen clock."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.app.app import KerascopeApp
from kerascope.app.screens import _looking, _weighing
from kerascope.app.screens.look import LookScreen
from kerascope.graph import Finding, Severity, Target

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
    from types import ModuleType

    from textual.pilot import Pilot

    from kerascope.graph import Inspection, Progress, WeightStats

HERE = Path(__file__).parent
UPDATE = "KERASCOPE_UPDATE_GOLDENS"
"""Set to 1 to write the goldens anew."""


def _load(file: str) -> ModuleType:
    name = f"kerascope_app_{file}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{file}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def samples() -> Any:
    """The module of inspections made by hand."""
    return _load("samples")


@pytest.fixture
def states() -> Any:
    """The module of those that need more than one look."""
    return _load("states")


@pytest.fixture
def saved() -> Any:
    """The module of saved files."""
    return _load("saved")


@pytest.fixture
def logs() -> Any:
    """The module of logs in memory."""
    return _load("logs")


class FakeInspector:
    """Answers from memory; `gate` holds an answer back until it is set."""

    def __init__(self, glance: Inspection, answers: list[Inspection | Exception]) -> None:
        self.first = glance
        self.answers = answers
        self.looks = 0
        self.cancelled = 0
        self.stops = 0
        self.stopped_answer: Inspection | None = None
        self.closed = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.progress: Callable[[Progress], None] | None = None
        self.targets: list[Target] = []
        self.compared: list[bool] = []
        self.weighed: list[tuple[str, ...]] = []
        self.statistics: dict[str, WeightStats | str | Exception] = {}

    def glance(self, target: Target) -> Inspection:
        return self.first

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        self.looks += 1
        self.targets.append(target)
        self.compared.append(compare)
        self.progress = on_progress
        answer = self.answers[min(self.looks, len(self.answers)) - 1]
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.stopped_answer is not None:
            answer, self.stopped_answer = self.stopped_answer, None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def weight_stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        self.weighed.append(tuple(paths))
        for path in paths:
            await self.gate.wait()
            answer = self.statistics[path]
            if isinstance(answer, Exception):
                raise answer
            yield path, answer

    def with_weight_stats(self, inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
        known = {path: found for path, found in stats.items() if not isinstance(found, str)}
        weights = tuple(replace(weight, stats=known.get(weight.path)) for weight in inspection.weights)
        found = tuple(
            Finding(
                rule="KS504",
                name="non-finite-weights",
                severity=Severity.ERROR,
                message=f"{weight.name} holds {weight.stats.nans} NaN and {weight.stats.infs} Inf.",
                why="What is computed from it is NaN.",
                layer=weight.layer,
            )
            for weight in weights
            if weight.stats is not None and (weight.stats.nans or weight.stats.infs)
        )
        return replace(inspection, weights=weights, findings=inspection.findings + found)

    def stop(self) -> None:
        self.stops += 1
        if self.stopped_answer is not None:
            self.gate.set()

    async def close(self) -> None:
        self.closed = True


class Stage:
    """One running app with its pilot, and what to ask of it."""

    def __init__(self, app: KerascopeApp, pilot: Pilot[Any], inspector: FakeInspector, path: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.inspector = inspector
        self.path = path

    @property
    def screen(self) -> LookScreen:
        assert isinstance(self.app.screen, LookScreen)
        return self.app.screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def selected(self) -> str | None:
        from kerascope.app.widgets.layer_table import LayerTable

        layer = self.screen.query_one(LayerTable).selected
        return layer.name if layer is not None else None

    def status(self) -> str:
        from kerascope.app.widgets.bars import StatusBar

        return self.screen.query_one(StatusBar).text

    def row(self, name: str) -> str:
        """The line of the screen that holds `name`."""
        return next(line for line in self.text().split("\n") if name in line)

    def text(self) -> str:
        """What the screen shows, lines without trailing blanks."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    async def until(self, condition: Callable[[], bool], seconds: float = 8.0) -> None:
        """Wait for `condition`, at most `seconds`."""
        for _ in range(int(seconds / 0.05)):
            if condition():
                return
            await self.pilot.pause(0.05)
        raise AssertionError("that did not happen in time")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The screen's clock."""
    clock = Clock()
    monkeypatch.setattr(_looking, "monotonic", clock)
    monkeypatch.setattr(_weighing, "monotonic", clock)
    return clock


@pytest.fixture
def stage(samples: Any, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that opens the app on answers and gives a `Stage` as an async context."""
    for variable in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY", "TEXTUAL_THEME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    @asynccontextmanager
    async def open_stage(
        *answers: Inspection | Exception,
        size: tuple[int, int] = (80, 24),
        glance: Inspection | None = None,
        wait: bool = True,
        ascii_only: bool = False,
        target: Target | None = None,
        compare: bool = False,
        desk: Any = None,
    ) -> AsyncIterator[Stage]:
        path = tmp_path / "model.py"
        path.write_text("x = 1\n")
        if glance is None:
            glance = samples.glance() if isinstance(answers[0], Exception) else samples.glance_of(answers[0])
        inspector = FakeInspector(glance, list(answers))
        if not wait:
            inspector.gate.clear()
        target = target or Target(path=str(path))
        app = KerascopeApp(inspector, target, ascii_only=ascii_only, compare=compare, desk=desk)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, inspector, path)
            await pilot.pause()
            if wait:
                await stage.until(lambda: not stage.screen.looking)
                await pilot.pause()
            yield stage

    return open_stage


@pytest.fixture
def golden() -> Any:
    """A function that compares a text with a golden file, line by line."""

    def compare(name: str, text: str) -> None:
        path = HERE / "goldens" / f"{name}.txt"
        if os.environ.get(UPDATE) == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert text.split("\n") == path.read_text(encoding="utf-8").split("\n")

    return compare
