"""How many places a window has on an axis: the arithmetic of convolutions and pooling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._types import Invalid
from kerascope.shapes.layers._arguments import refuse, said

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["apart", "grown", "joined", "places"]


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
        raise Invalid(f"{layer.class_name} has the padding {padding[:80]!r}, expected valid or same")
    if min(strides) <= 0 or min(window) <= 0:
        raise Invalid(f"{layer.class_name} has a window {window} with strides {strides}, expected positive numbers")
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
                    f"spatial sizes of at least those of its window (at {said(spatial)}: {reach} for {size})",
                    shape,
                )
            found.append((size - reach) // step + 1)
        else:
            found.append(-(-size // step))
    return tuple(found)


def grown(
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
    """
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
