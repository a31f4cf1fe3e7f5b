"""Which worker of a distributed run this process is, from its environment alone: TF_CONFIG, else Slurm's variables.

Asked before TensorFlow is, whose own messages about a wrong TF_CONFIG are tracebacks. Its twin, for whoever starts the
run, is `kerascope.runs._workers`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Worker", "WorkerError", "worker_of"]

_EXAMPLE = '{"cluster": {"worker": ["host1:12345", "host2:12345"]}, "task": {"type": "worker", "index": 0}}'


class WorkerError(ValueError):
    """The environment does not tell which worker this is; the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Worker:
    """One process of a distributed run.

    Attributes:
        index: Its number from 0; 0 is the chief, which writes the run directory.
        count: How many there are.
        run_id: The id that all of them share, `slurm-JOB.STEP`; `None` where nothing gives one.
    """

    index: int
    count: int
    run_id: str | None


def worker_of(environment: Mapping[str, str]) -> Worker:
    """Which worker the process with this environment is.

    Raises:
        WorkerError: The environment says nothing of workers, or nonsense.
    """
    run_id = _slurm_run(environment)
    text = environment.get("TF_CONFIG", "").strip()
    if text and text != "{}":
        return Worker(*_of_config(text), run_id)
    if "SLURM_PROCID" not in environment:
        raise WorkerError(
            "the strategy multiworker needs to know the workers: start one process a worker by Slurm "
            f"(srun kerascope train ...), or set TF_CONFIG for each, as {_EXAMPLE}"
        )
    index = _number(environment, "SLURM_PROCID")
    tasks = "SLURM_STEP_NUM_TASKS" if "SLURM_STEP_NUM_TASKS" in environment else "SLURM_NTASKS"
    count = _number(environment, tasks)
    if index >= count:
        raise WorkerError(f"SLURM_PROCID is {index} and {tasks} is {count}: there is no such worker")
    return Worker(index, count, run_id)


def _slurm_run(environment: Mapping[str, str]) -> str | None:
    job, step = environment.get("SLURM_JOB_ID", ""), environment.get("SLURM_STEP_ID", "")
    return f"slurm-{job}.{step}" if job.isdigit() and step.isdigit() else None


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name)
    if text is None:
        raise WorkerError(f"SLURM_PROCID is set and {name} is not: start the workers by srun")
    if not text.isdigit():
        raise WorkerError(f"{name} is {text!r}, not a number: start the workers by srun, which sets it")
    return int(text)


def _of_config(text: str) -> tuple[int, int]:
    """Number and count of workers by a TF_CONFIG."""
    try:
        config = json.loads(text)
    except ValueError as error:
        raise WorkerError(f"TF_CONFIG is not JSON ({error}); it should look like {_EXAMPLE}") from None
    workers, task = _part(_part(config, "cluster", dict), "worker", list, needed=False), _part(config, "task", dict)
    chiefs = _part(config["cluster"], "chief", list, needed=False)
    kind, index = _part(task, "type", str), task.get("index", 0)
    if kind not in ("chief", "worker"):
        raise WorkerError(f"TF_CONFIG says that this task is a {kind}; multiworker knows only worker and chief")
    if isinstance(index, str) and index.isdigit():
        index = int(index)
    own = workers if kind == "worker" else chiefs
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(own):
        raise WorkerError(
            f"TF_CONFIG says that this is {kind} {index!r}, and its cluster has {len(own)} of the type {kind}; "
            "index goes from 0"
        )
    return (index + len(chiefs) if kind == "worker" else 0), len(chiefs) + len(workers)


def _part(config: Any, name: str, kind: Any, *, needed: bool = True) -> Any:
    if isinstance(config, dict) and name not in config and not needed:
        return kind()
    if not isinstance(config, dict) or not isinstance(config.get(name), kind):
        words = {dict: "an object", list: "a list of addresses", str: "a text"}[kind]
        raise WorkerError(f"TF_CONFIG has no {name!r} that is {words}; it should look like {_EXAMPLE}")
    return config[name]
