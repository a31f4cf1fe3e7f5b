"""JSON from a saved file: bounded before it is parsed, its texts clean, and never an error of any other kind."""

from __future__ import annotations

import codecs
import itertools
import json
import re
from collections import Counter
from typing import Any

from kerascope.graph import FileIssue, clean_line, clean_values
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import (
    MAX_ISSUES,
    MAX_JSON_BYTES,
    MAX_JSON_DEPTH,
    MAX_JSON_DIGITS,
    MAX_JSON_NODES,
    MAX_JSON_STRING,
)

__all__ = ["load_json"]

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_LONG_STRING = re.compile(rb'"[^"]{%d}' % MAX_JSON_STRING)
_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_DIGITS = bytes(0x30 if code in b"0123456789" else 0x20 for code in range(256))
_DEEPER = [1 if code in b"[{" else -1 for code in range(256)]
# What `clean_text` would change, raw or escaped: nearly every file has none of it, and then no text is touched.
_SUSPECT = re.compile(
    "[\x00-\x08\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
    r"|\\[bfrt]|\\u(?:00[01789]|20[026]|[dD][89a-fA-F]|[fF][eE][fF])"
)


def load_json(data: bytes, what: str, issues: list[FileIssue] | None = None) -> object:
    """The value of a JSON document, as `json.loads` gives it, with every text in it cleaned.

    NaN and Infinity are accepted, as Python and Keras write them. A name that stands twice in an object has its last
    value, as for Keras; that is an issue.

    Args:
        data: The document: UTF-8, or what its byte order mark says.
        what: What it is, for messages: `config.json`.
        issues: Takes an issue for each name that stands twice.

    Raises:
        Malformed: It is no JSON, or exceeds a bound; nothing else is ever raised.
    """
    if len(data) > MAX_JSON_BYTES:
        raise Malformed(f"{what} has {len(data):,} bytes, and {MAX_JSON_BYTES:,} are the most that are read")
    text = _decode(data, what)
    _check(text.encode("utf-8"), what)
    doubled: list[str] = []

    def make(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs) and len(doubled) < MAX_ISSUES:
            doubled.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return value

    try:
        value = json.loads(text, object_pairs_hook=make)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Malformed(f"{what} is not valid JSON: {clean_line(error.msg)} ({place})") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Malformed(f"{what} is not valid JSON: {clean_line(str(error))[:200]}") from None
    plain = text.isascii() and "\\" not in text and "\x7f" not in text
    if not plain and _SUSPECT.search(text) is not None:
        value = clean_values(value)
    if issues is not None:
        issues.extend(_twice(name, what) for name in doubled[:MAX_ISSUES])
    return value


def _decode(data: bytes, what: str) -> str:
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"0x{data[error.start]:02x} at byte {error.start:,}" if error.start < len(data) else "at its end"
        raise Malformed(f"{what} is not {encoding.removesuffix('-sig').upper()} text ({byte})") from None


def _check(data: bytes, what: str) -> None:
    """Refuse what would take too much to parse, by its marks alone: no Python object is made for a value."""
    if b"\\" in data:
        data = _ESCAPE.sub(b"", data)
    if _LONG_STRING.search(data) is not None and max(map(len, data.split(b'"')[1::2])) > MAX_JSON_STRING:
        raise Malformed(f"{what} has a text of more than {MAX_JSON_STRING:,} characters")
    if b"0" * (MAX_JSON_DIGITS + 1) in data.translate(_DIGITS):
        bare = _STRING.sub(b'""', data)
        if b"0" * (MAX_JSON_DIGITS + 1) in bare.translate(_DIGITS):
            raise Malformed(f"{what} has a number of more than {MAX_JSON_DIGITS} digits")
    if sum(map(data.count, (b",", b"[", b"{", b":"))) > MAX_JSON_NODES:
        bare = _STRING.sub(b'""', data)
        values = sum(map(bare.count, (b",", b"[", b"{", b":")))
        if values > MAX_JSON_NODES:
            raise Malformed(f"{what} has about {values:,} values, and {MAX_JSON_NODES:,} are the most that are read")
    # Of two quotes beside each other, the second undoes the first, whichever of them begins a text.
    marks = data.translate(None, delete=_NO_MARKS).replace(b'""', b"")
    depth = max(itertools.accumulate(map(_DEEPER.__getitem__, _STRING.sub(b"", marks))), default=0)
    if depth > MAX_JSON_DEPTH:
        raise Malformed(f"{what} is nested {depth:,} deep, and {MAX_JSON_DEPTH} is the most that is read")


def _twice(name: str, what: str) -> FileIssue:
    shown = clean_line(name)[:200]
    return FileIssue(
        kind="malformed",
        message=f"{what} gives {shown} twice in one object",
        why="Keras takes the last of them; another reader may take the first, and see another model",
        where=what,
    )
