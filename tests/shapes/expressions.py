"""Holding our rules of operations against real Keras: models built of expressions, every node of them compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.shapes.oracle import ask

from kerascope.configs import TensorRef, parse_model
from kerascope.shapes import Call, Invalid, Tensor, Unknown, infer, infer_model

__all__ = ["Judged", "judge", "lines"]


@dataclass(frozen=True)
class Judged:
    """What came of a list of expressions: the nodes compared, what Keras refused, and every difference in words.

    Attributes:
        nodes: How many nodes there were.
        seen: Their classes, or the functions that they call.
        refused: The expressions that Keras refused, with its error.
        differences: What we say otherwise than Keras.
        unknown: What we say nothing of.
    """

    nodes: int
    seen: set[str]
    refused: dict[str, str]
    differences: list[str]
    unknown: list[str]


def lines(text: str) -> list[str]:
    """One expression a line; empty ones and comments left out."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def judge(expressions: list[str], generation: int) -> Judged:
    """Put expressions to real Keras, and every node of the models to our rules."""
    judged = Judged(0, set(), {}, [], [])
    nodes = 0
    for expression, answer in zip(expressions, ask(generation, "expressions", expressions), strict=True):
        if "error" in answer:
            judged.refused[expression] = answer["error"]
        else:
            nodes += _model(expression, answer, generation, judged)
    return Judged(nodes, judged.seen, judged.refused, judged.differences, judged.unknown)


def _model(expression: str, answer: dict[str, Any], generation: int, judged: Judged) -> int:
    """Follow one model as a whole, and node by node, on what our own rules gave for the nodes before."""
    model = parse_model(answer["config"], generation)
    known: dict[tuple[str, int], list[Tensor]] = {}
    waiting = [(layer, number) for layer in model.layers for number in range(max(len(layer.calls), 1))]
    for row in infer_model(model).layers:
        for number, followed in enumerate(row.calls):
            shapes = tuple(tuple(shape) for shape, _ in answer["outputs"][row.layer.name][number])
            if followed.outputs is not None and followed.outputs != shapes:
                judged.differences.append(f"{expression}: the model has {followed.outputs}; Keras gives {shapes}")
    nodes = 0
    while waiting:
        layer, number = next((each for each in waiting if _ready(each, known)), waiting[0])
        waiting.remove((layer, number))
        theirs = answer["outputs"][layer.name][number]
        real = [Tensor(tuple(shape), dtype) for shape, dtype in theirs]
        known[layer.name, number] = real
        if layer.class_name == "InputLayer":
            continue
        nodes += 1
        name = str(layer.config.get("function", layer.class_name))
        judged.seen.add(name.removeprefix("compat.v1."))
        said = f"{expression}: {name}"
        config = layer.calls[number]
        call = Call(tuple(_resolved(arg, known) for arg in config.args), _resolved(config.kwargs, known))
        try:
            ours = list(infer(layer, call).outputs)
        except Invalid as error:
            judged.differences.append(f"{said}: we refuse it ({error}); Keras gives {theirs}")
            continue
        except Unknown as error:
            judged.unknown.append(f"{said}: unknown ({error}); Keras gives {theirs}")
            continue
        if [tensor.shape for tensor in ours] != [tensor.shape for tensor in real]:
            judged.differences.append(f"{said}: {[tensor.shape for tensor in ours]}; Keras gives {theirs}")
        elif any(mine.dtype not in (None, their.dtype) for mine, their in zip(ours, real, strict=True)):
            judged.differences.append(f"{said}: {[tensor.dtype for tensor in ours]}; Keras gives {theirs}")
        else:
            known[layer.name, number] = [
                Tensor(their.shape, their.dtype, mine.value) for mine, their in zip(ours, real, strict=True)
            ]
    return nodes


def _ready(each: Any, known: dict[tuple[str, int], list[Tensor]]) -> bool:
    layer, number = each
    if not layer.calls:
        return True
    return all((ref.layer, ref.call) in known for ref in _refs((layer.calls[number].args, layer.calls[number].kwargs)))


def _refs(value: object) -> list[TensorRef]:
    if isinstance(value, TensorRef):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, slice):
        value = [value.start, value.stop, value.step]
    return [ref for item in value for ref in _refs(item)] if isinstance(value, (list, tuple)) else []


def _resolved(value: Any, known: dict[tuple[str, int], list[Tensor]]) -> Any:
    if isinstance(value, TensorRef):
        return known[value.layer, value.call][value.output]
    if isinstance(value, Mapping):
        return {key: _resolved(item, known) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_resolved(item, known) for item in value)
    return value
