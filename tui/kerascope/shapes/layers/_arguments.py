"""Reading a layer's arguments: what its config says and what it is called on, as the rules need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown, WeightSpec
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._algebra import size_of
from kerascope.shapes.tensors._operands import FLOATS

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call

__all__ = [
    "compute_dtype",
    "flag",
    "gives",
    "integers",
    "known",
    "one_tensor",
    "quantized",
    "sizes",
    "spatial",
    "unchanged",
    "weights_of",
    "whole",
    "word",
]


def one_tensor(layer: LayerConfig, call: Call, rank: int | None = None, at_least: int | None = None) -> Tensor:
    """The one tensor that a layer is called on.

    Args:
        layer: The layer.
        call: The call.
        rank: How many dimensions Keras asks of it, the batch dimension among them.
        at_least: How many it must have at least.

    Raises:
        Invalid: It has another number of dimensions, or there are several tensors where Keras takes one.
        Unknown: There is no tensor, or a list of them where Keras looks at none; or it is empty, and Keras 1 or 2 leave
            what becomes of it to TensorFlow.
    """
    given = call.first
    if not isinstance(given, Tensor):
        if len(call.tensors) > 1 and (rank is not None or at_least is not None):
            raise Invalid(f"{layer.class_name} received {len(call.tensors)} tensors, expected one")
        raise Unknown(f"what this {layer.class_name} is called on is no single tensor")
    found = len(given.shape)
    if rank is not None and found != rank:
        raise refuse(layer, f"{rank} dimensions, batch included", given.shape)
    if at_least is not None and found < at_least:
        raise refuse(layer, f"at least {at_least} dimensions, batch included", given.shape)
    if layer.generation != 3 and 0 in given.shape and (rank is not None or at_least is not None):
        raise Unknown(f"{layer.class_name} received the shape {given.shape}, which is that of no numbers at all")
    return given


def known(layer: LayerConfig, shape: Shape, axis: int) -> int:
    """The size of an axis that a weight has its size from.

    Raises:
        Invalid: There is no such axis, or its size is open.
    """
    if not -len(shape) <= axis < len(shape):
        raise refuse(layer, f"an axis {axis}", shape)
    size = shape[axis]
    if size is None:
        raise refuse(layer, f"a fixed size on axis {axis}, as weights are made of it", shape)
    return size


def whole(layer: LayerConfig, key: str, default: int | None = None) -> int:
    """A whole number of the config.

    Raises:
        Unknown: It is missing, or something else.
    """
    value = layer.config.get(key, default)
    if value is None:
        raise Unknown(f"its config has no {key}")
    return size_of(int(value) if isinstance(value, float) and value.is_integer() else value, key)


def sizes(layer: LayerConfig, key: str, count: int, default: int | None = None) -> tuple[int, ...]:
    """A number for each of several dimensions: a list of them, or one that holds for all.

    Raises:
        Unknown: It is something else.
    """
    value = layer.config.get(key, default)
    found = algebra.integers(value, key)
    if not isinstance(value, (list, tuple)):
        return found * count
    if len(found) != count:
        raise Unknown(f"{key} is {told(value)}, and {count} whole numbers are needed")
    return found


def integers(layer: LayerConfig, key: str, default: int) -> tuple[int, ...]:
    """Whole numbers of the config, such as axes: a list of them, or a single one.

    Raises:
        Unknown: It is something else.
    """
    return algebra.integers(layer.config.get(key, default), key)


def flag(layer: LayerConfig, key: str, default: bool) -> bool:
    """A yes or no of the config."""
    return bool(layer.config.get(key, default))


def word(layer: LayerConfig, key: str, default: str) -> str:
    """A word of the config, in small letters.

    Raises:
        Unknown: It is something else.
    """
    value = layer.config.get(key, default)
    if not isinstance(value, str):
        raise Unknown(f"{key} is {told(value)}, and a word is needed")
    return value.lower()


def spatial(layer: LayerConfig) -> int:
    """How many spatial dimensions a class has by its name: 2 for `Conv2D`."""
    found = re.search(r"(\d)D", layer.class_name)
    if found is None:
        raise ValueError("its name has no number of dimensions")
    return int(found[1])


def quantized(layer: LayerConfig) -> bool:
    """Whether a dtype policy of Keras 3 changes which weights there are: `int8`, `float8`, `gptq`, ..."""
    policy = layer.config.get("dtype")
    if isinstance(policy, Mapping):
        name = str(policy.get("class_name"))
        # A map of policies has one for each path, and paths are not in a layer's config.
        return name not in ("DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1")
    return isinstance(policy, str) and "_from_" in policy


def compute_dtype(layer: LayerConfig) -> str | None:
    """The dtype in which a layer computes, where its config says."""
    policy = layer.config.get("dtype")
    if isinstance(policy, Mapping):
        inside = policy.get("config")
        policy = inside.get("name") if isinstance(inside, Mapping) else None
    if not isinstance(policy, str):
        return None
    name = policy.rpartition("_from_")[2].removeprefix("mixed_")
    return name if name in FLOATS else None


def weights_of(layer: LayerConfig, *weights: WeightSpec) -> tuple[WeightSpec, ...]:
    """The weights of a layer, none of them trainable where the layer is not."""
    if layer.config.get("trainable", True):
        return weights
    return tuple(WeightSpec(weight.name, weight.shape, trainable=False) for weight in weights)


def gives(layer: LayerConfig, shape: Shape, weights: tuple[WeightSpec, ...] | None = ()) -> Result:
    """One tensor in the dtype the layer computes in, and its weights."""
    return Result(Tensor(shape, compute_dtype(layer)), weights)


def unchanged(layer: LayerConfig, tensor: Tensor, shape: Shape | None = None) -> Result:
    """The tensor itself, or its numbers in another shape.

    Its dtype stays, but that Keras casts floating numbers to the dtype the layer computes in.
    """
    dtype = tensor.dtype
    if dtype in FLOATS:
        dtype = compute_dtype(layer) or (dtype if layer.generation == 3 else None)
    return Result(Tensor(tensor.shape if shape is None else shape, dtype))
