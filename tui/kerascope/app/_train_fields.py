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


FIELDS = (
    Field(
        key="source",
        label="trains",
        group="what",
        help="The file's own fit calls, or the model with data named here, or with random data (does it run, how fast)",
        read=read_plain,
        choices=("own", "data", "synthetic"),
    ),
    Field(
        key="data",
        label="data",
        group="what",
        help="An .npz with x and y, two .npy files, a .csv or .tsv, a directory of images, or module:function",
        read=read_arguments,
        example="data.npz",
    ),
    Field(
        key="target",
        label="target column",
        group="what",
        help="The column of the table that is to be predicted; empty takes the last one",
        read=read_plain,
        example="label",
    ),
    Field(
        key="samples",
        label="samples",
        group="what",
        help="How many samples of random data are made",
        read=read_count("samples", 1024),
        example="1024",
    ),
    Field(
        key="validation_split",
        label="for validation",
        group="what",
        help="The part of the data that is kept for validation, from 0 to below 1; empty keeps none",
        read=read_share,
        example="0.2",
    ),
    Field(
        key="loss",
        label="loss",
        group="what",
        help="Name of a Keras loss; empty takes that of the file's own compile, else what fits the outputs",
        read=read_word("a Keras loss", "mse"),
        example="sparse_categorical_crossentropy",
    ),
    Field(
        key="optimizer",
        label="optimizer",
        group="what",
        help="Name of a Keras optimizer; empty takes that of the file's own compile, else adam",
        read=read_word("a Keras optimizer", "adam"),
        example="adam",
        choices=("", "adam", "sgd", "rmsprop", "adamw"),
    ),
    Field(
        key="learning_rate",
        label="learning rate",
        group="what",
        help="Of the optimizer; empty leaves it as it is",
        read=read_rate,
        example="0.001",
    ),
    Field(
        key="metrics",
        label="metrics",
        group="what",
        help="Names of Keras metrics; empty takes those of the file's own compile, else what fits the outputs",
        read=read_words,
        example="accuracy",
    ),
    Field(
        key="epochs",
        label="epochs",
        group="what",
        help="Times through the data, for every fit call; empty leaves what the file says",
        read=read_count("epochs", 10),
        example="10",
    ),
    Field(
        key="batch_size",
        label="batch size",
        group="what",
        help="Samples a step, for every fit call; empty leaves what the file says",
        read=read_count("samples", 32),
        example="32",
    ),
    Field(
        key="device",
        label="device",
        group="machine",
        help="auto takes the GPUs there are, else the CPU; cpu, gpu, or GPUs by their numbers: gpu:0,1",
        read=read_device,
        example="gpu:0",
        choices=("auto", "cpu", "gpu"),
    ),
    Field(
        key="precision",
        label="precision",
        group="machine",
        help="Keras's global dtype policy; empty leaves it, which is float32 unless the file says otherwise",
        read=read_word("a Keras dtype policy", "mixed_float16"),
        example="mixed_float16",
        choices=("", "mixed_float16", "mixed_bfloat16"),
    ),
    Field(
        key="seed",
        label="seed",
        group="machine",
        help="For Python, NumPy and Keras, set before the program runs; empty sets none",
        read=read_seed,
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
        read=read_word("a metric", "val_loss"),
        example="val_loss",
        choices=("", "val_loss", "loss"),
    ),
    Field(
        key="checkpoint_every",
        label="keep every",
        group="keeping",
        help="Keep a checkpoint every so many epochs; empty keeps none",
        read=read_count("epochs", 5),
        example="5",
    ),
    Field(
        key="early_stopping",
        label="stop early on",
        group="keeping",
        help="Stop when this metric no longer improves; empty goes on to the last epoch",
        read=read_word("a metric", "val_loss"),
        example="val_loss",
        choices=("", "val_loss", "loss"),
    ),
    Field(
        key="patience",
        label="patience",
        group="keeping",
        help="Epochs without improvement before it stops early",
        read=read_count("epochs", 3),
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
        read=read_plain,
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
        read=read_interpreter,
        example=".venv/bin/python",
    ),
    Field(
        key="cwd",
        label="runs in",
        group="around",
        help="The working directory of the program; empty is the one kerascope was started in",
        read=read_directory,
        example="data",
    ),
    Field(
        key="environment",
        label="environment",
        group="around",
        help="Variables set for this run, NAME=VALUE with blanks between; quotes as in a shell",
        read=read_environment,
        example="TF_CPP_MIN_LOG_LEVEL=1",
    ),
    Field(
        key="arguments",
        label="arguments",
        group="around",
        help="What the program finds in sys.argv; quotes as in a shell",
        read=read_arguments,
        example="--lr 0.1",
    ),
    Field(
        key="trust",
        label="trust the file",
        group="what",
        help="The file carries code of its own, which runs when it is loaded, or points elsewhere: only yes trains it",
        read=is_yes,
        choices=(NO, YES),
    ),
)
