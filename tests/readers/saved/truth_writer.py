"""Saves models and says what they are: `PYTHON truth_writer.py GENERATION FOLDER WHAT...`; kerascope is not in it.

`WHAT` is a program, all models of which are saved, or `applications:NAME`, a model of `keras.applications`. Into the
folder come `NUMBER.json`, `NUMBER.keras` and `NUMBER.h5`; on standard output a list of `{"number", "of", "name",
"layers", "params"}`. Of a model of `keras.applications` the two binary files hold the config alone: their weights are
zeros, and hundreds of megabytes of them.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import importlib
import json
import sys
import types
import warnings
import zipfile
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for imports to be others' own.
sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.plain_keras import keras_of

del sys.path[0]


def main() -> None:
    generation, folder, *wanted = sys.argv[1:]
    told: list[dict[str, Any]] = []
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = keras_of(generation)
        make_initializers_quick(keras, int(generation))
        for what in wanted:
            keras.backend.clear_session()
            for model in models_of(keras, what):
                number = len(told)
                files = save(keras, int(generation), model, Path(folder), number, whole=":" not in what)
                told.append({"number": number, "of": Path(what).name, "files": files, **facts(int(generation), model)})
            gc.collect()
    json.dump(told, sys.stdout)


def make_initializers_quick(keras: Any, generation: int) -> None:
    """Zeros in place of random numbers: they come from the kernel for nothing, and no number is looked at here."""
    tf: Any = importlib.import_module("tensorflow")

    def zeros(self: Any, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return keras.ops.zeros(shape, dtype=dtype) if generation == 3 else tf.zeros(shape, dtype or "float32")

    for name in ("VarianceScaling", "RandomUniform", "RandomNormal", "TruncatedNormal", "Orthogonal"):
        getattr(keras.initializers, name).__call__ = zeros


def models_of(keras: Any, what: str) -> list[Any]:
    """The models of a program, or one of `keras.applications`."""
    kind, _, name = what.partition(":")
    if kind == "applications":
        return [getattr(keras.applications, name)(weights=None)]
    fitted = types.SimpleNamespace(history=collections.defaultdict(list))
    keras.Model.fit = keras.Model.evaluate = lambda *args, **kwargs: fitted
    sys.argv = [what]
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": what}
    try:
        exec(compile(Path(what).read_text(), what, "exec"), namespace)
    except Exception as error:
        print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)
    found = [value for value in namespace.values() if isinstance(value, keras.Model)]
    return [model for at, model in enumerate(found) if model.built and all(model is not other for other in found[:at])]


def save(keras: Any, generation: int, model: Any, folder: Path, number: int, *, whole: bool) -> list[str]:
    """Save a model in every format that takes it; the suffixes of those that did."""
    saved = []
    for suffix, write in (
        (".json", lambda path: path.write_text(model.to_json())),
        (".keras", model.save if whole else lambda path: write_archive(keras, model, path)),
        (".h5", model.save if whole else lambda path: write_h5(generation, model, path)),
    ):
        path = folder / f"{number}{suffix}"
        try:
            write(path)
        except Exception as error:
            print(f"{model.name}{suffix}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
            path.unlink(missing_ok=True)
        else:
            saved.append(suffix)
    return saved


def write_archive(keras: Any, model: Any, path: Path) -> None:
    """What `save` writes into an archive, with a file of weights that holds none."""
    import io

    import h5py

    nothing = io.BytesIO()
    h5py.File(nothing, "w").close()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(keras.saving.serialize_keras_object(model)))
        archive.writestr("model.weights.h5", nothing.getvalue())
        archive.writestr("metadata.json", json.dumps({"keras_version": keras.__version__, "date_saved": "2026-11-25"}))


def write_h5(generation: int, model: Any, path: Path) -> None:
    """What `save` writes into an HDF5 file, but for the weights."""
    import h5py

    if generation == 3:
        from keras.src.legacy.saving.json_utils import get_json_type
        from keras.src.legacy.saving.saving_utils import model_metadata
    else:
        from tf_keras.src.saving.legacy.saved_model.json_utils import get_json_type
        from tf_keras.src.saving.legacy.saving_utils import model_metadata
        from tf_keras.src.saving.serialization_lib import SafeModeScope  # noqa: F401 - proves that it is tf-keras
    with h5py.File(path, "w") as file:
        for name, value in model_metadata(model, include_optimizer=False).items():
            file.attrs[name] = json.dumps(value, default=get_json_type).encode() if isinstance(value, dict) else value


def facts(generation: int, model: Any) -> dict[str, Any]:
    """What Keras says of a model: of each layer the shapes of its calls in this model, and parameters."""
    nodes = nodes_of(generation, model)
    layers = []
    for layer in model.layers:
        own = nodes.get(id(layer))
        trainable = {id(weight) for weight in layer.trainable_weights}
        layers.append(
            {
                "name": layer.name,
                "class_name": type(layer).__name__,
                "inputs": None if own is None else [shape for node in own for shape in taken(generation, node)],
                "outputs": None if own is None else [shape for node in own for shape in given(generation, node)],
                "params": layer.count_params() if layer.built else None,
                "trainable": sum(int(count(weight)) for weight in layer.weights if id(weight) in trainable),
                "inside": facts(generation, layer)["layers"] if hasattr(layer, "layers") else None,
            }
        )
    return {"name": model.name, "class_name": type(model).__name__, "layers": layers, "params": model.count_params()}


def count(weight: Any) -> int:
    number = 1
    for size in weight.shape:
        number *= size
    return number


def nodes_of(generation: int, model: Any) -> dict[int, list[Any]]:
    """By layer the nodes that belong to a model; empty for a subclassed one."""
    graph = getattr(model, "_functional", None) if generation == 3 else model
    graph = graph or model
    keys = getattr(graph, "_nodes" if generation == 3 else "_network_nodes", ())
    operations = getattr(graph, "_operations", ()) if generation == 3 else model.layers
    found: dict[int, list[Any]] = {}
    for operation in operations if keys else ():
        name = id(operation) if generation == 3 else operation.name
        mine = [node for at, node in enumerate(operation._inbound_nodes) if f"{name}_ib-{at}" in keys]
        if mine:
            found[id(operation)] = mine
    return found


def taken(generation: int, node: Any) -> list[list[int | None]]:
    if node.is_input:
        return given(generation, node)
    tensors = node.input_tensors if generation == 3 else node.keras_inputs
    return [list(tensor.shape) for tensor in tensors]


def given(generation: int, node: Any) -> list[list[int | None]]:
    return shapes(node.output_tensors if generation == 3 else node.outputs)


def shapes(structure: Any) -> list[list[int | None]]:
    if isinstance(structure, dict):
        return [shape for key in sorted(structure) for shape in shapes(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [shape for item in structure for shape in shapes(item)]
    return [list(structure.shape)]


if __name__ == "__main__":
    main()
