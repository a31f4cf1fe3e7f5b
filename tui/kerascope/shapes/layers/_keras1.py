"""Layers that only Keras 1 had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import rule
from kerascope.shapes._types import WeightSpec
from kerascope.shapes.layers._activations import keeps_shape, shared
from kerascope.shapes.layers._arguments import flag, gives, known, one_tensor, weights_of, whole

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer, Result

__all__: list[str] = []


@rule("MaxoutDense", generations=(1,))
def maxout_dense(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The largest of several dense layers: W (features, inputs, units), b (features, units)."""
    shape = one_tensor(layer, call, rank=2).shape
    units, features, inputs = whole(layer, "units"), whole(layer, "nb_feature", 4), known(layer, shape, -1)
    weights = [WeightSpec("W", (features, inputs, units))]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("b", (features, units)))
    return gives(layer, (shape[0], units), weights_of(layer, *weights))


@rule("Highway", generations=(1,))
def highway(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A dense layer with a gate that lets its input pass: W and W_carry (inputs, inputs), and biases."""
    keeps_shape(layer)
    shape = one_tensor(layer, call, rank=2).shape
    inputs = known(layer, shape, -1)
    weights = [WeightSpec("W", (inputs, inputs)), WeightSpec("W_carry", (inputs, inputs))]
    if flag(layer, "use_bias", True):
        weights += [WeightSpec("b", (inputs,)), WeightSpec("b_carry", (inputs,))]
    return gives(layer, shape, weights_of(layer, *weights))


@rule("ParametricSoftplus", generations=(1,))
def parametric_softplus(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A softplus with two learned numbers for each number of a sample."""
    return _learned(layer, call, "alpha", "beta")


@rule("SReLU", generations=(1,))
def s_relu(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A line of three pieces, with four learned numbers for each number of a sample."""
    return _learned(layer, call, "t_left", "a_left", "t_right", "a_right")


def _learned(layer: LayerConfig, call: Call, *names: str) -> Result:
    shape = one_tensor(layer, call).shape
    made = shared(layer, shape)
    return gives(layer, shape, weights_of(layer, *(WeightSpec(name, made) for name in names)))
