"""What kind of saved model a path is, told by its first bytes and never by its name alone."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import SourceKind
from kerascope.readers._files import names_in, open_at_once
from kerascope.readers.saved._saved_model import GRAPH, GRAPH_AS_TEXT, METADATA
from kerascope.readers.saved._sstable import FOOTER_BYTES, TABLE_MAGIC

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Found", "detect", "head_of"]

HEAD_BYTES = 4096
"""Bytes that tell the kind of a file: an HDF5 signature may stand at 512, 1024 or 2048, after a block of the user's."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_PLACES = (0, 512, 1024, 2048)
"""Offsets of the signature, in HDF5's own steps (HDF5 File Format Specification, II.A)."""
_PROGRAMS = (".py", ".pyw", ".ipynb")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at a path: the kind of saved model, and the file or folder that holds it."""

    kind: SourceKind
    path: Path


def detect(path: Path) -> Found | None:
    """The saved model at a path; `None` where it is something else, a program or nothing at all.

    A folder with a `saved_model.pb`, and that file itself, are a SavedModel; a checkpoint is named by its prefix, its
    index, one of its shards or its folder.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return _checkpoint(path)
    if stat.S_ISDIR(mode):
        return _directory(path)
    if not stat.S_ISREG(mode):
        return None
    head = head_of(path)
    if head is None:
        return None
    if head.startswith(_ZIP):
        return Found(SourceKind.KERAS, path)
    if any(head[at : at + len(_HDF5)] == _HDF5 for at in _HDF5_PLACES):
        return Found(SourceKind.HDF5, path)
    if path.name in (GRAPH, GRAPH_AS_TEXT, METADATA):
        return Found(SourceKind.SAVED_MODEL, path.parent)
    if _is_table(path):
        return Found(SourceKind.CHECKPOINT, path)
    if ".data-" in path.name:
        return _checkpoint(path.with_name(path.name.partition(".data-")[0]))
    if path.name == "checkpoint" and head.startswith(b"model_checkpoint_path:"):
        return _directory(path.parent)
    if _seems_json(path, head):
        return Found(SourceKind.JSON, path)
    return None


def head_of(path: Path) -> bytes | None:
    """The first bytes of a regular file; `None` where they cannot be read. Never waits for a FIFO or a device."""
    try:
        handle = open_at_once(path)
    except (OSError, ValueError):
        return None
    try:
        return os.read(handle, HEAD_BYTES)
    except OSError:
        return None
    finally:
        os.close(handle)


def _directory(path: Path) -> Found | None:
    names = names_in(path)
    if GRAPH in names or GRAPH_AS_TEXT in names:
        return Found(SourceKind.SAVED_MODEL, path)
    # The newest one is what the file `checkpoint` names; without it the last by name.
    prefixes = [name.removesuffix(".index") for name in names if name.endswith(".index")]
    latest = _latest(path) if "checkpoint" in names else None
    for prefix in ([latest] if latest else []) + prefixes[::-1]:
        if (found := _checkpoint(path / prefix)) is not None:
            return found
    return None


def _latest(path: Path) -> str | None:
    """The prefix that a `checkpoint` file names, where that is beside it."""
    head = head_of(path / "checkpoint") or b""
    line = head.split(b"\n")[0].decode("utf-8", "replace")
    name = line.partition(":")[2].strip().strip('"')
    return name if name and "/" not in name and "\\" not in name and "\0" not in name else None


def _checkpoint(prefix: Path) -> Found | None:
    index = prefix.with_name(prefix.name + ".index") if prefix.name else None
    if index is None or not _is_table(index):
        return None
    return Found(SourceKind.CHECKPOINT, index)


def _is_table(path: Path) -> bool:
    """Whether a file ends as a LevelDB table does."""
    try:
        handle = open_at_once(path)
    except (OSError, ValueError):
        return False
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode) or info.st_size < FOOTER_BYTES:
            return False
        return os.pread(handle, len(TABLE_MAGIC), info.st_size - len(TABLE_MAGIC)) == TABLE_MAGIC
    except OSError:
        return False
    finally:
        os.close(handle)


def _seems_json(path: Path, head: bytes) -> bool:
    """Whether a file begins as the JSON of a model does; what a program begins like is left to the program's reader."""
    if path.suffix.lower() in _PROGRAMS:
        return False
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    # A JSON string may hold the JSON of a model: `json.dump(model.to_json(), file)` writes that.
    return start in (b"{", b"[") or (start == b'"' and path.suffix.lower() == ".json")
