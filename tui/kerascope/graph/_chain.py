"""How a layer's shape came to be: the way from an input of the model to it, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerascope.graph._types import Layer

__all__ = ["Step", "chain_ends", "chain_to"]

_Pass: TypeAlias = "tuple[str, str | None, bool]"
"""A layer's id, that of the layer before it, and whether the way goes on inside."""


@dataclass(frozen=True, slots=True)
class Step:
    """One layer on the way.

    Attributes:
        layer: The layer the shape passes through.
        others: What else the layer takes: the other inputs of a merge.
        enters: The way goes on inside this layer, a model or block: what counts is what comes in.
    """

    layer: Layer
    others: tuple[Layer, ...] = ()
    enters: bool = False


def chain_to(layers: Mapping[str, Layer], layer_id: str) -> tuple[Step, ...]:
    """The steps from a layer that nothing leads to, to the layer itself, in time proportional to the connections.

    Of several inputs the first is followed that leads back to a beginning; a shared layer that is called on its own
    result is passed once. Inside a nested model the way to that model comes first.

    Args:
        layers: All layers of the inspection by id.
        layer_id: The layer to explain; it is the last step.
    """
    return tuple(_step(layers, passed) for passed in _passes(layers, layer_id))


def chain_ends(
    layers: Mapping[str, Layer], layer_id: str, most: int
) -> tuple[tuple[Step, ...], tuple[Layer, ...], tuple[Step, ...]]:
    """The same as its beginning, the layers in the middle that are left out, and its end.

    Args:
        layers: All layers of the inspection by id.
        layer_id: The layer to explain.
        most: How many steps there is room for, at least 2; never more are kept.
    """
    passes = _passes(layers, layer_id)
    head = len(passes) if len(passes) <= most else max(1, most // 3)
    tail = len(passes) if len(passes) <= most else len(passes) - max(1, most - head)
    return (
        tuple(_step(layers, passed) for passed in passes[:head]),
        tuple(layers[name] for name, _before, _enters in passes[head:tail]),
        tuple(_step(layers, passed) for passed in passes[tail:]),
    )


def _passes(layers: Mapping[str, Layer], layer_id: str) -> list[_Pass]:
    """What a chain passes through, from its beginning on."""
    parts: list[list[_Pass]] = []
    wanted: str | None = layer_id
    seen: set[str] = set()
    while wanted is not None and wanted in layers and wanted not in seen:
        seen.add(wanted)
        way = _straight_back(layers, wanted) or _way_back(layers, wanted)
        inner = bool(parts)
        parts.append(
            [(name, before, inner and name == wanted) for name, before in zip(way, (None, *way), strict=False)]
        )
        wanted = layers[wanted].parent
    return [passed for part in reversed(parts) for passed in part]


def _straight_back(layers: Mapping[str, Layer], layer_id: str) -> list[str] | None:
    """Ids from a layer without inputs to `layer_id` by first inputs alone; `None` where these run in a ring."""
    way, seen = [layer_id], {layer_id}
    name = layer_id
    while True:
        inbound = layers[name].inbound
        if not inbound:
            break
        source = inbound[0]
        if source not in layers or source == name:
            sources = _sources(layers, name)
            if not sources:
                break
            source = sources[0]
        if source in seen:
            return None
        seen.add(source)
        way.append(source)
        name = source
    way.reverse()
    return way


def _way_back(layers: Mapping[str, Layer], layer_id: str) -> list[str]:
    """Ids from a layer without inputs to `layer_id`; from the first input on where every way runs in a ring."""
    came_from: dict[str, str | None] = {}
    waiting: list[tuple[str, str | None]] = [(layer_id, None)]
    start = None
    while waiting:
        name, taker = waiting.pop()
        if name in came_from:
            continue
        came_from[name] = taker
        sources = _sources(layers, name)
        if not sources:
            start = name
            break
        # The last one put there is taken first, so that the first input is followed before the others.
        waiting += [(source, name) for source in reversed(sources) if source not in came_from]
    if start is None:
        sources = [source for source in _sources(layers, layer_id) if source != layer_id]
        return [*sources[:1], layer_id]
    way: list[str] = []
    at: str | None = start
    while at is not None:
        way.append(at)
        at = came_from[at]
    return way


def _sources(layers: Mapping[str, Layer], name: str) -> list[str]:
    """The known inputs of a layer, each once, without itself."""
    return [source for source in dict.fromkeys(layers[name].inbound) if source in layers and source != name]


def _step(layers: Mapping[str, Layer], passed: _Pass) -> Step:
    name, before, enters = passed
    others = tuple(layers[source] for source in _sources(layers, name) if source != before)
    return Step(layers[name], others, enters)
