"""Several runs in one plot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from kerascope.app._actions import bindings
from kerascope.app._curves import Curve, CurvesView
from kerascope.app._epoch_rows import ordered
from kerascope.app._runs_rows import name_of_run
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets.curves import Curves
from kerascope.app.widgets.footer import KeyHints
from kerascope.runs._layout import METRICS_FILE
from kerascope.runs._metrics import read_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.worker import Worker

    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Runs
    from kerascope.runs import Run, Series

__all__ = ["OverlayScreen"]

READ_SECONDS = 2.0

_FIRST = ("loss", "val_loss")
"""Metrics to begin with: every run has them."""

_HELP = """\
Each curve is one run, epochs along x. A metric is offered when any of the runs has it; [ and ] go through them.

The numbers are those of each run's metrics.csv, one row an epoch; runs that are alive go on growing here. A curve is \
broken where another fit begins, as from one fold to the next."""


class OverlayScreen(Screen[None]):
    """Plots the runs' metrics, one metric at a time, and follows those that are alive."""

    CSS_PATH = ["runs.tcss", "run.tcss"]
    BINDINGS = bindings("overlay")
    AUTO_FOCUS = "#overlay-curves"

    def __init__(self, chosen: Sequence[Run], runs: Runs, marks: Marks) -> None:
        super().__init__()
        self._chosen = tuple(chosen)
        self._runs = runs
        self._marks = marks
        self._reader: Worker[None] | None = None
        self._read: dict[Path, tuple[object, dict[str, Series]]] = {}

    def compose(self) -> ComposeResult:
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q goes back.",
            id="runs-too-small",
        )
        names = ", ".join(name_of_run(run) for run in self._chosen)
        title = Content.assemble(("Overlay ", "bold $primary"), (f"{len(self._chosen)} runs: {names}", "bold"))
        yield Static(title, id="overlay-title")
        yield Curves(self._marks, id="overlay-curves")
        yield KeyHints()

    def on_mount(self) -> None:
        """Begin to read."""
        self.query_one(Curves).empty = "reading the metrics of the runs"
        self._reader = self.run_worker(self._keep_reading, exclusive=True)

    async def _keep_reading(self) -> None:
        while True:
            alive, changed = await asyncio.to_thread(self._look)
            if not (self.is_attached and self.display):
                return
            if changed:
                view = _overlay_of([(name_of_run(run), self._read[run.directory][1]) for run in self._chosen])
                curves = self.query_one(Curves)
                curves.empty = "none of these runs has completed an epoch: there is nothing to plot yet"
                curves.view = view
            if not alive:
                return
            await asyncio.sleep(READ_SECONDS)

    def _look(self) -> tuple[bool, bool]:
        """Read what has grown; whether any run is alive, and whether anything has."""
        changed = False
        # Who is alive is asked first: one that has ended has written all that it ever will.
        alive = any(self._runs.read(run.directory).alive for run in self._chosen)
        for run in self._chosen:
            try:
                found = (run.directory / METRICS_FILE).stat()
                stamp: object = (found.st_ino, found.st_size, found.st_mtime_ns)
            except OSError:
                stamp = None
            before = self._read.get(run.directory)
            if before is None or before[0] != stamp:
                self._read[run.directory] = (stamp, read_metrics(run.directory))
                changed = True
        return alive, changed

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_back(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_interrupt(self) -> None:
        """Back to the list."""
        self.dismiss(None)

    def action_help(self) -> None:
        """Explain the plot and its keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks, (_HELP, [])))


def _overlay_of(runs: Sequence[tuple[str, dict[str, Series]]]) -> CurvesView:
    """One plot of several runs.

    Args:
        runs: Of each its name and its metrics.
    """
    known = ordered([name for _, metrics in runs for name in metrics])
    names = sorted(known, key=lambda name: name not in _FIRST)
    curves = {name: tuple(Curve(label, metrics[name]) for label, metrics in runs if name in metrics) for name in names}
    stamp = tuple(
        (label, name, len(series), series.last) for label, metrics in runs for name, series in metrics.items()
    )
    return CurvesView(curves=curves, unit="epochs", stamp=stamp)
