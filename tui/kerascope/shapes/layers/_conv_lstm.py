"""Recurrent layers whose steps are images: ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._calls import meet
from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, Tensor, WeightSpec, flatten
from kerascope.shapes.layers._arguments import compute_dtype, flag, known, sizes, spatial, weights_of, whole, word
from kerascope.shapes.layers._recurrent import given_to, needs_batch
from kerascope.shapes.tensors._algebra import broadcast
from kerascope.shapes.tensors._windows import apart, channels_first, joined, places

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes.layers._recurrent import Given

__all__: list[str] = []

STATES = 2
GATES = 4
LETTERS_1 = "icfo"
"""The gates in the order of the weights in Keras 1."""


@rule("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A convolution at every step; output and both states have its shape (Keras 3.15 and tf-keras `ConvLSTMCell`)."""
    given = given_to(layer, call)
    shape, rank = given.sequence.shape, spatial(layer)
    if len(shape) != rank + 3:
        raise refuse(layer, f"{rank + 3} dimensions: batch, time, {rank} of space and channels", shape)
    first = channels_first(layer)
    step = (shape[0], *shape[2:])
    window = sizes(layer, "kernel_size", rank)
    _, _, space = apart(step, rank, first)
    if layer.generation == 3 and None in space:
        raise refuse(layer, "fixed sizes of space", shape)
    channels = known(layer, step, 1 if first else -1)
    filters = whole(layer, "filters")
    needs_batch(layer, shape[0], shape)
    strides, dilation = sizes(layer, "strides", rank, 1), sizes(layer, "dilation_rate", rank, 1)
    if max(strides) > 1 and max(dilation) > 1:
        raise Invalid(
            f"{layer.class_name} has strides {strides} and a dilation_rate {dilation}, expected 1 for one of both"
        )
    found = places(layer, shape, space, window, strides, word(layer, "padding", "valid"), dilation)
    state = joined((shape[0],), filters, found, first)
    weights = weights_of(layer, *_weights(layer, window, channels, filters))
    last, after = state, [state] * STATES
    if layer.generation != 3:
        if shape[1] == 0:
            raise refuse(layer, "at least one step of time", shape)
        if None in found and flag(layer, "stateful", False):
            raise refuse(layer, "fixed sizes of space, as it is stateful", shape)
        if given.states is not None:
            last, after = _begun(layer, given, state, filters, first)
    return _given_out(layer, last, shape, after, weights)


def _given_out(
    layer: LayerConfig, last: Shape, shape: Shape, after: list[Shape], weights: tuple[WeightSpec, ...]
) -> Result:
    dtype = compute_dtype(layer)
    if flag(layer, "return_sequences", False):
        output = Tensor((last[0] if shape[0] is None else shape[0], shape[1], *last[1:]), dtype)
    else:
        output = Tensor(last, dtype)
    if not flag(layer, "return_state", False):
        return Result(output, weights)
    states = [Tensor(each, dtype) for each in after]
    return Result((output, *states) if layer.generation == 3 else [output, *states], weights)


def _weights(layer: LayerConfig, window: tuple[int, ...], channels: int, filters: int) -> list[WeightSpec]:
    if layer.generation == 1:
        shapes = {"W": (*window, channels, filters), "U": (*window, filters, filters), "b": (filters,)}
        if channels_first(layer):
            shapes |= {"W": (filters, channels, *window), "U": (filters, filters, *window)}
        return [WeightSpec(f"{kind}_{letter}", shape) for letter in LETTERS_1 for kind, shape in shapes.items()]
    weights = [
        WeightSpec("kernel", (*window, channels, filters * GATES)),
        WeightSpec("recurrent_kernel", (*window, filters, filters * GATES)),
    ]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (filters * GATES,)))
    return weights


def _begun(layer: LayerConfig, given: Given, state: Shape, filters: int, first: bool) -> tuple[Shape, list[Shape]]:
    """The last output and the states, where Keras 2 is given states to begin with: a loop keeps their shapes."""
    begun = [tensor.shape for tensor in flatten(given.states)]
    if len(begun) != STATES:
        raise Invalid(f"{layer.class_name} received {len(begun)} initial states, expected {STATES}")
    last = state
    for each in begun:
        if len(each) != len(state) or each[1 if first else -1] != filters:
            raise refuse(layer, f"initial states of shape {state}", each)
        if not meet([last], [each]):
            raise refuse(layer, f"initial states of shape {state}", each)
        last = broadcast(last, each)
    return last, begun
