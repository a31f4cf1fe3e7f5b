"""The workers of one run that several processes train together: all but the chief join what the chief has begun."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kerascope.runs._create import place_facts
from kerascope.runs._layout import RUN_FILE, read_json, write_json
from kerascope.runs._read import read_run
from kerascope.runs._run import RunStatus

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["can_join", "join_run"]


def can_join(directory: Path) -> bool:
    """Whether the chief has begun the run, or begun it again, so that the other workers can join."""
    return (directory / RUN_FILE).exists() and read_run(directory).alive


def join_run(directory: Path, index: int) -> Path:
    """Make the directory of a worker that is not the chief; one of an earlier attempt is taken over.

    Args:
        directory: The run's directory, which the chief has made.
        index: The worker's number, from 1.

    Returns:
        `workers/<index>` in it; its `run.json` asks for the same, and says `starting`.

    Raises:
        OSError: It cannot be made or written.
        ValueError: The chief's `run.json` is not as a run writes it.
    """
    facts = read_json(directory / RUN_FILE)
    own = directory / "workers" / str(index)
    own.mkdir(parents=True, exist_ok=True)
    facts.update(
        place_facts(),
        id=f"{directory.name}/workers/{index}",
        worker=index,
        started=time.time(),
        resumed=None,
        ran_before=0.0,
        ended=None,
        keeper=None,
        process=None,
        status=RunStatus.STARTING.value,
        exit=None,
        error=None,
        epochs_done=0,
        steps_done=0,
        loop_steps=0,
        metrics={},
        best=None,
    )
    write_json(own / RUN_FILE, facts)
    return own
