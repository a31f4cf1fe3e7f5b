"""The layers that models of `keras.applications` bring along: ConvNeXt's and Inception-ResNet's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._registry import rule
from kerascope.shapes._types import Invalid, Tensor, Unknown, WeightSpec
from kerascope.shapes.layers._arguments import gives, one_tensor, weights_of, whole
from kerascope.shapes.tensors import _algebra as algebra

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer, Result

__all__: list[str] = []


@rule("LayerScale")
def layer_scale(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The input times a learned gamma (projection_dim,)."""
    scale = whole(layer, "projection_dim")
    shape = algebra.broadcast(one_tensor(layer, call).shape, (scale,))
    # Keras 3 gives it no name.
    name = "variable" if layer.generation == 3 else "gamma"
    return gives(layer, shape, weights_of(layer, WeightSpec(name, (scale,))))


@rule("StochasticDepth")
def stochastic_depth(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A dropout of whole samples."""
    return gives(layer, one_tensor(layer, call).shape)


@rule("CustomScaleLayer")
def custom_scale(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The first of two tensors plus the second, scaled."""
    given = call.first
    if not isinstance(given, (list, tuple)) or not all(isinstance(item, Tensor) for item in given):
        raise Unknown("this CustomScaleLayer is not called on a list of tensors")
    if len(given) < 2:
        raise Invalid(f"CustomScaleLayer received {len(given)} tensors, expected two")
    return gives(layer, algebra.broadcast(given[0].shape, given[1].shape))
