"""Layers around a layer: TimeDistributed and Bidirectional."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Inner, Invalid, Result, Tensor, Unknown, flatten
from kerascope.shapes.layers._arguments import compute_dtype, flag, weights_of
from kerascope.shapes.layers._cells import prefixed, serialized
from kerascope.shapes.layers._recurrent import given_to
from kerascope.shapes.tensors._algebra import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.configs import LayerConfig, Structure
    from kerascope.graph import Shape
    from kerascope.shapes._types import WeightSpec

__all__: list[str] = []

RECURRENT = frozenset(
    ("SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "CuDNNLSTM", "CuDNNGRU")
)
"""Keras's layers that can go backwards: in a Bidirectional any other fails, as soon as it is made."""

SAME = ("stateful", "return_sequences", "return_state")
"""What the two layers of a Bidirectional must have in common."""


def _inside(infer: Infer, layer: LayerConfig, call: Call) -> Result:
    """What a layer inside a wrapper gives; what is unknown or refused about it is so about the wrapper."""
    try:
        return infer(layer, call)
    except Unknown as error:
        if " inside it, " in f" {error}":
            raise
        if isinstance(error, Invalid):
            raise Invalid(f"inside it, {error}") from error
        raise Unknown(f"of {_named(layer)} inside it, {error}") from error


def _named(layer: LayerConfig) -> str:
    return f"{layer.name} ({layer.class_name})" if layer.name else layer.class_name


UNBUILT = re.compile(r"Pooling|Padding|Cropping|UpSampling|RepeatVector|SpatialDropout")
"""Layers without weights: Keras 3 asks them for a shape inside TimeDistributed, but does not check what they get."""


@rule("TimeDistributed")
def time_distributed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The inner layer at every step: the second dimension is taken away before it and put back after it.

    Keras 3.15 `TimeDistributed.compute_output_shape`; tf-keras folds the steps into the batch, with the same result.
    """
    inner = serialized(layer, layer.config.get("layer"), "the layer")
    first = call.first
    tensors = tuple(flatten(first))
    if not tensors or (layer.generation == 3 and not isinstance(first, Tensor)):
        raise Invalid(f"TimeDistributed received {len(tensors)} tensors, expected one")
    for tensor in tensors:
        if len(tensor.shape) < 3:
            raise refuse(layer, "at least 3 dimensions: batch, time and what a step holds", tensor.shape)
    batch, time = tensors[0].shape[0], tensors[0].shape[1]
    # An argument of the call beside the tensors is a mask or `training`: neither changes a shape.
    step = Call((_mapped(first, lambda tensor: Tensor((tensor.shape[0], *tensor.shape[2:]), tensor.dtype)),))
    try:
        result = _inside(infer, inner, step)
    except Invalid as error:
        if layer.generation == 3 and UNBUILT.search(inner.class_name):
            raise Unknown(f"{error}, and Keras 3 does not check it there") from error
        raise
    output = result.output
    if not isinstance(output, Tensor):
        if layer.generation == 3:
            raise Invalid(f"TimeDistributed received {_named(inner)} with several outputs, expected one with one")
        raise Unknown(f"{_named(inner)} inside it gives out several tensors, for which there is no rule")
    if not output.shape:
        raise Unknown(f"{_named(inner)} inside it gives out a tensor without a batch dimension")
    lead = output.shape[0] if layer.generation == 3 else batch
    weights = None if result.weights is None else weights_of(layer, *result.weights)
    whole = Tensor((lead, time, *output.shape[1:]), output.dtype)
    return Result(whole, weights, (Inner(inner, step, result),))


def _mapped(structure: Structure, change: Callable[[Tensor], Tensor]) -> Structure:
    if isinstance(structure, Tensor):
        return change(structure)
    if isinstance(structure, (list, tuple)):
        return type(structure)(_mapped(item, change) for item in structure)
    if isinstance(structure, dict):
        return {key: _mapped(item, change) for key, item in structure.items()}
    return structure


@rule("Wrapper")
def wrapper(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The base of all wrappers: Keras 3 cannot call it, Keras 2 hands its input through."""
    if layer.generation == 3:
        raise Invalid("Wrapper received a call, and only layers derived from it can be called")
    inner = serialized(layer, layer.config.get("layer"), "the layer")
    result = _inside(infer, inner, call)
    weights = None if result.weights is None else weights_of(layer, *result.weights)
    return Result(call.first, weights, (Inner(inner, call, result),))


@rule("Bidirectional")
def bidirectional(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The forward and the backward layer on one sequence, and what they give merged.

    Keras 3.15 tells the shape by the forward layer alone (`Bidirectional.compute_output_shape`); Keras 2 calls both.
    """
    forward, backward = _both(layer)
    calls = _calls(layer, forward, call)
    results = (_inside(infer, forward, calls[0]), _inside(infer, backward, calls[1]))
    one, two = (_outputs(result.output) for result in results)
    if layer.generation == 3:
        two = one
    outputs = _merged(layer, one[0], two[0])
    states = [*one[1:], *two[1:]] if flag(forward, "return_state", False) else []
    weights: tuple[WeightSpec, ...] | None = None
    if results[0].weights is not None and results[1].weights is not None:
        weights = weights_of(
            layer, *prefixed(forward.name, results[0].weights), *prefixed(backward.name, results[1].weights)
        )
    inner = tuple(Inner(each, on, got) for each, on, got in zip((forward, backward), calls, results, strict=True))
    if len(outputs) == 1 and not states:
        return Result(outputs[0], weights, inner)
    every = [*outputs, *states]
    return Result(tuple(every) if layer.generation == 3 else every, weights, inner)


def _outputs(output: Structure) -> list[Structure]:
    return list(output) if isinstance(output, (list, tuple)) else [output]


def _both(layer: LayerConfig) -> tuple[LayerConfig, LayerConfig]:
    """The two layers under Keras's names; the backward one is the forward one the other way round, or given."""
    inner = serialized(layer, layer.config.get("layer"), "the layer")
    given = layer.config.get("backward_layer")
    if given is not None:
        backward = serialized(layer, given, "the backward layer")
    else:
        other_way = True if layer.generation == 3 else not flag(inner, "go_backwards", False)
        backward = replace(inner, config={**inner.config, "go_backwards": other_way})
    forward = replace(inner, name=_with(layer, "forward_", inner.name))
    if layer.generation != 3 or given is None:
        backward = replace(backward, name=_with(layer, "backward_", backward.name))
    for each in (forward, backward):
        if each.model is not None or (each.builtin and each.class_name not in RECURRENT):
            raise Invalid(f"Bidirectional received a {each.class_name}, expected a recurrent layer")
    if flag(forward, "go_backwards", False) == flag(backward, "go_backwards", False):
        raise Invalid("Bidirectional received two layers that go the same way, expected one with go_backwards")
    for name in SAME:
        values = (flag(forward, name, False), flag(backward, name, False))
        if values[0] != values[1]:
            raise Invalid(f"Bidirectional received layers with {name}={values[0]} and {values[1]}, expected the same")
    return forward, backward


def _with(layer: LayerConfig, prefix: str, name: str) -> str:
    return prefix + (name.removeprefix(prefix) if layer.generation == 3 else name)


def _calls(layer: LayerConfig, forward: LayerConfig, call: Call) -> tuple[Call, Call]:
    """What each of both is called on: the sequence, and its half of the initial states (Keras 2)."""
    given = given_to(layer, call)
    if given.states is None and not given.constants:
        alone = Call((given.sequence,))
        return alone, alone
    if given.constants:
        raise Unknown("a Bidirectional layer that is given constants is not followed")
    states = given.states or []
    if len(states) % 2:
        raise Invalid(
            f"Bidirectional received {len(states)} initial states, expected those of both its layers: an even number"
        )
    half = len(states) // 2
    return (
        Call((given.sequence,), {"initial_state": states[:half]}),
        Call((given.sequence,), {"initial_state": states[half:]}),
    )


def _merged(layer: LayerConfig, one: Structure, two: Structure) -> list[Structure]:
    if not isinstance(one, Tensor) or not isinstance(two, Tensor):
        raise Unknown("a layer inside it gives out no tensor")
    mode = layer.config.get("merge_mode", "concat")
    dtype = compute_dtype(layer) if layer.generation == 3 else one.dtype
    if mode is None:
        return [Tensor(one.shape, dtype), Tensor(two.shape, dtype)]
    if mode == "concat":
        return [Tensor(_side_by_side(layer, one.shape, two.shape), dtype)]
    if mode not in ("sum", "mul", "ave"):
        raise Invalid(f"Bidirectional has the merge_mode {told(mode)}, expected sum, mul, ave, concat or None")
    return [Tensor(broadcast(one.shape, two.shape), dtype)]


def _side_by_side(layer: LayerConfig, one: Shape, two: Shape) -> Shape:
    if not one or len(one) != len(two):
        raise refuse(layer, f"the same number of dimensions in both directions, as of {two}", one)
    lead = tuple(size if size is not None else other for size, other in zip(one[:-1], two[:-1], strict=True))
    sizes = (one[-1], two[-1])
    return (*lead, None if sizes[0] is None or sizes[1] is None else sizes[0] + sizes[1])
