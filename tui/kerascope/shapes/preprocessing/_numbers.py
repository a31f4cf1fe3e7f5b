"""Layers that scale numbers, and that look for frequencies.

Source: Keras 3.15 and tf-keras 2.21 `Rescaling`, `Normalization`; Keras 3.15 `MelSpectrogram`, `STFTSpectrogram`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import rule
from kerascope.shapes._types import Invalid, Result, WeightSpec
from kerascope.shapes.layers._arguments import gives, integers, known, one_tensor, weights_of, whole, word
from kerascope.shapes.tensors._algebra import broadcast
from kerascope.shapes.tensors._operands import operand
from kerascope.shapes.tensors._windows import channels_first, places

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@rule("Rescaling", generations=(3,))
def rescaling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of its input: Keras 3 takes scale and offset for numbers."""
    return gives(layer, one_tensor(layer, call).shape)


@rule("Rescaling", generations=(2,))
def rescaling_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Scale and offset may be lists, and then stretch what they are combined with."""
    shape = one_tensor(layer, call).shape
    scale, offset = operand(layer.config.get("scale"), "scale"), operand(layer.config.get("offset", 0), "offset")
    return gives(layer, broadcast(shape, scale.shape, offset.shape))


@rule("Normalization", generations=(2, 3))
def normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Mean and variance of the kept axes, and how many were counted, unless they are given."""
    shape = one_tensor(layer, call).shape
    axes = [] if layer.config.get("axis") is None else integers(layer, "axis", -1)
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        raise Invalid(f"Normalization keeps the axes {axes}, and its input has {len(shape)}: {shape}")
    kept = sorted(axis % len(shape) for axis in axes)
    if len(set(kept)) != len(kept):
        raise Invalid(f"Normalization keeps the axes {axes} of {shape}, expected each of them once")
    sizes = tuple(known(layer, shape, axis) for axis in kept)
    mean = layer.config.get("mean")
    if mean is None:
        weights = (
            WeightSpec("mean", sizes, False),
            WeightSpec("variance", sizes, False),
            WeightSpec("count", (), False),
        )
        return gives(layer, shape, weights)
    _check_statistics(operand(mean, "mean").shape, sizes)
    return gives(layer, shape)


def _check_statistics(given: Shape, sizes: Shape) -> None:
    if broadcast(given, sizes) != sizes:
        raise Invalid(f"Normalization has a mean of shape {given}, expected {sizes}, the sizes of the axes it keeps")


@rule("MelSpectrogram", generations=(3,))
def mel_spectrogram(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many bands for each step of the signal."""
    shape = one_tensor(layer, call, at_least=1).shape
    step, bands = whole(layer, "sequence_stride", 512), whole(layer, "num_mel_bins", 128)
    length = shape[0] if len(shape) == 1 else shape[1]
    count = None if length is None else (length + step + 1) // step
    return gives(layer, (bands, count) if len(shape) == 1 else (shape[0], bands, count))


@rule("STFTSpectrogram", generations=(3,))
def stft_spectrogram(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Frames of a signal as frequencies, by a convolution with fixed kernels."""
    shape = one_tensor(layer, call, rank=3).shape
    first = channels_first(layer)
    mode, frame = word(layer, "mode", "log"), whole(layer, "frame_length", 256)
    step = whole(layer, "frame_step") if layer.config.get("frame_step") else frame // 2
    points = whole(layer, "fft_length") if layer.config.get("fft_length") else 1 << max(frame - 1, 0).bit_length()
    bins = points // 2 + 1
    channels = known(layer, shape, 1 if first else -1)
    time = places(layer, shape, (shape[2 if first else 1],), (frame,), (step,), word(layer, "padding", "valid"))[0]
    kernels = [name for name, without in (("real_kernel", "imag"), ("imag_kernel", "real")) if mode != without]
    weights = weights_of(layer, *(WeightSpec(name, (frame, 1, bins)) for name in kernels))
    bins *= 2 if mode == "stft" else 1
    found: Shape
    if layer.config.get("expand_dims"):
        found = (shape[0], channels, time, bins) if first else (shape[0], time, bins, channels)
    else:
        found = (shape[0], bins * channels, time) if first else (shape[0], time, bins * channels)
    return gives(layer, found, weights)
