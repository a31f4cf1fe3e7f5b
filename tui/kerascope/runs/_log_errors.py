"""The first line of a log that looks like an error. Pure."""

from __future__ import annotations

import re

__all__ = ["REACH", "find_error"]

REACH = 256
"""Bytes of a line that are looked at."""

_HINTS = (b"raceback", b"rror", b"RROR", b"AL", b"atal", b"terminate", b"Check failed")
"""One of these is in whatever is found: each costs as much as counting the lines does, the pattern far more."""

_NO_NUMBER = rb"(?!\s*[-+]?\.?(?:\d|nan\b|inf\b))"
"""`error: 0.25` is a metric."""

_LINE = re.compile(
    rb"(?:\x1b\[[0-9;]*m)*"
    rb"(?:"
    rb"(?:[A-Za-z_]\w*\.)*[A-Z]\w*Error:\s" + _NO_NUMBER + rb"|"
    rb"(?:error|Error|ERROR|fatal|FATAL|CRITICAL)(?:\x1b\[[0-9;]*m)*:" + _NO_NUMBER + rb"|"
    rb"\[(?:error|ERROR|FATAL|CRITICAL)\]|"
    rb"(?:ERROR|FATAL|CRITICAL)\s|"
    rb"\[?\d{4}-\d\d-\d\d[ T].{0,80}?\b(?:ERROR|FATAL|CRITICAL)\b|"
    # glog, as TensorFlow's own code logs; its E lines tell of missing GPU libraries at every healthy start.
    rb"(?:F\d{4} \d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: F ).*Check failed|"
    rb"Fatal Python error:|terminate called after"
    rb")"
)

_TRACEBACK = b"Traceback (most recent call last):"
"""It says what it is wherever it stands: often behind a progress bar that has no end of line yet."""


def find_error(data: bytes, *, whole: bool = True, end: int | None = None) -> int | None:
    """Offset in the first line of `data` that looks like an error.

    Args:
        data: Part of a log.
        whole: Whether a line begins at its beginning; else the first one is only searched for a traceback.
        end: Only lines that begin before this count; what is behind is looked at as the rest of the last of them.

    Returns:
        Where the line begins (or, of the first one, where the traceback does), `None` where there is none.
    """
    begin = 0 if whole else data.find(b"\n") + 1
    if not whole:
        place = data.find(_TRACEBACK, 0, begin or len(data))
        if place >= 0 or not begin:
            return place if place >= 0 else None
    best = len(data) if end is None else end
    found = False
    for hint in _HINTS:
        start = _first(data, hint, begin, best)
        if start is not None:
            best, found = start, True
    return best if found else None


def _first(data: bytes, hint: bytes, begin: int, before: int) -> int | None:
    """The first line with a hint that is an error, of those that begin from `begin` on and before `before`."""
    place = data.find(hint, begin)
    while place >= 0:
        start = data.rfind(b"\n", 0, place) + 1
        if start >= before:
            return None
        stop = data.find(b"\n", place)
        stop = len(data) if stop < 0 else stop
        line = data[start:stop]
        if _TRACEBACK in line or _LINE.match(line[:REACH]) is not None:
            return start
        place = data.find(hint, stop)
    return None
