"""Asking a run to stop, in three steps: after this batch, SIGTERM, SIGKILL."""

from __future__ import annotations

import getpass
import json
import os
import signal
import socket
import time
from enum import Enum
from typing import TYPE_CHECKING

from kerascope.runs._layout import RUN_FILE, STOP_FILE, read_json
from kerascope.runs._process import is_alive
from kerascope.runs._read import read_run

if TYPE_CHECKING:
    from kerascope.runs._run import Run

__all__ = ["StopError", "StopStep", "stop_run"]

AT_ONCE_SECONDS = 2.0
"""Requests this close together are one: two screens that both ask to stop must not kill."""


class StopStep(str, Enum):
    """How hard a run is asked to stop."""

    REQUEST = "request"
    TERM = "term"
    KILL = "kill"


class StopError(Exception):
    """The run cannot be stopped from here; the text says why, and what to do."""


def stop_run(run: Run, step: StopStep | None = None) -> tuple[StopStep, str]:
    """Ask a run to stop.

    Args:
        run: The run; it is read again.
        step: How hard; `None` asks, and when that was asked for before sends SIGTERM. SIGKILL is only sent when it is
            meant.

    Returns:
        What was done, and a sentence about it.

    Raises:
        StopError: It has ended, or its process is out of reach.
    """
    run = read_run(run.directory)
    if not run.alive:
        raise StopError(f"{run.id} has ended already: {run.status.value}")
    asked = run.stop_requested
    if step is None:
        step = StopStep.REQUEST if asked is None or _just_now(asked) else StopStep.TERM
    if step is StopStep.REQUEST:
        return step, _request(run)
    return step, _signal(run, signal.SIGTERM if step is StopStep.TERM else signal.SIGKILL)


def _just_now(asked: float) -> bool:
    # A clock that was set back makes the difference negative: then it was not just now.
    return 0 <= time.time() - asked < AT_ONCE_SECONDS


def _request(run: Run) -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    facts = {"time": time.time(), "by": f"{user}@{socket.gethostname()}", "signal": None}
    try:
        descriptor = os.open(run.directory / STOP_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return f"{run.id} was asked to stop before; it does so after the batch that it is at"
    except OSError as error:
        raise StopError(
            f"{run.id} cannot be asked to stop: {run.directory / STOP_FILE} cannot be written ({error.strerror}); "
            f"`kerascope runs stop --term {run.id}` sends it SIGTERM"
        ) from None
    try:
        os.write(descriptor, json.dumps(facts).encode())
    finally:
        os.close(descriptor)
    return f"{run.id} stops after the batch that it is at, and saves model and state"


def _signal(run: Run, number: signal.Signals) -> str:
    if run.elsewhere:
        raise StopError(f"{run.id} runs on {run.host}: a signal can only be sent there")
    facts = read_json(run.directory / RUN_FILE)
    process = facts.get("process") or facts.get("keeper")
    if process is None or not is_alive(int(process["pid"]), process.get("start")):
        raise StopError(f"{run.id} has no process yet that a signal could be sent to; try again in a moment")
    pid = int(process["pid"])
    try:
        # What the training has started goes with it, where it leads a group.
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        raise StopError(f"{run.id} has just ended") from None
    except PermissionError:
        raise StopError(f"{run.id} belongs to another user: process {pid} may not be sent {number.name}") from None
    return f"{number.name} was sent to {run.id} (process {pid})"
