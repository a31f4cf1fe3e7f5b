"""TensorFlow functions that give a tensor another shape: reshape, transpose, index, join, cut, repeat, pad.

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
from kerascope.shapes.tensors._operands import Arguments, indexed, operand, outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__ = ["reshaped"]


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


@function("__operators__.getitem")
def get_item(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "tensor", "slice_spec")
    if layer.config["function"] == "strided_slice":
        raise Unknown("begin, end and strides are not followed, only an index in brackets")
    x, key = given.tensor("tensor"), given.get("slice_spec")
    return Result(Tensor(indexed(x.shape, key), x.dtype, _value_at(x, key)))


def _value_at(x: Tensor, key: object) -> int | tuple[int | None, ...] | None:
    """What is known of a part of a shape."""
    if not isinstance(x.value, tuple):
        return None
    if isinstance(key, (list, tuple)) and len(key) == 1:
        key = key[0]
    if isinstance(key, int):
        return x.value[key]
    if isinstance(key, dict) and set(key) == {"start", "stop", "step"}:
        bounds = [number(key[part]) for part in ("start", "stop", "step")]
        if all(bound is not None or key[part] is None for part, bound in zip(key, bounds, strict=True)):
            return x.value[slice(*bounds)]
    return None


@function("reshape")
def reshape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
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
    given = Arguments(call, "a", "perm")
    x = operand(call.first, "its input")
    return Result(Tensor(algebra.transposed(x.shape, axes(given.get("perm", given.get("pattern")))), x.dtype))


@function("concat")
def concat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors one after the other; what one leaves open in another axis, another may know."""
    given = Arguments(call, "values", "axis")
    first = call.first
    if not isinstance(first, (list, tuple)):
        # One tensor alone: there is nothing to join.
        x = operand(first, "values")
        return Result(Tensor(x.shape, x.dtype))
    tensors = [operand(each, "a value") for each in first]
    axis = whole(given.get("axis", -1), "axis")
    shape = algebra.concatenated([tensor.shape for tensor in tensors], axis)
    along = algebra.axis_of(axis, len(shape))
    rest = merged([algebra.without(tensor.shape, along) for tensor in tensors])
    values = [each.value if isinstance(each, Tensor) else sizes(each, "a value") for each in first]
    known = sum((value for value in values if isinstance(value, tuple)), ()) if len(shape) == 1 else None
    return Result(
        Tensor(
            (*rest[:along], shape[along], *rest[along:]),
            next((tensor.dtype for tensor in tensors if tensor.dtype), None),
            known if known is not None and len(known) == shape[0] else None,
        )
    )


@function("stack")
def stack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "values", "axis")
    first = call.first
    if not isinstance(first, (list, tuple)):
        raise Unknown("what it stacks is one tensor, taken apart")
    tensors = [operand(each, "a value") for each in first]
    whole_shape = algebra.stacked([tensor.shape for tensor in tensors], whole(given.get("axis", 0), "axis"))
    place = algebra.axis_of(given.get("axis", 0), len(whole_shape))
    rest = merged([tensor.shape for tensor in tensors])
    value = tuple(number(each) for each in first) if not rest and _are_sizes(first) else None
    dtype = next((tensor.dtype for tensor in tensors if tensor.dtype), None)
    return Result(Tensor((*rest[:place], len(tensors), *rest[place:]), dtype, value))


def _are_sizes(values: Sequence[object]) -> bool:
    return all(each.dtype == "int32" if isinstance(each, Tensor) else type(each) is int for each in values)


@function("unstack")
def unstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "value", "num", "axis")
    x = given.tensor("value")
    axis = algebra.axis_of(given.get("axis", 0), len(x.shape))
    count = number(given.get("num")) or x.shape[axis]
    if count is None:
        raise Invalid(f"axis {axis} of {x.shape} has an open size: give num, the number of tensors")
    if count > algebra.MOST_OUTPUTS:
        raise Unknown(f"it is taken apart into {count:,} tensors, and at most {algebra.MOST_OUTPUTS:,} are followed")
    values = x.value if isinstance(x.value, tuple) else (None,) * count
    shape = algebra.without(x.shape, axis)
    return Result([Tensor(shape, x.dtype, values[at]) for at in range(count)])


@function("split")
def split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many equal parts, or parts of these sizes, of which -1 is what is left."""
    given = Arguments(call, "value", "num_or_size_splits", "axis")
    x, parts = given.tensor("value"), given.get("num_or_size_splits")
    axis = algebra.axis_of(whole(given.get("axis", 0), "axis"), len(x.shape))
    if not isinstance(parts, (list, tuple)):
        count = whole(parts, "the number of parts")
        return outputs(algebra.split(x.shape, count, axis), x.dtype)
    lengths = list(sizes(parts, "the sizes of the parts"))
    size = x.shape[axis]
    if -1 in lengths:
        known = [length for length in lengths if length != -1]
        open_ = size is None or None in known
        left = None if open_ else (size or 0) - sum(length for length in known if length is not None)
        lengths[lengths.index(-1)] = left
    return outputs([(*x.shape[:axis], length, *x.shape[axis + 1 :]) for length in lengths], x.dtype)


@function("tile")
def tile(layer: LayerConfig, call: Call, infer: Infer) -> Result:
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
    given = Arguments(call, "input", "shape")
    x, shape = operand(call.first, "its input"), sizes(given.get("shape"), "the new shape")
    if len(shape) < len(x.shape):
        raise Invalid(f"shape {x.shape} has more axes than {shape}, the shape that it is stretched to")
    return Result(Tensor(shape, x.dtype))


@function("fill", "ones", "zeros")
def filled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "dims")
    shape = sizes(given.get("dims", given.get("shape")), "the shape")
    return Result(Tensor(tuple(None if size == -1 else size for size in shape)))


@function("random.normal", "random.truncated_normal", "random.uniform")
def drawn(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(sizes(Arguments(call, "shape").get("shape"), "the shape")))


@function("slice")
def slice_(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many from a place on; -1 for all that is left."""
    given = Arguments(call, "input_", "begin", "size")
    x = operand(call.first, "its input")
    begin, size = sizes(given.get("begin"), "begin"), sizes(given.get("size"), "size")
    if not len(begin) == len(size) == len(x.shape):
        raise Invalid(f"its input has shape {x.shape}; as many places to begin at, and sizes, are needed")
    found = [
        (None if whole_size is None or start is None else whole_size - start) if length == -1 else length
        for whole_size, start, length in zip(x.shape, begin, size, strict=True)
    ]
    return Result(Tensor(tuple(found), x.dtype))


@function("gather")
def gather(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the indices in the place of the axis, less the axes both have in common."""
    given = Arguments(call, "params", "indices")
    x, indices = operand(call.first, "params"), given.shape("indices")
    common = whole(given.get("batch_dims") or 0, "batch_dims")
    common = common + len(indices) if common < 0 else common
    axis = given.get("axis")
    along = common if axis is None else algebra.axis_of(whole(axis, "axis"), len(x.shape))
    return Result(Tensor((*x.shape[:along], *indices[common:], *x.shape[along + 1 :]), x.dtype))


@function("nn.embedding_lookup")
def embedding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "params", "ids")
    x = given.tensor("params")
    return Result(Tensor((*given.shape("ids"), *x.shape[1:]), x.dtype))


@function("gather_nd")
def gather_nd(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The last axis of the indices names so many axes of the tensor."""
    given = Arguments(call, "params", "indices")
    x, indices = operand(call.first, "params"), given.shape("indices")
    common = whole(given.get("batch_dims") or 0, "batch_dims")
    named = indices[-1]
    if named is None:
        raise Unknown("how many axes its indices name is open")
    return Result(Tensor((*indices[:-1], *x.shape[common + named :]), x.dtype))


@function("boolean_mask")
def boolean_mask(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Where the mask holds, one after the other, in the place of the axes that it covers."""
    given = Arguments(call, "tensor", "mask")
    x, mask = operand(call.first, "its input"), given.shape("mask")
    axis = whole(given.get("axis") or 0, "axis")
    return Result(Tensor((*x.shape[:axis], None, *x.shape[axis + len(mask) :]), x.dtype))


@function("scatter_nd")
def scatter_nd(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "indices", "updates", "shape")
    return Result(Tensor(sizes(given.get("shape"), "the shape"), given.tensor("updates").dtype))


@function("one_hot")
def one_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "indices", "depth")
    indices = operand(call.first, "indices").shape
    axis = given.get("axis")
    place = algebra.axis_of(-1 if axis is None else axis, len(indices) + 1)
    depth = number(given.get("depth", given.get("num_classes")))
    return Result(Tensor((*indices[:place], depth, *indices[place:])))


@function("range")
def range_(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "start", "limit", "delta")
    start, limit, delta = (given.get(name) for name in ("start", "limit", "delta"))
    if limit is None:
        start, limit = 0, start
    bounds = [number(bound) for bound in (start, limit, 1 if delta is None else delta)]
    if bounds[2] == 0:
        raise Invalid("the step is 0; give another one")
    known = [bound for bound in bounds if bound is not None]
    count = None if len(known) < 3 else max(0, math.ceil((known[1] - known[0]) / known[2]))
    return Result(Tensor((count,)))


@function("linspace")
def linspace(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "start", "stop", "num")
    shape = given.shape("start")
    place = algebra.axis_of(given.get("axis", 0), len(shape) + 1)
    return Result(Tensor((*shape[:place], number(given.get("num")), *shape[place:])))


@function("meshgrid")
def meshgrid(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    raise Unknown("Keras 2 did not write all of its operands into the file")


@function("reverse_sequence")
def reverse_sequence(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = operand(call.first, "its input")
    return Result(Tensor(x.shape, x.dtype))


@function("sequence_mask")
def sequence_mask(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "lengths", "maxlen")
    return Result(Tensor((*given.shape("lengths"), number(given.get("maxlen")))))


@function("ensure_shape")
def ensure_shape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
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
        new = (batch, _times(height, block), _times(width, block), _over(channels, block**2))
    else:
        new = (batch, _over(height, block), _over(width, block), _times(channels, block**2))
    return Result(Tensor(new, x.dtype))


def _times(size: int | None, factor: int) -> int | None:
    return None if size is None else size * factor


def _over(size: int | None, factor: int) -> int | None:
    if size is not None and size % factor:
        raise Invalid(f"a size is {size}, which cannot be divided by {factor}")
    return None if size is None else size // factor


@function("nn.crelu")
def doubled(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """What is positive, and what is negative, one after the other."""
    x = operand(call.first, "its input")
    axis = algebra.axis_of(call.kwargs.get("axis", -1), len(x.shape))
    return Result(Tensor((*x.shape[:axis], _times(x.shape[axis], 2), *x.shape[axis + 1 :]), x.dtype))


@function("random.categorical")
def categorical(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "logits", "num_samples")
    return Result(Tensor((given.shape("logits")[0], number(given.get("num_samples")))))


@function("image.random_crop")
def random_crop(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "value", "size")
    shape = tuple(None if size == -1 else size for size in sizes(given.get("size"), "size"))
    return Result(Tensor(shape, given.tensor("value").dtype))


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
    x = operand(call.first, "its input")
    if str(layer.config["function"]).endswith("batch_flatten"):
        # Its new shape is computed in a way that Keras does not follow.
        return Result(Tensor((None, None), x.dtype))
    return Result(Tensor((algebra.elements(x.shape),), x.dtype))
