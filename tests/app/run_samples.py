"""Runs made by hand: snapshots for the screen, and the records a training writes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.app._curves import Curve, CurvesView
from kerascope.app._epoch_rows import ordered
from kerascope.app._following import best_of
from kerascope.app._run_state import Epochs, Host, Position, RunSnapshot
from kerascope.runs import EpochRecord, FitRecord, Run, RunError, RunStatus, Series, StartRecord, TrainSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

STARTED = 1_700_000_000.0
DIRECTORY = Path("/home/anna/runs/20231114-221320-spirals")
SENTENCE = 'Input 0 of layer "dense_1" is incompatible: expected 44 as its last axis, received (128, 32)'


def run(status: RunStatus = RunStatus.FINISHED, **facts: Any) -> Run:
    """A run of ten epochs."""
    ended = None if status in (RunStatus.STARTING, RunStatus.RUNNING) else STARTED + 141
    known: dict[str, Any] = {
        "id": DIRECTORY.name,
        "directory": DIRECTORY,
        "status": status,
        "spec": TrainSpec(path="/home/anna/spirals.py", shown="spirals.py", name="net", epochs=10, batch_size=128),
        "source": "spirals.py:net",
        "model": "net",
        "epochs_done": 10,
        "epochs": 10,
        "started": STARTED,
        "ended": ended,
        "exit": 0 if ended is not None else None,
        "pid": 4242,
        "host": "gpu-7",
    }
    return Run(**{**known, **facts})


def rows(count: int, *, names: Iterable[str] = ("loss", "accuracy"), nan_from: int | None = None) -> list[EpochRecord]:
    """Epochs that go down, and the validation's up again."""
    made = []
    for number in range(1, count + 1):
        metrics: dict[str, float] = {}
        for place, name in enumerate(names):
            value = 0.2 + 2 * math.exp(-number / 3) if name == "loss" else 1 - math.exp(-number / (2 + place))
            if nan_from is not None and number >= nan_from:
                value = math.nan
            metrics[name] = value
            metrics[f"val_{name}"] = value * 1.1 + (0.02 * max(0, number - 6) if name == "loss" else -0.1)
        made.append(
            EpochRecord(
                time=STARTED + 13 * number,
                fit=1,
                epoch=number,
                epochs=10,
                seconds=12.5,
                steps=235,
                step=235 * number,
                metrics=metrics,
                learning_rate=0.001,
                model="net",
            )
        )
    return made


def epochs_of(made: list[EpochRecord]) -> Epochs:
    """As the screen holds them."""
    names = dict.fromkeys(name for row in made for name in row.metrics)
    return Epochs(tuple(made), ordered(tuple(names)), best_of(made))


def curves_of(made: list[EpochRecord], *, live: bool = False) -> CurvesView:
    """The curves of all metrics, by epoch."""
    curves: dict[str, tuple[Curve, ...]] = {}
    for name in dict.fromkeys(name.removeprefix("val_") for row in made for name in row.metrics):
        pair = []
        for label, key in (("train", name), ("validation", f"val_{name}")):
            found = [(row.epoch, row.metrics[key]) for row in made if key in row.metrics]
            pair.append(Curve(label, Series([x for x, _ in found], [y for _, y in found])))
        curves[name] = tuple(pair)
    return CurvesView(curves=curves, unit="epochs", stamp=len(made), live=live, end=10)


def batches(count: int) -> CurvesView:
    """The loss by batch."""
    points = Series(range(1, count + 1), [2 * math.exp(-step / 100) for step in range(1, count + 1)])
    return CurvesView(curves={"loss": (Curve("train", points),)}, unit="batches", stamp=count, live=True, end=2350)


def snapshot(of: Run, made: list[EpochRecord], **facts: Any) -> RunSnapshot:
    """What is known of a run after some epochs."""
    last = made[-1] if made else None
    position = Position(epochs=of.epochs)
    if last is not None:
        position = replace(
            position, epoch=last.epoch, batch=235, steps=235, step=last.step or 0, epoch_seconds=12.5, between=True
        )
    known: dict[str, Any] = {
        "run": of,
        "now": STARTED + 142,
        "last_event": STARTED + 141,
        "position": position,
        "epochs": epochs_of(made),
        "by_epoch": curves_of(made, live=of.alive),
        "engine": StartRecord(
            time=STARTED,
            keras="3.15.1",
            generation=3,
            tensorflow="2.21.0",
            python="3.11.9",
            backend="tensorflow",
            device="CPU",
        ),
        "fits": (
            FitRecord(
                time=STARTED + 5,
                fit=1,
                model="net",
                class_name="Sequential",
                params=17154,
                epochs=10,
                steps=235,
                batch_size=128,
                path="/home/anna/spirals.py",
                line=31,
            ),
        ),
    }
    return RunSnapshot(**{**known, **facts})


def finished() -> RunSnapshot:
    """A run that went to its end."""
    return snapshot(run(), rows(10), checkpoint="model.keras, 212 kB")


def running() -> RunSnapshot:
    """A run in its fifth epoch."""
    made = rows(4)
    at = Position(
        epoch=5, epochs=10, batch=120, steps=235, step=1060, step_seconds=0.0123, rate=128 / 0.0123, epoch_seconds=12.5
    )
    host = Host(parts=("CPU 143 %", "memory 1.2 GB", "machine CPU 45 %", "no GPU"))
    return snapshot(run(RunStatus.RUNNING, epochs_done=4), made, position=at, by_batch=batches(1060), host=host)


def failed() -> RunSnapshot:
    """A run whose first batch failed."""
    error = RunError(
        sentence=SENTENCE,
        type="ValueError",
        path="/home/anna/spirals.py",
        line=31,
        layer="dense_1",
        traceback='Traceback (most recent call last):\n  File "spirals.py", line 31, in <module>\nValueError: ...',
    )
    return snapshot(run(RunStatus.FAILED, epochs_done=0, exit=1, error=error), [])


def starting() -> RunSnapshot:
    """A run that has no process yet."""
    bare = run(RunStatus.STARTING, epochs_done=0, pid=None)
    return snapshot(bare, [], engine=None, fits=(), now=STARTED + 3, last_event=None)


def event(name: str, **facts: Any) -> bytes:
    """One line of `events.jsonl`."""
    return (json.dumps({"time": STARTED, "event": name, **facts}) + "\n").encode()


def epoch_event(number: int, **metrics: Any) -> bytes:
    """The record of a completed epoch of ten batches."""
    return event(
        "epoch", fit=1, epoch=number, epochs=3, seconds=1.0, steps=10, step=10 * number, metrics=metrics, model="net"
    )


def batch_event(step: int, *, at: float = 0.0, **metrics: Any) -> bytes:
    """The record of a batch, ten to an epoch."""
    epoch, batch = divmod(step - 1, 10)
    return event(
        "batch", fit=1, epoch=epoch + 1, batch=batch + 1, steps=10, step=step, metrics=metrics, **{"time": STARTED + at}
    )
