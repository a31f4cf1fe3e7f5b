"""What the screens that list things have in common: searching, leaving, and saying things below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen, ScreenResultType

from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.search import SearchBar

if TYPE_CHECKING:
    from textual.widgets import Input

    from kerascope.app._marks import Marks
    from kerascope.app.widgets._pane import LinePane

__all__ = ["SearchingScreen"]


class SearchingScreen(Screen[ScreenResultType]):
    """A screen with one list, a status line and a line to search in."""

    _marks: Marks
    _pattern = ""
    NOTHING = "no line"
    """What contains nothing of what was searched for."""

    @property
    def _pane(self) -> LinePane:
        """What is searched."""
        raise NotImplementedError

    @property
    def _is_there(self) -> bool:
        """Whether it is not being taken down: its parts go before it does."""
        return self.is_attached and self.display

    def _say(self, text: str) -> None:
        if self._is_there:
            self.query_one(StatusBar).text = self._marks.text(text)

    @property
    def _is_first(self) -> bool:
        """Whether there is no screen to go back to."""
        return self.app.screen_stack[0] is self

    def action_search(self) -> None:
        """Open the search line."""
        bar = self.query_one(SearchBar)
        bar.add_class("-open")
        bar.focus()

    def action_search_next(self, step: int) -> None:
        """Go to the next match."""
        if self._pattern:
            self._pane.search(self._pattern, step)
        else:
            self._say("nothing to search for yet: / asks for a text")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for what was typed."""
        event.stop()
        self.on_search_bar_dismissed()
        self._pattern = event.value.strip()
        if self._pattern:
            self._pane.search(self._pattern, 1, here=True)

    def on_search_bar_dismissed(self) -> None:
        """Close the search line."""
        self.query_one(SearchBar).remove_class("-open")
        self._pane.focus()

    def on_line_pane_searched(self, message: LinePane.Searched) -> None:
        """Say where the search went."""
        if message.line is None:
            self._say(f"{self.NOTHING} contains {message.pattern!r}")
        else:
            self._say(f"match {message.line + 1:,} of {message.count:,} for {message.pattern!r} · n next, N previous")

    def action_leave(self) -> None:
        """Back to where this was opened, else end the program."""
        if self._is_first:
            self.app.exit(0)
        else:
            self.dismiss(None)

    def action_back(self) -> None:
        """Back to where this was opened."""
        if not self._is_first:
            self.dismiss(None)

    def action_interrupt(self) -> None:
        """Say what leaves."""
        self._say("q leaves")
