"""Operations that join tensors and cut them.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/core.py`, `ops/nn.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, operand, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("Concatenate")
def _concatenate(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, layer.config.get("axis", 0))


@operation("Hstack")
def _hstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, 1)


@operation("Vstack")
def _vstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, 0)


def _joined(call: Call, axis: object) -> Result:
    xs = Arguments(call, "xs").tensors("xs")
    return Result(Tensor(algebra.concatenated([x.shape for x in xs], axis), _common([x.dtype for x in xs])))


@operation("Dstack")
def _dstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    xs = Arguments(call, "xs").tensors("xs")
    deep = [((1, 1, 1), (1, *x.shape, 1), (*x.shape, 1))[len(x.shape)] if len(x.shape) < 3 else x.shape for x in xs]
    return Result(Tensor(algebra.concatenated(deep, 2), _common([x.dtype for x in xs])))


@operation("Stack")
def _stack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    xs = Arguments(call, "x").tensors("x")
    return Result(
        Tensor(algebra.stacked([x.shape for x in xs], layer.config.get("axis", 0)), _common([x.dtype for x in xs]))
    )


@operation("Append")
def _append(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x1", "x2")
    one, other = given.shape("x1"), given.shape("x2")
    axis = layer.config.get("axis")
    if axis is None:
        counts = algebra.elements(one), algebra.elements(other)
        return Result(Tensor((None if None in counts else sum(count for count in counts if count is not None),)))
    return Result(Tensor(algebra.concatenated([one, other], axis)))


def _common(dtypes: list[str | None]) -> str | None:
    return dtypes[0] if len(set(dtypes)) == 1 else None


@operation("Split")
def _split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, layer.config.get("axis", 0), 0)


@operation("Hsplit")
def _hsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 0 if len(Arguments(call, "x").shape("x")) == 1 else 1, 1)


@operation("Vsplit")
def _vsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 0, 2)


@operation("Dsplit")
def _dsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 2, 3)


def _cut(layer: LayerConfig, call: Call, axis: object, least: int) -> Result:
    x = Arguments(call, "x").tensor("x")
    if len(x.shape) < least:
        raise Invalid(f"its input has shape {x.shape}, and at least {least} axes are needed")
    return outputs(algebra.split(x.shape, layer.config["indices_or_sections"], axis), x.dtype)


@operation("ArraySplit")
def _array_split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Parts as equal as can be, the first ones one longer."""
    x = Arguments(call, "x").tensor("x")
    along = algebra.axis_of(layer.config.get("axis", 0), len(x.shape))
    count = algebra.size_of(layer.config["indices_or_sections"], "the number of parts")
    if not 0 < count <= algebra.MOST_OUTPUTS:
        raise Unknown(f"it is cut into {count:,} parts, and 1 to {algebra.MOST_OUTPUTS:,} are followed")
    size = x.shape[along]
    lengths = [None if size is None else size // count + (part < size % count) for part in range(count)]
    return outputs([(*x.shape[:along], length, *x.shape[along + 1 :]) for length in lengths], x.dtype)


@operation("Unstack")
def _unstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    axis = algebra.axis_of(layer.config.get("axis", 0), len(x.shape))
    given = layer.config.get("num")
    count = x.shape[axis] if given is None else algebra.size_of(given, "num")
    if count is None:
        raise Invalid(
            f"axis {axis} of {x.shape} has an open size: give num, the number of tensors to take it apart into"
        )
    if count > algebra.MOST_OUTPUTS:
        raise Unknown(f"it is taken apart into {count:,} tensors, and at most {algebra.MOST_OUTPUTS:,} are followed")
    return outputs([algebra.without(x.shape, axis)] * count, x.dtype)


@operation("Meshgrid")
def _meshgrid(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    sizes = [algebra.elements(operand(given, "an operand").shape) for given in call.args]
    if layer.config.get("indexing", "xy") != "ij":
        sizes[0], sizes[1] = sizes[1], sizes[0]
    return outputs([tuple(sizes)] * len(sizes))
