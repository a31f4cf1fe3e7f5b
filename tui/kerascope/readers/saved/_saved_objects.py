"""The objects a SavedModel of TensorFlow 2 was saved from: Keras layers, variables, and who holds whom.

Numbers are from tensorflow/core/protobuf/saved_object_graph.proto: `SavedObjectGraph` (1 nodes), `SavedObject` (1
children, 4 user_object, 7 variable), `SavedUserObject` (1 identifier, 3 metadata), `SavedVariable` (1 dtype, 2 shape, 6
name); and from trackable_object_graph.proto: `ObjectReference` (1 node_id, 2 local_name).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits_tensorflow import MAX_EDGES, MAX_OBJECTS, MAX_WALK
from kerascope.readers.saved._tensors import dtype_of, shape_of
from kerascope.readers.saved._wire import Message, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Shape
    from kerascope.readers.saved._wire import Budget

__all__ = ["SavedObjects", "SavedVariable"]

_ATTRIBUTES = "/.ATTRIBUTES/"


@dataclass(frozen=True, slots=True)
class SavedVariable:
    """A variable as the object graph has it."""

    name: str
    shape: Shape | None
    dtype: str


@dataclass
class SavedObjects:
    """A `SavedObjectGraph`; its objects are known by their number.

    Attributes:
        identifiers: What kind of object a user object says it is (`_tf_keras_layer`, `trackable_list_wrapper`, ...).
        children: The attributes of each object: name and object.
        metadata: What older Kerases wrote about an object there (TensorFlow 2.0 to 2.4).
        variables: The variables.
    """

    identifiers: dict[int, str] = field(default_factory=dict)
    children: list[list[tuple[str, int]]] = field(default_factory=list)
    metadata: dict[int, bytes] = field(default_factory=dict)
    variables: dict[int, SavedVariable] = field(default_factory=dict)
    _names: dict[bytes, str] = field(default_factory=dict)
    _by_key: dict[int, dict[str, int]] = field(default_factory=dict)
    _walked: int = 0

    @classmethod
    def read(cls, data: bytes, budget: Budget) -> SavedObjects:
        """Read the graph.

        Raises:
            Malformed: It is none, or exceeds a bound.
        """
        graph = Message(data, budget=budget)
        if len(graph.spans(1)) > MAX_OBJECTS:
            raise Malformed(f"the SavedModel has more than {MAX_OBJECTS:,} objects")
        objects = cls()
        edges = 0
        for number, node in enumerate(graph.messages(1)):
            objects._object(number, node)
            edges += len(objects.children[-1])
            if edges > MAX_EDGES:
                raise Malformed(f"the objects of the SavedModel have more than {MAX_EDGES:,} attributes")
        return objects

    def _object(self, number: int, node: Message) -> None:
        """A `SavedObject`."""
        self.children.append([(self._clean(name), child) for name, child in node.pairs(1, 2, 1)])
        if (user := node.message(4)) is not None:
            self.identifiers[number] = user.text(1)
            if metadata := user.raw(3):
                self.metadata[number] = metadata
        elif (variable := node.message(7)) is not None:
            shape = variable.message(2)
            self.variables[number] = SavedVariable(
                name=variable.text(6),
                shape=() if shape is None else shape_of(shape),
                dtype=dtype_of(variable.integer(1)),
            )

    def _clean(self, name: bytes) -> str:
        """The name of an attribute, cleaned; there are few different ones."""
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = text_of(name, 0, len(name))
        return known

    def children_of(self, number: int) -> Iterator[tuple[str, int]]:
        """The attributes of an object that are objects of this graph.

        Raises:
            Malformed: Too many were asked for already.
        """
        if 0 <= number < len(self.children):
            self._walked += len(self.children[number])
            if self._walked > MAX_WALK:
                raise Malformed(f"the objects of the SavedModel are held by each other in more than {MAX_WALK:,} ways")
            for name, child in self.children[number]:
                if 0 <= child < len(self.children):
                    yield name, child

    def variable_of(self, key: str) -> int | None:
        """The variable that a checkpoint keeps under a name (`layer-1/kernel/.ATTRIBUTES/VARIABLE_VALUE`)."""
        number = 0
        for part in key.partition(_ATTRIBUTES)[0].split("/"):
            if not 0 <= number < len(self.children):
                return None
            attributes = self._by_key.get(number)
            if attributes is None:
                # Attributes have other names in checkpoints (`escape_local_name` in tensorflow/python/trackable).
                attributes = {name.replace(".", "..").replace("/", ".S"): each for name, each in self.children[number]}
                self._by_key[number] = attributes
            child = attributes.get(part)
            if child is None:
                return None
            number = child
        return number if number in self.variables else None
