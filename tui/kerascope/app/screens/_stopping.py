"""Asking a run to stop, harder each time, and to go on again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.screen import Screen

from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.runs import NotResumableError, StopError, StopStep

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Runs
    from kerascope.runs import ResumePoint, Run

__all__ = ["StoppingScreen"]

_NEXT = {
    StopStep.REQUEST: "; s again sends SIGTERM",
    StopStep.TERM: "; s again asks whether to send SIGKILL",
    StopStep.KILL: "",
}


class StoppingScreen(Screen[str | None]):
    """A screen that can stop and resume the run it shows."""

    def __init__(self, runs: Runs, marks: Marks) -> None:
        super().__init__()
        self._runs = runs
        self._marks = marks
        self._step: StopStep | None = None
        """The hardest that this screen has asked."""

    def _say(self, text: str) -> None:
        raise NotImplementedError

    def _stop(self, run: Run) -> None:
        if self._step in (StopStep.TERM, StopStep.KILL):
            self._confirm_kill(run)
        else:
            self.run_worker(self._ask_to_stop(run, None), group="stop", exclusive=True)

    def _confirm_kill(self, run: Run) -> None:
        def answered(meant: bool | None) -> None:
            if meant:
                self.run_worker(self._ask_to_stop(run, StopStep.KILL), group="stop", exclusive=True)
            else:
                self._say("nothing was sent")

        question = (
            f"{run.id} was sent SIGTERM. SIGKILL ends its process at once, wherever it is: the epoch in progress is "
            "lost, no final model is saved. What was saved after the last whole epoch stays, and can be resumed."
        )
        self.app.push_screen(ConfirmScreen("Kill this run?", question, "kills it", self._marks), answered)

    async def _ask_to_stop(self, run: Run, step: StopStep | None) -> None:
        try:
            done, sentence = await asyncio.to_thread(self._runs.stop, run, step)
        except StopError as error:
            self._say(str(error))
            return
        self._step = done
        self._say(sentence + _NEXT[done])

    def _resume(self, run: Run) -> None:
        self.run_worker(self._ask_to_resume(run), group="resume", exclusive=True)

    async def _ask_to_resume(self, run: Run) -> None:
        """Resume; where all that was trained is trained again, or the program has changed, that is asked first."""
        point = await asyncio.to_thread(self._runs.resume_point, run)
        if not point.lost and not point.changed:
            await self._go_on(run, point)
            return

        def answered(meant: bool | None) -> None:
            if meant:
                self.run_worker(self._go_on(run, point), group="resume", exclusive=True)
            else:
                self._say("nothing was resumed")

        question = " ".join(f"{each}." for each in (point.sentence, point.changed) if each)
        screen = ConfirmScreen("Resume this run?", question, "resumes it", self._marks)
        self.app.push_screen(screen, answered)

    async def _go_on(self, run: Run, point: ResumePoint) -> None:
        self._say(point.sentence)
        try:
            resumed = await self._runs.resume(run)
        except NotResumableError as error:
            self._say(str(error))
        except OSError as error:
            self._say(f"{run.id} cannot be resumed: {error.filename or run.directory}: {error.strerror}")
        else:
            self._step = None
            where = f"goes on after epoch {point.epoch:,}" if point.epoch else "begins again"
            self._say(f"{resumed.id} {where}, attempt {resumed.attempt}")
