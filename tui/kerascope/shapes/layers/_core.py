"""Inputs, dense layers and embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, Tensor, Unknown, WeightSpec
from kerascope.shapes.layers._activations import keeps_shape
from kerascope.shapes.layers._arguments import flag, gives, known, one_tensor, quantized, weights_of, whole

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["lora"]


@rule("InputLayer")
def input_layer(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """An input: the shape that the config states.

    In the middle of a Sequential, Keras 1 and 2 call it, and it gives on what it got, whatever its own shape is.
    """
    if call.tensors:
        if layer.generation == 3:
            raise Invalid("InputLayer is called on a tensor, and Keras 3 takes it only as the beginning of a model")
        return Result(call.first)
    shape = layer.config.get("batch_shape", layer.config.get("batch_input_shape"))
    if not isinstance(shape, (list, tuple)):
        raise Unknown("the config of this input states no shape")
    if not all(size is None or (type(size) is int and size >= 0) for size in shape):
        raise Unknown("the config of this input states something that is no shape")
    dtype = layer.config.get("dtype")
    return Result(Tensor(tuple(shape), dtype if isinstance(dtype, str) else None))


@rule("Dense")
def dense(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A matrix product over the last axis: kernel (inputs, units), bias (units,)."""
    keeps_shape(layer)
    shape = one_tensor(layer, call, at_least=2).shape
    units, inputs = whole(layer, "units"), known(layer, shape, -1)
    weights = [WeightSpec("kernel", (inputs, units))]
    if flag(layer, "use_bias", True):
        weights.append(WeightSpec("bias", (units,)))
    return gives(layer, (*shape[:-1], units), lora(layer, weights, "kernel"))


def lora(layer: LayerConfig, weights: list[WeightSpec], of: str) -> tuple[WeightSpec, ...] | None:
    """The weights of a Keras 3 layer, with those that low-rank adaptation adds to its first one.

    The first weight is frozen; `a` has its shape with the rank for the last size, `b` is (rank, last size).

    Args:
        layer: The layer.
        weights: Its weights without adaptation.
        of: What the two added ones are called after: `lora_<of>_a`, `lora_<of>_b`.

    Returns:
        All weights; `None` where a quantized dtype policy decides about them.

    Raises:
        Invalid: Keras refuses to adapt a weight that has a constraint.
    """
    if quantized(layer):
        return None
    if layer.generation != 3 or not layer.config.get("lora_rank"):
        return weights_of(layer, *weights)
    if layer.config.get(f"{of}_constraint"):
        raise Invalid(f"{layer.class_name} has both lora_rank and {of}_constraint, of which Keras takes one")
    rank, adapted = whole(layer, "lora_rank"), weights[0]
    return weights_of(
        layer,
        WeightSpec(adapted.name, adapted.shape, trainable=False),
        *weights[1:],
        WeightSpec(f"lora_{of}_a", (*adapted.shape[:-1], rank)),
        WeightSpec(f"lora_{of}_b", (rank, adapted.shape[-1])),
    )


@rule("Embedding")
def embedding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A row of numbers for each index: embeddings (input_dim, output_dim)."""
    shape = one_tensor(layer, call).shape
    if layer.config.get("sparse"):
        raise Unknown("an Embedding with sparse=True gives out a sparse tensor")
    return gives(layer, (*shape, whole(layer, "output_dim")), lora(layer, [_embeddings(layer)], "embeddings"))


@rule("ReversibleEmbedding", generations=(3,))
def reversible_embedding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """An embedding that, with `reverse=True` in its call, goes back from rows to indices."""
    tensor = one_tensor(layer, call)
    rows, columns = whole(layer, "input_dim"), whole(layer, "output_dim")
    weights = lora(layer, [_embeddings(layer)], "embeddings")
    if weights is not None and not flag(layer, "tie_weights", True):
        if layer.config.get("lora_rank"):
            raise Invalid("ReversibleEmbedding has both lora_rank and tie_weights=False, of which Keras takes one")
        weights += weights_of(layer, WeightSpec("reverse_embeddings", (columns, rows)))
    shape: Shape = (*tensor.shape, columns)
    if call.kwargs.get("reverse"):
        if not tensor.shape:
            raise refuse(layer, "at least 1 dimension", tensor.shape)
        shape = (*tensor.shape[:-1], rows)
    return gives(layer, shape, weights)


def _embeddings(layer: LayerConfig) -> WeightSpec:
    return WeightSpec("embeddings", (whole(layer, "input_dim"), whole(layer, "output_dim")))


@rule("Lambda", generations=(1, 3))
def declared_lambda(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A function of the author's: its shape is known where the author stated `output_shape` as plain sizes.

    Keras holds the layer to the statement; it leaves out the batch dimension, which is that of the first tensor.
    """
    stated = layer.config.get("output_shape")
    sizes = [stated] if type(stated) is int and layer.generation == 1 else stated
    if not isinstance(sizes, (list, tuple)) or not all(size is None or type(size) is int for size in sizes):
        raise Unknown("a Lambda runs a function of the author's, and no output_shape is stated")
    if not call.tensors:
        raise Unknown("this Lambda is called on no tensor")
    return gives(layer, (*call.tensors[0].shape[:1], *sizes))


@rule("Lambda", generations=(2,))
def run_lambda(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A function of the author's: Keras 2 runs it to find out the shape, whatever `output_shape` says."""
    stated = layer.config.get("output_shape")
    also = ""
    if isinstance(stated, (list, tuple)) and all(size is None or type(size) is int for size in stated):
        also = f"; its output_shape says {(None, *stated)}, to which Keras 2 does not hold it"
    raise Unknown(f"a Lambda runs a function of the author's{also}")
