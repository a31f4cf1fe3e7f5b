"""Shapes and counts as the text that screens and reports show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.graph._types import Model, Shape

__all__ = ["cut_middle", "format_count", "format_shape", "format_shapes", "title_of"]


def format_shape(shape: Shape) -> str:
    """A shape as a Python tuple: `(None, 28, 28, 1)`, `(None,)`, `()`."""
    return repr(tuple(shape))


def format_shapes(shapes: Iterable[Shape]) -> str:
    """Several shapes, equal ones once, as Keras's own summaries join them: `(None, 4), (None, 8)`."""
    return ", ".join(dict.fromkeys(format_shape(shape) for shape in shapes))


def format_count(count: int | None) -> str:
    """A count with thousands separators, the empty string when it is not known."""
    return "" if count is None else f"{count:,}"


def cut_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """Shorten `text` to `width` cells by leaving out its middle, where names and shapes differ least.

    Args:
        text: Text of single-width characters.
        width: Cells there are; 0 gives the empty string.
        ellipsis: What stands for the part left out.
    """
    if len(text) <= width:
        return text
    if width <= len(ellipsis):
        return text[:width]
    kept = width - len(ellipsis)
    head = (kept + 1) // 2
    return text[:head] + ellipsis + text[len(text) - (kept - head) :]


def title_of(model: Model) -> str:
    """A model by the name its author knows it under, and Keras's own where that differs: `net = sequential_2`."""
    name = model.name or "model"
    return f"{model.variable} = {name}" if model.variable and model.variable != name else name
