"""A run as the command that starts the same one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.runs._spec import Compilation, TrainingData, TrainSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["command_of"]

_DEFAULTS = TrainSpec(path="", shown="")


def command_of(
    spec: TrainSpec, *, runs_dir: str | None = None, keras: int | None = None, python: str | None = None
) -> list[str]:
    """The command line that asks for the same run; `shlex.join` makes it text.

    What is as it is by default is left out, and so is a working directory that is the current one.

    Args:
        spec: The run.
        runs_dir: The directory of runs where that was named, for `--runs-dir`.
        keras: The generation that is taken where none is named; `None` names it always.
        python: The interpreter that is taken where none is named.

    Returns:
        `kerascope`, `train` and their arguments. Paths below the current directory are relative to it.
    """
    command = ["kerascope", "train", _target(spec)]
    if spec.data is not None:
        command += _data(spec.data)
    command += _compilation(spec.compilation)
    command += _machine(spec)
    if spec.keras != keras:
        command += ["--keras", str(spec.keras)]
    if spec.python not in (None, python):
        command += _option("--python", _shown(str(spec.python)))
    if spec.cwd is not None and spec.cwd != _current():
        command += _option("--cwd", spec.cwd)
    for name, value in spec.environment:
        command += _option("--env", f"{name}={value}")
    command += _given_shapes(spec)
    if spec.trust:
        command.append("--trust")
    if runs_dir is not None:
        command += _option("--runs-dir", runs_dir)
    return command + (["--", *spec.arguments] if spec.arguments else [])


def _target(spec: TrainSpec) -> str:
    """The file as it was named where that still leads to it, and what in it."""
    still = spec.module == spec.shown or _absolute(spec.shown) == spec.path
    target = spec.shown if still else _shown(spec.path)
    if target.startswith("-"):
        target = f"./{target}"
    if spec.name is not None:
        target += f":{spec.name}"
    return target if spec.call is None else f"{target}({spec.call})"


def _data(data: TrainingData) -> Iterator[str]:
    if data.kind == "synthetic":
        yield "--synthetic"
        yield str(data.samples)
    else:
        yield "--data"
        yield from (_shown(path) for path in data.paths)
    if data.target is not None:
        yield from _option("--target", data.target)
    if data.validation_split:
        yield from _option("--validation-split", _number(data.validation_split))


def _compilation(compilation: Compilation) -> Iterator[str]:
    if compilation.loss is not None:
        yield from _option("--loss", compilation.loss)
    if compilation.optimizer is not None:
        yield from _option("--optimizer", compilation.optimizer)
    if compilation.learning_rate is not None:
        yield from _option("--learning-rate", _number(compilation.learning_rate))
    if compilation.metrics is not None:
        yield from ("--metrics", *compilation.metrics)


def _machine(spec: TrainSpec) -> Iterator[str]:
    """Everything that is one value, where it is not what it is by default."""
    values = (
        ("--epochs", "epochs"),
        ("--batch-size", "batch_size"),
        ("--device", "device"),
        ("--precision", "precision"),
        ("--seed", "seed"),
        ("--checkpoint-every", "checkpoint_every"),
        ("--checkpoint-best", "checkpoint_best"),
        ("--early-stopping", "early_stopping"),
        ("--patience", "patience"),
        ("--strategy", "strategy"),
    )
    for option, name in values:
        value = getattr(spec, name)
        if name == "patience" and spec.early_stopping is None:
            continue  # nothing is waited for
        if value != getattr(_DEFAULTS, name):
            yield from _option(option, str(value))
    if spec.memory_growth:
        yield "--memory-growth"
    if spec.tensorboard:
        yield "--tensorboard"
    if not spec.resumable:
        yield "--no-backup"


def _given_shapes(spec: TrainSpec) -> Iterator[str]:
    for name, shape, dtype in spec.input_shapes:
        yield "--input-shape"
        yield (f"{name}=" if name else "") + repr(tuple(shape)) + (f":{dtype}" if dtype else "")


def _option(name: str, value: str) -> list[str]:
    """An option and its value; as one argument where the value would be taken for another option."""
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def _number(value: float) -> str:
    """The shortest text that gives the same number back."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _shown(path: str) -> str:
    """A path below the current directory relative to it, another one as it is."""
    here = _current()
    if here is None or not path.startswith(f"{here.rstrip('/')}/"):
        return path
    below = path[len(here.rstrip("/")) + 1 :]
    return f"./{below}" if below.startswith("-") else below


def _current() -> str | None:
    try:
        return os.fspath(Path.cwd())
    except FileNotFoundError:
        return None  # it was deleted under us


def _absolute(path: str) -> str | None:
    try:
        return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links, absolute() keeps ".."
    except FileNotFoundError:
        return None
