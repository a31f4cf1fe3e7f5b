"""A pane of rows in columns under a head, one of them selected: what all tables draw alike, and how they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app.widgets._pane import LinePane
from kerascope.app.widgets._row_strips import edged, head_window

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from kerascope.app._columns import Columns

__all__ = ["TablePane"]


class TablePane(LinePane):
    """Draws the head, and the rows that its subclasses give it, with the selected one highlighted."""

    STYLES = ""
    """What the names of its component classes begin with; `head`, `cursor` and `cursor-blurred` are among them."""
    EDGES = True
    """Whether marks in the head say that there is more beyond the edges; elsewhere a heading names what it is."""
    fixed_lines = 1

    cursor: reactive[int] = reactive(-1, repaint=False)
    """Index of the selected row, -1 when there is none."""

    def _fit(self) -> Columns | None:
        """The columns, fitted to the width there is; `None` without rows."""
        raise NotImplementedError

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        """One row as wide as the pane, as it is drawn where it is not selected."""
        raise NotImplementedError

    def on_resize(self) -> None:
        """Fit the columns anew."""
        self._fit()
        if self.cursor >= 0:
            self.show_line(self.cursor)

    def render_line(self, y: int) -> Strip:
        """One line of the pane; the first is the head."""
        columns = self._fit()
        base = self.rich_style
        if columns is None:
            return Strip.blank(self.size.width, base)
        scroll_x, scroll_y = self.scroll_offset
        # The scroll bar lies over the last cells.
        width = self.scrollable_content_region.width or self.size.width
        if y < self.fixed_lines:
            style = self._style("head")
            head = head_window(columns, scroll_x, width, style)
            head = edged(head, columns, self.marks, scroll_x, style) if self.EDGES else head
            return head.extend_cell_length(self.size.width, style)
        at = y - self.fixed_lines + scroll_y
        if not 0 <= at < self.line_count:
            return Strip.blank(self.size.width, base)
        strip = self._row_strip(at, columns, width, base).extend_cell_length(self.size.width, base)
        return self._highlight(strip) if at == self.cursor else strip

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the selected row."""
        self._refresh_row(old)
        self._refresh_row(new)
        if new >= 0:
            self.show_line(new)

    def _refresh_row(self, at: int) -> None:
        y = at - round(self.scroll_y) + self.fixed_lines
        if self.fixed_lines <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _row_under(self, event: events.Click) -> int | None:
        """Index of the row under the mouse."""
        at = event.y - self.fixed_lines + round(self.scroll_y)
        return at if event.y >= self.fixed_lines and 0 <= at < self.line_count else None

    # What the keys do

    def _move(self, to: int, step: int) -> None:
        """Select the row at `to`, or the one at the end it lies beyond.

        Args:
            to: Index.
            step: 1 where the key goes downwards, -1 where it goes upwards.
        """
        if self.line_count:
            self.cursor = max(0, min(to, self.line_count - 1))

    def action_down(self) -> None:
        self._move(self.cursor + 1, 1)

    def action_up(self) -> None:
        self._move(self.cursor - 1, -1)

    def action_page_down(self) -> None:
        self._move(self.cursor + self.page, 1)

    def action_page_up(self) -> None:
        self._move(self.cursor - self.page, -1)

    def action_first(self) -> None:
        self._move(0, 1)

    def action_last(self) -> None:
        self._move(self.line_count - 1, -1)

    def search_origin(self) -> int:
        return self.cursor

    def go_to_match(self, line: int) -> None:
        self.cursor = line

    # Drawing

    def _highlight(self, strip: Strip) -> Strip:
        style = self._style("cursor" if self.has_focus else "cursor-blurred")
        # The cursor's background, but the row's own colours and weights: a mark stays what it is.
        return Strip(
            [Segment(text, (own or style) + style, control) for text, own, control in strip], strip.cell_length
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"{self.STYLES}--{name}", partial=name.startswith("cursor"))
