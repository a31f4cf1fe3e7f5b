"""Operations that give a tensor another shape: reshape, transpose, index, join, cut, repeat, pad.

Source: `compute_output_spec` of the operations of Keras 3.15 (`ops/numpy.py`, `ops/core.py`, `ops/nn.py`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kerascope.shapes._registry import operation
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.tensors import _algebra as algebra
from kerascope.shapes.tensors._operands import Arguments, indexed, operand, outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@operation("GetItem")
def _get_item(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x", "key")
    x = given.tensor("x")
    return Result(Tensor(indexed(x.shape, given.get("key")), x.dtype))


@operation("Reshape")
def _reshape(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    new = layer.config["newshape"]
    return Result(Tensor(_reshaped(x.shape, new if isinstance(new, (list, tuple)) else [new]), x.dtype))


def _reshaped(shape: Shape, new: Sequence[object]) -> Shape:
    """Another shape for as many numbers; one size may be -1 for what is left (`compute_reshape_output_shape`)."""
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


@operation("Concatenate")
def _concatenate(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, layer.config.get("axis", 0))


@operation("Hstack")
def _hstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, 1)


@operation("Vstack")
def _vstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _joined(call, 0)


def _joined(call: Call, axis: object) -> Result:
    xs = Arguments(call, "xs").tensors("xs")
    return Result(Tensor(algebra.concatenated([x.shape for x in xs], axis), _common([x.dtype for x in xs])))


@operation("Dstack")
def _dstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    xs = Arguments(call, "xs").tensors("xs")
    deep = [((1, 1, 1), (1, *x.shape, 1), (*x.shape, 1))[len(x.shape)] if len(x.shape) < 3 else x.shape for x in xs]
    return Result(Tensor(algebra.concatenated(deep, 2), _common([x.dtype for x in xs])))


@operation("Stack")
def _stack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    xs = Arguments(call, "x").tensors("x")
    return Result(
        Tensor(algebra.stacked([x.shape for x in xs], layer.config.get("axis", 0)), _common([x.dtype for x in xs]))
    )


@operation("Append")
def _append(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x1", "x2")
    one, other = given.shape("x1"), given.shape("x2")
    axis = layer.config.get("axis")
    if axis is None:
        counts = algebra.elements(one), algebra.elements(other)
        return Result(Tensor((None if None in counts else sum(count for count in counts if count is not None),)))
    return Result(Tensor(algebra.concatenated([one, other], axis)))


def _common(dtypes: list[str | None]) -> str | None:
    return dtypes[0] if len(set(dtypes)) == 1 else None


@operation("Split")
def _split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, layer.config.get("axis", 0), 0)


@operation("Hsplit")
def _hsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 0 if len(Arguments(call, "x").shape("x")) == 1 else 1, 1)


@operation("Vsplit")
def _vsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 0, 2)


@operation("Dsplit")
def _dsplit(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return _cut(layer, call, 2, 3)


def _cut(layer: LayerConfig, call: Call, axis: object, least: int) -> Result:
    x = Arguments(call, "x").tensor("x")
    if len(x.shape) < least:
        raise Invalid(f"its input has shape {x.shape}, and at least {least} axes are needed")
    return outputs(algebra.split(x.shape, layer.config["indices_or_sections"], axis), x.dtype)


@operation("ArraySplit")
def _array_split(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Parts as equal as can be, the first ones one longer."""
    x = Arguments(call, "x").tensor("x")
    along = algebra.axis_of(layer.config.get("axis", 0), len(x.shape))
    count = algebra.size_of(layer.config["indices_or_sections"], "the number of parts")
    if not 0 < count <= algebra.MOST_OUTPUTS:
        raise Unknown(f"it is cut into {count:,} parts, and 1 to {algebra.MOST_OUTPUTS:,} are followed")
    size = x.shape[along]
    lengths = [None if size is None else size // count + (part < size % count) for part in range(count)]
    return outputs([(*x.shape[:along], length, *x.shape[along + 1 :]) for length in lengths], x.dtype)


@operation("Unstack")
def _unstack(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    axis = algebra.axis_of(layer.config.get("axis", 0), len(x.shape))
    given = layer.config.get("num")
    count = x.shape[axis] if given is None else algebra.size_of(given, "num")
    if count is None:
        raise Invalid(
            f"axis {axis} of {x.shape} has an open size: give num, the number of tensors to take it apart into"
        )
    if count > algebra.MOST_OUTPUTS:
        raise Unknown(f"it is taken apart into {count:,} tensors, and at most {algebra.MOST_OUTPUTS:,} are followed")
    return outputs([algebra.without(x.shape, axis)] * count, x.dtype)


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
    shape = _shape(layer)
    algebra.broadcast(x.shape, shape)
    return Result(Tensor(shape, x.dtype))


@operation("Full")
def _full(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_shape(layer)))


@operation("Scatter")
def _scatter(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_shape(layer), Arguments(call, "indices", "values").tensor("values").dtype))


def _shape(layer: LayerConfig) -> Shape:
    given = layer.config["shape"]
    sizes = given if isinstance(given, (list, tuple)) else [given]
    return tuple(None if size is None else algebra.size_of(size, "a size") for size in sizes)


@operation("Slice")
def _slice(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """So many from a place on; -1 for all that is left."""
    given = Arguments(call, "inputs", "start_indices")
    x, shape, starts = given.tensor("inputs"), _shape(layer), given.get("start_indices")
    if len(shape) != len(x.shape) or (isinstance(starts, list) and len(starts) != len(x.shape)):
        raise Invalid(f"its input has shape {x.shape}; as many places to start at, and sizes, are needed")
    sizes = []
    for at, (size, wanted) in enumerate(zip(x.shape, shape, strict=True)):
        if wanted != -1:
            sizes.append(wanted)
        elif size is None or isinstance(starts, Tensor):
            sizes.append(None)
        else:
            sizes.append(size - algebra.integers(starts, "start_indices")[at])
    return Result(Tensor(tuple(sizes), x.dtype))


@operation("Take")
def _take(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The shape of the indices in the place of the axis."""
    given = Arguments(call, "x", "indices")
    x, indices, axis = given.tensor("x"), given.shape("indices"), layer.config.get("axis")
    if axis is None:
        return Result(Tensor(indices, x.dtype))
    along = algebra.axis_of(axis, len(x.shape))
    return Result(Tensor((*x.shape[:along], *indices, *x.shape[along + 1 :]), x.dtype))


@operation("TakeAlongAxis")
def _take_along(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "x", "indices")
    x, indices, axis = given.tensor("x"), given.shape("indices"), layer.config.get("axis")
    shape: Shape = (algebra.elements(x.shape),) if axis is None else x.shape
    if len(shape) != len(indices):
        raise Invalid(f"its input has shape {shape} and the indices {indices}; equal ranks are needed")
    along = 0 if axis is None else algebra.axis_of(axis, len(shape))
    found = algebra.broadcast((*shape[:along], indices[along], *shape[along + 1 :]), indices)
    return Result(Tensor(found, x.dtype))


@operation("Diag")
def _diag(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A matrix with this diagonal, or the diagonal of a matrix."""
    x = Arguments(call, "x").tensor("x")
    k = algebra.size_of(layer.config.get("k", 0), "k")
    if len(x.shape) not in (1, 2):
        raise Invalid(f"its input has shape {x.shape}, and one or two axes are needed")
    return Result(
        Tensor(_square(x.shape[0], k) if len(x.shape) == 1 else (_diagonal(x.shape[0], x.shape[1], k),), x.dtype)
    )


@operation("Diagflat")
def _diagflat(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x = Arguments(call, "x").tensor("x")
    k = algebra.size_of(layer.config.get("k", 0), "k")
    return Result(Tensor(_square(algebra.elements(x.shape), k), x.dtype))


def _square(size: int | None, k: int) -> Shape:
    return (None, None) if size is None else (size + abs(k),) * 2


@operation("Diagonal")
def _diagonal_of(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The diagonals of two axes as a last one."""
    x, (one, other) = Arguments(call, "x").tensor("x"), _two(layer, call)
    offset = algebra.size_of(layer.config.get("offset", 0), "offset")
    length = _diagonal(x.shape[one], x.shape[other], offset)
    return Result(Tensor((*algebra.without(x.shape, one, other), length), x.dtype))


@operation("Trace")
def _trace(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(algebra.without(Arguments(call, "x").shape("x"), *_two(layer, call))))


def _two(layer: LayerConfig, call: Call) -> tuple[int, int]:
    shape = Arguments(call, "x").shape("x")
    if len(shape) < 2:
        raise Invalid(f"its input has shape {shape}, and at least two axes are needed")
    one, other = (algebra.axis_of(layer.config.get(name, at), len(shape)) for at, name in enumerate(("axis1", "axis2")))
    if one == other:
        raise Invalid(f"axis1 and axis2 are both axis {one}; two different axes are needed")
    return one, other


def _diagonal(rows: int | None, columns: int | None, k: int) -> int | None:
    if rows is None or columns is None:
        return None
    return max(0, min(columns - k if k > 0 else rows + k, rows, columns))


@operation("OneHot")
def _one_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    return Result(Tensor(_with_classes(layer, Arguments(call, "x").shape("x")), None))


@operation("MultiHot")
def _multi_hot(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One-hot, then the largest along the second axis (the first, where there are only two)."""
    given = Arguments(call, "inputs").tensor("inputs")
    shape = _with_classes(layer, given.shape)
    return Result(Tensor(shape[-1:] if len(shape) == 2 else (*shape[:1], *shape[2:]), given.dtype))


def _with_classes(layer: LayerConfig, shape: Shape) -> Shape:
    axis = algebra.size_of(layer.config.get("axis", -1), "axis")
    classes = layer.config["num_classes"]
    count = None if classes is None else algebra.size_of(classes, "num_classes")
    if axis == -1:
        return (*shape, count)
    if not 0 <= axis < len(shape):
        raise Invalid(f"axis is {axis}, and -1 or 0 to {len(shape) - 1} is needed")
    return (*shape[:axis], count, *shape[axis:])


@operation("Arange")
def _arange(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    given = Arguments(call, "start", "stop", "step")
    start, stop, step = given.get("start"), given.get("stop"), given.get("step")
    if stop is None:
        start, stop = 0, start
    bounds = [number for number in (start, stop, 1 if step is None else step) if isinstance(number, (int, float))]
    if len(bounds) < 3:
        raise Unknown("how many numbers it gives depends on a tensor")
    if bounds[2] == 0:
        raise Invalid("the step is 0; give another one")
    return Result(Tensor((math.ceil((bounds[1] - bounds[0]) / bounds[2]),)))


@operation("Geomspace", "Linspace", "Logspace")
def _spaced(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A new axis with so many numbers between two tensors."""
    given = Arguments(call, "start", "stop")
    shape = algebra.broadcast(given.shape("start"), given.shape("stop"))
    if layer.config.get("retstep"):
        raise Unknown("the step that it gives out too is no tensor to Keras")
    place = algebra.axis_of(layer.config.get("axis", 0), len(shape) + 1)
    return Result(Tensor((*shape[:place], algebra.size_of(layer.config.get("num", 50), "num"), *shape[place:])))


@operation("Meshgrid")
def _meshgrid(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    sizes = [algebra.elements(operand(given, "an operand").shape) for given in call.args]
    if layer.config.get("indexing", "xy") != "ij":
        sizes[0], sizes[1] = sizes[1], sizes[0]
    return outputs([tuple(sizes)] * len(sizes))


@operation("UnravelIndex")
def _unravel(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    indices, shape = Arguments(call, "indices").tensor("indices"), _shape(layer)
    return outputs([(None,) if None in shape else indices.shape] * len(shape), indices.dtype)


@operation("Vander")
def _vander(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    x, count = Arguments(call, "x").tensor("x"), layer.config.get("N")
    return Result(Tensor((*x.shape, x.shape[0] if count is None else algebra.size_of(count, "N")), x.dtype))


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
    first = layer.config.get("data_format") == "channels_first"
    batch, *rest = x.shape
    channels, height, width = rest if first else (rest[2], rest[0], rest[1])
    if layer.class_name == "DepthToSpace":
        channels, height, width = _over(channels, block**2), _times(height, block), _times(width, block)
    else:
        channels, height, width = _times(channels, block**2), _over(height, block), _over(width, block)
    return Result(Tensor((batch, channels, height, width) if first else (batch, height, width, channels), x.dtype))


def _times(size: int | None, factor: int) -> int | None:
    return None if size is None else size * factor


def _over(size: int | None, factor: int) -> int | None:
    if size is not None and size % factor:
        raise Invalid(f"a size is {size}, which cannot be divided by {factor}")
    return None if size is None else size // factor
