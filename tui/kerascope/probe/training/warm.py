"""Starting a run in a copy of the probe: Keras is imported there already, so that training begins at once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from ..prctl import set_subreaper
from .detaching import detach
from .keeper import keep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..adapters import Adapter
    from .record import Reporter

__all__ = ["launch"]


def launch(request: Mapping[str, Any], adapter: Adapter, let_go: Callable[[], None]) -> int:
    """Start the run that was asked for, as a process that the probe has nothing to do with any more.

    Args:
        request: `train`, the run's directory, and `environment`, the variables that the user has otherwise than the
            probe was started with; `None` unsets one.
        adapter: The Keras generation.
        let_go: Closes, in the copy, what belongs to the probe.

    Returns:
        A descriptor from which the answer can be read, as a line for `last_answer`, until its end.
    """
    directory = str(request["train"])

    def train(reporter: Reporter) -> int:
        _begin_anew()
        # Here, in the training process: the keeper needs none of it.
        from .training import train as train_run

        return train_run(directory, reporter, adapter)

    def become(ready: int) -> None:
        let_go()
        _set_environment(request.get("environment") or {})
        keep(directory, train, ready, renew=True)

    # As subreaper the probe would be the parent of the keeper, and end it as something that a look has left behind.
    set_subreaper(False)
    try:
        return detach(become)
    finally:
        set_subreaper(True)


def _set_environment(changes: Mapping[str, str | None]) -> None:
    # TensorFlow asks for CUDA_VISIBLE_DEVICES when it first looks for devices, which no probe does.
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _begin_anew() -> None:
    """Give up what all copies of a probe would have in common: Python's own generator does so itself."""
    random = getattr(sys.modules.get("numpy"), "random", None)
    if random is not None:
        random.seed()
