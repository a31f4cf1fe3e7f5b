"""The loss, optimizer and metrics of a run: the model's own where it has them, else what was asked for or proposed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from ..rehearsal import Rehearsal, is_own
from .errors import SetupError
from .proposing import Proposal, propose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..adapters import Adapter
    from .interface import Interface

__all__ = ["check_names", "compile_model", "losses_of", "needs_target", "unknown_name"]

OPTIMIZER = "adam"

METRIC_WORDS = frozenset({"accuracy", "acc", "crossentropy", "ce"})
"""Metrics that Keras chooses by the shapes."""


def _is_compiled(model: Any) -> bool:
    """Whether a model has a loss and an optimizer already."""
    return bool(getattr(model, "compiled", getattr(model, "_is_compiled", False)))


def check_names(compilation: dict[str, Any], adapter: Adapter) -> None:
    """Whether Keras knows the loss, optimizer and metrics that were asked for.

    Raises:
        SetupError: It does not know one; the text names those that are near.
    """
    asked = [(kind, compilation[kind]) for kind in ("loss", "optimizer") if compilation.get(kind) is not None]
    unknown = unknown_name([*asked, *(("metric", name) for name in compilation.get("metrics") or ())], adapter)
    if unknown is not None:
        raise SetupError(unknown)


def unknown_name(names: Iterable[Sequence[str]], adapter: Adapter) -> str | None:
    """What Keras does not know of `(kind, name)` pairs, in a sentence that names what is near; `None` if all is known.

    Args:
        names: The kinds are `loss`, `optimizer` and `metric`.
        adapter: The Keras generation.
    """
    root = adapter.root
    modules = {"loss": root.losses, "optimizer": root.optimizers, "metric": root.metrics}
    for kind, name in names:
        module = modules[kind]
        if kind != "optimizer" and name in METRIC_WORDS:
            continue
        try:
            found = module.get(name)
        except (ValueError, TypeError):
            found = None
        # Keras 2 gives a metric that it does not know back as it is.
        if found is None or isinstance(found, str):
            near = difflib.get_close_matches(name, _names(kind, module), 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            return f"Keras {adapter.version} knows no {kind} {name!r}{hint}"
    return None


def _names(kind: str, module: Any) -> list[str]:
    """What Keras knows of a kind, as people write it: `adam`, `binary_crossentropy`."""
    names = [name for name in dir(module) if name[0] != "_"]
    if kind == "optimizer":
        return [name.lower() for name in names if isinstance(getattr(module, name), type)]
    return [*(METRIC_WORDS if kind == "metric" else ()), *names]


def losses_of(model: Any, interface: Interface, compilation: dict[str, Any], adapter: Adapter) -> list[str | None]:
    """The name of each output's loss before the data is known: asked for, compiled, else proposed."""
    names = [port.name for port in interface.outputs]
    if compilation.get("loss"):
        return [_plain(str(compilation["loss"]), adapter)] * len(names)
    if _is_compiled(model):
        rehearsal = Rehearsal(adapter, model)
        kinds = [rehearsal.kind_of(number, name) for number, name in enumerate(names)]
        return [None if kind is None else _plain(kind, adapter) for kind in kinds]
    return [proposal.loss for proposal in _proposals(interface, [])]


def _plain(name: str, adapter: Adapter) -> str:
    """A loss's one name for its class, function and short forms: `binary_crossentropy`."""
    try:
        loss = adapter.root.losses.get(name)
    except (ValueError, TypeError):
        return name  # a loss of the user's own
    found = getattr(loss, "__name__", None) or getattr(loss, "name", None) or name
    return str(found)


def needs_target(model: Any, adapter: Adapter) -> bool:
    """Whether a compiled model is trained on targets: it has a loss, and Keras's own training step."""
    if is_own(type(model), "train_step", adapter.root.__name__) or is_own(
        type(model), "compute_loss", adapter.root.__name__
    ):
        return False
    return Rehearsal(adapter, model).has_loss


def compile_model(
    model: Any,
    interface: Interface,
    targets: Callable[[], list[Any]],
    compilation: dict[str, Any],
    adapter: Adapter,
    say: Callable[[str], None],
) -> None:
    """Compile a model with what was asked for; what was not stays as its author compiled it, or is proposed.

    Args:
        model: The model.
        interface: What it gives.
        targets: Gives the targets where a loss is proposed for them, as `data.targets_of` does.
        compilation: `spec["compilation"]`.
        adapter: The Keras generation.
        say: Told what is trained with, and why.

    Raises:
        SetupError: It cannot be compiled so; the text says why and what to do.
    """
    compiled = _is_compiled(model)
    loss, metrics = compilation.get("loss"), compilation.get("metrics")
    optimizer, rate = compilation.get("optimizer"), compilation.get("learning_rate")
    if compiled and loss is None and metrics is None and optimizer is None:
        say(_own_words(model, interface, adapter))
        if rate is not None:
            _set_rate(model, rate)
        return
    options: dict[str, Any] = {}
    if compiled:
        kept = dict(getattr(getattr(model, "_compile_config", None), "config", None) or {})
        options = {name: value for name, value in kept.items() if value is not None}
    if optimizer is not None or not compiled:
        options["optimizer"] = _optimizer(optimizer or OPTIMIZER, rate, adapter)
        say(f"optimizer: {optimizer or OPTIMIZER}" + ("" if rate is None else f", learning rate {rate:g}"))
    if not compiled or loss is not None:
        proposals = [] if loss is not None else _proposed(interface, targets())
        _put_loss(options, loss, metrics, proposals, interface, adapter, say)
    elif metrics is not None:
        options["metrics"] = _each(list(metrics), interface)
    try:
        model.compile(**options)
    except TypeError as error:
        if not is_own(type(model), "compile", adapter.root.__name__):
            raise
        raise SetupError(
            f"{type(model).__name__} has a compile method of its own, which wants other arguments ({error}): call it "
            "in the program"
        ) from error
    if compiled and optimizer is None and rate is not None:
        _set_rate(model, rate)


def _own_words(model: Any, interface: Interface, adapter: Adapter) -> str:
    optimizer = getattr(model, "optimizer", None)
    words = [f"optimizer {type(optimizer).__name__}"] if optimizer is not None else []
    words += [f"loss {name}" for name in dict.fromkeys(losses_of(model, interface, {}, adapter)) if name]
    return f"compiled by its author: {', '.join(words) or 'without an optimizer or a loss'}"


def _set_rate(model: Any, rate: float) -> None:
    try:
        model.optimizer.learning_rate = rate
    except (TypeError, AttributeError) as error:
        raise SetupError(
            f"the learning rate cannot be set to {rate:g}, because the model's optimizer follows a schedule: "
            "name an optimizer as well"
        ) from error


def _optimizer(name: str, rate: float | None, adapter: Adapter) -> Any:
    optimizer = adapter.root.optimizers.get(name)
    if rate is not None:
        optimizer.learning_rate = rate
    return optimizer


def _proposals(interface: Interface, targets: list[Any]) -> list[Proposal]:
    known = _in_order(interface, targets)
    return [
        propose(port.shape, activation, *(target or ()))
        for port, activation, target in zip(interface.outputs, interface.activations, known)
    ]


def _in_order(interface: Interface, targets: list[Any]) -> list[Any]:
    """Each output's target, as ((shape, dtype), span); `None` where that is not plain to see."""
    by_name = {name: ((shape, dtype or ""), span) for name, shape, dtype, span in targets if shape is not None}
    plain = [None if shape is None else ((shape, dtype or ""), span) for _, shape, dtype, span in targets]
    named = [by_name.get(port.name) for port in interface.outputs]
    if any(target is not None for target in named):
        return named
    return plain if len(plain) == len(interface.outputs) else [None] * len(interface.outputs)


def _proposed(interface: Interface, targets: list[Any]) -> list[Proposal]:
    if not interface.outputs:
        trouble = f" ({interface.trouble})" if interface.trouble else ""
        raise SetupError(
            f"the model is not compiled, and what it gives out is not known before it is trained{trouble}: name a loss "
            "with --loss"
        )
    return _proposals(interface, targets)


def _put_loss(
    options: dict[str, Any],
    loss: str | None,
    metrics: Any,
    proposals: list[Proposal],
    interface: Interface,
    adapter: Adapter,
    say: Callable[[str], None],
) -> None:
    outputs = max(1, len(interface.outputs))
    names = [port.name or f"output {number + 1}" for number, port in enumerate(interface.outputs)]
    for name, proposal in zip(names, proposals):
        which = f" of {name}" if outputs > 1 else ""
        say(f"loss{which}: {proposal.loss}, because {proposal.reason}")
    losses: list[Any] = [loss] * outputs
    if proposals:
        losses = [_loss(proposal, adapter) for proposal in proposals]
    options["loss"] = _by_output(losses, interface)
    if metrics is not None:
        options["metrics"] = _each(list(metrics), interface)
    elif proposals:
        options["metrics"] = _by_output([list(proposal.metrics) for proposal in proposals], interface)
    # Weights of losses belong to the losses that they were given for.
    options.pop("loss_weights", None)


def _loss(proposal: Proposal, adapter: Adapter) -> Any:
    if proposal.from_logits:
        return adapter.root.losses.SparseCategoricalCrossentropy(from_logits=True)
    return proposal.loss


def _each(metrics: list[Any], interface: Interface) -> Any:
    """The same metrics for every output: Keras 3 wants them said for each."""
    return _by_output([metrics] * max(1, len(interface.outputs)), interface)


def _by_output(values: list[Any], interface: Interface) -> Any:
    """One thing for each output, as `compile` takes it: by name where all have one."""
    if len(values) == 1:
        return values[0]
    names = [port.name for port in interface.outputs]
    if len(set(names)) == len(values) and None not in names:
        return dict(zip(names, values))
    return values
