"""The screen on one file: shows what comes back when it is looked at."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.app import SystemCommand
from textual.containers import Container
from textual.widgets import Static

from kerascope.app._actions import ACTIONS, bindings
from kerascope.app._clipboard import copy_by_tmux
from kerascope.app._lines import layer_lines, log_document, source_document, traceback_line
from kerascope.app._view import View, build_view, main_index, named_models
from kerascope.app._weight_rows import weight_line
from kerascope.app._words import counted, name_of, summary_line
from kerascope.app.screens._training import TrainingScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets._pane import Panes
from kerascope.app.widgets.bars import HeaderBar, StatusBar, TabBar
from kerascope.app.widgets.detail import DetailPane
from kerascope.app.widgets.failure import FailurePane, FitBar, HintBar
from kerascope.app.widgets.findings import FindingsPane
from kerascope.app.widgets.footer import KeyHints
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.search import SearchBar
from kerascope.app.widgets.text_view import TextView
from kerascope.app.widgets.weight_card import TotalsBar, WeightCard
from kerascope.app.widgets.weight_table import WeightTable
from kerascope.graph import is_saved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from kerascope.app._desk import Desk
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.graph import Inspection, Target

__all__ = ["LookScreen"]

_NON_FINITE = "KS504"
"""The rule about NaN and Inf in weights: its findings lead to the weight."""

_MANY_LAYERS = 1_000
"""Layers from which on a full pass of the garbage collector is felt at the keys."""


def _leave_in_peace() -> None:
    """Keep the garbage collector from walking through an answer that stays: 0.1 s for 10,000 layers, at any key."""
    gc.unfreeze()  # what was kept of the answer before
    gc.freeze()


class LookScreen(TrainingScreen):
    """Header, tabs, panes, status and footer, and what the keys do to them."""

    BINDINGS = bindings("screen")
    AUTO_FOCUS = "#layers"

    def __init__(
        self, inspector: Inspector, target: Target, marks: Marks, *, compare: bool = False, desk: Desk | None = None
    ) -> None:
        super().__init__(inspector, target, marks, compare=compare, desk=desk)
        self._config_due = False
        self._config_lines: dict[str, int] = {}
        self._keep_weights = False
        self._followed: tuple[Inspection, str | None] | None = None
        """The layer to whose line the source has gone: it goes there once, and not back from a finding's line."""

    def compose(self) -> ComposeResult:
        marks = self._marks
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q leaves.",
            id="too-small",
        )
        yield HeaderBar(marks, id="header")
        yield TabBar(id="tabs")
        with Panes(id="panes"):
            with Container(id="main"):
                yield FailurePane(marks, id="failure")
                yield HintBar(marks, id="hint")
                yield FitBar(marks, id="fit")
                yield LayerTable(marks, id="layers")
            with Container(id="side"):
                yield DetailPane(marks, id="detail")
                yield FindingsPane(marks, id="findings")
            yield TextView(marks, numbered=True, id="source")
            yield TextView(marks, numbered=False, id="log")
            with Container(id="weighing"):
                yield TotalsBar(marks, id="totals")
                yield WeightTable(marks, id="weights")
                yield WeightCard(marks, id="weight")
        yield StatusBar(id="status")
        yield SearchBar(id="search")
        yield KeyHints()

    def on_mount(self) -> None:
        """Show what the program text says, then ask Keras."""
        self.query_one("#detail").border_title = "Detail"
        self.query_one("#findings").border_title = "Findings"
        self._show_view("layers")
        self._show_target()
        self._begin()

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
        self._carry_folds(inspection)
        view = build_view(inspection, index, self._folds, compare=self._compare)
        new = self._view is None or self._view.inspection is not inspection
        self._view = view
        self.set_reactive(LookScreen.model_index, view.index)
        with self.app.batch_update():
            self.query_one(HeaderBar).view = view
            self.query_one(FailurePane).view = view
            self.query_one(HintBar).view = view
            self.query_one(FitBar).view = view
            if new:
                self._show_answer(view)
            table = self.query_one(LayerTable)
            table.display = bool(view.row_of)
            table.view = view
            self._show_detail()
        self.refresh_bindings()
        if new and len(view.layers) > _MANY_LAYERS:
            self.call_after_refresh(_leave_in_peace)

    def _show_answer(self, view: View) -> None:
        """Give the panes that are about the whole file their text; folding and the choice of model leave it alone."""
        inspection = view.inspection
        findings = self.query_one(FindingsPane)
        findings.view = view
        total = len(inspection.findings)
        findings.border_title = f"Findings ({total:,})" if total else "Findings"
        tabs = self.query_one(TabBar)
        tabs.findings = total
        notes = inspection.notes
        raised = "! " if any(note.frames for note in notes) else ""
        tabs.notes = f"{raised}{counted(len(notes), 'note')}" if notes else ""
        if is_saved(inspection):
            # A config may have half a million lines: it is split when somebody wants to see it.
            self._config_due = True
            self._show_config()
        else:
            self.query_one("#source", TextView).document = source_document(inspection)
        if not self._keep_weights:
            self._show_weights(inspection)
        log = self.query_one("#log", TextView)
        log.document, log.current = log_document(inspection), None

    def _show_config(self) -> None:
        """Show the config of a saved file, once it is in sight, at the selected layer."""
        if not self._config_due or self.shown_view != "source":
            return
        self._config_due = False
        document = source_document(self._shown())
        self._config_lines = layer_lines(document)
        self.query_one("#source", TextView).document = document
        self._followed = None
        self._show_detail()

    def watch_shown_view(self) -> None:
        """Make what was not needed while it was out of sight."""
        super().watch_shown_view()
        if self.inspection is not None:
            self._show_config()

    def _take_statistics(self, inspection: Inspection) -> None:
        """Take the answer with what its weights' numbers add to it; all that is shown stays where it is."""
        if self._view is None:
            return
        if inspection.findings == self._view.inspection.findings:
            self._view = replace(self._view, inspection=inspection)
            self.set_reactive(LookScreen.inspection, inspection)
            return
        self._keep_weights = True
        self.inspection = inspection
        self._keep_weights = False

    def _reshow(self) -> None:
        self._show(self._shown())

    def _show_target(self) -> None:
        self.query_one(HeaderBar).target = self._target

    def _show_detail(self) -> None:
        if self._view is None:
            return
        layer = self.query_one(LayerTable).selected
        self.query_one(DetailPane).shown = (self._view, layer)
        inspection = self._view.inspection
        selected = layer.id if layer is not None else None
        if self._followed is not None and self._followed[0] is inspection and self._followed[1] == selected:
            return
        self._followed = inspection, selected
        place = layer.location if layer is not None else None
        here = place is not None and place.path == inspection.source.path
        line = place.line if place is not None and here else None
        if layer is not None and is_saved(inspection) and not self._config_due:
            line = self._config_lines.get(layer.name)
        failure = inspection.failure
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
        if message.finding is not None and message.finding.rule == _NON_FINITE and self._shown().weights:
            self._show_view("weights")
            self.query_one(WeightTable).select_named_in(message.finding.message)
        elif layer_id is not None and self._select_anywhere(layer_id):
            self._show_view("layers")
        elif message.line is not None:
            if message.finding is not None:
                self._show_model(message.finding.model)
            self.query_one("#source", TextView).current = message.line
            self._show_view("source")

    def _show_model(self, name: str | None) -> None:
        """Show the model of a name, where the file has one."""
        names = [model.name for model in named_models(self._shown())]
        if name in names and (self._view is None or self._view.model is None or self._view.model.name != name):
            self.model_index = names.index(name)

    def _select_anywhere(self, layer_id: str) -> bool:
        """Select a layer, in whichever model of the file it is, unfolding what hides it."""
        table = self.query_one(LayerTable)
        if not self._is_shown(layer_id):
            for index, model in enumerate(named_models(self._shown())):
                if any(layer.id == layer_id for layer in model.layers):
                    self.model_index = index
                    break
        self._unfold_to(layer_id)
        return table.select(layer_id)

    def _is_shown(self, layer_id: str) -> bool:
        return self._view is not None and (layer_id in self._view.row_of or layer_id in self._view.shown_by)

    def on_layer_table_wanted(self, message: LayerTable.Wanted) -> None:
        """Unfold what a search found."""
        self._select_anywhere(message.layer_id)

    # What the keys do

    def action_open_detail(self) -> None:
        """Show the detail of the selected layer."""
        if self.query_one(LayerTable).selected is not None:
            self._show_view("detail")

    def action_cancel_or_back(self) -> None:
        """Cancel the look or the reading of weights in progress, else go back to the layers, then to the opener."""
        if self.looking:
            self._cancel()
        elif self._weighing:
            self._cancel_weighing()
        elif self.shown_view == self._home and not self._is_first:
            self.action_leave()
        else:
            self._show_view(self._home)

    def action_finding(self, step: int) -> None:
        """Select the next layer with a finding, or that fails, in whichever model it is, round the end.

        In the view of the weights it is the next one that holds NaN or Inf.
        """
        view = self._view
        if view is None:
            return
        if self.shown_view == "weights":
            if not self.query_one(WeightTable).select_bad(step):
                self._say("no weight whose numbers were read holds NaN or Inf", passing=True)
            return
        models = sorted(self._shown().models, key=lambda model: model.name is None)
        order = list(dict.fromkeys(layer.id for model in models for layer in model.layers))
        selected = self.query_one(LayerTable).selected
        at = order.index(selected.id) if selected is not None and selected.id in order else -1 if step > 0 else 0
        ahead = (order[(at + step * distance) % len(order)] for distance in range(1, len(order) + 1))
        target = next((one for one in ahead if one in view.findings or view.layers[one].failure is not None), None)
        if target is None or not self._select_anywhere(target):
            elsewhere = "; 3 lists what is about whole models" if self._shown().findings else ""
            self._say(f"no layer of this file has a finding{elsewhere}", passing=True)
        elif self.shown_view in ("findings", "log"):
            self._show_view("layers")

    def action_traceback(self) -> None:
        """Show the whole traceback, which stands at the end of the log."""
        log = self.query_one("#log", TextView)
        line = traceback_line(log.document)
        if line is None:
            failed = self._shown().failure is not None
            where = ": 3 shows where it happened" if failed else ""
            self._say(f"the log holds no traceback{where}", passing=True)
            return
        self._show_view("log")
        log.go_to_top(line)

    def action_model(self, step: int) -> None:
        """Show the next model of the file, round the end."""
        if self._view is not None and self._view.count:
            self.model_index = (self.model_index + step) % self._view.count

    def action_help(self) -> None:
        """Explain words, marks and keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks))

    async def action_copy(self) -> None:
        """Copy what is selected in the pane that has the focus, and say how."""
        text, what = self._to_copy()
        if text is None:
            self._say("nothing is selected, so nothing was copied", passing=True)
            return
        self.app.copy_to_clipboard(text)
        tried = "asked the terminal (OSC 52) to copy"
        if await copy_by_tmux(text):
            tried += ", and gave tmux,"
        self._say(f"{tried} {what}", passing=True)

    def _to_copy(self) -> tuple[str | None, str]:
        """What to copy, and what to call it."""
        source = self._shown().source
        if self.shown_view == "findings":
            return self.query_one(FindingsPane).selected_text, "the selected entry"
        if self.shown_view in ("source", "log"):
            found = self.query_one(f"#{self.shown_view}", TextView).selected_line
            if found is None:
                return None, ""
            number, text = found
            return text, source.line_name(number) if self.shown_view == "source" else f"line {number} of the log"
        if self.shown_view == "weights":
            table = self.query_one(WeightTable)
            weight = table.selected
            return (None, "") if weight is None else (weight_line(weight, table.found(weight.path)), weight.name)
        layer = self.query_one(LayerTable).selected
        if layer is None:
            return None, ""
        return summary_line(layer, source), f"the summary of {name_of(layer, source)}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now; the footer follows."""
        if action in ("quit_screen", "leave"):
            return self._is_first == (action == "quit_screen")
        view = self._view
        if action == "model":
            return view is not None and view.count > 1
        if action == "models":
            several = view is not None and (view.count > 1 or bool(view.inspection.factories))
            return several or self._target.name is not None
        if action == "weights" and self.shown_view == "weights":
            return False
        if action == "weights" or (action == "view" and parameters == ("weights",)):
            return view is not None and bool(view.inspection.weights)
        if action == "input_shape":
            return self._wants_shape()
        if action in ("fold", "fold_all"):
            return view is not None and view.foldable
        if action == "open_detail":
            return self.focused is None or self.focused.id not in ("findings", "weights")
        return super().check_action(action, parameters)

    def watch_looking(self) -> None:
        """The footer shows what can be done now."""
        self.refresh_bindings()

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        for entry in ACTIONS:
            _namespace, name, parameters = parse(entry.action)
            if entry.palette and entry.scope == "screen" and self.check_action(name, parameters):
                yield SystemCommand(
                    f"{entry.label} ({entry.shown})", entry.tooltip, lambda action=entry.action: self._run_soon(action)
                )

    def _run_soon(self, action: str) -> None:
        async def run() -> None:
            await self.run_action(action)

        self.call_later(run)
