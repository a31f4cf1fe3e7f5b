"""A small dialog that asks whether something that cannot be undone is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks

__all__ = ["ConfirmScreen"]


class ConfirmScreen(ModalScreen[bool]):
    """Answers whether it is meant; Enter alone does nothing, for it is pressed too easily.

    Args:
        title: What is to be done.
        question: One or two sentences: what it does, and what is lost by it.
        does: What `y` does, in a word or two.
        marks: Glyphs.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [("y", "answer(True)", "yes"), ("n,escape,q", "answer(False)", "no")]

    def __init__(self, title: str, question: str, does: str, marks: Marks) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._does = does
        self._marks = marks

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(Content(self._marks.text(self._question)), id="ask-lead")
            yield Static(f"y {self._does}, esc leaves", id="dialog-keys")

    def action_answer(self, meant: bool) -> None:
        """Answer."""
        self.dismiss(meant)
