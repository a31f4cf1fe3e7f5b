"""How a run stands, in a few lines: its status, how far it is, and how busy the machine is."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from kerascope.app._columns import fit
from kerascope.app._run_words import error_words, position_words, state_words, waiting_words
from kerascope.runs import RunStatus

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._run_state import RunSnapshot
    from kerascope.runs import Run

__all__ = ["HostBar", "ProgressBars", "RunHeader", "RunProblem"]

_STYLES = {
    RunStatus.STARTING: "bold $text-primary",
    RunStatus.RUNNING: "bold $text-primary",
    RunStatus.FINISHED: "bold $text-success",
    RunStatus.STOPPED: "bold $text-warning",
    RunStatus.FAILED: "bold $text-error",
    RunStatus.KILLED: "bold $text-error",
    RunStatus.VANISHED: "bold $text-error",
}
_BAR_MOST = 40
_PROBLEM_LINES = 3


class _Line(Widget):
    """A line that is written anew only when its text differs."""

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False, always_update=True)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks
        self._shown: Content | None = None

    def watch_snapshot(self, snapshot: RunSnapshot | None) -> None:
        """Write it, where it differs."""
        self._write()

    def on_resize(self) -> None:
        """Fit it anew."""
        self._write()

    def _write(self) -> None:
        # One that had nothing to say takes no room, and so has no width of its own.
        width = self.content_size.width or self.app.size.width - 2
        if self.snapshot is None or width <= 0:
            return
        content = self._content(self.snapshot, width)
        self.set_class(not content.plain, "-empty")
        if content != self._shown:
            self._shown = content
            self.refresh()

    def render(self) -> Content:
        """What was written."""
        return self._shown if self._shown is not None else Content("")

    def _content(self, snapshot: RunSnapshot, width: int) -> Content:
        raise NotImplementedError


class RunHeader(_Line):
    """What runs, and how it stands; and how far it is."""

    def _content(self, snapshot: RunSnapshot, width: int) -> Content:
        return Content("\n").join([self._first(snapshot.run, snapshot, width), self._second(snapshot, width)])

    def _first(self, run: Run, snapshot: RunSnapshot, width: int) -> Content:
        status = self.marks.status(run.status.value)
        more = f" {words}" if (words := state_words(snapshot)) else ""
        right = Content.assemble((status, _STYLES[run.status]), more)
        room = width - right.cell_length - 2
        name = run.name or run.id
        left = Content.assemble(("kerascope", "bold $primary"), "  ", (name, "bold"), "  ", run.source)
        if left.cell_length > room:
            left = Content.assemble((name, "bold"), "  ", run.source)
        if left.cell_length > room:
            left = Content.styled(fit(name, min(cell_len(name), max(room, 0)), self.marks), "bold")
        return Content.assemble(left, " " * max(2, width - left.cell_length - right.cell_length), right)

    def _second(self, snapshot: RunSnapshot, width: int) -> Content:
        words = position_words(snapshot)
        if not words:
            return Content.styled(fit(waiting_words(snapshot), width, self.marks).rstrip(), "$foreground-muted")
        model = snapshot.fits[-1].model if snapshot.fits else snapshot.run.model
        dot = f" {self.marks.dot} "
        while len(words) > 1 and cell_len(dot.join(words)) > width:
            words.pop()
        left = dot.join(words)
        pieces: list[Content | str | tuple[str, str]] = [(words[0], "bold"), left[len(words[0]) :]]
        if model and cell_len(left) + cell_len(model) + 2 <= width:
            pieces += [" " * (width - cell_len(left) - cell_len(model)), (model, "$foreground-muted")]
        return Content.assemble(*pieces)


class ProgressBars(_Line):
    """Two bars on one line: the epoch, and the run."""

    def _content(self, snapshot: RunSnapshot, width: int) -> Content:
        at = snapshot.position
        run = snapshot.run
        share = at.run_share
        if not run.alive and run.epochs:
            share = min(1.0, run.epochs_done / run.epochs)
        half = (width - 2) // 2
        if (not run.alive and share is None) or (run.alive and not at.epoch):
            return Content("")
        if not run.alive:
            return self._bar("run", share, min(half, _BAR_MOST + 10))
        bars = [self._bar("epoch", at.epoch_share if at.epoch else None, half), self._bar("run", share, half)]
        return Content("  ").join(bars)

    def _bar(self, name: str, share: float | None, width: int) -> Content:
        tail = "  of unknown length" if share is None else f" {int(100 * share):>3} %"
        cells = max(0, min(_BAR_MOST * 2, width - len(name) - 1 - len(tail)))
        done = 0 if share is None else int(cells * share)
        full, vacant = self.marks.full * done, self.marks.vacant * (cells - done)
        return Content.assemble(
            (f"{name} ", "$foreground-muted"), (full, "$text-primary"), (vacant, "$foreground-muted"), tail
        )


class HostBar(_Line):
    """How busy the machine is: as many parts as there is room for."""

    def _content(self, snapshot: RunSnapshot, width: int) -> Content:
        dot = f" {self.marks.dot} "
        if snapshot.host.elsewhere:
            return Content.styled(f"it runs on {snapshot.run.host}: how busy that is cannot be seen from here", _MUTED)
        # A degree is no letter of ASCII.
        parts = [part.replace("°", "") if self.marks.ascii_only else part for part in snapshot.host.parts]
        while len(parts) > 1 and cell_len(dot.join(parts)) > width:
            parts.pop()
        return Content.styled(dot.join(parts), _MUTED)


_MUTED = "$foreground-muted"


class RunProblem(Static):
    """Why a run did not go well, or what went wrong beside it; not there while all is well."""

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False, always_update=True)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks
        self._shown: tuple[str, bool] | None = None

    def watch_snapshot(self, snapshot: RunSnapshot | None) -> None:
        """Write it, where it differs."""
        self._write()

    def on_resize(self) -> None:
        """Fit it anew."""
        self._write()

    def _write(self) -> None:
        snapshot = self.snapshot
        if snapshot is None:
            return
        said = self._said(snapshot, self.app.size.width - 2)
        if said == self._shown:
            return
        self._shown = said
        text, failed = said
        self.display = bool(text)
        self.set_class(failed, "-failed")
        self.update(Content(self.marks.text(text)))

    def _said(self, snapshot: RunSnapshot, width: int) -> tuple[str, bool]:
        error = snapshot.run.error
        if error is not None:
            key = " e shows it in the log." if error.traceback else ""
            most = len(error.sentence)
            while True:
                text = f"{self.marks.loose} {error_words(snapshot.run, most, self.marks.ellipsis)}.{key}"
                # The place, and the key, are to be seen whatever there was to say.
                if most <= 0 or len(textwrap.wrap(text, max(width, 1))) <= _PROBLEM_LINES:
                    return text, True
                most -= 8
        if snapshot.warnings:
            more = f" ({len(snapshot.warnings)} warnings, 5 lists them)" if len(snapshot.warnings) > 1 else ""
            return f"! {snapshot.warnings[-1]}{more}", False
        return "", False
