"""How a layer's shape came to be: the way from an input of the model to it, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerascope.graph._types import Layer

__all__ = ["Step", "chain_to", "cut_chain"]


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
    parts: list[list[Step]] = []
    wanted: str | None = layer_id
    seen: set[str] = set()
    while wanted is not None and wanted in layers and wanted not in seen:
        seen.add(wanted)
        way = _way_back(layers, wanted)
        steps = [
            _step(layers, name, way[at - 1] if at else None, enters=bool(parts) and name == wanted)
            for at, name in enumerate(way)
        ]
        parts.append(steps)
        wanted = layers[wanted].parent
    return tuple(step for steps in reversed(parts) for step in steps)


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
    inbound = layers[name].inbound
    if len(inbound) == 1:  # nearly all, and a chain may be ten thousand layers long
        return [inbound[0]] if inbound[0] in layers and inbound[0] != name else []
    return [source for source in dict.fromkeys(inbound) if source in layers and source != name]


def _step(layers: Mapping[str, Layer], name: str, before: str | None, *, enters: bool) -> Step:
    layer = layers[name]
    if layer.inbound == (before,):
        return Step(layer, (), enters)
    others = tuple(layers[source] for source in _sources(layers, name) if source != before)
    return Step(layer, others, enters)


def cut_chain(steps: Sequence[Step], most: int) -> tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]:
    """A chain as its beginning, the middle that is left out, and its end; never more than `most` steps are kept.

    Args:
        steps: The chain.
        most: How many steps there is room for, at least 2.
    """
    if len(steps) <= most:
        return tuple(steps), (), ()
    head = max(1, most // 3)
    tail = max(1, most - head)
    return tuple(steps[:head]), tuple(steps[head : len(steps) - tail]), tuple(steps[len(steps) - tail :])
