"""The screen on one run: what it shows, what its keys do, and how it follows a directory."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual.app import App

from kerascope.app._epoch_rows import ordered
from kerascope.app._following import RunFollower
from kerascope.app._local_runs import LocalRuns
from kerascope.app._marks import marks_for
from kerascope.app._run_state import Position, RunSnapshot
from kerascope.app._run_words import duration, measured, number_text, position_words, state_words
from kerascope.app._words import counted
from kerascope.app.app import KerascopeApp
from kerascope.app.screens import run
from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.run import RunScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.curves import Curves
from kerascope.app.widgets.epochs_table import EpochsTable
from kerascope.runs import (
    NotResumableError,
    ResumePoint,
    RunError,
    RunStatus,
    StopError,
    StopStep,
    TrainSpec,
    _history,
    create_run,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from textual.pilot import Pilot

    from kerascope.app._log_source import LogSource
    from kerascope.runs import Run

STYLES = ("screens/run.tcss", "widgets/log_view.tcss")


class FakeFollower:
    """Tells what it is given."""

    more = False

    def __init__(self, first: RunSnapshot) -> None:
        self.waiting: RunSnapshot | None = first
        self.shown: RunSnapshot | None = None

    async def advance(self) -> bool:
        return self.waiting is not None

    def snapshot(self) -> RunSnapshot | None:
        self.shown, self.waiting = self.waiting or self.shown, None
        return self.shown


class FakeRuns:
    """Notes what is asked of a run."""

    def __init__(self, first: RunSnapshot) -> None:
        self.follower = FakeFollower(first)
        self.asked: list[StopStep | None] = []
        self.refusal: Exception | None = None
        self.resumed = 0
        self.kept = 4

    def read(self, directory: Path) -> Run:
        raise NotImplementedError("no test here asks for this")

    def list(self, runs: Path) -> Sequence[Run]:
        raise NotImplementedError("no test here asks for this")

    def follow(self, directory: Path) -> FakeFollower:
        return self.follower

    def log(self, directory: Path) -> LogSource | None:
        return None

    def stop(self, run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(step)
        done = step or (StopStep.REQUEST if len(self.asked) == 1 else StopStep.TERM)
        return done, f"{done.value} was sent to {run.id}"

    def resume_point(self, run: Run) -> ResumePoint:
        goes_on = f"{run.id} goes on after epoch {self.kept}" if self.kept else f"{run.id} begins again"
        return ResumePoint(epoch=self.kept, sentence=goes_on, lost=not self.kept)

    async def resume(self, run: Run) -> Run:
        if self.refusal is not None:
            raise self.refusal
        self.resumed += 1
        return replace(run, attempt=2)


class RunStage:
    """One running app with its pilot."""

    def __init__(self, app: App[Any], pilot: Pilot[Any], runs: FakeRuns) -> None:
        self.app = app
        self.pilot = pilot
        self.runs = runs

    @property
    def screen(self) -> RunScreen:
        assert isinstance(self.app.screen, RunScreen)
        return self.app.screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def tell(self, snapshot: RunSnapshot) -> None:
        self.runs.follower.waiting = snapshot
        await self.until(lambda: self.screen.snapshot is snapshot)
        await self.pilot.pause()

    async def until(self, condition: Any, seconds: float = 8.0) -> None:
        for _ in range(int(seconds / 0.02)):
            if condition():
                return
            await self.pilot.pause(0.02)
        raise AssertionError("that did not happen in time")

    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()) + "\n"

    def status(self) -> str:
        return self.screen.query_one(StatusBar).text


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as often as the test looks."""
    monkeypatch.setattr(run, "_LIVE_SECONDS", 0.01)
    monkeypatch.setattr(run, "_ENDED_SECONDS", 0.01)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of runs made by hand."""
    from importlib.util import module_from_spec, spec_from_file_location

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    spec = spec_from_file_location("kerascope_app_run_samples", "/".join((*__file__.split("/")[:-1], "run_samples.py")))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    monkeypatch.undo()
    time.tzset()


@asynccontextmanager
async def run_stage(
    first: RunSnapshot, *, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> AsyncIterator[RunStage]:
    runs = FakeRuns(first)
    app = KerascopeApp(
        None,
        None,
        ascii_only=ascii_only,
        first=lambda marks: RunScreen(runs, first.run.directory, marks),
        styles=STYLES,
    )
    async with app.run_test(size=size) as pilot:
        stage = RunStage(app, pilot, runs)
        await stage.until(lambda: stage.screen.snapshot is first)
        await pilot.pause()
        yield stage


# What is shown


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("state", ["finished", "running", "failed", "starting"])
async def test_goldens(state: str, size: tuple[int, int], made: Any, golden: Any) -> None:
    async with run_stage(getattr(made, state)(), size=size) as s:
        golden(f"run-{state}-{size[0]}x{size[1]}", s.text())


async def test_golden_without_colours_and_in_ascii(made: Any, golden: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for state in ("running", "failed"):
        async with run_stage(getattr(made, state)(), size=(80, 24), ascii_only=True) as s:
            text = s.text()
            assert text.isascii()
            golden(f"run-{state}-plain", text)


async def test_the_sentence_comes_first_of_a_run_that_failed(made: Any) -> None:
    async with run_stage(made.failed()) as s:
        flat = " ".join(s.text().split())
        assert "✗ failed after 2:21, exit 1" in flat
        assert f"✗ {made.SENTENCE} (spirals.py line 31, layer dense_1). e shows it in the log." in flat


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "waiting for its process to start"),
        ({"pid": 4242}, "waiting for Keras to be imported"),
    ],
)
async def test_what_is_waited_for_is_said(changes: dict[str, Any], words: str, made: Any) -> None:
    snapshot = made.starting()
    async with run_stage(replace(snapshot, run=replace(snapshot.run, **changes))) as s:
        assert words in s.text()
        assert "… starting for 0:03" in s.text()


async def test_lines_come_when_they_have_something_to_say(made: Any) -> None:
    async with run_stage(made.starting()) as s:
        assert "no GPU" not in s.text()
        assert "run ░" not in s.text()
        await s.tell(made.running())
        assert "CPU 143 % · memory 1.2 GB" in s.text()
        assert "45 %" in next(line for line in s.text().split("\n") if line.startswith(" epoch ███"))
        await s.tell(made.finished())
        assert "no GPU" not in s.text()


async def test_a_run_without_a_fit_call_says_so(made: Any) -> None:
    bare = made.run(epochs_done=0, epochs=None)
    async with run_stage(made.snapshot(bare, [], fits=())) as s:
        assert s.text().count("it ended before anything was trained: no fit call was reached") == 2


async def test_every_ending_has_its_word(made: Any) -> None:
    vanished = RunError(sentence="the machine was restarted while it ran, so nobody saw how it ended")
    killed = RunError(sentence="killed by signal 9, probably out of memory")
    cases = [
        (made.run(RunStatus.STOPPED), "■ stopped after 2:21"),
        (made.run(RunStatus.KILLED, exit=-9, error=killed), "✗ killed after 2:21 by signal 9 (SIGKILL)"),
        (made.run(RunStatus.VANISHED, ended=None, exit=None, error=vanished), "? vanished"),
    ]
    async with run_stage(made.finished()) as s:
        for ended, words in cases:
            await s.tell(made.snapshot(ended, made.rows(4)))
            assert words in s.text()
            if ended.error is not None:
                assert ended.error.sentence in " ".join(s.text().split())


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 15), (120, 40)])
async def test_the_place_of_an_error_is_seen_however_long_it_is(made: Any, width: int, height: int) -> None:
    error = RunError(sentence="too long " * 50, path="/a/train.py", line=9, layer="mix", traceback="Traceback")
    async with run_stage(made.snapshot(made.run(RunStatus.FAILED, error=error), []), size=(width, height)) as s:
        flat = " ".join(s.text().split())
        assert "✗ too long too long" in flat
        assert "… (train.py line 9, layer mix). e shows it in the log. [1 Overview]" in flat
        await s.pilot.resize_terminal(100, 30)
        await s.pilot.pause()
        assert "… (train.py line 9, layer mix). e shows it in the log. [1 Overview]" in " ".join(s.text().split())


async def test_warnings_are_seen_and_listed(made: Any) -> None:
    warnings = ("the checkpoint of epoch 3 could not be written: no space left", "loss is NaN from epoch 7 on")
    running = made.running()
    # One of them is in run.json alone.
    run = replace(running.run, warnings=(warnings[1], "the records could not be written"))
    async with run_stage(replace(running, run=run, warnings=warnings)) as s:
        assert "! loss is NaN from epoch 7 on (2 warnings, 5 lists them)" in s.text()
        await s.press("5", "G")
        listed = " ".join(s.text().split())
        assert "the checkpoint of epoch 3 could not be written: no space left" in listed
        assert listed.count("loss is NaN from epoch 7 on") == 2, "above, and once in the list"
        assert "3 the records could not be written" in listed


async def test_nan_stands_in_the_table_as_a_word(made: Any) -> None:
    async with run_stage(made.snapshot(made.run(), made.rows(10, nan_from=7))) as s:
        await s.press("3")
        lines = s.text().split("\n")
        assert "NaN" in next(line for line in lines if line.lstrip().startswith("7 "))
        assert "6 best" in s.text(), "NaN is not the best"


async def test_twenty_metrics_are_reached_sideways(made: Any) -> None:
    names = ["loss", *(f"head_{number}_categorical_accuracy" for number in range(9))]
    async with run_stage(made.snapshot(made.run(), made.rows(10, names=names))) as s:
        assert "loss  [ 1/10 ]" in s.text()
        await s.press("3")
        assert "head_8" not in s.text()
        assert head_of(s).endswith("→")
        await s.press(*["l"] * 50)
        assert "head_8" in head_of(s)
        assert head_of(s)[:14] == "  epoch      ←"
        assert not head_of(s).endswith("→")
        assert "    10 best" in s.text(), "the epoch stays"


def head_of(stage: RunStage) -> str:
    """The headings of the epochs."""
    return next(line for line in stage.text().split("\n") if line.startswith("  epoch"))


async def test_no_number_is_shown_in_part(made: Any) -> None:
    names = ["loss", "accuracy", "precision"]
    rows = made.rows(10, names=names)
    async with run_stage(made.snapshot(made.run(), rows)) as s:
        await s.press("3")
        known = {number_text(value) for row in rows for value in row.metrics.values()} | {"0.001", "12.5", "10"}
        for _ in range(6):
            line = next(line for line in s.text().split("\n") if "10 best" in line)
            shown = [word for word in line.split() if word[0].isdigit()]
            assert known.issuperset(shown), line
            await s.press("l")


async def test_no_number_lies_under_the_scroll_bar(made: Any) -> None:
    rows = made.rows(60)
    async with run_stage(made.snapshot(made.run(), rows), size=(74, 24)) as s:
        await s.press("3")
        assert "lr" not in head_of(s)
        assert head_of(s)[72] == "→"
        line = next(line for line in s.text().split("\n") if line.startswith("▸"))
        assert line.split()[-1] == "s", "0.001 is left out, and not shown as 0.00"


@pytest.mark.parametrize(("width", "whole"), [(80, True), (79, True), (74, True), (73, False)])
async def test_epochs_stand_closer_where_all_columns_fit_so(made: Any, width: int, whole: bool) -> None:
    async with run_stage(made.snapshot(made.run(), made.rows(3)), size=(width, 24)) as s:
        await s.press("3")
        assert ("lr" in head_of(s).split()[-1], head_of(s).endswith("→")) == (whole, not whole)


async def test_a_hundred_thousand_epochs(made: Any) -> None:
    row = made.rows(1)[0]
    rows = [replace(row, epoch=number) for number in range(1, 100_001)]
    async with run_stage(made.snapshot(made.run(epochs=100_000, epochs_done=100_000), rows)) as s:
        await s.press("3")
        assert "100,000" in s.text().split("\n")[-4]
        await s.press("g")
        assert s.screen.query_one(EpochsTable).cursor == 0
        await s.press("G", "k")
        assert s.screen.query_one(EpochsTable).selected is rows[-2]


async def test_the_selected_epoch_stays_when_those_before_it_have_been_read(made: Any) -> None:
    rows = made.rows(10)
    first = made.snapshot(made.run(), rows[6:])
    async with run_stage(first) as s:
        table = s.screen.query_one(EpochsTable)
        await s.press("3", "k")
        assert table.selected is rows[8]
        await s.tell(replace(first, epochs=made.epochs_of(rows)))
        assert table.selected is rows[8]
        assert "9 0.2996" in " ".join(next(line for line in s.text().split("\n") if line.startswith("▸")).split())


async def test_the_table_follows_while_its_last_row_is_selected(made: Any) -> None:
    running = made.running()
    async with run_stage(running) as s:
        table = s.screen.query_one(EpochsTable)
        assert table.cursor == 3
        await s.tell(replace(running, epochs=made.epochs_of(made.rows(5))))
        assert table.cursor == 4
        await s.press("3", "k")
        await s.tell(replace(running, epochs=made.epochs_of(made.rows(6))))
        assert table.cursor == 3


async def test_curves_count_batches_until_there_are_epochs(made: Any) -> None:
    few = made.snapshot(made.run(RunStatus.RUNNING), made.rows(1), by_batch=made.batches(300))
    async with run_stage(few) as s:
        assert "over batches" in s.text()
        await s.press("x")
        assert "over epochs" in s.text()


async def test_nothing_is_drawn_when_nothing_changes(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    running = made.running()
    async with run_stage(running) as s:
        await s.tell(replace(running))
        drawn: list[object] = []
        display = s.app._display

        def noted(*what: Any) -> None:
            drawn.append(what)
            display(*what)

        monkeypatch.setattr(s.app, "_display", noted)
        await s.tell(replace(running))
        await s.pilot.pause()
        assert not drawn
        await s.tell(replace(running, now=running.now + 1))
        assert drawn


async def test_a_small_window_says_so(made: Any) -> None:
    async with run_stage(made.running(), size=(50, 12)) as s:
        assert "kerascope needs a window of at least 60 columns" in " ".join(s.text().split())
        await s.pilot.resize_terminal(80, 24)
        await s.pilot.pause()
        assert isinstance(s.screen.focused, Curves)


# What the keys do


async def test_stopping_goes_in_three_steps(made: Any) -> None:
    async with run_stage(made.running()) as s:
        await s.press("s")
        await s.until(lambda: s.runs.asked == [None])
        await s.until(lambda: s.status() == f"request was sent to {made.DIRECTORY.name}; s again sends SIGTERM")
        await s.press("s")
        await s.until(lambda: "s again asks whether to send SIGKILL" in s.status())
        await s.press("s")
        assert isinstance(s.app.screen, ConfirmScreen)
        assert "what was saved after the last whole epoch stays" in " ".join(s.text().replace("│", " ").split()).lower()
        await s.press("enter", "escape")
        assert s.runs.asked == [None, None]
        assert s.status() == "nothing was sent"
        await s.press("s", "y")
        await s.until(lambda: s.runs.asked == [None, None, StopStep.KILL])


async def test_what_was_said_of_a_run_that_runs_is_over_with_it(made: Any) -> None:
    running = made.running()
    async with run_stage(running) as s:
        s.screen._say(f"{running.run.id} stops after the batch that it is at, and saves model and state; s again kills")
        await s.pilot.pause()
        assert "saves model and state; s again kills" in " ".join(s.text().split()), "not cut"
        await s.tell(made.snapshot(made.run(RunStatus.STOPPED), made.rows(4)))
        assert s.status() == ""
        s.screen._say("it goes on")
        await s.tell(made.snapshot(made.run(RunStatus.STOPPED), made.rows(4)))
        assert s.status() == "it goes on", "said of one that has ended"


async def test_a_run_that_cannot_be_stopped_says_why(made: Any) -> None:
    async with run_stage(made.running()) as s:
        s.runs.refusal = StopError("it runs on gpu-8: a signal can only be sent there")
        await s.press("s")
        await s.until(lambda: s.status() == "it runs on gpu-8: a signal can only be sent there")


async def test_only_a_run_that_ended_early_is_resumed(made: Any) -> None:
    stopped = made.snapshot(made.run(RunStatus.STOPPED, epochs_done=4), made.rows(4))
    async with run_stage(made.finished()) as s:
        await s.press("R", "s")
        assert s.runs.resumed == 0
        assert s.runs.asked == []
        await s.tell(stopped)
        assert "R resume" in s.text()
        await s.press("R")
        await s.until(lambda: "goes on after epoch 4, attempt 2" in s.status())
        s.runs.refusal = NotResumableError("there is no backup in it")
        await s.press("R")
        await s.until(lambda: s.status() == "there is no backup in it")


async def test_leaving_says_that_the_run_goes_on(made: Any, capsys: pytest.CaptureFixture[str]) -> None:
    async with run_stage(made.running()) as s:
        await s.press("q")
        await s.until(lambda: not s.app.is_running)
    assert s.app.return_code == 0
    said = " ".join("".join(capsys.readouterr()).split())
    assert said == f"{made.DIRECTORY.name} goes on: kerascope runs follow {made.DIRECTORY}"


async def test_a_pushed_screen_answers_that_the_run_goes_on(made: Any) -> None:
    answers: list[str | None] = []

    class Below(App[None]):
        pass

    runs = FakeRuns(made.running())
    app = Below()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(RunScreen(runs, made.DIRECTORY, marks_for(False)), answers.append)
        await pilot.pause()
        s = RunStage(app, pilot, runs)
        await s.until(lambda: s.screen.snapshot is not None)
        await s.press("escape")
        assert answers == [f"{made.DIRECTORY.name} goes on: kerascope runs follow {made.DIRECTORY}"]


async def test_views_tabs_help_and_palette(made: Any) -> None:
    async with run_stage(made.finished()) as s:
        for key, word in (("2", "[2 Curves]"), ("3", "[3 Epochs]"), ("4", "[4 Log]"), ("5", "[5 Details]")):
            await s.press(key)
            assert word in s.text()
        await s.press("tab")
        assert "[1 Overview]" in s.text()
        await s.press("shift+tab")
        assert "[5 Details]" in s.text()
        assert "kerascope train" in s.text()
        names = [command.title for command in s.screen.palette_commands()]
        assert "log scale (L)" in names
        assert "stop (s)" not in names, "it has ended"
        assert "wrap (w)" not in names, "the log is not in sight"
        await s.press("4")
        assert "wrap (w)" in [command.title for command in s.screen.palette_commands()]
        await s.press("question_mark")
        assert isinstance(s.app.screen, HelpScreen)
        assert "follows one training run" in s.text()


async def test_copying_takes_what_is_in_the_pane(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with run_stage(made.finished()) as s:
        monkeypatch.setattr(s.app, "copy_to_clipboard", copied.append)
        await s.press("y")
        await s.until(lambda: len(copied) == 1)
        assert copied[0].startswith("kerascope train")
        await s.press("3", "k", "y")
        await s.until(lambda: len(copied) == 2)
        assert copied[1].startswith("epoch 9, loss 0.2996, val_loss 0.3895, ")


# Words


def test_the_loss_comes_first() -> None:
    assert ordered(("accuracy", "loss", "val_accuracy", "val_loss")) == ("loss", "val_loss", "accuracy", "val_accuracy")


def test_counts_are_said_in_words() -> None:
    assert [counted(*each) for each in ((1, "batch"), (2, "batch"), (1_000, "epoch"), (0, "more layer"))] == [
        "1 batch",
        "2 batches",
        "1,000 epochs",
        "0 more layers",
    ]


def test_durations() -> None:
    assert [duration(seconds) for seconds in (7, 754, 10_921, 183_600)] == ["0:07", "12:34", "3:02:01", "2 d 03:00"]
    assert [measured(seconds) for seconds in (0.00034, 0.0123, 1.24, 754)] == ["340 us", "12.3 ms", "1.2 s", "12:34"]


def test_time_left_is_that_of_the_last_epoch_and_of_batches_before() -> None:
    first = Position(epoch=1, epochs=10, batch=50, steps=100, step=50, step_seconds=0.1)
    assert first.run_left == pytest.approx(95)
    assert first.run_share == pytest.approx(0.05)
    later = replace(first, epoch=3, epoch_seconds=20)
    assert later.run_left == pytest.approx(150)
    assert replace(first, steps=None).run_left is None
    assert replace(first, epochs=None).run_share is None
    assert replace(first, epoch=10, between=True).run_left == 0


def test_a_silent_run_is_called_silent(made: Any) -> None:
    snapshot = replace(made.running(), last_event=made.STARTED, now=made.STARTED + 100)
    assert state_words(snapshot) == "for 1:40, silent for 1:40"


# Following a directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of a run whose process is taken to be on its way."""
    return create_run(TrainSpec(path="/p/spirals.py", shown="spirals.py", epochs=3), tmp_path / "runs")


async def advance(follower: RunFollower) -> RunSnapshot:
    """Read all there is."""
    await follower.advance()
    while follower.more:
        await follower.advance()
    await follower.advance()
    snapshot = follower.snapshot()
    assert snapshot is not None
    return snapshot


async def test_a_directory_is_followed_record_by_record(directory: Path, made: Any) -> None:
    events = directory / "events.jsonl"
    follower = RunFollower(directory)
    first = await advance(follower)
    assert first.run.status is RunStatus.STARTING
    assert first.position.epoch == 0
    events.write_bytes(
        made.event("start", keras="3.15.1", generation=3)
        + made.event("fit", fit=1, model="net", epochs=3, steps=10, batch_size=32)
        + b"".join(made.batch_event(step, at=step * 0.5, loss=1 / step) for step in range(1, 4))
    )
    second = await advance(follower)
    assert second.engine is not None
    assert (second.position.epoch, second.position.batch, second.position.steps) == (1, 3, 10)
    with events.open("ab") as file:
        file.write(made.batch_event(4, at=2.0, loss=0.25))
        file.flush()
        third = await advance(follower)
        assert third.position.step_seconds == pytest.approx(0.5)
        assert third.position.rate == pytest.approx(64)
        assert "batch 4/10" in position_words(third)
        whole = made.epoch_event(1, loss=0.5, val_loss=0.6)
        file.write(whole[:40])
        file.flush()
        assert len((await advance(follower)).epochs) == 0, "half a line is not written yet"
        file.write(whole[40:] + made.epoch_event(2, loss=0.4, val_loss=0.9))
        file.flush()
        fourth = await advance(follower)
    assert [row.epoch for row in fourth.epochs.rows] == [1, 2]
    assert fourth.epochs.best == 0
    assert fourth.position.between
    assert [curve.label for curve in fourth.by_batch.curves["loss"]] == ["train", "validation"]
    assert fourth.by_batch.curves["loss"][1].points.span == (10, 20)


async def test_a_resumed_run_takes_back_what_it_does_again(directory: Path, made: Any) -> None:
    events = directory / "events.jsonl"
    batches = b"".join(made.batch_event(step, loss=1 / step) for step in range(1, 26))
    events.write_bytes(
        made.event("fit", fit=1, model="net", epochs=3, steps=10)
        + batches
        + b"".join(made.epoch_event(number, loss=1.0, val_loss=1.0 / number) for number in (1, 2))
    )
    follower = RunFollower(directory)
    assert (await advance(follower)).by_batch.curves["loss"][1].points.span == (10, 20)
    with events.open("ab") as file:
        file.write(made.event("resume", attempt=2, from_epoch=1))
        file.write(made.epoch_event(2, loss=0.9, val_loss=0.1))
    snapshot = await advance(follower)
    assert [row.metrics["loss"] for row in snapshot.epochs.rows] == [1.0, 0.9]
    assert snapshot.epochs.best == 1
    assert snapshot.by_batch.curves["loss"][1].points.last == 0.1


async def test_no_epoch_is_called_best_before_all_are_read(
    directory: Path, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_history, "SMALL", 1_000)
    monkeypatch.setattr(_history, "NEWEST_EPOCHS", 20)
    monkeypatch.setattr(_history, "PREVIEW_POINTS", 10)
    lines = [made.event("fit", fit=1, model="net", epochs=200, steps=10)]
    lines += [made.epoch_event(number, loss=1.0, val_loss=abs(number - 7) + 0.5) for number in range(1, 201)]
    (directory / "events.jsonl").write_bytes(b"".join(lines))
    follower = RunFollower(directory)
    await follower.advance()
    await follower.advance()
    first = follower.snapshot()
    assert first is not None
    assert [row.epoch for row in first.epochs.rows] == list(range(181, 201))
    assert first.epochs.best is None
    whole = await advance(follower)
    assert whole.epochs.best == 6
    assert [row.epoch for row in whole.epochs.rows] == list(range(1, 201))


async def test_loops_of_train_on_batch_are_counted_in_steps(directory: Path, made: Any) -> None:
    lines = [made.event("fit", fit=1, model="gan", epochs=None, steps=None, method="train_on_batch")]
    lines += [made.event("batch", fit=1, epoch=1, batch=n, step=n, steps=None, metrics={"loss": n}) for n in (1, 30)]
    (directory / "events.jsonl").write_bytes(b"".join(lines))
    snapshot = await advance(RunFollower(directory))
    assert position_words(snapshot)[0] == "step 30"
    assert snapshot.by_batch.curves["loss"][0].points.last == 30
    ended = replace(snapshot, run=made.run(epochs=None, epochs_done=0, steps_done=30, metrics={"loss": 0.25}))
    assert position_words(ended) == ["30 steps done", "loss 0.25"]
    async with run_stage(ended) as s:
        plot = s.screen.query_one(Curves)
        assert "train_on_batch has no epochs" not in s.text()
        assert plot.size.height == s.screen.query_one("#run-numbers").size.height, "it has the room of both"
        await s.press("3")
        assert "train_on_batch has no epochs" in s.text()
        await s.press("5")
        assert "loop         gan, train_on_batch" in s.text()


def test_epochs_and_steps_of_one_run_are_both_told(made: Any) -> None:
    run = made.run(model="gan", loop_steps=1_200)
    words = position_words(made.snapshot(run, made.rows(10)))
    assert words[:2] == ["10/10 epochs done", "1,200 steps of train_on_batch"]
    assert words[2].endswith("of net in epoch 10"), "of another model than that which was trained last"
    assert " of " not in position_words(made.snapshot(made.run(), made.rows(10)))[1]


async def test_the_model_in_training_is_plotted_until_another_is_chosen(
    directory: Path, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_PLOT_SECONDS", 0.0)

    def told(fit: int, model: str, *epochs: int) -> list[bytes]:
        lines = [made.event("fit", fit=fit, model=model, epochs=len(epochs), steps=1)]
        for epoch in epochs:
            at = {"fit": fit, "epoch": epoch, "step": epoch, "metrics": {"loss": epoch}}
            lines += [made.event("batch", batch=1, steps=1, **at), made.event("epoch", model=model, **at)]
        return lines

    async def read(lines: list[bytes]) -> RunSnapshot:
        (directory / "events.jsonl").write_bytes(b"".join(lines))
        return await advance(RunFollower(directory))

    lines = told(1, "first", 1, 2, 3)
    async with run_stage(await read(lines)) as s:
        plot = s.screen.query_one(Curves)
        assert plot.metric == "loss"
        lines += told(2, "second", 4)
        await s.tell(await read(lines))
        assert plot.metric == "second/loss"
        assert plot.view.unit == "batches", "of its epochs there is one"
        lines += told(2, "second", 4, 5, 6)[2:]
        await s.tell(await read(lines))
        assert plot.metric == "second/loss"
        assert plot.view.unit == "epochs"
        await s.press("[")
        assert plot.metric == "first/loss"
        lines += told(3, "third", 7)
        snapshot = await read(lines)
        assert snapshot.by_epoch.current == "third/loss"
        await s.tell(snapshot)
        assert plot.metric == "first/loss", "somebody has chosen it"
    lines += told(4, "first", 8)
    assert (await read(lines)).by_epoch.current == "first/loss"
    lines += [*told(5, "third", 9), *told(6, "first", 10)]
    assert (await read(lines)).by_epoch.current == "third/loss", "a loop over both: the plot stays at one"


async def test_the_metrics_of_two_models_are_told_apart(directory: Path, made: Any) -> None:
    lines = []
    for fit, model in ((1, "encoder"), (2, "classifier")):
        lines.append(made.event("fit", fit=fit, model=model, epochs=1, steps=10))
        for batch in range(1, 11):
            at = {"epoch": fit, "batch": batch, "step": 10 * fit - 10 + batch, "steps": 10}
            lines.append(made.event("batch", fit=fit, metrics={"loss": fit}, **at))
        metrics = {"loss": fit, "val_loss": fit + 0.5}
        lines.append(made.event("epoch", fit=fit, epoch=fit, step=10 * fit, metrics=metrics, model=model))
    (directory / "events.jsonl").write_bytes(b"".join(lines))
    snapshot = await advance(RunFollower(directory))
    for view in (snapshot.by_epoch, snapshot.by_batch):
        pairs = {name: [curve.points.last for curve in curves] for name, curves in view.curves.items()}
        assert pairs == {"encoder/loss": [1, 1.5], "classifier/loss": [2, 2.5]}
    assert snapshot.epochs.best is None, "the losses of two models cannot be compared"


async def test_a_run_that_ended_says_nothing_new(directory: Path, made: Any) -> None:
    from kerascope.runs import give_up

    give_up(directory, "its interpreter could not be started")
    follower = RunFollower(directory)
    await advance(follower)
    assert await follower.advance() is False
    snapshot = follower.snapshot()
    assert snapshot is not None
    assert snapshot.run.status is RunStatus.FAILED


async def test_what_a_run_writes_cannot_reach_the_terminal(directory: Path, made: Any) -> None:
    name = "loss\x1b]52;c;aGk=\x07\u202e"
    (directory / "events.jsonl").write_bytes(
        made.event("fit", fit=1, model="a\x1b[2Jb", epochs=3)
        + made.event("epoch", fit=1, epoch=1, metrics={name: 0.5}, step=10)
        + made.event("warning", message="disk\x1b[31m full\nreally")
    )
    app = KerascopeApp(None, None, first=lambda marks: RunScreen(LocalRuns(), directory, marks), styles=STYLES)
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(400):
            screen = app.screen
            assert isinstance(screen, RunScreen)
            if screen.snapshot is not None and screen.snapshot.warnings:
                break
            await asyncio.sleep(0.02)
        await pilot.pause()
        text = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "full" in text
        assert not [char for char in text if ord(char) < 32 or char in "\x7f\u202e"]
