"""The shape of what an einsum equation gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerascope.shapes._types import Invalid, Unknown
from kerascope.shapes.tensors._algebra import broadcast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Shape

__all__ = ["einsum"]

TERM = re.compile(r"[a-zA-Z]*(\.\.\.[a-zA-Z]*)?")


def einsum(equation: str, shapes: Sequence[Shape]) -> Shape:
    """The shape of an einsum (NumPy's rules; Keras 3.15 `Einsum`, TensorFlow `Einsum`).

    Args:
        equation: Such as `bij,bjk->bik`; `...` stands for any axes; without `->` the letters that occur once, sorted.
        shapes: Of the operands.

    Raises:
        Invalid: The operands do not fit the equation.
        Unknown: The equation cannot be read.
    """
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not all(TERM.fullmatch(term) for term in (*terms, output)):
        raise Unknown(f"its equation {equation!r} cannot be read")
    if len(terms) != len(shapes):
        raise Invalid(f"the equation {equation} is for {len(terms)} operands, and {len(shapes)} are given")
    sizes: dict[str, int | None] = {}
    dots: Shape = ()
    for term, shape in zip(terms, shapes, strict=True):
        before, ellipsis, after = term.partition("...")
        letters = before + after
        if len(letters) > len(shape) or (not ellipsis and len(letters) != len(shape)):
            raise Invalid(f"{term} in {equation} has {len(letters)} axes, and the operand has shape {shape}")
        behind = len(shape) - len(after)
        if ellipsis:
            dots = broadcast(dots, shape[len(before) : behind])
        for letter, size in zip(letters, (*shape[: len(before)], *shape[behind:]), strict=True):
            sizes[letter] = _met(letter, sizes.get(letter), size, equation)
    if not arrow:
        once = sorted(letter for letter in sizes if inputs.count(letter) == 1)
        output = ("..." if "..." in inputs else "") + "".join(once)
    found: list[int | None] = []
    for part in re.findall(r"\.\.\.|[a-zA-Z]", output):
        if part != "..." and part not in sizes:
            raise Invalid(f"{part} in the output of {equation} is not in its inputs")
        found += dots if part == "..." else [sizes[part]]
    return tuple(found)


def _met(letter: str, one: int | None, other: int | None, equation: str) -> int | None:
    """The size of a letter that two operands have; 1 is stretched."""
    if one is None or one == 1:
        return other if other is not None else one
    if other is None or other in (1, one):
        return one
    raise Invalid(f"{letter} in {equation} is {one} in one operand and {other} in another")
