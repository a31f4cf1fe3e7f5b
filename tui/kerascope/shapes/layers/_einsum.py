"""Dense layers along any axes, by an equation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kerascope.shapes._reasons import refuse, told
from kerascope.shapes._registry import rule
from kerascope.shapes._types import MOST_DIMENSIONS, Call, Infer, Invalid, Result, Unknown, WeightSpec
from kerascope.shapes.layers._activations import keeps_shape
from kerascope.shapes.layers._arguments import gives, one_tensor
from kerascope.shapes.layers._core import lora

if TYPE_CHECKING:
    from kerascope.configs import LayerConfig
    from kerascope.graph import Shape

__all__: list[str] = []

FORMS = (
    re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)"),
    re.compile(r"0([a-zA-Z]+),([a-zA-Z]+)->0([a-zA-Z]+)"),
    re.compile(r"([a-zA-Z]{2,})0,([a-zA-Z]+)->([a-zA-Z]+)0"),
)
"""The equations that Keras takes: without dots, with them in front, with them at the end (dots are written 0)."""

LEFT = 1

LONGEST = 3 * MOST_DIMENSIONS
"""Characters of an equation: a letter for each dimension of three tensors."""


@rule("EinsumDense")
def einsum_dense(layer: LayerConfig, call: Call, infer: Infer) -> Result:
    """Kernel and bias by the letters of the equation (Keras 3.15 and tf-keras `_analyze_einsum_string`).

    Each letter is a size: of the input, or of the output as far as the author states it (without the batch dimension).
    """
    keeps_shape(layer)
    shape = one_tensor(layer, call).shape
    sums, kernel, gives_, form = _letters(layer)
    missing = len(shape) - len(sums)
    if missing < 0 or (missing and form == 0 and layer.generation != 3):
        raise refuse(layer, f"{len(sums)} dimensions, as its equation says", shape)
    stated = _stated(layer, shape, missing, form)
    left = missing if form == LEFT else 0
    inputs = {letter: shape[left + at] for at, letter in enumerate(sums)}
    if left + len(gives_) > len(stated):
        raise refuse(layer, f"an output_shape with a size for each of {gives_}", shape)
    outputs = {letter: stated[left + at] for at, letter in enumerate(gives_)}
    for letter in sums:
        if outputs.get(letter) is not None and outputs[letter] != inputs[letter]:
            raise refuse(layer, f"{outputs[letter]} for {letter}, as its output_shape says", shape)
    first, second = (outputs, inputs) if layer.generation == 3 else (inputs, outputs)
    weights = [WeightSpec("kernel", _made(layer, [(each, first, second) for each in kernel]))]
    bias = layer.config.get("bias_axes")
    if isinstance(bias, str):
        biased = frozenset(bias)
        if not biased or not biased <= set(gives_):
            raise Invalid(f"EinsumDense has the bias_axes {told(bias)}, expected letters of its output {gives_}")
        begin = min(gives_.index(letter) for letter in biased)
        sizes = _made(layer, [(each, outputs if each in biased else {each: 1}, {}) for each in gives_[begin:]])
        weights.append(WeightSpec("bias", sizes + (() if form == LEFT else (1,) * missing)))
    if layer.generation == 3:
        return gives(layer, stated, lora(layer, weights, "kernel"))
    # Keras 2 multiplies, so that the sizes of the input come through.
    sizes_of = {**dict(zip(kernel, weights[0].shape, strict=True)), **inputs}
    own = tuple(sizes_of[letter] for letter in gives_)
    rest = shape[:missing] if form == LEFT else shape[len(sums) :]
    return gives(layer, (*rest, *own) if form == LEFT else (*own, *rest), lora(layer, weights, "kernel"))


def _letters(layer: LayerConfig) -> tuple[str, str, str, int]:
    equation = layer.config.get("equation")
    if isinstance(equation, str) and len(equation) <= LONGEST:
        for form, pattern in enumerate(FORMS):
            # Keras 3 leaves aside what stands behind, until there is data.
            match = pattern.match if layer.generation == 3 else pattern.fullmatch
            found = match(equation.replace("...", "0"))
            if found:
                sums, kernel, given = found.groups()
                odd = set(given) - set(sums) - set(kernel) or set(kernel) - set(sums) - set(given)
                if not odd:
                    return sums, kernel, given, form
    raise Invalid(
        f"EinsumDense has the equation {told(equation)}, expected one like ab,bc->ac that uses each letter twice"
    )


def _stated(layer: LayerConfig, shape: Shape, missing: int, form: int) -> Shape:
    """The output shape as the author states it, the sizes that the equation leaves out filled in from the input."""
    stated = layer.config.get("output_shape")
    if isinstance(stated, int):
        stated = [stated]
    if not isinstance(stated, (list, tuple)) or not all(size is None or type(size) is int for size in stated):
        raise Unknown(f"its output_shape is {told(stated)}, and a list of sizes is needed")
    if len(stated) >= MOST_DIMENSIONS:
        raise Unknown(f"its output_shape has {len(stated):,} sizes, and {MOST_DIMENSIONS} dimensions are the most")
    if form == LEFT:
        return (shape[0], *reversed(shape[1:missing]), *stated)
    return (shape[0], *stated, *shape[len(shape) - missing :])


def _made(
    layer: LayerConfig, letters: list[tuple[str, dict[str, int | None], dict[str, int | None]]]
) -> tuple[int, ...]:
    """The sizes of a weight; each letter with where to look for it first and second."""
    found: list[int] = []
    for letter, first, second in letters:
        size = first[letter] if letter in first else second[letter]
        if size is None:
            raise Invalid(f"EinsumDense makes weights of the size {letter}, which is open: {tuple(first.values())}")
        found.append(size)
    return tuple(found)
