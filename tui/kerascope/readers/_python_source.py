"""A first glance at a program: the layers and declarations that its text names, before Keras has answered.

Nothing is executed. What a loop, a condition or a helper function makes of the text only Keras can say, so every row
says that it was read from the source.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import (
    Argument,
    Cell,
    Declaration,
    Failure,
    Inspection,
    Layer,
    Location,
    Model,
    Provenance,
    Shape,
    Source,
    SourceKind,
    clean_line,
    cut_middle,
)
from kerascope.readers._files import WANTED, Unreadable, seems_json
from kerascope.readers._imports import Imports, dotted_name, is_keras
from kerascope.readers._layer_names import ALIASES, INPUT, LAYER_NAMES, RECURRENT
from kerascope.readers._notebook import read_program
from kerascope.readers._outline import Text, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["read_python"]

WAITING = "waiting for Keras"

_VALUE_WIDTH = 200
_DEEPEST = 20
"""How far names are followed; a program that defines its shapes through more names than this is not worth the time."""

# Other controls could steer the terminal. One character for one: columns must stay what they are.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def read_python(path: Path) -> Inspection:
    """Read a Python file's layers and declarations off its text, in source order, executing nothing.

    Args:
        path: The file, as the user named it.

    Returns:
        One unnamed model with a row for each layer constructor in the text, each with `unknown` set, or the failure
        that says why the file cannot be a Python program.
    """
    shown = clean_line(str(path))
    try:
        text, cells = read_program(path)
    except Unreadable as error:
        return Inspection(source=_source(shown, None, ()), failure=error.failure)
    safe = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\f", " "))
    source = _source(shown, safe, cells)
    if not cells and (failure := seems_json(path, text)) is not None:
        return Inspection(source=source, failure=failure)
    try:
        tree = parse(text)
    except SyntaxError as error:
        return Inspection(source=source, failure=_syntax(source, error, text))
    except (ValueError, RecursionError, MemoryError) as error:
        return Inspection(source=source, failure=_too_deep(shown, error))
    if not tree.body:
        return Inspection(source=source, failure=_empty(shown, text))
    rows = tuple(_Glance(tree, Text(text), shown).rows())
    model = Model(name=None, class_name=None, built=False, layers=rows, unknown=WAITING)
    return Inspection(source=source, models=(model,))


def _source(path: str, text: str | None, cells: tuple[Cell, ...]) -> Source:
    return Source(path=path, kind=SourceKind.PYTHON, executed=False, text=text, cells=cells)


def _syntax(source: Source, error: SyntaxError, text: str) -> Failure:
    line = error.lineno or 1
    # `offset` already counts characters. 0 and None mean that the place in the line is not known.
    column = error.offset if error.offset and error.offset > 0 else None
    message = clean_line(error.msg or "invalid syntax")
    hint = "Correct the line; nothing of the file was run."
    if "print" in message and "parentheses" in message:
        hint = "The file is written for Python 2; kerascope needs one that Python 3 can run."
    elif error.text and error.text.lstrip()[:1] in {"!", "%"}:
        hint = "The line looks like notebook shorthand, which a Python file cannot have; take it out."
    elif text.lstrip().startswith("<"):
        hint = "The file looks like a web page; was it downloaded from a page that shows the file, not the file itself?"
    return Failure(
        kind="syntax",
        message=f"{source.path} is not valid Python: {message} ({source.line_name(line)}).",
        hint=hint,
        path=source.path,
        line=line,
        column=column,
    )


def _too_deep(path: str, error: BaseException) -> Failure:
    reason = clean_line(str(error)) or type(error).__name__
    return Failure(
        kind="syntax",
        message=f"{path} cannot be parsed: {reason}.",
        hint="Expressions nested this deep cannot be run by Python either; split them up.",
        path=path,
    )


def _empty(path: str, text: str) -> Failure:
    what = "holds nothing but comments and blank lines" if text.strip() else "is empty"
    return Failure(
        kind="empty",
        message=f"{path} {what}.",
        hint=WANTED,
        path=path,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A constructor call: its class name, and the parameters it has of its own when the file defines the class."""

    node: ast.Call
    class_name: str
    own_parameters: frozenset[str]


class _Glance:
    """One reading of one program."""

    def __init__(self, tree: ast.Module, text: Text, path: str) -> None:
        self._text = text
        self._path = path
        self._nodes = list(ast.walk(tree))
        self._imports = Imports(self._nodes)
        self._origins = self._imports.origins
        self._values, aliases = _bound_once(tree, self._nodes)
        for name, value in aliases:
            dotted = dotted_name(value)
            if dotted is not None and dotted.partition(".")[0] in self._origins:
                self._origins.setdefault(name, self._imports.resolved(dotted))
        self._own = self._own_layers()

    def rows(self) -> Iterator[Layer]:
        """A row for each layer constructor, in source order."""
        named = dict(self._assigned())
        found = [each for node in self._nodes if isinstance(node, ast.Call) and (each := self._layer(node))]
        found.sort(key=lambda each: (each.node.lineno, each.node.col_offset, -(each.node.end_col_offset or 0)))
        for number, each in enumerate(found, start=1):
            node = each.node
            line, column = self._text.start(node)
            keywords = {keyword.arg: keyword for keyword in node.keywords if keyword.arg is not None}
            name = _string(keywords["name"].value) if "name" in keywords else None
            yield Layer(
                id=f"source:{number}",
                uid=number,
                name=clean_line(name if name is not None else named.get(id(node), "")),
                class_name=each.class_name,
                declared=self._declaration(each, keywords),
                provenance=Provenance.SOURCE,
                unknown=WAITING,
                location=Location(path=self._path, line=line, column=column, end_line=node.end_lineno),
                arguments=tuple(self._arguments(node)),
                is_input=each.class_name == "InputLayer",
            )

    # What names mean.

    def _keras_name(self, callee: ast.expr) -> str | None:
        """The last name of `callee` when it plausibly comes from Keras: `Dense` of `L.Dense` and of `D`."""
        dotted = dotted_name(callee)
        if dotted is None:
            # Reached through something without a name: `get().layers.Dense`.
            return callee.attr if isinstance(callee, ast.Attribute) and _ends_in_layers(callee) else None
        root = dotted.partition(".")[0]
        full = self._imports.resolved(dotted)
        last = full.rpartition(".")[2]
        if root in self._origins:
            return last if is_keras(full) else None
        if "." not in dotted:
            return last if self._imports.keras_star else None
        return last if is_keras(full) or _ends_in_layers(callee) else None

    def _own_layers(self) -> dict[str, frozenset[str]]:
        """The layer classes that the file defines, each with the parameters of its own constructor."""
        classes = [node for node in self._nodes if isinstance(node, ast.ClassDef)]
        own: dict[str, frozenset[str]] = {}
        for _ in range(_DEEPEST):
            before = len(own)
            for node in classes:
                if node.name in own:
                    continue
                for base in node.bases:
                    if isinstance(base, ast.Name) and base.id in own:
                        own[node.name] = own[base.id] | _parameters(node)
                    elif self._keras_name(base) in LAYER_NAMES:
                        own[node.name] = _parameters(node)
            if len(own) == before:
                break
        return own

    def _layer(self, node: ast.Call) -> _Found | None:
        if isinstance(node.func, ast.Name) and node.func.id in self._own:
            return _Found(node, node.func.id, self._own[node.func.id])
        name = self._keras_name(node.func)
        if name == INPUT:
            return _Found(node, "InputLayer", frozenset())
        if name is None or name not in LAYER_NAMES:
            return None
        return _Found(node, ALIASES.get(name, name), frozenset())

    def _assigned(self) -> Iterator[tuple[int, str]]:
        """What each constructor call is assigned to. The tensor of `x = Dense(8)(x)` is no name of the layer."""
        for node in self._nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target: ast.expr = node.targets[0]
            elif isinstance(node, ast.AnnAssign):
                target = node.target
            else:
                continue
            if isinstance(node.value, ast.Call):
                if isinstance(target, ast.Name):
                    yield id(node.value), target.id
                elif isinstance(target, ast.Attribute):
                    yield id(node.value), target.attr

    # What a call says.

    def _arguments(self, node: ast.Call) -> Iterator[Argument]:
        for value in node.args:
            if isinstance(value, ast.Starred):
                yield Argument(name="*", value=self._shown(value.value))
            else:
                yield Argument(name="", value=self._shown(value))
        for keyword in node.keywords:
            yield Argument(name=keyword.arg or "**", value=self._shown(keyword.value))

    def _shown(self, node: ast.expr) -> str:
        return cut_middle(clean_line(self._text.of(node)), _VALUE_WIDTH)

    def _declaration(self, found: _Found, keywords: dict[str, ast.keyword]) -> Declaration | None:
        """What the call declares about its layer's input, in the order of precedence that Keras gives the names."""
        given = {name: keyword.value for name, keyword in keywords.items() if name not in found.own_parameters}
        line = {name: keyword.lineno for name, keyword in keywords.items()}
        explicit = found.class_name == "InputLayer"
        names = ["batch_input_shape", "batch_shape", "input_shape", "shape"] if explicit else []
        names = names or ["batch_input_shape", "input_shape"]
        argument = next((name for name in names if name in given and not _is_none(given[name])), None)
        if argument is not None:
            shape = self._shape(given[argument])
            if shape is not None and not argument.startswith("batch"):
                shape = self._with_batch(shape, given)
            return self._declared(shape, argument, given[argument], line[argument])
        if explicit:
            if found.node.args and not isinstance(found.node.args[0], ast.Starred):
                value = found.node.args[0]
                shape = self._shape(value)
                shape = None if shape is None else self._with_batch(shape, given)
                return self._declared(shape, "shape", value, value.lineno)
            return None
        embedding = found.class_name in {"Embedding", "ReversibleEmbedding"}
        argument = "input_length" if embedding else "input_dim"
        if argument not in given or _is_none(given[argument]):
            return None
        # Embedding's own `input_dim` is the size of its vocabulary; a recurrent layer's means another shape in each
        # generation of Keras.
        value = given[argument]
        number = self._literal(value)
        size = None if found.class_name in RECURRENT else self._shape(value)
        if size is None and isinstance(number, int) and found.class_name not in RECURRENT:
            size = (number,)
        shape = None if size is None else self._with_batch(size, given)
        return self._declared(shape, argument, value, line[argument])

    def _declared(self, shape: Shape | None, argument: str, value: ast.expr, line: int) -> Declaration:
        return Declaration(shape=shape, argument=argument, value=self._shown(value), line=line)

    def _with_batch(self, shape: Shape, given: dict[str, ast.expr]) -> Shape | None:
        if "batch_size" not in given:
            return (None, *shape)
        size = self._literal(given["batch_size"])
        return (size, *shape) if size is None or isinstance(size, int) else None

    def _shape(self, node: ast.expr) -> Shape | None:
        """The shape without a batch dimension that `node` spells out, `None` when it is not a literal."""
        value = self._literal(node)
        if not isinstance(value, tuple):
            return None
        sizes: list[int | None] = []
        for size in value:
            if size is not None and not isinstance(size, int):
                return None
            sizes.append(size)
        return tuple(sizes)

    def _literal(self, node: ast.expr, depth: int = 0) -> object:
        """The value of numbers, `None`, tuples and lists (as tuples), also by a name bound once; else `node` itself."""
        if depth > _DEEPEST:
            return node
        if isinstance(node, ast.Constant) and (node.value is None or type(node.value) is int):
            return node.value
        if isinstance(node, (ast.Tuple, ast.List)):
            return tuple(self._literal(each, depth + 1) for each in node.elts)
        if isinstance(node, ast.Name) and node.id in self._values:
            return self._literal(self._values[node.id], depth + 1)
        return node


def _bound_once(tree: ast.Module, nodes: Iterable[ast.AST]) -> tuple[dict[str, ast.expr], list[tuple[str, ast.expr]]]:
    """Names that the whole file binds once, at its top level: those with a value, and those that stand for a name."""
    times: Counter[str] = Counter()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            times[node.id] += 1
        elif isinstance(node, ast.arg):
            times[node.arg] += 1
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            times[node.name] += 1
        elif isinstance(node, ast.alias):
            times[(node.asname or node.name).partition(".")[0]] += 1
        elif isinstance(node, ast.ExceptHandler) and node.name:
            times[node.name] += 1
    values: dict[str, ast.expr] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value = statement.target, statement.value
        else:
            continue
        pairs = [(target, value)]
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            pairs = list(zip(target.elts, value.elts, strict=False)) if len(target.elts) == len(value.elts) else []
        values.update({name.id: each for name, each in pairs if isinstance(name, ast.Name) and times[name.id] == 1})
    return values, [(name, value) for name, value in values.items() if dotted_name(value) is not None]


def _ends_in_layers(callee: ast.expr) -> bool:
    """Whether `callee` is `….layers.Name` or `L.Name`, as Keras programs have it."""
    if not isinstance(callee, ast.Attribute):
        return False
    holder = callee.value
    name = holder.attr if isinstance(holder, ast.Attribute) else holder.id if isinstance(holder, ast.Name) else ""
    return name in {"layers", "L", "keras"}


def _parameters(node: ast.ClassDef) -> frozenset[str]:
    """The names that the class's own `__init__` takes; they never reach Keras unless it passes them on."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            arguments = statement.args
            return frozenset(each.arg for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs])
    return frozenset()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _string(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
