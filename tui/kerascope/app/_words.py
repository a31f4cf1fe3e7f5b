"""What a layer's row means, in plain sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Connection, Provenance, Verdict, format_shape

if TYPE_CHECKING:
    from kerascope.app._view import View
    from kerascope.graph import EngineInfo, Layer

__all__ = ["connection_sentence", "count_of", "name_of", "provenance_words", "summary_line", "verdict_sentence"]


def count_of(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_of(layer: Layer) -> str:
    """The layer's name; the program text may give none, then the line it is constructed on."""
    if layer.name:
        return layer.name
    return f"line {layer.location.line}" if layer.location is not None else "unnamed"


def provenance_words(provenance: Provenance | None, engine: EngineInfo | None) -> str:
    """Where a shape comes from."""
    if provenance is Provenance.KERAS:
        return f"computed by Keras {engine.keras}" if engine is not None else "computed by Keras"
    if provenance is Provenance.FILE:
        return "stated in the file"
    if provenance is Provenance.INFERRED:
        return "worked out by kerascope's own shape rules"
    if provenance is Provenance.SOURCE:
        return "read from the program text"
    return ""


def _at_line(line: int | None) -> str:
    return "" if line is None else f"line {line}"


def verdict_sentence(layer: Layer, view: View) -> str:
    """What became of the layer's declaration, as one or two sentences; empty when it declares nothing."""
    declared = layer.declared
    if declared is None:
        return ""
    line = declared.line if declared.line is not None else layer.location.line if layer.location else None
    who = _at_line(line) or f"`{declared.argument}`"
    shape = format_shape(declared.shape) if declared.shape is not None else declared.value
    effective = format_shape(layer.effective[0]) if layer.effective else None
    decider = view.layers.get(layer.decided_by) if layer.decided_by is not None else None
    decided = ""
    if decider is not None and decider.id != layer.id:
        at = f" (line {decider.location.line})" if decider.location is not None else ""
        decided = f" The input of this model was decided by {decider.name}{at}."
    if layer.verdict is Verdict.DECIDES:
        return f"{who[:1].upper()}{who[1:]} made the input {shape}."
    if layer.verdict is Verdict.REDUNDANT:
        return f"{shape} was not looked at, but it is also what the layer really gets: it does no harm.{decided}"
    if layer.verdict is Verdict.DISCARDED:
        really = f" The layer really gets {effective}." if effective is not None else ""
        return f"Keras did not look at {shape}: it was discarded.{really}{decided}"
    if layer.verdict is Verdict.UNDECIDED:
        return f"{shape} has decided nothing: the layer was never built or never called."
    reason = f": {layer.unknown}" if layer.unknown else ""
    return f"{shape} is declared; what becomes of it is not known yet{reason}."


def connection_sentence(layer: Layer) -> str:
    """How the layer stands to the models of its file, as a sentence."""
    if layer.connection is Connection.CONNECTED:
        return "Connected: a model's output depends on this layer."
    if layer.connection is Connection.UNCONNECTED:
        return "Unconnected: the layer was constructed, but never called, so no model holds it."
    if layer.connection is Connection.UNUSED_INPUT:
        return "Unused input: no model takes it."
    if layer.connection is Connection.DEAD_BRANCH:
        return "Dead branch: the layer was called, but its result reaches no model output." + _overtaken(layer)
    if layer.connection is None and layer.provenance is not Provenance.SOURCE:
        return "Its connections are not known: it was not seen being called, or its model has no graph."
    return ""


def _overtaken(layer: Layer) -> str:
    overtaken = layer.overtaken
    if overtaken is None:
        return ""
    where = _at_line(overtaken.line)
    what = overtaken.layer or "the Model(...) call"
    tensor = f"the output of {overtaken.tensor_of}" if overtaken.tensor_of else "the earlier tensor"
    return f" It was overtaken{' at ' + where if where else ''}: {what} took {tensor} instead of this branch's result."


def summary_line(layer: Layer) -> str:
    """One layer as one line of text, to copy."""
    parts = [f"{name_of(layer)} ({layer.class_name})"]
    if layer.declared is not None:
        shape = format_shape(layer.declared.shape) if layer.declared.shape is not None else layer.declared.value
        verdict = f" {layer.verdict.value}" if layer.verdict is not None else ""
        parts.append(f"declared {shape}{verdict}")
    for word, shapes in (("effective", layer.effective), ("output", layer.output)):
        if shapes is not None:
            parts.append(f"{word} {', '.join(map(format_shape, shapes))}")
    if layer.params is not None:
        parts.append(f"{layer.params:,} parameters")
    if layer.connection not in (None, Connection.CONNECTED):
        parts.append(layer.connection.value)
    if layer.location is not None:
        parts.append(f"{layer.location.path}:{layer.location.line}")
    return "; ".join(parts)
