"""Programs that train by `train_on_batch` in loops of their own: counted, told of, and stopped between two batches.

A record has the mean of all that its model has measured since the record before. A loop may train on one thing and on
another in turn, as a GAN's discriminator does on real and on made images: one batch out of many would always be of
the same kind where the pace of the records is in step with the loop. The last record, which few batches may be left
for, has those of the record before as well.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .events import plain_metrics
from .stopping import CHECK_SECONDS, Stopping

if TYPE_CHECKING:
    from collections.abc import Callable

    from .calls import Call
    from .progress import Progress
    from .stopping import StopRequest

__all__ = ["BatchLoops"]

_now = time.monotonic


class _Loop:
    """The batches of one model."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.began = _now()
        self.last = self.began
        self.batches = 0
        self.next = 0.0
        self.told: list[Any] = []
        self.untold: list[Any] = []
        self.metrics: dict[str, float] = {}


class BatchLoops:
    """Counts `train_on_batch` calls by model; nobody but the program knows what an epoch is there.

    Args:
        progress: Takes batches.
        stop: Whether somebody has asked to stop.
        make_call: Numbers a loop when its first batch is done.
    """

    def __init__(self, progress: Progress, stop: StopRequest, make_call: Callable[[Any], Call]) -> None:
        self._progress = progress
        self._stop = stop
        self._make_call = make_call
        self._loops: dict[int, _Loop] = {}

    @property
    def any(self) -> bool:
        """Whether a batch was trained so."""
        return bool(self._loops)

    def trained(self, model: Any, result: Any) -> None:
        """A batch was trained.

        Args:
            model: The model, which is kept alive from now on: it is to be saved at the end.
            result: What `train_on_batch` returned.

        Raises:
            Stopping: The run was asked to stop.
        """
        loop = self._loops.get(id(model))
        if loop is None:
            loop = self._loops[id(model)] = _Loop(self._make_call(model))
            self._progress.begin(loop.call)
        loop.batches += 1
        self._progress.loop_steps += 1
        loop.untold.append(result)
        now = loop.last = _now()
        if now < loop.next:
            return
        loop.next = now + CHECK_SECONDS
        self._tell(loop)
        if self._stop.check():
            raise Stopping

    def _tell(self, loop: _Loop, *, last: bool = False) -> None:
        if not loop.untold:
            return
        step = self._progress.step + self._progress.loop_steps
        loop.metrics = _means(loop.call.model, [*loop.told, *loop.untold] if last else loop.untold)
        loop.told, loop.untold = loop.untold, []
        self._progress.batch(loop.call, loop.batches, loop.metrics, None, step=step)
        self._progress.loop(step, self._last_metrics())

    def _last_metrics(self) -> dict[str, float]:
        """What each loop has told last; where several models are trained each with its model's name."""
        loops = list(self._loops.values())
        if not self._progress.several:
            return loops[-1].metrics
        return {f"{loop.call.name}/{name}": value for loop in loops for name, value in loop.metrics.items()}

    def finish(self) -> list[tuple[Call, float]]:
        """The program is over: tell of the last batch of each loop.

        Returns:
            The calls, and how many seconds each was at work.
        """
        for loop in self._loops.values():
            self._tell(loop, last=True)
            metrics = ", ".join(f"{name} {value:.4g}" for name, value in loop.metrics.items())
            batches = "1 batch" if loop.batches == 1 else f"{loop.batches:,} batches"
            were = "was" if loop.batches == 1 else "were"
            self._progress.notice(
                f"{batches} of {loop.call.name} {were} trained by train_on_batch, without epochs that could be told: "
                f"{metrics or 'no metrics'}"
            )
            self._progress.end(loop.call)
        return [(loop.call, loop.last - loop.began) for loop in self._loops.values()]


def _means(model: Any, results: list[Any]) -> dict[str, float]:
    """The numbers of some batches by their names, each the mean of those that there are."""
    names: list[str] = []
    columns: dict[str, list[float]] = {}
    for result in results:
        if isinstance(result, (list, tuple)):
            names = names or _names(model)
            numbers = plain_metrics(zip(names, result))
        else:
            numbers = plain_metrics(result if isinstance(result, dict) else {"loss": result})
        for name, value in numbers.items():
            columns.setdefault(name, []).append(value)
    return {name: sum(column) / len(column) for name, column in columns.items()}


def _names(model: Any) -> list[str]:
    """What the numbers of a list are: Keras 3 gives the loss first and the others by name, Keras 2 as it names them."""
    known: dict[str, Any] = getattr(model, "get_metrics_result", dict)()
    return sorted(known, key=lambda name: (name != "loss", name)) or list(model.metrics_names)
