"""Loops of `train_on_batch`: what their records say of many batches."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from kerascope.probe.training import batches
from kerascope.probe.training.past import Past
from kerascope.probe.training.progress import Progress
from kerascope.probe.training.stopping import CHECK_SECONDS

if TYPE_CHECKING:
    import pytest


class Told:
    """Takes what is told of batches."""

    step = 0

    def __init__(self) -> None:
        self.loop_steps = 0
        self.names: set[str] = set()
        self.records: list[tuple[str, int, dict[str, float]]] = []
        self.metrics: dict[str, float] = {}

    def begin(self, call: Any) -> None:
        """A loop begins."""
        self.names.add(call.name)

    @property
    def several(self) -> bool:
        """Whether there are several loops."""
        return len(self.names) > 1

    def end(self, call: Any) -> None:
        """It is over."""

    def notice(self, message: str) -> None:
        """A sentence for the user."""

    def batch(self, call: Any, batch: int, metrics: dict[str, float], steps: int | None, *, step: int) -> None:
        """A record."""
        self.records.append((call.name, batch, metrics))

    def loop(self, step: int, metrics: dict[str, float]) -> None:
        """What goes into `run.json`."""
        self.metrics = metrics


def loops_of(monkeypatch: pytest.MonkeyPatch, told: Told) -> tuple[batches.BatchLoops, SimpleNamespace]:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(batches, "_now", lambda: clock.now)
    stop = SimpleNamespace(check=lambda: False)

    def call_of(model: Any) -> Any:
        return SimpleNamespace(model=model, name=model.name)

    return batches.BatchLoops(cast("Any", told), cast("Any", stop), call_of), clock


def test_a_record_has_the_mean_of_all_batches_since_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GAN in step with the pace of the records: each first call on real images is the one that is due."""
    told = Told()
    loops, clock = loops_of(monkeypatch, told)
    critic, gan = SimpleNamespace(name="critic", metrics_names=["loss", "acc"]), SimpleNamespace(name="gan")
    for _ in range(5):
        loops.trained(critic, [1.0, 0.0])
        loops.trained(critic, {"loss": 3.0, "acc": 1.0})
        loops.trained(gan, 7.0)
        clock.now += CHECK_SECONDS
    loops.finish()
    of_critic = [record for record in told.records if record[0] == "critic"]
    assert [batch for _, batch, _ in of_critic] == [1, 3, 5, 7, 9, 10]
    assert of_critic[0][2] == {"loss": 1.0, "acc": 0.0}, "one batch alone"
    assert [metrics for _, _, metrics in of_critic[1:-1]] == [{"loss": 2.0, "acc": 0.5}] * 4
    assert [(batch, metrics["loss"]) for name, batch, metrics in told.records if name == "gan"] == [
        (batch, 7.0) for batch in range(1, 6)
    ], "no second record where nothing is new at the end"
    assert told.metrics == {"critic/loss": 7 / 3, "critic/acc": 2 / 3, "gan/loss": 7.0}, "not of the last batch alone"


def test_one_loss_that_is_no_number_is_seen_in_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    loops, clock = loops_of(monkeypatch, told)
    model = SimpleNamespace(name="net")
    for loss in (1.0, math.nan, 1.0):
        loops.trained(model, loss)
    clock.now += CHECK_SECONDS
    loops.trained(model, 1.0)
    assert math.isnan(told.records[-1][2]["loss"])


class Call:
    """A call of `fit` or a loop; it learns nothing."""

    def __init__(self, name: str, number: int, epochs: int | None = None) -> None:
        self.name, self.number = name, number
        self.epochs_done, self.epochs_left = 0, epochs or 0
        self.model = SimpleNamespace(name=name)

    def facts(self) -> dict[str, Any]:
        return {"fit": self.number}

    def model_facts(self) -> dict[str, Any]:
        return {"name": self.name}

    def learning_rate(self) -> float | None:
        return None


def test_epochs_and_loops_of_one_run_are_counted_together() -> None:
    records: list[dict[str, Any]] = []
    facts: dict[str, Any] = {}
    events = SimpleNamespace(write=lambda event, **known: records.append({"event": event, **known}))
    progress = Progress(cast("Any", events), cast("Any", SimpleNamespace(tell=facts.update)), Past())
    critic, other = cast("Any", Call("critic", 1, 2)), cast("Any", Call("other", 3, 1))
    loop = cast("Any", Call("critic", 2))
    loops = batches.BatchLoops(progress, cast("Any", SimpleNamespace(check=lambda: False)), lambda model: loop)

    progress.begin(critic)
    progress.epoch(critic, {"loss": 0.5}, 10, 1.0)
    loops.trained(loop.model, 0.25)
    assert (facts["steps_done"], facts["loop_steps"], facts["metrics"]) == (11, 1, {"loss": 0.25}), "one model alone"
    progress.batch(critic, 1, {"loss": 0.4}, 10)
    assert records[-1]["step"] == 12, "it goes on after the loop, so that no curve goes back"
    progress.epoch(critic, {"loss": 0.4}, 10, 1.0)
    assert (records[-1]["step"], facts["steps_done"]) == (21, 21)
    progress.begin(other)
    progress.epoch(other, {"loss": 9.0}, 10, 1.0)
    assert facts["best"] == {"metric": "loss", "value": 9.0, "epoch": 3, "model": "other"}, "each model has its own"
    loops.trained(loop.model, 0.125)
    loops.finish()
    assert (facts["loop_steps"], facts["steps_done"]) == (2, 32)
    assert facts["metrics"] == {"critic/loss": 0.1875}, "of which model"
    progress.epoch(critic, {"loss": 0.6}, 10, 1.0)
    assert facts["best"] == {"metric": "loss", "value": 0.4, "epoch": 2, "model": "critic"}
