"""A terminal that is gone ends the program, whether or not the signal arrives; SIGTERM ends it in good order."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import importlib.util, signal, sys
from pathlib import Path
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
spec = importlib.util.spec_from_file_location("samples", sys.argv[2])
samples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(samples)
from kerascope.app import run_app
from kerascope.graph import Target

class Inspector:
    def glance(self, target):
        return samples.glance()
    async def look(self, target, on_progress, *, compare=False):
        return samples.discarded()
    async def close(self):
        Path(sys.argv[3]).write_text("closed")

sys.exit(run_app(Inspector(), Target(path=sys.argv[2])))
"""


def start(mode: str, closed: Path) -> tuple[subprocess.Popen[bytes], int]:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT / "tui"), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, mode, str(Path(__file__).with_name("samples.py")), str(closed)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    return process, master


def read_until(master: int, wanted: bytes, seconds: float = 30.0) -> None:
    seen = b""
    end = time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < end, seen[-500:]
        seen += os.read(master, 65536)


@pytest.mark.parametrize("mode", ["delivered", "ignored"])
def test_the_program_ends_when_the_terminal_is_gone(mode: str, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    process, master = start(mode, closed)
    try:
        read_until(master, b"discarded")
        if mode == "delivered":
            process.send_signal(signal.SIGHUP)
        os.close(master)
        # Poll, grace and a slow machine together.
        assert process.wait(timeout=6) is not None
        assert closed.read_text() == "closed", "the engine is closed on the way out"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_sigterm_gives_the_terminal_back(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    process, master = start("terminated", closed)
    try:
        read_until(master, b"discarded")
        process.send_signal(signal.SIGTERM)
        # Out of the alternate screen, and no mouse reports.
        read_until(master, b"\x1b[?1049l")
        assert process.wait(timeout=10) == 143
        assert closed.read_text() == "closed"
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
