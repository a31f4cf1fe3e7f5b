"""Operations of linear algebra.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/linalg.py`, `ops/math.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor
from kerascope.shapes.tensors._operands import Arguments, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("Cholesky", "CholeskyInverse", "Inv")
def _same(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(_matrix(call, square=True))


@operation("Det")
def _det(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call, square=True)
    return Result(Tensor(x.shape[:-2], x.dtype))


@operation("Logdet", "MatrixRank")
def _rank(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_matrix(call).shape[:-2], "int32" if layer.class_name == "MatrixRank" else None))


@operation("Slogdet")
def _slogdet(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The sign is one number, as Keras 3.15 has it."""
    return outputs([(), Arguments(call, "x").shape("x")[:-2]])


@operation("Eig", "Eigh")
def _eig(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call, square=True)
    return outputs([x.shape[:-1], x.shape])


@operation("LuFactor")
def _lu(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call)
    return outputs([x.shape, (*x.shape[:-2], min(_sides(x)))])


@operation("Qr")
def _qr(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call)
    rows, columns = _sides(x)
    inner = min(rows, columns) if layer.config.get("mode", "reduced") == "reduced" else rows
    return outputs([(*x.shape[:-2], rows, inner), (*x.shape[:-2], inner, columns)])


@operation("SVD")
def _svd(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call)
    rows, columns = _sides(x)
    batch, least = x.shape[:-2], min(rows, columns)
    if not layer.config.get("compute_uv", True):
        return Result(Tensor((*batch, least)))
    full = layer.config.get("full_matrices", True)
    left, right = (rows, columns) if full else (least, least)
    return outputs([(*batch, rows, left), (*batch, least), (*batch, right, columns)])


@operation("Pinv")
def _pinv(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = _matrix(call)
    return Result(Tensor((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype))


@operation("Solve", "SolveTriangular")
def _solve(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """As many unknowns as the right side has rows."""
    a, b = _matrix(call, "a", square=True), Arguments(call, "a", "b").tensor("b")
    rows = b.shape[-1:] if len(b.shape) < len(a.shape) else b.shape[-2:-1]
    if not b.shape or (rows and a.shape[-1] != rows[0]):
        raise Invalid(f"the matrix has shape {a.shape} and the right side {b.shape}; equal numbers of rows are needed")
    return Result(Tensor(b.shape, b.dtype))


@operation("Lstsq")
def _lstsq(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "a", "b")
    a, b = given.shape("a"), given.shape("b")
    if len(a) != 2 or len(b) not in (1, 2) or a[0] != b[0]:
        raise Invalid(f"the matrix has shape {a} and the right side {b}; equal numbers of rows are needed")
    return Result(Tensor((a[1], *b[1:])))


@operation("ViewAsComplex")
def _complex(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(Arguments(call, "x").shape("x")[:-1], "complex64"))


@operation("ViewAsReal")
def _real(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor((*Arguments(call, "x").shape("x"), 2), "float32"))


def _matrix(call: Call, name: str = "x", *, square: bool = False) -> Tensor:
    x = Arguments(call, name).tensor(name)
    if len(x.shape) < 2:
        raise Invalid(f"its input has shape {x.shape}, and at least two axes are needed")
    if square and x.shape[-1] != x.shape[-2]:
        raise Invalid(f"its input has shape {x.shape}, and the last two sizes must be equal")
    return x


def _sides(x: Tensor) -> tuple[int, int]:
    rows, columns = x.shape[-2:]
    if rows is None or columns is None:
        raise Invalid(f"its input has shape {x.shape}, and Keras needs the last two sizes")
    return rows, columns
