"""What the names of a program stand for, as far as its imports tell, and which of them are Keras's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Imports", "dotted_name", "is_keras"]

_KERAS_ROOTS = {"keras", "tf_keras", "keras_core"}


class Imports:
    """The imports of one program, wherever in it they stand.

    Attributes:
        origins: The full dotted name that each imported name stands for.
        keras_star: Whether something of Keras was imported by `*`.
    """

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self.origins: dict[str, str] = {}
        self.keras_star = False
        for node in nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    bound = name.asname or name.name.partition(".")[0]
                    self.origins[bound] = name.name if name.asname else bound
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for name in node.names:
                    if name.name == "*":
                        self.keras_star = self.keras_star or is_keras(module)
                    else:
                        self.origins[name.asname or name.name] = f"{module}.{name.name}"

    def resolved(self, dotted: str) -> str:
        """`dotted` with its first name replaced by what that was imported as."""
        root, dot, rest = dotted.partition(".")
        return self.origins.get(root, root) + dot + rest


def dotted_name(node: ast.expr) -> str | None:
    """`a.b.c` of such an expression, `None` of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def is_keras(dotted: str) -> bool:
    """Whether a full dotted name is inside Keras, whichever Keras that is."""
    parts = dotted.split(".")
    return parts[0] in _KERAS_ROOTS or (parts[0] == "tensorflow" and "keras" in parts)
