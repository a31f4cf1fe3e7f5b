"""What differs between Keras 2 and Keras 3, in one place: classes, the graph's nodes, weights."""

from __future__ import annotations

import importlib
import math
from typing import Any

from . import describe

__all__ = ["Adapter", "Keras2", "Keras3", "adapter_for"]


class Adapter:
    """The names and attributes of one Keras generation.

    Attributes:
        root: The imported top-level package.
        layer_class: The base class of all layers.
        model_class: The base class of all models.
        sequential_class: `Sequential`.
        functional_class: The class of models built from tensors.
        node_class: The class whose instances are the symbolic calls of a graph.
        function_class: The class of graphs that need not be models, `None` where there is none.
        rebuilding: (file name, function) of Keras's own code that calls layers on its own account.
    """

    generation = 0
    rebuilding: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, root: Any) -> None:
        self.root = root
        self.version = str(root.__version__)
        self.layer_class: Any = root.layers.Layer
        self.model_class: Any = root.Model
        self.sequential_class: Any = root.Sequential
        self.input_class: Any = root.layers.InputLayer
        self.metric_class: Any = root.metrics.Metric
        self.embedding_class: Any = root.layers.Embedding
        self.function_class: Any = None
        self.functional_class: Any = None
        self.node_class: Any = None

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"{self.root.__name__}.{name}")

    def is_metric(self, layer: Any) -> bool:
        """Whether a "layer" is a metric (in Keras 2 they are layers too)."""
        return isinstance(layer, self.metric_class)

    def is_input(self, layer: Any) -> bool:
        """Whether a layer is an InputLayer."""
        return isinstance(layer, self.input_class)

    # ------------------------------------------------------------------ to be said by each generation

    def stored_declaration(self, layer: Any) -> tuple[Any, ...] | None:
        """The declared input shape Keras keeps on the layer, with its batch dimension."""
        raise NotImplementedError

    def graph(self, model: Any) -> Any:
        """The functional graph of a model: the model itself, the one inside a Sequential, or `None`."""
        raise NotImplementedError

    def nodes(self, graph: Any) -> list[Any]:
        """The nodes of a functional graph."""
        raise NotImplementedError

    def operations(self, graph: Any) -> list[Any]:
        """Layers and operations of a functional graph in Keras's own (topological) order."""
        raise NotImplementedError

    def operation(self, node: Any) -> Any:
        """The layer or operation that was called."""
        raise NotImplementedError

    def graph_inputs(self, graph: Any) -> list[Any]:
        """The symbolic inputs of a functional graph."""
        return list(graph.inputs)

    def graph_outputs(self, graph: Any) -> list[Any]:
        """The symbolic outputs of a functional graph."""
        return list(graph.outputs)

    def input_tensors(self, node: Any) -> list[Any]:
        """Symbolic tensors that went into the call."""
        raise NotImplementedError

    def output_tensors(self, node: Any) -> list[Any]:
        """Symbolic tensors that came out of the call."""
        raise NotImplementedError

    def own_layers(self, layer: Any) -> list[Any]:
        """Layers held directly by a layer or model, in the order they were set."""
        raise NotImplementedError

    def output_structure(self, model: Any) -> Any:
        """A model's symbolic outputs as its author nested them; `None` for a model without a graph."""
        raise NotImplementedError

    def build_argument(self, layer: Any) -> Any:
        """What a layer's `build` was last given: a shape, or a structure of shapes; `None` where Keras kept none."""
        raise NotImplementedError

    def input_structure(self, graph: Any) -> Any:
        """The symbolic inputs of a functional graph as its author nested them."""
        raise NotImplementedError

    # ------------------------------------------------------------------ the same for both

    def build_shapes(self, layer: Any) -> list[Any] | None:
        """Input shapes that a layer's weights were made for; `None` where Keras does not tell."""
        if not self.built(layer):
            return None
        found: list[Any] = []
        _collect_shapes(describe.plain_shapes(self.build_argument(layer)), found)
        return found or None

    def input_shapes(self, node: Any) -> list[Any]:
        """Shapes that went into the call, batch dimension first."""
        return [describe.shape_of(tensor) for tensor in self.input_tensors(node)]

    def output_shapes(self, node: Any) -> list[Any]:
        """Shapes that came out of the call, batch dimension first."""
        return [describe.shape_of(tensor) for tensor in self.output_tensors(node)]

    def parents(self, node: Any) -> list[Any]:
        """The nodes whose outputs went into the call."""
        return list(node.parent_nodes)

    def begun(self, model: Any) -> bool:
        """Whether a model's construction got as far as Keras's own: before that it can be asked nothing."""
        return hasattr(model, "_layers") or hasattr(model, "_self_tracked_trackables")

    def built(self, layer: Any) -> bool:
        """Whether the layer's weights are known."""
        try:
            return bool(getattr(layer, "built", False))
        except Exception:
            # A property of the user's own; what fails in it must not take the other models along.
            return False

    def counts(self, layer: Any) -> tuple[int, int] | None:
        """Parameters of a layer or model, all and trainable; `None` while it is not built."""
        if not isinstance(layer, self.layer_class):
            return 0, 0
        if not self.built(layer):
            return None
        # count_params, not a sum of ours: some layers have their own idea of it (TextVectorization's table is none).
        return int(layer.count_params()), _count(layer.trainable_weights)


def _collect_shapes(structure: Any, found: list[Any]) -> None:
    if isinstance(structure, dict):
        for value in structure.values():
            _collect_shapes(value, found)
    elif isinstance(structure, list) and structure and all(isinstance(item, (list, dict)) for item in structure):
        for item in structure:
            _collect_shapes(item, found)
    elif isinstance(structure, list):
        found.append(structure)


def _count(weights: Any) -> int:
    unique = {id(weight): weight for weight in weights}
    return sum(math.prod(size or 0 for size in describe.shape_of(weight) or ()) for weight in unique.values())


class Keras3(Adapter):
    """Keras 3."""

    generation = 3
    rebuilding = frozenset(
        {
            ("sequential.py", "build"),
            ("sequential.py", "add"),
            ("functional.py", "clone_graph_nodes"),
            ("functional.py", "functional_from_config"),
            ("cloning.py", "clone_model"),
        }
    )

    def __init__(self, root: Any) -> None:
        super().__init__(root)
        self.functional_class = self._module("src.models.functional").Functional
        self.function_class = self._module("src.ops.function").Function
        self.node_class = self._module("src.ops.node").Node

    def stored_declaration(self, layer: Any) -> tuple[Any, ...] | None:
        shape = getattr(layer, "_input_shape_arg", None)
        return (None, *shape) if isinstance(shape, (list, tuple)) else None

    def graph(self, model: Any) -> Any:
        if isinstance(model, self.sequential_class):
            return getattr(model, "_functional", None)
        return model if isinstance(model, self.functional_class) and hasattr(model, "_nodes") else None

    def nodes(self, graph: Any) -> list[Any]:
        return [node for nodes in graph._nodes_by_depth.values() for node in nodes]

    def operations(self, graph: Any) -> list[Any]:
        return list(graph._operations)

    def operation(self, node: Any) -> Any:
        return node.operation

    def input_tensors(self, node: Any) -> list[Any]:
        # The masks that Keras itself hands on are no inputs; their operations stand in the graph all the same.
        masks = {
            id(value)
            for name, value in node.arguments.kwargs.items()
            if name.endswith("mask") and self._is_of_an_operation(value)
        }
        return [tensor for tensor in node.input_tensors if id(tensor) not in masks]

    def _is_of_an_operation(self, value: Any) -> bool:
        history = getattr(value, "_keras_history", None)
        return history is not None and not isinstance(history[0], self.layer_class)

    def output_tensors(self, node: Any) -> list[Any]:
        return list(node.outputs)

    def own_layers(self, layer: Any) -> list[Any]:
        return list(getattr(layer, "_layers", ()))

    def output_structure(self, model: Any) -> Any:
        return getattr(self.graph(model), "_outputs_struct", None)

    def build_argument(self, layer: Any) -> Any:
        shapes = getattr(layer, "_build_shapes_dict", None)
        return list(shapes.values()) if isinstance(shapes, dict) and shapes else None

    def input_structure(self, graph: Any) -> Any:
        return getattr(graph, "_inputs_struct", None)


class Keras2(Adapter):
    """Keras 2: tf-keras, or the keras package before version 3."""

    generation = 2
    rebuilding = frozenset(
        {
            ("sequential.py", "add"),
            ("sequential.py", "_build_graph_network_for_inferred_shape"),
            ("functional.py", "_clone_layers_and_model_config"),
            ("functional.py", "reconstruct_from_config"),
            ("functional.py", "clone_graph_nodes"),
            ("cloning.py", "clone_model"),
        }
    )

    def __init__(self, root: Any) -> None:
        super().__init__(root)
        self.functional_class = self._module("src.engine.functional").Functional
        self.node_class = self._module("src.engine.node").Node

    def stored_declaration(self, layer: Any) -> tuple[Any, ...] | None:
        shape = getattr(layer, "_batch_input_shape", None)
        return tuple(shape) if isinstance(shape, (list, tuple)) else None

    def graph(self, model: Any) -> Any:
        if not isinstance(model, self.functional_class) or not getattr(model, "_is_graph_network", False):
            return None
        return model if hasattr(model, "_network_nodes") else None  # its __init__ may have failed half way

    def nodes(self, graph: Any) -> list[Any]:
        keys = graph._network_nodes
        return [
            node
            for layer in graph._self_tracked_trackables
            for index, node in enumerate(getattr(layer, "_inbound_nodes", ()))
            if f"{layer.name}_ib-{index}" in keys
        ]

    def operations(self, graph: Any) -> list[Any]:
        # `layers` leaves out the InputLayer of a Sequential.
        return [item for item in graph._self_tracked_trackables if isinstance(item, self.layer_class)]

    def operation(self, node: Any) -> Any:
        return node.layer

    def input_tensors(self, node: Any) -> list[Any]:
        return list(node.keras_inputs)

    def output_tensors(self, node: Any) -> list[Any]:
        found: list[Any] = []
        _flatten(node.outputs, found)
        return found

    def own_layers(self, layer: Any) -> list[Any]:
        return list(layer._flatten_layers(recursive=False, include_self=False))

    def output_structure(self, model: Any) -> Any:
        graph = self.graph(model)
        # A Sequential keeps them only flat.
        return None if graph is None else getattr(graph, "_nested_outputs", graph.outputs)

    def build_argument(self, layer: Any) -> Any:
        return getattr(layer, "_build_input_shape", None)

    def input_structure(self, graph: Any) -> Any:
        return getattr(graph, "_nested_inputs", None)


def _flatten(structure: Any, found: list[Any]) -> None:
    if isinstance(structure, dict):
        # tf.nest orders dicts by key.
        for key in sorted(structure):
            _flatten(structure[key], found)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _flatten(item, found)
    else:
        found.append(structure)


def adapter_for(root: Any, generation: int) -> Adapter:
    """The adapter of an imported Keras."""
    return Keras3(root) if generation == 3 else Keras2(root)
