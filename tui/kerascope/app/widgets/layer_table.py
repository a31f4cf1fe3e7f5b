"""The graph and the shapes of its layers, one row a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from kerascope.app._columns import FOLD_MARK, Cells, Columns, fit_columns, read_cells
from kerascope.app._view import LayerRow, TitleRow, View
from kerascope.app.widgets._row_strips import layer_strip, title_strip, window
from kerascope.app.widgets._table_pane import TablePane

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.strip import Strip

    from kerascope.app._marks import Marks
    from kerascope.graph import Layer

__all__ = ["LayerTable"]


class LayerTable(TablePane):
    """Lanes, names, declared and effective shapes; keeps its selection by layer when the data changes."""

    COMPONENT_CLASSES = {
        "table--head",
        "table--title",
        "table--remark",
        "table--lanes",
        "table--name",
        "table--muted",
        "table--discarded",
        "table--decides",
        "table--effective",
        "table--loose",
        "table--differs",
        "table--error",
        "table--warning",
        "table--info",
        "table--cursor",
        "table--cursor-blurred",
    }
    STYLES = "table"
    EDGES = False

    view: reactive[View | None] = reactive(None, repaint=False)

    class Selected(Message):
        """Another layer is selected."""

        def __init__(self, layer: Layer | None) -> None:
            super().__init__()
            self.layer = layer

    class Opened(Message):
        """A layer was chosen with the mouse or Enter."""

    class FoldClicked(Message):
        """The fold mark of a layer was clicked."""

        def __init__(self, layer_id: str) -> None:
            super().__init__()
            self.layer_id = layer_id

    class Wanted(Message):
        """A search found a layer that is folded away."""

        def __init__(self, layer_id: str) -> None:
            super().__init__()
            self.layer_id = layer_id

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._cells: dict[int, Cells] = {}
        self._columns: Columns | None = None
        self._columns_for: tuple[int, int] | None = None
        self._strips: dict[int, Strip] = {}
        self._moved = False
        self._wanted: Layer | None = None
        self._wanted_in: dict[str, Layer] = {}

    @property
    def line_count(self) -> int:
        return len(self.view.rows) if self.view is not None else 0

    @property
    def selected(self) -> Layer | None:
        """The selected layer."""
        row = self._row(self.cursor)
        return row.layer if isinstance(row, LayerRow) else None

    def select(self, layer_id: str) -> bool:
        """Select a layer by its id; whether it is in this table."""
        at = self.view.row_of.get(layer_id) if self.view is not None else None
        if at is None:
            return False
        self._moved = True
        self.cursor = at
        return True

    def _row(self, at: int) -> LayerRow | TitleRow | None:
        if self.view is None or not 0 <= at < len(self.view.rows):
            return None
        return self.view.rows[at]

    # Data in

    def watch_view(self, old: View | None, view: View | None) -> None:
        """Take new data: keep the selected layer, by name and line, and the scroll offset."""
        self._cells = {}
        if view is not None:
            foldable = view.foldable
            self._cells = {
                at: read_cells(row, view, self.marks, foldable=foldable)
                for at, row in enumerate(view.rows)
                if isinstance(row, LayerRow)
            }
        self._columns_for = None
        self._strips.clear()
        before, now = _model_name(old), _model_name(view)
        if before is not None and now is not None and before != now:
            # Another model: its own selection, and not a layer that happens to have the same name or line.
            self._wanted = self._wanted_in.get(now)
        wanted = self._wanted if self._moved else None
        if old is not None and view is not None and old.inspection is view.inspection and wanted is not None:
            # The same answer, folded otherwise: the very same layer, or the row it is folded into.
            at = view.row_of.get(view.shown_by.get(wanted.id, wanted.id), view.first)
        else:
            # The program text alone does not know Keras's names, but it is the same text: the line counts first.
            at = self._find(wanted, line_first=old is not None and old.inspection.engine is None)
        if at == self.cursor:
            self._remember()
            self.post_message(self.Selected(self.selected))
        else:
            self.cursor = at
        layer = self.selected
        if wanted is not None and (layer is None or not self._is(layer, wanted)):
            # A layer that is gone for one look (a half-typed line, say) is selected again when it comes back.
            self._wanted = wanted
        self._fit()
        self.refresh()

    @staticmethod
    def _is(layer: Layer, wanted: Layer) -> bool:
        return layer.name == wanted.name or _distance(layer, wanted) < _ELSEWHERE

    def _remember(self) -> None:
        layer = self.selected
        if layer is not None:
            self._wanted = layer
            model = _model_name(self.view)
            if model is not None:
                self._wanted_in[model] = self._wanted

    def _find(self, wanted: Layer | None, *, line_first: bool) -> int:
        """The row to select in new data: the same layer, else one that is like it, else the first."""
        view = self.view
        if view is None:
            return -1
        best, best_rank = view.first, (_ELSEWHERE, _ELSEWHERE)
        if wanted is None:
            return best
        for at, row in enumerate(view.rows):
            if not isinstance(row, LayerRow):
                continue
            other_name = 0 if row.layer.name == wanted.name else 1
            other_place = _distance(row.layer, wanted)
            if other_name and other_place == _ELSEWHERE:
                continue
            rank = (other_place, other_name) if line_first else (other_name, other_place)
            if rank < best_rank:
                best, best_rank = at, rank
        return best

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the selected row and say which layer it is."""
        super().watch_cursor(old, new)
        self._remember()
        self.post_message(self.Selected(self.selected))

    # Geometry

    def _fit(self) -> Columns | None:
        if self.view is None:
            self.virtual_size = Size(0, 0)
            return None
        width = self.scrollable_content_region.width or self.size.width
        key = (id(self.view), width)
        if self._columns_for != key:
            self._columns = fit_columns(self.view, self._cells, width, self.marks)
            self._columns_for = key
            self._strips.clear()
            self.virtual_size = Size(
                self._columns.width if self._columns.width > width else width, len(self.view.rows) + self.fixed_lines
            )
        return self._columns

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._strips.clear()

    # Drawing

    def _row_strip(self, at: int, columns: Columns, width: int, base: Style) -> Strip:
        row = self._row(at)
        assert row is not None
        selected = at == self.cursor
        strip = None if selected else self._strips.get(at)
        if strip is None:
            if isinstance(row, TitleRow):
                strip = title_strip(row, self.scrollable_content_region.width, self.marks, self._style, base)
            else:
                cells = self._cells[at]
                strip = layer_strip(row, cells, columns, self.marks, self._style, base, selected=selected)
            if not selected:
                self._strips[at] = strip
        if isinstance(row, TitleRow) and not selected:
            return strip.crop_extend(0, width, base)
        return window(strip, columns, self.scroll_offset.x, width, base)

    # Moving

    def _move(self, to: int, step: int) -> None:
        """Select the layer at `to`, or the next one from there in the direction of `step`, else back."""
        rows = self.view.rows if self.view is not None else ()
        to = max(0, min(to, len(rows) - 1))
        for direction in (step, -step):
            at = to
            while 0 <= at < len(rows):
                if isinstance(rows[at], LayerRow):
                    self._moved = True
                    self.cursor = at
                    if at <= 1 and step < 0:
                        self.scroll_to(y=0, animate=False, force=True)
                    return
                at += direction

    def action_first(self) -> None:
        super().action_first()
        self.scroll_to(y=0, animate=False, force=True)

    # Searching

    def search(self, pattern: str, step: int, *, here: bool = False) -> None:
        """Go to the next layer whose name or class holds `pattern`, also one that is folded away."""
        view = self.view
        wanted = pattern.casefold()
        matches: list[int] = []
        if view is not None and wanted:
            for at, layer_id in enumerate(view.order):
                layer = view.layers[layer_id]
                if wanted in f"{layer.name} {layer.class_name}".casefold():
                    matches.append(at)
        if view is None or not matches:
            self.post_message(self.Searched(pattern, None, 0))
            return
        selected = self.selected
        origin = view.order.index(selected.id) if selected is not None else -1
        if step > 0:
            found = next((at for at in matches if at > origin or (here and at == origin)), matches[0])
        else:
            found = next((at for at in reversed(matches) if at < origin), matches[-1])
        if not self.select(view.order[found]):
            self.post_message(self.Wanted(view.order[found]))
        self.post_message(self.Searched(pattern, matches.index(found), len(matches)))

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Select the row under the mouse, or fold it at its mark; a second click opens it."""
        at = self._row_under(event)
        row = None if at is None else self._row(at)
        if at is None or not isinstance(row, LayerRow):
            return
        self._moved = True
        self.cursor = at
        if row.inside and self._at_fold_mark(event.x, at):
            self.post_message(self.FoldClicked(row.layer.id))
        elif event.chain > 1:
            self.post_message(self.Opened())

    def _at_fold_mark(self, x: int, at: int) -> bool:
        name = (
            next((column for column in self._columns.columns if column.key == "name"), None) if self._columns else None
        )
        if name is None:
            return False
        text = self._cells[at].name
        begin = name.start + len(text) - len(text.lstrip())
        return begin <= x < begin + FOLD_MARK


_ELSEWHERE = 2


def _distance(layer: Layer, wanted: Layer) -> int:
    """How far apart two layers are constructed: 0 at the same place, 1 in the same line, else `_ELSEWHERE`."""
    here, there = layer.location, wanted.location
    if here is None or there is None or here.line != there.line:
        return _ELSEWHERE
    return 0 if here.column == there.column else 1


def _model_name(view: View | None) -> str | None:
    return view.model.name if view is not None and view.model is not None else None
