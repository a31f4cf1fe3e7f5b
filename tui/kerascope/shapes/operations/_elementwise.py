"""Operations that work number by number, one tensor or several stretched to one shape.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/nn.py`, `ops/math.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors._algebra import axes_of, broadcast
from kerascope.shapes.tensors._operands import FLOATS, Arguments

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation(
    *("Abs", "Absolute", "BitwiseInvert", "BitwiseNot", "Clip", "Conj", "Conjugate", "Copy", "FakeQuantWithMinMaxVars"),
    *("Imag", "NanToNum", "Negative", "Real", "Round", "ScatterUpdate", "Sign", "SliceUpdate", "StopGradient", "Trunc"),
    *("Celu", "Elu", "Erf", "Erfinv", "Gelu", "HardShrink", "HardSigmoid", "HardSilu", "HardTanh", "LayerNorm"),
    *("LeakyRelu", "LogSigmoid", "Mish", "Polar", "RMSNorm", "ReLU", "Relu", "Relu6", "Rsqrt", "Selu", "Sigmoid"),
    *("Silu", "SoftShrink", "Softplus", "Softsign", "SparsePlus", "SparseSigmoid", "Squareplus", "TanhShrink"),
    *("Threshold", "Tril", "Triu", "DotProductAttention", "BatchNorm"),
)
def _unchanged(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape and dtype of its first argument."""
    first = Arguments(call, "x").tensor(_first_name(call))
    return Result(Tensor(first.shape, first.dtype))


@operation(
    *("Angle", "Arccos", "Arccosh", "Arcsin", "Arcsinh", "Arctan", "Arctanh", "Cbrt", "Ceil", "Corrcoef", "Cos"),
    *("Cosh", "Deg2rad", "Erfc", "Exp", "Exp2", "Expm1", "Fabs", "Floor", "I0", "Log", "Log10", "Log1p", "Log2"),
    *("Rad2deg", "Reciprocal", "Sin", "Sinc", "Sinh", "Sqrt", "Square", "Tan", "Tanh"),
)
def _mapped(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its first argument; whole numbers become floats, others stay."""
    first = Arguments(call, "x").tensor(_first_name(call))
    return Result(Tensor(first.shape, first.dtype if first.dtype in FLOATS else None))


@operation(
    *("Isfinite", "Isinf", "Isnan", "Isneginf", "Isposinf", "Isreal", "LogicalNot", "Signbit", "IsIn", "InTopK"),
)
def _asked(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its first argument, as booleans."""
    return Result(Tensor(Arguments(call, "x").shape(_first_name(call)), "bool"))


@operation("BitwiseAnd", "BitwiseLeftShift", "BitwiseOr", "BitwiseRightShift", "BitwiseXor", "LeftShift", "RightShift")
def _bits(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the left one: Keras 3 does not stretch it."""
    return Result(Tensor(Arguments(call, "x", "y").shape("x")))


@operation(
    *("Add", "Arctan2", "Divide", "DivideNoNan", "FloorDivide", "Fmax", "Fmin", "Fmod", "Gcd", "Heaviside", "Hypot"),
    *("Lcm", "Ldexp", "Logaddexp", "Logaddexp2", "Maximum", "Minimum", "Mod", "Multiply", "Nextafter", "Power"),
    *("Subtract", "TrueDivide"),
)
def _combined(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Two tensors stretched to one shape."""
    given = Arguments(call, "x1", "x2")
    return Result(Tensor(broadcast(given.shape("x1"), given.shape("x2"))))


@operation(
    *("Equal", "Greater", "GreaterEqual", "Isclose", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "LogicalXor"),
    "NotEqual",
)
def _compared(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Two tensors stretched to one shape, as booleans."""
    given = Arguments(call, "x1", "x2")
    return Result(Tensor(broadcast(given.shape("x1"), given.shape("x2")), "bool"))


@operation("Where")
def _where(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "condition", "x1", "x2")
    return Result(Tensor(broadcast(given.shape("condition"), given.loose("x1"), given.loose("x2"))))


@operation("Select")
def _select(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the first choice."""
    first = Arguments(call, "condlist", "choicelist").tensors("choicelist")[0]
    return Result(Tensor(first.shape, first.dtype))


@operation("Cast", "SaturateCast")
def _cast(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(Arguments(call, "x").shape("x"), _dtype(layer)))


@operation("Array", "ConvertToTensor", "EmptyLike", "FullLike", "OnesLike", "ZerosLike")
def _like(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its argument, and its dtype where the config has none."""
    given = Arguments(call, "x").tensor("x")
    return Result(Tensor(given.shape, _dtype(layer) or given.dtype))


@operation("Digitize")
def _digitize(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x", "bins")
    if len(given.shape("bins")) > 1:
        raise Invalid(f"bins has shape {given.shape('bins')}, and a list of numbers is needed")
    return Result(Tensor(given.shape("x"), "int32"))


@operation("SearchSorted")
def _searched(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "sorted_sequence", "values")
    if len(given.shape("sorted_sequence")) != 1:
        raise Invalid(f"the sorted sequence has shape {given.shape('sorted_sequence')}, and one axis is needed")
    return Result(Tensor(given.shape("values")))


@operation("Flip", "LogSoftmax", "Normalize", "Roll", "Softmax", "Sparsemax")
def _along(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its argument, whose axes it must have."""
    given = Arguments(call, "x").tensor("x")
    axis = layer.config.get("axis", -1)
    if axis is not None:
        axes_of(axis, len(given.shape))
    return Result(Tensor(given.shape, given.dtype))


@operation("Fliplr")
def _fliplr(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _of_rank(call, 2)


@operation("Flipud")
def _flipud(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _of_rank(call, 1)


def _of_rank(call: Call, least: int) -> Result:
    given = Arguments(call, "x").tensor("x")
    if len(given.shape) < least:
        raise Invalid(f"its input has shape {given.shape}, and at least {least} axes are needed")
    return Result(Tensor(given.shape, given.dtype))


@operation(
    *("AssociativeScan", "Cond", "ForiLoop", "Function", "JVP", "Map", "Scan", "Switch", "VectorizedMap", "WhileLoop"),
)
def _code(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """What calls functions of the author's own."""
    raise Unknown(f"{layer.class_name} calls functions of the author's own, and their code is not in the file")


def _dtype(layer: LayerConfig) -> str | None:
    dtype = layer.config.get("dtype")
    return dtype if isinstance(dtype, str) else None


def _first_name(call: Call) -> str:
    """The name of the first argument, whatever the operation calls it."""
    return "x" if call.args else next(iter(call.kwargs), "x")
