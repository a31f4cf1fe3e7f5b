"""The rules of layers that look at one tensor: dense, convolutions, pooling, reshaping, normalization, activations."""

from kerascope.shapes.layers import (
    _activations,
    _convolution,
    _core,
    _einsum,
    _locally_connected,
    _normalization,
    _pooling,
    _reshaping,
)

__all__ = [
    "_activations",
    "_convolution",
    "_core",
    "_einsum",
    "_locally_connected",
    "_normalization",
    "_pooling",
    "_reshaping",
]
