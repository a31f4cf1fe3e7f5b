"""What the screen asks of whoever looks at files, and of whoever knows the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from pathlib import Path

    from kerascope.app._log_source import LogSource
    from kerascope.app._run_state import RunSnapshot
    from kerascope.graph import Inspection, Progress, Target, WeightStats
    from kerascope.runs import ResumePoint, Run, StopStep, TrainSpec

__all__ = ["Follower", "Inspector", "Runs", "Trainer"]


class Inspector(Protocol):
    """Looks at files: `glance` at the program text at once, `look` for the true answer."""

    def glance(self, target: Target) -> Inspection:
        """What the program text alone says, within milliseconds; its failure is set when there is no text to read."""
        ...

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        """What Keras says, with `compare` the other generation too. Cancelling the task ends the work."""
        ...

    def weight_stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        """Read the numbers of these weights of a saved file, in this order, and give each one's statistics as it comes.

        Args:
            inspection: The answer that holds the weights.
            paths: `Weight.path` of each.

        Yields:
            The path, and its statistics, else why there are none. Closing the generator ends the work.
        """
        ...

    def with_weight_stats(self, inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
        """The same answer with these statistics, or reasons, in its weights, and the findings that they make."""
        ...

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        ...

    async def close(self) -> None:
        """End everything that was started."""
        ...


class Follower(Protocol):
    """Reads one run on and on, a piece at a time."""

    @property
    def more(self) -> bool:
        """Whether there is more to read at once."""
        ...

    async def advance(self) -> bool:
        """Read the next piece; whether anything has changed."""
        ...

    def snapshot(self) -> RunSnapshot | None:
        """What is known by now; `None` before anything is."""
        ...


class Runs(Protocol):
    """Knows the runs: reads them, and asks things of them. Nothing here starts Textual, Keras or a shell."""

    def read(self, directory: Path) -> Run:
        """One run as it stands now; it never raises."""
        ...

    def list(self, runs: Path) -> Sequence[Run]:
        """All runs of a directory, the youngest first.

        Raises:
            OSError: The directory cannot be read.
        """
        ...

    def follow(self, directory: Path) -> Follower:
        """A reader of one run."""
        ...

    def log(self, directory: Path) -> LogSource | None:
        """What a run printed, to be asked again and again; `None` where that cannot be read."""
        ...

    def stop(self, run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
        """Ask a run to stop, harder every time; what was done, and a sentence about it.

        Raises:
            StopError: It cannot be stopped from here.
        """
        ...

    def resume_point(self, run: Run) -> ResumePoint:
        """Where an ended run would go on."""
        ...

    async def resume(self, run: Run) -> Run:
        """Let an ended run go on from its last whole epoch.

        Raises:
            NotResumableError: It cannot; the text says why.
            OSError: Its directory cannot be written.
        """
        ...


class Trainer(Protocol):
    """Starts runs."""

    async def start(self, spec: TrainSpec, text: str | None = None) -> Run:
        """Start a run, and return once its process is up.

        Args:
            spec: What is to be trained, and how.
            text: The program as it will run; `None` for a saved model.

        Raises:
            Exception: It was not started; the text is a sentence that says why.
        """
        ...

    async def resume(self, run: Run) -> Run:
        """Let an ended run go on from its last whole epoch.

        Raises:
            Exception: It cannot; the text is a sentence that says why.
        """
        ...
