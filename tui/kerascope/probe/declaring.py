"""What an author's constructor arguments say about a layer's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import describe

if TYPE_CHECKING:
    from .adapters import Adapter
    from .places import Places

__all__ = ["declaration"]


def declaration(
    layer: Any, arguments: list[tuple[str, Any]], adapter: Adapter, places: Places
) -> dict[str, Any] | None:
    """What the author declared: an argument Keras itself reads, and the shape Keras made of it.

    Args:
        layer: The layer.
        arguments: What the author passed to its constructor, by name.
        adapter: The Keras generation.
        places: Tells whose class it is.

    Returns:
        `{"argument", "value", "shape"}`: the value as text, the shape with its batch dimension or `None` where the
        value is no shape; `None` where nothing is declared.
    """
    passed = dict(arguments)
    stored = adapter.stored_declaration(layer)
    if adapter.is_input(layer):
        names: tuple[str, ...] = ("batch_shape", "shape")
    elif isinstance(layer, adapter.embedding_class):
        # Its input_dim is the size of its vocabulary.
        names = ("input_shape", "batch_input_shape", "input_length")
    else:
        names = ("input_shape", "batch_input_shape", "input_dim")
    of_keras = places.owner(describe.file_of(type(layer))) == "keras"
    argument = next((name for name in names if passed.get(name) is not None), None)
    if argument is None or not (of_keras or stored is not None):
        # A class of the user's own may give such a name any meaning; what it passed on, Keras has stored.
        if of_keras or stored is None or isinstance(layer, adapter.embedding_class):
            return None
        return {
            "argument": "input_shape",
            "value": describe.text_of(tuple(stored[1:])),
            "shape": _whole_shape(stored),
        }
    value = passed[argument]
    shape = _whole_shape(stored) if stored is not None else _declared_shape(argument, value, passed)
    return {"argument": argument, "value": describe.text_of(value), "shape": shape}


def _whole_shape(stored: tuple[Any, ...]) -> list[int | None] | None:
    try:
        return [None if size is None else int(size) for size in stored]
    except (TypeError, ValueError):
        return None


def _declared_shape(argument: str, value: Any, passed: dict[str, Any]) -> list[int | None] | None:
    """The declared shape with its batch dimension, `None` when the value is no shape."""
    if argument in ("input_dim", "input_length"):
        sizes: Any = (value,)
    elif isinstance(value, (list, tuple)):
        sizes = value
    elif hasattr(value, "as_list") or hasattr(value, "__iter__"):
        try:
            sizes = list(value)
        except (TypeError, ValueError):
            return None
    else:
        sizes = (value,)
    try:
        shape = [None if size is None else int(size) for size in sizes]
        batch = passed.get("batch_size")
        if argument in ("batch_input_shape", "batch_shape"):
            return shape
        return [None if batch is None else int(batch), *shape]
    except (TypeError, ValueError):
        return None
