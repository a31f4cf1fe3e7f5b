"""Operations of neural networks: convolutions, pooling, losses, patches.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/nn.py`), and `operation_utils.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor
from kerascope.shapes.tensors._algebra import axis_of, elements, integers, size_of, without
from kerascope.shapes.tensors._operands import Arguments
from kerascope.shapes.tensors._windows import channels_first, check_kernel, convolved, enlarged, pooled

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("Conv")
def _conv(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "inputs", "kernel")
    return Result(Tensor(_convolved(layer, given.shape("inputs"), given.shape("kernel"), given.shape("kernel")[-1])))


@operation("DepthwiseConv")
def _depthwise(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "inputs", "kernel")
    kernel = given.shape("kernel")
    return Result(Tensor(_convolved(layer, given.shape("inputs"), kernel, elements(kernel[-2:]))))


@operation("SeparableConv")
def _separable(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "inputs", "depthwise_kernel", "pointwise_kernel")
    filters = given.shape("pointwise_kernel")[-1]
    return Result(Tensor(_convolved(layer, given.shape("inputs"), given.shape("depthwise_kernel"), filters)))


def _convolved(layer: LayerConfig, shape: Shape, kernel: Shape, filters: int | None) -> Shape:
    check_kernel(shape, kernel, channels_first(layer))
    return convolved(layer, shape, kernel[:-2], filters)


@operation("ConvTranspose")
def _conv_transpose(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "inputs", "kernel")
    shape, kernel = given.shape("inputs"), given.shape("kernel")
    first = channels_first(layer)
    channels = shape[1 if first else -1]
    if channels is not None and kernel[-1] != channels:
        raise Invalid(f"its input has {channels} channels and the kernel takes {kernel[-1]}; they must be equal")
    return Result(Tensor(enlarged(layer, shape, kernel[:-2], kernel[-2])))


@operation("AveragePool", "MaxPool")
def _pool(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "inputs").tensor("inputs")
    return Result(Tensor(pooled(layer, x.shape), x.dtype))


@operation("AdaptiveAveragePool", "AdaptiveMaxPool")
def _adaptive(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The size that is asked for in the place of as many last axes, and channels behind: so Keras 3.15 has it."""
    x = Arguments(call, "inputs").tensor("inputs")
    sizes = layer.config["output_size"]
    if not isinstance(sizes, (list, tuple)):
        raise Invalid(f"output_size is {sizes!r}, and a size for each axis is needed")
    found = integers(sizes, "output_size")
    if channels_first(layer):
        return Result(Tensor((*x.shape[:2], *found), x.dtype))
    return Result(Tensor((*x.shape[: -len(found)], *found, x.shape[-1]), x.dtype))


@operation("Glu")
def _glu(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Half the size along an axis."""
    x = Arguments(call, "x").tensor("x")
    axis = axis_of(layer.config.get("axis", -1), len(x.shape))
    size = x.shape[axis]
    if size is not None and size % 2:
        raise Invalid(f"axis {axis} of {x.shape} has size {size}, and an even one is needed")
    return Result(Tensor((*x.shape[:axis], None if size is None else size // 2, *x.shape[axis + 1 :]), x.dtype))


@operation("BinaryCrossentropy", "CategoricalCrossentropy")
def _crossentropy(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "target", "output")
    target, output = given.shape("target"), given.shape("output")
    if target != output:
        raise Invalid(f"the target has shape {target} and the output {output}; they must be equal")
    if layer.class_name == "BinaryCrossentropy":
        return Result(Tensor(output))
    if not output:
        raise Invalid("the output is a scalar, and at least one axis is needed")
    return Result(Tensor(output[:-1]))


@operation("SparseCategoricalCrossentropy")
def _sparse_crossentropy(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "target", "output")
    target, output = given.shape("target"), given.shape("output")
    shape = without(output, axis_of(layer.config.get("axis", -1), len(output)))
    if len(target) == len(output) and target[-1] == 1:
        target = target[:-1]
    if target != shape:
        raise Invalid(f"the target has shape {target}, and {shape} is needed for an output of {output}")
    return Result(Tensor(shape))


@operation("CTCLoss")
def _ctc_loss(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(Arguments(call, "target").shape("target")[:1]))


@operation("CTCDecode")
def _ctc_decode(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    batch, time, *_ = Arguments(call, "inputs").shape("inputs")
    greedy = layer.config.get("strategy", "greedy") == "greedy"
    paths = 1 if greedy else size_of(layer.config.get("top_paths", 1), "top_paths")
    return Result((Tensor((paths, batch, time), "int32"), Tensor((batch, paths))))


@operation("Unfold")
def _unfold(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The windows of an image, channels first, one column each."""
    x = Arguments(call, "x").tensor("x")
    if len(x.shape) != 4:
        raise Invalid(f"its input has shape {x.shape}, and four axes are needed")
    batch, channels, *sizes = x.shape
    kernel, dilation, padding, stride = (
        _pair(layer.config.get(name, default), name)
        for name, default in (("kernel_size", None), ("dilation", 1), ("padding", 0), ("stride", 1))
    )
    if None in (channels, *sizes):
        raise Invalid(f"its input has shape {x.shape}, and Keras needs all sizes but the batch")
    counts = [
        ((size or 0) + 2 * padding[at] - dilation[at] * (kernel[at] - 1) - 1) // stride[at] + 1
        for at, size in enumerate(sizes)
    ]
    return Result(Tensor((batch, (channels or 0) * kernel[0] * kernel[1], counts[0] * counts[1]), x.dtype))


@operation("Fold")
def _fold(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    if len(x.shape) != 3:
        raise Invalid(f"its input has shape {x.shape}, and three axes are needed")
    kernel = _pair(layer.config["kernel_size"], "kernel_size")
    size, window = x.shape[1], kernel[0] * kernel[1]
    if size is not None and size % window:
        raise Invalid(f"the second axis has size {size}, which cannot be divided into windows of {window}")
    channels = None if size is None else size // window
    return Result(Tensor((x.shape[0], channels, *_pair(layer.config["output_size"], "output_size")), x.dtype))


def _pair(value: object, what: str) -> tuple[int, int]:
    numbers = integers(value, what)
    return (numbers[0], numbers[-1])
