"""What the screen asks of whoever looks at files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kerascope.graph import Inspection, Progress

__all__ = ["Inspector"]


class Inspector(Protocol):
    """Looks at files: `glance` at the program text at once, `look` for the true answer."""

    def glance(self, path: Path) -> Inspection:
        """What the program text alone says, within milliseconds; its failure is set when there is no text to read."""
        ...

    async def look(self, path: Path, on_progress: Callable[[Progress], None]) -> Inspection:
        """What Keras says. Cancelling the task that awaits this ends the work."""
        ...

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        ...

    async def close(self) -> None:
        """End everything that was started."""
        ...
