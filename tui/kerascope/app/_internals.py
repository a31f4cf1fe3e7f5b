"""All that depends on how Textual works inside, for the pinned version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.filter import Monochrome, NoColor
from textual.scrollbar import ScrollBar, ScrollBarRender

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

__all__ = ["drop_colors", "use_ascii_scrollbars"]


class _AsciiScrollBarRender(ScrollBarRender):
    """A scrollbar of whole cells: no eighth blocks."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


def use_ascii_scrollbars(ascii_only: bool) -> None:
    """Draw scrollbars of blanks in reverse instead of with block characters."""
    ScrollBar.renderer = _AsciiScrollBarRender if ascii_only else ScrollBarRender


def drop_colors(app: App[Any]) -> bool:
    """Under NO_COLOR send no colours at all; whether it is set.

    Textual chooses between "greys" and "none" by the theme it has while it is constructed; a theme set later does not
    change that.
    """
    if not app.no_color:
        return False
    app.theme = "ansi-dark"
    app._filters = [NoColor() if isinstance(entry, Monochrome) else entry for entry in app._filters]
    return True
