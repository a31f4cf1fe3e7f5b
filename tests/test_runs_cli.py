"""`kerascope runs`, and what `kerascope train` refuses, on run directories made by hand: no Keras is started."""

from __future__ import annotations

import json
import os
import threading
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.runs.directories import change, made_run, process_entry, sleeper

from kerascope import cli, training
from kerascope._cli import _follow
from kerascope._cli._run_words import duration
from kerascope._cli._runs_text import table
from kerascope.engine import LaunchError
from kerascope.runs import TrainSpec, create_run, list_runs, prepare_resume, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs import Run

CONTRACT = [
    "id",
    "status",
    "source",
    "epochs_done",
    "epochs",
    "metrics",
    "started",
    "ended",
    "exit",
    "error",
    "directory",
]

HOSTILE = "\x1b]52;c;aGk=\x07net\u202e"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of runs that commands take, empty."""
    monkeypatch.setenv("KERASCOPE_RUNS", str(tmp_path / "runs"))
    for name in ("SLURM_PROCID", "SLURM_JOB_ID", "SLURM_STEP_ID", "TF_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


def strict(text: str) -> Any:
    """JSON without the NaN and Infinity that Python alone takes."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def events(directory: Path, *records: dict[str, Any]) -> None:
    """What a training has told of itself."""
    (directory / "events.jsonl").write_text("".join(json.dumps({"time": 1.0, **record}) + "\n" for record in records))


# Listing and showing.


def test_list_of_no_runs_says_how_to_get_one(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["runs"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "kerascope train PATH" in err
    assert cli.main(["runs", "--format", "json"]) == 0
    assert capsys.readouterr() == ("[]\n", "")


def test_json_is_strict_and_has_the_keys_of_the_contract(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(
        runs,
        "20261125-101500-a",
        metrics={"loss": "NaN", "val_loss": "-Infinity", "mae": 0.5},
        best={"metric": "val_loss", "value": "-Infinity", "epoch": 1},
        error={"sentence": "the loss is NaN", "path": "/x/a.py", "line": 3},
        status="failed",
        exit=1,
    )
    assert cli.main(["runs", "list", "--format", "json"]) == 0
    (listed,) = strict(capsys.readouterr().out)
    assert cli.main(["runs", "show", "2026", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert strict(out) == listed
    assert err == ""
    assert list(listed)[: len(CONTRACT)] == CONTRACT
    assert listed["metrics"] == {"loss": "NaN", "val_loss": "-Infinity", "mae": 0.5}
    assert (listed["id"], listed["status"], listed["exit"]) == ("20261125-101500-a", "failed", 1)
    assert listed["error"] == "the loss is NaN"
    assert listed["directory"] == str(directory)
    assert listed["error_details"]["line"] == 3
    assert listed["command"][:2] == ["kerascope", "train"]


def test_list_is_whole_when_piped_and_clean(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "very/long/" * 30 + "train.py"
    spec = TrainSpec(path="/nowhere/train.py", shown=source + HOSTILE)
    made_run(runs, "20261125-101500-old", spec=spec, started=100.0, ended=3820.0, model={"name": HOSTILE})
    made_run(runs, "20261125-111500-new", started=200.0, best={"metric": "loss", "value": 0.25, "epoch": 1})
    assert cli.main(["runs"]) == 0
    header, first, second = capsys.readouterr().out.splitlines()
    assert header.split() == ["run", "status", "source", "epochs", "best", "took", "started"]
    assert first.startswith("20261125-111500-new  finished  train.py")
    assert "3/3  loss 0.25" in first
    assert f"{source}net" in second
    assert "1 h 02 min" in second
    assert "\x1b" not in second
    assert "\u202e" not in second


def test_a_run_without_an_epoch_is_not_0_of_0(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs, status="failed", epochs=0, epochs_done=0, started=100.0, ended=104.0, error={"sentence": "why"})
    assert cli.main(["runs"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[3] == "-"
    assert cli.main(["runs", "follow", "last"]) == 1
    assert capsys.readouterr().out == "[failed] no epoch in 4.0 s: why\n"


def test_a_run_of_batches_shows_its_steps_and_its_last_metrics(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs, epochs=None, epochs_done=0, steps_done=1200, metrics={"g/loss": 0.5}, started=100.0, ended=104.0)
    assert cli.main(["runs"]) == 0
    assert "  1,200 steps  " in capsys.readouterr().out
    assert cli.main(["runs", "show", "last"]) == 0
    facts = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert (facts["steps"], facts["metrics"]) == ("1,200", "g/loss 0.5")
    assert "epochs" not in facts
    assert cli.main(["runs", "show", "last", "--format", "json"]) == 0
    assert strict(capsys.readouterr().out)["steps_done"] == 1200
    assert cli.main(["runs", "follow", "last"]) == 0
    assert capsys.readouterr().out == "[finished] 1,200 steps in 4.0 s\n"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_table_fits_every_terminal(runs: Path, width: int) -> None:
    made_run(runs, "20261125-101500-a_rather_long_name_of_a_program", best={"metric": "val_loss", "value": 0.3})
    made_run(runs, "20261125-101501-b", status="killed", exit=-9)
    lines = table(list_runs(runs), width=width, color=False, ascii_only=True).splitlines()
    assert all(len(line) <= width for line in lines)
    assert all("killed" in line for line in lines if "101501" in line) or width < 40
    colored = table(list_runs(runs), width=width, color=True, ascii_only=True)
    assert "\x1b[1;31m" in colored


def test_show_names_the_error_its_place_and_the_command(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = {
        "sentence": "x does not fit",
        "path": "/x/a.py",
        "line": 3,
        "layer": "dense",
        "traceback": "Traceback:\n  boom\n",
    }
    warnings = ["the loss became NaN", "model.keras could not be written"]
    directory = made_run(runs, status="failed", exit=-9, error=error, warnings=warnings)
    assert cli.main(["runs", "note", "last", "first try"]) == 0
    assert cli.main(["runs", "name", "last", "base line"]) == 0
    assert capsys.readouterr() == ("", "")
    assert cli.main(["runs", "show", "base line"]) == 0
    text = capsys.readouterr().out
    lines = [line.split(None, 1) for line in text.partition("\n\n")[0].splitlines()]
    facts = dict(lines)
    assert [value for label, value in lines if label == "warning"] == warnings
    assert facts["name"] == "base line"
    assert facts["note"] == "first try"
    assert facts["error"] == "x does not fit"
    assert facts["at"] == "/x/a.py:3"
    assert facts["layer"] == "dense"
    assert facts["exit"] == "signal 9"
    assert facts["directory"] == str(directory)
    assert facts["command"].startswith("kerascope train ")
    assert text.endswith("Traceback:\n  boom\n")


def test_run_that_is_none_or_several_is_not_guessed(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs, "20261125-101500-a")
    made_run(runs, "20261125-101500-b")
    assert cli.main(["runs", "show", "20261125"]) == 1
    assert cli.main(["runs", "follow", "other"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "can be any of 2 runs" in err
    assert "there is no run 'other'" in err


# Following.


def test_follow_prints_the_log_and_a_line_for_each_epoch(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(runs, started=100.0, ended=104.2)
    (directory / "output.log").write_bytes(b"\x1b[31mone\x1b[0m\n1/2\r2/2\nend without newline")
    events(
        directory,
        {"event": "start", "keras": "3.15.1", "tensorflow": "2.21.0", "device": "CPU"},
        {"event": "fit", "fit": 1, "model": "net", "params": 1234, "epochs": 3, "steps": 10, "batch_size": 32},
        {"event": "batch", "fit": 1, "epoch": 1, "batch": 1, "step": 1, "metrics": {"loss": 1}},
        {
            "event": "epoch",
            "fit": 1,
            "epoch": 1,
            "epochs": 3,
            "seconds": 1.5,
            "metrics": {"loss": 0.5, "val_loss": "NaN"},
        },
        {"event": "fit", "fit": 2, "model": "net", "epochs": 1, "steps": 1},
        {"event": "warning", "message": "the loss is NaN"},
        {"event": "checkpoint", "kind": "best", "path": "checkpoints/best.keras", "metric": "loss", "value": 0.5},
        {"event": "renamed", "path": "model.keras", "to": "model-net.keras"},
        {"event": "stopping", "by": "ann@host"},
        {"event": "resume", "attempt": 2, "from_epoch": 1},
        {"event": "something", "new": True},
    )
    assert cli.main(["runs", "follow", "last"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told = [line for line in out.splitlines() if line.startswith("[")]
    assert [line for line in out.splitlines() if line not in told] == ["one", "2/2", "end without newline"]
    assert told == [
        "[start] Keras 3.15.1, TensorFlow 2.21.0 on CPU",
        "[fit 1] net (1,234 parameters), 3 epochs, 10 batches an epoch, batch size 32",
        "[epoch 1/3] loss 0.5, val_loss nan, 1.5 s",
        "[fit 2] net, 1 epoch, 1 batch an epoch",
        "[warning] the loss is NaN",
        "[checkpoint] checkpoints/best.keras, loss 0.5",
        "[model] model.keras is model-net.keras now",
        "[stopping] after this batch, asked by ann@host",
        "[resume] attempt 2, after epoch 1",
        "[finished] 3/3 epochs in 4.2 s",
    ]
    assert cli.main(["runs", "follow", "last", "--no-log"]) == 0
    assert capsys.readouterr().out.splitlines() == told


def test_a_resumed_run_is_followed_from_its_new_attempt_on(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(runs)
    events(directory, {"event": "start", "keras": "3", "device": "CPU"}, {"event": "notice", "message": "old"})
    with (directory / "events.jsonl").open("a") as file:
        file.write('{"time": 1.0, "event": "epo')
    (directory / "output.log").write_text("one\ntwo\n")
    before = _follow.Written.of(directory)
    with (directory / "output.log").open("a") as log, (directory / "events.jsonl").open("a") as file:
        log.write("three\nfour\n")
        file.write('\n{"time": 1.0, "event": "resume", "attempt": 2, "from_epoch": 1}\n')
    assert _follow.follow(list_runs(runs)[0], after=before) == 0
    out, err = capsys.readouterr()
    assert [line.split(" epochs")[0] for line in out.splitlines()] == [
        "three",
        "four",
        "[resume] attempt 2, after epoch 1",
        "[finished] 3/3",
    ]
    assert f"`kerascope runs follow {directory.name}` prints all of it" in err
    # The log is read back from its end: here its first lines are far before that.
    (directory / "output.log").write_text("old\n" * 600_000)
    before = _follow.Written.of(directory)
    with (directory / "output.log").open("a") as log:
        log.write("new\n")
    assert _follow.follow(list_runs(runs)[0], after=before) == 0
    assert capsys.readouterr().out.splitlines()[0] == "new"


@pytest.mark.parametrize("status", ["failed", "stopped", "killed", "vanished"])
def test_follow_of_another_end_than_finished_is_1(runs: Path, capsys: pytest.CaptureFixture[str], status: str) -> None:
    error = {"sentence": "why", "path": "/x/a.py", "line": 2} if status != "vanished" else None
    made_run(runs, status="running" if status == "vanished" else status, error=error, process={"pid": 2**22 + 1})
    assert cli.main(["runs", "follow", "last"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"[{status}] 3/3 epochs")
    assert "gone" in last if status == "vanished" else last.endswith(": why (/x/a.py:2)")


@pytest.mark.parametrize("name", ["learning_rate", "lr"])
def test_a_learning_rate_that_is_a_metric_is_told_once(
    runs: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    metrics = {"loss": 0.5, name: 0.01}
    record = {"event": "epoch", "fit": 1, "epoch": 1, "epochs": 3, "metrics": metrics, "learning_rate": 0.01}
    events(made_run(runs), record)
    assert cli.main(["runs", "follow", "last"]) == 0
    assert f"[epoch 1/3] loss 0.5, {name} 0.01\n" in capsys.readouterr().out


def test_follow_goes_on_until_the_end(runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    directory = made_run(runs, status="running", ended=None, exit=None)
    monkeypatch.setattr(_follow, "STATUS_SECONDS", 0.0)
    naps = 0

    def nap(seconds: float) -> None:
        nonlocal naps
        naps += 1
        with (directory / "output.log").open("a") as log:
            log.write(f"nap {naps}\nhalf a ")
        if naps == 3:
            change(directory, status="finished", ended=time.time())

    monkeypatch.setattr(time, "sleep", nap)
    with sleeper() as process:
        change(directory, process=process_entry(process.pid))
        assert cli.main(["runs", "follow", "last"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:-1] == ["nap 1", "half a nap 2", "half a nap 3", "half a "]
    assert out[-1].startswith("[finished]")


# Stopping and deleting.


def test_stop_asks_then_ends(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(runs, "20261125-101500-a", status="running", ended=None, exit=None)
    with sleeper() as process:
        change(directory, process=process_entry(process.pid))
        assert cli.main(["runs", "stop", "last"]) == 0
        assert "stops after the batch" in capsys.readouterr().out
        assert (directory / "stop.json").exists()
        assert cli.main(["runs", "delete", "last", "--yes"]) == 1
        assert "stop it before it is deleted" in capsys.readouterr().err
        assert cli.main(["runs", "stop", "last", "--kill"]) == 0
        assert process.wait(30) == -9
    assert cli.main(["runs", "stop", "last"]) == 1
    assert "has ended already: vanished" in capsys.readouterr().err


def test_delete_asks_first(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(runs)
    assert cli.main(["runs", "delete", "last"]) == 1  # nobody can answer here
    assert "--yes" in capsys.readouterr().err
    assert directory.exists()
    assert cli.main(["runs", "delete", "last", "--yes"]) == 0
    assert not directory.exists()


def test_resume_of_a_finished_run_is_refused(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs)
    assert cli.main(["runs", "resume", "last"]) == 1
    assert "has finished, after 3 epochs" in capsys.readouterr().err


def test_a_run_of_steps_that_has_finished_is_not_of_0_epochs(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs, epochs=None, epochs_done=0, steps_done=1200)
    assert cli.main(["runs", "resume", "last"]) == 1
    said = capsys.readouterr().err
    assert "has finished, after 1,200 steps; " in said
    assert "--epochs" not in said


def test_who_comes_second_to_a_resume_says_only_that(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = made_run(runs, status="failed")
    begin = prepare_resume

    def late(run: Run, **options: Any) -> None:
        begin(run)  # somebody else
        begin(run, **options)

    monkeypatch.setattr(training, "prepare_resume", late)
    assert cli.main(["runs", "resume", "last"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"kerascope: {directory.name} is being resumed already")


def test_a_name_that_means_another_run_is_refused(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_run(runs, "other")
    made_run(runs, "one")
    for name, why in (("last", "always means the youngest run"), ("other", "the id of another run")):
        assert cli.main(["runs", "name", "one", name]) == 64
        assert why in capsys.readouterr().err
    assert cli.main(["runs", "name", "one", "one"]) == 0
    assert {run.name for run in list_runs(runs)} == {None, "one"}


def test_a_worker_is_named_with_its_run(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = made_run(runs, "shared")
    with sleeper() as process:
        entry = process_entry(process.pid)
        own = made_run(directory / "workers", "1", status="running", process=entry, ended=None)
        ended = threading.Timer(1.0, change, (own,), {"status": "finished", "ended": time.time()})
        ended.start()
        _follow.follow(read_run(own))
        ended.join()
    assert f"kerascope: worker 1 of shared (process {process.pid})" in capsys.readouterr().err


def test_resume_says_where_it_goes_on_and_why_it_did_not_start(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = made_run(runs, status="failed")

    def launch(*arguments: object) -> int:
        raise LaunchError("python did not start the run within 120 seconds")

    monkeypatch.setattr(training, "launch_fresh", launch)
    assert cli.main(["runs", "resume", "last", "--detach"]) == 1
    said, why = capsys.readouterr().err.splitlines()
    assert "begins again from epoch 1: it ended before a state was saved; its 3 epochs are trained again" in said
    assert why == "kerascope: python did not start the run within 120 seconds"
    (run,) = list_runs(runs)
    assert (run.status.value, run.attempt) == ("failed", 2)

    def launch_late(*arguments: object) -> int:
        change(directory, keeper=process_entry(os.getpid()))
        return launch()

    monkeypatch.setattr(training, "launch_fresh", launch_late)
    assert cli.main(["runs", "resume", "last", "--detach"]) == 0, "it has come up after all"
    assert capsys.readouterr().out == f"{directory.name}\n"


def test_resume_says_that_the_program_has_changed(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = runs.parent / "train.py"
    program.write_text("print(1)\n")
    spec = TrainSpec(path=str(program), shown="train.py")
    directory = create_run(spec, runs, text="print(1)\n", run_id="crashed")
    change(directory, status="failed", ended=time.time())

    def launch(*arguments: object) -> int:
        raise LaunchError("no")

    monkeypatch.setattr(training, "launch_fresh", launch)
    assert cli.main(["runs", "resume", "last"]) == 1
    assert "has changed" not in capsys.readouterr().err
    program.write_text("print(2)\n")
    assert cli.main(["runs", "resume", "last"]) == 1
    kept = "runs/crashed/source/train.py"
    assert capsys.readouterr().err.splitlines()[1] == (
        "kerascope: train.py has changed since the run began: the run goes on with the program as it was "
        f"({kept}); `kerascope runs resume crashed --new-source` takes it as it is now"
    )
    assert (runs.parent / kept).read_text() == "print(1)\n"
    assert cli.main(["runs", "resume", "last", "--new-source"]) == 1
    assert "has changed" not in capsys.readouterr().err
    assert (runs.parent / kept).read_text() == "print(2)\n"
    assert (directory / "source" / "attempt-3" / "train.py").read_text() == "print(1)\n"
    assert cli.main(["runs", "resume", "last", "--new-source"]) == 1
    assert sorted(path.name for path in (directory / "source").iterdir()) == ["attempt-3", "train.py"]
    program.unlink()
    capsys.readouterr()
    assert cli.main(["runs", "resume", "last", "--new-source"]) == 64
    assert "train.py does not exist" in capsys.readouterr().err
    assert list_runs(runs)[0].attempt == 5, "nothing was begun"


# The command line itself.


def test_no_path_and_no_terminal_names_the_runs_that_are_alive(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 64
    assert "give a Python file or a saved model" in capsys.readouterr().err
    directory = made_run(runs, "20261125-101500-a", status="running", ended=None, exit=None)
    with sleeper() as process:
        change(directory, process=process_entry(process.pid))
        assert cli.main([]) == 64
    assert "20261125-101500-a (running)" in capsys.readouterr().err


def test_options_may_stand_before_the_command(tmp_path: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    made_run(tmp_path / "elsewhere", "20261125-101500-a")
    for arguments in (
        ["runs", "show", "last", "--format", "json", "--runs-dir", elsewhere],
        ["runs", "--runs-dir", elsewhere, "show", "--format=json", "last"],
        ["runs", "--format", "json", f"--runs-dir={elsewhere}", "show", "last"],
        ["--runs-dir", elsewhere, "runs", "show", "last", "--format", "json"],
    ):
        assert cli.main(arguments) == 0
        assert strict(capsys.readouterr().out)["id"] == "20261125-101500-a"
    assert cli.main(["runs", "--runs-dir", elsewhere, "--format", "json"]) == 0
    assert [run["id"] for run in strict(capsys.readouterr().out)] == ["20261125-101500-a"]


def test_every_option_of_a_command_may_stand_before_it(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []

    def enough(chosen: Any, own: list[str]) -> None:
        found.append((chosen, own))
        raise ValueError("enough")

    monkeypatch.setattr("kerascope._cli._train.spec_of", enough)
    for arguments in (
        ["--epochs", "1", "train", "x.py"],
        ["--metrics", "mae", "mse", "--epochs", "1", "train", "x.py", "--seed", "2", "--", "runs"],
        ["--data", "train", "--no-check", "--epochs=1", "train", "x.py"],
        ["--synthetic", "--detach", "--epochs", "1", "train", "x.py"],
    ):
        assert cli.main(arguments) == 64
        assert capsys.readouterr().err.endswith(": enough\n")
    assert {(chosen.path.path, chosen.epochs) for chosen, _ in found} == {("x.py", 1)}
    assert [(chosen.metrics, own) for chosen, own in found if chosen.metrics] == [(["mae", "mse"], ["runs"])]
    assert [chosen.data for chosen, _ in found] == [[], [], ["train"], []]

    assert cli.main(["--format", "json", "runs", "list"]) == 0
    assert strict(capsys.readouterr().out) == []
    assert cli.main(["--yes", "--runs-dir", "other", "runs", "delete", "x"]) == 1
    assert "other" in capsys.readouterr().err
    assert cli.main(["--format", "json", "check", "a.py", "b.py"]) == 2
    assert [strict(line)["source"]["path"] for line in capsys.readouterr().out.splitlines()] == ["a.py", "b.py"]


def test_an_option_before_a_command_that_has_no_such_option_is_named(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--epochs", "1", "check", "x.py"]) == 64
    assert capsys.readouterr().err.splitlines()[-1] == "kerascope check: unrecognized arguments: --epochs 1"
    assert cli.main(["--python", "check"]) == 64
    assert "kerascope check" in capsys.readouterr().err


def test_help_names_every_command_of_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("list", "show", "follow", "stop", "resume", "name", "note", "delete")
    assert cli.main(["runs", "--runs-dir", "x", "--help"]) == 0
    _, _, listed = capsys.readouterr().out.partition("commands:\n")
    lines = listed.partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == ["COMMAND", *names]
    assert cli.main(["--help"]) == 0
    assert f"kerascope runs [{'|'.join(names)}]" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["list", "show", "follow", "stop", "resume", "name", "note", "delete"])
def test_a_command_of_runs_has_a_usage_of_its_own(name: str, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["runs", name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: kerascope runs {name} [-h] [--runs-dir DIR]")
    assert cli.main(["runs", name, "--bogus"]) == 64
    err = capsys.readouterr().err
    assert err.startswith(f"usage: kerascope runs {name} [-h]")
    assert err.splitlines()[-1].startswith(f"kerascope runs {name}: ")


@pytest.mark.parametrize("arguments", [["runs", "show"], ["runs", "stop", "a", "--term", "--kill"], ["runs", "other"]])
def test_wrong_commands_are_usage_errors(runs: Path, arguments: list[str]) -> None:
    assert cli.main(arguments) == 64


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--run-id", "../x"], "expected up to 100 letters"),
        (["--run-id", "last"], "expected up to 100 letters"),
        (["--loss", "mse"], "without --data or --synthetic"),
        (["--patience", "5"], "received --patience 5 without --early-stopping METRIC"),
        (["--synthetic", "0"], "received '0', expected a whole number of samples above 0"),
    ],
)
def test_train_refuses_what_makes_no_sense(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    (tmp_path / "train.py").write_text("import keras\n")
    assert cli.main(["train", "train.py", *arguments]) == 64
    assert sentence in capsys.readouterr().err
    assert not runs.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "required: PATH\n"),
        (["--data", "a.npz"], "required: PATH (--data took a.npz; write PATH first: kerascope train PATH --data ...)"),
        (["--data", "x.npy", "y.npy"], "(--data took x.npy and y.npy; write PATH first"),
        (["--metrics", "mae", "net"], "(--metrics took mae and net; write PATH first"),
        (["--data", "a.npz", "b.py:"], "argument PATH: "),
    ],
)
def test_a_path_that_an_option_took_is_asked_for(
    runs: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert cli.main(["train", *arguments]) == 64
    assert sentence in capsys.readouterr().err


def test_train_of_a_missing_file_starts_nothing(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "none.py", "--detach"]) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kerascope: none.py does not exist. Check the name")
    assert not runs.exists()


def test_what_is_asked_for_wrongly_starts_nothing(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch(*arguments: object) -> None:
        raise LaunchError("it was launched")

    monkeypatch.setattr(training, "launch_fresh", launch)
    (tmp_path / "folder").mkdir()
    (tmp_path / "train.py").write_text("import keras\n")
    (tmp_path / "syntax.py").write_text("import keras\ndef f(:\n")
    (tmp_path / "cells.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "code", "source": "def f(:"}], "metadata": {}, "nbformat": 4})
    )
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", b"")
    nowhere = "--python /nonexist: there is no such interpreter"
    for arguments, sentence in (
        (["folder"], "folder is a directory"),
        (["no.such.module"], "no module 'no.such.module'"),
        (["syntax.py"], "syntax.py is not valid Python: invalid syntax (line 2)."),
        (["syntax.py", "--no-check"], "syntax.py is not valid Python: invalid syntax (line 2)."),
        (["cells.ipynb", "--no-check"], "cells.ipynb is not valid Python: invalid syntax (cell 1:1)."),
        (["/etc/passwd"], "/etc/passwd is not valid Python"),
        (["d.npz"], "d.npz is a NumPy archive"),
        (["train.py", "--python", "/nonexist"], nowhere),
        (["train.py", "--no-check", "--runs-dir", "syntax.py"], "it is not a directory"),
    ):
        assert cli.main(["train", *arguments]) == 64, arguments
        (said,) = capsys.readouterr().err.splitlines()
        assert sentence in said
    assert not runs.exists()
    assert cli.main(["train", "train.py", "--no-check", "--run-id", "one"]) == 1
    assert "it was launched" in capsys.readouterr().err
    assert cli.main(["train", "train.py", "--no-check", "--run-id", "one"]) == 64
    assert "there is a run one" in capsys.readouterr().err


def test_a_file_may_be_for_a_newer_python(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def launch(*arguments: object) -> None:
        raise LaunchError("it was launched")

    monkeypatch.setattr(training, "launch_fresh", launch)
    (tmp_path / "newer.py").write_text("newer syntax here\n")
    newer = tmp_path / "python"
    newer.write_text("#!/bin/sh\nexit 0\n")
    newer.chmod(0o755)
    assert cli.main(["train", "newer.py", "--no-check", "--python", str(newer)]) == 1
    assert "it was launched" in capsys.readouterr().err


def test_train_on_several_workers_is_refused_before_anything_starts(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("import tf_keras\n")
    command = ["train", "train.py", "--no-check", "--strategy", "multiworker"]
    assert cli.main([*command, "--keras", "3"]) == 64
    assert "Keras 3 cannot train over several workers" in capsys.readouterr().err
    assert cli.main(command) == 64
    assert "TF_CONFIG" in capsys.readouterr().err
    cluster = {"cluster": {"worker": ["127.0.0.1:1", "127.0.0.1:2"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(cluster))
    assert cli.main(command) == 64
    assert "the same --run-id" in capsys.readouterr().err
    assert not runs.exists()


def test_slurm_ends_what_is_left_alone(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("import keras\n")
    monkeypatch.setenv("SLURM_PROCID", "0")
    assert cli.main(["train", "train.py", "--detach"]) == 64
    assert "Slurm" in capsys.readouterr().err
    made_run(runs, status="stopped")
    assert cli.main(["runs", "resume", "last", "--detach"]) == 1
    assert "Slurm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (4.24, "4.2 s"),
        (59.94, "59.9 s"),
        (59.99, "1 min 00 s"),
        (60, "1 min 00 s"),
        (3599.9, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (180000, "2 d 02 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
