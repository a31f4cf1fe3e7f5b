"""KS302: files written for the other Keras generation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerascope.graph import Finding, Fix, Model, Severity
from kerascope.rules._files import file_issues
from kerascope.rules._words import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Inspection

__all__ = ["keras_generation"]

_ONLY_2 = (
    (
        re.compile(r"Unrecognized keyword arguments passed to \w+: \{'batch_input_shape'"),
        "it passes batch_input_shape to a layer, which Keras 3 no longer takes",
        "begin with keras.Input(batch_shape=...)",
    ),
    (
        re.compile(r"Unrecognized keyword arguments passed to \w+: \{'input_(?:shape|dim)'"),
        "it passes input_dim and input_shape together, which Keras 3 refuses",
        "begin with keras.Input(shape=...)",
    ),
    (
        re.compile(r"Argument\(s\) not recognized: \{'lr'"),
        "it passes lr to an optimizer, which Keras 3 calls learning_rate",
        "write learning_rate",
    ),
    (
        re.compile(r"already been configured to use input shape .* cannot add a different Input layer"),
        "it has an InputLayer after the first layer, which Keras 2 lets pass and Keras 3 refuses",
        "remove the later InputLayer",
    ),
    (
        re.compile(r"A KerasTensor cannot be used as input to a TensorFlow function"),
        "it calls a TensorFlow function on a symbolic tensor, which Keras 2 turns into a layer and Keras 3 refuses",
        "use keras.ops, or a Lambda layer",
    ),
)
"""Messages of Keras 3 about what Keras 2 accepts: measured with 3.15 and tf-keras 2.21."""

_ONLY_3 = (
    (
        re.compile(
            r"(?:has no attribute|cannot import name) '(?P<name>ops|random|distribution|tree|quantizers|dtype_policies|"
            r"Function|KerasTensor|Operation|StatelessScope|Variable)'"
            r"|No module named '[\w.]*keras\.(?P<module>ops|random)'"
        ),
        "it uses keras.{name}, which only Keras 3 has",
        "use the TensorFlow function of that name",
    ),
    (
        re.compile(r"Unrecognized keyword arguments: \['shape'\]"),
        "it passes shape to InputLayer, which Keras 2 calls input_shape",
        "begin with keras.Input(shape=...)",
    ),
)
"""Messages of Keras 2 about what Keras 3 accepts."""


def keras_generation(model: Model, inspection: Inspection) -> Iterator[Finding]:
    """KS302: the file is written for the other Keras generation; told once, with the first model."""
    yield from file_issues("generation", model, inspection, "KS302", "keras-generation", Severity.ERROR, Severity.INFO)
    engine = inspection.engine
    if engine is None or (inspection.models and model is not inspection.models[0]):
        return
    other = 5 - engine.generation
    failure = inspection.failure
    if failure is not None:
        for pattern, what, instead in _ONLY_2 if engine.generation == 3 else _ONLY_3:
            match = pattern.search(failure.message)
            if match is not None:
                names = [value for value in match.groupdict().values() if value]
                yield _finding(
                    inspection,
                    severity=Severity.ERROR,
                    message=f"the file is written for Keras {other}: {what.format(name=''.join(names[:1]))}",
                    why=f"it was run with Keras {engine.keras}, which ended with: {failure.message}",
                    fix=f"look with --keras {other}; or {instead}, which works with both"
                    if instead.startswith("begin")
                    else f"look with --keras {other}, or {instead}",
                    line=failure.line if failure.path in (None, inspection.source.path) else None,
                )
                return
        return
    if inspection.moved:
        shown = [*inspection.moved[:3], *([f"{len(inspection.moved) - 3} more"] if len(inspection.moved) > 3 else [])]
        yield _finding(
            inspection,
            severity=Severity.ERROR,
            message=f"the file is written for an earlier Keras: Keras {engine.keras} has no {join(shown)}",
            why="it ends in an error with this Keras; to look at it all the same, these names were found where they "
            "live now, which only a tolerant look does",
            fix="import them from where they live now",
            line=None,
        )
    elif inspection.legacy_line is not None and other == 2:
        yield _finding(
            inspection,
            severity=Severity.INFO,
            message=f"the file asks for Keras {other}, and was looked at with Keras {engine.keras}",
            why=f"it imports tf_keras or sets TF_USE_LEGACY_KERAS; run by itself it would use Keras {other}",
            fix=f"look with --keras {other}",
            line=inspection.legacy_line,
        )


def _finding(
    inspection: Inspection, *, severity: Severity, message: str, why: str, fix: str, line: int | None
) -> Finding:
    return Finding(
        rule="KS302",
        name="keras-generation",
        severity=severity,
        message=message,
        why=why,
        path=inspection.source.path,
        line=line,
        fix=Fix(description=fix),
    )
