"""The sentences that say why shapes are unknown: what came, with its values, and what is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import clean_line
from kerascope.shapes._types import Invalid

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__ = ["refuse", "told"]

MOST_LETTERS = 100
"""How much of a value from a config stands in a sentence."""


def refuse(layer: LayerConfig, needs: str, shape: Shape) -> Invalid:
    """The error of a call that Keras refuses: what came and what is needed, worded as for a program that fails."""
    return Invalid(f"{layer.class_name} cannot take {shape}: it needs {needs}")


def told(value: object) -> str:
    """A value from a config as it stands in a sentence, texts in quotes."""
    said = clean_line(repr(value))
    return said if len(said) <= MOST_LETTERS else f"{said[:MOST_LETTERS]}\N{HORIZONTAL ELLIPSIS}"
