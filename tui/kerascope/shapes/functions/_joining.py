"""TensorFlow functions that join tensors and cut them.

Source: shape functions of TensorFlow 2.21 (`Reshape`, `StridedSlice`, `ConcatV2`, ...), which Keras 2 traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._elementwise import merged
from kerascope.shapes.functions._values import MOST_SIZES, number, sizes, whole
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, operand, outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@function("concat")
def concat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors one after the other; what one leaves open in another axis, another may know."""
    given = Arguments(call, "values", "axis")
    first = call.first
    if not isinstance(first, (list, tuple)):
        # One tensor alone: there is nothing to join.
        x = operand(first, "values")
        return Result(Tensor(x.shape, x.dtype))
    tensors = [operand(each, "a value") for each in first]
    axis = whole(given.get("axis", -1), "axis")
    shape = algebra.concatenated([tensor.shape for tensor in tensors], axis)
    along = algebra.axis_of(axis, len(shape))
    rest = merged([algebra.without(tensor.shape, along) for tensor in tensors])
    values = [each.value if isinstance(each, Tensor) else sizes(each, "a value") for each in first]
    known = sum((value for value in values if isinstance(value, tuple)), ()) if len(shape) == 1 else None
    return Result(
        Tensor(
            (*rest[:along], shape[along], *rest[along:]),
            next((tensor.dtype for tensor in tensors if tensor.dtype), None),
            known if known is not None and len(known) == shape[0] and len(known) <= MOST_SIZES else None,
        )
    )


@function("stack")
def stack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors side by side along a new axis; of sizes, the shape that they are."""
    given = Arguments(call, "values", "axis")
    first = call.first
    if not isinstance(first, (list, tuple)):
        raise Unknown("what it stacks is one tensor, taken apart")
    tensors = [operand(each, "a value") for each in first]
    whole_shape = algebra.stacked([tensor.shape for tensor in tensors], whole(given.get("axis", 0), "axis"))
    place = algebra.axis_of(given.get("axis", 0), len(whole_shape))
    rest = merged([tensor.shape for tensor in tensors])
    followed = not rest and len(first) <= MOST_SIZES and _are_sizes(first)
    value = tuple(number(each) for each in first) if followed else None
    dtype = next((tensor.dtype for tensor in tensors if tensor.dtype), None)
    return Result(Tensor((*rest[:place], len(tensors), *rest[place:]), dtype, value))


def _are_sizes(values: Sequence[object]) -> bool:
    return all(each.dtype == "int32" if isinstance(each, Tensor) else type(each) is int for each in values)


@function("unstack")
def unstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A tensor taken apart along an axis."""
    given = Arguments(call, "value", "num", "axis")
    x = given.tensor("value")
    axis = algebra.axis_of(given.get("axis", 0), len(x.shape))
    count = number(given.get("num")) or x.shape[axis]
    if count is None:
        raise Invalid(f"axis {axis} of {x.shape} has an open size: give num, the number of tensors")
    if count > algebra.MOST_OUTPUTS:
        raise Unknown(f"it is taken apart into {count:,} tensors, and at most {algebra.MOST_OUTPUTS:,} are followed")
    values = x.value if isinstance(x.value, tuple) else (None,) * count
    shape = algebra.without(x.shape, axis)
    return Result([Tensor(shape, x.dtype, values[at]) for at in range(count)])


@function("split")
def split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many equal parts, or parts of these sizes, of which -1 is what is left."""
    given = Arguments(call, "value", "num_or_size_splits", "axis")
    x, parts = given.tensor("value"), given.get("num_or_size_splits")
    axis = algebra.axis_of(whole(given.get("axis", 0), "axis"), len(x.shape))
    if not isinstance(parts, (list, tuple)):
        count = whole(parts, "the number of parts")
        return outputs(algebra.split(x.shape, count, axis), x.dtype)
    if len(parts) > algebra.MOST_OUTPUTS:
        raise Unknown(f"it is cut into {len(parts):,} parts, and at most {algebra.MOST_OUTPUTS:,} are followed")
    lengths = list(sizes(parts, "the sizes of the parts"))
    size = x.shape[axis]
    if -1 in lengths:
        known = [length for length in lengths if length != -1]
        open_ = size is None or None in known
        left = None if open_ else (size or 0) - sum(length for length in known if length is not None)
        lengths[lengths.index(-1)] = left
    return outputs([(*x.shape[:axis], length, *x.shape[axis + 1 :]) for length in lengths], x.dtype)


@function("meshgrid")
def meshgrid(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Coordinates of all places in a grid."""
    raise Unknown("Keras 2 did not write all of its operands into the file")
