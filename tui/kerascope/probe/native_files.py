"""Files that h5py and TensorFlow write by themselves, without Python's `open`."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from .file_calls import absolute
from .skipping import replace_everywhere

if TYPE_CHECKING:
    from .file_calls import FileCalls

__all__ = ["replace_native_openers"]


def replace_native_openers(calls: FileCalls) -> None:
    """Have h5py and TensorFlow, where they are imported, ask where a look has the file.

    TensorFlow's summaries are written nowhere: they would be of steps that a training makes again.
    """
    h5py, tensorflow = sys.modules.get("h5py"), sys.modules.get("tensorflow")
    if h5py is not None:
        calls.replace(h5py.File, "__init__", functools.partial(_opening_hdf5, calls))
    if tensorflow is None:
        return
    calls.replace(tensorflow.io.gfile.GFile, "__init__", functools.partial(_opening_gfile, calls))
    calls.replace(tensorflow.io.TFRecordWriter, "__init__", functools.partial(_opening_records, calls))
    writer, nowhere = tensorflow.summary.create_file_writer, tensorflow.summary.create_noop_writer
    replace_everywhere("create_file_writer", writer, functools.wraps(writer)(lambda *args, **kwargs: nowhere()))


def _opening_hdf5(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, name: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> None:
        path = absolute(name)
        if path is None or not isinstance(mode, str):
            original(file, name, mode, *args, **kwargs)
        elif mode == "r":
            original(file, calls.there(name, path), mode, *args, **kwargs)
        else:
            with calls.written(name, path, keep=mode != "w", exclusive=mode in ("w-", "x")) as place:
                original(file, place, mode, *args, **kwargs)

    return __init__


def _opening_gfile(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, name: Any, mode: str = "r") -> None:
        path = _local(name)
        if path is None:
            original(file, name, mode)
        elif not set(mode) & set("wa+"):
            original(file, calls.there(name, path), mode)
        else:
            with calls.written(name, path, keep="w" not in mode, exclusive=False) as place:
                with open(place, "ab"):
                    pass  # TensorFlow makes it when it is first written to, which is too late to note it
                original(file, place, mode)

    return __init__


def _opening_records(calls: FileCalls, original: Any) -> Any:
    def __init__(file: Any, path: Any, options: Any = None) -> None:
        name = _local(path)
        if name is None:
            original(file, path, options)
            return
        with calls.written(path, name, keep=False, exclusive=False) as place:
            original(file, place, options)

    return __init__


def _local(path: Any) -> str | None:
    """The absolute path of a file of this machine, `None` for one that TensorFlow finds elsewhere (`gs://…`)."""
    return None if "://" in str(path) else absolute(path)
