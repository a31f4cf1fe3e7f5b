"""Files that h5py, sqlite3 and TensorFlow write and remove by themselves, without Python's functions for it."""

from __future__ import annotations

import contextlib
import functools
import glob
import importlib
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from .skipping import replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .file_calls import FileCalls

__all__ = ["replace_native_openers"]

_GFILE = ("tensorflow._api.v2.io.gfile", "tensorflow._api.v2.compat.v2.io.gfile")
"""Modules with TensorFlow's functions for files."""


def replace_native_openers(calls: FileCalls) -> None:
    """Have h5py, sqlite3 and TensorFlow, where they are there, ask where a look has the file.

    TensorFlow's summaries are written nowhere: they would be of steps that a training makes again.
    """
    h5py, tensorflow = sys.modules.get("h5py"), sys.modules.get("tensorflow")
    if h5py is not None:
        calls.replace(h5py.File, "__init__", functools.partial(_opening_hdf5, calls))
    with contextlib.suppress(ImportError):  # a Python without it
        for module in ("sqlite3", "sqlite3.dbapi2"):
            calls.replace(importlib.import_module(module), "connect", functools.partial(_connecting, calls))
    if tensorflow is None:
        return
    calls.replace(tensorflow.io.gfile.GFile, "__init__", functools.partial(_opening_gfile, calls))
    calls.replace(tensorflow.io.TFRecordWriter, "__init__", functools.partial(_opening_records, calls))
    calls.replace(tensorflow.io, "write_file", functools.partial(_writing_file, calls))
    for gfile in filter(None, map(sys.modules.get, _GFILE)):
        for name, ours in _gfile_functions().items():
            setattr(gfile, name, _by_python(tensorflow, getattr(gfile, name), ours))
    calls.replace(tensorflow.data.Dataset, "save", functools.partial(_saving_dataset, calls))
    load = tensorflow.data.Dataset.load
    tensorflow.data.Dataset.load = staticmethod(_loading_dataset(calls, load))
    writer, nowhere = tensorflow.summary.create_file_writer, tensorflow.summary.create_noop_writer
    replace_everywhere("create_file_writer", writer, functools.wraps(writer)(lambda *args, **kwargs: nowhere()))


def _opening_hdf5(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, name: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> None:
        key = calls.key(name, follow=True)
        if key is None or not isinstance(mode, str):
            original(file, name, mode, *args, **kwargs)
        elif mode == "r":
            original(file, calls.there(name, key), mode, *args, **kwargs)
        else:
            with calls.written(name, key, keep=mode != "w", exclusive=mode in ("w-", "x")) as place:
                original(file, place, mode, *args, **kwargs)

    return __init__


def _connecting(calls: FileCalls, original: Any) -> Any:
    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        key = None if kwargs.get("uri") or database == ":memory:" else calls.key(database, follow=True)
        if key is None:
            return original(database, *args, **kwargs)
        with calls.written(database, key, keep=True) as place:
            _make(place)
            return original(place, *args, **kwargs)

    return connect


# TensorFlow.


def _opening_gfile(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, name: Any, mode: str = "r") -> None:
        key = _local(calls, name)
        if key is None:
            original(file, name, mode)
        elif not set(mode) & set("wa+"):
            original(file, calls.there(name, key), mode)
        else:
            with calls.written(name, key, keep="w" not in mode) as place:
                _make(place)
                original(file, place, mode)

    return __init__


def _opening_records(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, path: Any, options: Any = None) -> None:
        key = _local(calls, path)
        if key is None:
            original(file, path, options)
            return
        with calls.written(path, key, keep=False) as place:
            original(file, place, options)

    return __init__


def _writing_file(calls: FileCalls, original: Any) -> Any:
    def write_file(filename: Any, contents: Any, name: Any = None) -> Any:
        given = filename.numpy() if hasattr(filename, "numpy") else filename
        key = _local(calls, given)
        if key is None:  # a tensor of a graph, say
            return original(filename, contents, name=name)
        with calls.written(given, key, keep=False) as place:
            return original(place, contents, name=name)

    return write_file


def _saving_dataset(calls: FileCalls, original: Any) -> Any:
    def save(dataset: Any, path: Any, *args: Any, **kwargs: Any) -> Any:
        key = _local(calls, path)
        return original(dataset, path if key is None else calls.own_directory(key), *args, **kwargs)

    return save


def _loading_dataset(calls: FileCalls, original: Any) -> Any:
    @functools.wraps(original)
    def load(path: Any, *args: Any, **kwargs: Any) -> Any:
        key = _local(calls, path)
        return original(path if key is None else calls.there(path, key), *args, **kwargs)

    return load


def _gfile_functions() -> dict[str, Callable[..., Any]]:
    """TensorFlow's functions for files by name, as Python's functions do the same."""

    def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
        with open(src, "rb") as source, open(dst, "wb" if overwrite else "xb") as target:
            shutil.copyfileobj(source, target)

    def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
        if not overwrite and os.path.lexists(dst):
            raise FileExistsError(f"file already exists: {dst}")
        os.rename(src, dst)

    def find(pattern: Any) -> list[str]:
        patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
        return [path for each in patterns for path in sorted(glob.glob(each))]

    def walk(top: Any, topdown: bool = True, onerror: Any = None) -> Iterator[Any]:
        return os.walk(top, topdown, onerror)

    return {
        "copy": copy,
        "exists": lambda path: os.path.exists(path),
        "glob": find,
        "isdir": lambda path: os.path.isdir(path),
        "listdir": lambda path: os.listdir(path),
        "makedirs": lambda path: os.makedirs(path, exist_ok=True),
        "mkdir": lambda path: os.mkdir(path),
        "remove": lambda path: os.remove(path),
        "rename": rename,
        "rmtree": lambda path: shutil.rmtree(path),
        "walk": walk,
    }


def _by_python(tensorflow: Any, original: Any, ours: Callable[..., Any]) -> Any:
    """A function of TensorFlow's for files, done by Python's where the files are this machine's."""

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if any("://" in str(each) for each in (*args, *kwargs.values())):
            return original(*args, **kwargs)
        try:
            return ours(*args, **kwargs)
        except FileNotFoundError as error:
            raise tensorflow.errors.NotFoundError(None, None, str(error)) from None
        except FileExistsError as error:
            raise tensorflow.errors.AlreadyExistsError(None, None, str(error)) from None
        except OSError as error:
            raise tensorflow.errors.FailedPreconditionError(None, None, str(error)) from None

    return function


def _make(path: Any) -> None:
    """Make a file, which the library would do when it is first written to: too late to note it."""
    with open(path, "ab"):
        pass


def _local(calls: FileCalls, path: Any) -> str | None:
    """The key of a file of this machine, `None` for one that TensorFlow finds elsewhere (`gs://…`)."""
    return None if "://" in str(path) else calls.key(path, follow=True)
