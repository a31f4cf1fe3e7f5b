"""Where the calls and their keyword arguments stand in a program's text, and how to take one out."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.graph import Edit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CallSite", "KeywordSpan", "Outline", "Text", "declaration_edit", "outline", "parse"]

_SKIPPED = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}

Position = tuple[int, int]
"""Line and column, both from 1, the column in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordSpan:
    """One `name=value` of a call: its span, end exclusive, and the text of the value."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSite:
    """One call in the text. `callee` is the last name of what is called, `""` where that has no name."""

    line: int
    column: int
    end_line: int
    end_column: int
    callee: str
    keywords: Mapping[str, KeywordSpan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Every call of one program, in source order; empty when the text is not Python."""

    path: str
    calls: tuple[CallSite, ...]
    text: Text = field(repr=False, compare=False)


class Text:
    """A program's lines as Python counts them, with columns in characters instead of UTF-8 bytes."""

    __slots__ = ("lines",)

    def __init__(self, text: str) -> None:
        # Only these end a line for Python: str.splitlines() also breaks at form feeds and U+2028.
        self.lines: list[str] = re.split(r"\r\n|\r|\n", text)

    def column(self, line: int, offset: int) -> int:
        """The column from 1 of the UTF-8 byte `offset` that `ast` gives."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    def start(self, node: ast.expr | ast.keyword) -> Position:
        """Where `node` begins."""
        return node.lineno, self.column(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.keyword) -> Position:
        """Where `node` ends, exclusive."""
        line = node.end_lineno or node.lineno
        return line, self.column(line, node.end_col_offset or node.col_offset)

    def between(self, start: Position, end: Position) -> str:
        """The text from `start` up to `end`, lines joined by line feeds."""
        (line, column), (end_line, end_column) = start, end
        if line == end_line:
            return self.lines[line - 1][column - 1 : end_column - 1]
        middle = self.lines[line : end_line - 1]
        return "\n".join([self.lines[line - 1][column - 1 :], *middle, self.lines[end_line - 1][: end_column - 1]])

    def of(self, node: ast.expr | ast.keyword) -> str:
        """The text of `node`."""
        return self.between(self.start(node), self.end(node))


def parse(text: str) -> ast.Module:
    """Parse a program and keep its SyntaxWarnings (`"\\d"`, `x is 1`) to ourselves.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does; the last two for deep nesting.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def outline(text: str, path: str) -> Outline:
    """Find every call in `text`.

    Args:
        text: The program.
        path: What edits made from the outline will name as their file.

    Returns:
        The calls in source order; none when `text` cannot be parsed.
    """
    where = Text(text)
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Outline(path=path, calls=(), text=where)
    sites = [_site(node, where) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    sites.sort(key=lambda site: (site.line, site.column, site.end_line, site.end_column))
    return Outline(path=path, calls=tuple(sites), text=where)


def _site(node: ast.Call, where: Text) -> CallSite:
    callee = node.func
    name = callee.attr if isinstance(callee, ast.Attribute) else callee.id if isinstance(callee, ast.Name) else ""
    keywords: dict[str, KeywordSpan] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            continue
        (line, column), (end_line, end_column) = where.start(keyword), where.end(keyword)
        # The value's own span leaves out parentheses around it; the keyword's does not.
        value = where.of(keyword)[len(keyword.arg) :].lstrip()[1:].strip()
        keywords[keyword.arg] = KeywordSpan(
            line=line, column=column, end_line=end_line, end_column=end_column, text=value
        )
    (line, column), (end_line, end_column) = where.start(node), where.end(node)
    return CallSite(line=line, column=column, end_line=end_line, end_column=end_column, callee=name, keywords=keywords)


def declaration_edit(
    outline: Outline, line: int, argument: str, *, column: int | None = None, callee: str | None = None
) -> Edit | None:
    """The edit that takes the keyword `argument` out of the call at `line`, commas and white space included.

    Args:
        outline: The program.
        line: First line of the call (a line inside a call counts when no call begins there).
        argument: Name of the keyword.
        column: Column of the call, where it is known.
        callee: Last name of what is called, where it is known.

    Returns:
        The edit, or `None` when no call there has the keyword, when several do, or when taking it out would change
        anything else of the call.
    """
    having = [
        site
        for site in outline.calls
        if argument in site.keywords
        and (callee is None or site.callee == callee)
        and site.line <= line <= site.end_line
    ]
    found = [site for site in having if site.line == line] or having
    if column is not None:
        found = [site for site in found if site.column == column]
    if len(found) != 1:
        return None
    return _without(found[0], argument, outline)


def _without(site: CallSite, argument: str, outline: Outline) -> Edit | None:
    """The edit for one call, checked by parsing the call that it leaves."""
    where, span = outline.text, site.keywords[argument]
    begin, end = (site.line, site.column), (site.end_line, site.end_column)
    cut = _cut(where.between(begin, end), begin, span, where)
    if cut is None:
        return None
    edit_start, edit_end = cut
    before, after = where.between(begin, edit_start), where.between(edit_end, end)
    if not _only_lacks(where.between(begin, end), before + after, argument):
        return None
    return Edit(
        path=outline.path,
        line=edit_start[0],
        column=edit_start[1],
        end_line=edit_end[0],
        end_column=edit_end[1],
        text="",
    )


def _cut(call: str, begin: Position, span: KeywordSpan, where: Text) -> tuple[Position, Position] | None:
    """What to delete, `None` when the tokens cannot be told apart."""
    tokens = _tokens(call, begin)
    spot = next((at for at, token in enumerate(tokens) if token[1] == (span.line, span.column)), None)
    last = next((at for at, token in enumerate(tokens) if token[2] == (span.end_line, span.end_column)), None)
    if spot is None or last is None or spot == 0 or last + 1 >= len(tokens):
        return None
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    before, before_start, before_end = tokens[spot - 1]
    after, after_start, after_end = tokens[last + 1]
    if before not in {"(", ","} or after not in {")", ","}:
        return None
    alone_before = not where.lines[span.line - 1][: span.column - 1].strip()

    if after == ",":
        rest = where.lines[after_end[0] - 1][after_end[1] - 1 :]
        if alone_before and (not rest.strip() or rest.lstrip().startswith("#")):
            return (span.line, 1), (after_end[0] + 1, 1)
        following = tokens[last + 2] if last + 2 < len(tokens) else None
        if following is None or following[0] == ")" or following[1][0] != after_end[0]:
            # Nothing more on this line: the white space before the argument goes, the one after it stays.
            return (before_end if before_end[0] == span.line else start), after_end
        return start, following[1]

    comments = "#" in where.between(before_end, start)
    if before == "(":
        if not comments and not where.between(end, after_start).strip():
            return before_end, after_start
        return start, end
    return (start, end) if comments else (before_start, end)


def _tokens(call: str, begin: Position) -> list[tuple[str, Position, Position]]:
    """The call's tokens that matter, with their places in the whole text; empty when it cannot be tokenized."""
    tokens = []
    # In parentheses, because line breaks of a chain of calls are only allowed inside some.
    begin = (begin[0], begin[1] - 1)
    try:
        for token in tokenize.generate_tokens(io.StringIO(f"({call}\n)").readline):
            if token.type not in _SKIPPED and token.string:
                tokens.append((token.string, _shifted(token.start, begin), _shifted(token.end, begin)))
    except (tokenize.TokenError, SyntaxError):
        return []
    return tokens


def _shifted(position: Position, begin: Position) -> Position:
    line, column = position
    return begin[0] + line - 1, column + (begin[1] if line == 1 else 1)


def _only_lacks(call: str, edited: str, argument: str) -> bool:
    """Whether `edited` is the same call, short of the one keyword."""
    try:
        old, new = (parse(f"({text}\n)").body[0] for text in (call, edited))
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return False
    if not (isinstance(old, ast.Expr) and isinstance(old.value, ast.Call) and isinstance(new, ast.Expr)):
        return False
    old.value.keywords = [keyword for keyword in old.value.keywords if keyword.arg != argument]
    return _same(old, new)


def _same(old: ast.AST, new: ast.AST) -> bool:
    try:
        return ast.dump(old) == ast.dump(new)
    except RecursionError:
        return False
