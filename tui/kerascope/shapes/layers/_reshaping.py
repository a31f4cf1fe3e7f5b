"""Layers that put the same numbers, or copies of them, into another shape."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import MOST_DIMENSIONS, Call, Infer, Invalid, Result, Unknown
from kerascope.shapes.layers._arguments import gives, one_tensor, sizes, spatial, unchanged, whole
from kerascope.shapes.tensors._windows import apart, channels_first, joined

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Tensor

__all__: list[str] = []


@rule("Reshape")
def reshape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The sizes that are asked for, -1 worked out from the others; the batch dimension stays."""
    tensor = one_tensor(layer, call, at_least=1)
    target = layer.config.get("target_shape")
    if not isinstance(target, (list, tuple)):
        raise Unknown(f"its target_shape is {told(target)}, and a list of sizes is needed")
    if len(target) >= MOST_DIMENSIONS:
        raise Unknown(f"its target_shape has {len(target):,} sizes, and {MOST_DIMENSIONS} dimensions are the most")
    found = _fitted(layer, tensor.shape, tuple(target))
    return unchanged(layer, tensor, (tensor.shape[0], *found))


def _fitted(layer: LayerConfig, shape: Shape, target: Shape) -> Shape:
    """A target shape for one sample, with -1 worked out where the sizes of the sample are fixed.

    Raises:
        Invalid: The sizes do not fit each other.
    """
    if target.count(-1) > 1 and (layer.generation == 3 or None not in shape[1:]):
        raise Invalid(f"{layer.class_name} has the target_shape {target}, expected -1 at most once")
    if any(size is not None and size < -1 for size in target):
        raise Invalid(f"{layer.class_name} has the target_shape {target}, expected no size below -1")
    inputs = [size for size in shape[1:] if size is not None]
    asked = [size for size in target if size is not None]
    if len(inputs) < len(shape) - 1 or len(asked) < len(target):
        if layer.generation != 3 and shape.count(None) == 1 and shape[0] is not None and -1 not in target:
            _divide(layer, shape, prod(asked), prod(inputs))
        return tuple(None if size == -1 else size for size in target)
    total, others = prod(inputs), prod(size for size in asked if size != -1)
    if -1 in asked and others and total % others == 0:
        return tuple(total // others if size == -1 else size for size in asked)
    if -1 in asked or total != others:
        raise refuse(
            layer,
            f"sizes that fit the target_shape {target}: it has {total:,} numbers, and {others:,} are needed",
            shape,
        )
    return target


def _divide(layer: LayerConfig, shape: Shape, asked: int, came: int) -> None:
    """What TensorFlow makes sure of, when one size is open: that there is one which fits."""
    if came and asked % came:
        raise refuse(layer, f"sizes whose product divides the {asked} numbers of its target_shape", shape)


@rule("Flatten")
def flatten(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """All sizes but the batch's in one."""
    tensor = one_tensor(layer, call, at_least=1)
    rest = [size for size in tensor.shape[1:] if size is not None]
    size = prod(rest) if len(rest) == len(tensor.shape) - 1 else None
    return unchanged(layer, tensor, (tensor.shape[0], size))


@rule("Permute")
def permute(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The axes after the batch's in another order, counted from 1."""
    dims = layer.config.get("dims")
    if not isinstance(dims, (list, tuple)) or sorted(dims) != list(range(1, len(dims) + 1)):
        raise Invalid(f"Permute has the dims {told(dims)}, expected each axis once, from 1 on")
    tensor = one_tensor(layer, call, rank=len(dims) + 1)
    return unchanged(layer, tensor, (tensor.shape[0], *(tensor.shape[axis] for axis in dims)))


@rule("RepeatVector")
def repeat_vector(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A vector, n times."""
    tensor = one_tensor(layer, call, rank=2)
    return _moved(layer, tensor, (tensor.shape[0], whole(layer, "n"), tensor.shape[1]))


@rule("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Less at both ends of each spatial axis."""
    tensor, first = _spatial_tensor(layer, call)
    lead, channels, found = apart(tensor.shape, spatial(layer), first)
    cut = tuple(before + after for before, after in _pairs(layer, "cropping"))
    if spatial(layer) == 3 and layer.generation != 3:
        # Keras 2 looks at images and sequences only; of volumes it cuts off what there is.
        out = tuple(None if size is None else max(size - less, 0) for size, less in zip(found, cut, strict=True))
        return unchanged(layer, tensor, joined(lead, channels, out, first))
    if any(size is not None and size <= less for size, less in zip(found, cut, strict=True)):
        raise refuse(layer, f"spatial sizes larger than the {cut} to cut off", tensor.shape)
    out = tuple(None if size is None else size - less for size, less in zip(found, cut, strict=True))
    return _moved(layer, tensor, joined(lead, channels, out, first))


@rule("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """More at both ends of each spatial axis."""
    tensor, first = _spatial_tensor(layer, call)
    lead, channels, found = apart(tensor.shape, spatial(layer), first)
    added = tuple(before + after for before, after in _pairs(layer, "padding"))
    out = tuple(None if size is None else size + more for size, more in zip(found, added, strict=True))
    return _moved(layer, tensor, joined(lead, channels, out, first))


@rule("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Each spatial axis so many times as long."""
    times = sizes(layer, "size", spatial(layer), 2)
    if min(times) < 1:
        raise Invalid(f"{layer.class_name} has the size {times}, expected positive numbers")
    if layer.generation != 3 and spatial(layer) == 3:
        return _repeated(layer, call, times)
    tensor, first = _spatial_tensor(layer, call)
    lead, channels, found = apart(tensor.shape, spatial(layer), first)
    out = tuple(None if size is None else size * more for size, more in zip(found, times, strict=True))
    if spatial(layer) == 2 and layer.generation != 3 and None in found:
        # Keras 2 takes both sizes from the data then.
        out = (None, None)
    return _moved(layer, tensor, joined(lead, channels, out, first))


def _repeated(layer: LayerConfig, call: Call, times: tuple[int, ...]) -> Result:
    """What Keras 2 makes of volumes: it looks at three axes, and not at how many there are."""
    begin = 2 if channels_first(layer) else 1
    tensor = one_tensor(layer, call, at_least=begin + 3)
    shape = list(tensor.shape)
    for axis, more in enumerate(times, begin):
        size = shape[axis]
        shape[axis] = None if size is None else size * more
    return unchanged(layer, tensor, tuple(shape))


def _spatial_tensor(layer: LayerConfig, call: Call) -> tuple[Tensor, bool]:
    """What it is called on, and whether channels stand first: only Keras 3 pads sequences so."""
    first = channels_first(layer) and (spatial(layer) > 1 or layer.generation == 3)
    return one_tensor(layer, call, rank=spatial(layer) + 2), first


def _pairs(layer: LayerConfig, key: str) -> tuple[tuple[int, int], ...]:
    """What is cut off or added before and after each spatial axis: one number, one for each axis, or pairs."""
    count, value = spatial(layer), layer.config.get(key, 1)
    pairs: tuple[tuple[int, int], ...]
    if count == 1:
        before, after = sizes(layer, key, 2, 1)
        pairs = ((before, after),)
    elif isinstance(value, int):
        pairs = ((value, value),) * count
    elif isinstance(value, (list, tuple)) and len(value) == 4 and count == 2 and layer.generation == 1:
        top, bottom, left, right = sizes(layer, key, 4)
        pairs = ((top, bottom), (left, right))
    elif isinstance(value, (list, tuple)) and len(value) == count:
        pairs = tuple((item, item) if isinstance(item, int) else (int(item[0]), int(item[1])) for item in value)
    else:
        raise Unknown(
            f"its {key} is {told(value)}, and a number, or a pair of them, for each of {count} axes is needed"
        )
    if any(size < 0 for pair in pairs for size in pair):
        raise Invalid(f"{layer.class_name} has the {key} {pairs}, expected no negative number")
    return pairs


def _moved(layer: LayerConfig, tensor: Tensor, shape: Shape) -> Result:
    return gives(layer, shape) if layer.generation == 3 else unchanged(layer, tensor, shape)
