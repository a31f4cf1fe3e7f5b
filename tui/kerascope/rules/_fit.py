"""KS401, KS402: what was given to the file's own training does not go with the model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.graph import DataSpec, Finding, Fit, Fix, Inspection, Model, Severity, format_shape, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fit_input_mismatch", "fit_target_mismatch"]

_ONE_HOT = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge"})


def fit_input_mismatch(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS401: the data given to `fit` does not fit the effective input."""
    for fit in model.fits:
        if fit.input_error is not None:
            yield _finding(
                model,
                fit,
                rule="KS401",
                name="fit-input-mismatch",
                severity=Severity.ERROR,
                message=fit.input_error,
                why=f"{_taken(fit)}{_keras_says(fit, inspection)}",
                fix=_input_fix(fit),
            )


def fit_target_mismatch(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS402: target and output ranks or sizes disagree with the loss."""
    for fit in model.fits:
        message = fit.target_error or fit.broadcast
        if message is None:
            continue
        stretched = fit.target_error is None
        why = _stretched(fit, inspection) if stretched else f"{_given(fit)}{_keras_says(fit, inspection)}"
        yield _finding(
            model,
            fit,
            rule="KS402",
            name="fit-target-mismatch",
            severity=Severity.WARNING if stretched else Severity.ERROR,
            message=message,
            why=why,
            fix=_target_fix(fit),
        )


def _finding(
    model: Model, fit: Fit, *, rule: str, name: str, severity: Severity, message: str, why: str, fix: Fix | None
) -> Finding:
    return Finding(
        rule=rule,
        name=name,
        severity=severity,
        message=message,
        why=f"{title_of(model)}: {why}",
        model=model.name,
        path=fit.path,
        line=fit.line,
        column=fit.column,
        fix=fix,
    )


# ---------------------------------------------------------------------- why


def _taken(fit: Fit) -> str:
    # Where there is but one input its name tells nothing, and Keras may have made it up.
    named = fit.inputs if len(fit.inputs) > 1 else tuple(replace(spec, name=None) for spec in fit.inputs)
    inputs = ", ".join(_text(spec) for spec in named)
    given = ", ".join(_text(spec) for spec in fit.x) or "nothing"
    return f"the model takes {inputs} and {fit.method} was given {given}" if inputs else f"{fit.method} got {given}"


def _given(fit: Fit) -> str:
    outputs = ", ".join(_text(spec) for spec in fit.outputs) or "outputs that are not known"
    given = ", ".join(_text(spec) for spec in fit.y) or "no targets"
    return f"it gives out {outputs}, and {fit.method} was given the targets {given}"


def _stretched(fit: Fit, inspection: Inspection) -> str:
    generation = f"Keras {inspection.engine.generation}" if inspection.engine is not None else "Keras"
    loss = fit.loss[fit.output] if fit.output is not None and fit.output < len(fit.loss) else ""
    target = fit.y[fit.output] if fit.output is not None and fit.output < len(fit.y) else None
    rank_one = target is not None and target.shape is not None and len(target.shape) == 1
    if inspection.engine is not None and inspection.engine.generation == 3 and rank_one:
        how = "runs only because a batch has as many rows as there are outputs, and compares each row with all targets"
    else:
        how = "compares every output with the same target"
    return f"{_given(fit)}; {generation} takes the two shapes as broadcasting allows: {loss or 'the loss'} {how}"


def _keras_says(fit: Fit, inspection: Inspection) -> str:
    if fit.raised is None:
        return ""
    generation = f"Keras {inspection.engine.generation}" if inspection.engine is not None else "Keras"
    return f". {generation} says: {fit.raised}"


# ---------------------------------------------------------------------- what to do


def _input_fix(fit: Fit) -> Fix | None:
    if fit.about == "kind":
        return Fix(description="make arrays of them: np.asarray(...)")
    if fit.about == "rows":
        return Fix(description="give every input as many rows as the others: they belong together by their rows")
    if fit.about != "input":
        return None
    if (
        fit.kind == "tf.data"
        and len(fit.x) == len(fit.inputs) == 1
        and fit.x[0].shape == (fit.inputs[0].shape or ())[1:]
    ):
        return Fix(description=f"the data set gives single samples: batch it, {fit.method}(dataset.batch(32), ...)")
    if len(fit.inputs) != 1 or len(fit.x) != 1:
        if fit.inputs and fit.x:
            names = ", ".join(spec.name or "?" for spec in fit.inputs)
            return Fix(
                description=f"give {fit.method} one array for each input, in this order or by these names: {names}"
            )
        return None
    given, wanted = fit.x[0].shape, fit.inputs[0].shape
    if given is None or wanted is None:
        return None
    if fit.x[0].dtype == "str":
        return Fix(description="turn the text into numbers first, or begin the model with a TextVectorization layer")
    sample = format_shape(wanted[1:])
    if len(given) == len(wanted) - 1 and wanted[-1] in (1, None) and _agree(given[1:], wanted[1:-1]):
        return Fix(description=f"add the missing last axis: x[..., None] is {format_shape((*given, 1))}")
    if len(given) == len(wanted) - 1 and _agree(given, wanted[1:]):
        return Fix(description=f"x is one sample: x[None, ...] is a batch of it, {format_shape((1, *given))}")
    if _size(given[1:]) == _size(wanted[1:]) and _size(given[1:]) is not None:
        return Fix(description=f"reshape each row of x to {sample}: x.reshape({format_shape((-1, *wanted[1:]))})")
    return Fix(
        description=f"give x rows of {sample}, or make the model's input {format_shape((None, *given[1:]))} to fit the "
        "data"
    )


def _target_fix(fit: Fit) -> Fix | None:
    if fit.about == "rows":
        return Fix(description="give x and y, and sample weights, the same number of rows: one target for each sample")
    if fit.about == "missing":
        return Fix(description="give fit its targets, fit(x, y), or a data set of pairs (x, y)")
    if fit.about == "target" and fit.output is None and len(fit.outputs) > 1:
        names = ", ".join(spec.name or "?" for spec in fit.outputs)
        return Fix(
            description=f"give one target and one loss for each output, in this order or by these names: {names}"
        )
    if fit.about != "target":
        return None
    if fit.output is None or fit.output >= len(fit.outputs):
        return None
    output = fit.outputs[fit.output]
    named = {spec.name: spec for spec in fit.y if spec.name is not None}
    target = named.get(output.name or "") if named else fit.y[fit.output] if fit.output < len(fit.y) else None
    if target is None or target.shape is None or output.shape is None or not output.shape:
        return None
    loss = fit.loss[fit.output] if fit.output < len(fit.loss) else ""
    if target.dtype == "str":
        return Fix(description="turn the labels into numbers first, for example with keras.layers.StringLookup")
    units = output.shape[-1]
    numbers = target.shape[1:] in (output.shape[1:-1], (*output.shape[1:-1], 1)) and units != 1
    if loss.startswith("sparse_categorical") and target.shape[1:] == output.shape[1:]:
        return Fix(description=f'y looks one-hot: use loss="{loss.removeprefix("sparse_")}", or give class numbers')
    if loss in _ONE_HOT and numbers:
        return Fix(
            description=f'if y holds class numbers, use loss="sparse_categorical_crossentropy", or give it one-hot: '
            f"keras.utils.to_categorical(y, {units})"
        )
    if numbers and len(output.shape) == 2:
        return Fix(
            description=f"give the last layer 1 unit in place of {units} if y is one number for each sample; if it "
            f'holds the numbers of {units} classes, use loss="sparse_categorical_crossentropy"'
        )
    if units is not None and target.shape[:-1] == output.shape[:-1] and target.shape[-1] is not None:
        return Fix(
            description=f"give the last layer {target.shape[-1]} units in place of {units}, or change y to match"
        )
    return Fix(description=f"make y {format_shape(output.shape)}, or change what the model gives out")


def _agree(given: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(given) == len(wanted) and all(want in (None, have) for have, want in zip(given, wanted, strict=True))


def _size(shape: tuple[int | None, ...]) -> int | None:
    size = 1
    for side in shape:
        if side is None:
            return None
        size *= side
    return size


def _text(spec: DataSpec) -> str:
    parts = [spec.name, "of unknown shape" if spec.shape is None else format_shape(spec.shape), spec.dtype]
    return " ".join(part for part in parts if part)
