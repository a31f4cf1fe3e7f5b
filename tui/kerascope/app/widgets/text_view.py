"""Lines of text: the file, and what it printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app._lines import Document
from kerascope.app.widgets._pane import LinePane
from kerascope.graph import Severity

if TYPE_CHECKING:
    from rich.style import Style

    from kerascope.app._marks import Marks

__all__ = ["TextView"]


class TextView(LinePane):
    """A document with optional line numbers and marks; `current` is the line that is highlighted."""

    COMPONENT_CLASSES = {
        "text--number",
        "text--current",
        "text--error",
        "text--warning",
        "text--info",
        "text--match",
        "text--empty",
    }

    document: reactive[Document] = reactive(Document(), repaint=False)
    current: reactive[int | None] = reactive(None, repaint=False)
    """Line from 1."""

    def __init__(self, marks: Marks, *, numbered: bool, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._numbered = numbered
        self._match: int | None = None

    @property
    def line_count(self) -> int:
        return len(self.document.lines)

    def watch_document(self, document: Document) -> None:
        """Take new text; the scroll offset stays."""
        widest = max((cell_len(line) for line in document.lines), default=0)
        gutter = self._gutter()
        self.virtual_size = Size(gutter + widest + 1 if document.lines else 0, len(document.lines))
        self._match = None
        self.refresh()

    def watch_current(self, line: int | None) -> None:
        """Show the line."""
        if line is not None and self.document.lines:
            self.show_line(min(line, self.line_count) - 1)
        self.refresh()

    def on_show(self) -> None:
        """Bring the current line into sight when the view is opened."""
        if self.current is not None and self.document.lines:
            self.show_line(min(self.current, self.line_count) - 1)

    def _gutter(self) -> int:
        return len(str(self.line_count)) + 5 if self._numbered else 1

    def render_line(self, y: int) -> Strip:
        """One line."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.size.width
        base = self.rich_style
        at = y + scroll_y
        document = self.document
        if not document.lines:
            text = document.empty if y == 1 else ""
            return Strip([Segment(f" {text}", self._style("empty"))]).crop_extend(0, width, base)
        if at >= len(document.lines):
            return Strip.blank(width, base)
        line = document.lines[at]
        segments: list[Segment] = []
        is_current = self.current == at + 1
        style = self._style("current") if is_current else self._style("match") if self._match == at else base
        if self._numbered:
            severity = document.severities.get(at + 1)
            mark = self.marks.severities[severity] if severity is not None else " "
            digits = len(str(len(document.lines)))
            segments.append(Segment(self.marks.arrow if is_current else " ", self._style("warning")))
            mark_style = self._style(_STYLES[severity]) if severity is not None else base
            segments.append(Segment(f"{mark} ", mark_style))
            segments.append(Segment(f"{at + 1:>{digits}} {self.marks.bar} "[: digits + 3], self._style("number")))
        else:
            segments.append(Segment(" ", base))
        segments.append(Segment(line, style))
        strip = Strip(segments)
        return strip.crop_extend(scroll_x, scroll_x + width, style if is_current else base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"text--{name}")

    def searchable(self, line: int) -> str:
        return self.document.lines[line]

    def search_origin(self) -> int:
        return self._match if self._match is not None else round(self.scroll_y)

    def go_to_match(self, line: int) -> None:
        self._match = line
        self.show_line(line)
        self.refresh()


_STYLES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
