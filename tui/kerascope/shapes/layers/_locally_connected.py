"""Locally connected layers of Keras 1 and 2: convolutions whose kernel is another one at every place."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, WeightSpec
from kerascope.shapes.layers._activations import keeps_shape
from kerascope.shapes.layers._arguments import flag, gives, sizes, spatial, weights_of, whole, word
from kerascope.shapes.layers._convolution import image
from kerascope.shapes.tensors._windows import channels_first, joined, places

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig

__all__: list[str] = []


@rule("LocallyConnected1D", "LocallyConnected2D", generations=(1, 2))
def locally_connected(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Its kernel is kept whole for each place (1), as a dense matrix (2), or as what of that is not zero (3)."""
    keeps_shape(layer)
    count, filters, first = spatial(layer), whole(layer, "filters"), channels_first(layer)
    lead, channels, found, shape = image(layer, call)
    window, strides = sizes(layer, "kernel_size", count), sizes(layer, "strides", count, 1)
    padding, way = word(layer, "padding", "valid"), whole(layer, "implementation", 1)
    if padding not in ("valid", "same") or (way == 1 and padding != "valid"):
        raise Invalid(f"{layer.class_name} has the padding {told(padding)} with implementation {way}, expected valid")
    before = tuple(size for size in found if size is not None)
    if len(before) != count:
        raise refuse(layer, "fixed spatial sizes, as weights are made of them", shape)
    after = tuple(size for size in places(layer, shape, found, window, strides, padding) if size is not None)
    kernel: tuple[int, ...]
    if way == 1:
        kernel = (prod(after), prod(window) * channels, filters)
    elif way == 2 and first:
        kernel = (channels, *before, filters, *after)
    elif way == 2:
        kernel = (*before, channels, *after, filters)
    elif way == 3:
        touched = (_touched(*each, padding) for each in zip(before, after, window, strides, strict=True))
        kernel = (prod(touched) * channels * filters,)
    else:
        raise Invalid(f"{layer.class_name} has the implementation {way}, expected 1, 2 or 3")
    weights = [WeightSpec("kernel", kernel)]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (*after, filters)))
    return gives(layer, joined(lead, filters, after, first), weights_of(layer, *weights))


def _touched(size: int, count: int, window: int, stride: int, padding: str) -> int:
    """How many pairs of a place of the input and a place of the output touch on one axis.

    Place p of the output sees the input from p * stride - left to p * stride + right, as far as there is one
    (tf-keras `conv_connected_inputs`). Summed without walking along the axis, which a config may make endless.
    """
    if padding == "valid":
        return count * window
    left, right = window // 2, window - window // 2
    # Windows that end inside: p * stride + right <= size.
    inside = min(count, max((size - right) // stride + 1, 0)) if size >= right else 0
    ends = stride * inside * (inside - 1) // 2 + inside * right + (count - inside) * size
    # Windows that begin inside: p * stride >= left.
    outside = min(count, -(-left // stride))
    begun = count - outside
    starts = stride * (begun * outside + begun * (begun - 1) // 2) - begun * left
    return ends - starts
