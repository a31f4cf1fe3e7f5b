"""A Jupyter notebook as the program its code cells make, one after the other."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from kerascope.graph import Cell
from kerascope.readers._files import MAX_SOURCE_BYTES, WANTED, Unreadable, failure, read_text
from kerascope.readers._outline import parse
from kerascope.readers._shorthand import without_shorthand

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_NOTEBOOK_BYTES", "read_notebook", "read_program"]

MAX_NOTEBOOK_BYTES = 64 * 1024 * 1024
"""Bytes beyond which a notebook is not read: most of one is pictures, and its program has a bound of its own."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_program(path: Path) -> tuple[str, tuple[Cell, ...]]:
    """The program that a Python file or a notebook holds, and the cells of the notebook.

    A notebook is known by its suffix, or by being JSON with cells and a format number.

    Raises:
        Unreadable: with the failure that says what was found, what was expected and what to do.
    """
    if path.suffix.lower() == ".ipynb":
        return read_notebook(path)
    text = read_text(path)
    if text.lstrip()[:1] == "{":
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return text, ()
        if isinstance(data, dict) and "nbformat" in data and ("cells" in data or "worksheets" in data):
            return _program(path, data)
    return text, ()


def read_notebook(path: Path) -> tuple[str, tuple[Cell, ...]]:
    """The program of a notebook: its code cells in order, without magics and shell lines, every line kept.

    Args:
        path: The notebook, whatever its name.

    Returns:
        The program text, and for each code cell its number and the program line it begins at.

    Raises:
        Unreadable: with the failure that says what was found, what was expected and what to do.
    """
    text = read_text(path, most=MAX_NOTEBOOK_BYTES, encoding="utf-8").removeprefix("\ufeff")
    if not text.strip():
        raise Unreadable(failure("empty", path, "is empty.", WANTED))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "Open it in Jupyter and save it again."
        if re.search(r"^<{7} ", text, re.MULTILINE):
            hint = "It has the marks of a merge that was not finished (<<<<<<<); finish it."
        raise _no_notebook(path, f"it is not JSON ({error})", hint) from None
    return _program(path, data)


def _program(path: Path, data: object) -> tuple[str, tuple[Cell, ...]]:
    if not isinstance(data, dict):
        raise _no_notebook(path, f"it is JSON that holds {_kind(data)} where a notebook has an object")
    language = _language(data)
    if not language.lower().startswith(("python", "ipython")):
        raise Unreadable(
            failure("not-python", path, f"is a notebook in another language than Python: {language}.", WANTED)
        )
    found = _code_cells(path, data)
    if not found:
        raise Unreadable(failure("empty", path, "is a notebook without code cells.", WANTED))
    texts, cells, line = [], [], 1
    for number, cell in enumerate(found, start=1):
        source = _source(path, number, cell)
        text = without_shorthand(source)
        texts.append(text)
        cells.append(Cell(number=number, line=line))
        line += text.count("\n") + 1
    program = "\n".join(texts)
    if len(program) > MAX_SOURCE_BYTES or len(program.encode()) > MAX_SOURCE_BYTES:
        what = f"holds too much code: {len(program):,} characters, and {MAX_SOURCE_BYTES:,} bytes are the most."
        raise Unreadable(failure("unreadable", path, what, "Move data out of the notebook that defines the model."))
    return _without_late_futures(program) + "\n", tuple(cells)


def _language(data: dict[Any, Any]) -> str:
    """The language that the notebook says it is in; Python where it says nothing."""
    metadata = data.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        language = about.get(name) if isinstance(about, dict) else None
        if isinstance(language, str) and language.strip():
            return language.strip()
    return "python"


def _code_cells(path: Path, data: dict[Any, Any]) -> list[dict[Any, Any]]:
    """The code cells, from the worksheets of the formats before 4 too."""
    holders = [data] if "cells" in data else data.get("worksheets")
    if not isinstance(holders, list) or not holders:
        raise _no_notebook(path, "it has no cells")
    found = []
    for holder in holders:
        cells = holder.get("cells", []) if isinstance(holder, dict) else None
        if not isinstance(cells, list):
            raise _no_notebook(path, f"its cells are {_kind(cells)} where a notebook has a list")
        for cell in cells:
            if not isinstance(cell, dict):
                raise _no_notebook(path, f"one of its cells is {_kind(cell)} where a notebook has an object")
            if cell.get("cell_type") == "code":
                found.append(cell)
    return found


def _source(path: Path, number: int, cell: dict[Any, Any]) -> str:
    """What was typed into a cell, with line feeds for line ends."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise _no_notebook(path, f"its code cell {number} holds {_kind(source)} where text is expected")
    if "\0" in source or _SURROGATE.search(source):
        what = "a NUL character" if "\0" in source else "half a character (a lone surrogate)"
        raise Unreadable(
            failure("not-python", path, f"has {what} in its code cell {number}, which Python cannot read.", None)
        )
    # Formats before 4 name a language in every cell.
    language = cell.get("language")
    source = re.sub("\r\n?", "\n", source)
    if isinstance(language, str) and not language.lower().startswith(("python", "ipython")):
        return "\n".join(f"# {line}" for line in source.split("\n"))
    return source


def _without_late_futures(program: str) -> str:
    """The program without the `from __future__` lines that a cell may begin with, but not the middle of a file."""
    if "__future__" not in program:
        return program
    try:
        tree = parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return program
    lines, early = program.split("\n"), True
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__" and not statement.level:
            first, last = statement.lineno - 1, statement.end_lineno or statement.lineno
            alone = lines[first][: statement.col_offset].strip() == "" and all(
                other.lineno > last for other in tree.body[number + 1 : number + 2]
            )
            if not early and alone:
                lines[first:last] = [f"pass  # {lines[first]}", *(f"# {line}" for line in lines[first + 1 : last])]
        elif number > 0 or ast.get_docstring(tree, clean=False) is None:
            early = False
    return "\n".join(lines)


def _no_notebook(path: Path, reason: str, hint: str | None = None) -> Unreadable:
    return Unreadable(failure("not-python", path, f"is not a notebook: {reason}.", hint or WANTED))


def _kind(data: object) -> str:
    """What a piece of JSON is, in words."""
    if data is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(data), "something else")
