"""Pooling: by windows, over everything, and to a given size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result
from kerascope.shapes.layers._arguments import flag, gives, one_tensor, sizes, spatial, unchanged, word
from kerascope.shapes.tensors._windows import apart, channels_first, joined, places

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__: list[str] = []


@rule(
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "AvgPool1D", "AvgPool2D", "AvgPool3D", "MaxPool1D",
    "MaxPool2D", "MaxPool3D", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D",
)  # fmt: skip
def pooling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The largest or the mean number of each window; without strides, windows lie side by side."""
    count = spatial(layer)
    tensor = one_tensor(layer, call, rank=count + 2)
    window, padding = sizes(layer, "pool_size", count, 2), word(layer, "padding", "valid")
    strides = window if layer.config.get("strides") is None else sizes(layer, "strides", count)
    if padding == "causal":
        raise Invalid(f"{layer.class_name} has the padding 'causal', expected valid or same")
    lead, channels, found = apart(tensor.shape, count, channels_first(layer))
    out = places(layer, tensor.shape, found, window, strides, padding)
    return _reduced(layer, call, joined(lead, channels, out, channels_first(layer)))


@rule(
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalAvgPool1D", "GlobalAvgPool2D",
    "GlobalAvgPool3D", "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GlobalMaxPooling3D",
)  # fmt: skip
def global_pooling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for each channel; `keepdims` leaves sizes of 1."""
    count = spatial(layer)
    tensor = one_tensor(layer, call, rank=count + 2)
    lead, channels, _ = apart(tensor.shape, count, channels_first(layer))
    ones: Shape = (1,) * count if flag(layer, "keepdims", False) else ()
    return _reduced(layer, call, joined(lead, channels, ones, channels_first(layer)))


def _reduced(layer: LayerConfig, call: Call, shape: Shape) -> Result:
    return gives(layer, shape) if layer.generation == 3 else unchanged(layer, one_tensor(layer, call), shape)


@rule(
    "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D",
    generations=(3,),
)  # fmt: skip
def adaptive_pooling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Pooling to the size that is asked for; Keras 3.15 does not look at the number of dimensions."""
    shape = one_tensor(layer, call, at_least=2 if channels_first(layer) else 1).shape
    out, first = sizes(layer, "output_size", spatial(layer)), channels_first(layer)
    return gives(layer, joined(shape[:1], shape[1] if first else shape[-1], out, first))
