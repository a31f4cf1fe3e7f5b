"""How a text report is dressed: colour codes, glyphs and the cells that a text takes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.graph import Severity

__all__ = ["Style", "cells", "pad"]

_RESET = "\x1b[0m"
_CODES = {"error": "1;31", "warning": "1;33", "info": "36", "bold": "1", "dim": "2"}
_ASCII = str.maketrans(
    {
        "…": "...",
        "→": "->",
        "✓": "+",
        "✗": "x",
        "≠": "!=",
        "│": "|",
        "·": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """Colour or not, Unicode glyphs or ASCII ones. Every state is a word too: colour only repeats it."""

    color: bool
    ascii_only: bool

    def paint(self, text: str, role: str) -> str:
        """`text` in the colour of a severity, `bold` or `dim`."""
        return f"\x1b[{_CODES[role]}m{text}{_RESET}" if self.color and text else text

    def severity(self, severity: Severity, text: str) -> str:
        """`text` in the colour of `severity`."""
        return self.paint(text, severity.value)

    def plain(self, text: str) -> str:
        """Our own wording with its glyphs replaced where only ASCII is safe."""
        return text.translate(_ASCII) if self.ascii_only else text


def cells(text: str) -> int:
    """Terminal cells that `text` takes: two for wide East Asian characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled up with blanks to `width` cells, on its left when `right`."""
    blanks = " " * max(0, width - cells(text))
    return blanks + text if right else text + blanks
