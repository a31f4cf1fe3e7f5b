"""Opening a saved file: a regular one, once, by one descriptor that everything else reads from."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.readers._files import open_at_once
from kerascope.readers.saved._errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Place", "open_regular", "read_at"]


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an open file: all of it, or an archive's member that is read in place.

    Attributes:
        descriptor: The file.
        offset: The part's first byte.
        size: Bytes that are stored of it.
        inflated: Bytes it has when they are inflated, where they are deflated.
    """

    descriptor: int
    offset: int
    size: int
    inflated: int | None = None


@contextlib.contextmanager
def open_regular(path: Path) -> Iterator[tuple[int, int]]:
    """The descriptor of a file, and its bytes; nothing waits for a FIFO or a device.

    Raises:
        Malformed: It is not a regular file.
        OSError: It cannot be opened.
    """
    descriptor = open_at_once(path)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise Malformed("it is not a regular file")
        yield descriptor, info.st_size
    finally:
        os.close(descriptor)


def read_at(descriptor: int, offset: int, size: int) -> bytes:
    """Up to `size` bytes from `offset`: fewer only at the end of the file."""
    parts = []
    while size > 0:
        part = os.pread(descriptor, size, offset)
        if not part:
            break
        parts.append(part)
        offset, size = offset + len(part), size - len(part)
    return b"".join(parts)
