"""The objects that a checkpoint of TensorFlow 2 was saved from.

Numbers are from tensorflow/core/protobuf/trackable_object_graph.proto: `TrackableObjectGraph` (1 nodes),
`TrackableObject` (2 attributes, 3 slot_variables), `SerializedTensor` (1 name, 2 full_name, 3 checkpoint_key) and
`SlotVariableReference` (3 slot_variable_node_id).
"""

from __future__ import annotations

from dataclasses import dataclass

from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits_tensorflow import MAX_CHECKPOINT_NAME, MAX_OBJECTS
from kerascope.readers.saved._wire import BYTES, Budget, Message, fields

__all__ = ["CheckpointObjects", "read_objects"]


@dataclass(frozen=True, slots=True)
class CheckpointObjects:
    """What the object graph says of the arrays.

    Attributes:
        names: For the name of an array in the index, the name its variable had in the program (`dense/kernel`).
        slots: Names in the index of what optimizers keep for a variable (momentum and the like).
    """

    names: dict[str, str]
    slots: frozenset[str]


def read_objects(data: bytes) -> CheckpointObjects:
    """A `TrackableObjectGraph`.

    Raises:
        Malformed: It is none, or exceeds a bound.
    """
    budget = Budget()
    graph = Message(data, budget=budget)
    if len(graph.spans(1)) > MAX_OBJECTS:
        raise Malformed(f"the checkpoint's object graph has more than {MAX_OBJECTS:,} objects")
    names: dict[str, str] = {}
    of_node: dict[int, list[str]] = {}
    slots: set[int] = set()
    for number, (start, end) in enumerate(graph.spans(1)):
        count = 0
        for field, wire, a, b in fields(data, start, end):
            count += 1
            if field == 2 and wire == BYTES:
                attribute = Message(data, (a, b), budget=budget)
                key = attribute.text(3, MAX_CHECKPOINT_NAME)
                of_node.setdefault(number, []).append(key)
                if full := attribute.text(2):
                    names[key] = full
            elif field == 3 and wire == BYTES:
                slots.add(Message(data, (a, b), budget=budget).integer(3))
        budget.spend(count)
    return CheckpointObjects(names, frozenset(key for slot in slots for key in of_node.get(slot, ())))
