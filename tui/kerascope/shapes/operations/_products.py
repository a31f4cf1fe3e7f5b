"""Products of tensors: matrices, dots, einsum.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/math.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors._algebra import axis_of, broadcast, elements, integers, matmul, without
from kerascope.shapes.tensors._einsum import einsum
from kerascope.shapes.tensors._operands import Arguments, operand

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("Matmul")
def _matmul(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(matmul(*_two(call))))


@operation("Dot")
def _dot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The last axis of the left one with the last but one of the right one, every other with every other."""
    one, other = _two(call)
    if not one or not other:
        return Result(Tensor(broadcast(one, other)))
    if len(one) == 1 and len(other) == 1:
        return Result(Tensor(()))
    at = -1 if len(other) == 1 else -2
    if one[-1] != other[at] and (len(other) == 1 or None not in (one[-1], other[at])):
        raise Invalid(f"shapes {one} and {other} cannot be multiplied: {one[-1]} stands against {other[at]}")
    return Result(Tensor((*one[:-1], *without(other, len(other) + at))))


@operation("Einsum")
def _einsum(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    equation = layer.config["subscripts"]
    if not isinstance(equation, str):
        raise Unknown("its equation is no text")
    shapes = [operand(given, "an operand").shape for given in call.args]
    return Result(Tensor(einsum(equation, shapes)))


@operation("Tensordot")
def _tensordot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    one, other = _two(call)
    axes = layer.config.get("axes", 2)
    if isinstance(axes, int):
        return Result(Tensor((*one, *other) if axes <= 0 else (*one[:-axes], *other[axes:])))
    if not isinstance(axes, (list, tuple)) or len(axes) != 2:
        raise Unknown(f"axes is {axes!r}, and a number or two lists are needed")
    left, right = (
        tuple(axis_of(axis, len(shape)) for axis in integers(given, "axes"))
        for given, shape in zip(axes, (one, other), strict=True)
    )
    pairs = [(one[a], other[b]) for a, b in zip(left, right, strict=True)]
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise Invalid(f"shapes {one} and {other} cannot be multiplied over axes {list(left)} and {list(right)}")
    return Result(Tensor((*without(one, *left), *without(other, *right))))


@operation("Inner")
def _inner(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    one, other = _two(call)
    if not one or not other:
        return Result(Tensor(one or other))
    if None not in (one[-1], other[-1]) and one[-1] != other[-1]:
        raise Invalid(f"shapes {one} and {other} cannot be multiplied: {one[-1]} stands against {other[-1]}")
    return Result(Tensor((*one[:-1], *other[:-1])))


@operation("Outer")
def _outer(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    one, other = _two(call)
    return Result(Tensor((elements(one), elements(other))))


@operation("Kron")
def _kron(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Sizes multiplied one by one; what one tensor has more is left off, as in Keras 3.15."""
    pairs = zip(*_two(call), strict=False)
    return Result(Tensor(tuple(None if a is None or b is None else a * b for a, b in pairs)))


@operation("Cross")
def _cross(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Vectors of two or three numbers; two vectors of two give a number."""
    config = layer.config
    one, other = _two(call)
    axis = config.get("axis")
    places = [config.get(name, -1) if axis is None else axis for name in ("axisa", "axisb", "axisc")]
    left, right = axis_of(places[0], len(one)), axis_of(places[1], len(other))
    sizes = one[left], other[right]
    if any(size not in (2, 3, None) for size in sizes):
        raise Invalid(f"the vectors have {sizes[0]} and {sizes[1]} numbers, and 2 or 3 are needed")
    shape = broadcast(without(one, left), without(other, right))
    value = (3,) if 3 in sizes else ()
    place = axis_of(places[2], len(shape) + len(value)) if shape or value else 0
    return Result(Tensor((*shape[:place], *value, *shape[place:])))


@operation("Correlate")
def _correlate(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    one, other = _two(call)
    if len(one) != 1 or len(other) != 1:
        raise Invalid(f"its inputs have shapes {one} and {other}, and one axis each is needed")
    if one[0] is None or other[0] is None:
        raise Invalid("the length of an input is open, and Keras needs both")
    longer, shorter = max(one[0], other[0]), min(one[0], other[0])
    lengths = {"valid": longer - shorter + 1, "same": longer, "full": longer + shorter - 1}
    mode = layer.config.get("mode", "valid")
    if not isinstance(mode, str) or mode not in lengths:
        raise Invalid(f"mode is {mode!r}, and valid, same or full is needed")
    return Result(Tensor((lengths[mode],)))


@operation("CDist")
def _cdist(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The distance of every row of one to every row of the other."""
    given = Arguments(call, "x", "y")
    one, other = given.shape("x"), given.shape("y")
    if len(one) < 2 or len(other) < 2 or (None not in (one[-1], other[-1]) and one[-1] != other[-1]):
        raise Invalid(f"its inputs have shapes {one} and {other}; two axes and equal last ones are needed")
    return Result(Tensor((*broadcast(one[:-2], other[:-2]), one[-2], other[-2])))


def _two(call: Call) -> tuple[Shape, Shape]:
    given = Arguments(call, "x1", "x2")
    return given.shape("x1"), given.shape("x2")
