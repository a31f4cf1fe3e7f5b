"""The calls of a functional model: `inbound_nodes`, `input_layers`, `output_layers` in every form Keras has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerascope.configs._types import CallConfig, TensorRef
from kerascope.configs._values import MAX_VALUE_DEPTH, is_serialized, one_line, unwrap, unwrap_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kerascope.configs._types import Structure
    from kerascope.graph import Shape

__all__ = ["moved", "parse_calls", "parse_tensors", "refs"]

MAX_RANK = 64
"""Sizes in a shape that a file may state; TensorFlow allows 254, and no layer takes more than 8."""

# These layers of tf_keras take a list of one tensor as a list; every other layer takes it as the tensor.
_KEEP_LISTS = frozenset({"TFOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty", "SlicingOpLambda"})

_CONSTANT = "_CONSTANT_VALUE"


def parse_calls(nodes: object, class_name: str) -> tuple[CallConfig, ...]:
    """The calls that a layer's `inbound_nodes` record.

    The forms, by who wrote them: `[[["x", 0, 0]]]` Keras 1 and 2.0; `[[["x", 0, 0, {"training": true}]]]` later
    Keras 2; `[["x", 0, 0, {"y": ["z", 0, 0]}]]` tf-keras for layers that keep the structure of their input, with
    constants as `["_CONSTANT_VALUE", -1, value, {}]` and dicts of tensors (`Node.serialize`);
    `[{"args": [...], "kwargs": {...}}]` Keras 3 (`serialize_node`).

    Raises:
        ValueError: One of them is in no form that any Keras writes.
    """
    if nodes is None:
        return ()
    if not isinstance(nodes, list):
        raise ValueError(f"its inbound_nodes are {_found(nodes)}, expected a list of calls")
    if _is_ref(nodes):
        nodes = [nodes]
    return tuple(_call(node, class_name) for node in nodes)


def parse_tensors(given: object) -> Structure:
    """The tensors that `input_layers` or `output_layers` name, nested as they are there.

    Raises:
        ValueError: There is something else among them.
    """
    found = _refs_of(given, 0)
    for item in _leaves(found):
        if not isinstance(item, TensorRef):
            raise ValueError(f"{_found(item)} stands where the name of a layer with two numbers is expected")
    return found


def refs(structure: object) -> list[TensorRef]:
    """The tensors in the arguments of a call, or in any structure."""
    return [item for item in _leaves(structure) if isinstance(item, TensorRef)]


def moved(structure: Any, move: Callable[[TensorRef], TensorRef]) -> Any:
    """The structure with every tensor replaced."""
    if isinstance(structure, TensorRef):
        return move(structure)
    if isinstance(structure, (list, tuple)):
        return type(structure)(moved(item, move) for item in structure)
    if isinstance(structure, dict):
        return {key: moved(item, move) for key, item in structure.items()}
    return structure


def _call(node: object, class_name: str) -> CallConfig:
    if isinstance(node, dict) and isinstance(node.get("args"), list) and isinstance(node.get("kwargs"), dict):
        args = [unwrap(item, _keras_tensor) for item in node["args"]]
        kwargs = unwrap_all(node["kwargs"], _keras_tensor)
        return CallConfig(tuple(args), kwargs)
    if not isinstance(node, (list, dict)):
        raise ValueError(f"one of its inbound_nodes is {_found(node)}, expected the tensors of a call")
    if not node:
        return CallConfig()
    keywords: dict[str, object] = {}
    first = _first_argument(node, keywords, 0)
    if isinstance(first, list) and len(first) == 1 and class_name not in _KEEP_LISTS:
        first = first[0]
    return CallConfig((first,), keywords)


def _first_argument(given: Any, keywords: dict[str, object], depth: int) -> object:
    """The first argument of a call of Keras 1 or 2; the other arguments stand beside each of its tensors."""
    if _is_ref(given):
        if len(given) == 4 and isinstance(given[3], dict):
            keywords.update((name, _refs_of(item, 0)) for name, item in given[3].items())
        return _ref(given)
    if isinstance(given, list) and 3 <= len(given) <= 4 and given[0] == _CONSTANT:
        if len(given) == 4 and isinstance(given[3], dict):
            keywords.update((name, _refs_of(item, 0)) for name, item in given[3].items())
        return unwrap(given[2])
    if depth > MAX_VALUE_DEPTH:
        raise ValueError(f"the arguments of a call are nested more than {MAX_VALUE_DEPTH} deep")
    if isinstance(given, list):
        return [_first_argument(item, keywords, depth + 1) for item in given]
    items = _tuple_items(given)
    if items is not None:
        return tuple(_first_argument(item, keywords, depth + 1) for item in items)
    if isinstance(given, dict) and not is_serialized(given):
        return {name: _first_argument(item, keywords, depth + 1) for name, item in given.items()}
    raise ValueError(
        f"{_found(given)} stands in its inbound_nodes where the name of a layer with two numbers is expected"
    )


def _refs_of(given: object, depth: int) -> object:
    """A value in which `["name", 0, 0]` is a tensor, as Keras 2 has it in arguments by keyword."""
    if _is_ref(given):
        return _ref(given)
    if depth > MAX_VALUE_DEPTH:
        raise ValueError(f"the arguments of a call are nested more than {MAX_VALUE_DEPTH} deep")
    if isinstance(given, list):
        return [_refs_of(item, depth + 1) for item in given]
    if isinstance(given, dict):
        if given.get("class_name") == "__keras_tensor__":
            return _keras_tensor(given)
        items = _tuple_items(given)
        if items is not None:
            return tuple(_refs_of(item, depth + 1) for item in items)
        if isinstance(given.get("class_name"), str):
            return unwrap(given)
        return {name: _refs_of(item, depth + 1) for name, item in given.items()}
    return given


def _tuple_items(given: object) -> list[Any] | None:
    """What stands in a tuple as the HDF5 files of Keras 2 write it (`json_utils.Encoder`)."""
    if isinstance(given, dict) and given.get("class_name") == "__tuple__" and isinstance(given.get("items"), list):
        return list(given["items"])
    return None


def _is_ref(given: Any) -> bool:
    """Whether this is `["name", call, output]`, with or without keyword arguments behind it."""
    return (
        isinstance(given, list)
        and 3 <= len(given) <= 4
        and isinstance(given[0], str)
        and given[0] != _CONSTANT
        and _is_index(given[1])
        and _is_index(given[2])
    )


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _ref(given: Any) -> TensorRef:
    return TensorRef(one_line(given[0]), given[1], given[2])


def _keras_tensor(given: Mapping[str, Any]) -> object:
    config = given.get("config")
    if not isinstance(config, dict):
        raise ValueError("a tensor among its arguments has no config")
    history: Any = config.get("keras_history")
    if not _is_ref(history):
        raise ValueError(f"a tensor among its arguments has {_found(history)} for its keras_history")
    dtype = config.get("dtype")
    return TensorRef(
        one_line(history[0]),
        history[1],
        history[2],
        shape=_shape(config.get("shape")),
        dtype=one_line(dtype) if isinstance(dtype, str) else None,
    )


def _shape(given: object) -> Shape | None:
    """A stated shape, or `None` where it is none: sizes are whole numbers or open."""
    sizes = given if isinstance(given, list) else unwrap(given)
    if not isinstance(sizes, (list, tuple)) or len(sizes) > MAX_RANK:
        return None
    for size in sizes:
        if size is not None and not _is_index(size):
            return None
    return tuple(sizes)


def _leaves(structure: object) -> list[object]:
    found: list[object] = []
    waiting = [structure]
    while waiting:
        item = waiting.pop()
        if isinstance(item, CallConfig):
            waiting += [item.kwargs, item.args]
        elif isinstance(item, (list, tuple)):
            waiting += reversed(item)
        elif isinstance(item, dict):
            waiting += reversed(item.values())
        else:
            found.append(item)
    return found


def _found(value: object) -> str:
    """A value in a message, cut where it is long."""
    said = one_line(repr(value)[:200])
    return said if len(said) <= 60 else f"{said[:57]}..."
