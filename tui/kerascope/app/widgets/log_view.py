"""A run's log: its lines, a bar about them, and the line in which a search, a filter or a file name is typed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.reactive import reactive

from kerascope.app._actions import bindings
from kerascope.app._clipboard import copy_by_tmux
from kerascope.app._log_source import NoLines
from kerascope.app._log_words import LogState
from kerascope.app._words import counted
from kerascope.app.widgets._log_bar import LogBar
from kerascope.app.widgets._log_finding import find_line
from kerascope.app.widgets._log_pane import LogPane
from kerascope.app.widgets._log_prompt import LogPrompt
from kerascope.app.widgets._log_saving import log_text, save_log
from kerascope.graph import format_bytes

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from textual.app import ComposeResult

    from kerascope.app._log_source import LogLine, LogLines, LogSource
    from kerascope.app._marks import Marks

__all__ = ["LogView"]

_TICK = 0.25
"""Seconds between looks at the file, and so between repaints."""

_SLICE = 0.01
"""Seconds of work before the keys have their turn."""

_BYTES = 256 * 1024
"""Bytes looked at in one go; far less than a slice's worth."""

_BEHIND = 0.02
"""Seconds until the next slice, where one was not enough."""

_COPY_MOST = 1_000_000
"""Characters; more than most terminals take through an escape sequence."""

_SAID_SECONDS = 6.0


class LogView(Container):
    """Shows a log, and looks for more of it four times a second; the screen gives it `source` and `alive`."""

    BINDINGS = bindings("log")

    source: reactive[LogSource | None] = reactive(None, repaint=False)
    alive: reactive[bool] = reactive(True, repaint=False)
    """Whether more may be written."""
    empty: reactive[str] = reactive("Nothing has been printed yet.", repaint=False)
    """What is said while there is no line."""

    def __init__(self, marks: Marks, *, id: str | None = None, save_as: str = "training.log") -> None:
        super().__init__(id=id)
        self.marks = marks
        self.save_as = save_as
        """File name that is proposed."""
        self._lines: LogLines = NoLines()
        self._filter = ""
        self._pattern = ""
        self._busy = False
        self._said = ""
        self._said_at = 0.0
        self._waiting = False
        self._changed = False

    def compose(self) -> ComposeResult:
        yield LogPane(self.marks, self._lines)
        yield LogBar(self.marks)
        yield LogPrompt()

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_interval(_TICK, self._tick)
        self.watch_source()

    @property
    def pane(self) -> LogPane:
        """The lines."""
        return self.query_one(LogPane)

    def focus(self, scroll_visible: bool = True) -> LogView:
        """Give the keys to the lines."""
        self.pane.focus(scroll_visible)
        return self

    # Data in

    def watch_source(self) -> None:
        """Show another log from its end."""
        if not self.is_mounted:
            return
        self._filter = self._pattern = ""
        self._show(self.source if self.source is not None else NoLines())

    def watch_empty(self) -> None:
        """Say something else where there is nothing."""
        if self.is_mounted:
            self.pane.empty = self.marks.text(self.empty)

    def watch_alive(self) -> None:
        """The bar says so."""
        self._tell()

    def _show(self, lines: LogLines) -> None:
        self._lines = lines
        self.pane.empty = self.marks.text(f"No line holds {self._filter!r}." if self._filter else self.empty)
        self._advance()
        self.pane.show(lines)
        self._tell()

    def _tick(self) -> None:
        if self._said and perf_counter() - self._said_at > _SAID_SECONDS:
            self._said = ""
            self._tell()
        self._advance()
        self._take()

    def _take(self) -> None:
        """Show what was found, if anything was."""
        if self._changed:
            self._changed = False
            self.pane.take()
            self._tell()

    def _advance(self) -> None:
        """Look at what is new for a slice of time, and soon again where that was not enough."""
        deadline = perf_counter() + _SLICE
        while self._advance_once():
            self._changed = True
            if perf_counter() > deadline:
                if not self._waiting:
                    self._waiting = True
                    self.set_timer(_BEHIND, self._catch_up)
                break

    def _catch_up(self) -> None:
        """Go on looking, without showing anything yet: that is the tick's."""
        self._waiting = False
        self._advance()

    def _advance_once(self) -> bool:
        if self.source is None:
            return False
        changed = self.source.advance(_BYTES)
        if self._lines is not self.source:
            changed = self._lines.advance(_BYTES) or changed
        return changed

    # The bar

    def say(self, text: str) -> None:
        """Say something for a while, or until something else is shown."""
        self._said, self._said_at = text, perf_counter()
        self._tell()

    def _tell(self) -> None:
        if not self.is_mounted:
            return
        pane, lines, source = self.pane, self._lines, self.source
        self.query_one(LogBar).state = LogState(
            count=lines.count,
            total=source.count if source is not None else 0,
            at=min(pane.top + 1, max(lines.count, 1)),
            new=pane.new_lines,
            following=pane.following,
            alive=self.alive,
            complete=source is None or source.complete,
            filter=self._filter,
            filtered=lines.complete,
            said=self._said,
            wrapped=pane.wrapped,
        )

    def on_log_pane_moved(self, message: LogPane.Moved) -> None:
        """Say where it is now."""
        if message.by_key:
            self._said = ""
        self._tell()

    # What the keys do

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.pane.follow()

    def action_pause(self) -> None:
        """Stop following, or follow again."""
        if self.pane.following:
            self.pane.pause()
        else:
            self.pane.follow()

    def action_wrap(self) -> None:
        """Wrap long lines, or scroll them sideways."""
        self.pane.wrapped = not self.pane.wrapped
        self._tell()

    def action_first_error(self) -> None:
        """Go to the first error."""
        self.go_to_error()

    def go_to_error(self) -> None:
        """Go to the first error of the whole log, once all of it was looked at, or say that there is none."""
        self._work(self._go_to_error())

    async def _go_to_error(self) -> None:
        source = self.source
        while source is not None and not source.complete:
            self.say("looking for the first error in what came before, esc gives up")
            self._advance()
            await asyncio.sleep(0)
        self._take()
        at = source.first_error() if source is not None else None
        if at is None:
            hidden = ", nor one that the filter hides" if self._filter else ""
            self.say(f"no line of the log looks like an error{hidden}")
            return
        again = "; all lines are shown again" if self._filter else ""
        self._set_filter("")
        self.pane.mark(at)
        self.say(f"line {at + 1:,} is the first that looks like an error{again}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc goes on to the screen where there is nothing to leave here."""
        if action == "clear":
            return self._busy or bool(self._filter) or bool(self._pattern)
        return True

    def action_clear(self) -> None:
        """End a search in progress, else leave the search, else the filter."""
        if self._busy:
            self.workers.cancel_group(self, "log-work")
            self._busy = False
            self.say("given up")
        elif self._pattern:
            self._pattern = ""
            self.pane.highlight(self._filter)
            self._said = ""
            self._tell()
        else:
            self._set_filter("")

    # The prompt

    def action_search(self) -> None:
        """Ask what to search for."""
        self._ask("search", "")

    def action_filter(self) -> None:
        """Ask what lines to show."""
        self._ask("filter", self._filter)

    def action_save(self) -> None:
        """Ask where to save the log."""
        self._ask("save", self.save_as)

    def _ask(self, what: str, value: str) -> None:
        self.query_one(LogPrompt).ask(what, value)

    def on_log_prompt_answered(self, message: LogPrompt.Answered) -> None:
        """Do what was asked for."""
        message.stop()
        self.pane.focus()
        text = message.text
        if text is None:
            return
        if message.what == "filter":
            self._set_filter(text)
        elif message.what == "search":
            if text:
                self.search(text, 1, here=True)
        elif text.strip():
            self._work(self._save(Path(text.strip()).expanduser()))

    # Filtering

    def _set_filter(self, text: str) -> None:
        """Show the lines that hold a text, or all, and stay at the same line where there is one."""
        source = self.source
        if source is None or text == self._filter:
            return
        pane = self.pane
        line, marked, stay = pane.current, pane.marked is not None, not pane.following
        self._filter = text
        self._show(source.filtered(text) if text else source)
        pane.highlight(self._pattern or text)
        if not text and stay and line is not None:
            (pane.mark if marked else pane.go_to)(source.place_of(line.number))
        self._said = ""
        self._tell()

    # Searching

    def on_log_pane_search_wanted(self, message: LogPane.SearchWanted) -> None:
        """Search for somebody else."""
        self.search(message.pattern, message.step, here=message.here)

    def action_search_next(self, step: int) -> None:
        """Go to the next match."""
        if self._pattern:
            self.search(self._pattern, step)
        else:
            self.say("nothing to search for yet: / asks for a text")

    def search(self, pattern: str, step: int, *, here: bool = False) -> None:
        """Go to the next line that holds a text, in any case, round the end."""
        self._pattern = pattern
        self.pane.highlight(pattern)
        self._work(self._search(pattern, step, here))

    def _work(self, work: Coroutine[None, None, None]) -> None:
        async def watched() -> None:
            self._busy = True
            try:
                await work
            finally:
                self._busy = False

        self.run_worker(watched(), group="log-work", exclusive=True)

    async def _search(self, pattern: str, step: int, here: bool) -> None:
        forward = step > 0
        self._take()
        origin = self.pane.search_origin()
        line = await find_line(self._lines, pattern, origin if here else origin + step, forward, self.say)
        again = ""
        if line is None:
            again = " (from the beginning)" if forward else " (from the end)"
            start = 0 if forward else self._lines.count - 1
            line = await find_line(self._lines, pattern, start, forward, self.say)
        if line is None:
            unread = "" if self._lines.complete else " so far; the log is still being read"
            self.say(f"no line contains {pattern!r}{unread}")
            return
        self._take()
        self.pane.mark(line)
        self.say(f"line {line + 1:,} of {self._lines.count:,} holds {pattern!r}{again}, n next, N previous")

    # Copying and saving

    async def action_copy_line(self) -> None:
        """Copy one line."""
        line: LogLine | None = self.pane.current
        if line is None:
            self.say("there is no line yet, so nothing was copied")
            return
        await self._copy(line.text, f"line {line.number:,} of the log")

    def action_copy_all(self) -> None:
        """Copy all lines shown."""
        self._work(self._copy_all())

    async def _copy_all(self) -> None:
        text = await log_text(self._lines, _COPY_MOST)
        if text is None:
            self.say(f"it has more than {_COPY_MOST:,} characters, too many for a clipboard: S saves it to a file")
            return
        await self._copy(text, counted(text.count("\n"), "line"))

    async def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        tried = "asked the terminal (OSC 52) to copy"
        if await copy_by_tmux(text):
            tried += ", and gave tmux,"
        self.say(f"{tried} {what}")

    async def _save(self, path: Path) -> None:
        self.say(f"saving to {path}")
        try:
            count, size = await save_log(self._lines, path)
        except FileExistsError:
            self.say(f"{path} is there already and was left alone: S, and another name")
        except OSError as error:
            self.say(f"{path} could not be written: {error.strerror or error}")
        else:
            self.say(f"saved {counted(count, 'line')}, {format_bytes(size)}, to {path}")
