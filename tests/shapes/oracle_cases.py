"""Holding our shape rules against real Keras: a list of cases is put to both, and every difference is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.shapes.oracle import ask

from kerascope.configs import parse_layer
from kerascope.shapes import Call, Invalid, Tensor, Unknown, infer

__all__ = ["Compared", "case", "compare", "tensor"]


def tensor(*shape: int | None, dtype: str = "float32") -> dict[str, Any]:
    """A symbolic tensor of a case, batch dimension first."""
    return {"$tensor": [list(shape), dtype]}


def case(class_name: str, inputs: Any, call: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
    """One case: `class_name(**kwargs)(inputs, **call)`; inputs of `None` are for an `InputLayer`."""
    return {"class": class_name, "kwargs": kwargs, "inputs": inputs, "call": call or {}}


@dataclass(frozen=True)
class Compared:
    """What came of a list of cases.

    Attributes:
        cases: How many there were.
        refused: How many of them Keras refused.
        differences: Where we say another thing than Keras, in words.
        unsaid: Where Keras refuses and we say only that the shapes are unknown.
        classes: How many cases each class had.
    """

    cases: int
    refused: int
    differences: list[str]
    unsaid: list[str]
    classes: Counter[str]


def compare(cases: list[dict[str, Any]], generation: int, *, exact: bool = False) -> Compared:
    """Put the cases to real Keras and to our rules.

    Args:
        cases: The cases.
        generation: The Keras to ask: 2 or 3.
        exact: Whether to compare the names of weights and the dtypes that we tell, too.
    """
    answers = ask(generation, "cases", cases)
    assert len(answers) == len(cases)
    differences: list[str] = []
    unsaid: list[str] = []
    refused = 0
    for each, theirs in zip(cases, answers, strict=True):
        if theirs["config"] is None:
            differences.append(f"{each}: Keras cannot even construct it: {theirs['error']}")
            continue
        refused += "error" in theirs
        differences += _differences(each, theirs, generation, exact, unsaid)
    return Compared(len(cases), refused, differences, unsaid, Counter(each["class"] for each in cases))


def _differences(
    each: dict[str, Any], theirs: dict[str, Any], generation: int, exact: bool, unsaid: list[str]
) -> list[str]:
    said = json.dumps(each)[:400]
    args = () if each["inputs"] is None else (_value(each["inputs"]),)
    call = Call(args=args, kwargs={name: _value(given) for name, given in each["call"].items()})
    try:
        ours = infer(parse_layer(theirs["config"], generation), call)
    except Invalid as error:
        return [] if "error" in theirs else [f"{said}: we refuse it ({error}); Keras gives {theirs['outputs']}"]
    except Unknown as error:
        # Where Keras raises too, not to know is true.
        if "error" in theirs:
            unsaid.append(f"{said}: unknown ({error}); Keras refuses: {theirs['error']}")
        return [] if "error" in theirs else [f"{said}: unknown ({error}); Keras gives {theirs['outputs']}"]
    outputs = [list(each_output.shape) for each_output in ours.outputs]
    if "error" in theirs:
        return [f"{said}: we give {outputs}; Keras refuses: {theirs['error']}"]
    found = []
    if outputs != theirs["outputs"]:
        found.append(f"{said}: outputs {outputs}; Keras gives {theirs['outputs']}")
    if ours.weights is None:
        found.append(f"{said}: weights unknown; Keras has {theirs['weights']}")
    else:
        weights = sorted([[list(weight.shape), weight.trainable] for weight in ours.weights], key=str)
        if weights != sorted(theirs["weights"], key=str):
            found.append(f"{said}: weights {weights}; Keras has {theirs['weights']}")
        elif exact and sorted(weight.name.rpartition("/")[2] for weight in ours.weights) != sorted(theirs["names"]):
            found.append(f"{said}: weights {[weight.name for weight in ours.weights]}; Keras has {theirs['names']}")
    if exact:
        dtypes = [output.dtype for output in ours.outputs]
        if any(dtype not in (None, other) for dtype, other in zip(dtypes, theirs["dtypes"], strict=True)):
            found.append(f"{said}: dtypes {dtypes}; Keras gives {theirs['dtypes']}")
    return found


def _value(given: Any) -> Any:
    if isinstance(given, list):
        return [_value(item) for item in given]
    if not isinstance(given, dict):
        return given
    if "$tensor" in given:
        shape, dtype = given["$tensor"]
        return Tensor(tuple(shape), dtype)
    if "$tuple" in given:
        return tuple(_value(item) for item in given["$tuple"])
    return {name: _value(item) for name, item in given.items()}
