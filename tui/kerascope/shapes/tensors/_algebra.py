"""Arithmetic on shapes that operations of Keras 3 and functions of TensorFlow have in common."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import told
from kerascope.shapes._types import Invalid, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kerascope.graph import Shape

__all__ = [
    "MOST_OUTPUTS",
    "axes_of",
    "axis_of",
    "broadcast",
    "concatenated",
    "divided",
    "elements",
    "expanded",
    "integers",
    "matmul",
    "padded",
    "reduced",
    "size_of",
    "split",
    "squeezed",
    "stacked",
    "stated",
    "tiled",
    "times",
    "transposed",
    "without",
]

MOST_OUTPUTS = 1_000
"""Tensors that one operation may give out (split, unstack): a number in a hostile file could ask for 10 to the 18th,
and thousands of operations for thousands each."""


def size_of(value: object, what: str) -> int:
    """A whole number of a config.

    Raises:
        Unknown: It is something else.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unknown(f"{what} is {told(value)}, and a whole number is needed")
    return value


def integers(value: object, what: str) -> tuple[int, ...]:
    """A whole number, or a list of them, as a tuple.

    Raises:
        Unknown: It is something else.
    """
    if isinstance(value, (list, tuple)):
        return tuple(size_of(item, what) for item in value)
    return (size_of(value, what),)


def stated(value: object) -> Shape:
    """A shape in a config, or a single size; `None` is an open one.

    Raises:
        Unknown: There is something else in it.
    """
    sizes = value if isinstance(value, (list, tuple)) else [value]
    return tuple(None if size is None else size_of(size, "a size") for size in sizes)


def axis_of(axis: object, rank: int) -> int:
    """An axis counted from the front (Keras 3.15 `canonicalize_axis`).

    Raises:
        Invalid: There is no such axis.
    """
    number = size_of(axis, "axis")
    if not -rank <= number < rank:
        raise Invalid(f"axis is {number}, and the tensor has {rank} axes; give one from {-rank} to {rank - 1}")
    return number % rank


def axes_of(axes: object, rank: int) -> tuple[int, ...]:
    """An axis or several, counted from the front."""
    return tuple(axis_of(axis, rank) for axis in integers(axes, "axis"))


def elements(shape: Iterable[int | None]) -> int | None:
    """How many numbers a tensor of this shape holds, where every size is fixed."""
    sizes = tuple(shape)
    return None if None in sizes else math.prod(size for size in sizes if size is not None)


def times(size: int | None, factor: int) -> int | None:
    """A size so many times as large."""
    return None if size is None else size * factor


def divided(size: int | None, factor: int) -> int | None:
    """A size divided without a rest.

    Raises:
        Invalid: There is one.
    """
    if size is not None and size % factor:
        raise Invalid(f"a size is {size}, which cannot be divided by {factor}")
    return None if size is None else size // factor


def without(shape: Shape, *axes: int) -> Shape:
    """A shape less these axes, which are counted from the front."""
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def broadcast(*shapes: Sequence[int | None]) -> Shape:
    """The shape that tensors are stretched to when they are combined element by element (`broadcast_shapes`).

    An open size against a fixed one greater than 1 is that fixed one.

    Raises:
        Invalid: Two sizes differ and neither is 1.
    """
    result: Shape = ()
    for shape in shapes:
        rank = max(len(result), len(shape))
        left, right = ((1,) * (rank - len(each)) + tuple(each) for each in (result, shape))
        sizes: list[int | None] = []
        for one, other in zip(left, right, strict=True):
            if one == 1 or one == other or (one is None and other != 1):
                sizes.append(other)
            elif other == 1 or other is None:
                sizes.append(one)
            else:
                raise Invalid(
                    f"shapes {tuple(result)} and {tuple(shape)} cannot be combined element by element: {one} stands "
                    f"against {other}, and sizes must be equal, or one of them 1"
                )
        result = tuple(sizes)
    return result


def reduced(shape: Shape, axis: object, keepdims: object) -> Shape:
    """The shape after a sum or the like over an axis, several, or all of them (`None`) (`reduce_shape`)."""
    axes = range(len(shape)) if axis is None else axes_of(axis, len(shape))
    if keepdims:
        return tuple(1 if number in axes else size for number, size in enumerate(shape))
    return without(shape, *axes)


def expanded(shape: Shape, axes: object) -> Shape:
    """The shape with new axes of size 1 at these places of the result (`compute_expand_dims_output_shape`)."""
    places = integers(axes, "axis")
    rank = len(shape) + len(places)
    new = {axis_of(place, rank) for place in places}
    sizes = iter(shape)
    return tuple(1 if place in new else next(sizes) for place in range(rank))


def squeezed(shape: Shape, axis: object, *, open_too: bool = False) -> Shape:
    """The shape less axes of size 1: these, or all of them (`None`).

    Args:
        shape: A shape.
        axis: An axis, several, or `None` for all that have size 1.
        open_too: Whether an open size may be given up as well.

    Raises:
        Invalid: A size is not 1.
    """
    if axis is None or axis == []:
        return tuple(size for size in shape if size != 1)
    axes = axes_of(axis, len(shape))
    for each in axes:
        if shape[each] != 1 and not (open_too and shape[each] is None):
            raise Invalid(
                f"axis {each} of {shape} has size {shape[each]}, and only an axis of size 1 can be squeezed away"
            )
    return without(shape, *axes)


def transposed(shape: Shape, order: object) -> Shape:
    """The shape with its axes in another order, or backwards (`None`) (`compute_transpose_output_shape`).

    Raises:
        Invalid: The order does not name every axis once.
    """
    if order is None:
        return shape[::-1]
    axes = axes_of(order, len(shape))
    if sorted(axes) != list(range(len(shape))):
        raise Invalid(
            f"the order of axes is {list(axes)}, and the tensor has {len(shape)} axes; name each of them once"
        )
    return tuple(shape[axis] for axis in axes)


def concatenated(shapes: Sequence[Shape], axis: object) -> Shape:
    """The shape of tensors one after the other along an axis; other open sizes stay as the first tensor has them.

    Raises:
        Invalid: The shapes differ in another axis, or there are none.
    """
    if not shapes:
        raise Invalid("there is nothing to concatenate; give at least one tensor")
    first = shapes[0]
    along = axis_of(axis, len(first))
    for shape in shapes[1:]:
        if len(shape) != len(first) or any(
            number != along and size is not None and other is not None and size != other
            for number, (size, other) in enumerate(zip(first, shape, strict=True))
        ):
            raise Invalid(
                f"shapes {first} and {shape} cannot be joined along axis {along}: the other sizes must be equal"
            )
    sizes = [shape[along] for shape in shapes]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    return (*first[:along], total, *first[along + 1 :])


def stacked(shapes: Sequence[Shape], axis: object) -> Shape:
    """The shape of tensors side by side along a new axis.

    Raises:
        Invalid: The shapes differ, or there are none.
    """
    if not shapes:
        raise Invalid("there is nothing to stack; give at least one tensor")
    first = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(first) or any(
            None not in pair and pair[0] != pair[1] for pair in zip(first, shape, strict=True)
        ):
            raise Invalid(f"shapes {first} and {shape} cannot be stacked: they must be equal")
    place = axis_of(axis, len(first) + 1)
    return (*first[:place], len(shapes), *first[place:])


def split(shape: Shape, parts: object, axis: object) -> list[Shape]:
    """The shapes of the parts of a tensor cut along an axis: into so many equal parts, or at these places.

    Raises:
        Invalid: The size cannot be divided by the number of parts, or the places are not in order.
        Unknown: There would be too many parts.
    """
    along = axis_of(axis, len(shape))
    size = shape[along]
    lengths: list[int | None]
    if isinstance(parts, (list, tuple)):
        if len(parts) >= MOST_OUTPUTS:
            raise Unknown(f"it is cut at {len(parts):,} places, and fewer than {MOST_OUTPUTS:,} are followed")
        cuts = [0, *(size_of(place, "a place to cut at") for place in parts), size]
        lengths = [None if start is None or stop is None else stop - start for start, stop in pairwise(cuts)]
        if any(length is not None and length < 0 for length in lengths):
            raise Invalid(f"axis {along} of {shape} is cut at {cuts[1:-1]}, which must go up and end inside it")
    else:
        count = size_of(parts, "the number of parts")
        if count < 1:
            raise Invalid(f"the number of parts is {count}, and at least 1 is needed")
        if count > MOST_OUTPUTS:
            raise Unknown(f"it is cut into {count:,} parts, and at most {MOST_OUTPUTS:,} are followed")
        if size is not None and size % count:
            raise Invalid(f"axis {along} of {shape} has size {size}, which cannot be divided into {count} equal parts")
        lengths = [None if size is None else size // count] * count
    return [(*shape[:along], length, *shape[along + 1 :]) for length in lengths]


def padded(shape: Shape, widths: Sequence[Sequence[int]]) -> Shape:
    """The shape with so much before and after on each axis.

    Raises:
        Invalid: There are not as many pairs as axes.
    """
    if len(widths) != len(shape):
        raise Invalid(
            f"{len(widths)} pairs of padding are given for {len(shape)} axes of {shape}; one for each is needed"
        )
    return tuple(
        None if size is None else size + before + after for size, (before, after) in zip(shape, widths, strict=True)
    )


def tiled(shape: Shape, repeats: Sequence[int | None]) -> Shape:
    """The shape of a tensor repeated so often along each axis; the shorter of both is filled up with ones in front."""
    rank = max(len(shape), len(repeats))
    sizes = (1,) * (rank - len(shape)) + shape
    times = (1,) * (rank - len(repeats)) + tuple(repeats)
    return tuple(None if size is None or time is None else size * time for size, time in zip(sizes, times, strict=True))


def matmul(left: Shape, right: Shape) -> Shape:
    """The shape of a product of matrices, batches of them, or vectors (`compute_matmul_output_shape`).

    Raises:
        Invalid: The inner sizes differ, or one of both is a scalar.
    """
    if not left or not right:
        raise Invalid(f"shapes {left} and {right} cannot be multiplied as matrices: a scalar has no axes")
    one = (1, *left) if len(left) == 1 else left
    other = (*right, 1) if len(right) == 1 else right
    inner = one[-1], other[-2]
    if None not in inner and inner[0] != inner[1]:
        raise Invalid(
            f"shapes {left} and {right} cannot be multiplied as matrices: {inner[0]} stands against {inner[1]}"
        )
    rows = () if len(left) == 1 else (one[-2],)
    columns = () if len(right) == 1 else (other[-1],)
    return (*broadcast(one[:-2], other[:-2]), *rows, *columns)
