"""Data that a function of the user's returns: `package.module:function` or `file.py:function`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from ... import describe
from ..errors import SetupError
from ._types import TrainingSet

if TYPE_CHECKING:
    from types import ModuleType

    from ._types import Wanted

__all__ = ["open_function"]

RETURNS = "a data set, (x, y), ((x, y), (x_val, y_val)), (data set, validation data set) or {'x': ..., 'y': ...}"
KEYS = ("x", "y", "x_val", "y_val", "validation")


def open_function(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """What a function of the user's returns, called without arguments (or with `batch_size`, where it must have one).

    Raises:
        SetupError: There is no such function, or it returns nothing that can be trained on.
        Exception: Whatever the user's code raises.
    """
    paths = list(data.get("paths") or ())
    if len(paths) != 1 or ":" not in str(paths[0]):
        raise SetupError("data of the kind function is package.module:function or file.py:function")
    where, _, name = str(paths[0]).rpartition(":")
    module = _load(where)
    function = module
    for part in name.split("."):
        if not hasattr(function, part):
            raise SetupError(f"{where} has no {name}; it has {_functions(module)}")
        function = getattr(function, part)
    if not callable(function):
        return _set_of(function, name, wanted)
    return _set_of(function(**_arguments(function, name, wanted)), f"{name}()", wanted)


def _load(where: str) -> ModuleType:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    main = sys.modules.get("__main__")
    if main is not None and getattr(getattr(main, "__spec__", None), "name", None) == where:
        return main  # the program itself, which has run already
    if not where.endswith(".py"):
        try:
            return importlib.import_module(where)
        except ModuleNotFoundError as error:
            if error.name is None or not (where == error.name or where.startswith(error.name + ".")):
                raise  # something that the module itself needs
            raise SetupError(
                f"there is no module {where} (looked for from {os.getcwd()} and in this Python's packages)"
            ) from error
    if not os.path.isfile(where):
        raise SetupError(f"the file {where} is not there (looked for from {os.getcwd()})")
    path = os.path.abspath(where)
    if main is not None and os.path.abspath(getattr(main, "__file__", None) or "") == path:
        return main
    name = os.path.basename(path)[:-3]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SetupError(f"{where} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    # Where pickle, dataclasses and the module's own imports of itself look for it.
    sys.modules.setdefault(name, module)
    sys.path.insert(0, os.path.dirname(path))
    spec.loader.exec_module(module)
    return module


def _functions(module: Any) -> str:
    own = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return ", ".join(own[:12]) or "no functions"


def _arguments(function: Any, name: str, wanted: Wanted) -> dict[str, Any]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    named = [each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    needed = [each.name for each in named if each.default is each.empty and each.name != "batch_size"]
    if needed:
        raise SetupError(f"{name} needs {', '.join(needed)}, and data functions are called without arguments")
    return {"batch_size": wanted.batch_size} if any(each.name == "batch_size" for each in named) else {}


def _set_of(value: Any, name: str, wanted: Wanted) -> TrainingSet:
    if isinstance(value, dict) and "x" in value:
        unknown = [key for key in value if key not in KEYS]
        if unknown:
            raise SetupError(f"{name} returned a dict with {', '.join(map(str, unknown))}; known are {', '.join(KEYS)}")
        validation = value.get("validation")
        if validation is None and value.get("x_val") is not None:
            validation = (value["x_val"], value.get("y_val"))
        return _with(value["x"], value.get("y"), validation, wanted)
    if isinstance(value, (list, tuple)):
        if len(value) == 2 and _is_pair(value[0]) and (value[1] is None or _is_pair(value[1])):
            (x, y), validation = value
            return _with(x, y, validation, wanted)
        if len(value) == 2 and _is_stream(value[0], wanted):
            return _with(value[0], None, value[1], wanted)
        if len(value) == 2:
            return _with(value[0], value[1], None, wanted)
        if len(value) == 4:
            # train_test_split's order and the other one are told apart by their rows alone, so neither is guessed.
            raise SetupError(f"{name} returned four things; return ((x, y), (x_val, y_val))")
    elif _is_stream(value, wanted) or describe.shape_of(value) is not None:
        return _with(value, None, None, wanted)
    raise SetupError(f"{name} returned {describe.text_of(value)}; it should return {RETURNS}")


def _is_pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and not isinstance(value[0], (int, float, str))


def _is_stream(value: Any, wanted: Wanted) -> bool:
    """Whether a value gives batches by itself: a `tf.data.Dataset`, a Sequence or PyDataset, a generator."""
    utils = wanted.adapter.root.utils
    classes = tuple(cls for name in ("PyDataset", "Sequence") if isinstance(cls := getattr(utils, name, None), type))
    if isinstance(value, classes) or hasattr(value, "element_spec") or hasattr(type(value), "__next__"):
        return True
    return type(value).__module__.startswith("torch.") and hasattr(value, "dataset")


def _with(x: Any, y: Any, validation: Any, wanted: Wanted) -> TrainingSet:
    if _is_stream(x, wanted):
        return TrainingSet(x, None, validation, batched=True)
    return TrainingSet(x, y, tuple(validation) if isinstance(validation, list) else validation)
