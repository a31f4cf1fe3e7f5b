"""KS501 to KS504, and what else the reading of a saved file brings to light: findings made of its issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Finding, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import FileIssue, Inspection, Model

__all__ = [
    "executable_content",
    "external_reference",
    "file_issues",
    "malformed_file",
    "non_finite_weights",
]


def executable_content(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS501: the file carries code, or names callables that loading it would call."""
    # A class of the author's own is no danger by itself; without its code the file just does not load.
    yield from file_issues(
        "executable", model, inspection, "KS501", "executable-content", Severity.WARNING, Severity.INFO
    )


def external_reference(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS502: the file points at paths, URLs or other files."""
    yield from file_issues(
        "reference", model, inspection, "KS502", "external-reference", Severity.WARNING, Severity.INFO
    )


def malformed_file(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS503: something in the file is not as its format says."""
    yield from file_issues("malformed", model, inspection, "KS503", "malformed-file", Severity.ERROR, Severity.WARNING)


def non_finite_weights(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS504: weights hold NaN or Inf."""
    yield from file_issues(
        "weights", model, inspection, "KS504", "non-finite-weights", Severity.ERROR, Severity.WARNING
    )


def file_issues(
    kind: str, model: Model, inspection: Inspection, rule: str, name: str, certain: Severity, uncertain: Severity
) -> Iterator[Finding]:
    """The findings of one kind of issue; told once, with the file's first model.

    Args:
        kind: Which issues.
        model: The model that is judged.
        inspection: The file.
        rule: Code of the rule.
        name: Name of the rule.
        certain: Severity of what is certain.
        uncertain: Severity of what only may be so.
    """
    if inspection.models and model is not inspection.models[0]:
        return
    issues = [issue for issue in inspection.issues if issue.kind == kind]
    if not issues:
        return
    ids = {layer.name: layer.id for each in reversed(inspection.models) for layer in reversed(each.layers)}
    for issue in issues:
        yield _finding(
            issue, ids.get(issue.layer or ""), inspection, rule, name, certain if issue.certain else uncertain
        )


def _finding(
    issue: FileIssue, layer_id: str | None, inspection: Inspection, rule: str, name: str, severity: Severity
) -> Finding:
    where = f" ({issue.where})" if issue.where and issue.where not in issue.message else ""
    return Finding(
        rule=rule,
        name=name,
        severity=severity,
        message=f"{issue.message}{where}",
        why=issue.why,
        model=issue.model,
        layer=issue.layer,
        layer_id=layer_id,
        path=inspection.source.path,
        fix=None if issue.fix is None else Fix(description=issue.fix),
    )
