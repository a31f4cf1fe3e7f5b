"""Two thousand changed models, the same each time: bytes turned, cut and doubled, configs with odd values in them."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = 20_261_125
COUNTS = {
    "json": 720,
    "keras": 520,
    "graph": 260,
    "metadata": 220,
    "index": 150,
    "h5": 105,
    "keras+weights": 25,
}
"""How many of each format; those that need a child process for HDF5 are the fewest."""

ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 10**9, 2**63, 10**200, -(10**30), 0.5, 1e308, float("inf"), float("nan"), "", "x",
    "..", "None", "same", "valid", "channels_first", "\x1b[2J", "\ud800", "http://127.0.0.1:9/", "a" * 3000,
    [], [[]], [None], [0], [-1, -1], [None, None], [1, 2, 3, 4, 5, 6, 7, 8], [[[[[[]]]]]], ["given", 0, 0, {}],
    [["given", 0, 0]], {}, {"a": {"b": {"c": {}}}}, {"class_name": "Dense"}, {"class_name": "Dense", "config": []},
    {"class_name": "__tuple__", "items": [1, [2]]}, {"class_name": "__keras_tensor__", "config": {}},
    {"class_name": "Lambda", "config": {}},
]  # fmt: skip


def configs(forge: Any) -> dict[str, Any]:
    """Models of every generation that between them use every part of a config."""
    layer, dense = forge.layer, forge.dense
    inner = layer("LSTM", {"name": "lstm", "units": 4, "return_sequences": True})
    bidirectional = {"name": "both", "layer": inner, "merge_mode": "concat"}
    one = dense("one", kernel_initializer={"class_name": "Zeros", "config": {}})
    conv = {"name": "conv", "filters": 3, "kernel_size": [3], "strides": [1], "padding": "same", "groups": 1}
    sequential = [
        layer("Embedding", {"name": "words", "input_dim": 9, "output_dim": 4}),
        layer("Bidirectional", bidirectional, build_config={"input_shape": [None, 4, 4]}),
        layer("Conv1D", conv),
        layer("Reshape", {"name": "shape", "target_shape": [-1, 3]}),
        layer("TimeDistributed", {"name": "each", "layer": one}),
        forge.sequential([dense("inner")]),
        layer("Lambda", {"name": "strange", "function": forge.function("keras.ops", "relu"), "arguments": {}}),
    ]
    given: list[Any] = ["given", 0, 0]
    plain: list[Any] = ["plain", 0, 0]
    joined, added = {"name": "joined", "axis": -1}, {"name": "added"}
    operation = {"module": "keras.src.ops.numpy", "class_name": "Add", "config": added, "registered_name": "Add"}
    new = [
        _called(forge.first(), "given"),
        _called(dense(), "plain", {"args": [_tensor("given")], "kwargs": {}}),
        _called(layer("Concatenate", joined), "joined", {"args": [[_tensor("given"), _tensor("plain")]], "kwargs": {}}),
        _called(operation, "added", {"args": [_tensor("plain"), 2.0], "kwargs": {"training": None}}),
    ]
    old = [
        _called(forge.first(2), "given"),
        _called(dense(generation=2, batch_input_shape=[None, 4]), "plain", [[*given, {}]]),
        _called(layer("Add", {"name": "joined"}, 2), "joined", [[*plain, {}], [*plain, {}]]),
        _called(layer("TFOpLambda", {**added, "function": "math.add"}, 2), "added", [*plain, {"y": ["joined", 0, 0]}]),
    ]
    image = {"batch_input_shape": [None, 3, 8, 8], "dim_ordering": "th", "border_mode": "same"}
    branches = [layer("Dense", {"output_dim": 3, "name": "d"}, 2)]
    oldest = [
        layer("Convolution2D", {"name": "c", "nb_filter": 3, "nb_row": 3, "nb_col": 3, **image}, 2),
        layer("MaxPooling2D", {"pool_size": [2, 2], "strides": None, "dim_ordering": "th", "name": "p"}, 2),
        layer("Flatten", {"name": "f"}, 2),
        layer("Merge", {"mode": "concat", "concat_axis": -1, "layers": branches}, 2),
        layer("Dense", {"output_dim": 3, "name": "plain", "init": "uniform"}, 2),
    ]
    ends = {"name": "f", "input_layers": [given], "output_layers": [["joined", 0, 0], ["added", 0, 0]]}
    adam = {"class_name": "Adam", "config": {"learning_rate": 0.1}}
    compiled = {"loss": "mse", "metrics": ["accuracy"], "optimizer": adam}
    two = [dense(generation=2, batch_input_shape=[None, 4]), dense("b", generation=2)]
    return {
        "sequential 3": forge.sequential(sequential, compile_config=compiled, build_config={"input_shape": [None, 4]}),
        "functional 3": {"module": "keras", "class_name": "Functional", "config": {**ends, "layers": new}},
        "sequential 2": forge.sequential(two, 2),
        "functional 2": {"class_name": "Model", "config": {**ends, "layers": old}, "keras_version": "2.4.0"},
        "sequential 1": {"class_name": "Sequential", "config": oldest, "keras_version": "1.2.2"},
    }


def _called(layer: dict[str, Any], name: str, *nodes: Any) -> dict[str, Any]:
    """A layer of a functional model with its calls."""
    return {**layer, "name": name, "inbound_nodes": list(nodes)}


def _tensor(layer: str) -> dict[str, Any]:
    """The output of a layer as Keras 3 writes it."""
    config = {"shape": [None, 4], "dtype": "float32", "keras_history": [layer, 0, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


def mutations(folder: Path, forge: Any, counts: dict[str, int] | None = None) -> Iterator[Path]:
    """Write the changed models one after the other, and tell where each is."""
    chance = random.Random(SEED)
    models = configs(forge)
    for kind, count in (counts or COUNTS).items():
        for number in range(count):
            name = chance.choice(list(models))
            config = models[name] if chance.random() < 0.3 else odd(models[name], chance)
            yield _write(folder / f"{kind.replace('+', '-')}-{number}", kind, name, config, chance, forge)


def _write(path: Path, kind: str, name: str, config: Any, chance: random.Random, forge: Any) -> Path:
    """Write a model in one format, and change some of its bytes half of the time."""
    turned = chance.random() < 0.5
    if kind == "json":
        path = path.with_suffix(".json")
        path.write_bytes(_text(config))
    elif kind.startswith("keras"):
        path = path.with_suffix(".keras")
        version = "2.15.0" if name.endswith("2") else "3.8.0"
        forge.archive(path, _text(config).decode(), version=version, bare=kind == "keras")
    elif kind == "h5":
        path = path.with_suffix(".h5")
        forge.model_h5(path, _text(config).decode())
    elif kind == "index":
        path = forge.checkpoint(path.with_suffix(".index"))
        turned = True
    else:
        nodes = [
            forge.constant("c", "/x"),
            forge.node("r", "ReadFile", ("c",)),
            forge.node("p", "Placeholder", shape="x"),
        ]
        whole = isinstance(config, dict) and {"class_name", "config"} <= set(config)
        metadata = forge.keras_metadata(config if whole else {"class_name": "Model", "config": config})
        forge.saved_model(path, nodes, [forge.node("w", "WriteFile", ("a", "b"))], keras_metadata=metadata)
        changed = path / ("saved_model.pb" if kind == "graph" else "keras_metadata.pb")
        if turned or kind == "graph":
            changed.write_bytes(damaged(changed.read_bytes(), chance))
        return path
    if turned:
        path.write_bytes(damaged(path.read_bytes(), chance))
    return path


def _text(config: Any) -> bytes:
    return json.dumps(config).encode()


def odd(config: Any, chance: random.Random) -> Any:
    """A config with a few of its values replaced, left out, doubled or wrapped."""
    config = copy.deepcopy(config)
    places: list[tuple[Any, Any]] = []
    waiting = [config]
    while waiting:
        item = waiting.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        places += [(item, key) for key in keys]
        waiting += [item[key] for key in keys]
    for _ in range(chance.choice((1, 1, 2, 4))):
        item, key = chance.choice(places)
        if (isinstance(item, dict) and key not in item) or (isinstance(item, list) and key >= len(item)):
            continue
        how = chance.randrange(5)
        if how == 0:
            del item[key]
        elif how == 1:
            item[key] = [item[key], copy.deepcopy(item[key])]
        elif how == 2 and isinstance(item, list):
            item.insert(key, copy.deepcopy(chance.choice(item)))
        else:
            item[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    return config


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes with a few of them changed, left out, doubled or put elsewhere."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        if not data:
            break
        at, how = chance.randrange(len(data)), chance.randrange(8)
        length = min(chance.choice((1, 2, 4, 8, 16, 64)), len(data) - at)
        if how <= 1:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 2:
            data[at : at + length] = chance.choice((b"\xff", b"\0", b"\x7f", b"\x80")) * length
        elif how == 3:
            del data[at : at + length]
        elif how == 4:
            data[at:at] = data[at : at + length] * chance.choice((1, 1, 2, 50))
        elif how == 5:
            data[at:at] = chance.randbytes(length)
        elif how == 6:
            other = chance.randrange(len(data))
            data[at : at + length] = data[other : other + length]
        elif chance.random() < 0.3:
            del data[at:]
    return bytes(data)
