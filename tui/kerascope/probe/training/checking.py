"""Whether a model can be trained on its data, found out before it takes the machine."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..fitting import Fitting
from ..given import given_to
from .data import specs_of
from .errors import SetupError
from .interface import shape_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sources._types import TrainingSet, Wanted

__all__ = ["check_data", "check_rows"]


class _Deaf:
    """Stands where a look's recorder stands: nothing is recorded here."""

    pretending = False
    muted = False


def check_rows(opened: TrainingSet, wanted: Wanted) -> None:
    """Whether all arrays have as many samples, and some.

    Raises:
        SetupError: They have not.
    """
    parts = [("x", opened.x, opened.y)] if not opened.batched else []
    if isinstance(opened.validation, (list, tuple)) and len(opened.validation) >= 2:
        parts.append(("validation x", opened.validation[0], opened.validation[1]))
    for name, x, y in parts:
        inputs, targets = specs_of(wanted, x, y)
        known = [(key or name, shape) for key, shape, _ in inputs if shape]
        known += [(key or name.replace("x", "y"), shape) for key, shape, _ in targets if shape]
        counts = {shape[0] for _, shape in known}
        if len(counts) > 1:
            words = ", ".join(f"{key} has {shape[0]:,}" for key, shape in known)
            raise SetupError(f"inputs and targets need the same number of samples: {words}")
        if counts == {0}:
            raise SetupError(f"{name} holds no samples: {shape_text(known[0][1])}")


def check_data(opened: TrainingSet, wanted: Wanted, arguments: dict[str, Any]) -> None:
    """Whether the data fits the compiled model's inputs, outputs and losses, asked of Keras in symbols.

    What would train although it means something else is told; what would fail is an error.

    Args:
        opened: The data.
        wanted: The model and what it takes.
        arguments: What `fit` will be given.

    Raises:
        SetupError: Training would fail at its first batch; the text says why.
    """
    _check_inputs(opened, wanted)
    recorder: Any = _Deaf()
    given = given_to(wanted.adapter, opened.x, opened.y, None, peek=False)
    validation = None
    if isinstance(opened.validation, (list, tuple)):
        validation = given_to(wanted.adapter, opened.validation[0], opened.validation[1], None, peek=False)
    fitting = Fitting(wanted.adapter, recorder)
    facts = _outside_of_scopes(lambda: fitting.facts("fit", wanted.model, arguments, given, validation))
    problem = facts["problem"]
    if problem is None:
        return
    sentence = _sentence(problem, opened, wanted)
    if problem["effect"] == "broadcast":
        wanted.say(f"{sentence}: Keras stretches one over the other, so the loss means something else")
        return
    raise SetupError(sentence + (f". Keras says: {problem['keras']}" if problem.get("keras") else ""))


def _outside_of_scopes(ask: Callable[[], Any]) -> Any:
    """Ask where no strategy is in scope: Keras 2 cannot update a metric in one without its replicas.

    A strategy's scope is its thread's alone, as much else of Keras's is: without one, this thread asks.
    """
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or not tensorflow.distribute.has_strategy():
        return ask()
    with ThreadPoolExecutor(1) as other_thread:
        return other_thread.submit(ask).result()


def _check_inputs(opened: TrainingSet, wanted: Wanted) -> None:
    """The plain cases, in words that name both shapes."""
    inputs = wanted.interface.inputs
    found, _ = specs_of(wanted, opened.x, None)
    if not inputs or not found:
        return
    takes = ", ".join(" ".join(filter(None, (port.name, shape_text(port.shape)))) for port in inputs)
    names = {name for name, _, _ in found}
    if len(inputs) > 1 and None not in names and {port.name for port in inputs} <= names:
        by_name = {name: (name, shape, dtype) for name, shape, dtype in found}
        found = [by_name[str(port.name)] for port in inputs]
    if len(found) != len(inputs):
        gives = ", ".join(" ".join(filter(None, (name, shape_text(shape)))) for name, shape, _ in found)
        raise SetupError(f"the data is {_arrays(len(found))}, {gives}; the model takes {len(inputs)}: {takes}")
    for port, (_, shape, dtype) in zip(inputs, found):
        which = f" for {port.name}" if len(inputs) > 1 else ""
        if dtype == "str" and port.dtype not in ("string", "str", None):
            raise SetupError(f"the data{which} is text, and the model takes numbers ({port.dtype})")
        if shape is None or port.shape is None or _fits(shape, port.shape):
            continue
        raise SetupError(
            f"the data{which} is {shape_text(shape)}, the model takes {shape_text(port.shape)}"
            + _hint(shape, port.shape)
        )


def _arrays(count: int) -> str:
    return "one array" if count == 1 else f"{count} arrays"


def _fits(shape: Any, takes: Any) -> bool:
    """Whether Keras takes it: an axis of size 1 at the end may be missing or too many."""
    mine, theirs = list(shape[1:]), list(takes[1:])
    if len(mine) == len(theirs) + 1 and mine[-1] == 1:
        mine = mine[:-1]
    elif len(theirs) == len(mine) + 1 and theirs[-1] == 1:
        theirs = theirs[:-1]
    return len(mine) == len(theirs) and all(
        want is None or have is None or have == want for have, want in zip(mine, theirs)
    )


def _hint(shape: Any, takes: Any) -> str:
    mine, theirs = list(shape[1:]), list(takes[1:])
    if len(mine) == len(theirs) and sorted(map(str, mine)) == sorted(map(str, theirs)):
        return ": the same sizes in another order"
    if len(mine) == len(theirs) - 1 and _fits(shape, takes[:-1]):
        return f": it lacks the last axis, of size {theirs[-1]}"
    if len(mine) == len(theirs) and len(mine) > 1 and mine[1:] == theirs[1:]:
        return f": {mine[0]} instead of {theirs[0]}"
    return ""


def _sentence(problem: dict[str, Any], opened: TrainingSet, wanted: Wanted) -> str:
    x, y = specs_of(wanted, opened.x, opened.y)
    about = problem["about"]
    prefix = "the validation data does not fit: " if problem.get("validation") else ""
    takes = ", ".join(shape_text(port.shape) for port in wanted.interface.inputs)
    gives = ", ".join(shape_text(port.shape) for port in wanted.interface.outputs) or "not known"
    data, target = (", ".join(shape_text(shape) for _, shape, _ in part) for part in (x, y))
    if about in ("input", "kind"):
        return f"{prefix}the data is {data}, the model takes {takes}"
    if about == "missing":
        return f"{prefix}the data has no target (y), and the model's output {gives} needs one"
    if about in ("target", "metric", "weights"):
        losses = ", ".join(dict.fromkeys(str(loss) for loss in wanted.losses if loss)) or "the loss"
        kind = "the metrics" if about == "metric" else losses
        return f"{prefix}the target is {target}, the output {gives}, and {kind} {_needs(losses, about)}"
    return f"{prefix}the data {data} with the target {target} cannot be trained on ({about})"


def _needs(loss: str, about: str) -> str:
    if about == "metric":
        return "cannot be computed from them"
    if loss == "sparse_categorical_crossentropy":
        return "needs one class number for each sample (categorical_crossentropy takes a probability for each class)"
    if loss == "categorical_crossentropy":
        return (
            "needs a target of the output's shape, one column a class "
            "(sparse_categorical_crossentropy takes class numbers)"
        )
    return "needs both in the same shape"
