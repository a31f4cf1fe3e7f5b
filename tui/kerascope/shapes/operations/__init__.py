"""Rules for the operations of Keras 3: what `keras.ops` on symbolic tensors leaves in a functional model."""

from kerascope.shapes.operations import (
    _arrangement,
    _elementwise,
    _images,
    _linear,
    _neural,
    _products,
    _reductions,
    _signals,
)

__all__ = [
    "_arrangement",
    "_elementwise",
    "_images",
    "_linear",
    "_neural",
    "_products",
    "_reductions",
    "_signals",
]
