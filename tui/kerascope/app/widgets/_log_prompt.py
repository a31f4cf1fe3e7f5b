"""The line in which a search, a filter or a file name for a log is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from kerascope.app.widgets.search import SearchBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input

__all__ = ["LogPrompt"]

_PROMPTS = {
    "search": ("/", "search: Enter goes there, Esc gives up"),
    "filter": ("&", "show the lines that hold this text; nothing shows all"),
    "save": ("save as", "path of a new file; Esc gives up"),
}


class LogPrompt(Horizontal):
    """Out of sight until it asks."""

    class Answered(Message):
        """Something was typed, or given up.

        Attributes:
            what: What was asked for: `search`, `filter` or `save`.
            text: What was typed; `None` where it was given up.
        """

        def __init__(self, what: str, text: str | None) -> None:
            super().__init__()
            self.what = what
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self._what = ""

    def compose(self) -> ComposeResult:
        yield Static()
        yield SearchBar()

    def ask(self, what: str, value: str) -> None:
        """Ask, proposing a value."""
        self._what = what
        label, placeholder = _PROMPTS[what]
        self.query_one(Static).update(Content(f" {label} "))
        bar = self.query_one(SearchBar)
        bar.placeholder, bar.value = placeholder, value
        self.add_class("-open")
        bar.focus()

    def on_search_bar_dismissed(self, message: SearchBar.Dismissed) -> None:
        """Say that it was given up."""
        message.stop()
        self._answer(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Say what was typed."""
        event.stop()
        self._answer(event.value)

    def _answer(self, text: str | None) -> None:
        self.remove_class("-open")
        self.post_message(self.Answered(self._what, text))
