"""Training under strategies: on a divided CPU in both generations, and by two processes on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.keras

DRIVER = Path(__file__).parent / "strategy_driver.py"
SYNTHETIC = {"kind": "synthetic", "samples": 64, "paths": [], "validation_split": 0.25}


def spec(strategy: str, **more: Any) -> dict[str, Any]:
    plain = {"path": "train.py", "shown": "train.py", "device": "cpu", "seed": 3, "batch_size": 16, "epochs": 2}
    return {**plain, "strategy": strategy, "data": SYNTHETIC, **more}


def start(generation: int, folder: Path, asked: dict[str, Any], **environment: str) -> subprocess.Popen[str]:
    path = folder / f"spec-{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps(asked))
    command = [sys.executable, str(DRIVER), str(generation), str(path)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "TF_CONFIG"))}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**clean, **environment}
    )


def answers(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
    found = []
    try:
        for process in processes:
            out, error = process.communicate(timeout=120)
            assert process.returncode == 0, error[-3000:]
            found.append(json.loads(out))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return found


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def test_mirrored_trains_on_all_parts_of_a_divided_cpu(tmp_path: Path) -> None:
    asked = spec("mirrored", precision="mixed_bfloat16")
    two, three = answers(*(start(each, tmp_path, asked, KERASCOPE_LOGICAL_CPUS="2") for each in (2, 3)))
    for found in (two, three):
        assert found["replicas"] == 2
        assert found["device"] == "CPU"
        assert found["policy"] == "bfloat16"
        assert found["worker"] == [0, 1, True]


def test_data_that_does_not_fit_is_found_under_a_strategy_too(tmp_path: Path) -> None:
    wrong = spec("mirrored", data={**SYNTHETIC, "kind": "npy", "paths": _pair(tmp_path)})
    (fitting,) = answers(start(2, tmp_path, wrong))
    assert fitting["error"].startswith(
        "the target is (8, 2), the output (None, 3), and sparse_categorical_crossentropy"
    )


def _pair(folder: Path) -> list[str]:
    import numpy as np

    np.save(folder / "x.npy", np.zeros((8, 4)))
    np.save(folder / "y.npy", np.zeros((8, 2)))
    return [str(folder / "x.npy"), str(folder / "y.npy")]


def test_two_workers_of_tf_config_train_one_model(tmp_path: Path) -> None:
    addresses = [f"127.0.0.1:{port}" for port in free_ports()]
    configs = [
        json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": number}}) for number in (0, 1)
    ]
    check_together(answers(*(start(2, tmp_path, spec("multiworker"), TF_CONFIG=each) for each in configs)))


def test_two_workers_of_slurm_train_one_model(tmp_path: Path) -> None:
    slurm = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2"}
    slurm |= {"SLURM_STEP_NODELIST": "localhost", "SLURM_STEP_TASKS_PER_NODE": "2"}
    workers = [start(2, tmp_path, spec("multiworker"), **slurm, SLURM_PROCID=number) for number in ("0", "1")]
    check_together(answers(*workers))


def check_together(found: list[dict[str, Any]]) -> None:
    chief, other = found
    assert (chief["worker"], other["worker"]) == ([0, 2, True], [1, 2, False])
    assert chief["replicas"] == other["replicas"] == 2
    assert (chief["loss"], chief["weights"]) == (other["loss"], other["weights"])


def test_what_a_generation_cannot_do_is_refused_before_anything_starts(tmp_path: Path) -> None:
    three, two, unknown = answers(
        start(3, tmp_path, spec("multiworker"), TF_CONFIG="{}"),
        start(2, tmp_path, spec("multiworker"), TF_CONFIG="{cluster"),
        start(2, tmp_path, spec("tower")),
    )
    assert three["error"].startswith(
        "Keras 3 cannot train under MultiWorkerMirroredStrategy (its fit fails; github.com"
    )
    assert three["error"].endswith("use --keras 2, or --strategy mirrored on one machine")
    assert two["error"].startswith("TF_CONFIG is not JSON")
    assert unknown["error"] == "the strategy 'tower' is none: name one of none, mirrored, multiworker"
