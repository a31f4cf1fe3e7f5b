"""How long `kerascope runs` takes where there are many runs."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.common import RUNS, ours, spread
from tests.runs.directories import made_run

MANY = 1000


def measure_runs_list() -> None:
    """A thousand ended runs, listed as text and as JSON by a fresh process each time."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "runs"
        metrics = {f"{prefix}metric_{number}": number / 7 for prefix in ("", "val_") for number in range(10)}
        best = {"metric": "val_metric_0", "value": 0.0, "epoch": 3}
        for number in range(MANY):
            made_run(directory, f"20261125-101500-train-{number}", metrics=metrics, best=best)
        for arguments in (("list",), ("list", "--format", "json")):
            seconds = [_timed(directory, *arguments) for _ in range(RUNS)]
            print(f"kerascope runs {' '.join(arguments):20} {MANY:,} runs: {spread(seconds)}")


def _timed(directory: Path, *arguments: str) -> float:
    begun = time.perf_counter()
    command = ours("runs", *arguments, "--runs-dir", str(directory))
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds = time.perf_counter() - begun
    if out.count("20261125-101500-train-") < MANY:
        raise RuntimeError(f"it listed less than {MANY} runs: {out[:200]}")
    return seconds
