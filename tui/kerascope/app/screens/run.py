"""The screen on one run: follows it while it lives, and shows what it left when it has ended."""

from __future__ import annotations

import asyncio
import shlex
from time import monotonic
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.app import SystemCommand
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Static

from kerascope.app._actions import ACTIONS, bindings
from kerascope.app._clipboard import copy_by_tmux
from kerascope.app._run_help import run_help
from kerascope.app._run_words import waiting_words
from kerascope.app.screens._stopping import StoppingScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets._pane import Panes
from kerascope.app.widgets.bars import StatusBar, TabBar
from kerascope.app.widgets.curves import Curves
from kerascope.app.widgets.epochs_table import EpochsTable
from kerascope.app.widgets.footer import KeyHints
from kerascope.app.widgets.log_view import LogView
from kerascope.app.widgets.run_details import RunDetails, command_text
from kerascope.app.widgets.run_status import HostBar, ProgressBars, RunHeader, RunProblem
from kerascope.runs import RunStatus, default_directory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.worker import Worker

    from kerascope.app._curves import CurvesView
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Follower, Runs
    from kerascope.app._run_state import RunSnapshot

__all__ = ["RunScreen"]

VIEWS = ("overview", "curves", "epochs", "log", "details")
_PANES = {"overview": Curves, "curves": Curves, "epochs": EpochsTable, "log": LogView, "details": RunDetails}

_LIVE_SECONDS = 0.25
"""At most so often the screen is told something new."""

_ENDED_SECONDS = 1.0
"""A run that has ended may be resumed, by somebody else too."""

_PLOT_SECONDS = 1.0
"""A plot takes tens of milliseconds and the most bytes of all: once a second is live enough."""

_EPOCHS_LEAST = 3
"""Completed epochs from which on epochs are counted along x; before that batches show more."""


class RunScreen(StoppingScreen):
    """Status, tabs, panes and footer. It answers, when it is left, with the sentence that the run goes on."""

    CSS_PATH = ["run.tcss", "../widgets/log_view.tcss"]
    BINDINGS = bindings("run")
    AUTO_FOCUS = "#run-curves"

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False, always_update=True)
    shown_view: reactive[str] = reactive("overview", repaint=False)

    def __init__(self, runs: Runs, directory: Path, marks: Marks) -> None:
        super().__init__(runs, marks)
        self._directory = directory
        self._follower: Follower = runs.follow(directory)
        self._unit: str | None = None
        self._plotted = -_PLOT_SECONDS
        self._actions: object = None
        self._bare = True
        self._alive = False
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        marks = self._marks
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q leaves, the run "
            "goes on.",
            id="run-too-small",
        )
        yield RunHeader(marks, id="run-header")
        yield ProgressBars(marks, id="run-bars")
        yield HostBar(marks, id="run-host")
        yield RunProblem(marks, id="run-problem")
        yield TabBar(id="run-tabs")
        with Panes(id="run-panes"):
            with Container(id="run-numbers"):
                yield Curves(marks, id="run-curves")
                yield EpochsTable(marks, id="run-epochs")
            with Container(id="run-words"):
                yield LogView(marks, id="run-log", save_as=f"{self._directory.name}.log")
                yield RunDetails(marks, id="run-detail")
        yield StatusBar(id="run-status")
        yield KeyHints()

    def on_mount(self) -> None:
        """Begin to follow."""
        self.query_one(TabBar).views = VIEWS
        self._show_view("overview")
        self.query_one(LogView).source = self._runs.log(self._directory)
        self._worker = self.run_worker(self._follow, group="follow", exclusive=True)

    async def _follow(self) -> None:
        """Tell the screen what is new, a few times a second; while much is unread the reading goes on in between."""
        told, changed = -_LIVE_SECONDS, False
        while True:
            changed = await self._follower.advance() or changed
            # Nobody waits a quarter of a second for the first curves.
            unread = self.snapshot is None or self.snapshot.reading
            if changed and (unread or monotonic() - told >= _LIVE_SECONDS):
                self.snapshot, changed, told = self._follower.snapshot(), False, monotonic()
            if self._follower.more:
                # The keys have their turn.
                await asyncio.sleep(0)
                continue
            alive = changed or self.snapshot is None or self.snapshot.run.alive
            await asyncio.sleep(_LIVE_SECONDS if alive else _ENDED_SECONDS)

    # Data down

    def watch_snapshot(self, snapshot: RunSnapshot | None) -> None:
        """Give every pane the new facts at once."""
        # A screen that is being taken down has no display any more; its parts go before it does.
        if snapshot is None or not self.is_mounted or not self.display or not self.is_attached:
            return
        with self.app.batch_update():
            self.query_one(RunHeader).snapshot = snapshot
            self.query_one(ProgressBars).snapshot = snapshot
            self.query_one(HostBar).snapshot = snapshot
            self.query_one(RunProblem).snapshot = snapshot
            self.query_one(RunDetails).snapshot = snapshot
            self.query_one(LogView).alive = snapshot.run.alive
            table = self.query_one(EpochsTable)
            empty = self._empty(snapshot)
            table.empty = empty
            # Said once: the plot has the room of both while there is nothing in either.
            bare = not snapshot.by_batch.curves and not snapshot.by_epoch.curves
            self.set_class(bare, "-bare")
            # Loops of train_on_batch have no epochs: the plot has their room.
            self.set_class(snapshot.position.loop and not len(snapshot.epochs), "-no-epochs")
            self.query_one(Curves).empty = empty if bare else ""
            if table.epochs is not snapshot.epochs:
                table.epochs = snapshot.epochs
            if not snapshot.run.alive or self._bare or monotonic() - self._plotted >= _PLOT_SECONDS:
                self._plot(snapshot)
            self._bare = bare
        if self._alive and not snapshot.run.alive:
            # What was said of it while it ran is over.
            self._say("")
        self._alive = snapshot.run.alive
        actions = (snapshot.run.status, snapshot.run.error is None)
        if actions != self._actions:
            self._actions = actions
            self.refresh_bindings()

    def _plot(self, snapshot: RunSnapshot) -> None:
        self._plotted = monotonic()
        self.query_one(Curves).view = self._curves(snapshot)

    def _curves(self, snapshot: RunSnapshot) -> CurvesView:
        unit = self._unit or ("epochs" if _epochs_of_current(snapshot) >= _EPOCHS_LEAST else "batches")
        view = snapshot.by_epoch if unit == "epochs" else snapshot.by_batch
        if not view.curves and self._unit is None:
            view = snapshot.by_epoch if unit == "batches" else snapshot.by_batch
        return view

    def _empty(self, snapshot: RunSnapshot) -> str:
        if snapshot.reading:
            return waiting_words(snapshot)
        if snapshot.position.loop:
            return "train_on_batch has no epochs"
        if snapshot.position.epoch and snapshot.run.alive:
            return "no epoch is done yet"
        if snapshot.position.epoch:
            return "it ended before its first epoch was done"
        return waiting_words(snapshot)

    def on_curves_unit(self) -> None:
        """Count the other thing along x."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        unit = self._curves(snapshot).unit
        self._unit = "batches" if unit == "epochs" else "epochs"
        curves = self.query_one(Curves)
        curves.action_zoom(0)
        self._plot(snapshot)

    # Views

    def on_panes_shown(self) -> None:
        """A window that was too small for the panes has taken the focus from them: give it back."""
        if self.focused is None:
            self._show_view(self.shown_view)

    def _show_view(self, name: str) -> None:
        self.shown_view = name
        for view in VIEWS:
            self.set_class(view == name, f"-view-{view}")
        self.query_one(TabBar).active = name
        self.query_one(_PANES[name]).focus()

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self._show_view(message.view)

    def action_view(self, name: str) -> None:
        """Show a view."""
        self._show_view(name)

    def action_next_pane(self, step: int) -> None:
        """Show the view beside this one, round the end."""
        at = VIEWS.index(self.shown_view)
        self._show_view(VIEWS[(at + step) % len(VIEWS)])

    def _say(self, text: str) -> None:
        self.query_one(StatusBar).text = self._marks.text(text)

    # What the keys do

    def action_stop_run(self) -> None:
        """Ask the run to stop, harder each time."""
        if self.snapshot is not None:
            self._stop(self.snapshot.run)

    def action_resume_run(self) -> None:
        """Go on with an ended run."""
        if self.snapshot is not None:
            self._resume(self.snapshot.run)

    def action_error_in_log(self) -> None:
        """Go to the error in the log."""
        self._show_view("log")
        self.query_one(LogView).go_to_error()

    def action_help(self) -> None:
        """Explain words, marks and keys."""
        bindings = list(self.active_bindings.values())
        self.app.push_screen(HelpScreen(bindings, self._marks, run_help(self._marks)))

    async def action_copy(self) -> None:
        """Copy what is selected in the pane that has the focus, else the command line, and say how."""
        text, what = self._to_copy()
        if not text:
            self._say("nothing is selected, so nothing was copied")
            return
        self.app.copy_to_clipboard(text)
        tried = "asked the terminal (OSC 52) to copy"
        if await copy_by_tmux(text):
            tried += ", and gave tmux,"
        self._say(f"{tried} {what}")

    def _to_copy(self) -> tuple[str | None, str]:
        if self.shown_view == "epochs" or self.focused is self.query_one(EpochsTable):
            return self.query_one(EpochsTable).selected_line, "the selected epoch"
        run = self.snapshot.run if self.snapshot is not None else None
        if run is None or run.spec is None:
            return (str(self._directory), "the run's directory")
        return command_text(run.spec), "the command line that starts the same run"

    def action_leave(self) -> None:
        """Leave; the run goes on."""
        sentence = self._farewell()
        if len(self.app.screen_stack) > 1:
            self.dismiss(sentence)
        else:
            self.app.exit(0, message=sentence)

    def _farewell(self) -> str | None:
        run = self.snapshot.run if self.snapshot is not None else None
        if run is None or not run.alive:
            return None
        named = run.id if run.directory.parent == default_directory().absolute() else str(run.directory)
        return f"{run.id} goes on: kerascope runs follow {shlex.quote(named)}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now; the footer follows."""
        run = self.snapshot.run if self.snapshot is not None else None
        if action == "stop_run":
            return run is not None and run.alive
        if action == "resume_run":
            return run is not None and not run.alive and run.status is not RunStatus.FINISHED and run.spec is not None
        if action == "error_in_log":
            return run is not None and run.error is not None and bool(run.error.traceback)
        return True

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        places: dict[str, RunScreen | Curves | LogView] = {"run": self, "curves": self.query_one(Curves)}
        if self.shown_view == "log":
            places["log"] = self.query_one(LogView)
        for entry in ACTIONS:
            _namespace, name, parameters = parse(entry.action)
            where = places.get(entry.scope)
            if not entry.palette or where is None or not self.check_action(name, parameters):
                continue
            yield SystemCommand(
                f"{entry.label} ({entry.shown})",
                entry.tooltip,
                lambda action=entry.action, where=where: self._run_soon(action, where),
            )

    def _run_soon(self, action: str, where: RunScreen | Curves | LogView) -> None:
        async def run() -> None:
            await self.app.run_action(action, where)

        self.call_later(run)


def _epochs_of_current(snapshot: RunSnapshot) -> float:
    """How far the epochs of the model reach that is in training."""
    view = snapshot.by_epoch
    current = snapshot.by_batch.current or view.current
    if not current:
        return len(snapshot.epochs)
    span = view.span(current)
    return 0 if span is None else span[1] - span[0] + 1
