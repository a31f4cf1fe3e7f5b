"""Configs written by real Keras of both generations: the connections we read are those that Keras has."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kerascope.configs import (
    KERAS_NAMES,
    LayerConfig,
    TensorRef,
    is_builtin,
    parse_layer,
    parse_model,
    serialized_layers,
)
from kerascope.configs._nodes import refs

pytestmark = pytest.mark.keras

SCRIPT = Path(__file__).with_name("keras_models.py")
BOTH = [
    "one_tensor",
    "stack",
    "two_and_two",
    "named_ends",
    "shared",
    "used_before",
    "inner_models",
    "inner_at_the_end",
    "attention",
    "states",
    "masks",
    "application",
]
MODELS = [(generation, name) for generation in (2, 3) for name in BOTH]
MODELS += [(2, "tensorflow_operations"), (2, "tuples"), (3, "operations")]

# What older versions gave out, and what introspection finds that is no name to be used in a config.
OLDER = {
    2: {
        "activations": "leaky_relu log_softmax relu6 silu",
        "dtype_policies": "PolicyV1",
        "initializers": "VarianceScalingV1",
        "layers": "CategoryCrossing ConvLSTM2DCell ConvRecurrent2D Highway MaxoutDense Merge Recurrent",
        "losses": "cosine_proximity",
        "metrics": "acc accuracy ce cosine_proximity cosine_similarity crossentropy",
        "models": "Container ModelV1 Network",
        "optimizers": "LossScaleOptimizer LossScaleOptimizerV1 OptimizerV2 RMSProp TFOptimizer adadelta adafactor "
        "adagrad adam adamax adamw ftrl lion lossscaleoptimizer lossscaleoptimizerv3 nadam restoredoptimizer rmsprop "
        "sgd",
    },
    3: {"metrics": "acc ce crossentropy"},
}
NO_NAMES = {
    "Reduction",
    "_SimpleModel",
    "constraint",
    "convert_to_legacy_optimizer",
    "initializer",
    "is_arm_mac",
    "metric",
    "optimizer",
    "regularizer",
}


@functools.cache
def written(generation: int) -> dict[str, Any]:
    """What Keras of a generation writes, and what it says is connected."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(generation)], capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def ref(tensor: TensorRef) -> list[Any]:
    return [tensor.layer, tensor.call, tensor.output]


@pytest.mark.parametrize("form", ["to_json", "h5", "keras"])
@pytest.mark.parametrize(("generation", "name"), MODELS)
def test_connections_are_those_of_keras(generation: int, name: str, form: str) -> None:
    model = written(generation)["models"][name]
    found = parse_model(model["forms"][form])
    assert found.unreadable == ()
    assert found.generation == generation
    assert found.kind == ("sequential" if name == "stack" else "functional")
    ours = {layer.name: [sorted(map(ref, refs(call))) for call in layer.calls] for layer in found.layers}
    if name == "stack":
        assert set(model["layers"]) <= set(ours)
    else:
        assert ours == model["layers"]
    assert list(map(ref, refs(found.inputs))) == model["inputs"]
    assert list(map(ref, refs(found.outputs))) == model["outputs"]


@pytest.mark.parametrize("form", ["to_json", "h5", "keras"])
@pytest.mark.parametrize(("generation", "name"), MODELS)
def test_all_classes_are_known_as_keras_own(generation: int, name: str, form: str) -> None:
    found = parse_model(written(generation)["models"][name]["forms"][form])
    assert [layer.class_name for layer in everything(found.layers) if not layer.builtin] == []


def everything(layers: tuple[LayerConfig, ...]) -> list[LayerConfig]:
    found: list[LayerConfig] = []
    for layer in layers:
        inner = [each for _, each in serialized_layers(layer)]
        found += [layer, *everything((*inner, *(layer.model.layers if layer.model is not None else ())))]
    return found


def test_operations_are_told_from_layers_of_the_same_name_without_modules() -> None:
    forms = written(3)["models"]["operations"]["forms"]
    for form in ("h5", "keras"):
        found = parse_model(forms[form])
        modules = {layer.name: layer.module or "" for layer in found.layers if layer.class_name != "InputLayer"}
        assert all(module.startswith("keras.src.ops") for module in modules.values()), (form, modules)
    layers = {layer.name: layer for layer in parse_model(written(3)["models"]["named_ends"]["forms"]["h5"]).layers}
    assert layers["add"].module is None


@pytest.mark.parametrize("form", ["to_json", "h5", "keras"])
def test_shapes_stand_in_the_calls_of_keras_3(form: str) -> None:
    found = parse_model(written(3)["models"]["states"]["forms"][form])
    shapes = {(each.layer, each.output): each.shape for layer in found.layers for each in refs(layer.calls)}
    assert set(shapes.values()) == {(None, 5, 4), (None, 3)}


@pytest.mark.parametrize("generation", [2, 3])
def test_ends_keep_their_structure(generation: int) -> None:
    models = written(generation)["models"]
    named = parse_model(models["named_ends"]["forms"]["keras"])
    assert named.inputs == {"one": TensorRef("one"), "two": TensorRef("two")}
    assert named.outputs == {"a": TensorRef("add"), "b": [TensorRef("dense")]}
    single = parse_model(models["one_tensor"]["forms"]["keras"])
    assert isinstance(single.inputs, TensorRef)
    assert isinstance(single.outputs, TensorRef)
    assert isinstance(parse_model(models["two_and_two"]["forms"]["h5"]).outputs, list)


def test_inner_layers_of_wrappers() -> None:
    for generation, keys in ((2, ["layer"]), (3, ["layer", "backward_layer"])):
        model = parse_model(written(generation)["models"]["stack"]["forms"]["keras"])
        inner = list(serialized_layers(model.layers[-1]))
        assert [key for key, _ in inner] == keys
        assert {layer.class_name for _, layer in inner} == {"LSTM"}
        assert inner[0][1].config["units"] == 3


@pytest.mark.parametrize("generation", [2, 3])
def test_names_are_those_of_keras(generation: int) -> None:
    theirs = written(generation)["names"]
    registered = theirs.pop("registered")
    assert set(theirs) == set(KERAS_NAMES[generation])
    for kind, known in theirs.items():
        older = set(OLDER[generation].get(kind, "").split())
        assert KERAS_NAMES[generation][kind] - older == set(known) - NO_NAMES - older, kind
    for name in registered:
        assert is_builtin(name, None, None, generation), name
        assert is_builtin(name.split(">")[1], "keras.optimizers", name, generation), name


@pytest.mark.parametrize("generation", [2, 3])
def test_built_shapes_are_kept(generation: int) -> None:
    model = parse_model(written(generation)["models"]["stack"]["forms"]["keras"])
    assert model.build == [None, 6, 4]
    assert model.layers[-1].build == {"input_shape": [None, 6, 4]}


def test_a_serialized_model_is_a_layer_with_a_model() -> None:
    layer = parse_layer(written(3)["models"]["stack"]["forms"]["keras"], 3)
    assert layer.class_name == "Sequential"
    assert layer.model is not None
    assert [each.class_name for each in layer.model.layers] == ["InputLayer", "Bidirectional"]
