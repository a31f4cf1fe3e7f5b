"""Operations on signals: Fourier transforms and frames; and einops' rearrange.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/math.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor
from kerascope.shapes.tensors._algebra import size_of
from kerascope.shapes.tensors._operands import Arguments, outputs

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("FFT", "FFT2", "IFFT2")
def _fft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Real and imaginary part, of the shape that both have."""
    shape = _parts(call)
    axes = 1 if layer.class_name == "FFT" else 2
    if len(shape) < axes or None in shape[-axes:]:
        raise Invalid(f"its input has shape {shape}, and Keras needs the size of the last {axes} axes")
    return outputs([shape, shape])


@operation("RFFT")
def _rfft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = Arguments(call, "x").shape("x")
    size = _length(layer, "fft_length", shape[-1])
    shape = (*shape[:-1], None if size is None else size // 2 + 1)
    return outputs([shape, shape])


@operation("IRFFT")
def _irfft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = _parts(call)
    size = shape[-1]
    return Result(Tensor((*shape[:-1], _length(layer, "fft_length", None if size is None else 2 * (size - 1)))))


@operation("STFT")
def _stft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = Arguments(call, "x").shape("x")
    size, length = shape[-1], size_of(layer.config["fft_length"], "fft_length")
    padding = length // 2 * 2 if layer.config.get("center", True) is not False else 0
    step = size_of(layer.config["sequence_stride"], "sequence_stride")
    shape = (*shape[:-1], None if size is None else 1 + (size + padding - length) // step, length // 2 + 1)
    return outputs([shape, shape])


@operation("ISTFT")
def _istft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = _parts(call)
    length = size_of(layer.config["fft_length"], "fft_length")
    step = size_of(layer.config["sequence_stride"], "sequence_stride")
    frames = shape[-2]
    centered = length // 2 * 2 if layer.config.get("center", True) else 0
    size = None if frames is None else (frames - 1) * step + length - centered
    return Result(Tensor((*shape[:-2], _length(layer, "length", size))))


@operation("ExtractSequences")
def _sequences(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    shape = Arguments(call, "x").shape("x")
    length = size_of(layer.config["sequence_length"], "sequence_length")
    step = size_of(layer.config["sequence_stride"], "sequence_stride")
    count = None if shape[-1] is None else 1 + (shape[-1] - length) // step
    return Result(Tensor((*shape[:-1], count, length)))


def _length(layer: LayerConfig, name: str, default: int | None) -> int | None:
    given = layer.config.get(name)
    return default if given is None else size_of(given, name)


def _parts(call: Call) -> Shape:
    """The shape that the real and the imaginary part both have."""
    parts = Arguments(call, "x").tensors("x")
    if len(parts) != 2 or parts[0].shape != parts[1].shape:
        raise Invalid("its input must be a real and an imaginary part of one shape")
    return parts[0].shape
