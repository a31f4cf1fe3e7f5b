"""Which loss and metrics go with an output: from its shape, its last activation and its target, each with its reason.

The screen proposes the same without Keras; its twin is `kerascope.runs._proposal.propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..adapters import Adapter

__all__ = ["Proposal", "output_activations", "propose"]

PASSING = frozenset(
    {"Reshape", "Flatten", "Permute", "Dropout", "Cropping1D", "Cropping2D", "Identity", "RepeatVector"}
)
"""Layers after which an output's numbers still are what the activation before them made."""

MAX_STEPS = 64
"""Layers gone back from an output to its activation."""


class Proposal(NamedTuple):
    """What fits one output.

    Attributes:
        loss: Name of a Keras loss.
        metrics: Names of Keras metrics.
        from_logits: Whether the loss is to be told that the outputs are no probabilities yet.
        reason: Why, as a sentence without its full stop.
    """

    loss: str
    metrics: tuple[str, ...]
    from_logits: bool
    reason: str


def propose(
    shape: tuple[int | None, ...] | None,
    activation: str | None,
    target: tuple[tuple[int | None, ...], str] | None = None,
    span: tuple[float, float] | None = None,
) -> Proposal:
    """The loss and the metrics that go with an output.

    Args:
        shape: Of the output, batch dimension first; `None` where it is not known.
        activation: Name of the last activation; `None` where it is not known.
        target: Shape and dtype of its target, where that is known.
        span: Least and largest number of a target that is known to hold others than 0 and 1.
    """
    units = shape[-1] if shape else None
    if activation == "softmax" and units != 1:
        each = "a probability for each class" if units is None else f"a probability for each of {units} classes"
        if target is not None and shape is not None and len(target[0]) == len(shape) and target[0][-1] == units:
            return Proposal(
                "categorical_crossentropy", ("accuracy",), False, f"softmax gives {each}, and the target has them all"
            )
        return Proposal(
            "sparse_categorical_crossentropy", ("accuracy",), False, f"softmax gives {each}; targets are class numbers"
        )
    if span is not None and (activation == "sigmoid" or (activation == "softmax" and units == 1)):
        return Proposal("mse", ("mae",), False, _no_answers(activation, span))
    if activation in ("sigmoid", "softmax") and units == 1:
        return Proposal("binary_crossentropy", ("accuracy",), False, f"{activation} of one unit answers yes or no")
    if activation == "sigmoid":
        return Proposal(
            "binary_crossentropy", ("binary_accuracy",), False, "each unit of sigmoid answers yes or no by itself"
        )
    if units is not None and units > 1 and _class_numbers(shape, target):
        return Proposal(
            "sparse_categorical_crossentropy",
            ("accuracy",),
            True,
            f"the targets are class numbers and the {units} outputs no probabilities yet (from_logits)",
        )
    what = "numbers without a last activation" if activation in (None, "linear") else f"the numbers of {activation}"
    return Proposal("mse", ("mae",), False, f"the outputs are {what}")


def _no_answers(activation: str, span: tuple[float, float]) -> str:
    least, largest = span
    reached = "" if least >= 0 and largest <= 1 else f", and {activation} gives only what lies between 0 and 1"
    return f"the target's numbers, from {least:g} to {largest:g}, are no answers yes or no (1 or 0){reached}"


def _class_numbers(shape: tuple[int | None, ...] | None, target: tuple[tuple[int | None, ...], str] | None) -> bool:
    """Whether a target is one whole number for each row of an output."""
    if shape is None or target is None or not target[1].startswith(("int", "uint")):
        return False
    sizes = target[0][:-1] if len(target[0]) == len(shape) and target[0][-1] == 1 else target[0]
    return len(sizes) == len(shape) - 1


# ---------------------------------------------------------------------- asked of Keras


def output_activations(adapter: Adapter, model: Any) -> list[str | None]:
    """The last activation before each output, in the order of the outputs.

    A model without a graph tells only its layers: there it is that of the last one that has an activation.
    """
    graph = adapter.graph(model)
    if graph is None:
        return [_of_layers(adapter, model)]
    return [_behind(adapter, tensor) for tensor in adapter.graph_outputs(graph)]


def _behind(adapter: Adapter, tensor: Any) -> str | None:
    for _ in range(MAX_STEPS):
        operation, *place = tuple(getattr(tensor, "_keras_history", ()))[:3] or (None,)
        if operation is None:
            return None
        if isinstance(operation, adapter.model_class):
            graph = adapter.graph(operation)
            tensors = [] if graph is None else adapter.graph_outputs(graph)
            if graph is None or len(tensors) <= place[1]:
                return _of_layers(adapter, operation)
            tensor = tensors[place[1]]
            continue
        found = _activation_of(operation)
        if found not in ("linear", None) or not _passes(operation):
            return found
        before = adapter.input_tensors(operation._inbound_nodes[place[0]])
        if len(before) != 1:
            return found
        tensor = before[0]
    return None


def _passes(operation: Any) -> bool:
    name = type(operation).__name__
    return name in PASSING or (name == "Activation" and _activation_of(operation) == "linear")


def _activation_of(layer: Any) -> str | None:
    """The name of a layer's or operation's activation, `None` where it has none."""
    name = type(layer).__name__
    if name in ("Softmax", "Sigmoid"):
        return name.lower()
    inner = getattr(layer, "layer", None)
    activation = getattr(layer if inner is None else inner, "activation", None)
    if activation is None:
        return None
    return str(getattr(activation, "__name__", type(activation).__name__))


def _of_layers(adapter: Adapter, model: Any) -> str | None:
    for layer in reversed(adapter.own_layers(model)):
        found = _of_layers(adapter, layer) if isinstance(layer, adapter.model_class) else _activation_of(layer)
        if found is not None:
            return found
    return None
