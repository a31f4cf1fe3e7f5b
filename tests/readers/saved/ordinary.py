"""Configs of ordinary models as real Keras writes them: `PYTHON ordinary.py GENERATION > configs`.

kerascope is not in it. The answer is `{LABEL: CONFIG}`: models of `keras.applications`, one of every layer that can be
made with few arguments, and compiled models with every activation, initializer, regularizer, constraint, loss, metric
and optimizer.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import json
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for imports to be others' own.
sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.plain_keras import keras_of

del sys.path[0]

APPLICATIONS = ("MobileNetV2", "EfficientNetB0", "ConvNeXtTiny", "MobileNetV3Small")
ASIDE = frozenset({"get", "serialize", "deserialize", "InputSpec"})
ARGUMENTS: dict[str, dict[str, Any]] = {
    "Dense": {"units": 3},
    "EinsumDense": {"equation": "abc,cd->abd", "output_shape": (None, 3)},
    "Embedding": {"input_dim": 10, "output_dim": 3},
    "Normalization": {"mean": 0.0, "variance": 1.0},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "GroupQueryAttention": {"head_dim": 3, "num_query_heads": 2, "num_key_value_heads": 2},
    "Reshape": {"target_shape": (3, 4)},
    "Permute": {"dims": (2, 1)},
    "RepeatVector": {"n": 3},
    "Dropout": {"rate": 0.3},
    "Dot": {"axes": 1},
    "Resizing": {"height": 8, "width": 8},
    "Rescaling": {"scale": 1 / 255},
    "CenterCrop": {"height": 8, "width": 8},
    "RandomCrop": {"height": 8, "width": 8},
    "Discretization": {"bin_boundaries": [0.1, 0.5]},
    "CategoryEncoding": {"num_tokens": 5},
    "Hashing": {"num_bins": 5},
    "StringLookup": {"vocabulary": ["a", "https://example.org/", "/etc/passwd", "../b"]},
    "IntegerLookup": {"vocabulary": [3, 4]},
    "TextVectorization": {"vocabulary": ["a", "http://example.org/", "gASVabcdefghijklmnop"]},
}
UNITS = ("LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell")


def main() -> None:
    generation = int(sys.argv[1])
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        configs = dict(written(keras_of(str(generation)), generation))
    json.dump(configs, sys.stdout)


def written(keras: Any, generation: int) -> Any:
    """Label and config of everything that could be made."""
    for name in APPLICATIONS:
        keras.backend.clear_session()
        model = getattr(keras.applications, name)(weights=None)
        yield f"{name} to_json", json.loads(model.to_json())
        if name == "MobileNetV3Small":
            yield f"{name} h5", in_h5(keras, model)
            yield f"{name} keras", in_archive(model)
    for name, layer in layers(keras):
        yield f"layer {name}", plain(keras.saving.serialize_keras_object(layer))
        yield f"layer {name}, legacy", plain(keras.layers.serialize(layer))
    yield from compiled(keras)
    yield from connected(keras, generation)


def plain(config: Any) -> Any:
    return json.loads(json.dumps(config, default=str))


def in_h5(keras: Any, model: Any) -> Any:
    """What an HDF5 file has in its attributes."""
    import h5py

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.h5"
        model.save(path)
        with h5py.File(path) as file:
            return {
                name: json.loads(file.attrs[name]) for name in ("model_config", "training_config") if name in file.attrs
            }


def in_archive(model: Any) -> Any:
    """The `config.json` of a `.keras` archive."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return json.loads(zipfile.ZipFile(io.BytesIO(path.read_bytes())).read("config.json"))


def exported(module: Any) -> list[tuple[str, Any]]:
    return sorted(
        (name, item)
        for name, item in vars(module).items()
        if inspect.isclass(item) and name[0] != "_" and name not in ASIDE
    )


def layers(keras: Any) -> Any:
    """One of each public layer that can be made."""
    for name, cls in exported(keras.layers):
        arguments = dict(ARGUMENTS.get(name, {}))
        if name in UNITS:
            arguments["units"] = 3
        elif (name.startswith(("Conv", "SeparableConv")) and "Transpose" in name) or name.startswith(("Conv", "Sep")):
            arguments.update(filters=3, kernel_size=3)
        elif name.startswith("DepthwiseConv"):
            arguments["kernel_size"] = 3
        elif name.startswith("Random") and name != "RandomCrop":
            arguments["factor"] = 0.2
        for tried in (arguments, {}, {"layer": keras.layers.LSTM(3)}, {"cell": keras.layers.GRUCell(3)}):
            try:
                yield name, cls(**tried)
                break
            except Exception:
                continue


def compiled(keras: Any) -> Any:
    """Models that between them name every part that Keras has, by name and as an object."""
    layers = []
    for name, item in sorted(vars(keras.activations).items()):
        if inspect.isfunction(item) and name not in ASIDE:
            layers += [keras.layers.Dense(4, activation=name), keras.layers.Activation(item)]
    for argument, module in (
        ("kernel_initializer", keras.initializers),
        ("kernel_regularizer", keras.regularizers),
        ("kernel_constraint", keras.constraints),
    ):
        for _, cls in exported(module):
            with contextlib.suppress(Exception):
                part = cls()
                part.get_config()
                layers.append(keras.layers.Dense(4, **{argument: part}))
    # Nobody has given it an input: what is not built is written fast.
    model = keras.Sequential(layers)
    yield "parts to_json", json.loads(model.to_json())
    yield "parts keras", plain(keras.saving.serialize_keras_object(model))
    losses, metrics = members(keras.losses), members(keras.metrics)
    optimizers = [cls for _, cls in exported(keras.optimizers)]
    for number in range(max(len(losses), len(metrics), len(optimizers))):
        loss, metric = losses[number % len(losses)], metrics[number % len(metrics)]
        with contextlib.suppress(Exception):
            model = keras.Sequential([keras.layers.Dense(4)])
            made = {
                "loss": loss() if inspect.isclass(loss) else loss,
                "metrics": [metric() if inspect.isclass(metric) else metric],
                "optimizer": optimizers[number % len(optimizers)](),
            }
            model.compile(**made)
            yield f"compiled {number} keras", plain(keras.saving.serialize_keras_object(model))
            if number % 3 == 0:
                model.build((None, 4))
                yield f"compiled {number} h5", in_h5(keras, model)


def members(module: Any) -> list[Any]:
    """The public classes of a module, and the names of its functions."""
    functions = [name for name, item in vars(module).items() if inspect.isfunction(item) and name not in ASIDE]
    return [*(cls for _, cls in exported(module)), *functions]


def connected(keras: Any, generation: int) -> Any:
    """Functional models with operations, masks, slices, constants, nested and shared models, mixed precision."""
    from_keras, layer = keras.Input((8, 6), name="tokens"), keras.layers
    x = layer.Masking()(from_keras)
    x = layer.Bidirectional(layer.LSTM(4, return_sequences=True))(x)
    x = layer.TimeDistributed(layer.Dense(5, activation="relu"))(x)
    x = layer.RNN([layer.LSTMCell(3), layer.GRUCell(3)], return_sequences=True)(x)
    x = layer.MultiHeadAttention(2, 3)(x, x)
    inner = keras.Sequential([layer.Dense(3), layer.Dropout(0.1)])
    x = x[:, 1:, ::2] * 2.0 + 1.0
    if generation == 3:
        import numpy

        x = keras.ops.reshape(keras.ops.relu(x), (-1, 4))
        x = keras.ops.concatenate([x, keras.ops.abs(x)], axis=-1)
        x = x + numpy.ones((8,), dtype="float32")
    else:
        tf: Any = importlib.import_module("tensorflow")
        x = tf.nn.relu(x)
        x = tf.reshape(x, (-1, 4))
        x = tf.concat([x, tf.abs(x)], axis=-1)
    y = layer.Activation("softmax", dtype="float32")(inner(layer.Dense(3, dtype="mixed_float16")(x)))
    model = keras.Model([from_keras], [y, inner(layer.Dense(3)(x))])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.9)
    model.compile(keras.optimizers.Adam(schedule), loss=["mse", keras.losses.Huber()], metrics=[["mae"], ["acc"]])
    yield "connected to_json", json.loads(model.to_json())
    yield "connected keras", in_archive(model)
    yield "connected h5", in_h5(keras, model)


if __name__ == "__main__":
    main()
