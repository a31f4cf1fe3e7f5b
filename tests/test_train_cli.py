"""`kerascope train` and `kerascope runs` with real trainings."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.keras

SECONDS = 90.0
"""Until something is given up; far more than it takes."""

# Slow until a file named `fast` lies beside it, so that it can be stopped in the middle and finished soon.
PROGRAM = """\
import time
from pathlib import Path
import keras
import numpy as np

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", metrics=["mae"])
pause = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: time.sleep(0 if Path("fast").exists() else 0.4)
)
print("\\x1b[31mbefore\\x1b[0m", flush=True)
model.fit(np.ones((8, 4)), np.ones((8, 1)), epochs=12, callbacks=[pause], verbose=0)
print("after", flush=True)
"""
# It can make its directory only once: the look before must not have made it.
MISFIT = """\
import os
import keras
import numpy as np

os.mkdir("new")

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 5)), np.ones((8, 1)), verbose=0)
"""
UNTRAINED = """\
import keras

net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
"""


class Place:
    """A directory with programs, in which commands run; the runs that are alive at the end are killed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "slow.py").write_text(PROGRAM)
        (directory / "misfit.py").write_text(MISFIT)
        (directory / "untrained.py").write_text(UNTRAINED)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KERASCOPE_", "SLURM_"))}
        return {**kept, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "kerascope", *arguments]

    def show(self, run: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.run("runs", "show", run, "--format", "json").stdout)
        return shown

    def end(self) -> None:
        for run in json.loads(self.run("runs", "--format", "json").stdout):
            if run["status"] in ("starting", "running"):
                self.run("runs", "stop", "--kill", run["id"])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A directory with programs."""
    place = Place(tmp_path)
    yield place
    place.end()


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {SECONDS} s for {what}"
        time.sleep(0.05)


def test_start_leave_stop_and_resume(place: Place) -> None:
    started = place.run("train", "slow.py", "--no-check", "--detach")
    assert started.returncode == 0, started.stderr
    run_id = started.stdout.removesuffix("\n")
    directory = place.directory / "runs" / run_id
    assert directory.is_dir()
    events = directory / "events.jsonl"
    wait_for(lambda: events.exists() and b'"epoch"' in events.read_bytes(), "an epoch")

    # Left by Ctrl+C, it goes on.
    following = subprocess.Popen(
        place.command("runs", "follow", "last"),
        cwd=place.directory,
        env=place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    lines: list[str] = []
    while not (lines and lines[-1].startswith("[epoch ")):
        lines.append(following.stdout.readline())
        assert lines[-1], lines
    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=SECONDS)
    assert following.returncode == 130
    assert f"{run_id} goes on" in said
    assert "before\n" in lines  # without its colour
    # Written once a second at most.
    wait_for(lambda: place.show("last")["metrics"], "metrics")
    facts = place.show("last")
    assert facts["status"] == "running"
    assert (facts["id"], facts["source"], facts["directory"]) == (run_id, "slow.py", str(directory))
    assert set(facts["metrics"]) == {"loss", "mae"}

    stopped = place.run("runs", "stop", run_id)
    assert (stopped.returncode, stopped.stderr) == (0, "")
    followed = place.run("runs", "follow", run_id, "--no-log")
    assert followed.returncode == 1
    assert followed.stdout.splitlines()[-1].startswith("[stopped] ")
    assert "before" not in followed.stdout
    done = place.show(run_id)["epochs_done"]
    assert 0 < done < 12

    (place.directory / "fast").touch()
    resumed = place.run("runs", "resume", run_id)
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert f"{run_id} goes on after epoch {done} of 12\n" in resumed.stderr
    assert f"[resume] attempt 2, after epoch {done}" in resumed.stdout
    assert resumed.stdout.count("before\n") == resumed.stdout.count("[start]") == 1
    assert resumed.stdout.splitlines()[-1].startswith("[finished] 12/12 epochs")
    assert "after\n" in resumed.stdout
    facts = place.show(run_id)
    assert (facts["status"], facts["epochs_done"], facts["exit"], facts["error"]) == ("finished", 12, 0, None)
    again = place.run("runs", "resume", run_id)
    assert again.returncode == 1
    assert "has finished" in again.stderr


def test_runs_cannot_lie_in_a_file(place: Place) -> None:
    refused = place.run("train", "--no-check", "--runs-dir", "slow.py", "untrained.py")
    assert refused.returncode == 64
    assert "no run can be made in" in refused.stderr
    assert "slow.py: it is not a directory; --runs-dir names another directory" in refused.stderr


def test_what_will_fail_is_started_only_when_that_is_meant(place: Place) -> None:
    refused = place.run("train", "misfit.py")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "will fail at the first batch because x (8, 5)" in refused.stderr
    assert "--anyway" in refused.stderr
    assert not (place.directory / "runs").exists()

    meant = place.run("train", "misfit.py", "--anyway")
    assert meant.returncode == 1
    assert meant.stdout.splitlines()[-1].startswith("[failed] ")
    facts = place.show("last")
    assert facts["error_details"]["line"] == 9
    assert "(None, 5)" in facts["error"]


def test_file_that_trains_nothing_is_told_what_to_give(place: Place) -> None:
    refused = place.run("train", "untrained.py")
    assert refused.returncode == 64
    assert "--synthetic" in refused.stderr
    assert "sparse_categorical_crossentropy" in refused.stderr

    absent = place.run("train", "untrained.py:zz", "--synthetic")
    assert absent.returncode == 64
    assert absent.stderr == "kerascope: untrained.py has no 'zz'; in this file are net\n"
    loss = place.run("train", "untrained.py", "--synthetic", "--optimizer", "sgd", "--loss", "crossentropi")
    assert loss.returncode == 64
    assert "knows no loss 'crossentropi'; did you mean " in loss.stderr
    (place.directory / "table.csv").write_text("size,price\n1,2\n")
    column = place.run("train", "untrained.py", "--data", "table.csv", "--target", "zz")
    assert column.returncode == 64
    assert "table.csv has no column 'zz'; it has size, price" in column.stderr
    assert not (place.directory / "runs").exists()

    followed = place.run("train", "untrained.py", "--no-check", "--synthetic", "64", "--epochs", "2", "--no-log")
    assert followed.returncode == 0, followed.stdout + followed.stderr
    epochs = [line for line in followed.stdout.splitlines() if line.startswith("[epoch ")]
    assert [line.partition("]")[0] for line in epochs] == ["[epoch 1/2", "[epoch 2/2"]


def test_workers_share_one_run(place: Place) -> None:
    """Two processes on this machine, as somebody starts them by hand."""
    (place.directory / "fast").touch()
    program = PROGRAM.replace("import keras", "import tf_keras as keras").replace(
        "keras.Input((4,))", "keras.layers.InputLayer(input_shape=(4,))"
    )
    (place.directory / "old.py").write_text(program)
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    workers = [
        subprocess.Popen(
            place.command("train", "old.py", "--no-check", "--strategy", "multiworker", "--run-id", "duo"),
            cwd=place.directory,
            env={
                **place.environment,
                "TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in (1, 0)
    ]
    try:
        (other, _), (chief, _) = (worker.communicate(timeout=SECONDS) for worker in workers)
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0, 0], chief + other
    assert "[epoch 12/12]" in chief
    assert "[epoch " not in other
    for out in (chief, other):
        assert "after\n" in out
        assert out.splitlines()[-1].startswith("[finished] 12/12 epochs")
    assert (place.directory / "runs" / "duo" / "workers" / "1" / "output.log").exists()
    (listed,) = json.loads(place.run("runs", "--format", "json").stdout)
    assert (listed["id"], listed["epochs_done"]) == ("duo", 12)


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_terminal_that_hangs_up_takes_the_follower_and_not_the_run(place: Place) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place.directory)
        command = place.command("train", "slow.py", "--no-check")
        os.execve(command[0], command, place.environment)
    seen = b""
    while b"[epoch 1/" not in seen:
        seen += os.read(terminal, 65536)
    os.close(terminal)
    wait_for(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, "the end of the follower")
    facts = place.show("last")
    assert facts["status"] == "running"
    before = facts["epochs_done"]
    wait_for(lambda: place.show("last")["epochs_done"] > before, "the next epoch")
