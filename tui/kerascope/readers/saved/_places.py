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
        argument: The nearest key that is a name: a list's entries are values of its argument.
        holder: The nearest place around it where a serialized object stands.
        named: The nearest place around it where one with a name stands.
    """

    key: str | int | None
    outer: Place | None
    class_name: str | None = None
    name: str | None = None
    layer: str | None = None
    model: str | None = None
    aside: bool = False
    # Known when it is made: to look outward for them, for every value, is slow where a config is deep.
    argument: str | None = None
    holder: Place | None = None
    named: Place | None = None

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


def inside(place: Place, key: str | int) -> Place:
    """The place of an entry of what stands at a place."""
    aside = place.aside or key in _ASIDE
    argument = place.argument if isinstance(key, int) else key
    holder = place.holder if place.class_name is None else place
    named = place.named if place.class_name is None or place.name is None else place
    return Place(key, place, None, None, place.layer, place.model, aside, argument, holder, named)


def entered(value: Mapping[str, Any], class_name: str, place: Place) -> Place:
    """The place of a serialized object: a layer gives its name to what is in it."""
    config = value.get("config")
    of_config = config if isinstance(config, Mapping) else {}
    name = value.get("name", of_config.get("name"))
    layer, model = place.layer, place.model
    if not isinstance(name, str) or not name or place.aside:
        name = place.name
    else:
        layer = name
        model = name if "layers" in of_config or isinstance(config, list) else model
    return Place(
        place.key,
        place.outer,
        class_name,
        name,
        layer,
        model,
        place.aside,
        place.argument,
        place.holder,
        place.named,
    )


def called(place: Place) -> str:
    """What a value belongs to, in words: `the Dense layer 'code'`, `the Zeros of the Dense layer 'code'`."""
    holder = place.holder if place.class_name is None else place
    named = place.named if place.class_name is None or place.name is None else place
    if holder is None:
        return "the config"
    if named is None:
        return f"the {shown(holder.class_name)}"
    kind = "" if str(named.class_name).lower().endswith(("layer", "model")) else " layer"
    kind = " model" if named.name == named.model else kind
    whole = f"the {shown(named.class_name)}{kind} {shown(named.name)!r}"
    return whole if holder is named else f"the {shown(holder.class_name)} of {whole}"


def part_of(place: Place) -> tuple[str, str]:
    """What an object without a name of its own is part of, and as what: `the Dense layer 'code'`, ` as activation`."""
    key = place.argument
    return called(place.outer or place), "" if key is None else f" as {shown(key)}"
