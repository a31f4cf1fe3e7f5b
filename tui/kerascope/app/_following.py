"""Following one run: its records, its state and its machine's load, put into snapshots."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.app._curves import Curve, CurvesView
from kerascope.app._epoch_rows import ordered
from kerascope.app._run_state import Epochs, Host, Position, RunSnapshot
from kerascope.app._run_words import is_finite
from kerascope.graph import format_bytes
from kerascope.runs import HistoryLoader, Series, read_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from kerascope.app._curves import Points
    from kerascope.runs import EpochRecord, History, Run

__all__ = ["RunFollower", "best_of", "model_in_training"]

_STATE_SECONDS = 0.5
"""How often the process table is asked."""

_HOST_SECONDS = 2.0
"""How often the load is asked for: it is a share of the time in between."""

_SLICE_SECONDS = 0.015
"""What is read at once: keys wait no longer."""

_PACE_SECONDS = 5.0
"""The pace is that of the last seconds: long enough to be steady, short enough to be of now."""

_VALIDATION = "val_"

_LOOP_RETURNS = 2
"""So many times back to a model that was trained before make a loop over models."""


class RunFollower:
    """Reads a run's directory: its records in short slices on the event loop, all else in a thread.

    What the screen draws from is filled on the loop, so that nothing changes while it is drawn.

    Args:
        directory: The run's.
        host: Says how busy the machine is, given the process of the run; may take a few milliseconds.
    """

    def __init__(self, directory: Path, host: Callable[[Run], Host] | None = None) -> None:
        self._directory = directory
        self._ask_host = host
        self._loader = HistoryLoader(directory)
        self._history = self._loader.history
        self._opened = False
        self._replaced = 0
        self._run: Run | None = None
        self._host = Host()
        self._host_asked = -_HOST_SECONDS
        self._host_pause = 0.0
        self._asked = -_STATE_SECONDS
        self._pace = Pace()
        self._validation = _ValidationByBatch()
        self._epochs = Epochs()
        self._now = 0.0
        self._told: object = None
        self._more = True

    @property
    def more(self) -> bool:
        """Whether there is more to read at once."""
        return self._more

    async def advance(self) -> bool:
        """Read the next piece; whether anything has changed."""
        if time.monotonic() - self._asked >= _STATE_SECONDS:
            # The state first: a run that is seen to have ended has written all that it will ever write.
            self._run, self._host = await asyncio.to_thread(self._read)
            self._asked = time.monotonic()
            if self._told is None:
                # How it stands is shown before its records are read, which may take a moment.
                self._told = ()
                return True
        if not self._opened:
            self._opened = True
            await asyncio.to_thread(self._loader.open)
        else:
            self._more = self._loader.advance(_SLICE_SECONDS)
        if self._loader.history is not self._history:
            self._history = self._loader.history
            self._replaced += 1
        last = self._history.last_batch
        if last is not None:
            self._pace.add(last.time, last.step, last.epoch)
        run = self._run
        assert run is not None
        self._now = time.time()
        # The seconds go on while it is alive, and are on the screen.
        told = (self._replaced, self._history.stamp, run, self._host, int(self._now) if run.alive else 0)
        changed, self._told = told != self._told, told
        return changed

    def _read(self) -> tuple[Run, Host]:
        run = read_run(self._directory)
        if self._ask_host is None or not run.alive:
            return run, Host()
        if time.monotonic() - self._host_asked < self._host_pause:
            return run, self._host
        # The first sample has no shares of time in it, so the second one follows soon.
        self._host_pause = _HOST_SECONDS if self._host.parts else _STATE_SECONDS
        self._host_asked = time.monotonic()
        return run, self._ask_host(run)

    def snapshot(self) -> RunSnapshot | None:
        """What is known by now; `None` before anything is."""
        run, history = self._run, self._history
        if run is None:
            return None
        rows = history.epochs
        if len(rows) != len(self._epochs) or (rows and rows[-1] is not self._epochs.rows[-1]):
            self._epochs = _epochs(rows, self._epochs)
            if history.epochs_left_out:
                # The best one may be among those that are not read yet.
                self._epochs = replace(self._epochs, best=None)
            if history.by_batch:
                self._validation.take(rows)
        kept = history.checkpoints[-1] if history.checkpoints else None
        size = f", {format_bytes(kept.bytes)}" if kept is not None and kept.bytes is not None else ""
        position = _position_of(history, run, self._pace)
        return RunSnapshot(
            run=run,
            now=self._now,
            last_event=_last_event(history),
            position=position,
            epochs=self._epochs,
            by_epoch=self._by_epoch(run, position),
            by_batch=self._by_batch(run, position),
            engine=history.start,
            fits=tuple(history.fits.values()),
            host=self._host,
            warnings=tuple(each.message for each in history.messages if each.warning),
            notices=tuple(each.message for each in history.messages if not each.warning),
            checkpoint=f"{kept.path}{size}" if kept is not None else "",
            stopping=(history.stopping.by or "somebody") if history.stopping is not None else None,
            unreadable=self._loader.skipped,
            reading=not self._opened,
        )

    def _by_epoch(self, run: Run, position: Position) -> CurvesView:
        curves = {name: _pair(each.train, each.validation) for name, each in self._history.by_epoch.items()}
        return CurvesView(
            curves=curves,
            unit="epochs",
            stamp=(self._replaced, len(self._epochs), self._epochs.rows[-1:], run.alive),
            live=run.alive,
            end=position.epochs,
            current=_metric_of(model_in_training(self._history), curves),
        )

    def _by_batch(self, run: Run, position: Position) -> CurvesView:
        # Several models have metrics of the same name, so that theirs are told apart as the history does.
        several = len(self._history.models) > 1
        validation = {
            f"{model}/{name}" if several and model else name: series
            for (model, name), series in self._validation.series.items()
        }
        curves = {name: _pair(train, validation.get(name)) for name, train in self._history.by_batch.items()}
        end = position.steps * position.epochs if position.steps and position.epochs else None
        return CurvesView(
            curves=curves,
            unit="batches",
            stamp=(self._replaced, position.step, len(self._epochs), run.alive),
            live=run.alive,
            end=end,
            current=_metric_of(model_in_training(self._history), curves),
        )


def model_in_training(history: History) -> str:
    """The model to look at: that of the last call; where calls go to and fro, the one that came last."""
    seen: set[str] = set()
    model, returns = "", 0
    for fit in history.fits.values():
        returns += fit.model != model and fit.model in seen
        model = fit.model
        seen.add(model)
    # A plot that changes with each call of a loop could not be read.
    return model if returns < _LOOP_RETURNS else history.models[-1]


def _metric_of(model: str, names: Iterable[str]) -> str:
    """The first metric of a model, where several models have some."""
    return next((name for name in names if name.startswith(f"{model}/")), "")


def _last_event(history: History) -> float | None:
    """When the training last said anything."""
    said = [history.start, history.last_batch, history.end, *history.epochs[-1:], *list(history.messages)[-1:]]
    return max((record.time for record in said if record is not None), default=None)


def _pair(train: Points, validation: Points | None) -> tuple[Curve, ...]:
    curves = [Curve("train", train)] if train.span is not None else []
    if validation is not None and validation.span is not None:
        curves.append(Curve("validation", validation))
    return tuple(curves)


class _ValidationByBatch:
    """The metrics of validation at the batches their epochs ended with."""

    def __init__(self) -> None:
        self.series: dict[tuple[str, str], Series] = {}
        self._taken: list[EpochRecord] = []

    def take(self, rows: Sequence[EpochRecord]) -> None:
        """Take the epochs that are new; a resumed run has taken some back."""
        known = len(self._taken)
        if known > len(rows) or (known and rows[known - 1] is not self._taken[-1]):
            self.series, self._taken, known = {}, [], 0
        new = rows[known:]
        self._taken.extend(new)
        # Of a hundred thousand epochs one at a time would be felt at the keys.
        columns: defaultdict[tuple[str, str], tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for row in new:
            if (step := row.step) is None:
                continue
            for name, value in row.metrics.items():
                if name.startswith(_VALIDATION):
                    steps, values = columns[row.model, name.removeprefix(_VALIDATION)]
                    steps.append(step)
                    values.append(value)
        for key, (steps, values) in columns.items():
            if key not in self.series:
                self.series[key] = Series()
            self.series[key].extend(steps, values)


class Pace:
    """How fast batches go by, over the last seconds of one epoch: validation is no batch."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._epoch = 0
        self._known: float | None = None

    def add(self, at: float, step: int, epoch: int) -> None:
        """The step that was reached at a time."""
        if epoch != self._epoch or (self._seen and (at < self._seen[-1][0] or step < self._seen[-1][1])):
            self._seen.clear()
            self._epoch = epoch
        if self._seen and self._seen[-1][1] == step:
            return
        self._seen.append((at, step))
        while len(self._seen) > 2 and at - self._seen[1][0] > _PACE_SECONDS:
            self._seen.popleft()

    @property
    def seconds(self) -> float | None:
        """Seconds a batch; at the beginning of an epoch those of the one before, `None` before there are any."""
        if len(self._seen) >= 2:
            (begin, first), (end, last) = self._seen[0], self._seen[-1]
            if end > begin and last > first:
                self._known = (end - begin) / (last - first)
        return self._known


def _position_of(history: History, run: Run, pace: Pace) -> Position:
    """Where a training is, by its last batch and its last epoch."""
    batch = history.last_batch
    row = history.epochs[-1] if history.epochs else None
    fit = history.fits[max(history.fits)] if history.fits else None
    epochs = run.epochs or (row.epochs if row is not None else None) or (fit.epochs if fit is not None else None)
    if batch is not None and (row is None or batch.epoch > row.epoch):
        steps = batch.steps or (fit.steps if fit is not None else None)
        if steps is None and row is not None and fit is not None and row.fit == fit.fit:
            steps = row.steps
        seconds = pace.seconds
        known = history.fits.get(batch.fit)
        if known is not None and known.method == "train_on_batch":
            return Position(step=batch.step, step_seconds=seconds, loop=True)
        size = fit.batch_size if fit is not None else None
        return Position(
            epoch=batch.epoch,
            epochs=epochs,
            batch=batch.batch,
            steps=steps,
            step=batch.step,
            step_seconds=seconds,
            rate=size / seconds if size and seconds else None,
            epoch_seconds=row.seconds if row is not None and fit is not None and row.fit == fit.fit else None,
        )
    if row is None:
        return Position(epochs=epochs)
    return Position(
        epoch=row.epoch,
        epochs=epochs,
        batch=row.steps or 0,
        steps=row.steps,
        step=row.step or 0,
        epoch_seconds=row.seconds,
        between=True,
    )


def _epochs(rows: Sequence[EpochRecord], before: Epochs) -> Epochs:
    last = rows[-1].metrics if rows else {}
    names = before.names if set(last) <= set(before.names) else ordered((*before.names, *last))
    # Of a hundred thousand epochs only the new ones are looked at.
    known = len(before)
    same = 0 < known <= len(rows) and rows[known - 1] is before.rows[-1]
    best = best_of(rows, known if same else 0, before.best if same else None)
    return Epochs(tuple(rows), names, best)


def best_of(rows: Sequence[EpochRecord], known: int = 0, best: int | None = None) -> int | None:
    """The place of the epoch with the least `val_loss`, else `loss`; `None` where there is nothing to compare.

    The losses of two models cannot be compared.

    Args:
        rows: All epochs.
        known: How many of them were looked at before.
        best: What was found then.
    """
    if len(rows) < 2 or rows[0].model != rows[-1].model:
        return None
    name = "val_loss" if "val_loss" in rows[-1].metrics else "loss"
    places = range(known if best is not None else 0, len(rows))
    losses = [(rows[at].metrics.get(name, math.nan), at) for at in (*places, *([best] if best is not None else []))]
    return min((loss for loss in losses if is_finite(loss[0])), default=(0.0, None))[1]
