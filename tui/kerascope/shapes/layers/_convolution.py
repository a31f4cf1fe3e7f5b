"""Convolutions: plain, transposed, depthwise, separable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, Unknown, WeightSpec
from kerascope.shapes.layers._activations import keeps_shape
from kerascope.shapes.layers._arguments import (
    flag,
    gives,
    one_tensor,
    quantized,
    sizes,
    spatial,
    weights_of,
    whole,
    word,
)
from kerascope.shapes.layers._core import lora
from kerascope.shapes.tensors._windows import apart, channels_first, grown, joined, places

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["image"]

SPREAD = frozenset({"DepthwiseConv2D", "SeparableConv2D", "SeparableConvolution2D"})


@rule("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")
def convolution(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A convolution: kernel (*kernel_size, channels / groups, filters), bias (filters,)."""
    keeps_shape(layer)
    filters, groups = whole(layer, "filters"), _groups(layer)
    # Keras 2 takes several batch dimensions.
    lead, channels, found, shape = image(layer, call, exact=layer.generation == 3)
    if channels % groups or filters % groups:
        raise refuse(layer, f"channels and filters ({filters}) that its {groups} groups divide", shape)
    weights = [WeightSpec("kernel", (*_kernel(layer), channels // groups, filters))]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (filters,)))
    if len(lead) > 1 and channels_first(layer) and max(*_steps(layer), 1) > 1:
        raise Unknown("TensorFlow moves a window in a way of its own over several batch dimensions before the channels")
    out = _moved(layer, shape, found)
    return gives(layer, joined(lead, filters, out, channels_first(layer)), lora(layer, weights, "kernel"))


def image(layer: LayerConfig, call: Call, exact: bool = True) -> tuple[Shape, int, Shape, Shape]:
    """What a convolution is called on: leading sizes, channels, spatial sizes, and the whole shape.

    Raises:
        Invalid: It has another number of dimensions, or its channels are not fixed.
    """
    count = spatial(layer)
    tensor = one_tensor(layer, call, rank=count + 2) if exact else one_tensor(layer, call, at_least=count + 2)
    lead, channels, found = apart(tensor.shape, count, channels_first(layer))
    if channels is None:
        raise refuse(layer, "a fixed number of channels, as weights are made of it", tensor.shape)
    return lead, channels, found, tensor.shape


def _moved(layer: LayerConfig, shape: Shape, found: Shape, both: bool = False) -> Shape:
    """The spatial sizes that a convolution gives, by its arguments.

    Args:
        layer: The convolution.
        shape: The whole input shape.
        found: Its spatial sizes.
        both: Whether strides and dilation may both be larger than 1.

    Raises:
        Invalid: Its window is larger than the image, or Keras takes no such arguments.
    """
    count = spatial(layer)
    strides, dilation = sizes(layer, "strides", count, 1), sizes(layer, "dilation_rate", count, 1)
    padding = word(layer, "padding", "valid")
    if padding == "causal" and (count > 1 or (layer.generation == 3 and layer.class_name != "Conv1D")):
        raise Invalid(f"{layer.class_name} has the padding 'causal', expected valid or same")
    if not both and max(strides) > 1 and max(dilation) > 1:
        raise Invalid(
            f"{layer.class_name} has strides {strides} and dilation_rate {dilation}, of which Keras takes one"
        )
    if layer.generation != 3 and layer.class_name in SPREAD and max(dilation) > 1 and None in found:
        # Keras 2 spreads the image out to dilate the window, and what is open then is so on both axes.
        return (None,) * count
    return places(layer, shape, found, _kernel(layer), strides, padding, dilation)


def _kernel(layer: LayerConfig) -> tuple[int, ...]:
    return sizes(layer, "kernel_size", spatial(layer))


def _steps(layer: LayerConfig) -> tuple[int, ...]:
    count = spatial(layer)
    return sizes(layer, "strides", count, 1) + sizes(layer, "dilation_rate", count, 1)


def _groups(layer: LayerConfig) -> int:
    groups = whole(layer, "groups", 1) if layer.config.get("groups") is not None else 1
    # Keras 2 takes 0 for 1.
    if groups < 1 and layer.generation != 3:
        return 1
    if groups < 1:
        raise Invalid(f"{layer.class_name} has {groups} groups, expected a positive number")
    return groups


@rule(
    "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution1DTranspose", "Convolution2DTranspose",
    "Convolution3DTranspose",
)  # fmt: skip
def transposed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A transposed convolution: kernel (*kernel_size, filters, channels), bias (filters,)."""
    keeps_shape(layer)
    count, filters = spatial(layer), whole(layer, "filters")
    lead, channels, found, _ = image(layer, call)
    strides, dilation = sizes(layer, "strides", count, 1), sizes(layer, "dilation_rate", count, 1)
    if max(strides) > 1 and max(dilation) > 1:
        raise Invalid(
            f"{layer.class_name} has strides {strides} and dilation_rate {dilation}, of which Keras takes one"
        )
    if count == 2 and layer.generation != 3 and len(set(dilation)) > 1:
        raise Invalid(f"{layer.class_name} has the dilation_rate {dilation}, expected the same on both axes")
    if count == 3 and layer.generation != 3:
        # Keras 2 takes the argument and leaves it aside.
        dilation = (1, 1, 1)
    extra = None if layer.config.get("output_padding") is None else sizes(layer, "output_padding", count)
    if extra is not None and any(pad >= step for pad, step in zip(extra, strides, strict=True)):
        raise Invalid(f"{layer.class_name} has output_padding {extra}, expected less than its strides {strides}")
    padding = word(layer, "padding", "valid")
    if padding not in ("valid", "same"):
        raise Invalid(f"{layer.class_name} has the padding {told(padding)}, expected valid or same")
    weights = [WeightSpec("kernel", (*_kernel(layer), filters, channels))]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (filters,)))
    out = _stated(layer) or grown(layer, found, _kernel(layer), strides, padding, dilation, extra)
    return gives(layer, joined(lead, filters, out, channels_first(layer)), _unquantized(layer, weights))


def _stated(layer: LayerConfig) -> Shape | None:
    """The spatial sizes that the author of a Keras 1 layer stated, as they had to."""
    stated = layer.config.get("output_shape")
    count = spatial(layer)
    if layer.generation != 1 or not isinstance(stated, (list, tuple)) or len(stated) != count + 2:
        return None
    space = tuple(stated[2:] if channels_first(layer) else stated[1:-1])
    if not all(size is None or type(size) is int for size in space):
        raise Unknown(f"its output_shape is {told(stated)}, and sizes are needed")
    return space


@rule("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A convolution of each channel alone: kernel (*kernel_size, channels, depth_multiplier)."""
    keeps_shape(layer)
    lead, channels, found, shape = image(layer, call)
    depth = whole(layer, "depth_multiplier", 1)
    name = "kernel" if layer.generation == 3 else "depthwise_kernel"
    weights = [WeightSpec(name, (*_kernel(layer), channels, depth))]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (channels * depth,)))
    out = _moved(layer, shape, found, both=layer.generation == 3)
    return gives(layer, joined(lead, channels * depth, out, channels_first(layer)), _unquantized(layer, weights))


@rule("SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D")
def separable(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A convolution of each channel alone, then one that mixes them."""
    keeps_shape(layer)
    lead, channels, found, shape = image(layer, call)
    depth, filters = whole(layer, "depth_multiplier", 1), whole(layer, "filters")
    weights = [
        WeightSpec("depthwise_kernel", (*_kernel(layer), channels, depth)),
        WeightSpec("pointwise_kernel", (*(1,) * spatial(layer), channels * depth, filters)),
    ]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (filters,)))
    out = _moved(layer, shape, found, both=layer.generation == 3)
    return gives(layer, joined(lead, filters, out, channels_first(layer)), _unquantized(layer, weights))


def _unquantized(layer: LayerConfig, weights: list[WeightSpec]) -> tuple[WeightSpec, ...] | None:
    return None if quantized(layer) else weights_of(layer, *weights)
