"""What a run tells of itself while it goes on: one type for each kind of record in `events.jsonl`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerascope.graph import clean_line
from kerascope.runs._read import number_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

__all__ = [
    "BatchRecord",
    "BatchesRecord",
    "CheckpointRecord",
    "EndRecord",
    "EpochRecord",
    "EventRecord",
    "FitRecord",
    "MessageRecord",
    "OtherRecord",
    "RenamedRecord",
    "ResumeRecord",
    "StartRecord",
    "StoppingRecord",
    "metrics_of",
    "record_of",
    "whole_number",
]

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecord:
    """The training process is up. Versions and device are as it words them."""

    time: float
    attempt: int = 1
    pid: int | None = None
    keras: str | None = None
    generation: int | None = None
    tensorflow: str | None = None
    python: str | None = None
    backend: str | None = None
    device: str | None = None
    strategy: str | None = None
    replicas: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FitRecord:
    """A call of `fit` (or of `train_on_batch`) has begun.

    Attributes:
        time: Seconds since 1970.
        fit: Number of the call in this run, from 1.
        model: Name of the model that is trained.
        class_name: Its class.
        params: Its parameters.
        epochs: Epochs of this call.
        initial_epoch: Epoch this call begins at, as Keras counts.
        steps: Batches an epoch, `None` where nobody knows.
        batch_size: As given, or as Keras chose.
        method: `fit` or `train_on_batch`.
        path: The user's file that calls it.
        line: The line there.
    """

    time: float
    fit: int
    model: str = ""
    class_name: str | None = None
    params: int | None = None
    epochs: int | None = None
    initial_epoch: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    method: str = "fit"
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """One batch is done: its epoch and number from 1, the batches of the whole run, and its metrics."""

    time: float
    fit: int
    epoch: int
    batch: int
    step: int
    steps: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchesRecord:
    """Batches of one `fit` that have the same metrics, as columns: a run has far too many for an object each.

    Attributes:
        fit: The call of `fit` they belong to.
        steps: Run-wide count of each batch.
        metrics: By name, a number for each of `steps`.
        last: The last of them.
    """

    fit: int
    steps: array[float]
    metrics: dict[str, array[float]]
    last: BatchRecord

    @property
    def time(self) -> float:
        """When the last of them was done."""
        return self.last.time


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """An epoch is done.

    Attributes:
        time: Seconds since 1970.
        fit: The call of `fit` it belongs to.
        epoch: Its number in the run, from 1.
        fit_epoch: Its number in that call, from 1.
        epochs: Epochs of the run as far as known.
        seconds: How long it took.
        steps: Its batches.
        step: Batches of the run so far.
        metrics: All, those of validation as `val_...`.
        learning_rate: At its end.
        model: Name of the model that is trained.
    """

    time: float
    fit: int
    epoch: int
    fit_epoch: int | None = None
    epochs: int | None = None
    seconds: float | None = None
    steps: int | None = None
    step: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    learning_rate: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """A file with weights is complete: `kind` is `epoch`, `best` or `final`, `path` is inside the run's directory."""

    time: float
    kind: str
    path: str
    epoch: int | None = None
    metric: str | None = None
    value: float | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedRecord:
    """The final model that was `path` is `to` from now on; `None` where it was deleted to make room."""

    time: float
    path: str
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A sentence for the user: a warning, or a notice."""

    time: float
    message: str
    warning: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRecord:
    """The training has seen that it is asked to stop, and by whom."""

    time: float
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRecord:
    """The run goes on after `from_epoch` completed epochs; what was recorded beyond them is done again."""

    time: float
    attempt: int
    from_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRecord:
    """The training process ends: status and exit as in `run.json`, and what went wrong, in one sentence."""

    time: float
    status: str
    exit: int | None = None
    epochs_done: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRecord:
    """A record of a kind that this version does not know."""

    time: float
    event: str


EventRecord = (
    StartRecord
    | FitRecord
    | BatchesRecord
    | EpochRecord
    | CheckpointRecord
    | RenamedRecord
    | MessageRecord
    | StoppingRecord
    | ResumeRecord
    | EndRecord
    | OtherRecord
)


def record_of(facts: Facts) -> EventRecord:
    """The record that an object of `events.jsonl` is; a batch becomes a `BatchesRecord` elsewhere.

    Raises:
        ValueError: It lacks what a record of its kind must have.
    """
    time, event = number_of(facts.get("time")), facts.get("event")
    if time is None or not isinstance(event, str):
        raise ValueError("a record has a time and an event")
    make = _MAKERS.get(event)
    return OtherRecord(time=time, event=clean_line(event)) if make is None else make(time, facts)


def _start(time: float, facts: Facts) -> EventRecord:
    return StartRecord(
        time=time,
        attempt=whole_number(facts, "attempt") or 1,
        pid=whole_number(facts, "pid"),
        keras=_text(facts, "keras"),
        generation=whole_number(facts, "generation"),
        tensorflow=_text(facts, "tensorflow"),
        python=_text(facts, "python"),
        backend=_text(facts, "backend"),
        device=_text(facts, "device"),
        strategy=_text(facts, "strategy"),
        replicas=whole_number(facts, "replicas"),
    )


def _fit(time: float, facts: Facts) -> EventRecord:
    return FitRecord(
        time=time,
        fit=_need(facts, "fit"),
        model=_text(facts, "model") or "",
        class_name=_text(facts, "class_name"),
        params=whole_number(facts, "params"),
        epochs=whole_number(facts, "epochs"),
        initial_epoch=whole_number(facts, "initial_epoch"),
        steps=whole_number(facts, "steps"),
        batch_size=whole_number(facts, "batch_size"),
        method=_text(facts, "method") or "fit",
        path=_text(facts, "path"),
        line=whole_number(facts, "line"),
    )


def _epoch(time: float, facts: Facts) -> EventRecord:
    return EpochRecord(
        time=time,
        fit=_need(facts, "fit"),
        epoch=_need(facts, "epoch"),
        fit_epoch=whole_number(facts, "fit_epoch"),
        epochs=whole_number(facts, "epochs"),
        seconds=number_of(facts.get("seconds")),
        steps=whole_number(facts, "steps"),
        step=whole_number(facts, "step"),
        metrics=metrics_of(facts),
        learning_rate=number_of(facts.get("learning_rate")),
        model=_text(facts, "model") or "",
    )


def _checkpoint(time: float, facts: Facts) -> EventRecord:
    return CheckpointRecord(
        time=time,
        kind=_text(facts, "kind") or "",
        path=_text(facts, "path") or "",
        epoch=whole_number(facts, "epoch"),
        metric=_text(facts, "metric"),
        value=number_of(facts.get("value")),
        bytes=whole_number(facts, "bytes"),
    )


def _renamed(time: float, facts: Facts) -> EventRecord:
    return RenamedRecord(time=time, path=_text(facts, "path") or "", to=_text(facts, "to"))


def _warning(time: float, facts: Facts) -> EventRecord:
    return MessageRecord(time=time, message=_text(facts, "message") or "", warning=True)


def _notice(time: float, facts: Facts) -> EventRecord:
    return MessageRecord(time=time, message=_text(facts, "message") or "", warning=False)


def _stopping(time: float, facts: Facts) -> EventRecord:
    return StoppingRecord(time=time, by=_text(facts, "by") or "")


def _resume(time: float, facts: Facts) -> EventRecord:
    return ResumeRecord(time=time, attempt=_need(facts, "attempt"), from_epoch=whole_number(facts, "from_epoch") or 0)


def _end(time: float, facts: Facts) -> EventRecord:
    error = facts.get("error")
    return EndRecord(
        time=time,
        status=_text(facts, "status") or "",
        exit=whole_number(facts, "exit"),
        epochs_done=whole_number(facts, "epochs_done"),
        error=_text(error, "sentence") if isinstance(error, dict) else None,
    )


_MAKERS: dict[str, Callable[[float, Facts], EventRecord]] = {
    "start": _start,
    "fit": _fit,
    "epoch": _epoch,
    "checkpoint": _checkpoint,
    "renamed": _renamed,
    "warning": _warning,
    "notice": _notice,
    "stopping": _stopping,
    "resume": _resume,
    "end": _end,
}


def metrics_of(facts: Facts) -> dict[str, float]:
    """The metrics of a record by cleaned name; what is no number is left out."""
    metrics = facts.get("metrics")
    if not isinstance(metrics, dict):
        return {}
    numbers = ((clean_line(name), number_of(value)) for name, value in metrics.items())
    return {name: number for name, number in numbers if number is not None}


def _need(facts: Facts, key: str) -> int:
    """A whole number that must be there.

    Raises:
        ValueError: It is not.
    """
    value = whole_number(facts, key)
    if value is None:
        raise ValueError(f"{key} is no whole number but {facts.get(key)!r}")
    return value


def whole_number(facts: Facts, key: str) -> int | None:
    """A whole number, `None` where there is none."""
    value = facts.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(facts: Facts, key: str) -> str | None:
    value = facts.get(key)
    return clean_line(value) if isinstance(value, str) else None
