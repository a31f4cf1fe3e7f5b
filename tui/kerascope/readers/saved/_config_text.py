"""A layer's config as short text: what stands in the detail in place of the source line that a file does not have."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.graph import Argument, clean_line, cut_middle

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig

__all__ = ["config_arguments", "value_text"]

_WIDTH = 200
"""Characters of a value that are shown."""
_DEEPEST = 4
"""Levels of objects in a value that are shown."""
_MOST = 60
"""Entries of a config that are shown: those of Keras have at most about 40."""
_ITEMS = 12


def config_arguments(layer: LayerConfig) -> tuple[Argument, ...]:
    """The config's entries, in the order of the file; the name is the row's."""
    entries = [(name, value) for name, value in layer.config.items() if name not in ("name", "layers")]
    shown = [Argument(name=_name_text(str(name)), value=value_text(value)) for name, value in entries[:_MOST]]
    if len(entries) > _MOST:
        shown.append(Argument(name="", value=f"and {len(entries) - _MOST:,} more"))
    return tuple(shown)


@functools.lru_cache(maxsize=1024)
def _name_text(name: str) -> str:
    """The name of an entry; the layers of a file have the same few dozen."""
    return cut_middle(clean_line(name), _WIDTH)


def value_text(value: object) -> str:
    """A value of a config in one line, cut where it is long."""
    if value is None or isinstance(value, (bool, int, float)):
        return cut_middle(str(value), _WIDTH)  # half of what a config holds
    return cut_middle(clean_line(_written(value, 0)), _WIDTH)


def _written(value: object, depth: int) -> str:
    """A value as Python would write it; a serialized object as its constructor call."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        class_name, config = value.get("class_name"), value.get("config")
        if isinstance(class_name, str) and isinstance(config, Mapping):
            if class_name.endswith("DTypePolicy") and set(config) == {"name"}:
                return str(config["name"])
            return f"{class_name}({_entries(config, depth, '=')})"
        if isinstance(class_name, str) and isinstance(config, str):
            return config
        return "{" + _entries(value, depth, ": ") + "}"
    if isinstance(value, (list, tuple)):
        items = [_written(item, depth + 1) for item in value[:_ITEMS]]
        if len(value) > _ITEMS:
            items.append(f"… {len(value) - _ITEMS:,} more")
        return "[" + ", ".join(items) + "]" if isinstance(value, list) else "(" + ", ".join(items) + ")"
    if isinstance(value, str):
        return repr(value[: 2 * _WIDTH])
    return str(value)


def _entries(config: Mapping[object, object], depth: int, between: str) -> str:
    entries = list(config.items())
    texts = [f"{name}{between}{_written(value, depth + 1)}" for name, value in entries[:_ITEMS]]
    if len(entries) > _ITEMS:
        texts.append("…")
    return ", ".join(texts)
