"""A run in words: how it stands, how far it is, and what it needs. Pure."""

from __future__ import annotations

import math
import signal
from typing import TYPE_CHECKING

from kerascope.graph import format_number
from kerascope.runs import RunStatus

if TYPE_CHECKING:
    from kerascope.app._run_state import Position, RunSnapshot
    from kerascope.runs import Run

__all__ = [
    "best_words",
    "duration",
    "error_words",
    "is_finite",
    "measured",
    "number_text",
    "position_words",
    "state_words",
    "waiting_words",
]

_SILENT_SECONDS = 60.0
"""Without a word for so long a training is said to be silent; it may compile, or load data."""

_DAY = 86_400


def duration(seconds: float) -> str:
    """A length of time: `0:07`, `12:34`, `3:02:01`, `2 d 03:00`."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if whole >= _DAY:
        return f"{whole // _DAY} d {hours % 24:02}:{minutes:02}"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def measured(seconds: float) -> str:
    """How long something took: `340 µs` without the sign, `12.3 ms`, `1.2 s`, `12:34`."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} us"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


def number_text(value: float | None) -> str:
    """A metric: `0.3231`, `NaN`, `-Inf`."""
    if value is None or is_finite(value):
        return format_number(value)
    return "NaN" if math.isnan(value) else "Inf" if value > 0 else "-Inf"


def is_finite(value: float) -> bool:
    """Whether it is a number that can be compared."""
    return math.isfinite(value)


def _rate_text(rate: float) -> str:
    """Samples a second: `1,234 samples/s`, `3.2 samples/s`."""
    return f"{rate:,.0f} samples/s" if rate >= 10 else f"{rate:.2g} samples/s"


def best_words(run: Run) -> str:
    """The best value so far; with its model, where that is not the one that was trained last."""
    if run.best is None:
        return ""
    of = f" ({run.best_model})" if run.best_model else ""
    return f"{run.best_metric or ''} {number_text(run.best)}{of}".strip()


def position_words(snapshot: RunSnapshot) -> list[str]:
    """Where the training is, the most telling first: what finds no room is left out from the end."""
    at, run = snapshot.position, snapshot.run
    if not run.alive:
        return _ended_words(snapshot)
    if at.loop:
        return [f"step {at.step:,}", *_pace(at)]
    if not at.epoch:
        return []
    words = [f"epoch {at.epoch:,}/{at.epochs:,}" if at.epochs else f"epoch {at.epoch:,}"]
    if at.between:
        words.append("epoch done")
    elif at.batch:
        words.append(f"batch {at.batch:,}/{at.steps:,}" if at.steps else f"batch {at.batch:,}")
    return [*words, *_left(at), *_pace(at)]


def _pace(at: Position) -> list[str]:
    words = []
    if at.step_seconds is not None:
        words.append(f"{measured(at.step_seconds)}/batch")
    if at.rate is not None:
        words.append(_rate_text(at.rate))
    return words


def _ended_words(snapshot: RunSnapshot) -> list[str]:
    at, run = snapshot.position, snapshot.run
    if not snapshot.fits and not run.epochs_done:
        return []
    if run.counts_steps:
        numbers = [f"{name} {number_text(value)}" for name, value in run.metrics.items()]
        return [f"{run.steps_done:,} {'step' if run.steps_done == 1 else 'steps'} done", *numbers]
    done = f"{run.epochs_done:,}/{run.epochs:,}" if run.epochs else f"{run.epochs_done:,}"
    words = [f"{done} {'epoch' if (run.epochs or run.epochs_done) == 1 else 'epochs'} done"]
    if run.loop_steps:
        words.append(f"{run.loop_steps:,} {'step' if run.loop_steps == 1 else 'steps'} of train_on_batch")
    if at.epoch > run.epochs_done:
        batch = f"batch {at.batch:,}/{at.steps:,}" if at.steps else f"batch {at.batch:,}"
        words.append(f"ended in epoch {at.epoch:,} after {batch}")
    if snapshot.epochs.best is not None:
        best = snapshot.epochs.rows[snapshot.epochs.best]
        name = "val_loss" if "val_loss" in best.metrics else "loss"
        of = f" of {best.model}" if run.model and best.model and best.model != run.model else ""
        words.append(f"best {name} {number_text(best.metrics.get(name))}{of} in epoch {best.epoch:,}")
    if at.epoch_seconds is not None:
        words.append(f"{measured(at.epoch_seconds)}/epoch")
    return words


def _left(at: Position) -> list[str]:
    words = []
    left = at.run_left
    if left is not None:
        words.append(f"{duration(left)} left")
    return words


def state_words(snapshot: RunSnapshot) -> str:
    """How long it has run, or ran, and what else its status needs said."""
    run = snapshot.run
    seconds = run.seconds(snapshot.now)
    ran = "" if seconds is None else duration(seconds)
    if run.status is RunStatus.STARTING:
        return f"for {duration(snapshot.now - (run.resumed or run.started))}"
    if run.alive:
        words = f"for {ran}"
        if run.stop_requested is not None:
            words += ", asked to stop"
        elif snapshot.last_event is not None and snapshot.now - snapshot.last_event > _SILENT_SECONDS:
            words += f", silent for {duration(snapshot.now - snapshot.last_event)}"
        return words + (f", on {run.host}" if run.elsewhere else "")
    words = f"after {ran}" if ran else ""
    if run.exit is not None and run.exit < 0:
        words += f" by {_signal(-run.exit)}"
    elif run.exit:
        words += f", exit {run.exit}"
    return words.strip()


def _signal(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"


def error_words(run: Run, most: int | None = None, ellipsis: str = "...") -> str:
    """Why it did not go well, with the place in the user's program; empty where all is well.

    Args:
        run: The run.
        most: Characters of the sentence, `None` for all; the place is never cut.
        ellipsis: Stands for what was cut.
    """
    error = run.error
    if error is None:
        return ""
    places = []
    if error.path is not None:
        name = error.path.rsplit("/", 1)[-1]
        places.append(f"{name} line {error.line}" if error.line is not None else name)
    if error.layer is not None:
        places.append(f"layer {error.layer}")
    sentence = error.sentence.rstrip(".")
    if most is not None and len(sentence) > most:
        sentence = sentence[: max(0, most - len(ellipsis))].rstrip() + ellipsis
    return f"{sentence} ({', '.join(places)})" if places else sentence


def waiting_words(snapshot: RunSnapshot) -> str:
    """What is being waited for while there is nothing to plot; of an ended run why there is nothing."""
    run = snapshot.run
    if snapshot.reading:
        return "reading what it has recorded"
    if run.spec is None:
        return "nothing of it can be read now"
    if not run.alive:
        if snapshot.fits:
            return "it ended before its first batch was done"
        return "it ended before anything was trained: no fit call was reached"
    if snapshot.engine is None:
        if run.pid is None:
            return "waiting for its process to start"
        return "waiting for Keras to be imported"
    if not snapshot.fits:
        return "Keras is there; waiting for the first fit call of the program"
    return "fit was called; waiting for the first batch (the first one is compiled, which takes a while)"
