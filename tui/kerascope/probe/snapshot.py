"""Reading what stands when the user's file has ended: models, their graphs, and the layers beside them.

Everything here is facts in plain JSON types. Verdicts are worked out on the other side of the socket.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from . import describe

if TYPE_CHECKING:
    from .adapters import Adapter
    from .recorder import Recorder
    from .records import LayerRecord, NodeRecord

__all__ = ["Snapshot"]

MAX_DEPTH = 16
"""Nesting of models and layers inside layers that is followed: more is a reference cycle."""


class Snapshot:
    """One reading of all models.

    Args:
        adapter: The Keras generation.
        recorder: What was recorded while the file ran.
        namespace: The file's module-level names, for the names its models go by.
    """

    def __init__(self, adapter: Adapter, recorder: Recorder, namespace: dict[str, Any]) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._variables = {
            id(value): name
            for name, value in reversed(list(namespace.items()))
            # type(), not isinstance(): proxies in the file's namespace may answer for __class__ with an exception.
            if issubclass(type(value), adapter.model_class) and not name.startswith("_")
        }
        self._held_by: dict[int, list[LayerRecord]] = {}
        for record in list(recorder.layers.values()):
            if record.held_by is not None and record.owner == "user":
                self._held_by.setdefault(record.held_by, []).append(record)
        self._live_nodes: set[int] = set()
        self._in_models: set[int] = set()
        self._in_graphs: set[int] = set()
        self._taken: set[int] = set()

    def read(self) -> dict[str, Any]:
        """Models with their layers, the user's layers with what happened to them, and the calls between them."""
        models = [self._model(record) for record in self._models()]
        self._mark_graphs()
        layers = [self._layer_facts(record) for record in self._recorder.user_layers()]
        return {
            "models": models,
            "layers": layers,
            "calls": [self._call_facts(record) for record in list(self._recorder.nodes.values()) if record.direct],
            "skipped": self._recorder.skipped,
        }

    def _mark_graphs(self) -> None:
        """Note what stands in any functional graph at all: `backend.function` and the like make models of their own."""
        for record in list(self._recorder.layers.values()):
            layer = record.layer
            graph = self._adapter.graph(layer) if isinstance(layer, self._adapter.model_class) else None
            self._mark_graph(graph)
        for function in list(self._recorder.functions):
            self._mark_graph(function)

    def _mark_graph(self, graph: Any) -> None:
        for node in self._adapter.nodes(graph) if graph is not None else ():
            self._live_nodes.add(id(node))
            self._in_graphs.add(id(self._adapter.operation(node)))
        if graph is not None:
            self._taken.update(id(tensor) for tensor in self._adapter.graph_inputs(graph))

    def _gives_an_input(self, layer: Any) -> bool:
        """Whether a model takes the very tensor of an Input, though by an InputLayer of its own (`clone_model`)."""
        if not self._adapter.is_input(layer):
            return False
        nodes = getattr(layer, "_inbound_nodes", ())
        return any(id(tensor) in self._taken for node in nodes for tensor in self._adapter.output_tensors(node))

    # ------------------------------------------------------------------ models

    def _models(self) -> list[LayerRecord]:
        """Models the user's code asked for, directly or through a library; not what Keras makes inside a Sequential."""
        found = []
        for record in list(self._recorder.layers.values()):
            if not isinstance(record.layer, self._adapter.model_class):
                continue
            if not self._adapter.begun(record.layer):
                continue
            if self._failed(record.layer):
                continue
            if record.owner in ("keras", "probe") and not self._asked_for(record):
                continue
            found.append(record)
        return found

    def _failed(self, model: Any) -> bool:
        """Whether `Model(inputs, outputs)` has raised: what is left of it is no model."""
        functional = isinstance(model, self._adapter.functional_class)
        sequential = isinstance(model, self._adapter.sequential_class)
        return functional and not sequential and self._adapter.graph(model) is None

    def _asked_for(self, record: LayerRecord) -> bool:
        # clone_model, model_from_json and the like return a model; Sequential's inner graph stays inside.
        return record.place is not None and record.maker in (
            "clone_model",
            "_clone_functional_model",
            "_clone_sequential_model",
            "from_config",
            "functional_from_config",
            "deserialize_keras_object",
        )

    def _model(self, record: LayerRecord) -> dict[str, Any]:
        model = record.layer
        graph = self._adapter.graph(model)
        counts = self._counts(model)
        built = graph is not None or (
            self._adapter.built(model) and bool((counts and counts[0]) or self._called(model))
        )
        rows: list[dict[str, Any]] = []
        self._rows(model, None, rows, 0, set())
        return {
            **self._recorder.facts(record),
            "variable": self._variables.get(id(model)),
            "built": built,
            "counts": counts if built else None,
            "sequential": isinstance(model, self._adapter.sequential_class),
            "graph": graph is not None,
            "compiled": self._compiled(model),
            "build": self._build(model),
            "inputs": self._inputs(model, graph),
            "outputs": self._outputs(graph),
            "layers": rows,
        }

    def _build(self, model: Any) -> dict[str, Any] | None:
        """The `build(shape)` call of the file's own."""
        build = self._recorder.builds.get(self._recorder.uid(model))
        return None if build is None else {"shape": build.shape, "place": build.place}

    def _called(self, model: Any) -> bool:
        record = self._recorder.record_of(model)
        return record is not None and record.called > 0

    def _compiled(self, model: Any) -> bool:
        if getattr(model, "compiled", False) or getattr(model, "_is_compiled", False):
            return True
        uid = self._recorder.uid(model)
        return any(call["model"] == uid for call in self._recorder.skipped)

    def _inputs(self, model: Any, graph: Any) -> list[dict[str, Any]]:
        """The InputLayers a model stands on, with who made them: their place is the line that fixed the input shape."""
        inputs = []
        # A Sequential that could not be built has its InputLayer all the same.
        operations = self._adapter.operations(graph) if graph is not None else self._adapter.own_layers(model)
        for operation in operations:
            if not self._adapter.is_input(operation):
                continue
            record = self._recorder.record_of(operation)
            inputs.append(
                {
                    "uid": self._recorder.uid(operation),
                    "place": record and record.place,
                    "explicit": record is not None and record.owner == "user",
                    "maker": record.maker if record else "",
                }
            )
        return inputs

    def _outputs(self, graph: Any) -> list[int]:
        """The layers and operations whose outputs are a model's."""
        if graph is None:
            return []
        return [self._recorder.uid(tensor._keras_history[0]) for tensor in self._adapter.graph_outputs(graph)]

    # ------------------------------------------------------------------ rows

    def _rows(self, owner: Any, parent: int | None, rows: list[dict[str, Any]], depth: int, seen: set[int]) -> None:
        """Append one row per layer of `owner` (a model, or a layer that holds the user's layers), nested ones after."""
        if depth > MAX_DEPTH or id(owner) in seen:
            return
        seen = seen | {id(owner)}
        graph = self._adapter.graph(owner) if isinstance(owner, self._adapter.model_class) else None
        if graph is not None:
            items = self._adapter.operations(graph)
            by_operation: dict[int, list[Any]] = {}
            for node in self._adapter.nodes(graph):
                by_operation.setdefault(id(self._adapter.operation(node)), []).append(node)
        else:
            items, by_operation = self._in_call_order(owner), {}
        previous: int | None = None
        for item in items:
            self._in_models.add(id(item))
            if self._hidden_input(owner, item):
                continue
            if self._adapter.is_metric(item) or (graph is None and self._internal(owner, item)):
                continue
            row = self._row(item, parent, by_operation.get(id(item), []))
            if graph is None:
                self._fill_from_calls(owner, item, row, previous)
                previous = row["uid"]
            rows.append(row)
            first = len(rows)
            self._nested(item, row["uid"], rows, depth, seen)
            self._wrapped(item, row["uid"], rows, {inner["uid"] for inner in rows[first:]})

    def _in_call_order(self, owner: Any) -> list[Any]:
        """The layers a model or layer holds, in the order it called them; those it never called come last."""
        items = self._adapter.own_layers(owner)
        if isinstance(owner, self._adapter.sequential_class):
            return items

        def first_call(item: Any) -> float:
            record = self._recorder.record_of(item)
            return record.calls[0].number if record is not None and record.calls else math.inf

        return sorted(items, key=first_call)

    def _hidden_input(self, model: Any, item: Any) -> bool:
        """Whether an InputLayer is one that a Sequential made for itself."""
        if not isinstance(model, self._adapter.sequential_class) or not self._adapter.is_input(item):
            return False
        record = self._recorder.record_of(item)
        return record is None or record.owner != "user"

    def _internal(self, owner: Any, item: Any) -> bool:
        """Whether a layer inside another one is Keras's own business (a cell, a clone, an attention projection)."""
        if isinstance(owner, self._adapter.model_class):
            return False
        record = self._recorder.record_of(item)
        return record is None or record.owner == "keras"

    def _nested(self, item: Any, uid: int, rows: list[dict[str, Any]], depth: int, seen: set[int]) -> None:
        if not isinstance(item, self._adapter.layer_class) or self._adapter.is_input(item):
            return
        self._rows(item, uid, rows, depth + 1, seen)

    def _wrapped(self, item: Any, uid: int, rows: list[dict[str, Any]], shown: set[int]) -> None:
        """Append rows for the author's own layers that a wrapper has rebuilt, where they declare something."""
        for record in self._held_by.get(uid, ()):
            if record.uid in shown or isinstance(record.layer, self._adapter.model_class):
                continue
            row = self._row(record.layer, uid, [])
            if row["declared"] is not None:
                self._in_models.add(id(record.layer))
                rows.append(row)

    def _row(self, item: Any, parent: int | None, nodes: list[Any]) -> dict[str, Any]:
        record = self._recorder.record_of(item)
        facts = self._recorder.facts(record) if record else self._bare_facts(item)
        inputs, outputs, inbound, call_place = [], [], [], None
        firsts = []
        for node in nodes:
            shapes = self._adapter.input_shapes(node)
            firsts.extend(shapes[:1])
            inputs.extend(shapes)
            outputs.extend(self._adapter.output_shapes(node))
            for tensor_parent in self._adapter.parents(node):
                source = self._recorder.uid(self._adapter.operation(tensor_parent))
                if source not in inbound:
                    inbound.append(source)
            node_record = self._recorder.nodes.get(id(node))
            if node_record is not None and node_record.direct:
                call_place = call_place or node_record.place
        if nodes and self._adapter.is_input(item) and not inputs:
            inputs = list(outputs)
        return {
            **facts,
            "parent": parent,
            "inbound": inbound,
            "effective": inputs if nodes else None,
            "firsts": firsts,
            "output": outputs if nodes else None,
            "counts": self._counts(item),
            "call_place": call_place,
            "built_for": self._built_for(item),
            "held": record is not None and record.held,
            "held_by": record and record.held_by,
        }

    def _fill_from_calls(self, owner: Any, item: Any, row: dict[str, Any], previous: int | None) -> None:
        """A layer outside any functional graph: its shapes are those of the calls seen while its owner ran."""
        record = self._recorder.record_of(item)
        if record is not None and record.calls:
            row["effective"] = [shape for call in record.calls for shape in call.inputs]
            row["firsts"] = [call.inputs[0] for call in record.calls if call.inputs]
            row["output"] = [shape for call in record.calls for shape in call.outputs]
            row["inbound"] = list(dict.fromkeys(uid for call in record.calls for uid in call.sources))
        elif row["is_model"] and (graph := self._adapter.graph(item)) is not None:
            # A model inside a subclassed one that was not called there: its own inputs are what it takes.
            row["effective"] = [describe.shape_of(tensor) for tensor in self._adapter.graph_inputs(graph)]
            row["output"] = [describe.shape_of(tensor) for tensor in self._adapter.graph_outputs(graph)]
        if isinstance(owner, self._adapter.sequential_class) and previous is not None:
            row["inbound"] = [previous]

    def _counts(self, layer: Any) -> tuple[int, int] | None:
        try:
            return self._adapter.counts(layer)
        except Exception:
            # A `weights` or `count_params` of the user's own that fails: the count is unknown, the rest is not.
            return None

    def _built_for(self, layer: Any) -> list[Any] | None:
        return self._adapter.build_shapes(layer) if isinstance(layer, self._adapter.layer_class) else None

    def _bare_facts(self, item: Any) -> dict[str, Any]:
        """Facts of an operation that is no layer (`x + y`, `keras.ops`): Keras made it for the user's call."""
        return {
            "uid": self._recorder.uid(item),
            "name": str(getattr(item, "name", type(item).__name__)),
            "class_name": type(item).__name__,
            "owner": "keras",
            "maker": "",
            "place": None,
            "arguments": [],
            "declared": None,
            "is_input": False,
            "is_model": False,
            "calls": [],
            "called": 0,
        }

    # ------------------------------------------------------------------ beside the models

    def _layer_facts(self, record: LayerRecord) -> dict[str, Any]:
        layer = record.layer
        return {
            **self._recorder.facts(record),
            "in_model": id(layer) in self._in_models,
            "in_graph": id(layer) in self._in_graphs or self._gives_an_input(layer),
            "held": record.held or self._held_by_another(layer),
            "held_by": record.held_by,
            "built": self._adapter.built(layer),
            "built_for": self._built_for(layer),
            "counts": self._counts(layer),
        }

    def _held_by_another(self, layer: Any) -> bool:
        if not hasattr(self, "_holdings"):
            self._holdings = {
                id(inner)
                for record in list(self._recorder.layers.values())
                for inner in self._holdings_of(record.layer)
                if inner is not record.layer
            }
        return id(layer) in self._holdings

    def _holdings_of(self, layer: Any) -> list[Any]:
        try:
            return self._adapter.own_layers(layer)
        except (AttributeError, TypeError):
            # A layer whose __init__ failed half way holds nothing that can be asked for.
            return []

    def _call_facts(self, record: NodeRecord) -> dict[str, Any]:
        node = record.node
        return {
            "node": id(node),
            "uid": self._recorder.uid(self._adapter.operation(node)),
            "sequence": record.sequence,
            "place": record.place,
            "parents": [id(parent) for parent in self._adapter.parents(node)],
            "parent_uids": [self._recorder.uid(self._adapter.operation(p)) for p in self._adapter.parents(node)],
            "inputs": self._adapter.input_shapes(node),
            "outputs": self._adapter.output_shapes(node),
            "live": id(node) in self._live_nodes,
        }
