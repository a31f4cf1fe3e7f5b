"""A table whose rows are things to open: saying which one is selected, and opening it by a click."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app.widgets._table_pane import TablePane

if TYPE_CHECKING:
    from textual import events

__all__ = ["RowsPane"]


class RowsPane(TablePane):
    """Says which row is selected, and when one is clicked twice; without rows it says why there are none."""

    empty: reactive[str] = reactive("")
    """What is said while there are no rows, in paragraphs of a line each."""

    class Selected(Message):
        """Another row is selected, or the selected one has changed."""

    class Opened(Message):
        """A row was clicked twice."""

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the selected row and say that it is another one."""
        super().watch_cursor(old, new)
        self.post_message(self.Selected())

    def render_line(self, y: int) -> Strip:
        """One line; without rows of what is said instead."""
        if self.line_count:
            return super().render_line(y)
        width = max(20, self.size.width - 2)
        lines = [part for line in self.empty.split("\n") for part in textwrap.wrap(line, width) or [""]]
        text = f" {self.marks.text(lines[y - 1])}" if 1 <= y <= len(lines) else ""
        return Strip([Segment(text, self._style("muted"))]).crop_extend(0, self.size.width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse; a second click opens it."""
        at = self._row_under(event)
        if at is None:
            return
        self.cursor = at
        if event.chain > 1:
            self.post_message(self.Opened())
