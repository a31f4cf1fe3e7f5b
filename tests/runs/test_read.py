"""How runs stand, by what is written and who is alive."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.runs.directories import change, made_run, process_entry, sleeper

from kerascope.runs import MissingRunError, RunStatus, find_run, list_runs, prepare_resume, read_run
from kerascope.runs._process import Here, is_alive, start_of

if TYPE_CHECKING:
    from pathlib import Path


def test_ended_run_reads_as_written(tmp_path: Path) -> None:
    metrics = {"loss": 0.25, "val_loss": "NaN", "peak": "-Infinity", "odd": "text"}
    best = {"metric": "val_loss", "value": 0.3, "epoch": 2}
    directory = made_run(tmp_path, metrics=metrics, best=best, model={"name": "net"})
    run = read_run(directory)
    assert (run.status, run.exit, run.epochs_done, run.epochs) == (RunStatus.FINISHED, 0, 3, 3)
    assert run.metrics["loss"] == 0.25
    assert math.isnan(run.metrics["val_loss"])
    assert run.metrics["peak"] == -math.inf
    assert "odd" not in run.metrics
    assert (run.best, run.best_metric, run.model, run.source) == (0.3, "val_loss", "net", "train.py")
    assert not run.alive


def test_epochs_that_nobody_knows_of_are_none(tmp_path: Path) -> None:
    assert read_run(made_run(tmp_path, epochs=0, epochs_done=0)).epochs is None


def test_living_process_is_running_and_a_dead_one_has_vanished(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="running", ended=None, exit=None)
    with sleeper() as process:
        change(directory, process=process_entry(process.pid))
        assert read_run(directory).status is RunStatus.RUNNING
    vanished = read_run(directory)
    assert vanished.status is RunStatus.VANISHED
    assert vanished.error is not None
    assert str(process.pid) in vanished.error.sentence


def test_keeper_alone_keeps_a_run_alive(tmp_path: Path) -> None:
    entry = process_entry(os.getpid())
    directory = made_run(tmp_path, status="running", process={"pid": 2**22 + 1, "start": "1"}, keeper=entry)
    assert read_run(directory).alive


def test_same_id_of_a_later_process_is_another_process(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="running", process={"pid": os.getpid(), "start": "1"})
    assert read_run(directory).status is RunStatus.VANISHED


def test_zombie_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert start_of(process.pid) is None
    assert not is_alive(process.pid, None)
    process.wait()


def test_process_name_with_brackets_and_blanks(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 (b"
    program.symlink_to(sys.executable)
    process = subprocess.Popen([program, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        start = start_of(process.pid)
        assert start is not None
        assert start.isdigit()
        assert int(start) > 1
    finally:
        process.communicate()


def test_restarted_machine_is_said(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="running", process=process_entry(os.getpid()), boot_id="of-another-day")
    run = read_run(directory)
    assert run.status is RunStatus.VANISHED
    assert run.error is not None
    assert "restarted" in run.error.sentence


@pytest.mark.parametrize("facts", [{"host": "elsewhere"}, {"pid_namespace": "pid:[1]"}])
def test_run_out_of_sight_is_what_was_written(tmp_path: Path, facts: dict[str, Any]) -> None:
    run = read_run(made_run(tmp_path, status="running", process={"pid": 1, "start": "1"}, **facts))
    assert run.status is RunStatus.RUNNING
    assert run.elsewhere


def test_a_run_took_the_time_of_its_attempts_only(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="stopped", started=100.0, ended=130.0)
    assert read_run(directory).seconds(5000.0) == 30
    prepare_resume(read_run(directory))
    change(directory, resumed=1000.0, keeper=process_entry(os.getpid()))
    assert read_run(directory).seconds(1004.0) == 34
    # Nobody saw the second attempt end: what it recorded last was at 1,020, before the half line.
    change(directory, status="running", keeper=None, process={"pid": 2**22 + 1})
    events = '{"time": 1020.0, "event": "notice"}\n{"time": 1030.0, "ev'
    (directory / "events.jsonl").write_text(events)
    vanished = read_run(directory)
    assert (vanished.status, vanished.ended, vanished.seconds(5000.0)) == (RunStatus.VANISHED, None, 50)
    prepare_resume(vanished)
    change(directory, status="finished", resumed=2000.0, ended=2001.0)
    assert read_run(directory).seconds(5000.0) == 51


def test_a_run_that_left_no_word_took_nobody_knows_how_long(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="running", ended=None, process={"pid": 2**22 + 1})
    assert read_run(directory).seconds(5000.0) is None
    (directory / "events.jsonl").write_text("[]\nnothing\n")
    assert read_run(directory).seconds(5000.0) is None


def test_run_that_never_came_up(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="starting", ended=None)
    assert read_run(directory).status is RunStatus.STARTING
    change(directory, started=1.0)
    run = read_run(directory)
    assert run.status is RunStatus.VANISHED
    assert run.error is not None
    assert "never came up" in run.error.sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[]", "no JSON object but list"),
        ('{"status": "finished"', "not JSON"),
        ('{"status": "dancing", "spec": {"path": "a", "shown": "a"}, "started": 1}', "dancing"),
        ('{"status": "finished", "started": 1}', "spec"),
        ('{"status": "finished", "started": 1, "spec": {"path": "a"}}', "shown"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_broken_facts_are_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    directory = made_run(tmp_path)
    (directory / "run.json").write_text(text)
    run = read_run(directory)
    assert run.error is not None
    assert says in run.error.sentence
    assert "\n" not in run.error.sentence


def test_deleted_directory_is_a_sentence(tmp_path: Path) -> None:
    run = read_run(tmp_path / "gone")
    assert run.error is not None
    assert "is gone" in run.error.sentence


def test_hostile_text_is_clean(tmp_path: Path) -> None:
    error = {"sentence": "bad\x1b]52;c;eA==\x07\nnews", "traceback": "a\x1b[2J\nb"}
    run = read_run(made_run(tmp_path, status="failed", error=error, source="\x1b[31mx"))
    assert run.error is not None
    assert run.error.traceback is not None
    assert "\x1b" not in run.error.sentence + run.error.traceback + run.source


def test_list_has_the_youngest_first_and_nothing_else(tmp_path: Path) -> None:
    for number in range(3):
        made_run(tmp_path, f"run-{number}", started=100.0 + number)
    (tmp_path / "data").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "run-1" / "run.json").write_text("{")
    assert [run.id for run in list_runs(tmp_path)] == ["run-2", "run-0", "run-1"]
    assert list_runs(tmp_path / "absent") == []


def test_find_by_id_beginning_name_last_and_path(tmp_path: Path) -> None:
    first = made_run(tmp_path, "20261125-100000-a", started=1.0)
    made_run(tmp_path, "20261125-110000-b", started=2.0)
    (first / "about.json").write_text(json.dumps({"name": "baseline"}))
    for wanted in ("20261125-100000-a", "20261125-10", "baseline", str(first)):
        assert find_run(tmp_path, wanted).id == first.name
    assert find_run(tmp_path, "last").id == "20261125-110000-b"
    with pytest.raises(MissingRunError, match="any of 2 runs"):
        find_run(tmp_path, "2026")
    with pytest.raises(MissingRunError, match="newest"):
        find_run(tmp_path, "nothing")
    with pytest.raises(MissingRunError, match="holds no runs"):
        find_run(tmp_path / "absent", "last")


@pytest.mark.parametrize("wanted", ["", ".", "..", "../x"])
def test_find_does_not_leave_the_directory(tmp_path: Path, wanted: str) -> None:
    made_run(tmp_path, "x")
    (tmp_path / "runs").mkdir()
    with pytest.raises(MissingRunError):
        find_run(tmp_path / "runs", wanted)


def test_here_is_the_same_twice() -> None:
    assert Here.now() == Here.now()
