"""What an exception leaves unfinished: could the rest of the file still have built or connected a model?"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.engine._syntax import parse_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Remainder", "remainder_after"]

MODEL_NAMES = frozenset({"Model", "Sequential", "Functional"})


@dataclass(frozen=True, slots=True)
class Remainder:
    """What the part of the file that never ran might have done.

    Attributes:
        may_add: It calls some `.add(...)`: a Sequential may lack layers.
        may_build: It may make models: it calls `Model`, `Sequential`, or something defined in this file.
    """

    may_add: bool
    may_build: bool


def remainder_after(texts: Mapping[str, str | None], stops: Sequence[tuple[str, int, str]]) -> Remainder:
    """Look at what stands after the place where execution ended.

    Args:
        texts: The program text by path, `None` for a file that cannot be read.
        stops: (path, line, function) of every frame of the user's in the traceback, outermost first; the function of
            module-level code is `<module>`.

    Returns:
        What was left undone. Where there is no text, everything is possible.
    """
    parts = [
        _remainder_in(texts.get(path), line, function, itself=number == len(stops))
        for number, (path, line, function) in enumerate(stops, 1)
    ]
    return Remainder(may_add=any(part.may_add for part in parts), may_build=any(part.may_build for part in parts))


def _remainder_in(text: str | None, line: int, function: str, *, itself: bool) -> Remainder:
    tree = None if text is None else parse_or_none(text)
    if tree is None:
        return Remainder(may_add=True, may_build=True)
    own_names = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    scope = _scope(tree, line, function)
    # What an outer frame was calling is the next frame's to tell.
    unfinished = [] if scope is None else list(_after(scope, line, itself=itself))
    calls = [node for root in unfinished for node in _walk_running(root) if isinstance(node, ast.Call)]
    names = {_last_name(call.func) for call in calls}
    plain = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    return Remainder(
        may_add=any(isinstance(call.func, ast.Attribute) and call.func.attr == "add" for call in calls),
        may_build=bool(names & MODEL_NAMES or plain & own_names),
    )


def _scope(tree: ast.Module, line: int, function: str) -> ast.AST | None:
    """The innermost body that the frame was running."""
    if function == "<module>":
        return tree
    found: ast.AST | None = None
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != function:
            continue
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            found = node
    return found


def _after(body_owner: ast.AST, line: int, *, itself: bool) -> Iterator[ast.AST]:
    """What had not run yet in a body when `line` was running.

    Args:
        body_owner: A module, function or compound statement.
        line: The line that was running.
        itself: Whether the simple statement at `line` counts too.
    """
    for field in ("body", "orelse", "handlers", "finalbody"):
        for statement in getattr(body_owner, field, []):
            first, last = statement.lineno, getattr(statement, "end_lineno", None) or statement.lineno
            if last < line:
                continue
            if first > line:
                yield statement
            elif isinstance(statement, ast.For | ast.AsyncFor | ast.While):
                # A loop would have gone on with its first line.
                yield statement
            elif hasattr(statement, "body"):
                yield from _after(statement, line, itself=itself)
            elif itself:
                yield statement


def _walk_running(root: ast.AST) -> Iterable[ast.AST]:
    """All nodes below `root`, without the bodies of functions and classes it only defines."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def _last_name(callee: ast.expr) -> str:
    if isinstance(callee, ast.Attribute):
        return callee.attr
    return callee.id if isinstance(callee, ast.Name) else ""
