"""What all screens about trainings share: who knows the runs, who starts them, and which ones were at work here."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kerascope.app._protocol import Runs, Trainer
    from kerascope.app._settings import Settings

__all__ = ["Desk"]


class Desk:
    """Lives as long as the program; what it keeps is gone with it.

    Args:
        runs: Knows the runs.
        trainer: Starts them.
        settings: What the command line chose.
    """

    def __init__(self, runs: Runs, trainer: Trainer, settings: Settings) -> None:
        self.runs = runs
        self.trainer = trainer
        self.settings = settings
        self._visited: dict[Path, None] = {}

    def visit(self, directory: Path) -> None:
        """A run was started or opened here: when the program ends it is said if that run goes on."""
        self._visited[directory] = None

    def farewells(self) -> Iterator[str]:
        """A sentence for each of those runs that are alive."""
        named = self.settings.runs_dir
        where = f" --runs-dir {shlex.quote(named)}" if named is not None else ""
        for directory in self._visited:
            run = self.runs.read(directory)
            if run.alive:
                yield f"the run {run.id} goes on; `kerascope runs follow {run.id}{where}` follows it"
