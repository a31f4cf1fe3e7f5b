"""What a look has made on disk and must take back, written down so that it can be done after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Journal", "take_back"]

CLOCK_STEP = 20_000_000
"""Nanoseconds by which the time of a change may lie before that of the call it came after: kernels note it coarsely."""

# Bound now: these are the real ones, whatever stands in os later.
_lstat, _open, _write, _close = os.lstat, os.open, os.write, os.close


class Journal:
    """Notes one look's files; another process takes them back.

    Args:
        path: The journal's file, which is made with the first note.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def note_skipped(self) -> None:
        """Files that are changed from now on may hold what was never computed.

        Raises:
            OSError: It cannot be written.
        """
        self._note({"skipped": time.time_ns()})

    def note_file(self, path: str, *, always: bool) -> None:
        """Note a file that was made.

        Args:
            path: The file.
            always: Whether it is taken back although it was last changed before anything was skipped.

        Raises:
            OSError: It is not there, or the journal cannot be written.
        """
        status = _lstat(path)
        self._note({"file": path, "device": status.st_dev, "inode": status.st_ino, "always": always})

    def note_directory(self, path: str) -> None:
        """Note a directory that was made, and is taken back when it is empty.

        Raises:
            OSError: The journal cannot be written.
        """
        self._note({"directory": path})

    def _note(self, entry: dict[str, Any]) -> None:
        # Opened anew each time: the program may close descriptors that it has not opened.
        descriptor = _open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            _write(descriptor, json.dumps(entry).encode() + b"\n")
        finally:
            _close(descriptor)


def take_back(journal: str) -> None:
    """Remove what a look has made and must not leave, once its processes have ended.

    Files are told by their inode, and one that another process holds open is left alone: it may be that of a training.

    Args:
        journal: Path of the look's journal, which is removed; there is none where nothing was made.
    """
    entries = list(_entries(journal))
    since = min((int(entry["skipped"]) for entry in entries if "skipped" in entry), default=None)
    for entry in reversed(entries):
        path = entry.get("file")
        if path is None:
            continue
        try:
            status = _lstat(path)
        except OSError:
            continue  # removed or renamed since
        same = (status.st_dev, status.st_ino) == (entry["device"], entry["inode"])
        changed = since is not None and status.st_mtime_ns >= since - CLOCK_STEP
        if same and (entry["always"] or changed) and not _is_open_elsewhere(path, status.st_mode):
            with contextlib.suppress(OSError):  # a directory that has become read-only keeps it
                os.unlink(path)
    for entry in reversed(entries):
        if "directory" in entry:
            with contextlib.suppress(OSError):  # not empty, so that it stays
                os.rmdir(entry["directory"])
    with contextlib.suppress(OSError):
        os.unlink(journal)


def _entries(journal: str) -> Iterator[dict[str, Any]]:
    try:
        with open(journal, "rb") as file:
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return
    # The program may have been killed while it wrote the last one.
    for line in lines[:-1]:
        yield json.loads(line)


def _is_open_elsewhere(path: str, mode: int) -> bool:
    """Whether another process has a file open: the kernel then refuses a lease on it (fcntl(2), F_SETLEASE)."""
    if not stat.S_ISREG(mode):
        return False
    try:
        descriptor = _open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False  # nobody can write to it
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except BlockingIOError:
        return True
    except (OSError, AttributeError):
        return False  # a file system or kernel without leases
    finally:
        _close(descriptor)
    return False
