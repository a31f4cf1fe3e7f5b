"""What the screen asks of whoever looks at files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from kerascope.graph import Inspection, Progress, Target, WeightStats

__all__ = ["Inspector"]


class Inspector(Protocol):
    """Looks at files: `glance` at the program text at once, `look` for the true answer."""

    def glance(self, target: Target) -> Inspection:
        """What the program text alone says, within milliseconds; its failure is set when there is no text to read."""
        ...

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        """What Keras says, with `compare` the other generation too. Cancelling the task ends the work."""
        ...

    def weight_stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        """Read the numbers of these weights of a saved file, in this order, and give each one's statistics as it comes.

        Args:
            inspection: The answer that holds the weights.
            paths: `Weight.path` of each.

        Yields:
            The path, and its statistics, else why there are none. Closing the generator ends the work.
        """
        ...

    def with_weight_stats(self, inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
        """The same answer with these statistics, or reasons, in its weights, and the findings that they make."""
        ...

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        ...

    async def close(self) -> None:
        """End everything that was started."""
        ...
