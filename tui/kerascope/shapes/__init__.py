"""OUR SHAPE RULES: config + input shapes -> output shapes and weights, for the built-in layers of Keras 1, 2 and 3."""

from kerascope.shapes._registry import infer, known_classes
from kerascope.shapes._types import Call, Infer, Inner, Invalid, Result, Tensor, Unknown, WeightSpec, flatten

__all__ = [
    "Call",
    "Infer",
    "Inner",
    "Invalid",
    "Result",
    "Tensor",
    "Unknown",
    "WeightSpec",
    "flatten",
    "infer",
    "known_classes",
]
