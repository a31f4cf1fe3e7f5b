"""TensorFlow functions that multiply tensors, and linear algebra.

Source: shape functions of TensorFlow 2.21 (`BatchMatMulV2Shape`, `EinsumShape`), which Keras 2 traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._values import axes
from kerascope.shapes.tensors._algebra import axis_of, broadcast, integers, matmul, without
from kerascope.shapes.tensors._einsum import einsum
from kerascope.shapes.tensors._operands import Arguments, operand, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@function("linalg.matmul")
def product(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A product of matrices, either of them transposed where that is asked for."""
    given = Arguments(call, "a", "b")
    one, other = given.tensor("a"), given.tensor("b")
    left = _turned(one.shape, given.get("transpose_a") or given.get("adjoint_a"))
    right = _turned(other.shape, given.get("transpose_b") or given.get("adjoint_b"))
    return Result(Tensor(matmul(left, right), one.dtype or other.dtype))


def _turned(shape: Shape, turned: object) -> Shape:
    if len(shape) < 2:
        raise Invalid(f"an operand has shape {shape}, and at least two axes are needed")
    return (*shape[:-2], shape[-1], shape[-2]) if turned else shape


@function("einsum")
def einstein(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Keras 2 writes only the equation into the file: the operands are lost, unless someone else wrote it."""
    equation, operands = call.first, call.args[1:] or tuple(call.kwargs.get("inputs", ()))  # type: ignore[arg-type]
    if not isinstance(equation, str):
        raise Unknown("its equation is not in the file")
    if not operands:
        raise Unknown("Keras 2 did not write the operands of the einsum into the file")
    return Result(Tensor(einsum(equation, [operand(each, "an operand").shape for each in operands])))


@function("tensordot")
def tensordot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Axes summed over: the last of one and the first of the other, or as listed."""
    given = Arguments(call, "a", "b", "axes")
    one, other = given.tensor("a"), given.tensor("b")
    asked = axes(given.get("axes")) if isinstance(given.get("axes"), int) else given.get("axes")
    if isinstance(asked, int):
        left = tuple(range(len(one.shape) - asked, len(one.shape)))
        right = tuple(range(asked))
    elif isinstance(asked, (list, tuple)) and len(asked) == 2:
        left, right = (
            tuple(axis_of(axis, len(tensor.shape)) for axis in integers(each, "axes"))
            for each, tensor in zip(asked, (one, other), strict=True)
        )
    else:
        raise Unknown("the axes that it sums over are computed by the model")
    return Result(Tensor((*without(one.shape, *left), *without(other.shape, *right)), one.dtype))


@function("linalg.inv", "linalg.cholesky", "linalg.expm", "linalg.sqrtm")
def matrices(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Matrices of the same shape."""
    x = _matrix(call)
    return Result(Tensor(x.shape, x.dtype))


@function("linalg.det", "linalg.trace")
def number_of_matrix(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for each matrix."""
    x = _matrix(call)
    return Result(Tensor(x.shape[:-2], x.dtype))


@function("linalg.matrix_transpose", "linalg.adjoint", "linalg.pinv")
def turned(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Rows and columns in each other's place."""
    x = _matrix(call)
    return Result(Tensor((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype))


@function("linalg.diag")
def diag(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Matrices with these diagonals."""
    given = Arguments(call, "diagonal", "k")
    x = given.tensor("diagonal")
    if given.get("k") not in (None, 0) or (given.has("num_rows") and given.get("num_rows") != -1):
        raise Unknown("other diagonals than the main one are not followed")
    return Result(Tensor((*x.shape, x.shape[-1]), x.dtype))


@function("linalg.diag_part")
def diag_part(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The main diagonal of each matrix."""
    given = Arguments(call, "input", "k")
    x = _matrix(call)
    if given.get("k") not in (None, 0):
        raise Unknown("other diagonals than the main one are not followed")
    rows, columns = x.shape[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    return Result(Tensor((*x.shape[:-2], least), x.dtype))


@function("linalg.eigh", "linalg.qr", "linalg.svd")
def decomposed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The factors of each matrix."""
    x = _matrix(call)
    name, (rows, columns) = str(layer.config["function"]), x.shape[-2:]
    batch = x.shape[:-2]
    least = None if rows is None or columns is None else min(rows, columns)
    full = call.kwargs.get("full_matrices")
    if name.endswith("eigh"):
        return outputs([x.shape[:-1], x.shape])
    if name.endswith("qr"):
        inner = rows if full else least
        return outputs([(*batch, rows, inner), (*batch, inner, columns)])
    if call.kwargs.get("compute_uv") is False:
        return Result(Tensor((*batch, least)))
    left, right = (rows, columns) if full else (least, least)
    return outputs([(*batch, least), (*batch, rows, left), (*batch, columns, right)])


@function("linalg.solve", "linalg.triangular_solve", "linalg.cholesky_solve")
def solved(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """As many unknowns as the matrix has columns, for every column of the right side."""
    given = Arguments(call, "matrix", "rhs")
    one, other = given.tensor("matrix" if given.has("matrix") else "chol"), given.tensor("rhs")
    if len(one.shape) < 2 or len(one.shape) != len(other.shape):
        raise Invalid(f"the matrix has shape {one.shape} and the right side {other.shape}; equal ranks are needed")
    batch = broadcast(one.shape[:-2], other.shape[:-2])
    return Result(Tensor((*batch, one.shape[-1], other.shape[-1]), other.dtype))


def _matrix(call: Call) -> Tensor:
    x = operand(call.first, "its input")
    if len(x.shape) < 2:
        raise Invalid(f"its input has shape {x.shape}, and at least two axes are needed")
    return x
