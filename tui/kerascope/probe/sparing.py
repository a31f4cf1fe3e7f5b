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
- Caches and devices are used as always, and so is what other programs and native code do, which does not come by here.

Files are known by keys: absolute paths whose directory is free of links, so that a file has one key under all names.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import sysconfig
import tempfile
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .journal import Journal
    from .places import Places

__all__ = ["SparedFiles"]

MAX_SAID = 20
"""Files that the log tells of, each once."""

MAX_COPIED = 256 * 1024 * 1024
"""Bytes of a file that are copied so that it can be appended to or changed; a larger one is full of zeros."""

MAX_LINKS = 40
"""Links that are followed in one path, as Linux does (path_resolution(7))."""

MAX_DIRECTORIES = 10_000
"""Directories whose place without links is remembered."""

_CACHES = ("KERAS_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "HF_HOME", "TORCH_HOME", "TFDS_DATA_DIR", "TFHUB_CACHE_DIR")
_HOME_CACHES = (".keras", ".cache", ".config/matplotlib", ".matplotlib", "tensorflow_datasets", ".nv", ".triton")
_SYSTEM = ("/proc", "/sys")

# Bound now: these are the real ones, whatever stands in os later.
_access, _lstat, _stat, _open, _write, _close = os.access, os.lstat, os.stat, os.open, os.write, os.close
_mkdir, _listdir, _unlink, _symlink, _readlink = os.mkdir, os.listdir, os.unlink, os.symlink, os.readlink


class SparedFiles:
    """Where the files are that a program names, as this look sees them.

    Args:
        scratch: A folder for copies, which need not be there yet; whoever started the look removes it.
        journal: Notes what has to be taken back.
        places: Tells which line of the user's a call came from.
        traceless: Whether every file that is made is taken back.
    """

    def __init__(self, scratch: str, journal: Journal, places: Places, *, traceless: bool) -> None:
        self._scratch = os.path.realpath(scratch)
        self._journal = journal
        self._places = places
        self._traceless = traceless
        self._copies: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._gone: set[str] = set()
        self._beside: dict[str, set[str]] = {}
        self._made: dict[str, bool] = {}
        self._made_directories: set[str] = set()
        self._fresh: set[str] = set()
        self._said: set[str] = set()
        self._skipping = False
        self._places_made = 0
        self._directories: dict[str, str] = {}
        self._thread = threading.local()
        self._temporary = _with_slash(os.path.realpath(tempfile.gettempdir()))
        self._kept = tuple(_with_slash(path) for path in (*_own_folders(), os.path.dirname(self._scratch)))

    # ------------------------------------------------------------------ names of files

    @property
    def is_at_work(self) -> bool:
        """Whether this thread asks for files on our own behalf, for which the real functions are meant."""
        return getattr(self._thread, "at_work", False)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Ask for files on our own behalf."""
        before = self.is_at_work
        self._thread.at_work = True
        try:
            yield
        finally:
            self._thread.at_work = before

    def key(self, path: str, *, follow: bool) -> str:
        """The key of a file.

        Args:
            path: Its path, absolute.
            follow: Whether a link stands for what it leads to.
        """
        above, name = os.path.split(path.rstrip(os.sep) or os.sep)
        with self.at_work():
            if name in ("", os.curdir, os.pardir):
                return self._without_links(path)
            key = os.path.join(self._directory(above), name)
            if follow and (key in self._links or (key not in self._gone and key not in self._copies)):
                key = self._without_links(key) if key in self._links or os.path.islink(key) else key
        return key

    def _directory(self, path: str) -> str:
        """A directory without links."""
        if self._links:
            return self._without_links(path)
        found = self._directories.get(path)
        if found is None:
            if len(self._directories) >= MAX_DIRECTORIES:
                self._directories.clear()
            found = self._directories[path] = os.path.realpath(path)
        return found

    def _without_links(self, path: str) -> str:
        """A path without links, be they really there or this look's own."""
        if not self._links:
            return os.path.realpath(path)
        at, waiting, followed = os.sep, path.split(os.sep)[::-1], 0
        while waiting:
            name = waiting.pop()
            if name in ("", os.curdir):
                continue
            if name == os.pardir:
                at = os.path.dirname(at)
                continue
            place = os.path.join(at, name)
            target = self._links.get(place)
            if target is None and place not in self._copies and place not in self._gone and os.path.islink(place):
                target = os.path.join(at, _readlink(place))
            if target is None or followed == MAX_LINKS:
                at = place
                continue
            followed += 1
            at, waiting = os.sep, waiting + target.split(os.sep)[::-1]
        return at

    @property
    def has_links(self) -> bool:
        """Whether a path may lead elsewhere in this look than it really does."""
        return bool(self._links)

    def find(self, key: str) -> str | None:
        """Where a file is: at its own path, at that of its copy, or nowhere in this look."""
        if not self._copies and not self._gone:
            return key
        at, rest = key, ""
        while True:
            copy = self._copies.get(at)
            if copy is not None:
                return copy + rest
            if at in self._gone:
                return None
            above, name = os.path.split(at)
            if above == at:
                return key
            at, rest = above, f"{os.sep}{name}{rest}"

    def is_copy(self, path: Any) -> bool:
        """Whether a path is that of a copy."""
        return isinstance(path, str) and path.startswith(_with_slash(self._scratch))

    def is_free(self, key: str) -> bool:
        """Whether a file may be changed: this look has made it, or it is a cache or the system's."""
        if key in self._made or key in self._made_directories or self._is_kept(key):
            return True
        return any(key.startswith(_with_slash(above)) for above in self._made_directories)

    def is_spared(self, key: str) -> bool:
        """Whether what is really at a place is the user's, be it under another name in this look."""
        found = self.find(key)
        return found is not None and not self.is_copy(found) and (found != key or not self.is_free(key))

    def _is_kept(self, key: str) -> bool:
        return key.startswith(self._kept) or f"{os.sep}__pycache__{os.sep}" in key

    def is_there(self, path: str) -> bool:
        """Whether something really stands at a path, be it a broken link."""
        try:
            _lstat(path)
        except OSError:
            return False
        return True

    def names_in(self, key: str) -> list[str] | None:
        """What a directory holds in this look; `None` where that is what is really there.

        Raises:
            OSError: It cannot be listed.
        """
        beside = self._beside.get(key)
        found = self.find(key)
        if found is None or (not beside and found == key):
            return None
        names = {name for name in _listdir(found) if os.path.join(key, name) not in self._gone}
        return sorted(names | {name for name in beside or () if os.path.join(key, name) in self._copies})

    # ------------------------------------------------------------------ what is written

    def place_for_writing(self, key: str, *, keep: bool) -> str | None:
        """Where a file goes that is opened to be written.

        Args:
            key: The file.
            keep: Whether what is in it stays.

        Returns:
            The key itself for a file that is not there, or is none of the user's; `None` where its directory is gone.
        """
        found = self.find(key)
        if found is None:
            return None if self.find(os.path.dirname(key)) is None else self._copy_of(key, None)
        if self.is_copy(found) or (found == key and self.is_free(key)):
            return found
        try:
            status = _stat(found)
        except OSError:
            return found if found == key else self._copy_of(key, None)
        if not stat.S_ISREG(status.st_mode) or not _access(found, os.W_OK):
            return found
        self._say(key, "is changed for this look only")
        return self._copy_of(key, found if keep else None)

    def copy_of_file(self, key: str, content: str) -> None:
        """Have a file of this look's own at a place, with the content of what is really at another."""
        self._copy_of(key, content)

    def pretend(self, key: str, text: str) -> None:
        """Have a file with a text where the program believes to have saved something, and nothing is."""
        found = self.find(key)
        if found is None or not self.is_there(found):
            descriptor = _open(self._copy_of(key, None), os.O_WRONLY)
            _write(descriptor, os.fsencode(text))
            _close(descriptor)

    def _copy_of(self, key: str, content: str | None) -> str:
        """A file of this look's own in place of the user's, with the content of another or empty."""
        copy = self._new_place()
        if content is None:
            _close(_open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
        elif (size := _stat(content).st_size) <= MAX_COPIED:
            with self.at_work():
                shutil.copyfile(content, copy)
        else:
            descriptor = _open(copy, os.O_CREAT | os.O_WRONLY, 0o600)
            os.ftruncate(descriptor, size)
            _close(descriptor)
        self._put(key, copy)
        return copy

    def _put(self, key: str, place: str) -> None:
        self._copies[key] = place
        above, name = os.path.split(key)
        self._beside.setdefault(above, set()).add(name)

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
            with self._noting(None):
                self._journal.note_skipped()

    def note_file(self, key: str, *, fresh: bool = False) -> None:
        """A file was made that was not there.

        Args:
            key: The file.
            fresh: Whether the program fails where it is there already.
        """
        always = fresh or self._traceless or key.startswith(tuple(self._fresh))
        self._made[key] = always
        if self._is_kept(key):
            return
        if always or self._skipping:
            self._say(key, "is made for this look only")
        with self._noting(key):
            self._journal.note_file(key, always=always)

    def note_directory(self, key: str, *, fresh: bool) -> None:
        """A directory was made that was not there.

        Args:
            key: The directory.
            fresh: Whether the program fails where it is there already.
        """
        self._made_directories.add(key)
        if self._is_kept(key):
            return
        if fresh:
            self._fresh.add(_with_slash(key))
        with self._noting(key):
            self._journal.note_directory(key)

    def note_moved(self, source: str, target: str) -> None:
        """A file or directory that this look has made was really renamed."""
        self._directories.clear()
        fresh = _with_slash(source) in self._fresh
        for directory in sorted(each for each in self._made_directories if _is_in(each, source)):
            self._made_directories.discard(directory)
            self.note_directory(target + directory[len(source) :], fresh=fresh)
        for file in [each for each in self._made if _is_in(each, source)]:
            always = self._made.pop(file)
            if self.is_there(target + file[len(source) :]):
                self.note_file(target + file[len(source) :], fresh=always)

    @contextlib.contextmanager
    def _noting(self, key: str | None) -> Iterator[None]:
        """The program goes on where something cannot be noted, and the log says it."""
        try:
            yield
        except OSError as error:
            if key is not None:
                self._say(key, f"stays after the look: what is to be taken back cannot be noted ({error.strerror})")

    # ------------------------------------------------------------------ what is removed

    def remove(self, key: str) -> None:
        """Have a file or directory of the user's gone for this look."""
        self._leave(key)
        self._say(key, "is removed for this look only")

    def forget(self, key: str) -> None:
        """Note that the copy of a file or directory has been removed."""
        self._drop(key)
        self._leave(key)

    def _leave(self, key: str) -> None:
        self._gone.add(key)
        above, name = os.path.split(key)
        self._beside.setdefault(above, set()).add(name)

    def _drop(self, key: str) -> None:
        """Forget copies of a file or directory and of what is in it."""
        for each in [each for each in self._copies if _is_in(each, key)]:
            del self._copies[each]
            self._links.pop(each, None)

    def remake_directory(self, key: str) -> None:
        """Make a directory that is this look's own."""
        self._drop(key)
        copy = self._new_place()
        _mkdir(copy, 0o700)
        self._put(key, copy)

    def make_link(self, key: str, target: str) -> None:
        """Make a link that is this look's own.

        Args:
            key: Where it is.
            target: What it leads to, as the program gave it.
        """
        place = os.path.join(os.path.dirname(key), target)
        copy = self._new_place()
        _symlink(place, copy)
        self._put(key, copy)
        self._links[key] = place

    def move(self, source: str, target: str) -> None:
        """Have what is at one place be at another, for this look."""
        found = self.find(source)
        if found is None or source == target:
            return
        self._say(target if self.is_there(target) else source, "is replaced for this look only")
        inside = {each: place for each, place in self._copies.items() if _is_in(each, source) and each != source}
        gone = [each for each in self._gone if _is_in(each, source) and each != source]
        self._drop(target)
        link = stat.S_ISLNK(_lstat(found).st_mode)
        if link:
            self.make_link(target, os.path.join(os.path.dirname(source), _readlink(found)))
        elif found == source and self.is_free(source):
            place = self._new_place()
            with self.at_work():
                shutil.move(source, place)
            self._put(target, place)
        else:
            self._put(target, found)
        for each, place in inside.items():
            self._put(target + each[len(source) :], place)
        for each in gone:
            self._leave(target + each[len(source) :])
        self._drop(source)
        if link and found == source and self.is_free(source):
            _unlink(source)
        self._leave(source)

    # ------------------------------------------------------------------ what is said

    def _say(self, key: str, what: str) -> None:
        """A line in the log, once for each file; of what the user's own code does only."""
        if key in self._said or len(self._said) >= MAX_SAID:
            return
        place = self._places.user_place(sys._getframe(2))
        if place is None:
            return
        self._said.add(key)
        with contextlib.suppress(OSError, ValueError, AttributeError):  # its output is closed: there is no log
            if key.startswith(self._temporary) and not key.startswith(_with_slash(os.getcwd())):
                return
            sys.stdout.flush()
            text = f"[kerascope] line {place['line']}: {os.path.relpath(key)} {what}\n"
            _write(2, text.encode("utf-8", "replace"))


def _own_folders() -> Iterator[str]:
    """Folders that are written to as always: caches, the system's, and where packages are installed."""
    yield from _SYSTEM
    home = os.path.expanduser("~")
    yield from (os.path.realpath(os.path.join(home, name)) for name in _HOME_CACHES)
    yield from (os.path.realpath(os.environ[name]) for name in _CACHES if os.environ.get(name))
    packages = {"stdlib", "platstdlib", "purelib", "platlib"}
    yield from (os.path.realpath(path) for name, path in sysconfig.get_paths().items() if name in packages)


def _with_slash(path: str) -> str:
    return path.rstrip(os.sep) + os.sep


def _is_in(path: str, directory: str) -> bool:
    """Whether a path is a directory, or below it."""
    return path == directory or path.startswith(_with_slash(directory))
