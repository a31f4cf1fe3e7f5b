"""`output.log`, the raw output of a training, and `output.streams`, which bytes of it came by standard error."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from typing import NamedTuple

__all__ = ["OutputLog"]

LOG_FILE = "output.log"
STREAMS_FILE = "output.streams"

CHUNK = 1 << 20
"""Bytes that are read from a pipe at once."""

MAX_WAITING = 4 << 20
"""Bytes of output that are kept in memory while the disk takes none; of more, the latest count."""

RETRY_SECONDS = 1.0

TAIL = 8192
"""Bytes of the end that are remembered, to tell a crash by."""


class _Piece(NamedTuple):
    """Output that waits to be written; `noted` is set where its range is in `output.streams` already."""

    data: bytes
    error: bool
    noted: bool = False


class OutputLog:
    """Copies two streams into one file, in the order in which they arrive.

    A disk that takes nothing keeps nobody waiting: output is held as far as it fits into `MAX_WAITING`, and what had to
    be given up is said in the log itself, where it is missing.

    Args:
        directory: The run's directory.

    Attributes:
        lost: Bytes that were given up.
        trouble: Why the last writing failed, `None` when it went well.
        tail: The end of what arrived, `TAIL` bytes or a little more.
    """

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, LOG_FILE)
        self._streams_path = os.path.join(directory, STREAMS_FILE)
        self._log = self._streams = -1
        self._offset = 0
        self._waiting: deque[_Piece] = deque()
        self._held = 0
        self._unsaid = 0
        self._ranges: list[tuple[int, int]] = []
        self._retry_at = 0.0
        self.lost = 0
        self.trouble: str | None = None
        self.tail = b""

    @property
    def behind(self) -> bool:
        """Whether output waits for the disk."""
        return bool(self._waiting) or self._unsaid > 0

    def copy(self, descriptor: int, *, error: bool) -> int:
        """Copy what a pipe holds now.

        Args:
            descriptor: Its read end; it must be readable.
            error: Whether it carries standard error.

        Returns:
            How many bytes; 0 at the end of the stream.
        """
        data = os.read(descriptor, CHUNK)
        if data:
            self.add(data, error=error)
        return len(data)

    def add(self, data: bytes, *, error: bool = False) -> None:
        """Add output to the end."""
        self.tail = (self.tail + data)[-TAIL:] if len(data) < TAIL else data[-TAIL:]
        self._waiting.append(_Piece(data, error))
        self._held += len(data)
        if self.trouble is None or time.monotonic() >= self._retry_at:
            self.flush()
        while self._held > MAX_WAITING and len(self._waiting) > 1:
            self._give_up_oldest()

    def _give_up_oldest(self) -> None:
        """Drop what comes next, or the one after it where that stands in the ranges already."""
        place = 1 if self._waiting[0].noted else 0
        length = len(self._waiting[place].data)
        del self._waiting[place]
        self._held -= length
        self._unsaid += length
        self.lost += length

    def flush(self) -> bool:
        """Try to write what waits.

        Returns:
            Whether all of it was written.
        """
        try:
            self._open()
            while self.behind:
                if self._unsaid and not (self._waiting and self._waiting[0].noted):
                    self._say_what_is_lost()
                    continue
                data, error, noted = self._waiting[0]
                if error and not noted:
                    # First the range: a reader that knows the bytes must know what they are.
                    self._note(len(data))
                    self._waiting[0] = _Piece(data, error, noted=True)
                self._save_ranges()
                written = os.write(self._log, data)
                self._offset += written
                self._held -= written
                if written < len(data):
                    self._waiting[0] = _Piece(data[written:], error, noted=error)
                else:
                    self._waiting.popleft()
        except OSError as problem:
            self.trouble = problem.strerror or str(problem)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            return False
        self.trouble = None
        return True

    def _open(self) -> None:
        if self._log < 0:
            # For reading too: what was written can be had back where somebody deletes the file.
            self._log = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
            self._offset = os.fstat(self._log).st_size
        if self._streams < 0:
            with contextlib.suppress(OSError):
                flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._streams = os.open(self._streams_path, flags, 0o666)

    def _say_what_is_lost(self) -> None:
        text = f"\n[kerascope: {self._unsaid:,} bytes of output are missing here: {self.trouble}]\n".encode()
        written = os.write(self._log, text)
        self._offset += written
        # Cut short, it is said again: better twice than not.
        self._unsaid = 0 if written == len(text) else self._unsaid

    def _note(self, length: int) -> None:
        if self._ranges and sum(self._ranges[-1]) == self._offset:
            start, before = self._ranges.pop()
            self._ranges.append((start, before + length))
        else:
            self._ranges.append((self._offset, length))

    def _save_ranges(self) -> None:
        """Write the ranges that are not in the file yet; where it takes none, the log goes on without."""
        if self._ranges and self._streams >= 0:
            text = "".join(f"{start} {length}\n" for start, length in self._ranges).encode("ascii")
            with contextlib.suppress(OSError):
                written = os.write(self._streams, text)
                if written == len(text):
                    self._ranges.clear()
                else:
                    # Half a line would be another number.
                    os.ftruncate(self._streams, os.fstat(self._streams).st_size - written)

    def give_up(self) -> int:
        """No longer keep what still waits for the disk; returns how many bytes are lost in all, once."""
        lost = self.lost + self._held
        self.lost = self._held = 0
        self._waiting.clear()
        return lost

    def restore(self) -> None:
        """Put both files back where they were deleted, with all that was in them.

        Raises:
            OSError: They cannot be written.
        """
        for descriptor, path in ((self._log, self._path), (self._streams, self._streams_path)):
            if descriptor >= 0 and not os.path.lexists(path):
                _copy_whole(descriptor, path)


def _copy_whole(descriptor: int, path: str) -> None:
    aside = f"{path}.{os.getpid()}"
    try:
        with open(aside, "wb") as file:
            offset = 0
            while data := os.pread(descriptor, CHUNK, offset):
                file.write(data)
                offset += len(data)
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise
