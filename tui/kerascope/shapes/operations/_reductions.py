"""Operations that bring an axis, or all, down to one number, or sort and add up along one.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/math.py`, `ops/nn.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._calls import meet
from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors._algebra import axis_of, elements, reduced, size_of, without
from kerascope.shapes.tensors._operands import Arguments, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation(
    *("Amax", "Amin", "CountNonzero", "Logsumexp", "Max", "Mean", "Median", "Min", "Nanmax", "Nanmean", "Nanmedian"),
    *("Nanmin", "Nanprod", "Nanstd", "Nansum", "Nanvar", "Norm", "Prod", "Ptp", "Std", "Sum", "Var"),
)
def _reduced(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_shape(layer, call)))


@operation("All", "Any")
def _asked(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_shape(layer, call), "bool"))


@operation("Argmax", "Argmin", "Nanargmax", "Nanargmin")
def _placed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_shape(layer, call), "int32"))


def _shape(layer: LayerConfig, call: Call) -> Shape:
    return reduced(Arguments(call, "x").shape("x"), layer.config.get("axis"), layer.config.get("keepdims"))


@operation("Moments")
def _moments(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = reduced(Arguments(call, "x").shape("x"), layer.config.get("axes"), layer.config.get("keepdims"))
    return Result((Tensor(shape), Tensor(shape)))


@operation("Average")
def _average(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A mean whose weights have the shape of the tensor, or the size of its axis."""
    given = Arguments(call, "x", "weights")
    shape, axis = given.shape("x"), layer.config.get("axis")
    if given.has("weights"):
        weights = given.shape("weights")
        fits = [shape] if axis is None else [shape, (shape[axis_of(axis, len(shape))],)]
        if not any(meet([weights], [fit]) for fit in fits):
            raise Invalid(f"the weights have shape {weights}, and {' or '.join(str(fit) for fit in fits)} is needed")
    return Result(Tensor(reduced(shape, axis, False)))


@operation("Nanpercentile", "Nanquantile", "Percentile", "Quantile")
def _quantile(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One result for each quantile asked for, in front."""
    given = Arguments(call, "x", "q")
    shape = reduced(given.shape("x"), layer.config.get("axis"), layer.config.get("keepdims"))
    asked = given.get("q")
    front = given.shape("q")[:1]
    if isinstance(asked, (list, tuple)) and len(asked) == 1 and layer.class_name.endswith("uantile"):
        raise Unknown("a list of one quantile is one axis more, or none, as it was a tensor or a list")
    return Result(Tensor((*front, *shape)))


@operation("Cumprod", "Cumsum", "Nancumprod", "Nancumsum", "Sort")
def _running(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x").tensor("x")
    default = -1 if layer.class_name == "Sort" else None
    return Result(Tensor(_flat_or_same(given.shape, layer.config.get("axis", default)), given.dtype))


@operation("Argpartition", "Argsort")
def _order(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_flat_or_same(Arguments(call, "x").shape("x"), layer.config.get("axis", -1)), "int32"))


def _flat_or_same(shape: Shape, axis: object) -> Shape:
    if axis is None:
        return (elements(shape),)
    axis_of(axis, len(shape))
    return shape


@operation("Diff")
def _diff(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "a").tensor("a")
    axis = axis_of(layer.config.get("axis", -1), len(given.shape))
    size = given.shape[axis]
    left = None if size is None else max(size - size_of(layer.config.get("n", 1), "n"), 0)
    return Result(Tensor((*given.shape[:axis], left, *given.shape[axis + 1 :]), given.dtype))


@operation("Trapezoid")
def _trapezoid(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = Arguments(call, "y").shape("y")
    axis = layer.config.get("axis", -1)
    return Result(Tensor(shape if axis is None or not shape else without(shape, size_of(axis, "axis") % len(shape))))


@operation("AllClose", "PSNR", "Vdot")
def _scalar(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    if layer.class_name == "PSNR":
        given = Arguments(call, "x1", "x2")
        if len(given.shape("x1")) != len(given.shape("x2")):
            raise Invalid(f"its inputs have shapes {given.shape('x1')} and {given.shape('x2')}; equal ranks are needed")
    return Result(Tensor((), "bool" if layer.class_name == "AllClose" else None))


@operation("Size")
def _size(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor((), "int32"))


@operation("Ndim")
def _ndim(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """As Keras 3.15 has it: its symbolic result has the rank for a size."""
    return Result(Tensor((len(Arguments(call, "x").shape("x")),)))


@operation("TopK")
def _top_k(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x").tensor("x")
    if not given.shape:
        raise Invalid("its input is a scalar, and at least one axis is needed")
    shape = (*given.shape[:-1], size_of(layer.config["k"], "k"))
    return Result((Tensor(shape, given.dtype), Tensor(shape, "int32")))


@operation("SegmentMax", "SegmentMin", "SegmentProd", "SegmentSum")
def _segments(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    data = Arguments(call, "data", "segment_ids").tensor("data")
    count = layer.config.get("num_segments")
    return Result(Tensor((None if count is None else size_of(count, "num_segments"), *data.shape[1:]), data.dtype))


@operation("Bincount")
def _bincount(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor((*Arguments(call, "x").shape("x")[:-1], None)))


@operation("Histogram")
def _histogram(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    bins = size_of(layer.config.get("bins", 10), "bins")
    dtype = Arguments(call, "x").tensor("x").dtype
    return Result((Tensor((bins,), dtype), Tensor((bins + 1,), dtype)))


@operation("Unique")
def _unique(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The different values, and where they come from and how often, as far as asked for."""
    given, config = Arguments(call, "x").tensor("x"), layer.config
    size, axis = config.get("size"), config.get("axis")
    found = None if size is None else size_of(size, "size")
    shape: Shape = (found,)
    back = given.shape
    if axis is not None:
        along = axis_of(axis, len(given.shape))
        shape = (*given.shape[:along], found, *given.shape[along + 1 :])
        back = (given.shape[along],)
    more = [(found,), back, (found,)]
    asked = [config.get(name) for name in ("return_index", "return_inverse", "return_counts")]
    shapes = [shape, *(each for each, wanted in zip(more, asked, strict=True) if wanted)]
    return outputs(shapes) if len(shapes) > 1 else Result(Tensor(shape, given.dtype))


@operation("Nonzero")
def _nonzero(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return outputs([(None,)] * len(Arguments(call, "x").shape("x")), "int32")
