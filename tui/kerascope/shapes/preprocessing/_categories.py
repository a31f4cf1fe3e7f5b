"""Layers that turn categories into numbers: encoding, lookup, hashing, buckets.

Source: `compute_output_shape` of Keras 3.15 (`layers/preprocessing`); `encode_categorical_inputs` of tf-keras 2.21
(`preprocessing_utils.py`), which Keras 2 traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.layers._arguments import compute_dtype, one_tensor, whole, word

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape
    from kerascope.shapes._types import Call, Infer

__all__ = ["depth_of", "encoded", "mode_of"]

MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def mode_of(layer: LayerConfig, default: str = "int") -> str:
    """How the layer gives out categories, older names of the modes included."""
    mode = word(layer, "output_mode", default)
    return MODES.get(mode, mode)


@rule("CategoryEncoding", generations=(3,))
def category_encoding(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A place for each category instead of the last axis, or (`one_hot`) after it, unless its size is 1."""
    shape, tokens = one_tensor(layer, call).shape, whole(layer, "num_tokens")
    behind = mode_of(layer, "multi_hot") == "one_hot" and (shape[-1:] != (1,) or len(shape) == 1)
    return Result(Tensor((*(shape if behind else shape[:-1]), tokens), compute_dtype(layer)))


@rule("Hashing", generations=(3,))
def hashing(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A bucket for each value, or a place for each bucket."""
    shape = one_tensor(layer, call).shape
    return Result(Tensor(shape if mode_of(layer) == "int" else (*shape[:-1], whole(layer, "num_bins"))))


@rule("Discretization", generations=(3,))
def discretization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A bucket for each number, or a place for each bucket: instead of the second axis, where they are counted."""
    shape, mode = one_tensor(layer, call).shape, mode_of(layer)
    if mode == "int":
        return Result(Tensor(shape, "int32"))
    depth = _buckets(layer)
    if mode == "one_hot":
        shape = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
    else:
        shape = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    return Result(Tensor((*shape, depth), compute_dtype(layer)))


def _buckets(layer: LayerConfig) -> int:
    boundaries = layer.config.get("bin_boundaries")
    return len(boundaries) + 1 if isinstance(boundaries, (list, tuple)) else whole(layer, "num_bins")


@rule("HashedCrossing", generations=(3,))
def crossing(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A bucket for each pair of values, or a place for each bucket."""
    shapes = [tensor.shape for tensor in call.tensors]
    if len(shapes) != 2 or not all(shapes) or shapes[0][-1] != shapes[1][-1]:
        raise Invalid(f"HashedCrossing received the shapes {shapes}, expected two with equal last dimensions")
    shape, mode = shapes[0], mode_of(layer)
    if mode == "int":
        return Result(Tensor(shape))
    behind = mode == "one_hot" and shape[-1] != 1
    return Result(Tensor((*(shape if behind else shape[:-1]), whole(layer, "num_bins"))))


@rule("IntegerLookup", "StringLookup", generations=(3,))
def lookup(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The place of each value in a vocabulary, or a place for each word of that."""
    shape = one_tensor(layer, call).shape
    return Result(Tensor(encoded(layer, shape, mode_of(layer)), "int64" if mode_of(layer) == "int" else "float32"))


def encoded(layer: LayerConfig, shape: Shape, mode: str) -> Shape:
    """What a lookup gives out in a mode (Keras 3.15 `IndexLookup.compute_output_shape`)."""
    if mode == "int":
        return shape
    depth = depth_of(layer)
    if mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)
    return (*shape[:-1], depth)


def depth_of(layer: LayerConfig) -> int | None:
    """How many places a vocabulary has; `None` where Keras 3 does not know it either.

    Raises:
        Unknown: The vocabulary is there, or outside the config, and how large Keras took it to be is not.
    """
    if layer.config.get("pad_to_max_tokens"):
        return whole(layer, "max_tokens")
    if layer.config.get("vocabulary_size") is not None:
        return whole(layer, "vocabulary_size")
    if layer.generation == 3 and layer.config.get("vocabulary") is None and "vocabulary_size" in layer.config:
        return None
    raise Unknown("how large its vocabulary is does not stand in its config")


@rule("CategoryEncoding", "Hashing", generations=(2,))
def encoded_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A place for each category or bucket, where they are not numbers (`encode_categorical_inputs`)."""
    shape = one_tensor(layer, call).shape
    if layer.class_name == "Hashing":
        return _categorical(layer, shape, mode_of(layer), whole(layer, "num_bins"))
    tokens = "num_tokens" if layer.config.get("num_tokens") is not None else "max_tokens"
    return _categorical(layer, shape, mode_of(layer, "multi_hot"), whole(layer, tokens))


@rule("Discretization", generations=(2,))
def discretization_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Buckets that were learnt from data are a weight of open size, and their number is not in the config."""
    shape, mode = one_tensor(layer, call).shape, mode_of(layer)
    boundaries = layer.config.get("bin_boundaries", layer.config.get("bins"))
    if isinstance(boundaries, (list, tuple)):
        return _categorical(layer, shape, mode, len(boundaries) + 1)
    if mode != "int":
        raise Unknown("its buckets are learnt from data, and their number does not stand in its config")
    return Result(Tensor(shape), None)


@rule("HashedCrossing", generations=(2,))
def crossing_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Tensors of one shape, one column each; Keras 2 loses sight of the batch size."""
    shapes = [tensor.shape for tensor in call.tensors]
    if len(shapes) < 2 or any(shape != shapes[0] for shape in shapes) or len(shapes[0]) > 2:
        raise Invalid(f"HashedCrossing received the shapes {shapes}, expected equal ones of at most 2 dimensions")
    if len(shapes[0]) == 2 and shapes[0][1] != 1:
        raise refuse(layer, "a last dimension of 1", shapes[0])
    shape: Shape = ((), (None,), (None, 1))[len(shapes[0])]
    return _categorical(layer, shape, mode_of(layer), whole(layer, "num_bins"))


@rule("IntegerLookup", "StringLookup", generations=(2,))
def lookup_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The place of each value in a vocabulary, or a place for each word of that."""
    shape, mode = one_tensor(layer, call).shape, mode_of(layer)
    if mode == "int":
        return Result(Tensor(shape))
    if mode == "tf_idf":
        raise Unknown("the weights of its terms are learnt from data, and their number does not stand in its config")
    return _categorical(layer, shape, mode, depth_of(layer))


def _categorical(layer: LayerConfig, shape: Shape, mode: str, depth: int | None) -> Result:
    """Categories as numbers, or a row with a place for each (tf-keras `encode_categorical_inputs`).

    Raises:
        Invalid: The rows would have more than one axis before them.
    """
    if mode == "int":
        return Result(Tensor(shape))
    rank = len(shape) or 1
    last = shape[-1] if shape else 1
    if mode == "one_hot" and last != 1:
        rank += 1
    if rank > 2:
        raise refuse(layer, f"at most {2 if mode != 'one_hot' or last == 1 else 1} dimensions", shape)
    return Result(Tensor((depth,) if rank == 1 else (shape[0], depth), compute_dtype(layer)))
