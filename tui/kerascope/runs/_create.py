"""The beginning of a run: its directory, with all that its processes need to know."""

from __future__ import annotations

import dataclasses
import getpass
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.runs._layout import RUN_FILE, STOP_FILE, new_directory, read_json, write_json
from kerascope.runs._lock import locked
from kerascope.runs._process import Here
from kerascope.runs._read import last_record, read_run
from kerascope.runs._run import RunStatus
from kerascope.runs._source import keep_program, kept_program, replace_program

if TYPE_CHECKING:
    from kerascope.runs._run import Run
    from kerascope.runs._spec import TrainSpec

__all__ = ["NotResumableError", "create_run", "give_up", "place_facts", "prepare_resume"]


class NotResumableError(Exception):
    """A run that cannot go on; the text says why, and what to do."""


def create_run(spec: TrainSpec, runs: Path, *, text: str | None = None, run_id: str | None = None) -> Path:
    """Make the directory of a new run.

    Args:
        spec: What is to be trained, and how.
        runs: The directory that holds the runs.
        text: The program as it will run; kept, because the file goes on changing.
        run_id: The id to take, `None` to make one.

    Returns:
        The run's directory, absolute; its `run.json` says `starting`.

    Raises:
        OSError: It cannot be made or written.
    """
    directory = new_directory(runs, _stem(spec), run_id)
    if text is not None:
        keep_program(kept_program(directory, spec), text)
    write_json(directory / RUN_FILE, _facts(spec, directory))
    return directory


def _stem(spec: TrainSpec) -> str:
    """What the run's id says of the program: the file's name, or the last one of a module; a package by its own."""
    path = Path(spec.path)
    names = spec.module.split(".") if spec.module is not None else [path.parent.name, path.stem]
    return names[-2] if names[-1] in ("__main__", "__init__") and len(names) > 1 and names[-2] else names[-1]


def _facts(spec: TrainSpec, directory: Path) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": directory.name,
        "source": _source(spec),
        "spec": spec.to_json(),
        **place_facts(),
        "started": time.time(),
        "ended": None,
        "attempt": 1,
        "keeper": None,
        "process": None,
        "status": RunStatus.STARTING.value,
        "exit": None,
        "error": None,
        "engine": None,
        "device": None,
        "model": None,
        "epochs_done": 0,
        "epochs": spec.epochs,
        "steps_done": 0,
        "metrics": {},
        "best": None,
    }


def _source(spec: TrainSpec) -> str:
    shown = spec.shown
    if spec.name is not None:
        shown += f":{spec.name}"
    return shown if spec.call is None else f"{shown}({spec.call})"


def place_facts() -> dict[str, Any]:
    """Whose run it is, and where: what tells process ids of one machine from those of another."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = ""  # a container runs under a number that has no name
    return {"user": user, **dataclasses.asdict(Here.now())}


def prepare_resume(run: Run, *, gone: bool = False, text: str | None = None) -> None:
    """Make an ended run ready to be started again in its directory.

    Args:
        run: The run; it is read again, because somebody else may have resumed it since.
        gone: Whether somebody vouches that the machine or container is gone that it ran in out of our sight.
        text: The program that it goes on with in place of its copy, which is kept beside it; `None` for the copy.

    Raises:
        NotResumableError: It is alive, or went to its end, or cannot be read.
        OSError: Its directory cannot be written.
    """
    if run.spec is None:
        raise NotResumableError(_unreadable(run))  # there may be no directory to lock
    try:
        with locked(run.directory):
            _prepare(read_run(run.directory), gone=gone, text=text)
    except BlockingIOError:
        raise NotResumableError(_resumed_already(run)) from None


def _unreadable(run: Run) -> str:
    return f"{run.id} cannot be resumed: {run.error.sentence if run.error else 'no run.json'}"


def _resumed_already(run: Run) -> str:
    return f"{run.id} is being resumed already; `kerascope runs follow {run.id}` follows it"


def _prepare(run: Run, *, gone: bool, text: str | None) -> None:
    if run.spec is None:
        raise NotResumableError(_unreadable(run))
    if run.elsewhere and not gone:
        raise NotResumableError(run.unseen("resume", "lets it go on here"))
    if run.status is RunStatus.STARTING and run.attempt > 1 and not run.elsewhere:
        raise NotResumableError(_resumed_already(run))
    if run.alive and not run.elsewhere:
        raise NotResumableError(f"{run.id} is {run.status.value}; it can be resumed when it has ended")
    if run.status is RunStatus.FINISHED:
        raise NotResumableError(f"{run.id} has finished, {_how_long(run)}")
    if text is not None:
        replace_program(kept_program(run.directory, run.spec), text, run.attempt)
    for stop in (run.directory / STOP_FILE, run.directory / "workers" / STOP_FILE):
        stop.unlink(missing_ok=True)
    facts = read_json(run.directory / RUN_FILE)
    begun = run.resumed or run.started
    # Of an attempt whose end nobody saw the last record is the last that is known.
    ended = run.ended or last_record(run.directory) or begun
    facts.update(
        place_facts(),
        attempt=run.attempt + 1,
        keeper=None,
        process=None,
        status=RunStatus.STARTING.value,
        ended=None,
        exit=None,
        error=None,
        resumed=time.time(),
        ran_before=run.ran_before + max(0.0, ended - begun),
    )
    write_json(run.directory / RUN_FILE, facts)


def _how_long(run: Run) -> str:
    """What a finished run has trained, and how to get more of it."""
    if run.counts_steps:
        steps = "1 step" if run.steps_done == 1 else f"{run.steps_done:,} steps"
        return f"after {steps}; start a new run of a program that trains longer"
    epochs = "1 epoch" if run.epochs_done == 1 else f"{run.epochs_done:,} epochs"
    return f"after {epochs}; start a new run with more --epochs"


def give_up(directory: Path, sentence: str) -> bool:
    """Record that a run could not be started at all; one that has a process by now is left alone.

    Its keeper, should it come up after all, finds that and starts nothing.

    Returns:
        Whether there is a process: then the run was not given up.

    Raises:
        OSError: Its directory cannot be written.
    """
    with locked(directory):
        run, facts = read_run(directory), read_json(directory / RUN_FILE)
        if run.alive and (facts.get("keeper") or facts.get("process")):
            return True
        # By what is written: the time in which it must have come up is over, so that it counts as vanished.
        if facts.get("status") == RunStatus.STARTING.value:
            facts.update(status=RunStatus.FAILED.value, ended=time.time(), error={"sentence": sentence})
            write_json(directory / RUN_FILE, facts)
    return False
