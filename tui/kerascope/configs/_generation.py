"""Which generation of Keras wrote a config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kerascope.configs._keras1 import KERAS_1_ARGUMENTS, KERAS_1_CLASSES
from kerascope.configs._names import KERAS_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["generation_of", "of_version"]

_VERSION = re.compile(r"(\d{1,3})\.\d")
MAX_LOOKED_AT = 100_000
"""Objects looked at for a sign; a real config gives one in its first few."""


def of_version(keras_version: object) -> int | None:
    """The generation that a `keras_version` names: `2.2.4-tf` is 2, `0.3.2` counts as 1; `None` where it names none."""
    found = _VERSION.match(keras_version) if isinstance(keras_version, str) else None
    if found is None:
        return None
    major = int(found[1])
    return max(major, 1) if major <= 3 else None


def generation_of(data: object, keras_version: str | None = None) -> int | None:
    """Which generation of Keras wrote a config: 1, 2 or 3; `None` where nothing in it tells.

    A stated version counts most. Else the forms tell: how calls and dtypes are written, what the input's shape is
    called, where a class lives (`.keras` files of tf-keras and of Keras 3 look alike but for these), and argument names
    that only Keras 1 had.

    Args:
        data: The decoded JSON.
        keras_version: The version that stands beside the config in the file, where one does.
    """
    stated = of_version(keras_version)
    if stated is not None:
        return stated
    waiting: list[Any] = [data]
    looked_at = 0
    weak: int | None = None
    while waiting and looked_at < MAX_LOOKED_AT:
        item = waiting.pop()
        looked_at += 1
        if isinstance(item, list):
            waiting += [each for each in reversed(item) if isinstance(each, (list, dict))]
        elif isinstance(item, dict):
            found = of_version(item.get("keras_version")) or _of_object(item)
            if found is not None:
                return found
            if "batch_input_shape" in item or isinstance(item.get("inbound_nodes"), list):
                weak = 2
            # Layers tell more than what stands beside them, so they come first.
            waiting += [each for name, each in item.items() if isinstance(each, (list, dict)) and name != "layers"]
            waiting += [item[name] for name in ("layers",) if isinstance(item.get(name), (list, dict))]
    return weak


def _of_object(item: Mapping[str, Any]) -> int | None:
    """What one object of a config tells."""
    class_name, config, module = item.get("class_name"), item.get("config"), item.get("module")
    if isinstance(class_name, str):
        if class_name in ("__keras_tensor__", "DTypePolicy", "DTypePolicyMap"):
            return 3
        if class_name == "Policy":
            return 2
    if isinstance(module, str):
        if module.startswith(("tf_keras", "keras.src.engine", "keras.engine", "tensorflow.")):
            return 2
        if module.startswith(("keras.src.models", "keras.src.ops", "keras_core")):
            return 3
    if not isinstance(config, dict):
        return None
    if "batch_shape" in config and class_name == "InputLayer":
        return 3
    if isinstance(class_name, str) and "module" not in item:
        if class_name in KERAS_1_CLASSES:
            return 1
        # A layer of the user's own may have any argument, and may be called as a layer that Keras gave up.
        if class_name in KERAS_NAMES[3]["layers"] and not KERAS_1_ARGUMENTS.isdisjoint(config):
            return 1
        if class_name == "Dense" and "output_dim" in config:
            return 1
        if class_name == "Dropout" and "p" in config and "rate" not in config:
            return 1
        if "kernel_initializer" in config and not isinstance(config.get("dtype"), dict):
            return 2
    if "batch_input_shape" in config and ("kernel_initializer" in config or "module" in item):
        return 2
    if "time_major" in config:
        return 2
    return None
