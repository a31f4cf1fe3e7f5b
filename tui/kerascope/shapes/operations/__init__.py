"""Rules for the operations of Keras 3: what `keras.ops` on symbolic tensors leaves in a functional model."""

from kerascope.shapes.operations import (
    _elementwise,
    _images,
    _joining,
    _linear,
    _neural,
    _picking,
    _products,
    _reductions,
    _reshaping,
    _signals,
)

__all__ = [
    "_elementwise",
    "_images",
    "_joining",
    "_linear",
    "_neural",
    "_picking",
    "_products",
    "_reductions",
    "_reshaping",
    "_signals",
]
