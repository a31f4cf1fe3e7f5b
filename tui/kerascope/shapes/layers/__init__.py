"""The rules of layers, a module for each kind of them."""

from kerascope.shapes.layers import (
    _activations,
    _attention,
    _cells,
    _conv_lstm,
    _convolution,
    _core,
    _einsum,
    _locally_connected,
    _merging,
    _normalization,
    _pooling,
    _recurrent,
    _reshaping,
    _wrappers,
)

__all__ = [
    "_activations",
    "_attention",
    "_cells",
    "_conv_lstm",
    "_convolution",
    "_core",
    "_einsum",
    "_locally_connected",
    "_merging",
    "_normalization",
    "_pooling",
    "_recurrent",
    "_reshaping",
    "_wrappers",
]
