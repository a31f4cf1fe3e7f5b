"""Declarations of layers inside wrappers, which Keras never asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kerascope.graph import Provenance, Verdict, agrees

if TYPE_CHECKING:
    from kerascope.graph import Layer

__all__ = ["judge_wrapped"]


def judge_wrapped(layers: list[Layer]) -> None:
    """Judge the declarations of layers inside wrappers by what the wrapper got, for those that never got anything."""
    by_id = {layer.id: layer for layer in layers}
    for index, layer in enumerate(layers):
        if layer.wrapper is None or layer.declared is None or layer.parent is None:
            continue
        wrapper = by_id[layer.parent]
        effective, unknown = layer.effective, layer.unknown
        if effective is None and wrapper.effective is not None:
            # Bidirectional and RNN hand their whole input on; TimeDistributed's inner layer is built, and so not here.
            effective, unknown = wrapper.effective[:1], None
        seen = [*(effective or ()), *(wrapper.effective or ())]
        shape = layer.declared.shape
        verdict = layer.verdict
        if shape is not None and seen:
            # TimeDistributed is written with the shape of one step as often as with the whole.
            verdict = Verdict.REDUNDANT if any(agrees(shape, used) for used in seen) else Verdict.DISCARDED
        layers[index] = replace(
            layer,
            effective=effective,
            unknown=unknown,
            verdict=verdict,
            provenance=None if effective is None else Provenance.KERAS,
        )
