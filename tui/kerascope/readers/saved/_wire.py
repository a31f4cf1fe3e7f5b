"""Protobuf's wire format, read as data: fields by their numbers, without a schema and without copying.

The format is that of https://protobuf.dev/programming-guides/encoding. What a number means stands with those who ask
for it, and the `.proto` file it is from. As in protobuf itself, a field of another wire type than asked for is unknown
and left alone, the last of several scalars counts, and several messages in the place of one are merged.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from kerascope.graph import clean_line
from kerascope.readers._files import open_at_once
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import MAX_NAME
from kerascope.readers.saved._limits_tensorflow import MAX_FIELD_NUMBER, MAX_FIELDS, MAX_STEPS, WINDOW_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "BYTES",
    "VARINT",
    "Budget",
    "FileBytes",
    "Message",
    "fields",
    "text_of",
    "varint",
]

VARINT, _FIXED64, BYTES, _FIXED32 = 0, 1, 2, 5
_HEAD_BYTES = 20
_FIXED = {_FIXED64: 8, _FIXED32: 4}


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The number of up to 64 bits that begins at `at`, and where it ends.

    Raises:
        Malformed: It runs past `end` or has more than ten bytes.
    """
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift > 63:
            raise Malformed("a number has more than ten bytes, which is the most a protobuf number can have")
    raise Malformed("the data ends in the middle of a number")


def _signed(value: int) -> int:
    """A varint as the `int32` or `int64` that was written."""
    return value - (1 << 64) if value >> 63 else value


def fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
    """The fields of a message, one after the other.

    Args:
        data: What holds the message.
        start: Where it begins.
        end: Where it ends; `None` is the end of `data`.

    Yields:
        Number, wire type, and: for `BYTES` where they begin and end in `data`; else the value and where it ends.

    Raises:
        Malformed: It is cut short or no protobuf message.
    """
    at = start
    end = len(data) if end is None else end
    while at < end:
        tag = data[at]
        at += 1
        if tag > 0x7F:
            tag, at = varint(data, at - 1, end)
        number, wire = tag >> 3, tag & 7
        if not 0 < number <= MAX_FIELD_NUMBER:
            raise Malformed(f"a field has the number {number}, which protobuf does not allow")
        if wire == BYTES:
            # Most sizes take one byte, and a call for each would double the time.
            if at < end and data[at] < 0x80:
                size = data[at]
                at += 1
            else:
                size, at = varint(data, at, end)
            stop = at + size
            if stop > end:
                raise Malformed(f"a field says that it has {size:,} bytes, but only {end - at:,} follow")
            yield number, wire, at, stop
            at = stop
        elif wire == VARINT:
            value, at = varint(data, at, end)
            yield number, wire, value, at
        elif wire in _FIXED:
            size = _FIXED[wire]
            if size > end - at:
                raise Malformed("the data ends in the middle of a number")
            yield number, wire, int.from_bytes(data[at : at + size], "little"), at + size
            at += size
        else:
            raise Malformed(f"a field has the wire type {wire}, which TensorFlow and Keras do not write")


class Budget:
    """How many fields of one file may still be looked at, by all who look at it."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def spend(self, count: int = 1) -> None:
        """Take `count` off.

        Raises:
            Malformed: So many are not left.
        """
        self.left -= count
        if self.left < 0:
            raise Malformed(f"the file has more than {MAX_STEPS:,} fields, which are the most that are looked at")


class Message:
    """One message, its fields looked up by number; nothing but their places is kept.

    Args:
        data: What holds the message.
        spans: Where it begins and ends; several are merged. None is all of `data`.
        budget: Of the file it is from; messages inside share it.

    Raises:
        Malformed: It is cut short, no protobuf message, or has more fields than `MAX_FIELDS` or the budget.
    """

    __slots__ = ("_budget", "_data", "_fields")

    def __init__(self, data: bytes, *spans: tuple[int, int], budget: Budget) -> None:
        self._data = data
        self._budget = budget
        self._fields: dict[int, list[tuple[int, int, int]]] = {}
        # Making the object takes the time of two fields.
        budget.spend(2)
        count, most = 0, min(MAX_FIELDS, budget.left)
        for start, end in spans or ((0, len(data)),):
            for number, wire, a, b in fields(data, start, end):
                count += 1
                if count > most:
                    budget.spend(count)
                    raise Malformed(f"a message has more than {most:,} fields, which are the most that are looked at")
                self._fields.setdefault(number, []).append((wire, a, b))
        budget.spend(count)

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Where the values of a length-delimited field stand."""
        return [(a, b) for wire, a, b in self._fields.get(number, ()) if wire == BYTES]

    def messages(self, number: int) -> Iterator[Message]:
        """The messages of a repeated field, each parsed when its turn comes."""
        return (Message(self._data, span, budget=self._budget) for span in self.spans(number))

    def message(self, number: int) -> Message | None:
        """The message of a field, or `None`."""
        spans = self.spans(number)
        return Message(self._data, *spans, budget=self._budget) if spans else None

    def raw(self, number: int) -> bytes:
        """The bytes of a field, none where it is absent."""
        spans = self.spans(number)
        return self._data[slice(*spans[-1])] if spans else b""

    def text(self, number: int, most: int = MAX_NAME) -> str:
        """The text of a field on one line, cleaned; empty where it is absent."""
        spans = self.spans(number)
        return text_of(self._data, *spans[-1], most) if spans else ""

    def pairs(self, number: int, key: int, value: int) -> list[tuple[bytes, int]]:
        """The messages of a repeated field, of each the bytes of one field and the integer of another.

        The same as by `messages`, in a third of the time: a graph of objects has a hundred thousand of them.
        """
        found = []
        for start, end in self.spans(number):
            text, integer, count = b"", 0, 0
            for field, wire, a, b in fields(self._data, start, end):
                count += 1
                if field == key and wire == BYTES:
                    text = self._data[a:b]
                elif field == value and wire == VARINT:
                    integer = a
            self._budget.spend(1 + count)
            found.append((text, _signed(integer)))
        return found

    def texts(self, number: int) -> list[str]:
        """The texts of a repeated field, each on one line and cleaned."""
        return [text_of(self._data, start, end, MAX_NAME) for start, end in self.spans(number)]

    def integer(self, number: int, default: int = 0) -> int:
        """The `int32`, `int64`, enumeration or boolean of a field."""
        found = [a for wire, a, _ in self._fields.get(number, ()) if wire == VARINT]
        return _signed(found[-1]) if found else default

    def integers(self, number: int) -> list[int]:
        """The numbers of a repeated field, packed or not."""
        found = []
        for wire, a, b in self._fields.get(number, ()):
            if wire == VARINT:
                found.append(_signed(a))
            elif wire == BYTES:
                at = a
                while at < b:
                    value, at = varint(self._data, at, b)
                    found.append(_signed(value))
                    self._budget.spend()
        return found

    def has(self, number: int) -> bool:
        """Whether the field is there."""
        return number in self._fields

    def entries(self, number: int) -> Iterator[tuple[str, Message]]:
        """Keys and messages of a `map<string, message>` field: protobuf writes them as messages of fields 1 and 2."""
        for entry in self.messages(number):
            value = entry.message(2)
            yield entry.text(1), Message(b"", budget=self._budget) if value is None else value


def text_of(data: bytes, start: int, end: int, most: int = MAX_NAME) -> str:
    """Text of a file made safe to show, cut where it is longer than anything that is shown."""
    text = clean_line(data[start : min(end, start + 4 * most)].decode("utf-8", "replace"))
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


class FileBytes:
    """A regular file that is read by place, never more of it than asked for.

    Args:
        path: The file; never waited for where it is a FIFO.
        most: Bytes it may have.

    Raises:
        Malformed: It cannot be opened, is no regular file, or is larger.
    """

    def __init__(self, path: Path, most: int) -> None:
        name = clean_line(path.name)
        try:
            self._handle = open_at_once(path)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise Malformed(f"{name} cannot be opened: {clean_line(why)}") from None
        try:
            info = os.fstat(self._handle)
            if not stat.S_ISREG(info.st_mode):
                raise Malformed(f"{name} is not a regular file")
            if info.st_size > most:
                raise Malformed(f"{name} has {info.st_size:,} bytes, and {most:,} are the most that are read")
        except BaseException:
            self.close()
            raise
        self.size = info.st_size
        self.budget = Budget()
        self._name = name

    def __enter__(self) -> FileBytes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`.

        Raises:
            Malformed: The file ends before, or reading it fails.
        """
        if not 0 <= start <= end <= self.size:
            raise Malformed(f"{self._name} ends at byte {self.size:,}, but its data goes on to byte {end:,}")
        chunks = []
        while start < end:
            try:
                chunk = os.pread(self._handle, end - start, start)
            except OSError as error:
                raise Malformed(f"{self._name} cannot be read: {error.strerror or error}") from None
            if not chunk:
                raise Malformed(f"{self._name} became shorter while it was read")
            chunks.append(chunk)
            start += len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def fields(self, start: int, end: int, *, over: frozenset[int]) -> Iterator[tuple[int, int, int, bytes | None]]:
        """The length-delimited fields of a message in the file, one after the other.

        Args:
            start: Where the message begins.
            end: Where it ends.
            over: Numbers of fields that are not read but stepped over.

        Yields:
            Number, and where the value begins and ends: in the file, with `None`, of a field that is stepped over or
            does not fit the window; else in the bytes that come with it.

        Raises:
            Malformed: It is cut short or no protobuf message.
        """
        at = base = start
        window = b""
        while at < end:
            if at - base + _HEAD_BYTES > len(window) and base + len(window) < end:
                base, window = at, self.read(at, min(end, at + WINDOW_BYTES))
            self.budget.spend(2)
            tag, after = varint(window, at - base, len(window))
            number, wire = tag >> 3, tag & 7
            if not 0 < number <= MAX_FIELD_NUMBER:
                raise Malformed(f"a field has the number {number}, which protobuf does not allow")
            if wire == VARINT:
                _, after = varint(window, after, len(window))
                at = base + after
                continue
            if wire in _FIXED:
                at = base + after + _FIXED[wire]
                if at > end:
                    raise Malformed("the data ends in the middle of a number")
                continue
            if wire != BYTES:
                raise Malformed(f"a field has the wire type {wire}, which TensorFlow and Keras do not write")
            size, after = varint(window, after, len(window))
            at = base + after
            if size > end - at:
                raise Malformed(f"a field says that it has {size:,} bytes, but only {end - at:,} follow")
            if number in over or size > WINDOW_BYTES:
                yield number, at, at + size, None
            else:
                if after + size > len(window):
                    base, window = at, self.read(at, min(end, at + WINDOW_BYTES))
                yield number, at - base, at - base + size, window
            at += size
