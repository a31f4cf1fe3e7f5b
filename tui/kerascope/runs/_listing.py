"""The runs of a directory, listed again and again: only what may have changed is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kerascope.runs._layout import ABOUT_FILE, RUN_FILE, STOP_FILE
from kerascope.runs._process import Here
from kerascope.runs._read import read_run

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs._run import Run

__all__ = ["RunList", "has_runs"]

_Stamp = tuple[tuple[int, int, int] | None, ...]


class RunList:
    """Reads a directory of runs; an ended run whose files are as they were is not read again.

    Args:
        runs: The directory; one that is not there holds none.
    """

    def __init__(self, runs: Path) -> None:
        self.directory = runs
        self._known: dict[str, tuple[_Stamp, Run]] = {}

    def scan(self) -> tuple[Run, ...]:
        """All runs as they stand now: those that are alive first, of both kinds the youngest first.

        Raises:
            OSError: The directory cannot be read.
        """
        here = Here.now()
        try:
            with os.scandir(self.directory) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
        except FileNotFoundError:
            names = []
        known: dict[str, tuple[_Stamp, Run]] = {}
        for name in names:
            stamp = self._stamp(name)
            if stamp[0] is None:
                continue  # a directory of something else
            before = self._known.get(name)
            if before is not None and before[0] == stamp and not before[1].alive:
                known[name] = before
            else:
                known[name] = (stamp, read_run(self.directory / name, here))
        self._known = known
        found = [run for _, run in known.values()]
        return tuple(sorted(found, key=lambda run: (run.alive, run.started, run.id), reverse=True))

    def _stamp(self, name: str) -> _Stamp:
        """What differs when a file of the run is another one."""
        return tuple(_seen(self.directory / name / file) for file in (RUN_FILE, ABOUT_FILE, STOP_FILE))


def has_runs(runs: Path) -> bool:
    """Whether a directory holds any run."""
    try:
        with os.scandir(runs) as entries:
            return any((runs / entry.name / RUN_FILE).exists() for entry in entries)
    except OSError:
        return False


def _seen(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
