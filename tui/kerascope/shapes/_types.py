"""What a shape rule takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.configs import LayerConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kerascope.configs import Structure
    from kerascope.graph import Shape

__all__ = [
    "LARGEST",
    "MOST_DIMENSIONS",
    "UNREADABLE",
    "Call",
    "Infer",
    "Inner",
    "Invalid",
    "Result",
    "Rule",
    "Tensor",
    "Unknown",
    "WeightSpec",
    "as_inputs",
    "flatten",
]


UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a rule raises on a config whose values no Keras wrote: the layer is unknown then, not the file."""


MOST_DIMENSIONS = 254
"""TensorFlow's limit for the dimensions of a tensor; a config can ask for millions."""

LARGEST = 2**63 - 1
"""The largest size of a dimension, and the most numbers in a weight: every backend counts in 64 bits."""


class Unknown(Exception):
    """The shapes cannot be told; the message says why, to stand behind `unknown: `."""


class Invalid(Unknown):
    """Keras itself would refuse this call; the message says what was given and what is needed."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A symbolic tensor.

    Attributes:
        shape: Its shape, batch dimension first.
        dtype: Its dtype where that is known.
        value: The numbers in it, where it is a shape or a part of one that Keras 2 computes with (`tf.shape(x)[1]`): a
            size or a tuple of sizes, `None` for an open one. `None` where nothing is known.
    """

    shape: Shape
    dtype: str | None = None
    value: int | tuple[int | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a layer's call: tensors, alone or nested in tuples, lists and dicts, and other values."""

    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors, positional arguments first."""
        return (*flatten(self.args), *flatten(self.kwargs))

    @property
    def first(self) -> Structure:
        """The first argument, whatever it was passed as: what Keras calls the inputs."""
        if self.args:
            return self.args[0]
        return next(iter(self.kwargs.values()), ())


@dataclass(frozen=True, slots=True)
class WeightSpec:
    """A weight that a layer makes: name, shape, and whether training changes it."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def count(self) -> int:
        """Numbers in it."""
        count = 1
        for size in self.shape:
            count *= size
        return count


@dataclass(frozen=True, slots=True)
class Inner:
    """A layer that another one holds and calls: what it was called on, and what came of it or why that is unknown."""

    layer: LayerConfig
    call: Call
    result: Result | None
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gives.

    Attributes:
        output: The tensors it gives out, nested as Keras nests them.
        weights: The weights of the layer, those of the layers inside it included; `None` where they cannot be told.
        inner: The layers that it holds.
    """

    output: Structure
    weights: tuple[WeightSpec, ...] | None = ()
    inner: tuple[Inner, ...] = ()

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """All tensors it gives out."""
        return tuple(flatten(self.output))


Infer = Callable[[LayerConfig, Call], Result]
"""Shapes of a layer inside another one: raises `Unknown` as a rule does."""

Rule = Callable[[LayerConfig, Call, Infer], Result]


def as_inputs(tensors: Iterable[Tensor]) -> Structure:
    """Tensors as Keras passes them to a layer: one alone, several as a list."""
    given = list(tensors)
    return given[0] if len(given) == 1 else given


def flatten(structure: Structure) -> Iterator[Tensor]:
    """The tensors of a structure, dicts in the order of their keys as Keras flattens them (sorted)."""
    if isinstance(structure, Tensor):
        yield structure
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            yield from flatten(item)
    elif isinstance(structure, Mapping):
        for key in sorted(structure, key=str):
            yield from flatten(structure[key])
