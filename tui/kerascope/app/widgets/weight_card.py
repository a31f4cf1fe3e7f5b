"""What stands round the table of weights: what all of them come to, and all about the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from kerascope.app._columns import fit
from kerascope.app._words import counted
from kerascope.graph import (
    draw_histogram,
    format_bytes,
    format_number,
    format_shape,
    format_share,
    format_totals,
    no_architecture,
    numbers_of,
    weight_totals,
)

if TYPE_CHECKING:
    from kerascope.app._marks import Marks
    from kerascope.app._weight_rows import GroupRow
    from kerascope.graph import Inspection, Weight, WeightStats

__all__ = ["TotalsBar", "WeightCard"]

_HISTOGRAM_MOST = 48


class TotalsBar(Static):
    """The parameters of all weights beside those of the config, and of a file of weights alone that it is one."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def take(self, inspection: Inspection) -> None:
        """Write the text anew."""
        lines = [Content(self.marks.text(format_totals(weight_totals(inspection))))]
        sentence = no_architecture(inspection)
        if sentence:
            lines.insert(0, Content.styled(sentence, "$text-warning"))
        self.update(Content("\n").join(lines))


class WeightCard(Static):
    """The selected weight, its statistics whole, and how the numbers are spread."""

    def __init__(self, marks: Marks, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks = marks

    def take(
        self, weight: Weight | None, group: GroupRow | None, found: WeightStats | str | None, *, waiting: bool
    ) -> None:
        """Write the text anew.

        Args:
            weight: The selected weight.
            group: The selected heading, where it is one.
            found: What is known of the weight's numbers, or why nothing is.
            waiting: Whether they are being read.
        """
        if weight is None:
            text = Content("")
            if group is not None:
                text = Content.assemble((group.title, "bold"), f"\n{group.remark}\n", (_ASK_GROUP, "$foreground-muted"))
            self.update(text)
            return
        dot = f" {self.marks.dot} "
        facts = [f"{format_shape(weight.shape)} {weight.dtype}", counted(numbers_of(weight), "number")]
        facts.append(
            f"{format_bytes(weight.size)} ({weight.size:,} bytes)" if weight.size > 999 else f"{weight.size} B"
        )
        if weight.layer is not None:
            facts.append(f"layer {weight.layer}")
        title: list[tuple[str, str]] = [(weight.name, "bold")]
        if weight.path != weight.name:
            title.append((f"  {weight.path} in the file", "$foreground-muted"))
        self.update(
            Content("\n").join(
                [Content.assemble(*title), Content(dot.join(facts)), *self._numbers(weight, found, waiting)]
            )
        )

    def _numbers(self, weight: Weight, found: WeightStats | str | None, waiting: bool) -> list[Content]:
        marks = self.marks
        if waiting:
            return [Content.styled("Its numbers are being read.", "$foreground-muted")]
        reason = found if isinstance(found, str) else weight.unreadable
        if reason:
            return [Content.assemble(("? not read: ", "bold $text-warning"), reason)]
        if found is None or isinstance(found, str):
            return [Content.styled(_ASK, "$foreground-muted")]
        dot = f" {marks.dot} "
        pairs = (("min", found.minimum), ("max", found.maximum), ("mean", found.mean), ("std", found.std))
        parts = [f"{name} {format_number(value)}" for name, value in pairs if value is not None]
        share = format_share(found.zeros, found.count)
        parts += [f"zeros {found.zeros:,}" + (f" ({share})" if share else "")]
        parts += [f"NaN {found.nans:,}", f"Inf {found.infs:,}"]
        lines = [Content(dot.join(parts))]
        if found.nans or found.infs:
            what = " and ".join(
                f"{count:,} {name}" for name, count in (("NaN", found.nans), ("Inf", found.infs)) if count
            )
            lines.append(
                Content.assemble(
                    (f"{marks.loose} {what}", "bold $text-error"),
                    "; min, max, mean and std are those of the finite numbers.",
                )
            )
        bars = draw_histogram(found.histogram, _HISTOGRAM_MOST, ascii_only=marks.ascii_only)
        if bars:
            low, high = format_number(found.minimum), format_number(found.maximum)
            lines.append(Content.assemble(f"{low} ", (fit(bars, len(bars), marks), "$text-primary"), f" {high}"))
        return lines


_ASK = "enter reads its numbers and shows their statistics, S those of all weights."
_ASK_GROUP = "enter reads the numbers of all of these."
