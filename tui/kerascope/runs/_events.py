"""Following `events.jsonl`: what was written since it was read last, in bounded pieces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kerascope.runs._batches import records_of
from kerascope.runs._layout import EVENTS_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs._records import EventRecord

__all__ = ["EventReader"]

PIECE = 256 * 1024
"""Bytes that are decoded at once: a few milliseconds of work."""

MAX_RECORD = 1024 * 1024
"""Bytes of one record; a longer line is none of ours."""

KNOWN_END = 64
"""Bytes before the place that was read last which must be as they were, or the file is another."""


class EventReader:
    """Reads the records of a run as they are written.

    Half a line at the end is not written yet: it comes when it is whole. A line that is no record is skipped and
    counted. A file that was cut short or replaced is read again from its beginning, and `generation` says so.

    Args:
        path: The run's directory, or the file itself.

    Attributes:
        offset: Bytes that were read.
        size: Bytes of the file when it was looked at last.
        more: Whether the last call left something in the file because of its limit.
        skipped: Lines that were no records.
        generation: How many times reading began again; who keeps records must drop them when it changes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path if path.name == EVENTS_FILE else path / EVENTS_FILE
        self.offset = 0
        self.size = 0
        self.more = False
        self.skipped = 0
        self.generation = 0
        self._identity: tuple[int, int] | None = None
        self._end = b""
        self._in_long_line = False

    def skip_to(self, offset: int) -> None:
        """Leave out what stands before a place; to be called before anything is read."""
        self.offset = offset

    def read(self, limit_bytes: int = PIECE) -> list[EventRecord]:
        """What is new, about `limit_bytes` of it; an empty list when there is nothing, or no file.

        Call it again while `more` is set, in steps that leave the screen its turn.
        """
        self.more = False
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            # Not there yet, or not there any more: what was read stays true.
            return []
        try:
            lines = self._read_lines(descriptor, max(limit_bytes, 1))
        except OSError:
            # A folder in its place, a network disk that is away: there is nothing to read for now.
            return []
        finally:
            os.close(descriptor)
        records, skipped = records_of(lines)
        self.skipped += skipped
        return records

    def _read_lines(self, descriptor: int, limit: int) -> list[bytes]:
        facts = os.fstat(descriptor)
        identity = (facts.st_dev, facts.st_ino)
        known = os.pread(descriptor, len(self._end), self.offset - len(self._end))
        if self._identity not in (None, identity) or facts.st_size < self.offset or known != self._end:
            self._begin_again()
        self._identity, self.size = identity, facts.st_size
        data = os.pread(descriptor, limit, self.offset)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == limit < MAX_RECORD:
            data = os.pread(descriptor, MAX_RECORD, self.offset)
            end = data.rfind(b"\n") + 1
        self.more = self.offset + len(data) < facts.st_size
        if end:
            return self._split(data[:end])
        if len(data) >= MAX_RECORD:
            # Passed over as it comes, so that it never has to fit into memory.
            self._in_long_line = True
            self._go_on(data)
        return []

    def _split(self, data: bytes) -> list[bytes]:
        self._go_on(data)
        lines = data.split(b"\n")
        lines.pop()
        if self._in_long_line:
            self._in_long_line = False
            self.skipped += 1
            del lines[0]
        if len(data) > MAX_RECORD:
            short = [line for line in lines if len(line) <= MAX_RECORD]
            self.skipped += len(lines) - len(short)
            return short
        return lines

    def _go_on(self, data: bytes) -> None:
        self.offset += len(data)
        self._end = data[-KNOWN_END:]

    def _begin_again(self) -> None:
        self.offset = self.skipped = 0
        self._end = b""
        self._in_long_line = False
        self.generation += 1
