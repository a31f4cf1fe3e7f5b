"""What plain Keras says of many files: `PYTHON plain_keras.py GENERATION FILE...` prints JSON; kerascope is not in it.

Each file is executed as `python FILE` would, training apart; all in one process, Keras's names begun anew for each.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any


def main() -> None:
    generation, *paths = sys.argv[1:]
    keras = keras_of(generation)
    keras.Model.fit = lambda *args, **kwargs: types.SimpleNamespace(history=collections.defaultdict(list))
    answer = {}
    environment = dict(os.environ)
    with contextlib.redirect_stdout(sys.stderr):
        for path in paths:
            keras.backend.clear_session()
            answer[Path(path).name] = run(keras, path)
            os.environ.update(environment)
    json.dump(answer, sys.stdout)


def keras_of(generation: str) -> Any:
    """The Keras of a generation, on the CPU and silent, under every name that files of its time use."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if generation == "2" else "0"
    if generation == "3":
        import keras

        return keras
    import tf_keras

    for name, module in list(sys.modules.items()):
        if name == "tf_keras" or name.startswith("tf_keras."):
            sys.modules["keras" + name[len("tf_keras") :]] = module
    return tf_keras


def run(keras: Any, path: str) -> dict[str, Any]:
    """Run one file: the error that ended it, and by layer name the shapes its layers were built with or called on."""
    sys.argv = [path]
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": path}
    error = None
    try:
        exec(compile(Path(path).read_text(), path, "exec"), namespace)
    except Exception:
        error = traceback.format_exc(limit=-2)
    shapes: dict[str, list[list[int | None]]] = {}
    for value in list(namespace.values()):
        if isinstance(value, keras.layers.Layer):
            for layer in [value, *value._flatten_layers(include_self=False)]:
                known = shapes.setdefault(layer.name, [])
                known += [shape for shape in shapes_of(layer) if shape not in known]
    return {"error": error, "shapes": shapes}


def shapes_of(layer: Any) -> list[list[int | None]]:
    """The shape a layer was built with, and those of the symbolic tensors it was called on."""
    found: list[list[int | None]] = []
    config: dict[str, Any] = layer.get_build_config() or {}
    collect(config.get("input_shape"), found)
    for node in layer._inbound_nodes:
        tensors = node.input_tensors
        collect([tensor.shape for tensor in (tensors if isinstance(tensors, (list, tuple)) else [tensors])], found)
    return found


def collect(shape: Any, found: list[list[int | None]]) -> None:
    """Add a shape, or all shapes of a structure of shapes, to `found`."""
    if isinstance(shape, dict):
        shape = list(shape.values())
    if shape is None:
        return
    sizes = list(shape)
    if all(size is None or isinstance(size, int) for size in sizes):
        found.append(sizes)
    else:
        for item in sizes:
            collect(item, found)


if __name__ == "__main__":
    main()
