"""What the screen on a run shows, as plain frozen facts: one snapshot an update. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.app._curves import CurvesView

if TYPE_CHECKING:
    from kerascope.runs import EpochRecord, FitRecord, Run, StartRecord

__all__ = ["Epochs", "Host", "Position", "RunSnapshot"]


@dataclass(frozen=True, slots=True)
class Epochs:
    """The completed epochs.

    Attributes:
        rows: Ascending.
        names: Names of all metrics, in the order to show them in.
        best: Place of the best one, `None` where none is better than others.
    """

    rows: tuple[EpochRecord, ...] = ()
    names: tuple[str, ...] = ()
    best: int | None = None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a training is.

    Attributes:
        epoch: The epoch in progress, or the last one, from 1.
        epochs: How many the run has, as far as that is known.
        batch: Batches done of this epoch.
        steps: Batches of an epoch.
        step: Batches done in the whole run.
        step_seconds: How long a batch takes of late.
        rate: Samples a second of late.
        epoch_seconds: How long the last whole epoch took.
        loop: Whether these are batches of `train_on_batch`, which has no epochs: then only `step` counts.
        between: Whether the epoch is complete and the next has not begun (it validates, saves, or is done).
    """

    epoch: int = 0
    epochs: int | None = None
    batch: int = 0
    steps: int | None = None
    step: int = 0
    step_seconds: float | None = None
    rate: float | None = None
    epoch_seconds: float | None = None
    loop: bool = False
    between: bool = False

    @property
    def epoch_share(self) -> float | None:
        """Part of the epoch that is done, `None` where its length is not known."""
        if self.between:
            return 1.0
        return min(1.0, self.batch / self.steps) if self.steps else None

    @property
    def run_share(self) -> float | None:
        """Part of the run that is done, `None` where its length is not known."""
        if not self.epochs:
            return None
        done = max(0, self.epoch - 1) + (self.epoch_share or 0.0)
        return min(1.0, done / self.epochs)

    @property
    def run_left(self) -> float | None:
        """Seconds until the last epoch is done, at the pace of the last whole one, else of the batches."""
        if self.epochs is None:
            return None
        whole = self.epoch_seconds
        if whole is None and self.steps is not None and self.step_seconds is not None:
            whole = self.steps * self.step_seconds
        if whole is None:
            return None
        share = self.epoch_share
        return max(0.0, (self.epochs - self.epoch) * whole + (1 - (share if share is not None else 0.0)) * whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How busy the machine is.

    Attributes:
        parts: What is known, in words, the most telling first: `CPU 143 %`.
        elsewhere: Set where the run is on another machine, so that nothing can be said.
    """

    parts: tuple[str, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSnapshot:
    """Everything the screen shows of a run, but for its log.

    Attributes:
        run: The run as its directory and the process table tell it.
        now: When this was read, in seconds since 1970.
        last_event: When the training last said anything.
        position: Where it is.
        epochs: The completed ones.
        by_epoch: What can be plotted, epochs along x.
        by_batch: What can be plotted, batches along x.
        engine: What trains, once it said so.
        fits: The calls that train, those begun so far.
        host: How busy the machine is.
        warnings: What went wrong beside the training, in sentences, the newest last.
        notices: What else it had to say.
        checkpoint: The last model that was kept: path and size in words.
        stopping: Who asked it to stop, once the training saw that.
        unreadable: Lines of the event file that are no records.
        reading: Set while its records have not been read yet.
    """

    run: Run
    now: float
    last_event: float | None = None
    position: Position = Position()
    epochs: Epochs = Epochs()
    by_epoch: CurvesView = field(default_factory=CurvesView)
    by_batch: CurvesView = field(default_factory=lambda: CurvesView(unit="batches"))
    engine: StartRecord | None = None
    fits: tuple[FitRecord, ...] = ()
    host: Host = Host()
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    checkpoint: str = ""
    stopping: str | None = None
    unreadable: int = 0
    reading: bool = False
