"""Run directories made by hand, as the processes of a run write them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kerascope.runs import TrainSpec, create_run
from kerascope.runs._process import start_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["change", "made_run", "process_entry", "sleeper"]


def made_run(runs: Path, run_id: str = "20261125-101500-train", *, spec: TrainSpec | None = None, **facts: Any) -> Path:
    """A run's directory, its facts changed; by default one that has finished three epochs."""
    spec = spec or TrainSpec(path=str(runs / "train.py"), shown="train.py")
    directory = create_run(spec, runs, run_id=run_id)
    ended = {"status": "finished", "exit": 0, "ended": time.time(), "epochs_done": 3, "epochs": 3}
    change(directory, **{**ended, **facts})
    return directory


def change(directory: Path, **facts: Any) -> None:
    """Change facts of a `run.json`."""
    path = directory / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))


def process_entry(pid: int) -> dict[str, Any]:
    """A process as `run.json` names it."""
    return {"pid": pid, "start": start_of(pid)}


@contextmanager
def sleeper(
    program: str = "import time; print('up', flush=True); time.sleep(600)",
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands in for a training, in a session of its own; `program` says `up` when it is ready."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
