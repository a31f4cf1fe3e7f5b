"""Convolutions and pooling whose kernel is a tensor among the arguments, not a weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._types import Invalid, Unknown
from kerascope.shapes.layers._windows import apart, grown, joined, places
from kerascope.shapes.tensors._algebra import integers

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["convolved", "enlarged", "pooled", "spread"]


def spread(value: object, axes: int, what: str) -> tuple[int, ...]:
    """One number for every axis, given as one for all or as a list.

    Raises:
        Invalid: The list has another length.
    """
    numbers = integers(value, what)
    if len(numbers) == 1:
        return numbers * axes
    if len(numbers) != axes:
        raise Invalid(f"{what} is {list(numbers)}, and {axes} numbers are needed")
    return numbers


def fixed(kernel: Shape) -> tuple[int, ...]:
    """The sizes of a kernel.

    Raises:
        Unknown: One of them is open.
    """
    sizes = tuple(size for size in kernel if size is not None)
    if len(sizes) != len(kernel):
        raise Unknown(f"the kernel has shape {kernel}, in which a size is open")
    return sizes


def convolved(layer: LayerConfig, shape: Shape, kernel: Shape, filters: int | None) -> Shape:
    """The shape after a convolution with a kernel of these spatial sizes (`compute_conv_output_shape`)."""
    first, count = _channels_first(layer), len(shape) - 2
    lead, _, spatial = apart(shape, count, first)
    strides = spread(layer.config.get("strides", 1), count, "strides")
    dilation = spread(layer.config.get("dilation_rate", 1), count, "dilation_rate")
    found = places(layer, shape, spatial, fixed(kernel), strides, _padding(layer), dilation)
    return joined(lead, filters, found, first)


def pooled(layer: LayerConfig, shape: Shape) -> Shape:
    """The shape after pooling; the stride is the window, unless another is given (`compute_pooling_output_shape`)."""
    first, count = _channels_first(layer), len(shape) - 2
    lead, channels, spatial = apart(shape, count, first)
    window = spread(layer.config["pool_size"], count, "pool_size")
    given = layer.config.get("strides")
    strides = window if given is None else spread(given, count, "strides")
    return joined(lead, channels, places(layer, shape, spatial, window, strides, _padding(layer)), first)


def enlarged(layer: LayerConfig, shape: Shape, kernel: Shape, filters: int | None) -> Shape:
    """The shape after a transposed convolution (`compute_conv_transpose_output_shape`)."""
    first, count = _channels_first(layer), len(shape) - 2
    lead, _, spatial = apart(shape, count, first)
    strides = spread(layer.config.get("strides", 1), count, "strides")
    dilation = spread(layer.config.get("dilation_rate", 1), count, "dilation_rate")
    given = layer.config.get("output_padding")
    extra = None if given is None else spread(given, count, "output_padding")
    return joined(lead, filters, grown(spatial, fixed(kernel), strides, _padding(layer), dilation, extra), first)


def _channels_first(layer: LayerConfig) -> bool:
    return layer.config.get("data_format") == "channels_first"


def _padding(layer: LayerConfig) -> str:
    return str(layer.config.get("padding", "valid")).lower()
