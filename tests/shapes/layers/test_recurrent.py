"""Recurrent layers: their weights by name, the cells inside them, and what is said of odd ones."""

from __future__ import annotations

from typing import Any

import pytest

from kerascope.configs import parse_layer
from kerascope.shapes import Call, Invalid, Result, Tensor, Unknown, infer

SEQUENCE = Tensor((None, 5, 3), "float32")


def config(class_name: str, **kwargs: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": class_name.lower(), **kwargs}}


def given(class_name: str, generation: int, *args: object, **kwargs: Any) -> Result:
    return infer(parse_layer(config(class_name, **kwargs), generation), Call(args or (SEQUENCE,)))


def weights(result: Result) -> list[tuple[str, tuple[int, ...]]]:
    assert result.weights is not None
    return [(weight.name, weight.shape) for weight in result.weights]


@pytest.mark.parametrize("generation", [2, 3])
def test_weights_stand_in_the_order_in_which_keras_makes_them(generation: int) -> None:
    lstm = given("LSTM", generation, units=4)
    assert weights(lstm) == [("kernel", (3, 16)), ("recurrent_kernel", (4, 16)), ("bias", (16,))]


@pytest.mark.parametrize(
    ("class_name", "gates", "implementation"), [("LSTM", "icfo", 0), ("LSTM", "", 2), ("GRU", "zrh", 1), ("GRU", "", 2)]
)
def test_keras_1_has_weights_for_each_gate(class_name: str, gates: str, implementation: int) -> None:
    result = given(class_name, 1, units=4, implementation=implementation)
    size = 4 if gates else 4 * {"LSTM": 4, "GRU": 3}[class_name]
    suffixes = [f"_{gate}" for gate in gates] or [""]
    assert weights(result) == [
        (kind + suffix, shape)
        for suffix in suffixes
        for kind, shape in (("W", (3, size)), ("U", (4, size)), ("b", (size,)))
    ]
    later = given(class_name, 2, units=4)
    assert sum(weight.count for weight in result.weights or ()) == sum(weight.count for weight in later.weights or ())


def test_keras_1_keeps_channels_in_front_in_the_kernels_of_images() -> None:
    images = Tensor((None, 4, 3, 8, 8), "float32")
    kwargs: dict[str, Any] = {"filters": 2, "kernel_size": [3, 3], "data_format": "channels_first"}
    result = given("ConvLSTM2D", 1, images, **kwargs)
    assert weights(result)[:3] == [("W_i", (2, 3, 3, 3)), ("U_i", (2, 2, 3, 3)), ("b_i", (2,))]
    assert result.outputs[0].shape == (None, 2, 6, 6)


@pytest.mark.parametrize(("generation", "bias"), [(2, (12,)), (3, (2, 12))])
def test_a_gru_that_says_nothing_of_reset_after_is_as_its_time_made_it(generation: int, bias: tuple[int, ...]) -> None:
    assert weights(given("GRU", generation, units=4))[-1] == ("bias", bias)


def test_rnn_shows_the_cell_inside_it() -> None:
    result = given("RNN", 3, cell=config("LSTMCell", units=4), return_sequences=True)
    (inner,) = result.inner
    assert (inner.layer.class_name, inner.layer.name) == ("LSTMCell", "lstmcell")
    assert inner.call.first == Tensor((None, 3), "float32")
    assert inner.result is not None
    assert [output.shape for output in inner.result.outputs] == [(None, 4)] * 3
    assert inner.result.weights == result.weights


def test_stacked_cells_show_each_cell_with_what_the_one_before_gives() -> None:
    cells = [config("GRUCell", units=2), config("LSTMCell", units=4)]
    result = given("RNN", 3, cell=config("StackedRNNCells", cells=cells))
    (stack,) = result.inner
    assert stack.result is not None
    assert [(each.layer.class_name, each.call.tensors[0].shape) for each in stack.result.inner] == [
        ("GRUCell", (None, 3)),
        ("LSTMCell", (None, 2)),
    ]
    assert weights(result)[0] == ("grucell/kernel", (3, 6))
    assert weights(result)[3] == ("lstmcell/kernel", (2, 16))


def test_an_lstm_hides_the_cell_that_nobody_wrote() -> None:
    assert given("LSTM", 3, units=4).inner == ()


def test_the_states_of_stacked_cells_are_nested_as_keras_nests_them() -> None:
    cells = [config("GRUCell", units=2), config("LSTMCell", units=4)]
    result = given("RNN", 3, cell=config("StackedRNNCells", cells=cells), return_state=True)
    assert isinstance(result.output, tuple)
    output, first, second = result.output
    assert (output.shape, first.shape) == ((None, 4), (None, 2))
    assert [state.shape for state in second] == [(None, 4), (None, 4)]


def test_a_cell_of_the_users_own_makes_the_layer_unknown() -> None:
    own = {**config("MyCell"), "module": "project.cells", "registered_name": "project>MyCell"}
    with pytest.raises(Unknown, match="cell MyCell is not one of Keras's own"):
        given("RNN", 3, cell=own)


@pytest.mark.parametrize("cell", [None, "LSTMCell", 3, [], {}, config("Dense", units=3), config("LSTMCell", units="x")])
def test_an_odd_cell_is_unknown(cell: object) -> None:
    with pytest.raises(Unknown):
        given("RNN", 2, cell=cell)


def test_cells_nested_too_deeply_are_unknown() -> None:
    cell = config("GRUCell", units=2)
    for _ in range(200):
        cell = config("StackedRNNCells", cells=[cell])
    with pytest.raises(Unknown):
        given("RNN", 3, cell=cell)


def test_constants_stand_behind_the_states() -> None:
    cells = [config("GRUCell", units=4), config("GRUCell", units=4)]
    state = Tensor((2, 4), "float32")
    inputs = [SEQUENCE, state, state, Tensor((None, 9), "float32")]
    result = given("RNN", 2, inputs, cell=config("StackedRNNCells", cells=cells), num_constants=1)
    assert result.outputs[0].shape == (2, 4)


@pytest.mark.parametrize(
    ("generation", "args", "kwargs", "message"),
    [
        (3, (Tensor((None, 3)),), {}, r"LSTM cannot take \(None, 3\): it needs 3 dimensions"),
        (3, ([SEQUENCE, SEQUENCE],), {}, "received a list of 2 tensors, expected one"),
        (3, (SEQUENCE,), {"stateful": True}, "it needs a fixed batch size, as it is stateful"),
        (2, (Tensor((None, None, 3)),), {"unroll": True}, "it needs a fixed number of time steps, as it is unrolled"),
        (2, ([SEQUENCE, Tensor((None, 4))],), {}, "received 1 initial states, expected 2"),
        (2, ([Tensor((2, 5, 3)), *[Tensor((3, 4))] * 2],), {}, "received a batch of 2 and a state for 3"),
    ],
)
def test_what_keras_refuses_is_told_with_what_came_and_what_is_needed(
    generation: int, args: tuple[object, ...], kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        given("LSTM", generation, *args, units=4, **kwargs)
