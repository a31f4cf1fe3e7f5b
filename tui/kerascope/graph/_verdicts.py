"""Comparing what was declared with what Keras used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph._types import Declaration, Shape, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["agrees", "judge_declaration"]


def agrees(declared: Shape, effective: Shape) -> bool:
    """Whether a declared shape says nothing that the effective one does not bear out.

    A declared `None` asks for nothing and agrees with every size; a declared size agrees with that size alone, not with
    an effective `None`: `(None, 10, 8)` is not what a layer that accepts any length got.
    """
    return len(declared) == len(effective) and all(
        wanted is None or wanted == used for wanted, used in zip(declared, effective, strict=True)
    )


def judge_declaration(
    declared: Declaration | None, effective: Sequence[Shape] | None, *, decides: bool
) -> Verdict | None:
    """The verdict on a declaration.

    Args:
        declared: The declaration, `None` where there is none.
        effective: Input shapes Keras used, one per tensor of each call; `None` or empty where nothing was called.
        decides: Whether Keras made the model's input from this declaration.

    Returns:
        The verdict; `None` without a declaration, and where a declared value that is no readable shape was dropped.
    """
    if declared is None:
        return None
    if decides:
        return Verdict.DECIDES
    if not effective:
        return Verdict.UNDECIDED
    if declared.shape is None:
        return None
    shape = declared.shape
    return Verdict.REDUNDANT if all(agrees(shape, used) for used in effective) else Verdict.DISCARDED
