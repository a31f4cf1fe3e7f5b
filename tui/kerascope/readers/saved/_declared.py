"""What a saved config keeps of the author's declarations, and what Keras itself wrote there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import Declaration, format_shape
from kerascope.shapes import as_shape

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig, ModelConfig

__all__ = ["Declares", "declaration_of", "implicit_input"]


@dataclass(frozen=True, slots=True)
class Declares:
    """What a file's format keeps of declarations.

    Attributes:
        inputs_only: Keras 3 keeps the shapes of InputLayers alone: what other layers declared is lost at save.
        fills_in: Keras 1 and the first Keras 2 wrote, for layers that declared nothing, the shape they were built for
            into the same entries: one that agrees with the effective shape says nothing about the author.
    """

    inputs_only: bool
    fills_in: bool = False


def declaration_of(layer: LayerConfig, declares: Declares, *, first: bool) -> Declaration | None:
    """What the author declared on a layer, as far as the file keeps it.

    Args:
        layer: The layer.
        declares: What the format keeps.
        first: Whether it is the first layer of a Sequential, where a declaration decides.
    """
    config = layer.config
    if layer.class_name == "InputLayer":
        for name in ("batch_shape", "batch_input_shape"):
            if (shape := as_shape(config.get(name))) is not None:
                return Declaration(shape=shape, argument=name, value=format_shape(shape))
        return None
    if declares.inputs_only:
        return None
    shape = as_shape(config.get("batch_input_shape"))
    if shape is None:
        return None
    if layer.class_name == "Embedding":
        return _of_embedding(layer, shape, first=first)
    if not first and all(size is None for size in shape):
        return None  # nobody declares a shape that says nothing; conversions of old files carry such entries
    return Declaration(shape=shape, argument="batch_input_shape", value=format_shape(shape))


def _of_embedding(layer: LayerConfig, shape: tuple[int | None, ...], *, first: bool) -> Declaration | None:
    """Embedding writes its own `batch_input_shape`, from `input_length` where that is given, else for any length."""
    length = layer.config.get("input_length")
    if shape == (None, None):
        return Declaration(shape=shape, argument="batch_input_shape", value=format_shape(shape)) if first else None
    if length is not None and shape[1:] == (tuple(length) if isinstance(length, (list, tuple)) else (length,)):
        return Declaration(shape=shape, argument="input_length", value=str(length))
    return Declaration(shape=shape, argument="batch_input_shape", value=format_shape(shape))


def implicit_input(model: ModelConfig) -> LayerConfig | None:
    """The InputLayer that Keras 2 made for a Sequential, from a declaration or a first call; nobody wrote it.

    It is called after the first layer, `dense_input` (tf-keras 2.21 `Sequential.add`,
    `Sequential._build_graph_network_for_inferred_shape`). Keras 3 gives its own the name of any other Input.
    """
    if model.kind != "sequential" or model.generation > 2 or len(model.layers) < 2:
        return None
    made, first = model.layers[0], model.layers[1]
    if made.class_name == "InputLayer" and made.name == f"{first.name}_input":
        return made
    return None
