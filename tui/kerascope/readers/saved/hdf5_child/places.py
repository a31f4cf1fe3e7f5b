"""Parts of a file as files of their own: h5py reads an archive's member where it stands, nothing is unpacked."""

from __future__ import annotations

import io
import os
import zlib
from collections import OrderedDict

__all__ = ["Inflated", "Place", "Window"]

STEP = 2 * 1024 * 1024
"""Bytes of one block of a deflated member: what has to be inflated to get at any byte of it."""

BLOCKS = 4
"""Blocks that are kept."""

STATES = 256
"""States that are kept; each takes about 40 kB."""

INPUT = 1 << 16
"""Stored bytes that are inflated at a time."""


class Place(io.RawIOBase):
    """Bytes that can be read at any position; h5py asks for no more than `seek` and `readinto`.

    Args:
        size: Bytes of it.

    Attributes:
        size: Bytes of it.
        end: Where it should end: further on, where it was cut off.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = self.end = size
        self._position = 0

    def read_at(self, position: int, size: int) -> bytes:
        """Up to `size` bytes from `position`."""
        raise NotImplementedError

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.end}[whence]
        if base + offset < 0:
            raise OSError(f"nothing is before the begin of a file (position {base + offset})")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        done = 0
        while done < len(view):
            got = self.read_into(self._position, view[done:])
            if not got:
                # HDF5 takes a short answer for a whole one, with whatever was in memory.
                raise OSError("the file ends before what it refers to")
            done += got
            self._position += got
        return done

    def read_into(self, position: int, view: memoryview) -> int:
        """Fill a part of `view`, from its begin, with what is at `position`; returns how many bytes that are."""
        data = self.read_at(position, len(view))
        view[: len(data)] = data
        return len(data)


class Window(Place):
    """The bytes from `offset` on of an open file.

    Args:
        descriptor: The file.
        offset: Where it begins.
        size: Bytes of it.
    """

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        super().__init__(size)
        self._descriptor = descriptor
        self._offset = offset

    def read_at(self, position: int, size: int) -> bytes:
        return os.pread(self._descriptor, max(0, min(size, self.size - position)), self._offset + position)

    def read_into(self, position: int, view: memoryview) -> int:
        if not hasattr(os, "preadv"):  # older macOS
            return super().read_into(position, view)
        return os.preadv(self._descriptor, [view[: max(0, self.size - position)]], self._offset + position)


class Inflated(Place):
    """A deflated member, inflated where it is read: blocks are kept, and the inflater's state at some blocks' begins.

    Args:
        stored: The deflated bytes.
        size: Bytes it has inflated, as the archive says.
    """

    def __init__(self, stored: Place, size: int) -> None:
        super().__init__(size)
        self._stored = stored
        # By block: the inflater at its begin, and the stored bytes that it has been given.
        self._states = {0: (zlib.decompressobj(-zlib.MAX_WBITS), 0)}
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, position: int, size: int) -> bytes:
        number, start = divmod(position, STEP)
        if position >= self.size:
            return b""
        if number not in self._blocks:
            for each in range(max(known for known in self._states if known <= number), number + 1):
                self._inflate(each)
        self._blocks.move_to_end(number)
        return self._blocks[number][start : start + size]

    def _inflate(self, number: int) -> None:
        """Inflate a block whose begin is known, and so know the next one's."""
        inflater, position = self._states[number]
        inflater = inflater.copy()
        parts, left = [], min(STEP, self.size - number * STEP)
        while left and not inflater.eof:
            data = inflater.unconsumed_tail
            if not data:
                data = self._stored.read_at(position, INPUT)
                position += len(data)
                if not data:
                    break
            part = inflater.decompress(data, left)
            parts.append(part)
            left -= len(part)
        if left:
            raise OSError("the compressed data end too early")
        self._blocks[number] = b"".join(parts)
        if len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)
        self._states[number + 1] = inflater, position
        if len(self._states) > STATES:
            # Every other one goes; what lies between two is inflated again where it is asked for.
            kept = {0, *sorted(self._states)[::2], number + 1}
            self._states = {each: state for each, state in self._states.items() if each in kept}
