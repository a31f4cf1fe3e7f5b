"""Arrays that NumPy saved: `.npz` archives and pairs of `.npy` files."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from ..interface import shape_text
from ._types import TrainingSet, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._types import Wanted

__all__ = ["open_npy", "open_npz"]

X_NAMES = ("x", "x_train", "train_x", "xtrain", "inputs", "arr_0")
Y_NAMES = ("y", "y_train", "train_y", "ytrain", "targets", "labels", "arr_1")
X_VALIDATION = ("x_val", "x_valid", "x_validation", "val_x", "xval", "x_test", "test_x", "xtest")
Y_VALIDATION = ("y_val", "y_valid", "y_validation", "val_y", "yval", "y_test", "test_y", "ytest")
ENDINGS = ("_val", "_valid", "_validation", "_test")
"""What a named input's validation data is called after it."""


def open_npz(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """The arrays of an `.npz` file, told apart by their names.

    `x` (or the model's input names) and `y` (or its output names), and the same with `_val` or `_test` for validation.

    Raises:
        SetupError: It is no such archive, or its names do not tell.
    """
    path = path_of(data)
    arrays = _read_archive(path)
    inputs = [port.name for port in wanted.interface.inputs if port.name]
    outputs = [port.name for port in wanted.interface.outputs if port.name]
    x = _one(arrays, X_NAMES) if len(inputs) < 2 or _one(arrays, X_NAMES) is not None else None
    if x is None:
        x = _named(arrays, inputs, "")
    if x is None:
        # The name of an only input is nearly always Keras's own.
        wants = f"x, or the model's inputs {', '.join(inputs)}" if len(inputs) > 1 else "x"
        raise SetupError(
            f"{os.path.basename(path)} holds {_listed(arrays)}; none of them is called {wants} (and y for the target)"
        )
    y = _one(arrays, Y_NAMES)
    if y is None:
        y = _named(arrays, outputs, "")
    validation = _validation(arrays, inputs, outputs, wanted, isinstance(x, dict))
    return TrainingSet(x, y, validation)


def _read_archive(path: str) -> dict[str, Any]:
    import numpy

    if os.path.isfile(path) and not zipfile.is_zipfile(path) and not _is_array(path):
        # NumPy takes whatever it does not know for a pickle.
        raise SetupError(f"{path} cannot be read as an .npz file: it is no zip archive, or only a part of one")
    try:
        with numpy.load(path, allow_pickle=False) as archive:
            if not hasattr(archive, "files"):
                raise SetupError(f"{path} holds one array, not several: name two .npy files, x and y")
            return {name: archive[name] for name in archive.files}
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise SetupError(f"{path} cannot be read as an .npz file: {error}") from error
    except ValueError as error:
        raise SetupError(_no_array(path, error)) from error


def _is_array(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(6) == b"\x93NUMPY"


def _no_array(path: str, error: ValueError) -> str:
    if "pickle" in str(error).lower() or "Python objects" in str(error):
        return (
            f"{path} holds Python objects, which are not loaded because that executes code: save plain arrays, of "
            "equal length in each dimension"
        )
    return f"{path} cannot be read as arrays: {error}"


def _one(arrays: dict[str, Any], names: Iterable[str]) -> Any:
    by_name = {name.lower(): array for name, array in arrays.items()}
    return next((by_name[name] for name in names if name in by_name), None)


def _named(arrays: dict[str, Any], names: list[str], ending: str) -> Any:
    """The arrays under a model's own names: one alone, several as a dict; `None` unless all are there."""
    if not names or not all(name + ending in arrays for name in names):
        return None
    return arrays[names[0] + ending] if len(names) == 1 else {name: arrays[name + ending] for name in names}


def _validation(
    arrays: dict[str, Any], inputs: list[str], outputs: list[str], wanted: Wanted, named: bool
) -> tuple[Any, Any] | None:
    x = None if named else _one(arrays, X_VALIDATION)
    y = _one(arrays, Y_VALIDATION)
    for ending in ENDINGS:
        x = _named(arrays, inputs, ending) if x is None else x
        y = _named(arrays, outputs, ending) if y is None else y
    if x is None and y is None:
        return None
    if x is None or y is None:
        there, missing = ("inputs", "targets") if y is None else ("targets", "inputs")
        wanted.say(f"the validation {there} are left out: there are no validation {missing}")
        return None
    return x, y


def _listed(arrays: dict[str, Any]) -> str:
    return ", ".join(f"{name} {shape_text(array.shape)}" for name, array in arrays.items()) or "no arrays"


def open_npy(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """Two `.npy` files, x and y (or x alone where the model learns its own input).

    They are mapped into memory, so that what does not fit is not read before it is needed.

    Raises:
        SetupError: They cannot be read.
    """
    paths = [str(path) for path in data.get("paths") or ()]
    if not 1 <= len(paths) <= 2:
        raise SetupError(f"data of the kind npy is two files, x and y; {len(paths)} were given")
    arrays = [_read_array(path) for path in paths]
    return TrainingSet(arrays[0], arrays[1] if len(arrays) == 2 else None)


def _read_array(path: str) -> Any:
    import numpy

    try:
        array = numpy.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise SetupError(f"the data {path} is not there (looked for from {os.getcwd()})") from None
    except (OSError, EOFError) as error:
        raise SetupError(f"{path} cannot be read as an .npy file: {error}") from error
    except ValueError as error:
        raise SetupError(_no_array(path, error)) from error
    if hasattr(array, "files"):
        raise SetupError(f"{path} holds several arrays although its name ends in .npy: rename it to .npz")
    return array
