"""What Keras 2 writes into a SavedModel about its layers and models.

Since TensorFlow 2.5 it stands beside the graph in `keras_metadata.pb` (tf_keras/protobuf/saved_metadata.proto:
`SavedMetadata`: 1 nodes; `SavedObject`: 2 node_id, 3 node_path, 4 identifier, 5 metadata), before that in the graph of
objects itself (`SavedUserObject.metadata`). Either way it is a JSON document for each object: class_name, config,
build_input_shape, keras_version and more (tf-keras saving/legacy/saved_model).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.graph import FileIssue, clean_line
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._json import load_json
from kerascope.readers.saved._limits import MAX_ISSUES, MAX_NAME
from kerascope.readers.saved._limits_tensorflow import MAX_KERAS_BYTES, MAX_KERAS_OBJECTS, MAX_KERAS_VALUES
from kerascope.readers.saved._wire import FileBytes, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kerascope.readers.saved._saved_objects import SavedObjects

__all__ = ["KerasObjects", "SavedLayer", "read_keras"]

_PREFIX = "_tf_keras_"
_METRIC = "_tf_keras_metric"
_MAX_PATH = 64
"""Attributes in the path of an object that are told, and layers in each other that are climbed out of."""
_SAME_NAME = 8
"""Layers of one name that a document is compared with; in the models inside a model a name may come again."""

_MODELS = frozenset({"_tf_keras_model", "_tf_keras_network", "_tf_keras_sequential"})
"""Kinds of objects that are models (tf-keras saving/legacy/saved_model/constants.py)."""

_NOT_PARTS = frozenset(
    {
        *("keras_api", "layer_metrics", "layer_regularization_losses", "metrics", "non_trainable_variables"),
        *("optimizer", "regularization_losses", "signatures", "trainable_variables", "variables"),
    }
)
"""Attributes that Keras adds when it saves: what is under them stands elsewhere, or is no part of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedLayer:
    """A Keras layer or model as a SavedModel describes it.

    Attributes:
        node: Its number among the objects.
        path: Attributes that lead to it from the saved object: `root.block.dense`, `root.layer_with_weights-0`.
        identifier: What kind of object Keras says it is: `_tf_keras_layer`, `_tf_keras_sequential`, ...
        name: Its name.
        class_name: Its class.
        config: Its config; empty where its class has none.
        build_input_shape: What it was built with, as JSON has it: a shape, or a list or dict of shapes; `None` where
            that is not stated.
        children: The layers it holds: attribute and number.
        metadata: Everything that is said of it.
    """

    node: int
    path: str
    identifier: str
    name: str
    class_name: str
    config: dict[str, object] | list[object]
    build_input_shape: object = None
    children: tuple[tuple[str, int], ...] = ()
    metadata: dict[str, object] = field(default_factory=dict)

    @property
    def is_model(self) -> bool:
        """Whether it is a model and not only a layer."""
        return self.identifier in _MODELS

    def serialized(self) -> dict[str, object]:
        """The layer as `to_json()` writes it inside a model, with what it was built with as `.keras` files have it."""
        item: dict[str, object] = {"class_name": self.class_name, "config": self.config}
        if isinstance(self.config, dict) and "name" not in self.config:
            item["config"] = {"name": self.name, **self.config}
        if self.build_input_shape is not None:
            item["build_config"] = {"input_shape": self.build_input_shape}
        return item


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasObjects:
    """The Keras objects of a SavedModel.

    Attributes:
        layers: Layers and models by their number, in the order of the file.
        metrics: What is said of metrics, by their path.
        root: Number of the model that was saved: the saved object itself, or the one nearest to it.
        issues: What could not be read.
    """

    layers: dict[int, SavedLayer] = field(default_factory=dict)
    metrics: dict[str, dict[str, object]] = field(default_factory=dict)
    root: int | None = None
    issues: tuple[FileIssue, ...] = ()

    def model_json(self) -> dict[str, object] | None:
        """The root model in the form of `to_json()`; each of its layers says what it was built with.

        A subclassed model has no config: its layers are then those that it holds as attributes.
        """
        if self.root is None:
            return None
        root = self.layers[self.root]
        model = root.serialized()
        if root.identifier == "_tf_keras_model" and isinstance(root.config, dict) and "layers" not in root.config:
            parts = [self.layers[child] for _, child in root.children]
            model["config"] = {"name": root.name, **root.config, "layers": [part.serialized() for part in parts]}
        else:
            model = self._with_build(model, root, {})
        for key in ("keras_version", "backend"):
            if isinstance(said := root.metadata.get(key), str):
                model[key] = said
        return model

    def _with_build(
        self, model: dict[str, object], owner: SavedLayer, parts: dict[int, dict[str, SavedLayer]]
    ) -> dict[str, object]:
        """A serialized model, and for each layer in it what it was built with.

        Args:
            model: The model.
            owner: What the file says of it.
            parts: Takes the layers of each model by name: one model may stand in a config many times.
        """
        config = model.get("config")
        listed = config.get("layers") if isinstance(config, dict) else config
        if not isinstance(listed, list):
            return model
        held = parts.get(owner.node)
        if held is None:
            held = parts[owner.node] = {self.layers[child].name: self.layers[child] for _, child in owner.children}
        items = []
        for item in listed:
            inner = item.get("config") if isinstance(item, dict) else None
            part = held.get(str(inner.get("name"))) if isinstance(inner, dict) else None
            if part is None and isinstance(item, dict):
                part = held.get(str(item.get("name")))
            if part is not None and isinstance(item, dict):
                item = self._with_build(item, part, parts) if part.is_model else item
                if part.build_input_shape is not None and "build_config" not in item:
                    item = {**item, "build_config": {"input_shape": part.build_input_shape}}
            items.append(item)
        return {**model, "config": {**config, "layers": items} if isinstance(config, dict) else items}

    def beside(self) -> Iterator[tuple[str, object]]:
        """What Keras makes objects of when it loads the file and `model_json` does not hold: path and JSON.

        Keras takes each layer from its own document, so that one may hold what the model's config does not.
        """
        shown: dict[str, list[dict[str, object]]] = {}
        waiting: list[object] = [self.model_json()]
        while waiting:
            item = waiting.pop()
            config = item.get("config") if isinstance(item, dict) else None
            if isinstance(item, dict) and isinstance(config, dict):
                same = shown.setdefault(str(config.get("name")), [])
                if len(same) < _SAME_NAME:
                    same.append(item)
            listed = config.get("layers") if isinstance(config, dict) else config
            waiting += listed if isinstance(listed, list) else []
        for layer in self.layers.values():
            own = layer.serialized()
            if layer.node != self.root and not any(
                item.get("class_name") == own["class_name"] and item.get("config") == own["config"]
                for item in shown.get(layer.name, ())
            ):
                yield layer.path, own
            if "training_config" in layer.metadata:
                yield f"{layer.path}.training_config", layer.metadata["training_config"]
        yield from self.metrics.items()

    def owners(self, objects: SavedObjects) -> dict[int, str]:
        """For each variable the name of the layer it belongs to: the part of a model that holds it."""
        parents = {child: layer.node for layer in self.layers.values() for _, child in layer.children}
        names: dict[int, str] = {}
        for node, layer in self.layers.items():
            top = node
            for _ in range(_MAX_PATH):
                parent = parents.get(top)
                if parent is None or self.layers[parent].is_model:
                    break
                top = parent
            for _, variable in _reached(objects, node, objects.variables, self.layers):
                names.setdefault(variable, self.layers[top].name or layer.name)
        return names


def read_keras(metadata: Path, objects: SavedObjects | None) -> KerasObjects:
    """The Keras objects of a SavedModel.

    Args:
        metadata: Its `keras_metadata.pb`, which need not be there.
        objects: Its objects; `None` where there are none that can be read.

    Raises:
        Malformed: The metadata cannot be read at all.
    """
    reader = _Reader(objects)
    try:
        if metadata.is_file():
            _read_file(metadata, reader)
        elif objects is not None and objects.metadata:
            ways = _ways(objects)
            for number, text in objects.metadata.items():
                reader.add(number, _path(ways, number), objects.identifiers[number], text)
    except Malformed as error:
        if reader.empty:
            raise
        reader.issue(error, metadata.name)
    return reader.result()


def _read_file(metadata: Path, reader: _Reader) -> None:
    """A `SavedMetadata` message."""
    with FileBytes(metadata, MAX_KERAS_BYTES) as file:
        for number, a, b, data in file.fields(0, file.size, over=frozenset()):
            if number == 1:
                if data is None:
                    data, a, b = file.read(a, b), 0, b - a
                node = Message(data, (a, b), budget=file.budget)
                reader.add(node.integer(2), node.text(3), node.text(4), node.raw(5))


class _Reader:
    """Collects the Keras objects of one SavedModel."""

    def __init__(self, objects: SavedObjects | None) -> None:
        self._objects = objects
        self._issues: list[FileIssue] = []
        self._values = 0
        self._said: dict[int, tuple[str, str, dict[str, object]]] = {}
        self._metrics: dict[str, dict[str, object]] = {}

    @property
    def empty(self) -> bool:
        """Whether nothing was said of any object."""
        return not self._said

    def issue(self, error: Malformed, where: str) -> None:
        """Say what could not be read."""
        if len(self._issues) < MAX_ISSUES:
            why = "Keras writes a JSON document for each layer; a layer whose document cannot be read is left out"
            self._issues.append(FileIssue(kind="malformed", message=str(error).rstrip("."), why=why, where=where))

    def add(self, number: int, path: str, identifier: str, text: bytes) -> None:
        """What is said of one object."""
        if not identifier.startswith(_PREFIX) or not text:
            return
        if len(self._said) + len(self._metrics) >= MAX_KERAS_OBJECTS:
            raise Malformed(f"there are more than {MAX_KERAS_OBJECTS:,} Keras objects, the most that are read")
        self._values += sum(text.count(mark) for mark in (b",", b"[", b"{", b":"))
        if self._values > MAX_KERAS_VALUES:
            raise Malformed(f"the Keras metadata have more than {MAX_KERAS_VALUES:,} values, the most that are read")
        what = f"the metadata of {path or number}"
        try:
            value = _plain(load_json(text, what, self._issues))
            if not isinstance(value, dict):
                raise Malformed(f"{what} is a JSON {type(value).__name__}, expected an object")
        except Malformed as error:
            self.issue(error, path)
            return
        if identifier == _METRIC:
            self._metrics[path] = value
        else:
            self._said[number] = (path, identifier, value)

    def result(self) -> KerasObjects:
        """All of them, each with those it holds."""
        layers = {}
        for number, (path, identifier, said) in self._said.items():
            class_name, config = said.get("class_name"), said.get("config")
            model = said.get("model_config")
            if isinstance(model, dict) and not isinstance(config, (dict, list)):
                class_name, config = model.get("class_name", class_name), model.get("config")
            layers[number] = SavedLayer(
                node=number,
                path=path,
                identifier=identifier,
                name=_word(said.get("name")),
                class_name=_word(class_name),
                config=config if isinstance(config, (dict, list)) else {},
                build_input_shape=said.get("build_input_shape"),
                children=self._children(number),
                metadata=said,
            )
        return KerasObjects(
            layers=layers, metrics=self._metrics, root=_root(layers), issues=tuple(self._issues[:MAX_ISSUES])
        )

    def _children(self, number: int) -> tuple[tuple[str, int], ...]:
        if self._objects is None:
            return ()
        try:
            return tuple(_reached(self._objects, number, self._said, self._said))
        except Malformed as error:
            if not any(issue.message == str(error) for issue in self._issues):
                self.issue(error, "object_graph_def")
            return ()


def _reached(
    objects: SavedObjects, start: int, wanted: Mapping[int, object], stops: Mapping[int, object]
) -> list[tuple[str, int]]:
    """The objects of a kind that an object holds, itself or in lists, dicts and plain objects; each once.

    Args:
        objects: All objects.
        start: The one that holds them.
        wanted: The kind.
        stops: Objects whose own parts are not looked through.
    """
    found: dict[int, str] = {}
    waiting, seen = deque([(start, "")]), {start}
    while waiting:
        number, prefix = waiting.popleft()
        for name, child in objects.children_of(number):
            if name in _NOT_PARTS or child == start:
                continue
            if child in wanted:
                # `layer-1` and `layer_with_weights-0` are the same layer: the first tells its place in the model.
                if child not in found or name.startswith("layer-"):
                    found[child] = f"{prefix}{name}"
            elif child not in seen and child not in stops and child in objects.identifiers:
                seen.add(child)
                # Cut, or a long chain of objects would make paths of quadratic length.
                waiting.append((child, f"{prefix}{name}."[:MAX_NAME]))
    return [(name, child) for child, name in found.items()]


def _ways(objects: SavedObjects) -> dict[int, tuple[int, str]]:
    """For each object the one that holds it on the shortest way from the saved object, and as what."""
    ways = {0: (0, "root")}
    waiting = deque([0])
    while waiting:
        number = waiting.popleft()
        for name, child in objects.children_of(number):
            if child not in ways:
                ways[child] = (number, name)
                waiting.append(child)
    return ways


def _path(ways: dict[int, tuple[int, str]], number: int) -> str:
    """The shortest way to an object, as `keras_metadata.pb` gives it."""
    names: list[str] = []
    while number in ways and len(names) < _MAX_PATH:
        number, name = ways[number]
        names.append(name)
        if name == "root" and number == 0:
            break
    return ".".join(reversed(names))[:MAX_NAME]


def _root(layers: dict[int, SavedLayer]) -> int | None:
    """The model that was saved: the one with the shortest path, the first of several."""
    models = [layer for layer in layers.values() if layer.is_model]
    return min(models, key=lambda layer: (layer.path.count("."), layer.node)).node if models else None


def _plain(value: object) -> object:
    """JSON without what Keras 2 wraps tuples and shapes in (`{"class_name": "__tuple__", "items": [...]}`).

    Numbers that tell which objects are the same (`shared_object_id`) go, too: only some documents have them.

    The depth is that of a document, which is bounded.
    """
    if isinstance(value, dict):
        if value.get("class_name") in ("__tuple__", "TensorShape") and isinstance(value.get("items"), list):
            return [_plain(each) for each in value["items"]]
        return {key: _plain(each) for key, each in value.items() if key != "shared_object_id"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _word(value: object) -> str:
    return clean_line(value)[:MAX_NAME] if isinstance(value, str) else ""
