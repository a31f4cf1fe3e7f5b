"""Files that may hold models, one row each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from kerascope.app._columns import GUTTER, Column, Columns, Stage
from kerascope.app.widgets._row_strips import cell_segments, window
from kerascope.app.widgets._rows_pane import RowsPane
from kerascope.graph import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from kerascope.app._marks import Marks
    from kerascope.app._model_files import ModelFile

__all__ = ["FilesTable"]

_GAP = 2
_WIDTHS = {"kind": 11, "size": 10, "changed": 17}
_NAME_LEAST = 12


class FilesTable(RowsPane):
    """Names, kinds, sizes and when they were changed last."""

    COMPONENT_CLASSES = {"runs--head", "runs--name", "runs--muted", "runs--cursor", "runs--cursor-blurred"}
    STYLES = "runs"

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self.files: tuple[ModelFile, ...] = ()
        self._columns: Columns | None = None
        self._width = 0

    @property
    def line_count(self) -> int:
        return len(self.files)

    @property
    def selected(self) -> ModelFile | None:
        """The file that is selected."""
        return self.files[self.cursor] if 0 <= self.cursor < len(self.files) else None

    def show_files(self, files: Sequence[ModelFile]) -> None:
        """Take the list; the same file stays selected."""
        selected = self.selected
        self.files = tuple(files)
        self._columns = None
        self._fit()
        places = {file.path: at for at, file in enumerate(self.files)}
        at = places.get(selected.path, 0) if selected is not None else 0
        self.cursor = at if self.files else -1
        self.refresh()

    def _fit(self) -> Columns | None:
        if not self.files:
            self.virtual_size = Size(0, 0)
            return None
        width = self.scrollable_content_region.width or self.size.width
        if self._columns is None or self._width != width:
            self._width = width
            self._columns = self._place(width)
            self.virtual_size = Size(width, len(self.files) + self.fixed_lines)
        return self._columns

    def _place(self, width: int) -> Columns:
        longest = max(cell_len(file.shown) for file in self.files)
        room = width - GUTTER - sum(_WIDTHS.values()) - _GAP * (len(_WIDTHS) + 1)
        at = GUTTER
        columns: list[Column] = []
        for key, cells in {"file": max(_NAME_LEAST, min(longest, room)), **_WIDTHS}.items():
            columns.append(Column(key, key, at, cells, key == "size"))
            at += cells + _GAP
        return Columns(tuple(columns), at - _GAP, columns[1].start, Stage())

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        file = self.files[at]
        cells = {
            "file": file.shown,
            "kind": file.kind,
            "size": format_bytes(file.bytes) if file.bytes is not None else "",
            "changed": time.strftime("%d %b %Y %H:%M", time.localtime(file.changed)),
        }
        segments = [Segment((self.marks.cursor if at == self.cursor else " ").ljust(GUTTER), base)]
        segments += cell_segments(
            cells, columns, self.marks, lambda key: self._style("name" if key == "file" else "muted"), base
        )
        return window(Strip(segments).simplify(), columns, self.scroll_offset.x, width, base)

    def searchable(self, line: int) -> str:
        return self.files[line].shown
