"""The views: going from one to another, and searching in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from kerascope.app.screens._choosing import ChoosingScreen
from kerascope.app.widgets._pane import LinePane
from kerascope.app.widgets.bars import VIEWS, TabBar
from kerascope.app.widgets.failure import FailurePane
from kerascope.app.widgets.search import SearchBar

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.widgets import Input

__all__ = ["ViewsScreen"]

_PANES = {
    "layers": "#layers",
    "detail": "#detail",
    "findings": "#findings",
    "source": "#source",
    "log": "#log",
    "weights": "#weights",
}
_LINES = ("source", "log", "weights")
"""Views that are searched in themselves; from the others a search goes to the layers."""


class ViewsScreen(ChoosingScreen):
    """Shows one of the views, and holds what was searched for last."""

    shown_view: reactive[str] = reactive("layers")
    _pattern = ""

    def on_panes_shown(self) -> None:
        """A window that was too small for the panes has taken the focus from them: give it back."""
        if self.focused is None:
            self._show_view(self.shown_view)

    def _show_view(self, name: str) -> None:
        self.shown_view = name
        self._rest()
        for view in VIEWS:
            self.set_class(view == name, f"-view-{view}")
        self.query_one(TabBar).active = name
        target: Widget = self.query_one(_PANES[name])
        if name == "layers" and not target.display:
            target = self.query_one(FailurePane)
        target.focus()

    def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self._show_view(message.view)

    def action_view(self, name: str) -> None:
        """Show a view."""
        self._show_view(name)

    def action_next_pane(self, step: int) -> None:
        """Show the view beside this one, round the end."""
        views = self.query_one(TabBar).views
        at = views.index(self.shown_view) if self.shown_view in views else 0
        self._show_view(views[(at + step) % len(views)])

    # Searching

    def _search_target(self) -> LinePane:
        return self.query_one(f"#{self.shown_view if self.shown_view in _LINES else 'layers'}", LinePane)

    def action_search(self) -> None:
        """Open the search line."""
        if self.shown_view not in _LINES:
            self._show_view("layers")
        bar = self.query_one(SearchBar)
        bar.add_class("-open")
        bar.focus()

    def action_search_next(self, step: int) -> None:
        """Go to the next match."""
        if self._pattern:
            self._search_target().search(self._pattern, step)
        else:
            self._say("nothing to search for yet: / asks for a text", passing=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for what was typed."""
        event.stop()
        self._close_search()
        self._pattern = event.value.strip()
        if self._pattern:
            self._search_target().search(self._pattern, 1, here=True)

    def on_search_bar_dismissed(self) -> None:
        """Close the search line."""
        self._close_search()

    def _close_search(self) -> None:
        self.query_one(SearchBar).remove_class("-open")
        self._search_target().focus()

    def on_line_pane_searched(self, message: LinePane.Searched) -> None:
        """Say where the search went."""
        if message.line is None:
            where = {"layers": "no layer name or class", "weights": "no name of a weight"}.get(
                self.shown_view, "no line"
            )
            self._say(f"{where} contains {message.pattern!r}", passing=True)
        else:
            self._say(
                f"match {message.line + 1:,} of {message.count:,} for {message.pattern!r} · n next, N previous",
                passing=True,
            )
