"""Python's calls that open and look for files, asking first where a look has the file.

The functions stand in place of those of `builtins`, `io`, `os` and `shutil`. Each answers as the real one does, also
with its errors; what names no file (descriptors, say) it passes on.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import functools
import io
import os
import pathlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .sparing import SparedFiles

__all__ = ["FileCalls", "missing"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC | os.O_CREAT
_OPENERS = ("open", "_open", "_builtin_open", "bltn_open")
"""Names under which the standard library's modules keep `open`."""


class FileCalls:
    """Replaces the functions.

    Args:
        files: Where the files are.
    """

    def __init__(self, files: SparedFiles) -> None:
        self._files = files

    def install(self) -> None:
        """Replace them in this process; there is no way back, it dies after the look."""
        self._replace_open()
        for name in ("stat", "access", "chdir", "statvfs"):
            self.replace(os, name, functools.partial(self._looking, follow=True))
        for name in ("lstat", "readlink"):
            self.replace(os, name, functools.partial(self._looking, follow=False))
        self.replace(os, "listdir", self._listing)
        self.replace(os, "scandir", self._scanning)
        self.replace(os, "open", self._opening)
        self.replace(subprocess.Popen, "__init__", self._starting)

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Put what `make` makes of a function in its place."""
        original = getattr(owner, name)
        replacement = self._with_names(original, make(original))
        setattr(owner, name, replacement)
        for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if original in able:
                able.add(replacement)
        accessor = getattr(pathlib, "_NormalAccessor", None)  # before Python 3.11
        if getattr(accessor, name, None) is original:
            setattr(accessor, name, staticmethod(replacement))

    def _with_names(self, original: Any, made: Any) -> Any:
        """A function that is the real one for our own work, and whose errors name the file as the program does."""

        @functools.wraps(original)
        def function(*args: Any, **kwargs: Any) -> Any:
            if self._files.is_at_work:
                return original(*args, **kwargs)
            try:
                return made(*args, **kwargs)
            except OSError as error:
                named = args[original.__name__ == "__init__" :]
                if named and self._is_ours(error.filename, named[0]):
                    error.filename = named[0]
                raise

        return function

    def _is_ours(self, path: Any, given: Any) -> bool:
        """Whether a path is what we have made of what the program names."""
        if self._files.is_copy(path):
            return True
        return isinstance(path, str) and path in (self.key(given, follow=True), self.key(given, follow=False))

    def _replace_open(self) -> None:
        original = io.open
        replacement = self._with_names(original, self._opening_file(original))
        for loaded in list(sys.modules.values()):
            names = getattr(loaded, "__dict__", None) or {}
            for name in _OPENERS:
                if names.get(name) is original:
                    setattr(loaded, name, replacement)
        builtins.open = io.open = replacement
        for module, name in (("numpy.lib._datasource", "_file_openers"), ("pathlib", "_NormalAccessor")):
            holder: Any = getattr(sys.modules.get(module), name, None)
            openers = getattr(holder, "_file_openers", None)
            if openers is not None and openers.get(None) is original:
                openers[None] = replacement
            if getattr(holder, "open", None) is original:
                holder.open = staticmethod(replacement)

    def key(self, path: Any, *, follow: bool) -> str | None:
        """The key of what a program names as a file, `None` for what is none."""
        try:
            text = os.fsdecode(path)
            if not text:
                return None
            return self._files.key(os.path.join(os.getcwd(), text), follow=follow)
        except (TypeError, ValueError, OSError):
            return None  # no path, or relative to a directory that is no more: the real function says so

    def named(self, path: Any, options: dict[str, Any], *, follow: bool) -> tuple[Any, str | None]:
        """What a call names as a file, and its key.

        Args:
            path: The file, as the program names it.
            options: The call's keyword arguments; a `dir_fd` that the path is relative to is taken out of them.
            follow: Whether a link stands for what it leads to.
        """
        directory = options.get("dir_fd")
        if isinstance(directory, int):
            with contextlib.suppress(OSError, TypeError), self._files.at_work():
                path = os.path.join(os.readlink(f"/proc/self/fd/{directory}"), os.fsdecode(path))
                del options["dir_fd"]
        return path, None if options.get("dir_fd") is not None else self.key(path, follow=follow)

    # ------------------------------------------------------------------ opening

    def _opening_file(self, original: Any) -> Any:
        def open(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
            key = self.key(file, follow=True)
            if key is None or not isinstance(mode, str):
                return original(file, mode, *args, **kwargs)
            if not set(mode) & set("wax+"):
                return original(self.there(file, key), mode, *args, **kwargs)
            with self.written(file, key, keep="w" not in mode, exclusive="x" in mode) as place:
                return original(place, mode, *args, **kwargs)

        return open

    def _opening(self, original: Any) -> Any:
        def open(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
            path, key = self.named(path, kwargs, follow=not flags & os.O_NOFOLLOW)
            if key is None:
                return original(path, flags, *args, **kwargs)
            if not flags & _WRITING:
                return original(self.given(path, key, self.found(path, key)), flags, *args, **kwargs)
            keep, exclusive = not flags & os.O_TRUNC, bool(flags & os.O_EXCL)
            with self.written(path, key, keep=keep, exclusive=exclusive) as place:
                return original(place, flags, *args, **kwargs)

        return open

    @contextlib.contextmanager
    def written(self, given: Any, key: str, *, keep: bool, exclusive: bool = False) -> Iterator[Any]:
        """Give the place to write to, and note the file where it is new.

        Args:
            given: The file, as the program names it.
            key: Its key.
            keep: Whether what is in it stays.
            exclusive: Whether it must not be there.

        Raises:
            OSError: It is there, or its directory is not.
        """
        files = self._files
        there, found = files.is_there(key), files.find(key)
        if exclusive and found is not None and files.is_there(found):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(given))
        place = files.place_for_writing(key, keep=keep)
        if place is None:
            raise missing(given)
        if exclusive and files.is_copy(place) and files.is_there(place):
            with files.at_work():
                os.unlink(place)
        yield self.given(given, key, place)
        if place == key and not there and files.is_there(key):
            files.note_file(key, fresh=exclusive)

    def own_directory(self, key: str) -> str:
        """A directory that is this look's own, in place of what may be at a place."""
        self._files.remake_directory(key)
        return str(self._files.find(key))

    # ------------------------------------------------------------------ looking

    def _looking(self, original: Any, *, follow: bool) -> Any:
        accesses = original.__name__ == "access"

        def looking(path: Any, *args: Any, **kwargs: Any) -> Any:
            follows = follow and kwargs.get("follow_symlinks", True)
            path, key = self.named(path, kwargs, follow=follows)
            found = key if key is None else self._files.find(key)
            if key is None:
                return original(path, *args, **kwargs)
            if found is None:
                if accesses:
                    return False
                raise missing(path)
            return original(self.given(path, key, found), *args, **kwargs)

        return looking

    def _listing(self, original: Any) -> Any:
        def listdir(path: Any = ".") -> Any:
            key = self.key(path, follow=True)
            if key is None:
                return original(path)
            found = self.found(path, key)
            names = self._files.names_in(key)
            if names is None:
                return original(self.given(path, key, found))
            return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names

        return listdir

    def _scanning(self, original: Any) -> Any:
        def scandir(path: Any = ".") -> Any:
            key = self.key(path, follow=True)
            if key is None:
                return original(path)
            found = self.found(path, key)
            names = self._files.names_in(key)
            if names is None:
                return original(self.given(path, key, found))
            return _Entries(path, names)

        return scandir

    def there(self, given: Any, key: str) -> Any:
        """Where a file is that is opened to be read.

        Args:
            given: The file, as the program names it.
            key: Its key.

        Raises:
            FileNotFoundError: It is gone for this look.
        """
        return self.given(given, key, self.found(given, key))

    def found(self, given: Any, key: str) -> str:
        """Where a file is.

        Raises:
            FileNotFoundError: It is gone for this look; the error names it as the program does.
        """
        found = self._files.find(key)
        if found is None:
            raise missing(given)
        return found

    def given(self, given: Any, key: str, place: str) -> Any:
        """A place in the program's own words where these lead to it."""
        if place == key and not self._files.has_links and os.pardir not in os.fsdecode(given).split(os.sep):
            return given
        return os.fsencode(place) if isinstance(given, bytes) else place

    def _starting(self, original: Any) -> Any:
        """`Popen(cwd=...)`: the directory may be this look's own."""

        def __init__(process: Any, *args: Any, **kwargs: Any) -> None:
            key = None if kwargs.get("cwd") is None else self.key(kwargs["cwd"], follow=True)
            if key is not None:
                kwargs["cwd"] = self.there(kwargs["cwd"], key)
            original(process, *args, **kwargs)

        return __init__


class _Entries:
    """What `os.scandir` gives: an iterator over entries that can be closed."""

    def __init__(self, directory: Any, names: list[str]) -> None:
        self._entries = iter([_Entry(directory, name) for name in names])

    def __iter__(self) -> Iterator[_Entry]:
        return self._entries

    def __next__(self) -> _Entry:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


class _Entry:
    """An `os.DirEntry`, which cannot be made."""

    def __init__(self, directory: Any, name: str) -> None:
        self.name: Any = os.fsencode(name) if isinstance(directory, bytes) else name
        self.path = os.path.join(os.fspath(directory), self.name)

    def __fspath__(self) -> Any:
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(self.path) if follow_symlinks else os.lstat(self.path)

    def inode(self) -> int:
        return os.lstat(self.path).st_ino

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isdir(self.path) and (follow_symlinks or not self.is_symlink())

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return os.path.isfile(self.path) and (follow_symlinks or not self.is_symlink())

    def is_symlink(self) -> bool:
        return os.path.islink(self.path)

    def is_junction(self) -> bool:
        return False


def missing(path: Any) -> FileNotFoundError:
    """The error about a file that is not there."""
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
