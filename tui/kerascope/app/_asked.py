"""The meaning of what was typed into a dialog. Pure; wrong text is a ValueError whose text is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope import readers
from kerascope.graph import Target, format_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Factory, Shape

__all__ = ["read_call", "read_shapes", "shapes_text"]

_OPENING, _CLOSING = "([{", ")]}"


def read_shapes(text: str) -> tuple[tuple[str | None, Shape, str | None], ...]:
    """Input shapes as a target holds them: `(None, 28, 28, 1)`, or `image=(None, 28, 28, 1), meta=(None, 5)`.

    Raises:
        ValueError: It is something else, or shapes that cannot be told apart.
    """
    pieces = _pieces(text)
    if not pieces:
        raise ValueError("no shape is typed yet")
    shapes = tuple(readers.parse_input_shape(piece) for piece in pieces)
    readers.check_input_shapes(shapes)
    return shapes


def shapes_text(shapes: Sequence[tuple[str | None, Shape, str | None]]) -> str:
    """The line that `read_shapes` reads these from."""
    return ", ".join(
        (f"{name}=" if name is not None else "") + format_shape(shape) + (f":{dtype}" if dtype is not None else "")
        for name, shape, dtype in shapes
    )


def _pieces(text: str) -> list[str]:
    """The parts between commas that stand in no brackets; a shape without any brackets is one part."""
    if not any(char in text for char in _OPENING):
        return [text.strip()] if text.strip() else []
    pieces, depth, begin = [], 0, 0
    for at, char in enumerate(text):
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
        elif char in ",;\n" and depth <= 0:
            pieces.append(text[begin:at])
            begin = at + 1
    pieces.append(text[begin:])
    return [piece.strip() for piece in pieces if piece.strip()]


def read_call(target: Target, factory: Factory, text: str) -> Target:
    """The target that calls a factory with the arguments in `text`, Python literals without the parentheses.

    Raises:
        ValueError: The text is no such list of arguments.
    """
    asked = readers.parse_target(f"{target.module or target.path}:{factory.name}({text})")
    return replace(target, name=asked.name, call=asked.call)
