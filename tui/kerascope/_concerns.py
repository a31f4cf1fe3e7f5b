"""What a look at a file means for training it: one judgement, for the command line and for the form."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import Severity
from kerascope.readers import outline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kerascope.graph import Finding, Fit, Inspection, Model

__all__ = ["Concerns", "concerns_of", "input_names", "unmeasured"]

_FIT = "KS4"
"""Rules about the file's own training."""
_CODE = ("KS501", "KS502")
"""A saved model carries code, or points elsewhere."""
_TRAINING_CALLS = frozenset({"fit", "fit_generator", "train_on_batch", "GradientTape"})
_RATES = frozenset({"lr", "learning_rate"})
"""What callbacks of Keras's put beside the metrics."""
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerns:
    """What somebody should know before a run takes the machine.

    Attributes:
        fatal: Findings that say that the run will fail at its first batch.
        told: Other findings about what is learned, errors first.
        failure: Why the look has failed, in one line; `None` where it has not.
        absent: What was named and is not there, and what is; `None` where it is, or where nobody knows.
        trains_nothing: Whether the file is run for its own training, and was seen to its end without any.
        untrusted: Findings that say that loading the saved model runs code, or leads elsewhere.
        unread: Whether a saved model could not be read, so that nobody knows whether it carries code.
    """

    fatal: tuple[Finding, ...] = ()
    told: tuple[Finding, ...] = ()
    failure: str | None = None
    absent: str | None = None
    trains_nothing: bool = False
    untrusted: tuple[Finding, ...] = ()
    unread: bool = False

    @property
    def found(self) -> tuple[Finding, ...]:
        """All findings about what is learned, those that are fatal first."""
        return (*self.fatal, *self.told)

    @property
    def grave(self) -> bool:
        """Whether a run is started only by somebody who means it."""
        return bool(self.fatal) or self.trains_nothing or self.absent is not None

    @property
    def suspect(self) -> bool:
        """Whether the saved model is loaded only for somebody who trusts it."""
        return bool(self.untrusted) or self.unread


def concerns_of(inspection: Inspection, *, own: bool, saved: bool = False) -> Concerns:
    """Sort what a look has found.

    Args:
        inspection: The look at the run's file.
        own: Whether the file's own calls train; the data of those is of no account where other data is given.
        saved: Whether it is a saved model.
    """
    findings = [each for each in inspection.findings if own or not each.rule.startswith(_FIT)]
    findings = [each for each in findings if each.severity is not Severity.INFO and each.rule not in _CODE]
    findings.sort(key=lambda each: _ORDER[each.severity])
    fatal = tuple(each for each in findings if each.rule.startswith(_FIT) and each.severity is Severity.ERROR)
    untrusted = tuple(each for each in inspection.findings if each.rule in _CODE)
    failure = inspection.failure
    return Concerns(
        fatal=fatal,
        told=tuple(each for each in findings if each not in fatal),
        failure=None if failure is None else failure.message.splitlines()[0],
        absent=_absent(inspection),
        trains_nothing=own and not saved and _trains_nothing(inspection),
        untrusted=untrusted if saved else (),
        unread=saved and failure is not None and not untrusted,
    )


def _absent(inspection: Inspection) -> str | None:
    """That a name that was asked for leads to nothing; what a tolerant look has skipped may have made it."""
    failure = inspection.failure
    if failure is None and not inspection.skipped and not inspection.stood_in:
        return inspection.unknown_name
    if failure is None or failure.kind != "target" or inspection.skipped or inspection.stood_in:
        return None
    return failure.message if failure.hint is None else f"{failure.message}; {failure.hint}"


def _trains_nothing(inspection: Inspection) -> bool:
    """Whether a file was run to its end and called no `fit`; what was not seen to its end may still call one."""
    text, failure = inspection.source.text, inspection.failure
    if failure is not None:
        return failure.kind == "empty"  # the __init__.py of a package that was named, say
    if text is None or any(model.fits for model in inspection.models):
        return False
    # In a branch that looking does not take, say.
    return not any(site.callee in _TRAINING_CALLS for site in outline(text, inspection.source.path).calls)


def input_names(models: Iterable[Model]) -> tuple[str, ...]:
    """The names of the models' inputs, under which an archive may hold data; none where they are not known."""
    return tuple(dict.fromkeys(layer.name for model in models for layer in model.layers if layer.is_input))


def unmeasured(inspection: Inspection, metric: str) -> str | None:
    """That none of the file's own `fit` calls measures a metric; `None` where one does, or where nobody knows.

    Args:
        inspection: The look at a file that is run for its own training.
        metric: The name that something is to wait for.
    """
    fits = [fit for model in inspection.models for fit in model.fits]
    if inspection.failure is not None or inspection.skipped or inspection.stood_in or not _all_seen(inspection, fits):
        return None
    if any(fit.method != "fit" or not fit.measures for fit in fits):
        return None
    known = list(dict.fromkeys(name for fit in fits for name in fit.measures))
    if metric in known or metric in _RATES:
        return None
    if metric.startswith("val_") and metric[4:] in known:
        return f"no fit of the file has validation data, which {metric} needs; it measures {', '.join(known)}"
    near = difflib.get_close_matches(metric, known, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"no fit of the file measures {metric!r}; it measures {', '.join(known)}{hint}"


def _all_seen(inspection: Inspection, fits: list[Fit]) -> bool:
    """Whether every call in the file that may train is one that was recorded."""
    text = inspection.source.text
    lines = {fit.line for fit in fits if fit.line is not None}
    sites = () if text is None else outline(text, inspection.source.path).calls
    return bool(lines) and all(
        any(line in lines for line in range(site.line, site.end_line + 1))
        for site in sites
        if site.callee in _TRAINING_CALLS
    )
