"""The fields of the form that starts a training: what each is for, and what may stand in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerascope.app._train_reading import (
    NO,
    YES,
    is_yes,
    read_arguments,
    read_count,
    read_device,
    read_directory,
    read_environment,
    read_interpreter,
    read_plain,
    read_rate,
    read_seed,
    read_share,
    read_word,
    read_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    _Row = tuple[str, str, Callable[[str], Any], str, tuple[str, ...]]

__all__ = ["FIELDS", "GROUPS", "Field", "Group"]


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


_ROWS: dict[str, tuple[_Row, ...]] = {
    "what": (
        ("source", "trains", read_plain, "", ("own", "data", "synthetic")),
        ("data", "data", read_arguments, "data.npz", ()),
        ("target", "target column", read_plain, "label", ()),
        ("samples", "samples", read_count("samples", 1024), "1024", ()),
        ("validation_split", "for validation", read_share, "0.2", ()),
        ("loss", "loss", read_word("a Keras loss", "mse"), "sparse_categorical_crossentropy", ()),
        (
            "optimizer",
            "optimizer",
            read_word("a Keras optimizer", "adam"),
            "adam",
            ("", "adam", "sgd", "rmsprop", "adamw"),
        ),
        ("learning_rate", "learning rate", read_rate, "0.001", ()),
        ("metrics", "metrics", read_words, "accuracy", ()),
        ("epochs", "epochs", read_count("epochs", 10), "10", ()),
        ("batch_size", "batch size", read_count("samples", 32), "32", ()),
        ("trust", "trust the file", is_yes, "", (NO, YES)),
    ),
    "machine": (
        ("device", "device", read_device, "gpu:0", ("auto", "cpu", "gpu")),
        (
            "precision",
            "precision",
            read_word("a Keras dtype policy", "mixed_float16"),
            "mixed_float16",
            ("", "mixed_float16", "mixed_bfloat16"),
        ),
        ("seed", "seed", read_seed, "42", ()),
        ("memory_growth", "memory growth", is_yes, "", (NO, YES)),
    ),
    "keeping": (
        ("checkpoint_best", "keep the best", read_word("a metric", "val_loss"), "val_loss", ("", "val_loss", "loss")),
        ("checkpoint_every", "keep every", read_count("epochs", 5), "5", ()),
        ("early_stopping", "stop early on", read_word("a metric", "val_loss"), "val_loss", ("", "val_loss", "loss")),
        ("patience", "patience", read_count("epochs", 3), "3", ()),
        ("tensorboard", "TensorBoard", is_yes, "", (NO, YES)),
        ("resumable", "can be resumed", is_yes, "", (YES, NO)),
    ),
    "around": (
        ("strategy", "strategy", read_plain, "", ("none", "mirrored", "multiworker")),
        ("keras", "Keras", int, "", ("3", "2")),
        ("python", "interpreter", read_interpreter, ".venv/bin/python", ()),
        ("cwd", "runs in", read_directory, "data", ()),
        ("environment", "environment", read_environment, "TF_CPP_MIN_LOG_LEVEL=1", ()),
        ("arguments", "arguments", read_arguments, "--lr 0.1", ()),
    ),
}
"""By group and in their order: key, label, reader, example, choices."""

_HELP = {
    "source": "The file's own fit calls, or the model on data named here, or on random data (does it run, how fast)",
    "data": "An .npz with x and y, two .npy files, a .csv or .tsv, a directory of images, or module:function",
    "target": "The column of the table that is to be predicted; empty takes the last one",
    "samples": "How many samples of random data are made",
    "validation_split": "The part of the data that is kept for validation, from 0 to below 1; empty keeps none",
    "loss": "Name of a Keras loss; empty takes that of the file's own compile, else what fits the outputs",
    "optimizer": "Name of a Keras optimizer; empty takes that of the file's own compile, else adam",
    "learning_rate": "Of the optimizer; empty leaves it as it is",
    "metrics": "Names of Keras metrics; empty takes those of the file's own compile, else what fits the outputs",
    "epochs": "Times through the data, for every fit call; empty leaves what the file says",
    "batch_size": "Samples a step, for every fit call; empty leaves what the file says",
    "trust": "The file carries code of its own, which runs when it is loaded, or points elsewhere: only yes trains it",
    "device": "auto takes the GPUs there are, else the CPU; cpu, gpu, or GPUs by their numbers: gpu:0,1",
    "precision": "Keras's global dtype policy; empty leaves it, which is float32 unless the file says otherwise",
    "seed": "For Python, NumPy and Keras, set before the program runs; empty sets none",
    "memory_growth": "Take GPU memory only as it is needed, not all of it at the start",
    "checkpoint_best": "Keep the model of the epoch that is best on this metric; empty keeps none",
    "checkpoint_every": "Keep a checkpoint every so many epochs; empty keeps none",
    "early_stopping": "Stop when this metric no longer improves; empty goes on to the last epoch",
    "patience": "Epochs without improvement before it stops early",
    "tensorboard": "Write TensorBoard logs into the run's directory, by Keras's own callback",
    "resumable": "Save the state after every epoch, so that a run that was stopped or killed goes on from there",
    "strategy": "mirrored spreads it over the GPUs of this machine, multiworker over machines (TF_CONFIG or Slurm)",
    "keras": "The generation that trains; what is shown here was found out with the other one when you change it",
    "python": "The Python that trains: its path, or a virtual environment's folder",
    "cwd": "The working directory of the program; empty is the one kerascope was started in",
    "environment": "Variables set for this run, NAME=VALUE with blanks between; quotes as in a shell",
    "arguments": "What the program finds in sys.argv; quotes as in a shell",
}

FIELDS = tuple(
    Field(key=key, label=label, group=group, help=_HELP[key], read=read, example=example, choices=choices)
    for group, rows in _ROWS.items()
    for key, label, read, example, choices in rows
)
