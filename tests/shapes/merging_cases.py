"""Grids of cases for layers that take several tensors: merging layers and attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shapes.oracle_cases import case, tensor
from tests.shapes.window_cases import Case, grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["merging_cases"]

Kwargs = dict[str, Any]
Shapes = tuple[tuple["int | None", ...], ...]

ALIKE: tuple[Shapes, ...] = (
    ((None, 4), (None, 4)),
    ((2, 4), (None, 4)),
    ((None, 4), (None, 4), (None, 4)),
    ((None, 1), (None, 4), (2, 1)),
    ((None, None), (None, 4)),
    ((None, None), (None, 1)),
    ((None, 3, None), (None, 3, 4), (None, None, None)),
    ((None, 5, 1), (None, 1, 4)),
    ((1, 4), (None, 4)),
    ((None, 0), (None, 1)),
    ((None,), (None,)),
    ((None, 4),),
)
RANKS: tuple[Shapes, ...] = (
    ((None, 5, 4), (None, 4)),
    ((None, 4), (None, 5, 4)),
    ((None, 5, 4), (None, None)),
    ((None, 5, 4, 3), (None, 3), (None, 4, 3)),
    ((None,), (None, 4)),
    ((None, 5, 4), (2, 4)),
    ((None, None, None), (None, 5)),
)
UNLIKE: tuple[Shapes, ...] = (
    ((None, 4), (None, 5)),
    ((2, 4), (3, 4)),
    ((None, 5, 4), (None, 5)),
    ((None, 3, 4), (None, 2, 4)),
    ((), (None, 4)),
)


def merging_cases(generation: int) -> list[Case]:
    """All cases of a generation."""
    families: tuple[Callable[[int], Iterator[Case]], ...] = (elementwise, concatenate, dot, attention, several_heads)
    families += (shared_heads,) if generation == 3 else ()
    return [each for family in families for each in family(generation)]


def _tensors(shapes: Shapes) -> list[dict[str, Any]]:
    return [tensor(*shape) for shape in shapes]


def elementwise(generation: int) -> Iterator[Case]:
    classes = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    for class_name, shapes in grid(classes, ALIKE + RANKS + UNLIKE):
        yield case(class_name, _tensors(shapes))
    for class_name in ("Add", "Concatenate", "Average"):
        yield case(class_name, tensor(None, 4))
        yield case(class_name, [])
        yield case(class_name, {"$tuple": _tensors(ALIKE[0])})
        yield case(
            class_name, [tensor(None, 4, dtype="float16"), tensor(None, 4, dtype="float16")], dtype="mixed_float16"
        )
        yield case(class_name, [tensor(None, 4, dtype="float16"), tensor(None, 4)])
    yield case("Maximum", [tensor(None, 4, dtype="int32"), tensor(None, 4, dtype="int32")])


def concatenate(generation: int) -> Iterator[Case]:
    pairs: tuple[Shapes, ...] = (
        ((None, 4, 3), (None, 4, 3)),
        ((None, 4, 3), (None, 4, 5)),
        ((None, 4, 3), (None, 2, 3)),
        ((None, None, 3), (None, 4, 3)),
        ((None, 4, None), (None, 4, 5), (None, None, None)),
        ((None, 4, 3), (None, 1, 3)),
        ((None, 4, 3), (None, 4)),
        ((2, 4, 3), (3, 4, 3)),
        ((2, 4, 3), (None, 4, 3)),
    )
    for axis, shapes in grid((-1, 1, 0, 2, -2, 3, -4), pairs):
        yield case("Concatenate", _tensors(shapes), axis=axis)
    for shapes in (*ALIKE, *RANKS):
        yield case("Concatenate", _tensors(shapes))


def dot(generation: int) -> Iterator[Case]:
    pairs: tuple[Shapes, ...] = (
        ((None, 4), (None, 4)),
        ((None, 4), (None, 5)),
        ((None, 5, 4), (None, 4)),
        ((None, 5, 4), (None, 5, 4)),
        ((None, 5, 4), (None, 4, 3)),
        ((None, 5, None), (None, 4, 3)),
        ((None, 5, None), (None, 4, None)),
        ((2, 5, 4), (None, 3, 4)),
        ((None, 5, 4), (2, 3, 4)),
        ((2, 5, 4), (3, 3, 4)),
        ((None, 2, 5, 4), (None, 3, 4)),
        ((None, 2, 5, 4), (None, 7, 6, 4)),
        ((None, 4, 5), (None, 4, 6, 7)),
    )
    for axes, shapes in grid((-1, 1, 2, [1, 1], [2, 1], [-1, -2], [-2, 1]), pairs):
        yield case("Dot", _tensors(shapes), axes=axes)
    for axes in (0, [0, 0], 3):
        yield case("Dot", _tensors(pairs[3]), axes=axes)
    yield case("Dot", _tensors(pairs[0]), axes=1, normalize=True)
    for inputs in (tensor(None, 4), _tensors(((None, 4),)), _tensors(((None, 4),) * 3), _tensors(((None,), (None,)))):
        yield case("Dot", inputs, axes=1)


def attention(generation: int) -> Iterator[Case]:
    calls: tuple[Shapes, ...] = (
        ((None, 5, 4), (None, 6, 4)),
        ((None, 5, 4), (None, 6, 4), (None, 6, 4)),
        ((None, 5, 4), (None, 6, 3), (None, 6, 4)),
        ((None, 5, 4), (None, 6, 3)),
        ((None, 5, 4), (None, 6, 1)),
        ((None, 5, 4), (None, 7, 4), (None, 6, 4)),
        ((None, 5, 4),),
        ((None, 5, 4),) * 4,
        ((None, 2, 5, 4), (None, 2, 6, 4)),
        ((2, 5, 4), (None, 6, 4)),
        ((None, 5, 4), (2, 6, 4)),
        ((2, 5, 4), (3, 6, 4)),
        ((None, 5, None), (None, 6, 4)),
        ((None, 5, 4), (None, 6, None)),
        ((None, None, 4), (None, None, 4)),
    )
    kinds: tuple[tuple[str, Kwargs], ...] = (
        ("Attention", {}),
        ("Attention", {"score_mode": "concat"}),
        ("AdditiveAttention", {}),
    )
    for (class_name, kwargs), shapes, scores in grid(kinds, calls, (True, False)):
        call = {"return_attention_scores": True} if scores else {}
        yield case(class_name, _tensors(shapes), call, use_scale=scores, **kwargs)
    for class_name in ("Attention", "AdditiveAttention"):
        yield case(class_name, tensor(None, 5, 4))
        yield case(class_name, _tensors(calls[0]), {"use_causal_mask": True}, trainable=False, use_scale=True)
        masks = {"mask": [tensor(None, 5, dtype="bool"), tensor(None, 6, dtype="bool")]}
        for shapes in (calls[0], calls[-1]):
            yield case(class_name, _tensors(shapes), {**masks, "return_attention_scores": True}, dropout=0.2)


def several_heads(generation: int) -> Iterator[Case]:
    calls: tuple[tuple[tuple[int | None, ...], Kwargs], ...] = (
        ((None, 5, 4), {"value": tensor(None, 6, 4)}),
        ((None, 5, 4), {"value": tensor(None, 6, 3), "key": tensor(None, 6, 2)}),
        ((None, 5, 4), {"value": tensor(None, 6, 4), "key": tensor(None, 7, 4)}),
        ((None, 5, 4), {"value": tensor(None, 5, 4), "return_attention_scores": True}),
        ((None, 5, 4), {"value": tensor(None, 6, 4), "use_causal_mask": True, "return_attention_scores": True}),
        ((None, None, 4), {"value": tensor(None, None, 4), "return_attention_scores": True}),
        ((None, None, 4), {"value": tensor(None, None, 4), "attention_mask": tensor(None, 5, 6, dtype="bool")}),
        ((2, 5, 4), {"value": tensor(None, 6, 4)}),
        ((None, 5, 4), {"value": tensor(2, 6, 4)}),
        ((2, 5, 4), {"value": tensor(3, 6, 4)}),
        ((None, 5, 4), {"value": tensor(None, None, 4), "key": tensor(None, 6, 4)}),
        ((None, 5, None), {"value": tensor(None, 6, 4)}),
        ((None, 5, 4), {"value": tensor(None, 6, None)}),
        ((None, 5, 4), {}),
        ((None, 2, 5, 4), {"value": tensor(None, 2, 6, 4)}),
        ((None, 2, 5, 4), {"value": tensor(None, 3, 6, 4), "return_attention_scores": True}),
        ((None, 2, 5, 4), {"value": tensor(None, 3, 6, 4), "use_causal_mask": True}),
        ((None, 2, 5, 4), {"value": tensor(None, 6, 4)}),
    )
    options: tuple[Kwargs, ...] = (
        {},
        {"value_dim": 5, "output_shape": 7},
        {"output_shape": [7, 2], "use_bias": False},
        {"attention_axes": [1]},
    )
    for (query, call), kwargs in grid(calls, options):
        yield case("MultiHeadAttention", tensor(*query), call, num_heads=2, key_dim=3, **kwargs)
    four = {"value": tensor(None, 2, 6, 4), "return_attention_scores": True}
    for axes in (2, [2], [1, 2], [2, 1], [1, 2, 3]):
        yield case("MultiHeadAttention", tensor(None, 2, 5, 4), four, num_heads=2, key_dim=3, attention_axes=axes)
    for kwargs in ({"trainable": False}, {"dropout": 0.1}, {"dtype": "mixed_float16"}):
        yield case("MultiHeadAttention", tensor(None, 5, 4), calls[0][1], num_heads=2, key_dim=3, **kwargs)
    yield case("MultiHeadAttention", [tensor(None, 5, 4), tensor(None, 6, 4)], num_heads=2, key_dim=3)
    if generation == 3:
        yield case("MultiHeadAttention", tensor(None, 5, 4), calls[0][1], num_heads=2, key_dim=3, use_gate=True)


def shared_heads(generation: int) -> Iterator[Case]:
    calls: tuple[tuple[tuple[int | None, ...], Kwargs], ...] = (
        ((None, 5, 4), {"value": tensor(None, 6, 4)}),
        ((None, 5, 4), {"value": tensor(None, 6, 4), "key": tensor(None, 6, 3)}),
        ((None, 5, 4), {"value": tensor(None, 6, 4), "key": tensor(None, 7, 4)}),
        ((None, 5, 4), {"value": tensor(None, 6, 3)}),
        ((None, None, 4), {"value": tensor(None, 6, 4), "return_attention_scores": True}),
        ((2, 5, 4), {"value": tensor(None, 6, 4)}),
        ((None, 4), {"value": tensor(None, 4)}),
        ((None, 5, None), {"value": tensor(None, 6, 4)}),
        ((None, 5, 4), {}),
    )
    options: tuple[Kwargs, ...] = ({}, {"use_bias": False}, {"use_gate": True}, {"trainable": False})
    for (query, call), kwargs in grid(calls, options):
        heads = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
        yield case("GroupQueryAttention", tensor(*query), call, **heads, **kwargs)
