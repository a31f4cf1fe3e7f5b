"""Saves small models in every container, and says what Keras knows of their weights.

`PYTHON keras_containers.py GENERATION FOLDER`; kerascope is not in it. On standard output an object, for each file
`{"weights": [[LAYER, SHAPE, DTYPE, SUM]], "optimizer": COUNT}`: the layer is the outermost one, as `model.layers` lists
it; the sum is of float64.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    generation, folder = int(sys.argv[1]), Path(sys.argv[2])
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if generation == 2 else "0"
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if generation == 2:
            import tf_keras as keras
        else:
            import keras
        told = {}
        for name, model in models(keras, generation).items():
            for suffix in (".keras", ".h5", ".weights.h5"):
                path = folder / f"{name}-{generation}{suffix}"
                (model.save_weights if suffix == ".weights.h5" else model.save)(path)
                told[path.name] = facts(model)
    json.dump(told, sys.stdout)


def models(keras: Any, generation: int) -> dict[str, Any]:
    """One model of each kind, with numbers in it."""
    import numpy as np

    layers = keras.layers
    keras.utils.set_random_seed(3)
    given = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="first")(given)
    x = layers.Conv2D(4, 3, name="second")(x)
    x = layers.Dropout(0.3)(layers.BatchNormalization(name="norm")(x))
    x = layers.Dense(3, name="out")(layers.Flatten()(x))
    trained = keras.Model(given, x, name="trained")
    trained.compile("adam", "mse")
    trained.fit(np.ones((2, 8, 8, 3)), np.ones((2, 3)), verbose=0)
    half = {"dtype": "bfloat16"} if generation == 3 else {}
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b", **half)], name="inner"
    )
    nested = keras.Sequential(
        [
            keras.Input((4,)),
            inner,
            layers.Dense(2, name="same"),
            layers.Reshape((1, 2)),
            layers.Bidirectional(layers.LSTM(3), name="both"),
            layers.Dense(2, name="last"),
        ],
        name="nested",
    )
    return {"trained": trained, "nested": nested}


def facts(model: Any) -> dict[str, Any]:
    """What Keras says of a model's weights."""
    import numpy as np

    weights = []
    for layer in model.layers:
        for weight in layer.weights:
            numbers = np.asarray(weight).astype("float64")
            dtype = getattr(weight.dtype, "name", weight.dtype)
            weights.append([layer.name, list(weight.shape), dtype, float(numbers.sum())])
    optimizer = getattr(model, "optimizer", None)
    variables = getattr(optimizer, "variables", ())
    return {"weights": weights, "optimizer": len(variables() if callable(variables) else variables)}


if __name__ == "__main__":
    main()
