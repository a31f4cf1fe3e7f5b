"""Phrases that several rules use, so that the same thing is always said the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Layer, Model, format_shape, format_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["declared_text", "effective_text", "line_of", "origin_text"]


def line_of(layer: Layer) -> str:
    """` (line 6)`, or nothing where there is no line."""
    return f" (line {layer.location.line})" if layer.location else ""


def declared_text(layer: Layer) -> str:
    """The declaration as it was written: `input_shape=(44,)`."""
    assert layer.declared is not None
    return f"{layer.declared.argument}={layer.declared.value}"


def effective_text(layer: Layer) -> str:
    """The input shapes Keras used."""
    return format_shapes(layer.effective or ())


def origin_text(layer: Layer, model: Model) -> str:
    """Where a layer's effective input comes from: `, the output of dense (line 5)`; nothing where that is not known."""
    sources = [other for other in model.layers if other.id in layer.inbound]
    if sources:
        named = " and ".join(f"{source.name}{line_of(source)}" for source in sources[:3])
        more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
        kind = "the input" if all(source.is_input for source in sources) else "the output of"
        return f", {kind} {named}{more}"
    first = model.class_name == "Sequential" and layer.parent is None
    return ", the model's input" if first else ""


def join(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


def decider(model: Model, layer: Layer) -> Layer | None:
    """The layer whose declaration made the input of the model that `layer` is in."""
    return next((other for other in model.layers if other.id == layer.decided_by), None)


def decider_text(made: Layer) -> str:
    """`line 5 made the input (None, 4)`."""
    where = f"line {made.location.line}" if made.location else made.name
    return f"{where} made the input {format_shape((made.effective or ((),))[0])}"
