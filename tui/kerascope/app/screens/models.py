"""A list of the models of a file, and of what would make others, to choose one from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from kerascope.app._internals import PlainOptionList
from kerascope.app._view import named_models
from kerascope.app._words import call_text, counted, factory_title
from kerascope.graph import title_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks
    from kerascope.graph import Factory, Inspection, Target

__all__ = ["Choice", "ModelsScreen"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: a model of the answer, a factory to call, or (with neither) all models of the file.

    `ask` wants to give the factory arguments, also where it needs none.
    """

    index: int | None = None
    factory: Factory | None = None
    ask: bool = False


class ModelsScreen(ModalScreen[Choice | None]):
    """Answers with what was chosen, `None` when the list was left."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [
        ("escape,q,m", "leave", "back"),
        ("j", "move(1)", "down"),
        ("k", "move(-1)", "up"),
        ("a", "ask", "arguments"),
    ]

    def __init__(self, inspection: Inspection, index: int, target: Target, marks: Marks) -> None:
        super().__init__()
        self._inspection = inspection
        self._index = index
        self._target = target
        self._marks = marks
        self._choices: list[Choice] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Models of this file"
            # On the border: a list longer than the window must not push it out of sight.
            dialog.border_subtitle = "enter shows the model, esc leaves"
            if self._inspection.factories:
                dialog.border_subtitle = "enter shows or makes it, a asks for arguments, esc leaves"
            yield PlainOptionList(*self._options(), id="models", markup=False)

    def _options(self) -> list[Option]:
        options = []
        for number, model in enumerate(named_models(self._inspection), 1):
            found = sum(finding.model == model.name for finding in self._inspection.findings)
            remarks = [counted(len(model.layers), "layer")]
            if model.params is not None:
                remarks.append(counted(model.params.total, "parameter"))
            if found:
                remarks.append(counted(found, "finding"))
            if not model.built:
                remarks.append("not built")
            if model.made_by is not None:
                remarks.append(f"by {model.made_by}")
            place = model.location
            where = f", {self._inspection.source.line_name(place.line, place.path)}" if place is not None else ""
            head = f" ({model.class_name or 'Model'}{where})\n  "
            options.append(self._option(Choice(index=number - 1), f"{number} {title_of(model)}", head, remarks))
        for factory in self._inspection.factories:
            title, _, where = factory_title(factory, self._inspection.source).partition(" · ")
            remark = "was called for its model, enter calls it again" if factory.called else "enter calls it"
            if factory.required:
                remark = f"needs {', '.join(factory.required)}, enter asks for it"
            options.append(self._option(Choice(factory=factory), title, f" · {where}\n  ", [remark]))
        if self._target.name is not None:
            shown = call_text(self._target.name, self._target.call)
            options.append(self._option(Choice(), "all models of this file", "\n  ", [f"not only {shown}"]))
        return options

    def _option(self, choice: Choice, title: str, middle: str, remarks: list[str]) -> Option:
        self._choices.append(choice)
        text = self._marks.text
        return Option(Content.assemble((title, "bold"), text(middle), (text(", ".join(remarks)), "$foreground-muted")))

    def on_mount(self) -> None:
        """Begin at the model that is shown."""
        self.query_one(OptionList).highlighted = self._index if self._choices else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        self.dismiss(self._choices[event.option_index])

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

    def action_ask(self) -> None:
        """Call the highlighted factory with arguments."""
        at = self.query_one(OptionList).highlighted
        factory = self._choices[at].factory if at is not None else None
        if factory is not None:
            self.dismiss(Choice(factory=factory, ask=True))
