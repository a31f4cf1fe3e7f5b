"""After the file has run: the model that was asked for, models its functions make, and shapes for unbuilt ones."""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Any

from . import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .adapters import Adapter
    from .places import Places
    from .recorder import Recorder

__all__ = ["Chooser", "bound_arguments", "follow", "is_model", "models_in", "parameters_text", "symbolic_inputs"]

MAX_FACTORIES = 24
"""Functions that are called unasked: a model zoo holds more than anyone looks at in one go."""

MAX_DEPTH = 3
"""Nesting of lists and dicts in which the models that a function returns are looked for."""


class Chooser:
    """Works on the names of a file that has run.

    Args:
        adapter: The Keras generation.
        recorder: What was recorded.
        places: Tells the user's frames.
        namespace: The file's module-level names.
        describe_error: Turns an exception into facts, as for one that ends the file.
    """

    def __init__(
        self,
        adapter: Adapter,
        recorder: Recorder,
        places: Places,
        namespace: dict[str, Any],
        describe_error: Callable[[BaseException], dict[str, Any]],
    ) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._places = places
        self._namespace = namespace
        self._describe_error = describe_error
        self.choice: dict[str, Any] = {}
        """What came of it so far: `pick` or `factories`, and `calling` while something of the user's is called."""
        self.made: dict[int, str] = {}
        """The call that we made for a model, by the model's uid."""
        self.shaped: dict[int, dict[str, Any]] = {}
        """What gave a model its input shape, by the model's uid: `{"by", "place", "error"}`."""
        self.half_built: set[int] = set()
        """Models that a failed call of ours has built in part: they are as little built as before it."""

    # ------------------------------------------------------------------ a name that was asked for

    def pick(self, name: str, call: str | None) -> None:
        """Find what `FILE:name` or `FILE:name(arguments)` names.

        `choice["pick"]` becomes `{"models": [uid, ...]}`, or `{"error": kind, ...}` with kind `missing` (and `partial`,
        how far the name led), `exception` (the call failed), `result` (what came out is no model: `text`) or
        `arguments`.
        """
        self.choice["pick"] = self._picked(name, call)

    def _picked(self, name: str, call: str | None) -> dict[str, Any]:
        value, partial = follow(self._namespace, name)
        if partial is not None:
            return {"error": "missing", "partial": partial}
        if call is None and self._is_model(value):
            return {"models": [self._recorder.uid(value)]}
        if not callable(value):
            return {"error": "result", "text": describe.text_of(value)}
        return self._call(name, value, call or "")

    def _call(self, name: str, function: Any, call: str) -> dict[str, Any]:
        text = f"{name}({call})"
        try:
            args, kwargs = bound_arguments(function, call)
        except TypeError as error:
            return {"error": "arguments", "text": str(error), "call": text, "takes": parameters_text(function)}
        # A call that is stopped, or ends the process, leaves this behind.
        self.choice["calling"] = text
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            answer = {"error": "exception", "call": text, **self._describe_error(error)}
            del self.choice["calling"]
            return answer
        del self.choice["calling"]
        uids = [self._recorder.uid(model) for model in models_in(self._adapter, result)]
        if not uids:
            return {"error": "result", "call": text, "text": describe.text_of(result)}
        for uid in uids:
            self.made.setdefault(uid, text)
        return {"models": uids, "call": text}

    # ------------------------------------------------------------------ functions that nobody called

    def call_factories(self, names: Iterable[str]) -> None:
        """Call functions that need no arguments, where the file itself has made no model.

        `choice["factories"]` gets one entry for each: `name`, and what `pick` says of a call.
        """
        answers: list[dict[str, Any]] = []
        self.choice["factories"] = answers
        for name in list(names)[:MAX_FACTORIES]:
            function = self._namespace.get(name)
            if callable(function) and not self._is_model(function):
                answers.append({"name": name, **self._call(name, function, "")})
                # The next one may end the process.
                self._recorder.tell_models()

    # ------------------------------------------------------------------ shapes for unbuilt models

    def shape_unbuilt(self, given: list[Any]) -> None:
        """Call models that are not built on symbolic inputs: of the shape the file gave to `build`, else as given.

        Args:
            given: `[name or None, shape, dtype or None]` of each input, as the user named them.
        """
        unbuilt = self._unbuilt()
        for model in unbuilt:
            uid = self._recorder.uid(model)
            build = self._recorder.builds.get(uid)
            if build is not None:
                self._shape(model, "build", build.place, functools.partial(self._build_inputs, build.shape))
            elif given:
                # Named inputs are other models' as well; a model takes those that its call knows.
                self._shape(model, "given", None, functools.partial(symbolic_inputs, self._adapter, model, given))

    def _unbuilt(self) -> list[Any]:
        """Models without shapes that no other model holds; those are shaped with it."""
        found = [
            record.layer
            for record in list(self._recorder.layers.values())
            if self._is_model(record.layer) and record.owner not in ("keras", "probe") and self._waits(record.layer)
        ]
        held = {id(inner) for model in found for inner in self._all_inside(model)}
        return [model for model in found if id(model) not in held]

    def _waits(self, model: Any) -> bool:
        if not self._adapter.begun(model):
            return False
        if self._adapter.graph(model) is not None:
            return False
        record = self._recorder.record_of(model)
        return record is not None and not record.called

    def _all_inside(self, layer: Any) -> Iterable[Any]:
        waiting, seen = [layer], {id(layer)}
        while waiting:
            for inner in self._adapter.own_layers(waiting.pop()):
                if id(inner) not in seen:
                    seen.add(id(inner))
                    waiting.append(inner)
                    yield inner

    def _shape(self, model: Any, by: str, place: Any, inputs: Callable[[], tuple[Any, dict[str, Any]]]) -> None:
        uid = self._recorder.uid(model)
        built_before = self._adapter.built(model)
        self._recorder.pretending = True
        try:
            args, kwargs = inputs()
            model(*args, **kwargs)
        except Exception as error:
            # The user's call may ask for other inputs; why it failed is what there is to say of this model.
            facts = self._describe_error(error)
            if not built_before:
                self.half_built.add(uid)
            self.shaped[uid] = {"by": by, "place": place, "error": facts}
        else:
            self.shaped[uid] = {"by": by, "place": place, "error": None}
        finally:
            self._recorder.pretending = False

    def _build_inputs(self, shape: Any) -> tuple[Any, dict[str, Any]]:
        return (self._inputs(shape),), {}

    def _inputs(self, shape: Any) -> Any:
        """Symbolic inputs for the argument of a `build` call."""
        if isinstance(shape, dict):
            return {name: _input(self._adapter, inner, None, name) for name, inner in shape.items()}
        if shape and isinstance(shape[0], list):
            return [_input(self._adapter, inner, None, None) for inner in shape]
        return _input(self._adapter, shape, None, None)

    def _is_model(self, value: Any) -> bool:
        return is_model(self._adapter, value)


def is_model(adapter: Adapter, value: Any) -> bool:
    """Whether a value is a model of this Keras."""
    # type(), not isinstance(): proxies may answer for __class__ with an exception.
    return issubclass(type(value), adapter.model_class)


def models_in(adapter: Adapter, value: Any, depth: int = 0) -> Iterable[Any]:
    """The models in what a function returned: itself, in nested lists and dicts, or attributes of an object."""
    if is_model(adapter, value):
        yield value
    elif depth < MAX_DEPTH and isinstance(value, (list, tuple)):
        for item in value:
            yield from models_in(adapter, item, depth + 1)
    elif depth < MAX_DEPTH and isinstance(value, dict):
        for item in value.values():
            yield from models_in(adapter, item, depth + 1)
    elif depth == 0 and getattr(value, "__dict__", None) is not None and not callable(value):
        # An object of the user's that holds its models, as GAN classes do.
        for item in list(vars(value).values()):
            yield from models_in(adapter, item, MAX_DEPTH)


def follow(namespace: dict[str, Any], name: str) -> tuple[Any, str | None]:
    """What a dotted name leads to, and `None`; or `None`, and how far it led."""
    value: Any = namespace
    path: list[str] = []
    for part in name.split("."):
        try:
            value = value[part] if value is namespace else getattr(value, part)
        except (KeyError, AttributeError):
            return None, ".".join(path)
        path.append(part)
    return value, None


def bound_arguments(function: Any, call: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments that a call's text holds.

    Raises:
        TypeError: The function does not take them.
    """
    # The arguments are literals: whoever parsed the command line has made sure of it.
    args, kwargs = eval(f"(lambda *args, **kwargs: (args, kwargs))({call})", {"__builtins__": {}})
    with contextlib.suppress(ValueError):  # a builtin without a signature says so itself when it is called
        inspect.signature(function).bind(*args, **kwargs)
    return args, kwargs


def symbolic_inputs(adapter: Adapter, model: Any, given: list[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments that call a model on symbolic inputs.

    Args:
        adapter: The Keras generation.
        model: Its `call` tells which of its parameters take tensors.
        given: `[name or None, shape, dtype or None]` of each input.
    """
    parameters = _tensor_parameters(type(model).call)
    if any(name is not None for name, _, _ in given):
        named = [(name or parameters[0], shape, dtype) for name, shape, dtype in given]
        tensors = {name: _input(adapter, shape, dtype, name) for name, shape, dtype in named}
        if parameters and set(tensors) <= set(parameters):
            first = tensors.pop(parameters[0], None)
            return ((first,) if first is not None else ()), tensors
        return (tensors,), {}
    made = [_input(adapter, shape, dtype, None) for _, shape, dtype in given]
    if len(made) == 1:
        return (made[0],), {}
    return (tuple(made), {}) if len(parameters) >= len(made) else ((made,), {})


def _input(adapter: Adapter, shape: Any, dtype: str | None, name: str | None) -> Any:
    make = adapter.root.Input
    # An open batch dimension is what both generations call the shape without its first size.
    batch: dict[str, Any] = {} if shape[0] is None else {"batch_size": shape[0]}
    return make(shape=tuple(shape[1:]), dtype=dtype, name=name, **batch)


def _tensor_parameters(call: Any) -> list[str]:
    """Parameters of a `call` that take tensors, without `self`."""
    try:
        parameters = list(inspect.signature(call).parameters.values())[1:]
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [each.name for each in parameters if each.kind in kinds and each.name not in ("training", "mask")]


def parameters_text(function: Any) -> str:
    """A function's parameters as text, with their parentheses."""
    try:
        return str(inspect.signature(function).replace(return_annotation=inspect.Signature.empty))
    except (TypeError, ValueError):
        return "(...)"
