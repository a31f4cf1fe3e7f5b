"""A training run as its directory tells it: plain facts, read again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs._spec import TrainSpec

__all__ = ["ENDED", "Run", "RunError", "RunStatus"]


class RunStatus(str, Enum):
    """How a run stands, worked out from facts: its end record, and whether that process is alive."""

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    KILLED = "killed"
    VANISHED = "vanished"


ENDED = frozenset({RunStatus.FINISHED, RunStatus.STOPPED, RunStatus.FAILED, RunStatus.KILLED, RunStatus.VANISHED})
"""Statuses of a run that does nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run did not go well.

    Attributes:
        sentence: What happened, with the values, in one sentence.
        type: Name of the exception's class, `None` where there was none.
        path: The user's file the exception came from.
        line: The line there.
        layer: The layer that Keras names.
        traceback: As Python prints it.
    """

    sentence: str
    type: str | None = None
    path: str | None = None
    line: int | None = None
    layer: str | None = None
    traceback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. Times are seconds since 1970.

    Attributes:
        id: Name of its directory.
        directory: Absolute.
        status: Worked out when this was read.
        spec: What was asked for; `None` where `run.json` cannot be read (`error` says why).
        source: The path as the user named it, with what in it.
        name: A name that the user gave it.
        note: A note that the user made.
        model: Name of the model that is trained, once known.
        epochs_done: Completed epochs, over all `fit` calls and attempts.
        epochs: Epochs as far as they are known: those of all `fit` calls that have begun.
        steps_done: Batches that were trained, as far as they were told: all there is of loops of `train_on_batch`.
        loop_steps: Those of them that are of loops of `train_on_batch`.
        metrics: Last value of each, NaN and infinities as floats; `model/metric` for several such loops.
        best: Best value of `best_metric` so far.
        best_metric: What tells the best epoch: `val_loss`, else `loss`.
        best_model: The model whose value that is, where it is not `model`.
        started: When it was started first.
        resumed: When its last attempt was started, `None` in the first one.
        ran_before: Seconds that the attempts before ran.
        ended: When it ended, `None` while it runs or where nobody saw the end.
        last_record: When it recorded something last, for one whose end nobody saw.
        exit: Exit status of the process as `subprocess` gives it: negative is a signal.
        error: Why it did not go well.
        warnings: What else went wrong, in sentences; written when it ends.
        pid: Process id of the training process, on `host`.
        host: Machine it runs on.
        attempt: 1, and 1 more with every resume.
        stop_requested: When somebody asked it to stop.
        elsewhere: Set where the process is out of sight (another machine or container): the status is what was written.
    """

    id: str
    directory: Path
    status: RunStatus
    spec: TrainSpec | None = None
    source: str = ""
    name: str | None = None
    note: str | None = None
    model: str | None = None
    epochs_done: int = 0
    epochs: int | None = None
    steps_done: int = 0
    loop_steps: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    best: float | None = None
    best_metric: str | None = None
    best_model: str | None = None
    started: float = 0.0
    resumed: float | None = None
    ran_before: float = 0.0
    ended: float | None = None
    last_record: float | None = None
    exit: int | None = None
    error: RunError | None = None
    warnings: tuple[str, ...] = ()
    pid: int | None = None
    host: str = ""
    attempt: int = 1
    stop_requested: float | None = None
    elsewhere: bool = False

    def unseen(self, command: str, does: str) -> str:
        """A sentence on a run whose process is out of sight, and on the way round that.

        Args:
            command: The `runs` command that takes somebody's word that its machine is gone.
            does: What that does, in words.
        """
        return (
            f"{self.id} was {self.status.value} on {self.host}, and its process cannot be seen from here; if that "
            f"machine or container is gone, `kerascope runs {command} --gone {self.id}` {does}"
        )

    def seconds(self, now: float) -> float | None:
        """How long its attempts ran, together; the time that it lay ended between two does not count.

        Args:
            now: Seconds since 1970.

        Returns:
            Seconds, `None` where nobody saw its end and it left no record.
        """
        begun = self.resumed or self.started
        end = now if self.alive else self.ended or self.last_record
        return self.ran_before + max(0.0, end - begun) if begun and end is not None else None

    @property
    def counts_steps(self) -> bool:
        """Whether batches are all that can be counted: its loops of `train_on_batch` have no epochs."""
        return not self.epochs and not self.epochs_done and self.steps_done > 0

    @property
    def alive(self) -> bool:
        """Whether it still does something."""
        return self.status not in ENDED
