"""A notebook's cell as Python alone: magics, shell lines and questions left out, every line where it was.

What counts as shorthand, and where it ends, follows IPython's own reading of a cell.
"""

from __future__ import annotations

import re

from kerascope.readers._outline import parse

__all__ = ["without_shorthand"]

_RUN_THE_REST = {"capture", "debug", "memit", "prun", "pyinstrument", "snakeviz", "time", "timeit", "wandb"}
"""Cell magics that run the rest of their cell as it stands; any other does something else with it."""

_CELL_MAGIC = re.compile(r"%%(\S*)")
_ESCAPED = re.compile(r"\s*[%!?]")
_ASSIGNED = re.compile(r"\s*[^\W\d][\w\s.,:*\[\]\"]*=\s*(?:%|!(?!=))")
_QUESTION = re.compile(r"(?<![\w.*])%{0,2}(?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[-?\d+\])*\?\??\s*$")
_TIMED = re.compile(r"%time\s+(?!-)(\S.*)$")
# What IPython runs without a percent sign, as long as it is no statement.
_BARE = re.compile(r"\s*(?:pip|conda|mamba|cd|ls|mkdir|rmdir|rm|cp|mv|cat)\s+(?!\S{0,3}=|[(\[:,@])\S")

_QUOTES = ("'''", '"""', "'", '"')
_MARK = re.compile("|".join([*_QUOTES, r"[#()\[\]{}]", r"\\$"]))
_REST_OF_STRING = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}", re.DOTALL) for quote in _QUOTES}


def without_shorthand(cell: str) -> str:
    """The cell with `pass` in place of what only a notebook can run, and the original behind it as a comment.

    Args:
        cell: The source of one code cell, its lines ended by line feeds.

    Returns:
        Text with as many lines as `cell`. `%time STATEMENT` stays that statement; a cell magic that does not run its
        cell as Python leaves nothing of the cell but comments.
    """
    lines, at = cell.split("\n"), 0
    while True:
        while at < len(lines) and not lines[at].strip():
            at += 1
        indent = _indent(lines[at]) if at < len(lines) else ""
        if indent:
            lines[at:] = [line.removeprefix(indent) for line in lines[at:]]
        magic = _CELL_MAGIC.match(lines[at]) if at < len(lines) else None
        if magic is None:
            return "\n".join(lines[:at] + _statements(lines[at:]))
        name = magic.group(1)
        lines[at] = _left_out(lines[at])
        at += 1
        if name not in _RUN_THE_REST and not name.endswith("?"):
            lines[at:] = [f"# {line}" if line.strip() else line for line in lines[at:]]
            return "\n".join(lines)


def _statements(lines: list[str]) -> list[str]:
    done: list[str] = []
    code, at = _Code(), 0
    while at < len(lines):
        line = lines[at]
        starts = code.at_statement
        read = code.read(line)
        if not starts:
            done.append(line)
        elif _ESCAPED.match(line) or _ASSIGNED.match(read) or _is_bare(line):
            block = [line]
            while block[-1].endswith("\\") and at + len(block) < len(lines):
                block.append(lines[at + len(block)])
            done += _replaced(block)
            at += len(block) - 1
            code = _Code()
        elif _QUESTION.search(read):
            done.append(_left_out(line))
            code = _Code()
        else:
            done.append(line)
        at += 1
    return done


def _replaced(block: list[str]) -> list[str]:
    """One shorthand and the lines it was continued on."""
    line = block[0]
    timed = _TIMED.match(line.lstrip())
    if timed and len(block) == 1 and _is_statement(timed.group(1)):
        return [f"{_indent(line)}{timed.group(1)}  # {line.strip()}"]
    return [_left_out(line), *(f"{_indent(line)}# {more.strip()}" for more in block[1:])]


def _left_out(line: str) -> str:
    return f"{_indent(line)}pass  # {line.strip()}"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _is_bare(line: str) -> bool:
    return _BARE.match(line) is not None and not _is_statement(line.strip())


def _is_statement(text: str) -> bool:
    try:
        return bool(parse(text).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


class _Code:
    """Follows strings, brackets and continuations from line to line."""

    __slots__ = ("_continued", "_depth", "_quote")

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._continued = False

    @property
    def at_statement(self) -> bool:
        """Whether the next line begins a statement, and not the inside of a string or an expression."""
        return not (self._quote or self._depth or self._continued)

    def read(self, line: str) -> str:
        """Take in one line; the answer is its code, strings emptied and the comment left off."""
        code: list[str] = []
        self._continued = False
        at = 0
        while self._quote or at < len(line):
            if self._quote:
                end = _REST_OF_STRING[self._quote].match(line, at)
                if end is None:
                    # A backslash carries a simple string into the next line; without it the text is in error.
                    backslashes = len(line) - len(line.rstrip("\\"))
                    if len(self._quote) == 1 and backslashes % 2 == 0:
                        self._quote = ""
                    break
                self._quote, at = "", end.end()
                continue
            mark = _MARK.search(line, at)
            code.append(line[at : mark.start() if mark else None])
            if mark is None or mark.group() == "#":
                break
            sign, at = mark.group(), mark.end()
            if sign in _REST_OF_STRING:
                self._quote = sign
                code.append('""')
                continue
            code.append(sign)
            if sign in "([{":
                self._depth += 1
            elif sign in ")]}":
                self._depth = max(self._depth - 1, 0)
            else:
                self._continued = True
        return "".join(code)
