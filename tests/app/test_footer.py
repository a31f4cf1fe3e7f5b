"""The hints at the bottom of a screen: whole ones, as many as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.binding import Binding

from kerascope.app.widgets.footer import KeyHints

if TYPE_CHECKING:
    from textual.app import ComposeResult

HINTS = {
    "f": "next finding",
    "slash": "search",
    "r": "look again",
    "question_mark": "help",
    "q": "leave",
    "t": "train",
}
SHOWN = {"slash": "/", "question_mark": "?"}


class Hinting(App[None]):
    """A screen with more hints than there may be room for."""

    BINDINGS = [
        Binding(key, f"notify('{key}')", label, key_display=SHOWN.get(key, key)) for key, label in HINTS.items()
    ]
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield KeyHints()


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (63, "f next finding / search r look again ? help q leave t train"),
        (58, "f next finding r look again ? help q leave t train"),
        (45, "f next finding ? help q leave t train"),
        (30, "? help q leave t train"),
        (16, "? help q leave"),
    ],
)
async def test_hints_are_whole(width: int, said: str) -> None:
    app = Hinting()
    async with app.run_test(size=(width, 5)) as pilot:
        await pilot.pause()
        assert last_line(app) == said
        await pilot.resize_terminal(80, 5)
        await pilot.pause()
        assert last_line(app) == "f next finding / search r look again ? help q leave t train"
        await pilot.resize_terminal(width, 5)
        await pilot.pause()
        assert last_line(app) == said


def last_line(app: App[None]) -> str:
    return "".join(strip.text for strip in app.screen._compositor.render_strips()[-1:]).strip()
