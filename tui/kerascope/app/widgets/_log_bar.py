"""The line beneath a log: how it stands, or what there is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from kerascope.app._log_words import LogState, bar_text

if TYPE_CHECKING:
    from kerascope.app._marks import Marks

__all__ = ["LogBar"]


class LogBar(Widget):
    """One line; it is written only when it differs."""

    state: reactive[LogState] = reactive(LogState(), repaint=False)

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self.marks = marks
        self._shown = ""

    def watch_state(self) -> None:
        """Write it, where it differs."""
        if self._text() != self._shown:
            self.refresh()

    def _text(self) -> str:
        return bar_text(self.state, self.content_size.width, self.marks) if self.content_size.width else ""

    def render(self) -> Content:
        """The line."""
        self._shown = self._text()
        return Content(self._shown)
