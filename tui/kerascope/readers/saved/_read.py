"""A saved file -> its inspection: the reader of each format, and every way in which that can end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerascope.graph import Argument, Failure, FileIssue, Inspection, Source, SourceKind, clean_line, numbers_of
from kerascope.readers.saved._checkpoint import read_checkpoint
from kerascope.readers.saved._config_text import value_text
from kerascope.readers.saved._containers import read_archive, read_hdf5
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._inspect import FilePart, Understood, inspection_of, understand
from kerascope.readers.saved._json import load_json
from kerascope.readers.saved._limits import MAX_JSON_BYTES, MAX_NAME
from kerascope.readers.saved._open import open_regular, read_at
from kerascope.readers.saved._saved_model import index_of, read_saved_model
from kerascope.readers.saved._stats import NumberRange, array_stats, range_stats
from kerascope.readers.saved._suspects import suspects

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kerascope.graph import Shape, Weight, WeightStats
    from kerascope.readers.saved._checkpoint import StoredNumbers
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
        part = _archive(found, cancel, given) if found.kind is SourceKind.KERAS else _READERS[found.kind](found, cancel)
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

    Raises:
        Cancelled: `cancel` was set.
    """
    left = dict.fromkeys(wanted)
    try:
        for path, result in _stats(found, weights, wanted, cancel):
            left.pop(path, None)
            yield path, result
    except Malformed as error:
        yield from ((path, f"the file can no longer be read: {error}") for path in left)
    except OSError as error:
        yield from ((path, f"the file can no longer be read: {error.strerror or error}") for path in left)


def _stats(
    found: Found, weights: Sequence[Weight], wanted: Sequence[str], cancel: threading.Event | None
) -> Iterator[tuple[str, WeightStats | str]]:
    if found.kind in (SourceKind.KERAS, SourceKind.HDF5):
        archive = found.kind is SourceKind.KERAS
        yield from array_stats(found.path, weights, wanted, archive=archive, cancel=cancel)
    elif found.kind is SourceKind.SAVED_MODEL:
        yield from _stats_of_places(read_checkpoint(index_of(found.path)).places, weights, wanted, cancel)
    elif found.kind is SourceKind.CHECKPOINT:
        yield from _stats_of_places(read_checkpoint(found.path).places, weights, wanted, cancel)


def _stats_of_places(
    places: Mapping[str, tuple[StoredNumbers, ...]],
    weights: Sequence[Weight],
    wanted: Sequence[str],
    cancel: threading.Event | None,
) -> Iterator[tuple[str, WeightStats | str]]:
    """Statistics of variables whose numbers stand in data files, file by file."""
    known = {weight.path: weight for weight in weights}
    by_file: dict[Path, list[NumberRange]] = {}
    for path in dict.fromkeys(wanted):
        weight, own = known.get(path), places.get(path, ())
        if weight is None or not own:
            yield path, (weight.unreadable if weight is not None else None) or "the data of this variable is not there"
        elif len(own) > 1:
            yield path, f"it is stored in {len(own):,} slices, whose statistics are not put together"
        elif own[0].big_endian:
            yield path, "its numbers were written by a big-endian machine, which is not read"
        else:
            numbers = NumberRange(path, own[0].offset, numbers_of(weight), own[0].dtype)
            by_file.setdefault(own[0].file, []).append(numbers)
    for file, ranges in by_file.items():
        yield from range_stats(file, ranges, cancel)


# Formats.


def _archive(
    found: Found, cancel: threading.Event | None, given: Sequence[tuple[str | None, Shape, str | None]]
) -> FilePart:
    understood: list[Understood] = []

    def meanwhile(config: object, metadata: Mapping[str, object]) -> None:
        if config is not None:
            understood.append(understand(config, _text_of(metadata.get("keras_version")), given))

    contents = read_archive(found.path, cancel, meanwhile)
    weights = contents.weights
    facts = [Argument(name="asset", value=f"{asset.name}, {asset.size:,} bytes") for asset in contents.assets[:_FACTS]]
    return FilePart(
        kind=SourceKind.KERAS,
        format="Keras archive (.keras)",
        size=contents.size,
        config=contents.config,
        text=contents.text,
        keras_version=_text_of(contents.metadata.get("keras_version")),
        saved=_text_of(contents.metadata.get("date_saved")),
        weights=() if weights is None else weights.weights,
        issues=contents.issues,
        facts=(*_training(_entry(contents.config, "compile_config")), *facts),
        no_config="the archive holds no config that can be read: what its layers are is not known",
        understood=understood[0] if understood else None,
    )


def _hdf5(found: Found, cancel: threading.Event | None) -> FilePart:
    contents = read_hdf5(found.path, cancel)
    issues = list(contents.issues)
    config = _document(contents.config, "model_config", issues)
    training = _document(contents.training, "training_config", issues)
    issues += suspects(training, what="training_config")
    weights_only = contents.config is None
    no_config = None
    if weights_only:
        # Of a file that was cut off nobody knows what the rest of it held.
        nothing = None if contents.issues else _NO_WEIGHTS
        no_config = _WEIGHTS_ONLY if contents.weights else nothing
    return FilePart(
        kind=SourceKind.HDF5,
        format="HDF5 model" if not weights_only else "HDF5 weights" if contents.weights else "HDF5 file",
        size=_size(found.path),
        config=config,
        text=None if contents.config is None else contents.config.decode("utf-8", "replace"),
        keras_version=_text_of(contents.keras_version),
        backend=_text_of(contents.backend),
        weights=contents.weights,
        issues=tuple(issues),
        facts=_training(training),
        no_config=no_config,
    )


_WEIGHTS_ONLY = "to use these weights, build the model in code, or open a file that save() wrote, and load them into it"
_NO_WEIGHTS = "this HDF5 file holds neither a Keras model nor weights: it may be a data set"


def _saved_model(found: Found, cancel: threading.Event | None) -> FilePart:
    contents = read_saved_model(found.path)
    text = None if contents.model_json is None else json.dumps(contents.model_json)
    notes = list(contents.notes)
    if contents.model_json is None:
        notes.append("this SavedModel has no Keras config: its layers are not known, only its signatures and variables")
    return FilePart(
        kind=SourceKind.SAVED_MODEL,
        format="SavedModel",
        size=contents.size,
        config=contents.model_json,
        text=text,
        keras_version=_text_of(contents.keras_version),
        backend=_text_of(contents.backend),
        weights=contents.weights,
        issues=contents.issues,
        facts=contents.facts,
        notes=tuple(notes),
        no_config=None,
    )


def _checkpoint(found: Found, cancel: threading.Event | None) -> FilePart:
    contents = read_checkpoint(found.path)
    return FilePart(
        kind=SourceKind.CHECKPOINT,
        format="TensorFlow checkpoint",
        size=contents.size,
        weights=contents.weights,
        issues=contents.issues,
        facts=contents.facts,
        no_config=_WEIGHTS_ONLY,
    )


def _json(found: Found, cancel: threading.Event | None) -> FilePart:
    with open_regular(found.path) as (descriptor, size):
        if size > MAX_JSON_BYTES:
            raise Malformed(f"it has {size:,} bytes, and {MAX_JSON_BYTES:,} are the most that is read of a JSON file")
        raw = read_at(descriptor, 0, size)
    issues: list[FileIssue] = []
    config = load_json(raw, "the file", issues)
    return FilePart(
        kind=SourceKind.JSON,
        format="model config (JSON)",
        size=size,
        config=config,
        text=raw.decode("utf-8", "replace"),
        keras_version=_text_of(_entry(config, "keras_version")),
        backend=_text_of(_entry(config, "backend")),
        issues=tuple(issues),
    )


_READERS = {
    SourceKind.HDF5: _hdf5,
    SourceKind.SAVED_MODEL: _saved_model,
    SourceKind.CHECKPOINT: _checkpoint,
    SourceKind.JSON: _json,
}
_FACTS = 20
"""Assets and losses that are listed by name."""


def _document(raw: bytes | None, what: str, issues: list[FileIssue]) -> object:
    """A JSON document of a file; one that cannot be read is an issue."""
    if raw is None:
        return None
    try:
        return load_json(raw, what, issues)
    except Malformed as error:
        issues.append(
            FileIssue(
                kind="malformed",
                message=str(error),
                why=f"Keras writes {what} as JSON; without it this part of the file is not known",
                where=what,
            )
        )
        return None


def _training(config: object) -> tuple[Argument, ...]:
    """What a training or compile config says, in words."""
    if not isinstance(config, Mapping):
        return ()
    found = []
    for name, keys in (
        ("optimizer", ("optimizer_config", "optimizer")),
        ("loss", ("loss",)),
        ("metrics", ("metrics",)),
    ):
        value = next((config[key] for key in keys if config.get(key)), None)
        if value is not None:
            found.append(Argument(name=name, value=value_text(value)))
    return tuple(found)


def _entry(config: object, name: str) -> object:
    return config.get(name) if isinstance(config, Mapping) else None


def _text_of(value: object) -> str | None:
    return clean_line(value)[:MAX_NAME] or None if isinstance(value, str) else None


def _size(path: Path) -> int:
    return path.stat().st_size
