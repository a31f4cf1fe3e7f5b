"""Configs of Keras 1, and which generation wrote a config."""

from __future__ import annotations

from typing import Any

import pytest

from kerascope.configs import CallConfig, TensorRef, generation_of, parse_layer, parse_model, serialized_layers


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": class_name.lower(), "trainable": True, **config}}


@pytest.mark.parametrize(
    ("given", "class_name", "expected"),
    [
        (
            layer("Dense", output_dim=10, init="glorot_uniform", bias=True, W_regularizer=None, input_dim=784),
            "Dense",
            {"units": 10, "kernel_initializer": "glorot_uniform", "use_bias": True, "kernel_regularizer": None},
        ),
        (
            layer(
                "Convolution2D",
                nb_filter=32,
                nb_row=3,
                nb_col=5,
                border_mode="same",
                subsample=[2, 2],
                dim_ordering="th",
            ),
            "Conv2D",
            {
                "filters": 32,
                "kernel_size": [3, 5],
                "padding": "same",
                "strides": [2, 2],
                "data_format": "channels_first",
            },
        ),
        (
            layer("Convolution1D", nb_filter=8, filter_length=3, subsample_length=2, input_dim=4, input_length=None),
            "Conv1D",
            {"filters": 8, "kernel_size": 3, "strides": 2},
        ),
        (
            layer("Convolution3D", nb_filter=8, kernel_dim1=1, kernel_dim2=2, kernel_dim3=3, dim_ordering="tf"),
            "Conv3D",
            {"filters": 8, "kernel_size": [1, 2, 3], "data_format": "channels_last"},
        ),
        (
            layer("AtrousConvolution2D", nb_filter=8, nb_row=3, nb_col=3, atrous_rate=[2, 2]),
            "Conv2D",
            {"filters": 8, "kernel_size": [3, 3], "dilation_rate": [2, 2]},
        ),
        (
            layer("Deconvolution2D", nb_filter=3, nb_row=3, nb_col=3, output_shape=[None, 3, 14, 14]),
            "Conv2DTranspose",
            {"filters": 3, "kernel_size": [3, 3], "output_shape": [None, 3, 14, 14]},
        ),
        (
            layer("SeparableConvolution2D", nb_filter=3, nb_row=3, nb_col=3),
            "SeparableConv2D",
            {"filters": 3, "kernel_size": [3, 3]},
        ),
        (
            layer(
                "LSTM",
                output_dim=4,
                inner_init="orthogonal",
                forget_bias_init="one",
                inner_activation="hard_sigmoid",
                dropout_W=0.1,
                dropout_U=0.2,
                consume_less="gpu",
                input_dim=3,
                input_length=7,
                return_sequences=True,
            ),
            "LSTM",
            {
                "units": 4,
                "recurrent_initializer": "orthogonal",
                "unit_forget_bias": True,
                "recurrent_activation": "hard_sigmoid",
                "dropout": 0.1,
                "recurrent_dropout": 0.2,
                "implementation": 2,
                "return_sequences": True,
            },
        ),
        (layer("GRU", output_dim=4), "GRU", {"units": 4, "reset_after": False}),
        (
            layer("Embedding", input_dim=100, output_dim=8, init="uniform", input_length=20, mask_zero=True),
            "Embedding",
            {
                "input_dim": 100,
                "output_dim": 8,
                "embeddings_initializer": "uniform",
                "input_length": 20,
                "mask_zero": True,
            },
        ),
        (layer("Dropout", p=0.5), "Dropout", {"rate": 0.5}),
        (layer("GaussianNoise", sigma=0.1), "GaussianNoise", {"stddev": 0.1}),
        (
            layer("MaxPooling1D", pool_length=2, stride=3, border_mode="valid"),
            "MaxPooling1D",
            {"pool_size": 2, "strides": 3, "padding": "valid"},
        ),
        (layer("UpSampling1D", length=2), "UpSampling1D", {"size": 2}),
        (layer("TimeDistributedDense", output_dim=3), "Dense", {"units": 3}),
        (layer("MaxoutDense", output_dim=3, nb_feature=4, input_dim=5), "MaxoutDense", {"units": 3, "nb_feature": 4}),
        (
            layer("InputLayer", batch_input_shape=[None, 4], input_dtype="int32"),
            "InputLayer",
            {"batch_input_shape": [None, 4], "dtype": "int32"},
        ),
        (layer("Merge", mode="concat", mode_type="raw", concat_axis=1, dot_axes=-1), "Concatenate", {"axis": 1}),
        (layer("Merge", mode="sum", mode_type="raw"), "Add", {}),
        (layer("Merge", mode="mul"), "Multiply", {}),
        (layer("Merge", mode="ave"), "Average", {}),
        (layer("Merge", mode="max"), "Maximum", {}),
        (layer("Merge", mode="dot", dot_axes=[[1], [2]]), "Dot", {"axes": [1, 2], "normalize": False}),
        (layer("Merge", mode="cos", dot_axes=1), "Dot", {"axes": 1, "normalize": True}),
    ],
    ids=lambda value: value["class_name"] if isinstance(value, dict) and "class_name" in value else "",
)
def test_todays_names(given: dict[str, Any], class_name: str, expected: dict[str, Any]) -> None:
    found = parse_layer(given, 1)
    assert found.class_name == class_name
    assert found.builtin
    assert {name: value for name, value in found.config.items() if name not in ("name", "trainable")} == expected
    assert found.config["name"] == given["config"]["name"]


@pytest.mark.parametrize("mode_type", ["lambda", "function"])
def test_a_merge_by_code_stays_one(mode_type: str) -> None:
    found = parse_layer(layer("Merge", mode="sum", mode_type=mode_type), 1)
    assert found.class_name == "Merge"
    assert found.config["mode_type"] == mode_type


def test_a_functional_model_of_keras_1() -> None:
    first = {
        **layer("InputLayer", batch_input_shape=[None, 4], input_dtype="float32", sparse=False),
        "inbound_nodes": [],
    }
    dense = layer("Dense", output_dim=3, input_dim=4, init="uniform")
    merge = layer("Merge", mode="concat", mode_type="raw", concat_axis=-1, output_shape=None)
    layers = [
        {**first, "name": "in"},
        {**dense, "name": "a", "inbound_nodes": [[["in", 0, 0]], [["a", 0, 0]]]},
        {**merge, "name": "both", "inbound_nodes": [[["a", 0, 0], ["a", 1, 0]]]},
    ]
    config = {"name": "m", "layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [["both", 0, 0]]}
    model = parse_model({"class_name": "Model", "config": config, "keras_version": "1.2.2"})
    assert (model.kind, model.generation, model.unreadable) == ("functional", 1, ())
    assert [each.class_name for each in model.layers] == ["InputLayer", "Dense", "Concatenate"]
    assert model.layers[2].calls == (CallConfig(([TensorRef("a", 0), TensorRef("a", 1)],)),)
    assert parse_model({"class_name": "Model", "config": config}).generation == 1


@pytest.mark.parametrize("generation", [1, 2])
def test_a_stack_that_starts_with_merged_branches(generation: int) -> None:
    left, right = (
        {"class_name": "Sequential", "config": [layer("Dense", output_dim=3, batch_input_shape=[None, 4])]}
        for _ in range(2)
    )
    left["config"][0]["config"]["name"], right["config"][0]["config"]["name"] = "left", "right"  # type: ignore[index]
    data = {
        "class_name": "Sequential",
        "config": [layer("Merge", mode="sum", layers=[left, right]), layer("Dense", output_dim=1)],
    }
    assert parse_model(data).generation == 1
    model = parse_model(data, generation)
    assert (model.kind, model.unreadable) == ("functional", ())
    names = ["left_input", "sequential_1", "right_input", "sequential_2", "merge", "dense"]
    assert [each.name for each in model.layers] == names
    assert model.layers[0].config["batch_input_shape"] == [None, 4]
    assert model.layers[4].class_name == "Add"
    assert model.layers[4].calls == (CallConfig(([TensorRef("sequential_1"), TensorRef("sequential_2")],)),)
    assert list(serialized_layers(model.layers[4])) == []
    assert model.inputs == [TensorRef("left_input"), TensorRef("right_input")]
    assert model.outputs == TensorRef("dense")


def test_branches_that_cannot_be_connected_stay_inside_the_merge() -> None:
    unnamed = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"output_dim": 3}}]}
    model = parse_model([layer("Merge", mode="sum", layers=[unnamed, unnamed]), layer("Dense", output_dim=1)])
    assert (model.kind, [each.class_name for each in model.layers]) == ("sequential", ["Add", "Dense"])
    assert [path for path, _ in serialized_layers(model.layers[0])] == ["layers[0]", "layers[1]"]


def test_filled_in_sizes_are_no_declaration() -> None:
    data = [
        layer("Dense", output_dim=3, input_dim=4, batch_input_shape=[None, 4]),
        layer("Dense", output_dim=3, input_dim=3),
    ]
    first, second = parse_model(data).layers
    assert first.config["batch_input_shape"] == [None, 4]
    assert "input_dim" not in first.config
    assert "input_dim" not in second.config


def new(class_name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}


@pytest.mark.parametrize(
    ("data", "version", "expected"),
    [
        ({}, None, None),
        ({}, "1.2.2", 1),
        ({}, "0.3.3", 1),
        ({}, "2.2.4-tf", 2),
        ({}, "3.15.1", 3),
        ({}, "tfjs-layers v1", None),
        ({}, "17.0", None),
        ([layer("Dense", units=3)], "1.0.0", 1),
        ([layer("Dense", units=3, kernel_initializer="zeros")], None, 2),
        ([layer("Dense", output_dim=3, init="zero")], None, 1),
        ([layer("Dropout", p=0.5)], None, 1),
        ([layer("Convolution2D")], None, 1),
        # What a layer of the user's own is called, or takes, tells nothing.
        ([layer("Highway", init=3), layer("Dense", kernel_initializer="zeros")], None, 2),
        ([layer("Mine", border_mode="same"), layer("Dense", kernel_initializer="zeros")], None, 2),
        ([new("InputLayer", batch_shape=[None, 4])], None, 3),
        ([new("InputLayer", batch_input_shape=[None, 4])], None, 2),
        ([new("Dense", dtype=POLICY)], None, 3),
        ([{"class_name": "Dense", "config": {"kernel_initializer": {}, "dtype": POLICY}}], None, 3),
        ([{"class_name": "LSTM", "config": {"time_major": False}}], None, 2),
        ({"module": "keras.src.models.functional", "class_name": "Functional", "config": {}}, None, 3),
        ({"module": "keras.src.engine.functional", "class_name": "Functional", "config": {}}, None, 2),
        ({"module": "tf_keras.src.engine.functional", "class_name": "Functional", "config": {}}, None, 2),
        ({"class_name": "Sequential", "config": [], "keras_version": "2.4.0"}, None, 2),
        ({"name": "x", "inbound_nodes": [[["a", 0, 0]]]}, None, 2),
    ],
    ids=str,
)
def test_the_generation_that_wrote_it(data: object, version: str | None, expected: int | None) -> None:
    assert generation_of(data, version) == expected
