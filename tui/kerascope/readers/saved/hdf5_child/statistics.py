"""Statistics of arrays of any size, over those of their numbers that are finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .slices import FLOAT8, PLAIN, range_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .places import Place
    from .wire import Answer

__all__ = ["statistics", "tell_arrays", "tell_ranges"]

BINS = 16


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
        numbers, nan, inf = _finite(piece)
        first = None if number else numbers
        count, nans, infs = count + len(piece), nans + nan, infs + inf
        size = len(numbers)
        if size:
            zeros += size - int(np.count_nonzero(numbers))
            least, greatest = min(least, float(numbers.min())), max(greatest, float(numbers.max()))
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
        told["histogram"] = _histogram(read, first, least, greatest, alive)
    return told


def _finite(piece: Any) -> tuple[Any, int, int]:
    """The finite numbers of a piece, as float64 where they are floats, and how many are NaN and infinite."""
    if piece.dtype.kind != "f":
        return piece.view(np.uint8) if piece.dtype.kind == "b" else piece, 0, 0
    piece = piece.astype(np.float64)
    good = np.isfinite(piece)
    lost = len(piece) - int(np.count_nonzero(good))
    if not lost:
        return piece, 0, 0
    nans = int(np.count_nonzero(np.isnan(piece)))
    return piece[good], nans, lost - nans


def _moments(numbers: Any) -> tuple[Any, Any]:
    """Mean of a piece, and the sum of the squared differences from it."""
    for dtype in (np.float64, np.longdouble):
        wide = numbers.astype(dtype)
        mean = wide.mean()
        wide -= mean
        squares = np.dot(wide, wide)
        if np.isfinite(squares):
            break
    return np.longdouble(mean), np.longdouble(squares)


def _histogram(
    read: Callable[[], Iterator[Any]], first: Any, least: float, greatest: float, alive: Callable[[], None]
) -> list[int]:
    """Counts in equal bins from `least` to `greatest`; all in the first where these are the same."""
    counts = np.zeros(BINS, dtype=np.int64)
    # A quarter of each: the difference of two numbers near the greatest float64 is none.
    scale = 1.0 if math.isfinite(greatest - least) else 0.25
    edges = least * scale, greatest * scale
    for piece in read() if first is None else (first,):
        numbers = _finite(piece)[0]
        if least == greatest:
            counts[0] += len(numbers)
        elif len(numbers):
            counts += np.histogram(numbers * scale if scale != 1.0 else numbers, bins=BINS, range=edges)[0]
        alive()
    return [int(each) for each in counts]


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
