"""What is said before an ended run goes on: after which epoch, and whether its program has changed since it began."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.readers import Unreadable, read_program
from kerascope.runs import resume_point
from kerascope.runs._source import kept_program, same_program

if TYPE_CHECKING:
    from kerascope.runs import ResumePoint, Run

__all__ = ["point_of"]


def point_of(run: Run) -> ResumePoint:
    """Where an ended run would go on, and with which program. Never raises."""
    return dataclasses.replace(resume_point(run), changed=_change(run))


def _change(run: Run) -> str:
    """That the file is another one than when the run began; empty where it is not, or cannot be read."""
    if run.spec is None or run.spec.saved:
        return ""
    kept = kept_program(run.directory, run.spec)
    try:
        text, _ = read_program(Path(run.spec.path))
        if same_program(kept, text):
            return ""
    except (Unreadable, OSError):
        return ""  # then there is nothing to choose between
    return (
        f"{kept.name} has changed since the run began: the run goes on with the program as it was ({_short(kept)}); "
        f"`kerascope runs resume {run.id} --new-source` takes it as it is now"
    )


def _short(path: Path) -> str:
    """The path from the working directory, where it lies in it."""
    try:
        relative = os.path.relpath(path)
    except OSError:
        return str(path)
    return str(path) if relative.startswith(os.pardir) else relative
