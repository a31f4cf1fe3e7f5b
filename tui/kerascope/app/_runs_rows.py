"""The table of runs as columns and texts. Pure."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kerascope.app._columns import GUTTER, Column, Columns, Stage
from kerascope.app._run_words import best_words, duration, error_words, is_finite
from kerascope.app._words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.app._marks import Marks
    from kerascope.runs import Run

__all__ = [
    "SHORT_SPARK",
    "SPARK",
    "fit_run_columns",
    "name_of_run",
    "run_cells",
    "run_line",
    "run_words",
    "shown_path",
    "sparkline",
    "tail_of",
]

_GAP = 2
SPARK = 8
"""Cells of a sparkline."""

SHORT_SPARK = 5
"""Cells of one where a name would be cut otherwise."""

_STATUS = 10
_NAME_LEAST, _NAME_MOST = 14, 44
_EPOCHS_MOST = 18
_BEST_LEAST, _BEST_MOST = 15, 22
_DAY_SECONDS = 20 * 3600
_MORE = (("when", "started", 12, 12), ("model", "model", 8, 20), ("source", "source", 10, 32), ("note", "note", 8, 60))
"""Columns that come in where there is room for them: key, title, least and most cells."""


def name_of_run(run: Run) -> str:
    """The name that the user gave, else the id."""
    return run.name or run.id


def run_cells(run: Run, now: float, marks: Marks) -> dict[str, str]:
    """The texts of a row by column, without the sparkline."""
    return {
        "status": marks.status(run.status.value),
        "name": name_of_run(run),
        "epochs": _epochs(run),
        "best": best_words(run),
        "time": _time(run, now),
        "when": _when(run.started, now),
        "model": run.model or "",
        "source": run.source,
        "note": run.note or "",
    }


def _epochs(run: Run) -> str:
    if run.counts_steps:
        return counted(run.steps_done, "step")
    epochs = f"{run.epochs_done:,}" if run.epochs_done else "-"
    if run.epochs is not None:
        epochs = f"{run.epochs_done:,}/{run.epochs:,}"
    return f"{epochs}, {counted(run.loop_steps, 'step')}" if run.loop_steps else epochs


def _time(run: Run, now: float) -> str:
    seconds = run.seconds(now)
    return "" if seconds is None else duration(seconds)


def _when(started: float, now: float) -> str:
    if not started:
        return ""
    form = "%H:%M" if 0 <= now - started < _DAY_SECONDS else "%d %b %H:%M"
    if abs(now - started) > 300 * 86_400:
        form = "%d %b %Y"
    return time.strftime(form, time.localtime(started))


def fit_run_columns(rows: Sequence[dict[str, str]], width: int) -> Columns:
    """Columns for these texts; more columns come in where there is room.

    Where there is too little, the sparkline gives way, then the best value, and then the name: it is what is typed.

    Args:
        rows: The texts of all rows.
        width: Cells there are.
    """

    def longest(key: str, least: int, most: int) -> int:
        return max(least, min(most, max((cell_len(row[key]) for row in rows), default=0)))

    widths = {
        "status": _STATUS,
        "name": longest("name", _NAME_LEAST, _NAME_MOST),
        "epochs": longest("epochs", 6, _EPOCHS_MOST),
        "best": longest("best", 4, _BEST_MOST),
        "time": longest("time", 4, 10),
        "loss": SPARK,
    }
    titles = {"status": "status", "name": "run", "epochs": "epochs", "best": "best", "time": "time", "loss": "loss"}
    room = width - GUTTER - sum(widths.values()) - _GAP * len(widths)
    for key, least in (("loss", SHORT_SPARK), ("best", _BEST_LEAST), ("name", _NAME_LEAST)):
        # There are sparklines of two lengths.
        lost = max(0, widths[key] - least) if key == "loss" else max(0, min(-room, widths[key] - least))
        if room < 0:
            widths[key] -= lost
            room += lost
    for key, title, least, most in _MORE:
        wish = longest(key, len(title), most)
        if not any(row[key] for row in rows):
            continue
        if room < min(wish, least) + _GAP:
            break
        widths[key], titles[key] = min(wish, room - _GAP), title
        room -= widths[key] + _GAP
    at = GUTTER
    columns: list[Column] = []
    for key, cells in widths.items():
        columns.append(Column(key, titles[key], at, cells, key in ("epochs", "time")))
        at += cells + _GAP
    return Columns(tuple(columns), at - _GAP, columns[1].start + columns[1].width + _GAP, Stage())


def tail_of(name: str, width: int, marks: Marks) -> str:
    """A name that is too long without its beginning: the end of an id, with time and file, tells runs apart."""
    if cell_len(name) <= width:
        return name
    mark = marks.ellipsis
    room = width - cell_len(mark)
    while cell_len(name) > room:
        name = name[1:]
    return mark + name


def sparkline(values: Sequence[float], marks: Marks, width: int = SPARK) -> str:
    """Numbers as a line of bars from the first to the last; what is not finite is a mark of its own.

    Each cell is the mean of its numbers, from the least of the line to the greatest.
    """
    if not values:
        return ""
    count = min(width, len(values))
    cells: list[float | None] = []
    for cell in range(count):
        part = values[len(values) * cell // count : len(values) * (cell + 1) // count]
        finite = [value for value in part if is_finite(value)]
        cells.append(sum(finite) / len(finite) if len(finite) == len(part) else None)
    known = [value for value in cells if value is not None]
    bars = marks.bars
    if not known:
        return marks.loose * count
    least, height = min(known), max(known) - min(known)
    steps = len(bars) - 1
    return "".join(
        marks.loose if value is None else bars[round((value - least) / height * steps) if height else steps // 2]
        for value in cells
    )


def shown_path(path: Path) -> str:
    """A path below the current directory from there, another one as it is."""
    try:
        return os.fspath(path.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):
        return os.fspath(path)


def run_line(run: Run, now: float, marks: Marks) -> str:
    """One run as one line of text, to search in."""
    return " ".join((run.id, *run_cells(run, now, marks).values()))


def _state(run: Run) -> str:
    """What the status does not say."""
    where = f"on {run.host}" if run.elsewhere else ""
    asked = "asked to stop" if run.alive and run.stop_requested is not None else ""
    return ", ".join(part for part in (asked, where) if part)


def run_words(run: Run) -> tuple[str, str]:
    """Two lines about a run: what it is, and what there is to say about it."""
    first = [run.id, run.source]
    if run.model:
        first.append(run.model)
    if run.attempt > 1:
        first.append(f"attempt {run.attempt}")
    second = [error_words(run), _state(run), f"note: {run.note}" if run.note else ""]
    said = " · ".join(part for part in second if part)
    return " · ".join(part for part in first if part), said or shown_path(run.directory)
