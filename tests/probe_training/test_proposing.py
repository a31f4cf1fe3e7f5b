"""What is proposed for an output: the same on the screen and in the training process."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kerascope.graph import Argument, Layer, Model
from kerascope.probe.training import proposing as inside
from kerascope.runs import _proposal as outside

SHAPES = (None, (None,), (None, 1), (None, 3), (None, None), (None, 8, 8, 3))
ACTIVATIONS = (None, "linear", "softmax", "sigmoid", "tanh")
SPANS = (None, (-1.5, 2.0), (0.0, 1.0))
TARGETS = (None, ((9,), "int64"), ((9, 1), "uint8"), ((9, 3), "float32"), ((9, 8, 8), "int32"), ((9,), "float64"))


@pytest.mark.parametrize(
    ("shape", "activation", "target", "loss", "metrics"),
    [
        ((None, 1), "sigmoid", None, "binary_crossentropy", ("accuracy",)),
        ((None, 5), "sigmoid", None, "binary_crossentropy", ("binary_accuracy",)),
        ((None, 5), "softmax", None, "sparse_categorical_crossentropy", ("accuracy",)),
        ((None, 5), "softmax", ((9, 5), "float32"), "categorical_crossentropy", ("accuracy",)),
        ((None, 5), "softmax", ((9, 1), "int64"), "sparse_categorical_crossentropy", ("accuracy",)),
        ((None, 5), "linear", ((9,), "int64"), "sparse_categorical_crossentropy", ("accuracy",)),
        ((None, 5), "linear", ((9, 5), "float32"), "mse", ("mae",)),
        ((None, 1), "linear", ((9,), "int64"), "mse", ("mae",)),
        (None, None, None, "mse", ("mae",)),
    ],
)
def test_loss_and_metrics_of_an_output(
    shape: object, activation: object, target: object, loss: str, metrics: object
) -> None:
    proposal = outside.propose(shape, activation, target)  # type: ignore[arg-type]
    assert (proposal.loss, proposal.metrics) == (loss, metrics)
    assert proposal.from_logits == (loss.startswith("sparse") and activation == "linear")


def test_both_sides_propose_the_same() -> None:
    for given in itertools.product(SHAPES, ACTIVATIONS, TARGETS, SPANS):
        assert tuple(outside.propose(*given)) == tuple(inside.propose(*given)), given


def test_numbers_are_no_answers_yes_or_no() -> None:
    for units, activation in ((1, "sigmoid"), (4, "sigmoid"), (1, "softmax")):
        proposal = outside.propose((None, units), activation, ((9, units), "float32"), (-1.5, 2000.25))
        assert (proposal.loss, proposal.metrics) == ("mse", ("mae",))
        assert "from -1.5 to 2000.25" in proposal.reason
        assert f"{activation} gives only what lies between 0 and 1" in proposal.reason
    soft = outside.propose((None, 1), "sigmoid", ((9,), "float32"), (0.1, 0.9))
    assert (soft.loss, "lies between" in soft.reason) == ("mse", False)
    # Only an answer yes or no is taken for one.
    assert outside.propose((None, 5), "softmax", ((9,), "int64"), (0.0, 4.0)).loss == "sparse_categorical_crossentropy"


def layer(number: int, class_name: str, shape: tuple[int | None, ...], *inbound: int, **more: Any) -> Layer:
    ids = tuple(f"m/{source}" for source in inbound)
    return Layer(
        id=f"m/{number}", uid=number, name=f"l{number}", class_name=class_name, output=(shape,), inbound=ids, **more
    )


def activated(value: str) -> dict[str, Any]:
    return {"arguments": (Argument(name="activation", value=value),)}


def test_outputs_of_an_inspected_model() -> None:
    layers = (
        layer(0, "InputLayer", (None, 4), is_input=True),
        layer(1, "Dense", (None, 6), 0, **activated("'softmax'")),
        layer(2, "Reshape", (None, 2, 3), 1),
        layer(3, "Dense", (None, 1), 0),
        layer(4, "Sequential", (None, 1), 0, is_model=True),
        layer(5, "Dense", (None, 1), parent="m/4", **activated("sigmoid")),
    )
    model = Model(name="m", class_name="Functional", built=True, layers=layers)
    losses = [proposal.loss for proposal in outside.proposals_of(model)]
    assert losses == ["sparse_categorical_crossentropy", "mse", "binary_crossentropy"]
