"""The two containers of Keras, an HDF5 file and an archive, read as data, and the statistics of what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import FileIssue
from kerascope.readers.saved._child import Child
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._hdf5 import Hdf5Contents, collect
from kerascope.readers.saved._json import load_json
from kerascope.readers.saved._limits import MAX_JSON_BYTES
from kerascope.readers.saved._open import Place, open_regular
from kerascope.readers.saved._zip import locate, read_directory, read_member

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kerascope.readers.saved._zip import Archive, Member

__all__ = ["WEIGHTS", "ArchiveContents", "Asset", "read_archive", "read_hdf5", "weights_place"]

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
"""The members that Keras writes (`keras/src/saving/saving_lib.py`), besides `assets/...`."""


@dataclass(frozen=True, slots=True)
class Asset:
    """Another member of an archive: a vocabulary, say."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContents:
    """What a `.keras` archive holds.

    Attributes:
        size: Bytes of the archive.
        config: `config.json`, decoded; `None` where there is none or it cannot be read, which is an issue.
        text: The same as it stands in the archive.
        metadata: `metadata.json`, decoded; empty where it is not an object.
        assets: Members that are none of Keras's three.
        weights: What `model.weights.h5` holds, with its own issues; `None` where there is none.
        issues: What is wrong with the archive, and with its weights.
    """

    size: int
    config: object = None
    text: str | None = None
    metadata: dict[str, object]
    assets: tuple[Asset, ...] = ()
    weights: Hdf5Contents | None = None
    issues: tuple[FileIssue, ...] = ()


def read_hdf5(path: Path, cancel: threading.Event | None = None) -> Hdf5Contents:
    """Read an HDF5 file: attributes, tree of arrays, what is wrong with it. No link is followed.

    Args:
        path: The file.
        cancel: When set, from another thread, reading ends at once.

    Raises:
        Malformed: Nothing of it can be read.
        OSError: It cannot be opened.
        Cancelled: `cancel` was set.
    """
    with open_regular(path) as (descriptor, size):
        contents = collect(Child("tree", Place(descriptor, 0, size), [], cancel=cancel))
    if contents.failed is not None:
        raise Malformed(contents.failed)
    return contents


def read_archive(
    path: Path,
    cancel: threading.Event | None = None,
    meanwhile: Callable[[object, Mapping[str, object]], None] | None = None,
) -> ArchiveContents:
    """Read a `.keras` archive where it stands: nothing is extracted.

    Args:
        path: The file.
        cancel: When set, from another thread, reading ends at once.
        meanwhile: Called with the config and the metadata while the child process reads the weights.

    Raises:
        Malformed: Nothing of it can be read.
        OSError: It cannot be opened.
        Cancelled: `cancel` was set.
    """
    with open_regular(path) as (descriptor, size):
        archive = read_directory(descriptor, size)
        issues = list(archive.issues)
        # The child first: it reads while the config is parsed here.
        child = _start(descriptor, archive, issues, cancel)
        try:
            config, text = _document(descriptor, archive, CONFIG, issues)
            document, _ = _document(descriptor, archive, METADATA, issues)
            metadata = document if isinstance(document, dict) else {}
            if meanwhile is not None:
                meanwhile(config, metadata)
            weights = None if child is None else collect(child, f"{WEIGHTS}/")
        finally:
            if child is not None:
                child.close()
    if weights is not None:
        issues += weights.issues
        if weights.failed is not None:
            issues.append(_issue(WEIGHTS, f"{WEIGHTS} holds no weights that can be read: {weights.failed}"))
    others = (member for name, member in archive.members.items() if name not in (CONFIG, METADATA, WEIGHTS))
    return ArchiveContents(
        size=size,
        config=config,
        text=text,
        metadata=metadata,
        assets=tuple(Asset(member.name, member.size) for member in others),
        weights=weights,
        issues=tuple(issues),
    )


def weights_place(descriptor: int, archive: Archive) -> Place:
    """Where the weights of an archive are, to be read in place.

    Raises:
        Malformed: There are none, or they cannot be read where they are.
    """
    member = archive.members.get(WEIGHTS)
    if member is None:
        raise Malformed(f"the archive has no {WEIGHTS}")
    if member.bomb:
        raise Malformed(f"{WEIGHTS} says that it has {member.size:,} bytes, and {member.stored:,} are stored of it")
    return locate(descriptor, member)


def _start(descriptor: int, archive: Archive, issues: list[FileIssue], cancel: threading.Event | None) -> Child | None:
    try:
        return Child("tree", weights_place(descriptor, archive), [], cancel=cancel)
    except Malformed as error:
        issues.append(_issue(WEIGHTS, str(error)))
    except OSError as error:
        issues.append(_issue(WEIGHTS, f"the process that reads HDF5 could not be started: {error.strerror}"))
    return None


def _document(descriptor: int, archive: Archive, name: str, issues: list[FileIssue]) -> tuple[object, str | None]:
    """A JSON member of an archive, decoded and as text."""
    member: Member | None = archive.members.get(name)
    if member is None:
        issues.append(_issue(name, f"the archive has no {name}"))
        return None, None
    try:
        data = read_member(descriptor, member, MAX_JSON_BYTES)
        return load_json(data, name, issues), data.decode("utf-8", "replace")
    except Malformed as error:
        issues.append(_issue(name, str(error)))
        return None, None


def _issue(where: str, message: str) -> FileIssue:
    why = f"Keras writes {CONFIG}, {METADATA} and {WEIGHTS} into every archive; what could be read of them is shown"
    return FileIssue(kind="malformed", message=message, why=why, where=where)
