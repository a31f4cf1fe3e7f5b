"""JSON lines: one object a line, written whole, and to nobody but the engine."""

from __future__ import annotations

import json
import threading
from os import fstat, getpid, write  # bound now: the user's file may replace what os holds
from typing import Any

__all__ = ["ConnectionLostError", "Writer", "encode"]

_dumps = json.dumps


class ConnectionLostError(Exception):
    """The user's file has closed the descriptor our answers go to."""


def encode(message: dict[str, Any]) -> bytes:
    """One message as a line. Text that is not valid Unicode is escaped, never an error."""
    # ensure_ascii keeps lone surrogates (from undecodable file names) representable.
    return _dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


class Writer:
    """Writes messages to a pipe, from any thread, only in the process that made it.

    A user's file may fork: the copy runs our code too, and must not speak in our name. And it may close every
    descriptor, as programs do that become daemons: the number can belong to a file of the user's afterwards.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._process = getpid()
        self._pipe = _identity(descriptor)
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Write one message.

        Raises:
            ConnectionLostError: The descriptor is no longer our pipe.
        """
        if getpid() != self._process:
            return
        data = memoryview(encode(message))
        with self._lock:
            while data:
                if _identity(self._descriptor) != self._pipe:
                    raise ConnectionLostError
                data = data[write(self._descriptor, data) :]


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino
