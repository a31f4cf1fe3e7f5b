"""What is said about a log beneath it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kerascope.app._columns import fit
from kerascope.app._words import counted

if TYPE_CHECKING:
    from kerascope.app._marks import Marks

__all__ = ["LogState", "bar_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How a log is shown.

    Attributes:
        count: Lines shown, those of the filter where there is one.
        total: Lines of the log.
        at: The first line on the screen, from 1.
        new: Lines that came while it was paused.
        following: Whether it stays at the end.
        alive: Whether more may come.
        complete: Whether all that came before the end was looked at.
        filter: The text that all lines shown hold.
        filtered: Whether the filter has looked at all lines.
        said: What there is to say at this moment, instead of how it stands.
        wrapped: Whether long lines are wrapped.
    """

    count: int = 0
    total: int = 0
    at: int = 1
    new: int = 0
    following: bool = True
    alive: bool = True
    complete: bool = True
    filter: str = ""
    filtered: bool = True
    said: str = ""
    wrapped: bool = False


def bar_text(state: LogState, width: int, marks: Marks) -> str:
    """One line: as many parts as there is room for, and at its right end what the mark of stderr means."""
    legend = f"{marks.stderr} stderr"
    if state.wrapped:
        legend = f"wrapped  {legend}"
    parts = [state.said] if state.said else _parts(state)
    dot = f" {marks.dot} "
    while len(parts) > 1 and cell_len(dot.join(parts)) > width:
        parts.pop()
    text = marks.text(dot.join(parts))
    space = width - cell_len(text) - cell_len(legend)
    if space >= 2:
        return f"{text}{' ' * space}{legend}"
    return fit(text, width, marks)


def _parts(state: LogState) -> list[str]:
    holding = f" with {state.filter!r}" if state.filter else ""
    holding += "" if state.filtered else " so far"
    if state.following:
        lines = f"{state.count:,} of {counted(state.total, 'line')}" if state.filter else counted(state.count, "line")
        parts = ["following" if state.alive else "end of the log", f"{lines}{holding}"]
    else:
        new = counted(state.new, "new line") if state.new else ""
        if state.alive:
            parts = [f"paused, {new}, G follows" if new else "paused, G follows"]
        else:
            parts = [f"{new} below"] if new else []
        parts.append(f"line {state.at:,} of {state.count:,}{holding}")
    if not state.complete:
        parts.append("reading what came before")
    return parts
