"""Several workers train one run: they stop together, resume together, and only the chief writes what all share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.probe_training.fit_cases import PRELUDE
from tests.probe_training.test_strategies import free_ports

from kerascope.runs import TrainSpec

pytestmark = [pytest.mark.keras, pytest.mark.timeout(400)]

DRIVER = Path(__file__).with_name("fit_driver.py")

PROGRAM = (
    PRELUDE
    + """
model = make()
chief = json.loads(os.environ["TF_CONFIG"])["task"]["index"] == 0
asks = [At("on_epoch_end", 1, stop)] if chief and ATTEMPT == 1 else []
model.fit(x, y, epochs=6, batch_size=16, verbose=0, callbacks=asks)
"""
)


def directories(run: Path) -> list[Path]:
    return [run, run / "workers" / "1"]


def train(run: Path, attempt: int) -> None:
    """Run both workers to their end."""
    ports = free_ports()
    processes = []
    for index, directory in enumerate(directories(run)):
        spec = TrainSpec(
            path=str(run / "train.py"),
            shown="train.py",
            keras=2,
            strategy="multiworker",
            checkpoint_every=2,
            environment=(("RUN_DIRECTORY", str(run)),),
        )
        case = {"directory": str(directory), "spec": spec.to_json(), "attempt": attempt}
        path = run / f"case-{index}.json"
        path.write_text(json.dumps([case]))
        config = {
            "cluster": {"worker": [f"127.0.0.1:{port}" for port in ports]},
            "task": {"type": "worker", "index": index},
        }
        processes.append(
            subprocess.Popen(
                [sys.executable, str(DRIVER), "2", str(path)],
                env={**os.environ, "TF_CONFIG": json.dumps(config)},
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    try:
        for process in processes:
            _, error = process.communicate(timeout=150)
            assert process.returncode == 0, error[-3000:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def ends(run: Path) -> list[dict[str, Any]]:
    """What each worker told last."""
    found = []
    for directory in directories(run):
        assert json.loads((directory / "exit.json").read_text())["code"] == 0, (directory / "output.txt").read_text()
        found.append(json.loads((directory / "told.json").read_text())[-1])
    return found


def test_workers_stop_after_the_same_epoch_and_go_on_together(tmp_path: Path) -> None:
    run = tmp_path / "run"
    directories(run)[1].mkdir(parents=True)
    (run / "source").mkdir()
    (run / "source" / "train.py").write_text(PROGRAM)
    train(run, 1)
    stopped = ends(run)
    assert [end["status"] for end in stopped] == ["stopped", "stopped"]
    done = stopped[0]["epochs_done"]
    assert 2 <= done < 6
    assert stopped[1]["epochs_done"] == done
    assert list((run / "backup").glob(f"fit-001/epoch-{done:04d}/state.json"))
    assert (run / "model.keras").exists()

    train(run, 2)
    assert [(end["status"], end["epochs_done"]) for end in ends(run)] == [("finished", 6)] * 2
    records = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in records if record["event"] == "epoch"] == [1, 2, 3, 4, 5, 6]
    assert [record["from_epoch"] for record in records if record["event"] == "resume"] == [done]
    assert [record["replicas"] for record in records if record["event"] == "start"] == [2, 2]
    kept = sorted(path.name for path in (run / "checkpoints").iterdir())
    assert kept == ["epoch-0002.keras", "epoch-0004.keras", "epoch-0006.keras"]
    own = {
        str(path.relative_to(run / "workers" / "1")) for path in (run / "workers" / "1").rglob("*") if path.is_file()
    }
    assert own == {"run.json", "output.txt", "told.json", "exit.json"}
