"""Loops of `train_on_batch`: what their records say of many batches."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from kerascope.probe.training import batches

if TYPE_CHECKING:
    import pytest


class Told:
    """Takes what is told of batches."""

    step = 0

    def __init__(self) -> None:
        self.records: list[tuple[str, int, dict[str, float]]] = []
        self.metrics: dict[str, float] = {}

    def begin(self, call: Any) -> None:
        """A loop begins."""

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
        clock.now += batches.CHECK_SECONDS
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
    clock.now += batches.CHECK_SECONDS
    loops.trained(model, 1.0)
    assert math.isnan(told.records[-1][2]["loss"])
