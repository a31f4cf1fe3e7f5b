"""The epochs of a run as its `metrics.csv` has them: a small file, where the events of a long run are many."""

from __future__ import annotations

import csv
import io
import math
import os
from typing import TYPE_CHECKING

from kerascope.graph import clean_line
from kerascope.runs._batches import records_of
from kerascope.runs._layout import EVENTS_FILE, METRICS_FILE
from kerascope.runs._records import BatchesRecord
from kerascope.runs._series import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["read_losses", "read_metrics"]

MOST_BYTES = 32 * 1024 * 1024
"""Of a larger file the beginning is read: that is about 100,000 epochs of 20 metrics."""

_WHOLE = 64 * 1024
"""A file up to this size is read whole for its losses; of a larger one only samples are."""

_SAMPLES = 64
_LINE_MOST = 64 * 1024
_X = "epoch"
_LOSS = "loss"


def read_metrics(directory: Path) -> dict[str, Series]:
    """Every metric of a run, by epoch from 1; nothing where there is no such file yet.

    Rows are counted, for Keras begins its own count anew with every `fit`; there the curves have a break.
    """
    try:
        with (directory / METRICS_FILE).open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError:
        return {}
    steps: dict[str, list[float]] = {}
    values: dict[str, list[float]] = {}
    breaks: list[float] = []
    before = -math.inf
    for epoch, row in enumerate(_rows(_whole_lines(data)), 1):
        for name, value in row:
            if name != _X:
                steps.setdefault(name, []).append(epoch)
                values.setdefault(name, []).append(value)
                continue
            if value <= before:
                breaks.append(epoch)
            before = value
    found = {name: Series(steps[name], values[name]) for name in values}
    for series in found.values():
        series.breaks = tuple(breaks)
    return found


def read_losses(directory: Path) -> tuple[float, ...]:
    """Losses of a run from its first epoch to its last, before there is one from batch to batch.

    Of many a sample, evenly spread over the file.
    """
    try:
        data = _sample(directory / METRICS_FILE)
    except OSError:
        return _batch_losses(directory)
    return tuple(value for row in _rows(_whole_lines(data)) for name, value in row if name == _LOSS)


def _batch_losses(directory: Path) -> tuple[float, ...]:
    """Losses by batch, of the model that the first batch in sight is of."""
    try:
        lines = _sample(directory / EVENTS_FILE).splitlines()
    except OSError:
        return ()
    batches = [record for record in records_of(lines)[0] if isinstance(record, BatchesRecord)]
    found: list[tuple[float, float]] = []
    for each in batches:
        for step, value in zip(each.steps, each.metrics.get(_LOSS, ()), strict=False):
            if each.fit != batches[0].fit:
                break
            while found and found[-1][0] >= step:
                found.pop()  # a resumed run has trained it again
            found.append((step, value))
    return tuple(value for _, value in found)


def _sample(path: Path) -> bytes:
    """A file, or of a large one its first line and lines from all over it.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if size <= _WHOLE:
            return file.read()
        data = file.readline(_LINE_MOST)
        for number in range(_SAMPLES):
            file.seek(size * number // _SAMPLES)
            file.readline(_LINE_MOST)  # the rest of a line
            data += file.readline(_LINE_MOST)
    return data


def _whole_lines(data: bytes) -> str:
    """The text up to the last line that is whole: a training may be writing the next."""
    return data[: data.rfind(b"\n") + 1].decode("utf-8", "replace")


def _rows(text: str) -> Iterator[Sequence[tuple[str, float]]]:
    """The rows with the names of their columns; another head may stand between them, where another `fit` began."""
    head: list[str] = []
    try:
        for row in csv.reader(io.StringIO(text.replace("\0", ""))):
            if row and row[0] == _X:
                head = [clean_line(name) for name in row]
            elif head and len(row) <= len(head):
                found = [(name, _number(text)) for name, text in zip(head, row, strict=False)]
                yield [(name, value) for name, value in found if value is not None]
    except csv.Error:
        return  # what follows is no table


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return math.nan if text.strip().lower() == "none" else None
