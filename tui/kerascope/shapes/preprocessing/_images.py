"""Layers that resize, crop and augment images.

Source: `compute_output_shape` of Keras 3.15 (`layers/preprocessing/image_preprocessing`), `call` of tf-keras 2.21
(`image_preprocessing.py`), which Keras 2 traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Inner, Invalid, Result, Tensor, Unknown
from kerascope.shapes.layers._arguments import compute_dtype, gives, one_tensor, whole
from kerascope.shapes.layers._cells import serialized
from kerascope.shapes.tensors._windows import channels_first

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig, Structure
    from kerascope.graph import Shape
    from kerascope.shapes._types import Infer

__all__: list[str] = []

AUGMENTING = (
    *("AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "MixUp", "RandAugment"),
    *("RandomBrightness", "RandomColorJitter", "RandomContrast", "RandomElasticTransform", "RandomErasing"),
    *("RandomFlip", "RandomGaussianBlur", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization"),
    *("RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom"),
    "Solarization",
)


@rule(*AUGMENTING, generations=(3,))
def augmented(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shapes of what it takes: images, or a dict of images, labels and boxes."""
    return Result(_cast(call.first, compute_dtype(layer)))


@rule("Equalization", "RandomGrayscale", generations=(3,))
def same(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The images as they are, dtype and all."""
    given = one_tensor(layer, call)
    return Result(Tensor(given.shape, given.dtype))


@rule("RandomColorDegeneration", generations=(3,))
def degenerated(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Images of three channels."""
    shape = one_tensor(layer, call).shape
    if len(shape) not in (3, 4):
        raise refuse(layer, "3 or 4 dimensions", shape)
    if shape[-3 if channels_first(layer) else -1] not in (3, None):
        raise refuse(layer, "3 channels", shape)
    return gives(layer, shape)


def _cast(structure: Structure, dtype: str | None) -> Structure:
    if isinstance(structure, Tensor):
        return Tensor(structure.shape, dtype)
    if isinstance(structure, (list, tuple)):
        return [_cast(item, dtype) for item in structure]
    if isinstance(structure, Mapping):
        return {name: _cast(item, dtype) for name, item in structure.items()}
    raise Unknown("what it is called on is no tensor, and no dict of tensors")


@rule("Resizing", generations=(3,))
def resized(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Another height and width; a batch of images has four axes, all else is taken for one image."""
    shape = one_tensor(layer, call, at_least=2).shape
    at = (1 if len(shape) == 4 else 0) + channels_first(layer)
    return gives(layer, _placed(layer, shape, at))


@rule("CenterCrop", generations=(3,))
def cropped(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The middle of the images, of the height and width that are asked for."""
    shape = one_tensor(layer, call).shape
    if len(shape) not in (3, 4):
        raise refuse(layer, "3 or 4 dimensions", shape)
    return gives(layer, _placed(layer, shape, len(shape) - 3 + channels_first(layer)))


@rule("RandomCrop", generations=(3,))
def randomly_cropped(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A part of the images, of the height and width that are asked for."""
    shape = one_tensor(layer, call, at_least=2 if channels_first(layer) else 3).shape
    return gives(layer, _placed(layer, shape, len(shape) - (2 if channels_first(layer) else 3)))


def _placed(layer: LayerConfig, shape: Shape, at: int) -> Shape:
    """The shape with the height and width of the config from this axis on."""
    if len(shape) < at + 2:
        raise refuse(layer, f"at least {at + 2} dimensions", shape)
    return (*shape[:at], whole(layer, "height"), whole(layer, "width"), *shape[at + 2 :])


@rule("Resizing", "CenterCrop", "RandomCrop", generations=(2,))
def resized_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Another height and width; Keras 2 takes the channels to be last."""
    shape = one_tensor(layer, call).shape
    if len(shape) not in (3, 4):
        raise refuse(layer, "3 or 4 dimensions", shape)
    return gives(layer, _placed(layer, shape, len(shape) - 3))


@rule("RandomHeight", "RandomWidth", generations=(2, 3))
def stretched(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A height, or a width, that is another one each time."""
    shape = one_tensor(layer, call, at_least=3).shape
    if layer.generation == 2 and len(shape) > 4:
        raise refuse(layer, "3 or 4 dimensions", shape)
    at = len(shape) - (3 if layer.class_name == "RandomHeight" else 2)
    return gives(layer, (*shape[:at], None, *shape[at + 1 :]))


@rule(
    *("RandomBrightness", "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom"),
    generations=(2,),
)
def augmented_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the images."""
    shape = one_tensor(layer, call).shape
    if len(shape) not in (3, 4):
        raise refuse(layer, "3 or 4 dimensions", shape)
    return gives(layer, shape)


@rule("MaxNumBoundingBoxes", generations=(3,))
def limited(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many boxes and labels for each image."""
    given = call.first
    boxes = given.get("bounding_boxes") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(boxes, Mapping):
        return Result(_cast(given, compute_dtype(layer)))
    if not {"boxes", "labels"} >= set(boxes):
        raise Invalid("its bounding_boxes have other keys than boxes and labels")
    count, dtype = whole(layer, "max_number"), compute_dtype(layer)
    found: dict[str, Structure] = {}
    for name, tensor in boxes.items():
        if not isinstance(tensor, Tensor) or len(tensor.shape) < 2:
            raise Invalid(f"the {name} it is given are no tensor of at least 2 dimensions")
        found[name] = Tensor((tensor.shape[0], count, *tensor.shape[2:]), dtype)
    return Result({name: found if name == "bounding_boxes" else _cast(each, dtype) for name, each in given.items()})


@rule("Pipeline", generations=(3,))
def pipeline(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Its layers one after the other."""
    layers = layer.config.get("layers")
    if not isinstance(layers, (list, tuple)):
        raise Unknown("its layers are not in the file")
    inner: list[Inner] = []
    for item in layers:
        each = serialized(layer, item, "a layer")
        result = infer(each, call)
        inner.append(Inner(each, call, result))
        call = Call((result.output,))
    weights = [each.result.weights for each in inner if each.result is not None]
    total = None if None in weights else tuple(weight for own in weights for weight in own or ())
    return Result(call.first, total, tuple(inner))
