"""A `.keras` archive as data: its directory checked, its members read in place or inflated up to a bound."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from kerascope.graph import FileIssue, clean_line
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import (
    MAX_ISSUES,
    MAX_NAME,
    MAX_ZIP_DIRECTORY_BYTES,
    MAX_ZIP_MEMBERS,
    MAX_ZIP_NAME,
    MAX_ZIP_RATIO,
    MAX_ZIP_TOTAL_BYTES,
    ZIP_RATIO_FLOOR,
)
from kerascope.readers.saved._open import Place, read_at

__all__ = ["Archive", "Member", "locate", "read_directory", "read_member"]

# APPNOTE.TXT 6.3.10: 4.3.7 local header, 4.3.12 central directory, 4.3.14 to 4.3.16 its end.
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_STORED, _DEFLATED = 0, 8
_METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstandard", 95: "xz", 99: "AES"}
_ALL_ONES = 0xFFFFFFFF
_LINK = 0o120000

WHOLE = "nothing is unpacked; what could be read of the archive is shown"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        name: Its name, clean.
        size: Bytes it has, as the directory says.
        stored: Bytes that are stored of it.
        method: How it is compressed: 0 stored, 8 deflated.
        crc: CRC-32 of its bytes.
        header: Where its local header is.
        name_size: Bytes of its name as it is stored.
        encrypted: Whether it is encrypted.
        bomb: Whether its size exceeds what the stored bytes can honestly be.
    """

    name: str
    size: int
    stored: int
    method: int
    crc: int
    header: int
    name_size: int
    encrypted: bool = False
    bomb: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds, and what is wrong with it. `members` has no two of the same name: the last one counts."""

    members: dict[str, Member]
    issues: tuple[FileIssue, ...]


class _Issues:
    """Issues of one archive, bounded in number."""

    def __init__(self) -> None:
        self.found: list[FileIssue] = []

    def add(self, kind: str, where: str, message: str, why: str = WHOLE) -> None:
        if len(self.found) < MAX_ISSUES:
            self.found.append(FileIssue(kind=kind, message=message, why=why, where=where))


def read_directory(descriptor: int, size: int) -> Archive:
    """What is in an archive, by its central directory, as Python's `zipfile` (and so Keras) reads it.

    Args:
        descriptor: The open file.
        size: Its bytes.

    Raises:
        Malformed: It has no directory that can be read.
    """
    issues = _Issues()
    start, length, count, shift = _find_directory(descriptor, size, issues)
    if length > MAX_ZIP_DIRECTORY_BYTES:
        issues.add(
            "malformed", "", f"the archive's directory has {length:,} bytes; {MAX_ZIP_DIRECTORY_BYTES:,} are read"
        )
    data = read_at(descriptor, start, min(length, MAX_ZIP_DIRECTORY_BYTES))
    members: dict[str, Member] = {}
    ordered: list[Member] = []
    position = 0
    while position < len(data):
        if len(ordered) >= MAX_ZIP_MEMBERS:
            message = f"the archive has more than {MAX_ZIP_MEMBERS:,} members ({count:,}); those beyond are not shown"
            issues.add("malformed", "", message)
            break
        parsed = _central(data, position, shift, issues)
        if parsed is None:
            break
        member, position = parsed
        if member.name in members:
            message = f"{member.name} is in the archive twice"
            why = "Python's zipfile, and so Keras, reads the last one; another reader may read the first"
            issues.add("malformed", member.name, message, why)
        members[member.name] = member
        ordered.append(member)
    else:
        if len(ordered) != count:
            message = f"the archive says that it has {count:,} members, and its directory lists {len(ordered):,}"
            issues.add("malformed", "", message)
    _check_together(ordered, start, issues)
    return Archive(members, tuple(issues.found))


def read_member(descriptor: int, member: Member, most: int) -> bytes:
    """All bytes of a member, if they are not too many.

    Args:
        descriptor: The open archive.
        member: The member.
        most: Bytes that are read.

    Raises:
        Malformed: It is larger, cannot be decompressed, or is not what the directory says.
    """
    if member.size > most:
        raise Malformed(f"{member.name} has {member.size:,} bytes, and {most:,} are the most that are read")
    place = locate(descriptor, member)
    data = read_at(descriptor, place.offset, place.size)
    if len(data) < place.size:
        raise Malformed(f"{member.name} is cut off: {place.size:,} bytes should be stored, {len(data):,} are there")
    if member.method == _DEFLATED:
        try:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
        except zlib.error as error:
            raise Malformed(f"{member.name} cannot be decompressed: {clean_line(str(error))}") from None
    if len(data) != member.size:
        more = "more" if len(data) > member.size else "fewer"
        raise Malformed(f"{member.name} has {more} bytes than the {member.size:,} that the archive says")
    if zlib.crc32(data) != member.crc:
        raise Malformed(f"{member.name} is damaged: its checksum is not the one in the archive")
    return data


def locate(descriptor: int, member: Member) -> Place:
    """Where a member's stored bytes are.

    Raises:
        Malformed: There is no member where the directory says, or it is stored in a way that is not read.
    """
    if member.encrypted:
        raise Malformed(f"{member.name} is encrypted")
    if member.method not in (_STORED, _DEFLATED):
        method = _METHODS.get(member.method, "unknown")
        raise Malformed(f"{member.name} is compressed by method {member.method} ({method}), which is not read")
    header = read_at(descriptor, member.header, _LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise Malformed(f"{member.name} is not where the archive's directory says (byte {member.header:,})")
    name_size, extra_size = _LOCAL.unpack(header)[-2:]
    name = read_at(descriptor, member.header + _LOCAL.size, name_size)
    if _name(name) != member.name:
        raise Malformed(f"{member.name} is called {_name(name) or 'nothing'} in front of its bytes")
    offset = member.header + _LOCAL.size + name_size + extra_size
    return Place(descriptor, offset, member.stored, member.size if member.method == _DEFLATED else None)


def _name(raw: bytes) -> str:
    """A member's name, clean; what is not UTF-8 is read as the old code page of zip."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp437")
    return clean_line(text)[:MAX_NAME]


def _find_directory(descriptor: int, size: int, issues: _Issues) -> tuple[int, int, int, int]:
    """Begin, bytes and members of the directory, and how far all offsets are off."""
    tail_size = min(size, _END.size + 0xFFFF)
    tail = read_at(descriptor, size - tail_size, tail_size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Malformed("the archive has no directory at its end: it was cut off, or is no archive")
    end = size - tail_size + at
    _, disk, _, _, count, length, offset, comment = _END.unpack_from(tail, at)
    after = len(tail) - at - _END.size
    if comment != after:
        message = f"the archive has {after:,} bytes after its directory, where {comment:,} are announced"
        issues.add("malformed", "", message, "two readers may find two different archives in it")
    directory_end = end
    locator = read_at(descriptor, max(0, end - _LOCATOR_64.size), _LOCATOR_64.size)
    if len(locator) == _LOCATOR_64.size and locator.startswith(b"PK\x06\x07"):
        directory_end = end - _LOCATOR_64.size - _END_64.size
        record = read_at(descriptor, max(0, directory_end), _END_64.size)
        if directory_end < 0 or len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
            raise Malformed("the archive's zip64 directory is not where it should be")
        fields = _END_64.unpack(record)
        disk, count, length, offset = fields[4], fields[7], fields[8], fields[9]
    if disk not in (0, 0xFFFF):
        raise Malformed(f"the archive is part {disk + 1} of several, which are not read")
    start = directory_end - length
    shift = start - offset
    if length > directory_end or shift < 0:
        raise Malformed(
            f"the archive's directory should have {length:,} bytes from byte {offset:,} on, and there is no such place"
        )
    if shift:
        message = f"the archive has {shift:,} bytes in front of it"
        issues.add("malformed", "", message, "Keras writes none; the file may be something else at the same time")
    return start, length, count, shift


def _central(data: bytes, position: int, shift: int, issues: _Issues) -> tuple[Member, int] | None:
    """The member at a position of the directory, and the next position; `None` where there is nothing to be read."""
    if len(data) - position < _CENTRAL.size or data[position : position + 4] != b"PK\x01\x02":
        issues.add("malformed", "", f"the archive's directory is broken at its byte {position:,}")
        return None
    fields = _CENTRAL.unpack_from(data, position)
    made_by, flags, method, crc = fields[2], fields[5], fields[6], fields[9]
    stored, size, name_size, extra_size, comment_size = fields[10:15]
    attributes, header = fields[17], fields[18]
    begin = position + _CENTRAL.size
    raw = data[begin : begin + name_size]
    extra = data[begin + name_size : begin + name_size + extra_size]
    following = begin + name_size + extra_size + comment_size
    if following > len(data) or name_size > MAX_ZIP_NAME:
        issues.add("malformed", "", f"the archive's directory has a name of {name_size:,} bytes at {position:,}")
        return None
    name = _name(raw)
    if _ALL_ONES in (size, stored, header):
        size, stored, header = _wide(extra, size, stored, header)
    bomb = size > ZIP_RATIO_FLOOR and size > MAX_ZIP_RATIO * stored
    member = Member(name, size, stored, method, crc, header + shift, name_size, bool(flags & 0x41), bomb)
    _check_member(member, raw, made_by == 3 and (attributes >> 16) & 0o170000 == _LINK, issues)
    return member, following


def _wide(extra: bytes, size: int, stored: int, header: int) -> tuple[int, int, int]:
    """The numbers that did not fit, from the zip64 field (APPNOTE 4.5.3)."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1:
            field = extra[position + 4 : position + 4 + length]
            numbers = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            size = next(numbers, size) if size == _ALL_ONES else size
            stored = next(numbers, stored) if stored == _ALL_ONES else stored
            header = next(numbers, header) if header == _ALL_ONES else header
            break
        position += 4 + length
    return size, stored, header


def _check_member(member: Member, raw: bytes, link: bool, issues: _Issues) -> None:
    name = member.name
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or name[1:2] == ":":
        message = f"{name} is the name of a member that leads out of the archive"
        issues.add("reference", name, message, "unpacking it would write to that place; it was not unpacked")
    if b"\0" in raw:
        issues.add("malformed", name, f"{name} is a name with a NUL byte in it", "readers may cut it there")
    if link:
        message = f"{name} is a symbolic link"
        issues.add("reference", name, message, "unpacking it would make a link to a place of its choice")
    if member.bomb:
        message = f"{name} says that it has {member.size:,} bytes, and {member.stored:,} are stored of it"
        issues.add("malformed", name, message, "reading it would take that much memory, or disk")
    elif member.method == _STORED and member.stored != member.size:
        message = f"{name} is stored as it is, but with {member.stored:,} bytes in place of {member.size:,}"
        issues.add("malformed", name, message)


def _check_together(members: list[Member], directory: int, issues: _Issues) -> None:
    """What no member shows alone: bytes that are used twice, gaps, and the sum."""
    end, last = 0, ""
    for member in sorted(members, key=lambda each: each.header):
        if member.header < end:
            message = f"{member.name} begins inside of {last}"
            issues.add("malformed", member.name, message, "such an archive unpacks to much more than it has")
        begin = member.header + _LOCAL.size + member.name_size
        if begin + member.stored > directory:
            message = f"{member.name} reaches into the archive's directory, or beyond its end"
            issues.add("malformed", member.name, message)
        if begin + member.stored > end:
            end, last = begin + member.stored, member.name
    total = sum(member.size for member in members)
    if total > MAX_ZIP_TOTAL_BYTES:
        issues.add("malformed", "", f"all members together say that they have {total:,} bytes")
