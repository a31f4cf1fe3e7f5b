"""What a model takes and gives: the names, shapes and dtypes of its inputs and outputs, as far as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import describe
from ..choosing import symbolic_inputs
from .proposing import output_activations

if TYPE_CHECKING:
    from ..adapters import Adapter

__all__ = ["Interface", "Port", "interface_of", "shape_text"]


class Port(NamedTuple):
    """One input or output: its name where it has one, shape (batch dimension first) and dtype."""

    name: str | None
    shape: tuple[int | None, ...] | None
    dtype: str | None


class Interface:
    """A model's inputs and outputs.

    Attributes:
        inputs: In Keras's order; empty where they are not known.
        outputs: In Keras's order; empty where they are not known.
        activations: The last activation before each output.
        by_name: Whether the model takes its inputs as a dict.
        trouble: What Keras said when the model was called for its outputs; `None` when all went well.
    """

    def __init__(self) -> None:
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []
        self.activations: list[str | None] = []
        self.by_name = False
        self.trouble: str | None = None


def interface_of(adapter: Adapter, model: Any, given: list[Any]) -> Interface:
    """Find out what a model takes and gives, calling it on symbolic inputs where it has no graph yet.

    Args:
        adapter: The Keras generation.
        model: The model; one that is not built is built by this, where `given` allows it.
        given: `[name or None, shape, dtype or None]` of each input, for a model without a graph; may be empty.
    """
    answer = Interface()
    outputs = None
    if adapter.graph(model) is None and given:
        answer.inputs = [Port(name, tuple(shape), dtype) for name, shape, dtype in given]
        answer.by_name = any(name is not None for name, _, _ in given)
        args, kwargs = symbolic_inputs(adapter, model, given)
        try:
            outputs = model(*args, **kwargs)
        except Exception as error:
            # Code of the user's own that may need real numbers; training itself will give it some.
            answer.trouble = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    graph = adapter.graph(model)
    if graph is not None:
        answer.inputs = [_port(_name(tensor), tensor) for tensor in adapter.graph_inputs(graph)]
        answer.by_name = isinstance(adapter.input_structure(graph), dict)
        outputs = adapter.graph_outputs(graph)
    if outputs is not None:
        tensors = describe.tensors_in(outputs)
        names = _output_names(model, outputs, len(tensors))
        answer.outputs = [_port(name, tensor) for name, tensor in zip(names, tensors)]
        activations = output_activations(adapter, model)
        answer.activations = activations if len(activations) == len(tensors) else [None] * len(tensors)
    return answer


def _port(name: str | None, tensor: Any) -> Port:
    shape, dtype = describe.shape_of(tensor), getattr(tensor, "dtype", None)
    return Port(name, None if shape is None else tuple(shape), None if dtype is None else getattr(dtype, "name", dtype))


def _name(tensor: Any) -> str:
    return str(tensor.name).split(":")[0]


def _output_names(model: Any, outputs: Any, count: int) -> list[str | None]:
    names = list(outputs) if isinstance(outputs, dict) else list(getattr(model, "output_names", None) or ())
    return [str(name) for name in names] if len(names) == count else [None] * count


def shape_text(shape: Any) -> str:
    """A shape as Python writes it: `(None, 28, 28, 1)`."""
    return "of unknown shape" if shape is None else str(tuple(shape))
