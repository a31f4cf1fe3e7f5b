"""JSON lines: one object a line, UTF-8, written whole or not at all as far as the kernel lets us."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

__all__ = ["Writer", "encode"]


def encode(message: dict[str, Any]) -> bytes:
    """One message as a line. Text that is not valid Unicode is escaped, never an error."""
    # ensure_ascii keeps lone surrogates (from undecodable file names) representable.
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


class Writer:
    """Writes messages to a file descriptor, from any thread, only in the process that made it.

    A user's file may fork: the copy runs our code too, and must not speak in our name.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._process = os.getpid()
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        if os.getpid() != self._process:
            return
        data = memoryview(encode(message))
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]
