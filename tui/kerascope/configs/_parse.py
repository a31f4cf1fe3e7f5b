"""Reading one serialized layer."""

from __future__ import annotations

from collections.abc import Mapping

from kerascope.configs._types import LayerConfig

__all__ = ["parse_layer"]


def parse_layer(serialized: object, generation: int) -> LayerConfig:
    """A serialized layer (`{"class_name": ..., "config": {...}}`) as typed data.

    Args:
        serialized: What JSON has.
        generation: The Keras whose rules are meant: 1, 2 or 3.

    Raises:
        ValueError: It is no serialized object; the message says what was found in its place.
    """
    if not isinstance(serialized, Mapping):
        raise ValueError(
            f"received {type(serialized).__name__}, expected a serialized layer with class_name and config"
        )
    class_name, config = serialized.get("class_name"), serialized.get("config")
    if not isinstance(class_name, str) or not isinstance(config, Mapping):
        raise ValueError("received an object without class_name and config, expected a serialized layer")
    return LayerConfig(class_name=class_name, name=str(config.get("name") or ""), config=config, generation=generation)
