"""The line a search is typed into."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

__all__ = ["SearchBar"]


class SearchBar(Input):
    """One line without a frame; says what is typed while it is typed."""

    BINDINGS = [("escape", "dismiss", "close")]

    class Dismissed(Message):
        """The search was given up."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id, placeholder="search: Enter goes there, Esc gives up", compact=True, select_on_focus=True
        )
        self.cursor_blink = False

    def action_dismiss(self) -> None:
        """Give up."""
        self.post_message(self.Dismissed())
