"""What is noted of each thing that the user's code does with Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .places import Place

__all__ = ["MAX_CHAIN", "BuildRecord", "CallRecord", "FailedCall", "LayerRecord", "NodeRecord"]

MAX_CHAIN = 16
"""Exceptions that are followed back to the one they were raised for: a layer can wrap what its inner one raised."""


class LayerRecord:
    """A layer (or model) that was made: the object, where, by whom, with which arguments."""

    __slots__ = ("arguments", "called", "calls", "held", "held_by", "layer", "maker", "owner", "place", "uid")

    def __init__(self, uid: int, layer: Any, owner: str, maker: str, place: Place | None, arguments: Any) -> None:
        self.uid = uid
        self.layer = layer
        self.owner = owner
        self.maker = maker
        self.place = place
        self.arguments: list[tuple[str, Any]] = arguments
        self.called = 0
        self.calls: list[CallRecord] = []
        self.held = False
        self.held_by: int | None = None


class CallRecord:
    """Shapes that went into and came out of one call of a layer, and the layers whose outputs went in."""

    __slots__ = ("inputs", "number", "outputs", "place", "sources")

    def __init__(
        self, number: int, inputs: list[Any], outputs: list[Any], place: Place | None, sources: list[int]
    ) -> None:
        self.number = number
        self.inputs = inputs
        self.outputs = outputs
        self.place = place
        self.sources = sources


class BuildRecord:
    """A `build(shape)` call of the user's on a model."""

    __slots__ = ("place", "shape", "uid")

    def __init__(self, uid: int, shape: Any, place: Place | None) -> None:
        self.uid = uid
        self.shape = shape
        self.place = place


class FailedCall:
    """A call of a layer that raised: the innermost one that the user made, with the shapes that came in."""

    __slots__ = ("error", "inputs", "place", "uid")

    def __init__(self, uid: int, inputs: list[Any], place: Place | None, error: BaseException) -> None:
        self.uid = uid
        self.inputs = inputs
        self.place = place
        self.error = error

    def led_to(self, error: BaseException) -> bool:
        """Whether an exception is the one of this call, or was raised while that was handled, as Keras does it."""
        seen: BaseException | None = error
        for _ in range(MAX_CHAIN):
            if seen is None or seen is self.error:
                break
            seen = seen.__cause__ or seen.__context__
        return seen is self.error


class NodeRecord:
    """One symbolic call, as Keras wired it into its graph."""

    __slots__ = ("direct", "node", "place", "sequence")

    def __init__(self, node: Any, sequence: int, place: Place | None, direct: bool) -> None:
        self.node = node
        self.sequence = sequence
        self.place = place
        self.direct = direct
