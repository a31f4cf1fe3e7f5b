"""How far a run has come: what its records and `run.json` say of epochs, batches and metrics."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calls import Call
    from .events import Events
    from .past import Past
    from .record import Reporter

__all__ = ["Progress"]

MAX_WARNINGS = 100
"""Different warnings of one run; a file that makes a thousand models can warn of each."""


class Progress:
    """Counts epochs and batches over all `fit` calls and attempts, and tells of them.

    Args:
        events: The records.
        reporter: Takes what goes into `run.json`.
        past: What earlier attempts recorded.
        attempt: Number of this attempt, from 1.
        from_epoch: The last epoch of the run whose state is kept; what was recorded up to it is not recorded again.

    Attributes:
        done: Completed epochs of the run.
        step: Batches of the completed epochs.
        loop_steps: Batches of loops of `train_on_batch`, in this attempt.
        best: `{"metric", "value", "epoch", "model"}` of the best epoch of the model that completed one last, `None`
            before the first; the losses of two models cannot be compared.
        warnings: Sentences that the user was warned with.
        loss_lost: Where the loss was first NaN or infinite, in words.
    """

    def __init__(
        self, events: Events, reporter: Reporter, past: Past, *, attempt: int = 1, from_epoch: int = 0
    ) -> None:
        self.done = 0
        self.step = 0
        self.loop_steps = 0
        self.best: dict[str, Any] | None = None
        self.warnings: list[str] = []
        self.loss_lost: str | None = None
        self.lock = threading.RLock()
        self._events = events
        self._reporter = reporter
        self._attempt = attempt
        self._recorded = from_epoch
        self._told: set[str] = set()
        self._bests: dict[str, dict[str, Any]] = {}
        self._models: set[str] = set()
        self._running: dict[int, Call] = {}
        self._left_out = 0
        for fit in past.fits.values():
            for facts in fit.epochs.values():
                if facts["epoch"] <= from_epoch:
                    self._judge(facts["epoch"], facts["metrics"], facts.get("model") or "")

    @property
    def total(self) -> int:
        """Epochs of all `fit` calls that have begun, those included that a stop or an error has left out."""
        return self.done + self._left_out + sum(call.epochs_left for call in self._running.values())

    @property
    def completed(self) -> int:
        """Completed epochs, those of earlier attempts that were not come to again included."""
        return max(self.done, self._recorded)

    @property
    def several(self) -> bool:
        """Whether more than one model is trained, so that metrics need the name of theirs."""
        return len(self._models) > 1

    # ------------------------------------------------------------------ sentences

    def warn(self, message: str) -> None:
        """Warn the user, once with the same words."""
        with self.lock:
            if message in self._told or len(self.warnings) >= MAX_WARNINGS:
                return
            self._told.add(message)
            self.warnings.append(message)
            self._events.write("warning", message=message)

    def notice(self, message: str) -> None:
        """Tell the user something, once with the same words."""
        with self.lock:
            if message not in self._told:
                self._told.add(message)
                self._events.write("notice", message=message)

    # ------------------------------------------------------------------ fit calls

    def begin(self, call: Call) -> None:
        """A `fit` call begins to train."""
        with self.lock:
            self._running[call.number] = call
            self._models.add(call.name)
            self._events.write("fit", **call.facts())
            self._reporter.tell({"kind": "progress", "model": call.model_facts(), "epochs": self.total or None})

    def skip(self, epochs: list[dict[str, Any]]) -> None:
        """Epochs of a `fit` call that an earlier attempt has trained."""
        with self.lock:
            self.done += len(epochs)
            if epochs and epochs[-1].get("step") is not None:
                # The loops before it have run again, and are counted already.
                self.step = max(self.step, int(epochs[-1]["step"]) - self.loop_steps)

    def go_back(self) -> None:
        """What was recorded after the epoch we are at is trained again after all."""
        with self.lock:
            if self.done < self._recorded:
                self._recorded = self.done
                self._events.write("resume", attempt=self._attempt, from_epoch=self.done)

    def end(self, call: Call, *, whole: bool = True) -> None:
        """A `fit` call is over; `whole` unless a stop or an error has ended it."""
        with self.lock:
            self._running.pop(call.number, None)
            # One that fails before Keras begins to train leaves its epochs out as well.
            self._left_out += 0 if whole else call.epochs_left
            self._tell_total()

    def _tell_total(self) -> None:
        if self.total:
            self._reporter.tell({"kind": "progress", "epochs": self.total})

    # ------------------------------------------------------------------ batches and epochs

    def batch(
        self, call: Call, batch: int, metrics: dict[str, float], steps: int | None, *, step: int | None = None
    ) -> None:
        """Tell of a batch (counted from 1) of the epoch that `call` is at; `step` is its number in the run."""
        with self.lock:
            self._check_loss(metrics, self.done + 1, batch)
            if self.done >= self._recorded:
                self._events.write(
                    "batch",
                    fit=call.number,
                    epoch=self.done + 1,
                    batch=batch,
                    steps=steps,
                    step=self.step + self.loop_steps + batch if step is None else step,
                    metrics=metrics,
                )

    def loop(self, step: int, metrics: dict[str, float]) -> None:
        """Tell how far loops of `train_on_batch` are, which have no epochs: at batch `step` of the run."""
        facts = {"steps_done": step, "loop_steps": self.loop_steps, "metrics": metrics}
        self._reporter.tell({"kind": "progress", **facts})

    def epoch(self, call: Call, metrics: dict[str, float], steps: int, seconds: float) -> bool:
        """Tell of a completed epoch.

        Returns:
            Whether it is a new one: an earlier attempt may have recorded it.
        """
        with self.lock:
            self.done += 1
            self.step += steps
            call.epochs_done += 1
            self._check_loss(metrics, self.done, steps)
            if self.done <= self._recorded:
                return False
            self._judge(self.done, metrics, call.name)
            step = self.step + self.loop_steps
            rate = call.learning_rate()
            self._events.write(
                "epoch",
                fit=call.number,
                epoch=self.done,
                fit_epoch=call.epochs_done,
                epochs=self.total,
                seconds=seconds,
                steps=steps,
                step=step,
                metrics=metrics,
                learning_rate=rate,
                model=call.name,
            )
            self._reporter.tell(
                {
                    "kind": "progress",
                    "epochs_done": self.done,
                    "epochs": self.total,
                    "steps_done": step,
                    "metrics": metrics,
                    "best": self.best,
                    "model": call.model_facts(),
                }
            )
            return True

    def _check_loss(self, metrics: dict[str, float], epoch: int, batch: int) -> None:
        loss = metrics.get("loss", 0.0)
        if self.loss_lost is None and not math.isfinite(loss):
            word = "NaN" if math.isnan(loss) else "infinite"
            self.loss_lost = f"the loss became {word} in epoch {epoch}, seen at batch {batch}"
            self.warn(f"{self.loss_lost}; the training goes on, but the model learns nothing any more")

    def _judge(self, epoch: int, metrics: dict[str, float], model: str) -> None:
        """Keep the best epoch of a model: by `val_loss` once there is one, else by `loss`."""
        metric = "val_loss" if "val_loss" in metrics else "loss"
        value = metrics.get(metric)
        best = self.best = self._bests.get(model)
        if value is None or not math.isfinite(value):
            return
        first = best is None or best["metric"] != metric == "val_loss"
        if first or (best is not None and best["metric"] == metric and value < best["value"]):
            self.best = self._bests[model] = {"metric": metric, "value": value, "epoch": epoch, "model": model}

    def facts(self) -> dict[str, Any]:
        """What `run.json` says at the end."""
        with self.lock:
            return {"epochs_done": self.completed, "best": self.best}
