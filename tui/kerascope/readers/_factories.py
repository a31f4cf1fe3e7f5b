"""The functions and classes of a program that make models, as its text tells."""

from __future__ import annotations

import ast
import copy
import re
from typing import TYPE_CHECKING

from kerascope.graph import Factory, clean_line, cut_middle
from kerascope.readers._imports import Imports, dotted_name, is_keras
from kerascope.readers._outline import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["find_factories"]

_MODELS = {"Model", "Sequential", "Functional"}
_LOADERS = {"load_model", "clone_model", "model_from_config", "model_from_json", "model_from_yaml"}
_HOLDERS = {"Optional", "Union", "Annotated", "tuple", "Tuple", "list", "List", "dict", "Dict"}
"""Types whose parameters a call really returns; `Callable[..., Model]` and `type[Model]` return no model."""
_NAME = re.compile(r"(?:build|create|make|get|define)\w*?(?:models?|net|networks?)(?:_?v?\d+)?", re.IGNORECASE)

_SIGNATURE_WIDTH = 120
_DEEPEST = 20
"""How far calls between functions, base classes and nested expressions are followed."""
_KNOWN_ROOTS = {"applications", "keras", "models", "tensorflow", "tf", "tf_keras"}
"""What a name whose import is not in the text may begin with: a part of a notebook, or what a `*` brought."""


def find_factories(text: str) -> tuple[Factory, ...]:
    """Find what a program could be asked to call for a model, in source order.

    Args:
        text: The program.

    Returns:
        Functions and model classes of the module itself, without private names and tests: those that return a model by
        their annotation or by what they return, and, marked `by_name`, those that are only called as if they did. The
        parameters of a class are those of its own constructor or of a base class in the same text. Empty when the text
        cannot be parsed.
    """
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(_Module(tree).factories())


class _Module:
    """One program's functions and classes, and which of them make models."""

    def __init__(self, tree: ast.Module) -> None:
        self._imports = Imports(ast.walk(tree))
        self._functions: dict[str, ast.FunctionDef] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        others: set[str] = set()
        for statement in _module_level(tree.body):
            for known in (self._functions, self._classes):
                known.pop(getattr(statement, "name", ""), None)
            if isinstance(statement, ast.FunctionDef):
                self._functions[statement.name] = statement
            elif isinstance(statement, ast.ClassDef):
                self._classes[statement.name] = statement
            else:
                others.update(_bound_by(statement))
        self._bound = {*self._functions, *self._classes, *others}
        self._model_classes: set[str] = set()
        self._find_model_classes()
        self._bodies = {name: _Body(node) for name, node in self._functions.items()}
        self._certain: set[str] = set()
        self._places: dict[str, frozenset[int]] = {}
        self._find_certain()

    def factories(self) -> Iterator[Factory]:
        """Everything that may be offered."""
        found: list[tuple[ast.FunctionDef | ast.ClassDef, bool]] = []
        for name, node in self._functions.items():
            if name in self._certain:
                found.append((node, False))
            elif _NAME.fullmatch(name) and self._bodies[name].may_make_something:
                found.append((node, True))
        found += [(self._classes[name], False) for name in self._model_classes]
        for each, by_name in sorted(found, key=lambda pair: pair[0].lineno):
            if each.name.startswith(("_", "test_")):
                continue
            required, signature = self._parameters(each)
            yield Factory(name=each.name, line=each.lineno, signature=signature, required=required, by_name=by_name)

    # What names mean.

    def _keras_name(self, node: ast.expr) -> str | None:
        """The full name of something of Keras; the bare name where the text does not tell where it comes from."""
        dotted = dotted_name(node)
        if dotted is None:
            return None
        root = dotted.partition(".")[0]
        if root in self._imports.origins:
            full = self._imports.resolved(dotted)
            return full if is_keras(full) else None
        if root in _KNOWN_ROOTS and root != dotted and root not in self._functions and root not in self._classes:
            return dotted  # also where an assignment has bound it: `models = tf.keras.models`
        return dotted if root == dotted and root not in self._bound else None

    def _is_model_class(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self._model_classes:
            return True
        name = self._keras_name(node)
        return name is not None and name.rpartition(".")[2] in _MODELS

    def _find_model_classes(self) -> None:
        for _ in range(_DEEPEST):
            new = [
                name
                for name, node in self._classes.items()
                if name not in self._model_classes and any(self._is_model_class(base) for base in node.bases)
            ]
            if not new:
                break
            self._model_classes.update(new)

    def _makes_model(self, callee: ast.expr) -> bool:
        """Whether calling `callee` gives a model."""
        if isinstance(callee, ast.Name) and callee.id in self._certain:
            return True
        if self._is_model_class(callee):
            return True
        parts = (self._keras_name(callee) or "").split(".")
        return parts[-1] in _LOADERS or ("applications" in parts[:-1] and parts[-1][:1].isupper())

    # What functions return.

    def _find_certain(self) -> None:
        waiting = {name: body for name, body in self._bodies.items() if body.returns_to_caller}
        self._certain = {name for name in waiting if self._is_annotated(self._functions[name].returns)}
        for _ in range(_DEEPEST):
            before = len(self._certain), dict(self._places)
            for name, body in waiting.items():
                self._find_model_names(body)
                if any(self._is_model(value, body) for value in body.returned):
                    self._certain.add(name)
                tuples = [value for value in body.returned if isinstance(value, ast.Tuple)]
                self._places[name] = frozenset(
                    at for value in tuples for at, each in enumerate(value.elts) if self._is_model(each, body)
                )
            if (len(self._certain), self._places) == before:
                break

    def _find_model_names(self, body: _Body) -> None:
        """Add to `body.models` the local names that are given models."""
        for _ in range(_DEEPEST):
            before = len(body.models)
            for name, given, at in body.bound:
                if self._is_model(given, body) if at is None else self._is_model_part(given, at):
                    body.models.add(name)
            if len(body.models) == before:
                break

    def _is_model_part(self, given: ast.expr, at: int) -> bool:
        """Whether the part `at` of what a function of this program returns is a model."""
        callee = given.func if isinstance(given, ast.Call) else None
        return isinstance(callee, ast.Name) and at in self._places.get(callee.id, ())

    def _is_annotated(self, annotation: ast.expr | None, depth: int = 0) -> bool:
        """Whether an annotation promises a model, alone or among other things."""
        if annotation is None or depth > _DEEPEST:
            return False
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                (statement,) = parse(annotation.value.strip()).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return False
            return isinstance(statement, ast.Expr) and self._is_annotated(statement.value, depth + 1)
        if isinstance(annotation, ast.Subscript):
            holder = dotted_name(annotation.value) or ""
            return holder.rpartition(".")[2] in _HOLDERS and self._is_annotated(annotation.slice, depth + 1)
        if isinstance(annotation, ast.BinOp):
            return any(self._is_annotated(side, depth + 1) for side in (annotation.left, annotation.right))
        if isinstance(annotation, ast.Tuple):
            return any(self._is_annotated(each, depth + 1) for each in annotation.elts)
        return self._is_model_class(annotation)

    def _is_model(self, value: ast.expr, body: _Body, depth: int = 0) -> bool:
        """Whether an expression of a function gives a model, or a tuple, list or dict that holds one."""
        if depth > _DEEPEST:
            return False
        if isinstance(value, ast.Call):
            return self._makes_model(value.func)
        if isinstance(value, ast.Name):
            return value.id in body.models
        parts: list[ast.expr] = []
        if isinstance(value, ast.Tuple | ast.List):
            parts = value.elts
        elif isinstance(value, ast.Dict):
            parts = value.values
        elif isinstance(value, ast.IfExp):
            parts = [value.body, value.orelse]
        elif isinstance(value, ast.BoolOp):
            parts = value.values
        elif isinstance(value, ast.NamedExpr):
            parts = [value.value]
        return any(self._is_model(part, body, depth + 1) for part in parts)

    # What they take.

    def _parameters(self, node: ast.FunctionDef | ast.ClassDef) -> tuple[tuple[str, ...], str]:
        """The parameters without default, and all of them as text."""
        if isinstance(node, ast.FunctionDef):
            return _required(node.args), _signature(node.args)
        current: ast.ClassDef | None = node
        for _ in range(_DEEPEST):
            if current is None:
                break
            for statement in current.body:
                if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                    arguments = _without_self(statement.args)
                    return _required(arguments), _signature(arguments)
            bases = [base.id for base in current.bases if isinstance(base, ast.Name) and base.id in self._classes]
            current = self._classes[bases[0]] if bases else None
        return (), "()"


class _Body:
    """What one function returns and binds, without the functions and classes inside it.

    Attributes:
        returned: The values of its `return` statements.
        bound: Local names and the values given to them, in order; with a number, the part of that number.
        models: The local names that are known to be given models.
        returns_to_caller: Whether a call runs it to its end and hands back what it returns.
        may_make_something: Whether it calls anything, or returns anything but a constant.
    """

    def __init__(self, node: ast.FunctionDef) -> None:
        self.returned: list[ast.expr] = []
        self.bound: list[tuple[str, ast.expr, int | None]] = []
        self.models: set[str] = set()
        generates, calls = False, False
        for each in _walk_own(node.body):
            if isinstance(each, ast.Return) and each.value is not None:
                self.returned.append(each.value)
            elif isinstance(each, ast.Assign):
                for target in each.targets:
                    self._bind(target, each.value)
            elif isinstance(each, (ast.AnnAssign, ast.NamedExpr)) and each.value is not None:
                self._bind(each.target, each.value)
            elif isinstance(each, (ast.Yield, ast.YieldFrom)):
                generates = True
            calls = calls or isinstance(each, ast.Call)
        fixture = any("fixture" in (dotted_name(_callee(each)) or "") for each in node.decorator_list)
        self.returns_to_caller = not generates and not fixture
        plain = [isinstance(value, (ast.Constant, ast.JoinedStr)) for value in self.returned]
        self.may_make_something = self.returns_to_caller and (not all(plain) if plain else calls)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.bound.append((target.id, value, None))
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            together = len(parts) == len(target.elts)
            for at, each in enumerate(target.elts):
                if isinstance(each, ast.Name):
                    self.bound.append((each.id, parts[at], None) if together else (each.id, value, at))


def _module_level(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that bind names of the module, also under a condition; not those of a main program."""
    waiting = list(statements)[::-1]
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or _is_main_guard(statement):
            continue
        inner = [*getattr(statement, "body", ()), *getattr(statement, "orelse", ())]
        for handler in [*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]:
            inner += handler.body
        inner += getattr(statement, "finalbody", ())
        waiting += inner[::-1]


def _is_main_guard(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If):
        return False
    names = {node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)}
    return "__name__" in names


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    """The names of the module that an assignment or a coroutine binds."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.AsyncFunctionDef):
        yield statement.name
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    for target in targets:
        yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _walk_own(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """A function's own nodes in source order, not those of functions and classes inside it nor of errors it raises."""
    waiting = list(statements)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.Raise):
            waiting += list(ast.iter_child_nodes(node))[::-1]


def _callee(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _without_self(arguments: ast.arguments) -> ast.arguments:
    """The parameters of a constructor as its caller sees them."""
    seen = copy.copy(arguments)
    if seen.posonlyargs:
        seen.posonlyargs = seen.posonlyargs[1:]
    else:
        seen.args = seen.args[1:]
    count = len(seen.posonlyargs) + len(seen.args)
    seen.defaults = seen.defaults[-count:] if count else []
    return seen


def _required(arguments: ast.arguments) -> tuple[str, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = positional[: len(positional) - len(arguments.defaults)]
    needed += [each for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not default]
    return tuple(each.arg for each in needed)


def _signature(arguments: ast.arguments) -> str:
    """The parameters as `(units=64, *, name=None)`, without their annotations."""
    plain = copy.copy(arguments)
    plain.posonlyargs, plain.args, plain.kwonlyargs = (
        [ast.arg(arg=each.arg) for each in group]
        for group in (arguments.posonlyargs, arguments.args, arguments.kwonlyargs)
    )
    plain.vararg = ast.arg(arg=arguments.vararg.arg) if arguments.vararg else None
    plain.kwarg = ast.arg(arg=arguments.kwarg.arg) if arguments.kwarg else None
    try:
        text = ast.unparse(plain)
    except (RecursionError, MemoryError, ValueError):
        text = "…"
    return cut_middle(f"({clean_line(text)})", _SIGNATURE_WIDTH)
