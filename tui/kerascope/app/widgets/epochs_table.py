"""The completed epochs, one row each, with all metrics."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app._columns import GUTTER
from kerascope.app._epoch_rows import epoch_cells, epoch_line, fit_epoch_columns
from kerascope.app._run_state import Epochs
from kerascope.app._run_words import is_finite
from kerascope.app.widgets._row_strips import cell_segments, window
from kerascope.app.widgets._table_pane import TablePane

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from kerascope.app._columns import Columns
    from kerascope.app._marks import Marks
    from kerascope.runs import EpochRecord

__all__ = ["EpochsTable"]

_number = attrgetter("epoch")


class EpochsTable(TablePane):
    """Follows the newest epoch while that one is selected."""

    COMPONENT_CLASSES = {
        "epochs--head",
        "epochs--muted",
        "epochs--best",
        "epochs--bad",
        "epochs--cursor",
        "epochs--cursor-blurred",
    }
    STYLES = "epochs"

    epochs: reactive[Epochs] = reactive(Epochs(), repaint=False, always_update=True)
    empty: reactive[str] = reactive("")
    """What is said while there is no epoch."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._columns: Columns | None = None
        self._columns_for: object = None

    @property
    def line_count(self) -> int:
        return len(self.epochs)

    @property
    def selected(self) -> EpochRecord | None:
        """The selected epoch."""
        return self.epochs.rows[self.cursor] if 0 <= self.cursor < len(self.epochs) else None

    @property
    def selected_line(self) -> str | None:
        """The selected epoch as text."""
        epoch = self.selected
        return epoch_line(epoch, self.epochs.names) if epoch is not None else None

    def watch_epochs(self, old: Epochs, new: Epochs) -> None:
        """Take more epochs; only the lines that are another's then are drawn."""
        following = self.cursor >= len(old) - 1
        selected = None if following else old.rows[self.cursor].epoch
        self._fit()
        if selected is None or self.cursor >= len(new):
            self.cursor = len(new) - 1
        elif new.rows[self.cursor].epoch != selected:
            # Those before it have been read by now.
            self.cursor = min(bisect_left(new.rows, selected, key=_number), len(new) - 1)
        if old.rows[:1] != new.rows[:1] or old.best != new.best or old.names != new.names or not len(old):
            self.refresh()
        else:
            for at in range(len(old), len(new)):
                self._refresh_row(at)

    # Drawing

    def _fit(self) -> Columns | None:
        epochs = self.epochs
        if not len(epochs):
            self.virtual_size = Size(0, 0)
            return None
        width = self.scrollable_content_region.width or self.size.width
        last = epochs.rows[-1]
        known = (width, epochs.names, len(str(last.epoch)), last.fit > 1, last.model, last.learning_rate is None)
        if self._columns_for != known:
            self._columns = fit_epoch_columns(epochs, width, self.marks)
            self._columns_for = known
        assert self._columns is not None
        size = Size(max(self._columns.width, width), len(epochs) + self.fixed_lines)
        if self.virtual_size != size:
            self.virtual_size = size
        return self._columns

    def render_line(self, y: int) -> Strip:
        """One line; without epochs what is waited for."""
        if len(self.epochs):
            return super().render_line(y)
        text = f" {self.empty}" if y == 1 or (y == 0 and self.size.height == 1) else ""
        width = self.size.width
        return Strip([Segment(text, self._style("muted"))]).crop_extend(0, width, self.rich_style)

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        epoch = self.epochs.rows[at]
        best = at == self.epochs.best
        cells = epoch_cells(epoch, best=best)
        segments = [Segment((self.marks.cursor if at == self.cursor else " ").ljust(GUTTER), base)]
        segments += cell_segments(cells, columns, self.marks, lambda key: self._style_of(epoch, key, best, base), base)
        return window(Strip(segments).simplify(), columns, self.scroll_offset.x, width, base)

    def _style_of(self, epoch: EpochRecord, key: str, best: bool, base: Style) -> Style:
        if key in epoch.metrics and not is_finite(epoch.metrics[key]):
            return self._style("bad")
        if best and key in ("#epoch", "#best"):
            return self._style("best")
        return self._style("muted") if key in ("#time", "#rate", "#fit") else base

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse."""
        at = self._row_under(event)
        if at is not None:
            self.cursor = at
