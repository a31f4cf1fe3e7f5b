"""Everything about one layer: what was written, what Keras made of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from kerascope.app._words import connection_sentence, name_of, provenance_words, verdict_sentence
from kerascope.app.widgets._excerpt import excerpt
from kerascope.app.widgets._pane import ScrollPane
from kerascope.graph import Connection, Severity, Verdict, format_count, format_shape, format_shapes

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kerascope.app._marks import Marks
    from kerascope.app._view import View
    from kerascope.graph import Finding, Layer

__all__ = ["DetailPane"]

_LABEL = 13
_CONTEXT = 2
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

    def compose(self) -> ComposeResult:
        yield Static(id="detail-text")
        yield Static(id="detail-source", classes="excerpt")
        yield Static(id="detail-more")

    def watch_shown(self, old: tuple[View, Layer | None] | None, new: tuple[View, Layer | None] | None) -> None:
        """Write the text anew."""
        if new is None:
            return
        view, layer = new
        content = layer_detail(view, layer, self.marks) if layer is not None else Content(_NOTHING)
        source = layer_source(view, layer, self.marks) if layer is not None else None
        self.query_one("#detail-text", Static).update(content)
        below = self.query_one("#detail-source", Static)
        below.display = source is not None
        below.update(source or "")
        self.query_one("#detail-more", Static).update(layer_facts(view, layer) if layer is not None else "")
        if old is None or old[1] is None or layer is None or old[1].name != layer.name:
            self.scroll_to(y=0, animate=False)


_NOTHING = "No layer is selected. Select one in the layer table (1) and its shapes are explained here."


def layer_detail(view: View, layer: Layer, marks: Marks) -> Content:
    """What the pane is for, first: the shapes, and why they are what they are."""
    blocks: list[Content] = [_title(layer, marks), _shapes(view, layer)]
    findings = view.findings.get(layer.id, ())
    why = _why(view, layer, findings, marks)
    if why is not None:
        blocks.append(why)
    return Content("\n\n").join(blocks)


def layer_source(view: View, layer: Layer, marks: Marks) -> Content | None:
    """The lines round the layer's construction, those of layer and declaration marked; `None` without a line."""
    source = view.inspection.source.text
    location = layer.location
    if source is None or location is None or location.path != view.inspection.source.path:
        return None
    marked = {location.line}
    if layer.declared is not None and layer.declared.line is not None:
        marked.add(layer.declared.line)
    last = max([*marked, location.end_line or 0])
    heading = Content.styled(f"{_file(view)} line {location.line}", "$foreground-muted")
    return Content("\n").join([heading, excerpt(source, min(marked) - _CONTEXT, last + _CONTEXT, marked, marks)])


def _file(view: View) -> str:
    return view.inspection.source.path.rsplit("/", 1)[-1]


def _title(layer: Layer, marks: Marks) -> Content:
    parts: list[Content | tuple[str, str] | str] = [
        (name_of(layer), "bold"),
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


def _shapes(view: View, layer: Layer) -> Content:
    """Declared, effective and output, each with where it comes from."""
    lines: list[Content] = []
    declared = layer.declared
    if declared is not None:
        text = format_shape(declared.shape) if declared.shape is not None else "not readable as a shape"
        written = f"  {declared.argument}={declared.value}" if declared.value else f"  {declared.argument}"
        at = f", line {declared.line}" if declared.line is not None else ""
        style = "bold $text-error" if layer.verdict is Verdict.DISCARDED else ""
        lines.append(_fact("declared", Content.assemble((text, style), (written + at, "$foreground-muted"))))
    else:
        lines.append(_fact("declared", Content.styled("nothing", "$foreground-muted")))
    origin = provenance_words(layer.provenance, view.inspection.engine)
    for label, shapes, style in (("effective", layer.effective, "bold"), ("output", layer.output, "")):
        if shapes is None:
            lines.append(_fact(label, f"unknown: {layer.unknown or 'no reason was recorded'}"))
            continue
        text = format_shapes(shapes)
        lines.append(
            _fact(label, Content.assemble((text, style), (f"  {origin}" if origin else "", "$foreground-muted")))
        )
    return Content("\n").join(lines)


def layer_facts(view: View, layer: Layer) -> Content:
    """The rest: parameters, neighbours, constructor arguments."""
    lines: list[Content] = [Content("")]
    if layer.params is not None:
        text = format_count(layer.params)
        if layer.trainable_params is not None and layer.trainable_params != layer.params:
            text += f", {format_count(layer.trainable_params)} of them trainable"
        lines.append(_fact("parameters", text))
    known = [name_of(view.layers[source]) for source in layer.inbound if source in view.layers]
    if known:
        lines.append(_fact("takes", ", ".join(dict.fromkeys(known))))
    if layer.parent is not None and layer.parent in view.layers:
        lines.append(_fact("inside", name_of(view.layers[layer.parent])))
    if layer.call_location is not None:
        lines.append(_fact("called", f"line {layer.call_location.line}"))
    for number, argument in enumerate(layer.arguments):
        lines.append(_fact("" if number else "arguments", f"{argument.name}={argument.value}"))
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
    if not explained & {"KS201", "KS202", "KS203"}:
        sentences.append(connection_sentence(layer))
    text = " ".join(sentence for sentence in sentences if sentence)
    if text:
        blocks.append(Content(text))
    return Content("\n\n").join(blocks) if blocks else None
