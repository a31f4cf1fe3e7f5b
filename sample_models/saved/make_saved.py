"""Make the saved models of this folder, each showing one thing: `python make_saved.py` with Keras 2 and Keras 3 there.

    question_keras2.h5   the question's Sequential; Keras 2 keeps the (44,) that it dropped
    two_inputs.keras     Keras 3: two inputs, one layer for both, a model inside the model
    old_style.json       what `to_json()` of Keras 1 gave: a list of layers, arguments by other names
    no_input_layer.h5    as Keras 2.2 saved it: what its input is depends on which Keras loads it
    diverged.keras       a kernel that holds NaN, as training leaves it that has diverged (`weights --stats`)

What Keras writes holds dates and names of its own making, so that the files differ a little each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def keras_2() -> None:
    """What Keras 2 saves."""
    import tf_keras as keras

    sample_model = keras.Sequential(name="sample_model")
    sample_model.add(keras.layers.Dense(32, input_shape=(4,), name="dense"))
    sample_model.add(keras.layers.Dense(16, input_shape=(44,), name="dense_1"))
    sample_model.save(FOLDER / "question_keras2.h5", include_optimizer=False)


def keras_3() -> None:
    """What Keras 3 saves."""
    import keras
    from keras import layers

    left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    shared = layers.Dense(6, activation="relu", name="shared")
    head = keras.Sequential(
        [keras.Input((12,)), layers.Dense(4, name="hidden"), layers.Dense(1, name="score")], name="head"
    )
    merged = layers.Concatenate(name="merged")([shared(left), shared(right)])
    keras.Model([left, right], head(merged), name="two_inputs").save(FOLDER / "two_inputs.keras")

    diverged = keras.Sequential([keras.Input((3,)), layers.Dense(4, name="before"), layers.Dense(2, name="after")])
    kernel = diverged.get_layer("after").kernel
    kernel.assign(keras.ops.full(kernel.shape, float("nan")))
    diverged.save(FOLDER / "diverged.keras")


def keras_1() -> None:
    """What Keras 1 saved; no Python of today runs it."""
    dense = {"activation": "relu", "init": "glorot_uniform", "bias": True, "trainable": True}
    layers = [
        {"name": "dense_1", "output_dim": 32, "input_dim": 4, "batch_input_shape": [None, 4], "input_dtype": "float32"},
        {"name": "dense_2", "output_dim": 16, "input_dim": 32},
    ]
    config = [{"class_name": "Dense", "config": {**dense, **layer}} for layer in layers]
    text = json.dumps({"class_name": "Sequential", "config": config, "keras_version": "1.2.2"}, indent=1)
    (FOLDER / "old_style.json").write_text(text + "\n")


def keras_2_2() -> None:
    """What Keras 2.2.4 saved: a Sequential without an InputLayer."""
    import h5py
    import numpy as np

    sizes = {"dense_1": (4, 32), "dense_2": (32, 16)}
    config = [
        {"class_name": "Dense", "config": {"name": name, "trainable": True, "units": units, "activation": "relu"}}
        for name, (_, units) in sizes.items()
    ]
    config[0]["config"].update(batch_input_shape=[None, 4], dtype="float32")
    model = {"name": "sequential_1", "layers": config}
    with h5py.File(FOLDER / "no_input_layer.h5", "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": model}).encode()
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [name.encode() for name in sizes]
        for name, (rows, units) in sizes.items():
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{kind}:0".encode() for kind in ("kernel", "bias")]
            group[f"{name}/kernel:0"] = np.zeros((rows, units), "float32")
            group[f"{name}/bias:0"] = np.zeros(units, "float32")


if __name__ == "__main__":
    makers = {"2": keras_2, "3": keras_3}
    if len(sys.argv) > 1:
        makers[sys.argv[1]]()
    else:
        keras_1()
        keras_2_2()
        for generation in makers:
            # One process for each: the two do not live in one.
            legacy = {"TF_USE_LEGACY_KERAS": "1" if generation == "2" else "0", "CUDA_VISIBLE_DEVICES": ""}
            subprocess.run([sys.executable, __file__, generation], env={**os.environ, **legacy}, check=True)
