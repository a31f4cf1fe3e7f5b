"""Python's calls that make, change, remove and rename files and directories: those of the user's stay as they are."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import shutil
import stat
import tempfile
from typing import TYPE_CHECKING, Any

from .file_calls import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file_calls import FileCalls
    from .sparing import SparedFiles

__all__ = ["TreeCalls"]

# Bound now: these are the real ones, whatever stands in os later.
_lstat, _listdir, _access = os.lstat, os.listdir, os.access


class TreeCalls:
    """Replaces the functions, beside those of `FileCalls`.

    Args:
        files: Where the files are.
        calls: Tells what a call names.
    """

    def __init__(self, files: SparedFiles, calls: FileCalls) -> None:
        self._files = files
        self._calls = calls
        self._exist_ok = False

    def install(self) -> None:
        """Replace them in this process; there is no way back, it dies after the look."""
        replace, unlink = self._calls.replace, os.unlink
        for name in ("utime", "chmod", "chown", "setxattr", "removexattr"):
            if hasattr(os, name):
                replace(os, name, self._changing)
        for name in ("remove", "unlink", "rmdir"):
            replace(os, name, self._removing)
        for name in ("rename", "replace"):
            replace(os, name, self._moving)
        for name in ("mkfifo", "mknod"):
            replace(os, name, self._making_special)
        replace(os, "symlink", self._linking)
        replace(os, "link", self._linking_hard)
        replace(os, "mkdir", self._making)
        replace(os, "truncate", self._truncating)
        replace(shutil, "rmtree", self._removing_tree)
        replace(os, "makedirs", self._making_all)
        replace(pathlib.Path, "mkdir", self._making_path)
        _replace_defaults(tempfile, unlink, os.unlink)

    # ------------------------------------------------------------------ making

    def _making(self, original: Any) -> Any:
        def mkdir(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._calls.named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            found = files.find(key)
            if found is None and files.find(os.path.dirname(key)) is None:
                raise missing(path)
            if found is None or (found != key and not files.is_copy(found) and not files.is_there(found)):
                files.remake_directory(key)
                return
            original(self._calls.given(path, key, found), *args, **kwargs)
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
            path, key = self._calls.named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            with self._calls.written(path, key, keep=False, exclusive=True) as place:
                original(place, *args, **kwargs)

        return make

    def _linking(self, original: Any) -> Any:
        def symlink(src: Any, dst: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            dst, key = self._calls.named(dst, kwargs, follow=False)
            found = key if key is None else files.find(key)
            if key is None:
                original(src, dst, *args, **kwargs)
            elif found == key:
                original(src, self._calls.given(dst, key, key), *args, **kwargs)
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
            old, new = self._calls.key(src, follow=False), self._calls.key(dst, follow=False)
            if old is None or new is None or kwargs:
                original(src, dst, **kwargs)
                return
            place, taken = self._calls.found(src, old), files.find(new)
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
            path, key = self._calls.named(path, kwargs, follow=kwargs.get("follow_symlinks", True))
            if key is None:
                original(path, *args, **kwargs)
                return
            found = self._calls.found(path, key)
            if not self._files.is_spared(key) or not self._files.is_there(found):
                original(self._calls.given(path, key, found), *args, **kwargs)

        return change

    def _removing(self, original: Any) -> Any:
        directory = original is os.rmdir

        def removing(path: Any, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._calls.named(path, kwargs, follow=False)
            if key is None:
                original(path, *args, **kwargs)
                return
            found = self._calls.found(path, key)
            if files.is_copy(found):
                original(found)
                files.forget(key)
            elif not files.is_spared(key) or not _removable(found, directory):
                original(self._calls.given(path, key, found), *args, **kwargs)
            elif directory and self._names(key, found):
                raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), os.fspath(path))
            else:
                files.remove(key)

        return removing

    def _removing_tree(self, original: Any) -> Any:
        def rmtree(path: Any, ignore_errors: bool = False, *args: Any, **kwargs: Any) -> None:
            files = self._files
            path, key = self._calls.named(path, kwargs, follow=False)
            found = key if key is None else files.find(key)
            if key is None:
                original(path, ignore_errors, *args, **kwargs)
            elif found is None:
                if not ignore_errors:
                    raise missing(path)
            elif files.is_spared(key) and _removable(found, directory=True):
                files.remove(key)
            else:
                with files.at_work():
                    original(self._calls.given(path, key, found), ignore_errors, *args, **kwargs)
                if files.is_copy(found):
                    files.forget(key)

        return rmtree

    def _moving(self, original: Any) -> Any:
        def moving(src: Any, dst: Any, **kwargs: Any) -> None:
            files = self._files
            old, new = self._calls.key(src, follow=False), self._calls.key(dst, follow=False)
            if old is None or new is None or kwargs:
                original(src, dst, **kwargs)
                return
            place, taken = self._calls.found(src, old), files.find(new)
            there = taken is not None and files.is_there(taken)
            if place == old and taken == new and files.is_free(old) and (files.is_free(new) or not there):
                original(self._calls.given(src, old, old), self._calls.given(dst, new, new))
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
            key = self._calls.key(path, follow=True)
            if key is None:
                original(path, length)
                return
            with self._calls.written(path, key, keep=True) as place:
                original(place, length)

        return truncate


def _replace_defaults(module: Any, original: Any, replacement: Any) -> None:
    """Replace a function where the methods of a module's classes have it as a default."""
    for owner in [each for each in vars(module).values() if isinstance(each, type)]:
        for method in vars(owner).values():
            defaults = getattr(method, "__defaults__", None) or ()
            if any(each is original for each in defaults):
                method.__defaults__ = tuple(replacement if each is original else each for each in defaults)


def _removable(path: str, directory: bool) -> bool:
    """Whether a file or directory is there and could be removed."""
    try:
        is_directory = stat.S_ISDIR(_lstat(path).st_mode)
    except OSError:
        return False
    return is_directory is directory and _access(os.path.dirname(path), os.W_OK)
