"""The layers of a model, found by their ids: a model may have 10,000 of them, and as many findings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kerascope.graph import Layer, Model

__all__ = ["Rows"]


class Rows:
    """The layers of one model; the index is made when something is first looked for.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    def get(self, layer_id: str | None) -> Layer | None:
        """The layer with this id, `None` where the model has none."""
        place = self._places.get(layer_id) if layer_id is not None else None
        return None if place is None else self.model.layers[place]

    def among(self, layer_ids: Iterable[str]) -> list[Layer]:
        """The layers with these ids, in the order of the model."""
        places = {place for each in layer_ids if (place := self._places.get(each)) is not None}
        return [self.model.layers[place] for place in sorted(places)]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {layer.id: place for place, layer in enumerate(self.model.layers)}
