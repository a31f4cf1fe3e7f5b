"""Numbers that are known although they stand in tensors: shapes that a model computes with.

Keras 2 follows them through `tf.shape(x)[0]` and the like (`KerasTensor._inferred_value`), so that
`tf.reshape(x, [tf.shape(x)[0], 24])` has a shape; so do these rules, as far as it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._types import Tensor, Unknown
from kerascope.shapes.tensors._algebra import size_of

if TYPE_CHECKING:
    from kerascope.graph import Shape

__all__ = ["LARGEST_VALUE", "MOST_SIZES", "axes", "number", "sizes", "whole"]

MOST_SIZES = 254
"""Sizes that are followed in one tensor (tf-keras `_MAX_TENSOR_RANK`): a shape joined with itself doubles each time."""

LARGEST_VALUE = 2**31 - 1
"""The largest number that is followed: sizes are int32, and multiplied with itself one would have twice the digits."""


def number(value: object) -> int | None:
    """A whole number: as it stands, or what is known of a scalar tensor."""
    if isinstance(value, Tensor):
        return value.value if isinstance(value.value, int) else None
    if isinstance(value, (list, tuple)) and len(value) == 1:
        return number(value[0])
    return None if value is None else size_of(value, "a number")


def sizes(value: object, what: str) -> Shape:
    """A shape among the arguments, `None` for every size that is not known.

    Raises:
        Unknown: Not even the number of axes is known.
    """
    if isinstance(value, Tensor):
        if isinstance(value.value, tuple):
            return value.value
        if len(value.shape) == 1 and value.shape[0] is not None:
            return (None,) * value.shape[0]
        raise Unknown(f"{what} is computed by the model, and so is the number of axes")
    if isinstance(value, (list, tuple)):
        return tuple(number(item) for item in value)
    raise Unknown(f"{what} is {'not in the file' if value is None else 'no shape'}")


def whole(value: object, what: str) -> int:
    """A whole number that must be known.

    Raises:
        Unknown: It is computed by the model.
    """
    found = number(value)
    if found is None:
        raise Unknown(f"{what} is {'computed by the model' if isinstance(value, Tensor) else 'not in the file'}")
    return found


def axes(value: object) -> object:
    """An axis or several, those that are known numbers in tensors among them; `None` stays.

    Raises:
        Unknown: One is computed by the model.
    """
    if isinstance(value, (list, tuple)):
        return [whole(item, "an axis") for item in value]
    if isinstance(value, Tensor):
        return whole(value, "the axis")
    return value
