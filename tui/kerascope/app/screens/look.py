"""The screen on one file: looks at it, and shows what comes back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from kerascope.app._actions import ACTIONS, bindings
from kerascope.app._clipboard import copy_by_tmux
from kerascope.app._lines import log_document, source_document
from kerascope.app._view import View, build_view, main_index, named_models
from kerascope.app._watch import FileWatch
from kerascope.app._words import count_of, name_of, summary_line
from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.models import ModelsScreen
from kerascope.app.widgets._pane import LinePane, Panes
from kerascope.app.widgets.bars import VIEWS, FailurePane, HeaderBar, StatusBar, TabBar
from kerascope.app.widgets.detail import DetailPane
from kerascope.app.widgets.findings import FindingsPane
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.search import SearchBar
from kerascope.app.widgets.text_view import TextView
from kerascope.graph import Failure, cut_middle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.timer import Timer
    from textual.widget import Widget
    from textual.worker import Worker

    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.graph import Inspection, Progress

__all__ = ["LookScreen"]

_TICK_SECONDS = 1.0
_WATCH_SECONDS = 1.0
_PANES = {"layers": "#layers", "detail": "#detail", "findings": "#findings", "source": "#source", "log": "#log"}


class LookScreen(Screen[None]):
    """Header, tabs, panes, status and footer; owns the look in progress and the watch on the file."""

    BINDINGS = bindings("screen")
    AUTO_FOCUS = "#layers"

    inspection: reactive[Inspection | None] = reactive(None)
    model_index: reactive[int] = reactive(0)
    shown_view: reactive[str] = reactive("layers")
    looking: reactive[bool] = reactive(False)

    def __init__(self, inspector: Inspector, path: Path, marks: Marks) -> None:
        super().__init__()
        self._inspector = inspector
        self._stopping = False
        self._leaving = False
        self._path = path
        self._marks = marks
        self._watch = FileWatch(path)
        self._view: View | None = None
        self._worker: Worker[None] | None = None
        self._ticker: Timer | None = None
        self._started = 0.0
        self._progress: Progress | None = None
        self._reason = ""
        self._pattern = ""
        self._answered = False
        self._resting = ""

    def compose(self) -> ComposeResult:
        marks = self._marks
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q quits.",
            id="too-small",
        )
        yield HeaderBar(marks, id="header")
        yield TabBar(id="tabs")
        with Panes(id="panes"):
            with Container(id="main"):
                yield FailurePane(marks, id="failure")
                yield LayerTable(marks, id="layers")
            with Container(id="side"):
                yield DetailPane(marks, id="detail")
                yield FindingsPane(marks, id="findings")
            yield TextView(marks, numbered=True, id="source")
            yield TextView(marks, numbered=False, id="log")
        yield StatusBar(id="status")
        yield SearchBar(id="search")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what the program text says, then ask Keras."""
        self.query_one("#detail").border_title = "Detail"
        self.query_one("#findings").border_title = "Findings"
        self._show_view("layers")
        self.inspection = self._inspector.glance(self._path)
        self._watch.remember()
        self._look("")
        self.set_interval(_WATCH_SECONDS, self._check_file)

    # Looking

    def _look(self, reason: str) -> None:
        """Start a look; one in progress is cancelled first, and none is started on the way out."""
        if self._leaving:
            return
        self._reason = reason
        self._progress = None
        self._stopping = False
        self._started = monotonic()
        # The function, not its coroutine: a worker that is cancelled before it starts would leave that one unawaited.
        self._worker = self.run_worker(self._run_look, group="look", exclusive=True, exit_on_error=False)
        self.looking = True
        if self._ticker is None:
            self._ticker = self.set_interval(_TICK_SECONDS, self._tick)
        self._tick()

    async def _run_look(self) -> None:
        mine = self._started
        try:
            answer = await self._inspector.look(self._path, self._on_progress)
        except Exception as error:
            # Whatever breaks in the engine is an answer to show, not the end of the screen.
            text = f"kerascope itself failed while looking: {type(error).__name__}: {error}"
            failure = Failure(kind="engine", message=text, hint="Press r to look again.")
            answer = replace(self._shown(), failure=failure)
        if mine != self._started:
            return
        self._stop_looking()
        self._answered = self._answered or answer.failure is None
        if answer.failure is not None and answer.failure.kind == "missing" and self._answered:
            self._say_missing()
            return
        if answer.failure is not None and answer.failure.kind == "cancelled" and not answer.models:
            self._keep_shown(answer.failure)
            return
        self.inspection = answer
        self._say_answer(answer)

    def _keep_shown(self, failure: Failure) -> None:
        """A stopped look has brought nothing: what is known stays."""
        if self._answered:
            self._say("cancelled: this is the answer from before · r looks again")
            return
        models = tuple(
            replace(model, layers=tuple(replace(layer, unknown="not asked") for layer in model.layers))
            for model in self._shown().models
        )
        self.inspection = replace(self._shown(), models=models, failure=failure)
        self._say("cancelled · r looks again")

    def _shown(self) -> Inspection:
        assert self.inspection is not None, "glance comes first"
        return self.inspection

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._tick()

    def _tick(self) -> None:
        """Write the status line; it goes out only when its text is another one."""
        if not self.looking:
            return
        seconds = int(monotonic() - self._started)
        doing = self._progress.message if self._progress is not None else "looking"
        if self._stopping:
            doing = "stopping"
        lead = f"{self._reason}: " if self._reason else ""
        tail = f" … {seconds} s, " + ("Esc again ends it at once" if self._stopping else "Esc cancels")
        # A long interpreter path gives way; the counter and the way out never do.
        room = self.size.width - 2 - len(self._marks.text(tail))
        self._say(cut_middle(lead + doing, max(room, 0), self._marks.ellipsis) + tail)

    def _stop_looking(self) -> None:
        self.looking = False
        self._worker = None
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None

    def _say(self, text: str, *, passing: bool = False) -> None:
        """Write the status; a passing one gives way to the one before on the next move."""
        if not passing:
            self._resting = text
        self.query_one(StatusBar).text = self._marks.text(text)

    def _rest(self) -> None:
        self._say(self._resting)

    def _say_answer(self, answer: Inspection) -> None:
        seconds = answer.seconds if answer.seconds is not None else monotonic() - self._started
        if answer.failure is not None:
            self._say(f"{answer.failure.message.splitlines()[0]} · r looks again")
            return
        notes = f" · {len(answer.notes)} note{'s' if len(answer.notes) > 1 else ''}, see 3" if answer.notes else ""
        self._say(f"looked in {seconds:.1f} s{notes} · looks again when the file is saved")

    def _say_missing(self) -> None:
        self._say(f"{self._path.name} is gone: this is the last answer. It is looked at again when it comes back")

    async def _check_file(self) -> None:
        """Look again when the file has changed and is no longer being written."""
        change = await asyncio.to_thread(self._watch.poll)
        if change == "changed":
            self._look("file changed, looking again")
        elif change == "missing" and not self.looking:
            self._say_missing()

    # Data down

    def watch_inspection(self, inspection: Inspection | None) -> None:
        """Give every pane the new answer at once."""
        self._show(inspection)

    def watch_model_index(self) -> None:
        """Show another model of the same answer."""
        self._show(self.inspection)

    def _show(self, inspection: Inspection | None) -> None:
        if inspection is None:
            return
        index = self.model_index
        if self._view is not None and self._view.inspection is not inspection and self._view.model is not None:
            # After another look the model of the same name stays, wherever it now stands in the file.
            names = [model.name for model in named_models(inspection)]
            if self._view.model.name in names and (index >= len(names) or names[index] != self._view.model.name):
                index = names.index(self._view.model.name)
        elif self._view is None or self._view.model is None:
            index = main_index(inspection)
        view = build_view(inspection, index)
        self._view = view
        self.set_reactive(LookScreen.model_index, view.index)
        with self.app.batch_update():
            self.query_one(HeaderBar).view = view
            self.query_one(FailurePane).view = view
            findings = self.query_one(FindingsPane)
            findings.view = view
            total = len(inspection.findings)
            findings.border_title = f"Findings ({total:,})" if total else "Findings"
            tabs = self.query_one(TabBar)
            tabs.findings = total
            notes = inspection.notes
            raised = "! " if any(note.frames for note in notes) else ""
            tabs.notes = f"{raised}{count_of(len(notes), 'note')}" if notes else ""
            table = self.query_one(LayerTable)
            table.display = bool(view.row_of)
            self.query_one("#source", TextView).document = source_document(inspection)
            self.query_one("#log", TextView).document = log_document(inspection)
            table.view = view
            self._show_detail()
        self.refresh_bindings()

    def _show_detail(self) -> None:
        if self._view is None:
            return
        layer = self.query_one(LayerTable).selected
        self.query_one(DetailPane).shown = (self._view, layer)
        line = layer.location.line if layer is not None and layer.location is not None else None
        failure = self._view.inspection.failure
        if line is None and failure is not None:
            line = failure.line
        self.query_one("#source", TextView).current = line

    def on_layer_table_selected(self) -> None:
        """The detail and the source follow the table."""
        self._rest()
        self._show_detail()

    def on_layer_table_opened(self) -> None:
        """Open what was clicked twice."""
        self.action_open_detail()

    def on_findings_pane_chosen(self, message: FindingsPane.Chosen) -> None:
        """Jump to the finding's row, else to its line."""
        layer_id = message.finding.layer_id if message.finding is not None else None
        if layer_id is not None and self._select_anywhere(layer_id):
            self._show_view("layers")
        elif message.line is not None:
            self.query_one("#source", TextView).current = message.line
            self._show_view("source")

    def _select_anywhere(self, layer_id: str) -> bool:
        """Select a layer, in whichever model of the file it is."""
        table = self.query_one(LayerTable)
        if table.select(layer_id):
            return True
        for index, model in enumerate(named_models(self._shown())):
            if any(layer.id == layer_id for layer in model.layers):
                self.model_index = index
                return table.select(layer_id)
        return False

    # Views

    def on_panes_shown(self) -> None:
        """A window that was too small for the panes has taken the focus from them: give it back."""
        if self.focused is None:
            self._show_view(self.shown_view)

    def _show_view(self, name: str) -> None:
        self.shown_view = name
        self._rest()
        for view in VIEWS:
            self.set_class(view == name, f"-view-{view}")
        self.query_one(TabBar).active = name
        target: Widget = self.query_one(_PANES[name])
        if name == "layers" and not target.display:
            target = self.query_one(FailurePane)
        target.focus()

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self._show_view(message.view)

    def action_view(self, name: str) -> None:
        """Show a view."""
        self._show_view(name)

    def action_next_pane(self, step: int) -> None:
        """Show the view beside this one, round the end."""
        self._show_view(VIEWS[(VIEWS.index(self.shown_view) + step) % len(VIEWS)])

    def action_open_detail(self) -> None:
        """Show the detail of the selected layer."""
        if self.query_one(LayerTable).selected is not None:
            self._show_view("detail")

    def action_cancel_or_back(self) -> None:
        """Cancel the look in progress, else go back to the layers."""
        if self.looking:
            self._cancel()
        else:
            self._show_view("layers")

    def action_stop_look(self) -> None:
        """Stop the look in progress, else say what quits."""
        if self.looking:
            self._cancel()
        else:
            self._say("q quits", passing=True)

    def _cancel(self) -> None:
        """Ask for an answer with what there is; asked a second time, end the look at once."""
        if self._worker is None:
            return
        if not self._stopping:
            self._stopping = True
            self._inspector.stop()
            self._tick()
            return
        seconds = int(monotonic() - self._started)
        self._worker.cancel()
        self._started = 0.0
        self._stop_looking()
        self._keep_shown(
            Failure(
                kind="cancelled",
                message=f"The look was cancelled after {seconds} s.",
                hint="What is shown was read from the program text. Press r to look again.",
            )
        )

    def action_look_again(self) -> None:
        """Look again, at what the file is now."""
        self._watch.remember()
        self._look("looking again")

    def action_finding(self, step: int) -> None:
        """Select the next layer with a finding, in whichever model it is, round the end."""
        if self._view is None:
            return
        models = sorted(self._shown().models, key=lambda model: model.name is None)
        order = list(dict.fromkeys(layer.id for model in models for layer in model.layers))
        selected = self.query_one(LayerTable).selected
        at = order.index(selected.id) if selected is not None and selected.id in order else -1 if step > 0 else 0
        ahead = (order[(at + step * distance) % len(order)] for distance in range(1, len(order) + 1))
        target = next((layer_id for layer_id in ahead if layer_id in self._view.findings), None)
        if target is None or not self._select_anywhere(target):
            self._say("no layer of this file has a finding", passing=True)
        elif self.shown_view in ("findings", "log"):
            self._show_view("layers")

    def action_model(self, step: int) -> None:
        """Show the next model of the file, round the end."""
        if self._view is not None and self._view.count:
            self.model_index = (self.model_index + step) % self._view.count

    def action_models(self) -> None:
        """Choose a model from a list."""

        def chosen(index: int | None) -> None:
            if index is not None:
                self.model_index = index

        self.app.push_screen(ModelsScreen(self._shown(), self.model_index), chosen)

    def action_help(self) -> None:
        """Explain words, marks and keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks))

    def action_quit_screen(self) -> None:
        """End the program."""
        self._leaving = True
        self.app.exit(0)

    async def action_copy(self) -> None:
        """Copy the selected layer's summary, and say how."""
        layer = self.query_one(LayerTable).selected
        if layer is None:
            self._say("nothing is selected, so nothing was copied", passing=True)
            return
        text = summary_line(layer)
        self.app.copy_to_clipboard(text)
        tried = "asked the terminal (OSC 52) to copy"
        if await copy_by_tmux(text):
            tried += ", and gave tmux,"
        self._say(f"{tried} the summary of {name_of(layer)}", passing=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now; the footer follows."""
        if action in ("models", "model"):
            return self._view is not None and self._view.count > 1
        if action == "open_detail":
            return self.focused is None or self.focused.id != "findings"
        return True

    def watch_looking(self) -> None:
        """The footer shows what can be done now."""
        self.refresh_bindings()

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        for entry in ACTIONS:
            name = entry.action.partition("(")[0]
            if entry.palette and entry.scope == "screen" and self.check_action(name, ()):
                yield SystemCommand(
                    f"{entry.label} ({entry.shown})", entry.tooltip, lambda action=entry.action: self._run_soon(action)
                )

    def _run_soon(self, action: str) -> None:
        async def run() -> None:
            await self.run_action(action)

        self.call_later(run)

    # Searching

    def _search_target(self) -> LinePane:
        return self.query_one(f"#{self.shown_view if self.shown_view in ('source', 'log') else 'layers'}", LinePane)

    def action_search(self) -> None:
        """Open the search line."""
        if self.shown_view not in ("source", "log"):
            self._show_view("layers")
        bar = self.query_one(SearchBar)
        bar.add_class("-open")
        bar.focus()

    def action_search_next(self, step: int) -> None:
        """Go to the next match."""
        if self._pattern:
            self._search_target().search(self._pattern, step)
        else:
            self._say("nothing to search for yet: / asks for a text", passing=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for what was typed."""
        event.stop()
        self._close_search()
        self._pattern = event.value.strip()
        if self._pattern:
            self._search_target().search(self._pattern, 1, here=True)

    def on_search_bar_dismissed(self) -> None:
        """Close the search line."""
        self._close_search()

    def _close_search(self) -> None:
        self.query_one(SearchBar).remove_class("-open")
        self._search_target().focus()

    def on_line_pane_searched(self, message: LinePane.Searched) -> None:
        """Say where the search went."""
        if message.line is None:
            where = "no layer name or class" if self.shown_view == "layers" else "no line"
            self._say(f"{where} contains {message.pattern!r}", passing=True)
        else:
            self._say(
                f"match {message.line + 1:,} of {message.count:,} for {message.pattern!r} · n next, N previous",
                passing=True,
            )
