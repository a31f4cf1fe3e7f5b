"""What a look at a file means for training it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.graph import Finding, Inspection
    from kerascope.runs import TrainSpec

__all__ = ["Concerns", "concerns_of"]

_FIT = "KS4"
"""Rules about the file's own training."""
_CODE = ("KS501", "KS502")
_TRAINING_CALLS = frozenset({"fit", "fit_generator", "train_on_batch", "GradientTape"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerns:
    """What somebody should know before a run takes the machine.

    Attributes:
        fatal: Why the run will fail at its first batch, one text a finding.
        told: Findings and troubles that change what is learned, one line each.
        nothing_trained: That the file calls no `fit`, and what to give; `None` where it does.
        untrusted: That a saved model carries code or points elsewhere; `None` where it does not.
    """

    fatal: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    nothing_trained: str | None = None
    untrusted: str | None = None


def concerns_of(inspection: Inspection, spec: TrainSpec) -> Concerns:
    """Sort what a look has found.

    Args:
        inspection: The look at the run's file; one that failed is only told.
        spec: The run; the data of the file's own `fit` is of no account where other data is given.
    """
    from kerascope.graph import Severity

    own = spec.data is None
    findings = [each for each in inspection.findings if own or not each.rule.startswith(_FIT)]
    findings = [each for each in findings if each.severity is not Severity.INFO and each.rule not in _CODE]
    fatal = [each for each in findings if each.rule.startswith(_FIT) and each.severity is Severity.ERROR]
    told = [_line(each, spec) for each in findings if each not in fatal]
    if inspection.failure is not None:
        what = inspection.failure.message.splitlines()[0]
        told.insert(0, f"the look at {spec.shown} failed, so that little is known of it: {what}")
    return Concerns(
        fatal=tuple(f"{each.message} ({each.rule}{_at(each, spec)})" for each in fatal),
        told=tuple(told),
        nothing_trained=_nothing_trained(inspection, spec) if own else None,
        untrusted=_untrusted(inspection, spec) if spec.saved else None,
    )


def _line(finding: Finding, spec: TrainSpec) -> str:
    return f"{finding.severity.value} {finding.rule}{_at(finding, spec)}: {finding.message}"


def _at(finding: Finding, spec: TrainSpec) -> str:
    return "" if finding.line is None else f", {finding.path or spec.shown}:{finding.line}"


def _nothing_trained(inspection: Inspection, spec: TrainSpec) -> str | None:
    """That a file was run to its end and called no `fit`; what was not seen to its end may still call one."""
    from kerascope.readers import outline
    from kerascope.runs._proposal import proposals_of

    text = inspection.source.text
    if inspection.failure is not None or text is None or any(model.fits for model in inspection.models):
        return None
    if any(site.callee in _TRAINING_CALLS for site in outline(text, spec.path).calls):
        return None  # in a branch that looking does not take, say
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


def _untrusted(inspection: Inspection, spec: TrainSpec) -> str | None:
    found = [each for each in inspection.findings if each.rule in _CODE]
    if not found and inspection.failure is not None:
        return f"{spec.shown} is not loaded: nobody knows whether it carries code; if you trust it, --trust loads it"
    if not found:
        return None
    first = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"{spec.shown} is not loaded: {first.message} ({first.rule}{more}); if you trust whoever made it, --trust "
        "loads it and runs that code"
    )
