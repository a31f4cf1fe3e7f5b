"""A log in memory that is looked at as slowly as a test wants, and an app that shows a log alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Footer

from kerascope.app._internals import drop_colors, use_ascii_scrollbars
from kerascope.app._marks import marks_for
from kerascope.app.widgets import log_view
from kerascope.app.widgets.log_view import LogView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from kerascope.app._log_source import LogSource

STYLES = log_view.__file__.replace(".py", ".tcss")
APP_STYLES = str(STYLES).replace("widgets/log_view", "app")


@dataclass(frozen=True)
class Line:
    """One line."""

    number: int
    text: str
    spans: tuple[tuple[int, int, str], ...] = ()
    stream: str = "out"
    partial: bool = False
    cut_bytes: int = 0


@dataclass(frozen=True)
class Found:
    """How far a search came."""

    line: int | None = None
    next: int | None = None


class FakeLog:
    """Lines from memory; `hidden` lines before the others are found `step` at a time."""

    def __init__(self, lines: Sequence[Line], *, hidden: int = 0, step: int = 10) -> None:
        self.all = list(lines)
        self.hidden = hidden
        self.step = step
        self.before = 0
        self.held = False
        self.shown = len(self.all)
        self.reads: list[tuple[int, int]] = []

    @property
    def count(self) -> int:
        return self.shown - self.hidden

    @property
    def complete(self) -> bool:
        return not self.hidden

    def add(self, *texts: str, stream: str = "out") -> None:
        """Write more lines."""
        self.all += [Line(len(self.all) + number, text, stream=stream) for number, text in enumerate(texts, 1)]

    def replace_last(self, line: Line) -> None:
        """Write the last line on."""
        self.all[-1] = line
        self.shown -= 1

    def advance(self, budget_bytes: int) -> bool:
        if self.held or (self.shown == len(self.all) and not self.hidden):
            return False
        found = min(self.step, self.hidden)
        self.hidden -= found
        self.before += found
        self.shown = len(self.all)
        return True

    def lines(self, first: int, last: int) -> Sequence[Line]:
        self.reads.append((first, last))
        return self.all[self.hidden + first : min(self.hidden + last, self.shown)]

    def find(self, text: str, start: int, forward: bool, budget_bytes: int) -> Found:
        """Looks at a thousand lines a call."""
        last = min(start + 1000, self.count) if forward else max(start - 1000, -1)
        for at in range(start, last, 1 if forward else -1):
            if text.casefold() in self.all[self.hidden + at].text.casefold():
                return Found(at)
        return Found(None, last if 0 <= last < self.count else None)

    def first_error(self) -> int | None:
        texts = (line.text for line in self.all[self.hidden : self.shown])
        return next((at for at, text in enumerate(texts) if text.startswith("Traceback")), None)

    def filtered(self, text: str) -> FakeLog:
        held = [line for line in self.all[self.hidden : self.shown] if text.casefold() in line.text.casefold()]
        return FakeLog(held)

    def place_of(self, number: int) -> int:
        return number - 1 - self.hidden


class LogApp(App[None]):
    """A log alone on the screen."""

    CSS_PATH = [APP_STYLES, STYLES]

    def __init__(self, source: LogSource | None, *, ascii_only: bool = False, save_as: Path | None = None) -> None:
        super().__init__()
        self._source = source
        self._marks = marks_for(ascii_only)
        self._save_as = str(save_as) if save_as is not None else "training.log"
        self.copied: list[str] = []
        self.animation_level = "none"
        use_ascii_scrollbars(ascii_only)
        drop_colors(self)

    def compose(self) -> ComposeResult:
        yield LogView(self._marks, id="log", save_as=self._save_as)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show it."""
        self.view.source = self._source
        self.view.focus()

    @property
    def view(self) -> LogView:
        """The widget."""
        return self.query_one(LogView)

    def copy_to_clipboard(self, text: str) -> None:
        """Keep it."""
        self.copied.append(text)


def texts(count: int) -> list[Line]:
    """So many lines that can be told apart."""
    return [Line(number, f"line {number:,} of a training") for number in range(1, count + 1)]


def mixed() -> list[Line]:
    """What a training prints: lines of both streams, colours, long ones, one that is cut, wide characters."""
    lines = texts(30)
    warning = "2026-01-01 W tensorflow/core: this binary uses the CPU instructions AVX2 and FMA where they count"
    lines[14] = Line(15, warning, stream="err")
    lines[17] = Line(18, "Epoch 3/10  loss: 0.1234  accuracy: 0.9876", ((0, 10, "bold green"), (12, 17, "cyan")))
    lines[20] = Line(21, "Traceback (most recent call last):", stream="err")
    lines[21] = Line(22, '  File "train.py", line 7, in <module>', stream="err")
    lines[24] = Line(25, "weights: " + "0.25 " * 20, cut_bytes=99_000_000)
    lines[26] = Line(27, "語" * 50)
    lines[29] = Line(30, "last line", ((0, 4, "no such style"),))
    return lines
