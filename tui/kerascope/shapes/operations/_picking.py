"""Operations that pick numbers out of tensors and place them: index, take, diagonals, one-hot, ranges.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/core.py`, `ops/nn.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, indexed, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("GetItem")
def _get_item(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x", "key")
    x = given.tensor("x")
    return Result(Tensor(indexed(x.shape, given.get("key")), x.dtype))


@operation("Slice")
def _slice(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many from a place on; -1 for all that is left."""
    given = Arguments(call, "inputs", "start_indices")
    x, shape, starts = given.tensor("inputs"), algebra.stated(layer.config["shape"]), given.get("start_indices")
    if len(shape) != len(x.shape) or (isinstance(starts, list) and len(starts) != len(x.shape)):
        raise Invalid(f"its input has shape {x.shape}; as many places to start at, and sizes, are needed")
    sizes = []
    for at, (size, wanted) in enumerate(zip(x.shape, shape, strict=True)):
        if wanted != -1:
            sizes.append(wanted)
        elif size is None or isinstance(starts, Tensor):
            sizes.append(None)
        else:
            sizes.append(size - algebra.integers(starts, "start_indices")[at])
    return Result(Tensor(tuple(sizes), x.dtype))


@operation("Take")
def _take(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the indices in the place of the axis."""
    given = Arguments(call, "x", "indices")
    x, indices, axis = given.tensor("x"), given.shape("indices"), layer.config.get("axis")
    if axis is None:
        return Result(Tensor(indices, x.dtype))
    along = algebra.axis_of(axis, len(x.shape))
    return Result(Tensor((*x.shape[:along], *indices, *x.shape[along + 1 :]), x.dtype))


@operation("TakeAlongAxis")
def _take_along(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x", "indices")
    x, indices, axis = given.tensor("x"), given.shape("indices"), layer.config.get("axis")
    shape: Shape = (algebra.elements(x.shape),) if axis is None else x.shape
    if len(shape) != len(indices):
        raise Invalid(f"its input has shape {shape} and the indices {indices}; equal ranks are needed")
    along = 0 if axis is None else algebra.axis_of(axis, len(shape))
    found = algebra.broadcast((*shape[:along], indices[along], *shape[along + 1 :]), indices)
    return Result(Tensor(found, x.dtype))


@operation("Diag")
def _diag(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A matrix with this diagonal, or the diagonal of a matrix."""
    x = Arguments(call, "x").tensor("x")
    k = algebra.size_of(layer.config.get("k", 0), "k")
    if len(x.shape) not in (1, 2):
        raise Invalid(f"its input has shape {x.shape}, and one or two axes are needed")
    return Result(
        Tensor(_square(x.shape[0], k) if len(x.shape) == 1 else (_diagonal(x.shape[0], x.shape[1], k),), x.dtype)
    )


@operation("Diagflat")
def _diagflat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    k = algebra.size_of(layer.config.get("k", 0), "k")
    return Result(Tensor(_square(algebra.elements(x.shape), k), x.dtype))


def _square(size: int | None, k: int) -> Shape:
    return (None, None) if size is None else (size + abs(k),) * 2


@operation("Diagonal")
def _diagonal_of(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The diagonals of two axes as a last one."""
    x, (one, other) = Arguments(call, "x").tensor("x"), _two(layer, call)
    offset = algebra.size_of(layer.config.get("offset", 0), "offset")
    length = _diagonal(x.shape[one], x.shape[other], offset)
    return Result(Tensor((*algebra.without(x.shape, one, other), length), x.dtype))


@operation("Trace")
def _trace(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(algebra.without(Arguments(call, "x").shape("x"), *_two(layer, call))))


def _two(layer: LayerConfig, call: Call) -> tuple[int, int]:
    shape = Arguments(call, "x").shape("x")
    if len(shape) < 2:
        raise Invalid(f"its input has shape {shape}, and at least two axes are needed")
    one, other = (algebra.axis_of(layer.config.get(name, at), len(shape)) for at, name in enumerate(("axis1", "axis2")))
    if one == other:
        raise Invalid(f"axis1 and axis2 are both axis {one}; two different axes are needed")
    return one, other


def _diagonal(rows: int | None, columns: int | None, k: int) -> int | None:
    if rows is None or columns is None:
        return None
    return max(0, min(columns - k if k > 0 else rows + k, rows, columns))


@operation("OneHot")
def _one_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_with_classes(layer, Arguments(call, "x").shape("x")), None))


@operation("MultiHot")
def _multi_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One-hot, then the largest along the second axis (the first, where there are only two)."""
    given = Arguments(call, "inputs").tensor("inputs")
    shape = _with_classes(layer, given.shape)
    return Result(Tensor(shape[-1:] if len(shape) == 2 else (*shape[:1], *shape[2:]), given.dtype))


def _with_classes(layer: LayerConfig, shape: Shape) -> Shape:
    axis = algebra.size_of(layer.config.get("axis", -1), "axis")
    classes = layer.config["num_classes"]
    count = None if classes is None else algebra.size_of(classes, "num_classes")
    if axis == -1:
        return (*shape, count)
    if not 0 <= axis < len(shape):
        raise Invalid(f"axis is {axis}, and -1 or 0 to {len(shape) - 1} is needed")
    return (*shape[:axis], count, *shape[axis:])


@operation("Arange")
def _arange(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "start", "stop", "step")
    start, stop, step = given.get("start"), given.get("stop"), given.get("step")
    if stop is None:
        start, stop = 0, start
    bounds = [number for number in (start, stop, 1 if step is None else step) if isinstance(number, (int, float))]
    if len(bounds) < 3:
        raise Unknown("how many numbers it gives depends on a tensor")
    if bounds[2] == 0:
        raise Invalid("the step is 0; give another one")
    return Result(Tensor((math.ceil((bounds[1] - bounds[0]) / bounds[2]),)))


@operation("Geomspace", "Linspace", "Logspace")
def _spaced(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A new axis with so many numbers between two tensors."""
    given = Arguments(call, "start", "stop")
    shape = algebra.broadcast(given.shape("start"), given.shape("stop"))
    if layer.config.get("retstep"):
        raise Unknown("the step that it gives out too is no tensor to Keras")
    place = algebra.axis_of(layer.config.get("axis", 0), len(shape) + 1)
    return Result(Tensor((*shape[:place], algebra.size_of(layer.config.get("num", 50), "num"), *shape[place:])))


@operation("UnravelIndex")
def _unravel(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    indices, shape = Arguments(call, "indices").tensor("indices"), algebra.stated(layer.config["shape"])
    return outputs([(None,) if None in shape else indices.shape] * len(shape), indices.dtype)


@operation("Vander")
def _vander(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x, count = Arguments(call, "x").tensor("x"), layer.config.get("N")
    return Result(Tensor((*x.shape, x.shape[0] if count is None else algebra.size_of(count, "N")), x.dtype))
