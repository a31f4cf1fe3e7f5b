"""What the log view asks of a log: lines by their place, a bounded piece of work at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LogFound", "LogLine", "LogLines", "LogSource", "NoLines"]


class LogLine(Protocol):
    """One line: cleaned, progress bars folded, colours taken out of the text."""

    @property
    def number(self) -> int:
        """Number of the line in the whole log, from 1, as far as that is known."""
        ...

    @property
    def text(self) -> str:
        """What to show: no control characters, no escape sequences."""
        ...

    @property
    def spans(self) -> Sequence[tuple[int, int, str]]:
        """Colours the program asked for: first character, end, and a style in Rich's words (`bold red`)."""
        ...

    @property
    def stream(self) -> str:
        """`out` or `err`."""
        ...

    @property
    def partial(self) -> bool:
        """Whether its end has not been written yet, so that it may still change."""
        ...

    @property
    def cut_bytes(self) -> int:
        """Bytes of a very long line that are left out of `text`."""
        ...


class LogFound(Protocol):
    """How far a search came."""

    @property
    def line(self) -> int | None:
        """Place of the line that was found."""
        ...

    @property
    def next(self) -> int | None:
        """Where to go on; `None` when everything in this direction was looked at."""
        ...


class LogLines(Protocol):
    """Lines in places from 0, the newest last; places move up by as much as `before` grows."""

    @property
    def count(self) -> int:
        """Lines that are known."""
        ...

    @property
    def before(self) -> int:
        """Lines that were put before those known first: a log is opened at its end."""
        ...

    @property
    def complete(self) -> bool:
        """Whether everything before the end was looked at."""
        ...

    def advance(self, budget_bytes: int) -> bool:
        """Look at no more than about so many bytes; whether anything has changed."""
        ...

    def lines(self, first: int, last: int) -> Sequence[LogLine]:
        """The lines in places from `first` up to, without, `last`."""
        ...

    def find(self, text: str, start: int, forward: bool, budget_bytes: int) -> LogFound:
        """Search plain text, in any case, from a place on, in about so many bytes."""
        ...


class LogSource(LogLines, Protocol):
    """A whole log."""

    def filtered(self, text: str) -> LogLines:
        """The lines that hold plain text, in any case; it has to be advanced like the log itself."""
        ...

    def first_error(self) -> int | None:
        """Place of the first error among the lines that are known."""
        ...

    def place_of(self, number: int) -> int:
        """The place of a line of `filtered`, by its number."""
        ...


@dataclass(frozen=True, slots=True)
class _Nothing:
    line: int | None = None
    next: int | None = None


class NoLines:
    """An empty log."""

    count = 0
    before = 0
    complete = True

    def advance(self, budget_bytes: int) -> bool:
        """Nothing changes."""
        return False

    def lines(self, first: int, last: int) -> Sequence[LogLine]:
        """None."""
        return ()

    def find(self, text: str, start: int, forward: bool, budget_bytes: int) -> LogFound:
        """Nothing is found."""
        return _Nothing()
