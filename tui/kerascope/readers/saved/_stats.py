"""Statistics of weights, taken by the child process in slices, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerascope.graph import WeightStats, clean_line
from kerascope.readers.saved._child import Child, ChildDied
from kerascope.readers.saved._containers import weights_place
from kerascope.readers.saved._limits import (
    MAX_NAME,
    MAX_RESTARTS,
    MAX_STATS_BYTES,
    MIN_STATS_BYTES_PER_SECOND,
    STATS_CPU_SECONDS,
)
from kerascope.readers.saved._open import Place, open_regular
from kerascope.readers.saved._tensors import item_bytes
from kerascope.readers.saved._zip import read_directory

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kerascope.graph import Weight

__all__ = ["NumberRange", "array_stats", "range_stats"]

Stats = tuple[str, "WeightStats | str"]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers that stand one after the other, little-endian, in a plain file.

    Attributes:
        path: What the weight is called.
        offset: Byte at which the first one is.
        count: How many there are.
        dtype: What they are, as NumPy calls it, or `bfloat16`, `float8_e4m3fn`, `float8_e5m2`.
    """

    path: str
    offset: int
    count: int
    dtype: str


def array_stats(
    path: Path,
    weights: Sequence[Weight],
    wanted: Sequence[str],
    *,
    archive: bool,
    cancel: threading.Event | None = None,
) -> Iterator[Stats]:
    """Statistics of weights in an HDF5 file or a `.keras` archive.

    Closing the iterator ends the child process, as does `cancel`.

    Args:
        path: The file.
        weights: What `read_hdf5` or `read_archive` found in it.
        wanted: Paths of those that are asked for.
        archive: Whether it is an archive.
        cancel: When set, from another thread, reading ends at once.

    Yields:
        Path of each wanted weight once, and its statistics, or in a sentence why there are none.

    Raises:
        Malformed: The archive can no longer be read.
        OSError: The file cannot be opened.
        Cancelled: `cancel` was set.
    """
    known = {weight.path: weight for weight in weights}
    asked: list[Any] = []
    for each in dict.fromkeys(wanted):
        weight = known.get(each)
        if weight is None:
            yield each, "it is not in this file"
        elif weight.unreadable is not None:
            yield each, weight.unreadable
        else:
            asked.append(each)
    if not asked:
        return
    total = sum(known[each].size for each in asked)
    with open_regular(path) as (descriptor, size):
        place = Place(descriptor, 0, size)
        if archive:
            place = weights_place(descriptor, read_directory(descriptor, size))
        yield from _ask("arrays", place, {each: each for each in asked}, total, cancel)


def range_stats(path: Path, ranges: Sequence[NumberRange], cancel: threading.Event | None = None) -> Iterator[Stats]:
    """Statistics of ranges of a plain file, such as a checkpoint's data.

    Closing the iterator ends the child process, as does `cancel`.

    Args:
        path: The file.
        ranges: What to read, each of a path of its own.
        cancel: When set, from another thread, reading ends at once.

    Yields:
        Path of each range, and its statistics, or in a sentence why there are none.

    Raises:
        OSError: The file cannot be opened.
        Malformed: It is no regular file.
        Cancelled: `cancel` was set.
    """
    asked: dict[str, Any] = {}
    total = 0
    with open_regular(path) as (descriptor, size):
        for each in ranges:
            length = each.count * (item_bytes(each.dtype) or 1)
            if each.offset < 0 or each.count < 0 or each.offset + length > size:
                yield (
                    each.path,
                    f"it should have {length:,} bytes from byte {each.offset:,} on, and the file ends before",
                )
                continue
            total += length
            asked[each.path] = {
                "path": each.path,
                "offset": each.offset,
                "count": each.count,
                "dtype": each.dtype,
            }
        if asked:
            yield from _ask("ranges", Place(descriptor, 0, size), asked, total, cancel)


def _ask(do: str, place: Place, asked: dict[str, Any], total: int, cancel: threading.Event | None) -> Iterator[Stats]:
    """Ask the child, and a new one for the rest where it died of one array."""
    seconds = STATS_CPU_SECONDS + min(total, MAX_STATS_BYTES) // MIN_STATS_BYTES_PER_SECOND
    why = ""
    for _ in range(1 + MAX_RESTARTS):
        begun = None
        child = Child(do, place, list(asked.values()), cpu_seconds=seconds, cancel=cancel)
        lines = child.lines()
        try:
            for line in lines:
                if line.event == "failed":
                    why = clean_line(str(line.values.get("message")))[:MAX_NAME]
                    break
                name = str(line.values.get("path"))
                if line.event == "begin":
                    begun = name
                elif line.event == "stats" and asked.pop(name, None) is not None:
                    yield name, _stats(line.values)
        except ChildDied as died:
            why = f"the process that reads it {died}"
        finally:
            lines.close()
        if begun in asked:
            del asked[begun]
            yield begun, why or "the process that reads it said nothing of it"
        if not asked or begun is None:
            break
    for name in asked:
        yield name, why or "the process that reads it said nothing of it"


def _stats(values: dict[str, Any]) -> WeightStats | str:
    unreadable = values.get("unreadable")
    if unreadable is not None:
        return clean_line(str(unreadable))[:MAX_NAME]
    try:
        numbers = {name: values[name] for name in ("minimum", "maximum", "mean", "std")}
        return WeightStats(
            count=int(values["count"]),
            zeros=int(values["zeros"]),
            nans=int(values["nans"]),
            infs=int(values["infs"]),
            histogram=tuple(int(each) for each in values["histogram"]),
            **{name: None if number is None else float(number) for name, number in numbers.items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return "the process that reads it said something that is no answer"
