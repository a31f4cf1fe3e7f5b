"""The form that starts a training: what is trained, on what, and the command that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from kerascope.app._actions import bindings
from kerascope.app._clipboard import copy_by_tmux
from kerascope.app._palette import palette_of
from kerascope.app._train_form import Form, form_of
from kerascope.app._train_words import about_lines, doubts, field_help
from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.footer import KeyHints
from kerascope.app.widgets.form_pane import FormPane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual import events
    from textual.app import ComposeResult, SystemCommand
    from textual.worker import Worker

    from kerascope.app._marks import Marks
    from kerascope.app._protocol import Trainer
    from kerascope.app._train_facts import TrainFacts
    from kerascope.app._train_fields import Field
    from kerascope.runs import Run

__all__ = ["TrainAnswer", "TrainScreen"]

_ABOUT_MOST = {"-low-height": 2, "-enough-height": 4}
"""Lines about the model above the fields, by the class of the window's height."""

_HELP = """\
This form starts a training that outlives the screen, the terminal and the connection: it is a process of its own that \
writes only into its run's directory.

Where the file has fit calls of its own, the file is run for real, as it is, and every call is counted and logged; \
epochs and batch size may be overridden. Else, or where you want it, the model is trained with data that is named here.

A field in which nothing stands takes what is written there in a paler colour. At the bottom is the command that \
starts the same run; y copies it. Nothing is remembered when kerascope ends."""


@dataclass(frozen=True, slots=True)
class TrainAnswer:
    """How the form was left: with what in it, and with which run, if one was started."""

    values: Mapping[str, str]
    run: Run | None = None


class _Typing(Input):
    """The text of a field while it is typed."""

    BINDINGS = [
        Binding("enter", "submit", "keep", key_display="enter"),
        Binding("escape", "give_up", "as it was", key_display="esc"),
        Binding("tab,down", "screen.accept(1)", "next field", key_display="tab"),
        Binding("shift+tab,up", "screen.accept(-1)", "field before", show=False),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def action_give_up(self) -> None:
        """Leave the field as it was."""
        screen = self.screen
        assert isinstance(screen, TrainScreen)
        screen.give_up_typing()


class TrainScreen(Screen[TrainAnswer]):
    """Answers with the values of the form, and the run once it is started.

    Args:
        facts: What is known of the file.
        trainer: Starts runs.
        marks: Glyphs.
        values: What stood in the form when it was left last.
    """

    CSS_PATH = "train.tcss"
    BINDINGS = bindings("train")
    AUTO_FOCUS = "#form"

    def __init__(
        self, facts: TrainFacts, trainer: Trainer, marks: Marks, values: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._facts = facts
        self._trainer = trainer
        self._marks = marks
        self._form = form_of(facts) if values is None else Form(facts, {**form_of(facts).values, **values})
        self._typed: tuple[Field, str] | None = None
        """The field that is being typed into, and what stood in it before."""
        self._starting = False
        self._starter: Worker[None] | None = None
        self._kept = False

    def compose(self) -> ComposeResult:
        yield Static(
            "kerascope needs a window of at least 60 columns and 15 lines. Please make it larger; q leaves.",
            id="train-too-small",
        )
        yield Static(id="train-title")
        yield Static(id="train-about")
        with Container(id="train-body"):
            yield FormPane(self._marks, id="form")
            yield _Typing(id="typing")
        yield StatusBar(id="train-help")
        yield Static(id="train-command")
        yield KeyHints()

    def on_mount(self) -> None:
        """Show the form."""
        self._show(self._form)

    def _show(self, form: Form) -> None:
        """Give every part what stands in the form now; a part that is the same is not written again."""
        self._form = form
        self.query_one(FormPane).form = form
        self._show_about()
        self._write("#train-command", Content.assemble(("$ ", "$foreground-muted"), form.command))

    def _show_about(self) -> None:
        facts, marks = self._facts, self._marks
        right = f"  {facts.model}" if facts.model else ""
        title = Content.assemble(("Train ", "bold $primary"), (facts.title, "bold"), (right, "$foreground-muted"))
        self._write("#train-title", title)
        most = next((number for name, number in _ABOUT_MOST.items() if self.has_class(name)), 4)
        lines = about_lines(self._form, marks, most)
        self._write("#train-about", Content("\n").join(Content.styled(marks.text(text), how) for text, how in lines))
        self.query_one("#train-about").display = bool(lines)

    def _write(self, selector: str, content: Content) -> None:
        part = self.query_one(selector, Static)
        if part.content != content:
            part.update(content)

    def on_resize(self, event: events.Resize) -> None:
        """There is room for more, or for less."""
        if self.is_mounted:
            self._show_about()
            self.call_after_refresh(self._place_typing)

    def _say(self, text: str) -> None:
        self.query_one(StatusBar).text = self._marks.text(text)

    # What the pane tells

    def on_form_pane_selected(self, message: FormPane.Selected) -> None:
        """Say what the field is for, unless something else was said on the way to it."""
        if not self._kept:
            self._say(field_help(message.field))
        self._kept = False

    def on_form_pane_changed(self, message: FormPane.Changed) -> None:
        """Take the form with the change."""
        self._show(message.form)

    def on_form_pane_start(self) -> None:
        """Start the run."""
        self.action_start()

    # Typing

    def on_form_pane_edit(self, message: FormPane.Edit) -> None:
        """Open the line in which the field's text is typed, where its value stands."""
        field = message.field
        before = self._form.values[field.key]
        self._typed = None
        line = self.query_one(_Typing)
        line.placeholder = f"for example {field.example}"
        line.value = before
        line.cursor_position = len(before)
        self._typed = (field, before)
        self._place_typing()
        line.add_class("-open")
        line.focus()

    def _place_typing(self) -> None:
        """Lay the line over the value of its field."""
        if self._typed is None:
            return
        pane, line = self.query_one(FormPane), self.query_one(_Typing)
        place = pane.place_of(self._typed[0].key)
        if place is None:
            self._close_typing()
            return
        line.styles.offset = (place.x, place.y)
        line.styles.width = max(8, pane.size.width - place.x - 1)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed counts at once: the command below and what is wrong follow it."""
        event.stop()
        if self._typed is not None and event.value != self._form.values[self._typed[0].key]:
            self._show(self._form.with_value(self._typed[0].key, event.value))
            self._place_typing()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed."""
        event.stop()
        self._close_typing()

    def action_accept(self, step: int) -> None:
        """Keep what was typed, and go to the field beside it."""
        self._close_typing()
        pane = self.query_one(FormPane)
        if step > 0:
            pane.action_down()
        else:
            pane.action_up()

    def give_up_typing(self) -> None:
        """Leave the field as it was."""
        if self._typed is not None:
            field, before = self._typed
            self._typed = None
            self._show(self._form.with_value(field.key, before))
        self._close_typing()

    def _close_typing(self) -> None:
        self._typed = None
        self.query_one(_Typing).remove_class("-open")
        self.query_one(FormPane).focus()

    # What the keys do

    def action_start(self) -> None:
        """Start the run; where it is known to fail that is said first."""
        if self._starting:
            return
        pane = self.query_one(FormPane)
        before = pane.selected
        if pane.show_errors():
            count = len(self._form.errors)
            self._say("one field is not right yet" if count == 1 else f"{count} fields are not right yet")
            self._kept = pane.selected is not before
            return
        doubt = doubts(self._form)
        if not doubt:
            self._start()
            return

        def answered(meant: bool | None) -> None:
            if meant:
                self._start()
            else:
                self._say("nothing was started")

        self.app.push_screen(ConfirmScreen("Start anyway?", doubt, "starts it", self._marks), answered)

    def _start(self) -> None:
        self._starting = True
        self._say("starting the run …")
        self._starter = self.run_worker(self._run_start, group="start", exit_on_error=False)

    async def _run_start(self) -> None:
        spec = self._form.spec
        assert spec is not None, "wrong fields are refused before"
        try:
            run = await self._trainer.start(spec, self._facts.text)
        except Exception as error:
            # Whatever keeps it from starting is something to show, not the end of the form.
            self._say(f"the run was not started: {error or type(error).__name__}")
            return
        finally:
            self._starting = False
        self.dismiss(TrainAnswer(self._form.values, run))

    def action_leave(self) -> None:
        """Back, starting nothing."""
        if self._starting:
            self._say("the run is being started; it can be stopped once it runs")
            return
        self.dismiss(TrainAnswer(self._form.values))

    def action_back(self) -> None:
        """Back, starting nothing."""
        self.action_leave()

    def action_interrupt(self) -> None:
        """Say what leaves."""
        self._say("q leaves, nothing is started")

    async def action_copy(self) -> None:
        """Copy the command line, and say how."""
        self.app.copy_to_clipboard(self._form.command)
        tried = "asked the terminal (OSC 52) to copy"
        if await copy_by_tmux(self._form.command):
            tried += ", and gave tmux,"
        self._say(f"{tried} the command line")

    def action_help(self) -> None:
        """Explain the form and its keys."""
        self.app.push_screen(HelpScreen(list(self.active_bindings.values()), self._marks, (_HELP, [])))

    def palette_commands(self) -> Iterable[SystemCommand]:
        """The actions, for the command palette."""
        yield from palette_of(self, "train")
