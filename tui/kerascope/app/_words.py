"""What a layer's row means, in plain sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import (
    Connection,
    Provenance,
    Severity,
    SourceKind,
    Verdict,
    chain_ends,
    format_shape,
    format_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerascope.app._marks import Marks
    from kerascope.app._view import View
    from kerascope.graph import EngineInfo, Factory, Fit, Inspection, Layer, Source, Step, Target

__all__ = [
    "ChainLine",
    "call_text",
    "chain_lines",
    "connection_sentence",
    "counted",
    "engine_name",
    "factory_title",
    "fit_words",
    "held_sentence",
    "name_of",
    "place_of",
    "provenance_words",
    "summary_line",
    "target_name",
    "tolerance_words",
    "verdict_sentence",
]


def counted(number: int, noun: str) -> str:
    """`1 finding`, `2 epochs`, `3 batches`."""
    plural = "es" if noun.endswith(("tch", "sh", "s", "x")) else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def name_of(layer: Layer, source: Source) -> str:
    """The layer's name; the program text may give none, then the line it is constructed on."""
    if layer.name:
        return layer.name
    location = layer.location
    return source.line_name(location.line, location.path) if location is not None else "unnamed"


def engine_name(engine: EngineInfo) -> str:
    """The generation, as columns are headed: `Keras 3`."""
    return f"Keras {engine.generation}"


def call_text(name: str, call: str | None) -> str:
    """A name as it was asked for: `build_model(units=64)`, or `build_model` where it was given no arguments."""
    return name if call is None else f"{name}({call})"


def target_name(target: Target, path: str) -> str:
    """What is looked at: `train.py`, `train.py:build_model(units=64)`, `package.train:build_model`.

    Args:
        target: What was asked for.
        path: The file that turned out to be meant.
    """
    where = target.module or path.rsplit("/", 1)[-1]
    return where if target.name is None else f"{where}:{call_text(target.name, target.call)}"


def factory_title(factory: Factory, source: Source) -> str:
    """A function that makes a model: `build_model(units=64) · line 30`."""
    return f"{factory.name}{factory.signature} · {source.line_name(factory.line)}"


def fit_words(fit: Fit, source: Source, marks: Marks) -> tuple[str, str, str]:
    """A training call for people: a mark, what is wrong with its data (empty when nothing is), and which call it is."""
    wrong = fit.input_error or fit.target_error
    severity = Severity.ERROR if wrong is not None else Severity.WARNING
    wrong = wrong or fit.broadcast or ""
    where = f", {source.line_name(fit.line, fit.path)}" if fit.line is not None else ""
    times = f" ({fit.count:,} times)" if fit.count > 1 else ""
    return f"{marks.severities[severity]} " if wrong else "", wrong, f"{fit.method}{where}{times}"


def tolerance_words(inspection: Inspection) -> str:
    """How the file had to be helped along: `tolerant: 2 statements skipped, cv2 stood in`; empty when it had not."""
    parts = []
    if inspection.skipped:
        parts.append(f"{counted(len(inspection.skipped), 'statement')} skipped")
    if inspection.stood_in:
        parts.append(f"{_some(inspection.stood_in)} stood in")
    if inspection.moved:
        parts.append(f"{counted(len(inspection.moved), 'moved name')} found")
    return f"tolerant: {', '.join(parts)}" if parts else ""


_NAMED_MOST = 3
_OTHERS_MOST = 2
"""Other inputs of a merge that a chain names."""


def _some(names: tuple[str, ...]) -> str:
    """The first names, and how many others there are."""
    others = len(names) - _NAMED_MOST
    if others <= 0:
        return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return f"{', '.join(names[:_NAMED_MOST])} and {others:,} more"


def provenance_words(provenance: Provenance | None, engine: EngineInfo | None) -> str:
    """Where a shape comes from."""
    if provenance is Provenance.KERAS:
        return f"computed by Keras {engine.keras}" if engine is not None else "computed by Keras"
    if provenance is Provenance.FILE:
        return "stated in the file"
    if provenance is Provenance.INFERRED:
        return "inferred by kerascope's shape rules"
    if provenance is Provenance.SOURCE:
        return "read from the program text"
    return ""


def verdict_sentence(layer: Layer, view: View) -> str:
    """What became of the layer's declaration, as one or two sentences; empty when it declares nothing."""
    declared = layer.declared
    if declared is None:
        return ""
    source = view.inspection.source
    location = layer.location
    line = declared.line if declared.line is not None else location.line if location is not None else None
    path = location.path if location is not None else None
    who = f"`{declared.argument}`" if line is None else source.line_name(line, path)
    shape = format_shape(declared.shape) if declared.shape is not None else declared.value
    effective = format_shape(layer.effective[0]) if layer.effective else None
    decider = view.layers.get(layer.decided_by) if layer.decided_by is not None else None
    decided = ""
    if decider is not None and decider.id != layer.id:
        there = decider.location
        at = f" ({source.line_name(there.line, there.path)})" if there is not None else ""
        decided = f" The input of this model was decided by {name_of(decider, source)}{at}."
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


def connection_sentence(layer: Layer, source: Source) -> str:
    """How the layer stands to the models of its file, as a sentence."""
    if layer.connection is None and source.kind is not SourceKind.PYTHON:
        return "Its connections are not known: the file does not say what this layer is called on."
    if layer.connection is Connection.CONNECTED:
        return "Connected: a model's output depends on this layer."
    if layer.connection is Connection.UNCONNECTED:
        return "Unconnected: the layer was constructed, but never called, so no model holds it."
    if layer.connection is Connection.UNUSED_INPUT:
        return "Unused input: no model takes it."
    if layer.connection is Connection.DEAD_BRANCH:
        return "Dead branch: the layer was called, but its result reaches no model output." + _overtaken(layer, source)
    if layer.connection is None and layer.provenance is not Provenance.SOURCE and layer.failure is None:
        if layer.effective is not None:
            return "Its connections are not known: it was called, but in no model whose graph is known."
        return "Its connections are not known: it was not seen being called, or its model has no graph."
    return ""


def _overtaken(layer: Layer, source: Source) -> str:
    overtaken = layer.overtaken
    if overtaken is None:
        return ""
    what = overtaken.layer or "the Model(...) call"
    tensor = f"the output of {overtaken.tensor_of}" if overtaken.tensor_of else "the earlier tensor"
    where = f" at {source.line_name(overtaken.line, overtaken.path)}" if overtaken.line is not None else ""
    held = held_sentence(layer, source)
    said = f" It was overtaken{where}: {what} took {tensor} instead of this branch's result."
    return f"{said} {held}" if held else said


def held_sentence(layer: Layer, source: Source) -> str:
    """Which name held a dead branch's result, and until when; empty where the text does not tell."""
    overtaken = layer.overtaken
    if overtaken is None or overtaken.variable is None or overtaken.rebound_line is None:
        return ""
    until = source.line_name(overtaken.rebound_line, overtaken.path)
    same = overtaken.rebound_line == overtaken.line and overtaken.layer is not None
    given = f"the result of {overtaken.layer}" if same else "something else"
    return f"Its result was held by `{overtaken.variable}` until {until} gave that name to {given}."


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One line of a chain of shapes: a layer with its line in the file, and what comes out of it."""

    name: str
    class_name: str = ""
    where: str = ""
    shape: str = ""
    remark: str = ""


def chain_lines(layers: Mapping[str, Layer], layer_id: str, source: Source, most: int) -> list[ChainLine]:
    """How a shape came to be, one line a step, the middle of a long chain left out.

    Args:
        layers: All layers of the inspection by id.
        layer_id: The layer whose shape is explained.
        source: The file that was opened.
        most: How many steps there is room for.

    Returns:
        The lines; none where nothing leads to the layer. The one that counts what was left out, and those that say
        what else a merge takes, have a name only.
    """
    head, middle, tail = chain_ends(layers, layer_id, most)
    if len(head) + len(tail) < 2:
        return []
    lines = _incoming(head[0].layer, source) + [line for step in head for line in _step_lines(step, source)]
    if middle:
        overruled = sum(map(_overruled, middle))
        remark = f", {overruled:,} of them with a discarded declaration" if overruled else ""
        lines.append(ChainLine(f"… {counted(len(middle), 'more layer')}{remark}"))
    lines += [line for step in tail for line in _step_lines(step, source)]
    return lines


def _incoming(layer: Layer, source: Source) -> list[ChainLine]:
    """What the first layer takes, where no Input of its own says so."""
    if layer.is_input or layer.effective is None or layer.effective == layer.output:
        return []
    who = f"declared by {name_of(layer, source)}" if layer.verdict is Verdict.DECIDES else "what comes in"
    return [ChainLine("(input)", who, "", format_shapes(layer.effective))]


def _overruled(layer: Layer) -> bool:
    return layer.declared is not None and layer.verdict is Verdict.DISCARDED


def _step_lines(step: Step, source: Source) -> list[ChainLine]:
    layer = step.layer
    where = source.line_name(layer.location.line, layer.location.path) if layer.location is not None else ""
    if step.enters or layer.failure is not None:
        shape = f"takes {format_shapes(layer.effective)}" if layer.effective else "takes an unknown shape"
    else:
        shape = format_shapes(layer.output) if layer.output is not None else "unknown"
    remarks = ["✗ fails"] if layer.failure is not None else []
    if _overruled(layer) and layer.declared is not None:
        wanted = format_shape(layer.declared.shape) if layer.declared.shape is not None else layer.declared.value
        remarks.append(f"✗ discarded {wanted}")
    lines = [ChainLine(name_of(layer, source), layer.class_name, where, shape, " ".join(remarks))]
    for other in step.others[:_OTHERS_MOST]:
        came = format_shapes(other.output) if other.output is not None else "an unknown shape"
        lines.append(ChainLine(f"  also takes {name_of(other, source)} {came}"))
    left = len(step.others) - _OTHERS_MOST
    if left > 0:
        lines.append(ChainLine(f"  and {left:,} more"))
    return lines


def summary_line(layer: Layer, source: Source) -> str:
    """One layer as one line of text, to copy."""
    parts = [f"{name_of(layer, source)} ({layer.class_name})"]
    if layer.declared is not None:
        shape = format_shape(layer.declared.shape) if layer.declared.shape is not None else layer.declared.value
        verdict = f" {layer.verdict.value}" if layer.verdict is not None else ""
        parts.append(f"declared {shape}{verdict}")
    for word, shapes in (("effective", layer.effective), ("output", layer.output)):
        if shapes is not None:
            parts.append(f"{word} {', '.join(map(format_shape, shapes))}")
    if layer.failure is not None:
        parts.append(f"fails: {layer.failure}")
    if layer.params is not None:
        parts.append(f"{layer.params:,} parameters")
    if layer.connection not in (None, Connection.CONNECTED):
        parts.append(layer.connection.value)
    if layer.location is not None:
        parts.append(place_of(source, layer.location.path, layer.location.line))
    return "; ".join(parts)


def place_of(source: Source, path: str, line: int) -> str:
    """A place as editors take it, `path:line`; in a notebook, which they know no lines of, `path:cell 4:12`."""
    if path == source.path and source.cells:
        return f"{path}:{source.line_name(line)}"
    return f"{path}:{line}"
