"""A list of the models of a file, to choose one from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kerascope.app._internals import PlainOptionList
from kerascope.app._view import named_models
from kerascope.app._words import count_of
from kerascope.graph import title_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.graph import Inspection

__all__ = ["ModelsScreen"]


class ModelsScreen(ModalScreen[int | None]):
    """Answers with the index of the model that was chosen, `None` when the list was left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        ("escape,q,m", "leave", "back"),
        ("j", "move(1)", "down"),
        ("k", "move(-1)", "up"),
    ]

    def __init__(self, inspection: Inspection, index: int) -> None:
        super().__init__()
        self._inspection = inspection
        self._index = index

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Models of this file"
            yield PlainOptionList(*self._options(), id="models", markup=False)
            yield Static("enter shows the model, esc leaves", id="dialog-keys")

    def _options(self) -> list[Option]:
        models = named_models(self._inspection)
        options = []
        for number, model in enumerate(models, 1):
            found = sum(finding.model == model.name for finding in self._inspection.findings)
            remarks = [count_of(len(model.layers), "layer")]
            if model.params is not None:
                remarks.append(count_of(model.params.total, "parameter"))
            if found:
                remarks.append(count_of(found, "finding"))
            if not model.built:
                remarks.append("not built")
            where = f", line {model.location.line}" if model.location is not None else ""
            options.append(
                Option(
                    Content.assemble(
                        (f"{number} {title_of(model)}", "bold"),
                        f" ({model.class_name or 'Model'}{where})\n  ",
                        (", ".join(remarks), "$foreground-muted"),
                    )
                )
            )
        return options

    def on_mount(self) -> None:
        """Begin at the model that is shown."""
        self.query_one(OptionList).highlighted = self._index

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Up or down the list."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()
