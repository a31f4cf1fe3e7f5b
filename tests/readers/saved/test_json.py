"""JSON from a saved file: bounded, clean, and nothing but `Malformed` for what is no JSON."""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import random
import time
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import clean_values
from kerascope.readers.saved import _limits
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._json import load_json

if TYPE_CHECKING:
    from kerascope.graph import FileIssue


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"class_name": "Dense", "config": {"units": 3, "rate": 0.1, "shape": [None, 4], "name": "größe"}},
        {"text": 'brackets [ { " \\ } ] in a text', "quotes": ['"', '""', '\\"', "\\"]},
        {"[": "{", "empty": "", "two": ["", ""]},
        [[[{"a": [[]]}]]],
    ],
)
def test_ordinary_json_is_what_python_reads(value: object) -> None:
    assert load_json(json.dumps(value).encode(), "it") == value
    assert load_json(json.dumps(value, ensure_ascii=False, indent=1).encode(), "it") == value


def test_what_keras_writes_beyond_the_standard() -> None:
    value = load_json(b'{"a": NaN, "b": -Infinity, "c": 1e999}', "it")
    assert isinstance(value, dict)
    assert math.isnan(value["a"])
    assert value["b"] == -math.inf
    assert value["c"] == math.inf


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(encoding: str) -> None:
    assert load_json('{"a": "ü"}'.encode(encoding), "it") == {"a": "ü"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is not valid JSON: Expecting value (line 1 column 1)"),
        (b'{"a": 1', "it is not valid JSON: Expecting ',' delimiter (line 1 column 8)"),
        (b"{}\n{}", "it is not valid JSON: Extra data (line 2 column 1)"),
        (b'"a\x1bb"', "it is not valid JSON: Invalid control character at (line 1 column 3)"),
        (b'["\xff"]', "it is not UTF-8 text (0xff at byte 2)"),
        (codecs.BOM_UTF16_LE + b"\x00", "it is not UTF-16 text (0x00 at byte 2)"),
        (b"[" * 201 + b"]" * 201, "it is nested 201 deep, and 200 is the most that is read"),
        (b"[" * 5_000_000, "it has about 5,000,000 values, and 2,000,000 are the most that are read"),
        (b'{"a":' * 300 + b"1", "it is nested 300 deep, and 200 is the most that is read"),
        (b"[" + b"0," * 2_100_000 + b"0]", "it has about 2,100,001 values, and 2,000,000 are the most that are read"),
        (b"9" * 301, "it has a number of more than 300 digits"),
        (b"[1" + b"0" * 1_000_000 + b"]", "it has a number of more than 300 digits"),
        (b'"' + b"x" * 8_400_000 + b'"', "it has a text of more than 8,388,608 characters"),
        (b" " * (33 << 20), "it has 34,603,008 bytes, and 33,554,432 are the most that are read"),
    ],
)
def test_what_is_refused(data: bytes, says: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Malformed) as raised:
        load_json(data, "it")
    assert str(raised.value) == says
    assert time.monotonic() - begun < 3


def test_marks_inside_texts_do_not_count() -> None:
    text = json.dumps(["[" * 1000, "{" * 1000 + '\\"', "1" * 1000, ',:"' * 1_000_000])
    assert load_json(text.encode(), "it") == json.loads(text)


def test_texts_are_clean() -> None:
    text = (
        r'{"a\u001b[31m": "b\ud800", "c": "\u202ed", "e": "f\u0085", "g": ["\tz\n", "\udcff"], "pair": "\ud83d\ude00"}'
    )
    assert load_json(text.encode(), "it") == {
        "a": "b\ufffd",
        "c": "\ufffdd",
        "e": "f\ufffd",
        "g": ["    z\n", "\ufffd"],
        "pair": "\N{GRINNING FACE}",
    }
    assert load_json('["a\u200bb\x7f"]'.encode(), "it") == ["a\ufffdb\ufffd"]


def test_a_name_that_stands_twice_is_an_issue() -> None:
    issues: list[FileIssue] = []
    value = load_json(b'{"a": {"class_name": 1, "b": 2, "class_name": 3}}', "config.json", issues)
    assert value == {"a": {"class_name": 3, "b": 2}}
    assert [(issue.kind, issue.message, issue.where) for issue in issues] == [
        ("malformed", "config.json gives class_name twice in one object", "config.json")
    ]
    issues = []
    load_json(b"[" + b",".join([b'{"a":1,"a":2}'] * 1000) + b"]", "it", issues)
    assert len(issues) == _limits.MAX_ISSUES


def test_every_mutation_is_a_value_or_malformed() -> None:
    chance = random.Random(5)
    data = json.dumps({"class_name": "Sequential", "config": {"layers": [{"n": [1, -2.5e3, None, "a\\u0000\n"]}] * 3}})
    for _ in range(3000):
        changed = bytearray(data.encode())
        for _ in range(chance.choice((1, 2, 8))):
            changed[chance.randrange(len(changed))] = chance.choice(b'{}[]",:\\u0019eE+-\xff\x00 ')
        with contextlib.suppress(Malformed):
            load_json(bytes(changed), "it")


def test_the_parser_cannot_get_deeper_than_the_check() -> None:
    """Every way in which a text may seem to end where it does not."""
    for inside in (r"\"", r"\\", r"\\\"", r"a\\", "", r"\u0022"):
        deep = b'["' + inside.encode() + b'",' + b"[" * 300 + b"]" * 300 + b"]"
        with pytest.raises(Malformed, match="nested 301 deep"):
            load_json(deep, "it")


def test_what_is_suspect_is_what_cleaning_changes() -> None:
    """A text that the short cut leaves alone is one that cleaning would leave alone, too."""
    for code in range(0x10000):
        if 0xD800 <= code < 0xE000 or code in (0x22, 0x5C):
            continue
        text = f'["{chr(code)}"]' if code >= 0x20 else f'["\\u{code:04x}"]'
        for document in (text, f'["\\u{code:04x}"]'):
            value = load_json(document.encode(), "it")
            assert value == clean_values(json.loads(document)), hex(code)
