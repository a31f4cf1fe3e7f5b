"""Layers that merge several tensors into one: element by element, side by side, or by products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule, unruled
from kerascope.shapes._types import Call, Infer, Invalid, Result, Tensor, Unknown
from kerascope.shapes.layers._arguments import compute_dtype
from kerascope.shapes.tensors._algebra import broadcast

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__: list[str] = []

PAIR = 2

unruled(
    "Merge",
    because="a Merge of Keras 1 with a mode of its own is code, or merges in a way that no layer of today has",
    generations=(1, 2),
)


def _several(layer: LayerConfig, call: Call) -> list[Tensor]:
    """The tensors to merge: a list of them, which is the first argument."""
    first = call.first
    if isinstance(first, Tensor):
        raise Invalid(f"{layer.class_name} received one tensor of shape {first.shape}, expected a list of tensors")
    if not isinstance(first, (list, tuple)) or not first:
        raise Invalid(f"{layer.class_name} received no list of tensors, expected one with at least one tensor")
    tensors = [each for each in first if isinstance(each, Tensor)]
    if len(tensors) != len(first):
        raise Invalid(
            f"{layer.class_name} received {len(first)} things of which {len(tensors)} are tensors, expected tensors"
        )
    return tensors


def _merged(layer: LayerConfig, tensors: list[Tensor], shape: Shape) -> Result:
    dtype = compute_dtype(layer)
    if layer.generation != 3 and tensors[0].dtype is not None and "float" not in tensors[0].dtype:
        # Keras 2 casts floating numbers alone.
        dtype = tensors[0].dtype
    return Result(Tensor(shape, dtype))


@rule("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
def elementwise(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors stretched to one shape; a lower rank is filled up with ones behind the batch dimension.

    Keras 3.15 gives an open size wherever one is (`_compute_elemwise_op_output_shape`), Keras 2 what TensorFlow knows.
    """
    tensors = _several(layer, call)
    shapes = [tensor.shape for tensor in tensors]
    if layer.class_name == "Subtract" and len(tensors) != PAIR:
        raise Invalid(f"Subtract received {len(tensors)} tensors, expected {PAIR}")
    for shape in shapes:
        if not shape:
            raise refuse(layer, "tensors with a batch dimension", shape)
    batches = {shape[0] for shape in shapes} - {None}
    if len(batches) > 1:
        raise Invalid(f"{layer.class_name} received {_listed(shapes)}, expected the same batch size")
    rest = shapes[0][1:]
    for shape in shapes[1:]:
        rest = _stretched(layer, rest, shape[1:])
    if layer.generation == 3:
        return _merged(layer, tensors, (next(iter(batches), None), *rest))
    rank = max(len(shape) for shape in shapes)
    full = [(shape[0], *(1,) * (rank - len(shape)), *shape[1:]) for shape in shapes]
    return _merged(layer, tensors, broadcast(*full))


def _stretched(layer: LayerConfig, one: Shape, other: Shape) -> Shape:
    """Two shapes without their batch dimension, as Keras itself combines them."""
    if len(one) < len(other):
        one, other = other, one
    lead = len(one) - len(other)
    found = list(one[:lead])
    for left, right in zip(one[lead:], other, strict=True):
        if left is None or right is None:
            found.append(None)
        elif left == 1 or right == 1 or left == right:
            found.append(right if left == 1 else left)
        else:
            raise Invalid(
                f"{layer.class_name} received tensors of shapes {(None, *one)} and {(None, *other)}, "
                f"expected sizes that are equal or 1 ({left} stands against {right})"
            )
    return tuple(found)


def _listed(shapes: list[Shape]) -> str:
    return "tensors of shapes " + ", ".join(str(shape) for shape in shapes[:8])


@rule("Concatenate")
def concatenate(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors one after the other along an axis; their other sizes are equal.

    Keras 3.15 takes those from the first tensor (`Concatenate.compute_output_shape`), Keras 2 from any that has them.
    """
    tensors = _several(layer, call)
    shapes = [tensor.shape for tensor in tensors]
    rank = len(shapes[0])
    axis = layer.config.get("axis", -1)
    if not isinstance(axis, int):
        raise Unknown(f"axis is {told(axis)}, and a whole number is needed")
    if any(len(shape) != rank for shape in shapes):
        raise Invalid(f"Concatenate received {_listed(shapes)}, expected the same number of dimensions")
    if not -rank <= axis < rank:
        raise Invalid(f"Concatenate has the axis {axis} and received {_listed(shapes)}, expected one of their axes")
    axis %= rank
    found: list[int | None] = []
    for number, sizes in enumerate(zip(*shapes, strict=True)):
        fixed = {size for size in sizes if size is not None}
        if number == axis:
            found.append(sum(size for size in sizes if size is not None) if None not in sizes else None)
        elif len(fixed) > 1:
            raise Invalid(
                f"Concatenate received {_listed(shapes)}, expected equal sizes but on axis {axis} "
                f"(axis {number} has {' and '.join(map(str, sorted(fixed)))})"
            )
        else:
            found.append(sizes[0] if layer.generation == 3 else next(iter(fixed), None))
    return _merged(layer, tensors, tuple(found))


@rule("Dot")
def dot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The products of two tensors along an axis of each, summed (Keras 3.15 `Dot.compute_output_shape`)."""
    tensors = _several(layer, call)
    if len(tensors) != PAIR:
        raise Invalid(f"Dot received {len(tensors)} tensors, expected {PAIR}")
    one, two = (tensor.shape for tensor in tensors)
    left, right = _dot_axes(layer, one, two)
    if one[left] != two[right]:
        raise Invalid(
            f"Dot received {_listed([one, two])}, expected equal sizes on the axes it multiplies, {left} and {right}"
        )
    if layer.generation != 3:
        return _merged(layer, tensors, _batch_dot(one, two, left, right))
    rest = list(two)
    del rest[right]
    found = [*one[:left], *one[left + 1 :], *rest[1:]]
    if len(found) == 1:
        found.append(1)
    return _merged(layer, tensors, tuple(found))


def _dot_axes(layer: LayerConfig, one: Shape, two: Shape) -> tuple[int, int]:
    """The axis of each tensor, counted from the front."""
    axes = layer.config.get("axes", -1)
    if isinstance(axes, int):
        axes = (axes, axes)
        if axes[0] < 0 and one and two:
            return axes[0] % len(one), axes[1] % len(two)
    if not isinstance(axes, (list, tuple)) or len(axes) != PAIR or not all(isinstance(axis, int) for axis in axes):
        raise Unknown(f"axes is {told(axes)}, and a whole number or two of them are needed")
    for axis, shape in zip(axes, (one, two), strict=True):
        if not -len(shape) <= axis < len(shape):
            raise refuse(layer, f"a tensor with an axis {axis}", shape)
    return axes[0] % len(one), axes[1] % len(two)


def _batch_dot(one: Shape, two: Shape, left: int, right: int) -> Shape:
    """What the product of Keras 2 gives, which keeps the batch dimensions together (tf-keras `backend.batch_dot`)."""
    if 0 in (left, right) or len(one) < PAIR or len(two) < PAIR:
        raise Invalid(f"Dot received {_listed([one, two])}, expected axes other than the batch dimension to multiply")
    batches = {one[0], two[0]} - {None}
    if len(batches) > 1:
        raise Invalid(f"Dot received {_listed([one, two])}, expected the same batch size")
    rest = (*one[1:left], *one[left + 1 :], *two[1:right], *two[right + 1 :])
    return (next(iter(batches), None), *(rest or (1,)))
