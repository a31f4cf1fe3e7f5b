"""Where an ended run would go on, read from what it has kept; told before it is resumed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.runs._layout import BACKUP_DIRECTORY, EVENTS_FILE, STATE_FILE, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs._run import Run

__all__ = ["ResumePoint", "resume_point"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where a run would go on.

    Attributes:
        epoch: The last epoch that is not trained again, over all `fit` calls; 0 where all is.
        sentence: That in words, with the reason where something is trained again.
        lost: Whether something was trained, and all of it is trained again.
        changed: That its program has changed since the run began, in a sentence; empty where it has not.
    """

    epoch: int
    sentence: str
    lost: bool
    changed: str = ""


def resume_point(run: Run) -> ResumePoint:
    """Where an ended run would go on if it were resumed now. Never raises: what cannot be read is not there."""
    kept = _kept_epoch(run)
    if run.counts_steps:
        steps = f"all {run.steps_done:,} steps" if run.steps_done > 1 else "its step"
        sentence = f"{run.id} begins again: train_on_batch cannot be resumed, so {steps} will be trained again"
        return ResumePoint(epoch=0, sentence=sentence, lost=True)
    if not kept and not run.epochs_done:
        return ResumePoint(epoch=0, sentence=f"{run.id} begins again: it has completed no epoch", lost=False)
    again = max(0, run.epochs_done - kept)
    trained = "is trained again" if again == 1 else "are trained again"
    if kept:
        of = f" of {run.epochs:,}" if run.epochs else ""
        sentence = f"{run.id} goes on after epoch {kept:,}{of}"
        if again:
            which = f"epoch {kept + 1:,}" if again == 1 else f"epochs {kept + 1:,} to {run.epochs_done:,}"
            sentence += f"; no state was saved after that, so {which} {trained}"
        return ResumePoint(epoch=kept, sentence=sentence, lost=False)
    why = "it ended before a state was saved"
    if run.spec is not None and not run.spec.resumable:
        why = "it was started with --no-backup, so no state was saved"
    epochs = "its 1 epoch" if again == 1 else f"its {again:,} epochs"
    return ResumePoint(epoch=0, sentence=f"{run.id} begins again from epoch 1: {why}; {epochs} {trained}", lost=True)


def _kept_epoch(run: Run) -> int:
    """The last epoch of the run whose state is kept, as its training process will find it."""
    if run.spec is None or not run.spec.resumable or not (run.directory / EVENTS_FILE).exists():
        return 0  # without its records nobody knows which calls the states belong to
    states = (run.directory / BACKUP_DIRECTORY).glob(f"fit-*/[!.]*/{STATE_FILE}")
    return max(map(_epoch_of, states), default=0)


def _epoch_of(path: Path) -> int:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return int(read_json(path)["run_epoch"])
    return 0
