"""Models as a real Keras writes them, and what is connected in them: `PYTHON keras_models.py GENERATION`.

The answer is `{"models": {NAME: {"forms": {FORM: CONFIG}, "layers": {NAME: [CALL, ...]}, "inputs": [TENSOR, ...],
"outputs": [TENSOR, ...]}}, "names": {KIND: [NAME, ...]}}`, a call being the tensors it takes, sorted, and a tensor
`[layer, call, output]`, calls counted from 0 within the model. kerascope is not in it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    generation = int(sys.argv[1])
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if generation == 2 else "0"
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = importlib.import_module("keras" if generation == 3 else "tf_keras")
        models = {}
        for make in (*BOTH, *(ONLY_3 if generation == 3 else ONLY_2)):
            keras.backend.clear_session()
            models[make.__name__] = described(keras, generation, make(keras))
        sys.path.insert(0, str(Path(__file__).parent))
        names = importlib.import_module("keras_names").names_of(keras, generation)
    json.dump({"models": models, "names": {kind: sorted(known) for kind, known in names.items()}}, sys.stdout)


def described(keras: Any, generation: int, model: Any) -> dict[str, Any]:
    forms = {"to_json": json.loads(model.to_json())}
    with tempfile.TemporaryDirectory() as folder:
        import h5py

        model.save(Path(folder) / "model.h5")
        with h5py.File(Path(folder) / "model.h5") as file:
            forms["h5"] = json.loads(file.attrs["model_config"])
        model.save(Path(folder) / "model.keras")
        with zipfile.ZipFile(Path(folder) / "model.keras") as archive:
            forms["keras"] = json.loads(archive.read("config.json"))
    if type(model).__name__ == "Sequential":
        return {"forms": forms, "layers": {layer.name: [] for layer in model.layers}, "inputs": [], "outputs": []}
    kept = nodes_of(keras, generation, model)
    number = {(id(layer), index): call for layer, calls in kept for call, (index, _) in enumerate(calls)}

    def tensor(given: Any) -> list[Any]:
        layer, index, output = given._keras_history
        return [layer.name, number[id(layer), index], output]

    return {
        "forms": forms,
        "layers": {
            layer.name: [sorted(tensor(each) for each in taken) for _, taken in calls if taken] for layer, calls in kept
        },
        "inputs": [tensor(each) for each in model.inputs],
        "outputs": [tensor(each) for each in model.outputs],
    }


def nodes_of(keras: Any, generation: int, model: Any) -> list[tuple[Any, list[tuple[int, list[Any]]]]]:
    """Each layer with its calls in this model: the number among all its calls, and the tensors it takes."""
    if generation == 3:
        key: Any = importlib.import_module("keras.src.ops.function").make_node_key
        return [
            (
                layer,
                [
                    (index, node.arguments.keras_tensors)
                    for index, node in enumerate(layer._inbound_nodes)
                    if key(layer, index) in model._nodes
                ],
            )
            for layer in model.operations
        ]
    return [
        (
            layer,
            [
                (index, [] if node.is_input else node.keras_inputs)
                for index, node in enumerate(layer._inbound_nodes)
                if f"{layer.name}_ib-{index}" in model._network_nodes
            ],
        )
        for layer in model.layers
    ]


def one_tensor(keras: Any) -> Any:
    given = keras.Input((4,))
    return keras.Model(given, keras.layers.Dense(2)(given))


def stack(keras: Any) -> Any:
    return keras.Sequential([keras.Input((6, 4)), keras.layers.Bidirectional(keras.layers.LSTM(3))])


def two_and_two(keras: Any) -> Any:
    one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
    both = keras.layers.Concatenate()([one, two])
    return keras.Model([one, two], [keras.layers.Dense(1)(both), keras.layers.Dense(3)(both)])


def named_ends(keras: Any) -> Any:
    one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
    both = keras.layers.Add()([one, two])
    return keras.Model({"one": one, "two": two}, {"a": both, "b": [keras.layers.Dense(2)(both)]})


def shared(keras: Any) -> Any:
    one, two = keras.Input((4,)), keras.Input((4,))
    dense = keras.layers.Dense(4, name="shared")
    return keras.Model([one, two], keras.layers.Subtract()([dense(dense(one)), dense(two)]))


def used_before(keras: Any) -> Any:
    """A layer with a call that is no part of this model."""
    dense = keras.layers.Dense(4, name="used")
    dense(keras.Input((4,)))
    given = keras.Input((4,))
    return keras.Model(given, dense(dense(given)))


def inner_models(keras: Any) -> Any:
    layers = keras.layers
    given = keras.Input((4,))
    inside = keras.Input((4,))
    functional = keras.Model(inside, layers.Dense(4)(inside), name="functional_inside")
    sequential = keras.Sequential([keras.Input((4,)), layers.Dense(4)], name="sequential_inside")
    open_one = keras.Sequential([layers.Dense(4)], name="open_inside")
    first = functional(given)
    second = functional(sequential(first))
    third = open_one(sequential(second))
    return keras.Model(given, [functional(third), sequential(third), second, open_one(third)])


def inner_at_the_end(keras: Any) -> Any:
    given, inside = keras.Input((4,)), keras.Input((4,))
    functional = keras.Model(inside, [layers(inside) for layers in (keras.layers.Dense(2), keras.layers.Dense(3))])
    return keras.Model(given, functional(keras.layers.Dense(4)(given)))


def attention(keras: Any) -> Any:
    query, value = keras.Input((5, 4)), keras.Input((7, 4))
    first = keras.layers.MultiHeadAttention(2, 3)(query, value)
    second = keras.layers.MultiHeadAttention(2, 3)(query=first, value=value, key=value)
    return keras.Model([query, value], keras.layers.Attention()([second, value]))


def states(keras: Any) -> Any:
    given = keras.Input((5, 4))
    output, hidden, cell = keras.layers.LSTM(3, return_state=True)(given)
    decoded = keras.layers.LSTM(3, return_sequences=True)(given, initial_state=[hidden, cell])
    return keras.Model(given, [decoded, output])


def masks(keras: Any) -> Any:
    given = keras.Input((5,))
    embedded = keras.layers.Embedding(10, 4, mask_zero=True)(given)
    return keras.Model(given, keras.layers.GRU(3)(keras.layers.TimeDistributed(keras.layers.Dense(4))(embedded)))


def application(keras: Any) -> Any:
    return keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3), include_top=False)


def operations(keras: Any) -> Any:
    ops = keras.ops
    given = keras.Input((6, 4))
    halves = ops.split(given, 2, axis=1)
    joined = ops.concatenate([halves[1], halves[0]], axis=1) + 1.0
    turned = ops.transpose(ops.reshape(joined, (-1, 3, 8)), (0, 2, 1))
    picked = turned[:, 0, ..., None]
    return keras.Model(
        given, [ops.sum(picked, axis=1), ops.einsum("bij,bjk->bik", turned, ops.reshape(given, (-1, 3, 8)))]
    )


def tensorflow_operations(keras: Any) -> Any:
    tf: Any = importlib.import_module("tensorflow")
    given, other = keras.Input((6, 4)), keras.Input((6, 4))
    joined = tf.concat([given, other], axis=1) + 1.0
    halves = tf.split(joined, 2, axis=1)
    stacked = tf.stack([halves[1], tf.ones((1, 6, 4)) * halves[0]])
    picked = stacked[0, :, 0, :, tf.newaxis]
    plus = keras.layers.Add()([given, tf.ones((1, 6, 4))])
    alone = tf.concat([other], axis=-1)
    shape = tf.shape(given)
    return keras.Model([given, other], [picked, plus, alone, tf.reshape(given, (shape[0], 24))])


def tuples(keras: Any) -> Any:
    query, value = keras.Input((5, 4)), keras.Input((7, 4))
    return keras.Model((query, value), (keras.layers.Concatenate(axis=1)((query, value)), query))


BOTH: list[Callable[[Any], Any]] = [
    one_tensor,
    stack,
    two_and_two,
    named_ends,
    shared,
    used_before,
    inner_models,
    inner_at_the_end,
    attention,
    states,
    masks,
    application,
]
ONLY_2: list[Callable[[Any], Any]] = [tensorflow_operations, tuples]
ONLY_3: list[Callable[[Any], Any]] = [operations]


if __name__ == "__main__":
    main()
