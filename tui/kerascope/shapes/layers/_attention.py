"""Attention: of one head with hardly a weight, and of several heads with projections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Invalid, Result, Tensor, Unknown, WeightSpec
from kerascope.shapes.layers._arguments import compute_dtype, flag, known, quantized, weights_of, whole
from kerascope.shapes.tensors._algebra import broadcast, matmul

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__: list[str] = []

POSITIONS = {
    2: ("query", "value", "key", "attention_mask", "return_attention_scores"),
    3: (
        "query",
        "value",
        "key",
        "query_mask",
        "value_mask",
        "key_mask",
        "attention_mask",
        "return_attention_scores",
    ),
}
"""The arguments of `MultiHeadAttention.call`, in their order."""


def _argument(layer: LayerConfig, call: Call, name: str) -> object:
    at = POSITIONS[layer.generation].index(name)
    return call.args[at] if len(call.args) > at else call.kwargs.get(name)


@rule("Attention", "AdditiveAttention", generations=(2, 3))
def attention(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """The values, weighted by how well each key fits the query (Keras 3.15 and tf-keras `Attention`).

    Keras 3 tells the shape by query and value alone; Keras 2 multiplies, so that all sizes must fit.
    """
    inputs = call.first
    if not isinstance(inputs, (list, tuple)) or len(inputs) not in (2, 3):
        count = len(inputs) if isinstance(inputs, (list, tuple)) else "no list of"
        raise Invalid(
            f"{layer.class_name} received {count} tensors, expected a list: query and value, or query, value, key"
        )
    tensors = [each for each in inputs if isinstance(each, Tensor)]
    if len(tensors) != len(inputs):
        raise Unknown(f"this {layer.class_name} is called on something that is no tensor")
    query, value = tensors[0].shape, tensors[1].shape
    key = tensors[-1].shape if len(tensors) > 2 else value
    if min(len(query), len(value), len(key)) < 2:
        raise refuse(layer, "at least 2 dimensions in query, value and key", min(query, value, key, key=len))
    weights = weights_of(layer, *_scales(layer, query, value))
    if layer.generation == 3:
        output, scores = (*query[:-1], value[-1]), (*query[:-1], key[-2])
    else:
        asked, kept = _masks(call)
        scores = _scores(layer, query, key, value)
        if kept is not None:
            scores = broadcast(scores, (*kept[:-1], 1, kept[-1]))
        output = matmul(scores, value)
        if asked is not None:
            output = broadcast(output, (*asked, 1))
    dtype = compute_dtype(layer)
    if not _scores_too(call, 3):
        return Result(Tensor(output, dtype), weights)
    return Result((Tensor(output, dtype), Tensor(scores, dtype)), weights)


def _masks(call: Call) -> tuple[Shape | None, Shape | None]:
    """The shapes of the masks of query and value, where the call gives them."""
    given = call.args[1] if len(call.args) > 1 else call.kwargs.get("mask")
    masks = [*given, None, None] if isinstance(given, (list, tuple)) else [None, None]
    asked, kept = (mask.shape if isinstance(mask, Tensor) and mask.shape else None for mask in masks[:2])
    return asked, kept


def _scores_too(call: Call, at: int) -> bool:
    return bool(call.args[at] if len(call.args) > at else call.kwargs.get("return_attention_scores", False))


def _scales(layer: LayerConfig, query: Shape, value: Shape) -> list[WeightSpec]:
    weights: list[WeightSpec] = []
    if layer.class_name == "AdditiveAttention":
        if flag(layer, "use_scale", True):
            # Keras 3 asks the query for it, Keras 2 the value.
            weights.append(WeightSpec("scale", (known(layer, query if layer.generation == 3 else value, -1),)))
        return weights
    if flag(layer, "use_scale", False):
        weights.append(WeightSpec("scale", ()))
    if layer.config.get("score_mode", "dot") == "concat":
        weights.append(WeightSpec("concat_score_weight", ()))
    return weights


def _scores(layer: LayerConfig, query: Shape, key: Shape, value: Shape) -> Shape:
    if layer.class_name == "Attention" and layer.config.get("score_mode", "dot") == "dot":
        return matmul(query, (*key[:-2], key[-1], key[-2]))
    pairs = broadcast((*query[:-1], 1, query[-1]), (*key[:-2], 1, *key[-2:]))
    if layer.class_name == "AdditiveAttention" and flag(layer, "use_scale", True):
        pairs = broadcast(pairs, (value[-1],))
    return pairs[:-1]


def _projected(layer: LayerConfig, call: Call) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, value and key, which is the value where it is not given."""
    found: list[Shape] = []
    for name in ("query", "value", "key"):
        given = _argument(layer, call, name)
        if given is None and name == "key":
            given = _argument(layer, call, "value")
        if not isinstance(given, Tensor):
            received = (
                "nothing" if given is None else "several tensors" if isinstance(given, (list, tuple)) else "no tensor"
            )
            raise Invalid(f"{layer.class_name} received {received} as its {name}, expected a tensor")
        if len(given.shape) < 2:
            raise refuse(layer, f"at least 2 dimensions in its {name}", given.shape)
        found.append(given.shape)
    return found[0], found[1], found[2]


def _projections(
    layer: LayerConfig, shapes: dict[str, Shape], heads: dict[str, tuple[int, int]], output: Sequence[int]
) -> tuple[WeightSpec, ...] | None:
    """Kernel and bias of the dense layers that make heads of the inputs, and an output of the heads."""
    if quantized(layer):
        return None
    biased = flag(layer, "use_bias", True)
    weights: list[WeightSpec] = []
    for name, shape in shapes.items():
        weights.append(WeightSpec(f"{name}/kernel", (known(layer, shape, -1), *heads[name])))
        if biased:
            weights.append(WeightSpec(f"{name}/bias", heads[name]))
    weights.append(WeightSpec("attention_output/kernel", (*heads["value"], *output)))
    if biased:
        weights.append(WeightSpec("attention_output/bias", tuple(output)))
    return weights_of(layer, *weights)


@rule("MultiHeadAttention", generations=(2, 3))
def multi_head_attention(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Projections of query, key and value to heads, attention in each head, a projection of them all.

    Keras 3.15 `MultiHeadAttention.compute_output_spec`: the query's shape, with `output_shape` as its last sizes; the
    scores are told as if query and key had one length. Keras 2 gives what its einsum equations do.
    """
    query, value, key = _projected(layer, call)
    scores: Shape
    heads, size = whole(layer, "num_heads"), whole(layer, "key_dim")
    value_size = size if layer.config.get("value_dim") is None else whole(layer, "value_dim")
    last = _output_sizes(layer, query)
    if layer.generation == 3 and value[1:-1] != key[1:-1]:
        raise refuse(layer, f"a key of shape {(*value[:-1], key[-1])}, as of its value", key)
    shapes, sizes = {"query": query, "key": key}, {"query": (heads, size), "key": (heads, size)}
    if flag(layer, "use_gate", False):
        shapes["gate"], sizes["gate"] = query, (heads, value_size)
    shapes["value"], sizes["value"] = value, (heads, value_size)
    weights = _projections(layer, shapes, sizes, last)
    axes = _attention_axes(layer, len(value))
    if layer.generation == 3:
        output, scores = (*query[:-1], *last), (query[0], heads, query[1], query[1])
    else:
        lead, scores = _by_equation(layer, (query, value, key), heads, axes, _mask(layer, call, query, value))
        output = (*lead, *last)
    dtype = compute_dtype(layer)
    if not _argument(layer, call, "return_attention_scores"):
        return Result(Tensor(output, dtype), weights)
    return Result((Tensor(output, dtype), Tensor(scores, dtype)), weights)


def _output_sizes(layer: LayerConfig, query: Shape) -> tuple[int, ...]:
    given = layer.config.get("output_shape")
    if not given:
        return (known(layer, query, -1),)
    sizes = given if isinstance(given, (list, tuple)) else (given,)
    if not all(isinstance(size, int) for size in sizes):
        raise Unknown(f"output_shape is {told(given)}, and a whole number or a list of them is needed")
    return tuple(sizes)


def _mask(layer: LayerConfig, call: Call, query: Shape, value: Shape) -> Shape | None:
    """The shape of the mask that is laid over the scores in Keras 2, where the call asks for one."""
    given = _argument(layer, call, "attention_mask")
    masks = [given.shape] if isinstance(given, Tensor) else []
    if call.kwargs.get("use_causal_mask") and len(query) > 1 and len(value) > 1:
        masks.append((1, query[1], value[1]))
    return broadcast(*masks) if masks else None


def _attention_axes(layer: LayerConfig, rank: int) -> tuple[int, ...]:
    """The axes that attend to each other: by default all between the batch and the features.

    Raises:
        Unknown: One of them is counted from the end or lies beyond the heads: Keras 2 fails on some of these.
    """
    given = layer.config.get("attention_axes")
    if given is None:
        return tuple(range(1, rank - 1))
    axes = given if isinstance(given, (list, tuple)) else (given,)
    if not all(isinstance(axis, int) for axis in axes):
        raise Unknown(f"attention_axes is {told(given)}, and a whole number or a list of them is needed")
    if layer.generation != 3 and not all(0 < axis < rank for axis in axes):
        raise Unknown(f"its attention_axes {list(axes)} are not all among the axes 1 to {rank - 1}")
    return tuple(axes)


def _by_equation(
    layer: LayerConfig, shapes: tuple[Shape, Shape, Shape], heads: int, axes: tuple[int, ...], mask: Shape | None
) -> tuple[Shape, Shape]:
    """Leading sizes of the output, and the scores, by the equations of Keras 2 (`_build_attention_equation`).

    Queries stand on the attended axes by themselves, keys and values by themselves; on all others they all meet. The
    heads are the last axis, where the features were.
    """
    if len({len(shape) for shape in shapes}) > 1 or not axes:
        raise refuse(layer, f"as many dimensions as in its query {shapes[0]}, at least 3", shapes[1])
    query, value, key = ((*shape[:-1], heads) for shape in shapes)
    every = range(len(query))
    asked = {axis: query[axis] if axis in axes else _met(layer, query[axis], key[axis]) for axis in every}
    for axis in axes:
        _met(layer, key[axis], value[axis])
    rest = [axis for axis in every if axis not in axes]
    scores: Shape = (*(asked[axis] for axis in (*rest, *axes)), *(key[axis] for axis in axes))
    if mask is not None:
        if len(mask) > len(scores) or len(query) - 1 in axes:
            raise Unknown("its mask has more dimensions than its scores, or stands for heads")
        at = len(mask) - 2 * len(axes)
        if at < 0:
            raise refuse(layer, f"a mask of at least {2 * len(axes)} dimensions, two for each attention axis", mask)
        scores = broadcast(scores, (*mask[:at], *(1,) * (len(scores) - len(mask)), *mask[at:]))
        asked |= dict(zip((*rest, *axes), scores, strict=False))
    lead = tuple(asked[axis] if axis in axes else _met(layer, asked[axis], value[axis]) for axis in every)
    return lead[:-1], scores


def _met(layer: LayerConfig, one: int | None, other: int | None) -> int | None:
    if one is not None and other is not None and one != other:
        raise Invalid(f"{layer.class_name} received a size of {one} where another input has {other}, expected the same")
    return other if one is None else one


@rule("GroupQueryAttention", "GroupedQueryAttention", generations=(3,))
def grouped_query_attention(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Attention in which several heads of the query share one of key and value (Keras 3.15 `GroupedQueryAttention`)."""
    query, value, key = _projected(layer, call)
    size, heads, shared = (whole(layer, name) for name in ("head_dim", "num_query_heads", "num_key_value_heads"))
    if any(len(shape) < 3 for shape in (query, value, key)):
        raise refuse(layer, "3 dimensions in query, value and key", min(query, value, key, key=len))
    if any(len(shape) > 3 for shape in (query, value, key)):
        raise Unknown("GroupQueryAttention is made for 3 dimensions in query, value and key")
    if query[-1] != value[-1]:
        raise refuse(layer, f"a value of the query's last size, {query[-1]}", value)
    if value[1:-1] != key[1:-1]:
        raise refuse(layer, f"a key of shape {(*value[:-1], key[-1])}, as of its value", key)
    features = known(layer, query, -1)
    shapes, sizes = {"query": query, "key": key}, {"query": (heads, size), "key": (shared, size)}
    if flag(layer, "use_gate", False):
        shapes["gate"], sizes["gate"] = query, (heads, size)
    shapes["value"], sizes["value"] = value, (shared, size)
    weights = _projections(layer, shapes, sizes, (features,))
    if weights is not None:
        # The output is made of the query's heads, which are more than those of the value.
        kernel = "attention_output/kernel"
        weights = tuple(
            WeightSpec(kernel, (heads, size, features), weight.trainable) if weight.name == kernel else weight
            for weight in weights
        )
    dtype = compute_dtype(layer)
    output = Tensor(query, dtype)
    if not _argument(layer, call, "return_attention_scores"):
        return Result(output, weights)
    return Result((output, Tensor((query[0], heads, query[1], key[1]), dtype)), weights)
