"""What screens and reports say of a saved file as a whole. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph._types import SourceKind
from kerascope.graph._weights import format_bytes, format_totals, weight_totals

if TYPE_CHECKING:
    from kerascope.graph._files import FileInfo
    from kerascope.graph._types import Inspection, Model

__all__ = [
    "NOT_RECORDED",
    "READ_AS_DATA",
    "declares",
    "file_facts",
    "how_it_was_read",
    "is_saved",
    "no_architecture",
    "takes_shape",
    "written_by",
]

READ_AS_DATA = "read as data; nothing in this file was executed"
NOT_RECORDED = "not recorded"
"""Of a declaration, where the format keeps none: the author may have written one all the same."""


def is_saved(inspection: Inspection) -> bool:
    """Whether it is a saved file that was opened, and not a program."""
    return inspection.source.kind is not SourceKind.PYTHON


def takes_shape(model: Model) -> bool:
    """Whether a shape that is given for the input makes the others known: only a stack of layers tells by itself what
    its first layer is called on."""
    return not model.built and model.class_name == "Sequential" and bool(model.layers)


def declares(inspection: Inspection) -> bool:
    """Whether a layer without a declaration is known to have none."""
    return inspection.file is None or inspection.file.declares


def written_by(file: FileInfo) -> str:
    """Who wrote a file, `Keras 3.15.1`, `Keras 2`; empty where nothing tells."""
    version = file.keras_version or (str(file.generation) if file.generation is not None else "")
    return f"Keras {version}" if version else ""


def how_it_was_read(inspection: Inspection) -> str:
    """What was done with a saved file to know what is shown."""
    engine = inspection.engine
    if engine is None and not inspection.source.executed:
        return READ_AS_DATA
    asked = f"Keras {engine.keras}" if engine is not None else "Keras"
    rebuilt = f"read as data; then rebuilt by {asked} in a process of its own, as --resolve"
    if inspection.source.executed:
        return f"{rebuilt} and --trust ask: code in this file may have been executed"
    return f"{rebuilt} asks"


def no_architecture(inspection: Inspection) -> str:
    """Of a file that does not say what its layers are: that it does not, as one sentence; else the empty string."""
    file = inspection.file
    if file is None or file.architecture:
        return ""
    held = "holds weights and has" if inspection.weights else "has"
    return f"This file {held} no architecture: what its layers are, and their order, is not in it."


def file_facts(inspection: Inspection) -> tuple[tuple[str, str], ...]:
    """All that a saved file says of itself, as label and value, the way it was read first."""
    file = inspection.file
    facts = [("read", how_it_was_read(inspection))]
    if file is None:
        return tuple(facts)
    facts.append(("format", file.format))
    writer = written_by(file)
    if writer:
        facts.append(("written by", writer + (f", {file.backend} backend" if file.backend else "")))
    if file.saved:
        facts.append(("saved", file.saved))
    facts.append(("size", format_bytes(file.size)))
    if file.architecture:
        kept = "recorded by this format" if file.declares else f"{NOT_RECORDED} by this format"
        facts.append(("declarations", kept))
    if inspection.weights:
        facts.append(("weights", format_totals(weight_totals(inspection))))
    facts += [(fact.name, fact.value) for fact in file.facts]
    return tuple(facts)
