"""What stands above the layers, or in their place: why there is no answer, and what would make shapes known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from kerascope.app._words import factory_title, fit_words
from kerascope.app.widgets._excerpt import excerpt, traceback_lines
from kerascope.app.widgets._pane import ScrollPane
from kerascope.graph import failing_layer, format_fit, is_saved, no_architecture, reason_of, takes_shape

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks
    from kerascope.app._view import View

__all__ = ["FailurePane", "FitBar", "HintBar"]

_FACTORIES_MOST = 6


class HintBar(Static):
    """Says of a model that is not built what would give it shapes, and of another one what gave it them."""

    view: reactive[View | None] = reactive(None, repaint=False)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def watch_view(self, view: View | None) -> None:
        """Write the text anew; with nothing to say there is no bar."""
        text = _hint(view)
        self.display = bool(text)
        if text:
            self.update(Content(self.marks.text(text)))


def _hint(view: View | None) -> str:
    model = view.model if view is not None else None
    if view is None or model is None:
        return ""
    if is_saved(view.inspection):
        if model.built:
            return f"built with {model.shaped_by}, i gives another" if model.shaped_by is not None else ""
        return f"? not built{reason_of(model)}" + (" · i gives one" if takes_shape(model) else "")
    if view.inspection.engine is None:
        return ""
    if not model.built:
        if failing_layer(model) is not None:
            return f"✗ not built{reason_of(model)} · T shows the traceback"
        return f"? not built{reason_of(model)} · i gives an input shape"
    parts = []
    if model.made_by is not None:
        parts.append(f"made by calling {model.made_by}")
    if model.shaped_by is not None:
        parts.append(f"built with {model.shaped_by}, i gives another")
    if model.skipped:
        lines = ", ".join(view.inspection.source.line_name(line) for line in model.skipped)
        parts.append(f"! may lack something: {lines} could not be run")
    return " · ".join(parts)


class FitBar(Static):
    """The file's own training call, in one line: the detail has the whole of all of them."""

    view: reactive[View | None] = reactive(None, repaint=False)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def watch_view(self, view: View | None) -> None:
        """Write the text anew; a file that does not train has no bar."""
        fits = view.model.fits if view is not None and view.model is not None else ()
        self.display = bool(fits)
        if view is None or not fits:
            return
        # What is wrong comes first.
        order = sorted(fits, key=lambda fit: (fit.input_error or fit.target_error or fit.broadcast) is None)
        mark, wrong, words = fit_words(order[0], view.inspection.source, self.marks)
        others = f" · and {len(fits) - 1:,} more" if len(fits) > 1 else ""
        said = f"{words}: {wrong}" if wrong else f"{words}: {format_fit(order[0])}"
        self.set_class(bool(wrong), "-wrong")
        self.update(Content(self.marks.text(f"{mark}{said}{others}")))


class FailurePane(ScrollPane):
    """Why there is no answer: above the rows that were recorded, or in their place."""

    view: reactive[View | None] = reactive(None, repaint=False)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def compose(self) -> ComposeResult:
        yield Static(id="failure-text")

    def watch_view(self, view: View | None) -> None:
        """Write the text anew; `-alone` when there are no rows to show beneath it."""
        failure = view.inspection.failure if view is not None else None
        empty = view is not None and not view.row_of
        self.set_class(failure is not None and not empty, "-above")
        self.set_class(empty, "-alone")
        if view is None or (failure is None and not empty):
            return
        self.query_one("#failure-text", Static).update(self._content(view, whole=empty))

    def _content(self, view: View, *, whole: bool) -> Content:
        failure = view.inspection.failure
        if failure is None:
            if is_saved(view.inspection):
                return Content(_empty(view))
            if view.inspection.engine is None:
                return Content(
                    "No layer is constructed in the program text itself.\nKeras is being asked what the file builds."
                )
            return Content("The model holds no layers.")
        source = view.inspection.source
        where = f"{source.line_name(failure.line, failure.path)}: " if failure.line is not None else ""
        parts: list[Content] = [
            Content.assemble((f"{self.marks.loose} {where}", "bold $text-error"), (failure.message, "bold"))
        ]
        if failure.hint:
            parts.append(Content(failure.hint))
        if not whole:
            stopped = failure.kind == "cancelled" and view.inspection.engine is None
            fails = any(layer.failure is not None for layer in view.layers.values())
            below = _NOT_RUN if stopped else _ABOVE[bool(view.count)].format(_FAILS if fails else "")
            if is_saved(view.inspection) and view.inspection.engine is None:
                below = _READABLE
            parts.append(Content.styled(self.marks.text(below), "$foreground-muted"))
            return Content("\n").join(parts)
        factories = self._factories(view)
        if factories is not None:
            parts.append(factories)
        if source.text is not None and failure.line is not None and failure.path in (None, source.path):
            parts.append(excerpt(source, failure.line - 4, failure.line + 2, {failure.line}, self.marks))
        if failure.frames:
            parts.append(
                Content.assemble(
                    ("Your code on the way there, the last call last:\n", "$foreground-muted"),
                    traceback_lines(failure.frames, source),
                )
            )
        again = _READ_AGAIN if is_saved(view.inspection) else _LOOK_AGAIN
        parts.append(Content.styled(again, "$foreground-muted"))
        return Content("\n\n").join(parts)

    def _factories(self, view: View) -> Content | None:
        """The functions of the file that would make a model."""
        inspection = view.inspection
        if not inspection.factories:
            return None
        lines = [Content.assemble(("m", "bold"), " chooses what makes a model and calls it:")]
        for factory in inspection.factories[:_FACTORIES_MOST]:
            lines.append(Content(self.marks.text(f"  {factory_title(factory, inspection.source)}")))
        others = len(inspection.factories) - _FACTORIES_MOST
        if others > 0:
            lines.append(Content.styled(f"  and {others:,} more", "$foreground-muted"))
        return Content("\n").join(lines)


def _empty(view: View) -> str:
    """Why a saved file that was read has no layers to show."""
    inspection = view.inspection
    if inspection.file is None:
        return "The file is being read as data."
    sentence = no_architecture(inspection)
    if not sentence:
        return "The model holds no layers."
    there = "6 shows its weights, 5 what else it says of itself." if inspection.weights else "5 shows what it says."
    return f"{sentence}\n\n{there}"


_READABLE = "Below: what could be read of the file. 3 says what is wrong with it, r reads it again."
_READ_AGAIN = "r reads the file again; a change of it does so too."
_LOOK_AGAIN = "r looks again; saving the file does so too."
_NOT_RUN = "The file was not run to its end. Below: what its text says. r looks again."
_FAILS = ", f goes to the layer that fails, T to the traceback"
_ABOVE = {
    False: "Below: what was recorded until then. 3 shows where it happened{}, r looks again.",
    True: "Below: what is known all the same. 3 shows where it happened{}, r looks again.",
}
