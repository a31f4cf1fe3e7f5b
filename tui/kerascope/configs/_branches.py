"""Stacks of Keras 1 and 2.0 that begin with branches: `Sequential([Merge([left, right], mode="concat"), Dense(1)])`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.configs._types import CallConfig, LayerConfig, TensorRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs._types import Structure

__all__ = ["with_branches"]


def with_branches(
    layers: Sequence[LayerConfig], branches: Sequence[LayerConfig]
) -> tuple[list[LayerConfig], Structure, Structure] | None:
    """The same stack as a functional model: its branches, each with an input, merged and followed by the rest.

    Keras gives such a model an input for each branch, named after the first layer of the branch, and calls branches
    without a name `sequential_1`, `sequential_2`, ...; so they are called here.

    Args:
        layers: The layers of the stack; the first one merges.
        branches: The models that it merges.

    Returns:
        Layers, inputs and outputs; `None` where names are missing or doubled, or a branch begins with branches itself.
    """
    found: list[LayerConfig] = []
    inputs: list[Structure] = []
    merged: list[Structure] = []
    for number, branch in enumerate(branches, 1):
        first = branch.model.layers[0] if branch.model is not None and branch.model.layers else None
        if branch.model is None or branch.model.kind != "sequential" or first is None or not first.name:
            return None
        given = first.name if first.class_name == "InputLayer" else f"{first.name}_input"
        known = {key: first.config[key] for key in ("batch_input_shape", "dtype") if key in first.config}
        entry = LayerConfig(
            class_name="InputLayer", name=given, config={"name": given, **known}, generation=branch.generation
        )
        name = branch.name or f"sequential_{number}"
        model = replace(branch.model, name=name)
        called = CallConfig((TensorRef(given),))
        found += [entry, replace(branch, name=name, model=model, calls=(called,))]
        inputs.append(TensorRef(given))
        merged.append(TensorRef(name))
    before: Structure = merged
    for layer in layers:
        config = {key: value for key, value in layer.config.items() if key != "layers" or layer is not layers[0]}
        found.append(replace(layer, config=config, calls=(CallConfig((before,)),)))
        before = TensorRef(layer.name)
    names = {layer.name for layer in found}
    if len(names) < len(found) or "" in names:
        return None
    return found, inputs, before
