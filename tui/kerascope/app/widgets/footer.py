"""The keys at the bottom of a screen, as many as there is room for, each of them whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.widgets import Footer

from kerascope.app._internals import FooterKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

__all__ = ["KeyHints"]

_FIRST_TO_GO = ("slash",)
"""What most people try anyway."""

_LAST_TO_GO = ("t", "q", "question_mark")
"""How to leave, and where all keys are explained; and what a file that was looked at is for."""


class KeyHints(Footer):
    """A footer that leaves out hints instead of cutting one at the edge."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        """The hints that fit."""
        children = list(super().compose())
        self._fit([child for child in children if isinstance(child, FooterKey)])
        yield from children

    def on_resize(self) -> None:
        """Others fit now."""
        self._fit(list(self.query(FooterKey)))

    def _fit(self, hints: Sequence[FooterKey]) -> None:
        room = self.app.size.width - 2 + 1  # the last one needs no gap behind it
        shown = list(hints)
        for at in sorted(range(len(hints)), key=lambda at: (_rank(hints[at].key), -at)):
            if sum(map(_cells, shown)) <= room:
                break
            shown.remove(hints[at])
        for hint in hints:
            hint.display = hint in shown


def _cells(hint: FooterKey) -> int:
    return cell_len(f"{hint.key_display} {hint.description} ")


def _rank(key: str) -> int:
    """The lower the sooner it goes."""
    if key in _LAST_TO_GO:
        return 2 + _LAST_TO_GO.index(key)
    return 0 if key in _FIRST_TO_GO else 1
