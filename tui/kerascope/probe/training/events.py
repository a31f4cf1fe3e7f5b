"""The records of a run: JSON lines, appended whole, kept in memory while they cannot be written."""

from __future__ import annotations

import json
import os
import threading
import time
from os import fstat, getpid, write  # bound now: the user's file may replace what os holds
from typing import Any

from .record import strict

__all__ = ["Events", "number_of", "plain_metrics"]

MAX_WAITING = 4 * 1024 * 1024
"""Bytes of records kept in memory where they cannot be written; what comes after is dropped, the end record never."""

_dumps, _now = json.dumps, time.time


def number_of(value: Any) -> float | None:
    """A metric's value as a float; `None` for what is no single number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def plain_metrics(logs: Any) -> dict[str, float]:
    """The logs of a callback as plain floats, without what is no number. Tensors are waited for."""
    found = {str(name): number_of(value) for name, value in dict(logs or {}).items()}
    return {name: value for name, value in found.items() if value is not None}


class Events:
    """Appends to `events.jsonl`, from any thread, only in the process that made it.

    Nothing here raises for a full disk or a directory that is gone: records wait in memory, and go out before the next
    one that can be written.

    Args:
        directory: The run's directory.
        silent: Set for the workers that are not the chief: they write no records.

    Attributes:
        trouble: Why the last record could not be written, `None` when it was.
    """

    def __init__(self, directory: str, *, silent: bool = False) -> None:
        self.trouble: str | None = None
        self._path = os.path.join(directory, "events.jsonl")
        self._silent = silent
        self._process = getpid()
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._waiting = b""

    def write(self, event: str, **facts: Any) -> None:
        """Append one record, with the time; `batch` records are the ones that may be lost."""
        if self._silent or getpid() != self._process:
            return
        line = _dumps(strict({"time": _now(), "event": event, **facts}), separators=(",", ":"), default=str)
        data = line.encode("ascii") + b"\n"
        with self._lock:
            full = len(self._waiting) + len(data) > MAX_WAITING
            if event != "end" and self._waiting and (full or event == "batch"):
                return
            self._waiting += data
            self._flush()

    @property
    def unwritten(self) -> str:
        """The records that still wait, as they are to be appended: the first may be the rest of one."""
        with self._lock:
            return self._waiting.decode("ascii")

    def _flush(self) -> None:
        try:
            while self._waiting:
                # A short write leaves the rest of a line: it goes out before anything else.
                self._waiting = self._waiting[write(self._open(), self._waiting) :]
            self.trouble = None
        except OSError as error:
            self.trouble = error.strerror or str(error)

    def _open(self) -> int:
        if self._descriptor is not None:
            try:
                if fstat(self._descriptor).st_nlink:
                    return self._descriptor
                os.close(self._descriptor)  # somebody has deleted the file: nobody would read there
            except OSError:
                pass  # the user's file has closed it
        self._descriptor = None
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        self._descriptor = descriptor
        size = fstat(descriptor).st_size
        # An earlier process may have died within a line; a record must not be glued to it.
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            write(descriptor, b"\n")
        return descriptor
