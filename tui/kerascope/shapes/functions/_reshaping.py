"""TensorFlow functions that give a tensor other axes: shape, reshape, transpose, squeeze, repeat, pad.

Source: shape functions of TensorFlow 2.21 (`Reshape`, `StridedSlice`, `ConcatV2`, ...), which Keras 2 traces.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kerascope.shapes._registry import function
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.functions._elementwise import merged
from kerascope.shapes.functions._values import axes, number, sizes, whole
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, operand

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@function("shape")
def shape_of(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The sizes of a tensor, which later layers may compute with."""
    x = operand(call.first, "its input")
    dtype = call.kwargs.get("out_type") or "int32"
    return Result(Tensor((len(x.shape),), str(dtype), x.shape if dtype == "int32" else None))


@function("rank", "size")
def counted(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number: of axes, or of elements."""
    x = operand(call.first, "its input")
    dtype = str(call.kwargs.get("out_type") or "int32")
    value = len(x.shape) if layer.config["function"] == "rank" else algebra.elements(x.shape)
    return Result(Tensor((), dtype, value if dtype == "int32" else None))


@function("reshape")
def reshape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The same numbers in another shape."""
    given = Arguments(call, "tensor", "shape")
    x = operand(call.first, "its input")
    return Result(Tensor(reshaped(x.shape, sizes(given.get("shape"), "the new shape")), x.dtype))


def reshaped(shape: Shape, new: Shape) -> Shape:
    """Another shape for as many numbers: one open size, or -1, is what is left, where all others are known.

    Raises:
        Invalid: The numbers do not fit.
    """
    if sum(size == -1 for size in new) > 1:
        raise Invalid(f"the new shape is {new}, and -1 can stand in it only once")
    found = [None if size == -1 else size for size in new]
    total = algebra.elements(shape)
    known = math.prod(size for size in found if size is not None)
    if total is None:
        return tuple(found)
    if None not in found:
        if known != total:
            raise Invalid(f"shape {shape} has {total:,} numbers, which cannot be given the shape {new}")
    elif found.count(None) == 1 and known:
        if total % known:
            raise Invalid(f"shape {shape} has {total:,} numbers, which cannot be given the shape {new}")
        found[found.index(None)] = total // known
    return tuple(found)


@function("expand_dims")
def expand(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A new axis of size 1."""
    given = Arguments(call, "input", "axis")
    x = operand(call.first, "its input")
    axis = given.get("axis", given.get("dim", -1 if "keras" in str(layer.config["function"]) else None))
    value = (x.value,) if isinstance(x.value, int) else None
    return Result(Tensor(algebra.expanded(x.shape, whole(axis, "axis")), x.dtype, value))


@function("squeeze")
def squeeze(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Axes of size 1 given up; which of them are, if none is named, an open size does not tell."""
    x = operand(call.first, "its input")
    given = Arguments(call, "input", "axis")
    axis = axes(given.get("axis", given.get("squeeze_dims")))
    if axis is None and None in x.shape:
        raise Unknown(f"which axes of {x.shape} have size 1 is open")
    return Result(Tensor(algebra.squeezed(x.shape, axis, open_too=True), x.dtype))


@function("transpose")
def transpose(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The axes in another order, or backwards."""
    given = Arguments(call, "a", "perm")
    x = operand(call.first, "its input")
    return Result(Tensor(algebra.transposed(x.shape, axes(given.get("perm", given.get("pattern")))), x.dtype))


@function("tile")
def tile(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The tensor repeated along each axis."""
    given = Arguments(call, "input", "multiples")
    x = operand(call.first, "its input")
    times = sizes(given.get("multiples", given.get("n")), "multiples")
    if len(times) != len(x.shape):
        raise Invalid(f"{len(times)} multiples are given for the axes of {x.shape}; one for each is needed")
    return Result(Tensor(algebra.tiled(x.shape, times), x.dtype))


@function("repeat")
def repeat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Each element so often, or each as often as the list says; without an axis, of all in a row."""
    given = Arguments(call, "input", "repeats", "axis")
    x = operand(call.first, "its input")
    times = given.get("repeats", given.get("rep"))
    axis = given.get("axis")
    shape: Shape = (algebra.elements(x.shape),) if axis is None else x.shape
    along = 0 if axis is None else algebra.axis_of(axis, len(shape))
    size = shape[along]
    total: int | None = None
    if isinstance(times, (list, tuple)) and len(times) > 1:
        each = sizes(times, "repeats")
        total = None if None in each else sum(time for time in each if time is not None)
    else:
        time = number(times)
        total = None if size is None or time is None else size * time
    return Result(Tensor((*shape[:along], total, *shape[along + 1 :]), x.dtype))


@function("pad")
def pad(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So much more before and after on each axis."""
    given = Arguments(call, "tensor", "paddings")
    x, pairs = operand(call.first, "its input"), given.get("paddings")
    if not isinstance(pairs, (list, tuple)) or len(pairs) != len(x.shape):
        raise Unknown("its padding is computed by the model")
    found: list[int | None] = []
    for size, pair in zip(x.shape, pairs, strict=True):
        before, after = sizes(pair, "a pair of padding")
        found.append(None if size is None or before is None or after is None else size + before + after)
    return Result(Tensor(tuple(found), x.dtype))


@function("broadcast_to")
def broadcast_to(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Stretched to the shape that is asked for."""
    given = Arguments(call, "input", "shape")
    x, shape = operand(call.first, "its input"), sizes(given.get("shape"), "the new shape")
    if len(shape) < len(x.shape):
        raise Invalid(f"shape {x.shape} has more axes than {shape}, the shape that it is stretched to")
    return Result(Tensor(shape, x.dtype))


@function("fill", "ones", "zeros")
def filled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One number everywhere, in the shape that is asked for."""
    given = Arguments(call, "dims")
    shape = sizes(given.get("dims", given.get("shape")), "the shape")
    return Result(Tensor(tuple(None if size == -1 else size for size in shape)))


@function("random.normal", "random.truncated_normal", "random.uniform")
def drawn(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Random numbers in the shape that is asked for."""
    return Result(Tensor(sizes(Arguments(call, "shape").get("shape"), "the shape")))


@function("ensure_shape")
def ensure_shape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The tensor, each size as whoever knows it has it."""
    given = Arguments(call, "x", "shape")
    x = given.tensor("x")
    return Result(Tensor(merged([x.shape, sizes(given.get("shape"), "the shape")]), x.dtype))


@function("nn.depth_to_space", "nn.space_to_depth")
def depth(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Channels become blocks of pixels, or blocks of pixels channels."""
    given = Arguments(call, "input", "block_size")
    x = given.tensor("input")
    if len(x.shape) != 4:
        raise Invalid(f"its input has shape {x.shape}, and four axes are needed")
    if given.get("data_format", "NHWC") not in (None, "NHWC"):
        raise Unknown("only channels at the end are followed")
    block = whole(given.get("block_size"), "block_size")
    batch, height, width, channels = x.shape
    if str(layer.config["function"]).endswith("depth_to_space"):
        new = (batch, algebra.times(height, block), algebra.times(width, block), algebra.divided(channels, block**2))
    else:
        new = (batch, algebra.divided(height, block), algebra.divided(width, block), algebra.times(channels, block**2))
    return Result(Tensor(new, x.dtype))


@function("nn.crelu")
def doubled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """What is positive, and what is negative, one after the other."""
    x = operand(call.first, "its input")
    axis = algebra.axis_of(call.kwargs.get("axis", -1), len(x.shape))
    return Result(Tensor((*x.shape[:axis], algebra.times(x.shape[axis], 2), *x.shape[axis + 1 :]), x.dtype))


@function("signal.frame")
def frame(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Frames of a signal along an axis; only whole ones, unless the end is padded."""
    given = Arguments(call, "signal", "frame_length", "frame_step")
    x = given.tensor("signal")
    axis = algebra.axis_of(given.get("axis", -1), len(x.shape))
    length, step = (whole(given.get(name), name) for name in ("frame_length", "frame_step"))
    count = _frames(x.shape[axis], length, step, bool(given.get("pad_end")))
    return Result(Tensor((*x.shape[:axis], count, length, *x.shape[axis + 1 :]), x.dtype))


def _frames(size: int | None, length: int, step: int, pad_end: bool) -> int | None:
    if size is None:
        return None
    return -(-size // step) if pad_end else max(0, 1 + (size - length) // step)


@function("signal.stft")
def stft(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Frames, and for each as many frequencies as the next power of two has."""
    given = Arguments(call, "signals", "frame_length", "frame_step")
    x = given.tensor("signals")
    length, step = (whole(given.get(name), name) for name in ("frame_length", "frame_step"))
    asked = number(given.get("fft_length"))
    points = asked if asked is not None else 1 << max(length - 1, 0).bit_length()
    count = _frames(x.shape[-1], length, step, bool(given.get("pad_end")))
    return Result(Tensor((*x.shape[:-1], count, points // 2 + 1)))


@function("keras.backend.batch_flatten")
def flatten(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A row for each sample; its sizes are computed in a way that Keras does not follow."""
    return Result(Tensor((None, None), operand(call.first, "its input").dtype))
