"""A program's text changed so that a statement that fails is left out, and the rest goes on.

Guarded, each on its own, are the statements at module level, those inside module-level `if`, `for`, `while` and `with`,
and those of functions that the module only calls for what they do (`main()`). A `try` with handlers keeps its meaning:
only what leaves it counts. Lines and columns stay those of the user's text.

What a failed statement would have bound is unbound afterwards: a name that still meant the tensor before it would let
the layers after it be built on the wrong one.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["GUARD", "OLD_COPY", "Statement", "guarded"]

GUARD = "__kerascope__"
"""The name, among the builtins, of the object that the changed program calls."""

OLD_COPY = "tensorflow.python.keras"
"""TensorFlow's own copy of an earlier Keras."""

_MODELS = frozenset({"Model", "Sequential", "Functional", "clone_model", "model_from_json", "load_model"})

_GROWING = frozenset({"add", "pop", "append", "extend", "insert", "update", "setdefault"})
"""Methods that change what they are called on, so that it lacks something when the call fails."""

_HARMLESS = {
    *("compile", "fit", "fit_generator", "train_on_batch", "evaluate", "evaluate_generator", "test_on_batch"),
    *("predict", "predict_generator", "predict_on_batch", "predict_classes", "save", "save_weights", "export"),
    *("summary", "to_json", "to_yaml", "get_config", "get_weights", "set_weights", "load_weights"),
}
"""Methods of a model that leave its layers as they are."""

_SHOWING = {"plot_model", "model_to_dot", "plot", "print", "len", "type", "str"}
"""Functions that only look at what they are given."""

_UNGUARDED = (ast.Global, ast.Nonlocal, ast.Pass, ast.Break, ast.Continue)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Statement:
    """What is known of a guarded statement from its text.

    Attributes:
        line: Its first line.
        end_line: Its last line.
        read: Names it reads.
        bound: Names it binds.
        harmless: Names of which it only calls methods that leave a model as it is.
        grown: Dotted receivers of calls that add to something, `None` for one that is no dotted name.
        altered: Names of what it changes the inside of: whose item or attribute it sets, whose method it calls.
        handed: Names that it hands to functions of this file.
        makes: Whether it may make models or layers: it calls `Model(...)`, `x.add(...)`, or something of this file.
    """

    def __init__(self, node: ast.stmt, own_names: frozenset[str]) -> None:
        self.line = node.lineno
        self.end_line = node.end_lineno or node.lineno
        inside = list(_inside(node))
        self.read = {each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
        self.bound = _bound(node)
        calls = [each for each in inside if isinstance(each, ast.Call)]
        harmless = {
            id(call.func.value)
            for call in calls
            if isinstance(call.func, ast.Attribute) and call.func.attr in _HARMLESS
        }
        harmless |= {id(each) for call in calls if _last_name(call.func) in _SHOWING for each in call.args}
        self.harmless = self.read - {
            each.id for each in inside if isinstance(each, ast.Name) and id(each) not in harmless
        }
        grown = [
            call.func.value for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING
        ]
        self.grown = [_dotted(receiver) for receiver in grown]
        changed: list[ast.expr] = [
            each
            for each in inside
            if isinstance(each, (ast.Attribute, ast.Subscript)) and not isinstance(each.ctx, ast.Load)
        ]
        changed += grown
        changed += [
            each.value.func
            for each in inside
            if isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and isinstance(each.value.func, ast.Attribute)
            and each.value.func.attr not in _HARMLESS
        ]
        own_calls = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in own_names]
        self.handed = {each.id for call in own_calls for each in call.args if isinstance(each, ast.Name)}
        self.altered = {name for each in changed if (name := _root(each)) is not None}
        names = {_last_name(call.func) for call in calls}
        self.makes = bool(names & (_MODELS | own_names | {"add"}))


def guarded(text: str, path: str) -> tuple[ast.Module, list[Statement], frozenset[int]]:
    """The program with its statements guarded.

    Returns:
        The program; the statements by the number that `GUARD.skip` gets; the lines that call some `x.add(...)`.

    Raises:
        SyntaxError: The text is no Python.
    """
    tree = ast.parse(text, path)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            _lead_to_keras(node)
    additions = frozenset(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add"
    )
    changer = _Changer(tree)
    tree.body = changer.block(tree.body, None)
    _CatchStandIns().visit(tree)
    return ast.fix_missing_locations(tree), changer.statements, additions


class _Changer:
    def __init__(self, tree: ast.Module) -> None:
        self._own_names = frozenset(
            node.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        )
        self._functions = _functions_called_for_what_they_do(tree)
        self.statements: list[Statement] = []

    def block(self, body: list[ast.stmt], local: frozenset[str] | None) -> list[ast.stmt]:
        """The statements of a body, guarded; `local` are the names of the function it is in, `None` at module level."""
        return [changed for each in body for one in _split(each) for changed in self._statement(one, local)]

    def _statement(self, node: ast.stmt, local: frozenset[str] | None) -> list[ast.stmt]:
        if isinstance(node, _UNGUARDED) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return [node]
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return [node]
        # What it reads and binds is read off the text as it was, before its inner statements are guarded.
        statement = Statement(node, self._own_names)
        if isinstance(node, ast.FunctionDef) and local is None and node.name in self._functions:
            node.body = self.block(node.body, _local_names(node))
        elif isinstance(node, (ast.If, ast.For, ast.While)):
            node.body, node.orelse = self.block(node.body, local), self.block(node.orelse, local)
        elif isinstance(node, ast.With):
            node.body = self.block(node.body, local)
        elif isinstance(node, ast.Try) and not node.handlers:
            node.body, node.finalbody = self.block(node.body, local), self.block(node.finalbody, local)
        return [self._guard(node, statement, local)]

    def _guard(self, node: ast.stmt, statement: Statement, local: frozenset[str] | None) -> ast.stmt:
        number = len(self.statements)
        self.statements.append(statement)
        source = [f"try: pass\nexcept {GUARD}.error:\n    {GUARD}.skip({number})"]
        for name in sorted(statement.bound | statement.altered | statement.handed):
            how = "bound" if name in statement.bound else "altered" if name in statement.altered else "handed"
            # In a function, `del` of a name that is not its own would make it one.
            own = local is None or name in local
            unbind = f"del {name}" if own else f"{GUARD}.forget({name!r})"
            source.append(f"    try:\n        if {GUARD}.loses({name!r}, {name}, {how!r}): {unbind}")
            source.append(f"    except {GUARD}.error: pass")
        if isinstance(node, ast.Return):
            source.append("    return None")
        guard = ast.parse("\n".join(source)).body[0]
        for each in ast.walk(guard):
            ast.copy_location(each, node)
        assert isinstance(guard, ast.Try)
        guard.body = [node]
        return guard


class _CatchStandIns(ast.NodeTransformer):
    """`except cv2.error` -> `except GUARD.catchable(cv2.error)`, which copes with a stand-in."""

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        ours = isinstance(node.type, ast.Attribute) and isinstance(node.type.value, ast.Name)
        if node.type is None or (ours and node.type.value.id == GUARD):  # type: ignore[attr-defined]
            return node
        call = ast.parse(f"{GUARD}.catchable(None)", mode="eval").body
        for each in ast.walk(call):
            ast.copy_location(each, node.type)
        assert isinstance(call, ast.Call)
        call.args = [node.type]
        node.type = call
        return node


def _split(node: ast.stmt) -> list[ast.stmt]:
    """An import of several names as several imports: one that is gone must not take the others with it."""
    if not isinstance(node, (ast.Import, ast.ImportFrom)) or getattr(node, "module", None) == "__future__":
        return [node]
    if isinstance(node, ast.ImportFrom):
        parts: list[Any] = [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
    else:
        parts = [ast.Import([alias]) for alias in node.names]
    return [ast.copy_location(part, node) for part in parts]


def _lead_to_keras(node: ast.Import | ast.ImportFrom) -> None:
    """Import Keras in place of TensorFlow's old copy, which is there still, but is no Keras that can be looked at."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname is not None:
                alias.name = _current_name(alias.name)
    elif node.module == "tensorflow.python" and [alias.name for alias in node.names] == ["keras"]:
        node.module = "tensorflow"
    elif node.module is not None:
        node.module = _current_name(node.module)


def _current_name(module: str) -> str:
    if module == OLD_COPY or module.startswith(OLD_COPY + "."):
        return "tensorflow.keras" + module[len(OLD_COPY) :]
    return module


# Functions.


def _functions_called_for_what_they_do(tree: ast.Module) -> frozenset[str]:
    """Module-level functions of which every mention is a call whose value is not used, as with `main()`."""
    functions: dict[str, ast.FunctionDef] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
    plain = {
        name
        for name, node in functions.items()
        if not node.decorator_list and not any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in _inside(node))
    }
    called: set[str] = set()
    used: set[int] = set()
    bodies: list[list[ast.stmt]] = [tree.body]
    while bodies:
        for statement in _statements(bodies.pop()):
            name = _called_for_what_it_does(statement)
            if name is None or name.id not in plain:
                continue
            used.add(id(name))
            if name.id not in called:
                called.add(name.id)
                bodies.append(functions[name.id].body)
    otherwise = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in used
    }
    return frozenset(called - otherwise)


def _called_for_what_it_does(statement: ast.stmt) -> ast.Name | None:
    """The name in `main()`, `sys.exit(main())` and `app.run(main)`."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    call = statement.value
    if isinstance(call.func, ast.Name) and call.func.id not in ("exit", "quit"):
        return call.func
    inner = call.args[0] if len(call.args) == 1 else None
    if _last_name(call.func) in ("exit", "quit") and isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
        return inner.func
    return inner if _last_name(call.func) == "run" and isinstance(inner, ast.Name) else None


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the compound statements in it, not of its functions and classes."""
    for statement in body:
        yield statement
        if isinstance(statement, _SCOPES):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _local_names(function: ast.FunctionDef) -> frozenset[str]:
    """Names that a function binds, its own or declared global, so that `del` in it means them."""
    arguments = function.args
    names = {
        each.arg
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        if each is not None
    }
    for statement in function.body:
        names |= _bound(statement)
    return frozenset(names)


# Names.


def _inside(root: ast.AST) -> Iterator[ast.AST]:
    """All nodes below `root`, without the bodies of the functions and classes it defines."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if node is not root and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        waiting.extend(ast.iter_child_nodes(node))


def _bound(root: ast.stmt) -> set[str]:
    """Names that a statement binds in the scope it stands in."""
    found: set[str] = set()
    waiting: list[ast.AST] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names if alias.name != "*"}
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        if not isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _dotted(node: ast.expr) -> str | None:
    """`self.model` as text; `None` for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _root(node: ast.expr) -> str | None:
    """`config` of `config.layers[0].units`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _last_name(callee: ast.expr) -> str:
    if isinstance(callee, ast.Attribute):
        return callee.attr
    return callee.id if isinstance(callee, ast.Name) else ""
