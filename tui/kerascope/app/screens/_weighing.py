"""The view of the weights: showing them, and reading the statistics of their numbers when asked."""

from __future__ import annotations

from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING

from kerascope.app._words import counted
from kerascope.app.screens._views import ViewsScreen
from kerascope.app.widgets.bars import VIEWS, TabBar
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.weight_card import TotalsBar, WeightCard
from kerascope.app.widgets.weight_table import WeightTable
from kerascope.graph import no_architecture

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.graph import Inspection, Layer, Target, WeightStats

__all__ = ["WeighingScreen"]

_TELL_SECONDS = 0.25
"""How often what was found is drawn: answers come by the thousand."""


class WeighingScreen(ViewsScreen):
    """Owns the reading of weights: what is asked for waits in a queue, the last question first."""

    def __init__(self, inspector: Inspector, target: Target, marks: Marks, *, compare: bool = False) -> None:
        super().__init__(inspector, target, marks, compare=compare)
        self._pending: dict[str, None] = {}
        self._fresh: dict[str, WeightStats | str] = {}
        """Found, and not yet drawn."""
        self._known: dict[str, WeightStats | str] = {}
        self._weigher: Worker[None] | None = None
        self._teller: Timer | None = None
        self._asked_for = 0
        self._weighing_since = 0.0
        self._opened_on_weights = False
        self._weights_due = False

    @property
    def _weighing(self) -> bool:
        return self._weigher is not None

    def _show_weights(self, inspection: Inspection) -> None:
        """Show the weights of another answer; a file of nothing but weights opens on them, once."""
        self._stop_weighing()
        self._known = {weight.path: weight.stats for weight in inspection.weights if weight.stats is not None}
        self.query_one(TabBar).views = VIEWS if inspection.weights else VIEWS[:-1]
        self._weights_due = True
        self._fill_weights()
        if not inspection.weights:
            if self.shown_view == "weights":
                self._show_view("layers")
            return
        if no_architecture(inspection) and not self._opened_on_weights:
            self._opened_on_weights = True
            if self.shown_view == "layers":
                self._show_view("weights")

    def _fill_weights(self) -> None:
        """Make the rows of the weights once they are in sight: the layers are not to wait for them."""
        if self._weights_due and self.shown_view == "weights":
            self._weights_due = False
            self.query_one(WeightTable).take(self._shown().weights)
            self.query_one(TotalsBar).take(self._shown())

    def watch_shown_view(self) -> None:
        """Make what was not needed while it was out of sight."""
        if self.inspection is not None:
            self._fill_weights()
            self.refresh_bindings()

    @property
    def _home(self) -> str:
        """The view that Escape leads to."""
        only_weights = self.inspection is not None and self.inspection.weights and no_architecture(self.inspection)
        return "weights" if only_weights else "layers"

    def action_view(self, name: str) -> None:
        """Show a view; that of the weights only where there are some."""
        if name == "weights" and not self._shown().weights:
            self._say("this file holds no weights that could be listed", passing=True)
            return
        super().action_view(name)

    def action_weights(self) -> None:
        """Show the weights, those of the selected layer first."""
        from_layer = self.shown_view in ("layers", "detail")
        self.action_view("weights")
        layer = self.query_one(LayerTable).selected
        if self.shown_view != "weights" or not from_layer or layer is None:
            return
        path = self._first_weight(layer)
        if path is None:
            self._say(f"{layer.name} has no weights in this file", passing=True)
        else:
            self.query_one(WeightTable).select(path)

    def _first_weight(self, layer: Layer) -> str | None:
        """The first weight of a layer, else of a layer inside of it."""
        inspection = self._shown()
        inside = {layer.id}
        names = {layer.name}
        for model in inspection.models:
            for other in model.layers:
                if other.parent in inside:
                    inside.add(other.id)
                    names.add(other.name)
        own = next((weight.path for weight in inspection.weights if weight.layer == layer.name), None)
        return own or next((weight.path for weight in inspection.weights if weight.layer in names), None)

    def on_weight_table_selected(self) -> None:
        """Tell all about the selected weight."""
        table = self.query_one(WeightTable)
        weight = table.selected
        found = table.found(weight.path) if weight is not None else None
        waiting = weight is not None and table.is_waiting(weight.path)
        self.query_one(WeightCard).take(weight, table.selected_group, found, waiting=waiting)

    # Statistics

    def on_weight_table_asked(self, message: WeightTable.Asked) -> None:
        """Read the numbers of these weights, before those that were asked for earlier."""
        table = self.query_one(WeightTable)
        new = [path for path in message.paths if table.found(path) is None]
        if not new:
            self._say(f"the statistics of {_these(len(message.paths))} are known already", passing=True)
            return
        if not self._weighing:
            self._asked_for, self._weighing_since = 0, monotonic()
        self._asked_for += sum(path not in self._pending for path in new)
        self._pending = {**dict.fromkeys(new), **self._pending}
        self._weigher = self.run_worker(self._weigh, group="weigh", exclusive=True, exit_on_error=False)
        if self._teller is None:
            self._teller = self.set_interval(_TELL_SECONDS, self._tell)
        self._tell()

    async def _weigh(self) -> None:
        inspection = self._shown()
        paths = tuple(self._pending)
        broken = ""
        try:
            async with aclosing(self._inspector.weight_stats(inspection, paths)) as answers:
                async for path, found in answers:
                    if inspection is not self.inspection or path not in self._pending:
                        continue
                    del self._pending[path]
                    self._fresh[path] = found
                    self._known[path] = found
        except Exception as error:
            # Whatever breaks in the reader is said, and is not the end of the screen.
            broken = f"kerascope itself failed while reading weights: {type(error).__name__}: {error}"
        if inspection is self.inspection:
            self._finish(broken)

    def _tell(self) -> None:
        """Draw what was found since the last time, and say how far it is."""
        fresh, self._fresh = self._fresh, {}
        self.query_one(WeightTable).tell(fresh, self._pending)
        if fresh or not self._known:
            self.on_weight_table_selected()
        if self._weighing and not self.looking:
            done = self._asked_for - len(self._pending)
            seconds = int(monotonic() - self._weighing_since)
            self._say(f"statistics: {done:,} of {counted(self._asked_for, 'weight')} … {seconds} s, Esc stops")

    def _finish(self, broken: str, *, stopped: bool = False) -> None:
        """All that was asked for is there, or nothing more will come."""
        done = self._asked_for - len(self._pending)
        self._weigher = None
        self._pending.clear()
        if self._teller is not None:
            self._teller.stop()
            self._teller = None
        self._tell()
        if broken:
            self._say(broken)
            return
        bad = sum(not isinstance(each, str) and bool(each.nans or each.infs) for each in self._known.values())
        remark = f" · {_these(bad)} hold{'s' if bad == 1 else ''} NaN or Inf: f goes there" if bad else ""
        seconds = f"{monotonic() - self._weighing_since:.1f} s"
        if stopped:
            self._say(f"stopped after {seconds}: statistics of {done:,} of {_these(self._asked_for)}{remark}")
        else:
            self._say(f"statistics of {_these(done)} in {seconds}{remark}")
        self._take_statistics(self._inspector.with_weight_stats(self._shown(), self._known))

    def _take_statistics(self, inspection: Inspection) -> None:
        """Take the answer with what its weights' numbers add to it."""

    def _stop_weighing(self) -> bool:
        """Stop reading weights; whether they were being read. What was found stays."""
        if self._weigher is None:
            return False
        self._weigher.cancel()
        self._weigher = None
        self._fresh.clear()
        self._pending.clear()
        if self._teller is not None:
            self._teller.stop()
            self._teller = None
        return True

    def _cancel_weighing(self) -> None:
        """Stop at the reader's word."""
        if self._weigher is None:
            return
        self._weigher.cancel()
        self._finish("", stopped=True)


def _these(number: int) -> str:
    return counted(number, "weight")
