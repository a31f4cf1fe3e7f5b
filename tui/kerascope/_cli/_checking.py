"""What is said on the command line of what a look means for a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope._concerns import Concerns
    from kerascope.graph import Finding, Inspection
    from kerascope.runs import TrainSpec

__all__ = ["fatal_lines", "nothing_trained", "told_lines", "untrusted_line"]


def told_lines(concerns: Concerns, spec: TrainSpec) -> Iterator[str]:
    """Findings and troubles that change what is learned, one line each."""
    if concerns.failure is not None:
        yield f"the look at {spec.shown} failed, so that little is known of it: {concerns.failure}"
    for each in concerns.told:
        yield f"{each.severity.value} {each.rule}{_at(each, spec)}: {each.message}"


def fatal_lines(concerns: Concerns, spec: TrainSpec) -> Iterator[str]:
    """Why the run will fail at its first batch, one line a finding."""
    for each in concerns.fatal:
        yield f"this run will fail at the first batch because {each.message} ({each.rule}{_at(each, spec)})"


def _at(finding: Finding, spec: TrainSpec) -> str:
    return "" if finding.line is None else f", {finding.path or spec.shown}:{finding.line}"


def nothing_trained(inspection: Inspection, spec: TrainSpec) -> str:
    """That the file calls no `fit`, and what to give its model."""
    from kerascope.runs._proposal import proposals_of

    models = [model for model in inspection.models if model.name is not None]
    proposals = proposals_of(models[0]) if models else ()
    fitting = ""
    if len(proposals) == 1:
        loss, metrics, _, reason = proposals[0]
        fitting = f" ({reason}: --loss {loss} --metrics {' '.join(metrics)} would be taken unless you say otherwise)"
    return (
        f"{spec.shown} calls no fit, so nothing would be trained; give data for its model by --data, or try it with "
        f"random data by --synthetic{fitting}"
    )


def untrusted_line(concerns: Concerns, spec: TrainSpec) -> str:
    """Why a saved model that carries code, or may do so, is not loaded."""
    if not concerns.untrusted:
        return f"{spec.shown} is not loaded: nobody knows whether it carries code; if you trust it, --trust loads it"
    first = concerns.untrusted[0]
    more = f", and {len(concerns.untrusted) - 1} more" if len(concerns.untrusted) > 1 else ""
    return (
        f"{spec.shown} is not loaded: {first.message} ({first.rule}{more}); if you trust whoever made it, --trust "
        "loads it and runs that code"
    )
