"""Which loss and metrics go with a model's outputs, worked out without Keras for the form that asks for them.

The training process proposes the same once it knows the data; its twin is `propose` in `probe/training/proposing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kerascope.graph import Layer, Model, Shape

__all__ = ["Proposal", "proposals_of", "propose"]

_PASSING = frozenset(
    {"Reshape", "Flatten", "Permute", "Dropout", "Cropping1D", "Cropping2D", "Identity", "RepeatVector"}
)
"""Layers after which an output's numbers still are what the activation before them made."""

_ACTIVATIONS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}

_MAX_STEPS = 64
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
    shape: Shape | None,
    activation: str | None,
    target: tuple[Shape, str] | None = None,
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


def _class_numbers(shape: Shape | None, target: tuple[Shape, str] | None) -> bool:
    """Whether a target is one whole number for each row of an output."""
    if shape is None or target is None or not target[1].startswith(("int", "uint")):
        return False
    sizes = target[0][:-1] if len(target[0]) == len(shape) and target[0][-1] == 1 else target[0]
    return len(sizes) == len(shape) - 1


def proposals_of(model: Model) -> tuple[Proposal, ...]:
    """The proposal for each output that can be told from an inspected model, in the order of its layers.

    An output is a layer of the model's own, not of one inside it, whose result no other layer takes. The target is not
    known here: class numbers are supposed where the training process may find whole rows of probabilities.
    """
    own = [layer for layer in model.layers if layer.parent is None]
    by_id = {layer.id: layer for layer in model.layers}
    taken = {source for layer in own for source in layer.inbound}
    outputs = [layer for layer in own if layer.id not in taken and not layer.is_input]
    return tuple(propose(layer.output[0] if layer.output else None, _activation(layer, by_id)) for layer in outputs)


def _activation(layer: Layer, by_id: dict[str, Layer]) -> str | None:
    for _ in range(_MAX_STEPS):
        if layer.is_model:
            inside = [inner for inner in by_id.values() if inner.parent == layer.id]
            if not inside:
                return None
            layer = inside[-1]
            continue
        found = _said_by(layer)
        if found not in ("linear", None) or not (
            layer.class_name in _PASSING or (layer.class_name == "Activation" and found == "linear")
        ):
            return found
        if len(layer.inbound) != 1 or layer.inbound[0] not in by_id:
            return found
        layer = by_id[layer.inbound[0]]
    return None


def _said_by(layer: Layer) -> str | None:
    """The activation a layer was given, by name; `linear` where a layer that takes one was given none."""
    if layer.class_name in _ACTIVATIONS:
        return _ACTIVATIONS[layer.class_name]
    for argument in layer.arguments:
        if argument.name == "activation":
            value = argument.value.strip("'\"").rsplit(".", 1)[-1]
            return "linear" if value == "None" else value
    return None
