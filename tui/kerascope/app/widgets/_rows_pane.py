"""A table whose rows are things to open: moving, marking the selected one, opening by a click."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
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
        self._refresh_row(old)
        self._refresh_row(new)
        if new >= 0:
            self.show_line(new)
        self.post_message(self.Selected())

    def _refresh_row(self, at: int) -> None:
        y = at - round(self.scroll_y) + self.fixed_lines
        if at >= 0 and self.fixed_lines <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line; without rows of what is said instead."""
        if self.line_count:
            return super().render_line(y)
        width = max(20, self.size.width - 2)
        lines = [part for line in self.empty.split("\n") for part in textwrap.wrap(line, width) or [""]]
        text = f" {self.marks.text(lines[y - 1])}" if 1 <= y <= len(lines) else ""
        return Strip([Segment(text, self._style("muted"))]).crop_extend(0, self.size.width, self.rich_style)

    # What the keys do

    def _move(self, to: int) -> None:
        if self.line_count:
            self.cursor = max(0, min(to, self.line_count - 1))

    def action_down(self) -> None:
        self._move(self.cursor + 1)

    def action_up(self) -> None:
        self._move(self.cursor - 1)

    def action_page_down(self) -> None:
        self._move(self.cursor + self.page)

    def action_page_up(self) -> None:
        self._move(self.cursor - self.page)

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(self.line_count - 1)

    def search_origin(self) -> int:
        return self.cursor

    def go_to_match(self, line: int) -> None:
        self.cursor = line

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse; a second click opens it."""
        at = event.y - self.fixed_lines + round(self.scroll_y)
        if event.y < self.fixed_lines or not 0 <= at < self.line_count:
            return
        self.cursor = at
        if event.chain > 1:
            self.post_message(self.Opened())
