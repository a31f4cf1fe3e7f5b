"""What goes into a source of data, and what comes out of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...adapters import Adapter
    from ..interface import Interface

__all__ = ["TrainingSet", "Wanted", "path_of"]


class Wanted:
    """What the data is for.

    Attributes:
        adapter: The Keras generation.
        model: The model that will be trained.
        interface: What it takes and gives.
        losses: Name of the loss of each output, as compiled, asked for or proposed; `None` where none is known.
        batch_size: Samples of a batch.
        validation_split: Part of the data that is kept for validation.
        seed: For what is made or shuffled by chance.
        say: Takes sentences that the user should know.
    """

    def __init__(
        self,
        adapter: Adapter,
        model: Any,
        interface: Interface,
        losses: list[str | None],
        say: Callable[[str], None],
        *,
        batch_size: int = 32,
        validation_split: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.adapter = adapter
        self.model = model
        self.interface = interface
        self.losses = losses
        self.say = say
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.seed = seed


class TrainingSet:
    """Data as `fit` takes it.

    Attributes:
        x: Arrays (one, or several in a list or dict), or something that gives batches with their targets.
        y: Targets; `None` where `x` brings them.
        validation: What `fit` takes as `validation_data`.
        batched: Whether `x` gives whole batches, so that `fit` may not be given a batch size.
        split_done: Whether the validation split has been made already.
        steps: Batches of an epoch where `x` never ends.
    """

    def __init__(
        self, x: Any, y: Any = None, validation: Any = None, *, batched: bool = False, split_done: bool = False
    ) -> None:
        self.x = x
        self.y = y
        self.validation = validation
        self.batched = batched
        self.split_done = split_done
        self.steps: int | None = None


def path_of(data: dict[str, Any]) -> str:
    """The one path that a source was given, which must be there.

    Raises:
        SetupError: It is not.
    """
    paths = list(data.get("paths") or ())
    if len(paths) != 1:
        raise SetupError(f"data of the kind {data['kind']} is one path; {len(paths)} were given")
    path = str(paths[0])
    if not os.path.exists(path):
        raise SetupError(f"the data {path} is not there (looked for from {os.getcwd()})")
    return path
