"""Merging layers and attention: what stands in messages and configs that no oracle has."""

from __future__ import annotations

from typing import Any

import pytest

from kerascope.configs import parse_layer
from kerascope.shapes import Call, Invalid, Result, Tensor, Unknown, infer

QUERY, VALUE = Tensor((None, 5, 4), "float32"), Tensor((None, 6, 4), "float32")


def given(
    class_name: str, generation: int, *args: object, call: dict[str, object] | None = None, **kwargs: Any
) -> Result:
    # Keras 3 has operations of the same names, so that it always writes the module, too.
    module = {"module": "keras.layers"} if generation == 3 else {}
    layer = parse_layer({"class_name": class_name, "config": {"name": "it", **kwargs}, **module}, generation)
    return infer(layer, Call(args, call or {}))


@pytest.mark.parametrize(
    ("mode", "more", "expected"),
    [
        ("sum", {}, (None, 4)),
        ("mul", {}, (None, 4)),
        ("ave", {}, (None, 4)),
        ("max", {}, (None, 4)),
        ("concat", {}, (None, 8)),
        ("concat", {"concat_axis": 1}, (None, 8)),
        ("dot", {"dot_axes": [1, 1]}, (None, 1)),
    ],
)
def test_merge_of_keras_1_by_its_mode(mode: str, more: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    inputs = [Tensor((None, 4)), Tensor((None, 4))]
    assert given("Merge", 1, inputs, mode=mode, **more).outputs[0].shape == expected


def test_a_merge_that_is_code_is_unknown() -> None:
    with pytest.raises(Unknown, match="code"):
        given("Merge", 1, [Tensor((None, 4)), Tensor((None, 4))], mode="cGF0aA==", mode_type="lambda")


@pytest.mark.parametrize(
    ("class_name", "shapes", "message"),
    [
        ("Add", ((None, 4), (None, 5)), r"\(None, 4\) and \(None, 5\), expected sizes that are equal or 1 \(4 .* 5\)"),
        ("Add", ((2, 4), (3, 4)), "expected the same batch size"),
        ("Concatenate", ((None, 2, 4), (None, 3, 5)), r"equal sizes but on axis 2 \(axis 1 has 2 and 3\)"),
        ("Subtract", ((None, 4),), "received 1 tensors, expected 2"),
        ("Dot", ((None, 4), (None, 5)), "expected equal sizes on the axes it multiplies, 1 and 1"),
    ],
)
def test_what_does_not_merge_is_told_with_its_sizes(
    class_name: str, shapes: tuple[tuple[int | None, ...], ...], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        given(class_name, 3, [Tensor(shape) for shape in shapes])


@pytest.mark.parametrize("generation", [2, 3])
def test_query_value_and_key_by_position_and_by_name_are_the_same(generation: int) -> None:
    heads: dict[str, Any] = {"num_heads": 2, "key_dim": 3}
    by_position = given("MultiHeadAttention", generation, QUERY, VALUE, VALUE, **heads)
    by_name = given("MultiHeadAttention", generation, call={"query": QUERY, "value": VALUE, "key": VALUE}, **heads)
    assert by_position == by_name
    assert by_position.outputs[0].shape == (None, 5, 4)
    assert by_position.weights is not None
    assert [weight.name for weight in by_position.weights] == [
        f"{layer}/{weight}" for layer in ("query", "key", "value", "attention_output") for weight in ("kernel", "bias")
    ]


def test_a_quantized_attention_keeps_its_shapes_and_hides_its_weights() -> None:
    policy = {"module": "keras.dtype_policies", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}
    result = given("MultiHeadAttention", 3, QUERY, VALUE, num_heads=2, key_dim=3, dtype=policy)
    assert result.outputs[0].shape == (None, 5, 4)
    assert result.weights is None


@pytest.mark.parametrize(
    ("class_name", "kwargs"),
    [
        ("MultiHeadAttention", {"num_heads": "2", "key_dim": 3}),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "attention_axes": [9]}),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "output_shape": "x"}),
    ],
)
def test_an_odd_config_is_unknown(class_name: str, kwargs: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        given(class_name, 2, QUERY, VALUE, **kwargs)
