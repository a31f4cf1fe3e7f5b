"""Wrappers: the layers inside them, by Keras's names, with what they were called on; models inside wrappers."""

from __future__ import annotations

from typing import Any

import pytest

from kerascope.configs import parse_layer
from kerascope.shapes import Call, Invalid, Result, Tensor, Unknown, infer

SEQUENCE = Tensor((None, 5, 3), "float32")
OWN = {"module": "project.layers", "registered_name": "project>Own", "class_name": "Own", "config": {"name": "own"}}


def config(class_name: str, **kwargs: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": class_name.lower(), **kwargs}}


def given(class_name: str, generation: int, inputs: object = SEQUENCE, **kwargs: Any) -> Result:
    return infer(parse_layer(config(class_name, **kwargs), generation), Call((inputs,)))


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_bidirectional_shows_both_layers_by_kerass_names(generation: int) -> None:
    result = given("Bidirectional", generation, layer=config("LSTM", units=4))
    assert [inner.layer.name for inner in result.inner] == ["forward_lstm", "backward_lstm"]
    assert [inner.call.first for inner in result.inner] == [SEQUENCE, SEQUENCE]
    assert [inner.result.outputs[0].shape for inner in result.inner if inner.result] == [(None, 4), (None, 4)]
    assert result.outputs[0].shape == (None, 8)
    assert result.weights is not None
    assert {weight.name.partition("/")[0] for weight in result.weights} == {"forward_lstm", "backward_lstm"}


def test_a_forward_layer_that_has_its_name_already_keeps_it_in_keras_3() -> None:
    forward = {"class_name": "LSTM", "config": {"name": "forward_words", "units": 4}}
    backward = {"class_name": "LSTM", "config": {"name": "backward_words", "units": 4, "go_backwards": True}}
    result = given("Bidirectional", 3, layer=forward, backward_layer=backward)
    assert [inner.layer.name for inner in result.inner] == ["forward_words", "backward_words"]


def test_each_direction_gets_its_half_of_the_states() -> None:
    states = [Tensor((size, 4), "float32") for size in (None, None, 2, 2)]
    result = given("Bidirectional", 2, [SEQUENCE, *states], layer=config("LSTM", units=4), merge_mode=None)
    assert [inner.call.kwargs["initial_state"] for inner in result.inner] == [states[:2], states[2:]]
    assert [output.shape for output in result.outputs] == [(None, 4), (2, 4)]


def test_two_layers_that_go_the_same_way_are_refused() -> None:
    with pytest.raises(Invalid, match="go the same way"):
        given("Bidirectional", 3, layer=config("LSTM", units=4), backward_layer=config("LSTM", units=4))


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_time_distributed_shows_what_its_layer_gets_and_gives(generation: int) -> None:
    result = given("TimeDistributed", generation, layer=config("Dense", units=4))
    (inner,) = result.inner
    assert inner.layer.name == "dense"
    assert inner.call.first == Tensor((None, 3), "float32")
    assert inner.result is not None
    assert inner.result.outputs[0].shape == (None, 4)
    assert result.outputs[0].shape == (None, 5, 4)
    assert result.weights == inner.result.weights


@pytest.mark.parametrize("generation", [2, 3])
def test_a_model_inside_is_left_to_who_follows_models(generation: int) -> None:
    model = config("Sequential", layers=[config("Dense", units=4)])
    asked = []

    def follow(layer: Any, call: Call) -> Result:
        asked.append((layer.model is not None, call.tensors))
        return Result(Tensor((None, 7)), None)

    layer = parse_layer(config("TimeDistributed", layer=model), generation)
    result = infer(layer, Call((SEQUENCE,)), follow)
    assert asked == [(True, (Tensor((None, 3), "float32"),))]
    assert result.outputs[0].shape == (None, 5, 7)
    assert result.weights is None


@pytest.mark.parametrize("class_name", ["TimeDistributed", "Bidirectional"])
def test_a_layer_of_the_users_own_inside_makes_the_wrapper_unknown_and_says_which(class_name: str) -> None:
    with pytest.raises(Unknown, match=r"own \(Own\) inside it, Own is not one of Keras's own layers") as caught:
        given(class_name, 3, layer=OWN)
    assert not isinstance(caught.value, Invalid)


def test_a_bidirectional_in_a_bidirectional_is_refused_before_both_directions_are_followed() -> None:
    layer = config("LSTM", units=4)
    for _ in range(60):
        layer = config("Bidirectional", layer=layer)
    with pytest.raises(Invalid, match="received a Bidirectional, expected a recurrent layer"):
        given("Bidirectional", 3, layer=layer)


def test_wrappers_in_wrappers_say_once_that_something_is_inside() -> None:
    layer = dict(OWN)
    for _ in range(20):
        layer = config("TimeDistributed", layer=layer)
    inputs = Tensor((None,) + (2,) * 30, "float32")
    with pytest.raises(Unknown) as caught:
        given("TimeDistributed", 3, inputs, layer=layer)
    assert str(caught.value).count("inside it") == 1


def test_what_is_refused_inside_is_refused_outside() -> None:
    with pytest.raises(Invalid, match=r"inside it, Conv2D cannot take \(None, 3\)"):
        given("TimeDistributed", 2, layer=config("Conv2D", filters=2, kernel_size=[3, 3]))


@pytest.mark.parametrize("class_name", ["TimeDistributed", "Bidirectional", "Wrapper"])
@pytest.mark.parametrize("layer", [None, 3, "Dense", [], {}, {"class_name": "LSTM"}])
def test_an_odd_inner_layer_is_unknown(class_name: str, layer: object) -> None:
    with pytest.raises(Unknown):
        given(class_name, 2, layer=layer)


def test_a_frozen_wrapper_freezes_what_is_inside() -> None:
    result = given("Bidirectional", 3, layer=config("GRU", units=4), trainable=False)
    assert result.weights is not None
    assert not any(weight.trainable for weight in result.weights)
