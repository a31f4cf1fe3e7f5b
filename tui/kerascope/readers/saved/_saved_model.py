"""SavedModels: the graph, signatures, variables and assets that TensorFlow saves in a directory, and what Keras adds.

Numbers are from tensorflow/core/protobuf/saved_model.proto (`SavedModel`: 2 meta_graphs) and meta_graph.proto
(`MetaGraphDef`: 1 meta_info_def, 2 graph_def, 4 collection_def, 5 signature_def, 6 asset_file_def, 7 object_graph_def;
`MetaInfoDef`: 4 tags, 5 tensorflow_version; `CollectionDef`: 2 bytes_list; `BytesList`: 1 value; `AssetFileDef`: 1
tensor_info, 2 filename; `TensorInfo`: 1 name).
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.graph import Argument, FileIssue, Weight, format_count
from kerascope.readers.saved._checkpoint import CheckpointContents, read_checkpoint, weight_of
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._keras_objects import KerasObjects, SavedLayer, read_keras
from kerascope.readers.saved._limits import MAX_ISSUES
from kerascope.readers.saved._limits_tensorflow import (
    MAX_ASSETS,
    MAX_GRAPH_FILE_BYTES,
    MAX_META_GRAPHS,
    MAX_PART_BYTES,
    MAX_PARTS,
    MAX_SIGNATURES,
)
from kerascope.readers.saved._operations import Operations, read_operations
from kerascope.readers.saved._saved_objects import SavedObjects
from kerascope.readers.saved._signatures import Signature, read_signature
from kerascope.readers.saved._suspects import suspects
from kerascope.readers.saved._watched import leaves
from kerascope.readers.saved._wire import FileBytes, Message

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GRAPH", "GRAPH_AS_TEXT", "METADATA", "SavedModelContents", "index_of", "read_saved_model"]

GRAPH, GRAPH_AS_TEXT, METADATA = "saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"
_COUNTED_FILES = 100_000
_SHOWN_OPERATIONS = 12
_SHOWN_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModelContents:
    """What a SavedModel holds.

    Attributes:
        size: Bytes of all its files.
        model_json: The Keras model that was saved, in the form of `to_json()`, with `build_config` for each layer;
            `None` where Keras wrote nothing about itself.
        layers: Every Keras layer and model in it.
        keras_version: The Keras that wrote it, where it says so.
        tensorflow_version: The TensorFlow that wrote it, where it says so.
        backend: What Keras says of its backend.
        tags: Names of each of its graphs: one or several words.
        signatures: How it can be called.
        operations: How often each operation stands in its graph and functions, most frequent first.
        functions: How many functions it has.
        weights: Its variables.
        assets: Names of the files that belong to it.
        issues: What a user should know before trusting it.
        notes: What else is to be said, in sentences.
        facts: What it says of itself, as label and value.
    """

    size: int
    model_json: dict[str, object] | None = None
    layers: tuple[SavedLayer, ...] = ()
    keras_version: str | None = None
    tensorflow_version: str | None = None
    backend: str | None = None
    tags: tuple[tuple[str, ...], ...] = ()
    signatures: tuple[Signature, ...] = ()
    operations: dict[str, int] = field(default_factory=dict)
    functions: int = 0
    weights: tuple[Weight, ...] = ()
    assets: tuple[str, ...] = ()
    issues: tuple[FileIssue, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[Argument, ...] = ()


def read_saved_model(directory: Path) -> SavedModelContents:
    """What a SavedModel holds, read as data.

    Args:
        directory: The directory with its `saved_model.pb`.

    Raises:
        Malformed: Nothing in it can be read.
    """
    reader = _Reader(directory)
    if (directory / GRAPH).exists():
        with FileBytes(directory / GRAPH, MAX_GRAPH_FILE_BYTES) as file:
            reader.graph_file(file)
    elif (directory / GRAPH_AS_TEXT).exists():
        reader.notes.append(
            f"the graph of this SavedModel is written as text ({GRAPH_AS_TEXT}), which is not read; its variables are. "
            "Save it again without as_text=True to see its signatures"
        )
    else:
        raise Malformed(f"it holds no {GRAPH}, which every SavedModel has")
    return reader.contents()


def index_of(directory: Path) -> Path:
    """The index of the checkpoint that holds a SavedModel's variables."""
    return directory / "variables" / "variables.index"


@dataclass(slots=True)
class _Reader:
    """Reads one SavedModel, part by part; a part that cannot be read is an issue, and the others stand."""

    directory: Path
    issues: list[FileIssue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tags: list[tuple[str, ...]] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    tensorflow_version: str | None = None
    operations: list[Operations] = field(default_factory=list)
    objects: SavedObjects | None = None
    assets: dict[str, None] = field(default_factory=dict)
    asset_tensors: set[str] = field(default_factory=set)
    lists_variables: bool = False

    def graph_file(self, file: FileBytes) -> None:
        """A `SavedModel` message."""
        graphs = 0
        try:
            for number, start, end, _ in file.fields(0, file.size, over=frozenset({2})):
                if number == 2:
                    graphs += 1
                    if graphs > MAX_META_GRAPHS:
                        raise Malformed(f"the SavedModel has more than {MAX_META_GRAPHS} graphs")
                    self._meta_graph(file, start, end)
        except Malformed as error:
            if not graphs:
                raise Malformed(f"{GRAPH} is no SavedModel: {error}") from None
            self._issue(error, GRAPH)
        if not graphs:
            raise Malformed(f"{GRAPH} holds no graph: it is empty, or something else than a SavedModel")

    def _issue(self, error: Malformed, where: str) -> None:
        if len(self.issues) < MAX_ISSUES and not any(issue.message == str(error) for issue in self.issues):
            why = "this part is cut short or was not written by TensorFlow; what could be read of the rest is shown"
            self.issues.append(FileIssue(kind="malformed", message=str(error), why=why, where=where))

    def _meta_graph(self, file: FileBytes, start: int, end: int) -> None:
        """A `MetaGraphDef`; its operations come last: assets are known by then, and all else is more important."""
        readers: dict[int, tuple[str, Callable[[Message], None]]] = {
            1: ("meta_info_def", self._meta_info),
            4: ("collection_def", self._collection),
            5: ("signature_def", self._signature),
            6: ("asset_file_def", self._asset),
        }
        large: dict[int, list[tuple[int, int]]] = {2: [], 7: []}
        counts: Counter[int] = Counter()
        try:
            for number, a, b, _ in file.fields(start, end, over=frozenset(range(1, 16))):
                counts[number] += 1
                if counts[number] > MAX_PARTS:
                    raise Malformed(f"the graph has more than {MAX_PARTS:,} parts of one kind beside it")
                if number in large:
                    large[number].append((a, b))
                elif number in readers:
                    where, read = readers[number]
                    try:
                        read(Message(_part(file, a, b), budget=file.budget))
                    except Malformed as error:
                        self._issue(error, where)
        except Malformed as error:
            self._issue(error, GRAPH)
        if self.objects is None and large[7]:
            try:
                if sum(b - a for a, b in large[7]) > MAX_PART_BYTES:
                    raise Malformed(f"the graph of objects has more than {MAX_PART_BYTES:,} bytes")
                data = b"".join(file.read(a, b) for a, b in large[7])
                self.objects = SavedObjects.read(data, file.budget)
            except Malformed as error:
                self._issue(error, "object_graph_def")
        for a, b in large[2]:
            self.operations.append(read_operations(file, a, b, frozenset(self.asset_tensors)))

    def _meta_info(self, info: Message) -> None:
        """A `MetaInfoDef`."""
        self.tags.append(tuple(info.texts(4)[:_SHOWN_NAMES]))
        self.tensorflow_version = self.tensorflow_version or info.text(5) or None

    def _asset(self, asset: Message) -> None:
        """An `AssetFileDef`."""
        name = asset.text(2)
        tensor = asset.message(1)
        if tensor is not None:
            self.asset_tensors.add(tensor.text(1).partition(":")[0])
        if len(self.assets) >= MAX_ASSETS or name in self.assets:
            return
        self.assets[name] = None
        if leaves(name) and len(self.issues) < MAX_ISSUES:
            self.issues.append(
                FileIssue(
                    kind="reference",
                    message=f"the asset {name} is not inside of the SavedModel",
                    why="TensorFlow opens assets by their name under the folder assets/; such a name leads out of it",
                    where="asset_file_def",
                )
            )

    def _signature(self, entry: Message) -> None:
        """An entry of the map of signatures."""
        value = entry.message(2)
        if value is None or len(self.signatures) >= MAX_SIGNATURES:
            return
        signature = read_signature(entry.text(1), value)
        if signature is not None and signature not in self.signatures:
            self.signatures.append(signature)

    def _collection(self, entry: Message) -> None:
        """An entry of the map of collections: TensorFlow 1 lists its variables in them."""
        value = entry.message(2)
        several = value and value.message(2)
        if several and several.has(1) and entry.text(1) in {"variables", "trainable_variables"}:
            self.lists_variables = True

    def contents(self) -> SavedModelContents:
        """All that was read, put together."""
        keras = KerasObjects()
        try:
            keras = read_keras(self.directory / METADATA, self.objects)
        except Malformed as error:
            self._issue(error, METADATA)
        self.issues += keras.issues
        for path, said in keras.beside():
            if len(self.issues) > MAX_ISSUES:
                break  # such a file is described by its first ones
            self.issues += suspects(said, what=f"{METADATA}, {path}")
        checkpoint = self._checkpoint()
        weights = self._weights(checkpoint, keras)
        model = keras.model_json()
        operations = self.operations[0] if self.operations else Operations({}, 0, ())
        for each in self.operations:
            self.issues += each.issues
        root = keras.layers[keras.root].metadata if keras.root is not None else {}
        version, backend = root.get("keras_version"), root.get("backend")
        contents = SavedModelContents(
            size=_size_of(self.directory),
            model_json=model,
            layers=tuple(keras.layers.values()),
            keras_version=version if isinstance(version, str) else None,
            backend=backend if isinstance(backend, str) else None,
            tensorflow_version=self.tensorflow_version,
            tags=tuple(self.tags),
            signatures=tuple(self.signatures),
            operations=operations.counts,
            functions=operations.functions,
            weights=weights,
            assets=tuple(self.assets),
            issues=tuple(self.issues[: 2 * MAX_ISSUES]),
            notes=tuple(self.notes),
        )
        return replace(contents, facts=_facts(contents, root))

    def _checkpoint(self) -> CheckpointContents | None:
        """The variables' checkpoint; a SavedModel without variables has none."""
        index = index_of(self.directory)
        if not index.exists():
            if self.lists_variables or (self.objects is not None and self.objects.variables):
                error = Malformed("variables/variables.index is missing: the numbers of the variables are not there")
                self._issue(error, "variables")
            return None
        try:
            checkpoint = read_checkpoint(index)
        except Malformed as error:
            self._issue(error, "variables/variables.index")
            return None
        self.issues += checkpoint.issues
        return checkpoint

    def _weights(self, checkpoint: CheckpointContents | None, keras: KerasObjects) -> tuple[Weight, ...]:
        """The variables, with the names and layers that the objects give them."""
        if self.objects is None:
            return () if checkpoint is None else checkpoint.weights
        try:
            owners = keras.owners(self.objects)
        except Malformed as error:
            owners = {}
            self._issue(error, "object_graph_def")
        if checkpoint is None:
            return tuple(
                replace(
                    weight_of(variable.name or str(number), variable.dtype, variable.shape),
                    layer=owners.get(number),
                    # Counters of an optimizer, metrics: which they are, the index tells that is missing.
                    group="model" if number in owners or not owners else "other",
                    unreadable="the file with its numbers is missing or cannot be read",
                )
                for number, variable in self.objects.variables.items()
            )
        weights = []
        for weight in checkpoint.weights:
            number = self.objects.variable_of(weight.path)
            if number is not None:
                name = self.objects.variables[number].name or weight.name
                weight = replace(weight, name=name, layer=owners.get(number) or name.rpartition("/")[0] or None)
            weights.append(weight)
        return tuple(weights)


def _part(file: FileBytes, start: int, end: int) -> bytes:
    """A part of the file that is read whole."""
    if end - start > MAX_PART_BYTES:
        raise Malformed(f"a part of {GRAPH} has {end - start:,} bytes; more than {MAX_PART_BYTES:,} are not read")
    return file.read(start, end)


def _size_of(directory: Path) -> int:
    """Bytes of all files of the directory; links are not followed."""
    total = count = 0
    for where, _, names in os.walk(directory):
        for name in names:
            count += 1
            if count > _COUNTED_FILES:
                return total
            try:
                total += (Path(where) / name).lstat().st_size
            except OSError:
                continue
    return total


def _facts(contents: SavedModelContents, root: dict[str, object]) -> tuple[Argument, ...]:
    """What a SavedModel says of itself, in the order in which people ask."""
    facts = []
    if contents.tensorflow_version:
        facts.append(("TensorFlow", contents.tensorflow_version))
    if any(contents.tags):
        facts.append(("Tags", "; ".join(", ".join(tags) for tags in contents.tags)))
    facts += [(f"Signature {signature.name}", signature.text()) for signature in contents.signatures[:_SHOWN_NAMES]]
    if len(contents.signatures) > _SHOWN_NAMES:
        facts.append(("More signatures", f"{len(contents.signatures) - _SHOWN_NAMES:,}"))
    if contents.operations:
        total = sum(contents.operations.values())
        shown = ", ".join(f"{name} {count:,}" for name, count in list(contents.operations.items())[:_SHOWN_OPERATIONS])
        more = len(contents.operations) - _SHOWN_OPERATIONS
        rest = f", and {more:,} other kinds" if more > 0 else ""
        facts.append(("Operations", f"{format_count(total)} in {contents.functions:,} functions: {shown}{rest}"))
        foreign = [name for name in contents.operations if ">" in name]
        if foreign:
            facts.append(("Operations of other libraries", ", ".join(foreign[:_SHOWN_NAMES])))
    if contents.assets:
        facts.append(("Assets", ", ".join(contents.assets[:_SHOWN_NAMES])))
    training = root.get("training_config")
    if isinstance(training, dict):
        loss = training.get("loss")
        facts.append(("Compiled", f"loss {loss}" if isinstance(loss, str) else "yes"))
    return tuple(Argument(name=label, value=value) for label, value in facts)
