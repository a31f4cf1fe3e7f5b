"""What real Keras makes of layers: `PYTHON keras_oracle.py GENERATION`; kerascope is not in it.

A line of its input is `{"kind": ..., "items": [...]}`, its answer a line with a list. Of the kind `cases`, an item is a
case; of the kind `expressions` it is one (`operations_oracle`); of the kind `exported`, the answer is the names of all
layers that Keras exports.

A case is `{"class": "Conv2D", "kwargs": {...}, "inputs": STRUCTURE, "call": {...}}`. In `kwargs` and `call`,
`{"$layer": ["LSTM", {...}]}` is a layer, `{"$tuple": [...]}` a tuple, `{"$policy": NAME}` a dtype policy of Keras 2;
in `inputs` and `call`, `{"$tensor": [SHAPE, DTYPE]}` is a symbolic tensor. `inputs` is what the layer is called on
(`null`: nothing, for an `InputLayer`), `call` further arguments of the call by name.

An answer is `{"config": SERIALIZED, "outputs": [SHAPE, ...], "dtypes": [DTYPE, ...], "weights": [[SHAPE, TRAINABLE],
...], "names": [NAME, ...]}`, the names being those of the weights; or `{"config": SERIALIZED, "error": TEXT}`.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for imports to be others' own.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.plain_keras import keras_of
from tests.shapes import operations_oracle

del sys.path[0]

CLEARED = 200
"""After so many cases Keras forgets what it made; it takes long over it, and longer the more there is."""


def main() -> None:
    generation = int(sys.argv[1])
    answers_to = sys.stdout
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = keras_of(str(generation))
        for line in sys.stdin:
            request = json.loads(line)
            json.dump(answers(keras, generation, request["kind"], request["items"]), answers_to)
            answers_to.write("\n")
            answers_to.flush()


def answers(keras: Any, generation: int, kind: str, items: list[Any]) -> list[Any]:
    """The answers to a line of the input."""
    keras.backend.clear_session()
    if kind == "expressions":
        return [operations_oracle.answer(keras, generation, expression) for expression in items]
    if kind == "exported":
        exported = [getattr(keras.layers, name) for name in dir(keras.layers)]
        layers = [each for each in exported if isinstance(each, type) and issubclass(each, keras.layers.Layer)]
        return sorted({each.__name__ for each in layers})
    found = []
    for number, case in enumerate(items, 1):
        found.append(answer(keras, generation, case))
        if number % CLEARED == 0:
            keras.backend.clear_session()
    return found


def answer(keras: Any, generation: int, case: dict[str, Any]) -> dict[str, Any]:
    """Construct, serialize and call one layer."""
    found: dict[str, Any] = {"config": None}
    try:
        layer = made(keras, case["class"], case.get("kwargs", {}))
        serialize = keras.saving.serialize_keras_object if generation == 3 else keras.layers.serialize
        found["config"] = json.loads(json.dumps(serialize(layer), default=str))
        if case["inputs"] is None:
            outputs = layer.output
        else:
            inputs = value(keras, case["inputs"])
            call = {name: value(keras, given) for name, given in case.get("call", {}).items()}
            outputs = layer(inputs, **call)
        found["outputs"] = [list(tensor.shape) for tensor in tensors(outputs)]
        found["dtypes"] = [getattr(tensor.dtype, "name", tensor.dtype) for tensor in tensors(outputs)]
        trainable = {id(weight) for weight in layer.trainable_weights}
        # Keras 2 lists a weight twice that two layers call theirs.
        weights = {id(weight): weight for weight in layer.weights}.values()
        found["weights"] = [[list(weight.shape), id(weight) in trainable] for weight in weights]
        names = [weight.name.rpartition("/")[2].partition(":")[0] for weight in weights]
        # Keras 3 numbers the weights to which it gives a name itself.
        found["names"] = ["variable" if name.startswith("variable_") else name for name in names]
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {str(error)[:300]}"
    return found


def made(keras: Any, class_name: str, kwargs: dict[str, Any]) -> Any:
    constructor = keras
    for part in (class_name if "." in class_name else f"layers.{class_name}").split("."):
        constructor = getattr(constructor, part)
    return constructor(**{name: value(keras, given) for name, given in kwargs.items()})


def value(keras: Any, given: Any) -> Any:
    """What a case writes, as Python and Keras have it."""
    if isinstance(given, list):
        return [value(keras, item) for item in given]
    if not isinstance(given, dict):
        return given
    if "$layer" in given:
        return made(keras, *given["$layer"])
    if "$policy" in given:
        return keras.mixed_precision.Policy(given["$policy"])
    if "$tuple" in given:
        return tuple(value(keras, item) for item in given["$tuple"])
    if "$tensor" in given:
        shape, dtype = given["$tensor"]
        return keras.Input(batch_shape=tuple(shape), dtype=dtype)
    return {name: value(keras, item) for name, item in given.items()}


def tensors(structure: Any) -> list[Any]:
    """All tensors in a structure, dicts in the order of their keys."""
    if isinstance(structure, dict):
        return [tensor for key in sorted(structure) for tensor in tensors(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [tensor for item in structure for tensor in tensors(item)]
    return [structure]


if __name__ == "__main__":
    main()
