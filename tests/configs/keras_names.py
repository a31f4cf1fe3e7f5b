"""The names that a real Keras answers to, by kind: `PYTHON keras_names.py GENERATION`; kerascope is not in it.

Every module of Keras is imported, so that what has no public name (`Functional`, the operations) is found as well.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import pkgutil
import sys
from typing import Any

SKIPPED = (
    "test",
    "benchmark",
    "integration",
    "backend.jax",
    "backend.torch",
    "backend.openvino",
    "model_architectures",
)
REGISTRY = {2: "_GLOBAL_CUSTOM_OBJECTS", 3: "GLOBAL_CUSTOM_OBJECTS"}
NO_NAMES = ("get", "serialize", "deserialize")


def main() -> None:
    generation = int(sys.argv[1])
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with contextlib.redirect_stdout(sys.stderr):
        keras = importlib.import_module("keras" if generation == 3 else "tf_keras")
        found = {kind: sorted(names) for kind, names in names_of(keras, generation).items()}
    json.dump(found, sys.stdout)


def names_of(keras: Any, generation: int) -> dict[str, set[str]]:
    bases = {
        # A metric of Keras 2 is a layer too, and a layer of Keras 3 an operation: the first that fits counts.
        "metrics": keras.metrics.Metric,
        "models": keras.Model,
        "layers": keras.layers.Layer,
        "initializers": keras.initializers.Initializer,
        "regularizers": keras.regularizers.Regularizer,
        "constraints": keras.constraints.Constraint,
        "losses": keras.losses.Loss,
        "optimizers": keras.optimizers.Optimizer,
        "schedules": keras.optimizers.schedules.LearningRateSchedule,
    }
    if generation == 3:
        bases["operations"] = keras.Operation
        bases["dtype_policies"] = keras.dtype_policies.DTypePolicy
    else:
        bases["dtype_policies"] = keras.mixed_precision.Policy
    found: dict[str, set[str]] = {kind: set() for kind in [*bases, "activations"]}
    every = classes(keras)
    for cls in every:
        for kind, parent in bases.items():
            if issubclass(cls, parent):
                found[kind].add(cls.__name__)
                break
    if generation == 3:
        # A quantizer and the configuration of one have no base in common.
        found["quantizers"] = {name for name, value in vars(keras.quantizers).items() if inspect.isclass(value)}
    for name, value in vars(keras.layers).items():
        if inspect.isclass(value) and issubclass(value, keras.layers.Layer):
            found["layers"].add(name)
    for kind in ("initializers", "regularizers", "constraints", "losses", "metrics", "optimizers", "activations"):
        for name, value in [*vars(getattr(keras, kind)).items(), *known_by_string(keras, kind).items()]:
            if callable(value) and not name.startswith("_") and name not in NO_NAMES:
                found[kind].add(name)
    registry = importlib.import_module(f"{keras.__name__}.src.saving.object_registration")
    found["registered"] = {name for name in vars(registry)[REGISTRY[generation]] if ">" in name}
    return found


def known_by_string(keras: Any, kind: str) -> dict[str, Any]:
    """What `keras.KIND.get("...")` finds beyond the public names."""
    source = importlib.import_module(f"{keras.__name__}.src.{kind}")
    for name in ("ALL_OBJECTS_DICT", "_ALL_OBJECTS_DICT"):
        if hasattr(source, name):
            return dict(getattr(source, name))
    local = getattr(source, "LOCAL", None)
    if local is not None:
        source.populate_deserializable_objects()
        return dict(local.ALL_OBJECTS)
    return {name: value for name, value in vars(source).items() if getattr(value, "__module__", "") == source.__name__}


def classes(keras: Any) -> list[type]:
    """Every class that Keras defines."""
    source = importlib.import_module(f"{keras.__name__}.src")
    found: dict[int, type] = {}
    for module in pkgutil.walk_packages(source.__path__, f"{source.__name__}.", onerror=lambda name: None):
        if any(part in module.name for part in SKIPPED):
            continue
        try:
            loaded = importlib.import_module(module.name)
        except Exception as error:
            print(f"{module.name}: {error}", file=sys.stderr)
            continue
        for value in vars(loaded).values():
            if inspect.isclass(value) and value.__module__.startswith(f"{keras.__name__}."):
                found[id(value)] = value
    return list(found.values())


if __name__ == "__main__":
    main()
