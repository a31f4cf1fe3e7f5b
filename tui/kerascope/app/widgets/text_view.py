"""Lines of text: the file, and what it printed."""

from __future__ import annotations

import textwrap
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
        "text--cell",
        "text--current",
        "text--error",
        "text--warning",
        "text--info",
        "text--match",
        "text--empty",
    }

    document: reactive[Document] = reactive(Document(), repaint=False)
    current: reactive[int | None] = reactive(None, repaint=False)
    """Line of the program, or of the log, from 1."""

    def __init__(self, marks: Marks, *, numbered: bool, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._numbered = numbered
        self._match: int | None = None
        self._digits_shown = 1
        self._from_top = False

    @property
    def line_count(self) -> int:
        return len(self.document.lines)

    def watch_document(self, document: Document) -> None:
        """Take new text; the scroll offset stays."""
        widest = max((cell_len(line) for line in document.lines), default=0)
        self._digits_shown = self._digits()
        gutter = self._gutter()
        self.virtual_size = Size(gutter + widest + 1 if document.lines else 0, len(document.lines))
        self._match = None
        self.refresh()

    def watch_current(self, line: int | None) -> None:
        """Show the line."""
        self._show_current()
        self.refresh()

    def on_show(self) -> None:
        """Bring the current line into sight when the view is opened."""
        self._show_current()

    def go_to_top(self, line: int) -> None:
        """Highlight a line and show as much as can be of what follows it."""
        self.current = None
        self._from_top = True
        self.current = line

    def _show_current(self) -> None:
        if self.current is None or not self.document.lines:
            self._from_top = False
        elif self._from_top:
            self.scroll_to(y=self.document.row(self.current), animate=False, force=True)
        else:
            self.show_line(self.document.row(self.current))

    @property
    def selected_line(self) -> tuple[int, str] | None:
        """The line a search found, else the one that is highlighted, and its text; `None` when there is neither."""
        row = self._match
        if row is None and self.current is not None and self.document.lines:
            row = self.document.row(self.current)
        return None if row is None else (self.document.number(row), self.document.lines[row])

    def _digits(self) -> int:
        labels = self.document.labels
        return max(map(len, labels)) if labels else len(str(self.line_count))

    def _gutter(self) -> int:
        return self._digits_shown + 5 if self._numbered else 1

    def render_line(self, y: int) -> Strip:
        """One line."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.size.width
        base = self.rich_style
        at = y + scroll_y
        document = self.document
        if not document.lines:
            words = textwrap.wrap(document.empty, max(width - 2, 20))
            text = words[y - 1] if 1 <= y <= len(words) else ""
            return Strip([Segment(f" {text}", self._style("empty"))]).crop_extend(0, width, base)
        if at >= len(document.lines):
            return Strip.blank(width, base)
        line = document.lines[at]
        segments: list[Segment] = []
        number = document.number(at)
        is_current = self.current == number
        if self._numbered and not number:
            heading = f"{self.marks.rule * 2} {line} "
            fill = self.marks.rule * max(0, width - cell_len(heading))
            return Strip([Segment(heading, self._style("cell")), Segment(fill, self._style("number"))])
        style = self._style("current") if is_current else self._style("match") if self._match == at else base
        if self._numbered:
            severity = document.severities.get(number)
            mark = self.marks.severities[severity] if severity is not None else " "
            digits = self._digits_shown
            label = document.labels[at] if document.labels else str(number)
            segments.append(Segment(self.marks.arrow if is_current else " ", self._style("warning")))
            mark_style = self._style(_STYLES[severity]) if severity is not None else base
            segments.append(Segment(f"{mark} ", mark_style))
            segments.append(Segment(f"{label:>{digits}} {self.marks.bar} "[: digits + 3], self._style("number")))
        else:
            segments.append(Segment(" ", base))
        segments.append(Segment(line, style))
        strip = Strip(segments)
        return strip.crop_extend(scroll_x, scroll_x + width, style if is_current else base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"text--{name}")

    def searchable(self, line: int) -> str:
        # A notebook's headings are ours, and no lines of it.
        return self.document.lines[line] if self.document.number(line) else ""

    def search_origin(self) -> int:
        return self._match if self._match is not None else round(self.scroll_y)

    def go_to_match(self, line: int) -> None:
        self._match = line
        self.show_line(line)
        self.refresh()


_STYLES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
