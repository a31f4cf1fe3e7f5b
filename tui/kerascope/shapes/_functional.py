"""Shapes of a functional model: its calls, each as soon as what it takes is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kerascope.configs import TensorRef
from kerascope.shapes._calls import CallShapes, LayerShapes, ModelShapes, meet, refs_in, stated_inputs
from kerascope.shapes._registry import infer
from kerascope.shapes._types import Call, Tensor, Unknown, WeightSpec, flatten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerascope.configs import LayerConfig, ModelConfig, Structure
    from kerascope.graph import Shape
    from kerascope.shapes._types import Inner

__all__ = ["Functional"]


class Walk(Protocol):
    """What goes through all models of a file."""

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
        ...

    def inside(self, layer: LayerConfig, inner: Sequence[Inner]) -> tuple[LayerShapes, ...]:
        """The layers that a model, or a wrapper, holds."""
        ...

    def unbuilt(self, layer: LayerConfig) -> tuple[WeightSpec, ...] | None:
        """The weights of a layer that nothing tells the input of."""
        ...


class Functional:
    """One functional model, called layer by layer as soon as what a call takes is known."""

    def __init__(self, walk: Walk, model: ModelConfig, call: Call | None) -> None:
        self._walk = walk
        self._model = model
        self._given = call
        self._tensors: dict[tuple[str, int], list[Tensor | None]] = {}
        self._stated: dict[tuple[str, int, int], Tensor] = {}
        self._reasons: dict[tuple[str, int], str] = {}
        self._rows: dict[int, dict[int, CallShapes]] = {number: {} for number in range(len(model.layers))}
        self._weights: dict[int, tuple[WeightSpec, ...] | None] = {}
        self._inside: dict[int, tuple[LayerShapes, ...]] = {}
        # What each call takes: asked for more than once, and there may be 10,000 of them.
        self._refs = {
            (number, at): refs_in((call.args, call.kwargs))
            for number, layer in enumerate(model.layers)
            for at, call in enumerate(layer.calls)
        }
        self._names = frozenset(layer.name for layer in model.layers)

    def shapes(self) -> ModelShapes:
        """Follow all calls and tell what came of them."""
        layers = self._model.layers
        if self._given is None:
            for refs in self._refs.values():
                for ref in refs:
                    if ref.shape is not None:
                        self._stated.setdefault((ref.layer, ref.call, ref.output), Tensor(ref.shape, ref.dtype))
        mismatch = self._begin()
        for number, at in self._ordered(list(self._refs)):
            self._follow(number, at)
        rows = tuple(self._row(number, layer) for number, layer in enumerate(layers))
        inputs = [self._tensor(ref) for ref in refs_in(self._model.inputs)]
        known = tuple(tensor for tensor in inputs if tensor is not None)
        reason = [] if mismatch is None else [mismatch]
        output = self._resolved(self._model.outputs, reason)
        if not reason and not refs_in(self._model.outputs):
            reason.append("the file names no outputs of the model")
        return ModelShapes(
            rows,
            known if len(known) == len(inputs) else None,
            None if reason else output,
            reason[0] if reason else None,
        )

    def _taken(self, call: Call) -> dict[str, Tensor]:
        """The tensors that a call gives to the inputs, by name.

        Raises:
            Unknown: They are fewer or more than the inputs, so that which is which cannot be told.
        """
        names = [ref.layer for ref in refs_in(self._model.inputs)]
        first = call.first
        if isinstance(first, Mapping) and names and set(names) <= set(first):
            tensors = [tensor for name in names if isinstance(tensor := first[name], Tensor)]
        else:
            tensors = list(flatten(first))
        if len(tensors) != len(names):
            raise Unknown(
                f"it is called on another number of tensors ({len(tensors)}) than it has inputs ({len(names)})"
            )
        return dict(zip(names, tensors, strict=True))

    def _begin(self) -> str | None:
        """Give the inputs their tensors: those of the call, else what the InputLayers declare.

        Returns:
            Why the call gives them none, where that is so.
        """
        given: dict[str, Tensor] = {}
        why = None
        if self._given is not None:
            try:
                given = self._taken(self._given)
            except Unknown as error:
                why = str(error)
        for number, layer in enumerate(self._model.layers):
            if layer.class_name != "InputLayer":
                continue
            tensor = given.get(layer.name)
            if why is not None:
                self._reasons[layer.name, 0] = why
            elif tensor is None:
                try:
                    tensor = infer(layer, Call()).outputs[0]
                except Unknown as error:
                    self._reasons[layer.name, 0] = f"the shape of the input {layer.name} cannot be read: {error}"
            self._weights[number] = ()
            if tensor is not None:
                self._tensors[layer.name, 0] = [tensor]
                self._rows[number][0] = CallShapes(
                    (tensor.shape,), (tensor.shape,), stated=layer.name not in given, first=(tensor.shape,)
                )
        return why

    def _ordered(self, calls: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The calls in an order in which each comes after those whose results it takes; rings are left out."""
        layers = self._model.layers
        number_of = {layer.name: number for number, layer in reversed(list(enumerate(layers)))}
        exist = set(calls)
        waits: dict[tuple[int, int], int] = {}
        takers: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for number, at in calls:
            needed = {
                (number_of[ref.layer], ref.call)
                for ref in self._refs[number, at]
                if ref.layer in number_of and (number_of[ref.layer], ref.call) in exist
            }
            waits[number, at] = len(needed)
            for each in needed:
                takers.setdefault(each, []).append((number, at))
        ready = deque(each for each in calls if not waits[each])
        while ready:
            each = ready.popleft()
            yield each
            for taker in takers.get(each, ()):
                waits[taker] -= 1
                if not waits[taker]:
                    ready.append(taker)
        for number, at in calls:
            if waits[number, at] > 0:
                reason = "it takes its own result, directly or through other layers"
                self._rows[number][at] = CallShapes(None, None, unknown=reason, sources=self._sources(number, at))
                self._weights.setdefault(number, None)

    def _follow(self, number: int, at: int) -> None:
        layer = self._model.layers[number]
        if layer.class_name == "InputLayer":
            return
        config = layer.calls[at]
        refs = self._refs[number, at]
        sources = self._sources(number, at)
        reasons: list[str] = []
        args = self._resolved(config.args, reasons)
        kwargs = self._resolved(config.kwargs, reasons)
        if reasons:
            stated = stated_inputs(layer) if self._given is None and at == 0 else None
            if stated is None or len(stated) != 1 or len(refs) != 1:
                self._rows[number][at] = CallShapes(None, None, unknown=reasons[0], sources=sources)
                self._weights.setdefault(number, None)
                self._reasons[layer.name, at] = f"it takes the output of {layer.name}, which is unknown"
                return
            args, kwargs = (Tensor(stated[0]),), {}
            by_file = True
        else:
            by_file = bool(refs) and all(ref.shape is not None for ref in refs) and self._given is None
            if not by_file and self._given is None and at == 0:
                built = stated_inputs(layer)
                by_file = built is not None and meet(built, [tensor.shape for tensor in flatten((args, kwargs))])
        assert isinstance(args, tuple)
        assert isinstance(kwargs, Mapping)
        call = Call(args, kwargs)
        inputs = tuple(tensor.shape for tensor in call.tensors)
        row, output = self._walk.row(
            layer, call, inputs, stated=by_file, differs=self._differing(refs) if by_file else None, sources=sources
        )
        self._rows[number][at] = row.calls[0]
        # A layer has the weights of its first call, in which it was built.
        if self._weights.get(number) is None:
            self._weights[number] = row.weights
            self._inside[number] = row.inside
        if output is not None:
            self._tensors[layer.name, at] = list(flatten(output))
        else:
            self._reasons[layer.name, at] = f"it takes the output of {layer.name}, which is unknown"

    def _sources(self, number: int, at: int) -> tuple[str, ...]:
        """The layers whose outputs a call takes."""
        return tuple(dict.fromkeys(ref.layer for ref in self._refs[number, at]))

    def _row(self, number: int, layer: LayerConfig) -> LayerShapes:
        # Calls are followed as soon as they can be, which need not be their order.
        calls = [self._rows[number][at] for at in sorted(self._rows[number])]
        for at, call in enumerate(calls):
            # What nothing could infer may be stated by whoever takes it.
            if call.outputs is None and not call.invalid:
                outputs: list[Shape] = []
                while (tensor := self._stated.get((layer.name, at, len(outputs)))) is not None:
                    outputs.append(tensor.shape)
                if outputs:
                    calls[at] = replace(call, outputs=tuple(outputs))
        inside = self._inside.get(number)
        if inside is None:
            inside = self._walk.inside(layer, ())
        weights = self._weights[number] if number in self._weights else self._walk.unbuilt(layer)
        return LayerShapes(layer, tuple(calls), weights, inside)

    def _tensor(self, ref: TensorRef) -> Tensor | None:
        """The tensor of a reference: as the file states it, else as it was inferred."""
        if ref.shape is not None and self._given is None:
            return Tensor(ref.shape, ref.dtype)
        inferred = self._inferred(ref)
        return self._stated.get((ref.layer, ref.call, ref.output)) if inferred is None else inferred

    def _inferred(self, ref: TensorRef) -> Tensor | None:
        outputs = self._tensors.get((ref.layer, ref.call))
        return outputs[ref.output] if outputs is not None and 0 <= ref.output < len(outputs) else None

    def _differing(self, refs: Sequence[TensorRef]) -> tuple[Shape, ...] | None:
        """What our rules make of the tensors of a call, where that cannot be what the file states of them."""
        stated, inferred = [], []
        for ref in refs:
            tensor = self._inferred(ref)
            if ref.shape is None or tensor is None:
                return None
            stated.append(ref.shape)
            inferred.append(tensor.shape)
        return None if meet(stated, inferred) else tuple(inferred)

    def _resolved(self, structure: Structure, reasons: list[str]) -> Structure:
        """The structure with tensors in place of references; `reasons` gets why one of them is unknown."""
        if isinstance(structure, TensorRef):
            tensor = self._tensor(structure)
            if tensor is None:
                reasons.append(self._why_unknown(structure))
                return structure
            return tensor
        if isinstance(structure, tuple):
            return tuple(self._resolved(item, reasons) for item in structure)
        if isinstance(structure, list):
            return [self._resolved(item, reasons) for item in structure]
        if isinstance(structure, Mapping):
            return {key: self._resolved(item, reasons) for key, item in structure.items()}
        return structure

    def _why_unknown(self, ref: TensorRef) -> str:
        found = self._reasons.get((ref.layer, ref.call))
        if found is not None:
            return found
        if ref.layer in self._names:
            return f"it takes output {ref.output} of call {ref.call} of {ref.layer}, which the file does not describe"
        return f"it takes the output of {ref.layer}, which is not in the file"
