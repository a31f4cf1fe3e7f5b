"""The Textual program: one screen on one file, or another screen that it is given."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.app import App, SystemCommand

from kerascope.app._hangup import POLL_SECONDS, HangupWatch
from kerascope.app._internals import drop_colors, use_ascii_scrollbars
from kerascope.app._marks import marks_for
from kerascope.app._runs_rows import shown_path
from kerascope.app.screens.look import LookScreen
from kerascope.graph import Target
from kerascope.runs._listing import has_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.screen import Screen

    from kerascope.app._desk import Desk
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector

__all__ = ["KerascopeApp"]

_CLOSE_SECONDS = 1.0


@runtime_checkable
class Commanding(Protocol):
    """A screen whose actions are in the command palette."""

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions."""
        ...


class KerascopeApp(App[int]):
    """Opens the screen on `target`; its answers come from `inspector`, which it closes at the end.

    Args:
        inspector: Looks at files; `None` where `first` does without.
        target: The file to open; `None` likewise.
        ascii_only: Draw with ASCII only.
        compare: Show what both Keras generations say from the start.
        desk: Knows and starts trainings; `None` where there are none. Without a target its runs are listed, and where
            there are none the files that could be opened.
        first: Makes the first screen, where that is not the one on `target`.
        styles: Stylesheets of that screen: Textual reads those of pushed screens only.
    """

    TITLE = "kerascope"
    # The default screen's own CSS_PATH is not read (only pushed screens load theirs), so it stands here.
    CSS_PATH = ["app.tcss", "screens/look.tcss", "screens/runs.tcss"]
    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny-width"),
        (60, "-narrow"),
        (120, "-wide"),
        (180, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-tiny-height"), (15, "-low-height"), (20, "-enough-height")]

    def __init__(
        self,
        inspector: Inspector | None,
        target: Target | None,
        *,
        ascii_only: bool = False,
        compare: bool = False,
        desk: Desk | None = None,
        first: Callable[[Marks], Screen[Any]] | None = None,
        styles: tuple[str, ...] = (),
    ) -> None:
        super().__init__(css_path=[*self.CSS_PATH, *styles])
        self._first = first
        self._inspector = inspector
        self._target = target
        self._compare = compare
        self._desk = desk
        self._marks = marks_for(ascii_only)
        self._hangup = HangupWatch(self._hung_up)
        self.animation_level = "none"
        use_ascii_scrollbars(ascii_only)
        drop_colors(self)
        if ascii_only:
            self.add_class("-ascii")

    def get_default_screen(self) -> Screen[Any]:
        """The screen on the file, or the one that was given."""
        if self._first is not None:
            return self._first(self._marks)
        if self._target is not None:
            return self._look_at(self._target)
        assert self._desk is not None
        return self._runs_screen(self._desk) if has_runs(self._desk.settings.runs) else self._start_screen(self._desk)

    def _look_at(self, target: Target) -> Screen[Any]:
        assert self._inspector is not None
        return LookScreen(self._inspector, target, self._marks, compare=self._compare, desk=self._desk)

    def _runs_screen(self, desk: Desk) -> Screen[Any]:
        from kerascope.app.screens.runs import RunsScreen

        return RunsScreen(desk, self._marks, files=lambda: self._start_screen(None))

    def _start_screen(self, desk: Desk | None) -> Screen[Any]:
        """The files that could be opened; with a desk there is a way to its runs."""
        from kerascope.app.screens.runs import RunsScreen
        from kerascope.app.screens.start import StartScreen

        runs = (lambda: RunsScreen(desk, self._marks)) if desk is not None else None
        return StartScreen(self._marks, lambda path: self._look_at(Target(path=shown_path(path))), runs=runs)

    def on_mount(self) -> None:
        """Watch the terminal."""
        self._hangup.start()
        self.set_interval(POLL_SECONDS, self._hangup.poll)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette lists: the actions, and Textual's choice of theme."""
        if isinstance(screen, Commanding):
            yield from screen.palette_commands()
        yield SystemCommand("theme", "Choose other colours", self.action_change_theme)

    def _hung_up(self, status: int) -> None:
        # Not a worker: those are cancelled when the app ends, and this has to see the engine closed.
        self._farewell = asyncio.ensure_future(self._close_and_exit(status))

    async def _close_and_exit(self, status: int) -> None:
        if self._inspector is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._inspector.close(), _CLOSE_SECONDS)
        self.exit(status, return_code=status)
