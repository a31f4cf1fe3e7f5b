"""One line of a program's output as a terminal shows it in the end: progress bars folded, colours told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from kerascope.graph import clean_text

__all__ = ["Folded", "fold", "plain_lines"]

_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")

MAX_COLUMN = 4096
"""Cells a cursor can be sent to the right: an escape sequence may name any number."""

_CONTROL = re.compile(
    r"\x1b\[(?P<arguments>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI: colours, cursor, erasing
    r"|\x1b[PX^_\]][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and their kin: titles, links, the clipboard
    r"|\x1b(?:[ -/]*[0-~])?"
    r"|(?P<single>[\r\b\t])|\x07"
)
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[PX^_\]][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b(?:[ -/]*[0-~])?")


class Folded(NamedTuple):
    """A line without control characters, and its colours: first character, end, and a style in Rich's words."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Pen:
    """How characters are written from here on, as ECMA-48's SGR sets it."""

    foreground: str = ""
    background: str = ""
    attributes: frozenset[str] = frozenset()

    def words(self) -> str:
        """The style in Rich's words."""
        parts = sorted(self.attributes)
        if self.foreground:
            parts.append(self.foreground)
        if self.background:
            parts.append(f"on {self.background}")
        return " ".join(parts)


_PLAIN = _Pen()
_SET = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_UNSET = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}, 27: {"reverse"}, 29: {"strike"}}


def fold(data: bytes | str) -> Folded:
    """What a line looks like once everything in it was written.

    `\\r` and `\\b` move the cursor, so that a progress bar is its last state; of the escape sequences colours are kept,
    those that move within the line or erase in it are followed, all others left out. What else could steer a terminal
    becomes a replacement character.

    Args:
        data: The line without its end; bytes that are no UTF-8 become replacement characters.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    if text.isprintable():
        return Folded(text)
    screen = _Line()
    done = 0
    for found in _CONTROL.finditer(text):
        screen.write(text[done : found.start()])
        done = found.end()
        if found["final"] is not None:
            screen.escape(found["arguments"], found["final"])
        elif found["single"] is not None:
            screen.control(found["single"])
    screen.write(text[done:])
    return screen.folded()


class _Line:
    """One line of a terminal, as wide as it needs to be."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._pens: list[_Pen] = []
        self._column = 0
        self._pen = _PLAIN

    def write(self, text: str) -> None:
        """Write over what is there."""
        if not text:
            return
        text = clean_text(text)
        self._fill()
        end = self._column + len(text)
        self._cells[self._column : end] = text
        self._pens[self._column : end] = [self._pen] * len(text)
        self._column = end

    def control(self, character: str) -> None:
        """Move by a carriage return, a backspace or a tabulator."""
        if character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        else:
            self._column = (self._column // 8 + 1) * 8
            self._fill()

    def _fill(self) -> None:
        """Blanks up to the cursor."""
        missing = self._column - len(self._cells)
        if missing > 0:
            self._cells += " " * missing
            self._pens += [_PLAIN] * missing

    def escape(self, arguments: str, final: str) -> None:
        """Follow a CSI sequence that concerns one line; what moves to other lines is left out."""
        if final == "m":
            self._pen = _painted(self._pen, arguments)
        elif final == "K":
            self._erase(arguments)
        elif final in "CDG":
            count = int(arguments) if arguments.isdecimal() and len(arguments) < 6 else 1
            column = {"C": self._column + max(count, 1), "D": self._column - max(count, 1), "G": count - 1}[final]
            # Text may reach beyond any bound, the cursor alone may not.
            self._column = max(0, min(column, max(MAX_COLUMN, len(self._cells))))

    def _erase(self, what: str) -> None:
        if what in ("", "0"):
            del self._cells[self._column :], self._pens[self._column :]
        elif what == "1":
            end = min(self._column + 1, len(self._cells))
            self._cells[:end] = " " * end
            self._pens[:end] = [_PLAIN] * end
        elif what == "2":
            self._cells.clear()
            self._pens.clear()

    def folded(self) -> Folded:
        """The text that is there, without blanks at its end, and its colours."""
        text = "".join(self._cells).rstrip(" ")
        spans, start = [], 0
        for pen, run in groupby(self._pens[: len(text)]):
            end = start + sum(1 for _ in run)
            if pen != _PLAIN:
                spans.append((start, end, pen.words()))
            start = end
        return Folded(text, tuple(spans))


def _painted(pen: _Pen, arguments: str) -> _Pen:
    """The pen after an SGR sequence; what is no colour and no known attribute changes nothing."""
    parts = [part or "0" for part in re.split("[;:]", arguments)]
    codes = [int(part) if part.isdecimal() and len(part) < 4 else -1 for part in parts]
    place = 0
    while place < len(codes):
        code = codes[place]
        place += 1
        if code in (38, 48):
            color, used = _extended(codes[place:])
            place += used
            if color:
                pen = replace(pen, foreground=color) if code == 38 else replace(pen, background=color)
        else:
            pen = _simple(pen, code)
    return pen


def _simple(pen: _Pen, code: int) -> _Pen:
    if code == 0:
        return _PLAIN
    if code in _SET:
        return replace(pen, attributes=pen.attributes | {_SET[code]})
    if code in _UNSET:
        return replace(pen, attributes=pen.attributes - _UNSET[code])
    tens, color = divmod(code, 10)
    if code in (39, 49):
        return replace(pen, foreground="") if code == 39 else replace(pen, background="")
    if color < 8 and tens in (3, 9):
        return replace(pen, foreground=_COLORS[color] if tens == 3 else f"bright_{_COLORS[color]}")
    if color < 8 and tens in (4, 10):
        return replace(pen, background=_COLORS[color] if tens == 4 else f"bright_{_COLORS[color]}")
    return pen


def _extended(codes: list[int]) -> tuple[str, int]:
    """A colour of 256 or of all, and how many codes tell it."""
    if codes[:1] == [5] and len(codes) > 1:
        return (f"color({codes[1]})" if 0 <= codes[1] < 256 else "", 2)
    if codes[:1] == [2] and len(codes) > 3:
        red, green, blue = codes[1:4]
        whole = all(0 <= part < 256 for part in (red, green, blue))
        return (f"#{red:02x}{green:02x}{blue:02x}" if whole else "", 4)
    return "", len(codes)


def plain_lines(data: bytes) -> str:
    """Whole lines as they are shown, without colours, for a search: as many lines, each as `fold` has it.

    It is made for speed: of most lines nothing has to be folded.
    """
    text = data.decode("utf-8", "replace")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text or "\b" in text:
        lines = text.split("\n")
        text = "\n".join(fold(line).text if "\r" in line or "\b" in line else line for line in lines)
    return text
