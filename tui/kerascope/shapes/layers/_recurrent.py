"""Recurrent layers over the steps of a sequence: SimpleRNN, LSTM, GRU, and RNN around any cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, Tensor, Unknown, WeightSpec, flatten
from kerascope.shapes.layers._arguments import compute_dtype, flag, known, one_tensor, weights_of, whole
from kerascope.shapes.layers._cells import Cell, cell_of, cell_weights, inner_of, one_batch, serialized

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig, Structure
    from kerascope.graph import Shape

__all__ = ["Given", "given_to", "needs_batch"]

RANK = 3
"""Batch, time and features: what LSTM, GRU and SimpleRNN ask for; RNN leaves it to its cell."""

CELL_NAMES = {"SimpleRNN": "simple_rnn_cell", "LSTM": "lstm_cell", "GRU": "gru_cell"}


@rule("SimpleRNN", "LSTM", "GRU")
def recurrent(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A recurrent layer with a cell of its own, made of the layer's own arguments."""
    inside = replace(layer, class_name=f"{layer.class_name}Cell", name=CELL_NAMES[layer.class_name])
    return _over_steps(layer, cell_of(inside), call, rank=RANK)


@rule("RNN", generations=(2, 3))
def around_cells(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A recurrent layer around a cell, or a list of cells."""
    value = layer.config.get("cell")
    if isinstance(value, (list, tuple)):
        value = {"class_name": "StackedRNNCells", "config": {"cells": value}}
    cell = cell_of(serialized(layer, value, "the cell"))
    result = _over_steps(layer, cell, call, rank=None)
    sequence = given_to(layer, call).sequence
    step = _step(layer, sequence.shape)
    return replace(result, inner=(inner_of(cell, step, cell_weights(cell, step), sequence.dtype),))


@dataclass(frozen=True, slots=True)
class Given:
    """What a recurrent layer is called on.

    Attributes:
        sequence: The sequence.
        states: The states it begins with, nested as its cells are; `None` for zeros.
        constants: Whether it is given constants, too.
    """

    sequence: Tensor
    states: list[Structure] | None
    constants: bool = False


def given_to(layer: LayerConfig, call: Call) -> Given:
    """The sequence and the states among the arguments of a call.

    Keras 2 puts states and constants behind the sequence, in one list, when it builds a functional model
    (tf-keras `standardize_args`); Keras 3 takes one tensor, and does not look at the states' shapes.

    Raises:
        Invalid: There are several tensors in the first argument of Keras 3, or states in two places.
    """
    first = call.first
    if layer.generation == 3:
        if isinstance(first, (list, tuple)):
            raise Invalid(
                f"{layer.class_name} received a list of {len(tuple(flatten(first)))} tensors, expected one; "
                "initial states are given as `initial_state`"
            )
        if "constants" in call.kwargs:
            raise Invalid(f"{layer.class_name} received `constants`, which Keras 3 does not know")
        return Given(one_tensor(layer, call), None)
    states = _listed(call.args[1] if len(call.args) > 1 else call.kwargs.get("initial_state"))
    constants = _listed(call.args[2] if len(call.args) > 2 else call.kwargs.get("constants"))
    if isinstance(first, (list, tuple)):
        if states is not None or constants is not None:
            raise Invalid(f"{layer.class_name} received states both in its inputs and as `initial_state`, expected one")
        items = list(first)
        count = layer.config.get("num_constants")
        if isinstance(count, int) and count > 0:
            items, constants = items[:-count], items[-count:]
        if not items:
            raise Unknown(f"this {layer.class_name} is called on no sequence")
        first, states = items[0], items[1:] or None
    if not isinstance(first, Tensor):
        raise Unknown(f"the sequence this {layer.class_name} is called on is no single tensor")
    return Given(first, states, constants=bool(constants))


def _listed(value: object) -> list[Structure] | None:
    if value is None:
        return None
    return list(value) if isinstance(value, (list, tuple)) else [value]


def needs_batch(layer: LayerConfig, batch: int | None, shape: Shape) -> None:
    """A stateful layer keeps a state for each sample of a batch.

    Raises:
        Invalid: The batch size is open.
    """
    if batch is None and flag(layer, "stateful", False):
        raise refuse(layer, "a fixed batch size, as it is stateful", shape)


def _step(layer: LayerConfig, shape: Shape) -> Shape:
    if _time_major(layer):
        return shape[1:]
    return (shape[0], *shape[2:])


def _time_major(layer: LayerConfig) -> bool:
    return layer.generation == 2 and flag(layer, "time_major", False)


def _over_steps(layer: LayerConfig, cell: Cell, call: Call, rank: int | None) -> Result:
    given = given_to(layer, call)
    shape = given.sequence.shape
    if rank is not None and len(shape) != rank:
        raise refuse(layer, f"{rank} dimensions: batch, time and features", shape)
    if len(shape) < 2 or (len(shape) == 2 and layer.generation != 3):
        raise refuse(layer, "at least 3 dimensions: batch, time and what a step holds", shape)
    if len(shape) > RANK and layer.generation != 3:
        raise Unknown(f"a step of shape {_step(layer, shape)} is more than {cell.layer.class_name} is made for")
    batch, time = (shape[1], shape[0]) if _time_major(layer) else (shape[0], shape[1])
    needs_batch(layer, batch, shape)
    weights = weights_of(layer, *cell_weights(cell, _step(layer, shape)))
    last: int | None = batch
    states: Structure = cell.zeros(batch)
    if layer.generation != 3:
        _walkable(layer, cell, given, time)
        last, states = _looped(layer, cell, batch, given.states)
    dtype = compute_dtype(layer)
    output = Tensor((last, cell.units), dtype)
    if flag(layer, "return_sequences", False):
        every = last if batch is None else batch
        output = Tensor((time, every, cell.units) if _time_major(layer) else (every, time, cell.units), dtype)
    if not flag(layer, "return_state", False):
        return Result(output, weights)
    assert isinstance(states, list)
    return Result((output, *states) if layer.generation == 3 else [output, *states], weights)


def _walkable(layer: LayerConfig, cell: Cell, given: Given, time: int | None) -> None:
    """What Keras 2 asks for, which runs through the first step when the layer is called."""
    if time == 0:
        raise refuse(layer, "at least one step of time", given.sequence.shape)
    if time is None and flag(layer, "unroll", False):
        raise refuse(layer, "a fixed number of time steps, as it is unrolled", given.sequence.shape)
    if given.constants and not cell.cells:
        raise Invalid(f"{layer.class_name} received constants, which its {cell.layer.class_name} does not take")
    if given.states is None:
        return
    tensors, sizes = tuple(flatten(given.states)), cell.sizes()
    if len(tensors) != len(sizes) or (cell.cells and len(given.states) != len(cell.cells)):
        raise Invalid(
            f"{layer.class_name} received {len(given.states)} initial states, expected "
            f"{len(cell.cells) or len(sizes)}, one for each state of its cell"
        )
    for state, size in zip(tensors, sizes, strict=True):
        if len(state.shape) != 2 or state.shape[1] not in (None, size):
            raise refuse(layer, f"an initial state of shape (batch, {size})", state.shape)


def _looped(
    layer: LayerConfig, cell: Cell, batch: int | None, states: list[Structure] | None
) -> tuple[int | None, Structure]:
    """The batch size of the last step, and the states after it (tf-keras `backend.rnn`).

    A loop keeps the shapes that its states begin with; unrolled, a state has the shape of the last step.
    """
    if states is None:
        return batch, cell.zeros(batch)
    unrolled = flag(layer, "unroll", False)
    last = batch
    after: list[Structure] = []
    cells = cell.cells or (cell,)
    own = states if cell.cells else [states]
    for each, begun in zip(cells, own, strict=True):
        tensors = tuple(flatten(begun))
        for state in tensors:
            last = one_batch(layer, last, state.shape[0])
        if not unrolled:
            last = _kept(layer, last, tensors)
        shape = Tensor((last, each.units), compute_dtype(layer))
        after.append([shape if unrolled else Tensor(state.shape, compute_dtype(layer)) for state in tensors])
    if None not in (batch, last) and batch != last:
        raise Invalid(f"{layer.class_name} received a batch of {batch} and states for {last}, expected the same")
    if not cell.cells:
        found = after[0]
        assert isinstance(found, list)
        return last, found
    return last, [each[0] if isinstance(each, list) and len(each) == 1 else each for each in after]


def _kept(layer: LayerConfig, batch: int | None, states: tuple[Tensor, ...]) -> int | None:
    for state in states:
        size = state.shape[0]
        if size is not None and batch is not None and size != batch:
            raise Invalid(f"{layer.class_name} received a batch of {batch} and a state for {size}, expected the same")
        batch = size if batch is None else batch
    return batch


@rule("CuDNNLSTM", "CuDNNGRU", generations=(2,))
def on_cudnn(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """LSTM and GRU of Keras 2 for one kind of GPU: always with a bias for the inputs and one for the states."""
    units = whole(layer, "units")
    inside = replace(layer, class_name=f"{layer.class_name[5:]}Cell", name="cell")
    result = _over_steps(layer, cell_of(inside), call, rank=RANK)
    size = known(layer, given_to(layer, call).sequence.shape, -1)
    gates = 4 if layer.class_name == "CuDNNLSTM" else 3
    weights = (
        WeightSpec("kernel", (size, units * gates)),
        WeightSpec("recurrent_kernel", (units, units * gates)),
        WeightSpec("bias", (units * gates * 2,)),
    )
    return replace(result, weights=weights_of(layer, *weights))
