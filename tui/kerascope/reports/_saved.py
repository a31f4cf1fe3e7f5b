"""What reports say of a saved file before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import (
    clean_line,
    format_bytes,
    format_totals,
    how_it_was_read,
    no_architecture,
    weight_totals,
    written_by,
)

if TYPE_CHECKING:
    from kerascope.graph import Inspection

__all__ = ["file_lines"]


def file_lines(inspection: Inspection) -> tuple[str, ...]:
    """What a saved file is and who wrote it, behind its path; what was done with it; what its weights come to; and of a
    file that does not say what its layers are, what else it says.

    Empty where nothing of it could be read.
    """
    file = inspection.file
    path = clean_line(inspection.source.path)
    if file is None:
        return ()
    parts = [file.format]
    if written_by(file):
        parts.append(f"written by {written_by(file)}" + (f" ({file.backend})" if file.backend else ""))
    parts.append(format_bytes(file.size))
    lines = [f"{path}: {', '.join(parts)}", how_it_was_read(inspection), no_architecture(inspection)]
    lines += [format_totals(weight_totals(inspection))] if inspection.weights else []
    if not file.architecture:
        # Signatures and operations are all that is known of what it computes.
        lines += [f"{fact.name}: {fact.value}" for fact in file.facts]
    return tuple(line for line in lines if line)
