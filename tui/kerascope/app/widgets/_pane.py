"""What every pane that shows lines has in common: moving, and searching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.scroll_view import ScrollView

from kerascope.app._actions import bindings

if TYPE_CHECKING:
    from kerascope.app._marks import Marks

__all__ = ["LinePane", "Panes", "ScrollPane"]


class Panes(Container):
    """Holds all panes; says when they come into sight."""

    class Shown(Message):
        """The panes can be seen from now on."""

    def on_show(self) -> None:
        """Say so."""
        self.post_message(self.Shown())


class LinePane(ScrollView, can_focus=True):
    """A pane of lines drawn with Textual's Line API: only the lines on the screen cost anything."""

    BINDINGS = bindings("move")
    fixed_lines = 0
    """Lines at the top that do not scroll."""

    class Searched(Message):
        """A search went to a line, or found nothing."""

        def __init__(self, pattern: str, line: int | None, count: int) -> None:
            super().__init__()
            self.pattern = pattern
            self.line = line
            self.count = count

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    @property
    def line_count(self) -> int:
        """Lines that scroll."""
        return 0

    @property
    def page(self) -> int:
        """Lines that scroll and are visible at once."""
        return max(1, self.scrollable_content_region.height - self.fixed_lines)

    def searchable(self, line: int) -> str:
        """The text of a line that a search looks at."""
        return ""

    def show_line(self, line: int) -> None:
        """Scroll as little as needed for `line` to be visible, with a little of what is around it."""
        top = round(self.scroll_y)
        margin = min(2, (self.page - 1) // 2)
        if line - margin < top:
            self.scroll_to(y=max(0, line - margin), animate=False, force=True)
        elif line + margin > top + self.page - 1:
            self.scroll_to(y=line + margin - self.page + 1, animate=False, force=True)

    def search_origin(self) -> int:
        """The line a search starts at."""
        return round(self.scroll_y)

    def go_to_match(self, line: int) -> None:
        """Show the line a search found."""
        self.show_line(line)

    def search(self, pattern: str, step: int, *, here: bool = False) -> None:
        """Go to the next line that holds `pattern`, in any case, round the end.

        Args:
            pattern: Plain text.
            step: 1 downwards, -1 upwards.
            here: The line where the search starts counts too.
        """
        wanted = pattern.casefold()
        matches = [line for line in range(self.line_count) if wanted in self.searchable(line).casefold()]
        if not matches or not wanted:
            self.post_message(self.Searched(pattern, None, 0))
            return
        origin = self.search_origin()
        if step > 0:
            line = next((m for m in matches if m > origin or (here and m == origin)), matches[0])
        else:
            line = next((m for m in reversed(matches) if m < origin), matches[-1])
        self.go_to_match(line)
        self.post_message(self.Searched(pattern, matches.index(line), len(matches)))

    def _scroll_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_y + lines, animate=False)

    def action_down(self) -> None:
        """One line down."""
        self._scroll_by(1)

    def action_up(self) -> None:
        """One line up."""
        self._scroll_by(-1)

    def action_page_down(self) -> None:
        """One page down."""
        self._scroll_by(self.page)

    def action_page_up(self) -> None:
        """One page up."""
        self._scroll_by(-self.page)

    def action_first(self) -> None:
        """To the first line."""
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """To the last line."""
        self.scroll_to(y=self.line_count, animate=False)

    def action_left(self) -> None:
        """Scroll to the left."""
        self.scroll_to(x=max(0, self.scroll_x - 8), animate=False, force=True)

    def action_right(self) -> None:
        """Scroll to the right."""
        self.scroll_to(x=self.scroll_x + 8, animate=False, force=True)


class ScrollPane(VerticalScroll, can_focus=True):
    """A pane of wrapped text that moves with the same keys."""

    BINDINGS = bindings("move")

    def action_down(self) -> None:
        """One line down."""
        self.scroll_to(y=self.scroll_y + 1, animate=False)

    def action_up(self) -> None:
        """One line up."""
        self.scroll_to(y=self.scroll_y - 1, animate=False)

    def action_page_down(self) -> None:
        """One page down."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """One page up."""
        self.scroll_page_up(animate=False)

    def action_first(self) -> None:
        """To the first line."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """To the last line."""
        self.scroll_end(animate=False)

    def action_left(self) -> None:
        """Nothing: the text is wrapped."""

    def action_right(self) -> None:
        """Nothing: the text is wrapped."""
