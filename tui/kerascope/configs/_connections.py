"""How the layers of a functional model refer to each other: calls counted from 0, and what cannot be as it stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kerascope.configs._nodes import moved, refs
from kerascope.configs._types import CallConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kerascope.configs._types import LayerConfig, Structure, TensorRef

__all__ = ["Notes", "check_connections", "renumbered"]

MAX_NOTES = 20
"""Sentences about what could not be read; a file that is broken throughout would give one for each layer."""


@dataclass(slots=True)
class Notes:
    """What could not be read, the first few in words."""

    said: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, sentence: str) -> None:
        """Take a sentence along, or count it."""
        if len(self.said) < MAX_NOTES:
            self.said.append(sentence)
        else:
            self.more += 1

    def all(self) -> tuple[str, ...]:
        """The sentences, and one that counts the others."""
        return (*self.said, f"and {self.more:,} more of this kind") if self.more else tuple(self.said)


def renumbered(
    layers: list[LayerConfig], inputs: Structure, outputs: Structure, generation: int
) -> tuple[list[LayerConfig], Structure, Structure]:
    """The same with the calls of inner models counted from 0, as those of other layers are.

    A functional model has a call of its own from the start, and Keras 1 and 2 count it: their first call of an inner
    model is number 1 (`_should_skip_first_node`). Keras 3 counts from 0 in the arguments of calls and from 1 in
    `output_layers` (`Functional.get_config`). Where the numbers in the file can only mean the other way, that holds.
    """
    inner = {layer.name: layer for layer in layers if layer.model is not None}
    if not inner:
        return layers, inputs, outputs
    in_calls = [ref for layer in layers for call in layer.calls for ref in refs(call) if ref.layer in inner]
    at_ends = [ref for ref in refs([inputs, outputs]) if ref.layer in inner]
    if generation < 3:
        from_1 = ends_from_1 = _counted_from_1(inner, in_calls + at_ends, _is_called_at_once)
    else:
        from_1 = _counted_from_1(inner, in_calls, lambda layer: False)
        ends_from_1 = _counted_from_1(inner, at_ends, _is_functional)
    if from_1:
        layers = [_moved_layer(layer, from_1) for layer in layers]
    move = _lowering(ends_from_1)
    return layers, moved(inputs, move), moved(outputs, move)


def check_connections(layers: Sequence[LayerConfig], inputs: Structure, outputs: Structure, notes: Notes) -> None:
    """Say what in the connections cannot be as it stands: names that are missing, doubled, or of no layer."""
    for name, count in Counter(layer.name for layer in layers).items():
        if not name:
            notes.add(f"{count:,} of its layers have no name, so nothing can be connected to them")
        elif count > 1:
            notes.add(f"{count:,} layers are called {name}, so it is not to be told which one is meant where")
    calls = {layer.name: max(1, len(layer.calls)) for layer in layers}
    for layer in layers:
        for call in layer.calls:
            for ref in refs(call):
                _check(ref, calls, f"{layer.name} is called on", notes)
    for ref in refs([inputs, outputs]):
        _check(ref, calls, "among its inputs and outputs is", notes)
    if not refs(outputs):
        notes.add("it names no outputs")


def _check(ref: TensorRef, calls: Mapping[str, int], said: str, notes: Notes) -> None:
    known = calls.get(ref.layer)
    if known is None:
        notes.add(f"{said} an output of {ref.layer}, which is no layer of this model")
    elif ref.call >= known:
        notes.add(f"{said} an output of call {ref.call + 1:,} of {ref.layer}, of which {known:,} are recorded")


def _counted_from_1(
    inner: Mapping[str, LayerConfig], named: Iterable[TensorRef], usual: Callable[[LayerConfig], bool]
) -> set[str]:
    """The inner models whose calls are counted from 1, `usual` telling where the numbers allow both."""
    lowest: dict[str, int] = {}
    highest: dict[str, int] = {}
    for ref in named:
        lowest[ref.layer] = min(lowest.get(ref.layer, ref.call), ref.call)
        highest[ref.layer] = max(highest.get(ref.layer, ref.call), ref.call)
    return {
        name
        for name, low in lowest.items()
        if low > 0 and (highest[name] >= len(inner[name].calls) or usual(inner[name]))
    }


def _lowering(names: set[str]) -> Callable[[TensorRef], TensorRef]:
    return lambda ref: replace(ref, call=ref.call - 1) if ref.layer in names else ref


def _moved_layer(layer: LayerConfig, names: set[str]) -> LayerConfig:
    if not any(ref.layer in names for call in layer.calls for ref in refs(call)):
        return layer
    move = _lowering(names)
    calls = (CallConfig(moved(call.args, move), moved(call.kwargs, move)) for call in layer.calls)
    return replace(layer, calls=tuple(calls))


def _is_functional(layer: LayerConfig) -> bool:
    return layer.model is not None and layer.model.kind == "functional"


def _is_called_at_once(layer: LayerConfig) -> bool:
    """Whether Keras 1 and 2 call a model when they make it: where its input is known by then."""
    model = layer.model
    if model is None or model.kind != "sequential":
        return model is not None
    first = model.layers[0] if model.layers else None
    return first is not None and (
        first.class_name == "InputLayer" or first.model is not None or "batch_input_shape" in first.config
    )
