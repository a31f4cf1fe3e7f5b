"""TensorFlow functions on images: convolutions, pooling, resizing.

Source: shape functions of TensorFlow 2.21 (`Conv2DShape`, `MaxPoolShape`, `ResizeShape`), which Keras 2 traces.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import told
from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._values import sizes, whole
from kerascope.shapes.tensors._algebra import elements, integers
from kerascope.shapes.tensors._operands import Arguments, operand
from kerascope.shapes.tensors._windows import check_kernel, convolved, pooled

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@function("nn.conv1d", "nn.conv2d", "nn.conv3d", "nn.convolution", "nn.depthwise_conv2d", "nn.separable_conv2d")
def convolution(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A convolution with a kernel among the arguments."""
    given = Arguments(call, "input", "filters")
    x = operand(call.first, "its input")
    name = str(layer.config["function"]).rpartition(".")[2]
    kernel = given.shape(next((key for key in ("filters", "filter", "depthwise_filter") if given.has(key)), "filters"))
    filters = elements(kernel[-2:]) if name == "depthwise_conv2d" else kernel[-1]
    if name == "separable_conv2d":
        filters = given.shape("pointwise_filter")[-1]
    elif name != "depthwise_conv2d":
        check_kernel(x.shape, kernel, _first(call))
    strides = given.get("strides", given.get("stride"))
    dilations = next((given.get(key) for key in ("dilations", "dilation_rate", "rate") if given.has(key)), None)
    config = _config(call, len(x.shape), strides, dilations)
    return Result(Tensor(convolved(replace(layer, config=config), x.shape, kernel[:-2], filters), x.dtype))


@function(
    *("nn.avg_pool", "nn.avg_pool1d", "nn.avg_pool2d", "nn.avg_pool3d"),
    *("nn.max_pool", "nn.max_pool1d", "nn.max_pool2d", "nn.max_pool3d"),
)
def pooling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The largest or the mean number of each window."""
    given = Arguments(call, "input", "ksize", "strides", "padding")
    x = operand(call.first, "its input")
    config = _config(call, len(x.shape), given.get("strides"), None)
    config["pool_size"] = _spatial(given.get("ksize"), len(x.shape), _first(call))
    return Result(Tensor(pooled(replace(layer, config=config), x.shape), x.dtype))


def _config(call: Call, rank: int, strides: object, dilations: object) -> dict[str, object]:
    """What these arguments are in the words of a Keras layer."""
    padding = call.kwargs.get("padding", "VALID")
    if not isinstance(padding, str):
        raise Unknown("padding that is given number by number is not followed")
    if padding.upper() not in ("SAME", "VALID"):
        raise Invalid(f"padding is {told(padding)}, and SAME or VALID is needed")
    first = _first(call)
    return {
        "strides": 1 if strides is None else _spatial(strides, rank, first),
        "dilation_rate": 1 if dilations is None else _spatial(dilations, rank, first),
        "padding": padding.lower(),
        "data_format": "channels_first" if first else "channels_last",
    }


def _spatial(value: object, rank: int, first: bool) -> list[int]:
    """A number for each spatial axis: given as one, one for each, or one for every axis of the tensor."""
    numbers = list(integers(value, "strides or ksize"))
    count = rank - 2
    if len(numbers) == rank:
        return numbers[2:] if first else numbers[1:-1]
    return numbers * count if len(numbers) == 1 else numbers


def _first(call: Call) -> bool:
    return str(call.kwargs.get("data_format") or "").startswith("NC")


@function("nn.conv1d_transpose", "nn.conv2d_transpose", "nn.conv3d_transpose")
def transposed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The output shape is among its arguments; in two dimensions, the batch size is that of the input."""
    given = Arguments(call, "input", "filters", "output_shape")
    x, shape = operand(call.first, "its input"), sizes(given.get("output_shape"), "output_shape")
    if not str(layer.config["function"]).endswith("3d_transpose"):
        shape = (x.shape[0], *shape[1:])
    return Result(Tensor(shape, x.dtype))


@function(
    *("image.resize", "image.resize_bilinear", "image.resize_bicubic", "image.resize_nearest_neighbor"),
    *("image.resize_area", "image.resize_images", "image.resize_with_pad", "image.resize_image_with_pad"),
)
def resize(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Another height and width; what nearest neighbours give keeps its dtype, other methods give floats."""
    given = Arguments(call, "images", "size")
    x = operand(call.first, "its input")
    name = str(layer.config["function"])
    if name.endswith("_with_pad"):
        new: Shape = (
            whole(given.get("target_height"), "target_height"),
            whole(given.get("target_width"), "target_width"),
        )
    else:
        new = sizes(given.get("size"), "size")
    if len(x.shape) not in (3, 4) or len(new) != 2:
        raise Invalid(f"images of shape {x.shape} are resized to {new}; three or four axes, and two sizes, are needed")
    if given.get("preserve_aspect_ratio"):
        raise Unknown("its sizes keep the aspect ratio of the image, and that is not followed")
    return Result(Tensor((*x.shape[:-3], *new, x.shape[-1])))


@function("image.rgb_to_grayscale", "image.grayscale_to_rgb")
def channels(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One channel, or three."""
    x = operand(call.first, "its input")
    return Result(Tensor((*x.shape[:-1], 1 if str(layer.config["function"]).endswith("grayscale") else 3), x.dtype))


@function("image.crop_to_bounding_box", "image.pad_to_bounding_box", "image.resize_with_crop_or_pad")
def boxed(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Another height and width, by cropping or padding."""
    given = Arguments(call, "image")
    x = operand(call.first, "its input")
    new = [whole(given.get(f"target_{name}"), f"target_{name}") for name in ("height", "width")]
    return Result(Tensor((*x.shape[:-3], *new, x.shape[-1]), x.dtype))


@function("image.central_crop")
def central_crop(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The middle of the images."""
    raise Unknown("what is left depends on a fraction of the size")


@function("image.rot90")
def turned(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Images turned by right angles."""
    raise Unknown("which size is the height afterwards depends on the number of turns")


@function("image.transpose")
def transposed_image(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Height and width in each other's place."""
    x = operand(call.first, "its input")
    *batch, height, width, last = x.shape
    return Result(Tensor((*batch, width, height, last), x.dtype))


@function("image.extract_patches")
def patches(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Every window as the channels of one pixel."""
    given = Arguments(call, "images", "sizes", "strides", "rates", "padding")
    x = given.tensor("images")
    window = _spatial(given.get("sizes"), len(x.shape), False)
    config = _config(call, len(x.shape), given.get("strides"), given.get("rates"))
    filters = elements((*window, x.shape[-1]))
    return Result(Tensor(convolved(replace(layer, config=config), x.shape, tuple(window), filters), x.dtype))


@function("image.ssim", "image.psnr")
def quality(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number for each image."""
    return Result(Tensor(operand(call.first, "img1").shape[:-3], "float32"))


@function("image.crop_and_resize")
def crop_and_resize(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One image for each box, all of one size."""
    given = Arguments(call, "image", "boxes", "box_indices", "crop_size")
    shape = given.shape("image")
    new = sizes(given.get("crop_size"), "crop_size")
    return Result(Tensor((given.shape("boxes")[0], *new, shape[-1]), "float32"))
