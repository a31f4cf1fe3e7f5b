"""Where the data of a model comes from that brings none of its own: one module for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import SetupError
from .arrays import open_npy, open_npz
from .functions import open_function
from .images import open_images
from .synthetic import make_synthetic
from .tables import open_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._types import TrainingSet, Wanted

__all__ = ["open_source"]

SOURCES: dict[str, Callable[[dict[str, Any], Wanted], TrainingSet]] = {
    "npz": open_npz,
    "npy": open_npy,
    "csv": open_table,
    "images": open_images,
    "function": open_function,
    "synthetic": make_synthetic,
}


def open_source(data: dict[str, Any], wanted: Wanted) -> TrainingSet:
    """Open the data that a spec names.

    Args:
        data: `spec["data"]`: `kind`, `paths`, `target`, `validation_split`, `samples`.
        wanted: What the model takes.

    Raises:
        SetupError: It cannot be used; the text says why and what to do.
    """
    kind = data["kind"]
    if kind not in SOURCES:
        raise SetupError(f"data of the kind {kind!r} is not known; there are {', '.join(SOURCES)}")
    return SOURCES[kind](data, wanted)
