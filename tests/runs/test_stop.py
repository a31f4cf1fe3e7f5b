"""Stopping in three steps, and resuming what has ended."""

from __future__ import annotations

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from tests.runs.directories import change, made_run, process_entry, sleeper

from kerascope.runs import (
    DeleteError,
    NotResumableError,
    StopError,
    StopStep,
    TrainingData,
    TrainSpec,
    _lock,
    create_run,
    delete_run,
    describe_run,
    give_up,
    prepare_resume,
    read_run,
    stop_run,
)

if TYPE_CHECKING:
    from pathlib import Path


def running(tmp_path: Path, pid: int) -> Path:
    return made_run(tmp_path, status="running", ended=None, exit=None, process=process_entry(pid))


def test_first_asks_second_terminates(tmp_path: Path) -> None:
    with sleeper() as process:
        directory = running(tmp_path, process.pid)
        step, sentence = stop_run(read_run(directory))
        assert step is StopStep.REQUEST
        assert "after the batch" in sentence
        request = json.loads((directory / "stop.json").read_text())
        assert "@" in request["by"]
        assert process.poll() is None
        (directory / "stop.json").write_text(json.dumps({**request, "time": request["time"] - 60}))
        assert stop_run(read_run(directory))[0] is StopStep.TERM
        assert process.wait(30) == -signal.SIGTERM


def test_several_at_once_are_one_request(tmp_path: Path) -> None:
    with sleeper() as process:
        run = read_run(running(tmp_path, process.pid))
        steps: list[StopStep] = []
        threads = [threading.Thread(target=lambda: steps.append(stop_run(run)[0])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert steps == [StopStep.REQUEST] * 8
        assert process.poll() is None


def test_clock_that_was_set_back_does_not_hold_up_a_second_stop(tmp_path: Path) -> None:
    with sleeper() as process:
        directory = running(tmp_path, process.pid)
        (directory / "stop.json").write_text(json.dumps({"time": 4e9}))
        assert stop_run(read_run(directory))[0] is StopStep.TERM


def test_kill_is_only_sent_when_it_is_meant(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    with sleeper(deaf) as process:
        directory = running(tmp_path, process.pid)
        (directory / "stop.json").write_text(json.dumps({"time": 1.0}))
        for _ in range(3):
            assert stop_run(read_run(directory))[0] is StopStep.TERM
        assert process.poll() is None
        _, sentence = stop_run(read_run(directory), StopStep.KILL)
        assert process.wait(30) == -signal.SIGKILL
        assert "SIGKILL" in sentence


def test_what_cannot_be_stopped_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StopError, match="has ended already: finished"):
        stop_run(read_run(made_run(tmp_path, "a")))
    far = made_run(tmp_path, "b", status="running", host="elsewhere", process={"pid": 1, "start": "1"})
    with pytest.raises(StopError, match="runs on elsewhere"):
        stop_run(read_run(far), StopStep.TERM)
    starting = made_run(tmp_path, "c", status="starting")
    with pytest.raises(StopError, match="no process yet"):
        stop_run(read_run(starting), StopStep.TERM)


def test_never_a_signal_to_a_later_process_of_the_same_id(tmp_path: Path) -> None:
    with sleeper() as process:
        entry = {**process_entry(process.pid), "start": "1"}
        directory = made_run(tmp_path, status="running", process=entry, keeper=process_entry(os.getpid()))
        with pytest.raises(StopError, match="no process"):
            stop_run(read_run(directory), StopStep.TERM)
        assert process.poll() is None


def test_spec_survives_the_file(tmp_path: Path) -> None:
    spec = TrainSpec(
        path="/x/net.py",
        shown="net.py",
        name="build",
        call="64",
        input_shapes=(("image", (None, 28, 28, 1), None),),
        arguments=("--fast",),
        data=TrainingData(kind="npy", paths=("x.npy", "y.npy"), validation_split=0.2),
        environment=(("A", "b"),),
        epochs=3,
    )
    run = read_run(create_run(spec, tmp_path, text="print('caf\udce9')"))
    assert run.spec == spec
    assert run.source == "net.py:build(64)"
    assert (run.directory / "source" / "net.py").read_bytes() == b"print('caf\xe9')"


def test_runs_of_the_same_second_have_their_own_directories(tmp_path: Path) -> None:
    spec = TrainSpec(path="/x/a b$c.py", shown="a b$c.py")
    ids = {create_run(spec, tmp_path).name for _ in range(5)}
    assert len(ids) == 5
    assert all("a-b-c" in each for each in ids)


def test_resume_begins_again_in_the_same_directory(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="stopped", epochs_done=2)
    (directory / "stop.json").write_text(json.dumps({"time": 1.0}))
    prepare_resume(read_run(directory))
    run = read_run(directory)
    assert (run.status.value, run.attempt, run.epochs_done, run.ended) == ("starting", 2, 2, None)
    assert run.stop_requested is None


def test_who_may_read_a_request_to_stop_is_the_umask_s_to_say(tmp_path: Path) -> None:
    with sleeper() as process:
        directory = running(tmp_path, process.pid)
        before = os.umask(0o002)
        try:
            stop_run(read_run(directory))
        finally:
            os.umask(before)
    assert (directory / "stop.json").stat().st_mode & 0o777 == 0o664


def test_of_many_that_resume_a_run_at_once_one_does(tmp_path: Path) -> None:
    directory = made_run(tmp_path, "a", status="stopped")
    run, ready = read_run(directory), threading.Barrier(8)

    def resume(_: int) -> str:
        ready.wait()
        try:
            prepare_resume(run)
        except NotResumableError as error:
            return str(error)
        return "resumed"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(resume, range(8)))
    assert sorted(said)[-1] == "resumed"
    assert set(sorted(said)[:-1]) == {"a is being resumed already; `kerascope runs follow a` follows it"}
    assert read_run(directory).attempt == 2


def test_a_lock_that_somebody_holds_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lock, "WAIT_SECONDS", 0.0)
    directory = made_run(tmp_path, "a", status="stopped")
    with _lock.locked(directory), pytest.raises(NotResumableError, match="is being resumed already"):
        prepare_resume(read_run(directory))
    assert read_run(directory).attempt == 1


def test_what_cannot_be_resumed_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotResumableError, match="has finished, after 3 epochs"):
        prepare_resume(read_run(made_run(tmp_path, "a")))
    with pytest.raises(NotResumableError, match="is running"):
        prepare_resume(read_run(made_run(tmp_path, "b", status="running", process=process_entry(os.getpid()))))
    with pytest.raises(NotResumableError, match="elsewhere"):
        prepare_resume(read_run(made_run(tmp_path, "c", status="running", host="elsewhere")))
    with pytest.raises(NotResumableError, match="is gone"):
        prepare_resume(read_run(tmp_path / "d"))


def test_what_ran_on_a_machine_that_is_gone_can_be_resumed_and_deleted(tmp_path: Path) -> None:
    far = made_run(tmp_path, "a", status="running", ended=None, host="elsewhere")
    with pytest.raises(DeleteError, match="--gone a"):
        delete_run(read_run(far))
    with pytest.raises(NotResumableError, match="--gone a"):
        prepare_resume(read_run(far))
    prepare_resume(read_run(far), gone=True)
    assert (read_run(far).status.value, read_run(far).elsewhere) == ("starting", False)
    change(far, host="elsewhere")
    delete_run(read_run(far), gone=True)
    assert not far.exists()
    alive = made_run(tmp_path, "b", status="running", process=process_entry(os.getpid()))
    with pytest.raises(DeleteError, match="stop it"):
        delete_run(read_run(alive), gone=True)
    with pytest.raises(NotResumableError, match="is running"):
        prepare_resume(read_run(alive), gone=True)


def test_give_up_says_why_and_leaves_others_alone(tmp_path: Path) -> None:
    # So long ago that it counts as vanished, and its keeper may still come.
    directory = made_run(tmp_path, "a", status="starting", started=1.0)
    assert not give_up(directory, "there is no Keras")
    run = read_run(directory)
    assert run.status.value == "failed"
    assert run.error is not None
    assert run.error.sentence == "there is no Keras"
    finished = made_run(tmp_path, "b")
    assert not give_up(finished, "no")
    assert read_run(finished).status.value == "finished"
    late = made_run(tmp_path, "c", status="starting", started=1.0, ended=None, keeper=process_entry(os.getpid()))
    assert give_up(late, "it did not come up in time")
    assert read_run(late).status.value == "starting"


def test_name_and_note_keep_each_other(tmp_path: Path) -> None:
    directory = made_run(tmp_path)
    describe_run(read_run(directory), name="baseline")
    describe_run(read_run(directory), note="lr 0.1\nis too high")
    run = read_run(directory)
    assert (run.name, run.note) == ("baseline", "lr 0.1 is too high")
    describe_run(run, name="")
    assert read_run(directory).name is None


def test_delete_takes_ended_runs_only(tmp_path: Path) -> None:
    directory = made_run(tmp_path, "a")
    alive = made_run(tmp_path, "b", status="running", process=process_entry(os.getpid()))
    with pytest.raises(DeleteError, match="stop it"):
        delete_run(read_run(alive))
    delete_run(read_run(directory))
    assert not directory.exists()
    with pytest.raises(DeleteError, match="no run's directory"):
        delete_run(read_run(tmp_path))
    link = tmp_path / "link"
    change(alive, status="finished")
    link.symlink_to(alive)
    with pytest.raises(DeleteError, match="no run's directory"):
        delete_run(read_run(link))
