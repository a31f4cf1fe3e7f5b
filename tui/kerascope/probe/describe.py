"""The author's values as short text and plain shapes, without ever running long or failing."""

from __future__ import annotations

import functools
import inspect
import reprlib
import sys
from typing import Any

__all__ = [
    "arguments_of",
    "file_of",
    "parameters_of",
    "plain_shapes",
    "shape_of",
    "shapes_in",
    "tensors_in",
    "text_of",
]

MAX_TEXT = 200
"""Characters of one value: more is no use on a screen, and a value can be a million-item list."""

MAX_TENSORS = 64
"""Tensors of one call: a list input of more is not a model anyone reads."""

MAX_DEPTH = 8
"""Nesting of an argument that is followed."""

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = MAX_TEXT
_repr.maxtuple = _repr.maxlist = _repr.maxdict = 12
_repr.maxlevel = 4


def shape_of(value: Any) -> list[int | None] | None:
    """The shape of a tensor, array or TensorShape as a list, `None` when it has none (or an unknown rank)."""
    try:
        shape = getattr(value, "shape", None)
    except Exception:
        # A property of the user's own; that it fails is no business of ours.
        return None
    if shape is None or callable(shape):
        return None
    try:
        return [None if size is None else int(size) for size in tuple(shape)]
    except (TypeError, ValueError):
        # An unknown rank cannot be iterated; a symbolic size is no integer.
        return None


def plain_shapes(value: Any) -> Any:
    """The argument of a `build` call in plain types: a shape as a list, lists and dicts of shapes; else `None`."""
    if isinstance(value, dict):
        inside = {str(key): plain_shapes(item) for key, item in value.items()}
        return None if any(item is None for item in inside.values()) else inside
    try:
        sizes = list(value)
    except (TypeError, ValueError):
        return None
    if sizes and all(not isinstance(size, int) and hasattr(size, "__iter__") for size in sizes):
        shapes = [plain_shapes(size) for size in sizes]
        return None if any(shape is None for shape in shapes) else shapes
    try:
        return [None if size is None else int(size) for size in sizes]
    except (TypeError, ValueError):
        return None


def shapes_in(structure: Any) -> list[list[int | None]]:
    """Shapes of all tensors in nested lists, tuples and dicts, in order."""
    return [shape for tensor in tensors_in(structure) if (shape := shape_of(tensor)) is not None]


def tensors_in(structure: Any) -> list[Any]:
    """Everything with a shape in nested lists, tuples and dicts, in order."""
    found: list[Any] = []
    _collect(structure, found, 0)
    return found


def _collect(structure: Any, found: list[Any], depth: int) -> None:
    if depth > MAX_DEPTH or len(found) >= MAX_TENSORS:
        return
    if isinstance(structure, dict):
        for value in list(structure.values())[:MAX_TENSORS]:
            _collect(value, found, depth + 1)
    elif isinstance(structure, (list, tuple)):
        for value in structure[:MAX_TENSORS]:
            _collect(value, found, depth + 1)
    elif not isinstance(structure, (str, bytes, int, float, bool, type(None))) and shape_of(structure) is not None:
        found.append(structure)


def text_of(value: Any) -> str:
    """A short text for a value: Keras objects by class and name, arrays by shape and dtype, the rest by `repr`."""
    if isinstance(value, (list, tuple)) and len(value) <= 12:
        inside = ", ".join(text_of(item) for item in value)
        if isinstance(value, tuple):
            return "(" + inside + ("," if len(value) == 1 else "") + ")"
        return "[" + inside + "]"
    shape = shape_of(value)
    try:
        if shape is not None:
            return f"{type(value).__name__}(shape={tuple(shape)}, dtype={getattr(value, 'dtype', '?')})"
        name = getattr(value, "name", None)
        if isinstance(name, str) and not isinstance(value, type):
            return f"<{type(value).__name__} {name}>"
    except Exception as error:
        # Properties of the user's own, like their __repr__ below, may do anything.
        return f"<{type(value).__name__}: {type(error).__name__}>"
    if inspect.isroutine(value) or isinstance(value, type):
        return str(getattr(value, "__qualname__", value))[:MAX_TEXT]
    try:
        text = _repr.repr(value)
    except Exception as error:
        # A user's __repr__ may do anything; what matters here is only that the value has no text.
        return f"<{type(value).__name__}: no repr ({type(error).__name__})>"
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def arguments_of(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[str, Any]]:
    """Constructor arguments as passed, positional ones under their parameter's name."""
    names = parameters_of(cls)
    bound = [(names[i] if i < len(names) else f"args[{i}]", value) for i, value in enumerate(args)]
    return bound + list(kwargs.items())


@functools.cache
def parameters_of(cls: type) -> list[str]:
    """Names of the positional parameters of a class's constructor, without `self`; not to be changed by the caller.

    Kept for each class: working out a signature takes longer than all the rest of recording a layer.
    """
    try:
        signature = inspect.signature(vars(cls).get("__init__") or cls.__init__)  # type: ignore[misc]
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind in kinds][1:]


def file_of(cls: type) -> str:
    """The file a class is defined in, as far as its module tells."""
    module = sys.modules.get(cls.__module__)
    return str(getattr(module, "__file__", None) or "<unknown>")
