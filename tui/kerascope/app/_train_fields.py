"""The fields of the form that starts a training: what each is for, and what may stand in it. Pure."""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FIELDS", "GROUPS", "Field", "Group", "is_yes"]

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; `folded` ones are seldom wanted."""

    key: str
    title: str
    folded: bool = False


GROUPS = (
    Group("what", "Training"),
    Group("machine", "Machine"),
    Group("keeping", "Checkpoints, early stopping, TensorBoard", folded=True),
    Group("around", "Strategy, Keras, interpreter, environment", folded=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        key: Its name; most are those of `TrainSpec`.
        label: What stands before it.
        group: Key of its group.
        help: One sentence about it.
        read: Gives the meaning of what stands there; its ValueError says what is wrong with it.
        example: What could stand there; empty for a field that is only chosen.
        choices: What Space goes through.
    """

    key: str
    label: str
    group: str
    help: str
    read: Callable[[str], Any]
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def typed(self) -> bool:
        """Whether text can be typed."""
        return bool(self.example)


def is_yes(text: str) -> bool:
    """The meaning of a field that is chosen by yes and no."""
    return text == YES


def _count(what: str, example: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not text:
            return None
        plain = text.replace(",", "").replace("_", "")
        if not plain.isascii() or not plain.isdigit() or not int(plain):
            raise ValueError(f"received {text!r}, expected a whole number of {what} above 0, such as {example}")
        return int(plain)

    return read


def _seed(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) >= 2**32:
        raise ValueError(f"received {text!r}, expected a whole number from 0 to {2**32 - 1:,}, such as 42")
    return int(text)


def _rate(text: str) -> float | None:
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not math.isfinite(rate) or rate <= 0:
        raise ValueError(f"received {text!r}, expected a number above 0, such as 0.001")
    return rate


def _share(text: str) -> float:
    if not text:
        return 0.0
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share < 1:
        raise ValueError(f"received {text!r}, expected a part from 0 to below 1, such as 0.2")
    return share


def _word(what: str, example: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if text and not re.fullmatch(r"[\w.>/-]+", text):
            raise ValueError(f"received {text!r}, expected the name of {what}, such as {example}")
        return text or None

    return read


def _words(text: str) -> tuple[str, ...] | None:
    names = tuple(text.replace(",", " ").split())
    for name in names:
        _word("a Keras metric", "accuracy")(name)
    return names or None


def _plain(text: str) -> str:
    return text


def _arguments(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"this cannot be split into arguments as a shell does it: {error}") from None


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|gpu(:\d+(,\d+)*)?", text or "auto"):
        raise ValueError(f"received {text!r}, expected auto, cpu, gpu, or GPUs by their numbers, such as gpu:0,1")
    return text or "auto"


def _environment(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for part in _arguments(text):
        name, equals, value = part.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ValueError(f"received {part!r}, expected NAME=VALUE, such as TF_XLA_FLAGS=--tf_xla_auto_jit=2")
        found.append((name, value))
    return tuple(found)


def _directory(text: str) -> str | None:
    if not text:
        return None
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ValueError(f"there is no directory {text}; the program would have nowhere to run")
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow the user's links


def _interpreter(text: str) -> str | None:
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


FIELDS = (
    Field(
        key="source",
        label="trains",
        group="what",
        help="The file's own fit calls, or the model with data named here, or with random data (does it run, how fast)",
        read=_plain,
        choices=("own", "data", "synthetic"),
    ),
    Field(
        key="data",
        label="data",
        group="what",
        help="An .npz with x and y, two .npy files, a .csv or .tsv, a directory of images, or module:function",
        read=_arguments,
        example="data.npz",
    ),
    Field(
        key="target",
        label="target column",
        group="what",
        help="The column of the table that is to be predicted; empty takes the last one",
        read=_plain,
        example="label",
    ),
    Field(
        key="samples",
        label="samples",
        group="what",
        help="How many samples of random data are made",
        read=_count("samples", 1024),
        example="1024",
    ),
    Field(
        key="validation_split",
        label="for validation",
        group="what",
        help="The part of the data that is kept for validation, from 0 to below 1; empty keeps none",
        read=_share,
        example="0.2",
    ),
    Field(
        key="loss",
        label="loss",
        group="what",
        help="Name of a Keras loss; empty takes that of the file's own compile, else what fits the outputs",
        read=_word("a Keras loss", "mse"),
        example="sparse_categorical_crossentropy",
    ),
    Field(
        key="optimizer",
        label="optimizer",
        group="what",
        help="Name of a Keras optimizer; empty takes that of the file's own compile, else adam",
        read=_word("a Keras optimizer", "adam"),
        example="adam",
        choices=("", "adam", "sgd", "rmsprop", "adamw"),
    ),
    Field(
        key="learning_rate",
        label="learning rate",
        group="what",
        help="Of the optimizer; empty leaves it as it is",
        read=_rate,
        example="0.001",
    ),
    Field(
        key="metrics",
        label="metrics",
        group="what",
        help="Names of Keras metrics; empty takes those of the file's own compile, else what fits the outputs",
        read=_words,
        example="accuracy",
    ),
    Field(
        key="epochs",
        label="epochs",
        group="what",
        help="Times through the data, for every fit call; empty leaves what the file says",
        read=_count("epochs", 10),
        example="10",
    ),
    Field(
        key="batch_size",
        label="batch size",
        group="what",
        help="Samples a step, for every fit call; empty leaves what the file says",
        read=_count("samples", 32),
        example="32",
    ),
    Field(
        key="device",
        label="device",
        group="machine",
        help="auto takes the GPUs there are, else the CPU; cpu, gpu, or GPUs by their numbers: gpu:0,1",
        read=_device,
        example="gpu:0",
        choices=("auto", "cpu", "gpu"),
    ),
    Field(
        key="precision",
        label="precision",
        group="machine",
        help="Keras's global dtype policy; empty leaves it, which is float32 unless the file says otherwise",
        read=_word("a Keras dtype policy", "mixed_float16"),
        example="mixed_float16",
        choices=("", "mixed_float16", "mixed_bfloat16"),
    ),
    Field(
        key="seed",
        label="seed",
        group="machine",
        help="For Python, NumPy and Keras, set before the program runs; empty sets none",
        read=_seed,
        example="42",
    ),
    Field(
        key="memory_growth",
        label="memory growth",
        group="machine",
        help="Take GPU memory only as it is needed, not all of it at the start",
        read=is_yes,
        choices=(NO, YES),
    ),
    Field(
        key="checkpoint_best",
        label="keep the best",
        group="keeping",
        help="Keep the model of the epoch that is best on this metric; empty keeps none",
        read=_word("a metric", "val_loss"),
        example="val_loss",
        choices=("", "val_loss", "loss"),
    ),
    Field(
        key="checkpoint_every",
        label="keep every",
        group="keeping",
        help="Keep a checkpoint every so many epochs; empty keeps none",
        read=_count("epochs", 5),
        example="5",
    ),
    Field(
        key="early_stopping",
        label="stop early on",
        group="keeping",
        help="Stop when this metric no longer improves; empty goes on to the last epoch",
        read=_word("a metric", "val_loss"),
        example="val_loss",
        choices=("", "val_loss", "loss"),
    ),
    Field(
        key="patience",
        label="patience",
        group="keeping",
        help="Epochs without improvement before it stops early",
        read=_count("epochs", 3),
        example="3",
    ),
    Field(
        key="tensorboard",
        label="TensorBoard",
        group="keeping",
        help="Write TensorBoard logs into the run's directory, by Keras's own callback",
        read=is_yes,
        choices=(NO, YES),
    ),
    Field(
        key="resumable",
        label="can be resumed",
        group="keeping",
        help="Save the state after every epoch, so that a run that was stopped or killed goes on from there",
        read=is_yes,
        choices=(YES, NO),
    ),
    Field(
        key="strategy",
        label="strategy",
        group="around",
        help="mirrored spreads it over the GPUs of this machine, multiworker over machines (TF_CONFIG or Slurm)",
        read=_plain,
        choices=("none", "mirrored", "multiworker"),
    ),
    Field(
        key="keras",
        label="Keras",
        group="around",
        help="The generation that trains; what is shown here was found out with the other one when you change it",
        read=int,
        choices=("3", "2"),
    ),
    Field(
        key="python",
        label="interpreter",
        group="around",
        help="The Python that trains: its path, or a virtual environment's folder",
        read=_interpreter,
        example=".venv/bin/python",
    ),
    Field(
        key="cwd",
        label="runs in",
        group="around",
        help="The working directory of the program; empty is the one kerascope was started in",
        read=_directory,
        example="data",
    ),
    Field(
        key="environment",
        label="environment",
        group="around",
        help="Variables set for this run, NAME=VALUE with blanks between; quotes as in a shell",
        read=_environment,
        example="TF_CPP_MIN_LOG_LEVEL=1",
    ),
    Field(
        key="arguments",
        label="arguments",
        group="around",
        help="What the program finds in sys.argv; quotes as in a shell",
        read=_arguments,
        example="--lr 0.1",
    ),
    Field(
        key="trust",
        label="trust the file",
        group="what",
        help="The file carries code of its own, which runs when it is loaded: only yes trains it",
        read=is_yes,
        choices=(NO, YES),
    ),
)
