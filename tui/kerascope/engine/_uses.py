"""Whether a program may use a layer in ways that looking does not see, read off its text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from kerascope.engine._syntax import parse_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Uses"]


class Uses:
    """The names of a program: where layers are bound to them, and where they are read.

    A layer that was never called is connected to nothing only if the program cannot use it otherwise. It may, when its
    name is read inside a function that nobody called while looking (`train_step`, a data pipeline), when an attribute
    of it is read (`lookup.get_vocabulary()`), or when it is handed to something else.

    Args:
        text: The program. Text that does not parse may use anything.
    """

    def __init__(self, text: str) -> None:
        self._tree = parse_or_none(text)
        nodes = ast.walk(self._tree) if self._tree is not None else ()
        self._parents: dict[ast.AST, ast.AST] = {child: node for node in nodes for child in ast.iter_child_nodes(node)}

    def may_use(self, line: int, column: int | None) -> bool:
        """Whether the program may use what the call at this place constructs, without calling it.

        Args:
            line: First line of the call, from 1.
            column: Its column, from 1; `None` where it is not known.
        """
        if self._tree is None:
            return True
        calls = [node for node in ast.walk(self._tree) if isinstance(node, ast.Call) and node.lineno == line]
        if column is not None:
            # ast counts bytes, but so does the interpreter that told the column.
            calls = [call for call in calls if call.col_offset == column - 1]
        return not calls or any(self._may_use_call(call) for call in calls)

    def _may_use_call(self, call: ast.Call) -> bool:
        holder = self._holder(call)
        if isinstance(holder, ast.Expr):
            return False  # a statement of its own: nothing holds it
        if isinstance(holder, ast.Name):
            return any(self._is_hidden_use(node) for node in self._reads(holder.id, holder))
        if isinstance(holder, ast.Attribute):
            reads = [node for node in ast.walk(self._tree or call) if _reads_attribute(node, holder.attr)]
            return bool(reads)
        return True

    def _holder(self, call: ast.Call) -> ast.AST | None:
        """What holds a constructed layer: the name or attribute it is bound to, or the bare statement it stands in."""
        node: ast.AST = call
        while True:
            parent = self._parents.get(node)
            if isinstance(parent, ast.Expr):
                return parent
            if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
                return parent.targets[0]
            if isinstance(parent, ast.AnnAssign | ast.NamedExpr):
                return parent.target
            # A list of layers is held by the list's name.
            if not isinstance(parent, ast.List | ast.Tuple | ast.ListComp | ast.Dict | ast.Set):
                return None
            node = parent

    def _reads(self, name: str, target: ast.Name) -> Iterator[ast.Name]:
        assert self._tree is not None
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                yield node

    def _is_hidden_use(self, node: ast.Name) -> bool:
        """Whether reading the name here may be a use that leaves no call: anything but calling, indexing, looping."""
        if self._in_function(node):
            return True
        parent = self._parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return False
        if isinstance(parent, ast.Subscript | ast.For | ast.comprehension):
            return False
        return not (isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "print")

    def _in_function(self, node: ast.AST) -> bool:
        current: ast.AST | None = node
        while current is not None:
            if isinstance(current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return True
            current = self._parents.get(current)
        return False


def _reads_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)
