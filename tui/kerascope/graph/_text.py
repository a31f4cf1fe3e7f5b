"""Making foreign text safe to show."""

from __future__ import annotations

import re

__all__ = ["clean_line", "clean_text", "clean_values"]

# CSI and OSC sequences go as a whole, so that no "[1m" is left behind; then what could still steer a terminal: C0 and
# C1 controls, DEL, the bidirectional controls (they reorder what is read), zero-width marks, and lone surrogates.
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` without escape sequences and control characters; line breaks stay, tabs become four spaces."""
    if text.isprintable():  # nothing of what is taken out below is, and nearly every text of a large file is
        return text
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def clean_line(text: str) -> str:
    """`text` cleaned and on one line: every run of white space becomes one blank."""
    return " ".join(clean_text(text).split())


def clean_values(value: object) -> object:
    """Decoded JSON with every text in it cleaned, keys too. It is as deep as the recursion goes: bound it before."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean_values(each) for each in value]
    if isinstance(value, dict):
        return {clean_text(key): clean_values(each) for key, each in value.items()}
    return value
