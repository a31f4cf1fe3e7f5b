"""Listing runs again and again, and their epochs from `metrics.csv`."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.runs import TrainSpec, create_run, describe_run, read_run
from kerascope.runs import _listing as listing
from kerascope.runs._layout import read_json, write_json
from kerascope.runs._listing import RunList, has_runs
from kerascope.runs._metrics import read_losses, read_metrics

if TYPE_CHECKING:
    from pathlib import Path

SPEC = TrainSpec(path="/home/ada/train.py", shown="train.py")


def make(runs: Path, name: str, **facts: Any) -> Path:
    directory = create_run(SPEC, runs, run_id=name)
    write_json(directory / "run.json", {**read_json(directory / "run.json"), **facts})
    return directory


def test_only_what_may_have_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"pid": os.getpid(), "start": None}
    make(tmp_path, "alive", status="running", process=own, started=5.0)
    make(tmp_path, "older", status="finished", started=1.0)
    ended = make(tmp_path, "younger", status="finished", started=9.0)
    (tmp_path / "something else").mkdir()
    (tmp_path / ".hidden").mkdir()
    read: list[str] = []

    def counting(directory: Path, here: Any = None) -> Any:
        read.append(directory.name)
        return read_run(directory, here)

    monkeypatch.setattr(listing, "read_run", counting)
    runs = RunList(tmp_path)
    assert [run.id for run in runs.scan()] == ["alive", "younger", "older"]
    read.clear()
    runs.scan()
    assert read == ["alive"]
    read.clear()
    describe_run(read_run(ended), name="best")
    assert [run.name for run in runs.scan()] == [None, "best", None]
    assert sorted(read) == ["alive", "younger"]
    write_json(ended / "run.json", {**read_json(ended / "run.json"), "epochs_done": 7})
    assert runs.scan()[1].epochs_done == 7
    (ended / "run.json").unlink()
    assert [run.id for run in runs.scan()] == ["alive", "older"]


def test_a_directory_that_is_not_there_holds_no_runs(tmp_path: Path) -> None:
    assert RunList(tmp_path / "nowhere").scan() == ()
    assert not has_runs(tmp_path / "nowhere")
    assert not has_runs(tmp_path)
    make(tmp_path, "one")
    assert has_runs(tmp_path)
    with pytest.raises(NotADirectoryError):
        RunList(tmp_path / "one" / "run.json").scan()


def test_metrics_are_counted_by_row(tmp_path: Path) -> None:
    text = "epoch,loss,val_loss\n0,1.5,NA\n1,nan,2.5\n0,0.5,inf\n1,0.25"
    (tmp_path / "metrics.csv").write_text(text)
    metrics = read_metrics(tmp_path)
    assert list(metrics) == ["loss", "val_loss"]
    assert list(metrics["loss"].steps) == [1, 3], "the last line is not whole yet"
    assert metrics["loss"].broken == 2
    assert metrics["val_loss"].span == (2.0, 3.0)
    assert list(metrics["loss"].breaks) == [3], "another fit begins there"
    first, second, *rest = read_losses(tmp_path)
    assert (first, rest) == (1.5, [0.5])
    assert math.isnan(second)


def test_another_head_may_come_with_another_fit(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("epoch,loss\n0,3\nepoch,accuracy,loss\n0,0.5,2\n")
    metrics = read_metrics(tmp_path)
    assert list(metrics["loss"].values) == [3, 2]
    assert list(metrics["accuracy"].steps) == [2]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\x00\xff\xfe\n", b"a,b\n1,2\n", b'epoch,loss\n"0,1\n', b"epoch\n1,2,3\n"]
)
def test_what_is_no_table_has_no_metrics(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "metrics.csv").write_bytes(data)
    assert read_metrics(tmp_path) == {}
    assert read_losses(tmp_path) == ()


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == {}
    assert read_losses(tmp_path) == ()


def test_before_there_are_epochs_the_batches_of_one_model_count(tmp_path: Path) -> None:
    lines = [{"event": "fit", "fit": 1}, {"event": "fit", "fit": 2}]
    lines += [{"event": "batch", "fit": n % 2 + 1, "step": n, "metrics": {"loss": n}} for n in range(6)]
    lines += [{"event": "resume", "attempt": 2}, {"event": "batch", "fit": 1, "step": 2, "metrics": {"loss": 7}}]
    text = "".join(json.dumps({"time": 1.0, **each}) + "\n" for each in lines)
    (tmp_path / "events.jsonl").write_text(text + '{"time": 1.0, "event": "ba')
    assert read_losses(tmp_path) == (0, 7)


def test_of_many_epochs_a_sample_is_read_in_their_order(tmp_path: Path) -> None:
    rows = "".join(f"{n},{1 / (n + 1)},0.123456789\n" for n in range(20_000))
    (tmp_path / "metrics.csv").write_text("epoch,loss,accuracy\n" + rows)
    losses = read_losses(tmp_path)
    assert 32 <= len(losses) <= 64
    assert list(losses) == sorted(losses, reverse=True)
    assert losses[0] > 0.1
    assert losses[-1] < 1e-4
    assert len(read_metrics(tmp_path)["loss"]) == 20_000
