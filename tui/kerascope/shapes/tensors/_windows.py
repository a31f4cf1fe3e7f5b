"""How many places a window has on an axis: convolutions and pooling of layers, operations and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._types import Invalid, Unknown
from kerascope.shapes.tensors._algebra import integers

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = [
    "apart",
    "channels_first",
    "check_kernel",
    "convolved",
    "enlarged",
    "grown",
    "joined",
    "places",
    "pooled",
]


def channels_first(layer: LayerConfig) -> bool:
    """Whether the channels stand before the spatial sizes; Keras writes the choice into every config.

    Raises:
        Unknown: The config says neither.
    """
    value = layer.config.get("data_format")
    if value not in (None, "channels_last", "channels_first", "default"):
        raise Unknown(f"its data_format is {told(value)}, and channels_last or channels_first is needed")
    return value == "channels_first"


def apart(shape: Shape, count: int, first: bool) -> tuple[Shape, int | None, Shape]:
    """A shape of images as leading sizes, channels and spatial sizes.

    Args:
        shape: The shape, with one or (Keras 2) several batch dimensions.
        count: Spatial dimensions.
        first: Whether the channels stand before them.
    """
    lead = len(shape) - count - 1
    if first:
        return shape[:lead], shape[lead], shape[lead + 1 :]
    return shape[:lead], shape[-1], shape[lead:-1]


def joined(lead: Shape, channels: int | None, spatial: Shape, first: bool) -> Shape:
    """The opposite of `apart`."""
    return (*lead, channels, *spatial) if first else (*lead, *spatial, channels)


def places(
    layer: LayerConfig,
    shape: Shape,
    spatial: Shape,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...] | None = None,
) -> Shape:
    """The spatial sizes that a window gives when it moves over an image.

    With `same` and `causal` padding ceil(size / stride), with `valid` floor((size - d * (window - 1) - 1) / stride) + 1
    (Keras 3.15 `compute_conv_output_shape`, Keras 2 `conv_output_length`).

    Args:
        layer: The layer.
        shape: The whole input shape, for the message.
        spatial: Its spatial sizes.
        window: Size of the window on each axis.
        strides: How far it moves.
        padding: `valid`, `same` or `causal`.
        dilation: How far the places inside the window are apart.

    Raises:
        Invalid: The window is larger than the image, or does not move.
    """
    if padding not in ("valid", "same", "causal", "full" if layer.generation == 1 else "valid"):
        raise Invalid(f"{layer.class_name} has the padding {told(padding)}, expected valid or same")
    _check_moves(layer, window, strides, dilation or (1,))
    found: list[int | None] = []
    for axis, size in enumerate(spatial):
        if size is None:
            found.append(None)
            continue
        step = strides[axis]
        reach = (window[axis] - 1) * (dilation[axis] if dilation else 1) + 1
        if padding == "full":
            # Keras 1 with Theano: everywhere where window and image touch.
            found.append(-(-(size + reach - 1) // step))
        elif padding == "valid":
            if size < reach:
                raise refuse(
                    layer,
                    f"spatial sizes of at least {reach} for its window, and one of {spatial} is {size}",
                    shape,
                )
            found.append((size - reach) // step + 1)
        else:
            found.append(-(-size // step))
    return tuple(found)


def _check_moves(
    layer: LayerConfig, window: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]
) -> None:
    for name, numbers in (("window", window), ("strides", strides), ("dilation_rate", dilation)):
        if min(numbers) <= 0:
            raise Invalid(f"{layer.class_name} has {name} {numbers}, expected positive numbers")


def grown(
    layer: LayerConfig,
    spatial: Shape,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
    extra: tuple[int, ...] | None,
) -> Shape:
    """The spatial sizes that a transposed convolution gives.

    Without `output_padding`, size * stride (`same`), or with the rest of the window (`valid`); with it,
    (size - 1) * stride + window - 2 * pad + output_padding (Keras 3.15 `compute_conv_transpose_output_shape`, Keras 2
    `deconv_output_length`).

    Raises:
        Invalid: A number of its window is not positive.
    """
    _check_moves(layer, window, strides, dilation)
    found: list[int | None] = []
    for axis, size in enumerate(spatial):
        if size is None:
            found.append(None)
            continue
        step, reach = strides[axis], (window[axis] - 1) * dilation[axis] + 1
        if extra is None:
            found.append(size * step + (max(reach - step, 0) if padding == "valid" else 0))
        else:
            found.append((size - 1) * step + (reach if padding == "valid" else reach % 2) + extra[axis])
    return tuple(found)


def _spread(value: object, axes: int, what: str) -> tuple[int, ...]:
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
    first, count = channels_first(layer), len(shape) - 2
    lead, _, spatial = apart(shape, count, first)
    strides = _spread(layer.config.get("strides", 1), count, "strides")
    dilation = _spread(layer.config.get("dilation_rate", 1), count, "dilation_rate")
    found = places(layer, shape, spatial, fixed(kernel), strides, _padding(layer), dilation)
    return joined(lead, filters, found, first)


def pooled(layer: LayerConfig, shape: Shape) -> Shape:
    """The shape after pooling; the stride is the window, unless another is given (`compute_pooling_output_shape`)."""
    first, count = channels_first(layer), len(shape) - 2
    lead, channels, spatial = apart(shape, count, first)
    window = _spread(layer.config["pool_size"], count, "pool_size")
    given = layer.config.get("strides")
    strides = window if given is None else _spread(given, count, "strides")
    return joined(lead, channels, places(layer, shape, spatial, window, strides, _padding(layer)), first)


def enlarged(layer: LayerConfig, shape: Shape, kernel: Shape, filters: int | None) -> Shape:
    """The shape after a transposed convolution (`compute_conv_transpose_output_shape`)."""
    first, count = channels_first(layer), len(shape) - 2
    lead, _, spatial = apart(shape, count, first)
    strides = _spread(layer.config.get("strides", 1), count, "strides")
    dilation = _spread(layer.config.get("dilation_rate", 1), count, "dilation_rate")
    given = layer.config.get("output_padding")
    extra = None if given is None else _spread(given, count, "output_padding")
    return joined(lead, filters, grown(layer, spatial, fixed(kernel), strides, _padding(layer), dilation, extra), first)


def check_kernel(shape: Shape, kernel: Shape, first: bool) -> None:
    """Make sure that a kernel among the arguments is one for this input.

    Args:
        shape: Of the input, batch dimension first.
        kernel: Of the kernel: its spatial sizes, the channels that it takes, the filters.
        first: Whether the channels of the input stand before its spatial sizes.

    Raises:
        Invalid: They have different ranks, or the kernel's channels do not divide the input's.
    """
    if len(kernel) != len(shape):
        raise Invalid(f"its input has shape {shape} and the kernel {kernel}; equal ranks are needed")
    channels, taken = shape[1 if first else -1], kernel[-2]
    if channels is not None and taken and channels % taken:
        raise Invalid(f"its input has {channels} channels and the kernel takes {taken}, which must divide them")


def _padding(layer: LayerConfig) -> str:
    return str(layer.config.get("padding", "valid")).lower()
