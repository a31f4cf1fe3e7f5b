"""An array of any size as a stream of small pieces, each inside one slice that is in memory."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from h5py import h5s, h5t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .places import Place

__all__ = ["FLOAT8", "PLAIN", "array_pieces", "blocks", "range_pieces"]

PIECE = 1 << 16
"""Numbers that are worked on at a time: as float64 they fit the processor's cache."""

# NumPy has no such types; the number of bits of exponent and mantissa, and whether there are infinities.
FLOAT8 = {"float8_e4m3fn": (4, 3, False), "float8_e4m3": (4, 3, True), "float8_e5m2": (5, 2, True)}

PLAIN = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
)
"""Types of which NumPy knows the numbers."""


def blocks(shape: tuple[int, ...], unit: tuple[int, ...], most: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Cut an array into blocks that follow one another in storage order.

    Args:
        shape: The array's sizes, none zero.
        unit: Sizes of what must not be cut: one chunk, or all ones.
        most: Items of a block, as far as one unit has no more.

    Yields:
        For each block where it begins and its sizes.
    """
    block = [min(one, size) for one, size in zip(unit, shape, strict=True)]
    for axis in reversed(range(len(shape))):
        times = max(1, most // max(1, math.prod(block)))
        block[axis] = min(shape[axis], block[axis] * times)
        if block[axis] < shape[axis]:
            break
    for start in itertools.product(*(range(0, size, step) for size, step in zip(shape, block, strict=True))):
        yield start, tuple(min(step, size - at) for step, size, at in zip(block, shape, start, strict=True))


def array_pieces(array: Any, told: dict[str, Any], most: int) -> Callable[[], Iterator[Any]]:
    """A function that reads an HDF5 array once, from its begin, and yields its numbers piece by piece.

    Args:
        array: The dataset's identifier.
        told: What `describe` says of it.
        most: Bytes of a slice.
    """
    shape = tuple(told["shape"])
    type_ = array.get_type()
    opaque = type_.get_class() == h5t.OPAQUE
    stored = np.dtype(f"u{type_.get_size()}") if opaque else type_.dtype.newbyteorder("=")
    unit = tuple(told.get("chunk") or (1,) * len(shape))

    def read() -> Iterator[Any]:
        if 0 in shape:
            return
        for start, sizes in blocks(shape, unit, max(1, most // stored.itemsize)):
            numbers = np.empty(sizes, dtype=stored)
            space = array.get_space()
            if shape:
                space.select_hyperslab(start, sizes)
            memory = h5s.create_simple(sizes) if shape else h5s.create(h5s.SCALAR)
            array.read(memory, space, numbers, type_ if opaque else h5t.py_create(stored))
            yield from _pieces(numbers.reshape(-1), told["dtype"])

    return read


def range_pieces(place: Place, offset: int, count: int, dtype: str, most: int) -> Callable[[], Iterator[Any]]:
    """A function that reads little-endian numbers from a plain file, piece by piece.

    Args:
        place: The file.
        offset: Where the first is.
        count: How many there are.
        dtype: What they are: a name in `PLAIN`, `bfloat16` or a `float8_...`.
        most: Bytes of a slice.
    """
    stored = np.dtype("u2") if dtype == "bfloat16" else np.dtype("u1" if dtype in FLOAT8 else dtype)
    stored = stored.newbyteorder("<")
    step = max(1, most // stored.itemsize)

    def read() -> Iterator[Any]:
        for first in range(0, count, step):
            size = min(step, count - first) * stored.itemsize
            data = bytearray(size)
            place.seek(offset + first * stored.itemsize)
            place.readinto(data)
            yield from _pieces(np.frombuffer(data, dtype=stored), dtype)

    return read


def _pieces(numbers: Any, dtype: str) -> Iterator[Any]:
    for first in range(0, len(numbers), PIECE):
        piece = numbers[first : first + PIECE]
        if dtype == "bfloat16":
            # The upper half of a float32.
            yield (piece.astype(np.uint32) << 16).view(np.float32)
        elif dtype in FLOAT8:
            yield _float8(dtype)[piece]
        else:
            yield piece


def _float8(dtype: str) -> Any:
    """The number that each of the 256 bytes stands for (OCP 8-bit floating point, revision 1.0)."""
    exponent_bits, mantissa_bits, infinities = FLOAT8[dtype]
    code = np.arange(256)
    exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1)
    mantissa = (code & ((1 << mantissa_bits) - 1)) / (1 << mantissa_bits)
    bias = (1 << (exponent_bits - 1)) - 1
    number = np.where(exponent == 0, mantissa * 2.0 ** (1 - bias), (1 + mantissa) * 2.0 ** (exponent - bias))
    top = exponent == (1 << exponent_bits) - 1
    if infinities:
        number = np.where(top, np.where(mantissa == 0, np.inf, np.nan), number)
    else:
        number = np.where((code & 0x7F) == 0x7F, np.nan, number)
    return np.where(code & 0x80, -number, number).astype(np.float32)
