"""The data of a run made ready for `fit`: opened, completed, divided into training and validation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import describe
from ..given import given_to, named_leaves, spec_rows
from .errors import SetupError
from .interface import shape_text
from .sources import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .interface import Interface
    from .sources._types import TrainingSet, Wanted

__all__ = ["complete", "data_words", "divide", "fit_arguments", "open_data", "say_nan", "specs_of", "targets_of"]

ROWS_AT_ONCE = 1 << 24
"""Numbers looked at together."""


def open_data(spec: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """Open the data that a run names; what is single samples of a data set is batched.

    Raises:
        SetupError: It cannot be used; the text says why and what to do.
        Exception: What a data function of the user's raises.
    """
    opened = open_source(spec["data"], wanted)
    opened.x = _ordered(opened.x, wanted.interface)
    if opened.validation is not None and isinstance(opened.validation, tuple) and not opened.batched:
        opened.validation = (_ordered(opened.validation[0], wanted.interface), *opened.validation[1:])
    if opened.batched and not opened.split_done and hasattr(opened.x, "element_spec"):
        opened.x = _batched(opened.x, wanted)
        if hasattr(opened.validation, "element_spec"):
            opened.validation = _batched(opened.validation, wanted)
    return opened


def _ordered(x: Any, interface: Interface) -> Any:
    """Named inputs in the model's order where it takes a list: Keras 3 does not match names for a subclassed one."""
    names = [port.name for port in interface.inputs]
    if isinstance(x, dict) and not interface.by_name and names and set(names) == set(x):
        return {name: x[name] for name in names if name is not None}
    return x


def _batched(dataset: Any, wanted: Wanted) -> Any:
    inputs = wanted.interface.inputs
    found = specs_of(wanted, dataset, None)[0]
    if len(found) != 1 or len(inputs) != 1 or found[0][1] is None or inputs[0].shape is None:
        return dataset
    if len(found[0][1]) != len(inputs[0].shape) - 1:
        return dataset
    wanted.say(f"the data set gives single samples: they are put into batches of {wanted.batch_size}")
    return dataset.batch(wanted.batch_size)


# ---------------------------------------------------------------------- what it is


def specs_of(wanted: Wanted, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
    """`(name or None, shape, dtype)` of each array of the inputs and of the targets; empty where they are unknown."""
    given = given_to(wanted.adapter, x, y, None, peek=False)
    parts = [
        [(name, None if one.shape is None else tuple(one.shape), one.dtype) for name, one in named_leaves(part)]
        for part in (given.x, given.y)
    ]
    return parts[0], parts[1]


def targets_of(wanted: Wanted, opened: TrainingSet) -> list[Any]:
    """`(name or None, shape, dtype, span)` of each target; empty where they are unknown.

    The span is the least and the largest of its numbers, `None` where all are 0 or 1, or are not known.
    """
    specs = specs_of(wanted, opened.x, opened.y)[1]
    arrays = [] if opened.batched else describe.tensors_in(opened.y)
    spans = [_span(array) for array in arrays] if len(arrays) == len(specs) else [None] * len(specs)
    return [(*spec, span) for spec, span in zip(specs, spans)]


def _span(array: Any) -> tuple[float, float] | None:
    import numpy

    kind = getattr(getattr(array, "dtype", None), "kind", "")
    if kind not in ("f", "i", "u") or not array.shape:
        return None
    least, largest, others = math.inf, -math.inf, False
    for part in _parts(array):
        numbers = part[numpy.isfinite(part)] if kind == "f" else part
        if numbers.size:
            least, largest = min(least, float(numbers.min())), max(largest, float(numbers.max()))
            others = others or bool(((numbers != 0) & (numbers != 1)).any())
    return (least, largest) if others else None


def _parts(array: Any) -> Iterator[Any]:
    """An array in rows that are looked at together."""
    rows = max(1, ROWS_AT_ONCE // max(1, math.prod(array.shape[1:])))
    return (array[start : start + rows] for start in range(0, len(array), rows))


def data_words(wanted: Wanted, opened: TrainingSet) -> str:
    """The data in a sentence: `x (1000, 4) float32, y (1000,) int64`."""
    x, y = specs_of(wanted, opened.x, opened.y)
    if not x:
        return f"the data is a {type(opened.x).__name__}, known when it is read"
    words = [f"x {_listed(x)}", *([f"y {_listed(y)}"] if y else [])]
    return ("batches of " if opened.batched else "the data is ") + ", ".join(words)


def _listed(specs: list[Any]) -> str:
    return ", ".join(" ".join(filter(None, (name, shape_text(shape), dtype))) for name, shape, dtype in specs)


def say_nan(opened: TrainingSet, say: Callable[[str], None]) -> None:
    """Tell of numbers that are none, which make the loss NaN at once."""
    if opened.batched:
        return
    for name, part in (("x", opened.x), ("y", opened.y)):
        count = sum(_count_nan(array) for array in describe.tensors_in(part))
        if count:
            say(f"NaN (missing values) in {name}: {count:,}; the loss will be NaN unless the model expects it")


def _count_nan(array: Any) -> int:
    import numpy

    if getattr(getattr(array, "dtype", None), "kind", "") != "f" or not len(array):
        return 0
    return sum(int(numpy.count_nonzero(numpy.isnan(part))) for part in _parts(array))


# ---------------------------------------------------------------------- targets and validation


def complete(opened: TrainingSet, wanted: Wanted, *, needs_target: bool) -> None:
    """Give a model that reproduces its input that input as the target, where the data brings none.

    Raises:
        SetupError: A loss needs a target and there is none.
    """
    if opened.batched or opened.y is not None or not needs_target:
        return
    inputs, outputs = wanted.interface.inputs, wanted.interface.outputs
    if len(inputs) == 1 == len(outputs) and inputs[0].shape == outputs[0].shape and inputs[0].shape is not None:
        wanted.say("the data has no target and the model gives out what it takes in: the inputs are the targets")
        opened.y = next(iter(opened.x.values())) if isinstance(opened.x, dict) else opened.x
        return
    gives = ", ".join(shape_text(port.shape) for port in outputs) or "an output"
    raise SetupError(f"the data has no target (y), and the model is trained on one for {gives}")


def divide(opened: TrainingSet, wanted: Wanted) -> float:
    """Divide what gives batches into training and validation.

    Returns:
        The `validation_split` that `fit` itself is to make, 0 for none.

    Raises:
        SetupError: The data cannot be divided, or one part would be empty.
    """
    split = wanted.validation_split
    if not split or opened.split_done:
        return 0.0
    if opened.validation is not None:
        wanted.say("the data brings its own validation data: validation_split is not used")
        return 0.0
    if not opened.batched:
        return _of_arrays(opened, wanted, split)
    cardinality = getattr(opened.x, "cardinality", None)
    batches = int(cardinality()) if callable(cardinality) else -2
    if batches < 0:
        raise SetupError(
            f"validation_split cannot divide a {type(opened.x).__name__} whose length is not known: return the "
            "training and the validation data, (training, validation)"
        )
    kept = min(max(1, round(batches * split)), batches - 1)
    if kept < 1:
        raise SetupError(f"validation_split cannot divide a data set of {batches} batch")
    wanted.say(
        f"validation: the last {kept} of {batches} batches; a data set that shuffles itself anew in every epoch mixes "
        "both parts"
    )
    opened.x, opened.validation = opened.x.take(batches - kept), opened.x.skip(batches - kept)
    return 0.0


def _of_arrays(opened: TrainingSet, wanted: Wanted, split: float) -> float:
    rows = spec_rows(given_to(wanted.adapter, opened.x, None, None, peek=False).x)
    if not rows:
        raise SetupError("validation_split cannot divide this data: its rows are not known")
    training = math.floor(rows[0] * (1.0 - split))
    if training in (0, rows[0]):
        raise SetupError(f"a validation split of {split:g} leaves one part of {rows[0]} samples empty")
    wanted.say(
        f"validation: the last {rows[0] - training:,} of {rows[0]:,} samples, as Keras's validation_split takes them"
    )
    return split


def fit_arguments(opened: TrainingSet, wanted: Wanted, split: float, epochs: int | None) -> dict[str, Any]:
    """The keyword arguments of `fit`."""
    arguments: dict[str, Any] = {"x": opened.x, "epochs": epochs or 1}
    if opened.y is not None:
        arguments["y"] = opened.y
    if not opened.batched:
        arguments["batch_size"] = wanted.batch_size
    if split:
        arguments["validation_split"] = split
    if opened.validation is not None:
        arguments["validation_data"] = opened.validation
    if opened.steps is not None:
        arguments["steps_per_epoch"] = opened.steps
    return arguments
