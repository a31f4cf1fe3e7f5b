"""Reading serialized layers and whole models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kerascope.configs._branches import with_branches
from kerascope.configs._builtin import LAYER_KINDS, canonical, is_builtin, is_operation
from kerascope.configs._connections import Notes, check_connections, renumbered
from kerascope.configs._generation import generation_of
from kerascope.configs._inside import serialized_inside
from kerascope.configs._keras1 import KERAS_1_CLASSES, MERGING, modernized
from kerascope.configs._names import KERAS_NAMES
from kerascope.configs._nodes import parse_calls, parse_tensors
from kerascope.configs._opening import build_of, opened
from kerascope.configs._types import CallConfig, LayerConfig, ModelConfig, Structure, TensorRef
from kerascope.configs._values import is_serialized, one_line, unwrap, unwrap_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["UNREADABLE_CLASS", "parse_layer", "parse_model", "serialized_layers"]

MAX_MODEL_DEPTH = 100
"""Models inside models; what people build is three or four deep, and each takes three frames of Python's stack."""

UNREADABLE_CLASS = "?"
"""Stands for the class of a layer that cannot be read; it keeps its place, so that nothing is connected past it."""

OPERATIONS_MODULE = "keras.src.ops"

_GENERATIONS = (1, 2, 3)


def parse_layer(serialized: object, generation: int) -> LayerConfig:
    """A serialized layer, operation or model (`{"class_name": ..., "config": {...}}`) as typed data.

    Args:
        serialized: What JSON has; its strings are cleaned already.
        generation: The Keras whose rules are meant: 1, 2 or 3.

    Raises:
        ValueError: It is no serialized object; the message says what was found in its place.
    """
    _check_generation(generation)
    try:
        return _layer(serialized, generation, Notes(), 0)
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
    if generation is not None:
        _check_generation(generation)
    try:
        found = opened(data)
        if generation is None:
            generation = found.generation or generation_of(found.item) or (3 if "module" in found.item else 2)
        model = _model(found.item, generation, 0)
    except RecursionError:
        raise ValueError("the model's config is nested too deeply to be read") from None
    return model if model.build is not None else replace(model, build=found.build)


def serialized_layers(layer: LayerConfig) -> Iterator[tuple[str, LayerConfig]]:
    """The layers in the arguments of a layer, each with where it stands: `layer`, `cell`, `cells[0]`, ...

    What a model holds stands in `layer.model` and is not told again; what cannot be read is left out.
    """
    if layer.model is not None:
        return
    for path, serialized in serialized_inside(layer.config, layer.generation):
        try:
            yield path, parse_layer(serialized, layer.generation)
        except ValueError:
            continue


def _check_generation(generation: int) -> None:
    if generation not in _GENERATIONS:
        raise ValueError(f"received Keras {generation!r}, expected 1, 2 or 3")


def _text(value: object) -> str | None:
    """A name in a file; what is no text is shown as what it is, and names nothing."""
    if value is None:
        return None
    return one_line(value if isinstance(value, str) else repr(value)[:80])


def _name(item: object) -> str:
    """The name of a layer: in a functional model it stands beside the config, and connections mean that one."""
    if isinstance(item, dict):
        for place in (item, item.get("config")):
            if isinstance(place, dict) and isinstance(place.get("name"), str):
                return one_line(place["name"])
    return ""


def _layer(
    serialized: object, generation: int, notes: Notes, depth: int, calls: tuple[CallConfig, ...] = ()
) -> LayerConfig:
    if not isinstance(serialized, dict):
        raise ValueError(f"received a value of type {type(serialized).__name__}, expected a serialized layer")
    said = serialized.get("class_name")
    given = {} if serialized.get("config", 0) is None else serialized.get("config")
    if not isinstance(said, str) or not isinstance(given, (dict, list)):
        raise ValueError("received an object without class_name and config, expected a serialized layer")
    class_name = one_line(said)
    module, registered_name = _text(serialized.get("module")), _text(serialized.get("registered_name"))
    builtin = is_builtin(class_name, module, registered_name, generation, LAYER_KINDS)
    # Keras 2.0 kept the Merge of Keras 1.
    renamed = builtin and (
        generation == 1 or (generation == 2 and (class_name in KERAS_1_CLASSES or class_name == "Merge"))
    )
    if builtin:
        class_name = canonical(class_name)
    elif ">" in class_name and registered_name is None:
        # The older format has only the name under which a class was registered: `package>class`.
        registered_name, class_name = class_name, class_name.rsplit(">", 1)[1]
    kind = _kind(class_name, given, builtin, generation)
    if isinstance(given, list) and kind is None:
        raise ValueError(f"received a list for the config of {class_name}, expected an object")
    model: ModelConfig | None = None
    config: Mapping[str, object]
    if kind is not None:
        config = {"layers": given} if isinstance(given, list) else given
        if depth < MAX_MODEL_DEPTH:
            model = _model(serialized, generation, depth + 1)
        else:
            notes.add(f"{_name(serialized)} is more than {MAX_MODEL_DEPTH} models deep and is not looked into")
    else:
        assert isinstance(given, dict)
        config = unwrap_all(given)
        if renamed:
            class_name, config = modernized(class_name, config)
        if builtin and module is None and generation == 3 and _is_operation(class_name, config):
            module = OPERATIONS_MODULE
    return LayerConfig(
        class_name=class_name,
        name=_name(serialized),
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

    HDF5 files of Keras 3 have no modules. Its layers write `dtype` and `trainable`, its operations neither
    (`Operation.get_config`).
    """
    return is_operation(class_name) and "trainable" not in config and "dtype" not in config


def _kind(class_name: str, config: object, builtin: bool, generation: int) -> str | None:
    """What kind of model an object is; `None` for a layer."""
    if builtin and class_name not in KERAS_NAMES[generation]["models"]:
        return None
    if isinstance(config, list):
        return "sequential" if class_name == "Sequential" or not builtin else None
    layers = config.get("layers") if isinstance(config, dict) else None
    if class_name == "Sequential" and builtin:
        return "sequential"
    if isinstance(layers, list) and isinstance(config, dict):
        if "input_layers" in config or "output_layers" in config:
            return "functional"
        if "build_input_shape" in config and all(map(is_serialized, layers)):
            return "sequential"
    return "subclassed" if builtin else None


def _model(item: Mapping[str, Any], generation: int, depth: int) -> ModelConfig:
    class_name, given = one_line(item["class_name"]), item["config"]
    builtin = is_builtin(
        class_name, _text(item.get("module")), _text(item.get("registered_name")), generation, LAYER_KINDS
    )
    if builtin and class_name not in KERAS_NAMES[generation]["models"]:
        raise ValueError(f"received a serialized {class_name}, which is a layer, expected the config of a Keras model")
    config: Mapping[str, Any] = {"layers": given} if isinstance(given, list) else given or {}
    kind = _kind(class_name, given, builtin, generation) or "subclassed"
    notes = Notes()
    inputs: Structure = ()
    outputs: Structure = ()
    if kind == "subclassed":
        layers = [_layer(each, generation, notes, depth) for _, each in serialized_inside(config, generation)]
    else:
        layers = _layers(config.get("layers"), kind, generation, notes, depth)
    if kind == "sequential" and layers and layers[0].class_name in MERGING:
        branched = with_branches(layers, [layer for _, layer in serialized_layers(layers[0])])
        if branched is not None:
            kind = "functional"
            layers, inputs, outputs = branched
    elif kind == "functional":
        inputs, outputs = (_ends(config.get(key), key, generation, notes) for key in ("input_layers", "output_layers"))
        layers, inputs, outputs = renumbered(layers, inputs, outputs, generation)
        check_connections(layers, inputs, outputs, notes)
    return ModelConfig(
        kind=kind,
        class_name=class_name,
        name=_name(item),
        generation=generation,
        layers=tuple(layers),
        inputs=inputs,
        outputs=outputs,
        build=build_of(item),
        unreadable=notes.all(),
    )


def _layers(listed: object, kind: str, generation: int, notes: Notes, depth: int) -> list[LayerConfig]:
    """The layers of a sequential or functional model, each in its place."""
    if not isinstance(listed, list):
        notes.add(f"its layers are a value of type {type(listed).__name__}, expected a list")
        return []
    found = []
    for index, item in enumerate(listed):
        calls: tuple[CallConfig, ...] = ()
        if kind == "functional" and isinstance(item, dict):
            try:
                calls = parse_calls(item.get("inbound_nodes"), str(item.get("class_name")))
            except ValueError as error:
                notes.add(f"the calls of layer {index + 1:,} ({_name(item)}) cannot be read: {error}")
        try:
            layer = _layer(item, generation, notes, depth, calls)
        except ValueError as error:
            notes.add(f"layer {index + 1:,} ({_name(item)}) cannot be read: {error}")
            layer = LayerConfig(
                class_name=UNREADABLE_CLASS,
                name=_name(item),
                config={},
                generation=generation,
                calls=calls,
                builtin=False,
            )
        found.append(layer)
    return found


def _ends(given: object, key: str, generation: int, notes: Notes) -> Structure:
    """The inputs or outputs of a functional model."""
    if given is None:
        return ()
    try:
        found = parse_tensors(given)
    except ValueError as error:
        notes.add(f"its {key} cannot be read: {error}")
        return ()
    # Keras 1 and 2 write one tensor as a list of one; the model takes or gives out the tensor.
    if generation < 3 and isinstance(found, list) and len(found) == 1 and isinstance(found[0], TensorRef):
        return found[0]
    return found
