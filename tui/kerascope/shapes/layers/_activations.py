"""Layers that leave the shape as it is: activations, noise, dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Result, Tensor, Unknown, WeightSpec
from kerascope.shapes.layers._arguments import gives, integers, known, one_tensor, spatial, unchanged, weights_of

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["keeps_shape", "shared"]

ACTIVATION_LAYERS = frozenset({"ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"})

ACTIVATIONS = frozenset(
    {
        *("elu", "exponential", "gelu", "hard_sigmoid", "hard_swish", "leaky_relu", "linear", "log_softmax", "mish"),
        *("relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softmax_v2", "softplus", "softsign", "swish", "tanh"),
    }
)
"""The activations that TensorFlow and Keras 1 and 2 have under these names: each keeps the shape."""


def keeps_shape(layer: LayerConfig) -> None:
    """Make sure that a layer's activation is one that keeps the shape.

    Keras 3 takes the shape from before the activation; Keras 1 and 2 run it.

    Raises:
        Unknown: It is a function of the author's.
    """
    given = layer.config.get("activation")
    if layer.generation == 3 or given is None or given in ("", *ACTIVATIONS):
        return
    if isinstance(given, Mapping):
        name = given.get("class_name")
        inside = given.get("config")
        if name in ACTIVATION_LAYERS or (name == "function" and isinstance(inside, str) and inside in ACTIVATIONS):
            return
        given = inside if name == "function" and isinstance(inside, str) else name
    raise Unknown(f"its activation ({told(given)}) is a function of the author's, which may change the shape")


@rule("Activation")
def activation(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """An activation as a layer."""
    keeps_shape(layer)
    tensor = one_tensor(layer, call)
    if layer.generation != 3 and layer.config.get("activation") == "softmax" and len(tensor.shape) < 2:
        raise refuse(layer, "at least 2 dimensions for a softmax", tensor.shape)
    return as_it_is(layer, call, infer)


@rule(
    "ActivityRegularization", "AlphaDropout", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "LeakyReLU",
    "Masking", "ReLU", "ThresholdedReLU",
)  # fmt: skip
def as_it_is(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One tensor in, the same shape out."""
    tensor = one_tensor(layer, call)
    return gives(layer, tensor.shape) if layer.generation == 3 else unchanged(layer, tensor)


@rule("Identity")
def identity(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Whatever it is called on."""
    if not call.tensors:
        raise Unknown("this Identity is called on no tensor")
    return unchanged(layer, call.first) if isinstance(call.first, Tensor) else Result(call.first)


@rule("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Dropout of whole channels: of images or sequences only."""
    one_tensor(layer, call, rank=spatial(layer) + 2)
    return as_it_is(layer, call, infer)


@rule("PReLU")
def prelu(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A learned slope: alpha has the shape of one sample, with 1 on the shared axes."""
    shape = one_tensor(layer, call).shape
    return gives(layer, shape, weights_of(layer, WeightSpec("alpha", shared(layer, shape))))


def shared(layer: LayerConfig, shape: Shape) -> tuple[int, ...]:
    """The shape of a weight with a number for each one of a sample, but 1 on the axes that are shared.

    Raises:
        Invalid: Such an axis is not there, or a size that is not shared is open.
    """
    axes = [] if layer.config.get("shared_axes") is None else integers(layer, "shared_axes", 1)
    alpha = list(shape[1:])
    for axis in axes:
        if not -len(alpha) <= axis - 1 < len(alpha):
            raise refuse(layer, f"an axis {axis}, which is to be shared", shape)
        alpha[axis - 1] = 1
    return tuple(known(layer, (None, *alpha), axis) for axis in range(1, len(shape)))


@rule("Softmax")
def softmax(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A softmax over one axis or several; Keras 3 looks at the axis only when there is data."""
    tensor = one_tensor(layer, call)
    if layer.generation != 3:
        axes = integers(layer, "axis", -1)
        rank = len(tensor.shape)
        if any(not -rank <= axis < rank for axis in axes):
            raise refuse(layer, f"the axes {axes}", tensor.shape)
        if len(axes) == 1 and rank < 2:
            raise refuse(layer, "at least 2 dimensions", tensor.shape)
    return as_it_is(layer, call, infer)
