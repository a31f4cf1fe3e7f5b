"""The forms of a config: envelopes, sequential and functional models, calls, and the values that Keras wraps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kerascope.configs import CallConfig, TensorRef, parse_layer, parse_model, serialized_layers, unwrap


def dense(name: str = "dense", **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": 2, **config}}


def called(layer: dict[str, Any], *nodes: Any) -> dict[str, Any]:
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": list(nodes)}


def entry(name: str = "x") -> dict[str, Any]:
    return called({"class_name": "InputLayer", "config": {"name": name, "batch_input_shape": [None, 4]}})


def functional(
    *layers: dict[str, Any], inputs: Any = None, outputs: Any = None, class_name: str = "Functional"
) -> dict[str, Any]:
    last = layers[-1]["name"]
    config = {
        "name": "net",
        "layers": list(layers),
        "input_layers": inputs if inputs is not None else [["x", 0, 0]],
        "output_layers": outputs if outputs is not None else [[last, 0, 0]],
    }
    return {"class_name": class_name, "config": config}


def keras_tensor(name: str, *, call: int = 0, output: int = 0, shape: Any = (None, 4)) -> dict[str, Any]:
    config = {"shape": list(shape), "dtype": "float32", "keras_history": [name, call, output]}
    return {"class_name": "__keras_tensor__", "config": config}


SEQUENTIAL = {"class_name": "Sequential", "config": {"name": "stack", "layers": [dense("a"), dense("b")]}}
BARE = [dense("a"), dense("b")]


@pytest.mark.parametrize(
    "data",
    [
        SEQUENTIAL,
        BARE,
        {"class_name": "Sequential", "config": BARE},
        {"class_name": "Sequential", "config": BARE, "keras_version": "2.1.6", "backend": "tensorflow"},
        SEQUENTIAL["config"],
        json.dumps(SEQUENTIAL),
        json.dumps(json.dumps(SEQUENTIAL)),
        {"model_config": SEQUENTIAL, "training_config": None},
        {"model_config": json.dumps(SEQUENTIAL)},
        {"format": "layers-model", "modelTopology": {"model_config": SEQUENTIAL, "keras_version": "2.2.4"}},
        {"modelTopology": SEQUENTIAL, "weightsManifest": []},
    ],
    ids=lambda data: json.dumps(data)[:40],
)
def test_every_envelope_of_a_sequential_model(data: object) -> None:
    model = parse_model(data)
    assert (model.kind, model.class_name) == ("sequential", "Sequential")
    assert [layer.name for layer in model.layers] == ["a", "b"]
    assert model.generation == 2
    assert model.unreadable == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "a value of type NoneType"),
        (7, "a value of type int"),
        ({}, "nothing in it"),
        ({"weights": 1, "optimizer": 2}, "weights, optimizer"),
        ("{", "no JSON"),
        ({"class_name": "Dense", "config": {"units": 1}}, "Dense, which is a layer"),
        ({"class_name": ["Sequential"], "config": {}}, "class_name, config"),
    ],
)
def test_what_is_no_model_is_said_so(data: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_model(data)


def test_metadata_of_a_saved_model() -> None:
    build = {"class_name": "TensorShape", "items": [None, 4]}
    data = {**SEQUENTIAL, "trainable": True, "build_input_shape": build, "keras_version": "2.9.0"}
    model = parse_model(data)
    assert (model.kind, model.generation, model.build) == ("sequential", 2, (None, 4))


def test_the_build_shape_beside_the_config_is_kept() -> None:
    assert parse_model({"model_config": SEQUENTIAL, "build_input_shape": [None, 4]}).build == [None, 4]
    inside = {**SEQUENTIAL, "config": {**SEQUENTIAL["config"], "build_input_shape": [None, 5]}}  # type: ignore[dict-item]
    assert parse_model(inside).build == [None, 5]


@pytest.mark.parametrize(
    ("node", "call"),
    [
        ([["x", 0, 0]], CallConfig((TensorRef("x"),))),
        ([["x", 0, 0, {}]], CallConfig((TensorRef("x"),))),
        (["x", 0, 0, {}], CallConfig((TensorRef("x"),))),
        ([["x", 0, 0], ["y", 1, 2]], CallConfig(([TensorRef("x"), TensorRef("y", 1, 2)],))),
        ([["x", 0, 0, {"training": True}]], CallConfig((TensorRef("x"),), {"training": True})),
        (["x", 0, 0, {"y": ["y", 0, 1]}], CallConfig((TensorRef("x"),), {"y": TensorRef("y", 0, 1)})),
        (
            [["x", 0, 0, {"initial_state": [["y", 0, 1], ["y", 0, 2]]}]],
            CallConfig((TensorRef("x"),), {"initial_state": [TensorRef("y", 0, 1), TensorRef("y", 0, 2)]}),
        ),
        (["x", 0, 0, {"shape": [-1, 2, 2]}], CallConfig((TensorRef("x"),), {"shape": [-1, 2, 2]})),
        ({"a": ["x", 0, 0, {}], "b": ["y", 0, 0, {}]}, CallConfig(({"a": TensorRef("x"), "b": TensorRef("y")},))),
        ([["x", 0, 0, {}], ["_CONSTANT_VALUE", -1, [[1.0]], {}]], CallConfig(([TensorRef("x"), [[1.0]]],))),
        (["_CONSTANT_VALUE", -1, 3.0, {"y": ["x", 0, 0]}], CallConfig((3.0,), {"y": TensorRef("x")})),
        (
            {"class_name": "__tuple__", "items": [["x", 0, 0, {}], ["y", 0, 0, {}]]},
            CallConfig(((TensorRef("x"), TensorRef("y")),)),
        ),
        ([[["x", 0, 0]], ["y", 0, 0]], CallConfig(([[TensorRef("x")], TensorRef("y")],))),
        ({"args": [], "kwargs": {}}, CallConfig()),
        ([], CallConfig()),
        (
            {"args": [keras_tensor("x"), 1.5], "kwargs": {"mask": None}},
            CallConfig((TensorRef("x", 0, 0, (None, 4), "float32"), 1.5), {"mask": None}),
        ),
        (
            {"args": [[keras_tensor("x"), keras_tensor("y")]], "kwargs": {}},
            CallConfig(([TensorRef("x", 0, 0, (None, 4), "float32"), TensorRef("y", 0, 0, (None, 4), "float32")],)),
        ),
        (
            {"args": [], "kwargs": {"query": {"class_name": "__tuple__", "items": [keras_tensor("x", output=1)]}}},
            CallConfig((), {"query": (TensorRef("x", 0, 1, (None, 4), "float32"),)}),
        ),
    ],
    ids=lambda value: str(value)[:60] if not isinstance(value, CallConfig) else "",
)
def test_every_form_of_a_call(node: object, call: CallConfig) -> None:
    states = called({"class_name": "LSTM", "config": {"name": "y", "return_state": True}}, [["x", 0, 0]], [["x", 0, 0]])
    model = parse_model(functional(entry(), states, called(dense(), node)), 2)
    assert model.unreadable == ()
    assert model.layers[-1].calls == (call,)


def test_a_list_of_one_tensor_stays_a_list_for_layers_that_keep_it() -> None:
    node = [["x", 0, 0, {"axis": 1}]]
    layer = {"class_name": "TFOpLambda", "config": {"name": "tf.concat", "function": "concat"}}
    model = parse_model(functional(entry(), called(layer, node)), 2)
    assert model.layers[-1].calls == (CallConfig(([TensorRef("x")],), {"axis": 1}),)


@pytest.mark.parametrize(
    ("given", "generation", "expected"),
    [
        ([["x", 0, 0]], 2, TensorRef("x")),
        ([["x", 0, 0]], 1, TensorRef("x")),
        ([["x", 0, 0]], 3, [TensorRef("x")]),
        (["x", 0, 0], 2, TensorRef("x")),
        (["x", 0, 0], 3, TensorRef("x")),
        ([["x", 0, 0], [["y", 0, 0]]], 3, [TensorRef("x"), [TensorRef("y")]]),
        ({"a": ["x", 0, 0]}, 2, {"a": TensorRef("x")}),
        ({"class_name": "__tuple__", "items": [["x", 0, 0], ["y", 0, 0]]}, 2, (TensorRef("x"), TensorRef("y"))),
    ],
)
def test_every_form_of_inputs_and_outputs(given: object, generation: int, expected: object) -> None:
    data = functional(entry("x"), entry("y"), inputs=given, outputs=given)
    model = parse_model(data, generation)
    assert model.inputs == expected
    assert model.outputs == expected
    assert model.unreadable == ()


@pytest.mark.parametrize("class_name", ["Functional", "Model", "Network"])
def test_functional_models_by_any_name(class_name: str) -> None:
    assert parse_model(functional(entry(), class_name=class_name)).kind == "functional"


def test_a_class_of_the_users_own_with_the_config_of_a_functional_model() -> None:
    data = functional(entry(), called(dense(), [["x", 0, 0]]), class_name="MyModel")
    model = parse_model({**data, "module": "project.models", "registered_name": "project>MyModel"})
    assert (model.kind, model.class_name) == ("functional", "MyModel")
    layer = parse_layer({**data, "module": "project.models", "registered_name": "project>MyModel"}, 3)
    assert layer.model is not None
    assert not layer.builtin


def test_a_subclassed_model_shows_the_layers_in_its_arguments() -> None:
    inner = {"module": "keras.layers", **dense("head"), "registered_name": None}
    own = {"module": "project", "class_name": "Loss", "config": {}, "registered_name": "Loss"}
    data = {
        "module": "project",
        "class_name": "MyModel",
        "config": {"name": "mine", "parts": {"head": inner}, "layers": [64, 64], "loss": own},
        "registered_name": "MyModel",
        "build_config": {"input_shape": [None, 3]},
    }
    model = parse_model(data)
    assert (model.kind, model.name, model.build, model.unreadable) == ("subclassed", "mine", [None, 3], ())
    assert [layer.name for layer in model.layers] == ["head"]


def test_numbers_of_layers_are_no_layers_of_a_custom_layer() -> None:
    layer = parse_layer({"class_name": "Tower", "config": {"layers": [64, 64], "build_input_shape": [None, 2]}}, 2)
    assert layer.model is None
    assert not layer.builtin


def inner_model(kind: str, *nodes: Any, declared: bool = True) -> dict[str, Any]:
    if kind == "Functional":
        data = functional(entry(), called(dense(), [["x", 0, 0]]))
    else:
        data = {"class_name": "Sequential", "config": {"layers": [*([entry()] if declared else []), dense()]}}
    return {**data, "name": "inner", "inbound_nodes": list(nodes)}


@pytest.mark.parametrize(
    ("generation", "inner", "reference", "end", "expected"),
    [
        (2, inner_model("Functional", [["x", 0, 0]]), 1, 1, (0, 0)),
        (2, inner_model("Sequential", [["x", 0, 0]]), 1, 1, (0, 0)),
        (2, inner_model("Sequential", [["x", 0, 0]], declared=False), 0, 0, (0, 0)),
        (2, inner_model("Sequential", [["x", 0, 0]], declared=False), 1, 1, (0, 0)),
        (2, inner_model("Functional", [["x", 0, 0]], [["x", 0, 0]]), 1, 2, (0, 1)),
        # Only the second of two calls is used: the kind of the model tells which one number 1 is.
        (2, inner_model("Functional", [["x", 0, 0]], [["x", 0, 0]]), 1, 1, (0, 0)),
        (2, inner_model("Sequential", [["x", 0, 0]], [["x", 0, 0]], declared=False), 1, 1, (1, 1)),
        (3, inner_model("Functional", [["x", 0, 0]]), 0, 1, (0, 0)),
        (3, inner_model("Sequential", [["x", 0, 0]]), 0, 0, (0, 0)),
        (3, inner_model("Functional", [["x", 0, 0]], [["x", 0, 0]]), 1, 2, (1, 1)),
    ],
)
def test_calls_of_inner_models_are_counted_from_0(
    generation: int, inner: dict[str, Any], reference: int, end: int, expected: tuple[int, int]
) -> None:
    last = called(dense("last"), [["inner", reference, 0]])
    model = parse_model(functional(entry(), inner, last, outputs=[["last", 0, 0], ["inner", end, 0]]), generation)
    assert model.unreadable == ()
    (argument,) = model.layers[-1].calls[0].args
    assert isinstance(argument, TensorRef)
    assert isinstance(model.outputs, list)
    assert (argument.call, model.outputs[1].call) == expected


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"class_name": "__tuple__", "items": [1, {"class_name": "__tuple__", "items": [2]}]}, (1, (2,))),
        ({"class_name": "TensorShape", "items": [None, 4]}, (None, 4)),
        ({"class_name": "TensorShape", "items": None}, None),
        ({"class_name": "__numpy__", "config": {"value": [[1, 2]], "dtype": "int64"}}, [[1, 2]]),
        ({"class_name": "__tensor__", "config": {"value": [1.0], "dtype": "float32"}}, [1.0]),
        ({"type": "ndarray", "value": [1, 2]}, [1, 2]),
        ({"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}}, slice(1, None, None)),
        ({"class_name": "__ellipsis__", "config": {}}, ...),
        ({"class_name": "__ellipsis__"}, ...),
        ({"class_name": "__bytes__", "config": {"value": "ab"}}, b"ab"),
        ({"class_name": "__bytes__", "value": "ab"}, b"ab"),
        ({"a": [{"class_name": "__tuple__", "items": []}]}, {"a": [()]}),
        (dense(), dense()),
        ("text", "text"),
    ],
    ids=str,
)
def test_wrapped_values(value: object, plain: object) -> None:
    assert unwrap(value) == plain
    assert parse_layer({"class_name": "Custom", "config": {"given": value}}, 3).config == {"given": plain}


@pytest.mark.parametrize(
    ("class_name", "generation", "expected"),
    [
        ("MaxPool2D", 3, "MaxPooling2D"),
        ("GlobalAvgPool1D", 2, "GlobalAveragePooling1D"),
        ("AvgPool3D", 3, "AveragePooling3D"),
        ("Convolution2DTranspose", 2, "Conv2DTranspose"),
        ("BatchNormalizationV1", 2, "BatchNormalization"),
        ("LSTMV2", 2, "LSTM"),
        ("GroupQueryAttention", 3, "GroupedQueryAttention"),
        ("CuDNNLSTM", 2, "CuDNNLSTM"),
        ("Custom>CustomScaleLayer", 2, "CustomScaleLayer"),
    ],
)
def test_one_name_for_each_class(class_name: str, generation: int, expected: str) -> None:
    layer = parse_layer({"class_name": class_name, "config": {}}, generation)
    assert layer.class_name == expected
    assert layer.builtin


def test_a_registered_name_in_the_older_format() -> None:
    layer = parse_layer({"class_name": "project>Dense", "config": {}}, 2)
    assert (layer.class_name, layer.registered_name, layer.builtin) == ("Dense", "project>Dense", False)


def test_layers_inside_layers() -> None:
    cells = {"class_name": "StackedRNNCells", "config": {"cells": [dense("one"), dense("two")]}}
    rnn = parse_layer({"class_name": "RNN", "config": {"cell": cells, "kernel_initializer": dense("no")}}, 3)
    ((path, found),) = serialized_layers(rnn)
    assert (path, found.class_name) == ("cell", "StackedRNNCells")
    assert [(key, each.name) for key, each in serialized_layers(found)] == [("cells[0]", "one"), ("cells[1]", "two")]
    wrapped = parse_layer({"class_name": "TimeDistributed", "config": {"layer": SEQUENTIAL}}, 2)
    ((path, found),) = serialized_layers(wrapped)
    assert found.model is not None
    assert list(serialized_layers(found)) == []
    activation = parse_layer(dense(activation={"class_name": "ReLU", "config": {}}, other={"class_name": "L2"}), 3)
    assert [(key, each.class_name) for key, each in serialized_layers(activation)] == [("activation", "ReLU")]
    own = {"class_name": "Mine", "config": {}}
    assert [
        key for key, _ in serialized_layers(parse_layer({"class_name": "Wrapper", "config": {"layer": own}}, 3))
    ] == ["layer"]


def test_a_declaration_on_an_inner_layer_is_kept() -> None:
    layer = parse_layer({"class_name": "Embedding", "config": {"batch_input_shape": [None, None], "input_dim": 9}}, 2)
    assert layer.config["batch_input_shape"] == [None, None]
    assert layer.config["input_dim"] == 9


@pytest.mark.parametrize(
    ("config", "generation", "module"),
    [
        ({"name": "add"}, 3, "keras.src.ops"),
        ({"name": "add", "trainable": True, "dtype": "float32"}, 3, None),
        ({"name": "add"}, 2, None),
    ],
)
def test_an_operation_in_a_file_without_modules(config: dict[str, Any], generation: int, module: str | None) -> None:
    layer = parse_layer({"class_name": "Add", "config": config}, generation)
    assert (layer.module, layer.builtin) == (module, True)


def test_arguments_that_no_loader_of_today_takes_are_kept() -> None:
    code = ["4wEAAAA=", None, None]
    function = parse_layer({"class_name": "Lambda", "config": {"function": code, "function_type": "lambda"}}, 2)
    assert function.config["function"] == code
    lstm = parse_layer({"class_name": "LSTM", "config": {"time_major": True, "implementation": 2, "units": 3}}, 2)
    assert lstm.config == {"time_major": True, "implementation": 2, "units": 3}
    depthwise = parse_layer({"class_name": "DepthwiseConv2D", "config": {"groups": 1}}, 3)
    assert depthwise.config == {"groups": 1}


def test_a_config_of_null_is_an_empty_one() -> None:
    assert parse_layer({"class_name": "Flatten", "config": None}, 2).config == {}
