"""Looking for files that hold models, in and below a directory, within bounds."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from kerascope.graph import clean_line
from kerascope.runs._layout import RUN_FILE

__all__ = ["ModelFile", "ModelFiles", "find_model_files"]

MOST_ENTRIES = 5_000
MOST_SECONDS = 1.0
MOST_FILES = 500
MOST_DEPTH = 3
"""Bounds of the search: what lies beyond is opened by its path."""

_READ = 128 * 1024
"""Bytes of a program or notebook that are searched for the name of Keras."""

_SAVED = {".keras": "saved model", ".h5": "HDF5 file", ".hdf5": "HDF5 file"}
_LEFT_OUT = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist", "tests", "test"})


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that may be opened.

    Attributes:
        path: Where it is.
        shown: Its path from the directory, to be read by people.
        kind: What it is, in words.
        bytes: Its size, `None` for a folder.
        changed: When, in seconds since 1970.
    """

    path: Path
    shown: str
    kind: str
    bytes: int | None
    changed: float


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What was found; `whole` unless a bound ended the search."""

    files: tuple[ModelFile, ...]
    whole: bool


def find_model_files(directory: Path) -> ModelFiles:
    """The files of a directory that look as if they held models, those of the directory itself first.

    These are Python files and notebooks that name Keras, `.keras` and HDF5 files, and folders of SavedModels. Hidden
    folders, virtual environments and training runs are left out; links to folders are not followed.
    """
    deadline = time.monotonic() + MOST_SECONDS
    found: list[ModelFile] = []
    waiting = [(directory, 0)]
    seen, whole = 0, True
    while waiting and whole:
        folder, depth = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue  # not ours to read
        for entry in listed:
            seen += 1
            if seen > MOST_ENTRIES or len(found) >= MOST_FILES or time.monotonic() > deadline:
                whole = False
                break
            path = Path(entry.path)
            if _is_folder(entry):
                if (path / "saved_model.pb").is_file():
                    found.append(_found(path, directory, "SavedModel"))
                elif depth < MOST_DEPTH and not _left_out(path):
                    waiting.append((path, depth + 1))
                continue
            kind = _kind(path)
            if kind is not None:
                found.append(_found(path, directory, kind))
    return ModelFiles(tuple(found), whole)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _left_out(path: Path) -> bool:
    if path.name.startswith(".") or path.name in _LEFT_OUT:
        return True
    return (path / "pyvenv.cfg").exists() or (path / RUN_FILE).exists()


def _kind(path: Path) -> str | None:
    suffix = path.suffix.lower()
    if suffix in _SAVED:
        return _SAVED[suffix]
    if suffix not in (".py", ".ipynb") or path.name.startswith("."):
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_READ)
    except OSError:
        return None
    if b"keras" not in head:
        return None
    return "program" if suffix == ".py" else "notebook"


def _found(path: Path, directory: Path, kind: str) -> ModelFile:
    size, changed = None, 0.0
    # It may be gone by now.
    with contextlib.suppress(OSError):
        facts = path.stat()
        changed = facts.st_mtime
        size = None if stat.S_ISDIR(facts.st_mode) else facts.st_size
    return ModelFile(path, clean_line(os.fspath(path.relative_to(directory))), kind, size, changed)
