"""What the screen asks of whoever looks at files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.graph import Inspection, Progress, Target

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

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        ...

    async def close(self) -> None:
        """End everything that was started."""
        ...
