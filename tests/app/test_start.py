"""What is opened without a path, the files that could be, and what is said on leaving."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope import app as app_package
from kerascope.app import Settings, run_app
from kerascope.app import _model_files as model_files
from kerascope.app._desk import Desk
from kerascope.app._local_runs import LocalRuns
from kerascope.app._model_files import find_model_files
from kerascope.app.app import KerascopeApp
from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.look import LookScreen
from kerascope.app.screens.runs import RunsScreen
from kerascope.app.screens.start import StartScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.files_table import FilesTable
from kerascope.runs import NotResumableError, TrainSpec, create_run, read_run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from textual.pilot import Pilot
    from textual.screen import Screen

    from kerascope.graph import Inspection, Target, WeightStats
    from kerascope.runs import Run

CHANGED = 1_700_000_000.0
SPEC = TrainSpec(path="/home/ada/train.py", shown="train.py")


class Glancer:
    """Shows one inspection of any file."""

    def __init__(self, inspection: Inspection) -> None:
        self.inspection = inspection
        self.targets: list[Target] = []
        self.closed = False
        self.gate: asyncio.Event | None = None
        self.looking = 0

    def glance(self, target: Target) -> Inspection:
        self.targets.append(target)
        return self.inspection

    async def look(self, target: Target, on_progress: Any, *, compare: bool = False) -> Inspection:
        self.looking += 1
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.looking -= 1
        return self.inspection

    async def weight_stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        for path in paths:
            yield path, "not read"

    def with_weight_stats(self, inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
        raise NotImplementedError("no test here asks for this")

    def stop(self) -> None:
        """Nothing is in progress."""

    async def close(self) -> None:
        self.closed = True


class Nobody:
    """Starts nothing."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def start(self, spec: TrainSpec, text: str | None = None) -> Run:
        raise NotImplementedError("no test here asks for this")

    async def resume(self, run: Run) -> Run:
        if self.error is not None:
            raise self.error
        return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, empty; the terminal is frozen."""
    for variable in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY", "TEXTUAL_THEME", "KERASCOPE_RUNS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    directory = tmp_path / "work"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def models(here: Path) -> Path:
    """A directory with models, and with much that is none."""
    files = {
        "train.py": "from tensorflow import keras\n",
        "plain.py": "import numpy\n",
        "net.keras": "x" * 2048,
        "old.h5": "x",
        "notes.txt": "keras",
        "book.ipynb": '{"cells": ["import keras"]}',
        "deep/er/model.py": "import keras\n",
        "deep/er/and/deeper/model.py": "import keras\n",
        "saved/saved_model.pb": "x",
        "saved/keras_metadata.pb": "x",
        ".hidden/model.py": "import keras\n",
        "env/pyvenv.cfg": "",
        "env/lib/model.py": "import keras\n",
        "node_modules/model.py": "import keras\n",
        "runs/20231114-221320-train/run.json": "{}",
        "runs/20231114-221320-train/model.keras": "x",
    }
    for name, text in files.items():
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (CHANGED, CHANGED))
    return here


@asynccontextmanager
async def opened(
    inspection: Inspection, *, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> AsyncIterator[tuple[KerascopeApp, Pilot[Any]]]:
    """The app without a target."""
    desk = Desk(LocalRuns(), Nobody(), Settings())
    app = KerascopeApp(Glancer(inspection), None, ascii_only=ascii_only, desk=desk)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if is_at(app, StartScreen):
            screen = app.screen
            await until(pilot, lambda: "may hold a model" in said(screen))
        yield app, pilot


def said(screen: Any) -> str:
    text: str = screen.query_one(StatusBar).text
    return text


def shown(app: KerascopeApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


def footer(app: KerascopeApp) -> list[str]:
    """What the footer offers: `q leave`."""
    bindings = [entry.binding for entry in app.screen.active_bindings.values() if entry.enabled]
    return [f"{each.key_display} {each.description}" for each in bindings if each.show]


def is_at(app: KerascopeApp, kind: type[Screen[Any]]) -> bool:
    """Whether that screen is shown."""
    return isinstance(app.screen, kind)


def shown_file(app: KerascopeApp) -> str:
    """The selected file."""
    file = app.screen.query_one(FilesTable).selected
    return file.shown if file is not None else ""


async def until(pilot: Pilot[Any], condition: Any, seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "that did not happen in time"
        await pilot.pause(0.02)


# Which files


def test_files_that_may_hold_models_are_found_nearest_first(models: Path) -> None:
    found = find_model_files(models)
    assert [(file.shown, file.kind) for file in found.files] == [
        ("book.ipynb", "notebook"),
        ("net.keras", "saved model"),
        ("old.h5", "HDF5 file"),
        ("saved", "SavedModel"),
        ("train.py", "program"),
        ("deep/er/model.py", "program"),
    ]
    assert found.whole
    assert found.files[1].bytes == 2048


def test_the_search_ends_at_its_bounds(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "MOST_FILES", 2)
    found = find_model_files(models)
    assert (len(found.files), found.whole) == (2, False)
    monkeypatch.setattr(model_files, "MOST_SECONDS", -1.0)
    assert find_model_files(models) == model_files.ModelFiles((), whole=False)


def test_what_cannot_be_read_is_left_out(models: Path) -> None:
    (models / "broken.py").symlink_to(models / "nowhere.py")
    (models / "loop").symlink_to(models)
    assert len(find_model_files(models).files) == 6
    assert find_model_files(models / "nowhere").files == ()


def test_names_are_cleaned_and_the_path_stays_what_it_is(here: Path) -> None:
    (here / "a\x1b[31m.keras").touch()
    [file] = find_model_files(here).files
    assert "\x1b" not in file.shown
    assert file.path.exists()


# The first screen


async def test_without_runs_the_files_are_listed_and_one_is_opened(models: Path, samples: Any) -> None:
    (models / "runs" / "20231114-221320-train" / "run.json").unlink()
    async with opened(samples.discarded()) as (app, pilot):
        assert is_at(app, StartScreen)
        assert said(app.screen) == "7 files that may hold a model"
        await pilot.press("slash", *"train", "enter")
        assert shown_file(app) == "train.py"
        await pilot.press("enter")
        assert is_at(app, LookScreen)
        inspector = app._inspector
        assert isinstance(inspector, Glancer)
        assert [target.path for target in inspector.targets] == ["train.py"]
        await until(pilot, lambda: "dense_1" in shown(app))


@pytest.mark.parametrize("key", ["q", "escape"])
async def test_a_model_is_left_for_the_files_it_was_chosen_from(models: Path, samples: Any, key: str) -> None:
    (models / "runs" / "20231114-221320-train" / "run.json").unlink()
    async with opened(samples.discarded()) as (app, pilot):
        inspector = app._inspector
        assert isinstance(inspector, Glancer)
        assert "q quit" in footer(app)
        await pilot.press("enter")
        await until(pilot, lambda: "dense_1" in shown(app))
        assert "q leave" in footer(app)
        await pilot.press("2", "escape")
        assert is_at(app, LookScreen), "escape goes to the layers first"
        await pilot.press(key)
        assert is_at(app, StartScreen)
        # A look in progress ends with its screen.
        inspector.gate = asyncio.Event()
        await pilot.press("down", "enter")
        await until(pilot, lambda: inspector.looking == 1)
        await pilot.press("q")
        assert is_at(app, StartScreen)
        await until(pilot, lambda: inspector.looking == 0)
        inspector.gate = None
        await pilot.press("enter")
        await until(pilot, lambda: "looked in" in said(app.screen))
        await pilot.press("ctrl+q")
    assert app.return_code == 0
    assert [target.path for target in inspector.targets] == ["book.ipynb", "net.keras", "net.keras"]


async def test_with_runs_they_are_listed_and_files_are_one_key_away(models: Path, samples: Any) -> None:
    create_run(SPEC, models / "runs", run_id="20231114-230000-train")
    async with opened(samples.discarded()) as (app, pilot):
        assert is_at(app, RunsScreen)
        await until(pilot, lambda: "20231114-230000-train" in shown(app))
        await pilot.press("f")
        assert is_at(app, StartScreen)
        await pilot.press("L", "escape")
        assert is_at(app, RunsScreen), "there is one way to the runs: back"


async def test_nothing_at_all_says_what_to_do(here: Path, samples: Any) -> None:
    async with opened(samples.discarded()) as (app, pilot):
        text = " ".join(shown(app).split())
        assert "Nothing here looks as if it held a Keras model" in text
        assert "`kerascope PATH` opens a file somewhere else" in text
        assert "enter open" not in text
        await pilot.press("enter", "n")
        (here / "new.py").write_text("import keras\n")
        await pilot.press("r")
        await until(pilot, lambda: "new.py" in shown(app))
        await pilot.press("L")
        assert is_at(app, RunsScreen)
        await until(pilot, lambda: "There are no runs in runs yet." in shown(app))
        await pilot.press("q")
        assert is_at(app, StartScreen)
        await pilot.press("ctrl+c")
        assert said(app.screen) == "q leaves"
        await pilot.press("q")
        assert app.return_code == 0


async def test_the_runs_are_one_key_from_a_model(stage: Any, samples: Any, here: Path) -> None:
    create_run(SPEC, here / "runs", run_id="20231114-230000-train")
    async with stage(samples.discarded(), desk=Desk(LocalRuns(), Nobody(), Settings())) as s:
        await s.press("L")
        await s.until(lambda: "20231114-230000-train" in s.text())
        await s.press("escape")
        assert s.app.screen is s.screen


async def test_help_and_palette_of_the_start(models: Path, samples: Any) -> None:
    (models / "runs" / "20231114-221320-train" / "run.json").unlink()
    async with opened(samples.discarded()) as (app, pilot):
        screen: Any = app.screen
        assert "open (enter)" in [command.title for command in screen.palette_commands()]
        await pilot.press("question_mark")
        assert is_at(app, HelpScreen)
        assert "Nothing was executed to find them" in " ".join(shown(app).split())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_goldens(models: Path, samples: Any, golden: Any, size: tuple[int, int]) -> None:
    (models / "runs" / "20231114-221320-train" / "run.json").unlink()
    os.utime(models / "saved", (CHANGED, CHANGED))
    async with opened(samples.discarded(), size=size) as (app, _pilot):
        lines = shown(app).split("\n")
        assert lines[0].startswith(" kerascope /")
        golden(f"start-{size[0]}x{size[1]}", "\n".join(lines[1:]))


async def test_golden_plain(here: Path, samples: Any, golden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(samples.discarded(), ascii_only=True) as (app, _pilot):
        text = shown(app)
        assert text.isascii()
        golden("start-plain", text.partition("\n")[2])


# On leaving


def test_what_goes_on_is_said_once_the_screen_is_left(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, samples: Any
) -> None:
    directory = create_run(SPEC, here / "runs", run_id="20231114-230000-train")
    inspector = Glancer(samples.discarded())

    async def left_at_once(self: KerascopeApp, **_: Any) -> None:
        assert self._desk is not None
        self._desk.visit(directory)
        self._desk.visit(directory)

    monkeypatch.setattr(KerascopeApp, "run_async", left_at_once)
    monkeypatch.setattr(app_package, "prepare_environment", lambda: None)
    assert run_app(inspector, None, trainer=Nobody(), settings=Settings(runs_dir="runs")) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "kerascope: the run 20231114-230000-train goes on; `kerascope runs follow 20231114-230000-train "
        "--runs-dir runs` follows it\n"
    )
    assert inspector.closed


def test_of_what_has_ended_nothing_is_said(here: Path) -> None:
    desk = Desk(LocalRuns(), Nobody(), Settings())
    desk.visit(here / "runs" / "gone")
    assert list(desk.farewells()) == []


async def test_resuming_asks_the_trainer_and_words_what_keeps_it(here: Path) -> None:
    run = read_run(create_run(SPEC, here / "runs", run_id="20231114-230000-train"))
    assert await LocalRuns(Nobody()).resume(run) is run
    with pytest.raises(NotResumableError, match="no Keras there"):
        await LocalRuns(Nobody(RuntimeError("no Keras there"))).resume(run)
    with pytest.raises(OSError, match="full"):
        await LocalRuns(Nobody(OSError("full"))).resume(run)
    with pytest.raises(NotResumableError, match="kerascope runs resume 20231114-230000-train"):
        await LocalRuns().resume(replace(run))


def test_settings_know_the_directory_of_runs(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().runs == here / "runs"
    assert Settings(runs_dir="elsewhere").runs == here / "elsewhere"
    monkeypatch.setenv("KERASCOPE_RUNS", "/data/runs")
    assert Settings().runs == Path("/data/runs")
