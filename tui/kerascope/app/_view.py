"""From an inspection to what the screen shows of one model: rows, sections and findings by layer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.app._folds import fold_paths, folded_layers, tree_of
from kerascope.app._words import counted
from kerascope.graph import Connection, LaneRow, Provenance, Severity, is_saved, lay_out, no_architecture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.app._folds import Choices, FoldPath
    from kerascope.graph import EngineInfo, Finding, Inspection, Layer, Model

__all__ = ["LayerRow", "TitleRow", "View", "build_view", "main_index", "named_models"]

_SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A heading between rows: what follows, and why it stands there."""

    title: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer's row.

    Attributes:
        layer: The layer.
        lanes: How it is drawn.
        loose: Whether it is connected to nothing.
        severity: The worst of its findings, and of those of the layers folded into it.
        unjudged: Nothing is known of its connections.
        inside: How many layers are inside it, at any depth.
        folded: Whether these are hidden.
    """

    layer: Layer
    lanes: LaneRow
    loose: bool
    severity: Severity | None
    unjudged: bool = False
    inside: int = 0
    folded: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One model of an inspection, ready to be drawn.

    Attributes:
        inspection: Where all of it comes from.
        model: The model shown; `None` when there is none with a name.
        index: Its place among the named models, from 0.
        count: How many named models there are.
        rows: Titles and layers, in order.
        findings: Findings by layer id.
        row_of: Index of the row of each layer that is visible.
        layers: All layers of the inspection by id.
        order: Ids of the layers of this view in the order of their rows, the folded ones too.
        shown_by: For each folded layer the id of the row that hides it.
        paths: Fold path by layer id.
        other: The other Keras, where its shapes are to be shown too.
    """

    inspection: Inspection
    model: Model | None
    index: int
    count: int
    rows: tuple[TitleRow | LayerRow, ...]
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    shown_by: dict[str, str] = field(default_factory=dict)
    paths: dict[str, FoldPath] = field(default_factory=dict)
    other: EngineInfo | None = None

    @property
    def foldable(self) -> bool:
        """Whether there is anything to fold."""
        return any(isinstance(row, LayerRow) and row.inside for row in self.rows)

    @property
    def first(self) -> int:
        """Index of the first layer's row, -1 when there is none."""
        return next((index for index, row in enumerate(self.rows) if isinstance(row, LayerRow)), -1)


def named_models(inspection: Inspection) -> tuple[Model, ...]:
    """The models of a file, without the entry for layers that belong to none."""
    return tuple(model for model in inspection.models if model.name is not None)


def main_index(inspection: Inspection) -> int:
    """Which named model to show first: the one with the most layers, which holds the others where any does."""
    sizes = [len(model.layers) for model in named_models(inspection)]
    return sizes.index(max(sizes)) if sizes else 0


def build_view(
    inspection: Inspection, index: int = 0, choices: Choices | None = None, *, compare: bool = False
) -> View:
    """What to show of the model at `index` (brought within range) of an inspection.

    Args:
        inspection: What is known.
        index: Which named model.
        choices: What was folded and unfolded by hand.
        compare: Show what the other Keras says as well, where it was asked.
    """
    models = named_models(inspection)
    index = max(0, min(index, len(models) - 1))
    model = models[index] if models else None
    findings: dict[str, list[Finding]] = {}
    for finding in inspection.findings:
        if finding.layer_id is not None:
            findings.setdefault(finding.layer_id, []).append(finding)

    maker = _RowMaker(findings, choices or {}, unjudged=inspection.engine is not None or is_saved(inspection))
    rows: list[TitleRow | LayerRow] = []
    if model is not None:
        rows.extend(maker.rows(model.name, model.layers))
    for entry in inspection.models:
        if entry.name is None:
            maker.unjudged = False
            for title, apart in _without_model(inspection, entry, alone=model is None):
                if rows:
                    rows.append(TitleRow(""))
                if title is not None:
                    rows.append(title)
                rows.extend(maker.rows(None, apart))
    row_of = {row.layer.id: at for at, row in enumerate(rows) if isinstance(row, LayerRow)}
    layers = {layer.id: layer for entry in inspection.models for layer in entry.layers}
    return View(
        inspection=inspection,
        model=model,
        index=index,
        count=len(models),
        rows=tuple(rows),
        findings={layer_id: tuple(found) for layer_id, found in findings.items()},
        row_of=row_of,
        layers=layers,
        order=tuple(maker.order),
        shown_by=maker.shown_by,
        paths=maker.paths,
        other=inspection.compared if compare else None,
    )


_LOOSE_TITLE = "Connected to nothing"


def _without_model(
    inspection: Inspection, entry: Model, *, alone: bool
) -> Iterable[tuple[TitleRow | None, tuple[Layer, ...]]]:
    """The layers of no model, under what can be said of them; no title for those that the text alone tells of."""
    if not entry.layers:
        return
    if all(layer.provenance is Provenance.SOURCE for layer in entry.layers):
        # The header says so: a title here would make the table jump when the answer comes.
        yield None, entry.layers
        return
    if alone and inspection.failure is not None:
        remark = f"{counted(len(entry.layers), 'layer')}; no model was complete"
        yield TitleRow("Recorded until the failure", remark), entry.layers
        return
    if no_architecture(inspection):
        yield TitleRow("Named by the weights", f"{counted(len(entry.layers), 'layer')}; 6 lists them"), entry.layers
        return
    loose = tuple(layer for layer in entry.layers if _is_loose(layer))
    others = tuple(layer for layer in entry.layers if not _is_loose(layer))
    if loose:
        yield TitleRow(_LOOSE_TITLE, f"{counted(len(loose), 'layer')} that no model uses"), loose
    if others:
        yield TitleRow("In no model", counted(len(others), "layer")), others


def _is_loose(layer: Layer) -> bool:
    return layer.connection not in (None, Connection.CONNECTED)


class _RowMaker:
    """Makes the rows of one group of layers after the other, and remembers what is folded into which row."""

    def __init__(self, findings: dict[str, list[Finding]], choices: Choices, *, unjudged: bool) -> None:
        self._findings = findings
        self._choices = choices
        self.unjudged = unjudged
        self.order: list[str] = []
        self.shown_by: dict[str, str] = {}
        self.paths: dict[str, FoldPath] = {}

    def rows(self, model: str | None, layers: tuple[Layer, ...]) -> list[LayerRow]:
        """The rows that are visible of these layers."""
        tree = tree_of(layers)
        by_id = {layer.id: layer for layer in layers}
        inside = dict.fromkeys(tree, 0)
        for layer_id in reversed(tree):
            parent = tree[layer_id]
            if parent is not None:
                inside[parent] += 1 + inside[layer_id]
        folded = folded_layers(model, layers, self._choices)
        if any(inside.values()):
            self.paths.update(fold_paths(model, layers))
        self.order += tree
        worst: dict[str, Severity] = {}
        for layer_id, parent in tree.items():
            if parent is not None and (parent in folded or parent in self.shown_by):
                self.shown_by[layer_id] = self.shown_by.get(parent, parent)
            shown = self.shown_by.get(layer_id, layer_id)
            severities = [finding.severity for finding in self._findings.get(layer_id, ())]
            if by_id[layer_id].failure is not None:
                severities.append(Severity.ERROR)
            if severities:
                severities += [worst[shown]] if shown in worst else []
                worst[shown] = min(severities, key=_SEVERITY_ORDER.__getitem__)
        rows: list[LayerRow] = []
        for lanes in lay_out([layer for layer in layers if layer.id not in self.shown_by]):
            layer = by_id[lanes.id]
            unjudged = self.unjudged and layer.connection is None
            rows.append(
                LayerRow(
                    layer,
                    lanes,
                    _is_loose(layer),
                    worst.get(layer.id),
                    unjudged,
                    inside[layer.id],
                    layer.id in folded,
                )
            )
        return rows
