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

    def bound_by(self, line: int, column: int | None) -> tuple[str | None, int | None]:
        """The name that an assignment binds the result of a call to, and the next line that binds it anew.

        Args:
            line: First line of the call, from 1.
            column: Its column, from 1; `None` where it is not known.
        """
        binding = self._binding(line, column)
        if binding is None:
            return None, None
        name, statement = binding
        return name, self._rebound(name, statement)

    def may_use_result(self, line: int, column: int | None) -> bool:
        """Whether a function may use what the call at this place gave, by the name that holds it."""
        binding = self._binding(line, column)
        if binding is None:
            return False
        name, statement = binding
        scope = self._scope_of(statement)
        return any(self._scope_of(node) is not scope for node in self._reads(name) if self._inside(node, scope))

    def _binding(self, line: int, column: int | None) -> tuple[str, ast.Assign] | None:
        """The one name that an assignment binds the result of a call to, and the assignment."""
        for node in ast.walk(self._tree) if self._tree is not None else ():
            if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
                continue
            inside = (each for each in ast.walk(node.value) if isinstance(each, ast.Call) and each.lineno == line)
            if any(column is None or call.col_offset == column - 1 for call in inside):
                return node.targets[0].id, node
        return None

    def _inside(self, node: ast.AST, scope: ast.AST) -> bool:
        current: ast.AST | None = node
        while current is not None and current is not scope:
            current = self._parents.get(current)
        return current is scope

    def _rebound(self, name: str, binding: ast.Assign) -> int | None:
        """The first line after a binding, in the same function or module, that binds the name again."""
        scope = self._scope_of(binding)
        lines = [
            node.lineno
            for node in ast.walk(scope)
            if isinstance(node, ast.Name)
            and node.id == name
            and isinstance(node.ctx, ast.Store)
            and node.lineno > (binding.end_lineno or binding.lineno)
            and self._scope_of(node) is scope
        ]
        return min(lines, default=None)

    def _scope_of(self, node: ast.AST) -> ast.AST:
        current = self._parents.get(node)
        while current is not None and not isinstance(
            current, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module
        ):
            current = self._parents.get(current)
        return current if current is not None else node

    def _may_use_call(self, call: ast.Call) -> bool:
        holder = self._holder(call)
        if isinstance(holder, ast.Expr):
            return False  # a statement of its own: nothing holds it
        if isinstance(holder, ast.Name):
            return any(self._is_hidden_use(node) for node in self._reads(holder.id))
        if isinstance(holder, ast.Attribute):
            return any(_reads_attribute(node, holder.attr) for node in ast.walk(self._tree or call))
        return True

    def _holder(self, call: ast.Call) -> ast.AST | None:
        """What holds a constructed layer: the name or attribute it is bound to, or the bare statement it stands in."""
        node: ast.AST = call
        while True:
            parent = self._parents.get(node)
            if isinstance(parent, ast.Expr):
                return parent
            if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
                return _unpacked(parent.targets[0], parent.value, call)
            if isinstance(parent, ast.Call) and node in parent.args and _appends(parent):
                # What is appended to a list is held by the list's name.
                assert isinstance(parent.func, ast.Attribute)
                return parent.func.value
            if isinstance(parent, ast.AnnAssign | ast.NamedExpr):
                return parent.target
            # A list of layers is held by the list's name.
            if not isinstance(parent, ast.List | ast.Tuple | ast.ListComp | ast.Dict | ast.Set):
                return None
            node = parent

    def _reads(self, name: str) -> Iterator[ast.Name]:
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
        if isinstance(parent, ast.Attribute) and parent.attr == "append":
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


def _unpacked(target: ast.expr, value: ast.expr, call: ast.Call) -> ast.expr:
    """The part of an assignment's target that takes `call`: `b` in `a, b = Dense(1), Dense(2)`."""
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for part, item in zip(target.elts, value.elts, strict=False):
            if isinstance(part, ast.Starred):
                break
            if item is call:
                return part
    return target


def _appends(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "append" and len(call.args) == 1


def _reads_attribute(node: ast.AST, name: str) -> bool:
    """Whether a node may read the attribute `name`: by that name, or by one that is only known when it runs."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "getattr" and len(node.args) > 1:
            asked = node.args[1]
            return not isinstance(asked, ast.Constant) or asked.value == name
        return node.func.id == "vars"
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return False
    return node.attr in (name, "__dict__")
