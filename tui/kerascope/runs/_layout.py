"""Where runs live and what their files are called; the probe's side of training writes the same names."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

__all__ = [
    "ABOUT_FILE",
    "BACKUP_DIRECTORY",
    "EVENTS_FILE",
    "LOCK_FILE",
    "LOG_FILE",
    "METRICS_FILE",
    "RUN_FILE",
    "STATE_FILE",
    "STOP_FILE",
    "STREAMS_FILE",
    "default_directory",
    "new_directory",
    "read_json",
    "write_json",
]

RUN_FILE = "run.json"
ABOUT_FILE = "about.json"
EVENTS_FILE = "events.jsonl"
LOG_FILE = "output.log"
STREAMS_FILE = "output.streams"
STOP_FILE = "stop.json"
METRICS_FILE = "metrics.csv"
LOCK_FILE = ".lock"
BACKUP_DIRECTORY = "backup"
STATE_FILE = "state.json"

MAX_FACTS = 16 * 1024 * 1024
"""Bytes of a JSON file of ours; a larger one is none of ours."""

MAX_STEM = 40
"""Characters of a file's name that become part of a run's id."""


def default_directory(chosen: str | None = None) -> Path:
    """The directory that holds the runs: the chosen one, else that of `KERASCOPE_RUNS`, else `./runs`."""
    return Path(chosen or os.environ.get("KERASCOPE_RUNS") or "runs").expanduser()


def new_directory(runs: Path, stem: str, run_id: str | None = None) -> Path:
    """Make the directory of a new run; two that begin in the same second get different ones.

    Args:
        runs: The directory that holds the runs; made where it is missing.
        stem: Name of what is trained, for the id.
        run_id: The id to take, `None` to make one of the time and the stem.

    Raises:
        OSError: It cannot be made, or `run_id` is taken (FileExistsError).
    """
    runs.mkdir(parents=True, exist_ok=True)
    if run_id is not None:
        directory = runs / run_id
        directory.mkdir()
        return directory.absolute()
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("-.")[:MAX_STEM] or "run"
    base = f"{time.strftime('%Y%m%d-%H%M%S')}-{plain}"
    number = 1
    while True:
        directory = runs / (base if number == 1 else f"{base}-{number}")
        try:
            directory.mkdir()
        except FileExistsError:
            number += 1
            continue
        return directory.absolute()


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of ours.

    Raises:
        OSError: It cannot be read.
        ValueError: It holds no JSON object; the text says what it holds.
    """
    with path.open("rb") as file:
        data = file.read(MAX_FACTS + 1)
    if len(data) > MAX_FACTS:
        raise ValueError(f"{path.name} is larger than {MAX_FACTS // 2**20} MiB, so it is not a run's")
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(facts, dict):
        raise ValueError(f"{path.name} holds no JSON object but {type(facts).__name__}")
    return facts


def write_json(path: Path, facts: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all: aside, then renamed.

    Raises:
        OSError: It cannot be written; the file is as it was.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
