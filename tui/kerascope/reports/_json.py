"""An inspection as JSON. The keys are a contract with other programs: add some, never rename or take away one."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from kerascope.graph import weight_totals, weights_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import (
        Compared,
        DataSpec,
        Declaration,
        EngineInfo,
        Factory,
        Failure,
        FileInfo,
        Finding,
        Fit,
        Fix,
        Frame,
        Inspection,
        Layer,
        Model,
        Note,
        Overtaken,
        Params,
        Weight,
        WeightStats,
    )

__all__ = ["SCHEMA", "to_json", "to_weights_json"]

SCHEMA = 1
"""Number of the contract; a program that reads another number should not trust the keys it knows."""


def to_json(inspection: Inspection, *, path: str | None = None) -> str:
    """The inspection as one object on one line, in ASCII, so that no terminal or locale can spoil it.

    Args:
        inspection: What to say.
        path: The path exactly as it was asked for, for a program to match; `None` takes the one that is shown.
    """
    data = {
        "schema": SCHEMA,
        "source": _source(inspection, path),
        "file": _file(inspection.file),
        "engine": _engine(inspection.engine),
        "compared": _engine(inspection.compared),
        "models": [_model(model, inspection.source.path) for model in inspection.models],
        "factories": [_factory(factory) for factory in inspection.factories],
        "findings": [_finding(finding) for finding in inspection.findings],
        "notes": [_note(note) for note in inspection.notes],
        "failure": _failure(inspection.failure),
        "tolerance": _tolerance(inspection),
        "weights": [_weight(weight) for weight in inspection.weights],
    }
    return json.dumps(data, ensure_ascii=True, allow_nan=False)


def to_weights_json(inspection: Inspection, *, path: str | None = None, only: Sequence[str] = ()) -> str:
    """The weights of a saved file, and what they come to, as one object on one line, in ASCII.

    Args:
        inspection: What to say; statistics are there where its weights hold them.
        path: The path exactly as it was asked for, for a program to match; `None` takes the one that is shown.
        only: Texts in the names or places of the weights that are wanted, none for all of them; totals are of all.
    """
    totals = weight_totals(inspection)
    data = {
        "schema": SCHEMA,
        "source": _source(inspection, path),
        "file": _file(inspection.file),
        "totals": {
            "weights": totals.arrays,
            "parameters": totals.numbers,
            "size": totals.size,
            "config_parameters": totals.config,
            "others": dict(totals.others),
        },
        "weights": [_weight(weight) for weight in weights_named(inspection.weights, only)],
        "findings": [_finding(finding) for finding in inspection.findings],
        "notes": [_note(note) for note in inspection.notes],
        "failure": _failure(inspection.failure),
    }
    return json.dumps(data, ensure_ascii=True, allow_nan=False)


def _source(inspection: Inspection, path: str | None) -> dict[str, Any]:
    source = inspection.source
    return {
        "path": source.path if path is None else path,
        "kind": source.kind.value,
        "executed": source.executed,
        "cells": [{"number": cell.number, "line": cell.line} for cell in source.cells],
    }


def _file(file: FileInfo | None) -> dict[str, Any] | None:
    """What a saved file says it is, its whole config left out."""
    if file is None:
        return None
    return {
        "format": file.format,
        "size": file.size,
        "generation": file.generation,
        "keras_version": file.keras_version,
        "backend": file.backend,
        "saved": file.saved,
        "declares": file.declares,
        "architecture": file.architecture,
        "facts": [{"name": fact.name, "value": fact.value} for fact in file.facts],
    }


def _weight(weight: Weight) -> dict[str, Any]:
    return {
        "path": weight.path,
        "name": weight.name,
        "shape": weight.shape,
        "dtype": weight.dtype,
        "size": weight.size,
        "layer": weight.layer,
        "group": weight.group,
        "unreadable": weight.unreadable,
        "stats": _stats(weight.stats),
    }


def _stats(stats: WeightStats | None) -> dict[str, Any] | None:
    if stats is None:
        return None
    return {
        "count": stats.count,
        "min": _finite(stats.minimum),
        "max": _finite(stats.maximum),
        "mean": _finite(stats.mean),
        "std": _finite(stats.std),
        "zeros": stats.zeros,
        "nans": stats.nans,
        "infs": stats.infs,
        "histogram": list(stats.histogram),
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity, which a mean or a deviation of finite numbers can still overflow to."""
    return value if value is not None and math.isfinite(value) else None


def _engine(engine: EngineInfo | None) -> dict[str, Any] | None:
    if engine is None:
        return None
    return {
        "keras": engine.keras,
        "generation": engine.generation,
        "tensorflow": engine.tensorflow,
        "python": engine.python,
        "python_version": engine.python_version,
        "backend": engine.backend,
    }


def _tolerance(inspection: Inspection) -> dict[str, Any] | None:
    """What a tolerant look went past; `None` where the file was looked at as it is."""
    if not (inspection.stood_in or inspection.moved or inspection.skipped):
        return None
    return {
        "stood_in": list(inspection.stood_in),
        "moved": list(inspection.moved),
        "skipped": [{"line": statement.line, "error": statement.error} for statement in inspection.skipped],
    }


def _model(model: Model, path: str) -> dict[str, Any]:
    return {
        "name": model.name,
        "class_name": model.class_name,
        "built": model.built,
        "params": _params(model.params),
        "unknown": model.unknown,
        "made_by": model.made_by,
        "shaped_by": model.shaped_by,
        "variable": model.variable,
        "line": None if model.location is None else model.location.line,
        "skipped": list(model.skipped),
        "layers": [_layer(layer, path) for layer in model.layers],
        "fits": [_fit(fit, path) for fit in model.fits],
    }


def _fit(fit: Fit, path: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "method": fit.method,
        "line": fit.line,
        "column": fit.column,
        "kind": fit.kind,
        "x": _specs(fit.x),
        "y": _specs(fit.y),
        "sample_weight": _specs(fit.weights),
        "validation": _specs(fit.validation),
        "batch_size": fit.batch_size,
        "epochs": fit.epochs,
        "steps": fit.steps,
        "callbacks": list(fit.callbacks),
        "loss": [name or None for name in fit.loss],
        "inputs": _specs(fit.inputs),
        "outputs": _specs(fit.outputs),
        "input_error": fit.input_error,
        "target_error": fit.target_error,
        "broadcast": fit.broadcast,
        "about": fit.about,
        "raised": fit.raised,
        "unknown": fit.unknown,
        "count": fit.count,
    }
    if fit.path is not None and fit.path != path:
        data["file"] = fit.path
    return data


def _specs(specs: tuple[DataSpec, ...]) -> list[dict[str, Any]]:
    return [{"name": spec.name, "shape": spec.shape, "dtype": spec.dtype} for spec in specs]


def _params(params: Params | None) -> dict[str, int] | None:
    if params is None:
        return None
    return {"total": params.total, "trainable": params.trainable, "non_trainable": params.non_trainable}


def _layer(layer: Layer, path: str) -> dict[str, Any]:
    location = layer.location
    data: dict[str, Any] = {
        "id": layer.id,
        "name": layer.name,
        "class_name": layer.class_name,
        "parent": layer.parent,
        "inbound": list(layer.inbound),
        "declared": _declared(layer.declared),
        "effective": layer.effective,
        "output": layer.output,
        "provenance": None if layer.provenance is None else layer.provenance.value,
        "unknown": layer.unknown,
        "verdict": None if layer.verdict is None else layer.verdict.value,
        "decided_by": layer.decided_by,
        "connection": None if layer.connection is None else layer.connection.value,
        "overtaken": _overtaken(layer.overtaken),
        "params": layer.params,
        "trainable_params": layer.trainable_params,
        "line": None if location is None else location.line,
        "column": None if location is None else location.column,
        "arguments": [{"name": argument.name, "value": argument.value} for argument in layer.arguments],
        "wrapper": layer.wrapper,
        "failure": layer.failure,
        "compared": _compared(layer.compared),
    }
    if location is not None and location.path != path:
        data["file"] = location.path
    return data


def _compared(compared: Compared | None) -> dict[str, Any] | None:
    if compared is None:
        return None
    return {
        "effective": compared.effective,
        "output": compared.output,
        "verdict": None if compared.verdict is None else compared.verdict.value,
        "params": compared.params,
        "unknown": compared.unknown,
        "same": compared.same,
    }


def _factory(factory: Factory) -> dict[str, Any]:
    return {
        "name": factory.name,
        "line": factory.line,
        "signature": factory.signature,
        "required": list(factory.required),
        "called": factory.called,
    }


def _declared(declared: Declaration | None) -> dict[str, Any] | None:
    if declared is None:
        return None
    return {
        "shape": declared.shape,
        "argument": declared.argument,
        "line": declared.line,
        "value": declared.value,
    }


def _overtaken(overtaken: Overtaken | None) -> dict[str, Any] | None:
    if overtaken is None:
        return None
    return {
        "path": overtaken.path,
        "line": overtaken.line,
        "layer": overtaken.layer,
        "tensor_of": overtaken.tensor_of,
        "variable": overtaken.variable,
        "rebound_line": overtaken.rebound_line,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "model": finding.model,
        "layer": finding.layer,
        "layer_id": finding.layer_id,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "why": finding.why,
        "fix": _fix(finding.fix),
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "description": fix.description,
        "edits": [
            {
                "path": edit.path,
                "line": edit.line,
                "column": edit.column,
                "end_line": edit.end_line,
                "end_column": edit.end_column,
                "text": edit.text,
            }
            for edit in fix.edits
        ],
    }


def _frames(frames: tuple[Frame, ...]) -> list[dict[str, Any]]:
    return [
        {"path": frame.path, "line": frame.line, "function": frame.function, "text": frame.text} for frame in frames
    ]


def _note(note: Note) -> dict[str, Any]:
    return {"message": note.message, "path": note.path, "line": note.line, "frames": _frames(note.frames)}


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind,
        "message": failure.message,
        "hint": failure.hint,
        "path": failure.path,
        "line": failure.line,
        "column": failure.column,
        "frames": _frames(failure.frames),
    }
