"""The probe's life: warm between looks, gone with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from kerascope.engine._interpreter import InterpreterError, choose_generation, choose_python
from kerascope.engine._probe import MAX_SOCKET_PATH, _private_directory
from kerascope.graph import Target
from kerascope.inspection import Inspector, LookOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kerascope.graph import Progress

MODEL = "import keras\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])\n"


def children(pid: int) -> list[int]:
    """Live processes below `pid`, at any depth."""
    table = subprocess.run(["ps", "-eo", "pid,ppid,stat,comm"], capture_output=True, text=True, check=True).stdout
    parents: dict[int, list[int]] = {}
    for line in table.splitlines()[1:]:
        child, parent, state, command = line.split(maxsplit=3)
        if not state.startswith("Z") and command != "ps":
            parents.setdefault(int(parent), []).append(int(child))
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def new_children(others: list[int]) -> list[int]:
    """Processes below us that were not there before."""
    return [pid for pid in children(os.getpid()) if pid not in others]


def alive(pid: int) -> bool:
    """Whether the process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pids: list[int], within: float = 8.0) -> list[int]:
    """The processes that are still there after a while."""
    deadline = time.monotonic() + within
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds, while the event loop goes on."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of our own for the probe's private directories."""
    # Short: a socket's path has at most 107 bytes.
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.mark.keras
async def test_a_session_is_warm_and_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(MODEL)
    others = children(os.getpid())  # the probes that all tests share
    inspector = Inspector(LookOptions(keras="3"))
    told: list[Progress] = []
    first = await inspector.look(Target(path=str(path)), told.append)
    assert told[0].phase == "starting"
    assert "Keras 3" in told[-1].message or told[-1].phase == "reading"
    probes = new_children(others)
    assert len(probes) == 1
    for units in range(3, 8):
        path.write_text(MODEL.replace("Dense(2)", f"Dense({units})"))
        again = await inspector.look(Target(path=str(path)), told.append)
        assert again.models[0].layers[-1].output == ((None, units),)
    assert new_children(others) == probes, "the same probe, and no child of a look left"
    assert first.engine == again.engine
    await inspector.close()
    assert wait_until_gone(probes) == []
    assert not list(os.scandir(temporary))


@pytest.mark.keras
async def test_cancelling_a_look_ends_the_file(tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text("while True:\n    pass\n")
    others = children(os.getpid())
    inspector = Inspector(LookOptions(keras="3"))
    told: list[Progress] = []
    look = asyncio.create_task(inspector.look(Target(path=str(path)), told.append))
    await until(lambda: any(progress.line for progress in told))
    (probe, _file) = new_children(others)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    await until(lambda: new_children(others) == [probe])  # the probe lives on, the file's process does not
    path.write_text(MODEL)
    assert (await inspector.look(Target(path=str(path)), told.append)).failure is None
    await inspector.close()


@pytest.mark.keras
async def test_stopping_a_look_brings_what_there_is(tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "endless.py"
    path.write_text(MODEL + "while True:\n    pass\n")
    inspector = Inspector(LookOptions(keras="3"))
    told: list[Progress] = []
    look = asyncio.create_task(inspector.look(Target(path=str(path)), told.append))
    await until(lambda: any(progress.line in (3, 4) for progress in told))
    inspector.stop()
    answer = await asyncio.wait_for(look, 10)
    assert answer.failure is None
    assert answer.models[0].built
    assert "still ran and was stopped" in answer.notes[0].message
    await inspector.close()


@pytest.mark.keras
async def test_stopping_while_keras_starts_keeps_the_start(tmp_path: Path, temporary: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(MODEL)
    inspector = Inspector(LookOptions(keras="3"))
    look = asyncio.create_task(inspector.look(Target(path=str(path)), lambda progress: None))
    await asyncio.sleep(0.3)
    inspector.stop()
    answer = await asyncio.wait_for(look, 2)
    assert answer.failure is not None
    assert answer.failure.kind == "cancelled"
    probes = children(os.getpid())
    assert (await inspector.look(Target(path=str(path)), lambda progress: None)).failure is None
    assert children(os.getpid()) == probes
    await inspector.close()


@pytest.mark.keras
@pytest.mark.parametrize("moment", ["while Keras starts", "while the file runs", "between looks"])
def test_nothing_outlives_a_killed_screen(tmp_path: Path, temporary: Path, moment: str) -> None:
    path = tmp_path / "model_file.py"
    path.write_text("while True:\n    pass\n" if moment == "while the file runs" else MODEL)
    program = textwrap.dedent(f"""
        import asyncio
        from kerascope.graph import Target
        from kerascope.inspection import Inspector, LookOptions

        def say(progress):
            if progress.line:
                print("running", flush=True)

        async def main():
            inspector = Inspector(LookOptions(keras="3"))
            await inspector.look(Target(path={str(path)!r}), say)
            print("looked", flush=True)
            await asyncio.sleep(600)

        print("started", flush=True)
        asyncio.run(main())
        """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as screen:
        assert screen.stdout is not None
        wanted = {"while Keras starts": "started", "while the file runs": "running", "between looks": "looked"}[moment]
        while screen.stdout.readline().strip() != wanted:
            assert screen.poll() is None
        if moment == "while Keras starts":
            time.sleep(0.5)
        started = children(screen.pid)
        assert started
        screen.send_signal(signal.SIGKILL)
    assert wait_until_gone(started) == []
    deadline = time.monotonic() + 3
    while list(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(temporary.iterdir()) == []


def test_the_socket_fits_under_a_long_tmpdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr("tempfile.tempdir", None)
    directory = _private_directory()
    assert len(os.fsencode(directory / "s")) <= MAX_SOCKET_PATH
    assert directory.stat().st_mode & 0o777 == 0o700
    directory.rmdir()
    assert list(long.iterdir()) == []


def test_the_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    assert choose_generation("auto", "import keras") == 3
    assert choose_generation("auto", "import tf_keras as keras") == 2
    assert choose_generation("auto", "from tf_keras.layers import Dense") == 2
    assert choose_generation("auto", "# import tf_keras") == 3
    assert choose_generation("auto", 'import os\nos.environ["TF_USE_LEGACY_KERAS"] = "1"') == 2
    assert choose_generation("auto", "import tf_keras (") == 3
    assert choose_generation("3", "import tf_keras") == 3
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    assert choose_generation("auto", "import keras") == 2
    assert choose_generation("3", "import keras") == 3


def test_the_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    assert choose_python(None) == sys.executable
    environment = tmp_path / "env"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    assert choose_python(None) == sys.executable, "an environment without Keras is of no use"
    keras = environment / "lib" / "python3.11" / "site-packages" / "keras"
    keras.mkdir(parents=True)
    (keras / "__init__.py").touch()
    assert choose_python(None) == str(environment / "bin" / "python")
    assert choose_python(str(environment)) == str(environment / "bin" / "python")
    assert choose_python(sys.executable) == sys.executable
    with pytest.raises(InterpreterError, match="no such interpreter"):
        choose_python("python-of-nowhere")
    plain = tmp_path / "plain"
    plain.touch()
    with pytest.raises(InterpreterError, match="not executable"):
        choose_python(str(plain))
