"""What the texts in the form that starts a training mean: each reader's ValueError says what is wrong. Pure."""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "NO",
    "YES",
    "is_yes",
    "read_arguments",
    "read_count",
    "read_device",
    "read_directory",
    "read_environment",
    "read_interpreter",
    "read_plain",
    "read_rate",
    "read_seed",
    "read_share",
    "read_word",
    "read_words",
]

YES, NO = "yes", "no"


def is_yes(text: str) -> bool:
    """Whether it was chosen to be so."""
    return text == YES


def read_count(what: str, example: int) -> Callable[[str], int | None]:
    """A whole number above 0 of something; nothing where nothing stands."""

    def read(text: str) -> int | None:
        if not text:
            return None
        plain = text.replace(",", "").replace("_", "")
        if not plain.isascii() or not plain.isdigit() or not int(plain):
            raise ValueError(f"received {text!r}, expected a whole number of {what} above 0, such as {example}")
        return int(plain)

    return read


def read_seed(text: str) -> int | None:
    """A number that random generators begin with."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) >= 2**32:
        raise ValueError(f"received {text!r}, expected a whole number from 0 to {2**32 - 1:,}, such as 42")
    return int(text)


def read_rate(text: str) -> float | None:
    """A number above 0."""
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not math.isfinite(rate) or rate <= 0:
        raise ValueError(f"received {text!r}, expected a number above 0, such as 0.001")
    return rate


def read_share(text: str) -> float:
    """A part from 0 to below 1."""
    if not text:
        return 0.0
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share < 1:
        raise ValueError(f"received {text!r}, expected a part from 0 to below 1, such as 0.2")
    return share


def read_word(what: str, example: str) -> Callable[[str], str | None]:
    """A name that Keras knows."""

    def read(text: str) -> str | None:
        if text and not re.fullmatch(r"[\w.>/-]+", text):
            raise ValueError(f"received {text!r}, expected the name of {what}, such as {example}")
        return text or None

    return read


def read_words(text: str) -> tuple[str, ...] | None:
    """Names of metrics, between blanks or commas."""
    names = tuple(text.replace(",", " ").split())
    for name in names:
        read_word("a Keras metric", "accuracy")(name)
    return names or None


def read_plain(text: str) -> str:
    """The text as it is."""
    return text


def read_arguments(text: str) -> tuple[str, ...]:
    """Arguments as a shell splits them."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"this cannot be split into arguments as a shell does it: {error}") from None


def read_device(text: str) -> str:
    """The device, as `TrainSpec.device` names it."""
    if not re.fullmatch(r"auto|cpu|gpu(:\d+(,\d+)*)?", text or "auto"):
        raise ValueError(f"received {text!r}, expected auto, cpu, gpu, or GPUs by their numbers, such as gpu:0,1")
    return text or "auto"


def read_environment(text: str) -> tuple[tuple[str, str], ...]:
    """Variables and their values."""
    found = []
    for part in read_arguments(text):
        name, equals, value = part.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"received {part!r}, expected NAME=VALUE, such as TF_XLA_FLAGS=--tf_xla_auto_jit=2")
        found.append((name, value))
    return tuple(found)


def read_directory(text: str) -> str | None:
    """A directory that is there, absolute."""
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError(f"there is no directory {text}; the program would have nowhere to run")
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow the user's links


def read_interpreter(text: str) -> str | None:
    """A Python that can be run, or that of a virtual environment."""
    if not text:
        return None
    path = Path(text).expanduser()
    path = path / "bin" / "python" if path.is_dir() else path
    if path.is_file() and os.access(path, os.X_OK):
        return str(path.absolute())
    found = shutil.which(text) if os.sep not in text else None
    if found is None:
        raise ValueError(f"there is no interpreter {text}; give the path of a Python that has Keras")
    return found
