"""Letting the `fit` calls of a resumed run go on where the attempt before has left them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..skipping import metric_names

if TYPE_CHECKING:
    from ..adapters import Adapter
    from .backup import Backups
    from .calls import Call
    from .past import Past
    from .progress import Progress

__all__ = ["Resumption", "complete_history", "untrained_batch", "untrained_history"]


class Resumption:
    """Finds out what is left of each call.

    Args:
        backups: The kept states, `None` where the run is not to be resumed.
        past: What earlier attempts recorded.
        progress: Takes warnings.
    """

    def __init__(self, backups: Backups | None, past: Past, progress: Progress) -> None:
        self._backups = backups
        self._past = past
        self._progress = progress

    def begin(self, call: Call, arguments: dict[str, Any]) -> bool:
        """Change the arguments of a call to what is left of it.

        A call that was completed gets no epochs: Keras builds the model, and our callback restores it as `fit` begins.
        One whose state is gone because a later call of the same model has a newer one trains nothing either; where
        there is no state at all, it is trained again.

        Returns:
            Whether nothing is left.
        """
        past = self._past.fits.get(call.order or 0)
        if past is None or self._backups is None:
            return False
        if not _same(call, past.facts):
            self._progress.warn(
                f"{call.where} trains {call.name} ({type(call.model).__name__}), and the attempt before trained "
                f"{past.facts.get('model')} ({past.facts.get('class_name')}) there: the program goes another way, so "
                "it is trained from here without what was saved"
            )
            self._backups.forget()
            self._progress.go_back()
            return False
        state = self._backups.of(call)
        if state is None and not self._backups.outlived(call):
            return False
        call.past = past
        if state is None:
            end = max(past.epochs, default=call.initial_epoch)
            arguments["initial_epoch"] = call.initial_epoch = call.epochs_done = end
        elif state.complete:
            end = state.epoch
        else:
            return False
        arguments["epochs"] = call.epochs = end
        return True


def _same(call: Call, facts: dict[str, Any]) -> bool:
    """Whether a call trains the same kind of model as one of an earlier attempt."""
    params, before = call.params(), facts.get("params")
    same_size = params is None or before is None or params == before
    return type(call.model).__name__ == facts.get("class_name") and same_size


class _Nothing(dict):  # type: ignore[type-arg]
    """What a call that was left out has measured: nothing, whatever the program asks for."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def __missing__(self, name: str) -> list[float]:
        self[name] = values = [0.0] * self._epochs
        return values


def untrained_history(adapter: Adapter, model: Any, epochs: Any) -> Any:
    """What `fit` returns when it was left out: a program that plots its history goes through."""
    history = adapter.root.callbacks.History()
    history.set_model(model)
    count = int(epochs) if hasattr(epochs, "__index__") else 1
    history.history, history.epoch = _Nothing(count), list(range(count))
    return history


def untrained_batch(model: Any, *, return_dict: bool) -> Any:
    """What `train_on_batch` returns when it was left out."""
    names = ["loss", *metric_names(model)]
    if return_dict:
        return dict.fromkeys(names, 0.0)
    return [0.0] * len(names) if len(names) > 1 else 0.0


def complete_history(history: Any, call: Call) -> None:
    """Put the epochs of earlier attempts before those of this one."""
    if history is None or call.past is None or not hasattr(history, "history"):
        return
    new = list(history.epoch)
    before = call.past.until(new[0] if new else call.epochs_done)
    measured: dict[str, list[Any]] = {}
    for facts in before:
        for name, value in facts["metrics"].items():
            measured.setdefault(name, []).append(value)
    for name, values in history.history.items():
        measured.setdefault(name, []).extend(values)
    history.history = measured
    history.epoch = [int(facts["fit_epoch"]) - 1 for facts in before] + new
