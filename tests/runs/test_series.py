"""Curves: what is kept of their numbers, and what is drawn of them."""

from __future__ import annotations

import json
import math
import random
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.runs import _history, _series
from kerascope.runs._history import History, HistoryLoader
from kerascope.runs._series import Extremes, Series

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAN = math.nan


def line(event: str, **facts: Any) -> str:
    return json.dumps({"time": 1.5, "event": event, **facts}) + "\n"


def batch(step: int, fit: int = 1, **metrics: float | str) -> str:
    return line("batch", fit=fit, epoch=1, batch=step, step=step, metrics=metrics)


def epoch(number: int, fit: int = 1, *, step: int | None = None, **metrics: float | str) -> str:
    return line("epoch", fit=fit, epoch=number, step=step, metrics=metrics)


def history(directory: Path, lines: Iterable[str]) -> History:
    (directory / "events.jsonl").write_text("".join(lines))
    return HistoryLoader(directory).open()


class TestSeries:
    def test_is_empty_at_first(self) -> None:
        series = Series()
        assert (series.span, series.last, series.broken, len(series)) == (None, None, None, 0)
        assert series.extremes(0, 10, 5) == []
        assert series.smoothed(0.5) is series

    def test_few_points_are_themselves(self) -> None:
        series = Series([1, 2, 5], [3, 1, 2])
        assert series.reduce(1, 5, 10) == [(1, 3, 3), (2, 1, 1), (5, 2, 2)]
        assert series.reduce(2, 4, 10) == [(2, 1, 1)]
        assert series.span == (1, 5)

    def test_spikes_stay(self) -> None:
        values = [0.0] * 10_000
        values[1234], values[7777] = 50.0, -50.0
        columns = Series(range(10_000), values).extremes(0, 9_999, 100)
        assert len(columns) == 100
        assert [place for place, column in enumerate(columns) if column.greatest == 50] == [12]
        assert [place for place, column in enumerate(columns) if column.least == -50] == [77]

    def test_columns_are_what_a_plain_count_gives(self) -> None:
        chance = random.Random(5)
        steps = sorted({chance.randrange(5000) for _ in range(2000)})
        values = [chance.gauss(0, 1) for _ in steps]
        first, last, columns = 100.0, 4321.0, 37
        expected: dict[int, list[int]] = {}
        for place, step in enumerate(steps):
            if first <= step <= last:
                at = min(int((step - first) / ((last - first) / columns)), columns - 1)
                expected.setdefault(at, []).append(place)
        found = Series(steps, values).extremes(first, last, columns)
        assert found == [
            Extremes(
                (steps[places[0]] + steps[places[-1]]) / 2,
                values[places[0]],
                values[places[-1]],
                min(values[place] for place in places),
                max(values[place] for place in places),
            )
            for places in expected.values()
        ]

    def test_nan_and_infinities_are_kept_apart(self) -> None:
        series = Series([1, 2, 3, 4, 5], [1.0, NAN, 3.0, math.inf, 5.0])
        assert list(series.steps) == [1, 3, 5]
        assert [x for x, _ in series.gaps] == [2, 4]
        assert series.broken == 2
        assert series.last == 5.0
        series.append(6, NAN)
        assert series.last is not None
        assert math.isnan(series.last)
        assert series.span == (1, 6)

    def test_only_nan_has_a_span_too(self) -> None:
        assert Series([3, 4], [NAN, NAN]).span == (3, 4)

    def test_sums_beyond_all_bounds_are_no_gaps(self) -> None:
        assert Series([1, 2], [1.7e308, 1.7e308]).broken is None

    def test_what_was_done_again_is_dropped(self) -> None:
        series = Series([1, 2, 3, 4], [10, 20, NAN, 40])
        series.extend([3, 4], [31, 41])
        assert list(zip(series.steps, series.values, strict=True)) == [(1, 10), (2, 20), (3, 31), (4, 41)]
        assert series.gaps == []
        series.cut(2)
        assert (series.span, series.last) == ((1, 1), 10)
        series.cut(0)
        assert series.span is None

    def test_places_that_go_back_inside_are_followed(self) -> None:
        series = Series([1, 2, 3, 2, 3], [10, 20, 30, 21, 31])
        assert list(series.values) == [10, 21, 31]

    def test_says_what_does_not_fit(self) -> None:
        with pytest.raises(ValueError, match="2 places for 1 numbers"):
            Series([1, 2], [1])
        with pytest.raises(ValueError, match="0 columns"):
            Series([1], [1]).extremes(0, 1, 0)
        with pytest.raises(ValueError, match="smoothing by 1"):
            Series([1], [1]).smoothed(1)

    def test_smooths_as_tensorboard_does(self) -> None:
        values = [random.Random(1).gauss(1, 1) for _ in range(500)]
        last, expected = 0.0, []
        for count, value in enumerate(values, 1):
            last = last * 0.6 + 0.4 * value
            expected.append(last / (1 - 0.6**count))
        series = Series(range(500), values)
        smooth = series.smoothed(0.6)
        assert list(smooth.values) == pytest.approx(expected, rel=1e-12)
        assert smooth.steps == series.steps
        assert smooth.last == smooth.values[-1]

    def test_smoothing_follows_growth_and_passes_nan(self) -> None:
        series = Series([1, 2], [1, 1])
        assert list(series.smoothed(0.9).values) == pytest.approx([1, 1])
        assert series.smoothed(0.9) is series.smoothed(0.9)
        series.extend([3, 4], [NAN, 1])
        smooth = series.smoothed(0.9)
        assert list(smooth.values) == pytest.approx([1, 1, 1])
        assert smooth.broken == 3

    def test_a_value_done_again_is_smoothed_again(self) -> None:
        series = Series([1, 2], [1, 1])
        series.smoothed(0.5)
        series.append(2, 5)
        assert list(series.smoothed(0.5).values) == pytest.approx([1, (0.25 + 2.5) / 0.75])

    def test_far_too_many_are_thinned_to_their_extremes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_series, "MOST", 1000)
        series = Series()
        for step in range(10_000):
            series.append(step, 99.0 if step == 17 else -99.0 if step == 4321 else step % 7)
        assert series.thinned
        assert len(series) <= 1000
        assert max(series.values) == 99
        assert series.steps[series.values.index(99)] == 17
        assert series.steps[series.values.index(-99)] == 4321
        assert list(series.steps) == sorted(series.steps)
        assert series.span is not None
        assert series.span[1] == 9999


class TestHistory:
    def test_training_and_validation_of_a_metric_belong_together(self, tmp_path: Path) -> None:
        found = history(tmp_path, [epoch(1, loss=1.0, val_loss=2.0, lr=0.1), epoch(2, loss=0.5, val_loss=1.5)])
        assert list(found.by_epoch) == ["loss", "lr"]
        loss = found.by_epoch["loss"]
        assert list(loss.train.values) == [1.0, 0.5]
        assert list(loss.validation.values) == [2.0, 1.5]
        assert list(loss.validation.steps) == [1, 2]
        assert [each.epoch for each in found.epochs] == [1, 2]

    def test_the_learning_rate_is_a_curve(self, tmp_path: Path) -> None:
        found = history(tmp_path, [line("epoch", fit=1, epoch=1, metrics={"loss": 1.0}, learning_rate=0.01)])
        assert list(found.by_epoch["learning_rate"].train.values) == [0.01]

    def test_the_loss_comes_first(self, tmp_path: Path) -> None:
        found = history(tmp_path, [line("epoch", fit=1, epoch=1, metrics={"accuracy": 0.5, "loss": 1.0})])
        assert list(found.by_epoch) == ["loss", "accuracy"]

    def test_models_are_told_apart_when_there_are_several(self, tmp_path: Path) -> None:
        lines = [line("fit", fit=1, model="gan"), batch(1, loss=1.0), epoch(1, loss=1.0)]
        assert list(history(tmp_path, lines).by_batch) == ["loss"]
        lines += [line("fit", fit=2, model="critic"), batch(2, fit=2, loss=3.0), epoch(2, fit=2, loss=3.0)]
        found = history(tmp_path, lines)
        assert list(found.by_batch) == ["gan/loss", "critic/loss"]
        assert list(found.by_epoch) == ["gan/loss", "critic/loss"]
        assert list(found.by_batch["critic/loss"].steps) == [2]

    def test_the_same_model_goes_on_in_a_second_fit(self, tmp_path: Path) -> None:
        lines = [line("fit", fit=1, model="net"), epoch(1, loss=1.0), line("fit", fit=2, model="net")]
        found = history(tmp_path, [*lines, epoch(2, fit=2, loss=0.5)])
        assert list(found.by_epoch["loss"].train.steps) == [1, 2]

    def test_a_resumed_run_does_its_last_epoch_again(self, tmp_path: Path) -> None:
        lines = [batch(1, loss=9.0), epoch(1, step=1, loss=9.0), batch(2, loss=8.0), epoch(2, step=2, loss=8.0)]
        lines += [
            batch(3, loss=7.0),
            line("end", status="killed"),
            line("start"),
            line("resume", attempt=2, from_epoch=1),
        ]
        found = history(tmp_path, lines)
        assert list(found.by_batch["loss"].values) == [9.0]
        assert list(found.by_epoch["loss"].train.values) == [9.0]
        assert [each.epoch for each in found.epochs] == [1]
        assert found.end is None
        found = history(tmp_path, [*lines, batch(2, loss=6.0), epoch(2, step=2, loss=6.0)])
        assert list(found.by_batch["loss"].values) == [9.0, 6.0]

    def test_keeps_the_rest_of_what_is_told(self, tmp_path: Path) -> None:
        lines = [
            line("start", pid=4),
            line("fit", fit=1, model="net", epochs=3),
            line("warning", message="hm"),
            line("checkpoint", kind="epoch", path="checkpoints/epoch-0001.keras", epoch=1),
            line("stopping", by="ada"),
            line("end", status="stopped", exit=0),
        ]
        found = history(tmp_path, lines)
        assert found.start is not None
        assert found.start.pid == 4
        assert found.fits[1].epochs == 3
        assert [message.message for message in found.messages] == ["hm"]
        assert [checkpoint.epoch for checkpoint in found.checkpoints] == [1]
        assert found.stopping is not None
        assert found.end is not None
        assert found.end.status == "stopped"
        assert found.stamp == len(lines)

    def test_final_models_have_the_names_that_they_were_given_later(self, tmp_path: Path) -> None:
        lines = [
            line("checkpoint", kind="final", path="model.keras", epoch=1),
            line("renamed", path="model.keras", to="model-first.keras"),
            line("checkpoint", kind="final", path="model.keras", epoch=2),
            line("renamed", path="model.keras", to="model-second.keras"),
            line("checkpoint", kind="final", path="model.keras", epoch=3),
            line("renamed", path="model-first.keras", to=None),
        ]
        kept = [(each.path, each.epoch) for each in history(tmp_path, lines).checkpoints]
        assert kept == [("model-second.keras", 2), ("model.keras", 3)]


class TestHistoryLoader:
    def test_no_file_is_an_empty_history(self, tmp_path: Path) -> None:
        loader = HistoryLoader(tmp_path)
        assert loader.open().stamp == 0
        assert not loader.advance()
        assert loader.share == 1.0

    def test_a_large_file_is_previewed_then_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_history, "SMALL", 1000)
        monkeypatch.setattr(_history, "SLICE", 10_000)
        lines = [line("fit", fit=1, model="net")]
        for number in range(1, 5001):
            lines.append(batch(number, loss=float(number)))
            if number % 100 == 0:
                lines.append(epoch(number // 100, loss=float(number)))
        (tmp_path / "events.jsonl").write_text("".join(lines) + '{"half": ')
        loader = HistoryLoader(tmp_path)
        preview = loader.open()
        assert not preview.complete
        assert list(preview.by_epoch["loss"].train.steps) == list(range(1, 51))
        series = preview.by_batch["loss"]
        assert 300 < len(series) < 500
        assert series.span == (1.0, 5000.0)
        slices = 1
        while loader.advance(seconds=0):
            slices += 1
            assert loader.history is preview
        assert slices > 10
        assert loader.history is not preview
        assert loader.history.complete
        assert list(loader.history.by_batch["loss"].steps) == list(range(1, 5001))
        assert [each.epoch for each in loader.history.epochs] == list(range(1, 51))

    def test_of_thousands_of_epochs_the_newest_are_previewed(self, tmp_path: Path) -> None:
        count = 12_000
        lines = [line("fit", fit=1, model="net", epochs=count)]
        for number in range(1, count + 1):
            lines += [batch(number, loss=1.0), epoch(number, step=number, loss=float(number), val_loss=0.5)]
        (tmp_path / "events.jsonl").write_text("".join(lines))
        loader = HistoryLoader(tmp_path)
        preview = loader.open()
        assert preview.epochs_left_out
        assert [each.epoch for each in preview.epochs] == list(range(count - 999, count + 1))
        curve = preview.by_epoch["loss"].train
        assert curve.span == (1.0, float(count))
        assert 1_300 < len(curve) < 1_500
        while loader.advance():
            pass
        assert not loader.history.epochs_left_out
        assert [each.epoch for each in loader.history.epochs] == list(range(1, count + 1))
        assert len(loader.history.by_epoch["loss"].validation) == count

    def test_follows_what_is_written(self, tmp_path: Path) -> None:
        history(tmp_path, [batch(1, loss=1.0)])
        loader = HistoryLoader(tmp_path)
        found = loader.open()
        with (tmp_path / "events.jsonl").open("a") as file:
            file.write(batch(2, loss=2.0) + "garbage\n")
        assert not loader.advance()
        assert loader.history is found
        assert found.last_batch is not None
        assert found.last_batch.step == 2
        assert loader.skipped == 1

    def test_begins_again_with_another_file(self, tmp_path: Path) -> None:
        history(tmp_path, [batch(1, loss=1.0), batch(2, loss=1.0)])
        loader = HistoryLoader(tmp_path)
        loader.open()
        (tmp_path / "events.jsonl").write_text(batch(1, acc=1.0))
        loader.advance()
        assert list(loader.history.by_batch) == ["acc"]
