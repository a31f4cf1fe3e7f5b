"""Our one callback in each `fit`: next to nothing after a batch, everything else at most ten times a second.

Keras dispatches the hooks after batches to a thread of their own where every callback allows it (Keras 3), or leaves
the metrics on the device until somebody asks (Keras 2). Ours allows both, so that watching changes neither.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from .errors import words_of
from .events import plain_metrics
from .stopping import CHECK_SECONDS, Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..adapters import Adapter
    from .backup import Backups, State
    from .calls import Call
    from .parts import Part
    from .progress import Progress
    from .stopping import StopRequest

__all__ = ["Watch", "make_callback"]

VALIDATION_GRACE = 2.0
"""Seconds that a validation may still take after a stop was asked for; then it is left."""

_now = time.monotonic


class Watch:
    """What our callback does; it knows Keras only by the model.

    Args:
        call: The `fit` call.
        progress: Takes batches and epochs.
        stop: Whether somebody has asked to stop.
        backups: Saves the state, `None` where this call's is not kept.
        parts: What else is done at the end of an epoch.
        agreed: For several workers, who must stop together: whether all stop after this epoch of the run.
        sample: Gives inputs to build the model by, `None` where there are none.

    Attributes:
        steps: Batches of an epoch, `None` while that is unknown.
        restored: The state that the call went on from.
        stopped: Set when the training was told to end.
    """

    def __init__(
        self,
        call: Call,
        progress: Progress,
        stop: StopRequest,
        backups: Backups | None,
        parts: Sequence[Part],
        agreed: Callable[[int], bool] | None = None,
        sample: Callable[[], Any] | None = None,
    ) -> None:
        self.call = call
        self._progress = progress
        self._stop = stop
        self._backups = backups
        self._parts = list(parts)
        self._agreed = agreed
        self._sample = sample
        self._next = 0.0
        self._last = -1
        self._logs: Any = None
        self._began = 0.0
        self._training = False
        self._lock = threading.Lock()
        self._stop_seen: float | None = None
        self._left_validation = False
        self._over = False
        self.steps: int | None = None
        self.restored: State | None = None
        self.stopped = False

    @property
    def trained(self) -> bool:
        """Whether a batch was trained in the epoch that was begun last."""
        return self._last >= 0

    # ------------------------------------------------------------------ the hooks

    def train_begin(self, params: dict[str, Any]) -> None:
        """Training begins; Keras has built what it can."""
        call = self.call
        kept = None if self._backups is None else self._backups.of(call)
        if self._backups is not None and kept is not None:
            self._build()
            self.restored = self._backups.restore(call)
            call.epochs_done = call.initial_epoch if self.restored is None else self.restored.epoch
        if call.past is not None:
            self._progress.skip(call.past.until(call.epochs_done))
        if self.restored is not kept:
            self._progress.go_back()
        if self._backups is not None:
            self._backups.begin()
        steps = params.get("steps")
        self.steps = call.steps = int(steps) if isinstance(steps, int) and steps > 0 else None
        if call.past is not None and not call.epochs_left:
            return  # all of it was trained before
        self._progress.begin(call)
        self._run_parts("begin", call)
        self._began = _now()
        self._look(now=True)

    def epoch_begin(self) -> None:
        """An epoch begins."""
        self._last, self._logs = -1, None
        self._began = _now()
        self._training = True
        self._look()

    def batch_end(self, batch: int, logs: Any) -> None:
        """A batch is done; called from other threads, in any order and at the same time, where Keras likes."""
        with self._lock:
            if batch > self._last:
                self._last, self._logs = batch, logs
        if _now() >= self._next:
            self._touch(batch, logs)

    def test_batch_end(self) -> None:
        """A batch of a validation is done."""
        if _now() < self._next:
            return
        self._next = _now() + CHECK_SECONDS
        self._look()
        if self._agreed is None and self._stop_seen is not None and _now() - self._stop_seen > VALIDATION_GRACE:
            self._left_validation = True
            raise Stopping

    def epoch_end(self, logs: Any) -> None:
        """An epoch is done, with its validation."""
        if self._is_cut():
            return  # its numbers are those of a part of it
        self._training = False
        self._complete(plain_metrics(logs), dict(logs or {}))

    def train_end(self) -> None:
        """Training is over, and the user's own callbacks have done what they do then."""
        call = self.call
        self._run_parts("end", call)
        if self._backups is None or self._is_cut() or call.epochs_done == call.initial_epoch:
            return
        state = self._backups.of(call)
        over = self._over or not self._stop.asked
        if state is not None and state.epoch == call.epochs_done and state.complete:
            return
        if self._backups.due_at_end(early=over and call.epochs_left > 0):
            self._backups.save(call, self._progress.done, complete=over)

    # ------------------------------------------------------------------ after the call

    def cut(self) -> None:
        """A stop has left the validation of an epoch: its training counts, its validation was not finished."""
        if not self._left_validation or self._is_cut():
            return
        self._training = False
        self._progress.notice(
            f"the validation of epoch {self._progress.done + 1} was left because the run was asked to stop"
        )
        logs = plain_metrics(self._logs)
        self._complete(logs, logs, last=True)

    def keep(self) -> None:
        """Save the state for a resume, where the kept one is older than the last completed epoch."""
        if self._backups is None:
            return
        state = self._backups.of(self.call)
        if state is None or state.epoch < self.call.epochs_done:
            self._backups.save(self.call, self._progress.done)

    # ------------------------------------------------------------------ inside

    def _touch(self, batch: int, logs: Any) -> None:
        with self._lock:
            if _now() < self._next:
                return
            self._next = _now() + CHECK_SECONDS
        self._look()
        self._progress.batch(self.call, batch + 1, plain_metrics(logs), self.steps)

    def _look(self, *, now: bool = False) -> None:
        """Look whether we are to stop, and tell Keras; `now` even where the last look was a moment ago."""
        if self._agreed is not None or not (self._stop.look() if now else self._stop.check()):
            return
        if self._stop_seen is None:
            self._stop_seen = _now()
        self.stopped = self.call.model.stop_training = True

    def _is_cut(self) -> bool:
        """Whether a stop has ended the epoch before its last batch."""
        whole = self.steps is not None and self._last + 1 >= self.steps
        return self._training and self._stop_seen is not None and not whole

    def _complete(self, metrics: dict[str, float], logs: dict[str, Any], *, last: bool = False) -> None:
        call, progress = self.call, self._progress
        steps = self._last + 1
        if self.steps is None:
            self.steps = steps
        with progress.lock:
            new = progress.epoch(call, metrics, steps, _now() - self._began)
            if new:
                self._run_parts("epoch", call, progress.done, logs)
        if self._stop_seen is None:
            # Nobody has asked for it: an early end is one by a callback, which will not end it so in a resumed run.
            self._over = call.epochs_left == 0 or bool(call.model.stop_training)
        if self._agreed is not None and self._agreed(progress.done):
            self.stopped = call.model.stop_training = True
        self._look(now=True)
        # After the last epoch the user's callbacks may still change the weights: the state is saved when they have.
        last = last or call.epochs_left == 0 or bool(call.model.stop_training)
        if self._backups is not None and not last and self._backups.due():
            self._backups.save(call, progress.done)

    def _build(self) -> None:
        """Build a model that Keras has not built yet: a state can only be restored to weights that are there."""
        model = self.call.model
        if self._sample is None or getattr(model, "built", True):
            return
        try:
            model(self._sample())
        except Exception as error:
            self._progress.warn(f"{self.call.name} could not be built before its training ({words_of(error)})")

    def _run_parts(self, hook: str, *arguments: Any) -> None:
        for part in self._parts:
            try:
                getattr(part, hook)(*arguments)
            except Exception as error:
                # A full disk, a metric that is no number: the training itself goes on.
                self._progress.warn(f"{part.what} could not be written: {words_of(error)}")


def make_callback(adapter: Adapter, watch: Watch) -> Any:
    """Keras's callback around a watch."""

    class Callback(adapter.root.callbacks.Callback):  # type: ignore[misc, name-defined]
        # The name is one of Keras 2's own: it times the hooks of all others, and warns in the user's log.

        async_safe = True  # Keras 3: may be called in a thread of its own

        def __init__(self) -> None:
            super().__init__()
            self._supports_tf_logs = True  # Keras 2: logs may come as tensors, which nobody waits for

        def on_train_begin(self, logs: Any = None) -> None:
            watch.train_begin(self.params or {})

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            watch.epoch_begin()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            watch.batch_end(batch, logs)

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            watch.test_batch_end()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            watch.epoch_end(logs)

        def on_train_end(self, logs: Any = None) -> None:
            watch.train_end()

    return Callback()
