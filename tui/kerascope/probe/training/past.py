"""What the earlier attempts of a run have recorded: which `fit` calls there were and what their epochs measured."""

from __future__ import annotations

import json
import os
from typing import Any

__all__ = ["Past", "PastFit"]

_WORDS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class PastFit:
    """One `fit` call of an earlier attempt.

    Attributes:
        number: Its number in the run.
        facts: Its `fit` record.
        epochs: Its `epoch` records by `fit_epoch` (from 1), in order.
    """

    def __init__(self, number: int, facts: dict[str, Any]) -> None:
        self.number = number
        self.facts = facts
        self.epochs: dict[int, dict[str, Any]] = {}

    def until(self, epoch: int | None) -> list[dict[str, Any]]:
        """The records of the epochs up to Keras's epoch number (`None`: all), in order."""
        return [facts for number, facts in sorted(self.epochs.items()) if epoch is None or number <= epoch]


class Past:
    """The records of a run's earlier attempts, empty in the first one.

    Attributes:
        fits: The `fit` calls that no other one surrounded, by their place in the order of these, from 1.
        last_epoch: Number of the last recorded epoch in the run, 0 for none.
        last_number: The highest number of a call.
        loops: Whether there was `train_on_batch`.
        best_checkpoint: Value of the metric of the best checkpoint, `None` where there is none.
    """

    def __init__(self) -> None:
        self.fits: dict[int, PastFit] = {}
        self.last_epoch = 0
        self.last_number = 0
        self.loops = False
        self.best_checkpoint: float | None = None
        self._by_number: dict[int, PastFit] = {}

    @classmethod
    def read(cls, directory: str) -> Past:
        """The past of a run; records that cannot be read are left out."""
        past = cls()
        try:
            with open(os.path.join(directory, "events.jsonl"), "rb") as file:
                for line in file:
                    past._add(line)
        except OSError:
            return past  # nothing was recorded, or it is gone: then everything is trained again
        return past

    def _add(self, line: bytes) -> None:
        if b'"event":"batch"' in line:
            return  # nearly all lines of a long run
        try:
            record = json.loads(line)
            self._take(record)
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # half a line, or none of ours

    def _take(self, record: dict[str, Any]) -> None:
        if record["event"] == "fit":
            number = int(record["fit"])
            self.last_number = max(self.last_number, number)
            self.loops = self.loops or record.get("method") == "train_on_batch"
            order = record.get("order")
            if isinstance(order, int):
                fit = self._by_number.setdefault(number, PastFit(number, record))
                self.fits[order] = fit
                fit.facts = record
        elif record["event"] == "checkpoint" and record["kind"] == "best":
            self.best_checkpoint = float(_WORDS.get(record["value"], record["value"]))
        elif record["event"] == "resume":
            self._go_back(int(record["from_epoch"]))
        elif record["event"] == "epoch":
            self.last_epoch = max(self.last_epoch, int(record["epoch"]))
            trained = self._by_number.get(int(record["fit"]))
            if trained is not None:
                metrics = {name: float(_WORDS.get(value, value)) for name, value in record["metrics"].items()}
                trained.epochs[int(record["fit_epoch"])] = {**record, "metrics": metrics}

    def _go_back(self, last: int) -> None:
        """Forget the epochs that a resumed attempt has trained again."""
        self.last_epoch = min(self.last_epoch, last)
        for fit in self.fits.values():
            fit.epochs = {number: facts for number, facts in fit.epochs.items() if facts["epoch"] <= last}
