"""`PYTHON .../probe train DIRECTORY`: start the run of a directory and return as soon as it is up."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from ..keras_names import KerasMissingError, find_root
from .detaching import detach, last_answer
from .keeper import keep
from .record import RunRecord

if TYPE_CHECKING:
    from .record import Reporter

__all__ = ["main"]

USAGE = 64
"""Exit status for a wrong command line (EX_USAGE of sysexits.h)."""


def main(argv: list[str]) -> int:
    """Start a run.

    Args:
        argv: The run's directory.

    Returns:
        0 when its keeper and its training process are up, 1 when not. The last line of standard output says it in JSON:
        `{"event": "launched", "pid": ...}` or `{"event": "failed", "message": ...}`.
    """
    if len(argv) != 1:
        print("usage: PYTHON probe train DIRECTORY", file=sys.stderr)
        return USAGE
    directory = os.path.abspath(argv[0])
    message = _hindrance(directory)
    answer = _launched(directory) if message is None else {"event": "failed", "message": message}
    print(json.dumps(answer), flush=True)
    return 0 if answer["event"] == "launched" else 1


def _hindrance(directory: str) -> str | None:
    """Why the run cannot be started, as far as that is seen without importing Keras; it is recorded, too."""
    try:
        record = RunRecord.read(directory)
        generation = int(record.facts["spec"]["keras"])
    except OSError as error:
        return f"the run cannot be started: {directory}/run.json cannot be read: {error.strerror}"
    except (ValueError, KeyError, TypeError) as error:
        return f"the run cannot be started: {directory}/run.json is not as a run writes it: {error}"
    try:
        find_root(generation)
    except KerasMissingError as error:
        record.merge({"status": "failed", "ended": time.time(), "error": {"sentence": str(error)}})
        with contextlib.suppress(OSError):
            record.save()  # Whoever started us is told in any case.
        return str(error)
    return None


def _launched(directory: str) -> dict[str, object]:
    def train(reporter: Reporter) -> int:
        # Here, in the training process: the keeper needs none of it.
        from .training import train as train_run

        return train_run(directory, reporter)

    sys.stdout.flush()
    with open(detach(lambda ready: keep(directory, train, ready)), "rb") as pipe:
        return last_answer(pipe.read())
