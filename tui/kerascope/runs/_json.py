"""A run as the plain data that scripts read; the keys are a contract: more may come, none is renamed."""

from __future__ import annotations

import dataclasses
import math
import os
import time
from typing import TYPE_CHECKING, Any

from kerascope.runs._command import command_of

if TYPE_CHECKING:
    from kerascope.runs._run import Run

__all__ = ["facts_of"]


def facts_of(run: Run) -> dict[str, Any]:
    """What is known of a run, ready for `json.dumps`. Times are seconds since 1970, NaN and infinities are words.

    Args:
        run: The run.

    Returns:
        `id`, `status`, `source`, `epochs_done`, `epochs`, `metrics` (the last value of each), `started`, `ended`,
        `exit`, `error` (one sentence or `None`) and `directory`, which are the contract, and what else there is.
    """
    error = run.error
    best = None
    if run.best is not None:
        best = {"metric": run.best_metric, "value": _number(run.best), "model": run.best_model or run.model}
    return {
        "id": run.id,
        "status": run.status.value,
        "source": run.source,
        "epochs_done": run.epochs_done,
        "epochs": run.epochs,
        "metrics": {name: _number(value) for name, value in run.metrics.items()},
        "started": run.started,
        "ended": run.ended,
        "exit": run.exit,
        "error": None if error is None else error.sentence,
        "directory": os.fspath(run.directory),
        "steps_done": run.steps_done,
        "loop_steps": run.loop_steps,
        "seconds": run.seconds(time.time()),
        "warnings": list(run.warnings),
        "name": run.name,
        "note": run.note,
        "model": run.model,
        "best": best,
        "pid": run.pid,
        "host": run.host,
        "attempt": run.attempt,
        "stop_requested": run.stop_requested,
        "elsewhere": run.elsewhere,
        "error_details": None if error is None else dataclasses.asdict(error),
        "command": None if run.spec is None else command_of(run.spec),
    }


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
