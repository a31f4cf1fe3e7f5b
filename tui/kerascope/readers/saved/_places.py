"""Where values stand in a config, and what they belong to, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerascope.graph import clean_line, cut_middle
from kerascope.readers.saved._foreign import shown, words
from kerascope.readers.saved._limits import MAX_NAME

__all__ = ["Place", "called", "entered", "inside", "part_of"]

# What stands in these has names of its own that are no layer's.
_ASIDE = words(
    "compile_config training_config optimizer optimizer_config loss metrics weighted_metrics dtype dtype_policy"
)


@dataclass(slots=True)
class Place:
    """Where a value stands; not frozen, because one is made for every value of a config, and frozen ones take longer.

    Attributes:
        key: Its key or index in the place around it.
        outer: The place around it; `None` for the config itself.
        class_name: The class, where a serialized object stands there.
        name: That object's name, where it is a layer with one.
        layer: Name of the nearest layer around it.
        model: Name of the nearest model around it.
        aside: Whether it is part of an optimizer, a metric or the like, whose names are no layers'.
    """

    key: str | int | None
    outer: Place | None
    class_name: str | None = None
    name: str | None = None
    layer: str | None = None
    model: str | None = None
    aside: bool = False

    def path(self) -> str:
        """`config.layers[3].config.function`."""
        keys: list[str | int] = []
        place: Place | None = self
        while place is not None:
            if place.key is not None:
                keys.append(place.key)
            place = place.outer
        text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in reversed(keys))
        return cut_middle(clean_line(text.removeprefix(".")), MAX_NAME)

    def argument(self) -> str | None:
        """The nearest key that is a name: a list's entries are values of its argument."""
        place: Place | None = self
        while place is not None and not isinstance(place.key, str):
            place = place.outer
        return None if place is None else str(place.key)


def inside(place: Place, key: str | int) -> Place:
    """The place of an entry of what stands at a place."""
    aside = place.aside or key in _ASIDE
    return Place(key, place, None, None, place.layer, place.model, aside)


def entered(value: Mapping[str, Any], class_name: str, place: Place) -> Place:
    """The place of a serialized object: a layer gives its name to what is in it."""
    config = value.get("config")
    of_config = config if isinstance(config, Mapping) else {}
    name = value.get("name", of_config.get("name"))
    if not isinstance(name, str) or not name or place.aside:
        return Place(place.key, place.outer, class_name, place.name, place.layer, place.model, place.aside)
    model = name if "layers" in of_config or isinstance(config, list) else place.model
    return Place(place.key, place.outer, class_name, name, name, model, place.aside)


def called(place: Place) -> str:
    """What a value belongs to, in words: `the Dense layer 'code'`, `the Zeros of the Dense layer 'code'`."""
    classes: list[str] = []
    outer: Place | None = place
    while outer is not None:
        if outer.class_name is not None and outer.name is not None:
            kind = "" if outer.class_name.lower().endswith(("layer", "model")) else " layer"
            kind = " model" if outer.name == outer.model else kind
            classes.append(f"the {shown(outer.class_name)}{kind} {shown(outer.name)!r}")
            break
        if outer.class_name is not None and not classes:
            classes.append(f"the {shown(outer.class_name)}")
        outer = outer.outer
    return " of ".join(classes) or "the config"


def part_of(place: Place) -> tuple[str, str]:
    """What an object without a name of its own is part of, and as what: `the Dense layer 'code'`, ` as activation`."""
    key = place.argument()
    return called(place.outer or place), "" if key is None else f" as {shown(key)}"
