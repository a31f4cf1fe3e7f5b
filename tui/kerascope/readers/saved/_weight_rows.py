"""What the weights of a file tell of its layers, and whether they fit its config."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.graph import FileIssue, Layer, Model, clean_line, format_count, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerascope.graph import Weight
    from kerascope.shapes import WeightSpec

__all__ = [
    "lora_numbers",
    "own_weights",
    "rows_of_weights",
    "weight_issues",
    "with_layers",
    "with_names",
    "without_copies",
]

NOT_IN_FILE = "the file holds its weights, and neither its class nor its config"
_SEEDS = ("seed_generator", "_random_generator")
"""State of random layers, which Keras keeps among the weights in a file and does not count as parameters."""


def own_weights(weights: Sequence[Weight]) -> list[Weight]:
    """The weights that are parameters of the model: not an optimizer's, and no random state."""
    return [weight for weight in weights if weight.group == "model" and not _is_seed(weight)]


def _is_seed(weight: Weight) -> bool:
    # A layer may be called as the state of another; a state is made of whole numbers.
    return "int" in weight.dtype and any(part.startswith(_SEEDS) for part in weight.path.split("/"))


def rows_of_weights(weights: Sequence[Weight]) -> tuple[Model, ...]:
    """For a file without a config: a row for each thing that has weights, in the order of the file.

    Returns:
        One unnamed entry, or nothing where there are no weights. What the layers are, and how they are connected, is
        not in such a file.
    """
    groups: dict[str, list[Weight]] = defaultdict(list)
    for weight in own_weights(weights):
        groups[weight.layer or _holder(weight.path)].append(weight)
    rows = tuple(
        Layer(
            id=f"weights:{number}",
            uid=number,
            name=clean_line(name),
            class_name="",
            unknown=NOT_IN_FILE,
            params=sum(map(numbers_of, own)),
        )
        for number, (name, own) in enumerate(groups.items(), start=1)
    )
    if not rows:
        return ()
    return (Model(name=None, class_name=None, built=False, layers=rows),)


def with_layers(weights: Sequence[Weight], model: Model) -> tuple[Weight, ...]:
    """The weights in the order of the layers they belong to; that layer is told by their place in the file, too.

    What belongs to no layer comes last, as the file has it: HDF5 sorts by name, `dense_10` before `dense_2`.
    """
    names = Counter(layer.name for layer in model.layers)
    found = []
    for weight in weights:
        holder = weight.path.rpartition("/")[0].rpartition("/")[2]
        if weight.layer is None and names[holder] == 1:
            weight = replace(weight, layer=holder)
        found.append(weight)
    order: dict[str, int] = {}
    for number, layer in enumerate(model.layers):
        order.setdefault(layer.name, number)
    last = len(order)
    return tuple(sorted(found, key=lambda weight: (weight.group != "model", order.get(weight.layer or "", last))))


def with_names(weights: Sequence[Weight], made: Mapping[str, tuple[WeightSpec, ...]]) -> tuple[Weight, ...]:
    """The weights by the names that their layers give them: Keras 3 stores them by number, `dense/vars/0`.

    A name is given only where all numbers of a layer fit what the layer makes, in their order and shapes.

    Args:
        weights: The weights, each with its layer.
        made: By layer name the weights that the layer makes.
    """
    by_store: dict[str, list[Weight]] = defaultdict(list)
    for weight in weights:
        store, slash, number = weight.path.rpartition("/vars/")
        if slash and number.isdecimal() and weight.group == "model" and weight.layer is not None:
            by_store[store].append(weight)
    names: dict[str, str] = {}
    for own in by_store.values():
        specs = made.get(own[0].layer or "", ())
        ordered = sorted(own, key=lambda weight: int(weight.path.rpartition("/")[2]))
        if [weight.shape for weight in ordered] == [spec.shape for spec in specs]:
            for weight, spec in zip(ordered, specs, strict=True):
                names[weight.path] = f"{weight.name.rpartition('/vars/')[0]}/{spec.name}"
    return tuple(replace(weight, name=names.get(weight.path, weight.name)) for weight in weights)


def without_copies(weights: Sequence[Weight], model: Model) -> tuple[Weight, ...]:
    """The weights, with those that stand in a store a second time in the group `other`.

    SpectralNormalization tracks the kernel of the layer inside it, and both Keras 2 and 3 save it with either of them.
    """
    doubling = {layer.name for layer in model.layers if layer.class_name == "SpectralNormalization"}
    shapes = {weight.path: weight.shape for weight in weights} if doubling else {}
    found = []
    for weight in weights:
        store, slash, number = weight.path.rpartition("/vars/")
        if slash and number == "0" and doubling and shapes.get(f"{store}/layer/vars/0") == weight.shape:
            weight = replace(weight, group="other")
        found.append(weight)
    return tuple(found)


def lora_numbers(made: Mapping[str, tuple[WeightSpec, ...]]) -> int:
    """Numbers in low-rank kernels: a store of Keras 3 holds them merged into the kernels (`Dense.save_own_variables`).

    Args:
        made: By layer name the weights that the layer makes.
    """
    return sum(spec.count for specs in made.values() for spec in specs if spec.name.startswith("lora_"))


def _holder(path: str) -> str:
    """What holds a weight, by the weight's place; what TensorFlow 2 writes behind an attribute is no part of it."""
    place = path.partition("/.ATTRIBUTES/")[0]
    return place.rpartition("/")[0].removesuffix("/vars") or place


def weight_issues(model: Model, weights: Sequence[Weight], merged: int = 0) -> list[FileIssue]:
    """Whether the weights in a file are as many numbers as its config makes parameters.

    Args:
        model: The model.
        weights: What the file holds.
        merged: Numbers of the config's parameters that are merged into others when they are saved.
    """
    own = own_weights(weights)
    if model.params is None or not own:
        return []
    held = sum(map(numbers_of, own))
    if held in (model.params.total, model.params.total - merged):
        return []
    return [
        FileIssue(
            kind="malformed",
            message=f"the file holds weights of {format_count(held)} numbers, and its config makes a model of "
            f"{format_count(model.params.total)} parameters",
            why="Keras loads weights by layer and shape; where they do not fit, loading fails or leaves layers as made",
            model=model.name,
            certain=False,
            fix="compare the weights with the parameters of the layers; save config and weights from one model; a "
            "layer that two models inside share is saved once and made twice",
        )
    ]
