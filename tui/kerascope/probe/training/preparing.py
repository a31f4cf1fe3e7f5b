"""Everything between a program that has run and `fit`, for a model that is trained on data from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checking import check_data, check_rows
from .compiling import check_names, compile_model, losses_of, needs_target
from .data import complete, data_words, divide, fit_arguments, open_data, say_nan, specs_of, targets_of
from .finding import find_model
from .interface import interface_of, shape_text
from .sources._types import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter
    from .interface import Interface

__all__ = ["prepare_data_run"]

BATCH_SIZE = 32
"""Keras's own."""


def prepare_data_run(
    spec: dict[str, Any], namespace: dict[str, Any], adapter: Adapter, say: Callable[[str], None]
) -> tuple[Any, dict[str, Any]]:
    """Find the model, open its data, compile it where it is not, and check that they fit each other.

    To be called inside the scope of the run's strategy.

    Args:
        spec: The run's spec, with `data`.
        namespace: The names of the program after it has run; empty for a saved model.
        adapter: The Keras generation.
        say: Takes sentences that the user should know.

    Returns:
        The compiled model, and the keyword arguments for its `fit`.

    Raises:
        SetupError: It cannot be trained so; the text says why and what to do.
        Exception: What the user's own functions raise.
    """
    compilation = dict(spec.get("compilation") or {})
    check_names(compilation, adapter)
    model = find_model(namespace, spec, adapter, say)
    given = [list(one) for one in spec.get("input_shapes") or ()]
    has_shapes = adapter.graph(model) is not None
    interface = interface_of(adapter, model, given)
    if has_shapes:
        _say_needless(given, interface, say)
    wanted = Wanted(
        adapter,
        model,
        interface,
        losses_of(model, interface, compilation, adapter),
        say,
        batch_size=int(spec.get("batch_size") or BATCH_SIZE),
        validation_split=float(spec["data"].get("validation_split") or 0.0),
        seed=int(spec.get("seed") or 0),
    )
    opened = open_data(spec, wanted)
    say(data_words(wanted, opened))
    check_rows(opened, wanted)
    x, _ = specs_of(wanted, opened.x, None)
    if not interface.outputs and x:
        wanted.interface = interface_of(adapter, model, [_given(*one) for one in x])
    compile_model(model, wanted.interface, lambda: targets_of(wanted, opened), compilation, adapter, say)
    wanted.losses = losses_of(model, wanted.interface, compilation, adapter)
    complete(opened, wanted, needs_target=needs_target(model, adapter))
    say_nan(opened, say)
    split = divide(opened, wanted)
    arguments = fit_arguments(opened, wanted, split, spec.get("epochs"))
    check_data(opened, wanted, arguments)
    return model, arguments


def _say_needless(given: list[Any], interface: Interface, say: Callable[[str], None]) -> None:
    """Say that input shapes are left out that are not those of the model."""
    own = [port.shape for port in interface.inputs]
    if given and sorted(map(shape_text, own)) != sorted(shape_text(shape) for _, shape, _ in given):
        asked = ", ".join(shape_text(shape) for _, shape, _ in given)
        say(f"--input-shape {asked} is left out: the model has its own, {', '.join(map(shape_text, own))}")


def _given(name: str | None, shape: Any, dtype: str | None) -> list[Any]:
    """What the data says of an input: its rows are open, and floats are Keras's own float."""
    plain = None if dtype is None or dtype.startswith("float") else "string" if dtype == "str" else dtype
    return [name, [None, *(shape or (None,))[1:]], plain]
