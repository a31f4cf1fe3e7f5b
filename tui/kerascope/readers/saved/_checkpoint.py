"""Checkpoints of TensorFlow 1 and 2: which arrays are in them, and where their numbers stand.

A checkpoint (tensorflow/core/util/tensor_bundle) is an index, `NAME.index`, and data files,
`NAME.data-00000-of-00001`. The index is a table (`_sstable`): the empty name leads to a `BundleHeaderProto` (1
num_shards, 2 endianness), each other name to a `BundleEntryProto` (1 dtype, 2 shape, 3 shard_id, 4 offset, 5 size, 6
crc32c, 7 slices) of tensorflow/core/protobuf/tensor_bundle.proto. A partitioned array has an entry with its slices and
no place, and one entry more for each slice, whose name begins with a zero byte.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kerascope.graph import Argument, FileIssue, Weight, clean_line
from kerascope.readers.saved._checkpoint_objects import CheckpointObjects, read_objects
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import MAX_ISSUES
from kerascope.readers.saved._limits_tensorflow import (
    MAX_INDEX_BYTES,
    MAX_OBJECT_GRAPH_BYTES,
    MAX_SHARDS,
)
from kerascope.readers.saved._sstable import entries
from kerascope.readers.saved._tensors import TEXT, dtype_of, item_bytes, shape_of
from kerascope.readers.saved._wire import FileBytes, Message, text_of, varint

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kerascope.graph import Shape
    from kerascope.readers.saved._wire import Budget

__all__ = ["CheckpointContents", "StoredNumbers", "group_of", "read_checkpoint", "weight_of"]

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""The name under which TensorFlow 2 keeps the object graph (checkpoint/trackable/base.py)."""

_NUMBER = re.compile("[0-9]{1,9}")
_SORTED_BY = 128
"""Characters of a name by which it is sorted."""
_ORDERED_END = b"\x00\x01"
_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_SLOTS = frozenset(
    {
        *("Adadelta", "Adadelta_1", "Adagrad", "Adam", "Adam_1", "ExponentialMovingAverage", "Ftrl", "Ftrl_1"),
        *("Momentum", "RMSProp", "RMSProp_1"),
    }
)
"""How TensorFlow 1 calls what an optimizer keeps for a variable: the variable's name, then one of these."""
_ASIDE = frozenset({"optimizer", "_optimizer"})
_COUNTERS = frozenset({"beta1_power", "beta2_power", "global_step"})


@dataclass(frozen=True, slots=True)
class StoredNumbers:
    """Where numbers stand: as they are in memory, little-endian unless `big_endian`, rows first.

    Attributes:
        file: The data file.
        offset: Byte at which they begin.
        nbytes: Bytes they take.
        dtype: Their type, as `Weight.dtype` has it.
        big_endian: Whether the machine that wrote them was.
    """

    file: Path
    offset: int
    nbytes: int
    dtype: str
    big_endian: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointContents:
    """What a checkpoint holds.

    Attributes:
        index: Its `.index` file.
        size: Bytes of the index and the data files.
        weights: Its arrays, in the order of their names.
        places: For the path of each array whose numbers can be read, where they stand: one place, or one for each slice
            of a partitioned array.
        objects: The objects it was saved from; `None` where it has none (TensorFlow 1).
        issues: What is wrong with it.
        facts: What else it says.
    """

    index: Path
    size: int
    weights: tuple[Weight, ...] = ()
    places: dict[str, tuple[StoredNumbers, ...]] = field(default_factory=dict)
    objects: CheckpointObjects | None = None
    issues: tuple[FileIssue, ...] = ()
    facts: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An array, or a slice of one, as the index has it."""

    dtype: str
    shape: Shape | None
    shard: int
    offset: int
    size: int
    sliced: bool


def read_checkpoint(index: Path) -> CheckpointContents:
    """What a checkpoint holds, as its index says.

    Args:
        index: Its `.index` file.

    Raises:
        Malformed: The index is none, or cannot be read.
    """
    return _Reader(index).contents()


class _Reader:
    """Reads one checkpoint; collects what is wrong with it."""

    def __init__(self, index: Path) -> None:
        self._index = index
        self._prefix = index.name.removesuffix(".index")
        self._issues: list[FileIssue] = []
        self._sizes: dict[int, int | None] = {}
        self._shards = 1
        self._big_endian = False
        self._names: frozenset[str] = frozenset()
        self._optimizers: frozenset[str] = frozenset()

    def contents(self) -> CheckpointContents:
        """All of it."""
        with FileBytes(self._index, MAX_INDEX_BYTES) as file:
            table, budget = file.read(0, file.size), file.budget
        whole, slices = self._entries(table, budget)
        objects = self._objects(whole.pop(OBJECT_GRAPH, None))
        self._names = frozenset(whole)
        self._optimizers = _optimizers(self._names)
        weights, places = [], {}
        for name in sorted(whole, key=_counted):
            entry = whole[name]
            found = self._places(name, entry, slices.get(name, []))
            if isinstance(found, str):
                unreadable: str | None = found
            else:
                unreadable, places[name] = None, found
            weights.append(self._weight(name, entry, objects, unreadable))
        missing = [self._shard_name(shard) for shard, size in self._sizes.items() if size is None]
        if missing:
            self._issue(
                f"the data file {missing[0]} is missing{_more(len(missing) - 1)}",
                "the index says which arrays there are; their numbers are in the data files beside it",
            )
        facts = [("Arrays", f"{len(weights):,}"), ("Data files", f"{self._shards:,}")]
        return CheckpointContents(
            index=self._index,
            size=len(table) + sum(size or 0 for size in self._sizes.values()),
            weights=tuple(weights),
            places=places,
            objects=objects,
            issues=tuple(self._issues),
            facts=tuple(Argument(name=label, value=value) for label, value in facts),
        )

    def _issue(self, message: str, why: str, where: str = "") -> None:
        if len(self._issues) < MAX_ISSUES:
            self._issues.append(
                FileIssue(kind="malformed", message=message, why=why, where=where or clean_line(self._index.name))
            )

    def _entries(self, table: bytes, budget: Budget) -> tuple[dict[str, _Entry], dict[str, list[_Entry]]]:
        """The arrays by name, and the slices of partitioned ones by the array's name."""
        whole: dict[str, _Entry] = {}
        slices: dict[str, list[_Entry]] = {}
        header = False
        try:
            for key, value in entries(table):
                if not key:
                    self._header(Message(value, budget=budget))
                    header = True
                elif not header:
                    raise Malformed("the checkpoint's index does not begin with its header")
                elif key.startswith(b"\x00"):
                    slices.setdefault(_sliced_name(key), []).append(_entry(value, budget))
                else:
                    whole[_name(key)] = _entry(value, budget)
        except Malformed as error:
            if not whole:
                raise
            self._issue(str(error), "what stands before that place is shown")
        if not header:
            raise Malformed("the checkpoint's index has no header")
        return whole, slices

    def _header(self, header: Message) -> None:
        """`BundleHeaderProto`."""
        if header.spans(1):
            raise Malformed("it is a checkpoint of TensorFlow's first format (before 0.12), which is not read")
        self._shards = header.integer(1)
        self._big_endian = header.integer(2) == 1
        if not 0 <= self._shards <= MAX_SHARDS:
            raise Malformed(
                f"the checkpoint says that it has {self._shards:,} data files, and {MAX_SHARDS:,} are the most"
            )

    def _shard_name(self, shard: int) -> str:
        """The name of a data file (`DataFilename` in tensorflow/core/util/tensor_bundle/naming.cc)."""
        return f"{self._prefix}.data-{shard:05d}-of-{self._shards:05d}"

    def _size_of(self, shard: int) -> int | None:
        """Bytes of a data file; `None` where it is missing or is no file."""
        if shard not in self._sizes:
            path = self._index.with_name(self._shard_name(shard))
            try:
                self._sizes[shard] = path.stat().st_size if path.is_file() else None
            except (OSError, ValueError):
                self._sizes[shard] = None
        return self._sizes[shard]

    def _places(self, name: str, entry: _Entry, slices: list[_Entry]) -> tuple[StoredNumbers, ...] | str:
        """Where the numbers of an array stand, or why they cannot be read."""
        if entry.dtype == TEXT:
            return "it holds text, not numbers"
        each = item_bytes(entry.dtype)
        if entry.shape is None or None in entry.shape or not each:
            return f"an array of type {entry.dtype} has no numbers that can be read by place"
        parts = slices if entry.sliced else [entry]
        total = 0
        places = []
        for part in parts:
            size = self._size_of(part.shard) if 0 <= part.shard < self._shards else None
            if size is None:
                return f"its data file {self._shard_name(part.shard)} is missing"
            if not (part.offset >= 0 and 0 <= part.size <= size - part.offset):
                self._issue(
                    f"the numbers of {name} would end at byte {part.offset + part.size:,} of a data file of {size:,}",
                    "the data file is cut short, or belongs to another index",
                    name,
                )
                return "its numbers would stand behind the end of the data file"
            total += part.size
            places.append(
                StoredNumbers(
                    file=self._index.with_name(self._shard_name(part.shard)),
                    offset=part.offset,
                    nbytes=part.size,
                    dtype=entry.dtype,
                    big_endian=self._big_endian,
                )
            )
        wanted = _count(entry.shape) * each
        if total != wanted:
            self._issue(
                f"the numbers of {name} take {total:,} bytes, but its shape and type take {wanted:,}",
                "the index contradicts itself, so that the numbers cannot be told apart",
                name,
            )
            return "the index says another size than its shape has"
        return tuple(places)

    def _objects(self, entry: _Entry | None) -> CheckpointObjects | None:
        """The object graph, where there is one and it can be read."""
        if entry is None:
            return None
        try:
            size = self._size_of(entry.shard) if 0 <= entry.shard < self._shards else None
            if size is None:
                return None
            if not 0 <= entry.size <= MAX_OBJECT_GRAPH_BYTES:
                raise Malformed(f"the checkpoint's object graph has {entry.size:,} bytes")
            with FileBytes(self._index.with_name(self._shard_name(entry.shard)), max(size, 1)) as file:
                data = file.read(entry.offset, entry.offset + entry.size)
            # A tensor of text is the lengths of its strings, a checksum of four bytes, and the strings
            # (`WriteStringTensor` in tensor_bundle.cc); this one has a single string.
            length, at = varint(data, 0, len(data))
            if length != len(data) - at - 4:
                raise Malformed("the checkpoint's object graph has another length than it says")
            return read_objects(data[at + 4 :])
        except Malformed as error:
            self._issue(str(error), "arrays have only the names under which the index lists them", OBJECT_GRAPH)
            return None

    def _weight(self, name: str, entry: _Entry, objects: CheckpointObjects | None, unreadable: str | None) -> Weight:
        weight = weight_of(name, entry.dtype, entry.shape)
        full = objects.names.get(name) if objects else None
        return replace(
            weight,
            name=full or weight.name,
            # The scope of a variable's name is the layer that made it.
            layer=(full or "").rpartition("/")[0] or None,
            size=entry.size if entry.dtype == TEXT else weight.size,
            group=group_of(name, entry.dtype, self._names, objects, self._optimizers),
            unreadable=unreadable,
        )


def weight_of(path: str, dtype: str, shape: Shape | None) -> Weight:
    """An array by its name in the index; one whose shape is not fixed counts as without numbers."""
    sizes = tuple(size or 0 for size in shape) if shape is not None else (0,)
    return Weight(
        path=path, name=path.removesuffix(_VALUE), shape=sizes, dtype=dtype, size=_count(sizes) * item_bytes(dtype)
    )


def group_of(
    name: str,
    dtype: str,
    names: Collection[str],
    objects: CheckpointObjects | None,
    optimizers: Collection[str] = (),
) -> str:
    """What an array is part of: `model`, `optimizer`, or `other`: metrics, counters, tables, text.

    Args:
        name: Its name in the index.
        dtype: Its type.
        names: All names in the index.
        objects: The objects it was saved from.
        optimizers: Places of optimizers.
    """
    place, attribute, _ = name.partition("/.ATTRIBUTES/")
    parts, last = place.split("/"), name.rpartition("/")[2]
    if parts[0] in _ASIDE or "/.OPTIMIZER_SLOT/" in name or (objects and name in objects.slots):
        return "optimizer"
    # Objects of TensorFlow 2 are attributes, of a compiled model inside another one, too; names of TensorFlow 1 are
    # scopes of the author's.
    if attribute and any(part in _ASIDE for part in parts):
        return "optimizer"
    if optimizers and any(name[:at] in optimizers for at, char in enumerate(place) if char == "/"):
        return "optimizer"
    if (last in _SLOTS and name.rpartition("/")[0] in names) or name in _COUNTERS:
        return "optimizer"
    if dtype == TEXT or name.startswith("save_counter/") or (attribute and "keras_api" in parts):
        return "other"
    if attribute and not name.endswith(_VALUE):
        return "other"
    # The archive that Keras 3 exports holds every variable twice: the second is its own copy (`ExportArchive`).
    if parts[0] == "_all_variables" and f"variables/0{_VALUE}" in names:
        return "other"
    return "model"


def _optimizers(names: Collection[str]) -> frozenset[str]:
    """Places of the optimizers in a checkpoint of TensorFlow 2, whatever the program calls them: `model/optimizer`.

    Keras 3, and Keras 2 since 2.11, keep `_iterations` and `_learning_rate` there, Keras 2 before that `iter` and
    `learning_rate` or `decay`.
    """
    found = set()
    for name in names:
        for counter, others in (("/_iterations", ("/_learning_rate",)), ("/iter", ("/learning_rate", "/decay"))):
            place = name.removesuffix(counter + _VALUE)
            if place != name and any(f"{place}{other}{_VALUE}" in names for other in others):
                found.add(place)
    return frozenset(found)


def _entry(value: bytes, budget: Budget) -> _Entry:
    """`BundleEntryProto`."""
    entry = Message(value, budget=budget)
    shape = entry.message(2)
    return _Entry(
        dtype=dtype_of(entry.integer(1)),
        shape=() if shape is None else shape_of(shape),
        shard=entry.integer(3),
        offset=entry.integer(4),
        size=entry.integer(5),
        sliced=entry.has(7),
    )


def _counted(name: str) -> str:
    """What puts names with numbers in the order of these: `layer-2` before `layer-10`."""
    return _NUMBER.sub(lambda found: found[0].zfill(9), name[:_SORTED_BY])


def _name(key: bytes) -> str:
    return text_of(key, 0, len(key))


def _sliced_name(key: bytes) -> str:
    """The array's name in the name of a slice: a zero, then the name up to 00 01, with 00 written as 00 FF and FF as
    FF 00 (`EncodeTensorNameSlice` in saved_tensor_slice_util.cc, `OrderedCode::WriteString`)."""
    name, _, _ = key[1:].partition(_ORDERED_END)
    return _name(name.replace(b"\xff\x00", b"\xff").replace(b"\x00\xff", b"\x00"))


def _count(shape: Shape) -> int:
    """Numbers of an array of that shape."""
    return math.prod(size or 0 for size in shape)


def _more(count: int) -> str:
    return f", and {count:,} more" if count > 0 else ""
