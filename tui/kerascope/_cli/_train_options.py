"""The options of `kerascope train`, and the run that they ask for."""

from __future__ import annotations

import argparse
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope._cli._options import input_shape_of, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kerascope.runs import TrainingData, TrainSpec

__all__ = ["add_train_options", "complete_train_options", "spec_of"]

SAMPLES = 1024
PATIENCE = 3
PRECISIONS = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float32", "float64")

_DATA_ENDINGS = (".npz", ".npy", ".csv", ".tsv")
"""Endings of data, which no PATH has."""

_AS_THEY_ARE = (
    "epochs",
    "batch_size",
    "device",
    "memory_growth",
    "precision",
    "seed",
    "checkpoint_every",
    "checkpoint_best",
    "early_stopping",
    "patience",
    "tensorboard",
    "strategy",
    "trust",
)
"""Options that are fields of `TrainSpec` under the same name."""


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Add the target and everything that a run can be asked for."""
    # An option with several values takes a PATH behind it as well: `complete_train_options` gives it back.
    parser.add_argument("path", metavar="PATH", nargs="?", type=target_of, help="what to train")
    _add_data(parser.add_argument_group("data, for a model that is not trained by its own file"))
    _add_training(parser.add_argument_group("training"))
    _add_machine(parser.add_argument_group("machine"))


def _add_data(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--data",
        metavar="FILE",
        nargs="+",
        default=[],
        help=".npz (x and y, or named inputs; x_val and y_val too), two .npy files (x, then y), .csv or .tsv, a "
        "directory of images, or package.module:function that returns a data set; the file's own fit is left out then",
    )
    group.add_argument(
        "--synthetic",
        metavar="N",
        nargs="?",
        const=str(SAMPLES),
        help=f"random data of the model's effective shapes (default: {SAMPLES} samples)",
    )
    group.add_argument("--target", metavar="COLUMN", help="column of a table that is the target (default: the last)")
    group.add_argument(
        "--validation-split",
        metavar="F",
        type=_share,
        default=0.0,
        help="part of the data kept for validation, such as 0.2",
    )
    proposed = "(default: as the file compiles its model, else what fits its output)"
    group.add_argument("--loss", metavar="NAME", help=f"Keras loss {proposed}")
    group.add_argument("--optimizer", metavar="NAME", help="Keras optimizer (default: as compiled, else adam)")
    group.add_argument("--learning-rate", metavar="F", type=_rate, help="of the optimizer")
    group.add_argument("--metrics", metavar="NAME", nargs="*", help=f"Keras metrics {proposed}")


def _add_training(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--epochs", metavar="N", type=_count("epochs", 10), help="in place of those of each fit")
    group.add_argument("--batch-size", metavar="N", type=_count("samples", 32), help="in place of that of each fit")
    group.add_argument("--seed", metavar="N", type=_seed, help="seed of Python's, NumPy's and Keras's random numbers")
    group.add_argument(
        "--checkpoint-every", metavar="N", type=_count("epochs", 5), help="keep the model every so many epochs"
    )
    group.add_argument("--checkpoint-best", metavar="METRIC", help="keep the model that is best on this metric")
    group.add_argument("--early-stopping", metavar="METRIC", help="stop when this metric no longer improves ...")
    group.add_argument(
        "--patience", metavar="N", type=_count("epochs", 3), help=f"... for so many epochs (default: {PATIENCE})"
    )
    group.add_argument("--tensorboard", action="store_true", help="write TensorBoard logs")
    group.add_argument(
        "--no-backup", action="store_true", help="keep no state after each epoch; the run cannot be resumed then"
    )


def _add_machine(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--device",
        metavar="DEVICE",
        type=_device,
        default="auto",
        help="auto, cpu, gpu, or GPUs by their numbers, gpu:0,1 (default: auto)",
    )
    group.add_argument("--memory-growth", action="store_true", help="take GPU memory only as it is needed")
    group.add_argument("--precision", choices=PRECISIONS, help="Keras's dtype policy")
    group.add_argument(
        "--strategy",
        choices=("none", "mirrored", "multiworker"),
        default="none",
        help="mirrored trains on all devices here; multiworker (Keras 2) is started once for each worker, by srun or "
        "with TF_CONFIG",
    )
    group.add_argument(
        "--keras", choices=("auto", "2", "3"), default="auto", help="Keras generation (default: auto, as in check)"
    )
    group.add_argument("--python", metavar="PY", help="interpreter that runs the file")
    group.add_argument(
        "--env", metavar="NAME=VALUE", type=_variable, action="append", default=[], help="set a variable for the run"
    )
    group.add_argument("--cwd", metavar="DIR", type=_directory, help="working directory of the run (default: this one)")
    group.add_argument(
        "--input-shape",
        metavar="SHAPE",
        action="append",
        type=input_shape_of,
        default=[],
        help="input shape for models that nothing else gives one, as in check",
    )
    group.add_argument(
        "--trust", action="store_true", help="load a saved model that carries code (KS501), which then runs"
    )


def complete_train_options(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """Give PATH back where an option with several values took it, and fill in what hangs on other options.

    Leaves with a usage error where there is no PATH, or options do not go together.
    """
    if chosen.path is None and (text := _taken_path(chosen)) is not None:
        try:
            chosen.path = target_of(text)
        except argparse.ArgumentTypeError as error:
            parser.error(f"argument PATH: {error}")
    if chosen.path is None:
        parser.error(f"the following arguments are required: PATH{_takers(chosen)}")
    if chosen.synthetic is not None:
        try:
            chosen.synthetic = _count("samples", SAMPLES)(chosen.synthetic)
        except argparse.ArgumentTypeError as error:
            parser.error(f"argument --synthetic: {error}")
    if chosen.patience is not None and chosen.early_stopping is None:
        parser.error(
            f"received --patience {chosen.patience} without --early-stopping METRIC, which says what has to improve, "
            "such as --early-stopping val_loss"
        )
    chosen.patience = PATIENCE if chosen.patience is None else chosen.patience


def _taken_path(chosen: argparse.Namespace) -> str | None:
    """The PATH that an option took as its last value, taken from it; `None` where no value can only be the PATH."""
    if len(chosen.data) > 1 and Path(chosen.data[-1]).suffix.lower() not in _DATA_ENDINGS:
        return str(chosen.data.pop())
    if chosen.metrics and re.search(r"[./:]", chosen.metrics[-1]):
        return str(chosen.metrics.pop())
    if chosen.synthetic is not None and re.search(r"[^\W\d]", chosen.synthetic):
        text, chosen.synthetic = chosen.synthetic, str(SAMPLES)
        return str(text)
    return None


def _takers(chosen: argparse.Namespace) -> str:
    """What options with several values took, one of which may have been meant as the PATH; empty where none did."""
    taken = {name: values for name, values in (("--data", chosen.data), ("--metrics", chosen.metrics)) if values}
    words = [f"{name} took {' and '.join(values)}" for name, values in taken.items()]
    return f" ({', '.join(words)}; write PATH first: kerascope train PATH {next(iter(taken))} ...)" if words else ""


def spec_of(chosen: argparse.Namespace, own: Sequence[str]) -> tuple[TrainSpec, str | None]:
    """The run that was asked for, and the text of its program; `None` for a saved model.

    Args:
        chosen: What `add_train_options` parsed.
        own: Arguments that are the program's own.

    Raises:
        ValueError: The options do not go together; the text says why.
        TrainError: There is no such file, or nothing in it can be trained.
    """
    import dataclasses

    from kerascope.runs import Compilation
    from kerascope.training import plain_spec

    data = _data(chosen)
    if data is None and chosen.path.name is not None:
        raise ValueError(
            f"received the name {chosen.path.name} and no data: the file's own fit calls train what they train, so "
            "leave the name out, or give --data or --synthetic for that model"
        )
    target = dataclasses.replace(chosen.path, input_shapes=tuple(chosen.input_shape))
    spec, text = plain_spec(target, keras=chosen.keras, python=chosen.python, arguments=own)
    metrics = None if chosen.metrics is None else tuple(chosen.metrics)
    spec = dataclasses.replace(
        spec,
        data=data,
        compilation=Compilation(
            loss=chosen.loss, optimizer=chosen.optimizer, learning_rate=chosen.learning_rate, metrics=metrics
        ),
        environment=tuple(chosen.env),
        cwd=chosen.cwd,
        resumable=not chosen.no_backup,
        **{name: getattr(chosen, name) for name in _AS_THEY_ARE},
    )
    return spec, text


def _data(chosen: argparse.Namespace) -> TrainingData | None:
    from kerascope.runs._contents import check_contents, never_validates
    from kerascope.runs._data import data_of

    if not chosen.data and chosen.synthetic is None:
        alone = {
            "--target": chosen.target,
            "--validation-split": chosen.validation_split,
            "--loss": chosen.loss,
            "--optimizer": chosen.optimizer,
            "--learning-rate": chosen.learning_rate,
            "--metrics": chosen.metrics,
        }
        given = [name for name, value in alone.items() if value not in (None, 0.0)]
        if given:
            raise ValueError(
                f"received {', '.join(given)} without --data or --synthetic; without them the file's own fit trains, "
                "with what it says itself"
            )
        return None
    data = data_of(
        chosen.data, synthetic=chosen.synthetic, target=chosen.target, validation_split=chosen.validation_split
    )
    check_contents(data)
    for option, metric in (("--checkpoint-best", chosen.checkpoint_best), ("--early-stopping", chosen.early_stopping)):
        if metric is not None and metric.startswith("val_") and never_validates(data):
            raise ValueError(
                f"received {option} {metric} and no data for validation; give --validation-split, 0.2 for example"
            )
    return data


# Types of arguments.


def _count(what: str, example: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not int(text):
            raise argparse.ArgumentTypeError(
                f"received {text!r}, expected a whole number of {what} above 0, such as {example}"
            )
        return int(text)

    return read


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"received {text!r}, expected a whole number from 0 to {2**32 - 1:,}")
    return int(text)


def _rate(text: str) -> float:
    rate = _number(text)
    if not math.isfinite(rate) or rate <= 0:
        raise argparse.ArgumentTypeError(f"received {text!r}, expected a number above 0, such as 0.001")
    return rate


def _share(text: str) -> float:
    share = _number(text)
    if not 0 <= share < 1:
        raise argparse.ArgumentTypeError(f"received {text!r}, expected a part from 0 to below 1, such as 0.2")
    return share


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|gpu(:\d+(,\d+)*)?", text):
        raise argparse.ArgumentTypeError(
            f"received {text!r}, expected auto, cpu, gpu, or GPUs by their numbers, such as gpu:0,1"
        )
    return text


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise argparse.ArgumentTypeError(f"received {text!r}, expected NAME=VALUE, such as OMP_NUM_THREADS=4")
    return name, value


def _directory(text: str) -> str:
    path = Path(text).expanduser()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {text}; the program would have nowhere to run")
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
