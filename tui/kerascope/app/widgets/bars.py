"""The one- and two-line bars round the panes: header, tabs and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from kerascope.app._columns import fit
from kerascope.app._words import counted, target_name, tolerance_words
from kerascope.graph import (
    READ_AS_DATA,
    Provenance,
    Severity,
    SourceKind,
    cut_middle,
    how_it_was_read,
    is_saved,
    no_architecture,
    title_of,
    written_by,
)

if TYPE_CHECKING:
    from textual import events

    from kerascope.app._marks import Marks
    from kerascope.app._view import View
    from kerascope.graph import Target

__all__ = ["VIEWS", "HeaderBar", "StatusBar", "TabBar"]

VIEWS = ("layers", "detail", "findings", "source", "log", "weights")
"""All views; the last one is there only where a file holds weights."""
_TITLES = {
    "layers": "Layers",
    "detail": "Detail",
    "findings": "Findings",
    "source": "Source",
    "log": "Log",
    "weights": "Weights",
    "overview": "Overview",
    "curves": "Curves",
    "epochs": "Epochs",
    "details": "Details",
}
_READ_BRIEFLY = "read as data, nothing executed"
_INTERPRETER_LEAST = 16


class HeaderBar(Widget):
    """Two lines: what is shown, and who says so."""

    view: reactive[View | None] = reactive(None)
    target: reactive[Target | None] = reactive(None)
    """What was asked for."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def render(self) -> Content:
        """Both lines, fitted to the width."""
        width = self.size.width
        return Content("\n").join([self._first(width), self._second(width)])

    def _first(self, width: int) -> Content:
        view = self.view
        if view is None:
            return Content.styled("kerascope", "bold")
        path = view.inspection.source.path
        name = target_name(self.target, path) if self.target is not None else path.rsplit("/", 1)[-1]
        model = view.model
        if model is not None:
            # The variable stays longest: it is what tells the models of a file apart.
            title = title_of(model)
            wishes = [f"{title} ({model.class_name})", title] if model.class_name else [title]
            if model.variable and model.variable != title:
                wishes.append(model.variable)
        else:
            wishes = [_no_model(view)]
        place = f"  model {view.index + 1}/{view.count}" if view.count > 1 else ""
        params = model.params if model is not None else None
        totals = [counted(params.total, "parameter")] if params is not None else [""]
        if params is not None and params.non_trainable:
            totals.insert(0, f"{totals[0]}, {params.trainable:,} trainable")
        # What is said in full where there is room gives way in this order: trainable, the class, letters of the names.
        room = width - len("kerascope") - 2 - len(place) - 2 - 2
        total, shown = next(
            ((t, w) for w in wishes for t in totals if cell_len(name) + cell_len(w) + cell_len(t) <= room),
            (totals[-1], wishes[-1]),
        )
        room -= cell_len(total)
        file_room = min(cell_len(name), max(room - cell_len(shown), room // 2))
        name = fit(name, file_room, self.marks)
        shown = fit(shown, max(0, min(cell_len(shown), room - file_room)), self.marks)
        left = Content.assemble(
            ("kerascope", "bold $primary"), "  ", (name, "bold"), "  ", shown, (place, "$foreground-muted")
        )
        return _ends(left, Content(total), width)

    def _second(self, width: int) -> Content:
        view = self.view
        if view is None:
            return Content("")
        right = self._counts(view)
        engine = view.inspection.engine
        if is_saved(view.inspection):
            return _ends(Content(self._what_it_is(view, width - right.cell_length - 2)), right, width)
        if engine is None:
            return _ends(
                Content.styled(
                    "Read from the program text; Keras has not answered yet"
                    if view.inspection.failure is None
                    else "Read from the program text"
                    if any(layer.provenance is Provenance.SOURCE for layer in view.layers.values())
                    else "",
                    "$foreground-muted",
                ),
                right,
                width,
            )
        dot = f" {self.marks.dot} "
        text = f"Keras {engine.keras}{dot}generation {engine.generation}"
        if view.other is not None:
            text = f"Keras {engine.keras} beside Keras {view.other.keras}"
        room = width - cell_len(text) - len(dot) - right.cell_length - 2
        if room < _INTERPRETER_LEAST:
            return _ends(Content(text), right, width)
        python = cut_middle(engine.python, room, self.marks.ellipsis)
        return _ends(Content.assemble(text, dot, (python, "$foreground-muted")), right, width)

    def _what_it_is(self, view: View, room: int) -> str:
        """Of a saved file its format, who wrote it, and what was done with it; the first that there is room for."""
        file = view.inspection.file
        dot = f" {self.marks.dot} "
        done = how_it_was_read(view.inspection)
        if file is None:
            if view.inspection.failure is None:
                return "Being read as data"
            return done if cell_len(done) <= room else _READ_BRIEFLY
        writer = written_by(file)
        short = _READ_BRIEFLY if done == READ_AS_DATA else done.partition(" in a process")[0]
        if view.inspection.source.executed:
            short = "code in it may have been executed"
        wishes = (
            (file.format, f"written by {writer}" if writer else "", done),
            (file.format, writer, done),
            (file.format, writer, short),
            (file.format, "", short),
            ("", writer, short),
        )
        texts = [dot.join(part for part in parts if part) for parts in wishes]
        return next((text for text in texts if cell_len(text) <= room), short)

    def _counts(self, view: View) -> Content:
        found = view.inspection.findings
        pieces: list[Content] = []
        for severity, style in _SEVERITY_STYLES:
            count = sum(finding.severity is severity for finding in found)
            if count:
                text = f"{self.marks.severities[severity]} {counted(count, severity.value)}"
                pieces.append(Content.styled(text.replace("infos", "info"), style))
        if view.inspection.failure is not None:
            pieces.insert(0, Content.styled(f"{self.marks.loose} failed", "bold $text-error"))
        if not pieces and (view.inspection.engine is not None or view.inspection.file is not None):
            pieces.append(Content.styled("no findings", "$foreground-muted"))
        if tolerance_words(view.inspection):
            pieces.append(Content.styled("tolerant", "bold $text-warning"))
        notes = view.inspection.notes
        if notes:
            # A note with frames is an exception: what is shown may be half of what the file makes.
            raised = any(note.frames for note in notes)
            text = counted(len(notes), "note")
            pieces.append(Content.styled(f"! {text}" if raised else text, "bold $text-warning" if raised else ""))
        return Content("  ").join(pieces)


_SEVERITY_STYLES = (
    (Severity.ERROR, "bold $text-error"),
    (Severity.WARNING, "bold $text-warning"),
    (Severity.INFO, "$text-primary"),
)


def _no_model(view: View) -> str:
    inspection = view.inspection
    if no_architecture(inspection):
        alone = bool(inspection.weights) and inspection.source.kind is not SourceKind.SAVED_MODEL
        return "weights only" if alone else "no architecture"
    waiting = inspection.engine is None and inspection.file is None and inspection.failure is None
    return "" if waiting else "no model"


def _ends(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the two ends of a line."""
    space = max(2, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * space, right)


class TabBar(Widget):
    """The views and their keys."""

    active: reactive[str] = reactive("layers")
    views: reactive[tuple[str, ...]] = reactive(VIEWS[:-1])
    """The views there are."""
    findings: reactive[int] = reactive(0)
    notes: reactive[str] = reactive("")
    """How many notes there are, in words."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def _labels(self) -> list[str]:
        labels = []
        for number, view in enumerate(self.views, 1):
            count = f" {self.findings:,}" if view == "findings" and self.findings else ""
            if view == "findings" and self.notes:
                count += f" {'+ ' if count else ''}{self.notes}"
            labels.append(f" {number} {_TITLES[view]}{count} ")
        return labels

    def _texts(self) -> list[str]:
        """What is written of each tab; between them is one cell. Where there is no room for it, without the margins."""
        labels = self._labels()
        narrow = sum(map(len, labels)) + len(labels) - 1 > self.size.width
        tabs = zip(self.views, labels, strict=True)
        return [f"[{each.strip()}]" if view == self.active else each.strip() if narrow else each for view, each in tabs]

    def render(self) -> Content:
        """One line; the active tab is marked by brackets as well as by colour."""
        styles = ("bold $text-primary" if view == self.active else "$foreground-muted" for view in self.views)
        return Content(" ").join(Content.styled(text, style) for text, style in zip(self._texts(), styles, strict=True))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        at = 1
        for view, text in zip(self.views, self._texts(), strict=True):
            if at <= event.x < at + len(text):
                self.post_message(self.Chosen(view))
                return
            at += len(text) + 1


class StatusBar(Static):
    """One line: what is going on. It is written only when its text changes."""

    text: reactive[str] = reactive("")

    def watch_text(self, text: str) -> None:
        """Show the text, as it is: no markup."""
        self.update(Content(text))
