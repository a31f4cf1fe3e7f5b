"""From lines of `events.jsonl` to records: many lines at a time, and batches as columns."""

from __future__ import annotations

import json
from array import array
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerascope._collector import collector_at_rest
from kerascope.graph import clean_line
from kerascope.runs._read import number_of
from kerascope.runs._records import BatchesRecord, BatchRecord, metrics_of, record_of, whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.runs._records import EventRecord, Facts

__all__ = ["records_of"]

_PARTS = ("start", "fit", "resume")
"""Records that begin something new: batches before and after them never become one record."""

_NUMBERS = frozenset({float, int})

_MAX_STEP = 2**53
"""Up to here a float tells whole numbers apart."""


def records_of(lines: Sequence[bytes]) -> tuple[list[EventRecord], int]:
    """The records in whole lines, in order, and how many lines were none.

    Batches between two other beginnings (of a process, of a `fit`) are gathered, and stand where their last one did.
    """
    # What JSON makes has no cycles, and looking for them takes a third of the time.
    with collector_at_rest():
        objects = _objects(lines)
        gathering = _Gathering()
        skipped = len(lines) - len(objects)
        for facts in objects:
            try:
                gathering.add(facts)
            except (ValueError, OverflowError):
                skipped += 1
        return gathering.records(), skipped


def _objects(lines: Sequence[bytes]) -> list[Facts]:
    """The JSON objects in `lines`; what is none is left out."""
    try:
        # One call for all lines is faster than one each by a third.
        found = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        found = None
    # A line that holds `{}, {}` would pass as two.
    if found is None or len(found) != len(lines):
        found = [_object(line) for line in lines]
    return [facts for facts in found if isinstance(facts, dict)]


def _object(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


@dataclass(slots=True)
class _Group:
    """Batches that become one record: their objects, and the place of the last among all records."""

    objects: list[Facts] = field(default_factory=list)
    place: int = 0


class _Gathering:
    """Puts the batches together that are of one `fit` and have the same metrics."""

    def __init__(self) -> None:
        self._placed: list[tuple[int, EventRecord]] = []
        self._groups: dict[tuple[Any, ...], _Group] = {}
        self._place = 0

    def add(self, facts: Facts) -> None:
        """Take one object.

        Raises:
            ValueError: It is no record.
        """
        self._place += 1
        event = facts.get("event")
        if event == "batch":
            metrics = facts.get("metrics")
            names = tuple(metrics) if isinstance(metrics, dict) else ()
            _check(facts)
            group = self._groups.setdefault((facts["fit"], *names), _Group())
            group.objects.append(facts)
            group.place = self._place
            return
        if event in _PARTS:
            self._close()
        self._placed.append((self._place, record_of(facts)))

    def records(self) -> list[EventRecord]:
        """All that were taken, in order."""
        self._close()
        return [record for _, record in sorted(self._placed, key=lambda placed: placed[0])]

    def _close(self) -> None:
        for group in self._groups.values():
            self._placed.append((group.place, _columns(group.objects)))
        self._groups.clear()


def _check(facts: Facts) -> None:
    if type(facts.get("step")) is not int or type(facts.get("fit")) is not int or abs(facts["step"]) > _MAX_STEP:
        raise ValueError("a batch has a fit and a step")
    if type(facts.get("time")) not in _NUMBERS:
        raise ValueError("a batch has a time")


def _columns(objects: list[Facts]) -> BatchesRecord:
    """One record of many batches that have the same metrics."""
    steps = array("d", [facts["step"] for facts in objects])
    names = objects[0].get("metrics") or {}
    columns = zip(*[facts["metrics"].values() for facts in objects], strict=True) if names else ()
    metrics: dict[str, array[float]] = {}
    for name, column in zip(names, columns, strict=True):
        numbers = _numbers(column)
        if numbers is not None:
            metrics[clean_line(name)] = numbers
    return BatchesRecord(fit=objects[0]["fit"], steps=steps, metrics=metrics, last=_batch(objects[-1]))


def _numbers(column: tuple[Any, ...]) -> array[float] | None:
    """A column as floats: a word that stands for a number is that number, anything else is not known (NaN)."""
    if _NUMBERS.issuperset(map(type, column)):
        with suppress(OverflowError):  # JSON bounds no whole number, a float does
            return array("d", column)
    numbers = [number_of(value) for value in column]
    if not any(number is not None for number in numbers):
        return None
    return array("d", [float("nan") if number is None else number for number in numbers])


def _batch(facts: Facts) -> BatchRecord:
    return BatchRecord(
        time=float(facts["time"]),
        fit=facts["fit"],
        epoch=whole_number(facts, "epoch") or 0,
        batch=whole_number(facts, "batch") or 0,
        step=facts["step"],
        steps=whole_number(facts, "steps"),
        metrics=metrics_of(facts),
    )
