"""Python's calls that open, make, remove and look for files, asking first where a look has the file.

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
import shutil
import stat
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .sparing import SparedFiles

__all__ = ["FileCalls"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC | os.O_CREAT
_OPENERS = ("open", "_open", "_builtin_open", "bltn_open")
"""Names under which the standard library's modules keep `open`."""

# Bound now: these are the real ones, whatever stands in os later.
_lstat, _listdir, _access = os.lstat, os.listdir, os.access


class FileCalls:
    """Replaces the functions.

    Args:
        files: Where the files are.
    """

    def __init__(self, files: SparedFiles) -> None:
        self._files = files
        self._exist_ok = False

    def install(self) -> None:
        """Replace them in this process; there is no way back, it dies after the look."""
        self._replace_open()
        for name in ("stat", "access", "chdir", "statvfs"):
            self.replace(os, name, functools.partial(self._looking, follow=True))
        for name in ("lstat", "readlink"):
            self.replace(os, name, functools.partial(self._looking, follow=False))
        for name in ("utime", "chmod", "chown", "setxattr", "removexattr"):
            if hasattr(os, name):
                self.replace(os, name, self._changing)
        unlink = os.unlink
        for name in ("remove", "unlink", "rmdir"):
            self.replace(os, name, self._removing)
        self._replace_defaults(tempfile, unlink, os.unlink)
        for name in ("rename", "replace"):
            self.replace(os, name, self._moving)
        for name in ("mkfifo", "mknod"):
            self.replace(os, name, self._making_special)
        self.replace(os, "listdir", self._listing)
        self.replace(os, "scandir", self._scanning)
        self.replace(os, "symlink", self._linking)
        self.replace(os, "link", self._linking_hard)
        self.replace(os, "open", self._opening)
        self.replace(os, "mkdir", self._making)
        self.replace(os, "truncate", self._truncating)
        self.replace(shutil, "rmtree", self._removing_tree)
        self.replace(os, "makedirs", self._making_all)
        self.replace(pathlib.Path, "mkdir", self._making_path)
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

    @staticmethod
    def _replace_defaults(module: Any, original: Any, replacement: Any) -> None:
        """Replace a function where the methods of a module's classes have it as a default."""
        for owner in [each for each in vars(module).values() if isinstance(each, type)]:
            for method in vars(owner).values():
                defaults = getattr(method, "__defaults__", None) or ()
                if original in defaults:
                    method.__defaults__ = tuple(replacement if each is original else each for each in defaults)

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

    def _named(self, path: Any, options: dict[str, Any], *, follow: bool) -> tuple[Any, str | None]:
        """What a call names as a file, and its key; a `dir_fd` it is relative to is taken out of the options."""
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
            path, key = self._named(path, kwargs, follow=not flags & os.O_NOFOLLOW)
            if key is None:
                return original(path, flags, *args, **kwargs)
            if not flags & _WRITING:
                return original(self._given(path, key, self._found(path, key)), flags, *args, **kwargs)
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
            raise _missing(given)
        if exclusive and files.is_copy(place) and files.is_there(place):
            with files.at_work():
                os.unlink(place)
        yield self._given(given, key, place)
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
            path, key = self._named(path, kwargs, follow=follows)
            found = key if key is None else self._files.find(key)
            if key is None:
                return original(path, *args, **kwargs)
            if found is None:
                if accesses:
                    return False
                raise _missing(path)
            return original(self._given(path, key, found), *args, **kwargs)

        return looking

    def _listing(self, original: Any) -> Any:
        def listdir(path: Any = ".") -> Any:
            key = self.key(path, follow=True)
            if key is None:
                return original(path)
            found = self._found(path, key)
            names = self._files.names_in(key)
            if names is None:
                return original(self._given(path, key, found))
            return [os.fsencode(name) for name in names] if isinstance(path, bytes) else names

        return listdir

    def _scanning(self, original: Any) -> Any:
        def scandir(path: Any = ".") -> Any:
            key = self.key(path, follow=True)
            if key is None:
                return original(path)
            found = self._found(path, key)
            names = self._files.names_in(key)
            if names is None:
                return original(self._given(path, key, found))
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
        return self._given(given, key, self._found(given, key))

    def _found(self, given: Any, key: str) -> str:
        found = self._files.find(key)
        if found is None:
            raise _missing(given)
        return found

    def _given(self, given: Any, key: str, place: str) -> Any:
        """A place in the program's own words where these lead to it."""
        if place == key and not self._files.has_links and os.pardir not in os.fsdecode(given).split(os.sep):
            return given
        return os.fsencode(place) if isinstance(given, bytes) else place

    # ------------------------------------------------------------------ making

    def _making(self, original: Any) -> Any:
        def mkdir(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            found = files.find(key)
            if found is None and files.find(os.path.dirname(key)) is None:
                raise _missing(path)
            if found is None or (found != key and not files.is_copy(found) and not files.is_there(found)):
                files.remake_directory(key)
                return
            original(self._given(path, key, found), *args, **kwargs)
            if found == key:
                files.note_directory(key, fresh=not self._exist_ok)

        return mkdir

    def _making_all(self, original: Any) -> Any:
        """`os.makedirs`, which can be told that the directory may be there."""

        def makedirs(name: Any, mode: int = 0o777, exist_ok: bool = False) -> None:
            with self._may_be_there(exist_ok):
                original(name, mode, exist_ok)

        return makedirs

    def _making_path(self, original: Any) -> Any:
        def mkdir(self_: Any, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
            with self._may_be_there(exist_ok):
                original(self_, mode, parents, exist_ok)

        return mkdir

    @contextlib.contextmanager
    def _may_be_there(self, exist_ok: bool) -> Iterator[None]:
        before, self._exist_ok = self._exist_ok, exist_ok
        try:
            yield
        finally:
            self._exist_ok = before

    def _making_special(self, original: Any) -> Any:
        def make(path: Any, *args: Any, **kwargs: Any) -> None:
            path, key = self._named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            with self.written(path, key, keep=False, exclusive=True) as place:
                original(place, *args, **kwargs)

        return make

    def _linking(self, original: Any) -> Any:
        def symlink(src: Any, dst: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            dst, key = self._named(dst, kwargs, follow=False)
            found = key if key is None else files.find(key)
            if key is None:
                original(src, dst, *args, **kwargs)
            elif found == key:
                original(src, self._given(dst, key, key), *args, **kwargs)
                files.note_file(key, fresh=True)
            elif found is not None and files.is_there(found):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(dst))
            else:
                files.make_link(key, os.fsdecode(src))

        return symlink

    def _linking_hard(self, original: Any) -> Any:
        """A second name of a file of the user's is a copy: what is written to it would be written to the file."""

        def link(src: Any, dst: Any, **kwargs: Any) -> None:
            files = self._files
            old, new = self.key(src, follow=False), self.key(dst, follow=False)
            if old is None or new is None or kwargs:
                original(src, dst, **kwargs)
                return
            place, taken = self._found(src, old), files.find(new)
            if taken is not None and files.is_there(taken):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(dst))
            if taken == new and place == old and files.is_free(old):
                original(src, dst)
                files.note_file(new)
            else:
                files.copy_of_file(new, place)

        return link

    # ------------------------------------------------------------------ changing, removing and moving

    def _changing(self, original: Any) -> Any:
        """Times, modes and owners: those of the user's files stay."""

        def change(path: Any, *args: Any, **kwargs: Any) -> None:
            path, key = self._named(path, kwargs, follow=kwargs.get("follow_symlinks", True))
            if key is None:
                original(path, *args, **kwargs)
                return
            found = self._found(path, key)
            if not self._files.is_spared(key) or not self._files.is_there(found):
                original(self._given(path, key, found), *args, **kwargs)

        return change

    def _removing(self, original: Any) -> Any:
        directory = original is os.rmdir

        def removing(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            found = self._found(path, key)
            if files.is_copy(found):
                original(found)
                files.forget(key)
            elif not files.is_spared(key) or not _removable(found, directory):
                original(self._given(path, key, found), *args, **kwargs)
            elif directory and self._names(key, found):
                raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), os.fspath(path))
            else:
                files.remove(key)

        return removing

    def _removing_tree(self, original: Any) -> Any:
        def rmtree(path: Any, ignore_errors: bool = False, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._named(path, kwargs, follow=False)
            found = key if key is None else files.find(key)
            if key is None:
                original(path, ignore_errors, *args, **kwargs)
            elif found is None:
                if not ignore_errors:
                    raise _missing(path)
            elif files.is_spared(key) and _removable(found, directory=True):
                files.remove(key)
            else:
                with files.at_work():
                    original(self._given(path, key, found), ignore_errors, *args, **kwargs)
                if files.is_copy(found):
                    files.forget(key)

        return rmtree

    def _moving(self, original: Any) -> Any:
        def moving(src: Any, dst: Any, **kwargs: Any) -> None:
            files = self._files
            old, new = self.key(src, follow=False), self.key(dst, follow=False)
            if old is None or new is None or kwargs:
                original(src, dst, **kwargs)
                return
            place, taken = self._found(src, old), files.find(new)
            there = taken is not None and files.is_there(taken)
            if place == old and taken == new and files.is_free(old) and (files.is_free(new) or not there):
                original(self._given(src, old, old), self._given(dst, new, new))
                files.note_moved(old, new)
            elif files.is_there(place) and files.find(os.path.dirname(new)) is not None:
                if there and taken is not None and old != new:
                    self._check_way(place, new, taken, src, dst)
                files.move(old, new)
            else:
                original(src, dst)  # fails, as it should

        return moving

    def _check_way(self, place: str, new: str, taken: str, src: Any, dst: Any) -> None:
        """Raise what rename(2) does where a thing is put in place of another that it cannot replace."""
        is_directory, to_directory = (stat.S_ISDIR(_lstat(path).st_mode) for path in (place, taken))
        error = None
        if is_directory != to_directory:
            error = errno.EISDIR if to_directory else errno.ENOTDIR
        elif to_directory and self._names(new, taken):
            error = errno.ENOTEMPTY
        if error is not None:
            raise OSError(error, os.strerror(error), os.fspath(src), None, os.fspath(dst))

    def _names(self, key: str, found: str) -> list[str]:
        """What a directory holds in this look."""
        names = self._files.names_in(key)
        return _listdir(found) if names is None else names

    def _truncating(self, original: Any) -> Any:
        def truncate(path: Any, length: int) -> None:
            key = self.key(path, follow=True)
            if key is None:
                original(path, length)
                return
            with self.written(path, key, keep=True) as place:
                original(place, length)

        return truncate

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


def _removable(path: str, directory: bool) -> bool:
    """Whether a file or directory is there and could be removed."""
    try:
        is_directory = stat.S_ISDIR(_lstat(path).st_mode)
    except OSError:
        return False
    return is_directory is directory and _access(os.path.dirname(path), os.W_OK)


def _missing(path: Any) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
