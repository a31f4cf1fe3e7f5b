"""The weights of a saved file as a table of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import (
    SourceKind,
    clean_line,
    cut_middle,
    draw_histogram,
    format_bytes,
    format_count,
    format_number,
    format_shape,
    format_share,
    weight_state,
    weights_named,
)
from kerascope.reports._saved import file_lines
from kerascope.reports._style import Style, cells, pad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kerascope.graph import Finding, Inspection, Weight

__all__ = ["to_weights_text"]

_HEADERS = ("weight", "shape", "dtype", "size", "layer")
_STATISTICS = ("numbers", "min", "max", "mean", "std", "zeros", "NaN", "Inf", "histogram")
_RIGHT = frozenset({"size", "min", "max", "mean", "std", "zeros", "NaN", "Inf"})
_DROPPED = ("layer", "Inf", "NaN", "std", "mean", "dtype", "zeros", "min", "max", "size")
"""Columns in the order in which they go for want of room."""
_NAME_LEAST = 20
_HISTOGRAM = 20


def to_weights_text(
    inspection: Inspection, *, width: int | None, color: bool, ascii_only: bool, only: Sequence[str] = ()
) -> str:
    """The weights of a saved file for a person to read, ending in a line feed.

    Args:
        inspection: What is known about one path; statistics are shown where its weights hold them.
        width: Cells of the terminal, `None` when there is none: then nothing is cut.
        color: Whether colours may be used.
        ascii_only: Whether our own glyphs have to be ASCII.
        only: Texts in the names or places of the weights that are wanted; none for all of them.
    """
    style = Style(color, ascii_only)
    wanted = weights_named(inspection.weights, only)
    blocks: list[list[str]] = []
    if inspection.file is not None:
        first, *others = file_lines(inspection)
        path = f"{clean_line(inspection.source.path)}:"
        blocks.append([first.replace(path, style.paint(path, "bold"), 1)])
        blocks[-1] += [style.plain(f"  {line}") for line in others]
    broken = [finding for finding in inspection.findings if finding.rule == "KS503"]
    if broken:
        blocks.append([_told(finding, style) for finding in broken])
    if wanted:
        blocks.append(list(_table(wanted, width, style)))
    failure = inspection.failure
    if failure is not None:
        blocks.append([style.paint(f"error [{failure.kind}]", "error") + f" {clean_line(failure.message)}"])
        blocks[-1] += [f"  hint: {clean_line(failure.hint)}"] if failure.hint else []
    if inspection.notes:
        blocks.append([f"note: {clean_line(note.message)}" for note in inspection.notes])
    blocks.append([_summary(inspection, wanted, only)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _told(finding: Finding, style: Style) -> str:
    head = f"{finding.rule} {finding.severity.value} [{finding.name}]"
    return f"{style.severity(finding.severity, head)} {clean_line(finding.message)}"


def _summary(inspection: Inspection, wanted: Sequence[Weight], only: Sequence[str]) -> str:
    path = clean_line(inspection.source.path)
    total = len(inspection.weights)
    if not total and inspection.failure is None and inspection.source.kind is SourceKind.JSON:
        return f"{path}: a config holds no weights"
    if not total:
        return f"{path}: no weights that could be listed"
    count = f"{total:,} weight{'' if total == 1 else 's'}"
    if not wanted:
        return f"{path}: none of {count} has {' or '.join(map(repr, only))} in its name or place"
    text = f"{path}: {count}" if len(wanted) == total else f"{path}: {len(wanted):,} of {count}"
    known = [weight.stats for weight in wanted if weight.stats is not None]
    if known:
        bad = sum(bool(stats.nans or stats.infs) for stats in known)
        text += f"; {bad:,} of {len(known):,} hold NaN or Inf" if bad else "; no NaN or Inf"
        left = len(wanted) - len(known)
        text += f"; {left:,} not read" if left else ""
    elif unreadable := sum(weight.unreadable is not None for weight in wanted):
        text += f"; {unreadable:,} cannot be read"
    return text


def _table(weights: Sequence[Weight], width: int | None, style: Style) -> Iterator[str]:
    headers = list(_HEADERS)
    if all(weight.layer is None or weight.name.startswith(f"{weight.layer}/") for weight in weights):
        headers.remove("layer")
    if any(weight.stats is not None for weight in weights):
        headers += _STATISTICS
    rows = [_cells(weight, style) for weight in weights]
    widths = {header: max(len(header), *(cells(row[header]) for row in rows)) for header in headers}
    if width is not None:
        _fit(headers, widths, width)
    yield style.paint(_row({header: header for header in headers}, headers, widths, style), "dim")
    for weight, row in zip(weights, rows, strict=True):
        line = _row(row, headers, widths, style)
        bad = weight.stats is not None and (weight.stats.nans or weight.stats.infs)
        yield style.paint(line, "error") if bad else line


def _fit(headers: list[str], widths: dict[str, int], width: int) -> None:
    """Drop columns, and then cut names, until a row fits."""

    def excess() -> int:
        return 2 + sum(widths[header] for header in headers) + 2 * (len(headers) - 1) - width

    for header in _DROPPED:
        if excess() <= widths["weight"] - min(widths["weight"], _NAME_LEAST):
            break
        if header in headers:
            headers.remove(header)
    widths["weight"] -= max(0, min(excess(), widths["weight"] - _NAME_LEAST))


def _cells(weight: Weight, style: Style) -> dict[str, str]:
    stats = weight.stats
    row = dict.fromkeys((*_HEADERS, *_STATISTICS), "")
    row |= {
        "weight": weight.name,
        "shape": format_shape(weight.shape),
        "dtype": weight.dtype,
        "size": format_bytes(weight.size),
        "layer": weight.layer or "-",
        "numbers": style.plain(weight_state(weight, stats)),
    }
    if stats is not None:
        for header, value in (("min", stats.minimum), ("max", stats.maximum), ("mean", stats.mean), ("std", stats.std)):
            row[header] = format_number(value)
        row["zeros"] = format_share(stats.zeros, stats.count)
        row["NaN"], row["Inf"] = format_count(stats.nans), format_count(stats.infs)
        row["histogram"] = draw_histogram(stats.histogram, _HISTOGRAM, ascii_only=style.ascii_only)
    return row


def _row(row: dict[str, str], headers: Sequence[str], widths: dict[str, int], style: Style) -> str:
    fitted = []
    for header in headers:
        text = row[header]
        if header == "weight" and cells(text) > widths[header]:
            text = cut_middle(text, widths[header], style.plain("…"))
        fitted.append(pad(text, widths[header], right=header in _RIGHT))
    return f"  {'  '.join(fitted)}".rstrip()
