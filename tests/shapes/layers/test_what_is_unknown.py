"""What our rules do not claim to know, and what they know of Keras 1, which no oracle answers for."""

from __future__ import annotations

from typing import Any

import pytest

from kerascope.configs import LayerConfig, parse_layer
from kerascope.shapes import Call, Invalid, Result, Tensor, Unknown, infer

Sizes = tuple["int | None", ...]


def call(class_name: str, shape: Sizes, generation: int = 3, **config: Any) -> Result:
    """One call of a layer on one tensor."""
    module = "keras.layers" if generation == 3 else None
    layer = parse_layer({"class_name": class_name, "config": config, "module": module}, generation)
    return infer(layer, Call(args=(Tensor(shape, "float32"),)))


def policy(class_name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras", "class_name": class_name, "config": config, "registered_name": None}


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("Dense", {"units": 3}),
        ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 3}),
        ("Embedding", {"input_dim": 5, "output_dim": 3}),
        ("ReversibleEmbedding", {"input_dim": 5, "output_dim": 3}),
    ],
)
@pytest.mark.parametrize(
    "dtype",
    [
        policy("QuantizedDTypePolicy", mode="int8", source_name="float32"),
        policy("QuantizedFloat8DTypePolicy", mode="float8", source_name="bfloat16"),
        policy("GPTQDTypePolicy", mode="gptq/4/32", source_name="float32"),
        policy("DTypePolicyMap", default_policy=None, policy_map={}),
        "int8_from_float32",
    ],
)
def test_weights_of_a_quantized_layer_are_unknown_and_its_shape_is_not(
    class_name: str, config: dict[str, Any], dtype: object
) -> None:
    result = call(class_name, (None, 4), **config, dtype=dtype)
    assert result.weights is None
    assert result.outputs[0].shape in ((None, 3), (None, 4, 3))


def test_plain_policies_leave_the_weights_known() -> None:
    for dtype in (None, "mixed_float16", policy("DTypePolicy", name="mixed_bfloat16")):
        weights = call("Dense", (None, 4), units=3, dtype=dtype).weights
        assert weights is not None
        assert [weight.shape for weight in weights] == [(4, 3), (3,)]


@pytest.mark.parametrize("generation", [1, 2])
def test_an_activation_of_the_authors_may_change_the_shape(generation: int) -> None:
    with pytest.raises(Unknown, match="my_glu"):
        call("Dense", (None, 4), generation, units=3, activation="my_glu")
    named = {"class_name": "function", "config": "my_glu"}
    with pytest.raises(Unknown, match="function"):
        call("Dense", (None, 4), generation, units=3, activation=named)
    layer = {"class_name": "LeakyReLU", "config": {"alpha": 0.1}}
    assert call("Dense", (None, 4), generation, units=3, activation=layer).outputs[0].shape == (None, 3)


def test_keras_3_takes_the_shape_from_before_the_activation() -> None:
    assert call("Dense", (None, 4), units=3, activation="my_glu").outputs[0].shape == (None, 3)


def test_a_lambda_has_the_shape_that_its_author_stated_where_keras_holds_it_to_that() -> None:
    assert call("Lambda", (7, 4), output_shape=[None, 5]).outputs[0].shape == (7, None, 5)
    assert call("Lambda", (None, 4), 1, output_shape=[5]).outputs[0].shape == (None, 5)
    with pytest.raises(Unknown, match="says \\(None, 5\\), to which Keras 2 does not hold it"):
        call("Lambda", (None, 4), 2, output_shape=[5])
    for stated in (None, {"class_name": "__lambda__"}, "double", [[5]], ["5"], [True]):
        with pytest.raises(Unknown, match="runs a function of the author's"):
            call("Lambda", (None, 4), output_shape=stated)


@pytest.mark.parametrize(
    ("class_name", "shape", "config", "said"),
    [
        ("Conv2D", (None, 4, 4, None), {"filters": 2, "kernel_size": 3}, ["(None, 4, 4, None)", "channels"]),
        ("Conv2D", (None, 2, 2, 3), {"filters": 2, "kernel_size": 3}, ["(None, 2, 2, 3)", "at least 3 for its window"]),
        ("Conv2D", (None, 4, 3), {"filters": 2, "kernel_size": 3}, ["(None, 4, 3)", "4 dimensions"]),
        ("Conv2D", (None, 4, 4, 3), {"filters": 2, "kernel_size": 3, "groups": 2}, ["(None, 4, 4, 3)", "2 groups"]),
        ("Reshape", (None, 3, 4), {"target_shape": [5]}, ["(None, 3, 4)", "(5,)", "12", "5"]),
        ("Cropping2D", (None, 3, 9, 4), {"cropping": [2, 1]}, ["(None, 3, 9, 4)", "(4, 2)"]),
        ("Dense", (None, None), {"units": 3}, ["(None, None)", "axis -1"]),
        ("BatchNormalization", (None, 4), {"axis": 3}, ["(None, 4)", "axis 3"]),
        ("GroupNormalization", (None, 6), {"groups": 4}, ["(None, 6)", "4 groups"]),
    ],
)
def test_a_refusal_says_what_came_and_what_is_needed(
    class_name: str, shape: Sizes, config: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        call(class_name, shape, **config)
    assert all(part in str(refused.value) for part in said), str(refused.value)


@pytest.mark.parametrize(
    ("class_name", "config", "said"),
    [
        ("Dense", {}, "its config has no units"),
        ("Dense", {"units": "many"}, "units is 'many', and a whole number is needed"),
        ("Conv2D", {"filters": 2, "kernel_size": [3]}, r"kernel_size is \[3\], and 2 whole numbers are needed"),
        ("Conv2D", {"filters": 2, "kernel_size": 3, "data_format": "NHWC"}, "its data_format is 'NHWC', and channels_"),
        ("MaxPooling2D", {"padding": 3}, "padding is 3, and a word is needed"),
        ("Reshape", {"target_shape": 5}, "its target_shape is 5, and a list of sizes is needed"),
    ],
)
def test_a_value_that_keras_does_not_write_is_told(class_name: str, config: dict[str, Any], said: str) -> None:
    with pytest.raises(Unknown, match=f"^{said}"):
        call(class_name, (None, 4, 4, 3), **config)


@pytest.mark.parametrize("generation", [2, 3])
@pytest.mark.parametrize("dilation", [0, -3])
def test_a_window_that_goes_backwards_is_refused(generation: int, dilation: int) -> None:
    for class_name in ("Conv2D", "Conv2DTranspose"):
        with pytest.raises(Invalid, match="expected positive numbers"):
            call(class_name, (None, 8, 8, 3), generation, filters=2, kernel_size=2, dilation_rate=dilation)


def test_a_layer_around_one_of_the_authors_is_unknown() -> None:
    inner = {"class_name": "Mine", "config": {}, "module": "mine", "registered_name": "Custom>Mine"}
    with pytest.raises(Unknown, match="Mine is not one of Keras's own layers"):
        call("SpectralNormalization", (None, 4), layer=inner)


def test_spectral_normalization_claims_no_kernel_of_layers_it_does_not_know() -> None:
    inner = {"class_name": "LSTM", "config": {"units": 3}}
    result = call("SpectralNormalization", (None, 5, 4), layer=inner)
    assert result.weights is None
    assert result.inner[0].layer.class_name == "LSTM"


def test_an_input_in_the_middle_of_a_sequential() -> None:
    assert call("InputLayer", (None, 3), 2, batch_input_shape=[None, 7]).outputs[0].shape == (None, 3)
    with pytest.raises(Invalid, match="only as the beginning"):
        call("InputLayer", (None, 3), 3, batch_shape=[None, 7])


def test_an_input_states_its_shape() -> None:
    layer = parse_layer({"class_name": "InputLayer", "config": {"batch_input_shape": [None, 7], "dtype": "int32"}}, 2)
    assert infer(layer, Call()).outputs == (Tensor((None, 7), "int32"),)
    for shape in (None, "seven", [None, -7], [None, 7.5], [[7]]):
        odd = LayerConfig(class_name="InputLayer", name="", config={"batch_shape": shape}, generation=3)
        with pytest.raises(Unknown, match="states"):
            infer(odd, Call())


def test_sizes_no_tensor_can_have_are_unknown() -> None:
    with pytest.raises(Unknown, match="more than 9,223,372,036,854,775,807 numbers"):
        call("Flatten", (None, 2**40, 2**40))
    with pytest.raises(Unknown, match="more than 9,223,372,036,854,775,807 numbers"):
        call("Dense", (None, 2**40), units=2**40)
    with pytest.raises(Unknown, match="300 sizes"):
        call("Reshape", (None, 1), target_shape=[1] * 300)


def test_locally_connected_weights_are_counted_without_walking_along_an_endless_axis() -> None:
    config = {"filters": 1, "kernel_size": [3], "strides": [1], "padding": "same", "implementation": 3}
    weights = call("LocallyConnected1D", (None, 10**12, 1), 2, **config).weights
    assert weights is not None
    assert weights[0].shape == (3 * 10**12 - 2,)


KERAS_1: tuple[tuple[str, dict[str, Any], Sizes, Sizes, list[Sizes]], ...] = (
    ("Dense", {"output_dim": 3}, (None, 4), (None, 3), [(4, 3), (3,)]),
    ("Dense", {"output_dim": 3, "bias": False}, (None, 4), (None, 3), [(4, 3)]),
    (
        "Convolution2D",
        {"nb_filter": 5, "nb_row": 3, "nb_col": 2, "border_mode": "valid", "subsample": [2, 1], "dim_ordering": "th"},
        (None, 3, 9, 8),
        (None, 5, 4, 7),
        [(3, 2, 3, 5), (5,)],
    ),
    (
        "Convolution1D",
        {"nb_filter": 5, "filter_length": 3, "border_mode": "full", "subsample_length": 1},
        (None, 8, 4),
        (None, 10, 5),
        [(3, 4, 5), (5,)],
    ),
    (
        "Deconvolution2D",
        {"nb_filter": 5, "nb_row": 3, "nb_col": 3, "output_shape": [None, 5, 14, 14], "dim_ordering": "th"},
        (None, 3, 12, 12),
        (None, 5, 14, 14),
        [(3, 3, 5, 3), (5,)],
    ),
    ("MaxPooling1D", {"pool_length": 2, "stride": 2, "border_mode": "valid"}, (None, 7, 4), (None, 3, 4), []),
    ("ZeroPadding2D", {"padding": [1, 2, 3, 4], "dim_ordering": "tf"}, (None, 5, 5, 2), (None, 8, 12, 2), []),
    ("Dropout", {"p": 0.5}, (None, 4), (None, 4), []),
    ("MaxoutDense", {"output_dim": 3, "nb_feature": 2}, (None, 4), (None, 3), [(2, 4, 3), (2, 3)]),
    ("Highway", {"bias": True}, (None, 4), (None, 4), [(4, 4), (4, 4), (4,), (4,)]),
    ("SReLU", {"shared_axes": None}, (None, 5, 4), (None, 5, 4), [(5, 4)] * 4),
    ("ParametricSoftplus", {"shared_axes": [1]}, (None, 5, 4), (None, 5, 4), [(1, 4)] * 2),
)


@pytest.mark.parametrize(("class_name", "config", "shape", "output", "weights"), KERAS_1)
def test_keras_1(class_name: str, config: dict[str, Any], shape: Sizes, output: Sizes, weights: list[Sizes]) -> None:
    result = call(class_name, shape, 1, **config)
    assert result.outputs[0].shape == output
    assert result.weights is not None
    assert [weight.shape for weight in result.weights] == weights
