"""Python's calls that open, make, remove and look for files, asking first where a look has the file.

The functions stand in place of those of `builtins`, `io`, `os` and `shutil`. Each answers as the real one does, also
with its errors; what it is not about (descriptors, paths relative to a descriptor) it passes on.
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
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .sparing import SparedFiles

__all__ = ["FileCalls", "absolute"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC | os.O_CREAT


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
        for name in ("stat", "lstat", "access", "listdir", "scandir"):
            self.replace(os, name, self._looking)
        for name in ("remove", "unlink", "rmdir"):
            self.replace(os, name, self._removing)
        for name in ("rename", "replace"):
            self.replace(os, name, self._moving)
        for name in ("symlink", "link"):
            self.replace(os, name, self._linking)
        self.replace(os, "open", self._opening)
        self.replace(os, "mkdir", self._making)
        self.replace(os, "truncate", self._truncating)
        self.replace(shutil, "rmtree", self._removing_tree)
        self.replace(os, "makedirs", self._making_all)
        self.replace(pathlib.Path, "mkdir", self._making_path)

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
        """A function whose errors name the file as the program does."""

        @functools.wraps(original)
        def function(*args: Any, **kwargs: Any) -> Any:
            try:
                return made(*args, **kwargs)
            except OSError as error:
                if args and self._files.is_copy(error.filename):
                    error.filename = args[0]
                raise

        return function

    def _replace_open(self) -> None:
        original = io.open
        replacement = self._with_names(original, self._opening_file(original))
        builtins.open = io.open = replacement
        for module, name in (("numpy.lib._datasource", "_file_openers"), ("pathlib", "_NormalAccessor")):
            holder: Any = getattr(sys.modules.get(module), name, None)
            openers = getattr(holder, "_file_openers", None)
            if openers is not None and openers.get(None) is original:
                openers[None] = replacement
            if getattr(holder, "open", None) is original:
                holder.open = staticmethod(replacement)

    # ------------------------------------------------------------------ opening

    def _opening_file(self, original: Any) -> Any:
        def open(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
            path = absolute(file)
            if path is None or not isinstance(mode, str):
                return original(file, mode, *args, **kwargs)
            if not set(mode) & set("wax+"):
                return original(self.there(file, path), mode, *args, **kwargs)
            with self.written(file, path, keep="w" not in mode, exclusive="x" in mode) as place:
                return original(place, mode, *args, **kwargs)

        return open

    def _opening(self, original: Any) -> Any:
        def open(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
            name = None if kwargs.get("dir_fd") is not None else absolute(path)
            if name is None:
                return original(path, flags, *args, **kwargs)
            if not flags & _WRITING:
                return original(self.there(path, name), flags, *args, **kwargs)
            keep, exclusive = not flags & os.O_TRUNC, bool(flags & os.O_EXCL)
            with self.written(path, name, keep=keep, exclusive=exclusive) as place:
                return original(place, flags, *args, **kwargs)

        return open

    @contextlib.contextmanager
    def written(self, given: Any, path: str, *, keep: bool, exclusive: bool) -> Iterator[Any]:
        """Give the place to write to, and note the file where it is new.

        Args:
            given: The file, as the program names it.
            path: The same as an absolute path.
            keep: Whether what is in it stays.
            exclusive: Whether it must not be there.

        Raises:
            OSError: It is there, or its directory is not.
        """
        files = self._files
        there, found = files.is_there(path), files.find(path)
        if exclusive and found is not None and files.is_there(found):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(given))
        place = files.place_for_writing(path, keep=keep)
        if place is None:
            raise _missing(given)
        if exclusive and place != path:
            os.unlink(place)
        yield given if place == path else place
        if place == path and not there and files.is_there(path):
            files.note_file(path, fresh=exclusive)

    # ------------------------------------------------------------------ looking

    def _looking(self, original: Any) -> Any:
        accesses = original is os.access

        def looking(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
            name = None if kwargs.get("dir_fd") is not None else absolute(path)
            found = name if name is None else self._files.find(name)
            if found == name:
                return original(path, *args, **kwargs)
            if found is None:
                if accesses:
                    return False
                raise _missing(path)
            return original(_like(path, found), *args, **kwargs)

        return looking

    def there(self, given: Any, path: str) -> Any:
        """Where a file is that is opened to be read.

        Args:
            given: The file, as the program names it.
            path: The same as an absolute path.

        Raises:
            FileNotFoundError: It is gone for this look.
        """
        found = self._files.find(path)
        if found is None:
            raise _missing(given)
        return given if found == path else found

    # ------------------------------------------------------------------ making

    def _making(self, original: Any) -> Any:
        def mkdir(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            name = None if kwargs.get("dir_fd") is not None else absolute(path)
            if name is None:
                original(path, *args, **kwargs)
                return
            found = files.find(name)
            if found is None:
                if files.find(os.path.dirname(name)) is None:
                    raise _missing(path)
                files.remake_directory(name)
                return
            original(path if found == name else found, *args, **kwargs)
            if found == name:
                files.note_directory(name, fresh=not self._exist_ok)

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

    def _linking(self, original: Any) -> Any:
        def link(src: Any, dst: Any, *args: Any, **kwargs: Any) -> None:
            original(src, dst, *args, **kwargs)
            name = None if kwargs.get("dir_fd", kwargs.get("dst_dir_fd")) is not None else absolute(dst)
            if name is not None:
                self._files.note_file(name)

        return link

    # ------------------------------------------------------------------ removing and moving

    def _removing(self, original: Any) -> Any:
        directory = original is os.rmdir

        def removing(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            name = None if kwargs.get("dir_fd") is not None else absolute(path)
            found = name if name is None else files.find(name)
            if name is None:
                original(path, *args, **kwargs)
            elif found is None:
                raise _missing(path)
            elif found != name:
                original(found)
                files.forget(name)
            elif files.is_free(name) or not _removable(name, directory) or (directory and not files.is_emptied(name)):
                original(path, *args, **kwargs)
            else:
                files.remove(name)

        return removing

    def _removing_tree(self, original: Any) -> Any:
        def rmtree(path: Any, ignore_errors: bool = False, *args: Any, **kwargs: Any) -> None:
            files = self._files
            name = None if kwargs.get("dir_fd") is not None else absolute(path)
            found = name if name is None else files.find(name)
            if name is None:
                original(path, ignore_errors, *args, **kwargs)
            elif found is None:
                if not ignore_errors:
                    raise _missing(path)
            elif found != name:
                original(found, ignore_errors, *args, **kwargs)
                files.forget(name)
            elif files.is_free(name) or not _removable(name, directory=True):
                original(path, ignore_errors, *args, **kwargs)
            else:
                files.remove(name)

        return rmtree

    def _moving(self, original: Any) -> Any:
        def moving(src: Any, dst: Any, **kwargs: Any) -> None:
            files = self._files
            old, new = (None, None) if kwargs else (absolute(src), absolute(dst))
            if old is None or new is None:
                original(src, dst, **kwargs)
                return
            place = files.find(old)
            if place is None:
                raise _missing(src)
            there = files.is_there(new)
            if place == old and files.find(new) == new and files.is_free(old) and (files.is_free(new) or not there):
                original(src, dst)
                if not there and os.path.isdir(new):
                    files.note_directory(new, fresh=False)
                elif not there:
                    files.note_file(new)
            elif files.is_there(place):
                files.move(old, new)
            else:
                original(src, dst)  # fails, as it should

        return moving

    def _truncating(self, original: Any) -> Any:
        def truncate(path: Any, length: int) -> None:
            name = absolute(path)
            if name is None:
                original(path, length)
                return
            with self.written(path, name, keep=True, exclusive=False) as place:
                original(place, length)

        return truncate


def absolute(path: Any) -> str | None:
    """The absolute path, `None` for what is none."""
    if isinstance(path, int):
        return None
    try:
        return os.path.abspath(os.fsdecode(path))
    except (TypeError, ValueError, OSError):
        return None  # not a path, or relative to a directory that is no more: the real function says so


def _removable(path: str, directory: bool) -> bool:
    """Whether a file or directory is there and could be removed."""
    try:
        is_directory = stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
    return is_directory is directory and os.access(os.path.dirname(path), os.W_OK)


def _like(given: Any, path: str) -> Any:
    return os.fsencode(path) if isinstance(given, bytes) else path


def _missing(path: Any) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
