"""Two inspections of one file, by the two Keras generations, as one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from kerascope.graph._types import Compared, Failure, Inspection, Layer, Model, Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.graph._types import EngineInfo, Finding

__all__ = ["compare", "merge_findings"]

Key = tuple[object, ...]

_Item = TypeVar("_Item")

_NUMBER = re.compile(r"_\d+$")


def compare(first: Inspection, second: Inspection) -> Inspection:
    """`first` with what `second` says beside it: `Layer.compared` where a row was found in both, notes where not.

    Rows are matched by the place that constructs them and their class; those that Keras itself makes, by their class
    and order. Where one of the two failed, the other one's answer is kept, and a note says how the one failed.
    """
    if first.failure is not None and second.failure is None:
        first, second = second, first
    if second.engine is None or first.engine is None or second.failure is not None:
        return _noted(first, second)
    models = _matched(first.models, second.models)
    merged = replace(
        first,
        models=tuple(_merge_model(model, models.get(id(model)), second.engine) for model in first.models),
        compared=second.engine,
        factories=first.factories,
    )
    return _noted(merged, second)


def _noted(first: Inspection, second: Inspection) -> Inspection:
    """`first` with a note about how the other one ended, where it ended badly."""
    failure = second.failure
    if failure is None:
        return first
    notes = (*first.notes, Note(message=f"{_who(second, failure)}: {failure.message}", line=failure.line))
    return replace(first, notes=notes)


def _who(inspection: Inspection, failure: Failure) -> str:
    if inspection.engine is not None:
        return f"under Keras {inspection.engine.keras}"
    return "the other Keras"


def _matched(first: Iterable[Model], second: Iterable[Model]) -> dict[int, Model]:
    """Models of `second` by the id of their like in `first`."""
    theirs = dict(_keyed((_model_key(model), model) for model in second))
    return {
        id(model): theirs[key] for key, model in _keyed((_model_key(model), model) for model in first) if key in theirs
    }


def _keyed(items: Iterable[tuple[Key, _Item]]) -> Iterable[tuple[Key, _Item]]:
    """Each item with its key made unique by counting: a line in a loop makes several."""
    counts: Counter[Key] = Counter()
    for key, item in items:
        counts[key] += 1
        yield (*key, counts[key]), item


def _model_key(model: Model) -> Key:
    if model.name is None:
        return ("loose",)
    place = model.location and (model.location.path, model.location.line, model.location.column)
    return (place or _NUMBER.sub("", model.name), model.class_name)


def _merge_model(model: Model, other: Model | None, engine: EngineInfo) -> Model:
    twins = {} if other is None else _twins(model, other)
    layers = []
    for layer in model.layers:
        twin = twins.get(layer.id)
        if twin is None:
            unknown = f"Keras {engine.keras} has no such layer here"
            compared = Compared(
                effective=None, output=None, verdict=None, params=None, unknown=unknown, same=False, found=False
            )
        else:
            compared = Compared(
                effective=twin.effective,
                output=twin.output,
                verdict=twin.verdict,
                params=twin.params,
                unknown=twin.unknown,
                same=_same(layer, twin),
            )
        layers.append(replace(layer, compared=compared))
    return replace(model, layers=tuple(layers))


def _same(ours: Layer, theirs: Layer) -> bool:
    """Whether the two say the same; what only one of them knows of a row that gets the same is no difference."""
    if (ours.effective, ours.verdict) != (theirs.effective, theirs.verdict):
        return False
    if None not in (ours.output, theirs.output) and ours.output != theirs.output:
        return False
    if ours.effective is None:
        # A layer without weights counts none before it is built, or is not counted.
        return (ours.params or 0) == (theirs.params or 0)
    return ours.params == theirs.params


def _twins(model: Model, other: Model) -> dict[str, Layer]:
    """Rows of `other` by the id of their like in `model`.

    `x * 2` is an operation of one name in Keras 3 and a layer of another in Keras 2: rows that have no like of their
    class are matched by their place alone.
    """
    ours, theirs = _row_keys(model), _row_keys(other)
    by_key = {key: layer for layer, key in theirs}
    found = {layer.id: by_key[key] for layer, key in ours if key in by_key}
    taken = {layer.id for layer in found.values()}
    left = dict(_keyed(_placed(layer for layer, _ in theirs if layer.id not in taken)))
    rest = _keyed(_placed(layer for layer, _ in ours if layer.id not in found))
    return {**found, **{layer.id: left[key] for key, layer in rest if key in left}}


def _placed(layers: Iterable[Layer]) -> Iterable[tuple[Key, Layer]]:
    """Operations with their places."""
    return ((key, layer) for layer in layers if (key := _place_key(layer)) is not None)


def _place_key(layer: Layer) -> Key | None:
    """Where an operation stands and what it gets; `None` for what the author constructed: that has a class of its own.

    What it gets tells it from the operations that Keras 3 adds at the same place for a mask.
    """
    place = layer.location
    if place is None or layer.is_input or place != layer.call_location:
        return None
    return (place.path, place.line, place.column, layer.effective)


def _row_keys(model: Model) -> list[tuple[Layer, Key]]:
    """A key for each row that means the same under both generations: its parent's, its place or kind, its count."""
    counts: Counter[Key] = Counter()
    keys: dict[str, Key] = {}
    found: list[tuple[Layer, Key]] = []
    for layer in model.layers:
        parent = keys.get(layer.parent or "")
        if layer.location is not None:
            place: Key = (layer.location.path, layer.location.line, layer.location.column, layer.class_name)
        else:
            place = (layer.class_name,)
        base = (parent, *place)
        counts[base] += 1
        keys[layer.id] = (*base, counts[base])
        found.append((layer, keys[layer.id]))
    return found


def merge_findings(first: Inspection, second: Inspection) -> Inspection:
    """The findings of both: those that only one generation has say so.

    Args:
        first: The inspection that `compare` made, with its findings.
        second: The other one, with its findings.
    """
    if first.engine is None or second.engine is None:
        return first
    if second.failure is not None:
        # It has nothing to compare; what it says of its failure is worth having all the same.
        return replace(first, findings=(*first.findings, *second.findings))
    ours = {_finding_key(finding) for finding in first.findings}
    theirs = {_finding_key(finding) for finding in second.findings}
    merged = [
        finding
        if _finding_key(finding) in theirs or finding.rule == "KS106"
        else replace(finding, message=f"{finding.message} (under Keras {first.engine.generation} only)")
        for finding in first.findings
    ]
    ids = {layer.id for model in first.models for layer in model.layers}
    for finding in second.findings:
        if _finding_key(finding) not in ours:
            message = f"{finding.message} (under Keras {second.engine.generation} only)"
            # The rows are the first generation's; the same row has another id in the second.
            layer_id = finding.layer_id if finding.layer_id in ids else None
            merged.append(replace(finding, message=message, layer_id=layer_id))
    merged.sort(key=lambda finding: (finding.line or 0, finding.column or 0, finding.rule))
    return replace(first, findings=tuple(merged))


def _finding_key(finding: Finding) -> Key:
    # What one generation refuses, the other may only warn of: those are two things to say.
    return (finding.rule, finding.severity, finding.path, finding.line, finding.column)
