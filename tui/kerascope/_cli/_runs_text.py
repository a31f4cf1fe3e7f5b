"""Runs as text: a table of many, a card of one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from kerascope._cli._run_words import best_of, epochs_of, metrics_line, took, when
from kerascope.graph import cut_middle
from kerascope.reports._style import Style, cells, pad
from kerascope.runs import RunStatus
from kerascope.runs._command import command_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerascope.runs import Run

__all__ = ["card", "table"]

_HEADERS = ("run", "status", "source", "epochs", "best", "took", "started")
_RIGHT = frozenset({"epochs", "took"})
_DROPPED = ("started", "source", "best", "took", "epochs")
"""Columns in the order in which they go for want of room."""
_LEAST = 8
"""Cells that a source is cut to before a column goes."""
_ROLES = {
    RunStatus.FAILED: "error",
    RunStatus.KILLED: "error",
    RunStatus.VANISHED: "error",
    RunStatus.STOPPED: "warning",
    RunStatus.RUNNING: "bold",
    RunStatus.STARTING: "bold",
}


def table(runs: Sequence[Run], *, width: int | None, color: bool, ascii_only: bool) -> str:
    """A line for each run, under a line of headers.

    Args:
        runs: In the order in which they are shown.
        width: Cells of the terminal, `None` when there is none: then nothing is cut.
        color: Whether colours may be used.
        ascii_only: Whether our own glyphs have to be ASCII.
    """
    style = Style(color, ascii_only)
    columns = dict(zip(_HEADERS, zip(*map(_row, runs), strict=True), strict=True))
    widths = {name: max(cells(text) for text in (name, *texts)) for name, texts in columns.items()}
    _fit(widths, width)
    lines = ["  ".join(style.paint(_cell(name, name, widths), "dim") for name in widths).rstrip()]
    for place, run in enumerate(runs):
        parts = []
        for name in widths:
            text = _cell(columns[name][place], name, widths, "..." if ascii_only else "…")
            role = _ROLES.get(run.status) if name == "status" else None
            parts.append(style.paint(text, role) if role else text)
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines) + "\n"


def _row(run: Run) -> tuple[str, ...]:
    named = f"{run.id} ({run.name})" if run.name else run.id
    return named, run.status.value, run.source, epochs_of(run), best_of(run), took(run), _started(run)


def _started(run: Run) -> str:
    return when(run.started) if run.started else ""


def _fit(widths: dict[str, int], width: int | None) -> None:
    """Make columns narrower, then leave some out, until a line fits."""
    if width is None:
        return

    def over() -> int:
        return sum(widths.values()) + 2 * (len(widths) - 1) - width

    widths["source"] = max(widths["source"] - max(over(), 0), min(_LEAST, widths["source"]))
    for name in _DROPPED:
        if over() <= 0:
            return
        del widths[name]
    widths["run"] = max(widths["run"] - max(over(), 0), _LEAST)


def _cell(text: str, name: str, widths: dict[str, int], ellipsis: str = "…") -> str:
    if cells(text) > widths[name]:
        text = cut_middle(text, widths[name], ellipsis)
    return pad(text, widths[name], right=name in _RIGHT)


def card(run: Run) -> str:
    """Everything that is known of a run, one fact a line, nothing cut."""
    facts = [(label, text) for label, text in _facts(run) if text]
    width = max(len(label) for label, _ in facts)
    text = "".join(f"{label.ljust(width)}  {value}\n" for label, value in facts)
    traceback = run.error.traceback if run.error is not None else None
    return text if not traceback else f"{text}\n{traceback.rstrip()}\n"


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    yield "run", run.id
    yield "name", run.name or ""
    yield "note", run.note or ""
    yield "status", run.status.value + (f" (as {run.host} wrote it last)" if run.elsewhere else "")
    if run.alive and run.stop_requested is not None:
        yield "stop", f"asked for at {when(run.stop_requested)}"
    if run.error is not None:
        yield "error", run.error.sentence
        yield "at", "" if run.error.path is None else f"{run.error.path}:{run.error.line}"
        yield "layer", run.error.layer or ""
    for sentence in run.warnings:
        yield "warning", sentence
    yield "source", run.source
    yield "model", run.model or ""
    if run.counts_steps:
        yield "steps", f"{run.steps_done:,}"
    else:
        yield "epochs", epochs_of(run)
    yield "metrics", metrics_line(run.metrics)
    yield "best", best_of(run)
    yield "started", _started(run)
    yield "ended", when(run.ended) if run.ended is not None else ""
    yield "took", took(run)
    yield "exit", _exit(run.exit)
    yield "attempt", str(run.attempt) if run.attempt > 1 else ""
    process = "" if run.pid is None else f"{run.pid} on {run.host}"
    yield "process", process
    yield "directory", str(run.directory)
    yield "command", shlex.join(command_of(run.spec)) if run.spec is not None else ""


def _exit(code: int | None) -> str:
    if code is None:
        return ""
    return f"signal {-code}" if code < 0 else str(code)
