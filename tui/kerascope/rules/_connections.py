"""KS201, KS202, KS203: layers and inputs that no model reaches."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from kerascope.graph import Connection, Finding, Fix, Layer, Model, Severity, SourceKind, format_shapes, title_of
from kerascope.rules._words import join, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kerascope.graph import Inspection, Source

__all__ = ["dead_branch", "uncalled_attribute", "unconnected_layer", "unused_input"]

_MOST_FOLLOWERS = 100
"""Layers of a branch that are named: a file may have thousands of branches that run into the same thousands."""


def unconnected_layer(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS201: constructed, never called, in no model; in a saved file: listed, and called nowhere."""
    saved = inspection.source.kind is not SourceKind.PYTHON
    for layer in model.layers:
        if layer.connection is not Connection.UNCONNECTED:
            continue
        if saved:
            yield _finding(
                layer,
                rule="KS201",
                name="unconnected-layer",
                message=f"{layer.name} ({layer.class_name}) is connected to nothing: the file lists it without a call",
                why="a layer is part of a functional model by its calls, on tensors that lead to the model's outputs; "
                "Keras makes this one when it loads the file, and the model does not get it",
                fix="call it on a tensor of the model, or remove it",
            )
        elif model.name is None:
            yield _finding(
                layer,
                rule="KS201",
                name="unconnected-layer",
                message=f"{layer.name} ({layer.class_name}) is connected to nothing: never called and in no model",
                why="a layer becomes part of a model when it is called on a tensor that leads to the model's outputs, "
                "or added to a Sequential; this one was only constructed, so it has no effect",
                fix="call it on a tensor of the model, or remove it",
            )


def uncalled_attribute(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS204: a layer kept by a subclassed model or layer, whose `call` never uses it; only a program can tell."""
    if inspection.source.kind is not SourceKind.PYTHON:
        return
    owners = {layer.id: layer for layer in model.layers}
    for layer in model.layers:
        if layer.connection is not Connection.UNCONNECTED or model.name is None:
            continue
        owner = owners[layer.parent].class_name if layer.parent is not None else model.class_name
        yield _finding(
            layer,
            rule="KS204",
            name="uncalled-attribute",
            message=f"{layer.name} ({layer.class_name}) is kept by {owner}, but never called and never read again",
            why=f"a subclassed model computes what its call() computes; {owner} was called, this layer was not, and "
            "the program reads the attribute that holds it nowhere. It has no effect",
            fix=f"call it in {owner}.call(), or remove it",
            model=model,
        )


def dead_branch(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS202: called, but its output reaches no model output; one finding for each branch, at its first layer."""
    dead = [layer for layer in model.layers if layer.connection is Connection.DEAD_BRANCH]
    takers: dict[str, list[int]] = {layer.id: [] for layer in dead}
    for place, layer in enumerate(dead):
        for source in takers.keys() & set(layer.inbound):
            takers[source].append(place)
    for place, layer in enumerate(dead):
        if not takers.keys().isdisjoint(layer.inbound):
            continue  # told with the layer it follows
        rest = [other.name for other in _followers(place, dead, takers)]
        named = join(rest) if len(rest) < _MOST_FOLLOWERS else f"{', '.join(rest)} and others"
        also = f" (and with it {named})" if rest else ""
        yield _finding(
            layer,
            rule="KS202",
            name="dead-branch",
            message=f"{layer.name} ({layer.class_name}) is called, but its output reaches no model output{also}"
            + _overtaken_message(layer, inspection.source),
            why=_why(layer, inspection.source),
            fix=f"call the next layer on the output of {rest[-1] if rest else layer.name}, or remove the branch",
        )


def unused_input(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS203: an Input that no model uses, or one that is given to a model but leads to none of its outputs."""
    for layer in model.layers:
        if layer.connection is not Connection.UNUSED_INPUT:
            continue
        shape = f" {format_shapes(layer.output)}" if layer.output else ""
        if model.name is None:
            message = f"the Input {layer.name}{shape} is used by no model"
            why = (
                "a model has the inputs that are given to Model(inputs=...); nothing that starts at this one leads to "
                "a model's outputs, so no data will ever be asked for it"
            )
            fix = "give it to the model and connect it, or remove it"
        else:
            message = f"{title_of(model)} takes the Input {layer.name}{shape}, but none of its outputs depends on it"
            why = (
                "Keras takes every Input that is given to Model(inputs=...) and asks for its data at each step; no "
                "layer of the model is called on this one, so the data has no effect"
            )
            fix = "connect it to the model's outputs, or leave it out of Model(inputs=...)"
        yield _finding(layer, rule="KS203", name="unused-input", message=message, why=why, fix=fix)


def _finding(
    layer: Layer, *, rule: str, name: str, message: str, why: str, fix: str, model: Model | None = None
) -> Finding:
    return Finding(
        rule=rule,
        name=name,
        severity=Severity.WARNING,
        message=message,
        why=why,
        model=None if model is None else model.name,
        layer=layer.name,
        layer_id=layer.id,
        path=layer.location.path if layer.location else None,
        line=layer.location.line if layer.location else None,
        column=layer.location.column if layer.location else None,
        fix=Fix(description=fix),
    )


def _followers(first: int, dead: Sequence[Layer], takers: Mapping[str, Sequence[int]]) -> list[Layer]:
    """Dead layers that come after the one at `first` on its branch, in the order of the model."""
    found: list[Layer] = []
    reached, waiting = {first}, list(takers[dead[first].id])
    heapq.heapify(waiting)
    while waiting and len(found) < _MOST_FOLLOWERS:
        place = heapq.heappop(waiting)
        if place in reached:
            continue
        reached.add(place)
        found.append(dead[place])
        for taker in takers[dead[place].id]:
            heapq.heappush(waiting, taker)
    return found


def _overtaken_message(layer: Layer, source: Source) -> str:
    overtaken = layer.overtaken
    if overtaken is None or overtaken.line is None:
        return ""
    taker = f" calls {overtaken.layer}" if overtaken.layer else " goes on"
    tensor = f" on the output of {overtaken.tensor_of}" if overtaken.tensor_of else " on the earlier tensor"
    return f": {source.line_name(overtaken.line, overtaken.path)}{taker}{tensor} instead"


def _why(layer: Layer, source: Source) -> str:
    overtaken = layer.overtaken
    at = line_of(layer, source)
    lost = "Keras keeps only the layers on a path from the inputs to the outputs of a model; the others vanish silently"
    if overtaken is None or overtaken.line is None:
        return f"{lost}. Nothing in the file leads from {layer.name}{at} to a model's outputs" + _held(layer, source)
    tensor = overtaken.tensor_of or "the earlier layer"
    taker = overtaken.layer or "the next layer"
    line = source.line_name(overtaken.line, overtaken.path)
    return (
        f"{lost}. {layer.name}{at} and {taker} ({line}) were both called on "
        f"the output of {tensor}; the model goes on from {taker}, so the result of {layer.name} is left behind"
        + _held(layer, source)
    )


def _held(layer: Layer, source: Source) -> str:
    """Which variable held the result of a dead branch, and what became of it."""
    overtaken = layer.overtaken
    if overtaken is None or overtaken.variable is None:
        return ""
    if overtaken.rebound_line is None:
        return f". It was held by {overtaken.variable}, which nothing that reaches an output reads"
    return (
        f". It was held by {overtaken.variable} until {source.line_name(overtaken.rebound_line)} gave that name to "
        "something else"
    )
