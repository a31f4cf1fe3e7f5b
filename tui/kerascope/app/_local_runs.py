"""The runs of this machine's disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope import runs
from kerascope.app._following import RunFollower
from kerascope.runs._log import LogFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kerascope.app._log_source import LogSource
    from kerascope.runs import Run, StopStep

__all__ = ["LocalRuns"]


class LocalRuns:
    """Reads and asks what `kerascope.runs` can."""

    def read(self, directory: Path) -> Run:
        """One run as it stands now."""
        return runs.read_run(directory)

    def list(self, directory: Path) -> Sequence[Run]:
        """All runs of a directory, the youngest first."""
        return runs.list_runs(directory)

    def follow(self, directory: Path) -> RunFollower:
        """A reader of one run."""
        return RunFollower(directory)

    def log(self, directory: Path) -> LogSource | None:
        """What a run printed."""
        return LogFile(directory)

    def stop(self, run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
        """Ask a run to stop, harder every time."""
        return runs.stop_run(run, step)

    async def resume(self, run: Run) -> Run:
        """Let an ended run go on."""
        raise runs.NotResumableError(
            f"{run.id} cannot be resumed from here yet; `kerascope runs resume {run.id}` does that"
        )
