"""What was found, and what went wrong: a list to jump from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets.option_list import Option

from kerascope.app._actions import bindings
from kerascope.app._internals import PlainOptionList
from kerascope.app._words import place_of, tolerance_words
from kerascope.app.widgets._excerpt import traceback_lines
from kerascope.app.widgets.detail import SEVERITY_STYLE
from kerascope.graph import is_saved, no_architecture

if TYPE_CHECKING:
    from textual.widgets import OptionList

    from kerascope.app._marks import Marks
    from kerascope.app._view import View
    from kerascope.graph import Finding, Frame

__all__ = ["FindingsPane"]


class FindingsPane(PlainOptionList):
    """Failure, findings and notes; Enter goes to the layer or the line."""

    BINDINGS = bindings("findings") + bindings("move")

    view: reactive[View | None] = reactive(None, repaint=False)

    class Chosen(Message):
        """A finding, or a place in the file, was chosen."""

        def __init__(self, finding: Finding | None, line: int | None) -> None:
            super().__init__()
            self.finding = finding
            self.line = line

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.marks = marks
        self._targets: list[tuple[Finding | None, int | None]] = []
        self._texts: list[str] = []

    def watch_view(self, view: View | None) -> None:
        """Write the list anew, keeping what is highlighted where it still is."""
        highlighted = self.highlighted
        self.clear_options()
        self._targets, self._texts = [], []
        if view is None:
            return
        options: list[Option | None] = []
        for target, content in _entries(view, self.marks):
            self._targets.append(target)
            self._texts.append(_copied(view, target[0], content))
            options.append(Option(content))
        self.add_options(options)
        if self._targets:
            self.highlighted = min(highlighted or 0, len(self._targets) - 1)

    @property
    def selected_text(self) -> str | None:
        """The highlighted entry on one line, to copy."""
        at = self.highlighted
        return self._texts[at] if at is not None and at < len(self._texts) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass the choice on."""
        event.stop()
        finding, line = self._targets[event.option_index]
        self.post_message(self.Chosen(finding, line))

    def action_down(self) -> None:
        """One entry down."""
        self.action_cursor_down()

    def action_up(self) -> None:
        """One entry up."""
        self.action_cursor_up()

    def action_left(self) -> None:
        """Nothing: the text is wrapped."""

    def action_right(self) -> None:
        """Nothing: the text is wrapped."""


def _entries(view: View, marks: Marks) -> list[tuple[tuple[Finding | None, int | None], Content]]:
    inspection = view.inspection
    source = inspection.source
    entries: list[tuple[tuple[Finding | None, int | None], Content]] = []

    def frames(found: tuple[Frame, ...]) -> list[Content]:
        return [Content("\n"), traceback_lines(found, source)] if found else []

    def at(line: int | None, path: str | None) -> str:
        return "" if line is None else source.line_name(line, path)

    failure = inspection.failure
    if failure is not None:
        where = at(failure.line, failure.path)
        parts: list[Content | str | tuple[str, str]] = [
            (f"{marks.loose} could not be looked at  {where}", "bold $text-error"),
            "\n",
            failure.message,
            *frames(failure.frames),
        ]
        if failure.hint:
            parts += ["\n", failure.hint]
        here = failure.line if failure.path in (None, source.path) else None
        entries.append(((None, here), Content.assemble(*parts)))
    for finding in inspection.findings:
        line = at(finding.line, finding.path)
        head = f"{marks.severity(finding.severity)}  {finding.rule}"
        who = f"  {finding.layer}" if finding.layer else ""
        # What a layer's finding says besides stands in its detail; a whole model's has no other place.
        more: list[str | tuple[str, str]] = []
        if finding.layer_id is None and finding.why:
            more += ["\n", ("Why: ", "bold"), finding.why]
        if finding.layer_id is None and finding.fix is not None:
            more += ["\n", ("Fix: ", "bold"), finding.fix.description]
        entries.append(
            (
                (finding, finding.line),
                Content.assemble(
                    (head, SEVERITY_STYLE[finding.severity]),
                    (f"  {line}" if line else "", "bold"),
                    (who, "$foreground-muted"),
                    "\n",
                    finding.message,
                    *more,
                ),
            )
        )
    if failure is None and not inspection.findings:
        entries.append(((None, None), Content.styled(_nothing_found(view), "$foreground-muted")))
    for note in inspection.notes:
        line = at(note.line, note.path)
        parts = [(f"note  {line}".rstrip(), "bold"), "\n", note.message, *frames(note.frames)]
        here = note.line if note.path in (None, source.path) else None
        entries.append(((None, here), Content.assemble(*parts)))
    return entries


def _copied(view: View, finding: Finding | None, content: Content) -> str:
    """An entry as one line of text; a finding as compilers write theirs."""
    if finding is None:
        return " ".join(content.plain.split())
    where = ""
    if finding.path is not None and finding.line is not None:
        where = f"{place_of(view.inspection.source, finding.path, finding.line)}: "
    return f"{where}{finding.rule} {finding.message}"


def _nothing_found(view: View) -> str:
    inspection = view.inspection
    if is_saved(inspection) and inspection.engine is None:
        if inspection.file is None:
            return "No findings yet: the file is being read."
        unknown = any(layer.effective is None or layer.connection is None for layer in view.layers.values())
        judged = " in what could be judged" if unknown or no_architecture(inspection) else ""
        return f"No findings{judged}: no code, nothing outside of the file and nothing malformed was seen in it."
    if view.inspection.engine is None:
        return "No findings yet: only Keras can tell what it makes of the declarations."
    unjudged = any(layer.connection is None for layer in view.layers.values())
    if unjudged or tolerance_words(view.inspection) or any(note.frames for note in view.inspection.notes):
        return "No findings in what could be judged."
    return "No findings: every declaration is what Keras uses, and every layer is connected."
