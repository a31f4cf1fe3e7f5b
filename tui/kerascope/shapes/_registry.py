"""Which rule answers for which class, operation or function, in which generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import clean_line
from kerascope.shapes._types import LARGEST, MOST_DIMENSIONS, UNREADABLE, Invalid, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer, Result, Rule

__all__ = [
    "function",
    "infer",
    "known_classes",
    "known_functions",
    "known_operations",
    "operation",
    "reasons",
    "rule",
    "unruled",
]

ALL = (1, 2, 3)

OPERATION_MODULES = ("keras.src.ops", "keras.ops", "keras.src.activations", "keras.src.quantizers")
"""Where Keras 3 keeps the classes of operations: `Add` and `Softmax` of these are no layers."""

LONGEST_REASON = 600
"""Characters of a reason: two sentences with shapes in them; more would be values of the config that run on and on."""

LONGEST_ERROR = 200
"""How much of Python's own message is passed on: it can repeat a value as long as the file."""

_RULES: dict[tuple[str, int], Rule] = {}
_OPERATIONS: dict[str, Rule] = {}
_FUNCTIONS: dict[str, Rule] = {}
_REASONS: dict[tuple[str, int], str] = {}


def rule(*class_names: str, generations: tuple[int, ...] = ALL) -> Callable[[Rule], Rule]:
    """Register a function as the rule of these classes of layers.

    Args:
        class_names: Keras's names of the classes.
        generations: The generations it holds for; where they differ, each has a rule of its own.

    Raises:
        ValueError: A class has a rule already.
    """

    def register(rule: Rule) -> Rule:
        for class_name in class_names:
            for generation in generations:
                if (class_name, generation) in _RULES:
                    raise ValueError(f"{class_name} has a rule for Keras {generation} already")
                _RULES[class_name, generation] = rule
        return rule

    return register


def operation(*class_names: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of these operations of Keras 3: what `keras.ops` leaves in a functional model.

    They have a table of their own, as `Add`, `Reshape` or `Softmax` is a layer and an operation.

    Raises:
        ValueError: An operation has a rule already.
    """
    return _register(_OPERATIONS, class_names)


def function(*names: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of these TensorFlow functions: what Keras 2 keeps as a `TFOpLambda`.

    Args:
        names: As TensorFlow exports them, without `tf.` and `compat.v1.`: `math.add`, `nn.relu`, `reshape`.

    Raises:
        ValueError: A function has a rule already.
    """
    return _register(_FUNCTIONS, names)


def _register(table: dict[str, Rule], names: tuple[str, ...]) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        for name in names:
            if name in table:
                raise ValueError(f"{name} has a rule already")
            table[name] = rule
        return rule

    return register


def unruled(*class_names: str, because: str, generations: tuple[int, ...] = ALL) -> None:
    """Say why there can be no rule for these classes: a sentence that stands behind `unknown: `."""
    _REASONS.update({(name, generation): because for name in class_names for generation in generations})


def known_classes(generation: int) -> frozenset[str]:
    """The classes of layers that have a rule in a generation."""
    return frozenset(name for name, other in _RULES if other == generation)


def known_operations() -> frozenset[str]:
    """The operations of Keras 3 that have a rule."""
    return frozenset(_OPERATIONS)


def known_functions() -> frozenset[str]:
    """The TensorFlow functions that have a rule, without `tf.` and `compat.v1.`."""
    return frozenset(_FUNCTIONS)


def reasons(generation: int) -> dict[str, str]:
    """The classes of layers for which there can be no rule in a generation, and why."""
    return {name: reason for (name, other), reason in _REASONS.items() if other == generation}


def _is_operation(layer: LayerConfig) -> bool:
    """Whether this is an operation of Keras 3, not a layer: its module says so."""
    return layer.generation == 3 and (layer.module or "").startswith(OPERATION_MODULES)


def function_rule(name: str) -> Rule | None:
    """The rule of a TensorFlow function, by the name a config has for it."""
    return _FUNCTIONS.get(name.removeprefix("tf.").removeprefix("compat.v1.").removeprefix("compat.v2."))


def infer(layer: LayerConfig, call: Call, inside: Infer | None = None) -> Result:
    """What one call of a layer gives, by the rules of its generation.

    Args:
        layer: The layer; models are the business of `infer_model`.
        call: What it is called on; every tensor has a shape, whose sizes may be open.
        inside: How the layers inside it are inferred; `None` is this function.

    Returns:
        Output tensors, weights, and the same of the layers inside it.

    Raises:
        Invalid: Keras would refuse the call, or a size of what it gives would be negative.
        Unknown: There is no rule for the class, the shapes depend on what the config does not say, or the config holds
            values that Keras does not write.
    """
    if not layer.builtin:
        raise Unknown(f"{layer.class_name} is not one of Keras's own layers, and its code is not in the file")
    try:
        result = _rule_of(layer)(layer, call, inside or infer)
    except Unknown as error:
        reason = str(error)
        if len(reason) <= LONGEST_REASON:
            raise
        half = LONGEST_REASON // 2
        raise type(error)(f"{reason[:half]}\N{HORIZONTAL ELLIPSIS}{reason[-half:]}") from error
    except UNREADABLE as error:
        said = clean_line(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]
        raise Unknown(
            f"the config or the call of this {layer.class_name} is not as Keras writes it ({said})"
        ) from error
    _possible(layer, result)
    return result


def _possible(layer: LayerConfig, result: Result) -> None:
    """Make sure that a result is one that a computer can have, so that nobody calculates with a million digits."""
    shapes = [tensor.shape for tensor in result.outputs] + [weight.shape for weight in result.weights or ()]
    if any(len(shape) > MOST_DIMENSIONS for shape in shapes):
        raise Unknown(f"this {layer.class_name} has more than {MOST_DIMENSIONS} dimensions, which no tensor can have")
    counts = [weight.count for weight in result.weights or ()]
    sizes = [size for tensor in result.outputs for size in tensor.shape if size is not None]
    if min(sizes, default=0) < 0:
        raise Invalid(f"this {layer.class_name} would give out {_listed(result)}, and no size can be negative")
    if max(counts + sizes, default=0) > LARGEST:
        raise Unknown(f"this {layer.class_name} has a size or a weight of more than {LARGEST:,} numbers")


def _listed(result: Result) -> str:
    return " and ".join(str(tensor.shape) for tensor in result.outputs)


def _rule_of(layer: LayerConfig) -> Rule:
    if _is_operation(layer):
        found = _OPERATIONS.get(layer.class_name)
        if found is None:
            raise Unknown(f"there is no shape rule for the operation {layer.class_name}")
        return found
    key = layer.class_name, layer.generation
    if key in _REASONS:
        raise Unknown(_REASONS[key])
    found = _RULES.get(key)
    if found is None:
        raise Unknown(f"there is no shape rule for {layer.class_name} of Keras {layer.generation}")
    return found
