"""All runs of a directory, one row each, with a small picture of their loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from kerascope.app._actions import bindings
from kerascope.app._runs_rows import SHORT_SPARK, SPARK, fit_run_columns, run_cells, run_line, sparkline, tail_of
from kerascope.app.widgets._row_strips import cell_segments, window
from kerascope.app.widgets._rows_pane import RowsPane
from kerascope.runs import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.style import Style

    from kerascope.app._columns import Columns
    from kerascope.app._marks import Marks
    from kerascope.runs import Run

__all__ = ["RunsTable"]

_STYLES = {
    RunStatus.STARTING: "alive",
    RunStatus.RUNNING: "alive",
    RunStatus.FINISHED: "finished",
    RunStatus.STOPPED: "muted",
    RunStatus.FAILED: "bad",
    RunStatus.KILLED: "bad",
    RunStatus.VANISHED: "bad",
}


class RunsTable(RowsPane):
    """Keeps its selection and its marks by run when the list changes; draws only rows that are another's then."""

    COMPONENT_CLASSES = {
        "runs--head",
        "runs--alive",
        "runs--finished",
        "runs--bad",
        "runs--muted",
        "runs--name",
        "runs--loss",
        "runs--chosen",
        "runs--cursor",
        "runs--cursor-blurred",
    }
    STYLES = "runs"
    BINDINGS = bindings("rows") + bindings("move")

    class Chosen(Message):
        """Runs were marked, or a mark was taken away."""

    class LossesWanted(Message):
        """Rows are in sight whose losses nobody has read."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self.runs: tuple[Run, ...] = ()
        self.chosen: set[Path] = set()
        self._cells: list[dict[str, str]] = []
        self._losses: dict[Path, dict[int, str]] = {}
        self._stale: set[Path] = set()
        self._asked = False
        self._columns: Columns | None = None
        self._columns_for: object = None

    @property
    def line_count(self) -> int:
        return len(self.runs)

    @property
    def selected(self) -> Run | None:
        """The run that is selected."""
        return self.runs[self.cursor] if 0 <= self.cursor < len(self.runs) else None

    def show_runs(self, runs: Sequence[Run], now: float) -> None:
        """Take the list as it is now.

        Args:
            runs: In the order of the rows.
            now: Seconds since 1970.
        """
        before, cells_before, selected = self.runs, self._cells, self.selected
        known = {run.directory: run for run in before}
        self.runs = tuple(runs)
        self._cells = [run_cells(run, now, self.marks) for run in self.runs]
        # A run that did another epoch, or anything at all, has another file of numbers.
        self._stale |= {run.directory for run in self.runs if _written(known.get(run.directory)) != _written(run)}
        self.chosen &= {run.directory for run in self.runs}
        columns = self._columns
        self._fit()
        at = self._place(selected)
        if columns != self._columns or len(before) != len(self.runs) or at != self.cursor:
            self.refresh()
        else:
            for row, cells in enumerate(self._cells):
                if cells != cells_before[row] or self.runs[row].directory != before[row].directory:
                    self._refresh_row(row)
        if at != self.cursor:
            self.cursor = at
        elif self.selected != selected:
            self.post_message(self.Selected())
        self._want_losses()

    def _place(self, selected: Run | None) -> int:
        """Where the selected run is now; where it is gone the row stays."""
        if not self.runs:
            return -1
        places = {run.directory: at for at, run in enumerate(self.runs)}
        if selected is not None and selected.directory in places:
            return places[selected.directory]
        return max(0, min(self.cursor, len(self.runs) - 1))

    # Losses

    def _want_losses(self) -> None:
        """Ask for what is in sight, once, when the screen has come to rest."""
        if not self._asked and any(self.wanted()):
            self._asked = True
            self.post_message(self.LossesWanted())

    def wanted(self) -> tuple[Path, ...]:
        """Directories of the rows in sight whose losses are not known, or old."""
        top = round(self.scroll_y)
        shown = self.runs[top : top + self.page + 1]
        return tuple(
            run.directory for run in shown if run.directory in self._stale or run.directory not in self._losses
        )

    def show_losses(self, losses: Mapping[Path, Sequence[float]]) -> None:
        """Take losses that were read."""
        self._asked = False
        rows = {run.directory: at for at, run in enumerate(self.runs)}
        for directory, values in losses.items():
            self._stale.discard(directory)
            texts = {width: sparkline(values, self.marks, width) for width in (SPARK, SHORT_SPARK)}
            if self._losses.get(directory) != texts:
                self._losses[directory] = texts
                self._refresh_row(rows.get(directory, -1))
        self._want_losses()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Rows that came into sight want their losses."""
        super().watch_scroll_y(old_value, new_value)
        self._want_losses()

    def on_resize(self) -> None:
        """There are more rows in sight, or fewer."""
        super().on_resize()
        self._want_losses()

    # Drawing

    def _fit(self) -> Columns | None:
        if not self.runs:
            self.virtual_size = Size(0, 0)
            self._columns = None
            return None
        width = self.scrollable_content_region.width or self.size.width
        widths = tuple(max(len(row[key]) for row in self._cells) for key in self._cells[0])
        if self._columns_for != (width, widths):
            self._columns_for = (width, widths)
            self._columns = fit_run_columns(self._cells, width)
        assert self._columns is not None
        size = Size(max(self._columns.width, width), len(self.runs) + self.fixed_lines)
        if self.virtual_size != size:
            self.virtual_size = size
        return self._columns

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        run, cells = self.runs[at], self._cells[at]
        chosen = run.directory in self.chosen
        segments = [
            Segment(self.marks.cursor if at == self.cursor else " ", base),
            Segment(self.marks.chosen if chosen else " ", self._style("chosen")),
        ]
        cells = {
            **cells,
            "name": tail_of(cells["name"], columns.width_of("name"), self.marks),
            "loss": self._losses.get(run.directory, {}).get(columns.width_of("loss"), ""),
        }
        segments += cell_segments(cells, columns, self.marks, lambda key: self._style_of(key, run, base), base)
        return window(Strip(segments).simplify(), columns, self.scroll_offset.x, width, base)

    def _style_of(self, key: str, run: Run, base: Style) -> Style:
        if key == "status":
            return self._style(_STYLES[run.status])
        name = {"name": "name", "loss": "loss", "when": "muted", "source": "muted", "time": "muted"}.get(key)
        return base if name is None else self._style(name)

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without rows there is nothing to mark."""
        return bool(self.runs) if action == "mark" else True

    def action_mark(self) -> None:
        """Mark the selected run, or take its mark away, and go on to the next."""
        run = self.selected
        if run is None:
            return
        self.chosen ^= {run.directory}
        self._refresh_row(self.cursor)
        self._move(self.cursor + 1, 1)
        self.post_message(self.Chosen())

    def searchable(self, line: int) -> str:
        return run_line(self.runs[line], 0.0, self.marks)


def _written(run: Run | None) -> object:
    """What tells whether a run has written since it was looked at."""
    return None if run is None else (run.epochs_done, run.counts_steps and run.steps_done, run.status, run.attempt)
