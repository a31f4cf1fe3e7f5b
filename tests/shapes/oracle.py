"""Real Keras to ask: a process of each generation, started when it is first asked and kept for all tests of shapes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["ask", "close"]

PROGRAM = Path(__file__).with_name("keras_oracle.py")

_running: dict[int, subprocess.Popen[str]] = {}


def ask(generation: int, kind: str, items: list[Any]) -> list[Any]:
    """Put questions to Keras (`keras_oracle` has their kinds).

    Raises:
        AssertionError: The process ended; with the last of what it wrote on stderr.
    """
    process = _running.get(generation)
    if process is None or process.poll() is not None:
        process = _running[generation] = _started(generation)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps({"kind": kind, "items": items}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except BaseException:
        process.kill()  # whoever asks next must not get this answer
        raise
    assert answer, _log(generation).read_text(errors="replace")[-3000:]
    answers: list[Any] = json.loads(answer)
    return answers


def _started(generation: int) -> subprocess.Popen[str]:
    with _log(generation).open("w") as log:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), str(generation)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def _log(generation: int) -> Path:
    return Path(_folder.name) / f"keras_{generation}.log"


def close() -> None:
    """End the processes."""
    for process in _running.values():
        process.kill()
        process.communicate()
    _running.clear()
    _folder.cleanup()


_folder = tempfile.TemporaryDirectory(prefix="kerascope_oracle_")
