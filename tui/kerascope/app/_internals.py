"""All that depends on how Textual works inside, for the pinned version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.filter import Monochrome, NoColor
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import OptionList
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App
    from textual.strip import Strip
    from textual.style import Style
    from textual.widgets.option_list import Option

__all__ = ["FooterKey", "PlainOptionList", "drop_colors", "use_ascii_scrollbars"]


class PlainOptionList(OptionList):
    """An option list whose highlight is seen without colours.

    Textual 8.2's visual styles forget `text-style: reverse`, so that a rule in the stylesheet has no effect.
    """

    def _get_option_render(self, option: Option, style: Style) -> list[Strip]:
        if self.app.no_color and self.has_focus and self.highlighted_option is option:
            style = replace(style, reverse=True)
        return super()._get_option_render(option, style)


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
