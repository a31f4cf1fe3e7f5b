"""Cells of recurrent layers: their states, the weights they make, and what one step gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.configs import parse_layer
from kerascope.shapes._reasons import refuse
from kerascope.shapes._registry import rule
from kerascope.shapes._types import Call, Infer, Inner, Invalid, Result, Tensor, Unknown, WeightSpec, flatten
from kerascope.shapes.layers._arguments import compute_dtype, flag, known, one_tensor, weights_of, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig, Structure
    from kerascope.graph import Shape

__all__ = ["Cell", "cell_of", "cell_weights", "inner_of", "one_batch", "prefixed", "serialized"]

GATES = {"SimpleRNNCell": 1, "GRUCell": 3, "LSTMCell": 4}

GATES_1 = {"SimpleRNNCell": "", "GRUCell": "zrh", "LSTMCell": "icfo"}
"""The letters of the gates in Keras 1, in the order of the weights (Keras 2 `preprocess_weights_for_loading`)."""

FUSED_1 = 2
"""`consume_less="gpu"` of Keras 1, by the number that Keras 2 has for it: one weight for all gates."""

DEEPEST_STACK = 32
"""Stacks of cells inside stacks: nobody writes two, and a file could hold thousands."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, or a stack of them.

    Attributes:
        layer: The cell.
        units: Size of what it gives out.
        cells: The cells it is a stack of; empty for a plain one.
    """

    layer: LayerConfig
    units: int
    cells: tuple[Cell, ...] = ()

    @property
    def states(self) -> int:
        """How many states a plain cell has."""
        return 2 if self.layer.class_name == "LSTMCell" else 1

    def zeros(self, batch: int | None) -> list[Structure]:
        """Its states as they begin: a list, with a list of its own for each cell of a stack that has several."""
        if not self.cells:
            return [Tensor((batch, self.units), compute_dtype(self.layer))] * self.states
        each = [cell.zeros(batch) for cell in self.cells]
        return [states[0] if len(states) == 1 else states for states in each]

    def sizes(self) -> tuple[int, ...]:
        """The sizes of its states, flattened."""
        if not self.cells:
            return (self.units,) * self.states
        return tuple(size for cell in self.cells for size in cell.sizes())


def serialized(layer: LayerConfig, value: object, what: str) -> LayerConfig:
    """A layer that stands serialized in the config of another one.

    Raises:
        Unknown: Something else stands there.
    """
    try:
        return parse_layer(value, layer.generation)
    except ValueError as error:
        raise Unknown(f"{what} of this {layer.class_name} cannot be read: {error}") from error


def cell_of(layer: LayerConfig, depth: int = 0) -> Cell:
    """A cell by its config.

    Raises:
        Unknown: It is code that the file does not hold.
        Invalid: It is a layer, but no cell.
    """
    if not layer.builtin:
        raise Unknown(f"its cell {layer.class_name} is not one of Keras's own, and its code is not in the file")
    if layer.class_name in GATES:
        units = whole(layer, "units")
        if units <= 0:
            raise Invalid(f"{layer.class_name} has {units} units, expected a positive number")
        return Cell(layer, units)
    if layer.class_name != "StackedRNNCells":
        raise Unknown(f"there is no rule for a {layer.class_name} as the cell of a recurrent layer")
    serialized_cells = layer.config.get("cells")
    if not isinstance(serialized_cells, (list, tuple)) or not serialized_cells:
        raise Unknown("its StackedRNNCells holds no cells")
    if layer.config.get("reverse_state_order"):
        raise Unknown("its StackedRNNCells keeps its states backwards, for which there is no rule")
    if depth >= DEEPEST_STACK:
        raise Unknown(f"its cells are stacks in stacks, more than {DEEPEST_STACK} deep")
    cells = tuple(cell_of(serialized(layer, each, "a cell"), depth + 1) for each in serialized_cells)
    return Cell(layer, cells[-1].units, cells)


def prefixed(name: str, weights: Sequence[WeightSpec]) -> tuple[WeightSpec, ...]:
    """The weights of a layer inside another one that holds several, with its name in front."""
    return tuple(
        WeightSpec(f"{name}/{weight.name}" if name else weight.name, weight.shape, weight.trainable)
        for weight in weights
    )


def cell_weights(cell: Cell, shape: Shape) -> tuple[WeightSpec, ...]:
    """The weights that a cell makes for steps of this shape (`build` of the cells).

    Args:
        cell: The cell.
        shape: Of one step, batch dimension first.

    Raises:
        Invalid: The size of a step is open, and the kernel is made of it.
    """
    if not cell.cells:
        return weights_of(cell.layer, *_weights(cell, known(cell.layer, shape, -1)))
    weights: list[WeightSpec] = []
    for each in cell.cells:
        weights += prefixed(each.layer.name, cell_weights(each, shape))
        shape = (shape[0], each.units)
    return weights_of(cell.layer, *weights)


def _weights(cell: Cell, size: int) -> list[WeightSpec]:
    layer, units = cell.layer, cell.units
    gates = GATES[layer.class_name]
    if layer.generation == 1:
        letters = [f"_{letter}" for letter in GATES_1[layer.class_name]]
        if not letters or layer.config.get("implementation") == FUSED_1:
            letters, units_of_one = [""], units * gates
        else:
            units_of_one = units
        return [
            WeightSpec(f"{kind}{letter}", shape)
            for letter in letters
            for kind, shape in (("W", (size, units_of_one)), ("U", (units, units_of_one)), ("b", (units_of_one,)))
        ]
    weights = [WeightSpec("kernel", (size, units * gates)), WeightSpec("recurrent_kernel", (units, units * gates))]
    if flag(layer, "use_bias", True):
        # Keras 2 has written `reset_after` since it knows it; where it is missing, there was none.
        twice = layer.class_name == "GRUCell" and flag(layer, "reset_after", layer.generation == 3)
        weights.append(WeightSpec("bias", (2, units * gates) if twice else (units * gates,)))
    return weights


def one_batch(layer: LayerConfig, one: int | None, other: int | None) -> int | None:
    """The batch size of an input and a state that are added.

    Raises:
        Invalid: They differ, and neither is 1.
    """
    if one == other or other == 1:
        return one
    if one == 1 or one is None:
        return other
    if other is None:
        return one
    raise Invalid(f"{layer.class_name} received a batch of {one} and a state for {other}, expected the same")


def inner_of(cell: Cell, step: Shape, weights: tuple[WeightSpec, ...], dtype: str | None) -> Inner:
    """A cell as the layer inside a recurrent one: what it is called on at every step, and what it gives."""
    batch = step[0] if step else None
    states = cell.zeros(batch)
    inner: list[Inner] = []
    shape = step
    for each in cell.cells:
        inner.append(inner_of(each, shape, cell_weights(each, shape), dtype))
        shape = (batch, each.units)
    output = Tensor((batch, cell.units), compute_dtype(cell.layer))
    return Inner(cell.layer, Call((Tensor(step, dtype), states)), Result((output, states), weights, tuple(inner)))


@rule("SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells", generations=(2, 3))
def called_cell(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """One step: what a cell gives and its new states, each of the size of its units (Keras 3.15 and tf-keras)."""
    cell = cell_of(layer)
    step = one_tensor(layer, call)
    if len(step.shape) != 2:
        raise Unknown(f"a {layer.class_name} is made for steps of shape (batch, features), and received {step.shape}")
    states = call.args[1] if len(call.args) > 1 else call.kwargs.get("states")
    if states is None:
        raise Invalid(f"{layer.class_name} received no states, expected them as the second argument")
    weights = cell_weights(cell, step.shape)
    output, new = _stepped(cell, step, states)
    inner = inner_of(cell, step.shape, weights, step.dtype).result
    return Result((output, new), weights, inner.inner if inner else ())


def _stepped(cell: Cell, step: Tensor, states: Structure) -> tuple[Tensor, Structure]:
    if cell.cells:
        if not isinstance(states, (list, tuple)) or len(states) != len(cell.cells):
            raise Unknown(f"its {len(cell.cells)} cells are not given one state, or list of states, each")
        new = []
        for each, given in zip(cell.cells, states, strict=True):
            step, after = _stepped(each, step, given if isinstance(given, (list, tuple)) else [given])
            new.append(after)
        return step, new
    given = list(flatten(states))
    if len(given) < cell.states:
        raise Unknown(f"a {cell.layer.class_name} is given {len(given)} states, and has {cell.states}")
    batch = step.shape[0]
    for state in given[: cell.states]:
        if len(state.shape) != 2:
            raise Unknown(
                f"a state of {cell.layer.class_name} has the shape {state.shape}, and 2 dimensions are needed"
            )
        if state.shape[1] not in (None, cell.units):
            raise refuse(cell.layer, f"states of the size of its units, {cell.units}", state.shape)
        batch = one_batch(cell.layer, batch, state.shape[0])
    output = Tensor((batch, cell.units), compute_dtype(cell.layer))
    return output, [output] * cell.states
