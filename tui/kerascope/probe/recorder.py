"""Recording what the user's code does with Keras: every layer made, every call, every model."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from . import describe
from .building import with_before_build
from .declaring import declaration
from .records import BuildRecord, CallRecord, FailedCall, LayerRecord, NodeRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .adapters import Adapter
    from .places import Places

__all__ = ["Recorder"]

MAX_CALLS = 64
"""Calls kept per layer with their shapes: a custom training loop calls every layer thousands of times."""

MAX_SOURCES = 4096
"""Tensors whose layer is remembered before those that are gone are forgotten; more where most of them live on."""


class Recorder:
    """Wraps Keras's own classes for the time the user's file runs.

    Wrapped are `Layer.__new__` (constructor arguments and the user's line), `Layer.__call__` (shapes of calls that
    leave no node in a graph) and `Node.__init__` (the graph as Keras wires it). Nothing Keras computes is changed.
    Layers and nodes are kept alive, so that their identities stay unique.
    """

    def __init__(self, adapter: Adapter, places: Places, send: Callable[[dict[str, Any]], None]) -> None:
        self._adapter = adapter
        self._places = places
        self._send = send
        self.layers: dict[int, LayerRecord] = {}
        self.nodes: dict[int, NodeRecord] = {}
        self.skipped: list[dict[str, Any]] = []
        self.functions: list[Any] = []
        """Graphs of operations that are no models (`keras.Function`)."""
        self.builds: dict[int, BuildRecord] = {}
        """The last `build(shape)` of the user's on each model, by its uid."""
        self.failed: FailedCall | None = None
        self.snapshot: Callable[[], dict[str, Any]] | None = None
        """Reads the models as they stand; set once it can."""
        self._told = -1
        self._sources: dict[int, tuple[Any, int]] = {}
        self._max_sources = MAX_SOURCES
        self._calls = 0
        self.pretending = False
        """Set while we call Keras ourselves, in the place of a call that was skipped."""
        self.muted = False
        """Set while we only ask Keras something: these calls are no part of the file's story."""
        self._unsent: list[LayerRecord] = []
        self._lock = threading.Lock()
        self.sequence = 0
        self._uids: dict[int, int] = {}
        self._kept: list[Any] = []

    def install(self) -> None:
        """Wrap Keras's classes; there is no way back, the process dies after the look."""
        self._wrap_new(self._adapter.layer_class)
        self._wrap_call(self._adapter.layer_class)
        self._wrap_node(self._adapter.node_class)
        if self._adapter.function_class is not None:
            self._wrap_function(self._adapter.function_class)
        adapter = self._adapter
        for owner in (adapter.layer_class, adapter.model_class, adapter.functional_class, adapter.sequential_class):
            if "build" in vars(owner):
                self._wrap_build(owner)

    def uid(self, thing: Any) -> int:
        """A number for a layer or operation, the same as long as the look lasts."""
        uid = self._uids.get(id(thing))
        if uid is None:
            uid = self._uids[id(thing)] = len(self._uids) + 1
            self._kept.append(thing)
        return uid

    def record_of(self, layer: Any) -> LayerRecord | None:
        """The record of a layer, `None` for one made before recording or by unpickling."""
        return self.layers.get(id(layer))

    def user_layers(self) -> Iterator[LayerRecord]:
        """Layers that the user's own code made, in order; models are not among them."""
        for record in list(self.layers.values()):
            if record.owner == "user" and not isinstance(record.layer, self._adapter.model_class):
                yield record

    def has_models(self) -> bool:
        """Whether any model was made so far."""
        return any(self._is_model(record.layer) for record in list(self.layers.values()))

    def has_user_models(self) -> bool:
        """Whether any model was made that is not Keras's own business."""
        models = (record for record in list(self.layers.values()) if self._is_model(record.layer))
        return any(record.owner not in ("keras", "probe") for record in models)

    def last_model(self) -> LayerRecord | None:
        """The model that the user's code made last."""
        records = [record for record in list(self.layers.values()) if self._is_model(record.layer)]
        return next((record for record in reversed(records) if record.owner == "user"), None)

    def next_sequence(self) -> int:
        """Numbers events in the order they happened."""
        self.sequence += 1
        return self.sequence

    def _is_model(self, layer: Any) -> bool:
        return isinstance(layer, self._adapter.model_class)

    def is_shapeless(self, record: LayerRecord) -> bool:
        """Whether a record is of a model without a graph that nothing has given shapes yet."""
        if not self._is_model(record.layer) or self._adapter.graph(record.layer) is not None:
            return False
        return not record.called and not any(call["model"] == record.uid for call in self.skipped)

    # ------------------------------------------------------------------ wrapping

    def _wrap_new(self, layer_class: Any) -> None:
        original = layer_class.__new__
        recorder = self

        @functools.wraps(original)
        def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
            # The original may add to kwargs (Keras 2 does); ours are the author's.
            passed = dict(kwargs)
            layer = original(cls, *args, **kwargs)
            recorder._made(layer, cls, args, passed, sys._getframe(1))
            return layer

        layer_class.__new__ = staticmethod(new)

    def _wrap_call(self, layer_class: Any) -> None:
        original = layer_class.__call__
        recorder = self

        @functools.wraps(original)
        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                outputs = original(layer, *args, **kwargs)
            except Exception as error:
                recorder._call_failed(layer, args, kwargs, error, sys._getframe(1))
                raise
            recorder._called(layer, args, kwargs, outputs, sys._getframe(1))
            return outputs

        layer_class.__call__ = call

    def _wrap_node(self, node_class: Any) -> None:
        original = node_class.__init__
        recorder = self

        @functools.wraps(original)
        def init(node: Any, *args: Any, **kwargs: Any) -> None:
            original(node, *args, **kwargs)
            recorder._wired(node, sys._getframe(1))

        node_class.__init__ = init

    def _wrap_build(self, owner: Any) -> None:
        def before(model: Any, input_shape: Any) -> None:
            self._build_asked(model, input_shape, sys._getframe(2))

        owner.build = with_before_build(vars(owner)["build"], before)

    def _wrap_function(self, function_class: Any) -> None:
        original = function_class.__init__
        recorder = self

        @functools.wraps(original)
        def init(function: Any, *args: Any, **kwargs: Any) -> None:
            original(function, *args, **kwargs)
            if not isinstance(function, recorder._adapter.model_class):
                recorder.functions.append(function)

        # Keras reads the parameters' names off `__init__`, and getfullargspec does not look through a wrapper.
        init.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]
        function_class.__init__ = init

    # ------------------------------------------------------------------ events

    def _made(self, layer: Any, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any], frame: Any) -> None:
        if self._adapter.is_metric(layer):
            return
        owner, maker = ("probe", "") if self.pretending else self._places.maker(frame)
        arguments = describe.arguments_of(cls, args, kwargs)
        if self._adapter.is_input(layer):
            # `Input(...)` passes every parameter of its own on, and Keras 2 renames the shape.
            arguments = [
                ("shape" if name == "input_shape" else "batch_shape" if name == "batch_input_shape" else name, value)
                for name, value in arguments
                if value is not None and value is not False
            ]
        uid = self.uid(layer)
        # Counted without being numbered: the ticker sees by it that something was made.
        self.next_sequence()
        record = LayerRecord(uid, layer, owner, maker, self._places.user_place(frame), arguments)
        self.layers[id(layer)] = record
        holder = None if isinstance(layer, self._adapter.model_class) else uid
        for _, value in arguments:
            self._hold(value, holder, 0)
        if owner == "user":
            # Those before it are complete now; this one is told as it is, and once more when it has its name. Should
            # the process die at the next line, it has been told.
            self.flush()
            self._send({"event": "layer", **self.facts(record)})
            with self._lock:
                self._unsent.append(record)

    def _hold(self, value: Any, holder: int | None, depth: int) -> None:
        """Note layers passed into another one's constructor: a wrapper rebuilds them, they are not "never called".

        Args:
            value: An argument, or a part of it.
            holder: The layer that is constructed, `None` for a model: those look at what their layers declare.
            depth: Nesting of `value` in the argument.
        """
        if depth > 3:
            return
        if isinstance(value, (list, tuple)):
            for item in value[:MAX_CALLS]:
                self._hold(item, holder, depth + 1)
        elif isinstance(value, dict):
            for item in list(value.values())[:MAX_CALLS]:
                self._hold(item, holder, depth + 1)
        else:
            record = self.layers.get(id(value))
            if record is not None:
                record.held = True
                record.held_by = record.held_by or holder

    def _build_asked(self, model: Any, input_shape: Any, frame: Any) -> None:
        if self.pretending or not self._is_model(model) or self._places.maker(frame)[0] != "user":
            return
        shape = describe.plain_shapes(input_shape)
        if shape is not None:
            uid = self.uid(model)
            self.builds[uid] = BuildRecord(uid, shape, self._places.user_place(frame))

    def _call_failed(self, layer: Any, args: Any, kwargs: Any, error: BaseException, frame: Any) -> None:
        if self.failed is not None and self.failed.led_to(error):
            return  # told by a layer further in
        record = self.layers.get(id(layer))
        if record is None or record.owner != "user":
            return
        inputs = describe.shapes_in(args) or describe.shapes_in(kwargs)
        self.failed = FailedCall(record.uid, inputs, self._places.user_place(frame), error)

    def _called(self, layer: Any, args: Any, kwargs: Any, outputs: Any, frame: Any) -> None:
        record = self.layers.get(id(layer))
        if record is None or self.muted:
            return
        record.called += 1
        self._calls += 1
        inputs = describe.shapes_in(args) or describe.shapes_in(kwargs)
        passed = describe.tensors_in((args, kwargs))
        sources = list(dict.fromkeys(uid for tensor in passed if (uid := self._source(tensor)) is not None))
        alike = next((call for call in record.calls if call.inputs == inputs), None)
        if alike is not None:
            # The same shapes again, maybe from elsewhere: a tower that a second branch goes through.
            alike.sources += [uid for uid in sources if uid not in alike.sources][: MAX_CALLS - len(alike.sources)]
        elif len(record.calls) < MAX_CALLS:
            place = self._places.user_place(frame)
            record.calls.append(CallRecord(self._calls, inputs, describe.shapes_in(outputs), place, sources))
        for tensor in describe.tensors_in(outputs):
            self._note_source(tensor, record.uid)

    def _note_source(self, tensor: Any, uid: int) -> None:
        try:
            # Weakly: a layer's output on real data may be large, and is the user's to forget.
            self._sources[id(tensor)] = (weakref.ref(tensor), uid)
        except TypeError:
            return  # Not everything with a shape can be referred to weakly; then its origin stays unknown.
        if len(self._sources) > self._max_sources:
            self._sources = {key: entry for key, entry in self._sources.items() if entry[0]() is not None}
            # Where most of them live on, as in a large graph, going through them at every call would take for ever.
            self._max_sources = max(MAX_SOURCES, 2 * len(self._sources))

    def _source(self, tensor: Any) -> int | None:
        """The layer that gave out this very tensor."""
        reference, uid = self._sources.get(id(tensor), (None, None))
        return uid if reference is not None and reference() is tensor else None

    def _wired(self, node: Any, frame: Any) -> None:
        place = self._places.user_place(frame)
        # Between the user's call and the node stand only Keras frames of one `__call__`; Sequential's rebuilding and
        # a model's cloning have frames of their own.
        direct = place is not None and not self.pretending and not self._made_by_rebuilding(frame)
        self.nodes[id(node)] = NodeRecord(node, self.next_sequence(), place, direct)

    def _made_by_rebuilding(self, frame: Any) -> bool:
        while frame is not None:
            owner = self._places.owner(frame.f_code.co_filename)
            if owner == "user":
                return False
            code = frame.f_code
            if owner == "keras" and (os.path.basename(code.co_filename), code.co_name) in self._adapter.rebuilding:
                return True
            frame = frame.f_back
        return False

    # ------------------------------------------------------------------ telling as we go

    def tell_models(self) -> None:
        """Send the models as they stand, should the process be killed later; nothing when nothing was made since."""
        if self.snapshot is None or self._told == self.sequence or not self.has_models():
            return
        told = self.sequence
        try:
            facts = self.snapshot()
        except RuntimeError:
            return  # Another thread made something while we read; the next quiet moment will do.
        self._told = told
        self._send({"event": "models", **facts})

    def flush(self) -> None:
        """Send the layers recorded so far: should the process die, they have been told."""
        with self._lock:
            ready, self._unsent = self._unsent, []
        for record in ready:
            self._send({"event": "layer", **self.facts(record)})

    def facts(self, record: LayerRecord) -> dict[str, Any]:
        """What was recorded about a layer, ready to be sent."""
        layer = record.layer
        declared = declaration(layer, record.arguments, self._adapter, self._places)
        return {
            "uid": record.uid,
            "name": str(getattr(layer, "name", None) or dict(record.arguments).get("name") or ""),
            "class_name": type(layer).__name__,
            "owner": record.owner,
            "maker": record.maker,
            "place": record.place,
            "arguments": [[name, describe.text_of(value)] for name, value in record.arguments],
            "declared": declared,
            "is_input": self._adapter.is_input(layer),
            "is_model": isinstance(layer, self._adapter.model_class),
            "calls": [[call.inputs, call.outputs, call.place] for call in record.calls],
            "called": record.called,
        }
