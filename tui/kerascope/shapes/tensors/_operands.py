"""What an operation is called on: tensors and constants by the names of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.shapes._types import Invalid, Result, Tensor, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kerascope.graph import Shape
    from kerascope.shapes._types import Call

__all__ = ["FLOATS", "Arguments", "indexed", "operand", "outputs"]


FLOATS = frozenset({"bfloat16", "float16", "float32", "float64"})
"""The dtypes of floating numbers: Keras casts between these, and not to or from others."""


class Arguments:
    """The arguments of one call by the names of the operation's parameters."""

    def __init__(self, call: Call, *names: str) -> None:
        self._given = {**dict(zip(names, call.args, strict=False)), **call.kwargs}
        self.rest = call.args[len(names) :]

    def get(self, name: str, default: object = None) -> object:
        """An argument as it was given."""
        return self._given.get(name, default)

    def has(self, name: str) -> bool:
        """Whether an argument was given and is not `None`."""
        return self._given.get(name) is not None

    def tensor(self, name: str) -> Tensor:
        """An argument as a tensor.

        Raises:
            Unknown: It is not in the file, or is no tensor.
        """
        return operand(self._given.get(name), name)

    def shape(self, name: str) -> Shape:
        """The shape of an argument."""
        return self.tensor(name).shape

    def tensors(self, name: str) -> list[Tensor]:
        """An argument that is a list of tensors; one tensor alone is a list of one."""
        given = self._given.get(name)
        items = given if isinstance(given, (list, tuple)) else [given]
        return [operand(item, name) for item in items]

    def loose(self, name: str) -> Shape:
        """The shape of an argument that may be left out, and then counts as a scalar."""
        return self.shape(name) if self.has(name) else ()


def operand(value: object, what: str) -> Tensor:
    """A tensor, or a constant (a number, or numbers in lists) as a tensor.

    Raises:
        Unknown: It is neither.
    """
    if isinstance(value, Tensor):
        return value
    sizes = []
    while isinstance(value, (list, tuple)):
        sizes.append(len(value))
        if not value:
            break
        value = value[0]
    if isinstance(value, Tensor):
        return Tensor((*sizes, *value.shape))
    if not sizes and not isinstance(value, (bool, int, float)):
        raise Unknown(
            f"its argument {what} is not in the file" if value is None else f"its argument {what} is no tensor"
        )
    return Tensor(tuple(sizes))


def outputs(shapes: Iterable[Sequence[int | None]], dtype: str | None = None) -> Result:
    """The result of an operation that gives out a list of tensors."""
    return Result([Tensor(tuple(shape), dtype) for shape in shapes], ())


def indexed(shape: Shape, key: object) -> Shape:
    """The shape of `x[key]`: numbers, slices, `...` and new axes (Keras 3.15 `GetItem`, TensorFlow `strided_slice`).

    Args:
        shape: Shape of `x`.
        key: One of these, or a list of them, as configs write them.

    Raises:
        Invalid: There are more of them than axes, or one is outside the tensor.
        Unknown: It is something else.
    """
    keys = list(key) if isinstance(key, (list, tuple)) else [key]
    dots = [place for place, each in enumerate(keys) if _is_ellipsis(each)]
    if len(dots) > 1:
        raise Invalid(f"there are {len(dots)} of `...` in the index, and there can be only one")
    taken = sum(1 for each in keys if each is not None and not _is_ellipsis(each))
    if taken > len(shape):
        raise Invalid(f"{taken} axes are indexed, and the tensor has {len(shape)}: {shape}")
    if not dots:
        keys.append(...)
    sizes: list[int | None] = []
    at = 0
    for each in keys:
        if each is None:
            sizes.append(1)
        elif _is_ellipsis(each):
            sizes += shape[at : at + len(shape) - taken]
            at += len(shape) - taken
        else:
            sizes += _item(shape, at, each)
            at += 1
    return tuple(sizes)


def _item(shape: Shape, axis: int, key: object) -> list[int | None]:
    """The sizes that one number (none) or one slice leaves of an axis."""
    size = shape[axis]
    if isinstance(key, Tensor):
        if key.shape:
            raise Unknown("it is indexed with a tensor that is no scalar")
        return []
    if isinstance(key, int):
        if size is not None and not -size <= key < size:
            raise Invalid(f"index {key} is outside axis {axis}, which has size {size}")
        return []
    bounds = _slice(key)
    if bounds is None:
        raise Unknown("it is indexed with something else than numbers, slices, `...` and new axes")
    if bounds == (None, None, None):
        return [size]
    if size is None:
        return [None]
    known = [bound.value if isinstance(bound, Tensor) else bound for bound in bounds]
    if any(number is None and bound is not None for number, bound in zip(known, bounds, strict=True)):
        return [None]
    start, stop, step = (number if isinstance(number, int) else None for number in known)
    if step == 0:
        raise Invalid("the step of a slice is 0; give another one")
    return [len(range(*slice(start, stop, step).indices(size)))]


def _slice(key: object) -> tuple[object, object, object] | None:
    if isinstance(key, slice):
        return key.start, key.stop, key.step
    if isinstance(key, Mapping):
        bounds = key.get("config", key) if key.get("class_name") == "__slice__" else key
        if isinstance(bounds, Mapping) and {"start", "stop", "step"} >= set(bounds):
            return bounds.get("start"), bounds.get("stop"), bounds.get("step")
    return None


def _is_ellipsis(key: object) -> bool:
    return key is Ellipsis or (isinstance(key, Mapping) and key.get("class_name") == "__ellipsis__")
