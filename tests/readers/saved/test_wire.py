"""Protobuf's wire format: what is read, and that nothing wrong in it does harm."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

import pytest
from tests.readers.saved.tensorflow_files import message, number, varint

from kerascope.readers.saved import Malformed, _wire
from kerascope.readers.saved._wire import Budget, FileBytes, Message, fields

if TYPE_CHECKING:
    from pathlib import Path


def read(data: bytes) -> Message:
    """A message with a budget of its own."""
    return Message(data, budget=Budget())


def test_fields_of_all_kinds() -> None:
    data = number(1, 300) + message(2, "abc") + b"\x19" + bytes(range(8)) + b"\x25" + bytes(range(4)) + number(5, -2)
    found = read(data)
    assert found.integer(1) == 300
    assert found.text(2) == "abc"
    assert found.integer(5) == -2
    assert [field[:2] for field in fields(data)] == [(1, 0), (2, 2), (3, 1), (4, 5), (5, 0)]
    assert next(a for n, _, a, _ in fields(data) if n == 3) == int.from_bytes(bytes(range(8)), "little")


def test_what_is_absent_has_its_default() -> None:
    found = read(b"")
    assert (found.integer(1), found.text(1), found.raw(1), found.message(1)) == (0, "", b"", None)
    assert (found.texts(1), found.integers(1), found.spans(1), found.has(1)) == ([], [], [], False)


def test_the_last_scalar_counts_and_messages_merge() -> None:
    data = number(1, 1) + number(1, 2) + message(2, number(1, 7)) + message(2, number(2, 8))
    found = read(data)
    assert found.integer(1) == 2
    inner = found.message(2)
    assert inner is not None
    assert (inner.integer(1), inner.integer(2)) == (7, 8)


def test_a_field_of_another_wire_type_is_unknown() -> None:
    assert read(message(1, "x")).integer(1) == 0
    assert read(number(1, 5)).text(1) == ""


def test_repeated_numbers_packed_or_not() -> None:
    data = message(1, varint(1), varint(-1)) + number(1, 3)
    assert read(data).integers(1) == [1, -1, 3]


def test_maps_and_pairs() -> None:
    data = message(1, message(1, "a"), message(2, number(1, 5))) + message(1, message(1, "b"))
    found = read(data)
    assert [(key, value.integer(1)) for key, value in found.entries(1)] == [("a", 5), ("b", 0)]
    assert read(message(1, number(1, -4), message(2, "x"))).pairs(1, 2, 1) == [(b"x", -4)]


def test_texts_are_clean_and_short() -> None:
    assert read(message(1, "a\x1b[31mb\r\nc\u202e")).text(1) == "ab c\N{REPLACEMENT CHARACTER}"
    assert read(message(1, b"\xff\xfe")).text(1) == "\N{REPLACEMENT CHARACTER}" * 2
    assert len(read(message(1, "x" * 5_000_000)).text(1)) == 1024


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x0a", "ends in the middle of a number"),
        (b"\x0a\x05abc", "says that it has 5 bytes, but only 3 follow"),
        (b"\x0a" + varint(1 << 62) + b"abc", "4,611,686,018,427,387,904 bytes"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "more than ten bytes"),
        (b"\x08\x80", "ends in the middle of a number"),
        (b"\x09\x00\x00", "ends in the middle of a number"),
        (b"\x0d\x00", "ends in the middle of a number"),
        (b"\x0b\x0c", "wire type 3"),
        (b"\x0e", "wire type 6"),
        (b"\x02\x00", "number 0"),
        (varint(1 << 40) + b"\x00", "which protobuf does not allow"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read(data)


def test_a_size_never_allocates() -> None:
    started = time.perf_counter()
    for size in (1 << 31, 1 << 40, (1 << 64) - 1):
        with pytest.raises(Malformed, match="bytes, but only 0 follow"):
            read(b"\x0a" + varint(size))
    assert time.perf_counter() - started < 0.1


def test_a_packed_bomb_costs_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "MAX_STEPS", 1000)
    with pytest.raises(Malformed, match="more than 1,000 fields"):
        read(message(1, b"\x01" * 2000)).integers(1)


def test_many_fields_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "MAX_FIELDS", 10)
    assert read(number(1, 1) * 10).integer(1) == 1
    with pytest.raises(Malformed, match="more than 10 fields"):
        read(number(1, 1) * 11)


def test_messages_inside_each_other_share_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "MAX_STEPS", 50)
    inner = read(message(1, number(1, 1) * 10) * 10).messages(1)
    with pytest.raises(Malformed, match="are looked at"):
        list(inner)


def test_nesting_costs_nothing_until_somebody_descends() -> None:
    data = b""
    for _ in range(2000):
        data = message(1, data)
    assert read(data).has(1)


def test_random_bytes_are_malformed_or_fields() -> None:
    random_bytes = random.Random(4)
    for _ in range(3000):
        data = random_bytes.randbytes(random_bytes.randrange(40))
        try:
            found = read(data)
        except Malformed:
            continue
        for field in range(1, 6):
            found.texts(field)
            found.integer(field)


# Files


def write(tmp_path: Path, data: bytes) -> Path:
    """A file with some bytes."""
    path = tmp_path / "data.pb"
    path.write_bytes(data)
    return path


def test_fields_of_a_file_are_those_of_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "WINDOW_BYTES", 64)
    sizes = random.Random(1)
    parts = [message(1 + sizes.randrange(3), bytes(sizes.randrange(90))) + number(9, 1 << 40) for _ in range(300)]
    data = b"".join(parts)
    wanted = [(n, data[a:b]) for n, wire, a, b in fields(data) if wire == 2]
    with FileBytes(write(tmp_path, data), 1 << 20) as file:
        found = []
        for n, a, b, inside in file.fields(0, file.size, over=frozenset({2})):
            assert n != 2 or inside is None
            found.append((n, file.read(a, b) if inside is None else inside[a:b]))
    assert found == wanted


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a\x05abc",
        b"\x0a",
        b"\x09\x01",
        b"\x0b",
        b"\x02\x00",
        b"\x08\x80",
        b"\x0a" + b"\xff" * 9 + b"\x01",
        b"\xff" * 30,
    ],
)
def test_wrong_files_are_malformed(tmp_path: Path, data: bytes) -> None:
    with FileBytes(write(tmp_path, data), 1 << 20) as file, pytest.raises(Malformed):
        list(file.fields(0, file.size, over=frozenset()))


def test_what_is_stepped_over_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pb"
    size = 1 << 30
    with path.open("wb") as file:
        file.write(b"\x12" + varint(size))
        file.truncate(1 + len(varint(size)) + size)
    with FileBytes(path, 1 << 31) as opened:
        started = time.perf_counter()
        assert [(n, b - a) for n, a, b, _ in opened.fields(0, opened.size, over=frozenset({2}))] == [(2, size)]
        assert time.perf_counter() - started < 0.5


def test_files_that_are_none(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(Malformed, match="fifo is not a regular file"):
        FileBytes(fifo, 10)
    with pytest.raises(Malformed, match="cannot be opened"):
        FileBytes(tmp_path / "none", 10)
    with pytest.raises(Malformed, match="not a regular file"):
        FileBytes(tmp_path, 10)
    with pytest.raises(Malformed, match="11 bytes, and 10 are the most"):
        FileBytes(write(tmp_path, bytes(11)), 10)
    with FileBytes(write(tmp_path, bytes(10)), 10) as file, pytest.raises(Malformed, match="ends at byte 10"):
        file.read(5, 20)
