"""What a run has told so far, put together for curves and tables, and how it is read in a moment."""

from __future__ import annotations

import re
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from kerascope.runs._batches import records_of
from kerascope.runs._events import EventReader
from kerascope.runs._records import (
    BatchesRecord,
    BatchRecord,
    CheckpointRecord,
    EndRecord,
    EpochRecord,
    FitRecord,
    MessageRecord,
    RenamedRecord,
    ResumeRecord,
    StartRecord,
    StoppingRecord,
)
from kerascope.runs._series import Series, is_ascending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kerascope.runs._records import EventRecord

__all__ = ["EpochCurves", "History", "HistoryLoader"]

MOST_MESSAGES = 1_000
"""Warnings and notices that are kept, the newest: a program may give one for every batch."""

VALIDATION = "val_"
"""What Keras puts before the name of a metric of the validation."""

PREVIEW_POINTS = 400
"""Batches of a preview, and epochs before the newest: about as many as the widest screen has columns."""

NEWEST_EPOCHS = 1_000
"""Epochs at the end that are all in a preview: more than a screen has lines."""

SMALL = 512 * 1024
"""Bytes of a file that is read whole at once, rather than previewed."""

MOST_PREVIEWED = 128 * 1024 * 1024
"""Bytes of a file that a preview looks at: a tenth of a second of work."""

SLICE = 128 * 1024
"""Bytes that are read between two looks at the clock."""

_KIND = re.compile(rb'\{"time": ?[0-9.eE+]+, ?"event": ?"(batch|epoch)"').match
"""Tells batches and epochs by the beginning of their lines, as our own processes write it; others count as others."""

_Curves = TypeVar("_Curves")


@dataclass(slots=True)
class EpochCurves:
    """One metric by epoch: of training, and of validation where there is one."""

    train: Series = field(default_factory=Series)
    validation: Series = field(default_factory=Series)


class History:
    """All that the records of a run say, in the order they came.

    Metrics go by their own name while one model is trained, and by `model/metric` once there are several.

    Attributes:
        start: The last record of a process that came up.
        fits: By number, the calls of `fit`.
        epochs: The completed epochs, ascending.
        last_batch: The last batch.
        checkpoints: The files with weights, in the order they were written, by the names they have by now.
        messages: Warnings and notices, the newest at the end.
        stopping: Set once the training has seen that it is asked to stop.
        end: How the training process ended, `None` while it runs.
        complete: Unset where only some of the batches are in it.
        epochs_left_out: Whether there are more epochs before those in `epochs`; the curves have some of them.
        stamp: Goes up with every record.
    """

    def __init__(self) -> None:
        self.start: StartRecord | None = None
        self.fits: dict[int, FitRecord] = {}
        self.epochs: list[EpochRecord] = []
        self.last_batch: BatchRecord | None = None
        self.checkpoints: list[CheckpointRecord] = []
        self.messages: deque[MessageRecord] = deque(maxlen=MOST_MESSAGES)
        self.stopping: StoppingRecord | None = None
        self.end: EndRecord | None = None
        self.complete = True
        self.epochs_left_out = False
        self.stamp = 0
        self._by_epoch: dict[tuple[str, str], EpochCurves] = {}
        self._by_batch: dict[tuple[str, str], Series] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are trained, in the order they began."""
        names = [fit.model for fit in self.fits.values()]
        names += [model for model, _ in (*self._by_epoch, *self._by_batch)]
        return tuple(dict.fromkeys(names))

    @property
    def by_epoch(self) -> Mapping[str, EpochCurves]:
        """The curves by epoch; x is the number of the epoch in the run, from 1."""
        return self._named(self._by_epoch)

    @property
    def by_batch(self) -> Mapping[str, Series]:
        """The curves by batch; x is the run-wide count of batches."""
        return self._named(self._by_batch)

    def _named(self, curves: dict[tuple[str, str], _Curves]) -> dict[str, _Curves]:
        # Keras tells metrics by the alphabet; what is looked at first is the loss.
        entries = sorted(curves.items(), key=lambda entry: entry[0][1] != "loss")
        if len(self.models) < 2:
            return {metric: each for (_, metric), each in entries}
        return {f"{model}/{metric}" if model else metric: each for (model, metric), each in entries}

    def add(self, records: Iterable[EventRecord]) -> None:
        """Take records in, in the order they were written."""
        for record in records:
            self.stamp += 1
            if isinstance(record, BatchesRecord):
                self._add_batches(record)
            elif isinstance(record, EpochRecord):
                self._add_epoch(record)
            elif isinstance(record, FitRecord):
                self.fits[record.fit] = record
            elif isinstance(record, StartRecord):
                self.start, self.end, self.stopping = record, None, None
            elif isinstance(record, ResumeRecord):
                self._go_back(record.from_epoch)
            elif isinstance(record, CheckpointRecord):
                self.checkpoints.append(record)
            elif isinstance(record, RenamedRecord):
                self._rename(record)
            elif isinstance(record, MessageRecord):
                self.messages.append(record)
            elif isinstance(record, StoppingRecord):
                self.stopping = record
            elif isinstance(record, EndRecord):
                self.end = record

    def _model(self, fit: int) -> str:
        known = self.fits.get(fit)
        return known.model if known is not None else ""

    def _rename(self, record: RenamedRecord) -> None:
        kept = []
        for each in self.checkpoints:
            if each.kind != "final" or each.path != record.path:
                kept.append(each)
            elif record.to is not None:
                kept.append(replace(each, path=record.to))
        self.checkpoints = kept

    def _add_batches(self, record: BatchesRecord) -> None:
        self.last_batch = record.last
        model = self._model(record.fit)
        ascending = is_ascending(record.steps)
        for name, values in record.metrics.items():
            series = self._by_batch.get((model, name))
            if series is None:
                series = self._by_batch[model, name] = Series()
            if ascending:
                series.extend_ascending(record.steps, values)
            else:
                series.extend(record.steps, values)

    def _add_epoch(self, record: EpochRecord) -> None:
        while self.epochs and self.epochs[-1].epoch >= record.epoch:
            self.epochs.pop()
        self.epochs.append(record)
        model = record.model or self._model(record.fit)
        numbers = dict(record.metrics)
        if record.learning_rate is not None:
            numbers.setdefault("learning_rate", record.learning_rate)
        for name, value in numbers.items():
            key = model, name.removeprefix(VALIDATION) or name
            curves = self._by_epoch.get(key)
            if curves is None:
                curves = self._by_epoch[key] = EpochCurves()
            series = curves.validation if name.startswith(VALIDATION) else curves.train
            series.append(record.epoch, value)

    def _go_back(self, epoch: int) -> None:
        """Forget what was done after an epoch: a resumed run does it again."""
        while self.epochs and self.epochs[-1].epoch > epoch:
            self.epochs.pop()
        for curves in self._by_epoch.values():
            curves.train.cut(epoch + 1)
            curves.validation.cut(epoch + 1)
        step = self.epochs[-1].step if self.epochs else 0
        if step is not None:
            for series in self._by_batch.values():
                series.cut(step + 1)


class HistoryLoader:
    """Reads the history of a run: first what a screen can show, then the rest in slices, then what comes.

    A long run has so many batches that reading them takes a noticeable time. So the first history has every other
    record, and of the batches some hundred from the whole run (`complete` is unset); of thousands of epochs it has the
    newest, and in the curves some hundred of the others. Meanwhile all records are read one after the other, and once
    they are, `history` is the full one.

    Args:
        path: The run's directory, or its `events.jsonl`.

    Attributes:
        history: What is known; another object when a fuller one takes its place.
    """

    def __init__(self, path: Path) -> None:
        self._reader = EventReader(path)
        self._full = History()
        self._generation = 0
        self.history = self._full

    @property
    def share(self) -> float:
        """Part of the file that was read, from 0 to 1."""
        return min(1.0, self._reader.offset / self._reader.size) if self._reader.size else 1.0

    @property
    def skipped(self) -> int:
        """Lines of the file that are no records."""
        return self._reader.skipped

    def open(self) -> History:
        """What can be shown at once: everything of a small file, a preview of a large one. Never raises."""
        try:
            size = self._reader.path.stat().st_size
            if size > SMALL:
                self.history = _preview(self._reader.path, size)
                return self.history
        except OSError:
            # Not written yet.
            return self.history
        while self.advance():
            pass
        return self.history

    def advance(self, seconds: float = 0.015) -> bool:
        """Read on for about so many seconds; returns whether there is more to read now."""
        deadline = time.perf_counter() + seconds
        while True:
            records = self._reader.read(SLICE)
            if self._reader.generation != self._generation:
                self._generation = self._reader.generation
                self._full = self.history = History()
            self._full.add(records)
            if not self._reader.more:
                self.history = self._full
                return False
            if time.perf_counter() >= deadline:
                return True


def _preview(path: Path, size: int) -> History:
    """All records but batches, and batches from places all over the file; of thousands of epochs likewise."""
    lines: list[bytes] = []
    epochs: list[int] = []
    offset, wanted, skipped = 0, 0, b""
    with path.open("rb") as file:
        for line in file:
            known = _KIND(line)
            if known is None or known[1] == b"epoch":
                if known is not None:
                    epochs.append(len(lines))
                lines.append(line)
            elif offset >= wanted:
                lines.append(line)
                wanted += size // PREVIEW_POINTS
                skipped = b""
            else:
                skipped = line
            offset += len(line)
            if offset >= MOST_PREVIEWED:
                break
    lines.append(skipped)
    older = epochs[:-NEWEST_EPOCHS]
    left_out = set(older).difference(older[:: max(1, len(older) // PREVIEW_POINTS)])
    history = History()
    history.complete = False
    kept = [line for at, line in enumerate(lines) if at not in left_out and line.endswith(b"\n")]
    history.add(records_of(kept)[0])
    if left_out:
        history.epochs_left_out = True
        del history.epochs[: _last_gap(history.epochs)]
    return history


def _last_gap(epochs: list[EpochRecord]) -> int:
    """The place from which on no epoch is missing."""
    at = max(0, len(epochs) - 1)
    while at and epochs[at - 1].epoch + 1 == epochs[at].epoch:
        at -= 1
    return at
