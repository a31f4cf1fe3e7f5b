"""The lines of a log: only those on the screen are read, and drawn."""

from __future__ import annotations

import re
import textwrap
from math import ceil
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app._actions import bindings
from kerascope.app._log_window import LogWindow, Place, Row
from kerascope.app.widgets._log_strips import GUTTER, in_sight, row_strip
from kerascope.app.widgets._pane import LinePane

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from kerascope.app._log_source import LogLine, LogLines
    from kerascope.app._marks import Marks

__all__ = ["LogPane"]

_ABOVE = 2
"""Lines shown above one that was gone to."""

_EIGHTHS = 8
"""Of a cell: what a scrollbar's thumb moves by."""


class LogPane(LinePane, inherit_bindings=False):
    """Shows rows from a place on, or stays at the end; places are lines, so that millions need no measuring."""

    COMPONENT_CLASSES = {
        "log--err",
        "log--err-mark",
        "log--marked",
        "log--cursor",
        "log--match",
        "log--muted",
    }
    # The end is where one follows, which is more than a move.
    BINDINGS = [each for each in bindings("move") if not (isinstance(each, Binding) and each.id == "move.last")]

    following: reactive[bool] = reactive(True, repaint=False)
    wrapped: reactive[bool] = reactive(False, repaint=False)
    empty: reactive[str] = reactive("")
    """What is said while there is no line."""

    class Moved(Message):
        """Something else is shown, or marked.

        Attributes:
            by_key: A key did it; else the mouse, or a window of another size.
        """

        def __init__(self, *, by_key: bool) -> None:
            super().__init__()
            self.by_key = by_key

    class SearchWanted(Message):
        """A search from outside."""

        def __init__(self, pattern: str, step: int, here: bool) -> None:
            super().__init__()
            self.pattern = pattern
            self.step = step
            self.here = here

    def __init__(self, marks: Marks, lines: LogLines, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._window = LogWindow(lines)
        self._top = Place(0)
        self._seen = 0
        self._count = 0
        self._marked: int | None = None
        self._pattern: re.Pattern[str] | None = None
        self._rows: list[Row] | None = None
        self._widest = 0
        self._thumb = (0, 0, 0, 0)
        self._scrolling = False

    # What is shown

    @property
    def line_count(self) -> int:
        return self._window.count

    @property
    def new_lines(self) -> int:
        """Lines that came since it was paused."""
        return max(0, self._count - self._seen)

    @property
    def top(self) -> int:
        """Place of the first line on the screen."""
        return self._top.line

    @property
    def marked(self) -> int | None:
        """Place of the line that a search, an error or the mouse chose."""
        return self._marked

    @property
    def current(self) -> LogLine | None:
        """The marked line, else the newest while following, else the first on the screen."""
        at = self._marked
        if at is None:
            at = self._count - 1 if self.following else self._top.line
        return self._window.line(at)

    def show(self, lines: LogLines) -> None:
        """Show another log, or what a filter left of it, from its end."""
        self._window = LogWindow(lines, self._window.width)
        self._marked, self._widest, self._count = None, 0, 0
        self._top = Place(0)
        self.scroll_to(x=0, animate=False, force=True)
        self.following = True
        self.take()
        self._draw_anew()

    def take(self) -> None:
        """Take notice that the log has advanced. What is on the screen stays there, unless the end is followed."""
        window = self._window
        before = self._count
        moved = window.changed()
        self._count = window.count
        if self._count < before + moved:
            # It was cut short or written anew: nothing of what was read still stands.
            window.forget()
            self._marked = None
            self._draw_anew()
        if self._marked is not None:
            self._marked += moved
        if self.following:
            self._seen = self._count
            self._go(self._end(), redraw=True)
            return
        self._seen = min(self._seen + moved, self._count)
        pinned = not self._top.line and moved > 0 and self.scroll_y == 0
        last = self._top.line + len(self._shown())
        # The last line known may have grown, and lines may have come in beneath it.
        top = self._top if pinned else Place(self._top.line + moved, self._top.row)
        self._go(top, redraw=last >= before or pinned)

    def highlight(self, pattern: str) -> None:
        """Show wherever a text stands; the empty text shows none."""
        self._pattern = re.compile(re.escape(pattern), re.IGNORECASE) if pattern else None
        self._draw_anew()

    def mark(self, line: int | None) -> None:
        """Choose a line and show it, or choose none."""
        self._marked = line
        if line is not None:
            self._pause()
            rows = self._shown()
            if not (rows and rows[0].at <= line <= rows[-1].at) or (self.wrapped and rows[-1].at == line):
                self._go(Place(max(0, line - min(_ABOVE, (self.page - 1) // 2))))
            self._show_across(line)
        self._draw_anew()

    def _show_across(self, at: int) -> None:
        """Scroll sideways as much as is needed to see what was searched for."""
        line = self._window.line(at)
        found = self._pattern.search(line.text) if self._pattern is not None and line is not None else None
        if found is None or line is None or self.wrapped:
            return
        self._fit()
        room = self.scrollable_content_region.width - GUTTER
        begin, end = cell_len(line.text[: found.start()]), cell_len(line.text[: found.end()])
        if not self.scroll_x <= begin <= end <= self.scroll_x + room:
            self.scroll_to(x=0 if end <= room else max(0, begin - room // 3), animate=False, force=True)

    # Geometry

    def _end(self) -> Place:
        return self._window.end(self.page)

    def _fit(self) -> None:
        """Tell Textual how far it can be scrolled: one line a place, and the last page on top of that."""
        height = self._end().line + self.page if self._count else 0
        width = 0 if self.wrapped else self._widest + GUTTER + 1
        # Not by assignment: that lays out the whole screen and draws all of this pane, four times a second.
        self.set_reactive(LogPane.virtual_size, Size(width, height))

    def _show_thumb(self) -> None:
        """Move the scrollbar's thumb, where that can be seen: it costs a line's worth of bytes for every line."""
        cells, all_lines = self.page, max(self.virtual_size.height, 1)
        thumb = max(1.0, cells * cells / all_lines)
        # While it stays at the end, its other end creeps: then whole cells do.
        grain = 1 if self.following else _EIGHTHS
        start = int(grain * (cells - thumb) * self._top.line / max(1, all_lines - cells))
        drawn = start, ceil(grain * thumb), cells, grain
        bar = self.vertical_scrollbar
        if drawn != self._thumb and self.show_vertical_scrollbar:
            self._thumb = drawn
            bar.window_virtual_size, bar.window_size, bar.position = all_lines, cells, self._top.line

    def _go(self, top: Place, *, redraw: bool = False) -> None:
        """Show the rows from a place on."""
        self._fit()
        top = self._window.clamped(top, self.page)
        changed = top != self._top
        self._top = top
        self._scrolling = True
        try:
            self.scroll_to(y=top.line, animate=False, force=True)
        finally:
            self._scrolling = False
        self._show_thumb()
        if changed or redraw:
            self._draw_anew()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the mouse and the scrollbar too."""
        if self._scrolling or round(new_value) == self._top.line:
            return
        if self.following and round(new_value) >= self.max_scroll_y:
            # It was not moved: there is more room, or less.
            self._top = self._end()
        else:
            if new_value < old_value:
                self._pause()
            self._top = self._window.clamped(Place(round(new_value)), self.page)
        self._show_thumb()
        self._draw_anew()
        self.post_message(self.Moved(by_key=False))

    def on_resize(self) -> None:
        """Wrap anew; the end stays the end."""
        self._rewrap()

    def watch_wrapped(self) -> None:
        """Wrap long lines, or no more."""
        self.scroll_to(x=0, animate=False, force=True)
        self._rewrap()

    def _rewrap(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            return
        self._window.wrap(max(1, width - GUTTER) if self.wrapped else 0)
        self._go(self._end() if self.following else Place(self._top.line), redraw=True)

    # Drawing

    def _draw_anew(self) -> None:
        self._rows = None
        # Without the scrollbar, which would be sent again though it is as it was.
        self.refresh(self.scrollable_content_region.size.region)

    def _shown(self) -> list[Row]:
        if self._rows is None:
            self._rows = self._window.rows(self._top, max(1, self.size.height))
            if not self.wrapped:
                widest = max((cell_len(row.line.text) for row in self._rows), default=0)
                self._widest = max(self._widest, widest)
        return self._rows

    def render_line(self, y: int) -> Strip:
        """One row; without lines what is waited for."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if not self._count:
            words = textwrap.wrap(self.empty, max(width - 2, 20))
            text = f" {words[y - 1]}" if 1 <= y <= len(words) else ""
            return Strip([Segment(text, self._style("muted"))]).crop_extend(0, width, base)
        rows = self._shown()
        if y >= len(rows):
            return Strip.blank(width, base)
        row, left = rows[y], 0 if self.wrapped else self.scroll_offset.x
        marked = row.at == self._marked
        if not self.wrapped:
            row = in_sight(row, left, width)
        strip = row_strip(row, self._pattern, self.marks, self._style, base, marked=marked)
        if left and not row.line.text.isascii():
            strip = Strip.join([strip.crop(0, GUTTER), strip.crop(GUTTER + left)])
        under = base + self._style("marked") if marked else base
        if strip.cell_length <= width:
            # In one piece with the text where that has the same style: what follows a line is half of its bytes.
            return strip.extend_cell_length(width, under).simplify()
        # It goes on to the right.
        return Strip([*strip.crop(0, width - 1), Segment(self.marks.arrow, under + self._style("muted"))], width)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log--{name}", partial=True)

    # Moving

    def _pause(self) -> None:
        if self.following:
            self._seen = self._count
            self.following = False

    def _move(self, rows: int) -> None:
        if rows < 0:
            self._pause()
        self._go(self._window.moved(self._top, rows))
        self.post_message(self.Moved(by_key=True))

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._marked = None
        self.take()
        self._draw_anew()
        self.post_message(self.Moved(by_key=True))

    def pause(self) -> None:
        """Stay where it is."""
        self._pause()
        self.post_message(self.Moved(by_key=True))

    def go_to(self, line: int) -> None:
        """Pause with a line at the top."""
        self._pause()
        self._go(Place(line))

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(self.page)

    def action_page_up(self) -> None:
        self._move(-self.page)

    def action_first(self) -> None:
        self.go_to(0)
        self.post_message(self.Moved(by_key=True))

    def action_last(self) -> None:
        self.follow()

    def action_left(self) -> None:
        if not self.wrapped:
            super().action_left()

    def action_right(self) -> None:
        self._fit()
        if not self.wrapped:
            super().action_right()

    # Searching

    def search_origin(self) -> int:
        """The line a search starts at."""
        rows = self._shown()
        if self._marked is not None and rows and rows[0].at <= self._marked <= rows[-1].at:
            return self._marked
        return self._top.line

    def search(self, pattern: str, step: int, *, here: bool = False) -> None:
        """Have the log searched, which takes its time."""
        self.post_message(self.SearchWanted(pattern, step, here))

    def on_click(self, event: events.Click) -> None:
        """Mark the line under the mouse."""
        rows = self._shown()
        if 0 <= event.y < len(rows) and self._count:
            self._pause()
            self._marked = rows[event.y].at
            self._draw_anew()
            self.post_message(self.Moved(by_key=True))
