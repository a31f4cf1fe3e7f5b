"""Training runs for tests: real trainings that wait where a test wants to do something to them, and real screens."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import struct
import subprocess
import sys
import termios
import textwrap
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from kerascope.runs import TrainSpec, list_runs, read_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Looker

    from kerascope.runs import Run

__all__ = ["ENVIRONMENT", "SECONDS", "Place", "RealRun", "Terminal", "is_alive", "until"]

SECONDS = 60.0
"""Until something is given up; far more than it takes."""

_NATIVE = re.compile(r"^(?:[IWE]\d{4} \d\d:\d\d:.*|WARNING: All log messages before absl.*)\n", re.MULTILINE)
"""A line of TensorFlow's native log, of which TF_CPP_MIN_LOG_LEVEL decides."""

TUI = Path(__file__).parent.parent / "tui"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("KERASCOPE_", "SLURM_", "SSH_"))},
    "PYTHONPATH": str(TUI),
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TERM": "xterm-256color",
    "LC_ALL": "C.UTF-8",
}

PROLOGUE = """
import os, subprocess, sys, time
import keras
import numpy as np
from keras import layers

x, y = np.ones((32, 4), "float32"), np.zeros((32, 1), "float32")

def make(name="net"):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, name="last")], name=name)
    model.compile("sgd", "mse", run_eagerly=True)
    return model

def pause(name):
    open(name + ".reached", "w").close()
    while not os.path.exists(name + ".go"):
        time.sleep(0.02)

class At(keras.callbacks.Callback):
    # Does something after one batch, both numbers from 0.
    def __init__(self, epoch, batch, do):
        super().__init__()
        self.at, self.do = (epoch, batch), do
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            self.do()

def fit(model, *callbacks, epochs=3):
    return model.fit(x, y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks))
"""

TAKE_TERMINAL = """
import fcntl, os, signal, sys, termios
mode, *command = sys.argv[1:]
if mode != "never delivered":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if mode == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(command[0], command)
"""


def until(what: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """The first true value of `what`."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return found


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class RealRun:
    """One run of a program that waits in `pause(NAME)`.

    Args:
        run: As it was started.
        folder: Where the program works.
    """

    def __init__(self, run: Run, folder: Path) -> None:
        self.id = run.id
        self.directory = run.directory
        self._folder = folder
        self._pids: set[int] = set()

    @property
    def run(self) -> Run:
        """How it stands now."""
        return read_run(self.directory)

    @property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says now."""
        facts: dict[str, Any] = json.loads((self.directory / "run.json").read_text())
        return facts

    @property
    def events(self) -> list[dict[str, Any]]:
        """The records so far; what is no JSON is left out."""
        found: list[dict[str, Any]] = []
        path = self.directory / "events.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def of(self, event: str) -> list[dict[str, Any]]:
        """The records of one kind."""
        return [record for record in self.events if record["event"] == event]

    @property
    def epochs(self) -> list[int]:
        """Numbers of all epochs that were recorded, in order."""
        return [record["epoch"] for record in self.of("epoch")]

    @property
    def log(self) -> str:
        """All output so far, but for what TensorFlow's native code says of the machine."""
        text = (self.directory / "output.log").read_text(errors="replace")
        return _NATIVE.sub("", text)

    def pid(self, of: str = "process") -> int:
        """Process id of the `process` that trains, or of its `keeper`."""
        pid: int = until(lambda: self.facts[of])["pid"]
        self._pids.add(pid)
        return pid

    def reaches(self, name: str) -> None:
        """Wait until the program waits in `pause(name)`."""
        until(lambda: (self._folder / f"{name}.reached").exists() or self._over())
        assert not self._over(), f"{self.run}\n{self.log}"

    def _over(self) -> bool:
        return not self.run.alive

    def go(self, name: str) -> None:
        """Let the program go on from `pause(name)`, also when it comes there again."""
        (self._folder / f"{name}.go").touch()

    def ends(self) -> Run:
        """Wait until the run has ended and its processes are gone."""
        pids = [entry["pid"] for entry in (self.facts["process"], self.facts["keeper"]) if entry]
        until(lambda: not self.run.alive)
        until(lambda: not any(is_alive(pid) for pid in pids))
        return self.run

    def kill(self) -> None:
        """End what is left of it."""
        with contextlib.suppress(OSError, ValueError):
            facts = self.facts
            self._pids |= {entry["pid"] for entry in (facts["keeper"], facts["process"]) if entry}
        for pid in self._pids:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                # A later process may have the number of one that is gone.
                if str(self.directory) in process.cmdline() or process.cwd() == str(self._folder):
                    process.kill()


class Place:
    """A directory with one program and its runs.

    Args:
        directory: Empty.
        looker: Has the warm Keras that starts runs.
    """

    def __init__(self, directory: Path, looker: Looker) -> None:
        self.directory = directory
        self.runs = directory / "runs"
        self._looker = looker
        self._started: list[RealRun] = []
        self._terminals: list[Terminal] = []

    def write(self, program: str) -> Path:
        """Write the program."""
        path = self.directory / "train.py"
        path.write_text(PROLOGUE + textwrap.dedent(program))
        return path

    def start(self, program: str, *, keras: int = 3, **options: Any) -> RealRun:
        """Start a run of a program; `options` are fields of its `TrainSpec`."""
        path = self.write(program)
        spec = TrainSpec(path=str(path), shown="train.py", keras=keras, cwd=str(self.directory), **options)
        return self.adopt(self._looker.start(spec, path.read_text(), self.runs))

    def adopt(self, run: Run) -> RealRun:
        """A run that somebody has started; it is ended with the test."""
        self._started.append(RealRun(run, self.directory))
        return self._started[-1]

    def resume(self, run: RealRun, *, new_source: bool = False) -> None:
        """Let an ended run go on."""
        self._looker.resume(run.run, new_source=new_source)

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `kerascope ARGUMENTS`."""
        return subprocess.Popen(
            [sys.executable, "-m", "kerascope", *arguments, "--runs-dir", str(self.runs)],
            cwd=self.directory,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def terminal(self, mode: str, *arguments: str) -> Terminal:
        """Start `kerascope ARGUMENTS` in a terminal of its own."""
        self._terminals.append(Terminal(self, mode, *arguments, "--runs-dir", str(self.runs)))
        return self._terminals[-1]

    def end(self) -> None:
        """End all runs and terminals."""
        for terminal in self._terminals:
            terminal.end()
        for run in list_runs(self.runs):
            self.adopt(run)  # one that a screen has started
        for each in self._started:
            each.kill()


class Terminal:
    """A real terminal of 100x30 in which `kerascope ARGUMENTS` runs.

    Args:
        place: Where it runs.
        mode: Of the hang-up: `delivered`, `ignored` or `never delivered`.
        arguments: Of the command.
    """

    def __init__(self, place: Place, mode: str, *arguments: str) -> None:
        self.mode = mode
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, mode, sys.executable, "-m", "kerascope", *arguments],
            cwd=place.directory,
            env=ENVIRONMENT,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._seen = b""
        self._connected = True
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        # Nobody can write for long to a terminal that nobody reads.
        with contextlib.suppress(OSError):
            while self._connected:
                if select.select([self._master], [], [], 0.05)[0]:
                    self._seen += os.read(self._master, 65536)

    def shows(self, text: str) -> None:
        """Wait until a text was written since the last key."""
        deadline = time.monotonic() + SECONDS
        while text.encode() not in self._seen:
            if self.process.poll() is not None or time.monotonic() >= deadline:
                pytest.fail(f"{text!r} is not in\n{self._seen[-4000:].decode(errors='replace')}")
            time.sleep(0.02)

    def press(self, keys: str) -> None:
        """Type keys."""
        self._seen = b""
        os.write(self._master, keys.encode())

    def hang_up(self) -> None:
        """Take the terminal away."""
        if self._connected:
            self._connected = False
            # While somebody reads from it, it stays open.
            self._reader.join()
            os.close(self._master)

    def end(self) -> None:
        """End the process and the terminal."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()


def is_whole_model(path: Path) -> bool:
    """Whether a file is a complete `.keras` archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.testzip() is None and "config.json" in archive.namelist()
