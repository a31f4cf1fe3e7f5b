"""Layers whose shapes do not follow from a config, and why."""

from __future__ import annotations

from kerascope.shapes._registry import unruled

__all__: list[str] = []

unruled(
    *("FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"),
    because="it runs a program of another framework that is not in its config",
    generations=(3,),
)
unruled(
    "FeatureSpace",
    because="it makes its layers out of features that it learns from data",
)
unruled(
    *("DenseFeatures", "SequenceFeatures"),
    because="it reads columns of a dict whose sizes stand in feature columns, not in the shapes that it is called on",
    generations=(2,),
)
