"""The layers that stand in the arguments of a layer or of a model of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerascope.configs._builtin import is_builtin
from kerascope.configs._values import is_serialized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["serialized_inside"]

MAX_INNER_DEPTH = 5
"""How deep in the arguments other layers are looked for (`FeatureSpace` keeps them three deep)."""

_KEYS = frozenset({"layer", "layers", "forward_layer", "backward_layer", "cell", "cells", "rnn_layer"})
_OTHER_KINDS = ("initializer", "regularizer", "constraint", "loss", "metric", "optimizer", "dtype")


def serialized_inside(config: Mapping[str, Any], generation: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Serialized layers among some arguments, each with where it stands: `layer`, `cell`, `cells[0]`, `parts.head`.

    Under the names that Keras's wrappers use, any serialized object is a layer; elsewhere only what Keras itself calls
    a layer or a model is. What is inside of them is theirs.
    """
    for name, value in config.items():
        if not name.endswith(_OTHER_KINDS):
            yield from _found(name, name, value, generation, 0)


def _found(key: str, path: str, value: object, generation: int, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if depth > MAX_INNER_DEPTH:
        return
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            if isinstance(item, (list, tuple, dict)):
                yield from _found(key, f"{path}[{index}]", item, generation, depth + 1)
    elif isinstance(value, dict):
        if is_serialized(value):
            if _is_layer(key, value, generation):
                yield path, value
            return
        for name, item in value.items():
            if isinstance(item, (list, tuple, dict)) and not name.endswith(_OTHER_KINDS):
                yield from _found(name, f"{path}.{name}", item, generation, depth + 1)


def _is_layer(key: str, value: Mapping[str, Any], generation: int) -> bool:
    if not isinstance(value["config"], (dict, list)):
        return False
    if key in _KEYS:
        return True
    module, registered_name = value.get("module"), value.get("registered_name")
    if not isinstance(module, (str, type(None))) or not isinstance(registered_name, (str, type(None))):
        return False
    if module is not None and any(kind in module for kind in _OTHER_KINDS):
        return False
    return is_builtin(value["class_name"], module, registered_name, generation, ("layers", "models"))
