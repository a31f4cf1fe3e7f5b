"""One thing that a key does."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Action"]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        id: Name of the binding, for a key map.
        keys: Textual's names of the keys, comma-separated.
        shown: The keys as people read them.
        action: Textual's action.
        label: One or two words, for footer and palette.
        tooltip: One sentence.
        scope: `screen`, `move` (within a pane), `findings`, `weights`, `run` (the screen on a run), `curves`, `log`,
            `train` and `form` (what starts a run), `runs` (all of them), `rows` (one of them), `overlay` (several in
            one plot), `start`.
        footer: Whether the footer shows it.
        palette: Whether the command palette lists it.
    """

    id: str
    keys: str
    shown: str
    action: str
    label: str
    tooltip: str
    scope: str = "screen"
    footer: bool = False
    palette: bool = True
