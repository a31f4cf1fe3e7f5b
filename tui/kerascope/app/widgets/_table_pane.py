"""A pane of rows in columns under a head, one of them selected: what all tables draw alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app.widgets._pane import LinePane
from kerascope.app.widgets._row_strips import head_strip, window

if TYPE_CHECKING:
    from rich.style import Style

    from kerascope.app._columns import Columns

__all__ = ["TablePane"]


class TablePane(LinePane):
    """Draws the head, and the rows that its subclasses give it, with the selected one highlighted."""

    STYLES = ""
    """What the names of its component classes begin with; `head`, `cursor` and `cursor-blurred` are among them."""
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
        scroll_x, scroll_y = self.scroll_offset
        width = self.size.width
        base = self.rich_style
        if columns is None:
            return Strip.blank(width, base)
        if y < self.fixed_lines:
            return window(head_strip(columns, self._style("head")), columns, scroll_x, width, self._style("head"))
        at = y - self.fixed_lines + scroll_y
        if not 0 <= at < self.line_count:
            return Strip.blank(width, base)
        strip = self._row_strip(at, columns, width, base)
        return self._highlight(strip) if at == self.cursor else strip

    def _highlight(self, strip: Strip) -> Strip:
        style = self._style("cursor" if self.has_focus else "cursor-blurred")
        # The cursor's background, but the row's own colours and weights: a mark stays what it is.
        return Strip(
            [Segment(text, (own or style) + style, control) for text, own, control in strip], strip.cell_length
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"{self.STYLES}--{name}", partial=name.startswith("cursor"))
