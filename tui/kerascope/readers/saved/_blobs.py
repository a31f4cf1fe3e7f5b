"""Text that is something else: pickles, Python bytecode and archives, as they are or in base64. Nothing is unpacked."""

from __future__ import annotations

import base64
import binascii
import pickletools
import re

__all__ = ["carried"]

_SHORTEST = 12
"""Characters below which text carries nothing that can run: the smallest pickle that calls something has more."""

_HEAD = 4096
"""Bytes that are decoded to be looked at; every header is within the first of them."""

_OPCODES = 24
"""Opcodes of a pickle that are read: by then ordinary text has shown that it is none."""

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*\Z|[A-Za-z0-9_\-=\s]*\Z")
# What the headers below begin with in base64, so that nearly all text is let pass without being decoded.
_BASE64_HEADS = ("gA", "4", "Y", "UEs", "f0V", "iUh", "H4s", "KG")
_RAW_HEADS = ("\x80", "\xe3", "c", "(", "PK\x03\x04", "\x7fELF", "\x89HDF")
_CODE = b"\xe3c"
_PROTOCOLS = (b"\x02", b"\x03", b"\x04", b"\x05")
_TEXT_PICKLE = re.compile(rb"[(]*[ci][\w.]+\n[\w.]+\n|\([ldtVSI]")


def carried(text: str) -> str | None:
    """What a text carries that is more than text, in words; `None` for ordinary text.

    Args:
        text: A value of a config, as it was decoded.

    Formats: pickle protocols 0 to 5 (`pickletools`), marshalled code objects of CPython (type byte `c`, with or without
    the reference flag, and two small 32-bit counts), zip, gzip, HDF5 and ELF by their first bytes.
    """
    if len(text) < _SHORTEST:
        return None
    if text.startswith(_RAW_HEADS):
        try:
            return _named(text[:_HEAD].encode("latin-1"))
        except UnicodeEncodeError:
            return None
    start = text[:16].lstrip()
    if start.startswith(_BASE64_HEADS) and _BASE64.match(text[:_HEAD]):
        return _named(_decoded(text[:_HEAD]))
    return None


def _decoded(text: str) -> bytes:
    """The bytes of base64 text, as far as they can be read."""
    packed = re.sub(r"[\s=]", "", text).replace("-", "+").replace("_", "/")
    if len(packed) % 4 == 1:
        packed = packed[:-1]
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return b""


def _named(head: bytes) -> str | None:
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive, as torch.save writes it around a pickle"
    if head.startswith(b"\x7fELF"):
        return "a compiled program (ELF)"
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return "an HDF5 file"
    if head.startswith(b"\x1f\x8b\x08"):
        return "a gzip archive"
    if _is_code(head):
        return "marshalled Python bytecode"
    if _is_pickle(head):
        return "a Python pickle"
    return None


def _is_code(head: bytes) -> bool:
    """Whether it begins as CPython marshals code: the type, then two counts of arguments that are under 256."""
    return len(head) > 9 and head[0] in _CODE and head[2:5] == b"\0\0\0" and head[6:9] == b"\0\0\0"


def _is_pickle(head: bytes) -> bool:
    binary = head[:1] == b"\x80" and head[1:2] in _PROTOCOLS
    if not binary and not _TEXT_PICKLE.match(head):
        return False
    read = 0
    try:
        for opcode, _, _ in pickletools.genops(head):
            read += 1
            if opcode.name == "STOP" or read >= _OPCODES:
                return read > 2
    except Exception:
        # The head ends in the middle of an opcode, or it is none at all.
        return read >= _OPCODES // 2 or (read >= 4 and len(head) >= _HEAD // 2)
    return False
