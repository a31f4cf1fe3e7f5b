"""Kept runs for tests: real keepers and training processes, their training plain Python instead of Keras."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
DRIVER = Path(__file__).with_name("driver.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tui'}"}

PROLOGUE = """
import os, sys, time

def wait():
    while not os.path.exists(sys.argv[1] + ".go"):
        time.sleep(0.02)
"""


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of `what`."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return found


class Kept:
    """One run: its directory, and the program that is its training."""

    def __init__(self, directory: Path, program: str) -> None:
        self.directory = directory
        self.program = directory.with_name(f"{directory.name}.py")
        self.program.write_text(PROLOGUE + textwrap.dedent(program))
        directory.mkdir()
        facts = {"schema": 1, "id": directory.name, "spec": {"keras": 3}, "status": "starting", "epochs_done": 0}
        (directory / "run.json").write_text(json.dumps(facts))

    @property
    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, str(DRIVER), str(self.directory), str(self.program)]

    def start(self) -> dict[str, Any]:
        """Start it and return what was answered."""
        ran = subprocess.run(self.command, env=ENVIRONMENT, capture_output=True, check=True, timeout=60)
        answer: dict[str, Any] = json.loads(ran.stdout)
        return answer

    @property
    def facts(self) -> dict[str, Any]:
        """What `run.json` says now."""
        facts: dict[str, Any] = json.loads((self.directory / "run.json").read_text())
        return facts

    @property
    def log(self) -> bytes:
        """All output so far."""
        try:
            return (self.directory / "output.log").read_bytes()
        except FileNotFoundError:
            return b""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The records so far."""
        return [json.loads(line) for line in (self.directory / "events.jsonl").read_text().splitlines()]

    @property
    def by_error(self) -> bytes:
        """What of the log came by standard error."""
        log, ranges = self.log, (self.directory / "output.streams").read_text().split()
        pairs = zip(map(int, ranges[::2]), map(int, ranges[1::2]), strict=True)
        return b"".join(log[start : start + length] for start, length in pairs)

    def pid(self, of: str) -> int:
        """Process id of the `keeper` or the `process`."""
        pid: int = until(lambda: self.facts[of])["pid"]
        return pid

    def says(self, text: bytes) -> None:
        """Wait until the log has a text."""
        until(lambda: text in self.log)

    def go(self) -> None:
        """Let a program go on that waits for the file `go`."""
        self.directory.with_name(f"{self.directory.name}.go").touch()

    def ended(self, keeper: int) -> dict[str, Any]:
        """Wait until the run has ended and its keeper is gone; returns the facts."""
        until(lambda: not is_alive(keeper))
        return self.facts

    def kill(self) -> None:
        """End what is left of it."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            for of in ("keeper", "process"):
                if self.facts[of] is not None and f"{self.directory}".encode() in _command_of(self.facts[of]["pid"]):
                    os.kill(self.facts[of]["pid"], signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
