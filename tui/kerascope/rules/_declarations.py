"""KS101 to KS106: declarations that Keras dropped, or never looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Finding, Fix, Layer, Model, Severity, Verdict, format_shape, format_shapes, title_of
from kerascope.rules._files import file_issues
from kerascope.rules._rows import Rows
from kerascope.rules._words import decider_text, declared_text, effective_text, line_of, origin_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Inspection, Shape

__all__ = [
    "discarded_input_shape",
    "inner_input_shape",
    "late_input_layer",
    "loader_dependent_shape",
    "redundant_input_shape",
    "undecided_input_shape",
]


def discarded_input_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS101: the declaration differs from the effective shape and was dropped."""
    rows = Rows(model)
    for layer in model.layers:
        if layer.wrapper is not None or _is_late_input(layer, model):
            continue  # KS103 and KS104 tell what these are
        if layer.verdict is Verdict.DISCARDED and layer.declared is not None and layer.declared.shape is not None:
            yield _finding(
                layer,
                rows,
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
    rows = Rows(model)
    for layer in model.layers:
        if layer.verdict is Verdict.REDUNDANT and layer.wrapper is None and not _is_late_input(layer, model):
            yield _finding(
                layer,
                rows,
                inspection,
                rule="KS102",
                name="redundant-input-shape",
                severity=Severity.INFO,
                message=f"{layer.name} declares {declared_text(layer)}, which Keras dropped; its input is "
                f"{effective_text(layer)} anyway",
                fix=Fix(description=f"remove {declared_text(layer)}: it has no effect"),
            )


def inner_input_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS103: declared on a layer inside a wrapper, where nobody looks."""
    rows = Rows(model)
    for layer in model.layers:
        if layer.wrapper is None or layer.declared is None or (wrapper := rows.get(layer.parent)) is None:
            continue
        at = line_of(wrapper, inspection.source)
        looked = f"Keras looks at what {wrapper.class_name} itself declares, never at the layer inside it"
        if wrapper.effective is None:
            severity, result = Severity.WARNING, "nothing has told the shape of the input, and the model stays unbuilt"
            why = f"{looked}: so {declared_text(layer)} was not looked at, and {result}"
        else:
            got = format_shapes(wrapper.effective)
            result = f"{wrapper.name}{at} gets {got}"
            why = f"{looked}: {result}{origin_text(wrapper, rows, inspection.source)}, whatever {layer.name} declares"
            severity = Severity.INFO if layer.verdict is Verdict.REDUNDANT else Severity.WARNING
        yield _finding(
            layer,
            rows,
            inspection,
            rule="KS103",
            name="inner-input-shape",
            severity=severity,
            message=f"{layer.name} declares {declared_text(layer)} inside {wrapper.class_name}, where Keras does not "
            f"look: {result}",
            fix=Fix(description=f"give {declared_text(layer)} to {wrapper.class_name}(...), or begin with keras.Input")
            if wrapper.effective is None
            else Fix(description=f"remove {declared_text(layer)}: it has no effect"),
            why=why,
        )


def late_input_layer(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS104: an InputLayer after the first layer of a Sequential."""
    rows = Rows(model)
    for layer in model.layers:
        if layer.declared is None or not _is_late_input(layer, model):
            continue
        agrees = layer.verdict is Verdict.REDUNDANT
        if layer.effective is None:
            message = f"{layer.name} {layer.declared.value} stands after the first layer, where it decides nothing"
        else:
            message = (
                f"{layer.name} {layer.declared.value} stands after the first layer: its input is "
                f"{effective_text(layer)}{', as it says' if agrees else ', and its own shape was dropped'}"
            )
        yield _finding(
            layer,
            rows,
            inspection,
            rule="KS104",
            name="late-input-layer",
            severity=Severity.INFO if agrees else Severity.WARNING,
            message=message,
            fix=Fix(description="remove it, or make it the first layer"),
            why="a Sequential takes its input from its first layer; Keras 2 calls an InputLayer further down on the "
            "output before it and passes that on unchanged, without a look at its shape; Keras 3 refuses it where the "
            "model has an input already",
        )


def undecided_input_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS105: declared on a layer that was never built, in a model that was never built."""
    if model.name is None or model.built or inspection.failure is not None:
        return
    rows = Rows(model)
    for number, layer in enumerate(model.layers):
        undecided = layer.verdict is Verdict.UNDECIDED and layer.declared is not None
        if not undecided or layer.wrapper is not None or _is_late_input(layer, model):
            continue
        if number == 0 and _is_input_length(layer):
            continue  # KS106 tells more
        first = model.layers[0]
        if model.class_name == "Sequential" and layer.parent is None:
            why = (
                f"a Sequential takes its input from its first layer alone; that is {first.name}"
                f"{line_of(first, inspection.source)}, which declares none, so the model is not built and this "
                "declaration was never looked at"
            )
            fix = f"declare the shape on {first.name}, or begin with keras.Input(shape=(...))"
        else:
            why = (
                f"a {model.class_name} takes its shapes from what it is called on; it was not called, and when it is, "
                "a declaration on a layer inside it is not looked at"
            )
            fix = f"remove {declared_text(layer)}, and call the model on keras.Input(shape=(...)) to fix its shapes"
        yield _finding(
            layer,
            rows,
            inspection,
            rule="KS105",
            name="undecided-input-shape",
            severity=Severity.WARNING,
            message=f"{layer.name} declares {declared_text(layer)}, but {title_of(model)} was never built: it has "
            "decided nothing",
            fix=Fix(description=fix),
            why=why,
        )


def loader_dependent_shape(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS106: Keras 2 and Keras 3 use different shapes for this file."""
    rows = Rows(model)
    yield from file_issues(
        "loader", model, inspection, "KS106", "loader-dependent-shape", Severity.WARNING, Severity.INFO
    )
    if model.class_name == "Sequential" and model.name is not None and inspection.failure is None and model.layers:
        first = model.layers[0]
        decided = first.verdict is Verdict.DECIDES
        if _is_input_length(first) and (decided or not model.built):
            yield _finding(
                first,
                rows,
                inspection,
                rule="KS106",
                name="loader-dependent-shape",
                severity=Severity.INFO if decided else Severity.WARNING,
                message=f"{first.name} declares {declared_text(first)}: Keras 2 makes the model's input of it, Keras 3 "
                "does not look at it and leaves the model unbuilt",
                fix=Fix(description="begin with keras.Input(shape=(...)), which means the same to both"),
                why="only Keras 2 knows input_length; Keras 3 accepts it with a warning and drops it",
            )
    if inspection.compared is None or inspection.engine is None:
        return
    differing = [layer for layer in model.layers if _differs(layer)]
    if not differing:
        return
    layer = differing[0]
    assert layer.compared is not None
    rest = len(differing) - 1
    more = f" (and so {rest:,} more layer{'s' * (rest != 1)})" if rest else ""
    theirs = "unknown" if layer.compared.effective is None else format_shapes(layer.compared.effective)
    ours = "unknown" if layer.effective is None else effective_text(layer)
    yield _finding(
        layer,
        rows,
        inspection,
        rule="KS106",
        name="loader-dependent-shape",
        severity=Severity.WARNING,
        message=f"{layer.name} gets {ours} under Keras {inspection.engine.generation}, and {theirs} under Keras "
        f"{inspection.compared.generation}{more}",
        fix=Fix(description="begin the model with keras.Input(shape=(...)), which means the same to both"),
        why="both generations ran this file; they read its declarations differently, so what a layer gets depends on "
        "which of them loads it" + (f" ({layer.compared.unknown})" if layer.compared.unknown else ""),
    )


def _differs(layer: Layer) -> bool:
    """Whether the two generations use different input shapes for a layer, and not only different names for it."""
    other = layer.compared
    if other is None or not other.found or layer.is_input or layer.wrapper is not None:
        return False  # what a wrapper hands to its cell is its own business, and so are operations of one generation
    if layer.effective is None or other.effective is None:
        return layer.effective is not other.effective
    if layer.declared is None and len(layer.effective) == len(other.effective):
        # Where nothing is declared, an open size in one and a size from the data in the other are no disagreement.
        return not all(map(_meet, layer.effective, other.effective))
    return layer.effective != other.effective


def _meet(one: Shape, other: Shape) -> bool:
    """Whether two shapes are the same as far as both are known."""
    return len(one) == len(other) and all(a == b or None in (a, b) for a, b in zip(one, other, strict=True))


def _is_late_input(layer: Layer, model: Model) -> bool:
    sequential = model.class_name == "Sequential"
    return layer.is_input and sequential and layer.parent is None and layer.id != model.layers[0].id


def _is_input_length(layer: Layer) -> bool:
    return layer.declared is not None and layer.declared.argument == "input_length"


def _finding(
    layer: Layer,
    rows: Rows,
    inspection: Inspection,
    *,
    rule: str,
    name: str,
    severity: Severity,
    message: str,
    fix: Fix,
    why: str | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        name=name,
        severity=severity,
        message=message,
        why=_why(layer, rows, inspection) if why is None else why[0].upper() + why[1:],
        model=rows.model.name,
        layer=layer.name,
        layer_id=layer.id,
        path=layer.location.path if layer.location else None,
        line=layer.location.line if layer.location else None,
        column=layer.location.column if layer.location else None,
        fix=fix,
    )


def _why(layer: Layer, rows: Rows, inspection: Inspection) -> str:
    assert layer.declared is not None
    model, made = rows.model, rows.get(layer.decided_by)
    if model.class_name == "Sequential":
        rule = "Keras looks only at the first layer's input_shape"
    else:
        rule = "a layer that is called on a tensor takes that tensor's shape"
    if made is not None:
        rule = f"{decider_text(made, inspection.source)}; {rule}"
    elif model.shaped_by is not None:
        rule = f"{model.shaped_by} made the input; {rule}"
    got = f"{layer.name} gets {effective_text(layer)}{origin_text(layer, rows, inspection.source)}"
    why = f"{rule}, so {layer.declared.value} here was dropped: {got}"
    return why[0].upper() + why[1:] + _what_keras_says(inspection)


def _what_keras_says(inspection: Inspection) -> str:
    """Why nobody noticed: neither generation says anything that tells a dropped declaration from one that counts."""
    if inspection.engine is None:
        return ""
    if inspection.engine.generation == 2:
        return ". Keras 2 says nothing about it"
    return ". Keras 3 prints the same warning for a declaration that counts, and names no layer"
