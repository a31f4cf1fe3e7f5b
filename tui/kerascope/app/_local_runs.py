"""The runs of this machine's disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope import runs
from kerascope._resuming import point_of
from kerascope.app._following import RunFollower
from kerascope.app._run_state import Host
from kerascope.runs._load import HostLoad, load_words
from kerascope.runs._log import LogFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kerascope.app._log_source import LogSource
    from kerascope.app._protocol import Trainer
    from kerascope.runs import ResumePoint, Run, StopStep

__all__ = ["LocalRuns"]


class LocalRuns:
    """Reads and asks what `kerascope.runs` can.

    Args:
        trainer: Lets ended runs go on; `None` lets none.
    """

    def __init__(self, trainer: Trainer | None = None) -> None:
        self._trainer = trainer

    def read(self, directory: Path) -> Run:
        """One run as it stands now."""
        return runs.read_run(directory)

    def list(self, directory: Path) -> Sequence[Run]:
        """All runs of a directory, the youngest first."""
        return runs.list_runs(directory)

    def follow(self, directory: Path) -> RunFollower:
        """A reader of one run."""
        return RunFollower(directory, _Load())

    def log(self, directory: Path) -> LogSource | None:
        """What a run printed."""
        return LogFile(directory)

    def stop(self, run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
        """Ask a run to stop, harder every time."""
        return runs.stop_run(run, step)

    def resume_point(self, run: Run) -> ResumePoint:
        """Where an ended run would go on, and with which program."""
        return point_of(run)

    async def resume(self, run: Run) -> Run:
        """Let an ended run go on."""
        if self._trainer is None:
            raise runs.NotResumableError(
                f"{run.id} cannot be resumed from here; `kerascope runs resume {run.id}` does that"
            )
        try:
            return await self._trainer.resume(run)
        except OSError:
            raise
        except Exception as error:
            # Whatever keeps it from going on is something to show, not the end of the screen.
            raise runs.NotResumableError(str(error) or type(error).__name__) from error


class _Load:
    """How busy the machine is with a run, in words."""

    def __init__(self) -> None:
        self._load = HostLoad()

    def __call__(self, run: Run) -> Host:
        """The load now; of a run on another machine nothing is known."""
        if run.elsewhere:
            return Host(elsewhere=True)
        return Host(parts=load_words(self._load.sample(run.pid)))
