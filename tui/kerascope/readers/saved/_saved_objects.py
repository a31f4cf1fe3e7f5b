"""The objects a SavedModel of TensorFlow 2 was saved from: Keras layers, variables, functions, and who holds whom.

Numbers are from tensorflow/core/protobuf/saved_object_graph.proto: `SavedObjectGraph` (1 nodes, 2 concrete_functions),
`SavedObject` (1 children, 4 user_object, 6 function, 7 variable), `SavedUserObject` (1 identifier, 3 metadata),
`SavedFunction` (1 concrete_functions), `SavedVariable` (1 dtype, 2 shape, 3 trainable, 6 name), `SavedConcreteFunction`
(3 canonicalized_input_signature, 4 output_signature); from trackable_object_graph.proto: `ObjectReference` (1 node_id,
2 local_name); and from struct.proto: `StructuredValue` (33 tensor_spec_value, 34 type_spec_value, 35
bounded_tensor_spec_value, 51 list_value, 52 tuple_value, 53 dict_value, 54 named_tuple_value), `TensorSpecProto` (2
shape, 3 dtype), `ListValue` and `TupleValue` (1 values), `DictValue` (1 fields), `NamedTupleValue` (2 values) and
`PairValue` (2 value).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits_tensorflow import MAX_EDGES, MAX_NESTING, MAX_OBJECTS, MAX_TRACES, MAX_WALK
from kerascope.readers.saved._tensors import dtype_of, shape_of
from kerascope.readers.saved._wire import Message, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Shape
    from kerascope.readers.saved._wire import Budget

__all__ = ["SavedObjects", "SavedVariable", "Trace"]

_ATTRIBUTES = "/.ATTRIBUTES/"
_CALLS = ("call_and_return_all_conditional_losses", "call_and_return_conditional_losses")
"""Attributes under which Keras 2 saves a layer's call; what it returns is the pair of outputs and losses
(tf-keras saving/legacy/saved_model/save_impl.py)."""


@dataclass(frozen=True, slots=True)
class SavedVariable:
    """A variable as the object graph has it."""

    name: str
    shape: Shape | None
    dtype: str
    trainable: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One call of a layer as it was traced for saving.

    Attributes:
        inputs: Shapes of the tensors in its first argument; `None` for a tensor whose number of axes is not fixed.
        outputs: Shapes of the tensors it gives out.
    """

    inputs: tuple[Shape | None, ...]
    outputs: tuple[Shape | None, ...]


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
    _functions: dict[int, list[str]] = field(default_factory=dict)
    _concrete: dict[str, Message] = field(default_factory=dict)
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
        objects._concrete.update(graph.keyed(2))
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
                trainable=bool(variable.integer(3)),
            )
        elif (function := node.message(6)) is not None:
            self._functions[number] = function.texts(1)

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

    def traces_of(self, number: int) -> tuple[Trace, ...]:
        """The calls of a Keras layer that were traced, each pair of shapes once.

        Raises:
            Malformed: What is said of them cannot be read.
        """
        attributes = dict(self.children_of(number))
        function = next((attributes[name] for name in _CALLS if name in attributes), None)
        found: dict[Trace, None] = {}
        for name in self._functions.get(function, ())[:MAX_TRACES] if function is not None else ():
            entry = self._concrete.get(name)
            concrete = None if entry is None else entry.message(2)
            if concrete is None:
                continue
            arguments, results = concrete.message(3), concrete.message(4)
            first = _item(_item(arguments))
            outputs = _item(results)
            if first is not None and outputs is not None:
                found[Trace(tuple(_specs(first)), tuple(_specs(outputs)))] = None
        return tuple(found)


def _item(value: Message | None) -> Message | None:
    """The first member of a `StructuredValue` that is a tuple."""
    members = value and value.message(52)
    return None if not members else next(iter(members.messages(1)), None)


def _specs(value: Message, depth: int = 0) -> Iterator[Shape | None]:
    """The shapes of the tensors in a `StructuredValue`, in the order in which TensorFlow flattens it."""
    if depth > MAX_NESTING:
        raise Malformed(f"a signature has structures inside each other more than {MAX_NESTING} deep")
    if (spec := value.message(33) or value.message(35)) is not None:
        yield shape_of(spec.message(2)) if spec.has(2) else ()
    elif value.has(34):
        # Ragged and sparse tensors and what else has a type of its own: there is a tensor, but not one shape.
        yield None
    elif (several := value.message(51) or value.message(52)) is not None:
        for member in several.messages(1):
            yield from _specs(member, depth + 1)
    elif (mapping := value.message(53)) is not None:
        for _, member in sorted(mapping.entries(1), key=lambda entry: entry[0]):
            yield from _specs(member, depth + 1)
    elif (named := value.message(54)) is not None:
        for pair in named.messages(2):
            if (inner := pair.message(2)) is not None:
                yield from _specs(inner, depth + 1)
