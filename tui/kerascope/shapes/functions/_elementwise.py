"""TensorFlow functions that work number by number.

Source: shape functions of TensorFlow 2.21 (`BroadcastBinaryOpShapeFn`, `UnchangedShape`), which Keras 2 traces.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Result, Tensor, Unknown
from kerascope.shapes.functions._values import LARGEST_VALUE, number
from kerascope.shapes.tensors._algebra import broadcast
from kerascope.shapes.tensors._operands import Arguments, operand

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []

MATH = """
    abs acos acosh asin asinh atan atanh bessel_i0 bessel_i0e bessel_i1 bessel_i1e ceil conj cos cosh cumprod cumsum
    cumulative_logsumexp digamma erf erfc erfcinv erfinv exp expm1 floor l2_normalize lgamma log log1p log_sigmoid
    ndtri negative reciprocal reciprocal_no_nan rint round rsqrt sigmoid sign sin sinh softplus sqrt square tan tanh
    special.expint special.dawsn special.fresnel_cos special.fresnel_sin special.spence
"""
NETWORKS = """
    dropout elu experimental.general_dropout experimental.stateless_dropout gelu leaky_relu
    local_response_normalization log_poisson_loss log_softmax relu relu6 selu silu softmax softsign
"""
IMAGES = """
    adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation flip_left_right flip_up_down
    hsv_to_rgb per_image_standardization random_flip_left_right random_flip_up_down rgb_to_hsv rgb_to_yiq rgb_to_yuv
    yiq_to_rgb yuv_to_rgb
"""
OTHERS = """
    bitwise.invert keras.backend.binary_crossentropy random.experimental.stateless_shuffle clip_by_norm
    clip_by_value debugging.check_numerics identity linalg.band_part linalg.set_diag
    quantization.fake_quant_with_min_max_args quantization.fake_quant_with_min_max_vars
    quantization.fake_quant_with_min_max_vars_per_channel random.shuffle reverse roll signal.dct signal.fft
    signal.fft2d signal.fft3d signal.ifft signal.ifft2d signal.ifft3d sort stop_gradient tensor_scatter_nd_add
    tensor_scatter_nd_max tensor_scatter_nd_min tensor_scatter_nd_sub tensor_scatter_nd_update
"""

TEXTS = """
    as_string lower regex_full_match regex_replace length strip substr to_hash_bucket to_hash_bucket_fast
    to_hash_bucket_strong to_number upper
"""

UNCHANGED = (
    *(f"math.{name}" for name in MATH.split()),
    *(f"nn.{name}" for name in NETWORKS.split()),
    *(f"image.{name}" for name in IMAGES.split()),
    *OTHERS.split(),
)

ASKED = ("math.is_finite", "math.is_inf", "math.is_nan", "math.logical_not")
PARTS = ("dtypes.complex", "math.angle", "math.imag", "math.real")

COMBINED = """
    math.add math.atan2 math.divide_no_nan math.floormod math.igamma math.igammac math.maximum math.minimum
    math.multiply math.multiply_no_nan math.nextafter math.polygamma math.pow math.squared_difference math.subtract
    math.truediv math.xdivy math.xlog1py math.xlogy math.zeta bitwise.bitwise_and bitwise.bitwise_or
    bitwise.bitwise_xor bitwise.left_shift bitwise.right_shift div realdiv truncatediv truncatemod __operators__.add
    floor_div
"""
COMPARED = """
    math.equal math.greater math.greater_equal math.less math.less_equal math.logical_and math.logical_or
    math.not_equal __operators__.eq __operators__.ne
"""

NUMBERS: dict[str, Callable[[int, int], int]] = {
    "add": operator.add,
    "floor_div": operator.floordiv,
    "floormod": operator.mod,
    "maximum": max,
    "minimum": min,
    "multiply": operator.mul,
    "subtract": operator.sub,
}
"""What Keras 2 computes with sizes."""


@function(*UNCHANGED)
def unchanged(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape and dtype of its first argument; but the absolute value of a complex number is a real one."""
    first = operand(call.first, "its input")
    real = layer.config.get("function") == "math.abs" and str(first.dtype).startswith("complex")
    return Result(Tensor(first.shape, None if real else first.dtype))


@function("linalg.cross", "nn.bias_add", "quantization.quantize_and_dequantize_v2", "reverse_sequence")
def first_argument(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape and dtype of its first argument."""
    first = operand(call.first, "its input")
    return Result(Tensor(first.shape, first.dtype))


@function(*ASKED)
def asked(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its first argument, as booleans."""
    return Result(Tensor(operand(call.first, "its input").shape, "bool"))


@function(*PARTS)
def parts(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Real numbers of complex ones, or complex ones of real ones: another dtype."""
    return Result(Tensor(operand(call.first, "its input").shape))


@function(*COMBINED.split())
def combined(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Two tensors stretched to one shape; of sizes, the number, where it is known."""
    given = Arguments(call, *names(call))
    one, other = (given.get(name) for name in names(call)[:2])
    left, right = operand(one, "x"), operand(other, "y")
    dtype = left.dtype if isinstance(one, Tensor) else right.dtype
    shape = broadcast(left.shape, right.shape)
    compute = NUMBERS.get(str(layer.config.get("function")).rpartition(".")[2])
    value = None
    if compute is not None and not shape and dtype == "int32":
        numbers = number(one), number(other)
        if None not in numbers:
            value = compute(*(each for each in numbers if each is not None))
            value = value if abs(value) <= LARGEST_VALUE else None
    return Result(Tensor(shape, dtype, value))


@function(*COMPARED.split())
def compared(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Two tensors stretched to one shape, as booleans."""
    given = Arguments(call, *names(call))
    return Result(Tensor(broadcast(*(given.shape(name) for name in names(call)[:2])), "bool"))


def names(call: Call) -> tuple[str, ...]:
    """How a function calls its two operands: `x` and `y`, or something else in a few of them."""
    if call.args:
        return ("x", next((name for name in call.kwargs if name != "name"), "y"))
    return tuple(name for name in call.kwargs if name != "name")


@function("math.scalar_mul")
def scaled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the tensor; what it is multiplied with is a scalar."""
    x = Arguments(call, "scalar", "x").tensor("x")
    return Result(Tensor(x.shape, x.dtype))


@function("where")
def where(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One of two by a condition, all three stretched; without the two, where the condition holds."""
    given = Arguments(call, "condition", "x", "y")
    condition = given.shape("condition")
    if not given.has("x"):
        return Result(Tensor((None, len(condition)), "int64"))
    one, other = given.tensor("x"), given.tensor("y")
    dtype = one.dtype if isinstance(given.get("x"), Tensor) else other.dtype
    return Result(Tensor(broadcast(condition, one.shape, other.shape), dtype))


@function("math.add_n", "math.accumulate_n")
def summed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors of one shape added up; what one leaves open another may know."""
    tensors = Arguments(call, "inputs").tensors("inputs")
    return Result(Tensor(merged([tensor.shape for tensor in tensors]), tensors[0].dtype))


def merged(shapes: list[tuple[int | None, ...]]) -> tuple[int | None, ...]:
    """The shape that all of these are, each size from whoever knows it.

    Raises:
        Unknown: They have different ranks, or sizes that differ.
    """
    found = list(shapes[0])
    for shape in shapes[1:]:
        if len(shape) != len(found):
            raise Unknown(f"shapes {shapes[0]} and {shape} have different ranks")
        for axis, size in enumerate(shape):
            if size is not None and found[axis] not in (None, size):
                raise Unknown(f"shapes {shapes[0]} and {shape} differ in axis {axis}")
            found[axis] = size if found[axis] is None else found[axis]
    return tuple(found)


@function("bitcast")
def bitcast(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The same bytes as another dtype."""
    raise Unknown("its last axis depends on the sizes of both dtypes")


@function("cast", "dtypes.saturate_cast")
def cast(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Other numbers of the same shape, sizes among them."""
    first = operand(call.first, "its input")
    dtype = _dtype(Arguments(call, "x", "dtype").get("dtype"))
    return Result(Tensor(first.shape, dtype, first.value if dtype == "int32" else None))


@function("convert_to_tensor")
def converted_tensor(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Its argument as a tensor, with the numbers that are known of it."""
    first = operand(call.first, "its input")
    return Result(Tensor(first.shape, _dtype(call.kwargs.get("dtype")) or first.dtype, first.value))


@function(*(f"strings.{name}" for name in TEXTS.split()))
def text(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Texts one by one: other texts, numbers, or hashes of them."""
    return Result(Tensor(operand(call.first, "its input").shape))


@function("image.convert_image_dtype")
def converted(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Images of another dtype."""
    given = Arguments(call, "image", "dtype")
    return Result(Tensor(given.shape("image"), _dtype(given.get("dtype"))))


@function("ones_like", "zeros_like")
def like(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its argument, and its dtype where no other is asked for."""
    first = operand(call.first, "its input")
    return Result(Tensor(first.shape, _dtype(call.kwargs.get("dtype")) or first.dtype))


@function("argsort")
def argsort(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The places of the numbers in their order."""
    return Result(Tensor(operand(call.first, "its input").shape, "int32"))


def _dtype(value: object) -> str | None:
    return value.removeprefix("tf.") if isinstance(value, str) else None
