"""TensorFlow functions that bring an axis, or all, down to one number.

Source: shape functions of TensorFlow 2.21 (`ReductionShape`, `ArgOpShape`), which Keras 2 traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._values import LARGEST_VALUE, axes, number, whole
from kerascope.shapes.tensors._algebra import reduced
from kerascope.shapes.tensors._operands import Arguments, operand

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []

REDUCED = """
    reduce_euclidean_norm reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_std reduce_sum
    reduce_variance
"""


@function(*(f"math.{name}" for name in REDUCED.split()))
def reduction(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for an axis, several, or all; the product of a shape is followed."""
    first = operand(call.first, "its input")
    value = None
    if str(layer.config.get("function")).endswith("prod") and isinstance(first.value, tuple):
        value = _product(first.value, call)
    return Result(Tensor(_shape(call), first.dtype, value))


def _product(sizes: Shape, call: Call) -> int | None:
    """The product of a whole shape."""
    total = 1
    for size in sizes:
        if size is None or call.kwargs.get("keepdims"):
            return None
        total *= size
    return total if total <= LARGEST_VALUE else None


@function("math.reduce_all", "math.reduce_any")
def asked(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One boolean for an axis, several, or all."""
    return Result(Tensor(_shape(call), "bool"))


@function("norm", "math.count_nonzero", "math.zero_fraction")
def counted(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number of another dtype for an axis, several, or all."""
    if str(layer.config.get("function")).endswith("zero_fraction"):
        return Result(Tensor((), "float32"))
    return Result(Tensor(_shape(call)))


def _shape(call: Call) -> Shape:
    given = Arguments(call, "input_tensor", "axis", "keepdims")
    first = operand(call.first, "its input")
    axis = given.get("axis", given.get("reduction_indices"))
    return reduced(first.shape, axes(axis), given.get("keepdims", given.get("keep_dims")))


@function("math.argmax", "math.argmin")
def placed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The place of the largest along an axis, the first one where none is given."""
    given = Arguments(call, "input", "axis")
    axis = given.get("axis", given.get("dimension"))
    output = call.kwargs.get("output_type", "int64")
    shape = reduced(operand(call.first, "its input").shape, 0 if axis is None else axes(axis), False)
    return Result(Tensor(shape, output if isinstance(output, str) else None))


@function("nn.weighted_moments")
def moments(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Mean and variance."""
    given = Arguments(call, "x", "axes")
    x = given.tensor("x")
    shape = reduced(x.shape, axes(given.get("axes")), given.get("keepdims", given.get("keep_dims")))
    return Result((Tensor(shape, x.dtype), Tensor(shape, x.dtype)))


@function("math.top_k")
def top_k(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The largest numbers along the last axis, and their places."""
    given = Arguments(call, "input", "k")
    x = given.tensor("input")
    if not x.shape:
        raise Invalid("its input is a scalar, and at least one axis is needed")
    k = number(given.get("k", 1))
    if k is not None and x.shape[-1] is not None and k > x.shape[-1]:
        raise Invalid(f"the largest {k} of {x.shape[-1]} numbers are asked for")
    shape = (*x.shape[:-1], k)
    return Result((Tensor(shape, x.dtype), Tensor(shape, _index_type(call))))


def _index_type(call: Call) -> str:
    given = call.kwargs.get("index_type", "int32")
    return given if isinstance(given, str) else "int32"


@function("math.in_top_k")
def in_top_k(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One boolean for each target."""
    return Result(Tensor(Arguments(call, "targets").shape("targets"), "bool"))


@function(
    *("math.segment_max", "math.segment_mean", "math.segment_min", "math.segment_prod", "math.segment_sum"),
)
def segments(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Rows brought together by ids; how many there are is in the data."""
    data = Arguments(call, "data").tensor("data")
    return Result(Tensor((None, *data.shape[1:]), data.dtype))


@function(
    *("math.unsorted_segment_max", "math.unsorted_segment_mean", "math.unsorted_segment_min"),
    *("math.unsorted_segment_prod", "math.unsorted_segment_sum", "math.unsorted_segment_sqrt_n"),
)
def unsorted(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many segments, in the place of the axes of the ids."""
    given = Arguments(call, "data", "segment_ids", "num_segments")
    data, ids = given.tensor("data"), given.shape("segment_ids")
    return Result(Tensor((number(given.get("num_segments")), *data.shape[len(ids) :]), data.dtype))


@function("nn.softmax_cross_entropy_with_logits_v2", "nn.sparse_softmax_cross_entropy_with_logits")
def crossentropy(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for each row of logits."""
    given = Arguments(call, "labels", "logits")
    logits = given.tensor("logits")
    axis = given.get("axis", -1)
    return Result(Tensor(reduced(logits.shape, -1 if axis is None else whole(axis, "axis"), False), logits.dtype))


@function("keras.backend.categorical_crossentropy", "keras.backend.sparse_categorical_crossentropy")
def keras_crossentropy(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for each distribution."""
    output = Arguments(call, "target", "output").tensor("output")
    axis = call.kwargs.get("axis", -1)
    if call.kwargs.get("ignore_class") is not None:
        raise Unknown("classes that are ignored are not followed")
    return Result(Tensor(reduced(output.shape, axis, False), output.dtype))


@function("nn.sigmoid_cross_entropy_with_logits", "nn.l2_loss")
def sigmoid_crossentropy(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A loss for each number, or one for all."""
    first = operand(call.first, "its input")
    return Result(Tensor(() if layer.config["function"] == "nn.l2_loss" else first.shape, first.dtype))
