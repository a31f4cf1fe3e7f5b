"""The user's symbolic calls as a graph: what reaches a model, and what overtook what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Calls", "sinks"]

Facts = dict[str, Any]


class Calls:
    """The user's symbolic calls, for finding out what overtook a dead branch."""

    def __init__(self, calls: Sequence[Facts], sinks: frozenset[int]) -> None:
        self._sinks = sinks
        self._by_node = {call["node"]: call for call in calls}
        self._by_uid: dict[int, list[Facts]] = {}
        self._takers: dict[int, list[Facts]] = {}
        for call in calls:
            self._by_uid.setdefault(call["uid"], []).append(call)
            for parent in call["parents"]:
                self._takers.setdefault(parent, []).append(call)

    def of(self, uid: int) -> list[Facts]:
        """All calls of a layer."""
        return self._by_uid.get(uid, [])

    def reach_a_sink(self, calls: Sequence[Facts]) -> bool:
        """Whether the outputs of these calls lead to something that has no graph to show them in."""
        waiting, seen = list(calls), set()
        while waiting:
            call = waiting.pop()
            if call["node"] in seen:
                continue
            seen.add(call["node"])
            takers = self._takers.get(call["node"], [])
            if any(taker["uid"] in self._sinks for taker in takers):
                return True
            waiting += takers
        return False

    def overtaker(self, uid: int) -> tuple[Facts, int] | None:
        """The call that took the tensor a dead branch started from, and the uid of the layer that tensor came from.

        The first later one counts, of whichever of its inputs; where all came earlier, the nearest.
        """
        waiting = list(self.of(uid))
        seen: set[int] = set()
        while waiting:
            call = waiting.pop(0)
            if call["node"] in seen:
                continue
            seen.add(call["node"])
            earlier: tuple[Facts, int] | None = None
            for parent, parent_uid in zip(call["parents"], call["parent_uids"], strict=True):
                takers = [taker for taker in self._takers.get(parent, []) if taker["live"]]
                later = [taker for taker in takers if taker["sequence"] > call["sequence"]]
                if later:
                    return later[0], parent_uid
                if takers and earlier is None:
                    earlier = takers[-1], parent_uid
                if not takers and parent in self._by_node and not self._by_node[parent]["live"]:
                    waiting.append(self._by_node[parent])
            if earlier is not None:
                return earlier
        return None


def sinks(result: Facts) -> frozenset[int]:
    """Subclassed models, and layers inside them: what they are called on is used, though no graph says so."""
    models = {model["uid"] for model in result["models"] if not model["graph"]}
    return frozenset(models | {facts["uid"] for facts in result["layers"] if _inside(facts)})


def _inside(facts: Facts) -> bool:
    return (facts["in_model"] or facts["held"]) and not facts["in_graph"]
