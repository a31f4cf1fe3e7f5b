"""The headers of NumPy's files, read without NumPy, and whether such data can be what a model is trained on."""

from __future__ import annotations

import ast
import struct
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Layer, Model, Shape
    from kerascope.runs._spec import TrainingData

__all__ = ["VALIDATION", "X_NAMES", "Y_NAMES", "ModelPorts", "ports_of", "unfit"]

X_NAMES = ("x", "x_train", "train_x", "xtrain", "inputs", "arr_0")
Y_NAMES = ("y", "y_train", "train_y", "ytrain", "targets", "labels", "arr_1")
VALIDATION = (
    ("x_val", "x_valid", "x_validation", "val_x", "xval", "x_test", "test_x", "xtest"),
    ("y_val", "y_valid", "y_validation", "val_y", "yval", "y_test", "test_y", "ytest"),
)
"""The names that the training knows, in its order."""

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 64 * 1024
"""Bytes of a header; NumPy's own limit is 10,000 characters."""


class ModelPorts(NamedTuple):
    """What a model takes and gives where it has one of each; a shape is `None` where it is not known.

    Attributes:
        name: Of its input.
        input: Shape of its input, batch dimension first.
        output: Shape of its output.
    """

    name: str | None = None
    input: Shape | None = None
    output: Shape | None = None


def ports_of(models: Sequence[Model]) -> ModelPorts:
    """The ports of the one model that was looked at; unknown where there are several, or several of a kind.

    Args:
        models: Of an inspection.
    """
    named = [model for model in models if model.name is not None]
    # What another one's input has shaped, the file's own fit say, takes any when that is left out.
    if len(named) != 1 or named[0].unknown is not None or named[0].shaped_by is not None or named[0].skipped:
        return ModelPorts()
    own = [layer for layer in named[0].layers if layer.parent is None]
    inputs = [layer for layer in own if layer.is_input]
    if not inputs and named[0].class_name == "Sequential" and own and own[0].effective:
        return ModelPorts(None, own[0].effective[0], _only_shape(own[-1]))
    taken = {source for layer in own for source in layer.inbound}
    outputs = [layer for layer in own if layer.id not in taken and not layer.is_input]
    if len(inputs) != 1 or len(outputs) != 1 or any(layer.failure for layer in own):
        return ModelPorts()
    return ModelPorts(inputs[0].name, _only_shape(inputs[0]), _only_shape(outputs[0]))


def _only_shape(layer: Layer) -> Shape | None:
    return layer.output[0] if layer.output is not None and len(layer.output) == 1 else None


def unfit(data: TrainingData, ports: ModelPorts, loss: str | None = None) -> str | None:
    """Why no training of a model on such arrays can begin; `None` where it may.

    Args:
        data: The data.
        ports: What the model takes and gives.
        loss: The loss that was asked for.
    """
    try:
        parts = _parts(data, ports)
    except (OSError, ValueError, zipfile.BadZipFile, struct.error, SyntaxError):
        return None  # what `check_contents` says, or the training in NumPy's words
    for x, y, prefix in parts:
        if x is None:
            continue
        if not x[0]:
            return f"{prefix}x holds no samples: {x}"
        if y is not None and x[0] != y[0]:
            return f"inputs and targets need the same number of samples: {prefix}x has {x[0]:,}, {prefix}y has {y[0]:,}"
        if ports.input is not None and not _fits(x, ports.input):
            return f"the {prefix}data is {x}, the model takes {ports.input}{_hint(x, ports.input)}"
        if y is not None and ports.output is not None and _lacks_classes(y, ports.output, loss):
            return (
                f"the {prefix}target is {y}, the output {ports.output}, and categorical_crossentropy needs a target of "
                "the output's shape, one column a class (sparse_categorical_crossentropy takes class numbers)"
            )
    return None


def _parts(data: TrainingData, ports: ModelPorts) -> list[tuple[Shape | None, Shape | None, str]]:
    """The shapes of inputs and targets, for training and for validation."""
    if data.kind == "npy":
        shapes = [_file_shape(Path(path)) for path in data.paths]
        return [(shapes[0], shapes[1] if len(shapes) == 2 else None, "")]
    if data.kind != "npz":
        return []
    found = _archive_shapes(Path(data.paths[0]))
    x = _first(found, X_NAMES)
    if x is None and ports.name is not None:
        x = found.get(ports.name)
    validation = [_first(found, names) for names in VALIDATION]
    parts = [(x, _first(found, Y_NAMES), "")]
    return [*parts, (validation[0], validation[1], "validation ")] if None not in validation else parts


def _first(found: dict[str, Shape], names: Sequence[str]) -> Shape | None:
    lower = {name.lower(): shape for name, shape in found.items()}
    return next((lower[name] for name in names if name in lower), None)


def _archive_shapes(path: Path) -> dict[str, Shape]:
    """The shapes of the arrays in an archive that have rows."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                shape = _header_shape(file)
            if shape:
                found[name.removesuffix(".npy")] = shape
    return found


def _file_shape(path: Path) -> Shape | None:
    with path.open("rb") as file:
        return _header_shape(file) or None


def _header_shape(file: IO[bytes]) -> Shape | None:
    """The shape in the header of an `.npy` file (numpy.lib.format, versions 1 to 3); `None` where it has none."""
    start = file.read(8)
    if start[:6] != _MAGIC:
        return None
    (length,) = struct.unpack(*(("<H", file.read(2)) if start[6] == 1 else ("<I", file.read(4))))
    if length > _LONGEST_HEADER:
        return None
    facts = ast.literal_eval(file.read(length).decode("latin-1").strip())
    shape = facts.get("shape") if isinstance(facts, dict) else None
    return shape if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape) else None


def _fits(shape: Shape, takes: Shape) -> bool:
    """Whether Keras takes it: an axis of size 1 at the end may be missing or too many."""
    mine, theirs = list(shape[1:]), list(takes[1:])
    if len(mine) == len(theirs) + 1 and mine[-1] == 1:
        mine = mine[:-1]
    elif len(theirs) == len(mine) + 1 and theirs[-1] in (1, None):
        theirs = theirs[:-1]
    return len(mine) == len(theirs) and all(want in (None, have) for want, have in zip(theirs, mine, strict=True))


def _hint(shape: Shape, takes: Shape) -> str:
    mine, theirs = shape[1:], takes[1:]
    if len(mine) == len(theirs) and sorted(map(str, mine)) == sorted(map(str, theirs)):
        return ": the same sizes in another order"
    if len(mine) == len(theirs) - 1 and _fits(shape, takes[:-1]):
        return f": it lacks the last axis, of size {theirs[-1]}"
    if len(mine) == len(theirs) > 1 and mine[1:] == theirs[1:]:
        return f": {mine[0]} instead of {theirs[0]}"
    return ""


def _lacks_classes(target: Shape, output: Shape, loss: str | None) -> bool:
    if loss is None or loss.lower().replace("_", "") != "categoricalcrossentropy" or (output[-1] or 1) == 1:
        return False
    sizes = target[:-1] if len(target) == len(output) and target[-1] == 1 else target
    return len(sizes) == len(output) - 1
