"""The actions of a screen, for the command palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.actions import parse
from textual.app import SystemCommand

from kerascope.app._actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen

__all__ = ["palette_of"]


def palette_of(screen: Screen[Any], scope: str) -> Iterator[SystemCommand]:
    """The actions of a scope that can be done now.

    Args:
        screen: The screen that does them.
        scope: Their scope.
    """

    def soon(action: str) -> None:
        async def run() -> None:
            await screen.run_action(action)

        screen.call_later(run)

    for entry in ACTIONS:
        _namespace, name, parameters = parse(entry.action)
        if entry.palette and entry.scope == scope and screen.check_action(name, parameters):
            yield SystemCommand(
                f"{entry.label} ({entry.shown})", entry.tooltip, lambda action=entry.action: soon(action)
            )
