"""Operations on images.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/image.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor
from kerascope.shapes.tensors._algebra import elements, integers, size_of
from kerascope.shapes.tensors._operands import Arguments
from kerascope.shapes.tensors._windows import channels_first, convolved

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("AffineTransform", "ElasticTransform", "GaussianBlur", "PerspectiveTransform")
def _moved(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(_images(call))


@operation("HSVToRGB", "RGBToGrayscale", "RGBToHSV")
def _colors(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    images = _images(call)
    at = _axes(layer, images.shape)[2]
    gray = layer.class_name == "RGBToGrayscale"
    allowed = (1, 3, None) if gray else (3, None)
    if images.shape[at] not in allowed:
        raise Invalid(f"the images have {images.shape[at]} channels, and {'1 or 3' if gray else '3'} are needed")
    return Result(Tensor(_placed(images.shape, {at: 1}) if gray else images.shape, images.dtype))


@operation("Resize")
def _resize(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    images = _images(call)
    height, width, _ = _axes(layer, images.shape)
    sizes = integers(layer.config["size"], "size")
    if len(sizes) != 2:
        raise Invalid(f"size is {list(sizes)}, and two numbers, height and width, are needed")
    return Result(Tensor(_placed(images.shape, {height: sizes[0], width: sizes[1]}), images.dtype))


@operation("PadImages")
def _pad(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _edged(layer, call, "padding", 1)


@operation("CropImages")
def _crop(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _edged(layer, call, "cropping", -1)


def _edged(layer: LayerConfig, call: Call, what: str, sign: int) -> Result:
    """Height and width as asked for, or with so much more, or less, on both sides."""
    images = _images(call)
    height, width, _ = _axes(layer, images.shape)
    new = {}
    for at, name, before, after in ((height, "height", "top", "bottom"), (width, "width", "left", "right")):
        size, target = images.shape[at], layer.config.get(f"target_{name}")
        edges = [layer.config.get(f"{edge}_{what}") for edge in (before, after)]
        known = [size_of(edge, f"{what} of the {name}") for edge in edges if edge is not None]
        if target is not None:
            new[at] = size_of(target, f"target_{name}")
            left = None if size is None else sign * (new[at] - size) - sum(known)
            if left is not None and len(known) < 2 and left < 0:
                raise Invalid(f"the {name} is {size}, which cannot become {new[at]} by {what}")
        elif size is not None:
            if len(known) < 2:
                raise Invalid(f"the {what} of the {name} is not given; give it on both sides, or target_{name}")
            new[at] = size + sign * sum(known)
            if min(known) < 0 or new[at] < 0:
                raise Invalid(f"the {name} is {size}, and {what} by {known} leaves {new[at]}")
        elif sign < 0:
            raise Invalid(f"the {name} of the images is open, and Keras needs target_{name} then")
    return Result(Tensor(_placed(images.shape, new), images.dtype))


@operation("ExtractPatches")
def _patches(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Every window as the channels of one pixel."""
    images = Arguments(call, "images").tensor("images")
    size = integers(layer.config["size"], "size")
    size = size * 2 if len(size) == 1 else size
    first = channels_first(layer)
    alone = len(images.shape) == len(size) + 1
    shape: Shape = (1, *images.shape) if alone else images.shape
    if len(shape) != len(size) + 2:
        raise Invalid(f"the images have shape {images.shape}, and {len(size) + 1} or {len(size) + 2} axes are needed")
    filters = elements((*size, shape[1 if first else -1]))
    strides = layer.config.get("strides")
    config = {**layer.config, "strides": list(size) if strides is None else strides}
    found = convolved(replace(layer, config=config), shape, size, filters)
    return Result(Tensor(found[1:] if alone else found, images.dtype))


@operation("MapCoordinates")
def _coordinates(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "inputs", "coordinates")
    inputs, coordinates = given.tensor("inputs"), given.shape("coordinates")
    if len(coordinates) < 2 or coordinates[0] != len(inputs.shape):
        raise Invalid(f"the coordinates have shape {coordinates}, and {len(inputs.shape)} rows of them are needed")
    return Result(Tensor(coordinates[1:], inputs.dtype))


@operation("ScaleAndTranslate")
def _scaled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "images", "output_shape")
    return Result(Tensor(integers(given.get("output_shape"), "output_shape"), given.tensor("images").dtype))


@operation("SobelEdges")
def _sobel(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    images = Arguments(call, "images").tensor("images")
    if len(images.shape) != 4:
        raise Invalid(f"the images have shape {images.shape}, and four axes are needed")
    return Result(Tensor((*images.shape, 2), images.dtype))


@operation("SSIM")
def _ssim(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "image1", "image2")
    one, other = given.shape("image1"), given.shape("image2")
    if len(one) not in (3, 4) or len(other) not in (3, 4):
        raise Invalid(f"the images have shapes {one} and {other}, and three or four axes are needed")
    return Result(Tensor(one[:1] if len(one) == 4 else ()))


def _images(call: Call) -> Tensor:
    images = Arguments(call, "images").tensor("images")
    if len(images.shape) not in (3, 4):
        raise Invalid(f"the images have shape {images.shape}, and three axes (one image) or four are needed")
    return images


def _axes(layer: LayerConfig, shape: Shape) -> tuple[int, int, int]:
    """The axes of height, width and channels."""
    rank = len(shape)
    if channels_first(layer):
        return rank - 2, rank - 1, rank - 3
    return rank - 3, rank - 2, rank - 1


def _placed(shape: Shape, sizes: dict[int, int]) -> Shape:
    return tuple(sizes.get(at, size) for at, size in enumerate(shape))
