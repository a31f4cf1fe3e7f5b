"""What a walk through a model finds out about its calls, and what the file itself states about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.configs import TensorRef
from kerascope.shapes._types import LARGEST, MOST_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig, Structure
    from kerascope.graph import Shape
    from kerascope.shapes._types import Tensor, WeightSpec

__all__ = ["CallShapes", "LayerShapes", "ModelShapes", "as_shape", "meet", "refs_in", "stated_inputs"]


@dataclass(frozen=True, slots=True)
class CallShapes:
    """What one call of a layer takes and gives.

    Attributes:
        inputs: The shapes of the tensors it is called on, first arguments first; `None` where they are unknown.
        outputs: The shapes of what it gives out; `None` where they are unknown.
        stated: Whether the file itself states `inputs`.
        unknown: Why `inputs`, or with them known `outputs`, are unknown.
        invalid: Whether Keras would refuse the call, as `unknown` then says.
        differs: Where the file states one thing and our rules make another of the layers before: the one of the two
            that `inputs` is not.
        first: The shapes of the first argument alone: what a declaration is about.
        sources: The layers whose outputs it takes.
    """

    inputs: tuple[Shape, ...] | None
    outputs: tuple[Shape, ...] | None
    stated: bool = False
    unknown: str | None = None
    invalid: bool = False
    differs: tuple[Shape, ...] | None = None
    first: tuple[Shape, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerShapes:
    """A layer with what its calls take and give, its weights (`None`: unknown), and the layers inside it."""

    layer: LayerConfig
    calls: tuple[CallShapes, ...]
    weights: tuple[WeightSpec, ...] | None
    inside: tuple[LayerShapes, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelShapes:
    """A model's layers in the order of the file, and what the model gives out.

    Attributes:
        layers: Its layers.
        inputs: The tensors it takes, flattened; `None` where they are unknown.
        output: The tensors it gives out; `None` where they are unknown.
        unknown: Why the output is unknown.
    """

    layers: tuple[LayerShapes, ...]
    inputs: tuple[Tensor, ...] | None
    output: Structure | None
    unknown: str | None = None

    @property
    def weights(self) -> tuple[WeightSpec, ...] | None:
        """All weights of the model, `None` where those of a layer are unknown."""
        found: list[WeightSpec] = []
        for layer in self.layers:
            if layer.weights is None:
                return None
            found += layer.weights
        return tuple(found)


def stated_inputs(layer: LayerConfig) -> tuple[Shape, ...] | None:
    """The input shapes a layer was built with, where the file says so."""
    build = layer.build
    if not isinstance(build, Mapping):
        return None
    given = build.get("input_shape")
    shape = as_shape(given)
    if shape is not None:
        return (shape,)
    if isinstance(given, (list, tuple)) and given:
        shapes = [as_shape(item) for item in given]
        if all(each is not None for each in shapes):
            return tuple(each for each in shapes if each is not None)
    return None


def as_shape(value: object) -> Shape | None:
    """A shape as JSON has it; `None` where it is none, or more than a tensor can have."""
    if not isinstance(value, (list, tuple)) or not 0 < len(value) <= MOST_DIMENSIONS:
        return None
    sizes = tuple(value)
    if all(size is None or (type(size) is int and 0 <= size <= LARGEST) for size in sizes):
        return sizes
    return None


def meet(one: Sequence[Shape], other: Sequence[Shape]) -> bool:
    """Whether two lists of shapes may be the same: open sizes meet every size."""
    return len(one) == len(other) and all(
        len(a) == len(b) and all(x == y or x is None or y is None for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


def refs_in(structure: Structure) -> list[TensorRef]:
    """The tensors that a structure refers to, in its order."""
    found: list[TensorRef] = []
    _gather(structure, found)
    return found


def _gather(structure: Structure, found: list[TensorRef]) -> None:
    if isinstance(structure, TensorRef):
        found.append(structure)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _gather(item, found)
    elif isinstance(structure, Mapping):
        for item in structure.values():
            _gather(item, found)
