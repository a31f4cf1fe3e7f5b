"""Starting a training run, by a warm probe or an interpreter of its own; its processes need nobody afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from kerascope.engine._probe import PROBE_DIRECTORY, ProbeError
from kerascope.graph import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kerascope.engine._probe import Probe

__all__ = ["LaunchError", "launch_fresh", "launch_warm"]

START_SECONDS = 120.0
"""Seconds in which an interpreter must have come up; on a slow network disk it takes its time."""

CHANGED = ("CUDA_VISIBLE_DEVICES", "TF_CPP_MIN_LOG_LEVEL")
"""Variables that a probe was started with in another way than the user has them."""

MAX_DETAILS = 4000


class LaunchError(Exception):
    """A run could not be started; the text says why, in a sentence.

    Attributes:
        details: What the interpreter printed, where it failed without a word to us.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


async def launch_warm(probe: Probe, directory: Path) -> int:
    """Start a run in a copy of a probe that has imported Keras already.

    Args:
        probe: A probe that is ready.
        directory: The run's directory.

    Returns:
        Process id of the run's keeper, which has written itself into `run.json`.

    Raises:
        LaunchError: The run's processes did not come up.
        ProbeError: The probe is gone; a fresh interpreter can still start the run.
    """
    try:
        async with contextlib.aclosing(probe.look(_request(directory), asyncio.Event())) as answers:
            answer = await asyncio.wait_for(anext(answers), START_SECONDS)
    except asyncio.TimeoutError:
        raise LaunchError(f"the run did not come up within {START_SECONDS:.0f} seconds") from None
    except StopAsyncIteration:
        raise ProbeError("died", "the probe ended before it had answered") from None
    return _pid(answer)


def _request(directory: Path) -> dict[str, Any]:
    return {"train": str(directory.absolute()), "environment": {name: os.environ.get(name) for name in CHANGED}}


def launch_fresh(python: str, generation: int, directory: Path, environment: Mapping[str, str]) -> int:
    """Start a run by an interpreter of its own; returns when its processes are up.

    Args:
        python: The interpreter.
        generation: Keras generation, 2 or 3.
        directory: The run's directory.
        environment: Variables to set for the run.

    Returns:
        Process id of the run's keeper, which has written itself into `run.json`.

    Raises:
        LaunchError: They did not come up. Where the reason is the interpreter, `run.json` says so too.
    """
    variables = {**os.environ, **environment, "TF_USE_LEGACY_KERAS": "1" if generation == 2 else "0"}
    command = [python, str(PROBE_DIRECTORY), "train", str(directory.absolute())]
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=variables,
            timeout=START_SECONDS,
            # A Ctrl+C in this moment is no reason to lose the run.
            start_new_session=True,
            check=False,
        )
    except OSError as error:
        raise LaunchError(f"{python} could not be started: {error.strerror}") from error
    except subprocess.TimeoutExpired:
        raise LaunchError(f"{python} did not start the run within {START_SECONDS:.0f} seconds") from None
    answer = _last_answer(ran.stdout)
    if answer is not None:
        return _pid(answer)
    code = ran.returncode
    how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    details = clean_text(ran.stdout.decode("utf-8", "replace")[-MAX_DETAILS:])
    raise LaunchError(f"{python} ended before it had started the run ({how})", details)


def _last_answer(output: bytes) -> dict[str, Any] | None:
    """What it said in its last line; before that, a `sitecustomize` of the user's may have printed something."""
    for line in reversed(output.splitlines()):
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict) and "event" in answer:
                return answer
    return None


def _pid(answer: Mapping[str, Any]) -> int:
    if answer.get("event") != "launched":
        raise LaunchError(clean_text(str(answer.get("message", "the run could not be started"))))
    return int(answer["pid"])
