"""The screen on all runs of a directory: to open, stop, resume, name, compare and delete them."""

from __future__ import annotations

import asyncio
import time
from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from kerascope.app._actions import bindings
from kerascope.app._palette import palette_of
from kerascope.app._runs_help import runs_help
from kerascope.app._runs_rows import name_of_run, run_words, shown_path
from kerascope.app._words import counted
from kerascope.app.screens._searching import SearchingScreen
from kerascope.app.screens._stopping import StoppingScreen
from kerascope.app.screens.ask import Answer, AskScreen
from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.footer import KeyHints
from kerascope.app.widgets.runs_table import RunsTable
from kerascope.app.widgets.search import SearchBar
from kerascope.graph import cut_middle
from kerascope.runs import DeleteError, RunStatus, delete_run, describe_run
from kerascope.runs._about import check_name
from kerascope.runs._listing import RunList
from kerascope.runs._metrics import read_losses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from textual.app import ComposeResult, SystemCommand
    from textual.screen import Screen
    from textual.worker import Worker

    from kerascope.app._desk import Desk
    from kerascope.app._marks import Marks
    from kerascope.runs import Run

__all__ = ["RunsScreen"]

SCAN_SECONDS = 2.0
"""At most so often the directory is read."""

_REST = 20
"""A directory that takes long is read less often: at most one part in so many of the time."""

_TEXT_MOST = 500


class RunsScreen(SearchingScreen[str | None], StoppingScreen):
    """Lists, and keeps itself up to date.

    Args:
        desk: Who knows the runs, and who starts them.
        marks: Glyphs.
        files: Makes the screen that lists model files, where there is a way to it.
    """

    CSS_PATH = "runs.tcss"
    BINDINGS = bindings("runs")
    AUTO_FOCUS = "#runs"
    NOTHING = "no run"

    def __init__(self, desk: Desk, marks: Marks, *, files: Callable[[], Screen[Any]] | None = None) -> None:
        super().__init__(desk.runs, marks)
        self._desk = desk
        self._files = files
        self._list = RunList(desk.settings.runs)
        self._failed = ""
        self._reader: Worker[None] | None = None
        self._losses_reader: Worker[None] | None = None
        self._asked_to_stop: Path | None = None
        self._scanned = asyncio.Event()
        self._actions: object = None

    def compose(self) -> ComposeResult:
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q leaves.",
            id="runs-too-small",
        )
        yield Static(id="runs-title")
        yield RunsTable(self._marks, id="runs")
        yield Static(id="runs-words")
        yield StatusBar(id="runs-status")
        yield SearchBar(id="search")
        yield KeyHints()

    def on_mount(self) -> None:
        """Begin to read."""
        self._pane.empty = f"reading {self._list.directory}"
        self._reader = self.run_worker(self._keep_reading, group="scan", exclusive=True)

    # Data down

    async def _keep_reading(self) -> None:
        """Read the directory as long as the screen is there; nobody looks at it while another is above it."""
        while True:
            rest = SCAN_SECONDS
            if self.is_current:
                rest = max(rest, _REST * await self._scan())
            self._scanned.clear()
            try:
                await asyncio.wait_for(self._scanned.wait(), rest)
            except asyncio.TimeoutError:
                continue

    async def _scan(self) -> float:
        """Read the directory once; how many seconds that took."""
        began = monotonic()
        try:
            runs = await asyncio.to_thread(self._list.scan)
        except OSError as error:
            runs, self._failed = (), f"{self._list.directory} cannot be read: {error.strerror}"
        else:
            self._failed = ""
        took = monotonic() - began
        if self._is_there:
            self._show(runs)
        return took

    def _show(self, runs: tuple[Run, ...]) -> None:
        table = self._pane
        with self.app.batch_update():
            table.empty = self._failed or (
                f"There are no runs in {shown_path(self._list.directory)} yet.\n"
                "t on a model's screen starts one, and so does `kerascope train PATH`.\n"
                "--runs-dir and KERASCOPE_RUNS name another directory."
            )
            table.show_runs(runs, time.time())
            alive = sum(run.alive for run in runs)
            counts = f"  {counted(len(runs), 'run')}" + (f", {alive:,} alive" if alive else "")
            room = max(0, self.size.width - len(f" Runs {counts} "))
            where = cut_middle(f"{shown_path(self._list.directory)}/", room, self._marks.ellipsis)
            title = Content.assemble(("Runs ", "bold $primary"), (where, "bold"), (counts, "$foreground-muted"))
            self._write("#runs-title", title)
            self._show_words()

    def _show_words(self) -> None:
        run = self._pane.selected
        lines = ("", "") if run is None else run_words(run)
        text = self._marks.text
        self._write("#runs-words", Content.assemble(text(lines[0]), "\n", (text(lines[1]), "$foreground-muted")))
        actions = (run is not None, run is not None and (run.alive, run.status))
        if actions != self._actions:
            self._actions = actions
            self.refresh_bindings()

    def _write(self, selector: str, content: Content) -> None:
        part = self.query_one(selector, Static)
        if part.content != content:
            part.update(content)

    def on_rows_pane_selected(self) -> None:
        """The words below follow the table."""
        self._show_words()

    def on_rows_pane_opened(self) -> None:
        """Open what was clicked twice."""
        self.action_open()

    def on_runs_table_chosen(self) -> None:
        """Say how many are marked."""
        count = len(self._pane.chosen)
        self._say(f"{counted(count, 'run')} marked" + ("; o plots them in one frame" if count > 1 else ""))

    def on_runs_table_losses_wanted(self) -> None:
        """Read the losses of the rows in sight."""
        self._losses_reader = self.run_worker(self._read_losses, group="losses", exclusive=True)

    async def _read_losses(self) -> None:
        table = self._pane
        wanted = table.wanted()
        losses = await asyncio.to_thread(lambda: {directory: read_losses(directory) for directory in wanted})
        if self._is_there:
            table.show_losses(losses)

    @property
    def _pane(self) -> RunsTable:
        return self.query_one(RunsTable)

    def _selected(self) -> Run | None:
        return self._pane.selected

    # What the keys do

    def action_open(self) -> None:
        """Follow the selected run."""
        from kerascope.app.screens.run import RunScreen

        run = self._selected()
        if run is None:
            return
        self._desk.visit(run.directory)

        def left(sentence: str | None) -> None:
            self._say(sentence or "")
            self._scanned.set()

        self.app.push_screen(RunScreen(self._runs, run.directory, self._marks), left)

    def action_stop_run(self) -> None:
        """Ask the selected run to stop, harder each time."""
        run = self._selected()
        if run is None:
            return
        if run.directory != self._asked_to_stop:
            # What was asked of another run is nothing that this one was asked.
            self._step, self._asked_to_stop = None, run.directory
        self._stop(run)
        self._scanned.set()

    def action_resume_run(self) -> None:
        """Let the selected run go on."""
        run = self._selected()
        if run is not None:
            self._desk.visit(run.directory)
            self._resume(run)

    def action_overlay(self) -> None:
        """Plot the marked runs in one frame."""
        from kerascope.app.screens.overlay import OverlayScreen

        table = self._pane
        chosen = [run for run in table.runs if run.directory in table.chosen]
        if len(chosen) < 2:
            self._say(f"{counted(len(chosen), 'run')} marked: space marks the runs to plot, two or more")
            return
        self.app.push_screen(OverlayScreen(chosen, self._runs, self._marks))

    def action_rename(self) -> None:
        """Give the selected run a name."""
        run = self._selected()
        if run is not None:
            self._ask(
                run, "name", run.name or "", "A name for this run, beside its id. Empty takes it away.", "baseline"
            )

    def action_note(self) -> None:
        """Write a note about the selected run."""
        run = self._selected()
        if run is not None:
            lead = "What is to be remembered about this run, in one line. Empty takes it away."
            self._ask(run, "note", run.note or "", lead, "with the larger batch")

    def _ask(self, run: Run, what: str, value: str, lead: str, example: str) -> None:
        def read(text: str) -> str:
            if len(text) > _TEXT_MOST:
                raise ValueError(f"received {len(text):,} characters, expected at most {_TEXT_MOST}")
            if what == "name":
                check_name(run, text)
            return text

        def answered(answer: Answer[str] | None) -> None:
            if answer is None:
                return
            try:
                describe_run(run, **{what: answer.meaning})
            except OSError as error:
                self._say(f"the {what} of {run.id} was not kept: {error.strerror}")
            else:
                self._say(f"{run.id} has {'a' if answer.meaning else 'no'} {what} now")
            self._scanned.set()

        title = f"{what.capitalize()} of {run.id}"
        self.app.push_screen(
            AskScreen(title, lead, value, read, example, self._marks, may_be_empty=True, does="keeps it"), answered
        )

    def action_delete(self) -> None:
        """Delete the selected run, once that was confirmed."""
        run = self._selected()
        if run is None:
            return
        if run.alive:
            self._say(f"{run.id} is {run.status.value}; s stops it, then it can be deleted")
            return

        def answered(meant: bool | None) -> None:
            if meant:
                self.run_worker(self._delete(run), group="delete")
            else:
                self._say("nothing was deleted")

        question = (
            f"{name_of_run(run)} is deleted with everything in {run.directory}: its log, its curves, its checkpoints "
            "and its model. Nothing brings it back."
        )
        self.app.push_screen(ConfirmScreen("Delete this run?", question, "deletes it", self._marks), answered)

    async def _delete(self, run: Run) -> None:
        try:
            await asyncio.to_thread(delete_run, run)
        except DeleteError as error:
            self._say(str(error))
        else:
            self._say(f"{run.id} was deleted")
        self._scanned.set()

    def action_refresh(self) -> None:
        """Read the directory now."""
        self._scanned.set()
        self._say("")

    def action_files(self) -> None:
        """List the model files of the current directory."""
        if self._files is not None:
            self.app.push_screen(self._files())

    def action_help(self) -> None:
        """Explain the list and its keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks, runs_help(self._marks)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now; the footer follows."""
        if action == "files":
            return self._files is not None
        if not self.is_mounted:
            return True
        run = self._selected()
        if action == "stop_run":
            return run is not None and run.alive
        if action == "resume_run":
            return run is not None and not run.alive and run.status is not RunStatus.FINISHED and run.spec is not None
        if action in ("open", "overlay", "rename", "note", "delete", "search", "search_next"):
            return run is not None
        return True

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        yield from palette_of(self, "runs")
