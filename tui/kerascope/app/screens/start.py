"""The screen before anything is open: the files of this directory that may hold models."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from kerascope.app._actions import bindings
from kerascope.app._model_files import find_model_files
from kerascope.app._palette import palette_of
from kerascope.app._words import counted
from kerascope.app.screens._searching import SearchingScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.files_table import FilesTable
from kerascope.app.widgets.footer import KeyHints
from kerascope.app.widgets.search import SearchBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult, SystemCommand
    from textual.screen import Screen
    from textual.worker import Worker

    from kerascope.app._marks import Marks

__all__ = ["StartScreen"]

_NOTHING = """\
Nothing here looks as if it held a Keras model: no Python file or notebook that names keras, no .keras, no .h5.
`kerascope PATH` opens a file somewhere else; `kerascope --help` says what PATH can be."""

_HELP = """\
These are the files here, and up to three folders below, that may hold a model: Python files and notebooks that name \
Keras, .keras and HDF5 files, and SavedModels. Nothing was executed to find them.

Enter opens one: a program is run in a process of its own, with training left out; a saved model is read as data. \
Other files are opened by their path: kerascope PATH."""


class StartScreen(SearchingScreen[None]):
    """Lists what can be opened.

    Args:
        marks: Glyphs.
        look: Makes the screen on a file.
        runs: Makes the screen on the runs, where there is a way to it.
        directory: Where to look.
    """

    CSS_PATH = "runs.tcss"
    BINDINGS = bindings("start")
    AUTO_FOCUS = "#start-files"
    NOTHING = "no file"

    def __init__(
        self,
        marks: Marks,
        look: Callable[[Path], Screen[Any]],
        *,
        runs: Callable[[], Screen[Any]] | None = None,
        directory: Path | None = None,
    ) -> None:
        super().__init__()
        self._marks = marks
        self._look = look
        self._runs = runs
        self._finder: Worker[None] | None = None
        self._directory = (directory or Path()).absolute()

    def compose(self) -> ComposeResult:
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q leaves.",
            id="runs-too-small",
        )
        where = ("kerascope ", "bold $primary"), (str(self._directory), "bold")
        yield Static(Content.assemble(*where), id="start-title")
        yield FilesTable(self._marks, id="start-files")
        yield StatusBar(id="start-status")
        yield SearchBar(id="search")
        yield KeyHints()

    def on_mount(self) -> None:
        """Look for files."""
        self.action_refresh()

    @property
    def _pane(self) -> FilesTable:
        return self.query_one(FilesTable)

    async def _find(self) -> None:
        found = await asyncio.to_thread(find_model_files, self._directory)
        if not self._is_there:
            return
        self._pane.empty = _NOTHING
        self._pane.show_files(found.files)
        rest = "" if found.whole else "; there are too many files here to look at all of them"
        self._say(f"{counted(len(found.files), 'file')} that may hold a model{rest}")
        self.refresh_bindings()

    def on_rows_pane_opened(self) -> None:
        """Open what was clicked twice."""
        self.action_open()

    def action_open(self) -> None:
        """Open the selected file."""
        file = self._pane.selected
        if file is not None:
            self.app.push_screen(self._look(file.path))

    def action_refresh(self) -> None:
        """Look for files again."""
        self._pane.empty = f"looking for models in {self._directory}"
        self._finder = self.run_worker(self._find, group="find", exclusive=True)

    def action_runs(self) -> None:
        """List the runs of this directory."""
        if self._runs is not None:
            self.app.push_screen(self._runs())

    def action_quit_screen(self) -> None:
        """End the program."""
        self.app.exit(0)

    def action_help(self) -> None:
        """Explain the list and its keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks, (_HELP, [])))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now; the footer follows."""
        if action in ("quit_screen", "leave"):
            return self._is_first == (action == "quit_screen")
        if action == "runs":
            return self._runs is not None
        if action in ("open", "search", "search_next") and self.is_mounted:
            return bool(self._pane.files)
        return True

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        yield from palette_of(self, "start")
