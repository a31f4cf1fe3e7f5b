"""The plain data every other house speaks: layers, models, findings and the inspection that holds them.

All of it is frozen, knows neither Keras nor Textual, and holds text that was already cleaned of control characters
where it was decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.graph._files import FileInfo, FileIssue, Weight

__all__ = [
    "Argument",
    "Cell",
    "Compared",
    "Connection",
    "DataSpec",
    "Declaration",
    "Edit",
    "EngineInfo",
    "Factory",
    "Failure",
    "Finding",
    "Fit",
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
    "SkippedStatement",
    "Source",
    "SourceKind",
    "Target",
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
    """What kind of file was opened; `checkpoint` is weights that TensorFlow wrote, without an architecture."""

    PYTHON = "python"
    KERAS = "keras"
    HDF5 = "hdf5"
    SAVED_MODEL = "saved_model"
    JSON = "json"
    CHECKPOINT = "checkpoint"


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
    `tensor_of` the name of the layer whose output both calls took. `variable` is the name that held the branch's
    result, and `rebound_line` the line that gave that name to something else; both are `None` where the text does not
    tell.
    """

    path: str | None
    line: int | None
    layer: str | None
    tensor_of: str | None
    variable: str | None = None
    rebound_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The same layer under the other Keras generation.

    `found` when it has such a layer; `same` when nothing that is known to both differs.
    """

    effective: tuple[Shape, ...] | None
    output: tuple[Shape, ...] | None
    verdict: Verdict | None
    params: int | None
    unknown: str | None = None
    same: bool = True
    found: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer (or operation node) of a model, or one that belongs to no model.

    `id` is unique in an inspection; `uid` names the Python object, which can stand in several models under several
    ids. `effective` and `output` hold one shape per tensor of each call. `unknown` says why `effective` is `None`.
    `wrapper` names the layer inside which this one was passed, where nobody looks at its declaration. `failure` says
    why calling the layer failed; `effective` then holds the shapes that came in. `compared` is the same layer under the
    other Keras generation, where that was asked too.
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
    wrapper: str | None = None
    failure: str | None = None
    compared: Compared | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSpec:
    """One array or tensor that was given to `fit`: its name where it has one, shape (rows first) and dtype."""

    name: str | None
    shape: Shape | None
    dtype: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A training call of the file's own, recorded and skipped.

    `x`, `y`, `weights` and `validation` are what it was given, `kind` how (`arrays`, `tf.data`, `generator`,
    `PyDataset`, ...); what is one batch of a stream has its rows only where they are fixed. `loss` names the loss of
    each output, empty where it has none. `input_error` and `target_error` say what real training would have raised
    about, `broadcast` which targets it would have stretched to the outputs instead; each `None` when there is nothing
    to say, and all `None` with a reason in `unknown` where it could not be found out. `measures` names all that it will
    measure, none where that is not known. `raised` is what Keras itself
    says, `output` the number of the output it is about, `about` what kind of thing is wrong: `input`, `kind` (lists in
    place of arrays), `rows`, `split`, `target`, `metric`, `weights`, `missing` or `validation`.
    """

    method: str
    line: int | None
    column: int | None = None
    path: str | None = None
    kind: str = "arrays"
    x: tuple[DataSpec, ...] = ()
    y: tuple[DataSpec, ...] = ()
    weights: tuple[DataSpec, ...] = ()
    validation: tuple[DataSpec, ...] = ()
    batch_size: int | None = None
    epochs: int | None = None
    steps: int | None = None
    callbacks: tuple[str, ...] = ()
    loss: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    inputs: tuple[DataSpec, ...] = ()
    outputs: tuple[DataSpec, ...] = ()
    input_error: str | None = None
    target_error: str | None = None
    broadcast: str | None = None
    raised: str | None = None
    output: int | None = None
    about: str | None = None
    unknown: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameter counts of a model."""

    total: int
    trainable: int
    non_trainable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model and its layers in topological order; `name` is `None` for the layers that belong to no model.

    `made_by` is the call we made for it (`build_model()`), where the file itself did not. `shaped_by` says what gave an
    unbuilt model its input shape (`--input-shape`, `build(...)`). `skipped` are the lines of statements that use this
    model and could not be run, so that it may lack something.
    """

    name: str | None
    class_name: str | None
    built: bool
    layers: tuple[Layer, ...]
    params: Params | None = None
    uid: int | None = None
    variable: str | None = None
    location: Location | None = None
    unknown: str | None = None
    made_by: str | None = None
    shaped_by: str | None = None
    fits: tuple[Fit, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """A function or class of the file that makes a model.

    `signature` is its parameters as text, `(units=64)`; `required` those without a default; `called` whether it was
    called to see its model. `by_name` says that only its name promises a model, not what it returns.
    """

    name: str
    line: int
    signature: str
    required: tuple[str, ...] = ()
    called: bool = False
    by_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStatement:
    """A statement that could not be run in a tolerant look, and why, in one line."""

    line: int
    error: str


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
    `no-model`, `not-a-model`, `malformed`, `target`, `timeout`, `cancelled`, `signal`, `interpreter`, `engine`.
    """

    kind: str
    message: str
    hint: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to look at: a file, and what in it.

    Attributes:
        path: The file, as the user named it.
        name: Dotted name of a model, function or class in it; `None` is all models.
        call: The arguments to call `name` with, as Python text without the parentheses; `None` where it was given none.
        module: Dotted name to import the file by, where it was named so (`package.module:factory`).
        input_shapes: (input name or `None`, shape, dtype or `None`) for models that nothing else gives a shape.
    """

    path: str
    name: str | None = None
    call: str | None = None
    module: str | None = None
    input_shapes: tuple[tuple[str | None, Shape, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A code cell of a notebook: its number among the code cells, from 1, and the program line it begins at."""

    number: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that was opened; `text` is exactly what was executed or read (`None` when it is not text).

    A notebook's `text` is its code cells one after the other, and `cells` tells which line stands in which.
    """

    path: str
    kind: SourceKind
    executed: bool
    text: str | None = None
    cells: tuple[Cell, ...] = ()

    def line_name(self, line: int, path: str | None = None) -> str:
        """A line as people find it: `line 12`, in a notebook `cell 4:12`, in another file `blocks.py line 12`.

        Args:
            line: Line of the program text, from 1.
            path: The file it stands in; `None` is this one.
        """
        if path is not None and path != self.path:
            return f"{path.rsplit('/', 1)[-1]} line {line}"
        cell = next((cell for cell in reversed(self.cells) if cell.line <= line), None)
        return f"line {line}" if cell is None else f"cell {cell.number}:{line - cell.line + 1}"


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
    layers' provenance is `source`). `output` is what the user's file printed, bounded. `factories` are the functions
    that make models. `stood_in` names the modules that were not installed and replaced by inert stand-ins, `moved` the
    Keras names that were found where they live now, `skipped` the statements that failed and were left out: all three
    are empty unless the file had to be looked at tolerantly. `compared` is the other Keras, where two were asked.
    `legacy_line` is the line at which the file itself asks for Keras 2, where it does. Of a saved file `file` says what
    it is, `weights` are the arrays it holds, and `issues` what else was seen in it. `unknown_name` says which loss,
    optimizer or metric Keras does not know of those that it was asked about.
    """

    source: Source
    models: tuple[Model, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    failure: Failure | None = None
    engine: EngineInfo | None = None
    output: str = ""
    seconds: float | None = None
    factories: tuple[Factory, ...] = ()
    stood_in: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    skipped: tuple[SkippedStatement, ...] = ()
    compared: EngineInfo | None = None
    legacy_line: int | None = None
    file: FileInfo | None = None
    weights: tuple[Weight, ...] = ()
    issues: tuple[FileIssue, ...] = ()
    unknown_name: str | None = None


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
