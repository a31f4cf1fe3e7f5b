"""TensorFlow functions that pick numbers out of tensors and place them: index, gather, one-hot, ranges.

Source: shape functions of TensorFlow 2.21 (`Reshape`, `StridedSlice`, `ConcatV2`, ...), which Keras 2 traces.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._values import number, sizes, whole
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, indexed, operand

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@function("__operators__.getitem")
def get_item(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """What an index in brackets leaves; of a shape, the numbers that are known."""
    given = Arguments(call, "tensor", "slice_spec")
    x, key = given.tensor("tensor"), given.get("slice_spec")
    return Result(Tensor(indexed(x.shape, key), x.dtype, _value_at(x, key)))


def _value_at(x: Tensor, key: object) -> int | tuple[int | None, ...] | None:
    """What is known of a part of a shape."""
    if not isinstance(x.value, tuple):
        return None
    if isinstance(key, (list, tuple)) and len(key) == 1:
        key = key[0]
    if isinstance(key, int):
        return x.value[key]
    if isinstance(key, dict) and set(key) == {"start", "stop", "step"}:
        bounds = [number(key[part]) for part in ("start", "stop", "step")]
        if all(bound is not None or key[part] is None for part, bound in zip(key, bounds, strict=True)):
            return x.value[slice(*bounds)]
    return None


@function("slice")
def slice_(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many from a place on; -1 for all that is left."""
    given = Arguments(call, "input_", "begin", "size")
    x = operand(call.first, "its input")
    begin, size = sizes(given.get("begin"), "begin"), sizes(given.get("size"), "size")
    if not len(begin) == len(size) == len(x.shape):
        raise Invalid(f"its input has shape {x.shape}; as many places to begin at, and sizes, are needed")
    found = [
        (None if whole_size is None or start is None else whole_size - start) if length == -1 else length
        for whole_size, start, length in zip(x.shape, begin, size, strict=True)
    ]
    return Result(Tensor(tuple(found), x.dtype))


@function("gather")
def gather(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the indices in the place of the axis, less the axes both have in common."""
    given = Arguments(call, "params", "indices")
    x, indices = operand(call.first, "params"), given.shape("indices")
    common = whole(given.get("batch_dims") or 0, "batch_dims")
    common = common + len(indices) if common < 0 else common
    axis = given.get("axis")
    along = common if axis is None else algebra.axis_of(whole(axis, "axis"), len(x.shape))
    return Result(Tensor((*x.shape[:along], *indices[common:], *x.shape[along + 1 :]), x.dtype))


@function("nn.embedding_lookup")
def embedding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A row for each id."""
    given = Arguments(call, "params", "ids")
    x = given.tensor("params")
    return Result(Tensor((*given.shape("ids"), *x.shape[1:]), x.dtype))


@function("gather_nd")
def gather_nd(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The last axis of the indices names so many axes of the tensor."""
    given = Arguments(call, "params", "indices")
    x, indices = operand(call.first, "params"), given.shape("indices")
    common = whole(given.get("batch_dims") or 0, "batch_dims")
    named = indices[-1]
    if named is None:
        raise Unknown("how many axes its indices name is open")
    return Result(Tensor((*indices[:-1], *x.shape[common + named :]), x.dtype))


@function("boolean_mask")
def boolean_mask(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Where the mask holds, one after the other, in the place of the axes that it covers."""
    given = Arguments(call, "tensor", "mask")
    x, mask = operand(call.first, "its input"), given.shape("mask")
    axis = whole(given.get("axis") or 0, "axis")
    return Result(Tensor((*x.shape[:axis], None, *x.shape[axis + len(mask) :]), x.dtype))


@function("scatter_nd")
def scatter_nd(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Numbers placed in zeros of the shape that is asked for."""
    given = Arguments(call, "indices", "updates", "shape")
    return Result(Tensor(sizes(given.get("shape"), "the shape"), given.tensor("updates").dtype))


@function("one_hot")
def one_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A new axis with a place for each class."""
    given = Arguments(call, "indices", "depth")
    indices = operand(call.first, "indices").shape
    axis = given.get("axis")
    place = algebra.axis_of(-1 if axis is None else axis, len(indices) + 1)
    depth = number(given.get("depth", given.get("num_classes")))
    return Result(Tensor((*indices[:place], depth, *indices[place:])))


@function("range")
def range_(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many numbers as fit between two, where these are known."""
    given = Arguments(call, "start", "limit", "delta")
    start, limit, delta = (given.get(name) for name in ("start", "limit", "delta"))
    if limit is None:
        start, limit = 0, start
    bounds = [number(bound) for bound in (start, limit, 1 if delta is None else delta)]
    if bounds[2] == 0:
        raise Invalid("the step is 0; give another one")
    known = [bound for bound in bounds if bound is not None]
    count = None if len(known) < 3 else max(0, math.ceil((known[1] - known[0]) / known[2]))
    return Result(Tensor((count,)))


@function("linspace")
def linspace(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A new axis with so many numbers between two tensors."""
    given = Arguments(call, "start", "stop", "num")
    shape = given.shape("start")
    place = algebra.axis_of(given.get("axis", 0), len(shape) + 1)
    return Result(Tensor((*shape[:place], number(given.get("num")), *shape[place:])))


@function("sequence_mask")
def sequence_mask(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A row of booleans for each length."""
    given = Arguments(call, "lengths", "maxlen")
    return Result(Tensor((*given.shape("lengths"), number(given.get("maxlen")))))


@function("random.categorical")
def categorical(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many samples for each row of logits."""
    given = Arguments(call, "logits", "num_samples")
    return Result(Tensor((given.shape("logits")[0], number(given.get("num_samples")))))


@function("image.random_crop")
def random_crop(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A part of the size that is asked for; -1 leaves a size open."""
    given = Arguments(call, "value", "size")
    shape = tuple(None if size == -1 else size for size in sizes(given.get("size"), "size"))
    return Result(Tensor(shape, given.tensor("value").dtype))
