"""A small dialog that asks for one line of text, and says while it is typed what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks

__all__ = ["Answer", "AskScreen"]

Result = TypeVar("Result")


class Answer(Generic[Result]):
    """What was typed, and what it means."""

    def __init__(self, text: str, meaning: Result) -> None:
        self.text = text
        self.meaning = meaning


class _Line(Input):
    """One line; several lines that are pasted become one."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        lines = [line.strip().rstrip(",") for line in event.text.splitlines()]
        self.insert_text_at_cursor(", ".join(line for line in lines if line))


class AskScreen(ModalScreen[Answer[Result] | None]):
    """Answers with what was typed once it is right, `None` when the dialog was left.

    Args:
        title: What is asked for.
        lead: One or two sentences: what it is for, and what it looks like.
        value: What stands there at first.
        read: Gives the meaning of a text; its ValueError says what is wrong with it.
        example: What is shown while nothing is typed.
        marks: Glyphs.
        may_be_empty: Nothing at all is an answer too.
        does: What Enter does with it.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [("escape", "leave", "back")]

    def __init__(
        self,
        title: str,
        lead: str,
        value: str,
        read: Callable[[str], Result],
        example: str,
        marks: Marks,
        *,
        may_be_empty: bool = False,
        does: str = "looks again",
    ) -> None:
        super().__init__()
        self._does = does
        self._title = title
        self._lead = lead
        self._value = value
        self._read = read
        self._example = example
        self._marks = marks
        self._may_be_empty = may_be_empty
        self._edited = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(Content(self._marks.text(self._lead)), id="ask-lead")
            line = _Line(
                self._value, id="ask", select_on_focus=False, placeholder=f"for example {self._example}", compact=True
            )
            line.cursor_blink = False
            yield line
            yield Static(id="ask-error")
            yield Static(f"enter {self._does}, esc leaves", id="dialog-keys")

    def on_mount(self) -> None:
        """Begin behind the last value."""
        self.query_one("#ask", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong with what stands there now, but not with what stood there at first."""
        self._edited = self._edited or event.value != self._value
        if self._edited:
            self._judge()

    def _judge(self) -> Answer[Result] | None:
        text = self.query_one("#ask", Input).value.strip()
        if not text and not self._may_be_empty:
            # Nothing is wrong yet with a line that was not begun.
            self._say("")
            return None
        try:
            answer = Answer(text, self._read(text))
        except ValueError as error:
            self._say(f"{self._marks.loose} {error}")
            return None
        self._say("")
        return answer

    def _say(self, text: str) -> None:
        self.query_one("#ask-error", Static).update(Content(self._marks.text(text)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, if it is right."""
        event.stop()
        answer = self._judge()
        if answer is not None:
            self.dismiss(answer)
        elif not event.value.strip():
            self._say(f"{self._marks.loose} nothing is typed yet; for example {self._example}")

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
