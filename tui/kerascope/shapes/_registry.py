"""Which rule answers for which class, in which generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.shapes._types import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.configs import LayerConfig
    from kerascope.shapes._types import Call, Infer, Result, Rule

__all__ = ["infer", "known_classes", "rule"]

_RULES: dict[tuple[str, int], Rule] = {}
ALL = (1, 2, 3)


def rule(*class_names: str, generations: tuple[int, ...] = ALL) -> Callable[[Rule], Rule]:
    """Register a function as the rule of these classes.

    Args:
        class_names: Keras's names of the classes.
        generations: The generations it holds for; where they differ, each has a rule of its own.

    Raises:
        ValueError: A class has a rule already.
    """

    def register(function: Rule) -> Rule:
        for class_name in class_names:
            for generation in generations:
                if (class_name, generation) in _RULES:
                    raise ValueError(f"{class_name} has a rule for Keras {generation} already")
                _RULES[class_name, generation] = function
        return function

    return register


def known_classes(generation: int) -> frozenset[str]:
    """The classes that have a rule in a generation."""
    return frozenset(name for name, other in _RULES if other == generation)


def infer(layer: LayerConfig, call: Call, inside: Infer | None = None) -> Result:
    """What one call of a layer gives, by the rules of its generation.

    Args:
        layer: The layer; models are the business of `infer_model`.
        call: What it is called on; every tensor has a shape, whose sizes may be open.
        inside: How the layers inside it are inferred; `None` is this function.

    Returns:
        Output tensors, weights, and the same of the layers inside it.

    Raises:
        Invalid: Keras would refuse the call.
        Unknown: There is no rule for the class, or the shapes depend on what the config does not say.
    """
    if not layer.builtin:
        raise Unknown(f"{layer.class_name} is not one of Keras's own layers, and its code is not in the file")
    found = _RULES.get((layer.class_name, layer.generation))
    if found is None:
        raise Unknown(f"there is no shape rule for {layer.class_name} of Keras {layer.generation}")
    return found(layer, call, inside or infer)
