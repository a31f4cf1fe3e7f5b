"""What the words and marks of the screen on all runs mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.runs import RunStatus

if TYPE_CHECKING:
    from kerascope.app._marks import Marks

__all__ = ["runs_help"]

_INTRODUCTION = """\
These are the training runs of one directory: ./runs, or what KERASCOPE_RUNS or --runs-dir names. Those that are alive \
come first, then the youngest.

A run is a process of its own. It goes on when this screen is left, when the connection drops and when the terminal is \
closed; any number of screens can follow it.

best is the best value so far of val_loss, else of loss. The bars under loss go from its greatest to its least value, \
first epoch at the left. Two or more marked runs can be plotted in one frame."""

_MEANINGS = {
    RunStatus.STARTING: "its process comes up, or imports Keras",
    RunStatus.RUNNING: "its process is alive",
    RunStatus.FINISHED: "it went to its end",
    RunStatus.STOPPED: "somebody asked it to stop; model and state were saved",
    RunStatus.FAILED: "an exception ended it",
    RunStatus.KILLED: "a signal ended it",
    RunStatus.VANISHED: "its process is gone, and nobody saw how",
}


def runs_help(marks: Marks) -> tuple[str, list[tuple[str, str]]]:
    """The introduction, and each word with its meaning."""
    return _INTRODUCTION, [("Words", ""), *((marks.status(each.value), _MEANINGS[each]) for each in RunStatus)]
