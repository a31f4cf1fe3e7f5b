"""All rules, and how they are run over an inspection."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import Model, SourceKind
from kerascope.rules import _connections, _declarations, _files, _fit, _generation, _models
from kerascope.rules._words import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kerascope.graph import Finding, Inspection

__all__ = ["RULES", "Rule", "find"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code and name (never reused), what it says in one line, and the function that finds it."""

    code: str
    name: str
    summary: str
    check: Callable[[Model, Inspection], Iterator[Finding]]


RULES: tuple[Rule, ...] = (
    Rule(
        "KS101",
        "discarded-input-shape",
        "a declared input shape that differs from the effective one was dropped",
        _declarations.discarded_input_shape,
    ),
    Rule(
        "KS102",
        "redundant-input-shape",
        "a declared input shape was dropped, but agrees with the effective one",
        _declarations.redundant_input_shape,
    ),
    Rule(
        "KS103",
        "inner-input-shape",
        "an input shape is declared on a layer inside a wrapper, where nobody looks",
        _declarations.inner_input_shape,
    ),
    Rule(
        "KS104",
        "late-input-layer",
        "an InputLayer stands after the first layer of a Sequential",
        _declarations.late_input_layer,
    ),
    Rule(
        "KS105",
        "undecided-input-shape",
        "an input shape is declared in a model that was never built",
        _declarations.undecided_input_shape,
    ),
    Rule(
        "KS106",
        "loader-dependent-shape",
        "Keras 2 and Keras 3 use different shapes for this file",
        _declarations.loader_dependent_shape,
    ),
    Rule(
        "KS201",
        "unconnected-layer",
        "a layer was constructed, never called, and is in no model",
        _connections.unconnected_layer,
    ),
    Rule(
        "KS202",
        "dead-branch",
        "a layer was called, but its output reaches no model output",
        _connections.dead_branch,
    ),
    Rule("KS203", "unused-input", "an Input that no model uses", _connections.unused_input),
    Rule(
        "KS204",
        "uncalled-attribute",
        "a subclassed model keeps a layer that its call never uses",
        _connections.uncalled_attribute,
    ),
    Rule("KS301", "unbuilt-model", "no shapes of a model are known", _models.unbuilt_model),
    Rule(
        "KS302",
        "keras-generation",
        "the file is written for the other Keras generation",
        _generation.keras_generation,
    ),
    Rule(
        "KS401",
        "fit-input-mismatch",
        "the data given to fit does not fit the effective input",
        _fit.fit_input_mismatch,
    ),
    Rule(
        "KS402",
        "fit-target-mismatch",
        "target and output ranks or sizes disagree with the loss",
        _fit.fit_target_mismatch,
    ),
    Rule(
        "KS501",
        "executable-content",
        "the file carries code or names callables",
        _files.executable_content,
    ),
    Rule(
        "KS502",
        "external-reference",
        "the file points at paths, URLs or other files",
        _files.external_reference,
    ),
    Rule(
        "KS503",
        "malformed-file",
        "something in the file is not as its format says",
        _files.malformed_file,
    ),
    Rule("KS504", "non-finite-weights", "weights in the file are NaN or infinite", _files.non_finite_weights),
)

_ABOUT_THE_FILE = frozenset(rule.code for rule in RULES if rule.check.__module__ == _files.__name__)

_IGNORE = re.compile(r"#\s*kerascope:\s*ignore\[(?P<codes>[A-Z0-9,\s]+)\]")


def find(inspection: Inspection) -> tuple[Finding, ...]:
    """All findings of an inspection, in the order of the source lines.

    A layer that stands in several models is reported once, and so are layers that one line makes in the same way.
    `# kerascope: ignore[KS101]` on a finding's line silences it there.
    """
    ignored = _ignored_codes(inspection)
    found: dict[tuple[str, object], Finding] = {}
    # A file that failed before it had made anything may still be one for the other Keras.
    for model in inspection.models or (Model(name=None, class_name=None, built=False, layers=()),):
        uids = {layer.id: layer.uid for layer in model.layers}
        for rule in RULES:
            for finding in rule.check(model, inspection):
                own_file = finding.path == inspection.source.path
                if own_file and finding.line is not None and rule.code in ignored.get(finding.line, ()):
                    continue
                subject: object = (model.uid, finding.line)
                if finding.layer_id is not None:
                    subject = uids.get(finding.layer_id)
                if finding.rule in _ABOUT_THE_FILE:
                    subject = finding.message  # one place of a file may hold several
                found.setdefault((rule.code, subject), _with_skipped(finding, model, inspection))
    if inspection.source.kind is not SourceKind.PYTHON:
        found = {subject: _placed(finding, inspection) for subject, finding in found.items()}
    ordered = sorted(found.values(), key=lambda finding: (finding.line or 0, finding.column or 0, finding.rule))
    return tuple(_merged(ordered, inspection))


def _placed(finding: Finding, inspection: Inspection) -> Finding:
    """The finding with the file it is about: layers of a saved file have no line, and are mended in another file."""
    fix = finding.fix
    if fix is not None and finding.rule.startswith(("KS10", "KS20")) and finding.rule != "KS106":
        fix = dataclasses.replace(fix, description=f"in the program that made the model: {fix.description}")
    return dataclasses.replace(finding, path=finding.path or inspection.source.path, fix=fix)


def _with_skipped(finding: Finding, model: Model, inspection: Inspection) -> Finding:
    """The finding, saying that statements that use its model could not be run: the model may lack something."""
    if not model.skipped:
        return finding
    lines = join([inspection.source.line_name(line) for line in model.skipped[:3]])
    more = f" and {len(model.skipped) - 3} more" if len(model.skipped) > 3 else ""
    one = len(model.skipped) == 1
    said = f"; {lines}{more}, which use{'s' * one} this model, {'was' if one else 'were'} skipped"
    return dataclasses.replace(finding, message=finding.message + said)


def _merged(findings: Sequence[Finding], inspection: Inspection) -> Iterator[Finding]:
    """One finding for each place and kind: a line in a loop or a function makes the same layer many times."""
    layers = {layer.id: layer for model in inspection.models for layer in model.layers}
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        layer = layers.get(finding.layer_id or "")
        shapes: object = (layer.declared and layer.declared.shape, layer.effective) if layer is not None else None
        if finding.rule.startswith("KS4"):
            shapes = finding.message  # a line that trains several models may be wrong in several ways
        place = (finding.path, finding.line, finding.column) if finding.line is not None else id(finding)
        groups.setdefault((finding.rule, place, shapes), []).append(finding)
    for group in groups.values():
        more = len(group) - 1
        note = f" (and so {more:,} more made by this line)" if more else ""
        yield dataclasses.replace(group[0], message=group[0].message + note)


def _ignored_codes(inspection: Inspection) -> dict[int, frozenset[str]]:
    text = inspection.source.text or ""
    if "kerascope:" not in text:
        return {}
    return {
        number: frozenset(code.strip() for code in match["codes"].split(","))
        for number, line in enumerate(text.splitlines(), 1)
        if (match := _IGNORE.search(line))
    }
