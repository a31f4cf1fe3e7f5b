"""Values in a config as plain Python data: what Keras wraps, because JSON has no word for it, unwrapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kerascope.graph import clean_line

__all__ = ["MAX_VALUE_DEPTH", "is_serialized", "one_line", "unwrap", "unwrap_all"]

MAX_VALUE_DEPTH = 64
"""How deep a value may be nested; Keras nests arguments three or four deep. What is deeper stays as the file has it."""

_WRAPPERS = frozenset({"__tuple__", "TensorShape", "__numpy__", "__tensor__", "__slice__", "__ellipsis__", "__bytes__"})

Leaf = Callable[[Mapping[str, Any]], object]


def one_line(text: str) -> str:
    """A name cleaned; names are nearly always plain, and there may be 100,000 of them."""
    return text if text.isascii() and text.isprintable() and " " not in text else clean_line(text)


def is_serialized(value: object) -> bool:
    """Whether a value is a serialized object: a layer, an initializer, a function, ..."""
    return isinstance(value, dict) and isinstance(value.get("class_name"), str) and "config" in value


def unwrap(value: object, tensor: Leaf | None = None, depth: int = 0) -> object:
    """A value without Keras's wrappers; serialized objects stay as they are, unread.

    `__tuple__` and `TensorShape` become tuples, `__numpy__`, `__tensor__` and `ndarray` nested lists, `__slice__` a
    slice, `__ellipsis__` an ellipsis, `__bytes__` bytes (Keras 3.15 `serialize_keras_object`, tf_keras
    `json_utils.Encoder`).

    Args:
        value: What JSON has.
        tensor: Called with a `__keras_tensor__` for what stands in its place; `None` leaves it serialized.
        depth: How deep in a value this one stands.

    Raises:
        ValueError: Tensors are looked for, and it is nested more than `MAX_VALUE_DEPTH` deep.
    """
    if not isinstance(value, (list, dict)):
        return value
    if depth > MAX_VALUE_DEPTH:
        if tensor is not None:
            raise ValueError(f"the arguments of a call are nested more than {MAX_VALUE_DEPTH} deep")
        return value
    if isinstance(value, list):
        return [unwrap(item, tensor, depth + 1) if isinstance(item, (list, dict)) else item for item in value]
    class_name = value.get("class_name")
    if isinstance(class_name, str):
        if class_name == "__keras_tensor__" and tensor is not None:
            return tensor(value)
        if class_name in _WRAPPERS:
            return _unwrapped(class_name, value, tensor, depth)
        if "config" in value:
            return value
    elif value.get("type") == "ndarray" and "value" in value:
        return value["value"]
    return unwrap_all(value, tensor, depth + 1)


def _unwrapped(class_name: str, value: dict[str, Any], tensor: Leaf | None, depth: int) -> object:
    inner = value.get("config")
    config = inner if isinstance(inner, dict) else {}
    if class_name in ("__tuple__", "TensorShape"):
        items = value.get("items", config.get("value"))
        return tuple(unwrap(item, tensor, depth + 1) for item in items) if isinstance(items, list) else None
    if class_name in ("__numpy__", "__tensor__"):
        return config.get("value")
    if class_name == "__slice__":
        return slice(*(unwrap(config.get(part), None, depth + 1) for part in ("start", "stop", "step")))
    if class_name == "__bytes__":
        text = config.get("value", value.get("value"))
        return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else None
    return ...


def unwrap_all(values: Mapping[str, Any], tensor: Leaf | None = None, depth: int = 0) -> dict[str, object]:
    """The values of a dict unwrapped, each by its key."""
    return {
        key: unwrap(item, tensor, depth) if isinstance(item, (list, dict)) else item for key, item in values.items()
    }
