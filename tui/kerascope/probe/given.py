"""What a training call was given, as shapes and dtypes, without reading the data through."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from . import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapters import Adapter

__all__ = ["Given", "Spec", "given_to", "leaves", "mapped", "named_leaves", "spec_rows", "summary"]

MAX_DEPTH = 6
"""Nesting of lists of numbers that is followed."""

MAX_ITEMS = 64
"""Arrays of one structure: a list of more is a list of samples."""

READING = 2.0
"""Seconds that one item of a Sequence may take: reading it runs the user's code."""

TEXT = "str"
"""The dtype of text, whatever NumPy or TensorFlow call it."""


class Spec:
    """Shape, rows first (`None` where a size is not fixed), and dtype of one array; `None` where they are unknown."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: list[int | None] | None, dtype: str | None) -> None:
        self.shape = shape
        self.dtype = dtype

    def with_rows(self, rows: int | None) -> Spec:
        """The same with another number of rows."""
        return self if not self.shape else Spec([rows, *self.shape[1:]], self.dtype)


class Given:
    """The data of one call: structures of `Spec` as the author nested them.

    Attributes:
        kind: `arrays`, `lists`, `tf.data`, `generator`, `PyDataset` or the class of something else.
        x: Inputs; `None` when there are none.
        y: Targets.
        weights: Sample weights.
        batched: Whether `x` and `y` are one batch, with its rows where they are fixed.
        numbers: Those of `x`, `y` and `weights` in which Python lists of numbers stand for arrays.
        unknown: Why `x` and `y` cannot be told, `None` when they can.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.x: Any = None
        self.y: Any = None
        self.weights: Any = None
        self.batched = False
        self.numbers: list[str] = []
        self.unknown: str | None = None


def given_to(adapter: Adapter, data: Any, y: Any, weights: Any, *, peek: bool, only_inputs: bool = False) -> Given:
    """Describe what a training call was given.

    Args:
        adapter: The Keras generation.
        data: Its `x`, `generator` or data set.
        y: Its targets.
        weights: Its sample weights.
        peek: Whether one item may be taken off a generator: only where the model needs it to be built.
        only_inputs: Whether an item that is no tuple of inputs and targets may be a list of inputs (`predict`).
    """
    element = _attribute(data, "element_spec")
    if element is not None and not isinstance(data, (list, tuple, dict)) and describe.shape_of(data) is None:
        given = Given("tf.data")
        given.batched = True
        _take(given, element)
    elif _is_sequence(adapter, data):
        given = Given("PyDataset")
        given.batched = True
        item = _within(READING, lambda: data[0])
        _take_item(given, item, only_inputs)
    elif hasattr(type(data), "__next__"):
        given = Given("generator")
        given.batched = True
        item = _within(READING, lambda: next(data)) if peek else None
        _take_item(given, item, only_inputs)
    else:
        given = Given("lists" if _is_numbers(data) else "arrays")
        given.x, given.y, given.weights = spec_of(data), spec_of(y), spec_of(weights)
        parts = (("x", data), ("y", y), ("weights", weights))
        given.numbers = [name for name, part in parts if _has_numbers(part)]
        if data is not None and given.x is None:
            given.kind = type(data).__name__
            given.unknown = f"a {type(data).__name__} is not known until it is read"
    if given.unknown is None and any(
        leaf.shape is None or leaf.dtype is None for leaf in leaves((given.x, given.y, given.weights))
    ):
        given.unknown = "the shape or dtype of some of the data is not known until it is read"
    return given


def _take(given: Given, item: Any) -> None:
    """Split an item of a data set into inputs, targets and weights, as Keras does."""
    parts = item if isinstance(item, tuple) else (item,)
    parts = (*[spec_of(part) for part in parts], None, None)
    given.x, given.y, given.weights = parts[:3]


def _take_item(given: Given, item: Any, only_inputs: bool) -> None:
    if item is None:
        given.unknown = f"what a {given.kind} gives is not known until it is read"
        return
    if isinstance(item, list) and not only_inputs:
        item = tuple(item)
    _take(given, item)


def spec_of(value: Any, depth: int = 0) -> Any:
    """A structure of `Spec` like `value`, `None` where there is nothing with a shape."""
    if value is None or depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {str(key): spec_of(item, depth + 1) for key, item in list(value.items())[:MAX_ITEMS]}
    if isinstance(value, (list, tuple)):
        if _is_numbers(value):
            return Spec(*_numbers(value))
        inside = [spec_of(item, depth + 1) for item in value[:MAX_ITEMS]]
        return None if any(item is None for item in inside) else inside if isinstance(value, list) else tuple(inside)
    shape = describe.shape_of(value)
    if shape is None:
        # An unknown rank has a dtype all the same.
        return Spec(None, None) if _attribute(value, "dtype") is not None else None
    if hasattr(value, "tocsr") or type(value).__name__.startswith(("Ragged", "Sparse")):
        return Spec(shape, None)
    if hasattr(value, "iloc"):
        # Keras makes a column of a pandas Series.
        return Spec(shape if len(shape) > 1 else [*shape, 1], _frame_dtype(value))
    return Spec(shape, _dtype(_attribute(value, "dtype")))


def _is_numbers(value: Any) -> bool:
    """Whether a value is a (nested) list of Python numbers or texts, judged by its first items."""
    depth = 0
    while isinstance(value, (list, tuple)) and value and depth <= MAX_DEPTH:
        value, depth = value[0], depth + 1
    return depth > 0 and isinstance(value, (bool, int, float, complex, str, bytes))


def _has_numbers(structure: Any) -> bool:
    if isinstance(structure, dict):
        return any(_has_numbers(value) for value in list(structure.values())[:MAX_ITEMS])
    if isinstance(structure, (list, tuple)):
        return any(_has_numbers(value) for value in structure[:MAX_ITEMS])
    return isinstance(structure, (bool, int, float, complex, str, bytes))


def _numbers(value: Any) -> tuple[list[int | None], str]:
    """Shape and dtype that NumPy would make of a nested list, if all its rows are like the first."""
    shape: list[int | None] = []
    while isinstance(value, (list, tuple)):
        shape.append(len(value))
        value = value[0] if value else 0
    kinds = ((bool, "bool"), (int, "int64"), (float, "float64"), ((str, bytes), TEXT))
    return shape, next((name for kind, name in kinds if isinstance(value, kind)), "complex128")


def _dtype(dtype: Any) -> str | None:
    """A dtype's name; `None` for Python objects, which only reading tells."""
    if dtype is None:
        return None
    if getattr(dtype, "kind", "") in ("U", "S"):
        return TEXT
    name = str(getattr(dtype, "name", dtype))
    if name in ("object", "variant", "resource"):
        return None
    return TEXT if name == "string" else name.rsplit(".", 1)[-1]


def _frame_dtype(frame: Any) -> str | None:
    """The dtype a pandas frame has as one array."""
    dtypes = _attribute(frame, "dtypes")
    try:
        names = {_dtype(dtype) for dtype in dtypes}
    except TypeError:
        names = {_dtype(dtypes)}
    if len(names) == 1:
        return names.pop()
    numeric = all(name is not None and name.startswith(("float", "int", "uint", "bool")) for name in names)
    return "float64" if numeric else None


def _attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name, None)
    except Exception:
        # A property of the user's own; that it fails is no business of ours.
        return None


def _is_sequence(adapter: Adapter, data: Any) -> bool:
    utils = adapter.root.utils
    classes = tuple(cls for name in ("PyDataset", "Sequence") if isinstance(cls := getattr(utils, name, None), type))
    return isinstance(data, classes)


class _TooLongError(BaseException):
    """The user's code took too long for a glance; a BaseException, so that an `except` in it lets it pass."""


def _within(seconds: float, read: Callable[[], Any]) -> Any:
    """What `read` returns, `None` when it fails or takes too long."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
        return None  # there is no way to stop it, or the user's own alarm would be lost

    def stop(number: int, frame: Any) -> None:
        raise _TooLongError

    signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        return read()
    except (_TooLongError, Exception):
        # Reading the data is training's business; that it fails there is not what we are asked.
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def summary(generation: int, passed: dict[str, Any], given: Given) -> dict[str, Any]:
    """The facts of a training call that its arguments tell, ready to be sent."""
    callbacks = passed.get("callbacks")
    callbacks = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks is not None else []
    data = passed.get("validation_data")
    validation = spec_of(data) if isinstance(data, (list, tuple)) else spec_of(_attribute(data, "element_spec"))
    return {
        "generation": generation,
        "kind": given.kind,
        "x": entries(given.x),
        "y": entries(given.y),
        "weights": entries(given.weights),
        "validation": entries(validation),
        "validation_split": _number(passed.get("validation_split"), float),
        "batch_size": _number(passed.get("batch_size"), int),
        "epochs": _number(passed.get("epochs", passed.get("nb_epoch")), int),
        "steps": _number(passed.get("steps_per_epoch", passed.get("steps")), int),
        "callbacks": [type(callback).__name__ for callback in callbacks[:MAX_ITEMS]],
    }


def entries(structure: Any) -> list[list[Any]]:
    """[name or `None`, shape, dtype] of every array in a structure."""
    return [[name, spec.shape, spec.dtype] for name, spec in named_leaves(structure)]


def _number(value: Any, kind: type) -> Any:
    try:
        return kind(value) if value is not None and not isinstance(value, str) else None
    except (TypeError, ValueError):
        return None


# ---------------------------------------------------------------------- structures of Spec


def leaves(structure: Any) -> list[Spec]:
    """All `Spec` of a structure, in the author's order."""
    return [spec for _, spec in named_leaves(structure)]


def named_leaves(structure: Any, name: str | None = None) -> list[tuple[str | None, Spec]]:
    """All `Spec` of a structure with the key each stands under, where it is in a dict."""
    if isinstance(structure, dict):
        return [pair for key, value in structure.items() for pair in named_leaves(value, str(key))]
    if isinstance(structure, (list, tuple)):
        return [pair for value in structure for pair in named_leaves(value, name)]
    return [(name, structure)] if isinstance(structure, Spec) else []


def mapped(structure: Any, change: Callable[[Spec], Any]) -> Any:
    """The structure with every `Spec` replaced by what `change` makes of it."""
    if isinstance(structure, dict):
        return {key: mapped(value, change) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure)(mapped(value, change) for value in structure)
    return change(structure) if isinstance(structure, Spec) else structure


def spec_rows(structure: Any) -> list[int]:
    """The rows of every array in a structure, as far as they are fixed."""
    return [leaf.shape[0] for leaf in leaves(structure) if leaf.shape and leaf.shape[0] is not None]
