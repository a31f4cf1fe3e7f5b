"""The weights of a file, one row each under the layer they belong to, with their statistics once asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from kerascope.app._actions import bindings
from kerascope.app._columns import GUTTER, fit
from kerascope.app._weight_rows import GroupRow, WeightRow, fit_weight_columns, weight_cells, weight_rows
from kerascope.app.widgets._row_strips import cell_segments, window
from kerascope.app.widgets._table_pane import TablePane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.style import Style
    from textual import events

    from kerascope.app._columns import Columns
    from kerascope.app._marks import Marks
    from kerascope.graph import Weight, WeightStats

__all__ = ["WeightTable"]


class WeightTable(TablePane):
    """Names, shapes, types and sizes; keeps its selection by path when the data changes."""

    COMPONENT_CLASSES = {
        "weights--head",
        "weights--group",
        "weights--muted",
        "weights--name",
        "weights--bad",
        "weights--histogram",
        "weights--cursor",
        "weights--cursor-blurred",
    }
    STYLES = "weights"
    EDGES = False
    BINDINGS = bindings("weights") + bindings("move")

    class Selected(Message):
        """Another row is selected."""

    class Asked(Message):
        """The statistics of these weights are wanted."""

        def __init__(self, paths: tuple[str, ...]) -> None:
            super().__init__()
            self.paths = paths

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._rows: tuple[GroupRow | WeightRow, ...] = ()
        self._row_of: dict[str, int] = {}
        self._found: dict[str, WeightStats | str] = {}
        self._waiting: frozenset[str] = frozenset()
        self._columns: Columns | None = None
        self._columns_for: tuple[int, bool] | None = None

    def take(self, weights: Sequence[Weight]) -> None:
        """Show other weights, the selection where it was; what is known of their numbers comes with them."""
        selected = self.selected
        self._rows = weight_rows(weights)
        self._row_of = {row.weight.path: at for at, row in enumerate(self._rows) if isinstance(row, WeightRow)}
        self._found = {weight.path: weight.stats for weight in weights if weight.stats is not None}
        self._waiting = frozenset()
        self._columns_for = None
        # The first weight, not its heading: what can be asked of a row is a weight's.
        first = next(iter(self._row_of.values()), -1)
        at = self._row_of.get(selected.path, first) if selected is not None else first
        if at == self.cursor:
            self.post_message(self.Selected())
        else:
            self.cursor = at
        self._fit()
        self.refresh()

    def tell(self, found: Mapping[str, WeightStats | str], waiting: Iterable[str]) -> None:
        """Take what was found of weights' numbers, and which are still being read."""
        self._found.update(found)
        self._waiting = frozenset(waiting)
        self.refresh()
        if self.selected is not None and self.selected.path in found:
            self.post_message(self.Selected())

    @property
    def line_count(self) -> int:
        return len(self._rows)

    @property
    def selected(self) -> Weight | None:
        """The selected weight; `None` on a heading."""
        row = self._row(self.cursor)
        return row.weight if isinstance(row, WeightRow) else None

    @property
    def selected_group(self) -> GroupRow | None:
        """The selected heading."""
        row = self._row(self.cursor)
        return row if isinstance(row, GroupRow) else None

    def found(self, path: str) -> WeightStats | str | None:
        """What was found of a weight's numbers, or why nothing was."""
        return self._found.get(path)

    def is_waiting(self, path: str) -> bool:
        """Whether a weight's numbers are being read."""
        return path in self._waiting

    def select(self, path: str) -> bool:
        """Select a weight; whether it is there."""
        at = self._row_of.get(path)
        if at is None:
            return False
        self.cursor = at
        return True

    def select_named_in(self, text: str) -> None:
        """Select the first weight that a sentence names, else the first that holds NaN or Inf."""
        names = {row.weight.path for row in self._rows if isinstance(row, WeightRow) and row.weight.path in text}
        names |= {row.weight.path for row in self._rows if isinstance(row, WeightRow) and row.weight.name in text}
        if names:
            # The longest: `dense/kernel` stands in `block/dense/kernel` as well.
            self.select(max(names, key=len))
        else:
            self.cursor = -1 if not self._rows else 0
            self.select_bad(1)

    def select_bad(self, step: int) -> bool:
        """Select the next weight that holds NaN or Inf, round the end; whether there is one."""
        count = len(self._rows)
        for distance in range(1, count + 1):
            at = (max(self.cursor, 0) + step * distance) % count
            row = self._rows[at]
            if isinstance(row, WeightRow) and self._is_bad(row.weight):
                self.cursor = at
                return True
        return False

    def _is_bad(self, weight: Weight) -> bool:
        found = self._found.get(weight.path)
        return found is not None and not isinstance(found, str) and bool(found.nans or found.infs)

    def _row(self, at: int) -> GroupRow | WeightRow | None:
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the selected row and say that it is another one."""
        super().watch_cursor(old, new)
        self.post_message(self.Selected())

    # Drawing

    def _fit(self) -> Columns | None:
        if not self._rows:
            self.virtual_size = Size(0, 0)
            return None
        width = self.scrollable_content_region.width or self.size.width
        statistics = bool(self._found or self._waiting)
        if self._columns_for != (width, statistics):
            self._columns = fit_weight_columns(self._rows, width, self.marks, statistics=statistics)
            self._columns_for = (width, statistics)
            self.virtual_size = Size(
                self._columns.width if self._columns.width > width else width, len(self._rows) + self.fixed_lines
            )
        return self._columns

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        row = self._rows[at]
        if isinstance(row, GroupRow):
            return self._group_strip(row, at, base).crop_extend(0, width, base)
        return window(self._weight_strip(row, at, columns, base), columns, self.scroll_offset.x, width, base)

    def _group_strip(self, row: GroupRow, at: int, base: Style) -> Strip:
        room = max(0, self.scrollable_content_region.width - GUTTER - cell_len(row.remark) - 3)
        title = fit(row.title, min(cell_len(row.title), max(room, 8)), self.marks)
        return Strip(
            [
                Segment((self.marks.cursor if at == self.cursor else " ").ljust(GUTTER), base),
                Segment(title, self._style("group")),
                Segment(f"  {row.remark}", self._style("muted")),
            ]
        )

    def _weight_strip(self, row: WeightRow, at: int, columns: Columns, base: Style) -> Strip:
        path = row.weight.path
        bad = self._is_bad(row.weight)
        wide = columns.width_of("histogram")
        cells = weight_cells(row, self._found.get(path), self.marks, waiting=path in self._waiting, wide=wide)
        segments = [
            Segment(self.marks.cursor if at == self.cursor else " ", base),
            Segment(self.marks.loose if bad else " ", self._style("bad")),
        ]
        segments += cell_segments(cells, columns, self.marks, lambda key: self._style_of(key, bad, base), base)
        return Strip(segments).simplify()

    def _style_of(self, key: str, bad: bool, base: Style) -> Style:
        if bad and key in ("state", "nans", "infs"):
            return self._style("bad")
        name = {"name": "name", "dtype": "muted", "state": "muted", "histogram": "histogram"}.get(key)
        return base if name is None else self._style(name)

    # What the keys do

    def action_statistics(self) -> None:
        """Ask for the statistics of the selected weight, or of all under the selected heading."""
        row = self._row(self.cursor)
        if row is not None:
            self.post_message(self.Asked(row.paths if isinstance(row, GroupRow) else (row.weight.path,)))

    def action_statistics_all(self) -> None:
        """Ask for those of all weights."""
        self.post_message(self.Asked(tuple(self._row_of)))

    def searchable(self, line: int) -> str:
        row = self._rows[line]
        return row.weight.name if isinstance(row, WeightRow) else ""

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse; a second click asks for its statistics."""
        at = self._row_under(event)
        if at is None:
            return
        self.cursor = at
        if event.chain > 1:
            self.action_statistics()
