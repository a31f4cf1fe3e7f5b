"""Random data of the shapes and dtypes that a model takes, with a target that fits its loss; the same for a seed."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from ._types import TrainingSet

if TYPE_CHECKING:
    from ..interface import Port
    from ._types import Wanted

__all__ = ["make_synthetic"]

OPEN_IMAGE, OPEN_SEQUENCE = 64, 16
"""What an open size becomes: of an image or volume, of anything else."""

MOST_BYTES = 256 * 1024 * 1024
"""Memory that different samples may take; beyond it they are repeated."""

WORDS = ("alpha", "beta", "gamma", "delta")
CLASS_NUMBERS = ("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "circle")
ONE_HOT = ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence")
YES_OR_NO = ("binary_crossentropy", "binary_focal_crossentropy", "dice", "tversky")
SIGNS = ("hinge", "squared_hinge", "categorical_hinge")


def make_synthetic(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """Make `data["samples"]` samples, a part of them different where all would take too much memory.

    Raises:
        SetupError: The model's shapes are not known, or a loss is not one of Keras's.
    """
    import numpy

    inputs = wanted.interface.inputs
    if not inputs or any(port.shape is None for port in inputs):
        raise SetupError("the model is not built, so the shape of its data is not known; give --input-shape")
    samples = int(data.get("samples") or 1024)
    if samples < 1:
        raise SetupError(f"synthetic data of {samples} samples is none; give one or more")
    random = numpy.random.default_rng(wanted.seed)
    different = _different(samples, inputs, wanted)
    arrays = [_input(port, different, limit, random) for port, limit in zip(inputs, _limits(wanted))]
    x = _structured(arrays, wanted)
    targets = [
        _target(shape, loss, random, different)
        for shape, loss in zip(_output_shapes(x, wanted), [*wanted.losses, *[None] * len(wanted.interface.outputs)])
    ]
    y = targets[0] if len(targets) == 1 else targets
    names = [port.name for port in wanted.interface.outputs]
    if len(targets) > 1 and all(names):
        y = dict(zip(names, targets))
    if different == samples:
        return TrainingSet(x, y)
    return _repeated(x, y, samples, different, wanted)


def _different(samples: int, inputs: list[Port], wanted: Wanted) -> int:
    each = sum(4 * math.prod(_sizes(port)) for port in inputs)
    fitting = max(wanted.batch_size, MOST_BYTES // max(each, 1))
    return min(samples, fitting)


def _sizes(port: Port) -> list[int]:
    """The sizes of one sample, open ones filled in."""
    shape = (port.shape or ())[1:]
    fill = OPEN_IMAGE if len(shape) >= 3 else OPEN_SEQUENCE
    return [fill if size is None else size for size in shape]


def _input(port: Port, samples: int, limit: int | None, random: Any) -> Any:
    shape, dtype = (samples, *_sizes(port)), port.dtype or "float32"
    if limit is not None:
        return random.integers(0, max(limit, 1), shape).astype("int32")
    if dtype == "string":
        return random.choice(WORDS, shape).astype(object)
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    if dtype.startswith(("int", "uint")):
        return random.integers(0, 2, shape).astype(dtype)
    # What Keras makes of other floats is its own business: bfloat16 is no dtype of NumPy's.
    return random.random(shape, dtype="float32")


def _structured(arrays: list[Any], wanted: Wanted) -> Any:
    if wanted.interface.by_name:
        return {port.name: array for port, array in zip(wanted.interface.inputs, arrays)}
    return arrays[0] if len(arrays) == 1 else arrays


# ---------------------------------------------------------------------- numbers that an Embedding takes


def _limits(wanted: Wanted) -> list[int | None]:
    """For each input the number that whole numbers in it stay below; `None` where it is no input of an Embedding."""
    adapter, inputs = wanted.adapter, wanted.interface.inputs
    graph = adapter.graph(wanted.model)
    if graph is None:
        all_of_them = [_vocabulary(layer, adapter) for layer in _inside(wanted.model, adapter)]
        limit = min((size for size in all_of_them if size), default=None)
        return [limit if len(inputs) == 1 or str(port.dtype).startswith("int") else None for port in inputs]
    limits: dict[int, int] = {}
    for node in adapter.nodes(graph):
        sizes = [_vocabulary(layer, adapter) for layer in [adapter.operation(node), *_leading(node, adapter)]]
        for size in filter(None, sizes):
            for tensor in _sources(node, adapter):
                limits[id(tensor)] = min(size, limits.get(id(tensor), size))
    return [limits.get(id(tensor)) for tensor in adapter.graph_inputs(graph)]


def _vocabulary(layer: Any, adapter: Any) -> int | None:
    if isinstance(layer, adapter.embedding_class):
        return int(layer.input_dim)
    tokens = getattr(layer, "num_tokens", None) if type(layer).__name__ == "CategoryEncoding" else None
    return int(tokens) if tokens else None


def _leading(node: Any, adapter: Any) -> list[Any]:
    """Embeddings inside a layer, which take what it is given; other layers with weights stand before those of a model.

    A nested model is looked into only as far as its own inputs lead to an Embedding.
    """
    operation = adapter.operation(node)
    if not isinstance(operation, adapter.layer_class) or isinstance(operation, adapter.embedding_class):
        return []
    graph = adapter.graph(operation) if isinstance(operation, adapter.model_class) else None
    if graph is None:
        return list(_inside(operation, adapter))
    starts = {id(tensor) for tensor in adapter.graph_inputs(graph)}
    inner = [other for other in adapter.nodes(graph) if any(id(t) in starts for t in _sources(other, adapter))]
    return [layer for other in inner for layer in [adapter.operation(other), *_leading(other, adapter)]]


def _inside(layer: Any, adapter: Any) -> list[Any]:
    found = list(adapter.own_layers(layer)) if isinstance(layer, adapter.layer_class) else []
    return [each for inner in found for each in [inner, *_inside(inner, adapter)]]


def _sources(node: Any, adapter: Any) -> list[Any]:
    """The graph's inputs that reach a call through layers without weights, so that their numbers stay whole."""
    found: list[Any] = []
    waiting, seen = [node], {id(node)}
    while waiting:
        current = waiting.pop()
        operation = adapter.operation(current)
        if adapter.is_input(operation) if isinstance(operation, adapter.layer_class) else False:
            found += adapter.output_tensors(current)
            continue
        if current is not node and getattr(operation, "weights", None):
            continue
        for parent in adapter.parents(current):
            if id(parent) not in seen:
                seen.add(id(parent))
                waiting.append(parent)
    return found


# ---------------------------------------------------------------------- targets


def _output_shapes(x: Any, wanted: Wanted) -> list[tuple[int, ...]]:
    """The sizes of one sample of each output, asked of the model itself where some are open."""
    outputs = wanted.interface.outputs
    shapes = [port.shape for port in outputs]
    if outputs and all(shape is not None and None not in shape[1:] for shape in shapes):
        return [tuple(int(size) for size in (shape or ())[1:] if size is not None) for shape in shapes]
    from ... import describe

    if isinstance(x, dict):
        one: Any = {name: array[:1] for name, array in x.items()}
    else:
        one = [array[:1] for array in x] if isinstance(x, list) else x[:1]
    given = wanted.model(one, training=False)
    return [tuple(int(size or 1) for size in shape[1:]) for shape in describe.shapes_in(given)]


def _target(shape: tuple[int, ...], loss: str | None, random: Any, samples: int) -> Any:
    import numpy

    classes = shape[-1] if shape else 1
    if loss in CLASS_NUMBERS:
        return random.integers(0, classes, (samples, *shape[:-1])).astype("int64")
    if loss in ONE_HOT:
        return numpy.eye(classes, dtype="float32")[random.integers(0, classes, (samples, *shape[:-1]))]
    if loss in YES_OR_NO:
        return random.integers(0, 2, (samples, *shape)).astype("float32")
    if loss in SIGNS:
        return (random.integers(0, 2, (samples, *shape)) * 2 - 1).astype("float32")
    return random.random((samples, *shape), dtype="float32")


def _repeated(x: Any, y: Any, samples: int, different: int, wanted: Wanted) -> TrainingSet:
    try:
        tensorflow = importlib.import_module("tensorflow")
    except ImportError:
        wanted.say(f"{samples:,} samples take too much memory: {different:,} are made")
        return TrainingSet(x, y)
    wanted.say(f"{samples:,} samples take too much memory: {different:,} different ones are repeated")
    if isinstance(x, list):
        x = tuple(x)
    if isinstance(y, list):
        y = tuple(y)
    kept = math.floor(samples * wanted.validation_split)
    pool = tensorflow.data.Dataset.from_tensor_slices((x, y)).repeat()
    batches = pool.take(samples - kept).batch(wanted.batch_size).prefetch(2)
    validation = pool.skip(samples - kept).take(kept).batch(wanted.batch_size) if kept else None
    return TrainingSet(batches, None, validation, batched=True, split_done=True)
