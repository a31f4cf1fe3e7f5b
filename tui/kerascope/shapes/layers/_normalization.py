"""Normalization layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Inner, Invalid, Result, Unknown, WeightSpec
from kerascope.shapes.layers._arguments import (
    compute_dtype,
    flag,
    gives,
    integers,
    known,
    one_tensor,
    unchanged,
    weights_of,
    whole,
)
from kerascope.shapes.layers._cells import serialized

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__: list[str] = []

FUSED_DTYPES = ("float16", "bfloat16", "float32", None)
"""In these Keras 2 uses a fused batch normalization where it can, which knows some axes only."""

FUSED_AXES = (-4, -3, -1, 1, 3, 4)


@rule("BatchNormalization", generations=(3,))
def batch_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Gamma, beta, and the moving mean and variance, each of the size of the axis."""
    tensor = one_tensor(layer, call)
    size = known(layer, tensor.shape, whole(layer, "axis", -1))
    return gives(layer, tensor.shape, weights_of(layer, *_batch_weights(layer, (size,))))


@rule(
    "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization", generations=(1, 2)
)
def batch_normalization_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """As in Keras 3, but over several axes, too: then with 1 for every other axis."""
    tensor = one_tensor(layer, call)
    axes = _axes(layer, tensor.shape)
    if layer.config.get("virtual_batch_size") is not None:
        raise Unknown("virtual_batch_size splits the batch, for which there is no shape rule")
    sizes = {axis: known(layer, tensor.shape, axis) for axis in axes}
    if _fused(layer) and len(tensor.shape) == 4 and axes[0] not in (1, 3):
        raise refuse(layer, f"an axis 1 or 3 (it has {axes[0]}), as it normalizes images", tensor.shape)
    shape = tuple(sizes.values())
    if len(axes) > 1:
        shape = tuple(sizes.get(axis, 1) for axis in range(len(tensor.shape)))
    weights = weights_of(layer, *_batch_weights(layer, shape))
    return Result(unchanged(layer, tensor).output, weights)


def _fused(layer: LayerConfig) -> bool:
    axes = integers(layer, "axis", -1)
    if layer.class_name == "SyncBatchNormalization" or layer.config.get("synchronized") or layer.config.get("renorm"):
        return False
    return len(axes) == 1 and axes[0] in FUSED_AXES and compute_dtype(layer) in FUSED_DTYPES


def _batch_weights(layer: LayerConfig, shape: tuple[int, ...]) -> list[WeightSpec]:
    weights = _scale_and_center(layer, shape)
    kept = ["moving_mean", "moving_variance"]
    if flag(layer, "renorm", False):
        kept += ["moving_stddev", "renorm_mean", "renorm_stddev"]
    return weights + [WeightSpec(name, shape, trainable=False) for name in kept]


def _scale_and_center(layer: LayerConfig, shape: tuple[int, ...]) -> list[WeightSpec]:
    named = {"gamma": flag(layer, "scale", True), "beta": flag(layer, "center", True)}
    return [WeightSpec(name, shape) for name, there in named.items() if there]


def _axes(layer: LayerConfig, shape: Shape) -> list[int]:
    """The axes of a normalization, counted from the front.

    Raises:
        Invalid: One of them is not there, or (Keras 2) is named twice.
    """
    axes = integers(layer, "axis", -1)
    rank = len(shape)
    for axis in axes:
        if not -rank <= axis < rank:
            raise refuse(layer, f"an axis {axis}", shape)
    found = [axis % rank for axis in axes]
    if layer.generation != 3 and len(set(found)) < len(found):
        raise Invalid(f"{layer.class_name} has the axes {axes}, of which two are the same")
    return found


@rule("LayerNormalization")
def layer_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Gamma and beta, with a size for each of its axes; Keras 3 sorts the axes as they are given."""
    tensor = one_tensor(layer, call)
    shape = _sizes(layer, tensor.shape)
    weights = _scale_and_center(layer, shape)
    if layer.generation == 3 and layer.config.get("rms_scaling"):
        weights = [WeightSpec("gamma", shape)]
    return gives(layer, tensor.shape, weights_of(layer, *weights))


@rule("RMSNormalization", generations=(3,))
def rms_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A scale with a size for each of its axes."""
    shape = one_tensor(layer, call).shape
    return gives(layer, shape, weights_of(layer, WeightSpec("scale", _sizes(layer, shape))))


def _sizes(layer: LayerConfig, shape: Shape) -> tuple[int, ...]:
    axes = _axes(layer, shape)
    if layer.generation == 3:
        axes = sorted(integers(layer, "axis", -1))
    return tuple(known(layer, shape, axis) for axis in axes)


@rule("GroupNormalization")
def group_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Gamma and beta of the size of the axis, which the groups must divide; -1 is a group for each channel."""
    shape = one_tensor(layer, call).shape
    axis = whole(layer, "axis", -1)
    size, groups = known(layer, shape, axis), whole(layer, "groups", 32)
    groups = size if groups == -1 else groups
    if layer.generation != 3 and not -len(shape) < axis <= len(shape):
        raise refuse(layer, f"more dimensions for an axis {axis}", shape)
    if groups < 1 or size < groups or size % groups:
        raise refuse(layer, f"a size on axis {axis} that its {groups} groups divide", shape)
    return gives(layer, shape, weights_of(layer, *_scale_and_center(layer, (size,))))


@rule("UnitNormalization")
def unit_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """No weights; its axes must be there."""
    shape = one_tensor(layer, call).shape
    _axes(layer, shape)
    return gives(layer, shape)


KERNELS = frozenset(
    {
        *("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
        *("Dense", "EinsumDense", "Embedding"),
    }
)
"""Layers with one kernel (or embeddings) in both generations, which is their first weight."""

MORE_KERNELS = {
    2: frozenset({"LocallyConnected1D", "LocallyConnected2D"}),
    3: frozenset({"DepthwiseConv1D", "DepthwiseConv2D", "ReversibleEmbedding"}),
}

NO_KERNELS = frozenset(
    {
        *("BatchNormalization", "DepthwiseConv1D", "DepthwiseConv2D", "GroupNormalization", "LayerNormalization"),
        *("PReLU", "RMSNormalization", "SeparableConv1D", "SeparableConv2D"),
    }
)
"""Layers with weights and no kernel, if they are not among those that have one in this generation."""


@rule("SpectralNormalization", generations=(2, 3))
def spectral_normalization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A layer whose kernel is divided by its largest singular value, of which it keeps a vector."""
    inside = serialized(layer, layer.config.get("layer"), "the layer")
    result = infer(inside, call)
    inner = (Inner(inside, call, result),)
    if inside.class_name not in KERNELS | MORE_KERNELS[layer.generation]:
        if result.weights == () or inside.class_name in NO_KERNELS:
            raise Invalid(f"SpectralNormalization is around a {inside.class_name}, expected a layer with a kernel")
        return Result(result.output, None, inner)
    if result.weights is None:
        return Result(result.output, None, inner)
    kernel, *others = result.weights
    if layer.generation == 2:
        # It takes the kernel for a weight of its own, so that this is trained when the layer inside is not.
        kernel = WeightSpec(kernel.name, kernel.shape)
    vector = WeightSpec("vector_u", (1, kernel.shape[-1]), trainable=False)
    return Result(result.output, weights_of(layer, kernel, *others, vector), inner)
