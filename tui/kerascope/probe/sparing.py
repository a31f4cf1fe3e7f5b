"""The user's files, which a look leaves as they are.

A look runs the program without its training. What it then writes is not what the program would write: predictions of an
untrained model over those of last night, a second line in a log, a directory that is there already when the training
makes it. So, of what Python code does to files:

- A file that was there is written to as a copy, which only this look sees. One that is removed or renamed is removed or
  renamed for this look.
- A file that was not there is really made. It is taken back at the look's end where it may hold what was never
  computed (it was changed after a call that is skipped), where it or its directory must be new, and in a look that
  leaves no trace. Otherwise it stays: it may be the data set that a program fetches once.
- A directory that is made is taken back when it is empty.
- Caches and devices are used as always, and so is what native code writes, which does not come by here.

What has to be taken back stands in a journal, so that whoever started the look can do it after a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
import sys
import sysconfig
import tempfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .places import Places

__all__ = ["SparedFiles", "take_back"]

MAX_SAID = 20
"""Files that the log tells of, each once."""

MAX_COPIED = 64 * 1024 * 1024
"""Bytes of a file that are copied so that it can be appended to or changed; a larger one is full of zeros."""

CLOCK_STEP = 20_000_000
"""Nanoseconds by which the time of a change may lie before that of the call it came after: kernels note it coarsely."""

_CACHES = ("KERAS_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "HF_HOME", "TORCH_HOME", "TFDS_DATA_DIR", "TFHUB_CACHE_DIR")
_HOME_CACHES = (".keras", ".cache", ".config/matplotlib", ".matplotlib", "tensorflow_datasets", ".nv", ".triton")
_SYSTEM = ("/dev", "/proc", "/sys", "/run")

# Bound now: these are the real ones, whatever stands in os later.
_access, _lstat, _stat, _open, _write, _close = os.access, os.lstat, os.stat, os.open, os.write, os.close
_mkdir, _listdir, _unlink, _copyfile = os.mkdir, os.listdir, os.unlink, shutil.copyfile


class SparedFiles:
    """Where the files are that a program names, as this look sees them.

    All paths are absolute.

    Args:
        scratch: A folder for copies, which need not be there yet; whoever started the look removes it.
        journal: Path of the file that says what has to be taken back; see `take_back`.
        places: Tells which line of the user's a call came from.
        traceless: Whether every file that is made is taken back.
    """

    def __init__(self, scratch: str, journal: str, places: Places, *, traceless: bool) -> None:
        self._scratch = scratch
        self._journal = journal
        self._places = places
        self._traceless = traceless
        self._copies: dict[str, str] = {}
        self._gone: set[str] = set()
        self._made: set[str] = set()
        self._fresh: set[str] = set()
        self._said: set[str] = set()
        self._skipping = False
        self._places_made = 0
        self._temporary = _with_slash(os.path.abspath(tempfile.gettempdir()))
        self._kept = tuple(_with_slash(path) for path in (*_own_folders(), os.path.dirname(scratch)))

    # ------------------------------------------------------------------ where a file is

    def find(self, path: str) -> str | None:
        """Where a file is: at its path, at that of its copy, or nowhere in this look."""
        if not self._copies and not self._gone:
            return path
        at, rest = path, ""
        while True:
            copy = self._copies.get(at)
            if copy is not None:
                return copy + rest
            if at in self._gone:
                return None
            above, name = os.path.split(at)
            if above == at:
                return path
            at, rest = above, f"{os.sep}{name}{rest}"

    def place_for_writing(self, path: str, *, keep: bool) -> str | None:
        """Where a file goes that is opened to be written.

        Args:
            path: The file.
            keep: Whether what is in it stays.

        Returns:
            The path itself for a file that is not there, or is none of the user's; `None` where the directory is gone.
        """
        found = self.find(path)
        if found is None:
            return None if self.find(os.path.dirname(path)) is None else self._copy_of(path, None)
        if found != path or self.is_free(path):
            return found
        try:
            status = _stat(path)
        except OSError:
            return path
        if not stat.S_ISREG(status.st_mode) or not _access(path, os.W_OK):
            return path
        self._say(path, "is changed for this look only")
        return self._copy_of(path, path if keep else None)

    def is_free(self, path: str) -> bool:
        """Whether a file may be changed: this look has made it, or it is a cache or a device."""
        return path in self._made or path.startswith(self._kept) or f"{os.sep}__pycache__{os.sep}" in path

    def is_copy(self, path: Any) -> bool:
        """Whether a path is that of a copy."""
        return isinstance(path, str) and path.startswith(_with_slash(self._scratch))

    def is_there(self, path: str) -> bool:
        """Whether something really stands at a path, be it a broken link."""
        try:
            _lstat(path)
        except OSError:
            return False
        return True

    def _copy_of(self, path: str, content: str | None) -> str:
        """A file of this look's own in place of the user's, with the content of another or empty."""
        copy = self._new_place()
        if content is None:
            _close(_open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
        elif (size := _stat(content).st_size) <= MAX_COPIED:
            _copyfile(content, copy)
        else:
            descriptor = _open(copy, os.O_CREAT | os.O_WRONLY, 0o600)
            os.ftruncate(descriptor, size)
            _close(descriptor)
        self._copies[path] = copy
        return copy

    def _new_place(self) -> str:
        with contextlib.suppress(FileExistsError):
            _mkdir(self._scratch, 0o700)
        self._places_made += 1
        return os.path.join(self._scratch, f"spared-{os.getpid()}-{self._places_made}")

    # ------------------------------------------------------------------ what is made

    def note_skipped(self) -> None:
        """From now on the program may hold what was never computed."""
        if not self._skipping:
            self._skipping = True
            self._note({"skipped": time.time_ns()})

    def note_file(self, path: str, *, fresh: bool = False) -> None:
        """A file was made that was not there.

        Args:
            path: The file.
            fresh: Whether the program fails where it is there already.
        """
        self._made.add(path)
        if path.startswith(self._kept):
            return
        always = fresh or self._traceless or path.startswith(tuple(self._fresh))
        if always or self._skipping:
            self._say(path, "is made for this look only")
        status = _lstat(path)
        self._note({"file": path, "device": status.st_dev, "inode": status.st_ino, "always": always})

    def note_directory(self, path: str, *, fresh: bool) -> None:
        """A directory was made that was not there.

        Args:
            path: The directory.
            fresh: Whether the program fails where it is there already.
        """
        self._made.add(path)
        if path.startswith(self._kept):
            return
        if fresh:
            self._fresh.add(_with_slash(path))
        self._note({"directory": path})

    def _note(self, entry: dict[str, Any]) -> None:
        try:
            descriptor = _open(self._journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        except OSError as error:
            path = entry.get("file", entry.get("directory"))
            if path is not None:
                self._say(path, f"stays after the look: what is to be taken back cannot be noted ({error.strerror})")
            return
        try:
            _write(descriptor, json.dumps(entry).encode() + b"\n")
        finally:
            _close(descriptor)

    # ------------------------------------------------------------------ what is removed

    def remove(self, path: str) -> None:
        """Have a file or directory of the user's gone for this look."""
        self._gone.add(path)
        self._say(path, "is removed for this look only")

    def forget(self, path: str) -> None:
        """Note that the copy of a file or directory has been removed."""
        if self._copies.pop(path, None) is not None and self.is_there(path):
            self._gone.add(path)

    def remake_directory(self, path: str) -> None:
        """Make a directory anew that is gone for this look."""
        copy = self._new_place()
        _mkdir(copy, 0o700)
        self._copies[path] = copy

    def move(self, source: str, target: str) -> None:
        """Have what is at one path be at another, for this look.

        What is in a directory of the user's does not come along.
        """
        found = self.find(source)
        if found is None:
            return
        self._say(target if self.is_there(target) else source, "is replaced for this look only")
        if found != source:
            self._copies[target] = found
            self._copies.pop(source, None)
        elif stat.S_ISDIR(_lstat(found).st_mode):
            self.remake_directory(target)
        else:
            self._copy_of(target, found)
        if found == source and self.is_free(source):
            _unlink(source)
        elif self.is_there(source):
            self._gone.add(source)

    def is_emptied(self, path: str) -> bool:
        """Whether nothing is left of what stands in a directory."""
        return all(self.find(os.path.join(path, name)) is None for name in _listdir(path))

    # ------------------------------------------------------------------ what is said

    def _say(self, path: str, what: str) -> None:
        """A line in the log, once for each file; of what the user's own code does only."""
        if path in self._said or len(self._said) >= MAX_SAID:
            return
        place = self._places.user_place(sys._getframe(2))
        if place is None:
            return
        self._said.add(path)
        with contextlib.suppress(OSError, ValueError, AttributeError):  # its output is closed: there is no log
            if path.startswith(self._temporary) and not path.startswith(_with_slash(os.getcwd())):
                return
            sys.stdout.flush()
            text = f"[kerascope] line {place['line']}: {os.path.relpath(path)} {what}\n"
            _write(2, text.encode("utf-8", "replace"))


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


def _own_folders() -> Iterator[str]:
    """Folders that are written to as always: caches, devices, and where packages are installed."""
    yield from _SYSTEM
    home = os.path.expanduser("~")
    yield from (os.path.join(home, name) for name in _HOME_CACHES)
    yield from (os.path.abspath(os.environ[name]) for name in _CACHES if os.environ.get(name))
    paths = sysconfig.get_paths()
    yield from (
        os.path.abspath(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib") if name in paths
    )


def _with_slash(path: str) -> str:
    return path.rstrip(os.sep) + os.sep
