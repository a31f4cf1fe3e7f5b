"""A model's config and the shapes that follow from it -> the graph."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kerascope.graph import (
    Connection,
    Layer,
    Model,
    Params,
    Provenance,
    Verdict,
    agrees,
    clean_line,
    format_shape,
    judge_declaration,
)
from kerascope.readers.saved._config_text import config_arguments
from kerascope.readers.saved._declared import Declares, declaration_of, implicit_input
from kerascope.shapes import Call, ModelShapes, Tensor, as_inputs, infer_model, refs_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kerascope.configs import LayerConfig, ModelConfig
    from kerascope.graph import Shape
    from kerascope.shapes import CallShapes, LayerShapes, WeightSpec

__all__ = ["Built", "build_model"]

_ID = "file:"
"""What the ids of a file's rows begin with; the number behind it is the `uid`: every row is a layer of its own."""


@dataclass(frozen=True, slots=True)
class Built:
    """A model of a file as the graph shows it.

    Attributes:
        model: The model.
        differing: What the file states and what follows from its config, where these cannot both be: layer name, stated
            and inferred shapes.
        invalid: Layers that Keras would refuse to call: name and reason.
        weights: By layer name the weights that the layer makes, in their order, where that is known.
    """

    model: Model
    differing: tuple[tuple[str, tuple[Shape, ...], tuple[Shape, ...]], ...] = ()
    invalid: tuple[tuple[str, str], ...] = ()
    weights: Mapping[str, tuple[WeightSpec, ...]] = field(default_factory=dict)


def build_model(
    config: ModelConfig, declares: Declares, given: Sequence[tuple[str | None, Shape, str | None]] = ()
) -> Built:
    """The graph of a model that a file describes.

    Args:
        config: The model, as its config describes it.
        declares: What the file's format keeps of declarations.
        given: Input shapes given by hand, for a model that the file gives none: name, shape and dtype.

    Returns:
        The model with its layers in the order of the file, nested ones behind the layer that holds them.
    """
    shapes = infer_model(config)
    by_hand = None
    if shapes.inputs is None and given and config.kind == "sequential":
        by_hand = f"the given input {', '.join(format_shape(shape) for _, shape, _ in given)}"
        shapes = infer_model(config, Call((as_inputs(Tensor(shape, dtype) for _, shape, dtype in given),)))
    builder = _Builder(declares)
    builder.rows(config, shapes, None, frozen=False)
    weights = shapes.weights
    known = any(layer.effective is not None for layer in builder.layers)
    # What is code gives no input shape to a file, but its layers were built for something.
    built = known and (shapes.inputs is not None or config.kind == "subclassed")
    unknown = None if built else _why_not_built(config, shapes)
    model = Model(
        name=clean_line(config.name) or config.class_name.lower(),
        class_name=clean_line(config.class_name),
        built=built,
        layers=tuple(builder.layers),
        params=None if weights is None or not built else _params(weights),
        uid=0,
        unknown=unknown,
        shaped_by=by_hand or builder.shaped_by,
    )
    return Built(model, tuple(builder.differing), tuple(builder.invalid), builder.weights)


def _why_not_built(config: ModelConfig, shapes: ModelShapes) -> str:
    if not config.layers:
        if config.kind == "subclassed":
            return f"what {clean_line(config.class_name)} does in its call is code, and that is not in the file"
        return "the model is not built: it has no layers"
    return f"the model is not built: {shapes.unknown or 'nothing in the file tells the shape of its input'}"


@dataclass(slots=True)
class _Builder:
    """Makes the rows of one file, of all models in one another."""

    declares: Declares
    layers: list[Layer] = field(default_factory=list)
    differing: list[tuple[str, tuple[Shape, ...], tuple[Shape, ...]]] = field(default_factory=list)
    invalid: list[tuple[str, str]] = field(default_factory=list)
    weights: dict[str, tuple[WeightSpec, ...]] = field(default_factory=dict)
    shaped_by: str | None = None
    count: int = 0

    def rows(self, model: ModelConfig, shapes: ModelShapes, parent: str | None, *, frozen: bool) -> None:
        """The rows of a model's layers."""
        hidden = implicit_input(model)
        shown = [each for each in shapes.layers if each.layer is not hidden]
        ids: dict[str, str] = {}
        for each in shown:
            ids.setdefault(each.layer.name, self._next_id())
        if hidden is not None and shown and declaration_of(shown[0].layer, self.declares, first=True) is None:
            # Made when the model was built or first called, not by a declaration.
            self.shaped_by = "the input that it was saved with" if parent is None else self.shaped_by
        used = _used_layers(model) if model.kind == "functional" else None
        lost = used is not None and _lost_edges(model)
        decider = self._decider(model, shown, ids)
        taken: set[str] = set()
        for number, each in enumerate(shown):
            name = each.layer.name
            row_id = ids[name] if name not in taken else self._next_id()
            taken.add(name)
            inbound = tuple(
                ids[source] for call in each.calls for source in call.sources if source in ids and ids[source] != row_id
            )
            row = self._row(
                each,
                row_id,
                parent,
                first=number == 0,
                sequential=model.kind == "sequential",
                inbound=tuple(dict.fromkeys(inbound)),
                decided_by=decider,
                connection=self._connection(each, model, used, lost=lost),
            )
            self._add(each, row, frozen=frozen)

    def _next_id(self) -> str:
        self.count += 1
        return f"{_ID}{self.count}"

    def _add(self, each: LayerShapes, row: Layer, *, frozen: bool) -> None:
        frozen = frozen or each.layer.config.get("trainable") is False
        if frozen and row.params is not None:
            row = replace(row, trainable_params=0)
        self.layers.append(row)
        if each.weights and each.layer.model is None:
            self.weights.setdefault(row.name, each.weights)
        if each.layer.model is not None:
            self.rows(each.layer.model, ModelShapes(each.inside, None, None), row.id, frozen=frozen)
            return
        for number, inner in enumerate(each.inside):
            inner_row = self._row(inner, self._next_id(), row.id, first=False, sequential=False)
            # A wrapper makes the second of two layers from the first one's config: that was written once.
            copied = (
                number > 0 and each.layer.class_name == "Bidirectional" and "backward_layer" not in each.layer.config
            )
            inner_row = _judged_inside(replace(inner_row, wrapper=row.name), row, copied=copied)
            self._add(inner, inner_row, frozen=frozen)

    def _row(
        self,
        each: LayerShapes,
        row_id: str,
        parent: str | None,
        *,
        first: bool,
        sequential: bool,
        inbound: tuple[str, ...] = (),
        decided_by: str | None = None,
        connection: Connection | None = None,
    ) -> Layer:
        layer = each.layer
        calls = each.calls
        effective = _joined(call.inputs for call in calls)
        output = _joined(call.outputs for call in calls)
        is_input = layer.class_name == "InputLayer"
        declared = declaration_of(layer, self.declares, first=first and sequential)
        asked = [shape for call in calls for shape in call.first] or effective
        decides = declared is not None and (
            (is_input and (first or not sequential)) or (first and sequential and effective is not None)
        )
        verdict = judge_declaration(declared, asked, decides=decides)
        if verdict is Verdict.REDUNDANT and declared is not None and self.declares.fills_in:
            declared = verdict = None  # Keras of those years wrote what a layer was built for where declarations stand
        reasons = [call.unknown for call in calls if call.unknown is not None]
        self._note(each)
        return Layer(
            id=row_id,
            uid=int(row_id.removeprefix(_ID)),
            name=clean_line(layer.name) or clean_line(layer.class_name).lower(),
            class_name=clean_line(layer.class_name),
            parent=parent,
            inbound=inbound,
            declared=declared,
            effective=effective,
            output=output,
            provenance=_provenance(calls, effective),
            unknown=clean_line(reasons[0]) if reasons and (effective is None or output is None) else None,
            verdict=verdict,
            decided_by=decided_by,
            connection=connection,
            params=None if each.weights is None else sum(weight.count for weight in each.weights),
            trainable_params=None
            if each.weights is None
            else sum(weight.count for weight in each.weights if weight.trainable),
            arguments=config_arguments(layer),
            is_input=is_input,
            is_model=layer.model is not None,
            failure=clean_line(next(call.unknown for call in calls if call.invalid) or "")
            if any(call.invalid for call in calls)
            else None,
        )

    def _note(self, each: LayerShapes) -> None:
        """Take along what Keras would refuse of a layer's calls, and what the file states of them otherwise."""
        name = clean_line(each.layer.name)
        for call in each.calls:
            if call.invalid and call.unknown is not None:
                self.invalid.append((name, clean_line(call.unknown)))
            if call.differs is not None and call.inputs is not None:
                both = (call.inputs, call.differs) if call.stated else (call.differs, call.inputs)
                self.differing.append((name, *both))

    def _decider(self, model: ModelConfig, shown: Sequence[LayerShapes], ids: Mapping[str, str]) -> str | None:
        """The row whose declaration made the model's input, where it is one."""
        if model.kind == "sequential" and shown:
            first = shown[0].layer
            if declaration_of(first, self.declares, first=True) is not None:
                return ids[first.name]
        inputs = [each for each in shown if each.layer.class_name == "InputLayer"]
        return ids[inputs[0].layer.name] if model.kind == "functional" and len(inputs) == 1 else None

    def _connection(
        self, each: LayerShapes, model: ModelConfig, used: frozenset[str] | None, *, lost: bool
    ) -> Connection | None:
        if used is None:
            return Connection.CONNECTED if model.kind == "sequential" else None
        if each.layer.name in used:
            return Connection.CONNECTED
        if lost:
            return None
        if each.layer.class_name == "InputLayer":
            return Connection.UNUSED_INPUT
        return Connection.DEAD_BRANCH if each.layer.calls else Connection.UNCONNECTED


def _judged_inside(row: Layer, wrapper: Layer, *, copied: bool) -> Layer:
    """A layer inside a wrapper, where nobody looks at what it declares, the shape of one step or of the whole."""
    if row.declared is None:
        return row
    if copied:
        return replace(row, declared=None, verdict=None)
    shape, seen = row.declared.shape, [*(row.effective or ()), *(wrapper.effective or ())]
    if shape is None or not seen:
        return replace(row, verdict=Verdict.UNDECIDED)
    same = any(agrees(shape, each) for each in seen)
    return replace(row, verdict=Verdict.REDUNDANT if same else Verdict.DISCARDED)


_EFFECTS = ("AddLoss", "AddMetric")
"""Layers by which Keras 2 keeps what `add_loss` and `add_metric` of a model were given: they lead to no output."""


def _lost_edges(model: ModelConfig) -> bool:
    """Whether calls are in the file without what they take, so that a layer may well lead to an output.

    Keras 2 writes no operands of `x == y`, `tf.einsum` and `tf.meshgrid` (tf-keras 2.21).
    """
    return any(
        layer.class_name != "InputLayer" and next(iter(refs_in((call.args, dict(call.kwargs)))), None) is None
        for layer in model.layers
        for call in layer.calls
    )


def _used_layers(model: ModelConfig) -> frozenset[str]:
    """The layers that lead to an output of a functional model, or to a loss or metric of its own."""
    by_name: dict[str, LayerConfig] = {}
    for layer in model.layers:
        by_name.setdefault(layer.name, layer)
    waiting = [ref.layer for ref in refs_in(model.outputs)]
    waiting += [layer.name for layer in model.layers if layer.class_name in _EFFECTS]
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in used or name not in by_name:
            continue
        used.add(name)
        for call in by_name[name].calls:
            waiting += [ref.layer for ref in refs_in((call.args, dict(call.kwargs)))]
    return frozenset(used)


def _joined(shapes: Iterable[tuple[Shape, ...] | None]) -> tuple[Shape, ...] | None:
    """The shapes of all calls; `None` where not even one is known."""
    known = [each for each in shapes if each is not None]
    return tuple(shape for each in known for shape in each) if known else None


def _provenance(calls: Sequence[CallShapes], effective: tuple[Shape, ...] | None) -> Provenance | None:
    if effective is None:
        return None
    known = [call for call in calls if call.inputs is not None]
    return Provenance.FILE if all(call.stated for call in known) else Provenance.INFERRED


def _params(weights: Sequence[WeightSpec]) -> Params:
    total = sum(weight.count for weight in weights)
    trainable = sum(weight.count for weight in weights if weight.trainable)
    return Params(total=total, trainable=trainable, non_trainable=total - trainable)
