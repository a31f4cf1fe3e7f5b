"""From a model to its training: the form, and the run that it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.app._train_facts import facts_of
from kerascope.app.screens._folding import FoldingScreen
from kerascope.runs._linger import what_ends_at_logout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerascope.app._desk import Desk
    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Inspector
    from kerascope.app.screens.train import TrainAnswer
    from kerascope.graph import Target

__all__ = ["TrainingScreen"]


class TrainingScreen(FoldingScreen):
    """Opens the form on what is shown, and the screen on the run that it starts."""

    def __init__(
        self, inspector: Inspector, target: Target, marks: Marks, *, compare: bool = False, desk: Desk | None = None
    ) -> None:
        super().__init__(inspector, target, marks, compare=compare)
        self._desk = desk
        self._train_values: Mapping[str, str] | None = None
        """What stood in the form when it was left."""

    def action_train(self) -> None:
        """Open the form that starts a training."""
        from kerascope.app.screens.train import TrainScreen

        desk, reason = self._desk, self._why_not()
        if desk is None or reason:
            self._say(reason, passing=True)
            return
        facts = facts_of(self._target, self._shown(), self._view.model if self._view else None, desk.settings)
        facts = replace(facts, logout=what_ends_at_logout() or "")
        self.app.push_screen(TrainScreen(facts, desk.trainer, self._marks, self._train_values), self._trained)

    def _why_not(self) -> str:
        """Why nothing can be trained now; empty where it can."""
        inspection = self._shown()
        if self.looking:
            return "t trains what the look in progress finds, once it is done"
        failure = inspection.failure
        if failure is not None and inspection.source.text is None and not inspection.models:
            return f"nothing can be trained: {failure.message.splitlines()[0]}"
        if failure is not None and failure.kind in ("syntax", "target", "interpreter"):
            return f"nothing can be trained: {failure.message.splitlines()[0]}"
        return ""

    def _trained(self, answer: TrainAnswer | None) -> None:
        from kerascope.app.screens.run import RunScreen

        if answer is None or self._desk is None:
            return
        self._train_values = answer.values
        if answer.run is not None:
            self._desk.visit(answer.run.directory)
            self.app.push_screen(RunScreen(self._desk.runs, answer.run.directory, self._marks), self._left_run)

    def _left_run(self, sentence: str | None) -> None:
        if sentence:
            self._say(sentence, passing=True)

    def action_runs(self) -> None:
        """List the runs of this directory."""
        from kerascope.app.screens.runs import RunsScreen

        if self._desk is not None:
            self.app.push_screen(RunsScreen(self._desk, self._marks))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to train with where nobody trains."""
        if action in ("train", "runs"):
            return self._desk is not None
        return super().check_action(action, parameters)
