"""Which worker of a distributed run a process is: the same answer on both sides of the run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kerascope.probe.training import workers as inside
from kerascope.runs import _workers as outside

SLURM = {"SLURM_JOB_ID": "41", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4"}
CLUSTER = {"worker": ["one:1", "two:1"]}


def config(cluster: Any, task: Any) -> dict[str, str]:
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


@pytest.mark.parametrize("side", [inside, outside], ids=["probe", "runs"])
class TestWorkerOf:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            (SLURM, (1, 4, "slurm-41.0")),
            ({"SLURM_PROCID": "0", "SLURM_NTASKS": "2"}, (0, 2, None)),
            (config(CLUSTER, {"type": "worker", "index": 1}), (1, 2, None)),
            (config({"chief": ["a:1"], **CLUSTER}, {"type": "worker", "index": 1}), (2, 3, None)),
            (config({"chief": ["a:1"], **CLUSTER}, {"type": "chief", "index": 0}), (0, 3, None)),
            # What TF_CONFIG says is what TensorFlow goes by, also inside Slurm.
            ({**SLURM, **config(CLUSTER, {"type": "worker", "index": 0})}, (0, 2, "slurm-41.0")),
            ({**SLURM, "TF_CONFIG": "{}"}, (1, 4, "slurm-41.0")),
        ],
    )
    def test_is_told_by_the_environment(self, side: Any, environment: Any, expected: Any) -> None:
        worker = side.worker_of(environment)
        assert (worker.index, worker.count, worker.run_id) == expected

    @pytest.mark.parametrize(
        ("environment", "sentence"),
        [
            ({}, "needs to know the workers: start one process a worker by Slurm"),
            ({"SLURM_PROCID": "0"}, "SLURM_NTASKS is not: start the workers by srun"),
            ({**SLURM, "SLURM_PROCID": "one"}, "SLURM_PROCID is 'one', not a number"),
            (
                {**SLURM, "SLURM_PROCID": "4"},
                "SLURM_PROCID is 4 and SLURM_STEP_NUM_TASKS is 4: there is no such worker",
            ),
            ({"TF_CONFIG": "{cluster"}, "TF_CONFIG is not JSON (Expecting property name"),
            ({"TF_CONFIG": "[]"}, "TF_CONFIG has no 'cluster' that is an object"),
            (config({"worker": "one:1"}, {"type": "worker"}), "TF_CONFIG has no 'worker' that is a list of addresses"),
            (config(CLUSTER, None), "TF_CONFIG has no 'task' that is an object"),
            (config(CLUSTER, {"type": "ps", "index": 0}), "this task is a ps; multiworker knows only worker and chief"),
            (
                config(CLUSTER, {"type": "worker", "index": 2}),
                "this is worker 2, and its cluster has 2 of the type worker",
            ),
            (
                config(CLUSTER, {"type": "chief", "index": 0}),
                "this is chief 0, and its cluster has 0 of the type chief",
            ),
        ],
    )
    def test_says_what_is_wrong(self, side: Any, environment: Any, sentence: str) -> None:
        with pytest.raises(side.WorkerError) as raised:
            side.worker_of(environment)
        assert sentence in str(raised.value)
