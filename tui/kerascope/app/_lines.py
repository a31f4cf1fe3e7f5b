"""The file and the log as lines to show. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.graph import Severity, clean_text

if TYPE_CHECKING:
    from kerascope.graph import Inspection

__all__ = ["Document", "log_document", "source_document"]

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Document:
    """Cleaned lines; `severities` by line from 1; `empty` is said when there are no lines."""

    lines: tuple[str, ...] = ()
    severities: dict[int, Severity] = field(default_factory=dict)
    empty: str = ""


def source_document(inspection: Inspection) -> Document:
    """The opened file, its lines marked with the worst finding of each."""
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
    return Document(lines, severities, "The file is empty.") if text else Document(empty="The file is empty.")


def log_document(inspection: Inspection) -> Document:
    """What the file printed."""
    if not inspection.output:
        if inspection.engine is None and inspection.failure is None:
            return Document(empty="Nothing yet: the file has not been run to its end.")
        return Document(empty="The file printed nothing.")
    return Document(tuple(clean_text(inspection.output).removesuffix("\n").split("\n")))
