"""What is folded away in the layer table, and folding it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.app._folds import carried
from kerascope.app._view import LayerRow
from kerascope.app._words import counted
from kerascope.app.screens._weighing import WeighingScreen
from kerascope.app.widgets.layer_table import LayerTable

if TYPE_CHECKING:
    from kerascope.app._folds import FoldPath
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.app._view import View
    from kerascope.graph import Inspection, Target

__all__ = ["FoldingScreen"]


class FoldingScreen(WeighingScreen):
    """Holds the view that is shown, and what was folded and unfolded by hand in it."""

    def __init__(self, inspector: Inspector, target: Target, marks: Marks, *, compare: bool = False) -> None:
        super().__init__(inspector, target, marks, compare=compare)
        self._view: View | None = None
        self._folds: dict[FoldPath, bool] = {}

    def _show(self, inspection: Inspection | None) -> None:
        """Show an answer as it is folded now."""

    def _carry_folds(self, inspection: Inspection) -> None:
        """Keep what was folded by hand over another look."""
        if self._view is None or self._view.inspection is inspection or not self._folds:
            return
        before = {model.name: model.layers for model in self._view.inspection.models}
        for model in inspection.models:
            if model.name in before:
                self._folds = carried(self._folds, model.name, before[model.name], model.layers)

    def _fold(self, changes: dict[FoldPath, bool]) -> None:
        self._folds.update(changes)
        self._show(self._shown())
        if self._says_answer:
            self._say_answer(self._shown(), compared=False)

    def _unfold_to(self, layer_id: str) -> None:
        """Unfold everything above a layer."""
        view = self._view
        if view is None or layer_id not in view.shown_by:
            return
        above: dict[FoldPath, bool] = {}
        path = view.paths[layer_id][:-1]
        while len(path) > 1:  # the first name is the model's
            above[path] = False
            path = path[:-1]
        self._fold(above)

    def action_fold(self) -> None:
        """Fold or unfold what is inside the selected layer; on a layer inside of one, fold that one."""
        view, layer = self._view, self.query_one(LayerTable).selected
        if view is None or layer is None:
            return
        row = view.rows[view.row_of[layer.id]]
        if isinstance(row, LayerRow) and row.inside:
            self._fold({view.paths[layer.id]: not row.folded})
        elif layer.parent is not None and layer.parent in view.row_of:
            self.query_one(LayerTable).select(layer.parent)
            self._fold({view.paths[layer.parent]: True})
        else:
            self._say("there is nothing to fold here", passing=True)

    def action_fold_all(self) -> None:
        """Unfold everything, or fold everything where nothing is folded."""
        view = self._view
        if view is None or not view.foldable:
            self._say("there is nothing to fold here", passing=True)
            return
        folds = not view.shown_by
        self._fold({path[:-1]: folds for path in view.paths.values() if len(path) > 2})

    def on_layer_table_fold_clicked(self, message: LayerTable.FoldClicked) -> None:
        """Fold or unfold what was clicked, which the click has selected."""
        self.action_fold()

    def _remark(self) -> str:
        view = self._view
        if view is None or not view.shown_by or self._folds:
            return ""
        return f"{counted(len(view.shown_by), 'layer')} folded away, Z unfolds"
