"""Archives as data: the same members that Python's zipfile finds, and every way to lie about them said."""

from __future__ import annotations

import contextlib
import io
import os
import random
import struct
import warnings
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from kerascope.readers.saved import _limits
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._zip import Archive, locate, read_directory, read_member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Opener = Callable[[bytes], int]

FILES = {"metadata.json": b"{}", "config.json": b'{"a": 1}' * 100, "model.weights.h5": bytes(range(256)) * 20}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Puts bytes into a file and opens it."""
    descriptors: list[int] = []

    def put(data: bytes) -> int:
        path = tmp_path / str(len(descriptors))
        path.write_bytes(data)
        descriptors.append(os.open(path, os.O_RDONLY))
        return descriptors[-1]

    yield put
    for descriptor in descriptors:
        os.close(descriptor)


def zipped(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def directory(opened: Opener, data: bytes) -> tuple[int, Archive]:
    """The directory of an archive, and the descriptor."""
    descriptor = opened(data)
    return descriptor, read_directory(descriptor, len(data))


def says(archive: Archive) -> list[str]:
    """All that is wrong with an archive."""
    return [issue.message for issue in archive.issues]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_as_zipfile_reads_them(opened: Opener, method: int) -> None:
    data = zipped(method=method)
    descriptor, archive = directory(opened, data)
    assert says(archive) == []
    assert {name: read_member(descriptor, member, 1 << 20) for name, member in archive.members.items()} == FILES
    part = locate(descriptor, archive.members["model.weights.h5"])
    stored = data[part.offset : part.offset + part.size]
    if method == zipfile.ZIP_STORED:
        assert (stored, part.inflated) == (FILES["model.weights.h5"], None)
    else:
        assert zlib.decompress(stored, -15) == FILES["model.weights.h5"]
        assert part.inflated == len(FILES["model.weights.h5"])


def test_streamed_archives_and_comments(opened: Opener) -> None:
    """Sizes after the data, as for an output that cannot seek, and a comment at the end."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    buffer = Pipe()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"a comment"
        archive.writestr("config.json", FILES["config.json"])
    descriptor, read = directory(opened, buffer.getvalue())
    assert says(read) == []
    assert read_member(descriptor, read.members["config.json"], 10_000) == FILES["config.json"]


def test_zip64(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    data = zipped()
    assert b"PK\x06\x06" in data
    descriptor, archive = directory(opened, data)
    assert says(archive) == []
    assert {name: read_member(descriptor, member, 1 << 20) for name, member in archive.members.items()} == FILES


def test_bytes_in_front_are_said_and_read_past(opened: Opener) -> None:
    descriptor, archive = directory(opened, b"#!/bin/sh\nexit\n" + zipped())
    assert says(archive) == ["the archive has 15 bytes in front of it"]
    assert read_member(descriptor, archive.members["config.json"], 10_000) == FILES["config.json"]


def test_bytes_behind_are_said(opened: Opener) -> None:
    _, archive = directory(opened, zipped() + b"behind")
    assert says(archive) == ["the archive has 6 bytes after its directory, where 0 are announced"]
    assert set(archive.members) == set(FILES)


@pytest.mark.parametrize("name", ["../up.txt", "assets/../../up", "/etc/passwd", "C:\\x", "..\\up"])
def test_names_that_lead_out(opened: Opener, name: str) -> None:
    _, archive = directory(opened, zipped({name: b"x"}))
    assert [(issue.kind, issue.where) for issue in archive.issues] == [("reference", name)]
    assert "leads out of the archive" in says(archive)[0]


def test_links(opened: Opener) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("assets/link")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    _, read = directory(opened, buffer.getvalue())
    assert [(issue.kind, issue.message) for issue in read.issues] == [("reference", "assets/link is a symbolic link")]


def test_a_name_twice(opened: Opener) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("config.json", b"first")
        archive.writestr("config.json", b"last")
    descriptor, read = directory(opened, buffer.getvalue())
    assert says(read) == ["config.json is in the archive twice"]
    assert read_member(descriptor, read.members["config.json"], 100) == b"last"


def test_names_are_clean(opened: Opener) -> None:
    data = zipped({"a_b.txt": b"x"}).replace(b"a_b.txt", b"a\x1bb.txt")
    _, archive = directory(opened, data)
    assert list(archive.members) == ["a\ufffdb.txt"] or list(archive.members) == ["a.txt"]
    _, archive = directory(opened, zipped({"a_b.txt": b"x"}).replace(b"a_b.txt", b"a\x00b.txt"))
    assert any("NUL byte" in message for message in says(archive))


def test_a_bomb_is_said_and_not_read(opened: Opener) -> None:
    descriptor, archive = directory(opened, zipped({"config.json": bytes(20 << 20)}, zipfile.ZIP_DEFLATED))
    member = archive.members["config.json"]
    assert member.bomb
    assert says(archive)[0].startswith("config.json says that it has 20,971,520 bytes, and 20,")
    with pytest.raises(Malformed, match=r"config.json has 20,971,520 bytes, and 1,000 are the most that are read"):
        read_member(descriptor, member, 1000)


def test_a_member_that_is_larger_than_it_says(opened: Opener) -> None:
    data = bytearray(zipped({"config.json": b"x" * 100_000}, zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    descriptor, archive = directory(opened, bytes(data))
    with pytest.raises(Malformed, match=r"config.json has more bytes than the 10 that the archive says"):
        read_member(descriptor, archive.members["config.json"], 1000)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        (8, b"\x01\x00", "config.json is encrypted"),
        (10, b"\x0c\x00", r"config.json is compressed by method 12 \(bzip2\), which is not read"),
        (10, b"\x4d\x00", r"config.json is compressed by method 77 \(unknown\), which is not read"),
        (16, b"\0\0\0\0", "config.json is damaged: its checksum is not the one in the archive"),
        (24, b"\xff\x00\x00\x00", "config.json has more bytes than the 255 that the archive says"),
        (24, b"\xff\xff\x00\x00", "config.json has fewer bytes than the 65,535 that the archive says"),
        (20, b"\xff\xff\xff\x00", "config.json is cut off"),
        (42, b"\xff\xff\xff\x00", r"config.json is not where the archive's directory says \(byte 16,777,215\)"),
    ],
)
def test_members_that_cannot_be_read(opened: Opener, field: int, value: bytes, error: str) -> None:
    data = bytearray(zipped({"config.json": FILES["config.json"]}))
    at = data.index(b"PK\x01\x02") + field
    data[at : at + len(value)] = value
    descriptor, archive = directory(opened, bytes(data))
    with pytest.raises(Malformed, match=error):
        read_member(descriptor, archive.members["config.json"], 1 << 20)


def test_another_name_in_front_of_the_bytes(opened: Opener) -> None:
    data = zipped({"config.json": b"{}"}).replace(b"config.json", b"secret.json", 1)
    descriptor, archive = directory(opened, data)
    with pytest.raises(Malformed, match=r"config.json is called secret.json in front of its bytes"):
        read_member(descriptor, archive.members["config.json"], 100)


def test_members_that_share_bytes(opened: Opener) -> None:
    """The zip bomb that needs no compression of compression: many names for the same bytes."""
    data = zipped({"config.json": b"{}" * 500, "assets/xx.json": b""})
    at = data.rindex(b"PK\x01\x02")
    first = data.index(b"PK\x01\x02")
    shared = data[:at] + data[at : at + 20] + data[first + 20 : first + 28] + data[at + 28 : at + 42]
    shared += data[first + 42 : first + 46] + data[at + 46 :]
    _, archive = directory(opened, shared)
    assert any("begins inside of" in message for message in says(archive))


def test_more_members_than_are_read(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerascope.readers.saved._zip.MAX_ZIP_MEMBERS", 10)
    _, archive = directory(opened, zipped({f"assets/{number}": b"" for number in range(11)}))
    assert says(archive) == ["the archive has more than 10 members (11); those beyond are not shown"]
    assert len(archive.members) == 10


def test_issues_are_bounded(opened: Opener) -> None:
    _, archive = directory(opened, zipped({f"../{number}": b"" for number in range(1000)}))
    assert len(archive.issues) == _limits.MAX_ISSUES


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "no directory at its end"),
        (b"PK\x03\x04", "no directory at its end"),
        (zipped()[:-30], "no directory at its end"),
        (b"PK\x05\x06" + bytes(14) + b"\xff\xff\xff\x7f", "there is no such place"),
        (b"PK\x05\x06" + bytes(8) + struct.pack("<LLH", 1000, 0, 0), "there is no such place"),
        (b"PK\x05\x06" + struct.pack("<4H2LH", 3, 3, 1, 1, 0, 0, 0), "part 4 of several"),
        (b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18), "zip64 directory is not where it should be"),
    ],
)
def test_no_archive(opened: Opener, data: bytes, error: str) -> None:
    with pytest.raises(Malformed, match=error):
        directory(opened, data)


def test_an_empty_archive(opened: Opener) -> None:
    _, archive = directory(opened, zipped({}))
    assert (archive.members, archive.issues) == ({}, ())


def test_every_mutation_is_an_archive_or_malformed(opened: Opener) -> None:
    chance = random.Random(8)
    good = zipped(method=zipfile.ZIP_DEFLATED)
    start = good.index(b"PK\x01\x02")
    for _ in range(1000):
        data = bytearray(good)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(start if chance.random() < 0.7 else 0, len(data))] = chance.choice((0, 1, 127, 255))
        with contextlib.suppress(Malformed):
            descriptor, archive = directory(
                opened, bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
            )
            for member in archive.members.values():
                with contextlib.suppress(Malformed):
                    read_member(descriptor, member, 1 << 20)
