"""`--resolve`: a real Keras rebuilds the model from the config of a saved file, and its answer is set beside ours."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from kerascope.configs import opened
from kerascope.engine import LookOptions, Question, Session
from kerascope.graph import (
    Inspection,
    Layer,
    Model,
    Note,
    Provenance,
    Source,
    SourceKind,
    Target,
    cut_middle,
    format_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kerascope.graph import Progress, Shape

__all__ = ["resolve"]

PROGRAM_PATH = "/nonexistent/kerascope-rebuilds-a-saved-model.py"
"""What the program is called: in a folder that is not there, so that nothing beside the saved file can be imported."""

MAX_TOLD = 3
"""Layers about which the same thing is said one by one."""
_REASON = 300

# Text for the probe, which runs it in the user's Python; no module here imports Keras.
_PROGRAM_3 = """\
import json, keras
{unsafe_3}config = json.loads({text!r})
model = keras.saving.deserialize_keras_object(config, safe_mode={safe})
"""
_PROGRAM_3_HDF5 = """\
import json
from keras.src.legacy.saving.saving_utils import model_from_config
config = json.loads({text!r})
model = model_from_config(config)
"""
_PROGRAM_2 = """\
import json, tf_keras
config = json.loads({text!r})
model = tf_keras.saving.deserialize_keras_object(config, safe_mode={safe})
"""
_PROGRAM_2_JSON = """\
import tf_keras
model = tf_keras.models.model_from_json({text!r})
"""


async def resolve(
    inspection: Inspection, options: LookOptions, on_progress: Callable[[Progress], None], sessions: list[Session]
) -> Inspection:
    """Ask a real Keras for the same model, from its config alone: no weight of the file is read, and none is made.

    Args:
        inspection: The file as it was read, without findings.
        options: Interpreter, generation (`auto` is the one that wrote the file), time limit, and whether the file is
            trusted to run code.
        on_progress: Called with what is going on.
        sessions: Takes the session while it is asked, so that somebody else can stop it.

    Returns:
        The inspection with Keras's shapes where it gave some, and notes about what differs; or with a note that says
        why Keras was not asked, or what it refused.
    """
    why_not = _why_not(inspection, trusted=options.trust)
    if why_not is not None:
        return _noted(inspection, f"Keras was not asked: {why_not}")
    assert inspection.file is not None
    assert inspection.file.text is not None
    generation = int(options.keras) if options.keras in ("2", "3") else max(2, inspection.file.generation or 2)
    program = _program(inspection, inspection.file.text, generation, trusted=options.trust)
    source = Source(path=PROGRAM_PATH, kind=SourceKind.PYTHON, executed=False)
    question = Question(target=Target(path=PROGRAM_PATH), source=source, text=program, path=PROGRAM_PATH)
    session = Session(dataclasses.replace(options, keras=str(generation), strict=True, arguments=()))
    sessions.append(session)
    try:
        answer = await session.look(question, on_progress)
    finally:
        sessions.remove(session)
        await session.close()
    resolved = _merged(inspection, answer)
    if options.trust and any(issue.kind == "executable" for issue in inspection.issues):
        # With safe mode off, Keras runs the code that a file carries.
        resolved = dataclasses.replace(resolved, source=dataclasses.replace(resolved.source, executed=True))
    return resolved


def _why_not(inspection: Inspection, *, trusted: bool) -> str | None:
    """Why Keras must not, or cannot, rebuild a file."""
    if inspection.file is None or inspection.file.text is None or not inspection.models:
        return "the file has no config to rebuild a model from"
    if trusted:
        return None
    codes = [
        code
        for kind, code in (("executable", "KS501"), ("reference", "KS502"))
        if any(issue.kind == kind for issue in inspection.issues)
    ]
    if not codes:
        return None
    return f"the file has {' and '.join(codes)}; rebuilding it might run or read what these are about (--trust does it)"


def _program(inspection: Inspection, text: str, generation: int, *, trusted: bool) -> str:
    """The program that rebuilds a model with one generation's own loader."""
    text = _bare(text)
    kind = inspection.source.kind
    values = {"text": text, "safe": not trusted, "unsafe_3": ""}
    if generation == 3:
        if trusted:
            values["unsafe_3"] = "keras.config.enable_unsafe_deserialization()\n"
        wrote_3 = inspection.file is not None and inspection.file.generation == 3
        # Keras 3 keeps its older loader for HDF5 alone.
        return (_PROGRAM_3_HDF5 if kind is SourceKind.HDF5 and not wrote_3 else _PROGRAM_3).format(**values)
    return (_PROGRAM_2 if kind is SourceKind.KERAS else _PROGRAM_2_JSON).format(**values)


def _bare(text: str) -> str:
    """The model's config out of what may stand round it: a byte order mark, a JSON string, TensorFlow.js's topology."""
    return json.dumps(opened(json.loads(text.removeprefix("\ufeff"))).item)


def _noted(inspection: Inspection, message: str) -> Inspection:
    return dataclasses.replace(inspection, notes=(*inspection.notes, Note(message=message)))


def _merged(ours: Inspection, theirs: Inspection) -> Inspection:
    """Our inspection with what Keras knows in place of what we inferred, and what differs said."""
    name = f"Keras {theirs.engine.keras}" if theirs.engine is not None else "Keras"
    # A model inside of it is found as well; the whole has the most layers.
    named = [each for each in theirs.models if each.name is not None]
    model = max(named, key=lambda each: len(each.layers), default=None)
    if theirs.failure is not None or model is None:
        reason = theirs.failure.message if theirs.failure is not None else "it made no model"
        reason = reason.removeprefix(f"{PROGRAM_PATH} ")
        ours = dataclasses.replace(ours, output=theirs.output)
        return _noted(ours, f"{name} was asked, and cannot rebuild it: {cut_middle(reason, _REASON)}")
    mine = ours.models[0]
    keras = _by_way(model)
    ways = _ways(mine)
    differing: list[str] = []
    layers = []
    matched = 0
    for layer in mine.layers:
        other = keras.get(ways[layer.id])
        if other is None:
            layers.append(layer)
            continue
        matched += 1
        differing += _differences(layer, other, name)
        layers.append(_taken(layer, other))
    if mine.params is not None and model.params is not None and mine.params.total != model.params.total:
        differing.append(f"{mine.params.total:,} parameters by our rules, {model.params.total:,} by {name}")
    notes = [Note(message=text) for text in differing[:MAX_TOLD]]
    if len(differing) > MAX_TOLD:
        notes.append(Note(message=f"and {len(differing) - MAX_TOLD:,} more differences"))
    if not differing:
        notes.append(Note(message=f"{name} rebuilt the model, and agrees on the {matched:,} layers that both have"))
    merged = dataclasses.replace(
        mine,
        layers=tuple(layers),
        params=model.params or mine.params,
        built=mine.built or model.built,
        unknown=None if model.built else mine.unknown,
    )
    return dataclasses.replace(
        ours, models=(merged, *ours.models[1:]), engine=theirs.engine, notes=(*ours.notes, *notes), output=theirs.output
    )


def _ways(model: Model) -> dict[str, tuple[str, ...]]:
    """By layer id the names from the model down to it."""
    ways: dict[str, tuple[str, ...]] = {}
    for layer in model.layers:
        above = ways.get(layer.parent, ()) if layer.parent is not None else ()
        ways[layer.id] = (*above, layer.name)
    return ways


def _by_way(model: Model) -> Mapping[tuple[str, ...], Layer]:
    ways = _ways(model)
    found: dict[tuple[str, ...], Layer] = {}
    for layer in model.layers:
        found.setdefault(ways[layer.id], layer)
    return found


def _taken(layer: Layer, other: Layer) -> Layer:
    """A layer with what Keras says of it."""
    if other.effective is None:
        return layer
    return dataclasses.replace(
        layer,
        effective=other.effective,
        output=other.output or layer.output,
        provenance=Provenance.KERAS,
        unknown=None,
        params=layer.params if other.params is None else other.params,
        trainable_params=layer.trainable_params if other.params is None else other.trainable_params,
    )


def _differences(layer: Layer, other: Layer, name: str) -> list[str]:
    """What Keras says otherwise than we do, of what both know."""
    found = []
    pairs: tuple[tuple[str, tuple[Shape, ...] | None, tuple[Shape, ...] | None], ...] = (
        ("input", layer.effective, other.effective),
        ("output", layer.output, other.output),
    )
    for what, mine, theirs in pairs:
        if mine is not None and theirs is not None and set(mine) != set(theirs):
            found.append(f"{layer.name}: {what} {format_shapes(mine)} by our rules, {format_shapes(theirs)} by {name}")
    if layer.params is not None and other.params is not None and layer.params != other.params:
        found.append(f"{layer.name}: {layer.params:,} parameters by our rules, {other.params:,} by {name}")
    return found
