"""A serialized Keras config as typed data, the same for every generation of Keras that wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerascope.graph import Shape

__all__ = ["CallConfig", "LayerConfig", "ModelConfig", "Structure", "TensorRef"]

Structure = object
"""Tensors, alone or nested in tuples, lists and dicts."""


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A tensor among the arguments of a call: an output of another layer's call.

    Attributes:
        layer: Name of the layer that gives it out.
        call: Which call of that layer, from 0.
        output: Which of that call's outputs, from 0, in the order in which a nested output is flattened.
        shape: Its shape where the file states it (Keras 3 writes it into every call), batch dimension first.
        dtype: Its dtype where the file states it.
    """

    layer: str
    call: int = 0
    output: int = 0
    shape: Shape | None = None
    dtype: str | None = None


@dataclass(frozen=True, slots=True)
class CallConfig:
    """One call of a layer in a functional model: its arguments, with a `TensorRef` for each tensor among them.

    What Keras 3 wraps (`__tuple__`, `__keras_tensor__`, ...) is unwrapped; other values are as JSON has them.
    """

    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerConfig:
    """One layer, operation or model as a file describes it.

    Attributes:
        class_name: Its class, as every generation calls it today (`Conv2D` for the `Convolution2D` of Keras 1).
        name: Its name; empty where the file gives none.
        config: The constructor's arguments under the names that Keras 2 and 3 use; what Keras 3 wraps (`__tuple__`) is
            unwrapped, inner layers and other objects stay serialized (`parse_layer` reads them).
        generation: The Keras whose rules are meant: 1, 2 or 3.
        module: Where the class lives, as the file says (`keras.layers`); `None` where it does not say.
        registered_name: The name under which a class of the user's own was registered, where the file says so.
        build: `build_config` as the file has it: what the layer was built with; `None` where the file does not say.
        calls: Its calls, in a functional model; empty elsewhere.
        model: What is inside it, when it is a model itself.
        builtin: Whether it is one of Keras's own, by class, module and registered name.
    """

    class_name: str
    name: str
    config: Mapping[str, object]
    generation: int
    module: str | None = None
    registered_name: str | None = None
    build: object = None
    calls: tuple[CallConfig, ...] = ()
    model: ModelConfig | None = None
    builtin: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """A model as a file describes it.

    Attributes:
        kind: `sequential`, `functional`, or `subclassed` (its layers, where known, without their connections).
        class_name: Its class.
        name: Its name; empty where the file gives none.
        generation: The Keras whose rules are meant: 1, 2 or 3.
        layers: In the order of the file.
        inputs: The tensors it takes (functional).
        outputs: The tensors it gives out (functional).
        build: The input shape it was built with, where the file states it: a shape, or a list or dict of shapes as JSON
            has them.
        unreadable: What of it could not be read, in a sentence; the rest is as if it stood alone.
    """

    kind: str
    class_name: str
    name: str
    generation: int
    layers: tuple[LayerConfig, ...]
    inputs: Structure = ()
    outputs: Structure = ()
    build: object = None
    unreadable: tuple[str, ...] = ()
