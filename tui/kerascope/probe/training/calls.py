"""One call of `fit`: which model, how many epochs, from where in the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .events import number_of

if TYPE_CHECKING:
    from ..adapters import Adapter
    from .past import PastFit

__all__ = ["Call"]


class Call:
    """A call of `fit` or a loop of `train_on_batch`.

    Args:
        adapter: The Keras generation.
        model: The model that is trained.
        number: Number of the call in the run, from 1.
        model_id: Number of the model in the run, from 1, in the order in which they were trained first.
        place: Where the program calls it.
        order: Its place among the `fit` calls that no other one surrounds, from 1. `None` for one that another call
            surrounds, or that runs beside it in another thread: it cannot be found again in another attempt, so it is
            not resumed.
        method: `fit` or `train_on_batch`.

    Attributes:
        epochs: Keras's number of the last epoch, `None` where there are none.
        initial_epoch: Keras's number of the first one, from 0.
        epochs_done: Keras's number of the epochs that are completed.
        past: What an earlier attempt recorded of it.
    """

    def __init__(
        self,
        adapter: Adapter,
        model: Any,
        *,
        number: int,
        model_id: int,
        place: dict[str, Any] | None,
        order: int | None = None,
        method: str = "fit",
    ) -> None:
        self.model = model
        self.number = number
        self.model_id = model_id
        self.place = place
        self.order = order
        self.method = method
        self.name = str(getattr(model, "name", "") or type(model).__name__)
        self.epochs: int | None = None
        self.initial_epoch = 0
        self.epochs_done = 0
        self.steps: int | None = None
        self.batch_size: int | None = None
        self.past: PastFit | None = None
        self._adapter = adapter

    @property
    def epochs_left(self) -> int:
        """Epochs that are still to come."""
        return max(0, (self.epochs or 0) - self.epochs_done)

    @property
    def where(self) -> str:
        """The call in a few words: `the fit at line 12`."""
        line = "" if self.place is None else f" at line {self.place['line']}"
        return f"the {self.method}{line}"

    def params(self) -> int | None:
        """Parameters of the model, `None` while it is not built."""
        try:
            counts = self._adapter.counts(self.model)
        except Exception:
            return None  # a `count_params` or `trainable_weights` of the user's own
        return None if counts is None else counts[0]

    def learning_rate(self) -> float | None:
        """The learning rate now, `None` where the optimizer has none."""
        optimizer = getattr(self.model, "optimizer", None)
        try:
            rate = getattr(optimizer, "learning_rate", None)
            if callable(rate) and not hasattr(rate, "numpy"):
                rate = rate(optimizer.iterations)  # type: ignore[union-attr]
            return number_of(rate if not hasattr(rate, "numpy") else rate.numpy())  # type: ignore[union-attr]
        except Exception:
            return None  # schedules and optimizers of the user's own

    def model_facts(self) -> dict[str, Any]:
        """The model as `run.json` has it."""
        return {"name": self.name, "class_name": type(self.model).__name__, "params": self.params()}

    def facts(self) -> dict[str, Any]:
        """The call as its `fit` record has it."""
        place = self.place or {}
        return {
            "fit": self.number,
            "model": self.name,
            "class_name": type(self.model).__name__,
            "params": self.params(),
            "model_id": self.model_id,
            "epochs": self.epochs,
            "initial_epoch": self.initial_epoch,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "path": place.get("path"),
            "line": place.get("line"),
            "method": self.method,
            "order": self.order,
        }
