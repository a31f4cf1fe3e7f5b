"""Starting training runs: they belong to nobody, and an interpreter that cannot start one says why."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.engine import LaunchError, Probe, ProbeError, launch_fresh, launch_warm
from kerascope.runs import RunStatus, TrainSpec, create_run, read_run

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = """
import os, time
import keras, numpy
print(numpy.random.rand(), os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("TF_CPP_MIN_LOG_LEVEL"))
while not os.path.exists(__file__ + ".go"):
    time.sleep(0.02)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(numpy.zeros((8, 4)), numpy.zeros((8, 1)), epochs=2, verbose=0)
"""


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `what`."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return found


def new_run(folder: Path, text: str = PROGRAM) -> Path:
    program = folder / "net.py"
    program.write_text(text)
    return create_run(TrainSpec(path=str(program), shown="net.py"), folder / "runs", text=text)


def interpreter(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def log_of(run: Path) -> str:
    path = run / "output.log"
    return path.read_text() if path.exists() else ""


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.keras
def test_warm_runs_survive_the_probe_and_have_the_users_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    async def launch() -> None:
        probe = Probe(sys.executable, 3)
        runs = [new_run(tmp_path), new_run(tmp_path)]
        await probe.wait_ready()
        assert probe._process is not None
        probe_pid = probe._process.pid
        keepers = [await launch_warm(probe, run) for run in runs]
        processes = [read_run(run).pid for run in runs]
        assert all(parent_of(keeper) not in (probe_pid, os.getpid()) for keeper in keepers)
        assert [parent_of(pid) for pid in processes if pid] == keepers
        # A keeper is no copy of the probe for long: it would hold its memory.
        until(lambda: all(b"\0keep\0" in Path(f"/proc/{keeper}/cmdline").read_bytes() for keeper in keepers))
        os.kill(probe_pid, signal.SIGKILL)
        await probe.close()
        with pytest.raises(ProbeError):
            await launch_warm(probe, runs[0])
        until(lambda: all("\n" in log_of(run) for run in runs))
        (tmp_path / "net.py.go").touch()
        until(lambda: not any(read_run(run).alive for run in runs))
        ended = [read_run(run) for run in runs]
        assert [(run.status, run.epochs_done) for run in ended] == [(RunStatus.FINISHED, 2)] * 2, log_of(runs[0])
        said = [log_of(run).split()[:3] for run in runs]
        assert [words[1:] for words in said] == [["7", "None"]] * 2
        # Copies of one probe, and yet not the same random numbers.
        assert said[0][0] != said[1][0]

    asyncio.run(launch())


def test_an_interpreter_without_keras_fails_the_run_at_once(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    bare = interpreter(tmp_path, f'exec "{sys.executable}" -S "$@"')
    with pytest.raises(LaunchError, match="has no Keras and no TensorFlow; Keras 3 needs keras 3") as caught:
        launch_fresh(bare, 3, run, {})
    found = read_run(run)
    assert found.status is RunStatus.FAILED
    assert found.error is not None
    assert found.error.sentence == str(caught.value)


def test_an_interpreter_that_dies_is_quoted(tmp_path: Path) -> None:
    broken = interpreter(tmp_path, 'echo \'{"not": "ours"}\'; echo no such library >&2; exit 127')
    with pytest.raises(LaunchError, match=r"ended before it had started the run \(exit status 127\)") as caught:
        launch_fresh(broken, 3, new_run(tmp_path), {})
    assert "no such library" in caught.value.details
    with pytest.raises(LaunchError, match="could not be started: No such file or directory"):
        launch_fresh(str(tmp_path / "none"), 3, tmp_path, {})


def test_a_run_whose_directory_is_gone_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"run.json cannot be read: No such file or directory"):
        launch_fresh(sys.executable, 3, tmp_path / "gone", {})


def test_the_environment_is_the_users_and_the_specs(tmp_path: Path) -> None:
    said = tmp_path / "said"
    python = interpreter(tmp_path, f'env > "{said}"; echo \'{{"event": "launched", "pid": 5}}\'')
    assert launch_fresh(python, 2, tmp_path, {"LEARNING": "slow", "TF_USE_LEGACY_KERAS": "0"}) == 5
    lines = said.read_text().splitlines()
    assert "LEARNING=slow" in lines
    assert "TF_USE_LEGACY_KERAS=1" in lines
