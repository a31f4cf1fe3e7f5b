"""Finding the model's config inside everything that files put around it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerascope.configs._generation import of_version
from kerascope.configs._values import unwrap
from kerascope.graph import clean_line, clean_values

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Opened", "build_of", "opened"]

MAX_ENVELOPES = 8
"""Wrappings around a model's config that are taken off: JSON in a string, `modelTopology`, `model_config`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A serialized model, with what stood around it.

    Attributes:
        item: The object with `class_name` and `config`.
        generation: The one that a stated version of Keras names.
        build: The input shape it was built with, where that is stated.
    """

    item: Mapping[str, Any]
    generation: int | None
    build: object


def opened(data: object) -> Opened:
    """The serialized model in what a file holds.

    Raises:
        ValueError: There is none; the message says what was found.
    """
    stated: int | None = None
    build: object = None
    for _ in range(MAX_ENVELOPES):
        if isinstance(data, str):
            data = _decoded(data)
        elif isinstance(data, list):
            data = {"class_name": "Sequential", "config": data}
        elif not isinstance(data, dict):
            break
        else:
            stated = of_version(data.get("keras_version")) or stated
            build = build_of(data) if build is None else build
            if isinstance(data.get("class_name"), str) and isinstance(data.get("config"), (dict, list)):
                return Opened(data, stated, build)
            inside = next((data[name] for name in ("modelTopology", "model_config") if data.get(name)), None)
            if inside is not None:
                data = inside
            elif isinstance(data.get("layers"), list):
                class_name = "Functional" if "input_layers" in data else "Sequential"
                data = {"class_name": class_name, "config": data}
            else:
                break
    found = f"an object with {_listed(data)}" if isinstance(data, dict) else f"a value of type {type(data).__name__}"
    raise ValueError(f"received {found}, expected the config of a Keras model: an object with class_name and config")


def build_of(item: Mapping[str, Any]) -> object:
    """The input shape that an object was built with, where it says so."""
    build = item.get("build_config")
    if isinstance(build, dict) and build.get("input_shape") is not None:
        return unwrap(build["input_shape"])
    for place in (item, item.get("config")):
        if isinstance(place, dict) and place.get("build_input_shape") is not None:
            return unwrap(place["build_input_shape"])
    return None


def _listed(data: Mapping[str, Any]) -> str:
    names = [clean_line(str(name)[:40]) for name in list(data)[:5]]
    return ", ".join(names) if names else "nothing in it"


def _decoded(text: str) -> object:
    try:
        # It was one string when the texts of the file were cleaned.
        return clean_values(json.loads(text))
    except ValueError as error:
        said = clean_line(str(error))
        raise ValueError(
            f"received a string that holds no JSON ({said}), expected the config of a Keras model"
        ) from None
