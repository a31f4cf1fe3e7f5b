"""The plain data every other house speaks: layers, models, findings and the inspection that holds them.

All of it is frozen, knows neither Keras nor Textual, and holds text that was already cleaned of control characters
where it was decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Argument",
    "Connection",
    "Declaration",
    "Edit",
    "EngineInfo",
    "Failure",
    "Finding",
    "Fix",
    "Frame",
    "Inspection",
    "Layer",
    "Location",
    "Model",
    "Note",
    "Overtaken",
    "Params",
    "Progress",
    "Provenance",
    "Severity",
    "Shape",
    "Source",
    "SourceKind",
    "Verdict",
]

Shape = tuple[int | None, ...]
"""A tensor shape with its batch dimension first; `None` is a size that is not fixed."""


class Verdict(str, Enum):
    """What became of a declaration."""

    DECIDES = "decides"
    REDUNDANT = "redundant"
    DISCARDED = "discarded"
    UNDECIDED = "undecided"


class Connection(str, Enum):
    """How a layer stands to the models of its file."""

    CONNECTED = "connected"
    UNCONNECTED = "unconnected"
    DEAD_BRANCH = "dead-branch"
    UNUSED_INPUT = "unused-input"


class Provenance(str, Enum):
    """Where a shape comes from."""

    KERAS = "keras"
    FILE = "file"
    INFERRED = "inferred"
    SOURCE = "source"


class Severity(str, Enum):
    """`error` will fail, `warning` is not what the author wrote, `info` is harmless."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class SourceKind(str, Enum):
    """What kind of file was opened."""

    PYTHON = "python"
    KERAS = "keras"
    HDF5 = "hdf5"
    SAVED_MODEL = "saved_model"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place in a source file: `line` from 1, `column` from 1 (`None` when only the line is known)."""

    path: str
    line: int
    column: int | None = None
    end_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One constructor argument as the author passed it: its name and its value as short text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the author's code says about a layer's input.

    `shape` carries the batch dimension and is `None` when the declared value is not a shape that can be read;
    `argument` is the name it was given under (`input_shape`, `input_dim`, `shape` of an Input, ...); `value` is what
    stood there, as text.
    """

    shape: Shape | None
    argument: str
    value: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """For a layer on a dead branch: the later call that took the earlier tensor instead of the branch's result.

    `line` is that call's line, `layer` the name of the layer called there (`None` for the `Model(...)` call itself),
    `tensor_of` the name of the layer whose output both calls took.
    """

    path: str | None
    line: int | None
    layer: str | None
    tensor_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer (or operation node) of a model, or one that belongs to no model.

    `id` is unique in an inspection; `uid` names the Python object, which can stand in several models under several
    ids. `effective` and `output` hold one shape per tensor of each call. `unknown` says why `effective` is `None`.
    """

    id: str
    uid: int
    name: str
    class_name: str
    parent: str | None = None
    inbound: tuple[str, ...] = ()
    declared: Declaration | None = None
    effective: tuple[Shape, ...] | None = None
    output: tuple[Shape, ...] | None = None
    provenance: Provenance | None = None
    unknown: str | None = None
    verdict: Verdict | None = None
    decided_by: str | None = None
    connection: Connection | None = None
    overtaken: Overtaken | None = None
    params: int | None = None
    trainable_params: int | None = None
    location: Location | None = None
    call_location: Location | None = None
    arguments: tuple[Argument, ...] = ()
    is_input: bool = False
    is_model: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameter counts of a model."""

    total: int
    trainable: int
    non_trainable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model and its layers in topological order; `name` is `None` for the layers that belong to no model."""

    name: str | None
    class_name: str | None
    built: bool
    layers: tuple[Layer, ...]
    params: Params | None = None
    uid: int | None = None
    variable: str | None = None
    location: Location | None = None
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the text from (`line`, `column`) up to (`end_line`, `end_column`), all from 1, end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What to do about a finding, in words and, where the source allows it, as edits."""

    description: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's result. `layer_id` leads to the row, `layer` is its name."""

    rule: str
    name: str
    severity: Severity
    message: str
    why: str
    model: str | None = None
    layer: str | None = None
    layer_id: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of the user's own code in a traceback."""

    path: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the user should know that is not a finding: an exception after the models were complete, say."""

    message: str
    path: str | None = None
    line: int | None = None
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a file could not be looked at: what happened, where, and what to do.

    `kind` is one of `missing`, `unreadable`, `directory`, `not-python`, `empty`, `syntax`, `exception`, `exit`,
    `no-model`, `timeout`, `cancelled`, `signal`, `interpreter`, `engine`.
    """

    kind: str
    message: str
    hint: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that was opened; `text` is exactly what was executed or read (`None` when it is not text)."""

    path: str
    kind: SourceKind
    executed: bool
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """The Keras that answered: versions as text, `generation` 2 or 3, `python` the interpreter's path."""

    keras: str
    generation: int
    tensorflow: str | None
    python: str
    python_version: str = ""
    backend: str = "tensorflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything known about one path at one moment.

    Before Keras answers, `models` holds the one unnamed entry read from the program text (`engine` is `None` and the
    layers' provenance is `source`). `output` is what the user's file printed, bounded.
    """

    source: Source
    models: tuple[Model, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    failure: Failure | None = None
    engine: EngineInfo | None = None
    output: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is going on while a file is looked at.

    `phase` is `starting` (Keras is being imported), `running` (the user's file runs) or `reading` (the graph is being
    read from Keras). `seconds` counts from the start of the look. `line` is the line of the user's file that runs now.
    """

    phase: str
    message: str
    seconds: float
    path: str | None = None
    line: int | None = None
    layers: int = 0
