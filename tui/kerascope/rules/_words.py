"""Phrases that several rules use, so that the same thing is always said the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Layer, Source, format_shape, format_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.rules._rows import Rows

__all__ = ["decider_text", "declared_text", "effective_text", "join", "line_of", "origin_text", "place_of"]


def place_of(layer: Layer, source: Source) -> str | None:
    """`line 6`, as people find it (`Source.line_name`); `None` where there is no line."""
    return source.line_name(layer.location.line, layer.location.path) if layer.location else None


def line_of(layer: Layer, source: Source) -> str:
    """` (line 6)`, or nothing where there is no line."""
    place = place_of(layer, source)
    return f" ({place})" if place else ""


def declared_text(layer: Layer) -> str:
    """The declaration as it was written: `input_shape=(44,)`."""
    assert layer.declared is not None
    if layer.is_input:
        return f"{layer.class_name} {layer.declared.value}"
    return f"{layer.declared.argument}={layer.declared.value}"


def effective_text(layer: Layer) -> str:
    """The input shapes Keras used."""
    return format_shapes(layer.effective or ())


def origin_text(layer: Layer, rows: Rows, source: Source) -> str:
    """Where a layer's effective input comes from: `, the output of dense (line 5)`; nothing where that is not known."""
    origins = rows.among(layer.inbound)
    if origins:
        named = " and ".join(f"{origin.name}{line_of(origin, source)}" for origin in origins[:3])
        more = f" and {len(origins) - 3} more" if len(origins) > 3 else ""
        kind = "the input" if all(origin.is_input for origin in origins) else "the output of"
        return f", {kind} {named}{more}"
    first = rows.model.class_name == "Sequential" and layer.parent is None
    return ", the model's input" if first else ""


def join(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


def decider_text(made: Layer, source: Source) -> str:
    """`line 5 made the input (None, 4)`."""
    where = place_of(made, source) or f"what {made.name} declares"
    return f"{where} made the input {format_shape((made.effective or ((),))[0])}"
