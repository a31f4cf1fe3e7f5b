"""Runs and what they report, in words for plain text."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from kerascope.graph import format_bytes
from kerascope.runs import (
    CheckpointRecord,
    EpochRecord,
    FitRecord,
    MessageRecord,
    RenamedRecord,
    ResumeRecord,
    StartRecord,
    StoppingRecord,
)

if TYPE_CHECKING:
    from kerascope.runs import EventRecord, Run

__all__ = ["best_of", "duration", "epochs_of", "event_line", "how_it_ended", "metrics_line", "took", "when"]


def _number(value: float) -> str:
    """A metric to six digits: `0.312705`, `1.2e-05`, `nan`."""
    return f"{value:.6g}"


def metrics_line(metrics: dict[str, float]) -> str:
    """All metrics: `loss 0.3127, val_loss 0.2911`."""
    return ", ".join(f"{name} {_number(value)}" for name, value in metrics.items())


def duration(seconds: float) -> str:
    """A time as people say it: `4.2 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h`."""
    if round(seconds, 1) < 60:
        return f"{max(seconds, 0.0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24:02} h"


def when(moment: float) -> str:
    """A moment in local time: `2026-11-25 10:15`."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))


def took(run: Run) -> str:
    """How long the attempts of a run took together, or have taken until now; empty where nobody knows."""
    seconds = run.seconds(time.time())
    return "" if seconds is None else duration(seconds)


def epochs_of(run: Run) -> str:
    """Epochs done and wanted: `3/10`, `3` where the end is not known, `-` where none was begun.

    Of loops of `train_on_batch` the steps: `300 steps`, `2/2, 300 steps`.
    """
    if run.counts_steps:
        return _steps(run.steps_done)
    epochs = f"{run.epochs_done}" if run.epochs_done else "-"
    if run.epochs is not None:
        epochs = f"{run.epochs_done}/{run.epochs}"
    return f"{epochs}, {_steps(run.loop_steps)}" if run.loop_steps else epochs


def _steps(steps: int) -> str:
    return f"{steps:,} step{'' if steps == 1 else 's'}"


def best_of(run: Run) -> str:
    """The best value so far: `val_loss 0.2911`; with its model, where that is not the one that was trained last."""
    if run.best is None or not math.isfinite(run.best):
        return ""
    of = f" ({run.best_model})" if run.best_model else ""
    return f"{run.best_metric} {_number(run.best)}{of}"


def how_it_ended(run: Run) -> str:
    """A run's end in one line: its epochs, its time, and what went wrong."""
    count = run.epochs or run.epochs_done
    done, _, steps = epochs_of(run).partition(", ")
    epochs = f"{done} epoch{'' if count == 1 else 's'}" if count else "no epoch"
    if steps:
        epochs += f" and {steps}"
    if run.counts_steps:
        epochs = epochs_of(run)
    time_taken = took(run)
    facts = f"{epochs} in {time_taken}" if time_taken else epochs
    if run.error is None:
        return facts
    place = "" if run.error.path is None else f" ({run.error.path}:{run.error.line})"
    return f"{facts}: {run.error.sentence}{place}"


def event_line(record: EventRecord) -> str | None:
    """What a record says in one line; `None` for one that nobody follows, a batch say."""
    if isinstance(record, EpochRecord):
        return _epoch(record)
    if isinstance(record, FitRecord):
        return _fit(record)
    if isinstance(record, StartRecord):
        engine = f"Keras {record.keras}" + (f", TensorFlow {record.tensorflow}" if record.tensorflow else "")
        replicas = f", {record.replicas} replicas ({record.strategy})" if (record.replicas or 1) > 1 else ""
        return f"[start] {engine} on {record.device or 'an unknown device'}{replicas}"
    if isinstance(record, ResumeRecord):
        return f"[resume] attempt {record.attempt}, after epoch {record.from_epoch}"
    if isinstance(record, CheckpointRecord):
        return _checkpoint(record)
    if isinstance(record, RenamedRecord):
        became = "was deleted: newer models take its place" if record.to is None else f"is {record.to} now"
        return f"[model] {record.path} {became}"
    if isinstance(record, MessageRecord):
        return f"[{'warning' if record.warning else 'notice'}] {record.message}"
    if isinstance(record, StoppingRecord):
        by = f", asked by {record.by}" if record.by else ""
        return f"[stopping] after this batch{by}"
    return None


def _epoch(record: EpochRecord) -> str:
    of = "" if record.epochs is None else f"/{record.epochs}"
    parts = [metrics_line(record.metrics)] if record.metrics else []
    # Keras's schedules make it a metric, too; Keras 2 calls it lr.
    if record.learning_rate is not None and not {"learning_rate", "lr"} & set(record.metrics):
        parts.append(f"learning rate {_number(record.learning_rate)}")
    if record.seconds is not None:
        parts.append(duration(record.seconds))
    return f"[epoch {record.epoch}{of}] {', '.join(parts)}".rstrip()


def _fit(record: FitRecord) -> str:
    parts = [record.model or record.class_name or "a model"]
    if record.params is not None:
        parts[0] += f" ({record.params:,} parameters)"
    parts += [
        f"{value:,} {one if value == 1 else many}"
        for value, one, many in (
            (record.epochs, "epoch", "epochs"),
            (record.steps, "batch an epoch", "batches an epoch"),
        )
        if value is not None
    ]
    if record.batch_size is not None:
        parts.append(f"batch size {record.batch_size:,}")
    return f"[{record.method} {record.fit}] {', '.join(parts)}"


def _checkpoint(record: CheckpointRecord) -> str:
    better = "" if record.metric is None or record.value is None else f", {record.metric} {_number(record.value)}"
    size = "" if record.bytes is None else f", {format_bytes(record.bytes)}"
    return f"[{'model' if record.kind == 'final' else 'checkpoint'}] {record.path}{better}{size}"
