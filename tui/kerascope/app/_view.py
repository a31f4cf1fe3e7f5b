"""From an inspection to what the screen shows of one model: rows, sections and findings by layer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.app._words import count_of
from kerascope.graph import Connection, LaneRow, Provenance, Severity, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.graph import Finding, Inspection, Layer, Model

__all__ = ["LayerRow", "TitleRow", "View", "build_view", "main_index", "named_models"]

_SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A heading between rows: what follows, and why it stands there."""

    title: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer's row. `severity` is the worst of its findings; nothing is known of an `unjudged` one's connections."""

    layer: Layer
    lanes: LaneRow
    loose: bool
    severity: Severity | None
    unjudged: bool = False


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
        first: Index of the first layer's row, -1 when there is none.
    """

    inspection: Inspection
    model: Model | None
    index: int
    count: int
    rows: tuple[TitleRow | LayerRow, ...]
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)

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


def build_view(inspection: Inspection, index: int = 0) -> View:
    """What to show of the model at `index` (brought within range) of an inspection."""
    models = named_models(inspection)
    index = max(0, min(index, len(models) - 1))
    model = models[index] if models else None
    findings: dict[str, list[Finding]] = {}
    for finding in inspection.findings:
        if finding.layer_id is not None:
            findings.setdefault(finding.layer_id, []).append(finding)

    rows: list[TitleRow | LayerRow] = []
    if model is not None:
        rows.extend(_layer_rows(model.layers, findings, unjudged=inspection.engine is not None))
    for entry in inspection.models:
        if entry.name is None:
            for title, apart in _without_model(inspection, entry, alone=model is None):
                if rows:
                    rows.append(TitleRow(""))
                if title is not None:
                    rows.append(title)
                rows.extend(_layer_rows(apart, findings))
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
        remark = f"{count_of(len(entry.layers), 'layer')}; no model was complete"
        yield TitleRow("Recorded until the failure", remark), entry.layers
        return
    loose = tuple(layer for layer in entry.layers if _is_loose(layer))
    others = tuple(layer for layer in entry.layers if not _is_loose(layer))
    if loose:
        yield TitleRow(_LOOSE_TITLE, f"{count_of(len(loose), 'layer')} that no model uses"), loose
    if others:
        yield TitleRow("In no model", count_of(len(others), "layer")), others


def _is_loose(layer: Layer) -> bool:
    return layer.connection not in (None, Connection.CONNECTED)


def _layer_rows(
    layers: tuple[Layer, ...], findings: dict[str, list[Finding]], *, unjudged: bool = False
) -> list[TitleRow | LayerRow]:
    by_id = {layer.id: layer for layer in layers}
    rows: list[TitleRow | LayerRow] = []
    for lanes in lay_out(layers):
        layer = by_id[lanes.id]
        found = findings.get(layer.id)
        worst = min((f.severity for f in found), key=_SEVERITY_ORDER.__getitem__) if found else None
        rows.append(LayerRow(layer, lanes, _is_loose(layer), worst, unjudged and layer.connection is None))
    return rows
