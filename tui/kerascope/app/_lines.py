"""The file and the log as lines to show. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.graph import Severity, clean_line, clean_text, file_facts, is_saved, no_architecture

if TYPE_CHECKING:
    from kerascope.graph import Inspection, Source

__all__ = ["Document", "layer_lines", "line_label", "log_document", "source_document", "traceback_line"]

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class Document:
    """Cleaned lines, in rows.

    Attributes:
        lines: Text of the rows.
        severities: By line of the program, from 1.
        empty: What is said when there are no rows.
        numbers: For each row its line of the program, 0 for a heading; empty where row 0 is line 1 and so on.
        labels: For each row what stands for its number.
    """

    lines: tuple[str, ...] = ()
    severities: dict[int, Severity] = field(default_factory=dict)
    empty: str = ""
    numbers: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()

    def number(self, row: int) -> int:
        """Line of the program in a row, 0 for a heading."""
        return self.numbers[row] if self.numbers else row + 1

    def row(self, number: int) -> int:
        """Row of a line of the program, brought within range."""
        if self.numbers:
            return self.numbers.index(number) if number in self.numbers else 0
        return max(0, min(number, len(self.lines)) - 1)


def line_label(source: Source, number: int) -> str:
    """A line's number as it stands before it: `12`, in a notebook `4:12`."""
    return source.line_name(number).rpartition(" ")[2]


def source_document(inspection: Inspection) -> Document:
    """The opened file, its lines marked with the worst finding of each; of a saved one its config."""
    if is_saved(inspection):
        return _config_document(inspection)
    text = inspection.source.text
    if text is None:
        return Document(empty="There is no program text to show: the file could not be read as text.")
    severities: dict[int, Severity] = {}
    for finding in inspection.findings:
        if finding.line is not None and finding.path in (None, inspection.source.path):
            before = severities.get(finding.line)
            if before is None or _RANK[finding.severity] < _RANK[before]:
                severities[finding.line] = finding.severity
    failure = inspection.failure
    if failure is not None and failure.line is not None and failure.path in (None, inspection.source.path):
        severities[failure.line] = Severity.ERROR
    # Split at line feeds only, as Python counts lines; what clean_text would break further stays on its line.
    lines = tuple(clean_text(line).replace("\n", " ").rstrip() for line in text.removesuffix("\n").split("\n"))
    if not text:
        return Document(empty="The file is empty.")
    if inspection.source.cells:
        return _notebook(inspection.source, lines, severities)
    return Document(lines, severities)


def _config_document(inspection: Inspection) -> Document:
    """The config as it stands in a saved file."""
    file = inspection.file
    if file is not None and file.text:
        return Document(tuple(indented(clean_text(file.text)).split("\n")))
    if file is None:
        unread = inspection.failure is not None
        return Document(empty="The file could not be read." if unread else "The file is being read.")
    return Document(empty=no_architecture(inspection) or "The file holds no config as text. 5 shows what it says.")


_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^][{}"]{0,60}\]|[{}\[\],:]|[^][{}",:\s]+', re.DOTALL)
"""Of JSON: a text, a short list of numbers (which stays on one line), a mark, or another value."""


def indented(text: str) -> str:
    """JSON of one line as lines to read; text that has lines of its own, is no JSON, or nests too deep stays as it is.

    It is taken apart and not parsed: what a file holds is to be seen as it stands there, also where it is malformed.
    """
    text = text.strip()
    if "\n" in text or text[:1] not in ("{", "["):
        return text
    parts: list[str] = []
    depth = 0
    before = ""
    for token in _TOKENS.findall(text):
        if before in ("{", "[") and token not in ("}", "]"):
            depth += 1
            if depth > _DEPTH_MOST:
                return text
            parts.append(_break(depth))
        elif token in ("}", "]") and before not in ("{", "["):
            depth -= 1
            parts.append(_break(depth))
        elif before == ",":
            parts.append(_break(depth))
        parts.append(": " if token == ":" else token)
        before = token
    return "".join(parts)


def _break(depth: int) -> str:
    return "\n" + "  " * max(0, depth)


_DEPTH_MOST = 100
"""Levels that are indented; a text of brackets alone would else take the square of its length."""


def layer_lines(document: Document) -> dict[str, int]:
    """Line, from 1, at which a config first names something, by that name."""
    lines: dict[str, int] = {}
    for number, line in enumerate(document.lines, 1):
        found = _NAMED.fullmatch(line)
        if found is not None:
            lines.setdefault(_unescaped(found[1]), number)
    return lines


_NAMED = re.compile(r'\s*"name": ("(?:[^"\\]|\\.)*"),?')


def _unescaped(text: str) -> str:
    try:
        return clean_line(str(json.loads(text)))
    except ValueError:
        return ""


def _notebook(source: Source, lines: tuple[str, ...], severities: dict[int, Severity]) -> Document:
    """A notebook's cells, each under a heading and with lines of its own."""
    headings = {cell.line: f"cell {cell.number}" for cell in source.cells}
    rows: list[str] = []
    numbers: list[int] = []
    labels: list[str] = []
    for number, line in enumerate(lines, 1):
        if number in headings:
            rows.append(headings[number])
            numbers.append(0)
            labels.append("")
        rows.append(line)
        numbers.append(number)
        labels.append(line_label(source, number))
    return Document(tuple(rows), severities, "", tuple(numbers), tuple(labels))


def log_document(inspection: Inspection) -> Document:
    """What the file printed; of a saved one what was read."""
    if is_saved(inspection):
        return _read_document(inspection)
    if not inspection.output:
        if inspection.engine is None and inspection.failure is None:
            return Document(empty="Nothing yet: the file has not been run to its end.")
        return Document(empty="The file printed nothing.")
    return Document(tuple(clean_text(inspection.output).removesuffix("\n").split("\n")))


def _read_document(inspection: Inspection) -> Document:
    """What a saved file says of itself, what was noticed, and what a Keras that was asked printed."""
    if inspection.file is None and inspection.failure is None:
        return Document(empty="Nothing yet: the file is being read.")
    lines: list[str] = []
    for label, value in file_facts(inspection):
        first, *more = value.split("\n")
        lines.append(f"{label:<{_LABEL - 1}} {first}".rstrip())
        lines += [f"{'':<{_LABEL}}{line}" for line in more]
    if inspection.failure is not None:
        lines += ["", f"failed: {inspection.failure.message}"]
    for issue in inspection.issues:
        lines += ["", f"{issue.kind}: {issue.message}"]
        lines += [f"  at {issue.where}"] if issue.where else []
    for note in inspection.notes:
        lines += ["", f"note: {note.message}"]
    if inspection.output:
        lines += ["", "what Keras printed:", *clean_text(inspection.output).removesuffix("\n").split("\n")]
    return Document(tuple(lines))


_LABEL = 18
"""Cells of a fact's label, with its gap."""


def traceback_line(document: Document) -> int | None:
    """Line, from 1, at which the last traceback of a log begins."""
    for at in range(len(document.lines) - 1, -1, -1):
        if document.lines[at].lstrip().startswith(_TRACEBACK):
            return at + 1
    return None
