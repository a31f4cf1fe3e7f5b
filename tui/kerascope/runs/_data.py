"""Training data as a command line or a form names it: what kind it is, and whether it is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.graph import clean_line
from kerascope.runs._spec import TrainingData

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KINDS", "data_of"]

KINDS = (
    ".npz (arrays x and y, or named inputs), two .npy files (x and y), .csv or .tsv (with --target), a directory of "
    "images, or package.module:function"
)
"""What `--data` takes, for messages."""

_TABLES = (".csv", ".tsv")


def data_of(
    paths: Sequence[str], *, synthetic: int | None = None, target: str | None = None, validation_split: float = 0.0
) -> TrainingData:
    """What training data was named.

    Args:
        paths: A file, a directory of images, a function, or two `.npy` files.
        synthetic: Samples of random data to be made in place of that; `None` for none.
        target: Column of a table that is the target.
        validation_split: Part of the data that is kept for validation, from 0 to below 1.

    Returns:
        The data, its paths absolute: the training may run in another directory.

    Raises:
        ValueError: It cannot be data; the text says what was received, what was expected and what to do.
    """
    if not 0 <= validation_split < 1:
        raise ValueError(
            f"received {validation_split} as the part for validation, expected a number from 0 to below 1, such as 0.2"
        )
    if synthetic is not None:
        return _synthetic(paths, synthetic, target, validation_split)
    if not paths:
        raise ValueError(f"received no data, expected {KINDS}")
    kind, found = _pair(paths) if len(paths) > 1 else _single(paths[0])
    if target is not None and kind != "csv":
        raise ValueError(f"received the target column {target!r} for {_named(paths)}; only .csv and .tsv have columns")
    return TrainingData(kind=kind, paths=found, target=target, validation_split=validation_split)


def _synthetic(paths: Sequence[str], samples: int, target: str | None, validation_split: float) -> TrainingData:
    if paths:
        raise ValueError(f"received {_named(paths)} and --synthetic as well; give the data that is there, or none")
    if target is not None:
        raise ValueError(f"received the target column {target!r} for synthetic data, which has no columns")
    if samples < 1:
        raise ValueError(f"received {samples} synthetic samples, expected a whole number above 0, such as 1024")
    return TrainingData(kind="synthetic", samples=samples, validation_split=validation_split)


def _pair(paths: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    if len(paths) > 2 or any(_suffix(path) != ".npy" for path in paths):
        raise ValueError(
            f"received {len(paths)} paths ({_named(paths)}), expected one, or two .npy files: the inputs, then the "
            "targets"
        )
    return "npy", tuple(_existing(path) for path in paths)


def _single(path: str) -> tuple[str, tuple[str, ...]]:
    suffix = _suffix(path)
    if _is_directory(path):
        return "images", (_absolute(path),)
    if suffix == ".npz":
        return "npz", (_existing(path),)
    if suffix in _TABLES:
        return "csv", (_existing(path),)
    if suffix == ".npy":
        _existing(path)
        raise ValueError(f"received one .npy file, {_named([path])}; expected two: the inputs, then the targets")
    function = _function(path)
    if function is not None:
        return "function", (function,)
    _existing(path)
    raise ValueError(f"received {_named([path])}, which is data of an unknown kind; expected {KINDS}")


def _function(text: str) -> str | None:
    """`package.module:function` or `file.py:function`, the file's path absolute; `None` where it is neither."""
    where, colon, name = text.rpartition(":")
    if not colon or not all(part.isidentifier() for part in name.split(".")):
        return None
    if where.lower().endswith((".py", ".pyw")):
        return f"{_existing(where)}:{name}"
    return text if all(part.isidentifier() for part in where.split(".")) else None


def _existing(path: str) -> str:
    try:
        there = Path(path).expanduser().exists()
    except (OSError, ValueError):
        there = False
    if not there:
        raise ValueError(f"there is no data at {_named([path])}; expected {KINDS}")
    return _absolute(path)


def _is_directory(path: str) -> bool:
    try:
        return Path(path).expanduser().is_dir()
    except (OSError, ValueError):
        return False


def _absolute(path: str) -> str:
    # resolve() would follow links: the file is the one that was named.
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()


def _named(paths: Sequence[str]) -> str:
    return ", ".join(clean_line(path) for path in paths)
