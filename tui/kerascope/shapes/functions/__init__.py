"""Rules for TensorFlow functions: what `tf.*` on symbolic tensors leaves in a functional model of Keras 2."""

from kerascope.shapes.functions import _arrangement, _elementwise, _images, _layers, _products, _raw, _reductions

__all__ = ["_arrangement", "_elementwise", "_images", "_layers", "_products", "_raw", "_reductions"]
