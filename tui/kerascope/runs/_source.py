"""The copy of its program that a run keeps: the file goes on changing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerascope.runs._spec import TrainSpec

__all__ = ["keep_program", "kept_program", "replace_program", "same_program"]


def kept_program(directory: Path, spec: TrainSpec) -> Path:
    """Where a run has the copy of its program."""
    return directory / "source" / Path(spec.path).name


def keep_program(copy: Path, text: str) -> None:
    """Write the copy, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    copy.parent.mkdir(exist_ok=True)
    aside = copy.with_name(f".{copy.name}.{os.getpid()}")
    aside.write_bytes(_encoded(text))
    aside.replace(copy)


def same_program(copy: Path, text: str) -> bool:
    """Whether the copy is this text.

    Raises:
        OSError: It cannot be read.
    """
    return copy.read_bytes() == _encoded(text)


def replace_program(copy: Path, text: str, attempt: int) -> Path | None:
    """Put another program in place of the copy, which stays beside it.

    Args:
        copy: Where the copy is.
        text: The program as it is now.
        attempt: Number of the last attempt that ran the copy.

    Returns:
        Where the former copy is now; `None` where there was none, or it is this text.

    Raises:
        OSError: It cannot be written.
    """
    former = None
    if copy.exists():
        if same_program(copy, text):
            return None
        former = copy.parent / f"attempt-{attempt}" / copy.name
        former.parent.mkdir(exist_ok=True)
        shutil.copyfile(copy, former)
    keep_program(copy, text)
    return former


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
