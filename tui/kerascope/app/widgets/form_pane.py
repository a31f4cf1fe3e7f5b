"""The fields of a form in groups, one row each, with what is wrong beneath them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kerascope.app._actions import bindings
from kerascope.app._columns import fit
from kerascope.app._train_fields import GROUPS
from kerascope.app.widgets._pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style
    from textual import events

    from kerascope.app._marks import Marks
    from kerascope.app._train_fields import Field, Group
    from kerascope.app._train_form import Form

__all__ = ["FormPane"]

_LABEL = 4
"""Cell at which labels begin."""

_VALUE = 21
"""Cell at which values begin."""

START = "start"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: a heading, a field, a part of what is wrong with one, or what starts the run."""

    kind: str
    key: str
    text: str = ""
    field: Field | None = None


class FormPane(LinePane):
    """Shows `form`; what its keys change is told by messages, and comes back as another form."""

    COMPONENT_CLASSES = {
        "form--group",
        "form--label",
        "form--value",
        "form--muted",
        "form--error",
        "form--start",
        "form--cursor",
        "form--cursor-blurred",
    }
    BINDINGS = bindings("form") + bindings("move")

    form: reactive[Form | None] = reactive(None, repaint=False, always_update=True)
    cursor: reactive[int] = reactive(-1, repaint=False)
    """Index of the selected line, -1 before there is a form."""

    class Selected(Message):
        """Another field is selected."""

        def __init__(self, field: Field | None) -> None:
            super().__init__()
            self.field = field

    class Changed(Message):
        """A key has changed a field."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

    class Edit(Message):
        """The text of a field is to be typed."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class Start(Message):
        """The run is to be started."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(marks, id=id)
        self._lines: tuple[_Line, ...] = ()
        self._folded = {group.key for group in GROUPS if group.folded}
        self._faulty = False
        self._told = ""

    @property
    def line_count(self) -> int:
        return len(self._lines)

    @property
    def selected(self) -> Field | None:
        """The field that is selected."""
        line = self._line(self.cursor)
        return line.field if line is not None else None

    def watch_form(self, form: Form | None) -> None:
        """Show it; the same field stays selected."""
        if form is not None:
            self._take_lines()

    def on_resize(self) -> None:
        """Wrap anew what is wrong."""
        self._take_lines()

    def show_errors(self) -> bool:
        """From now on say what is wrong with fields that nobody has touched, too, and go to the first; whether any."""
        form = self.form
        if form is None or not form.errors:
            return False
        self._faulty = True
        first = next(field for field in form.fields if field.key in form.errors)
        self._folded -= {field.group for field in form.fields if field.key in form.errors}
        self._take_lines()
        self.select(first.key)
        return True

    def select(self, key: str) -> None:
        """Select a field by its key."""
        at = next((at for at, line in enumerate(self._lines) if line.key == key and line.kind != "error"), None)
        if at is not None:
            self.cursor = at

    def place_of(self, key: str) -> Offset | None:
        """Where in this pane the value of a field stands; `None` where it is out of sight."""
        at = next((at for at, line in enumerate(self._lines) if line.key == key and line.kind == "field"), None)
        if at is None:
            return None
        y = at - round(self.scroll_y)
        return Offset(_VALUE, y) if 0 <= y < self.size.height else None

    # Lines

    def _take_lines(self) -> None:
        if self.form is None:
            return
        before = self._line(self.cursor)
        self._lines = tuple(self._make_lines(self.form))
        self.virtual_size = Size(self.size.width, len(self._lines))
        key = before.key if before is not None else self._first_key(self.form)
        at = next((at for at, line in enumerate(self._lines) if line.key == key and line.kind != "error"), None)
        # A field that is gone leaves the cursor where it was.
        self.cursor = at if at is not None else self._near(min(self.cursor, len(self._lines) - 1), -1)
        self.show_line(self.cursor)
        self.refresh()

    def _first_key(self, form: Form) -> str:
        """What is to be filled in first: the data where there is none, else what is most often changed."""
        return "data" if "data" in form.errors else "epochs"

    def _make_lines(self, form: Form) -> Iterator[_Line]:
        for group in GROUPS:
            fields = [field for field in form.fields if field.group == group.key]
            if not fields:
                continue
            yield _Line("group", group.key)
            if group.key in self._folded:
                continue
            for field in fields:
                yield _Line("field", field.key, field=field)
                yield from self._errors(form, field)
        yield _Line("start", START)

    def _errors(self, form: Form, field: Field) -> Iterator[_Line]:
        error = form.errors.get(field.key)
        # Nothing is wrong yet with a field that was not begun.
        if error is None or not (self._faulty or form.values[field.key].strip()):
            return
        width = max(20, self.size.width - _LABEL - 2)
        for part in textwrap.wrap(f"{self.marks.loose} {self.marks.text(error)}", width, subsequent_indent="  "):
            yield _Line("error", field.key, part)

    def _line(self, at: int) -> _Line | None:
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the selected line, and say what it is."""
        self.refresh()
        if new >= 0:
            self.show_line(new)
        line = self._line(new)
        key = line.key if line is not None else ""
        # Lines above it may come and go.
        if key != self._told:
            self._told = key
            self.post_message(self.Selected(self.selected))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line."""
        base, width = self.rich_style, self.size.width
        at = y + self.scroll_offset.y
        line = self._line(at)
        if line is None or self.form is None:
            return Strip.blank(width, base)
        strip = Strip(self._segments(line, at, self.form, base)).crop_extend(0, width, base)
        return self._highlight(strip) if at == self.cursor else strip

    def _segments(self, line: _Line, at: int, form: Form, base: Style) -> list[Segment]:
        cursor = Segment(f"{self.marks.cursor} " if at == self.cursor else "  ", base)
        if line.kind == "group":
            return [cursor, *self._group(next(group for group in GROUPS if group.key == line.key), form, base)]
        if line.kind == "error":
            return [Segment(" " * _LABEL, base), Segment(line.text, self._style("error"))]
        if line.kind == "start":
            return [cursor, Segment("Start the run (S)", self._style("start"))]
        assert line.field is not None
        return [cursor, *self._field(line.field, form, base)]

    def _group(self, group: Group, form: Form, base: Style) -> list[Segment]:
        folded = group.key in self._folded
        mark = self.marks.folded if folded else self.marks.unfolded
        segments = [Segment(f"{mark} {group.title}", self._style("group"))]
        changed = form.changed(group.key) if folded else ()
        if changed:
            room = max(0, self.size.width - cell_len(group.title) - 8)
            text = self.marks.text(", ".join(changed))
            segments += [Segment("  ", base), Segment(fit(text, min(cell_len(text), room), self.marks), base)]
        return segments

    def _field(self, field: Field, form: Form, base: Style) -> list[Segment]:
        text, taken = form.shown(field.key)
        text = self.marks.text(text)
        room = max(1, self.size.width - _VALUE - 1)
        style = self._style("muted" if taken else "value")
        if field.key in form.errors and (self._faulty or not taken):
            style = self._style("error")
        return [
            Segment("  ", base),
            Segment(field.label.ljust(_VALUE - _LABEL), self._style("label")),
            Segment(fit(text, min(cell_len(text), room), self.marks), style),
        ]

    def _highlight(self, strip: Strip) -> Strip:
        style = self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(
            [Segment(text, (own or style) + style, control) for text, own, control in strip], strip.cell_length
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"form--{name}", partial=name.startswith("cursor"))

    # What the keys do

    def _near(self, at: int, step: int) -> int:
        """The nearest line that can be selected, from `at` on in a direction, else the other way."""
        places = range(len(self._lines))
        ways = (range(at, len(places)), range(at, -1, -1)) if step > 0 else (range(at, -1, -1), range(at, len(places)))
        return next((to for way in ways for to in way if to in places and self._lines[to].kind != "error"), -1)

    def action_down(self) -> None:
        self.cursor = self._near(min(self.cursor + 1, len(self._lines) - 1), 1)

    def action_up(self) -> None:
        self.cursor = self._near(max(self.cursor - 1, 0), -1)

    def action_page_down(self) -> None:
        self.cursor = self._near(min(self.cursor + self.page, len(self._lines) - 1), 1)

    def action_page_up(self) -> None:
        self.cursor = self._near(max(self.cursor - self.page, 0), -1)

    def action_first(self) -> None:
        self.cursor = self._near(0, 1)

    def action_last(self) -> None:
        self.cursor = self._near(len(self._lines) - 1, -1)

    def action_left(self) -> None:
        """The choice before."""
        self.action_turn(-1)

    def action_right(self) -> None:
        """The next choice."""
        self.action_turn(1)

    def action_turn(self, step: int) -> None:
        """Choose the next one, or fold the group."""
        line = self._line(self.cursor)
        if line is None or self.form is None:
            return
        if line.kind == "group":
            self._fold(line.key)
        elif line.field is not None and line.field.choices:
            self.post_message(self.Changed(self.form.turned(line.key, step)))
        elif line.field is not None and step > 0:
            self.post_message(self.Edit(line.field))

    def action_change(self) -> None:
        """Type into the field, choose where nothing can be typed, fold a group, or start."""
        line = self._line(self.cursor)
        if line is None:
            return
        if line.kind == "start":
            self.post_message(self.Start())
        elif line.field is not None and line.field.typed:
            self.post_message(self.Edit(line.field))
        else:
            self.action_turn(1)

    def action_clear(self) -> None:
        """Empty the field."""
        line = self._line(self.cursor)
        if line is not None and line.field is not None and line.field.typed and self.form is not None:
            self.post_message(self.Changed(self.form.with_value(line.key, "")))

    def _fold(self, group: str) -> None:
        self._folded ^= {group}
        self._take_lines()

    def action_fold_all(self) -> None:
        """Unfold all groups, or fold those that are folded at first."""
        self._folded = set() if self._folded else {group.key for group in GROUPS if group.folded}
        self._take_lines()

    def searchable(self, line: int) -> str:
        found = self._lines[line]
        return found.field.label if found.field is not None else found.text

    def search_origin(self) -> int:
        return self.cursor

    def go_to_match(self, line: int) -> None:
        self.cursor = line

    def on_click(self, event: events.Click) -> None:
        """Select the line under the mouse; a click on the selected one does what Enter does."""
        at = event.y + round(self.scroll_y)
        line = self._line(at)
        if line is None or line.kind == "error":
            return
        if at == self.cursor:
            self.action_change()
        self.cursor = at
