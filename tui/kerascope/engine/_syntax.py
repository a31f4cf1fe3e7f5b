"""Program text as a tree, for the questions that only the text can answer."""

from __future__ import annotations

import ast
import warnings

__all__ = ["parse_or_none"]


def parse_or_none(text: str) -> ast.Module | None:
    """The tree of a program, `None` when this Python cannot parse it. Its warnings are the file's own business."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
