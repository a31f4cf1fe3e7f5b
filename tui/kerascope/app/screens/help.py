"""What the words and marks mean, and what the keys do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from kerascope.graph import Severity, Verdict

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import ActiveBinding

    from kerascope.app._marks import Marks

__all__ = ["HelpScreen"]

_INTRODUCTION = """\
kerascope shows a model's layers as Keras really built them, beside what the program says about their inputs.

declared is what the author wrote about a layer's input: input_shape, input_dim, an Input, a build call. \
effective is the input shape Keras really used. Only the declaration of the first layer counts; Keras drops every \
later one, never saying which, and takes what the layer before gives out.

A saved model is read as data: nothing in it is executed. Its shapes are stated in the file, or inferred by \
kerascope's shape rules, or unknown with the reason. Where the format keeps no declarations they are "not recorded".

Each row is one layer. The lines on the left show which layer takes whose output, from top to bottom: lines meet a \
layer where it takes several, and leave a layer where several take it."""


class HelpScreen(ModalScreen[None]):
    """Prose, a legend, and the live bindings of the screen beneath.

    Args:
        active: The bindings.
        marks: Glyphs.
        prose: Introduction and legend of that screen, `None` for those of the screen on a file; a word without a
            meaning is a heading.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        ("escape,q,question_mark", "leave", "back"),
        ("j,down", "scroll(1)", "down"),
        ("k,up", "scroll(-1)", "up"),
        ("space,pagedown", "page(1)", "page down"),
        ("b,pageup", "page(-1)", "page up"),
        ("g", "end(False)", "top"),
        ("G", "end(True)", "bottom"),
    ]

    def __init__(
        self, active: list[ActiveBinding], marks: Marks, prose: tuple[str, list[tuple[str, str]]] | None = None
    ) -> None:
        super().__init__()
        self._active = active
        self._marks = marks
        self._prose = prose

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="dialog", classes="-large") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "esc leaves, j and k scroll"
            yield Static(self._content())

    def _content(self) -> Content:
        introduction, legend = self._prose if self._prose is not None else (_INTRODUCTION, self._legend())
        lines: list[Content] = [Content(introduction), Content("")]
        lines += [_row(word, meaning, head=not meaning) for word, meaning in legend]
        lines += [Content(""), _row("Keys", "", head=True)]
        seen: set[str] = set()
        for _node, binding, enabled, tooltip in self._active:
            if not enabled or not binding.id or binding.id in seen:
                continue
            seen.add(binding.id)
            lines.append(_row(binding.key_display or binding.key, tooltip or binding.tooltip or binding.description))
        lines.append(_row("ctrl+p", "Command palette: all of these by name, and the colours"))
        return Content("\n").join(lines)

    def _legend(self) -> list[tuple[str, str]]:
        marks = self._marks
        return [
            ("Marks", ""),
            (marks.verdict(Verdict.DISCARDED), "declared, dropped, and different from what Keras uses"),
            (marks.verdict(Verdict.DECIDES), "this declaration made the shape"),
            (marks.verdict(Verdict.REDUNDANT), "dropped, but equal to what Keras uses: harmless"),
            (marks.verdict(Verdict.UNDECIDED), "the layer was never built or never called"),
            (f"{marks.loose} unconnected", "constructed, never called: no model holds it"),
            (f"{marks.loose} dead-branch", "called, but its result reaches no model output"),
            (f"{marks.loose} unused-input", "an Input that no model uses"),
            (marks.fails, "calling the layer failed; its effective shape is what came in"),
            (
                f"{marks.unfolded} / {marks.folded} +12",
                "what is inside is shown / folded away, and how many layers",
            ),
            (f"{marks.differs}", "the other Keras makes something else of this layer (b)"),
            (marks.severity(Severity.ERROR), "will fail"),
            (marks.severity(Severity.WARNING), "is not what the author wrote"),
            (marks.severity(Severity.INFO), "is harmless"),
            (
                f"{'o' if marks.ascii_only else '○'} / {'*' if marks.ascii_only else '●'}",
                "a layer nothing leads to / any other",
            ),
            (marks.unjudged, "a layer whose connections are not known"),
            (
                f"{marks.ellipsis}output",
                "in the head: a column that found no room; l and h go there, the detail has it",
            ),
        ]

    def action_leave(self) -> None:
        """Back to the screen."""
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        """One line."""
        dialog = self.query_one("#dialog")
        dialog.scroll_to(y=dialog.scroll_y + step, animate=False)

    def action_page(self, step: int) -> None:
        """One page."""
        dialog = self.query_one("#dialog")
        dialog.scroll_to(y=dialog.scroll_y + step * max(1, dialog.size.height - 1), animate=False)

    def action_end(self, bottom: bool) -> None:
        """To the top or the bottom."""
        dialog = self.query_one("#dialog")
        dialog.scroll_to(y=dialog.max_scroll_y if bottom else 0, animate=False)


def _row(word: str, meaning: str, *, head: bool = False) -> Content:
    return Content.assemble((f"{word:<15}", "bold $primary" if head else "bold"), meaning)
