"""What is trained, how and where; the command line, the error, and what else the run had to say."""

from __future__ import annotations

import shlex
import textwrap
import time
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from kerascope.app._run_words import best_words, error_words, state_words
from kerascope.app._words import counted
from kerascope.app.widgets._pane import ScrollPane
from kerascope.runs._command import command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from kerascope.app._marks import Marks
    from kerascope.app._run_state import RunSnapshot
    from kerascope.runs import FitRecord, TrainSpec

__all__ = ["RunDetails", "command_text"]

_LABEL = 13
_VALUE_LEAST = 20
_FITS_MOST = 20
_WARNINGS_MOST = 50


class RunDetails(ScrollPane):
    """A pane of labelled lines."""

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False, always_update=True)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks
        self._shown: tuple[list[tuple[str, str]], int] | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="run-details")

    def watch_snapshot(self, snapshot: RunSnapshot | None) -> None:
        """Write what differs; nobody reads it while the pane is out of sight."""
        self._write()

    def on_show(self) -> None:
        """Write it when the pane comes into sight."""
        self._write()

    def on_resize(self) -> None:
        """Wrap it anew."""
        self._write()

    def _write(self) -> None:
        width = self.scrollable_content_region.width
        if self.snapshot is None or not self.is_mounted or not width:
            return
        shown = [(label, value) for label, value in _rows(self.snapshot)], width
        if shown == self._shown:
            return
        self._shown = shown
        lines = [_row(label, value, width, self.marks) for label, value in shown[0]]
        self.query_one("#run-details", Static).update(Content("\n").join(lines))


def _row(label: str, value: str, width: int, marks: Marks) -> Content:
    """A heading, or a label with what it is about beside it, wrapped beside it too."""
    if not value:
        return Content.styled(label, "bold $primary")
    room = max(width - _LABEL, _VALUE_LEAST)
    lines = textwrap.wrap(marks.text(value), room, replace_whitespace=False, drop_whitespace=False) or [value]
    # A line of a traceback keeps its own indent, what it is wrapped into has that of the column.
    first, *others = lines
    text = f"\n{' ' * _LABEL}".join([first.rstrip(), *(line.strip() for line in others)])
    return Content.assemble((f"{label:<{_LABEL}}", "$foreground-muted"), text)


def _rows(snapshot: RunSnapshot) -> Iterator[tuple[str, str]]:
    run = snapshot.run
    yield "Run", ""
    yield "id", run.id
    if run.name:
        yield "name", run.name
    if run.note:
        yield "note", run.note
    words = state_words(snapshot)
    yield "status", f"{run.status.value} {words}".rstrip() if not run.alive else run.status.value
    if run.error is not None:
        yield "why", f"{error_words(run)}."
        if run.error.type:
            yield "exception", run.error.type
        if run.error.path:
            yield "at", f"{run.error.path}:{run.error.line}" if run.error.line else run.error.path
    yield "directory", str(run.directory)
    if run.started:
        yield "started", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started))
    if run.ended is not None:
        yield "ended", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.ended))
    if run.attempt > 1:
        yield "attempt", f"{run.attempt}: resumed {counted(run.attempt - 1, 'time')}"
    if snapshot.stopping:
        yield "stopped by", snapshot.stopping
    if snapshot.checkpoint:
        yield "kept", snapshot.checkpoint
    if run.best is not None and run.best_metric is not None:
        yield "best", best_words(run)
    yield from _what(snapshot)
    if run.spec is not None:
        yield from _how(run.spec)
    yield from _where(snapshot)
    yield from _said(snapshot)


def _what(snapshot: RunSnapshot) -> Iterator[tuple[str, str]]:
    run = snapshot.run
    yield "", ""
    yield "What", ""
    yield "source", run.source or "unknown"
    for fit in snapshot.fits[-_FITS_MOST:]:
        what = "fit" if fit.method == "fit" else "loop"
        yield (what if len(snapshot.fits) == 1 else f"{what} {fit.fit:,}"), _fit_words(fit)
    left_out = len(snapshot.fits) - _FITS_MOST
    if left_out > 0:
        yield "", f"and {counted(left_out, 'call')} before these"


def _fit_words(fit: FitRecord) -> str:
    named = fit.model or "a model"
    parts = [f"{named} ({fit.class_name})" if fit.class_name else named]
    if fit.params is not None:
        parts.append(counted(fit.params, "parameter"))
    if fit.epochs is not None:
        parts.append(counted(fit.epochs, "epoch"))
    if fit.steps is not None:
        parts.append(f"{counted(fit.steps, 'batch')} each")
    if fit.batch_size is not None:
        parts.append(f"batch size {fit.batch_size:,}")
    if fit.method != "fit":
        parts.append(fit.method)
    if fit.path is not None and fit.line is not None:
        parts.append(f"{fit.path.rsplit('/', 1)[-1]} line {fit.line}")
    return ", ".join(parts)


def _how(spec: TrainSpec) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield "How", ""
    yield "command", command_text(spec)
    if spec.data is not None:
        yield "data", " ".join((spec.data.kind, *spec.data.paths))
    if spec.strategy != "none":
        yield "strategy", spec.strategy
    if spec.precision:
        yield "precision", spec.precision
    if spec.cwd:
        yield "in", spec.cwd


def command_text(spec: TrainSpec) -> str:
    """The command line that starts the same run."""
    return shlex.join(command_of(spec))


def _where(snapshot: RunSnapshot) -> Iterator[tuple[str, str]]:
    run, engine = snapshot.run, snapshot.engine
    yield "", ""
    yield "Where", ""
    yield "host", run.host or "unknown"
    if run.pid is not None:
        yield "process", str(run.pid)
    if engine is not None:
        if engine.device:
            yield "device", engine.device
        if (engine.replicas or 1) > 1:
            yield "replicas", f"{engine.replicas} ({engine.strategy})"
        generation = f", generation {engine.generation}" if engine.generation else ""
        backend = f" on {engine.backend}" if engine.backend and engine.backend != "tensorflow" else ""
        yield "Keras", f"{engine.keras or 'unknown'}{generation}{backend}"
        if engine.tensorflow:
            yield "TensorFlow", engine.tensorflow
        if engine.python:
            yield "Python", engine.python


def _said(snapshot: RunSnapshot) -> Iterator[tuple[str, str]]:
    # What run.json has beside the records: they may be lost, or not read yet.
    warnings = tuple(dict.fromkeys((*snapshot.warnings, *snapshot.run.warnings)))
    for title, sentences in (("Warnings", warnings), ("Notices", snapshot.notices)):
        if not sentences:
            continue
        yield "", ""
        yield title, ""
        for number, sentence in enumerate(sentences[-_WARNINGS_MOST:], max(1, len(sentences) - _WARNINGS_MOST + 1)):
            yield f"{number}", sentence
    if snapshot.unreadable:
        yield "", ""
        yield "events", f"{counted(snapshot.unreadable, 'line')} of events.jsonl could not be read and were left out"
    error = snapshot.run.error
    if error is not None and error.traceback:
        yield "", ""
        yield "Traceback", ""
        for line in error.traceback.rstrip().split("\n"):
            yield "", line if line.strip() else " "
