"""How a training is spread over devices and processes: `tf.distribute`, entered around all that makes variables."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from .devices import LOGICAL_CPUS
from .errors import SetupError
from .workers import WorkerError, worker_of

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Distribution", "check_strategy", "scope_for"]

STRATEGIES = ("none", "mirrored", "multiworker")

FIRST_PORT, PORTS, MAX_TASKS = 12000, 16000, 16
"""Ports that Slurm's tasks listen on: below those that systems give out by themselves; and tasks a node, generously."""

KERAS_3 = (
    "Keras 3 cannot train under MultiWorkerMirroredStrategy (its fit fails; github.com/keras-team/keras/issues/20585); "
    "use --keras 2, or --strategy mirrored on one machine"
)


class Distribution:
    """The strategy of a run, and the scope to make, compile and train its models in.

    Attributes:
        name: As it was asked for: `none`, `mirrored` or `multiworker`.
        strategy: The `tf.distribute.Strategy`, `None` for `none`.
        replicas: How many copies of the model are trained together, over all workers.
        worker: Number of this worker from 0; 0 is the chief, which alone writes what all share.
        workers: How many there are.
    """

    def __init__(self, name: str, strategy: Any = None, worker: int = 0, workers: int = 1) -> None:
        self.name = name
        self.strategy = strategy
        self.replicas = 1 if strategy is None else int(strategy.num_replicas_in_sync)
        self.worker = worker
        self.workers = workers
        self._scope: Any = None

    @property
    def is_chief(self) -> bool:
        """Whether this process writes what all workers share."""
        return self.worker == 0

    def __enter__(self) -> Distribution:
        self._scope = contextlib.nullcontext() if self.strategy is None else self.strategy.scope()
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._scope.__exit__(kind, error, traceback)


def check_strategy(spec: dict[str, Any], generation: int) -> None:
    """Whether this Keras can train so at all, before TensorFlow is asked anything.

    Raises:
        SetupError: It cannot, or the environment does not tell the workers.
    """
    name = spec.get("strategy") or "none"
    if name not in STRATEGIES:
        raise SetupError(f"the strategy {name!r} is none: name one of {', '.join(STRATEGIES)}")
    if name == "multiworker":
        if generation == 3:
            raise SetupError(KERAS_3)
        _this_worker()


def _this_worker() -> Any:
    try:
        return worker_of(os.environ)
    except WorkerError as error:
        raise SetupError(str(error)) from error


def scope_for(spec: dict[str, Any], tensorflow: Any, generation: int) -> Distribution:
    """The strategy that a run was asked to train under.

    To be called after the devices were chosen and before anything is computed: TensorFlow cannot join a cluster later.
    For several workers this waits until all of them are there.

    Args:
        spec: The run's spec: `strategy`, and `device` where GPUs are shared out.
        tensorflow: The imported module; `None` where Keras runs on something else.
        generation: Of Keras.

    Raises:
        SetupError: It cannot be done here; the text says why.
    """
    check_strategy(spec, generation)
    name = spec.get("strategy") or "none"
    if name == "none":
        return Distribution(name)
    if tensorflow is None:
        raise SetupError(f"the strategy {name} is TensorFlow's, and Keras runs on another backend here")
    if name == "mirrored":
        # Without GPUs TensorFlow would take one CPU, however many it was divided into.
        gpus = tensorflow.config.get_visible_devices("GPU")
        cpus = [device.name.split("device:")[-1] for device in tensorflow.config.list_logical_devices("CPU")]
        divided = not gpus and os.environ.get(LOGICAL_CPUS)
        strategy = tensorflow.distribute.MirroredStrategy(devices=cpus if divided else None)
        return Distribution(name, strategy)
    worker = _this_worker()
    if os.environ.get("TF_CONFIG", "").strip() in ("", "{}"):
        _join_slurm(spec, tensorflow, worker.count)
    try:
        strategy = tensorflow.distribute.MultiWorkerMirroredStrategy()
    except (ValueError, RuntimeError, tensorflow.errors.OpError) as error:
        raise SetupError(f"the workers of this run could not come together: {error}") from error
    return Distribution(name, strategy, worker.index, worker.count)


def _join_slurm(spec: dict[str, Any], tensorflow: Any, tasks: int) -> None:
    """Put into TF_CONFIG what TensorFlow makes of Slurm's environment: which tasks there are, and which is this one."""
    try:
        # Told of one GPU a task, whatever there is: it only counts with them, and cannot count with none. No node has
        # more tasks than there are.
        resolver = tensorflow.distribute.cluster_resolver.SlurmClusterResolver(
            port_base=_first_port(), gpus_per_node=tasks, gpus_per_task=1, auto_set_gpu=False
        )
        cluster = resolver.cluster_spec().as_dict()
    except (RuntimeError, ValueError) as error:
        raise SetupError(f"TensorFlow cannot tell the workers from Slurm's environment: {error}") from error
    kind, index = resolver.get_task_info()
    _share_gpus(spec, tensorflow, cluster["worker"], index)
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def _first_port() -> int:
    """The first port of this job step's tasks: another one's on the same node listen elsewhere."""
    job, step = (os.environ.get(name, "") for name in ("SLURM_JOB_ID", "SLURM_STEP_ID"))
    number = 16 * int(job) + int(step) if job.isdigit() and step.isdigit() else 0
    return FIRST_PORT + number * MAX_TASKS % PORTS


def _share_gpus(spec: dict[str, Any], tensorflow: Any, addresses: list[str], index: int) -> None:
    """Give each task of a node its part of the node's GPUs, unless Slurm or the user has done so."""
    given = ("SLURM_GPUS_PER_TASK", "SLURM_TRES_PER_TASK")
    if any("gpu" in (name + os.environ[name]).lower() for name in given if name in os.environ):
        return
    if str(spec.get("device") or "auto").startswith("gpu:"):
        return
    host = addresses[index].rsplit(":", 1)[0]
    beside = [number for number, address in enumerate(addresses) if address.rsplit(":", 1)[0] == host]
    gpus = tensorflow.config.get_visible_devices("GPU")
    each = len(gpus) // len(beside)
    if each and len(beside) > 1:
        first = beside.index(index) * each
        tensorflow.config.set_visible_devices(gpus[first : first + each], "GPU")
