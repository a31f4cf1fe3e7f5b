"""Shapes of whole models: a config's layers called one after the other, as its graph says."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kerascope.shapes._calls import CallShapes, LayerShapes, ModelShapes, as_shape, meet, stated_inputs
from kerascope.shapes._functional import Functional
from kerascope.shapes._registry import infer
from kerascope.shapes._types import Call, Invalid, Result, Tensor, Unknown, WeightSpec, as_inputs, flatten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.configs import LayerConfig, ModelConfig, Structure
    from kerascope.graph import Shape
    from kerascope.shapes._types import Inner

__all__ = ["infer_model"]

MAX_CALLS = 30_000
"""Calls of layers that are followed in one file, and tensors that they give out beyond one each: a model of 10,000
layers inside another one needs 20,000 (on its own input and on the other's tensors), in two seconds; models in models
that call each other twice need 2 to the power of their depth."""

NO_INPUT = "nothing in the file tells the shape of its input"


def infer_model(model: ModelConfig, call: Call | None = None) -> ModelShapes:
    """Follow the shapes through a model, from its inputs on.

    What the file states about a call goes before what our rules say; where both are known and differ, both are told.

    Args:
        model: The model, as its config describes it.
        call: What it is called on; `None` is what its own inputs declare.

    Returns:
        Shapes and weights of every layer, with the reason wherever something is unknown. Never raises.
    """
    return _Walk().model(model, call)


@dataclass(slots=True)
class _Walk:
    """One file: the calls that were followed so far, and what they gave.

    Attributes:
        calls: How many there were.
        seen: What came of each model on each input, `None` for its own.
        kept: The models in `seen` by their identity, held so that no later one gets the identity of one that is gone.
    """

    calls: int = 0
    seen: dict[tuple[int, object], ModelShapes] = field(default_factory=dict)
    kept: dict[int, ModelConfig] = field(default_factory=dict)

    def model(self, model: ModelConfig, call: Call | None) -> ModelShapes:
        """Shapes of a model as it was defined, or as it is called on other tensors."""
        try:
            if model.kind == "functional":
                return Functional(self, model, call).shapes()
            if model.kind == "sequential":
                return self._sequential(model, call)
        except RecursionError:
            return _nothing(model, "its models are nested too deeply to be followed")
        return self._subclassed(model, f"what {model.class_name} does in its call is code, and that is not in the file")

    def called(self, layer: LayerConfig, call: Call) -> Result:
        """One call of a layer, which may be a model.

        Raises:
            Unknown: The shapes cannot be told.
        """
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise Unknown(f"more than {MAX_CALLS:,} calls of layers would have to be followed")
        if layer.model is None:
            try:
                result = infer(layer, call, self.called)
            except RecursionError:
                raise Unknown("its layers are nested too deeply to be followed") from None
            self.calls += max(len(result.outputs) - 1, 0)
            return result
        shapes = self._seen(layer.model, call)
        if shapes.output is None:
            raise Unknown(shapes.unknown or f"what {layer.name} gives out is unknown")
        weights = shapes.weights
        if weights is not None and layer.config.get("trainable") is False:
            weights = _frozen(weights)
        return Result(shapes.output, weights)

    def _seen(self, model: ModelConfig, call: Call | None) -> ModelShapes:
        """Shapes of a model inside another one, followed once for each kind of input."""
        on: object = None
        if call is not None:
            on = (call.tensors, tuple(call.first) if isinstance(call.first, Mapping) else None)
        key = (id(model), on)
        if key not in self.seen:
            self.kept[id(model)] = model
            self.seen[key] = self.model(model, call)
        return self.seen[key]

    def _subclassed(self, model: ModelConfig, why: str) -> ModelShapes:
        """The layers of a model whose connections are code: known is what the file says they were built for."""
        rows = []
        for layer in model.layers:
            stated = stated_inputs(layer)
            if stated is None:
                rows.append(LayerShapes(layer, (CallShapes(None, None, unknown=why),), None, self.inside(layer, ())))
                continue
            row, _ = self.row(layer, Call((as_inputs(map(Tensor, stated)),)), stated, stated=True)
            rows.append(row)
        return ModelShapes(tuple(rows), None, None, why)

    def _sequential(self, model: ModelConfig, call: Call | None) -> ModelShapes:
        current: Structure | None = call.first if call is not None else self._beginning(model)
        unknown = None if current is not None else NO_INPUT
        taken = tuple(flatten(current)) if current is not None else None
        rows = []
        before: tuple[str, ...] = ()
        for number, layer in enumerate(model.layers):
            if layer.class_name == "InputLayer" and number == 0:
                own = tuple(flatten(current)) if current is not None else ()
                shapes = tuple(tensor.shape for tensor in own) or None
                rows.append(
                    LayerShapes(layer, (CallShapes(shapes, shapes, stated=call is None, first=shapes or ()),), ())
                )
                before = (layer.name,)
                continue
            stated = stated_inputs(layer) if call is None else None
            row, current = self._next(layer, current, stated, unknown, before)
            if current is None:
                unknown = f"it takes the output of {layer.name}, which is unknown"
            rows.append(row)
            before = (layer.name,)
        if taken is None:
            unknown = NO_INPUT
        return ModelShapes(tuple(rows), taken, current, unknown if current is None else None)

    def _beginning(self, model: ModelConfig) -> Structure | None:
        """What a Sequential takes: what its first layer declares or, being a model, takes; else how it was built."""
        if model.layers:
            first = model.layers[0]
            if first.class_name == "InputLayer":
                with contextlib.suppress(Unknown):  # an InputLayer without a shape decides nothing
                    return infer(first, Call()).output
            elif first.model is not None:
                taken = self._seen(first.model, None).inputs
                if taken:
                    return as_inputs(taken)
            elif first.generation < 3 and (declared := as_shape(first.config.get("batch_input_shape"))) is not None:
                return Tensor(declared)
        built = as_shape(model.build)
        return None if built is None else Tensor(built)

    def _next(
        self,
        layer: LayerConfig,
        current: Structure | None,
        stated: tuple[Shape, ...] | None,
        unknown: str | None,
        sources: tuple[str, ...],
    ) -> tuple[LayerShapes, Structure | None]:
        """A layer of a Sequential, called on what the layer before it gives, and what it gives itself."""
        inferred = None if current is None else tuple(tensor.shape for tensor in flatten(current))
        differs = None
        by_file = stated is not None and (inferred is None or meet(stated, inferred))
        if stated is not None and inferred is not None and not by_file:
            # What a layer was built for once may be another call's: a shared layer has been called on something else.
            differs = stated
        if current is None and stated is not None:
            current = as_inputs(map(Tensor, stated))
        if current is None:
            return LayerShapes(
                layer, (CallShapes(None, None, unknown=unknown, sources=sources),), self.unbuilt(layer)
            ), None
        shapes = tuple(tensor.shape for tensor in flatten(current))
        return self.row(layer, Call((current,)), shapes, stated=by_file, differs=differs, sources=sources)

    def row(
        self,
        layer: LayerConfig,
        call: Call,
        inputs: tuple[Shape, ...],
        *,
        stated: bool,
        differs: tuple[Shape, ...] | None = None,
        sources: tuple[str, ...] = (),
    ) -> tuple[LayerShapes, Structure | None]:
        """A layer with one call whose inputs are known, and what that gives."""
        first = tuple(tensor.shape for tensor in flatten(call.first))
        try:
            result = self.called(layer, call)
        except Unknown as error:
            shapes = CallShapes(
                inputs,
                None,
                stated,
                unknown=str(error),
                invalid=isinstance(error, Invalid),
                differs=differs,
                first=first,
                sources=sources,
            )
            return LayerShapes(layer, (shapes,), None, self.inside(layer, ())), None
        outputs = tuple(tensor.shape for tensor in result.outputs)
        shapes = CallShapes(inputs, outputs, stated, differs=differs, first=first, sources=sources)
        return LayerShapes(layer, (shapes,), result.weights, self.inside(layer, result.inner)), result.output

    def inside(self, layer: LayerConfig, inner: Sequence[Inner]) -> tuple[LayerShapes, ...]:
        """The layers that a model, or a wrapper, holds."""
        if layer.model is not None:
            return self._seen(layer.model, None).layers
        return tuple(self._inner(each) for each in inner)

    def _inner(self, each: Inner) -> LayerShapes:
        inputs = tuple(tensor.shape for tensor in each.call.tensors)
        first = tuple(tensor.shape for tensor in flatten(each.call.first))
        if each.result is None:
            shapes = CallShapes(inputs or None, None, unknown=each.unknown, first=first)
            return LayerShapes(each.layer, (shapes,), None, self.inside(each.layer, ()))
        outputs = tuple(tensor.shape for tensor in each.result.outputs)
        shapes = CallShapes(inputs, outputs, first=first)
        return LayerShapes(each.layer, (shapes,), each.result.weights, self.inside(each.layer, each.result.inner))

    def unbuilt(self, layer: LayerConfig) -> tuple[WeightSpec, ...] | None:
        """The weights of a layer that nothing tells the input of: known only of a model that has its own."""
        return self._seen(layer.model, None).weights if layer.model is not None else None


def _frozen(weights: Sequence[WeightSpec]) -> tuple[WeightSpec, ...]:
    return tuple(WeightSpec(weight.name, weight.shape, trainable=False) for weight in weights)


def _nothing(model: ModelConfig, why: str) -> ModelShapes:
    rows = tuple(LayerShapes(layer, (CallShapes(None, None, unknown=why),), None) for layer in model.layers)
    return ModelShapes(rows, None, None, why)
