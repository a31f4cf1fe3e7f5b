"""Lines of a file with their numbers, as they stand in the detail and with a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from kerascope.app._lines import line_label
from kerascope.graph import clean_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from kerascope.app._marks import Marks
    from kerascope.graph import Frame, Source

__all__ = ["excerpt", "traceback_lines"]


def excerpt(source: Source, first: int, last: int, marked: Collection[int], marks: Marks) -> Content:
    """Lines `first` to `last` (from 1, brought within range); those in `marked` in bold behind an arrow."""
    lines = (source.text or "").split("\n")
    first, last = max(1, first), min(len(lines), last)
    while last > first and not lines[last - 1].strip() and last not in marked:
        last -= 1
    labels = {number: line_label(source, number) for number in range(first, last + 1)}
    digits = max((len(label) for label in labels.values()), default=1)
    shown: list[Content] = []
    for number in range(first, last + 1):
        line = clean_text(lines[number - 1]).rstrip("\n")
        if number in marked:
            shown.append(
                Content.assemble(
                    (f"{marks.arrow} {labels[number]:>{digits}} {marks.bar} ", "bold $text-warning"), (line, "bold")
                )
            )
        else:
            shown.append(Content.assemble((f"  {labels[number]:>{digits}} {marks.bar} ", "$foreground-muted"), line))
    return Content("\n").join(shown)


def traceback_lines(frames: tuple[Frame, ...], source: Source) -> Content:
    """The frames of the user's own code, the last call last."""
    lines: list[Content] = []
    for frame in frames:
        place = f"{frame.path.rsplit('/', 1)[-1]} {source.line_name(frame.line)}"
        if frame.path != source.path:
            place = source.line_name(frame.line, frame.path)
        lines.append(Content.assemble((place, "bold"), f", in {frame.function}"))
        if frame.text:
            lines.append(Content(f"    {frame.text}"))
    return Content("\n").join(lines)
