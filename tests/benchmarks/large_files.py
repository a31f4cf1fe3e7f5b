"""Large saved files, written without making their models: for measuring how they are read."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Config = dict[str, Any]

WRITER = """\
import sys
import keras
model = keras.applications.{name}(weights=None)
for path in sys.argv[1:]:
    model.save(path)
"""
"""Saves a model of `keras.applications`, untrained, into each path."""

SPARSE = """\
import sys
import h5py, numpy
properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
rows, columns, arrays = 8192, 8192, 8
with h5py.File(sys.argv[1], "w") as file:
    for number in range(arrays):
        group = file.create_group(f"layers/dense_{number}/vars")
        space = h5py.h5s.create_simple((rows, columns))
        h5py.h5d.create(group.id, b"0", h5py.h5t.IEEE_F32LE, space, properties)
        group["0"][number] = numpy.linspace(-1, 1, columns)
"""
"""Writes 2 GiB of weights of which all but a row of each array is a hole in the file."""


def write_with_keras(name: str, *paths: Path) -> None:
    """Save a model of `keras.applications` by real Keras 3."""
    subprocess.run(
        [sys.executable, "-c", WRITER.format(name=name), *map(str, paths)], check=True, capture_output=True, text=True
    )


def write_sparse(path: Path) -> None:
    """Weights of 2 GiB that take a few kilobytes of the disk."""
    subprocess.run([sys.executable, "-c", SPARSE, str(path)], check=True)


def write_chain(path: Path, count: int) -> str:
    """A functional config of Keras 3 with `count` layers, every third one adding what two before it give.

    Returns:
        The name of its last layer.
    """
    layers = [_layer("InputLayer", "features", {"batch_shape": [None, 64]})]
    before, last = "features", "features"
    for number in range(1, count):
        if number % 3 == 0:
            layer = _layer("Add", f"add_{number}", {}, [_tensor(before, 64), _tensor(last, 64)], shape=64)
        else:
            layer = _layer("Dense", f"dense_{number}", _dense(64, "relu"), _tensor(last, 64), shape=64)
        layers.append(layer)
        before, last = last, layer["name"]
    path.write_text(json.dumps(_functional("chain", layers, "features", last)))
    return str(last)


def write_transformer(path: Path, *, blocks: int = 76, width: int = 8192, heads: int = 64, words: int = 50_000) -> int:
    """The config of a transformer as `to_json` of Keras 3 would give it, were there a machine that can make one.

    Returns:
        Its parameters.
    """
    length = 2048
    layers = [
        _layer("InputLayer", "tokens", {"batch_shape": [None, length], "dtype": "int32"}),
        _layer("Embedding", "embedding", {"input_dim": words, "output_dim": width}, _tensor("tokens", length)),
    ]
    last = "embedding"

    def add(class_name: str, name: str, config: Config, *sources: str) -> str:
        tensors = [_tensor(source, length, 4 * width if source.startswith("up") else width) for source in sources]
        arguments = [tensors] if class_name == "Add" else tensors
        layers.append(_layer(class_name, name, config, *arguments))
        return name

    for number in range(blocks):
        attention = {"num_heads": heads, "key_dim": width // heads, "value_dim": None, "use_bias": True}
        attended = add("MultiHeadAttention", f"attention_{number}", attention, last, last)
        summed = add("Add", f"add_{number}", {}, last, attended)
        normal = add("LayerNormalization", f"norm_{number}", _norm(), summed)
        wide = add("Dense", f"up_{number}", _dense(4 * width, "gelu"), normal)
        narrow = add("Dense", f"down_{number}", _dense(width, "linear"), wide)
        again = add("Add", f"add_again_{number}", {}, normal, narrow)
        last = add("LayerNormalization", f"norm_again_{number}", _norm(), again)
    add("Dense", "head", _dense(words, "linear"), last)
    path.write_text(json.dumps(_functional("transformer", layers, "tokens", "head")))
    block = 4 * (width * width + width) + 2 * 2 * width + (8 * width * width + 5 * width)
    return words * width + blocks * block + (width + 1) * words


def _functional(name: str, layers: list[Config], first: str, last: str) -> Config:
    config = {"name": name, "trainable": True, "layers": layers, "input_layers": [[first, 0, 0]]}
    config["output_layers"] = [[last, 0, 0]]
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": config}


def _layer(class_name: str, name: str, config: Config, *arguments: Any, shape: int | None = None) -> Config:
    layer: Config = {
        "module": "keras.layers",
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": _object("keras", "DTypePolicy", name="float32"), **config},
        "registered_name": None,
        "name": name,
        "inbound_nodes": [{"args": list(arguments), "kwargs": {}}] if arguments else [],
    }
    if shape is not None:
        layer["build_config"] = {"input_shape": [None, shape]}
    return layer


def _tensor(name: str, *sizes: int) -> Config:
    history = {"shape": [None, *sizes], "dtype": "float32", "keras_history": [name, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": history}


def _object(module: str, class_name: str, **config: Any) -> Config:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def _dense(units: int, activation: str) -> Config:
    return {
        "units": units,
        "activation": activation,
        "use_bias": True,
        "kernel_initializer": _object("keras.initializers", "GlorotUniform", seed=None),
        "bias_initializer": _object("keras.initializers", "Zeros"),
    }


def _norm() -> Config:
    return {"axis": -1, "epsilon": 0.001, "center": True, "scale": True}
