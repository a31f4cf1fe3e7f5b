"""KS101, KS102: declarations that Keras dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Finding, Fix, Layer, Model, Severity, Verdict, format_shape
from kerascope.rules._words import decider, decider_text, declared_text, effective_text, origin_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Inspection

__all__ = ["discarded_input_shape", "redundant_input_shape"]


def discarded_input_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS101: the declaration differs from the effective shape and was dropped."""
    for layer in model.layers:
        if layer.verdict is Verdict.DISCARDED and layer.declared is not None and layer.declared.shape is not None:
            yield _finding(
                layer,
                model,
                inspection,
                rule="KS101",
                name="discarded-input-shape",
                severity=Severity.WARNING,
                message=f"{layer.name} declares {format_shape(layer.declared.shape)}, but its input is "
                f"{effective_text(layer)}: Keras dropped {declared_text(layer)}",
                fix=Fix(
                    description=f"remove {declared_text(layer)}; if {format_shape(layer.declared.shape)} is what this "
                    "layer must get, change the layers before it"
                ),
            )


def redundant_input_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS102: dropped, but equal."""
    for layer in model.layers:
        if layer.verdict is Verdict.REDUNDANT:
            yield _finding(
                layer,
                model,
                inspection,
                rule="KS102",
                name="redundant-input-shape",
                severity=Severity.INFO,
                message=f"{layer.name} declares {declared_text(layer)}, which Keras dropped; its input is "
                f"{effective_text(layer)} anyway",
                fix=Fix(description=f"remove {declared_text(layer)}: it has no effect"),
            )


def _finding(
    layer: Layer,
    model: Model,
    inspection: Inspection,
    *,
    rule: str,
    name: str,
    severity: Severity,
    message: str,
    fix: Fix,
) -> Finding:
    return Finding(
        rule=rule,
        name=name,
        severity=severity,
        message=message,
        why=_why(layer, model, inspection),
        model=model.name,
        layer=layer.name,
        layer_id=layer.id,
        path=layer.location.path if layer.location else None,
        line=layer.location.line if layer.location else None,
        column=layer.location.column if layer.location else None,
        fix=fix,
    )


def _why(layer: Layer, model: Model, inspection: Inspection) -> str:
    assert layer.declared is not None
    made = decider(model, layer)
    if model.class_name == "Sequential":
        rule = "Keras looks only at the first layer's input_shape"
    else:
        rule = "a layer that is called on a tensor takes that tensor's shape"
    if made is not None:
        rule = f"{decider_text(made)}; {rule}"
    got = f"{layer.name} gets {effective_text(layer)}{origin_text(layer, model)}"
    why = f"{rule}, so {layer.declared.value} here was dropped: {got}"
    return why[0].upper() + why[1:] + _what_keras_says(inspection)


def _what_keras_says(inspection: Inspection) -> str:
    """Why nobody noticed: neither generation says anything that tells a dropped declaration from one that counts."""
    if inspection.engine is None:
        return ""
    if inspection.engine.generation == 2:
        return ". Keras 2 says nothing about it"
    return ". Keras 3 prints the same warning for a declaration that counts, and names no layer"
