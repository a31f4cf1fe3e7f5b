"""The program's own `fit` and `train_on_batch` calls, watched: they do what they did, and we know of it."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import time
import weakref
from os import getpid  # bound now: the user's file may replace what os holds
from typing import TYPE_CHECKING, Any

from .batches import BatchLoops
from .callback import Watch, make_callback
from .calls import Call
from .resuming import Resumption, complete_history, untrained_batch, untrained_history
from .stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter
    from ..places import Places
    from .backup import Backups
    from .parts import Part
    from .past import Past
    from .progress import Progress
    from .saving import FinalModels
    from .stopping import StopRequest
    from .untouched import Untouched

__all__ = ["FitHooks"]

BATCH_SIZE = 32
"""Keras's default."""

_BATCH_FLAGS = ("_should_call_train_batch_hooks", "_should_call_test_batch_hooks")
"""What a CallbackList of Keras 2 has found out, when it was made, about the callbacks it had then."""


class FitHooks:
    """Replaces `fit` and `train_on_batch` of Keras's model class.

    A call keeps its arguments, its result, its exceptions, and the user's callbacks before ours. When the run is
    resumed, a call that was completed before trains nothing and returns the history it returned then, its model in the
    state it had afterwards.

    Args:
        adapter: The Keras generation.
        places: Finds the user's line.
        progress: Takes what happens.
        stop: Whether somebody has asked to stop.
        models: Saves the models that were trained.
        backups: Saves their states, `None` where the run is not to be resumed.
        past: What earlier attempts recorded.
        parts: Makes what is done along one call.
        epochs: In place of those of every `fit`, `None` to leave them.
        batch_size: In place of that of every `fit` whose data is arrays, `None` to leave it.
        agreed: For several workers: whether all stop after this epoch of the run.

    Attributes:
        untouched: Set while calls are to train nothing: the program is only run for its model.
        calls: Calls that have trained.
    """

    def __init__(
        self,
        adapter: Adapter,
        places: Places,
        progress: Progress,
        stop: StopRequest,
        models: FinalModels,
        backups: Backups | None,
        past: Past,
        parts: Callable[[], list[Part]],
        *,
        epochs: int | None = None,
        batch_size: int | None = None,
        agreed: Callable[[int], bool] | None = None,
    ) -> None:
        self.untouched: Untouched | None = None
        self.calls = 0
        self._adapter = adapter
        self._places = places
        self._progress = progress
        self._stop = stop
        self._models = models
        self._backups = backups
        self._past = past
        self._resumption = Resumption(backups, past, progress)
        self._parts = parts
        self._epochs = epochs
        self._batch_size = batch_size
        self._agreed = agreed
        self._process = getpid()
        self._lock = threading.RLock()
        self._active = 0
        self._ordered = 0
        self._number = past.last_number
        self._ids: dict[int, tuple[weakref.ref[Any], int]] = {}
        self._loops = BatchLoops(progress, stop, self._loop_call)

    def install(self) -> None:
        """Replace the methods."""
        model_class = self._adapter.model_class
        fit = model_class.fit
        signature = inspect.signature(fit)

        @functools.wraps(fit)
        def watched_fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            return self._fit(fit, signature, model, args, kwargs)

        on_batch = model_class.train_on_batch

        @functools.wraps(on_batch)
        def watched_batch(model: Any, *args: Any, **kwargs: Any) -> Any:
            return self._on_batch(on_batch, model, args, kwargs)

        model_class.fit = watched_fit
        model_class.train_on_batch = watched_batch

    @property
    def called(self) -> bool:
        """Whether the program has called `fit` or `train_on_batch` at all, though it may have failed."""
        return bool(self._ids)

    def trained_models(self) -> list[Any]:
        """The models that were trained and are still there."""
        return [model for model in (reference() for reference, _ in self._ids.values()) if model is not None]

    def finish(self) -> None:
        """The program is over: end the loops of `train_on_batch`, whose end nobody else knows."""
        for call, seconds in self._loops.finish():
            self._models.trained(call, seconds)
        if self._stop.asked and self._loops.any:
            self._progress.warn("batches of train_on_batch cannot be resumed: a resume runs the program from its start")

    # ------------------------------------------------------------------ fit

    def _fit(self, fit: Any, signature: inspect.Signature, model: Any, args: Any, kwargs: Any) -> Any:
        if getpid() != self._process:
            return fit(model, *args, **kwargs)  # a copy of us that the user's file has forked
        if self._agreed is None and self._stop.look():
            raise Stopping
        try:
            arguments = dict(signature.bind(model, *args, **kwargs).arguments)
        except TypeError:
            return fit(model, *args, **kwargs)  # fails in Keras's own words
        for parameter in signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments.update(arguments.pop(parameter.name, {}))
        arguments.pop(next(iter(signature.parameters)))
        if self.untouched is not None:
            self._leave_out(self.untouched, model, "fit", arguments.get("callbacks"))
            return untrained_history(self._adapter, model, arguments.get("epochs", 1))
        with self._lock:
            call = self._begin_call(model)
            self._active += 1
        whole = False
        try:
            history = self._train(fit, call, arguments)
            whole = True
        finally:
            with self._lock:
                self._active -= 1
            self._progress.end(call, whole=whole)
        return history

    def _train(self, fit: Any, call: Call, arguments: dict[str, Any]) -> Any:
        model = call.model
        self._override(call, arguments)
        backups = None if call.order is None else self._backups
        over = self._resumption.begin(call, arguments)
        sample = _sampler(arguments.get("x"))
        watch = Watch(call, self._progress, self._stop, backups, self._parts(), self._agreed, sample)
        callback = make_callback(self._adapter, watch)
        start, done = time.monotonic(), self._progress.done
        try:
            with _Added(callback, model, arguments):
                history = fit(model, **arguments)
        except Stopping:
            watch.cut()
            history = None
        finally:
            if backups is not None:
                backups.rest()
                backups.release(model)
            if self._progress.done > done or watch.trained:
                self._models.trained(call, time.monotonic() - start)
        self.calls += 1
        if over or watch.restored:
            complete_history(history, call)
        if history is None or watch.stopped:
            watch.keep()
            raise Stopping
        return history

    def _override(self, call: Call, arguments: dict[str, Any]) -> None:
        """Put the run's own epochs and batch size in place of the call's."""
        call.initial_epoch = call.epochs_done = int(arguments.get("initial_epoch") or 0)
        if self._epochs is not None:
            arguments["epochs"] = call.initial_epoch + self._epochs
        epochs = arguments.get("epochs", 1)
        call.epochs = int(epochs) if hasattr(epochs, "__index__") else None
        given = arguments.get("batch_size")
        if not _is_arrays(arguments.get("x")):
            if self._batch_size is not None:
                self._progress.notice(
                    f"the batch size of {call.where} is that of its data, which comes in batches; it stays"
                )
            call.batch_size = given
            return
        if self._batch_size is not None:
            arguments["batch_size"] = given = self._batch_size
        if given is None and not arguments.get("steps_per_epoch"):
            given = BATCH_SIZE
        call.batch_size = given

    # ------------------------------------------------------------------ which call it is

    def _begin_call(self, model: Any, method: str = "fit") -> Call:
        order = None
        if method == "fit" and not self._active:
            order = self._ordered = self._ordered + 1
        past = self._past.fits.get(order or 0)
        if past is None:
            self._number += 1
        return Call(
            self._adapter,
            model,
            number=self._number if past is None else past.number,
            order=order,
            model_id=self._id_of(model),
            place=self._places.user_place(sys._getframe(1)),
            method=method,
        )

    def _id_of(self, model: Any) -> int:
        known = self._ids.get(id(model))
        if known is not None and known[0]() is model:
            return known[1]
        number = 1 + max((number for _, number in self._ids.values()), default=0)
        self._ids[id(model)] = (weakref.ref(model), number)
        return number

    def _leave_out(self, untouched: Untouched, model: Any, method: str, callbacks: Any = None) -> None:
        place = self._places.user_place(sys._getframe(1))
        where = "" if place is None else f" at line {place['line']}"
        self._progress.notice(f"the {method}{where} was left out: this run trains on other data")
        untouched.left_out(model, callbacks)

    # ------------------------------------------------------------------ train_on_batch

    def _on_batch(self, on_batch: Any, model: Any, args: Any, kwargs: Any) -> Any:
        if getpid() != self._process or self._active:
            return on_batch(model, *args, **kwargs)
        if self.untouched is not None:
            self._leave_out(self.untouched, model, "train_on_batch")
            return untrained_batch(model, return_dict=bool(kwargs.get("return_dict")))
        result = on_batch(model, *args, **kwargs)
        self._loops.trained(model, result)
        return result

    def _loop_call(self, model: Any) -> Call:
        """A model is trained by `train_on_batch` for the first time."""
        with self._lock:
            self.calls += 1
            if self._past.loops:
                self._progress.warn("batches of train_on_batch cannot be resumed: they are trained from the beginning")
            return self._begin_call(model, "train_on_batch")


class _Added:
    """Our callback among those of one `fit` call, after the user's own."""

    def __init__(self, callback: Any, model: Any, arguments: dict[str, Any]) -> None:
        self._callback = callback
        self._list: Any = None
        self._flags: dict[str, Any] = {}
        given = arguments.get("callbacks")
        if hasattr(given, "set_params") and hasattr(getattr(given, "callbacks", None), "append"):
            # A CallbackList of the user's: Keras takes it as it is, so ours goes into it for this call.
            self._list = given
            callback.set_params(getattr(given, "params", None) or {})
            callback.set_model(model)
        elif isinstance(given, (list, tuple)):
            arguments["callbacks"] = [*given, callback]
        else:
            arguments["callbacks"] = [callback] if given is None else [given, callback]

    def __enter__(self) -> None:
        if self._list is None:
            return
        self._list.callbacks.append(self._callback)
        for name in _BATCH_FLAGS:
            if hasattr(self._list, name):
                self._flags[name] = getattr(self._list, name)
                setattr(self._list, name, True)

    def __exit__(self, *error: object) -> None:
        for name, value in self._flags.items():
            setattr(self._list, name, value)
        if self._list is not None and self._callback in self._list.callbacks:
            self._list.callbacks.remove(self._callback)


def _is_arrays(x: Any) -> bool:
    """Whether data is something that Keras itself divides into batches."""
    if isinstance(x, dict):
        return all(_is_arrays(value) for value in x.values())
    if isinstance(x, (list, tuple)):
        return True
    return hasattr(x, "shape") or hasattr(x, "iloc")


def _sampler(x: Any) -> Callable[[], Any] | None:
    """What gives a few rows of the data, `None` where it cannot be read without using it up."""
    if hasattr(x, "take") and hasattr(x, "element_spec"):
        return lambda: _inputs(next(iter(x.take(1))))
    return (lambda: _first_rows(x)) if _is_arrays(x) else None


def _inputs(batch: Any) -> Any:
    return batch[0] if isinstance(batch, tuple) else batch


def _first_rows(x: Any) -> Any:
    if isinstance(x, dict):
        return {name: _first_rows(value) for name, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [_first_rows(value) for value in x]
    return x[:1]
