"""KS301: models without shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Finding, Fix, Model, Severity, SourceKind, failing_layer, title_of
from kerascope.rules._words import declared_text, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Inspection

__all__ = ["unbuilt_model"]


def unbuilt_model(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS301: no shapes are known, and what would make them known."""
    if model.name is None or model.built or inspection.failure is not None or model.skipped:
        return  # a file that failed had no time to build its model, and a statement that was skipped might have
    why, fix = _why_and_fix(model, inspection)
    yield Finding(
        rule="KS301",
        name="unbuilt-model",
        severity=Severity.INFO,
        message=f"{title_of(model)} is not built: no shapes and no parameters are known"
        if inspection.source.kind is SourceKind.PYTHON
        else f"{title_of(model)}: no shapes are known",
        why=why,
        model=model.name,
        path=model.location.path if model.location else None,
        line=model.location.line if model.location else None,
        column=model.location.column if model.location else None,
        fix=Fix(description=fix),
    )


def _why_and_fix(model: Model, inspection: Inspection) -> tuple[str, str]:
    sequential = model.class_name == "Sequential"
    if inspection.source.kind is not SourceKind.PYTHON and not sequential:
        return (
            f"{model.unknown or 'its config does not tell them'}; of a class of its own save() keeps the constructor's "
            "arguments and the weights",
            "open the program that defines it",
        )
    failing = failing_layer(model)
    if not model.layers:
        make = "add layers to it" if sequential else "make layers in its __init__ and call them in its call"
        return "it has no layers", make
    if failing is not None:
        why = f"its input is declared, but calling {failing.name}{line_of(failing, inspection.source)} on what comes "
        why += f"before it fails: {failing.failure}"
        return why, f"give {failing.name} an input that it can take, or put another layer in its place"
    if sequential:
        why = "a Sequential is built when its first layer declares an input shape, or when it is first called; neither "
        why += "happened here"
        later = (layer for layer in model.layers[1:] if layer.parent is None)
        declaring = next((layer for layer in later if layer.declared is not None), None)
        if declaring is not None:
            why += (
                f". {declaring.name}{line_of(declaring, inspection.source)} declares {declared_text(declaring)}, but "
                f"Keras looks only at the first layer, {model.layers[0].name}"
            )
        fix = "begin it with keras.Input(shape=(...)), or call model.build((None, ...))"
    else:
        why = f"a {model.class_name} learns its shapes when it is first called on data or on a keras.Input"
        fix = "call it once, on keras.Input(shape=(...)) or on a batch of data"
    if model.unknown is not None and "fails" in model.unknown:
        return f"{why}; {model.unknown}", fix
    return why, f"{fix}, or look with --input-shape '(None, ...)' (i on the screen)"
