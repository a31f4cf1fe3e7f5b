"""The screen on all runs: what it lists, how it keeps up, and what its keys do."""

from __future__ import annotations

import json
import math
import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.app._desk import Desk
from kerascope.app._local_runs import LocalRuns
from kerascope.app._marks import marks_for
from kerascope.app._runs_rows import fit_run_columns, run_cells, sparkline, tail_of
from kerascope.app._settings import Settings
from kerascope.app.app import KerascopeApp
from kerascope.app.screens import runs as runs_screen
from kerascope.app.screens.ask import AskScreen
from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.overlay import OverlayScreen
from kerascope.app.screens.run import RunScreen
from kerascope.app.screens.runs import RunsScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.curves import Curves
from kerascope.app.widgets.runs_table import RunsTable
from kerascope.runs import Run, StopStep, TrainSpec, create_run, describe_run, read_run
from kerascope.runs._layout import read_json, write_json
from kerascope.runs._metrics import read_losses
from kerascope.runs._source import keep_program, kept_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

NOW = 1_700_000_000.0
MARKS = marks_for(False)


class FakeRuns(LocalRuns):
    """Reads real directories, and only takes note of what is asked of runs."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped: list[tuple[str, StopStep | None]] = []
        self.resumed: list[str] = []

    def stop(self, run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
        before = sum(each == run.id for each, _ in self.stopped)
        self.stopped.append((run.id, step))
        return step or (StopStep.TERM if before else StopStep.REQUEST), f"{run.id} was asked"

    async def resume(self, run: Run) -> Run:
        self.resumed.append(run.id)
        return run


class Nobody:
    """Starts nothing."""

    async def start(self, spec: TrainSpec, text: str | None = None) -> Run:
        raise NotImplementedError("no test here asks for this")

    async def resume(self, run: Run) -> Run:
        raise NotImplementedError("no test here asks for this")


def make(
    runs: Path,
    run_id: str,
    status: str = "finished",
    *,
    epochs: int = 10,
    age: float = 0.0,
    alive: bool = False,
    **facts: Any,
) -> Path:
    """The directory of a run as a training leaves it; an alive one has this process."""
    directory = create_run(TrainSpec(path="/home/ada/train.py", shown="train.py"), runs, run_id=run_id)
    started = NOW - age
    known = {
        "status": status,
        "started": started,
        "ended": None if alive else started + 61,
        "epochs": 10,
        "epochs_done": epochs,
        "model": {"name": "net"},
        "best": {"metric": "val_loss", "value": 0.25, "epoch": epochs} if epochs else None,
        "process": {"pid": os.getpid(), "start": None} if alive else {"pid": 2**22 + 1, "start": 1},
        **facts,
    }
    write_json(directory / "run.json", {**read_json(directory / "run.json"), **known})
    grow(directory, epochs)
    return directory


def grow(directory: Path, epochs: int, *, offset: float = 0.0) -> None:
    """Write the metrics of so many epochs."""
    rows = [f"{n},{1 - math.exp(-n)},{math.exp(-n / 3) + offset}" for n in range(epochs)]
    (directory / "metrics.csv").write_text("\n".join(["epoch,accuracy,loss", *rows]) + "\n")


def stay(directory: Path, **facts: Any) -> None:
    """Change facts of a run."""
    write_json(directory / "run.json", {**read_json(directory / "run.json"), **facts})


class Stage:
    """The running app, and what to ask of it."""

    def __init__(self, app: KerascopeApp, pilot: Pilot[Any], runs: FakeRuns, desk: Desk) -> None:
        self.app = app
        self.pilot = pilot
        self.runs = runs
        self.desk = desk

    @property
    def table(self) -> RunsTable:
        return self.app.screen.query_one(RunsTable)

    @property
    def said(self) -> str:
        return self.app.screen.query_one(StatusBar).text

    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Any, seconds: float = 8.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "that did not happen in time"
            await self.pilot.pause(0.02)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of runs; the clock and the terminal are frozen."""
    for variable in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY", "TEXTUAL_THEME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    class Frozen:
        @staticmethod
        def time() -> float:
            return NOW + 3600

    monkeypatch.setattr(runs_screen, "time", Frozen)
    monkeypatch.setattr(runs_screen, "SCAN_SECONDS", 0.05)
    monkeypatch.setattr(runs_screen, "_REST", 1)
    return tmp_path / "runs"


@pytest.fixture
def no_directory(here: Path) -> Path:
    """A file in the place of the directory of runs."""
    here.write_text("a file")
    return here


@asynccontextmanager
async def opened(
    here: Path, *, size: tuple[int, int] = (80, 24), ascii_only: bool = False, count: int | None = None
) -> AsyncIterator[Stage]:
    runs = FakeRuns()
    desk = Desk(runs, Nobody(), Settings(runs_dir=str(here)))
    app = KerascopeApp(
        None, None, ascii_only=ascii_only, first=lambda marks: RunsScreen(desk, marks, files=None), desk=desk
    )
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot, runs, desk)
        await stage.until(lambda: "reading" not in stage.table.empty)
        if count is not None:
            await stage.until(lambda: len(stage.table.runs) == count and not stage.table.wanted())
        await pilot.pause()
        yield stage


@pytest.fixture
def several(here: Path) -> Path:
    """Runs in every state."""
    make(here, "20231114-221320-train", "running", epochs=4, alive=True)
    make(here, "20231114-201320-train", epochs=10, age=7200, best={"metric": "val_loss", "value": 0.1})
    error = {"sentence": "the loss is not finite", "path": "/home/ada/train.py", "line": 61}
    make(here, "20231114-181320-spirals", "failed", epochs=2, age=14400, error=error, exit=1)
    make(here, "20231113-221320-spirals", "stopped", epochs=7, age=86400)
    make(here, "20231112-221320-spirals", "running", epochs=0, age=2 * 86400)
    described = read_run(here / "20231114-201320-train")
    describe_run(described, name="baseline", note="the old learning rate")
    return here


# The list


async def test_what_is_alive_comes_first_then_the_youngest(several: Path) -> None:
    async with opened(several, count=5) as s:
        assert [run.status.value for run in s.table.runs] == ["running", "finished", "failed", "stopped", "vanished"]
        assert "5 runs, 1 alive" in s.text()
        row = next(line for line in s.text().split("\n") if "baseline" in line)
        assert "✓ finished" in row
        assert "10/10" in row
        assert "val_loss 0.1" in row
        assert "1:01" in row
        assert row.rstrip().endswith("█▄▂▁▁"), "in the room that whole ids leave"


async def test_below_stands_what_there_is_to_say_about_the_selected_run(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("j")
        assert "20231114-201320-train · train.py · net" in s.text()
        assert "note: the old learning rate" in s.text()
        await s.press("j")
        assert "the loss is not finite (train.py line 61)" in s.text()


async def test_the_list_keeps_itself_up_to_date_and_its_selection(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("j", "space")
        assert s.table.selected is not None
        selected = s.table.selected.id
        make(several, "20231114-230000-new", epochs=1, age=-100)
        await s.until(lambda: len(s.table.runs) == 6)
        assert s.table.selected.id == selected, "the same run is selected, though its row is another one"
        stay(several / "20231114-221320-train", epochs_done=5)
        await s.until(lambda: "5/10" in s.text())
        assert len(s.table.chosen) == 1


async def test_nothing_is_painted_while_nothing_changes(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(several, count=5) as s:
        scans: list[int] = []
        painted: list[Any] = []
        screen = s.app.screen
        assert isinstance(screen, RunsScreen)
        scan = screen._list.scan

        def counted() -> Any:
            scans.append(1)
            return scan()

        monkeypatch.setattr(screen._list, "scan", counted)
        monkeypatch.setattr(s.table, "refresh", lambda *regions, **_: painted.append(regions))
        await s.until(lambda: len(scans) > 3)
        assert not painted
        stay(several / "20231114-221320-train", epochs_done=6)
        await s.until(lambda: bool(painted))
        assert all(len(regions) == 1 and regions[0].height == 1 for regions in painted), "only the row that changed"


async def test_losses_are_read_for_the_rows_in_sight_only(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        make(here, f"run-{number:02}", age=number, epochs=3)
    read: list[str] = []
    real = read_losses

    def counting(directory: Path) -> tuple[float, ...]:
        read.append(directory.name)
        return real(directory)

    monkeypatch.setattr(runs_screen, "read_losses", counting)
    async with opened(here, count=60) as s:
        assert len(read) < 30
        assert "run-00" in read
        assert "run-59" not in read
        await s.press("G")
        await s.until(lambda: "run-59" in read and not s.table.wanted())
        assert "█" in next(line for line in s.text().split("\n") if "run-59" in line)
        assert len(read) == len(set(read)), "nothing is read twice while it is as it was"


async def test_a_thousand_runs_are_listed(here: Path) -> None:
    for number in range(1000):
        make(here, f"run-{number:04}", age=number, epochs=0)
    async with opened(here, count=1000) as s:
        assert "1,000 runs" in s.text()
        await s.press("G")
        assert s.table.selected is not None
        assert s.table.selected.id == "run-0999"
        await s.press("slash", *"0500", "enter")
        assert s.table.selected.id == "run-0500"


async def test_without_runs_it_says_how_one_is_started(here: Path) -> None:
    async with opened(here) as s:
        assert "There are no runs in" in s.text()
        assert "t on a model's screen starts one, and so does `kerascope train PATH`." in s.text()
        assert "space mark" not in s.text()
        await s.press("enter", "s", "R", "D", "e", "a", "o", "space", "n")
        assert isinstance(s.app.screen, RunsScreen)
        make(here, "20231114-230000-first")
        await s.until(lambda: "20231114-230000-first" in s.text())


async def test_a_directory_that_cannot_be_read_says_so(no_directory: Path) -> None:
    async with opened(no_directory) as s:
        await s.until(lambda: "cannot be read: Not a directory" in " ".join(s.text().split()))


# What the keys do


async def test_enter_opens_and_q_comes_back(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("enter")
        assert isinstance(s.app.screen, RunScreen)
        await s.press("q")
        await s.until(lambda: isinstance(s.app.screen, RunsScreen))
        assert "20231114-221320-train goes on" in s.said
        [sentence] = s.desk.farewells()
        assert sentence.startswith("the run 20231114-221320-train goes on")
        await s.press("q")
        assert s.app.return_code == 0


async def test_stopping_grows_harder_for_one_run_only(several: Path) -> None:
    make(several, "20231114-220000-other", "running", epochs=1, age=10, alive=True)
    async with opened(several, count=6) as s:
        await s.press("s")
        await s.until(lambda: len(s.runs.stopped) == 1)
        await s.press("s")
        await s.until(lambda: len(s.runs.stopped) == 2 and "SIGKILL" in s.said)
        # Another run was asked nothing yet.
        await s.press("j", "s")
        await s.until(lambda: len(s.runs.stopped) == 3)
        assert isinstance(s.app.screen, RunsScreen)
        assert s.runs.stopped == [
            ("20231114-221320-train", None),
            ("20231114-221320-train", None),
            ("20231114-220000-other", None),
        ]


async def test_a_run_without_epochs_shows_its_steps(tmp_path: Path) -> None:
    directory = make(tmp_path, "20231114-221320-gan", epochs=0)
    stay(directory, epochs=None, steps_done=12_345, metrics={"loss": 0.5})
    (directory / "metrics.csv").unlink()
    batch = {"event": "batch", "fit": 1, "epoch": 1}
    records = [{**batch, "time": NOW, "batch": n, "step": n, "metrics": {"loss": -n}} for n in range(1, 9)]
    (directory / "events.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    async with opened(tmp_path, count=1) as s:
        assert "12,345 steps" in s.text()
        await s.until(lambda: "█▇▆▅▄▃▂▁" in s.text())
        await s.pilot.resize_terminal(67, 24)
        await s.until(lambda: "20231114-221320-gan" in s.text() and "█▆▅▃▁" in s.text())


async def test_what_is_alive_can_be_stopped_what_ended_resumed(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("R")
        assert not s.runs.resumed
        assert "s stop" in s.text()
        await s.press("j", "R", "s")
        assert not s.runs.resumed, "it went to its end"
        assert not s.runs.stopped
        await s.press("j", "R")
        # Nothing of it was kept: all its epochs are trained again, and that is asked first.
        await s.until(lambda: isinstance(s.app.screen, ConfirmScreen))
        assert "begins again from epoch 1" in s.text()
        await s.press("escape")
        assert not s.runs.resumed
        state = several / "20231114-181320-spirals" / "backup" / "fit-001" / "epoch-0003" / "state.json"
        state.parent.mkdir(parents=True)
        state.write_text('{"run_epoch": 3}')
        (several / "20231114-181320-spirals" / "events.jsonl").touch()
        await s.press("R")
        await s.until(lambda: s.runs.resumed == ["20231114-181320-spirals"])


async def test_it_is_asked_whether_to_go_on_with_a_program_that_has_changed_since(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text("print(2)\n")
    directory = make(tmp_path, "20231114-181320-crashed", "failed", epochs=0)
    spec = TrainSpec(path=str(program), shown="train.py")
    stay(directory, spec=spec.to_json())
    keep_program(kept_program(directory, spec), "print(1)\n")
    async with opened(tmp_path, count=1) as s:
        await s.press("R")
        await s.until(lambda: isinstance(s.app.screen, ConfirmScreen))
        said = " ".join(s.text().replace("│", " ").split())
        assert "train.py has changed since the run began" in said
        assert "--new-source" in said
        await s.press("y")
        await s.until(lambda: s.runs.resumed == [directory.name])


async def test_a_run_is_given_a_name_and_a_note(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("e")
        assert isinstance(s.app.screen, AskScreen)
        await s.press(*"fast", "enter")
        await s.until(lambda: "fast" in s.text())
        await s.press("a", *"see", "enter")
        await s.until(lambda: "note: see" in s.text())
        run = read_run(several / "20231114-221320-train")
        assert (run.name, run.note) == ("fast", "see")
        await s.press("e", *["backspace"] * 4, "enter")
        await s.until(lambda: read_run(run.directory).name is None)
        assert "has no name now" in s.said


async def test_deleting_is_confirmed_and_never_done_to_what_is_alive(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("D")
        assert "is running; s stops it, then it can be deleted" in s.said
        await s.press("j", "D")
        assert isinstance(s.app.screen, ConfirmScreen)
        assert "baseline is deleted with everything in" in s.text()
        await s.press("enter", "escape")
        assert s.said == "nothing was deleted"
        assert (several / "20231114-201320-train").exists()
        await s.press("D", "y")
        await s.until(lambda: len(s.table.runs) == 4)
        assert not (several / "20231114-201320-train").exists()


async def test_marked_runs_are_plotted_in_one_frame(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("space", "o")
        assert "1 run marked: space marks the runs to plot, two or more" in s.said
        await s.press("space", "o")
        screen = s.app.screen
        assert isinstance(screen, OverlayScreen)
        curves = screen.query_one(Curves)
        await s.until(lambda: bool(curves.view.curves))
        assert curves.metric == "loss"
        assert [curve.label for curve in curves.view.curves["loss"]] == ["20231114-221320-train", "baseline"]
        assert "baseline" in s.text()
        # The one that is alive goes on growing.
        grow(several / "20231114-221320-train", 9)
        await s.until(lambda: curves.view.curves["loss"][0].points.span == (1, 9))
        await s.press("question_mark")
        assert isinstance(s.app.screen, HelpScreen)
        await s.press("escape", "escape")
        assert isinstance(s.app.screen, RunsScreen)
        assert len(s.table.chosen) == 2


async def test_runs_without_epochs_leave_the_plot_empty(here: Path) -> None:
    make(here, "a", epochs=0)
    make(here, "b", epochs=0, age=1)
    async with opened(here, count=2) as s:
        await s.press("space", "space", "o")
        await s.until(lambda: "none of these runs has completed an epoch" in s.text())


async def test_search_goes_through_ids_names_and_notes(several: Path) -> None:
    async with opened(several, count=5) as s:
        await s.press("n")
        assert s.said == "nothing to search for yet: / asks for a text"
        await s.press("slash", *"spirals", "enter")
        assert s.said == "match 1 of 3 for 'spirals' · n next, N previous"
        await s.press("n", "n", "n")
        assert s.said.startswith("match 1 of 3")
        await s.press("slash", *"learning", "enter")
        assert s.table.selected is not None
        assert s.table.selected.name == "baseline"
        await s.press("slash", *"nowhere", "enter")
        assert s.said == "no run contains 'nowhere'"
        await s.press("slash", "escape")
        assert s.table.has_focus


async def test_help_explains_words_and_keys(several: Path) -> None:
    async with opened(several, count=5, size=(120, 40)) as s:
        await s.press("question_mark")
        assert "its process is gone, and nobody saw how" in s.text()
        assert "Plot the marked runs in one frame" in s.text()


async def test_the_palette_lists_what_can_be_done(several: Path) -> None:
    async with opened(several, count=5) as s:
        screen = s.app.screen
        assert isinstance(screen, RunsScreen)
        labels = [command.title for command in screen.palette_commands()]
        assert "stop (s)" in labels
        assert "resume (R)" not in labels


# How it looks


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
async def test_goldens(several: Path, golden: Any, size: tuple[int, int]) -> None:
    async with opened(several, count=5, size=size) as s:
        await s.press("space", "j")
        golden(f"runs-{size[0]}x{size[1]}", s.text())


async def test_golden_plain(several: Path, golden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(several, count=5, ascii_only=True) as s:
        await s.press("space", "j")
        text = s.text()
        assert text.isascii()
        golden("runs-plain", text)


async def test_a_small_window_says_so(several: Path) -> None:
    async with opened(several, count=5, size=(50, 12)) as s:
        assert "at least 60 columns and 15 lines" in " ".join(s.text().split())


def test_a_sparkline_goes_from_the_greatest_to_the_least() -> None:
    assert sparkline([8, 7, 6, 5, 4, 3, 2, 1], MARKS) == "█▇▆▅▄▃▂▁"
    assert sparkline([1.0], MARKS) == "▄"
    assert sparkline([], MARKS) == ""
    assert sparkline([2, 1, math.nan], MARKS) == "█▁✗"
    assert sparkline([math.nan, math.inf], MARKS) == "✗✗"
    assert sparkline(range(1000), MARKS, 4) == "▁▃▆█"


def test_a_long_id_keeps_its_end() -> None:
    cut = tail_of("20231114-221320-train", 14, MARKS)
    assert (cut[0], len(cut), cut[1:]) == ("…", 14, "-221320-train")
    assert tail_of("short", 14, MARKS) == "short"


def test_columns_never_need_more_than_there_is(several: Path) -> None:
    rows = [run_cells(read_run(directory), NOW, MARKS) for directory in several.iterdir()]
    for width in (74, 78, 100, 150, 250):
        assert fit_run_columns(rows, width).width <= width
    assert [column.key for column in fit_run_columns(rows, 250).columns][-3:] == ["model", "source", "note"]


def test_a_name_is_cut_last() -> None:
    cells = {"status": "finished", "epochs": "60/60", "best": "val_loss 0.7175", "time": "12:34", "when": "12:34"}
    row = {**cells, "name": "20231114-221320-factory", "model": "", "source": "", "note": ""}
    columns = fit_run_columns([row], 80)
    assert columns.width <= 80
    widths = {column.key: column.width for column in columns.columns}
    assert (widths["name"], widths["best"], widths["loss"]) == (23, 15, 5)
    longer = fit_run_columns([{**row, "best": "val_mean_absolute_percentage_error 1"}], 80)
    assert {column.key: column.width for column in longer.columns}["best"] == 17, "that of a metric goes before"
