"""Grids of cases for layers over time and layers around layers: recurrent ones, their cells, wrappers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shapes.oracle_cases import case, tensor
from tests.shapes.window_cases import Case, grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["inner", "sequence_cases"]

Kwargs = dict[str, Any]

STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
RETURNS: tuple[Kwargs, ...] = (
    {},
    {"return_sequences": True},
    {"return_state": True},
    {"return_sequences": True, "return_state": True},
)
FROZEN: Kwargs = {"trainable": False}
ONE_TRACE: Kwargs = {"recurrent_activation": "tanh"}
"""What keeps Keras 2 from tracing a second LSTM or GRU for the GPU, which takes up to ten times as long."""


def inner(class_name: str, **kwargs: Any) -> dict[str, Any]:
    """A layer as an argument of another one."""
    return {"$layer": [class_name, kwargs]}


def sequence_cases(generation: int) -> list[Case]:
    """All cases of a generation."""
    families: tuple[Callable[[int], Iterator[Case]], ...] = (
        recurrent,
        refused_sequences,
        around_cells,
        given_states,
        cells,
        conv_lstm,
        conv_lstm_shapes,
        bidirectional,
        two_layers,
        time_distributed,
        images_over_time,
    )
    families += (cudnn, time_major) if generation == 2 else ()
    return [each for family in families for each in family(generation)]


def recurrent(generation: int) -> Iterator[Case]:
    for class_name, shape, returns in grid(STATES, ((None, 5, 3), (2, None, 3), (1, 1, 1)), RETURNS):
        traced = {} if returns is RETURNS[3] and shape[0] is None else _one_trace(class_name)
        yield case(class_name, tensor(*shape), units=4, **traced, **returns)
    for class_name in STATES:
        options: tuple[Kwargs, ...] = (
            {"use_bias": False},
            {"dropout": 0.1, "recurrent_dropout": 0.2},
            {"go_backwards": True, "return_sequences": True},
            {"dtype": "mixed_float16", "return_state": True},
            {"dtype": "float64"},
            FROZEN,
        )
        for kwargs in options:
            yield case(class_name, tensor(None, 5, 3), units=4, **_one_trace(class_name), **kwargs)
        for way in ("unroll", "stateful"):
            for shape in ((None, 5, 3), (2, 5, 3), (None, None, 3), (2, None, 3)):
                asked: Kwargs = {way: True, **_one_trace(class_name)}
                yield case(class_name, tensor(*shape), units=4, return_state=True, **asked)
        for size in (5, 4):
            yield case(
                class_name,
                tensor(None, 5, 3),
                {"mask": tensor(None, size, dtype="bool")},
                units=4,
                **_one_trace(class_name),
            )
    for after, bias in grid((True, False), (True, False)):
        yield case("GRU", tensor(None, 5, 3), units=4, reset_after=after, use_bias=bias, **ONE_TRACE)


def refused_sequences(generation: int) -> Iterator[Case]:
    for class_name, shape in grid(STATES, ((None, 3), (None, 5, 3, 2), (None, 5, None), (None,), (None, 0, 3))):
        yield case(class_name, tensor(*shape), units=4)
    for class_name in STATES:
        for states in ([], [tensor(None, 4)]):
            yield case(class_name, [tensor(None, 5, 3), *states], units=4, **_one_trace(class_name))


def around_cells(generation: int) -> Iterator[Case]:
    stacks: tuple[Any, ...] = (
        inner("LSTMCell", units=4),
        [inner("GRUCell", units=4, use_bias=False)],
        [inner("GRUCell", units=2), inner("LSTMCell", units=4)],
        [inner("SimpleRNNCell", units=2, trainable=False), inner("GRUCell", units=4, reset_after=False)],
        inner("StackedRNNCells", cells=[inner("LSTMCell", units=2), inner("SimpleRNNCell", units=4)]),
    )
    for cell, returns in grid(stacks, RETURNS):
        yield case("RNN", tensor(None, 5, 3), cell=cell, **returns)
    for cell in stacks:
        yield case("RNN", tensor(2, 5, 3), cell=cell, return_state=True, stateful=True)
        yield case("RNN", tensor(None, 5, 3), cell=cell, **FROZEN)
        yield case("RNN", tensor(None, 5, None), cell=cell)
        yield case("RNN", tensor(None, None, 3), cell=cell, unroll=True)
        yield case("RNN", tensor(None, 3), cell=cell)
        yield case("RNN", tensor(None, 5, 3), {"constants": tensor(None, 4)}, cell=cell)
    pair = [inner("GRUCell", units=4), inner("LSTMCell", units=4)]
    for one, two in grid((None, 2), (None, 2)):
        states: list[Any] = [tensor(one, 4), [tensor(two, 4), tensor(two, 4)]]
        yield case("RNN", tensor(None, 5, 3), {"initial_state": states}, cell=pair, return_state=True)
    yield case("RNN", tensor(None, 5, 3), {"initial_state": [tensor(None, 4)] * 3}, cell=pair)


def given_states(generation: int) -> Iterator[Case]:
    ways: tuple[Kwargs, ...] = (RETURNS[3], {"unroll": True, "return_state": True})
    batches = (("LSTM", None), ("LSTM", 2), ("GRU", 1))
    for (class_name, batch), state, way in grid(batches, ((None, 4), (2, 4), (1, 4), (3, 4), (None, None)), ways):
        states = {"initial_state": [tensor(*state)] * STATES[class_name]}
        yield case(class_name, tensor(batch, 5, 3), states, units=4, **ONE_TRACE, **way)
    for class_name, count in STATES.items():
        for given in ([tensor(None, 5)] * count, [tensor(None, 4)] * (count + 1), [tensor(None, 5, 4)] * count):
            yield case(class_name, tensor(None, 5, 3), {"initial_state": given}, units=4)
        one: Kwargs = {"units": 4, **_one_trace(class_name)}
        yield case(class_name, tensor(None, 5, 3), {"initial_state": tensor(None, 4)}, **one)
        yield case(class_name, [tensor(None, 5, 3)] + [tensor(None, 4)] * count, return_state=True, **one)


def cells(generation: int) -> Iterator[Case]:
    for class_name, batch, state in grid(STATES, (None, 2), ((None, 4), (2, 4), (None, 5), (None, None))):
        states = {"states": [tensor(*state)] * STATES[class_name]}
        yield case(f"{class_name}Cell", tensor(batch, 3), states, units=4)
    for class_name, count in STATES.items():
        yield case(f"{class_name}Cell", tensor(None, 3), units=4)
        yield case(f"{class_name}Cell", tensor(None, None), {"states": [tensor(None, 4)] * count}, units=4)
        yield case(f"{class_name}Cell", tensor(2, 3), {"states": [tensor(3, 4)] * count}, units=4)
        yield case(f"{class_name}Cell", tensor(2, 3), {"states": [tensor(2, 4)] * count}, units=4, **FROZEN)
    stack = [inner("GRUCell", units=4), inner("LSTMCell", units=5)]
    firsts: tuple[Any, ...] = (tensor(None, 4), [tensor(2, 4)])
    for one in firsts:
        nested: dict[str, Any] = {"states": [one, [tensor(None, 5), tensor(None, 5)]]}
        yield case("StackedRNNCells", tensor(None, 3), nested, cells=stack)


def conv_lstm(generation: int) -> Iterator[Case]:
    for rank, padding, kwargs in grid(
        (1, 2, 3),
        ("valid", "same"),
        (
            {},
            {"strides": 2, "return_sequences": True},
            {"dilation_rate": 2, "return_state": True},
            {"kernel_size": 1, "return_sequences": True, "return_state": True},
            {"kernel_size": 7},
            {"use_bias": False, "trainable": False},
        ),
    ):
        if rank == 3 and padding == "same" and "kernel_size" not in kwargs:
            continue  # as in two dimensions
        yield _conv_lstm(rank, (None, 4, *(6, 5, 4)[:rank], 3), padding=padding, **kwargs)
    for rank in (1, 2, 3):
        shape = (2, 4, 3, *(6, 5, 4)[:rank])
        yield _conv_lstm(rank, shape, data_format="channels_first", return_sequences=True, return_state=True)


def _conv_lstm(rank: int, shape: tuple[int | None, ...], call: dict[str, Any] | None = None, **kwargs: Any) -> Case:
    return case(f"ConvLSTM{rank}D", tensor(*shape), call, **{"filters": 2, "kernel_size": 2, **kwargs})


def conv_lstm_shapes(generation: int) -> Iterator[Case]:
    for rank in (1, 2, 3):
        space = (6, 5, 4)[:rank]
        shapes: tuple[tuple[tuple[int | None, ...], Kwargs], ...] = (
            ((None, 4, *space), {}),
            ((None, 4, None, *space[1:], 3), {"return_sequences": True}),
            ((None, 4, *space, None), {}),
            ((None, None, *space, 3), {"return_sequences": True}),
            ((None, 0, *space, 3), {}),
            ((2, 4, *space, 3), {"stateful": True, "return_state": True}),
            ((None, 4, *space, 3), {"stateful": True}),
            ((2, 4, None, *space[1:], 3), {"stateful": True}),
        )
        for shape, kwargs in shapes:
            yield _conv_lstm(rank, shape, **kwargs)
        less = tuple(size - 1 for size in space)
        for state in (
            (None, *less, 2),
            (2, *less, 2),
            (None, *less, 3),
            (None, *space, 2),
            (None,) * (rank + 1) + (2,),
        ):
            states = {"initial_state": [tensor(*state)] * 2}
            yield _conv_lstm(rank, (None, 4, *space, 3), states, return_state=True, return_sequences=True)


def bidirectional(generation: int) -> Iterator[Case]:
    modes = ("sum", "mul", "concat", "ave", None)
    for mode, returns in grid(modes, RETURNS):
        # How both are merged does not depend on what they are.
        class_name = "LSTM" if mode in ("concat", None) else "SimpleRNN"
        layer = inner(class_name, units=4, **returns, **_one_trace(class_name))
        yield case("Bidirectional", tensor(None, 5, 3), layer=layer, merge_mode=mode)
    yield case("Bidirectional", tensor(None, 5, 3), layer=inner("LSTM", units=4))
    for mode in modes:
        layer = inner("SimpleRNN", units=4, return_sequences=True)
        yield case("Bidirectional", tensor(2, None, 3), layer=layer, merge_mode=mode)
    for mode in ("sum", "concat", None):
        layer = inner("ConvLSTM2D", filters=2, kernel_size=2, return_state=True)
        yield case("Bidirectional", tensor(None, 4, 6, 5, 3), layer=layer, merge_mode=mode)
    for class_name, count in STATES.items():
        layer = inner(class_name, units=4, return_state=True, **_one_trace(class_name))
        for batch in (None, 2):
            states = [tensor(batch, 4)] * (2 * count)
            yield case("Bidirectional", tensor(None, 5, 3), {"initial_state": states}, layer=layer)
            yield case("Bidirectional", [tensor(None, 5, 3), *states], layer=layer)
        yield case("Bidirectional", [tensor(None, 5, 3), *[tensor(None, 4)] * 3], layer=layer)


def _one_trace(class_name: str) -> Kwargs:
    return {} if class_name == "SimpleRNN" else ONE_TRACE


def two_layers(generation: int) -> Iterator[Case]:
    for class_name in STATES:
        for mode, units in grid(("concat", "sum", None) if class_name == "SimpleRNN" else ("concat",), (4, 5)):
            traced = _one_trace(class_name)
            forward = inner(class_name, units=4, return_state=True, **traced)
            backward = inner(class_name, units=units, go_backwards=True, return_state=True, **traced)
            yield case("Bidirectional", tensor(None, 5, 3), layer=forward, backward_layer=backward, merge_mode=mode)
    for class_name in STATES:
        for shape in ((None, 3), (None, 5, None), (2, 5, 3), (None, 5, 3, 1)):
            layer = inner(class_name, units=4, stateful=True, **_one_trace(class_name))
            yield case("Bidirectional", tensor(*shape), layer=layer)
        traced = _one_trace(class_name)
        yield case("Bidirectional", tensor(None, 5, 3), layer=inner(class_name, units=4, stateful=True, **traced))
        yield case("Bidirectional", tensor(None, 5, 3), layer=inner(class_name, units=4, trainable=False, **traced))
        yield case("Bidirectional", tensor(None, 5, 3), layer=inner(class_name, units=4, **traced), trainable=False)
        mask = {"mask": tensor(None, 5, dtype="bool")}
        yield case("Bidirectional", tensor(None, 5, 3), mask, layer=inner(class_name, units=4, **traced))
    for returns in (RETURNS[0], RETURNS[3]):
        cell = [inner("LSTMCell", units=4), inner("GRUCell", units=2)]
        yield case("Bidirectional", tensor(None, 5, 3), layer=inner("RNN", cell=cell, **returns))
    for mode in ("concat", "mul"):
        gru = inner("GRU", units=4, go_backwards=True, **ONE_TRACE)
        layers = {"layer": inner("LSTM", units=4, **ONE_TRACE), "backward_layer": gru}
        yield case("Bidirectional", tensor(None, 5, 3), merge_mode=mode, **layers)


def time_distributed(generation: int) -> Iterator[Case]:
    layers: tuple[Kwargs, ...] = (
        inner("Dense", units=4),
        inner("Dropout", rate=0.2),
        inner("Flatten"),
        inner("BatchNormalization"),
        inner("Activation", activation="relu"),
    )
    shapes = ((None, 5, 3), (2, 5, 3), (None, None, 3), (None, 3), (None, 5, None), (2, None, 3), (None, 5, 4, 3))
    for shape, layer in grid(shapes, layers):
        yield case("TimeDistributed", tensor(*shape), layer=layer)
    mask = {"mask": tensor(None, 5, dtype="bool")}
    yield case("TimeDistributed", tensor(None, 5, 3), mask, layer=layers[0])
    yield case("TimeDistributed", tensor(None, 5, 3), layer=layers[0], **FROZEN)
    for words in ((None, 5, 4), (None, 5)):
        yield case("TimeDistributed", tensor(*words), layer=inner("Embedding", input_dim=5, output_dim=2))
    for count in (2, 3):
        yield case("TimeDistributed", [tensor(None, 5, 4)] * count, layer=inner("Add"))
    yield case("Wrapper", tensor(None, 5), layer=inner("Dense", units=3))


def images_over_time(generation: int) -> Iterator[Case]:
    layers: tuple[Kwargs, ...] = (
        inner("Conv2D", filters=2, kernel_size=3),
        inner("Conv2D", filters=2, kernel_size=3, padding="same", strides=2, trainable=False),
        inner("MaxPooling2D"),
        inner("GlobalAveragePooling2D"),
    )
    sizes: tuple[tuple[int | None, ...], ...] = ((8, 8, 3), (None, None, 3), (8, None, 3), (8, 2, 3))
    for lead, size, layer in grid(((None, 4), (2, 4), (None, None)), sizes, layers):
        yield case("TimeDistributed", tensor(*lead, *size), layer=layer)
    layers = (
        inner("LSTM", units=4, **ONE_TRACE),
        inner("GRU", units=4, return_sequences=True, **ONE_TRACE),
        inner("Bidirectional", layer=inner("GRU", units=2, **ONE_TRACE)),
        inner("TimeDistributed", layer=inner("Dense", units=2)),
        inner("Reshape", target_shape=[3, 6]),
        inner("Conv1D", filters=2, kernel_size=3),
    )
    for shape, layer in grid(((None, 4, 6, 3), (2, 4, 6, 3), (None, None, 6, 3)), layers):
        yield case("TimeDistributed", tensor(*shape), layer=layer)


def cudnn(generation: int) -> Iterator[Case]:
    for class_name, shape, returns in grid(("LSTM", "GRU"), ((None, 5, 3), (2, 5, 3), (None, None, 3)), RETURNS):
        yield case(f"src.layers.CuDNN{class_name}", tensor(*shape), units=4, **returns)
    for class_name in ("LSTM", "GRU"):
        states = [tensor(None, 4)] * STATES[class_name]
        yield case(f"src.layers.CuDNN{class_name}", [tensor(None, 5, 3), *states], units=4, return_state=True)
        yield case(f"src.layers.CuDNN{class_name}", tensor(2, 5, 3), units=4, stateful=True, trainable=False)
        yield case(f"src.layers.CuDNN{class_name}", tensor(None, 3), units=4)


def time_major(generation: int) -> Iterator[Case]:
    for class_name, shape, returns in grid(STATES, ((5, None, 3), (None, 2, 3)), RETURNS):
        yield case(class_name, tensor(*shape), units=4, time_major=True, **_one_trace(class_name), **returns)
    cell = [inner("LSTMCell", units=4), inner("GRUCell", units=2)]
    yield case("RNN", tensor(5, None, 3), cell=cell, time_major=True, return_sequences=True, return_state=True)
    for returns in (RETURNS[0], RETURNS[3]):
        layer = inner("LSTM", units=4, time_major=True, **ONE_TRACE, **returns)
        yield case("Bidirectional", tensor(5, None, 3), layer=layer)
    yield case("LSTM", tensor(5, None, 3), units=4, time_major=True, stateful=True)
    yield case("LSTM", tensor(None, 2, 3), units=4, time_major=True, unroll=True)
