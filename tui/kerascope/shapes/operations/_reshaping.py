"""Operations that give a tensor other axes: reshape, transpose, squeeze, repeat, pad.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/core.py`, `ops/nn.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import MOST_DIMENSIONS, Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments
from kerascope.shapes.tensors._windows import channels_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("Reshape")
def _reshape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    new = layer.config["newshape"]
    return Result(Tensor(_reshaped(x.shape, new if isinstance(new, (list, tuple)) else [new]), x.dtype))


def _reshaped(shape: Shape, new: Sequence[object]) -> Shape:
    """Another shape for as many numbers; one size may be -1 for what is left (`compute_reshape_output_shape`)."""
    if len(new) > MOST_DIMENSIONS:
        raise Unknown(f"its new shape has {len(new):,} sizes, and {MOST_DIMENSIONS} dimensions are the most")
    sizes = [size if isinstance(size, int) else None for size in new]
    if any(size is not None and size < -1 for size in sizes) or sizes.count(-1) > 1:
        raise Invalid(f"the new shape is {tuple(sizes)}, and sizes must be positive, with -1 for at most one of them")
    total = algebra.elements(shape)
    if total is None or None in sizes:
        return tuple(None if size == -1 else size for size in sizes)
    known = math.prod(size for size in sizes if size is not None and size != -1)
    if (-1 in sizes and (known == 0 or total % known)) or (-1 not in sizes and known != total):
        raise Invalid(f"shape {shape} has {total:,} numbers, which cannot be given the shape {tuple(sizes)}")
    return tuple(total // known if size == -1 else size for size in sizes)


@operation("Ravel")
def _ravel(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    return Result(Tensor((algebra.elements(x.shape),), x.dtype))


@operation("ExpandDims")
def _expand(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    axis = layer.config["axis"]
    return Result(Tensor(algebra.expanded(x.shape, len(x.shape) if axis is None else axis), x.dtype))


@operation("Squeeze")
def _squeeze(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    return Result(Tensor(algebra.squeezed(x.shape, layer.config.get("axis")), x.dtype))


@operation("Transpose")
def _transpose(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    return Result(Tensor(algebra.transposed(x.shape, layer.config.get("axes")), x.dtype))


@operation("Swapaxes")
def _swap(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    return Result(Tensor(_swapped(x.shape, layer.config["axis1"], layer.config["axis2"]), x.dtype))


@operation("Rot90")
def _rot90(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Both axes change places, whatever the number of turns: so Keras 3.15 has it."""
    x = Arguments(call, "array").tensor("array")
    one, other = algebra.integers(layer.config.get("axes", (0, 1)), "axes")
    if len(x.shape) < 2 or one == other:
        raise Invalid(f"axes {one} and {other} of {x.shape} cannot be turned; two different axes are needed")
    return Result(Tensor(_swapped(x.shape, one, other), x.dtype))


def _swapped(shape: Shape, one: object, other: object) -> Shape:
    first, second = algebra.axis_of(one, len(shape)), algebra.axis_of(other, len(shape))
    sizes = list(shape)
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes)


@operation("Moveaxis")
def _move(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    rank = len(x.shape)
    sources = algebra.axes_of(layer.config["source"], rank)
    targets = algebra.axes_of(layer.config["destination"], rank)
    if len(sources) != len(targets):
        raise Invalid(f"{len(sources)} axes are moved to {len(targets)} places; as many places as axes are needed")
    placed = dict(zip(targets, sources, strict=True))
    left = iter(axis for axis in range(rank) if axis not in sources)
    return Result(Tensor(tuple(x.shape[placed[at] if at in placed else next(left)] for at in range(rank)), x.dtype))


@operation("Repeat")
def _repeat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Each element so often, or each as often as the list says."""
    x = Arguments(call, "x").tensor("x")
    times = algebra.integers(layer.config["repeats"], "repeats")
    axis = layer.config.get("axis")
    shape: Shape = (algebra.elements(x.shape),) if axis is None else x.shape
    along = 0 if axis is None else algebra.axis_of(axis, len(shape))
    size = shape[along]
    if size is not None and len(times) not in (1, size):
        raise Invalid(f"{len(times)} numbers of repeats are given for {size} elements; one, or one for each, is needed")
    total = None if size is None else size * times[0] if len(times) == 1 else sum(times)
    return Result(Tensor((*shape[:along], total, *shape[along + 1 :]), x.dtype))


@operation("Tile")
def _tile(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    return Result(Tensor(algebra.tiled(x.shape, algebra.integers(layer.config["repeats"], "repeats")), x.dtype))


@operation("Pad")
def _pad(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The same padding everywhere, or a pair for each axis."""
    x = Arguments(call, "x").tensor("x")
    given = layer.config["pad_width"]
    pairs = list(given) if isinstance(given, (list, tuple)) else [given, given]
    each = [algebra.integers(pair, "pad_width") for pair in ([pairs] if isinstance(pairs[0], int) else pairs)]
    return Result(Tensor(algebra.padded(x.shape, each * len(x.shape) if len(each) == 1 else each), x.dtype))


@operation("BroadcastTo")
def _broadcast_to(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    shape = algebra.stated(layer.config["shape"])
    algebra.broadcast(x.shape, shape)
    return Result(Tensor(shape, x.dtype))


@operation("Full")
def _full(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(algebra.stated(layer.config["shape"])))


@operation("Scatter")
def _scatter(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(
        Tensor(algebra.stated(layer.config["shape"]), Arguments(call, "indices", "values").tensor("values").dtype)
    )


@operation("View")
def _view(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The same bytes as another dtype: the last axis grows or shrinks."""
    x = Arguments(call, "x").tensor("x")
    dtype = layer.config.get("dtype") or x.dtype
    widths = [_bytes(x.dtype), _bytes(dtype)]
    if widths[0] is None or widths[1] is None:
        raise Unknown(f"it looks at {x.dtype or 'an unknown dtype'} as {dtype}, and their sizes are not known")
    name = dtype if isinstance(dtype, str) else None
    if widths[0] == widths[1]:
        return Result(Tensor(x.shape, name))
    if not x.shape:
        raise Invalid("a scalar cannot be looked at as a dtype of another size")
    size = x.shape[-1]
    if size is not None and size * widths[0] % widths[1]:
        raise Invalid(f"{size} numbers of {x.dtype} cannot be looked at as whole numbers of {dtype}")
    return Result(Tensor((*x.shape[:-1], None if size is None else size * widths[0] // widths[1]), name))


def _bytes(dtype: object) -> int | None:
    if dtype == "bool":
        return 1
    bits = str(dtype).lstrip("abcdefghijklmnopqrstuvwxyz")
    return int(bits) // 8 if bits in ("8", "16", "32", "64", "128") else None


@operation("DepthToSpace", "SpaceToDepth")
def _depth(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Channels become blocks of pixels, or blocks of pixels channels."""
    x = Arguments(call, "x").tensor("x")
    if len(x.shape) != 4:
        raise Invalid(f"its input has shape {x.shape}, and four axes are needed")
    block = algebra.size_of(layer.config["block_size"], "block_size")
    first = channels_first(layer)
    batch, *rest = x.shape
    channels, height, width = rest if first else (rest[2], rest[0], rest[1])
    if layer.class_name == "DepthToSpace":
        channels, height, width = (
            algebra.divided(channels, block**2),
            algebra.times(height, block),
            algebra.times(width, block),
        )
    else:
        channels, height, width = (
            algebra.times(channels, block**2),
            algebra.divided(height, block),
            algebra.divided(width, block),
        )
    return Result(Tensor((batch, channels, height, width) if first else (batch, height, width, channels), x.dtype))
