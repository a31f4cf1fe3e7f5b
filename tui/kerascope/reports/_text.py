"""An inspection as plain text: findings first, with the line they are about, then what Keras made of every layer."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from kerascope.graph import (
    NOT_RECORDED,
    Connection,
    Provenance,
    Severity,
    Verdict,
    clean_line,
    clean_text,
    cut_middle,
    declares,
    format_count,
    format_fit,
    format_shape,
    format_shapes,
    is_saved,
    no_architecture,
    reason_of,
    title_of,
    unknown_of,
)
from kerascope.reports._saved import file_lines
from kerascope.reports._style import Style, cells, pad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerascope.graph import Compared, Failure, Finding, Fit, Frame, Inspection, Layer, Model, Note

__all__ = ["to_text"]

_HEADERS = ("layer", "class", "declared", "effective", "output", "params", "state")
_EFFECTIVE, _PARAMS, _STATE, _OTHER = 3, 5, 6, 7
_NARROWEST = {0: 9, 1: 9, 2: 17, 3: 17, 4: 17, _OTHER: 17}
"""Cells below which a column is not cut any further; a shape such as `(None, 28, 28, 1)` stays whole."""

_LONGEST_STATE = 23
"""Cells kept free for the state where there is a terminal: `dead-branch; discarded`."""

_CHOICES = ((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 5, 6), (0, 2, 3, 5, 6), (0, 2, 3, 6))
"""Columns to show, from the widest choice: an output is nearly always the next layer's effective shape."""

_CHOICE_COMPARED = (0, 3, 6)
"""With two Keras side by side even the declaration gives way before the table gets too wide."""

_ORIGINS = {Provenance.FILE: "stated in the file", Provenance.INFERRED: "inferred by kerascope's shape rules"}

_MARKS = {
    Verdict.DECIDES: "✓",
    Verdict.REDUNDANT: "=",
    Verdict.DISCARDED: "✗",
    Verdict.UNDECIDED: "?",
}


def to_text(inspection: Inspection, *, width: int | None, color: bool, ascii_only: bool) -> str:
    """The inspection for a person to read, ending in a line feed.

    Args:
        inspection: What is known about one path.
        width: Cells of the terminal, `None` when there is none: then nothing is folded or cut.
        color: Whether colours may be used.
        ascii_only: Whether our own glyphs have to be ASCII.
    """
    return _Report(inspection, width, Style(color, ascii_only)).text()


class _Report:
    def __init__(self, inspection: Inspection, width: int | None, style: Style) -> None:
        self._inspection = inspection
        self._width = width
        self._style = style
        self._lines = (inspection.source.text or "").split("\n")
        self._mixed = False
        """Whether the shapes of the model at hand come from more than one place."""
        self._layers = {layer.id: layer for model in inspection.models for layer in model.layers}
        self._headers: tuple[str, ...] = _HEADERS
        self._choices: tuple[tuple[int, ...], ...] = _CHOICES
        other = inspection.compared
        if other is not None and inspection.engine is not None:
            generations = (f"effective Keras {inspection.engine.generation}", f"Keras {other.generation}")
            self._headers = (*_HEADERS[:_EFFECTIVE], generations[0], *_HEADERS[_EFFECTIVE + 1 :], generations[1])
            # Beside the shape it is compared with.
            self._choices = tuple(
                tuple(at for column in choice for at in ((column, _OTHER) if column == _EFFECTIVE else (column,)))
                for choice in (*_CHOICES, _CHOICE_COMPARED)
            )

    def text(self) -> str:
        inspection = self._inspection
        blocks = [list(self._file())] if inspection.file is not None else []
        blocks += [list(self._finding(finding)) for finding in inspection.findings]
        blocks += [list(self._model(model)) for model in inspection.models if model.layers or model.name is not None]
        if inspection.notes:
            blocks.append([line for note in inspection.notes for line in self._note(note)])
        if inspection.failure is not None:
            blocks.append(list(self._failure(inspection.failure)))
        blocks.append([self._summary()])
        return "\n\n".join("\n".join(block) for block in blocks) + "\n"

    def _file(self) -> Iterator[str]:
        """What a saved file is, who wrote it, and what was done to know that."""
        path = clean_line(self._inspection.source.path)
        for text in file_lines(self._inspection):
            if text.startswith(path):
                yield from self._folded(text, painted=((f"{path}:", self._style.paint(f"{path}:", "bold")),))
            else:
                yield from self._folded(text, indent="  ")

    # Findings.

    def _finding(self, finding: Finding) -> Iterator[str]:
        style = self._style
        place = self._place(finding.path, finding.line, finding.column) or clean_line(self._inspection.source.path)
        head = f"{finding.rule} {finding.severity.value} [{finding.name}]"
        yield from self._folded(
            f"{place}: {head} {finding.message}",
            painted=(
                (f"{place}:", style.paint(f"{place}:", "bold")),
                (head, style.severity(finding.severity, head)),
            ),
        )
        if finding.path == self._inspection.source.path and finding.line is not None:
            yield from self._excerpt(*self._declaration_span(finding), severity=finding.severity)
        yield from self._folded(f"why: {finding.why}", indent="  ")
        if finding.fix is not None:
            yield from self._folded(f"fix: {finding.fix.description}", indent="  ")

    def _place(self, path: str | None, line: int | None, column: int | None = None) -> str:
        """`model.py:7:18`; in a notebook, whose file has other lines, `net.ipynb:cell 2:3`."""
        source = self._inspection.source
        if line is not None and source.cells and path == source.path:
            return f"{path}:{source.line_name(line)}"
        return ":".join(str(part) for part in (path, line, column) if part is not None)

    def _declaration_span(self, finding: Finding) -> tuple[int, int | None, int | None]:
        """Line, first and last column of what the finding is about: the declaration where the line shows it."""
        line, column = finding.line or 1, finding.column
        layer = self._layers.get(finding.layer_id or "")
        if layer is None or layer.declared is None or layer.declared.line is None:
            return line, column, None
        first = column if column is not None and layer.declared.line == line else 1
        span = _keyword(self._line(layer.declared.line), layer.declared.argument, first - 1)
        return (line, column, None) if span is None else (layer.declared.line, *span)

    def _line(self, number: int) -> str:
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def _excerpt(self, line: int, column: int | None, end: int | None, *, severity: Severity) -> Iterator[str]:
        """The source line with a mark under what is meant."""
        source = self._line(line)
        if not source.strip():
            return
        style = self._style
        bar = style.plain("│")
        label = self._inspection.source.line_name(line).rpartition(" ")[2]
        gutter = " " * len(label)
        shown = _shown(source).rstrip()
        if column is None:
            column, end = len(source) - len(source.lstrip()) + 1, None
        start = cells(_shown(source[: column - 1]))
        length = 1 if end is None else max(1, cells(_shown(source[column - 1 : end])))
        if self._width is not None and len(gutter) + 5 + cells(shown) > self._width:
            room = max(20, self._width - len(gutter) - 5)
            # Keep what is marked in sight.
            skip = max(0, min(start - room // 4, cells(shown) - room))
            shown, start = shown[skip : skip + room], start - skip
            length = max(1, min(length, room - start))
        yield style.paint(f"  {gutter} {bar}", "dim")
        yield style.paint(f"  {label} {bar}", "dim") + f" {shown}"
        yield style.paint(f"  {gutter} {bar}", "dim") + f" {' ' * start}" + style.severity(severity, "^" * length)

    # Models.

    def _model(self, model: Model) -> Iterator[str]:
        style = self._style
        title = "in no model" if model.name is None else title_of(model)
        if model.name is None and no_architecture(self._inspection):
            title = "layers that weights are named after"
        elif self._inspection.engine is None and model.name is None and not is_saved(self._inspection):
            title = "read from the program text; Keras has not answered"
        details = []
        if model.name is not None:
            details.append(model.class_name or "")
            origins = self._origins(model)
            details += [f"shapes {_ORIGINS[origins[0]]}"] if len(origins) == 1 else []
            if model.params is not None:
                trained = f"{format_count(model.params.trainable)} trainable"
                details.append(f"{format_count(model.params.total)} parameters ({trained})")
            if model.made_by is not None:
                details.append(f"made by calling {model.made_by}")
            if model.shaped_by is not None:
                details.append(f"input shape from {model.shaped_by}")
            if not model.built:
                details.append(f"not built{reason_of(model)}")
            if model.skipped:
                lines = ", ".join(self._inspection.source.line_name(line) for line in model.skipped)
                details.append(f"may lack something: skipped {lines}")
        yield style.paint(title, "bold") + "".join(f"  {detail}" for detail in details if detail)
        if not model.layers:
            yield from self._fits(model)
            return
        self._mixed = len(self._origins(model)) > 1
        rows = [self._cells(layer, model) for layer in model.layers]
        columns, widths = self._columns(rows)
        yield style.paint(f"    {self._row(self._headers, columns, widths)}".rstrip(), "dim")
        for layer, row in zip(model.layers, rows, strict=True):
            mark, role = self._mark(layer)
            line = f"  {style.plain(mark)} {self._row(row, columns, widths)}".rstrip()
            yield style.paint(line, role) if role is not None else line
        yield from self._fits(model)

    def _origins(self, model: Model) -> tuple[Provenance, ...]:
        """Where the shapes of a model come from, Keras and the program text left out: they go without saying."""
        found = dict.fromkeys(layer.provenance for layer in model.layers)
        if not found.keys() & _ORIGINS.keys():
            return ()
        return tuple(provenance for provenance in found if provenance is not None)

    def _fits(self, model: Model) -> Iterator[str]:
        for fit in model.fits:
            yield from self._folded(f"{self._fit_place(fit)}: {format_fit(fit)}", indent="    ")

    def _fit_place(self, fit: Fit) -> str:
        if fit.line is None:
            return fit.method
        return f"{fit.method}, {self._inspection.source.line_name(fit.line, fit.path)}"

    def _cells(self, layer: Layer, model: Model) -> tuple[str, ...]:
        depth, parent = 0, layer.parent
        while parent is not None and parent in self._layers and depth < 20:
            depth, parent = depth + 1, self._layers[parent].parent
        declared = "" if declares(self._inspection) else NOT_RECORDED
        if layer.declared is not None:
            shape = layer.declared.shape
            declared = layer.declared.value if shape is None else format_shape(shape)
        return (
            "  " * depth + (layer.name or "-"),
            layer.class_name,
            declared or "-",
            "?" if layer.effective is None else format_shapes(layer.effective) or "-",
            "?" if layer.output is None else format_shapes(layer.output) or "-",
            "?" if layer.params is None else format_count(layer.params),
            self._state(layer, model),
            self._other(layer),
        )

    def _other(self, layer: Layer) -> str:
        """What the other Keras makes of the layer, where it was asked; `≠` before what differs."""
        compared = layer.compared
        if compared is None:
            return "not matched"
        shapes = "?" if compared.effective is None else format_shapes(compared.effective) or "-"
        return shapes if compared.same else self._style.plain(f"≠ {shapes}")

    def _state(self, layer: Layer, model: Model) -> str:
        words = []
        if layer.failure is not None:
            words.append(f"fails: {layer.failure}")
        if layer.connection is not None and layer.connection is not Connection.CONNECTED:
            words.append(layer.connection.value)
        if layer.verdict is not None:
            words.append(layer.verdict.value)
        if self._mixed and layer.provenance in _ORIGINS:
            words.append("from file" if layer.provenance is Provenance.FILE else "inferred")
        if layer.effective is None and layer.unknown:
            # What is the whole model's stands above the table.
            reason = unknown_of(layer, model)
            words.append(f"unknown: {reason}" if reason == layer.unknown != model.unknown else "unknown")
        elif layer.output is None and layer.unknown and layer.failure is None and is_saved(self._inspection):
            words.append(f"output unknown: {layer.unknown}")
        if layer.compared is not None and not layer.compared.same:
            words += self._differences(layer, layer.compared)
        return "; ".join(words)

    def _differences(self, layer: Layer, compared: Compared) -> Iterator[str]:
        """What the other Keras makes different beside the effective shape, which has a column."""
        other = self._inspection.compared
        name = f"Keras {other.generation}" if other is not None else "the other Keras"
        if compared.effective is None and compared.unknown:
            yield f"{name}: unknown: {compared.unknown}"
        if compared.verdict is not layer.verdict:
            yield f"{name}: {'no verdict' if compared.verdict is None else compared.verdict.value}"
        if compared.output != layer.output:
            yield f"{name}: output {'?' if compared.output is None else format_shapes(compared.output)}"
        if compared.params != layer.params:
            yield f"{name}: {'?' if compared.params is None else format_count(compared.params)} params"

    def _mark(self, layer: Layer) -> tuple[str, str | None]:
        if layer.failure is not None:
            return "✗", "error"
        if layer.connection is not None and layer.connection is not Connection.CONNECTED:
            return "✗", "warning"
        if layer.verdict is Verdict.DISCARDED:
            return "✗", "warning"
        return (" ", None) if layer.verdict is None else (_MARKS[layer.verdict], None)

    def _columns(self, rows: Sequence[Sequence[str]]) -> tuple[tuple[int, ...], list[int]]:
        """Which columns to show, and the cells that each has."""
        whole = [max(cells(row[at]) for row in [self._headers, *rows]) for at in range(len(self._headers))]
        if self._width is None:
            return self._choices[0], whole
        # The last column may run over: why a shape is unknown takes a sentence.
        whole[_STATE] = min(whole[_STATE], _LONGEST_STATE)
        for columns in self._choices:
            widths = list(whole)
            excess = 4 + sum(widths[at] for at in columns) + 2 * (len(columns) - 1) - self._width
            for at in columns:
                cut = min(excess, widths[at] - _NARROWEST.get(at, widths[at]))
                if cut > 0:
                    widths[at] -= cut
                    excess -= cut
            if excess <= 0:
                break
        return columns, widths

    def _row(self, row: Sequence[str], columns: Sequence[int], widths: Sequence[int]) -> str:
        ellipsis = self._style.plain("…")
        fitted = []
        for at in columns:
            text = row[at]
            if at in _NARROWEST and cells(text) > widths[at]:
                text = cut_middle(text, widths[at], ellipsis)
            fitted.append(pad(text, widths[at], right=at == _PARAMS))
        return "  ".join(fitted)

    # The rest.

    def _note(self, note: Note) -> Iterator[str]:
        where = ""
        if note.line is not None:
            other = note.path is not None and note.path != self._inspection.source.path
            where = f"{note.path}:{note.line}: " if other else f"{self._inspection.source.line_name(note.line)}: "
        yield from self._folded(f"note: {where}{note.message}")
        yield from self._frames(note.frames)

    def _failure(self, failure: Failure) -> Iterator[str]:
        style = self._style
        yield from self._folded(
            f"error [{failure.kind}] {failure.message}",
            painted=((f"error [{failure.kind}]", style.paint(f"error [{failure.kind}]", "error")),),
        )
        yield from self._frames(failure.frames)
        if failure.line is not None and not failure.frames and failure.path == self._inspection.source.path:
            yield from self._excerpt(failure.line, failure.column, None, severity=Severity.ERROR)
        if failure.hint is not None:
            yield from self._folded(f"hint: {failure.hint}", indent="  ")

    def _frames(self, frames: Sequence[Frame]) -> Iterator[str]:
        for frame in frames:
            yield f"  {self._place(frame.path, frame.line)} in {frame.function}"
            if frame.text:
                yield f"    {clean_line(frame.text)}"

    def _summary(self) -> str:
        inspection = self._inspection
        named = [model for model in inspection.models if model.name is not None]
        found = Counter(finding.severity for finding in inspection.findings)
        counts = [_count(found[severity], severity.value) for severity in Severity if found[severity]]
        said = ", ".join(counts) or "no findings"
        if inspection.failure is not None:
            said = f"could not be looked at ({inspection.failure.kind})" + (f", {said}" if counts else "")
        parts = [f"{said} in {_count(len(named), 'model')}" if named else said]
        engine = inspection.engine
        if engine is not None:
            other = f" beside Keras {inspection.compared.keras}" if inspection.compared is not None else ""
            parts.append(f"Keras {engine.keras}{other}")
        return f"{clean_line(inspection.source.path)}: {'; '.join(parts)}"

    def _folded(self, text: str, indent: str = "", painted: tuple[tuple[str, str], ...] = ()) -> Iterator[str]:
        """`text` in lines of the terminal's width; `painted` pairs a leading part with its coloured twin."""
        text = self._style.plain(clean_line(text))
        if self._width is None:
            lines = [indent + text]
        else:
            lines = textwrap.wrap(
                text,
                max(self._width, 30),
                initial_indent=indent,
                subsequent_indent=f"{indent}     " if indent else "  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        for at, line in enumerate(lines):
            if at == 0:
                for plain, coloured in painted:
                    line = line.replace(plain, coloured, 1)
            yield line


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 or noun == "info" else f"{noun}s"
    return f"{number:,} {plural}"


def _shown(text: str) -> str:
    """Source text as it can be shown, each character in its place."""
    return clean_text(text)


def _keyword(line: str, name: str, start: int) -> tuple[int, int] | None:
    """First and last column, from 1, of `name=value` in a source line, at or after the index `start`."""
    at = line.find(name, max(0, start))
    while at >= 0:
        before = line[at - 1] if at else " "
        rest = line[at + len(name) :].lstrip()
        if not (before.isalnum() or before in "_.") and rest.startswith("=") and not rest.startswith("=="):
            return at + 1, _value_end(line, len(line) - len(rest) + 1)
        at = line.find(name, at + 1)
    return None


def _value_end(line: str, index: int) -> int:
    """Length of `line` up to the end of the argument's value that begins at `index`, quotes and brackets heeded."""
    depth, quote = 0, ""
    for at in range(index, len(line)):
        char = line[at]
        if quote:
            quote = "" if char == quote and line[at - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}" and depth:
            depth -= 1
        elif char in ",)#" and not depth:
            return len(line[:at].rstrip())
    return len(line.rstrip())
