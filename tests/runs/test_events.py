"""Records as they are read while a run writes them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.runs import _events
from kerascope.runs._events import EventReader
from kerascope.runs._records import (
    BatchesRecord,
    CheckpointRecord,
    EndRecord,
    EpochRecord,
    EventRecord,
    FitRecord,
    MessageRecord,
    OtherRecord,
    ResumeRecord,
    StartRecord,
    StoppingRecord,
)

if TYPE_CHECKING:
    from pathlib import Path


def line(event: str, **facts: Any) -> bytes:
    return json.dumps({"time": 1.5, "event": event, **facts}).encode() + b"\n"


def batch(step: int, **facts: Any) -> bytes:
    return line("batch", **{"fit": 1, "epoch": 1, "batch": step, "steps": 9, "step": step, **facts})


def read_all(path: Path, *chunks: bytes) -> list[EventRecord]:
    (path / "events.jsonl").write_bytes(b"".join(chunks))
    return EventReader(path).read()


def test_each_kind_has_its_type(tmp_path: Path) -> None:
    records = read_all(
        tmp_path,
        line("start", attempt=2, pid=7, keras="3.15.1", generation=3, device="CPU"),
        line("fit", fit=1, model="net", class_name="Sequential", params=12, epochs=4, steps=None, method="fit"),
        line("epoch", fit=1, epoch=3, fit_epoch=1, epochs=5, seconds=2.5, step=90, metrics={"loss": 1}, model="net"),
        line("checkpoint", kind="best", path="checkpoints/best.keras", epoch=3, metric="loss", value=1.0, bytes=10),
        line("warning", message="the disk is full"),
        line("notice", message="two fits"),
        line("stopping", by="ada@lab"),
        line("resume", attempt=2, from_epoch=3),
        line("end", status="failed", exit=1, error={"sentence": "it broke"}, epochs_done=3),
        line("novelty", of="a later version"),
    )
    assert [type(record) for record in records] == [
        StartRecord,
        FitRecord,
        EpochRecord,
        CheckpointRecord,
        MessageRecord,
        MessageRecord,
        StoppingRecord,
        ResumeRecord,
        EndRecord,
        OtherRecord,
    ]
    start, fit, epoch, checkpoint, warning, notice, stopping, resume, end, _ = records
    assert isinstance(start, StartRecord)
    assert (start.attempt, start.pid, start.generation) == (2, 7, 3)
    assert isinstance(fit, FitRecord)
    assert (fit.model, fit.params, fit.steps) == ("net", 12, None)
    assert epoch == EpochRecord(
        time=1.5, fit=1, epoch=3, fit_epoch=1, epochs=5, seconds=2.5, step=90, metrics={"loss": 1.0}, model="net"
    )
    assert isinstance(checkpoint, CheckpointRecord)
    assert (checkpoint.kind, checkpoint.value) == ("best", 1.0)
    assert isinstance(warning, MessageRecord)
    assert isinstance(notice, MessageRecord)
    assert (warning.warning, notice.warning) == (True, False)
    assert isinstance(stopping, StoppingRecord)
    assert stopping.by == "ada@lab"
    assert isinstance(resume, ResumeRecord)
    assert resume.from_epoch == 3
    assert isinstance(end, EndRecord)
    assert (end.error, end.epochs_done) == ("it broke", 3)


def test_batches_become_columns(tmp_path: Path) -> None:
    (record,) = read_all(tmp_path, *[batch(step, metrics={"loss": 1 / step, "acc": 1}) for step in (1, 2, 3)])
    assert isinstance(record, BatchesRecord)
    assert list(record.steps) == [1, 2, 3]
    assert {name: list(values) for name, values in record.metrics.items()} == {
        "loss": [1, 1 / 2, 1 / 3],
        "acc": [1] * 3,
    }
    assert record.last.step == 3
    assert record.last.metrics == {"loss": 1 / 3, "acc": 1.0}
    assert record.time == 1.5


def test_batches_stand_where_their_last_one_did(tmp_path: Path) -> None:
    epoch = line("epoch", fit=1, epoch=1)
    kinds = [type(record) for record in read_all(tmp_path, batch(1), epoch, batch(2), epoch)]
    assert kinds == [EpochRecord, BatchesRecord, EpochRecord]


def test_batches_of_two_fits_or_with_other_metrics_stay_apart(tmp_path: Path) -> None:
    fit = line("fit", fit=2, model="other")
    records = read_all(tmp_path, batch(1), batch(2, metrics={"loss": 1.0}), fit, batch(3, fit=2), batch(4, fit=2))
    assert [len(record.steps) if isinstance(record, BatchesRecord) else 0 for record in records] == [1, 1, 0, 2]


def test_words_for_numbers_become_floats(tmp_path: Path) -> None:
    metrics = [{"loss": value} for value in (1.0, "NaN", "Infinity", "-Infinity", 10**400, None)]
    records = read_all(
        tmp_path,
        *[batch(step, metrics=each) for step, each in enumerate(metrics, 1)],
        line("epoch", fit=1, epoch=1, metrics={"loss": "NaN", "acc": "high"}),
    )
    batches, epoch = records
    assert isinstance(batches, BatchesRecord)
    one, nan, up, down, huge, unknown = batches.metrics["loss"]
    assert (one, up, down, huge) == (1.0, math.inf, -math.inf, math.inf)
    assert math.isnan(nan)
    assert math.isnan(unknown)
    assert isinstance(epoch, EpochRecord)
    assert list(epoch.metrics) == ["loss"]
    assert math.isnan(epoch.metrics["loss"])


def test_text_is_cleaned(tmp_path: Path) -> None:
    hostile = "a\x1b]52;c;eA==\x07b\u202e"
    records = read_all(
        tmp_path,
        line("warning", message=hostile),
        batch(1, metrics={hostile: 1.0}),
        line(hostile),
        line("stopping", by=hostile),
    )
    shown = repr(records)
    assert "\\x1b" not in shown
    assert "202e" not in shown
    assert "ab\N{REPLACEMENT CHARACTER}" in shown


def test_half_a_line_comes_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    whole = line("notice", message="whole")
    path.write_bytes(whole + whole[:20])
    reader = EventReader(tmp_path)
    assert len(reader.read()) == 1
    assert reader.read() == []
    assert not reader.more
    with path.open("ab") as file:
        file.write(whole[20:])
    assert len(reader.read()) == 1
    assert reader.skipped == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n",
        b"\x00\xff\xfe\n",
        b"{}, {}\n",
        b"[1]\n",
        b"[" * 100_000 + b"\n",
        b"9" * 5000 + b"\n",
        b'{"time": "x", "event": "end"}\n',
        b'{"time": 1, "event": 3}\n',
        line("epoch", fit=1, epoch="three"),
        line("batch", fit=1, step=1.5),
        line("batch", fit=1, step=10**400),
        line("batch", fit=[], step=1),
        b'{"event": "batch", "fit": 1, "step": 1}\n',
    ],
)
def test_garbage_is_skipped_and_counted(tmp_path: Path, garbage: bytes) -> None:
    good = line("notice", message="good")
    (tmp_path / "events.jsonl").write_bytes(good + garbage + good)
    reader = EventReader(tmp_path)
    assert [type(record) for record in reader.read()] == [MessageRecord, MessageRecord]
    assert reader.skipped == 1


def test_reads_in_bounded_pieces(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"".join(batch(step) for step in range(1, 1001)))
    reader = EventReader(tmp_path)
    sizes, steps = [], []
    while True:
        before = reader.offset
        for record in reader.read(1000):
            assert isinstance(record, BatchesRecord)
            steps += list(record.steps)
        sizes.append(reader.offset - before)
        if not reader.more:
            break
    assert steps == list(range(1, 1001))
    assert max(sizes) <= 1000


def test_a_record_larger_than_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(line("notice", message="x" * 5000) * 2)
    reader = EventReader(tmp_path)
    found = [*reader.read(100), *reader.read(100)]
    assert [len(record.message) for record in found if isinstance(record, MessageRecord)] == [5000, 5000]


def test_an_endless_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_events, "MAX_RECORD", 4096)
    good = line("notice", message="good")
    (tmp_path / "events.jsonl").write_bytes(good + b"x" * 50_000 + b"\n" + good + b"y" * 5000 + b"\n" + good)
    for limit in (100, 3000, 1 << 20):
        reader = EventReader(tmp_path)
        records = reader.read(limit)
        while reader.more:
            records += reader.read(limit)
        assert (len(records), reader.skipped) == (3, 2)


def test_no_file_yet(tmp_path: Path) -> None:
    reader = EventReader(tmp_path)
    assert reader.read() == []
    (tmp_path / "events.jsonl").write_bytes(line("notice", message="now"))
    assert len(reader.read()) == 1
    (tmp_path / "events.jsonl").unlink()
    assert reader.read() == []
    assert reader.generation == 0


def test_a_folder_in_its_place_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    assert EventReader(tmp_path).read() == []


@pytest.mark.parametrize("how", ["cut", "replaced", "rewritten longer"])
def test_another_file_is_read_from_its_beginning(tmp_path: Path, how: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(line("notice", message="old") * 3)
    reader = EventReader(tmp_path)
    assert len(reader.read()) == 3
    new = line("notice", message="new")
    if how == "cut":
        path.write_bytes(new)
    elif how == "replaced":
        (tmp_path / "aside").write_bytes(new * 5)
        (tmp_path / "aside").rename(path)
    else:
        path.write_bytes(new * 4)
    assert {record.message for record in reader.read() if isinstance(record, MessageRecord)} == {"new"}
    assert reader.generation == 1
