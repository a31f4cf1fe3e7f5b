"""The table of epochs as columns and texts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from kerascope.app._columns import GUTTER, Column, Columns, Stage
from kerascope.app._run_words import measured, number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.app._marks import Marks
    from kerascope.app._run_state import Epochs
    from kerascope.runs import EpochRecord

__all__ = ["epoch_cells", "epoch_line", "fit_epoch_columns", "ordered"]

_BEST = "best"
_GAP = 2
_NUMBER = 9
"""Cells of a metric: `1.235e-05`."""
_TITLE_MOST = 16
_TIME = 8


def ordered(names: Sequence[str]) -> tuple[str, ...]:
    """Names of metrics, the loss first, that of the validation behind its own."""
    known = dict.fromkeys(sorted(names, key=lambda name: name != "loss"))
    order: dict[str, None] = {}
    for name in known:
        if name.startswith("val_") and name[4:] in known:
            continue
        order[name] = None
        if f"val_{name}" in known:
            order[f"val_{name}"] = None
    return tuple(order)


def epoch_cells(epoch: EpochRecord, *, best: bool) -> dict[str, str]:
    """The texts of a row, by column; metrics under their names."""
    cells = {name: number_text(value) for name, value in epoch.metrics.items()}
    cells["#epoch"] = f"{epoch.epoch:,}"
    cells["#best"] = _BEST if best else ""
    cells["#fit"] = str(epoch.fit)
    cells["#model"] = epoch.model
    cells["#time"] = measured(epoch.seconds) if epoch.seconds is not None else ""
    cells["#rate"] = number_text(epoch.learning_rate)
    return cells


def fit_epoch_columns(epochs: Epochs, width: int, marks: Marks) -> Columns:
    """All columns one after the other, closer where they all fit so; what finds no room is reached by scrolling.

    Args:
        epochs: The epochs.
        width: Cells there are.
        marks: The glyphs.
    """
    last = epochs.rows[-1]
    several = last.fit > 1 or epochs.rows[0].model != last.model
    widths = {"#epoch": max(5, len(f"{last.epoch:,}")), "#best": len(_BEST)}
    titles = {"#epoch": "epoch", "#best": "", "#time": "time", "#rate": "lr", "#fit": "fit", "#model": "model"}
    for name in epochs.names:
        titles[name] = name
        widths[name] = max(_NUMBER, min(_TITLE_MOST, cell_len(name)))
    widths["#time"] = _TIME
    if last.learning_rate is not None:
        widths["#rate"] = _NUMBER
    if several:
        widths["#fit"] = 3
        if last.model:
            widths["#model"] = _TITLE_MOST
    # One cell between the epoch and its mark.
    close = GUTTER + sum(widths.values()) + len(widths) - 1
    gap = 1 if close <= width < close + (_GAP - 1) * (len(widths) - 2) else _GAP
    at = GUTTER
    columns: list[Column] = []
    for key, cells in widths.items():
        columns.append(Column(key, _cut(titles[key], cells, marks), at, cells, key not in ("#model", "#best")))
        at += cells + (1 if key == "#epoch" else gap)
    frozen = columns[1].start + columns[1].width + gap
    return Columns(tuple(columns), at - gap, frozen, Stage())


def _cut(title: str, width: int, marks: Marks) -> str:
    """A heading; of a long name the end stays, which tells it from its validation, and the beginning."""
    if cell_len(title) <= width:
        return title
    kept = width - cell_len(marks.ellipsis)
    head = kept // 2
    return title[:head] + marks.ellipsis + title[len(title) - (kept - head) :]


def epoch_line(epoch: EpochRecord, names: Sequence[str]) -> str:
    """One epoch as one line of text, to copy."""
    parts = [f"epoch {epoch.epoch:,}"]
    parts += [f"{name} {number_text(epoch.metrics[name])}" for name in names if name in epoch.metrics]
    if epoch.learning_rate is not None:
        parts.append(f"learning rate {number_text(epoch.learning_rate)}")
    if epoch.seconds is not None:
        parts.append(f"in {measured(epoch.seconds)}")
    return ", ".join(parts)
