"""The one door for the command line and the screen to start training runs: what is asked for -> a run that is up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.engine import (
    InterpreterError,
    LaunchError,
    ModuleError,
    ProbeError,
    choose_generation,
    choose_python,
    find_module,
    import_name,
    launch_fresh,
    launch_warm,
    parses,
    real_path,
)
from kerascope.graph import SourceKind
from kerascope.readers import Unreadable, read_program, read_python
from kerascope.readers.saved import detect, other_kind
from kerascope.runs import NotResumableError, TrainSpec, create_run, give_up, prepare_resume, read_run
from kerascope.runs._join import can_join, join_run
from kerascope.runs._workers import WorkerError, worker_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerascope.engine import Probe
    from kerascope.graph import Failure, Target
    from kerascope.inspection import Inspector
    from kerascope.runs import Run
    from kerascope.runs._workers import Worker

__all__ = ["TrainError", "Trainer", "check_program", "check_strategy", "plain_spec"]

JOIN_SECONDS = 300.0
"""Seconds in which the chief of several workers must have begun the run: Slurm starts its tasks one by one."""

NO_KERAS_3 = (
    "Keras 3 cannot train over several workers: fit fails under MultiWorkerMirroredStrategy, a limitation of Keras "
    "itself (github.com/keras-team/keras/issues/20585); use --keras 2, or --strategy mirrored on one machine"
)


class TrainError(Exception):
    """A run was not started; the text is a sentence that says why, and what to do.

    Attributes:
        details: What the interpreter printed, where it failed without a word to us.
        asked: Whether it is what was asked for that is wrong, so that asking again is of no use.
    """

    def __init__(self, message: str, details: str = "", *, asked: bool = False) -> None:
        super().__init__(message)
        self.details = details
        self.asked = asked


def plain_spec(
    target: Target, *, keras: str = "auto", python: str | None = None, arguments: Sequence[str] = ()
) -> tuple[TrainSpec, str | None]:
    """The run of what a target names, with nothing else chosen.

    Args:
        target: The program or saved model, and what in it.
        keras: Generation: `auto`, `2` or `3`.
        python: Interpreter as it was named; it also finds modules.
        arguments: What the program finds in `sys.argv`.

    Returns:
        The spec, and the text of the program; `None` for a saved model, whose generation has to be found by reading it.

    Raises:
        TrainError: There is no such file, or nothing in it can be trained.
    """
    try:
        chosen, path = choose_python(python), Path(target.path)
        if target.module is not None:
            path = find_module(chosen, target.module)
    except (ModuleError, InterpreterError) as error:
        raise TrainError(str(error), asked=True) from error
    found = None if target.module is not None else detect(path)
    other = None if target.module is not None else other_kind(path, found)
    if other is not None:
        raise TrainError(_sentence(other), asked=True)
    plain = TrainSpec(
        path=real_path(path if found is None else found.path),
        shown=target.module or target.path,
        name=target.name,
        call=target.call,
        input_shapes=target.input_shapes,
        arguments=tuple(arguments),
        python=python,
    )
    if found is not None:
        if found.kind is SourceKind.CHECKPOINT:
            raise TrainError(
                f"{target.path} holds weights and no model; name the program that makes the model", asked=True
            )
        return dataclasses.replace(plain, saved=True, keras=int(keras) if keras in ("2", "3") else 3), None
    text = _program_at(path)
    module, root = import_name(Path(plain.path), text, target.module)
    return dataclasses.replace(plain, module=module, root=root, keras=choose_generation(keras, text)), text


def check_strategy(spec: TrainSpec) -> Worker | None:
    """Which worker this process is, where several train together.

    Returns:
        `None` for every other strategy.

    Raises:
        TrainError: This Keras cannot do it, or the environment does not tell the workers.
    """
    if spec.strategy != "multiworker":
        return None
    if spec.keras == 3:
        raise TrainError(NO_KERAS_3, asked=True)
    try:
        return worker_of({**os.environ, **dict(spec.environment)})
    except WorkerError as error:
        raise TrainError(str(error), asked=True) from error


def check_program(spec: TrainSpec, text: str | None) -> None:
    """Refuse a program that the run's interpreter cannot parse.

    Args:
        spec: The run.
        text: The program as it will run; `None` for a saved model.

    Raises:
        TrainError: It is not valid Python.
    """
    failure = None if text is None else read_python(Path(spec.path)).failure
    if text is None or failure is None or failure.kind not in ("syntax", "not-python"):
        return
    # Ours may be older than the interpreter that runs it.
    if failure.kind == "not-python" or not parses(choose_python(spec.python), text):
        raise TrainError(f"{spec.shown}{_sentence(failure).removeprefix(spec.path)}", asked=True)


def _program_at(path: Path) -> str:
    """The text of a program.

    Raises:
        TrainError: There is none.
    """
    try:
        return read_program(path)[0]
    except Unreadable as error:
        raise TrainError(_sentence(error.failure), asked=True) from error


def _sentence(failure: Failure) -> str:
    """What is wrong with a file, and what to do."""
    return failure.message if failure.hint is None else f"{failure.message} {failure.hint}"


class Trainer:
    """Starts runs: in a copy of the inspector's warm Keras where there is one, else by an interpreter of their own.

    Args:
        inspector: Its Keras processes are used while it lives; the runs need it no more than they need us.
        runs: The directory that holds the runs; made when it is needed.
    """

    def __init__(self, inspector: Inspector, runs: Path) -> None:
        self._inspector = inspector
        self.runs = runs

    async def start(self, spec: TrainSpec, text: str | None = None, *, run_id: str | None = None) -> Run:
        """Start a run, and return once its processes are up.

        A worker that is not the chief waits for the chief to begin the run, and joins it.

        Args:
            spec: What is to be trained, and how.
            text: The program as it will run; `None` for a saved model.
            run_id: The id to take, `None` to make one.

        Raises:
            TrainError: It was not started.
        """
        worker = check_strategy(spec)
        spec = _settled(spec)
        await asyncio.to_thread(check_program, spec, text)
        if worker is not None and run_id is None:
            run_id = _shared_id(worker)
        if worker is not None and worker.index > 0:
            assert run_id is not None
            return await self._join(spec, self.runs / run_id, worker)
        try:
            directory = create_run(spec, self.runs, text=text, run_id=run_id)
        except FileExistsError:
            if not self.runs.is_dir():
                raise TrainError(
                    f"no run can be made in {self.runs}: it is not a directory; --runs-dir names another directory",
                    asked=True,
                ) from None
            taken = f"there is a run {run_id} in {self.runs} already; give another --run-id"
            raise TrainError(taken, asked=True) from None
        except OSError as error:
            raise TrainError(
                f"no run can be made in {self.runs}: {error.strerror}; --runs-dir names another directory"
            ) from error
        return await self._launch(spec, directory)

    async def resume(
        self, run: Run, *, gone: bool = False, new_source: bool = False, before: Callable[[], None] | None = None
    ) -> Run:
        """Let an ended run go on from its last whole epoch.

        Args:
            run: The run.
            gone: Whether somebody vouches that the machine or container is gone that it ran in out of our sight.
            new_source: Whether it goes on with the program as its file is now, not with the copy that it keeps.
            before: Called when it is sure that it goes on, and before it does.

        Raises:
            TrainError: It cannot; a run that has finished is not resumed either.
        """
        if run.spec is None:
            raise TrainError(f"{run.id} cannot be resumed: {run.error.sentence if run.error else 'no run.json'}")
        worker = check_strategy(run.spec)
        if worker is not None and worker.index > 0:
            return await self._join(run.spec, run.directory, worker)
        try:
            prepare_resume(run, gone=gone, text=_program_now(run.spec) if new_source else None)
        except NotResumableError as error:
            raise TrainError(str(error)) from error
        except OSError as error:
            raise TrainError(f"{run.id} cannot be resumed: {run.directory}: {error.strerror}") from error
        if before is not None:
            before()
        return await self._launch(run.spec, run.directory)

    async def _join(self, spec: TrainSpec, directory: Path, worker: Worker) -> Run:
        deadline = time.monotonic() + JOIN_SECONDS
        while not can_join(directory):
            if time.monotonic() >= deadline:
                raise TrainError(
                    f"worker {worker.index} waited {JOIN_SECONDS:.0f} seconds for worker 0 to begin the run {directory}"
                )
            await asyncio.sleep(0.2)
        try:
            own = join_run(directory, worker.index)
        except (OSError, ValueError) as error:
            raise TrainError(f"worker {worker.index} cannot join the run {directory}: {error}") from error
        return await self._launch(spec, own)

    async def _launch(self, spec: TrainSpec, directory: Path) -> Run:
        python = spec.python
        try:
            if python is None:
                python = choose_python(None)
            # The variables of a warm process are those that it was started with.
            probe = None if spec.environment else self._inspector.warm_probe(python, spec.keras)
            if probe is None or not await _launched_warm(probe, directory):
                environment = dict(spec.environment)
                await asyncio.to_thread(launch_fresh, python, spec.keras, directory, environment)
        except (LaunchError, InterpreterError) as error:
            with contextlib.suppress(OSError):
                # Whoever asked is told in any case.
                if give_up(directory, str(error)):
                    return read_run(directory)  # it has come up late, and trains
            raise TrainError(str(error), getattr(error, "details", "")) from error
        return read_run(directory)


def _program_now(spec: TrainSpec) -> str:
    """The program of a run as its file is now.

    Raises:
        TrainError: There is none, or it is not valid Python.
    """
    if spec.saved:
        reason = f"{spec.shown} is a saved model, so that there is no program to take; leave --new-source out"
        raise TrainError(reason, asked=True)
    text = _program_at(Path(spec.path))
    check_program(spec, text)
    return text


async def _launched_warm(probe: Probe, directory: Path) -> bool:
    """Whether a run was started by a probe; one that died may have started it before it could say so."""
    try:
        await launch_warm(probe, directory)
    except ProbeError:
        return read_run(directory).pid is not None
    return True


def _settled(spec: TrainSpec) -> TrainSpec:
    """The spec with what depends on where and when it is started: the interpreter, the working directory.

    Raises:
        TrainError: There is no such interpreter or directory.
    """
    try:
        python = choose_python(spec.python)
        cwd = os.path.abspath(spec.cwd or os.curdir)  # noqa: PTH100 - links stay as they were named
    except InterpreterError as error:
        raise TrainError(str(error), asked=True) from error
    except FileNotFoundError:
        raise TrainError("the current directory is gone; go to one that is there, or name one by --cwd") from None
    if not Path(cwd).is_dir():
        raise TrainError(f"there is no directory {cwd} for the run to work in", asked=True)
    return dataclasses.replace(spec, python=python, cwd=cwd)


def _shared_id(worker: Worker) -> str | None:
    """The id that all workers of a run give it without talking to each other.

    Raises:
        TrainError: Nothing tells one.
    """
    if worker.run_id is not None:
        # Slurm starts a job that was put back into its queue under the same number.
        again = os.environ.get("SLURM_RESTART_COUNT", "0")
        return worker.run_id if again == "0" else f"{worker.run_id}-{again}"
    if worker.count > 1:
        raise TrainError(
            f"the {worker.count} workers of TF_CONFIG share one run, and nothing tells them its name; give each of "
            "them the same --run-id",
            asked=True,
        )
    return None
