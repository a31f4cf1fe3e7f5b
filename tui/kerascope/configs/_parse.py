"""Reading serialized layers and whole models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kerascope.configs._builtin import LAYER_KINDS, canonical, is_builtin, is_operation
from kerascope.configs._generation import generation_of, of_version
from kerascope.configs._keras1 import KERAS_1_CLASSES, modernized
from kerascope.configs._nodes import moved, parse_calls, parse_tensors, refs
from kerascope.configs._types import CallConfig, LayerConfig, ModelConfig, TensorRef
from kerascope.configs._values import is_serialized, unwrap
from kerascope.graph import clean_line, clean_text

__all__ = ["MAX_MODEL_DEPTH", "UNREADABLE_CLASS", "parse_layer", "parse_model", "serialized_layers"]

MAX_MODEL_DEPTH = 60
"""Models inside models; what people build is three or four deep, and each takes a few frames of Python's stack."""

MAX_ENVELOPES = 8
"""Wrappings around a model's config that are taken off: JSON in a string, `modelTopology`, `model_config`."""

MAX_NOTES = 20
"""Sentences about what could not be read; a file that is broken throughout would give one for each layer."""

MAX_INNER_DEPTH = 5
"""How deep in the arguments of a layer other layers are looked for (`FeatureSpace` keeps them three deep)."""

UNREADABLE_CLASS = "?"
"""Stands for the class of a layer that cannot be read; it keeps its place, so that nothing is connected past it."""

_MODEL_CLASSES = frozenset({"Functional", "Model", "Network", "Container"})
_INNER_KEYS = frozenset({"layer", "layers", "forward_layer", "backward_layer", "cell", "cells", "rnn_layer"})
_NO_LAYERS = ("initializer", "regularizer", "constraint", "dtype", "schedule", "loss")


def parse_layer(serialized: object, generation: int) -> LayerConfig:
    """A serialized layer, operation or model (`{"class_name": ..., "config": {...}}`) as typed data.

    Args:
        serialized: What JSON has; its strings are cleaned already.
        generation: The Keras whose rules are meant: 1, 2 or 3.

    Raises:
        ValueError: It is no serialized object; the message says what was found in its place.
    """
    try:
        return _layer(serialized, generation, _Notes(), 0)
    except RecursionError:
        raise ValueError("the layer's config is nested too deeply to be read") from None


def parse_model(data: object, generation: int | None = None) -> ModelConfig:
    """A whole model's config as typed data.

    Args:
        data: The decoded JSON: the `config.json` of a `.keras` file, `to_json()`, the `model_config` of an HDF5 file,
            the metadata of a Keras 2 SavedModel, a `model.json` of TensorFlow.js, a bare list of layers, or a string
            that holds any of these. Its strings are cleaned already.
        generation: The Keras whose rules are meant; `None` finds it out (`generation_of`), and where nothing tells
            takes 2, or 3 where classes stand with their modules.

    Raises:
        ValueError: There is no model in it; the message says what was found instead.
    """
    try:
        opened = _opened(data)
        if generation is None:
            generation = opened.generation or generation_of(opened.item) or (3 if "module" in opened.item else 2)
        model = _model(opened.item, generation, 0)
    except RecursionError:
        raise ValueError("the model's config is nested too deeply to be read") from None
    return model if model.build is not None else replace(model, build=opened.build)


def serialized_layers(layer: LayerConfig) -> Iterator[tuple[str, LayerConfig]]:
    """The layers in the arguments of a layer, each with where it stands: `layer`, `cell`, `cells[0]`, ...

    What a model holds stands in `layer.model` and is not told again.
    """
    if layer.model is not None:
        return
    for name, value in layer.config.items():
        if not name.endswith(_NO_LAYERS):
            yield from _inner(name, name, value, layer.generation, 0)


def _inner(key: str, path: str, value: object, generation: int, depth: int) -> Iterator[tuple[str, LayerConfig]]:
    if depth > MAX_INNER_DEPTH:
        return
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _inner(key, f"{path}[{index}]", item, generation, depth + 1)
    elif is_serialized(value):
        try:
            found = parse_layer(value, generation)
        except ValueError:
            return
        known = is_builtin(found.class_name, found.module, found.registered_name, generation, ("layers", "models"))
        if key in _INNER_KEYS or (known and not (found.module or "").endswith(_NO_LAYERS)):
            yield path, found
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not str(name).endswith(_NO_LAYERS):
                yield from _inner(str(name), f"{path}.{name}", item, generation, depth + 1)


@dataclass(slots=True)
class _Notes:
    """What could not be read, the first few in words."""

    said: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, sentence: str) -> None:
        if len(self.said) < MAX_NOTES:
            self.said.append(sentence)
        else:
            self.more += 1

    def all(self) -> tuple[str, ...]:
        return (*self.said, f"and {self.more:,} more of this kind") if self.more else tuple(self.said)


@dataclass(frozen=True, slots=True)
class _Opened:
    item: Mapping[str, Any]
    generation: int | None
    build: object


def _opened(data: object) -> _Opened:
    """The serialized model inside everything that files put around it."""
    stated: int | None = None
    build: object = None
    for _ in range(MAX_ENVELOPES):
        if isinstance(data, str):
            data = _decoded(data)
        elif isinstance(data, list):
            data = {"class_name": "Sequential", "config": data}
        elif not isinstance(data, Mapping):
            break
        else:
            stated = of_version(data.get("keras_version")) or stated
            build = _build_of(data) if build is None else build
            if isinstance(data.get("class_name"), str) and isinstance(data.get("config"), (Mapping, list)):
                return _Opened(data, stated, build)
            inside = next((data[name] for name in ("modelTopology", "model_config") if data.get(name)), None)
            if inside is not None:
                data = inside
            elif isinstance(data.get("layers"), list):
                class_name = "Functional" if "input_layers" in data else "Sequential"
                data = {"class_name": class_name, "config": data}
            else:
                break
    said = f"an object with {_listed(data)}" if isinstance(data, Mapping) else f"a value of type {type(data).__name__}"
    raise ValueError(f"received {said}, expected the config of a Keras model: an object with class_name and config")


def _listed(data: Mapping[str, Any]) -> str:
    names = [clean_line(str(name)[:40]) for name in list(data)[:5]]
    return ", ".join(names) if names else "nothing in it"


def _decoded(text: str) -> object:
    try:
        return _cleaned(json.loads(text))
    except ValueError as error:
        raise ValueError(
            f"received a string that holds no JSON ({error}), expected the config of a Keras model"
        ) from None


def _cleaned(value: object) -> object:
    """JSON with every string cleaned, for what is decoded here."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean_line(name): _cleaned(item) for name, item in value.items()}
    return value


def _build_of(item: Mapping[str, Any]) -> object:
    """The input shape that an object was built with, where it says so."""
    build, config = item.get("build_config"), item.get("config")
    if isinstance(build, Mapping) and build.get("input_shape") is not None:
        return unwrap(build["input_shape"])
    for place in (item, config):
        if isinstance(place, Mapping) and place.get("build_input_shape") is not None:
            return unwrap(place["build_input_shape"])
    return None


def _text(value: object) -> str | None:
    """A name in a file; what is no text is shown as what it is, and names nothing."""
    if value is None:
        return None
    return clean_line(value if isinstance(value, str) else repr(value)[:80])


def _layer(
    serialized: object, generation: int, notes: _Notes, depth: int, calls: tuple[CallConfig, ...] = ()
) -> LayerConfig:
    if not isinstance(serialized, Mapping):
        raise ValueError(
            f"received {type(serialized).__name__}, expected a serialized layer with class_name and config"
        )
    said, given = serialized.get("class_name"), serialized.get("config")
    if not isinstance(said, str) or not isinstance(given, (Mapping, list)):
        raise ValueError("received an object without class_name and config, expected a serialized layer")
    said = clean_line(said)
    module, registered_name = _text(serialized.get("module")), _text(serialized.get("registered_name"))
    builtin = is_builtin(said, module, registered_name, generation, LAYER_KINDS)
    class_name = canonical(said) if builtin else said
    raw = {"layers": given} if isinstance(given, list) else given
    name = serialized["name"] if isinstance(serialized.get("name"), str) else raw.get("name")
    model: ModelConfig | None = None
    kind = _kind(class_name, given)
    if kind is None:
        config: Mapping[str, object] = {key: unwrap(value) for key, value in raw.items()}
        if builtin and (generation == 1 or said in KERAS_1_CLASSES):
            class_name, config = modernized(class_name, config)
        if builtin and generation == 3 and module is None and _is_operation(class_name, config):
            module = "keras.src.ops"
    else:
        config = raw
        if depth < MAX_MODEL_DEPTH:
            model = _model(serialized, generation, depth + 1)
        else:
            notes.add(
                f"{_text(name) or said} is a model more than {MAX_MODEL_DEPTH} models deep, and is not looked into"
            )
    return LayerConfig(
        class_name=class_name,
        name=clean_line(name) if isinstance(name, str) else "",
        config=config,
        generation=generation,
        module=module,
        registered_name=registered_name,
        build=unwrap(serialized.get("build_config")),
        calls=calls,
        model=model,
        builtin=builtin,
    )


def _is_operation(class_name: str, config: Mapping[str, object]) -> bool:
    """Whether an object in a file without modules is an operation, not the layer of the same name.

    Every layer of Keras 3 writes `dtype` and `trainable`, an operation writes neither (`Operation.get_config`); an
    InputLayer has no namesake.
    """
    return is_operation(class_name) and "trainable" not in config and "dtype" not in config


def _kind(class_name: str, config: object) -> str | None:
    """What kind of model an object is; `None` for a layer."""
    if isinstance(config, list):
        return "sequential"
    if not isinstance(config, Mapping):
        return None
    if isinstance(config.get("layers"), list):
        if "input_layers" in config or "output_layers" in config:
            return "functional"
        if class_name == "Sequential" or "build_input_shape" in config:
            return "sequential"
    elif class_name == "Sequential":
        return "sequential"
    return "subclassed" if class_name in _MODEL_CLASSES else None


def _model(item: Mapping[str, Any], generation: int, depth: int) -> ModelConfig:
    given = item["config"]
    config: Mapping[str, Any] = {"layers": given} if isinstance(given, list) else given
    class_name = clean_line(item["class_name"])
    kind = _kind(class_name, given) or "subclassed"
    notes = _Notes()
    listed = config.get("layers")
    if listed is not None and not isinstance(listed, list):
        notes.add(f"its layers are a value of type {type(listed).__name__}, expected a list")
    layers = _layers(listed if isinstance(listed, list) else [], kind, generation, notes, depth)
    inputs: object = ()
    outputs: object = ()
    if kind == "functional":
        inputs, outputs = (_tensors(config, key, generation, notes) for key in ("input_layers", "output_layers"))
        layers, inputs, outputs = _renumbered(layers, inputs, outputs, generation)
        _check(layers, inputs, outputs, notes)
    name = item["name"] if isinstance(item.get("name"), str) else config.get("name")
    return ModelConfig(
        kind=kind,
        class_name=class_name,
        name=clean_line(name) if isinstance(name, str) else "",
        generation=generation,
        layers=tuple(layers),
        inputs=inputs,
        outputs=outputs,
        build=_build_of(item),
        unreadable=notes.all(),
    )


def _layers(listed: list[Any], kind: str, generation: int, notes: _Notes, depth: int) -> list[LayerConfig]:
    found = []
    for index, item in enumerate(listed):
        name = _name_of(item)
        said = f"layer {index + 1}" + (f" ({name})" if name else "")
        calls: tuple[CallConfig, ...] = ()
        if kind == "functional" and isinstance(item, Mapping):
            try:
                calls = parse_calls(item.get("inbound_nodes"), str(item.get("class_name")))
            except ValueError as error:
                notes.add(f"the calls of {said} cannot be read: {error}")
        try:
            found.append(_layer(item, generation, notes, depth, calls))
        except ValueError as error:
            notes.add(f"{said} cannot be read: {error}")
            found.append(
                LayerConfig(
                    class_name=UNREADABLE_CLASS, name=name, config={}, generation=generation, calls=calls, builtin=False
                )
            )
    return found


def _name_of(item: object) -> str:
    if not isinstance(item, Mapping):
        return ""
    config = item.get("config")
    for place in (item, config):
        if isinstance(place, Mapping) and isinstance(place.get("name"), str):
            return clean_line(place["name"])
    return ""


def _tensors(config: Mapping[str, Any], key: str, generation: int, notes: _Notes) -> object:
    try:
        found = parse_tensors(config.get(key, []))
    except ValueError as error:
        notes.add(f"its {key} cannot be read: {error}")
        return ()
    # Keras 1 and 2 write one tensor as a list of one; the model takes or gives out the tensor.
    if generation < 3 and isinstance(found, list) and len(found) == 1 and isinstance(found[0], TensorRef):
        return found[0]
    return found


def _renumbered(
    layers: list[LayerConfig], inputs: object, outputs: object, generation: int
) -> tuple[list[LayerConfig], object, object]:
    """The calls of models inside the model, counted from 0.

    A functional model has a call of its own from the start, and Keras 1 and 2 count it: their first call of an inner
    model is number 1 (`_should_skip_first_node`). Keras 3 counts from 0 in the arguments of calls and from 1 in
    `output_layers` (`Functional.get_config`). Where the numbers in the file say otherwise, they are right.
    """
    inner = {layer.name: layer for layer in layers if layer.model is not None}
    if not inner:
        return layers, inputs, outputs
    in_calls = [ref for layer in layers for call in layer.calls for ref in refs(call) if ref.layer in inner]
    at_ends = [ref for ref in refs([inputs, outputs]) if ref.layer in inner]
    if generation < 3:
        shifted = _shifted(inner, in_calls + at_ends, generation, usual=_starts_called)
        shifted_ends = shifted
    else:
        shifted = _shifted(inner, in_calls, generation, usual=lambda layer: False)
        shifted_ends = _shifted(inner, at_ends, generation, usual=_is_functional)

    def in_call(ref: TensorRef) -> TensorRef:
        return replace(ref, call=ref.call - 1) if ref.layer in shifted else ref

    def at_end(ref: TensorRef) -> TensorRef:
        return replace(ref, call=ref.call - 1) if ref.layer in shifted_ends else ref

    if shifted:
        layers = [
            replace(layer, calls=tuple(_moved_call(call, in_call) for call in layer.calls))
            if any(ref.layer in shifted for call in layer.calls for ref in refs(call))
            else layer
            for layer in layers
        ]
    return layers, moved(inputs, at_end), moved(outputs, at_end)


def _moved_call(call: CallConfig, move: Any) -> CallConfig:
    return CallConfig(moved(call.args, move), moved(dict(call.kwargs), move))


def _shifted(inner: Mapping[str, LayerConfig], named: list[TensorRef], generation: int, usual: Any) -> set[str]:
    """The inner models whose calls are counted from 1."""
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


def _is_functional(layer: LayerConfig) -> bool:
    return layer.model is not None and layer.model.kind == "functional"


def _starts_called(layer: LayerConfig) -> bool:
    """Whether Keras 1 and 2 give a model a call when they make it: where its input is known by then."""
    model = layer.model
    if model is None or model.kind != "sequential":
        return model is not None
    first = model.layers[0] if model.layers else None
    return first is not None and (
        first.class_name == "InputLayer" or first.model is not None or "batch_input_shape" in first.config
    )


def _check(layers: list[LayerConfig], inputs: object, outputs: object, notes: _Notes) -> None:
    """Say what in the connections cannot be as it stands."""
    names = Counter(layer.name for layer in layers)
    for name, count in names.items():
        if not name:
            notes.add(f"{count:,} of its layers have no name, so nothing can be connected to them")
        elif count > 1:
            notes.add(
                f"{count:,} layers are called {name}; connections name their layer, so they are not to be told apart"
            )
    calls = {layer.name: max(1, len(layer.calls)) for layer in layers}
    for layer in layers:
        for call in layer.calls:
            for ref in refs(call):
                _check_ref(ref, calls, f"{layer.name} is called on", notes)
    for ref in refs([inputs, outputs]):
        _check_ref(ref, calls, "an input or output of the model is", notes)


def _check_ref(ref: TensorRef, calls: Mapping[str, int], said: str, notes: _Notes) -> None:
    if ref.layer not in calls:
        notes.add(f"{said} an output of {ref.layer}, which is no layer of this model")
    elif ref.call >= calls[ref.layer]:
        notes.add(f"{said} the output of call {ref.call + 1:,} of {ref.layer}, which has {calls[ref.layer]:,}")
