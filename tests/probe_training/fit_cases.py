"""The programs of the tests of training runs, and how they went."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerascope.runs import TrainSpec

__all__ = ["Cases", "Outcome"]

PRELUDE = """\
import json, os, sys, threading
import numpy as np
import keras
from keras import layers
RUN = os.environ["RUN_DIRECTORY"]
ATTEMPT = json.load(open(RUN + "/run.json"))["attempt"]
rows = np.random.RandomState(1)
x, y = rows.rand(64, 4).astype("float32"), rows.randint(0, 3, 64)
def make(name="net", rate=0.01, metrics=("accuracy",)):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(3)], name=name)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=list(metrics))
    return model
def stop():
    open(RUN + "/stop.json", "w").write('{"by": "ann@host"}')
class At(keras.callbacks.Callback):
    def __init__(self, hook, number, do):
        super().__init__()
        setattr(self, hook, lambda n, logs=None: do() if n == number else None)
"""


@dataclass
class Outcome:
    """How one program went."""

    directory: Path
    code: int
    told: list[dict[str, Any]]
    output: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def of(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """The records of one kind that have these facts."""
        return [
            record
            for record in self.events
            if record["event"] == event and all(record.get(key) == value for key, value in facts.items())
        ]

    @property
    def end(self) -> dict[str, Any]:
        """What was told of the end."""
        return self.told[-1]

    @property
    def facts(self) -> dict[str, Any]:
        """What `run.json` would say after all that was told."""
        merged: dict[str, Any] = {}
        for message in self.told:
            merged.update(message)
        return merged

    @property
    def said(self) -> dict[str, Any]:
        """What the program printed as JSON in its last line."""
        found = json.loads(self.output.strip().splitlines()[-1])
        assert isinstance(found, dict)
        return found

    @property
    def files(self) -> set[str]:
        """The files that the run has left."""
        return {str(path.relative_to(self.directory)) for path in self.directory.rglob("*") if path.is_file()}

    @property
    def messages(self) -> str:
        """All warnings and notices."""
        return "\n".join(record["message"] for record in [*self.of("warning"), *self.of("notice")])


class Cases:
    """Programs to be run by one process of a generation, in order.

    Args:
        folder: Where their directories are made.
        generation: Of Keras.
    """

    def __init__(self, folder: Path, generation: int) -> None:
        self._folder = folder
        self._generation = generation
        self._cases: list[dict[str, Any]] = []

    def add(self, name: str, program: str, *, attempts: int = 1, file: str = "train.py", **options: Any) -> None:
        """Add a program; with more attempts it is run again, as when a run is resumed.

        Args:
            name: Of the case.
            program: Its text after the prelude.
            attempts: How many times it is run.
            file: Its name.
            options: `every_epoch` and `grace` for the driver, the rest for the spec.
        """
        directory = self._folder / name
        (directory / "source").mkdir(parents=True)
        (directory / "source" / file).write_text(PRELUDE + program)
        asked: dict[str, Any] = {key: options.pop(key) for key in ("every_epoch", "grace") if key in options}
        environment = (("RUN_DIRECTORY", str(directory)), *options.pop("environment", ()))
        path = directory / "program" / file
        path.parent.mkdir()
        path.write_text("raise SystemExit('the run has its own copy')\n")
        spec = TrainSpec(path=str(path), shown=file, keras=self._generation, environment=environment, **options)
        for attempt in range(1, attempts + 1):
            facts: Any = json.loads(json.dumps(spec.to_json()).replace("{run}", str(directory)))
            case: dict[str, Any] = {"directory": str(directory), "spec": facts, "attempt": attempt}
            self._cases.append({**case, **asked})

    def run(self) -> None:
        """Run them all."""
        path = self._folder / "cases.json"
        path.write_text(json.dumps(self._cases))
        driver = Path(__file__).with_name("fit_driver.py")
        ran = subprocess.run(
            [sys.executable, str(driver), str(self._generation), str(path)],
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert ran.returncode == 0, ran.stderr

    def outcome(self, name: str) -> Outcome:
        """How a program went."""
        directory = self._folder / name
        told = directory / "told.json"
        output = directory / "output.txt"
        text = output.read_text() if output.exists() else ""
        code = json.loads((directory / "exit.json").read_text())["code"]
        assert told.exists() or code < 0, text
        outcome = Outcome(directory, code, json.loads(told.read_text()) if told.exists() else [], text)
        for line in (directory / "events.jsonl").read_text().splitlines():
            outcome.events.append(json.loads(line, parse_constant=_reject))
        return outcome


def _reject(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
