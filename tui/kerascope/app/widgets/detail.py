"""Everything about one layer: what was written, what Keras made of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from kerascope.app._columns import fit
from kerascope.app._words import (
    chain_lines,
    connection_sentence,
    engine_name,
    fit_words,
    held_sentence,
    name_of,
    provenance_words,
    verdict_sentence,
)
from kerascope.app.widgets._excerpt import excerpt
from kerascope.app.widgets._pane import ScrollPane
from kerascope.graph import (
    NOT_RECORDED,
    Connection,
    Severity,
    Verdict,
    declares,
    format_count,
    format_fit,
    format_shape,
    format_shapes,
    is_saved,
    unknown_of,
)

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks
    from kerascope.app._view import View
    from kerascope.graph import Compared, Finding, Layer, Source

__all__ = ["DetailPane"]

_LABEL = 13
_CONTEXT = 2
_CHAIN_MOST = 12
"""Steps of a chain that are shown."""
_CHAIN_NAME_MOST = 24
_CONFIG_NAME_MOST = 24
_CONFIG_VALUE_MOST = 1200
"""Characters of one value of a config: a vocabulary, say, would leave room for nothing else."""
_VERDICT_STYLE = {Verdict.DISCARDED: "bold $text-error", Verdict.DECIDES: "$text-success"}
SEVERITY_STYLE = {
    Severity.ERROR: "bold $text-error",
    Severity.WARNING: "bold $text-warning",
    Severity.INFO: "$text-primary",
}


class DetailPane(ScrollPane):
    """Shows the layer `shown` holds, with its view; scrolls."""

    shown: reactive[tuple[View, Layer | None] | None] = reactive(None, repaint=False)

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks
        self._written: tuple[View, Layer | None] | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="detail-text")
        yield Static(id="detail-source", classes="excerpt")
        yield Static(id="detail-config")
        yield Static(id="detail-chain", classes="excerpt")
        yield Static(id="detail-more")

    def watch_shown(self, old: tuple[View, Layer | None] | None, new: tuple[View, Layer | None] | None) -> None:
        """Write the text anew, once it can be seen: moving through a long table is not to wait for it."""
        if self.is_on_screen:
            self._write()

    def on_show(self) -> None:
        """Write what was left out while nobody saw it."""
        self._write()

    def _write(self) -> None:
        old, new = self._written, self.shown
        if new is None or (old is not None and new[0] is old[0] and new[1] is old[1]):
            return
        self._written = new
        view, layer = new
        content = layer_detail(view, layer, self.marks) if layer is not None else Content(_NOTHING)
        source = layer_source(view, layer, self.marks) if layer is not None else None
        config = layer_config(view, layer, self.marks) if layer is not None else None
        self.query_one("#detail-text", Static).update(content)
        chain = layer_chain(view, layer, self.marks) if layer is not None else None
        for below, text in (("#detail-source", source), ("#detail-config", config), ("#detail-chain", chain)):
            self.query_one(below, Static).display = text is not None
            self.query_one(below, Static).update(text or "")
        self.query_one("#detail-more", Static).update(layer_facts(view, layer, self.marks) if layer is not None else "")
        if old is None or old[1] is None or layer is None or old[1].name != layer.name:
            self.scroll_to(y=0, animate=False)


_NOTHING = "No layer is selected. Select one in the layer table (1) and its shapes are explained here."


def layer_detail(view: View, layer: Layer, marks: Marks) -> Content:
    """What the pane is for, first: the shapes, and why they are what they are."""
    blocks: list[Content] = [_title(layer, view.inspection.source, marks)]
    if layer.failure is not None:
        blocks.append(_failure(layer, marks))
    blocks.append(_shapes(view, layer, marks))
    findings = view.findings.get(layer.id, ())
    why = _why(view, layer, findings, marks)
    if why is not None:
        blocks.append(why)
    return Content("\n\n").join(blocks)


def layer_source(view: View, layer: Layer, marks: Marks) -> Content | None:
    """The lines round the layer's construction, those of layer and declaration marked; `None` without a line."""
    source = view.inspection.source
    location = layer.location
    if source.text is None or location is None or location.path != source.path:
        return None
    marked = {location.line}
    if layer.declared is not None and layer.declared.line is not None:
        marked.add(layer.declared.line)
    last = max([*marked, location.end_line or 0])
    file = source.path.rsplit("/", 1)[-1]
    heading = Content.styled(f"{file} {source.line_name(location.line)}", "$foreground-muted")
    return Content("\n").join([heading, excerpt(source, min(marked) - _CONTEXT, last + _CONTEXT, marked, marks)])


def layer_config(view: View, layer: Layer, marks: Marks) -> Content | None:
    """The layer's entries in the config of a saved file, where a program has its source; `None` without any."""
    if not is_saved(view.inspection) or not layer.arguments:
        return None
    width = min(_CONFIG_NAME_MOST, max(len(argument.name) for argument in layer.arguments))
    lines = [Content.styled("config", "$foreground-muted")]
    for argument in layer.arguments:
        name, value = fit(argument.name, width, marks), argument.value
        if len(value) > _CONFIG_VALUE_MOST:
            value = f"{value[:_CONFIG_VALUE_MOST]}{marks.ellipsis} ({len(value):,} characters; 4 has all of them)"
        lines.append(Content.assemble((f"  {name}  ", "$foreground-muted"), value))
    return Content("\n").join(lines)


def layer_chain(view: View, layer: Layer, marks: Marks) -> Content | None:
    """How the layer's shape came to be, from the input on; `None` where nothing leads to it."""
    rows = chain_lines(view.layers, layer.id, view.inspection.source, _CHAIN_MOST)
    if not rows:
        return None
    name_width = min(_CHAIN_NAME_MOST, max(cell_len(row.name) for row in rows if row.class_name))
    shape_width = max(cell_len(row.shape) for row in rows)
    lines = [Content.styled("how this shape came to be", "$foreground-muted")]
    for row in rows:
        if not row.class_name:
            lines.append(Content.styled(marks.text(f"  {row.name}"), "$foreground-muted"))
            continue
        what = ", ".join(part for part in (row.class_name, row.where) if part)
        gap = max(0, shape_width - cell_len(row.shape)) if not row.remark else 0
        lines.append(
            Content.assemble(
                f"  {fit(row.name, name_width, marks)}  ",
                (row.shape, "bold"),
                (marks.text(f"  {row.remark}") if row.remark else "", "bold $text-error"),
                (f"{' ' * gap}  {what}", "$foreground-muted"),
            )
        )
    return Content("\n").join(lines)


def _failure(layer: Layer, marks: Marks) -> Content:
    return Content.assemble(
        (f"{marks.fails}: ", "bold $text-error"),
        (layer.failure or "", "bold"),
        ("\nT shows the whole traceback", "$foreground-muted"),
    )


def _title(layer: Layer, source: Source, marks: Marks) -> Content:
    parts: list[Content | tuple[str, str] | str] = [
        (name_of(layer, source), "bold"),
        ("  ", ""),
        (layer.class_name, "$foreground-muted"),
    ]
    if layer.verdict is not None and layer.declared is not None:
        parts += ["   ", (marks.verdict(layer.verdict), _VERDICT_STYLE.get(layer.verdict, "$foreground-muted"))]
    if layer.connection not in (None, Connection.CONNECTED):
        parts += ["   ", (marks.connection(layer.connection), "bold $text-error")]
    return Content.assemble(*parts)


def _fact(label: str, value: Content | str) -> Content:
    return Content.assemble((label.ljust(_LABEL), "$foreground-muted"), value)


def _shapes(view: View, layer: Layer, marks: Marks) -> Content:
    """Declared, effective and output, each with where it comes from."""
    lines: list[Content] = []
    declared = layer.declared
    if declared is not None:
        text = format_shape(declared.shape) if declared.shape is not None else "not readable as a shape"
        written = f"  {declared.argument}={declared.value}" if declared.value else f"  {declared.argument}"
        path = layer.location.path if layer.location is not None else None
        at = f", {view.inspection.source.line_name(declared.line, path)}" if declared.line is not None else ""
        style = "bold $text-error" if layer.verdict is Verdict.DISCARDED else ""
        lines.append(_fact("declared", Content.assemble((text, style), (written + at, "$foreground-muted"))))
    else:
        nothing = "nothing" if declares(view.inspection) else f"{NOT_RECORDED} by this format"
        lines.append(_fact("declared", Content.styled(nothing, "$foreground-muted")))
    origin = provenance_words(layer.provenance, view.inspection.engine)
    if layer.failure is not None:
        origin = "what came in"
    for label, shapes, style in (("effective", layer.effective, "bold"), ("output", layer.output, "")):
        if shapes is None:
            why = unknown_of(layer, view.model) or ("the call failed" if layer.failure else "no reason was recorded")
            said = label == "output" and layer.effective is None
            lines.append(_fact(label, "unknown" if said else f"unknown: {why}"))
            continue
        text = format_shapes(shapes)
        lines.append(
            _fact(label, Content.assemble((text, style), (f"  {origin}" if origin else "", "$foreground-muted")))
        )
    if view.other is not None:
        name = engine_name(view.other)
        if layer.compared is None:
            lines.append(_fact(name, Content.styled("holds no layer that matches this one", "$foreground-muted")))
        else:
            lines += _compared(name, layer, layer.compared, marks)
    return Content("\n").join(lines)


def _compared(name: str, layer: Layer, compared: Compared, marks: Marks) -> list[Content]:
    """What the other Keras makes of the layer: all of it where it differs, else that it is the same."""
    if compared.same:
        return [_fact(name, Content.styled("the same", "$foreground-muted"))]
    lines: list[Content] = []
    for label, shapes, ours in (
        ("effective", compared.effective, layer.effective),
        ("output", compared.output, layer.output),
    ):
        text = f"unknown: {compared.unknown or 'no reason was recorded'}" if shapes is None else format_shapes(shapes)
        differs = shapes != ours
        lines.append(
            _fact(
                "" if lines else name,
                Content.assemble(
                    (f"{marks.differs} {text}" if differs else text, "bold $text-warning" if differs else ""),
                    (f"  {label}", "$foreground-muted"),
                ),
            )
        )
    if compared.verdict is not layer.verdict:
        verdict = marks.verdict(compared.verdict) if compared.verdict is not None else "no declaration"
        lines.append(_fact("", Content.styled(f"{marks.differs} {verdict}", "bold $text-warning")))
    if compared.params != layer.params:
        count = "unknown" if compared.params is None else format_count(compared.params)
        lines.append(_fact("", Content.styled(f"{marks.differs} {count} parameters", "bold $text-warning")))
    return lines


def layer_facts(view: View, layer: Layer, marks: Marks) -> Content:
    """The rest: parameters, neighbours, constructor arguments, and what the model is trained on."""
    lines: list[Content] = [Content("")]
    if layer.params is not None:
        text = format_count(layer.params)
        if layer.trainable_params is not None and layer.trainable_params != layer.params:
            text += f", {format_count(layer.trainable_params)} of them trainable"
        lines.append(_fact("parameters", text))
    source = view.inspection.source
    known = [name_of(view.layers[taken], source) for taken in layer.inbound if taken in view.layers]
    if known:
        lines.append(_fact("takes", ", ".join(dict.fromkeys(known))))
    if layer.parent is not None and layer.parent in view.layers:
        lines.append(_fact("inside", name_of(view.layers[layer.parent], source)))
    if layer.wrapper is not None:
        lines.append(_fact("passed to", f"{layer.wrapper}, which does not look at what is declared here"))
    if layer.call_location is not None:
        place = layer.call_location
        lines.append(_fact("called", source.line_name(place.line, place.path)))
    for number, argument in enumerate(() if is_saved(view.inspection) else layer.arguments):
        text = f"{argument.name}={argument.value}" if argument.name else argument.value
        lines.append(_fact("" if number else "arguments", text))
    if view.model is not None and view.model.fits and any(layer.id == own.id for own in view.model.layers):
        for fit in view.model.fits:
            mark, wrong, words = fit_words(fit, source, marks)
            lines += [Content(""), _fact(fit.method, f"{words.removeprefix(fit.method + ', ')}: {format_fit(fit)}")]
            if wrong:
                lines.append(_fact("", Content.styled(f"{mark}{wrong}", "bold $text-error")))
    return Content("\n").join(lines)


def _why(view: View, layer: Layer, findings: tuple[Finding, ...], marks: Marks) -> Content | None:
    blocks: list[Content] = []
    for finding in findings:
        symbol = marks.severities[finding.severity]
        parts: list[Content | tuple[str, str] | str] = [
            (f"{symbol} {finding.rule} {finding.name}", SEVERITY_STYLE[finding.severity]),
            "\n",
            finding.message,
        ]
        if finding.why:
            parts += ["\n", ("Why: ", "bold"), finding.why]
        if finding.fix is not None:
            parts += ["\n", ("Fix: ", "bold"), finding.fix.description]
        blocks.append(Content.assemble(*parts))
    sentences = []
    explained = {finding.rule for finding in findings}
    if not explained & {"KS101", "KS102"}:
        sentences.append(verdict_sentence(layer, view))
    if "KS202" in explained and not any(f"`{_holder(layer)}`" in finding.why for finding in findings):
        sentences.append(held_sentence(layer, view.inspection.source))
    if not explained & {"KS201", "KS202", "KS203"}:
        sentences.append(connection_sentence(layer, view.inspection.source))
    text = " ".join(sentence for sentence in sentences if sentence)
    if text:
        blocks.append(Content(text))
    return Content("\n\n").join(blocks) if blocks else None


def _holder(layer: Layer) -> str | None:
    return layer.overtaken.variable if layer.overtaken is not None else None
