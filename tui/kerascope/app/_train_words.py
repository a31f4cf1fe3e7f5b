"""What the form that starts a training says of the file, of its fields, and of what will go wrong. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.app._words import counted
from kerascope.graph import Severity

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._train_fields import Field
    from kerascope.app._train_form import Form

__all__ = ["about_lines", "doubts", "field_help"]

_FITS_MOST = 2
_STYLES = {Severity.ERROR: "$text-error", Severity.WARNING: "$text-warning", Severity.INFO: "$foreground-muted"}


def about_lines(form: Form, marks: Marks, most: int) -> list[tuple[str, str]]:
    """What is trained and what was found about it, as lines of text with their styles; what is wrong first.

    Args:
        form: The form.
        marks: Glyphs.
        most: How many lines there is room for.
    """
    facts, concerns = form.facts, form.concerns
    wrong = [] if concerns.failure is None else [(f"{marks.loose} the look failed: {concerns.failure}", "$text-error")]
    for each in concerns.found:
        wrong.append((f"{marks.severities[each.severity]} {each.rule} {each.message}", _STYLES[each.severity]))
    if facts.logout:
        wrong.append((f"{marks.severities[Severity.WARNING]} {facts.logout}", _STYLES[Severity.WARNING]))
    trained = [(text, "$foreground-muted") for text in _trained(form)]
    room = max(1, most - min(len(trained), 1))
    if len(wrong) > room:
        left = len(wrong) - room + 1
        wrong = [*wrong[: room - 1], (f"  and {counted(left, 'more finding')}: esc goes back to them", "")]
    return [*wrong, *trained[: most - len(wrong)]]


def _trained(form: Form) -> list[str]:
    """What is trained, in lines."""
    facts = form.facts
    if form.own:
        if not facts.fits:
            return ["no fit call was seen: the file is run as it is, and what it does train is logged"]
        left = len(facts.fits) - _FITS_MOST
        more = f" · and {counted(left, 'more call')}" if left > 0 else ""
        lines = list(facts.fits[:_FITS_MOST])
        return [*lines[:-1], lines[-1] + more]
    if not facts.proposals:
        return ["the outputs of this model are not known: loss and metrics are worked out when the data is there"]
    several = len(facts.proposals) > 1
    return [
        (f"output {number}: " if several else "") + f"{each.loss} fits: {each.reason}"
        for number, each in enumerate(facts.proposals, 1)
    ]


def doubts(form: Form) -> str:
    """Why the run will fail, as a question to be answered before it starts; empty where nothing says so."""
    concerns = form.concerns
    if concerns.absent is not None:
        return f"This run will fail because {concerns.absent}. Start it anyway?"
    if concerns.fatal:
        first = concerns.fatal[0].message.rstrip(".")
        left = len(concerns.fatal) - 1
        more = f" (and {counted(left, 'more error')})" if left else ""
        return f"This run will fail at the first batch because {_lowered(first)}{more}. Start it anyway?"
    if concerns.trains_nothing:
        return (
            f"No fit call was seen in {form.facts.shown}: it is run as it is, and fails if nothing is trained. "
            "Start it anyway?"
        )
    if concerns.failure is not None:
        return f"The look at this file failed, and the run may end in the same way: {concerns.failure} Start it anyway?"
    return ""


def _lowered(sentence: str) -> str:
    """A sentence to stand inside another one; a name keeps its capital."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].lower() + sentence[1:] if first.istitle() else sentence


def field_help(field: Field | None) -> str:
    """What a field is for, and how it is changed."""
    if field is None:
        return "enter folds and unfolds a group, z all of them; S starts the run"
    how = [f"enter types, for example {field.example}"] if field.typed else []
    if field.choices:
        how.append("space takes the next choice" if field.typed else "enter or space takes the next choice")
    return f"{field.help} · {', '.join(how)}"
