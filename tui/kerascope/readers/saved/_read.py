"""A saved file -> its inspection: the reader of each format, and every way in which that can end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.graph import Failure, Inspection, Source, SourceKind
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._inspect import FilePart, inspection_of
from kerascope.readers.saved._json import load_json
from kerascope.readers.saved._limits import MAX_JSON_BYTES
from kerascope.readers.saved._open import open_regular, read_at

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from kerascope.graph import Shape, Weight, WeightStats
    from kerascope.readers.saved._detect import Found

__all__ = ["read_saved", "weight_stats"]


def read_saved(
    found: Found,
    shown: str,
    given: Sequence[tuple[str | None, Shape, str | None]] = (),
    cancel: threading.Event | None = None,
) -> Inspection:
    """Read a saved file as data; nothing in it is executed, imported, resolved, fetched or extracted.

    Args:
        found: What stands at the path.
        shown: The path as it is shown.
        given: Input shapes for a model that the file gives none: name, shape, dtype.
        cancel: When set, reading ends at once.

    Returns:
        The inspection without findings; its failure says why where nothing could be read.

    Raises:
        Cancelled: `cancel` was set.
    """
    source = Source(path=shown, kind=found.kind, executed=False)
    try:
        part = _READERS[found.kind](found, cancel)
        if cancel is not None and cancel.is_set():
            raise Cancelled
        return inspection_of(shown, part, given)
    except Malformed as error:
        return _failed(source, "malformed", f"{shown}: {error}", _NOTHING_READ)
    except OSError as error:
        return _failed(source, "unreadable", f"{shown} cannot be read: {error.strerror or error}.", None)


_NOTHING_READ = (
    "If it was copied, compare its size with the original's; if it is still being written, wait for the end."
)


def _failed(source: Source, kind: str, message: str, hint: str | None) -> Inspection:
    return Inspection(source=source, failure=Failure(kind=kind, message=message, hint=hint, path=source.path))


def weight_stats(
    found: Found, weights: Sequence[Weight], wanted: Sequence[str], cancel: threading.Event | None = None
) -> Iterator[tuple[str, WeightStats | str]]:
    """Statistics of weights in a file, one by one as they are known.

    Args:
        found: The file.
        weights: The weights that it holds.
        wanted: Paths of those that are asked for.
        cancel: When set, reading ends at once.

    Yields:
        The weight's path, and its statistics, or in a sentence why there are none.
    """
    yield from ()


def _json(found: Found, cancel: threading.Event | None) -> FilePart:
    with open_regular(found.path) as (descriptor, size):
        if size > MAX_JSON_BYTES:
            raise Malformed(f"it has {size:,} bytes, and {MAX_JSON_BYTES:,} are the most that is read of a JSON file")
        raw = read_at(descriptor, 0, size)
    config = load_json(raw, found.path.name)
    return FilePart(
        kind=SourceKind.JSON,
        format="model config (JSON)",
        size=size,
        config=config,
        text=raw.decode("utf-8", "replace"),
    )


_READERS = {SourceKind.JSON: _json}
