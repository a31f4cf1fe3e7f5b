"""What a command line names: a file, something in it, a call of that, a module; and input shapes given by hand."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kerascope.graph import Target, clean_line, cut_middle, format_shape
from kerascope.readers._outline import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Shape

__all__ = ["DTYPES", "TargetError", "check_input_shapes", "parse_input_shape", "parse_target"]

_LONGEST = 20_000
"""Characters beyond which a target is no command line any more."""
_LARGEST_SIZE = 2**63 - 1
_SHOWN = 60

_PROGRAM = "__main__.py"
_SUFFIXES = (".py", ".pyw", ".ipynb", ".keras", ".h5", ".hdf5", ".json")
DTYPES = (
    "float16",
    "float32",
    "float64",
    "bfloat16",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
    "complex64",
    "complex128",
    "string",
)
"""What Keras takes as the dtype of an input."""
_MEANT = {"float": "float32", "double": "float64", "int": "int32", "str": "string", "object": "string"}

_EXAMPLE = "model.py:build_model(units=64)"
_SHAPE_EXAMPLE = "(None, 28, 28, 1)"

# Strings whole, then the brackets and commas that are left; an unterminated quote is a character like any other.
_LEXEME = re.compile(
    r'"""(?:\\.|[^\\])*?"""' + r"|'''(?:\\.|[^\\])*?'''" + r'|"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])*'" + r"|.",
    re.DOTALL,
)


class TargetError(ValueError):
    """What was named cannot be looked at; the message says what was received and what is expected."""


# Targets.


def parse_target(text: str) -> Target:
    """Read `FILE`, `FILE:name`, `FILE:factory(units=64)`, `package.module` or `package.module:factory`.

    A path that exists is that file, whatever colons it has in its name. A directory or a package with a `__main__.py`
    is that program, as for `python DIRECTORY` and `python -m PACKAGE`. The arguments of a call are Python literals, and
    keywords may stand before positionals; `Target.call` has them in Python's order.

    Args:
        text: What the user named, one argument of a command line.

    Raises:
        TargetError: The text is in none of these forms.
    """
    if not text.strip():
        raise TargetError(f"received an empty text, expected a file, such as model.py or {_EXAMPLE}")
    if len(text) > _LONGEST:
        raise TargetError(f"received {len(text):,} characters, expected a file and a name, such as {_EXAMPLE}")
    colon = None if _exists(text) else _separator(text)
    if colon is None:
        module = text if "." in text and _is_module(text) else None
        return _whole(Target(path=text, module=module))
    path, wanted = text[:colon], text[colon + 1 :].strip()
    if not path.strip():
        raise TargetError(f"received {_shown(text)}, which names no file before the colon; expected {_EXAMPLE}")
    if not wanted:
        raise TargetError(
            f"received {_shown(text)} with nothing after the colon; expected a name of the file, such as {_EXAMPLE}, "
            f"or {_shown(path)} alone for all its models"
        )
    name, call = _name_and_call(wanted, text)
    return Target(path=path, name=name, call=call, module=path if _is_module(path) else None)


def _whole(target: Target) -> Target:
    """A target of which nothing more is named; `__main__.py` is what runs of a directory or package that has one."""
    if target.module is not None:
        inside = Path(*target.module.split("."), _PROGRAM)
        name = f"{target.module}.{inside.stem}"
        return Target(path=name, module=name) if _is_file(str(inside)) else target
    inside = Path(target.path, _PROGRAM)
    return Target(path=str(inside)) if _is_file(str(inside)) else target


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _is_file(text: str) -> bool:
    """Whether there is something at this path that is no directory: a package's folder may be named as a module."""
    try:
        return Path(text).exists() and not Path(text).is_dir()
    except (OSError, ValueError):
        return False


def _separator(text: str) -> int | None:
    """Where the colon stands that ends the file's name, `None` where all of `text` is a path."""
    colons = [found.start() for found in re.finditer(":", text)]
    if not colons:
        return None
    # The longest path wins: `runs:old/model.py` may stand beside a file `runs`.
    existing = next((colon for colon in reversed(colons[:100]) if _is_file(text[:colon])), None)
    if existing is not None:
        return existing
    suffixed = next((colon for colon in colons if text[:colon].lower().endswith(_SUFFIXES)), None)
    if suffixed is not None:
        return suffixed
    first = colons[0]
    before_call = text[first + 1 :].partition("(")[0]
    return None if "/" in before_call or text.lower().endswith(_SUFFIXES) else first


def _is_module(text: str) -> bool:
    """Whether `text` is the dotted name of a module and not that of a file."""
    return (
        not text.lower().endswith(_SUFFIXES)
        and all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))
        and not _is_file(text)
    )


def _name_and_call(wanted: str, text: str) -> tuple[str, str | None]:
    """The dotted name, and the arguments of its call in Python's order, where there is one."""
    before, parenthesis, rest = wanted.partition("(")
    name = before.strip()
    for part in name.split("."):
        if not part.isidentifier() or keyword.iskeyword(part):
            raise TargetError(
                f"received {_shown(name)} after the colon of {_shown(text)}, expected the name of a model, function or "
                f"class, such as {_EXAMPLE}"
            )
    if not parenthesis:
        return name, None
    pieces, after = _pieces(rest)
    if after is None:
        raise TargetError(
            f"received {_shown(wanted)}, whose parenthesis is never closed; expected a call, such as {_EXAMPLE}"
        )
    if after.strip():
        raise TargetError(
            f"received {_shown(after.strip())} after the call of {_shown(name)}; expected nothing behind the closing "
            f"parenthesis, as in {_EXAMPLE}"
        )
    return name, _arguments(pieces, name)


def _pieces(rest: str) -> tuple[list[str], str | None]:
    """What stands between the commas up to the parenthesis that closes the call, and the text behind that one."""
    pieces, depth = [""], 0
    for lexeme in _LEXEME.finditer(rest):
        sign = lexeme.group()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            if depth == 0 and sign == ")":
                return pieces, rest[lexeme.end() :]
            depth = max(depth - 1, 0)
        elif sign == "," and depth == 0:
            pieces.append("")
            continue
        pieces[-1] += sign
    return pieces, None


def _arguments(pieces: list[str], name: str) -> str:
    """The arguments as Python takes them: positionals first."""
    texts = [piece.strip() for piece in pieces]
    if texts[-1] == "":
        texts.pop()
    positional: list[str] = []
    keywords: dict[str, str] = {}
    for text in texts:
        given = _argument(text, name)
        if given is None:
            positional.append(text)
        elif given in keywords:
            raise TargetError(f"received {given}= twice for {name}; expected each argument once")
        else:
            keywords[given] = text
    return ", ".join([*positional, *keywords.values()])


def _argument(text: str, name: str) -> str | None:
    """The keyword of one argument, `None` of a positional one.

    Raises:
        TargetError: It is not a literal.
    """
    if not text:
        raise TargetError(f"received an empty argument for {name}, expected a value between the commas")
    try:
        # One line only: behind a comment the closing parenthesis would be missing.
        (statement,) = parse(f"f({text})").body
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if len(call.args) == 1 and not call.keywords:
                ast.literal_eval(call.args[0])
                return None
            if len(call.keywords) == 1 and not call.args and call.keywords[0].arg is not None:
                ast.literal_eval(call.keywords[0].value)
                return call.keywords[0].arg
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        pass
    _refuse(text, name)


def _refuse(text: str, name: str) -> NoReturn:
    raise TargetError(
        f"received {_shown(text)} as an argument of {name}; expected a Python literal, such as 64, 'relu', (28, 28, 1) "
        "or units=64 (text needs quotes, and nothing is computed)"
    )


# Input shapes.


def parse_input_shape(text: str) -> tuple[str | None, Shape, str | None]:
    """Read `(None, 28, 28, 1)`, `name=(None, 5)`, `(None, 10):int32` or `name=(None, 10):int32`.

    Args:
        text: What the user gave, the batch size first.

    Returns:
        The input's name, its shape and its dtype; the name and the dtype are `None` where they were not given.

    Raises:
        TargetError: The text is in none of these forms.
    """
    if len(text) > _LONGEST:
        raise TargetError(f"received {len(text):,} characters, expected a shape, such as {_SHAPE_EXAMPLE}")
    before, equals, rest = text.rpartition("=")
    name = before.strip() if equals else None
    if name == "":
        raise TargetError(
            f"received {_shown(text)} with nothing before '='; expected an input's name, such as image={_SHAPE_EXAMPLE}"
        )
    literal, dtype = _split_dtype(rest.strip(), text)
    return name, _shape(literal, text), dtype


def check_input_shapes(shapes: Sequence[tuple[str | None, Shape, str | None]]) -> None:
    """Refuse shapes that cannot be told apart: a name that stands there twice, or several beside named ones.

    Raises:
        TargetError: They are such.
    """
    names = [name for name, _, _ in shapes]
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        raise TargetError(f"received two shapes for the input {_shown(twice)}, expected one for each input")
    if names.count(None) > 1 and any(name is not None for name in names):
        raise TargetError(
            "received several shapes without a name beside named ones; expected all by name, as in image=(None, 28, "
            "28, 1), meta=(None, 5), or none, in the order in which the model takes them"
        )


def _split_dtype(rest: str, text: str) -> tuple[str, str | None]:
    closing = max(rest.rfind(")"), rest.rfind("]"))
    literal, tail = rest[: closing + 1], rest[closing + 1 :].strip()
    if closing < 0 or literal[:1] not in {"(", "["} or (tail and not tail.startswith(":")):
        raise TargetError(
            f"received {_shown(text)}, expected a tuple in parentheses with the batch size first, such as "
            f"{_SHAPE_EXAMPLE}, {_SHAPE_EXAMPLE}:int32 or image={_SHAPE_EXAMPLE}"
        )
    if not tail:
        return literal, None
    dtype = tail[1:].strip()
    if dtype not in DTYPES:
        near = _MEANT.get(dtype) or next(iter(difflib.get_close_matches(dtype, DTYPES, n=1)), None)
        meant = f" (perhaps {near})" if near else ""
        raise TargetError(
            f"received {_shown(dtype)} as a dtype in {_shown(text)}; expected one of {', '.join(DTYPES)}{meant}, as "
            f"in {_SHAPE_EXAMPLE}:{near or 'int32'}"
        )
    return literal, dtype


def _shape(literal: str, text: str) -> Shape:
    try:
        (statement,) = parse(literal).body
        value = ast.literal_eval(statement.value) if isinstance(statement, ast.Expr) else None
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise TargetError(
            f"received {_shown(text)}, which is no Python literal; expected a tuple of whole numbers and None, such as "
            f"{_SHAPE_EXAMPLE}"
        ) from None
    if isinstance(value, int) and not isinstance(value, bool):
        raise TargetError(
            f"received {_shown(text)}, which is a number; expected a tuple with the batch size first, such as "
            f"(None, {_repr(value)})"
        )
    if not isinstance(value, (tuple, list)):
        raise TargetError(f"received {_shown(text)}, expected a tuple of sizes, such as {_SHAPE_EXAMPLE}")
    if not value:
        raise TargetError(
            f"received {_shown(text)}, which has no batch size; expected at least (None,), usually more, such as "
            f"{_SHAPE_EXAMPLE}"
        )
    for size in value:
        if size is not None and (type(size) is not int or not 0 < size <= _LARGEST_SIZE):
            raise TargetError(
                f"received the size {_repr(size)} in {_shown(text)}; expected whole numbers above "
                f"0, and None for a size that is not fixed, such as {_example(value)}"
            )
    return tuple(value)


def _example(sizes: tuple[object, ...] | list[object]) -> str:
    """The shape that was probably meant: what is no size is not fixed."""
    if len(sizes) > 8:
        return _SHAPE_EXAMPLE
    return format_shape(tuple(size if type(size) is int and 0 < size <= _LARGEST_SIZE else None for size in sizes))


def _shown(text: str) -> str:
    return repr(cut_middle(clean_line(text), _SHOWN))


def _repr(value: object) -> str:
    try:
        return cut_middle(clean_line(repr(value)), _SHOWN)
    except ValueError:  # A whole number of more digits than Python turns into text.
        return "of too many digits"
