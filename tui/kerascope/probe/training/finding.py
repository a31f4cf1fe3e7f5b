"""The model that is to be trained: in the names of a program that has run, or in a file that Keras saved."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any

from .. import describe
from ..choosing import bound_arguments, follow, is_model, models_in, parameters_text
from .errors import SetupError
from .loading import load_saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..adapters import Adapter

__all__ = ["find_model"]

MAKERS = frozenset({"Model", "Sequential", "Functional", "clone_model", "load_model", "model_from_json"})
"""Names of Keras that a function uses which makes a model."""

TRAINING = frozenset({"fit", "fit_generator", "train_on_batch", "evaluate", "predict"})
"""Names that a function uses which does more than make one: it is not called for its model."""

MAX_NAMES = 12
"""Names listed in one sentence."""


def find_model(namespace: dict[str, Any], spec: dict[str, Any], adapter: Adapter, say: Callable[[str], None]) -> Any:
    """The one model that a run trains.

    What was named is taken (`spec["name"]`, called with `spec["call"]`); else the one model among the program's names
    that is no part of another one; else what its one function returns that makes a model and needs no arguments.

    Args:
        namespace: The program's module-level names after it has run; unused for a saved model.
        spec: The run's spec.
        adapter: The Keras generation.
        say: Takes sentences that the user should know.

    Raises:
        SetupError: There is none, or more than one; the text says what there is.
        Exception: A function of the user's raised it.
    """
    if spec.get("saved"):
        return load_saved(spec["path"], adapter, trust=bool(spec.get("trust")), say=say)
    shown = str(spec.get("shown") or spec.get("path"))
    if spec.get("name"):
        return _named(namespace, spec["name"], spec.get("call"), shown, adapter)
    models = {name: value for name, value in namespace.items() if is_model(adapter, value)}
    if models:
        return _only_model(models, shown, adapter)
    factories = _factories(namespace, adapter)
    if len(factories) != 1:
        raise SetupError(_no_model(factories, namespace, shown))
    name, function = next(iter(factories.items()))
    say(f"the model is what {name}() returns")
    return _called(name, function, "", adapter)


def _named(namespace: dict[str, Any], name: str, call: str | None, shown: str, adapter: Adapter) -> Any:
    value, partial = follow(namespace, name)
    if partial is not None:
        where = f"{partial} of {shown}" if partial else shown
        there = _listed([*(key for key, thing in namespace.items() if is_model(adapter, thing))])
        there = there or _listed(_factories(namespace, adapter))
        raise SetupError(f"{where} has no {name.split('.')[-1]}" + (f"; it has {there}" if there else ""))
    if call is None and is_model(adapter, value):
        return value
    if not callable(value):
        raise SetupError(f"{name} of {shown} is no model and no function that makes one: {describe.text_of(value)}")
    return _called(name, value, call or "", adapter)


def _called(name: str, function: Any, call: str, adapter: Adapter) -> Any:
    try:
        args, kwargs = bound_arguments(function, call)
    except TypeError as error:
        takes = parameters_text(function)
        raise SetupError(f"{name}({call}) cannot be called ({error}): {name} takes {takes}") from error
    result = function(*args, **kwargs)
    models = list({id(model): model for model in models_in(adapter, result)}.values())
    outer = _outermost(models, adapter)
    if not models:
        raise SetupError(f"{name}({call}) returned no model but {describe.text_of(result)}")
    if len(outer) > 1:
        raise SetupError(
            f"{name}({call}) returned {len(outer)} models ({_listed(model.name for model in outer)}); name a function "
            "that returns the one to be trained"
        )
    return outer[0]


def _only_model(models: dict[str, Any], shown: str, adapter: Adapter) -> Any:
    outer = _outermost(list({id(model): model for model in models.values()}.values()), adapter)
    if len(outer) == 1:
        return outer[0]
    names = [name for name, model in models.items() if any(model is other for other in outer)]
    raise SetupError(f"{shown} makes {len(outer)} models, {_listed(names)}; name the one to train: {shown}:{names[-1]}")


def _outermost(models: list[Any], adapter: Adapter) -> list[Any]:
    """Those that are no part of another one: held by it, or made of some of its layers, as an encoder is."""
    inside = {id(model): {id(layer) for layer in _all_inside(model, adapter)} for model in models}
    own = {key: found - set(inside) for key, found in inside.items()}
    return [
        model
        for model in models
        if not any(id(model) in inside[other] or own[id(model)] < own[other] for other in inside)
    ] or models


def _all_inside(layer: Any, adapter: Adapter) -> Iterable[Any]:
    waiting, seen = [layer], {id(layer)}
    while waiting:
        current = waiting.pop()
        if not isinstance(current, adapter.layer_class):
            continue
        graph = adapter.graph(current) if isinstance(current, adapter.model_class) else None
        for inner in [*adapter.own_layers(current), *(() if graph is None else adapter.operations(graph))]:
            if id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)
                yield inner


# ---------------------------------------------------------------------- functions that make a model


def _factories(namespace: dict[str, Any], adapter: Adapter) -> dict[str, Any]:
    """The program's own functions and model classes that can be called without arguments for a model.

    Those that another one of them uses are its parts.
    """
    own = {
        name: thing
        for name, thing in namespace.items()
        if (inspect.isfunction(thing) or isinstance(thing, type))
        and getattr(thing, "__module__", None) == namespace.get("__name__")
    }
    makers: dict[str, Any] = {}
    names = set(MAKERS) | {name for name, thing in own.items() if _is_model_class(thing, adapter)}
    while True:
        found = {name for name, thing in own.items() if _makes(thing, names, adapter)}
        if found <= names:
            break
        names |= found
    for name in names & set(own):
        if _needs_nothing(own[name]):
            makers[name] = own[name]
    used = {part for name in names & set(own) for part in _names_used(own[name]) if part != name}
    return {name: own[name] for name in own if name in makers and name not in used} or makers


def _is_model_class(thing: Any, adapter: Adapter) -> bool:
    return isinstance(thing, type) and issubclass(thing, adapter.model_class)


def _makes(thing: Any, names: set[str], adapter: Adapter) -> bool:
    if _is_model_class(thing, adapter):
        return True
    used = _names_used(thing)
    return bool(used & names) and not used & TRAINING


def _names_used(thing: Any) -> set[str]:
    code = getattr(thing, "__code__", None)
    return set() if code is None else set(code.co_names)


def _needs_nothing(thing: Any) -> bool:
    try:
        inspect.signature(thing).bind()
    except (TypeError, ValueError):
        return False
    return True


def _no_model(factories: dict[str, Any], namespace: dict[str, Any], shown: str) -> str:
    if factories:
        names = list(factories)
        return (
            f"{shown} makes no model itself and has {len(names)} functions that do, {_listed(names)}; "
            f"name the one to train: {shown}:{names[0]}"
        )
    functions = [
        name
        for name, thing in namespace.items()
        if inspect.isfunction(thing) and thing.__module__ == namespace.get("__name__")
    ]
    if functions:
        return (
            f"{os.path.basename(shown)} makes no model and has no function that makes one without arguments; it has "
            f"{_listed(functions)}: name one with its arguments, {shown}:{functions[0]}(...)"
        )
    return f"{shown} makes no model: there is nothing to train"


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MAX_NAMES} more" if len(known) > MAX_NAMES else ""
    return ", ".join(known[:MAX_NAMES]) + more
