"""Statistics of arrays of any size, over those of their numbers that are finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .slices import FLOAT8, PLAIN, range_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .places import Place
    from .wire import Answer

__all__ = ["statistics", "tell_arrays", "tell_ranges"]

BINS = 16

VANISHING = 1e-280
"""A sum of squares below which digits were lost in float64."""


def statistics(read: Callable[[], Iterator[Any]], alive: Callable[[], None]) -> dict[str, Any]:
    """Statistics of what `read` yields; it is called a second time for the histogram where there is more than a piece.

    Mean and variance are merged piece by piece (Chan, Golub and LeVeque 1979), so that neither a large mean nor many
    numbers cost digits; extended precision keeps numbers near the greatest float64 from overflowing.

    Args:
        read: Yields one-dimensional arrays.
        alive: Called after each.
    """
    with np.errstate(all="ignore"):
        return _statistics(read, alive)


def _statistics(read: Callable[[], Iterator[Any]], alive: Callable[[], None]) -> dict[str, Any]:
    count = finite = zeros = nans = infs = 0
    least, greatest = math.inf, -math.inf
    mean = squares = np.longdouble(0)
    first: Any = None
    for number, piece in enumerate(read()):
        numbers, low, high, nan, inf = _finite(piece)
        first = None if number else numbers
        count, nans, infs = count + len(piece), nans + nan, infs + inf
        size = len(numbers)
        if size:
            zeros += int(np.count_nonzero(numbers == 0))
            least, greatest = min(least, low), max(greatest, high)
            own, spread = _moments(numbers)
            change = own - mean
            finite += size
            mean += change * size / finite
            squares += spread + change * change * size * (finite - size) / finite
        alive()
    told: dict[str, Any] = {"count": count, "zeros": zeros, "nans": nans, "infs": infs, "minimum": None}
    told.update(maximum=None, mean=None, std=None, histogram=[])
    if finite:
        told.update(minimum=least, maximum=greatest, mean=float(mean), std=float(np.sqrt(squares / finite)))
        told["histogram"] = [finite] + [0] * (BINS - 1)
        if least < greatest:
            again = read() if first is None else [first]
            told["histogram"] = _histogram(again, _edges(least, greatest), finite, alive)
    return told


def _finite(piece: Any) -> tuple[Any, float, float, int, int]:
    """The finite numbers of a piece, the least and the greatest of them, and how many others are NaN and infinite."""
    if piece.dtype.kind == "b":
        piece = piece.view(np.uint8)
    elif piece.dtype.kind == "f" and piece.dtype.itemsize not in (4, 8):
        piece = piece.astype(np.float32 if piece.dtype.itemsize == 2 else np.float64)
    nans = infs = 0
    least, greatest = _ends(piece)
    if not (math.isfinite(least) and math.isfinite(greatest)):
        # The least of numbers with a NaN among them is a NaN.
        nans, good = int(np.count_nonzero(np.isnan(piece))), np.isfinite(piece)
        infs = len(piece) - nans - int(np.count_nonzero(good))
        piece = piece[good]
        least, greatest = _ends(piece)
    return piece, least, greatest, nans, infs


def _ends(numbers: Any) -> tuple[float, float]:
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)


def _moments(numbers: Any) -> tuple[Any, Any]:
    """Mean of a piece, and the sum of the squared differences from it."""
    for dtype in (np.float64, np.longdouble):
        wide = numbers.astype(dtype)
        mean = wide.mean()
        wide -= mean
        squares = np.dot(wide, wide)
        # Squares of the greatest float64 overflow, and those of the least vanish.
        if np.isfinite(squares) and (squares > VANISHING or not wide.any()):
            break
    return np.longdouble(mean), np.longdouble(squares)


def _edges(least: float, greatest: float) -> Any:
    """The edges between the bins, without the two ends."""
    # A quarter of each where their difference is more than the greatest float64.
    scale = 1.0 if math.isfinite(greatest - least) else 0.25
    return np.linspace(least * scale, greatest * scale, BINS + 1)[1:-1] / scale


def _histogram(pieces: Iterable[Any], edges: Any, finite: int, alive: Callable[[], None]) -> list[int]:
    """Counts in equal bins, each with its lower edge, the last with both: as `numpy.histogram` has them.

    How many numbers reach each edge is counted, in the numbers' own precision: several times as fast as finding each
    number's bin.
    """
    reach = [0] * len(edges)
    # The least float32 that is not below an edge: it is reached by the same numbers.
    narrow = edges.astype(np.float32)
    narrow = np.where(narrow < edges, np.nextafter(narrow, np.float32(np.inf)), narrow)
    for piece in pieces:
        numbers = _finite(piece)[0]
        if numbers.dtype.kind != "f":
            numbers = numbers.astype(np.float64)
        for number, edge in enumerate(narrow if numbers.dtype.itemsize == 4 else edges):
            reach[number] += int(np.count_nonzero(numbers >= edge))
        alive()
    return [more - fewer for more, fewer in zip([finite, *reach], [*reach, 0], strict=True)]


def tell_arrays(file: Any, wanted: list[str], limits: dict[str, int], answer: Answer) -> None:
    """Take the statistics of arrays of an HDF5 file, one after the other.

    Args:
        file: The open file's identifier.
        wanted: Their paths.
        limits: The bounds of the request.
        answer: Takes `begin` before, and after it `stats`, with `unreadable` where there are none.
    """
    from .objects import Refused, describe, open_hard
    from .slices import array_pieces
    from .walk import ERRORS, reason_of

    for path in wanted:
        answer.say("begin", path=path, at_once=True)
        try:
            array = open_hard(file, path)
            told = describe(array, limits)
            reason = told.get("unreadable")
            if reason is None:
                read = array_pieces(array, told, limits["slice_bytes"])
                answer.say("stats", path=path, **statistics(read, answer.alive))
                continue
        except Refused as refused:
            reason = f"it {refused.message}"
        except ERRORS as error:
            reason = f"reading its numbers failed: {reason_of(error)}"
        answer.say("stats", path=path, unreadable=reason)


def tell_ranges(place: Place, wanted: list[dict[str, Any]], limits: dict[str, int], answer: Answer) -> None:
    """The same of ranges of bytes of a plain file, `wanted` with `path`, `offset`, `count` and `dtype` each."""
    for each in wanted:
        path, dtype, count = each["path"], each["dtype"], each["count"]
        answer.say("begin", path=path, at_once=True)
        if dtype not in PLAIN and dtype not in FLOAT8 and dtype != "bfloat16":
            answer.say("stats", path=path, unreadable=f"its type, {dtype}, is not one of plain numbers")
            continue
        try:
            read = range_pieces(place, each["offset"], count, dtype, limits["slice_bytes"])
            answer.say("stats", path=path, **statistics(read, answer.alive))
        except (OSError, ValueError, MemoryError, OverflowError) as error:
            answer.say("stats", path=path, unreadable=f"reading its numbers failed: {error}")
