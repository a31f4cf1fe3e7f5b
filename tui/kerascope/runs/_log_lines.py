"""What is handed out of a log."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LogFound", "LogLine"]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line as it is shown.

    Attributes:
        number: Its number in the whole log, from 1, as far as the beginning is known.
        text: Without control characters, progress bars folded.
        spans: Colours that the program asked for: first character, end, and a style in Rich's words (`bold red`).
        stream: `err` where its end came by stderr, else `out`.
        partial: Whether its end has not been written yet, so that it may still change.
        cut_bytes: Bytes of a very long line that are left out of `text`, at its end.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int, str], ...] = ()
    stream: str = "out"
    partial: bool = False
    cut_bytes: int = 0


@dataclass(frozen=True, slots=True)
class LogFound:
    """How far a search came: the place of the line it found, else where to go on; neither where it is at its end."""

    line: int | None = None
    next: int | None = None
