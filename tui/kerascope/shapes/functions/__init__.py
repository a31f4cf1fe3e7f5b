"""Rules for TensorFlow functions: what `tf.*` on symbolic tensors leaves in a functional model of Keras 2."""

from kerascope.shapes.functions import (
    _elementwise,
    _images,
    _joining,
    _layers,
    _picking,
    _products,
    _raw,
    _reductions,
    _reshaping,
)

__all__ = [
    "_elementwise",
    "_images",
    "_joining",
    "_layers",
    "_picking",
    "_products",
    "_raw",
    "_reductions",
    "_reshaping",
]
