"""Reading runs: what is written in their directories, and what has become of their processes."""

from __future__ import annotations

import json
import math
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from kerascope.graph import clean_line, clean_text
from kerascope.runs._layout import ABOUT_FILE, EVENTS_FILE, RUN_FILE, STOP_FILE, read_json
from kerascope.runs._process import Here, is_alive
from kerascope.runs._run import ENDED, Run, RunError, RunStatus
from kerascope.runs._spec import TrainSpec

__all__ = ["MissingRunError", "find_run", "is_run", "last_record", "list_runs", "number_of", "read_run"]

START_SECONDS = 120.0
"""Seconds in which a run's keeper must have come up: an interpreter on a slow network disk takes its time."""

LAST_RECORDS = 64 * 1024
"""Bytes at the end of `events.jsonl` in which the last record is looked for."""

_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class MissingRunError(LookupError):
    """There is no such run, or more than one; the text says which there are."""


def number_of(value: Any) -> float | None:
    """A number as our files write it: JSON has no NaN and no infinities, so those are words."""
    if isinstance(value, str):
        return _WORDS.get(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        # JSON bounds no whole number, a float does.
        return math.inf if value > 0 else -math.inf


def is_run(directory: Path) -> bool:
    """Whether a directory is a run's."""
    return (directory / RUN_FILE).is_file()


def list_runs(runs: Path) -> list[Run]:
    """All runs of a directory, the youngest first. A directory that is not there holds none.

    Raises:
        OSError: It cannot be read.
    """
    here = Here.now()
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    # A directory of something else may lie beside the runs.
    found = [read_run(runs / name, here) for name in names if (runs / name / RUN_FILE).exists()]
    return sorted(found, key=lambda run: (run.started, run.id), reverse=True)


def find_run(runs: Path, wanted: str) -> Run:
    """The run that somebody means: by id, the beginning of one, its name, `last`, or a path.

    Raises:
        MissingRunError: None, or several, can be meant.
    """
    if os.sep in wanted and (Path(wanted) / RUN_FILE).exists():
        return read_run(Path(wanted))
    if wanted not in ("", ".", "..") and os.sep not in wanted and (runs / wanted / RUN_FILE).exists():
        return read_run(runs / wanted)
    known = list_runs(runs)
    if not known:
        raise MissingRunError(f"there is no run {wanted!r}: {runs} holds no runs; --runs-dir says where others are")
    if wanted == "last":
        return known[0]
    meant = [run for run in known if run.name == wanted] or [run for run in known if run.id.startswith(wanted)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        ids = ", ".join(run.id for run in meant[:5]) + (", ..." if len(meant) > 5 else "")
        raise MissingRunError(f"{wanted!r} can be any of {len(meant)} runs: {ids}; give more of the id")
    newest = ", ".join(run.id for run in known[:3])
    raise MissingRunError(f"there is no run {wanted!r} in {runs}; the newest of its {len(known)} are {newest}")


def read_run(directory: Path, here: Here | None = None) -> Run:
    """One run as it stands now. It never raises: what cannot be read is said in `error`.

    Args:
        directory: The run's directory.
        here: Where we are; asked again when `None`.
    """
    directory = directory.absolute()
    try:
        facts = read_json(directory / RUN_FILE)
        return _run(directory, facts, here or Here.now())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return Run(
            id=clean_line(directory.name),
            directory=directory,
            status=RunStatus.VANISHED,
            error=RunError(sentence=_unreadable(directory, error)),
        )


def _unreadable(directory: Path, error: Exception) -> str:
    if not directory.is_dir():
        return f"the run's directory {directory} is gone"
    if isinstance(error, OSError):
        return f"its {RUN_FILE} cannot be read: {error.strerror}"
    return f"its {RUN_FILE} is not as a run writes it: {clean_line(str(error))}"


def _run(directory: Path, facts: dict[str, Any], here: Here) -> Run:
    about = _optional(directory / ABOUT_FILE)
    stop = _optional(directory / STOP_FILE)
    process = facts.get("process") or {}
    status, elsewhere, error = _status(facts, here)
    best = facts.get("best") or {}
    metrics = {clean_line(str(name)): number_of(value) for name, value in (facts.get("metrics") or {}).items()}
    model = facts.get("model") or {}
    return Run(
        id=clean_line(directory.name),
        directory=directory,
        status=status,
        spec=TrainSpec.from_json(facts["spec"]),
        source=clean_line(str(facts.get("source", ""))),
        name=_text(about.get("name")),
        note=_text(about.get("note")),
        model=_text(model.get("name")),
        epochs_done=int(facts.get("epochs_done") or 0),
        epochs=int(facts["epochs"]) if facts.get("epochs") else None,
        steps_done=int(facts.get("steps_done") or 0),
        loop_steps=int(facts.get("loop_steps") or 0),
        metrics={name: value for name, value in metrics.items() if value is not None},
        best=number_of(best.get("value")),
        best_metric=_text(best.get("metric")),
        best_model=_text(best.get("model")) if best.get("model") != model.get("name") else None,
        started=float(facts["started"]),
        resumed=number_of(facts.get("resumed")),
        ran_before=number_of(facts.get("ran_before")) or 0.0,
        ended=number_of(facts.get("ended")),
        last_record=last_record(directory) if status is RunStatus.VANISHED else None,
        exit=facts.get("exit"),
        error=error,
        warnings=tuple(clean_line(str(sentence)) for sentence in facts.get("warnings") or ()),
        pid=process.get("pid"),
        host=clean_line(str(facts.get("host", ""))),
        attempt=int(facts.get("attempt") or 1),
        stop_requested=number_of(stop.get("time")),
        elsewhere=elsewhere,
    )


def last_record(directory: Path) -> float | None:
    """When a run recorded something last, in seconds since 1970; `None` where it has recorded nothing."""
    try:
        with (directory / EVENTS_FILE).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_RECORDS))
            lines = file.read(LAST_RECORDS).splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        with suppress(ValueError, RecursionError, AttributeError):
            # Half a line stands where it was killed within a write.
            moment = number_of(json.loads(line).get("time"))
            if moment is not None:
                return moment
    return None


def _optional(path: Path) -> dict[str, Any]:
    """What screens have written beside the run, or nothing: it may not be there, or be half written."""
    try:
        return read_json(path)
    except (OSError, ValueError):
        return {}


def _text(value: Any) -> str | None:
    return clean_line(value) if isinstance(value, str) and value else None


def _status(facts: dict[str, Any], here: Here) -> tuple[RunStatus, bool, RunError | None]:
    """The status by what is written and by who is alive, whether that could not be seen, and the error."""
    written = RunStatus(facts["status"])
    error = _error(facts.get("error"))
    if written in ENDED:
        return written, False, error
    if (facts.get("host"), facts.get("pid_namespace")) != (here.host, here.pid_namespace):
        # Another machine's processes cannot be seen from here: what was written last is all there is.
        return written, True, error
    who = [entry for entry in (facts.get("process"), facts.get("keeper")) if entry]
    rebooted = facts.get("boot_id") is not None and facts["boot_id"] != here.boot_id
    if not rebooted and any(is_alive(int(entry["pid"]), entry.get("start")) for entry in who):
        return written, False, error
    if not rebooted and not who and written is RunStatus.STARTING and _just_started(facts):
        return written, False, error
    return RunStatus.VANISHED, False, error or RunError(sentence=_vanished(who, rebooted=rebooted))


def _just_started(facts: dict[str, Any]) -> bool:
    return abs(time.time() - float(facts.get("resumed") or facts["started"])) < START_SECONDS


def _vanished(who: list[dict[str, Any]], *, rebooted: bool) -> str:
    if rebooted:
        return "the machine was restarted while it ran, so nobody saw how it ended"
    if not who:
        return "its process never came up"
    pids = " and ".join(str(entry["pid"]) for entry in who)
    return f"its processes ({pids}) are gone and left no record of their end, as after a kill -9 of both"


def _error(facts: Any) -> RunError | None:
    if not facts:
        return None
    return RunError(
        sentence=clean_line(str(facts.get("sentence", ""))),
        type=_text(facts.get("type")),
        path=_text(facts.get("path")),
        line=facts.get("line"),
        layer=_text(facts.get("layer")),
        traceback=None if facts.get("traceback") is None else clean_text(str(facts["traceback"])),
    )
