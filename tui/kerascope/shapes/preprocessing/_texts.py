"""The layer that turns texts into numbers.

Source: `compute_output_shape` of Keras 3.15 `TextVectorization`; `call` of tf-keras 2.21, which Keras 2 traces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Invalid, Result, Tensor, Unknown
from kerascope.shapes.layers._arguments import compute_dtype, one_tensor, whole
from kerascope.shapes.preprocessing._categories import depth_of, encoded, mode_of

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer

__all__: list[str] = []


@rule("TextVectorization", generations=(3,))
def text_vectorization(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """A row of words for each text, or a place for each word."""
    shape, mode = one_tensor(layer, call).shape, mode_of(layer)
    if mode == "int":
        if not shape:
            raise refuse(layer, "at least 1 dimension", shape)
        return Result(Tensor((shape[0], _length(layer)), "int64"))
    empty = layer.config.get("vocabulary") is None and layer.config.get("vocabulary_size") in (0, 1)
    if empty and not layer.config.get("pad_to_max_tokens"):
        # A layer without a vocabulary writes the size that its places for unknown words have.
        raise Unknown("it has no vocabulary yet, and how large it will be does not stand in its config")
    if layer.config.get("split") is not None:
        shape = (*shape, None)
    elif len(shape) <= 1:
        shape = (*shape, 1)
    return Result(Tensor(encoded(layer, shape, mode), "float32"))


@rule("TextVectorization", generations=(2,))
def text_vectorization_2(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The same, for texts alone or in one column; splitting at white space loses the batch size."""
    shape = one_tensor(layer, call).shape
    if layer.config.get("output_mode", "int") is None:
        raise Unknown("it gives out the words of each text, a ragged tensor")
    mode = mode_of(layer)
    split = layer.config.get("split", "whitespace")
    if split not in ("whitespace", "character"):
        raise Unknown("it splits texts by a function of the author's own, or not at all, and that is not followed")
    if not shape or len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
        raise refuse(layer, "one text each: 1 dimension, or a second one of 1", shape)
    batch = shape[0] if split == "character" else None
    if mode == "int":
        return Result(Tensor((batch, None if layer.config.get("ragged") else _length(layer)), "int64"))
    if mode == "tf_idf":
        raise Unknown("the weights of its terms are learnt from data, and their number does not stand in its config")
    if mode not in ("count", "multi_hot"):
        raise Invalid(f"TextVectorization has the output_mode {told(mode)}, expected int, multi_hot, count or tf_idf")
    return Result(Tensor((batch, depth_of(layer)), compute_dtype(layer)))


def _length(layer: LayerConfig) -> int | None:
    given = layer.config.get("output_sequence_length")
    return None if given is None else whole(layer, "output_sequence_length")
