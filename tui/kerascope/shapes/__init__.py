"""OUR SHAPE RULES: config + input shapes -> output shapes and weights, for the built-in layers of Keras 1, 2 and 3."""

from kerascope.shapes import functions as functions
from kerascope.shapes import layers as layers
from kerascope.shapes import operations as operations
from kerascope.shapes import preprocessing as preprocessing
from kerascope.shapes._calls import CallShapes, LayerShapes, ModelShapes, as_shape, refs_in
from kerascope.shapes._models import infer_model
from kerascope.shapes._registry import infer, known_classes
from kerascope.shapes._types import Call, Infer, Inner, Invalid, Result, Tensor, Unknown, WeightSpec, as_inputs, flatten

__all__ = [
    "Call",
    "CallShapes",
    "Infer",
    "Inner",
    "Invalid",
    "LayerShapes",
    "ModelShapes",
    "Result",
    "Tensor",
    "Unknown",
    "WeightSpec",
    "as_inputs",
    "as_shape",
    "flatten",
    "infer",
    "infer_model",
    "known_classes",
    "refs_in",
]
