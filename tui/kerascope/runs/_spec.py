"""What is to be trained, and how: what a form or a command line chooses, and what the training process reads."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

__all__ = ["Compilation", "TrainSpec", "TrainingData"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Where the data of a model comes from that has no `fit` call of its own.

    Attributes:
        kind: `npz`, `npy`, `csv` (also `.tsv`), `images` (a directory), `function` (`package.module:function` or
            `file.py:function`) or `synthetic` (random numbers of the model's effective shapes).
        paths: The file or directory, two for `npy` (x and y); for `function` its name; none for `synthetic`.
        target: Name of the column that is the target (`csv`), `None` for the last one.
        validation_split: Part of the data that is kept for validation, from 0 to below 1; 0 uses none unless the data
            brings its own (`x_val`, `y_val`).
        samples: How many samples synthetic data has.
    """

    kind: str
    paths: tuple[str, ...] = ()
    target: str | None = None
    validation_split: float = 0.0
    samples: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """What a model is compiled with; what is `None` is taken from the file's own `compile`, else proposed.

    Attributes:
        loss: Name of a Keras loss.
        optimizer: Name of a Keras optimizer.
        learning_rate: Of that optimizer.
        metrics: Names of Keras metrics.
    """

    loss: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    metrics: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """What Keras has to know: `loss`, `optimizer` or `metric`, and its name."""
        asked = [("loss", self.loss), ("optimizer", self.optimizer), *(("metric", name) for name in self.metrics or ())]
        return tuple((kind, name) for kind, name in asked if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSpec:
    """One training run as it was asked for; in `run.json` it stands under `spec`.

    Attributes:
        path: Absolute path of the program or saved model.
        shown: The path as the user named it.
        name: What in a program (`FILE:name`), `None` for whatever its `fit` calls train.
        call: Arguments of a factory as source text (`FILE:name(64)`), `None` when it is not called.
        module: Dotted name the program is imported by, `None` to run it as `python FILE` does.
        root: The directory a module is imported from.
        saved: Whether the path is a saved model.
        trust: Whether a saved model that carries code may be loaded.
        input_shapes: `(name, shape, dtype)` of given inputs, for models that nothing else gives a shape.
        arguments: What the program finds in `sys.argv`.
        data: `None` runs the program's own `fit` calls.
        compilation: Loss, optimizer and metrics for `data`.
        epochs: Overrides those of every `fit`; `None` leaves them (with `data`: 1).
        batch_size: Overrides that of every `fit`; `None` leaves it (with `data`: 32).
        keras: Keras generation, 2 or 3.
        python: Interpreter.
        cwd: Working directory.
        environment: Variables set for the run.
        device: `auto`, `cpu`, `gpu`, or `gpu:0,2` (indices).
        memory_growth: Whether GPU memory is taken only as it is needed.
        precision: Keras's global dtype policy: `mixed_float16`, `mixed_bfloat16`, `float16`, ...; `None` leaves it.
        seed: For `keras.utils.set_random_seed`.
        checkpoint_every: Keep a checkpoint every so many epochs.
        checkpoint_best: Keep the model that is best on this metric.
        early_stopping: Stop when this metric no longer improves.
        patience: Epochs without improvement before that.
        tensorboard: Whether TensorBoard logs are written.
        resumable: Whether the state is backed up after every epoch (BackupAndRestore).
        strategy: `none`, `mirrored` or `multiworker` (`tf.distribute`).
    """

    path: str
    shown: str
    name: str | None = None
    call: str | None = None
    module: str | None = None
    root: str | None = None
    saved: bool = False
    trust: bool = False
    input_shapes: tuple[tuple[str | None, tuple[int | None, ...], str | None], ...] = ()
    arguments: tuple[str, ...] = ()
    data: TrainingData | None = None
    compilation: Compilation = Compilation()
    epochs: int | None = None
    batch_size: int | None = None
    keras: int = 3
    python: str | None = None
    cwd: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    device: str = "auto"
    memory_growth: bool = False
    precision: str | None = None
    seed: int | None = None
    checkpoint_every: int | None = None
    checkpoint_best: str | None = None
    early_stopping: str | None = None
    patience: int = 3
    tensorboard: bool = False
    resumable: bool = True
    strategy: str = "none"

    def to_json(self) -> dict[str, Any]:
        """The plain data that stands in `run.json`."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> TrainSpec:
        """The spec of a `run.json`; unknown keys of a later version are left out.

        Raises:
            KeyError, TypeError, ValueError: It is no spec.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        found = {key: value for key, value in facts.items() if key in known}
        data, compilation = found.get("data"), dict(found.get("compilation") or {})
        found["data"] = None if data is None else TrainingData(**{**data, "paths": tuple(data.get("paths", ()))})
        if compilation.get("metrics") is not None:
            compilation["metrics"] = tuple(compilation["metrics"])
        found["compilation"] = Compilation(**compilation)
        found["arguments"] = tuple(found.get("arguments", ()))
        found["environment"] = tuple((name, value) for name, value in found.get("environment", ()))
        found["input_shapes"] = tuple(
            (name, tuple(shape), dtype) for name, shape, dtype in found.get("input_shapes", ())
        )
        return cls(**found)
