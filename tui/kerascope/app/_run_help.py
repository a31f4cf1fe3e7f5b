"""What the words and marks of the screen on a run mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.app._marks import Marks

__all__ = ["run_help"]

_INTRODUCTION = """\
This screen follows one training run. The run is a process of its own: it goes on when the screen is left, when the \
connection drops and when the terminal is closed. kerascope runs lists all runs, and opens any of them again.

Everything shown is read from the run's directory. A status is worked out from facts: what the run wrote last, and \
whether its process is alive.

The curves show extremes: each column of the plot holds the least and the greatest of its numbers, so a spike is \
never hidden. Smoothing is an exponential moving average with the weight that is shown, as in TensorBoard."""


def run_help(marks: Marks) -> tuple[str, list[tuple[str, str]]]:
    """The introduction, and each word with its meaning."""
    return _INTRODUCTION, [
        ("Words", ""),
        (marks.status("starting"), "its process comes up, or imports Keras"),
        (marks.status("running"), "its process is alive"),
        (marks.status("finished"), "it went to its end"),
        (marks.status("stopped"), "somebody asked it to stop; model and state were saved"),
        (marks.status("failed"), "it ended with an exception, or could not begin"),
        (marks.status("killed"), "a signal ended it"),
        (marks.status("vanished"), "its process is gone and nobody saw how it ended"),
        ("best", "the epoch with the least val_loss, else the least loss"),
        ("left", "until the last epoch is done, at the pace of the last whole epoch"),
        ("silent for", "it has written no record for so long; it may compile, load data or hang"),
        ("train", "as Keras reports it: within an epoch the mean over its batches so far"),
        ("lr", "the learning rate in that epoch"),
        (marks.more[1], "in the head of the epochs: there are more columns; l and h go there"),
        ("Stopping", ""),
        ("s", "the run stops after the batch it is at, and saves model and state"),
        ("s again", "SIGTERM: its process is asked to end"),
        ("s once more", "SIGKILL, after a question: what was not saved is lost"),
    ]
