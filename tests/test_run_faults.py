"""What befalls whole training runs, from the command and the screen to Keras and back: each with real processes."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.real_runs import Place, is_alive, is_whole_model, until

from kerascope import cli
from kerascope.runs import RunStatus, StopStep, list_runs, stop_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Looker

pytestmark = pytest.mark.keras


@pytest.fixture
def place(tmp_path: Path, looker: Looker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A directory with a program and its runs."""
    for name in ("SLURM_PROCID", "SLURM_JOB_ID", "TF_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    place = Place(tmp_path, looker)
    yield place
    place.end()


KILLED = """
def slow():
    time.sleep(2.2)  # long enough that its state is worth saving
at = {0: [At(1, 1, slow)], 1: [At(0, 1, lambda: pause("first")), At(0, 2, slow), At(1, 1, lambda: pause("second"))]}
model = make()
losses = [fit(model, *at.get(number, []), epochs=2).history["loss"] for number in range(3)]
print("losses", [len(each) for each in losses], int(model.optimizer.iterations))
"""


@pytest.mark.parametrize("keras", [2, 3])
def test_a_run_killed_twice_loses_the_epochs_it_was_in_and_no_other(place: Place, keras: int) -> None:
    run = place.start(KILLED, keras=keras)
    run.reaches("first")
    keeper = run.pid("keeper")
    os.kill(run.pid(), signal.SIGKILL)
    killed = run.ends()
    assert (killed.status, killed.exit, killed.epochs_done) == (RunStatus.KILLED, -9, 2)
    assert killed.error is not None
    assert killed.error.sentence.startswith("killed by signal 9 (SIGKILL)")
    assert run.epochs == [1, 2]

    run.go("first")
    place.resume(run)
    run.reaches("second")
    assert run.pid("keeper") != keeper
    os.kill(run.pid("keeper"), signal.SIGKILL)
    os.kill(run.pid(), signal.SIGKILL)
    vanished = run.ends()
    assert (vanished.status, vanished.epochs_done) == (RunStatus.VANISHED, 3)
    assert vanished.error is not None
    assert "left no record of their end" in vanished.error.sentence
    with (run.directory / "events.jsonl").open("a") as events:
        events.write('{"time":1.5,"event":"epoch","fit":2,"ep')  # it was killed within a write

    run.go("second")
    follower = place.command("runs", "follow", run.id)
    assert follower.wait() == 1
    assert follower.communicate()[0].splitlines()[-1].startswith("[vanished] ")
    place.resume(run)
    finished = run.ends()
    assert (finished.status, finished.exit, finished.epochs_done, finished.attempt) == (RunStatus.FINISHED, 0, 6, 3)
    assert finished.error is None
    assert run.epochs == [1, 2, 3, 4, 5, 6]
    assert [record["from_epoch"] for record in run.of("resume")] == [2, 3]
    assert run.log.endswith("losses [2, 2, 2] 24\n")
    assert is_whole_model(run.directory / "model.keras")


CRASHY = """
sys.modules["tensorboard"] = None  # as if it were not installed
model = make()
# So long that its state is worth saving.
first = fit(model, At(0, 0, lambda: time.sleep(2.2)), epochs=2).history["loss"]
print(undefined_name)
"""
MENDED = """
print("argv", *sys.argv)
model = make()
first = fit(model, epochs=2).history["loss"]
print("losses", len(first), len(fit(model, epochs=1).history["loss"]))
"""


def test_a_mended_program_is_taken_when_that_is_said_and_trains_no_completed_fit_again(place: Place) -> None:
    run = place.start(CRASHY, tensorboard=True, arguments=("one",))
    assert run.ends().status is RunStatus.FAILED
    told = [event.get("message", "") if event["event"] == "warning" else event["event"] for event in run.events]
    (missing,) = (place for place, words in enumerate(told) if "pip install tensorboard" in words)
    assert missing < told.index("epoch"), "before anything is trained"
    copy = run.directory / "source" / "train.py"
    crashy = copy.read_text()
    place.write(MENDED)
    place.resume(run)
    assert run.ends().status is RunStatus.FAILED
    assert run.log.count("undefined_name") > 1
    assert copy.read_text() == crashy

    place.resume(run, new_source=True)
    finished = run.ends()
    assert (finished.status, finished.epochs_done, finished.attempt) == (RunStatus.FINISHED, 3, 3), run.log
    assert run.epochs == [1, 2, 3]
    assert "losses 2 1\n" in run.log
    assert "argv train.py one\n" in run.log, "as python train.py one has it"
    assert copy.read_text() == (place.directory / "train.py").read_text()
    assert (copy.parent / "attempt-2" / "train.py").read_text() == crashy


STOPPED = """
callbacks = [At(1, 1, lambda: pause("middle")), At(1, 2, lambda: time.sleep(0.2))]
print("losses", len(fit(make(), *callbacks).history["loss"]))
"""


def test_two_followers_and_two_stops_at_once_are_one_stop(place: Place) -> None:
    run = place.start(STOPPED)
    followers = [place.command("runs", "follow", run.id) for _ in range(2)]
    run.reaches("middle")
    stops = [place.command("runs", "stop", run.id) for _ in range(2)]
    said = [stop.communicate() for stop in stops]
    assert [stop.returncode for stop in stops] == [0, 0], said
    run.go("middle")
    stopped = run.ends()
    assert (stopped.status, stopped.exit, stopped.epochs_done, stopped.error) == (RunStatus.STOPPED, 0, 1, None)
    assert len(run.of("stopping")) == 1
    assert is_whole_model(run.directory / "model.keras")
    for follower in followers:
        lines = follower.communicate()[0].splitlines()
        assert follower.returncode == 1
        assert [line.split("]")[0] for line in lines if line.startswith("[epoch")] == ["[epoch 1/3"]
        assert lines[-1].startswith("[stopped] ")

    place.resume(run)
    finished = run.ends()
    assert (finished.status, finished.epochs_done) == (RunStatus.FINISHED, 3)
    assert run.epochs == [1, 2, 3]
    assert run.log == "losses 3\n"


WATCHED = """
def breathe():
    time.sleep(0.2)  # of what happens in one moment only the first is recorded and followed by a look for a stop
first, second = At(1, 1, lambda: pause("first")), At(2, 1, lambda: pause("second"))
fit(make(), At(1, 0, breathe), first, At(2, 0, breathe), second, At(2, 2, breathe))
"""


def test_the_screen_that_started_a_run_and_its_keras_are_killed(place: Place) -> None:
    place.write(WATCHED)
    screen = place.terminal("delivered", "train.py")
    screen.shows("looked in")
    screen.press("t")
    screen.shows("Start the run")
    screen.press("S")
    screen.shows("epoch 2/3")
    run = place.adopt(list_runs(place.runs)[0])
    (probe,) = psutil.Process(screen.process.pid).children()
    assert psutil.Process(run.pid()).cmdline() == probe.cmdline(), "a copy of the screen's own Keras"
    probe.kill()
    run.reaches("first")
    run.go("first")
    screen.shows("epoch 3/3")
    screen.process.kill()
    screen.process.wait()
    run.reaches("second")
    assert run.run.status is RunStatus.RUNNING
    run.go("second")
    assert run.ends().status is RunStatus.FINISHED
    assert run.epochs == [1, 2, 3]


def test_terminals_that_hang_up_take_their_screens_and_not_the_run(place: Place) -> None:
    run = place.start(WATCHED)
    run.reaches("first")
    screens = [place.terminal(mode) for mode in ("delivered", "ignored", "never delivered")]
    for screen in screens:
        screen.shows(run.id)
        screen.press("\r")
    for screen in screens:
        screen.shows("epoch 2/3")
    for screen in screens:
        screen.hang_up()
    # Poll, grace and a slow machine together.
    until(lambda: all(screen.process.poll() is not None for screen in screens), 6)
    run.go("first")
    run.reaches("second")
    assert run.run.status is RunStatus.RUNNING
    run.go("second")
    assert run.ends().status is RunStatus.FINISHED


def test_without_its_keeper_a_run_is_stopped_and_resumed_as_ever(place: Place) -> None:
    run = place.start(WATCHED)
    run.reaches("first")
    keeper = run.pid("keeper")
    os.kill(keeper, signal.SIGKILL)
    until(lambda: run.facts["keeper"] is None)
    assert run.run.status is RunStatus.RUNNING
    run.go("first")
    run.reaches("second")
    assert run.run.epochs_done == 2
    assert stop_run(run.run)[0] is StopStep.REQUEST
    run.go("second")
    stopped = run.ends()
    assert (stopped.status, stopped.exit, stopped.epochs_done, stopped.error) == (RunStatus.STOPPED, 0, 2, None)
    assert is_whole_model(run.directory / "model.keras")
    assert len(run.of("end")) == 1
    assert "unwritten" not in run.facts
    assert [f"({keeper}) has died" in record["message"] for record in run.of("warning")] == [True]

    place.resume(run)
    finished = run.ends()
    assert (finished.status, finished.epochs_done) == (RunStatus.FINISHED, 3)
    assert run.epochs == [1, 2, 3]


FAILING = """
fit(make("first"))
y[9] = np.nan
fit(make("lost"))
make("misfit").fit(x[:, :3], y, verbose=0)
"""


@pytest.mark.parametrize("keras", [2, 3])
def test_nan_and_an_error_are_said_with_their_places(
    place: Place, keras: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = place.start(FAILING, keras=keras)
    failed = run.ends()
    assert (failed.status, failed.exit, failed.epochs_done) == (RunStatus.FAILED, 1, 6)
    error = failed.error
    assert error is not None
    program = (place.directory / "train.py").read_text().splitlines()
    assert error.path == str(place.directory / "train.py")
    assert error.line == 1 + program.index('make("misfit").fit(x[:, :3], y, verbose=0)')
    # Keras 2 checks the model's own input, Keras 3 that of its first layer.
    assert error.layer == {2: "misfit", 3: "last"}[keras]
    assert cli.main(["runs", "follow", run.id, "--runs-dir", str(place.runs)]) == 1
    followed = capsys.readouterr().out
    assert followed.count("the loss became NaN in epoch 4") == 1
    assert followed.splitlines()[-1].startswith("[failed] 6/")
    assert f"({error.path}:{error.line})" in followed.splitlines()[-1]
    assert is_whole_model(run.directory / "model.keras")


PAUSED = """
print("before")
fit(make(), At(1, 1, lambda: pause("middle")))
print("after")
"""


def test_a_deleted_directory_is_there_again_at_the_end(place: Place) -> None:
    run = place.start(PAUSED)
    run.reaches("middle")
    screen = place.terminal("delivered")
    screen.shows(run.id)
    screen.press("\r")
    screen.shows("running")
    pids = run.pid(), run.pid("keeper")
    shutil.rmtree(run.directory)
    assert run.run.error is not None
    assert "is gone" in run.run.error.sentence
    screen.shows("vanished")
    run.go("middle")
    until(lambda: not any(is_alive(pid) for pid in pids))
    screen.shows("finished")
    finished = run.run
    assert (finished.status, finished.exit, finished.epochs_done) == (RunStatus.FINISHED, 0, 3)
    assert is_whole_model(run.directory / "model.keras")
    assert run.log == "before\nafter\n"
    assert {2, 3} <= set(run.epochs)
    assert run.of("end")


READ_ONLY = """
def seal():
    (run,) = os.listdir("runs")
    os.chmod("runs/" + run, 0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # permissions do not bind root
fit(make(), At(1, 1, seal))
"""


def test_a_read_only_directory_is_said_and_the_model_saved_elsewhere(place: Place) -> None:
    run = place.start(READ_ONLY)
    until(lambda: run.of("end"))
    assert run.epochs == [1, 2, 3]
    warnings = [record["message"] for record in run.of("warning")]
    assert "metrics.csv could not be written: Permission denied" in warnings
    assert "model.keras could not be written: Permission denied" in warnings
    model = Path(warnings[-1].removeprefix("the run's directory takes no model, so net was saved as "))
    try:
        assert is_whole_model(model)
    finally:
        model.unlink()
    # Where the keeper is not root either, it waits for this.
    run.directory.chmod(0o755)
    assert run.ends().status is RunStatus.FINISHED
    assert run.facts["warnings"] == warnings
    assert not (run.directory / "model.keras").exists()


def test_a_full_disk_leaves_no_half_file_and_is_said_when_there_is_room(place: Place) -> None:
    # Without backups: they are HDF5 files on the disk, and libhdf5 can crash where it cannot write one to its end.
    run = place.start(PAUSED, checkpoint_every=1, resumable=False)
    run.reaches("middle")
    pid, keeper = run.pid(), run.pid("keeper")
    size = (run.directory / "events.jsonl").stat().st_size
    for process in (pid, keeper):
        # No file can become larger than this: to them, a full disk.
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    run.go("middle")
    until(lambda: not is_alive(pid))
    assert not [path for path in run.directory.rglob("*.keras") if not is_whole_model(path)]
    assert run.epochs == [1]
    resource.prlimit(keeper, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    finished = run.ends()
    assert (finished.status, finished.exit, finished.epochs_done) == (RunStatus.FINISHED, 0, 3)
    # What the training had recorded, and could not write, has come.
    assert run.epochs == [1, 2, 3]
    assert len(run.of("end")) == 1
    assert run.log == "before\nafter\n"
    warnings = [
        "the checkpoint could not be written: File too large",
        "model.keras could not be written: File too large",
        "the model net could not be saved anywhere: File too large",
    ]
    # Where the keeper had something to write in that time, it says so too.
    assert [record["message"] for record in run.of("warning")][:3] == warnings
    assert run.facts["warnings"] == warnings


HUNG = """
def hang():
    print(subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
    pause("hung")
fit(make(), At(1, 1, hang))
"""


def test_a_fit_that_hangs_is_ended_by_the_second_stop_with_all_it_started(place: Place) -> None:
    run = place.start(HUNG)
    run.reaches("hung")
    child = int(run.log)
    assert is_alive(child)
    assert stop_run(run.run)[0] is StopStep.REQUEST
    assert stop_run(run.run, StopStep.TERM)[0] is StopStep.TERM
    killed = run.ends()
    assert (killed.status, killed.exit, killed.epochs_done) == (RunStatus.KILLED, -15, 1)
    assert killed.error is not None
    assert killed.error.sentence == "killed by signal 15 (SIGTERM)"
    assert not is_alive(child)
    (notice,) = run.of("notice")
    assert f"sleep ({child})" in notice["message"]
