"""The look in progress: starting, following, cancelling it, and noticing that the file was saved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from textual.reactive import reactive
from textual.screen import Screen

from kerascope.app._watch import FileWatch
from kerascope.app._words import tolerance_words
from kerascope.app.widgets.bars import StatusBar
from kerascope.graph import Failure, cut_middle, is_saved

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import Worker

    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.graph import Inspection, Progress, Target

__all__ = ["LookingScreen"]

_TICK_SECONDS = 1.0
_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Words:
    """How a look is spoken of: a program is looked at, a saved file is read."""

    doing: str
    again: str
    key: str
    took: str
    when: str
    cancelled: str
    hint: str


_LOOKING = _Words(
    doing="looking",
    again="looking again",
    key="r looks again",
    took="looked",
    when="looks again when the file is saved",
    cancelled="The look was cancelled",
    hint="What is shown was read from the program text. Press r to look again.",
)
_READING = _Words(
    doing="reading",
    again="reading again",
    key="r reads it again",
    took="read as data",
    when="reads again when the file changes",
    cancelled="Reading was cancelled",
    hint="Press r to read the file again.",
)


class LookingScreen(Screen[None]):
    """A screen on one target: owns the look in progress, the watch on the file, and the status line.

    What comes back is put into `inspection`; showing it is the business of the screen made from this one.
    """

    inspection: reactive[Inspection | None] = reactive(None)
    looking: reactive[bool] = reactive(False)

    def __init__(self, inspector: Inspector, target: Target, marks: Marks, *, compare: bool = False) -> None:
        super().__init__()
        self._inspector = inspector
        self._marks = marks
        self._target = target
        self._compare = compare
        self._stopping = False
        self._leaving = False
        self._watch = FileWatch(Path(target.path))
        self._worker: Worker[None] | None = None
        self._ticker: Timer | None = None
        self._started = 0.0
        self._progress: Progress | None = None
        self._reason = ""
        self._answered = False
        self._resting = ""
        self._says_answer = False
        self._took = 0.0

    @property
    def _words(self) -> _Words:
        return _READING if self.inspection is not None and is_saved(self.inspection) else _LOOKING

    def _begin(self) -> None:
        """Show what the program text says, then ask Keras."""
        self.inspection = self._inspector.glance(self._target)
        self._watch_source()
        self._watch.remember()
        self._look("")
        self.set_interval(_WATCH_SECONDS, self._check_file)

    def _watch_source(self) -> None:
        """Watch the file that the target turned out to be: a module is named, and found by looking."""
        path = Path(self._shown().source.path)
        if self._target.module is not None and path != self._watch.path:
            self._watch = FileWatch(path)

    # Looking

    def _look(self, reason: str) -> None:
        """Start a look; one in progress is cancelled first, and none is started on the way out."""
        if self._leaving:
            return
        self._reason = reason
        self._progress = None
        self._stopping = False
        self._started = monotonic()
        # The function, not its coroutine: a worker that is cancelled before it starts would leave that one unawaited.
        self._worker = self.run_worker(self._run_look, group="look", exclusive=True, exit_on_error=False)
        self.looking = True
        if self._ticker is None:
            self._ticker = self.set_interval(_TICK_SECONDS, self._tick)
        self._tick()

    async def _run_look(self) -> None:
        mine = self._started
        compared = self._compare
        try:
            answer = await self._inspector.look(self._target, self._on_progress, compare=compared)
        except Exception as error:
            # Whatever breaks in the engine is an answer to show, not the end of the screen.
            text = f"kerascope itself failed while looking: {type(error).__name__}: {error}"
            failure = Failure(kind="engine", message=text, hint="Press r to look again.")
            answer = replace(self._shown(), failure=failure)
        if mine != self._started:
            return
        self._stop_looking()
        self._answered = self._answered or answer.failure is None
        if answer.failure is not None and answer.failure.kind == "missing" and self._answered:
            self._say_missing()
            return
        if answer.failure is not None and answer.failure.kind == "cancelled" and not answer.models:
            self._keep_shown(answer.failure)
            return
        self.inspection = answer
        self._watch_source()
        self._took = answer.seconds if answer.seconds is not None else monotonic() - self._started
        self._say_answer(answer, compared=compared)

    def _keep_shown(self, failure: Failure) -> None:
        """A stopped look has brought nothing: what is known stays."""
        if self._answered:
            self._say(f"cancelled: this is the answer from before · {self._words.key}")
            return
        models = tuple(
            replace(model, layers=tuple(replace(layer, unknown="not asked") for layer in model.layers))
            for model in self._shown().models
        )
        self.inspection = replace(self._shown(), models=models, failure=failure)
        self._say(f"cancelled · {self._words.key}")

    def _shown(self) -> Inspection:
        assert self.inspection is not None, "glance comes first"
        return self.inspection

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._tick()

    def _stop_looking(self) -> None:
        self.looking = False
        self._worker = None
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None

    def _cancel(self) -> None:
        """Ask for an answer with what there is; asked a second time, end the look at once."""
        if self._worker is None:
            return
        if not self._stopping:
            self._stopping = True
            self._inspector.stop()
            self._tick()
            return
        seconds = int(monotonic() - self._started)
        self._worker.cancel()
        self._started = 0.0
        self._stop_looking()
        self._keep_shown(
            Failure(
                kind="cancelled",
                message=f"{self._words.cancelled} after {seconds} s.",
                hint=self._words.hint,
            )
        )

    def action_look_again(self) -> None:
        """Look again, at what the file is now."""
        self._watch.remember()
        self._look(self._words.again)

    def action_stop_look(self) -> None:
        """Stop the look in progress, else say what quits."""
        if self.looking:
            self._cancel()
        else:
            self._say("q quits" if self._is_first else "q leaves", passing=True)

    @property
    def _is_first(self) -> bool:
        """Whether there is no screen to go back to."""
        return self.app.screen_stack[0] is self

    def action_quit_screen(self) -> None:
        """End the program."""
        self._leaving = True
        self.app.exit(0)

    def action_leave(self) -> None:
        """Back to where this was opened; a look in progress ends."""
        self._leaving = True
        if self._worker is not None:
            self._worker.cancel()
            self._started = 0.0
            self._stop_looking()
        self.dismiss(None)

    async def _check_file(self) -> None:
        """Look again when the file has changed and is no longer being written."""
        change = await asyncio.to_thread(self._watch.poll)
        if change == "changed":
            self._look(f"file changed, {self._words.again}")
        elif change == "missing" and not self.looking:
            self._say_missing()

    # The status line

    def _say(self, text: str, *, passing: bool = False) -> None:
        """Write the status; a passing one gives way to the one before on the next move."""
        if not passing:
            self._resting = text
            self._says_answer = False
        self.query_one(StatusBar).text = self._marks.text(text)

    def _rest(self) -> None:
        self._say(self._resting, passing=True)

    def _tick(self) -> None:
        """Write the status line; it goes out only when its text is another one."""
        if not self.looking:
            return
        seconds = int(monotonic() - self._started)
        doing = self._progress.message if self._progress is not None else self._words.doing
        if self._stopping:
            doing = "stopping"
        lead = f"{self._reason}: " if self._reason else ""
        tail = f" … {seconds} s, " + ("Esc again ends it at once" if self._stopping else "Esc cancels")
        # A long interpreter path gives way; the counter and the way out never do.
        room = self.size.width - 2 - len(self._marks.text(tail))
        if len(lead + doing) > room:
            doing = doing.partition(" in /")[0]
        self._say(cut_middle(lead + doing, max(room, 0), self._marks.ellipsis) + tail)

    def _say_answer(self, answer: Inspection, *, compared: bool) -> None:
        if answer.failure is not None:
            tail = f" · {self._words.key}"
            room = self.size.width - 2 - len(self._marks.text(tail))
            self._say(cut_middle(answer.failure.message.splitlines()[0], max(room, 0), self._marks.ellipsis) + tail)
            return
        parts = [f"{self._words.took} in {self._took:.1f} s"]
        if compared and answer.compared is None:
            parts.append("the other Keras gave no answer")
        parts += [each for each in (tolerance_words(answer), self._remark()) if each]
        if answer.notes:
            parts.append(f"{len(answer.notes)} note{'s' if len(answer.notes) > 1 else ''}, see 3")
        last = self._words.when
        # Said on the first looks; it gives way to what this answer has of its own.
        if len(self._marks.text(" · ".join([*parts, last]))) <= self.size.width - 2:
            parts.append(last)
        self._say(" · ".join(parts))
        self._says_answer = True

    def _remark(self) -> str:
        """What else to say of an answer."""
        return ""

    def _say_missing(self) -> None:
        name = self._watch.path.name
        self._say(f"{name} is gone: this is the last answer. It is looked at again when it comes back")
