"""The table of names that stands in a checkpoint's `.index` file.

It is LevelDB's sorted table (tensorflow/core/lib/io/table_format.txt and format.h): blocks of entries, an index block
with the places of these, and a footer of 48 bytes: the places of a block of no interest here and of the index block,
filled up to 40 bytes, and the magic number 0xdb4775248b80fb57. Each block is followed by five bytes, its compression
(0 none, 1 Snappy) and a checksum. An entry is three varints (bytes of the key that are those of the key before, further
bytes, bytes of the value), then these bytes; a block ends in restart points of four bytes each and their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits_tensorflow import MAX_CHECKPOINT_NAME, MAX_CHECKPOINT_NAMES, MAX_ENTRIES
from kerascope.readers.saved._wire import varint

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FOOTER_BYTES", "TABLE_MAGIC", "entries"]

FOOTER_BYTES = 48
TABLE_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_TRAILER_BYTES = 5
_UNCOMPRESSED, _SNAPPY = 0, 1


def entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a table, in its order.

    Raises:
        Malformed: It is no table, cut short, compressed, or exceeds a bound.
    """
    if len(table) < FOOTER_BYTES or not table.endswith(TABLE_MAGIC):
        raise Malformed("the index of the checkpoint does not end as an index does: it is cut short or something else")
    footer = len(table) - FOOTER_BYTES
    at = footer
    for _ in range(2):
        _, at = varint(table, at, len(table))
    offset, at = varint(table, at, len(table))
    size, _ = varint(table, at, len(table))
    count = read = named = 0
    for _, handle in _block(table, offset, size, footer):
        start, at = varint(handle, 0, len(handle))
        length, _ = varint(handle, at, len(handle))
        read += length
        if read > footer:
            raise Malformed("the index of the checkpoint names more data than it has: blocks in it overlap")
        for entry in _block(table, start, length, footer):
            count += 1
            if count > MAX_ENTRIES:
                raise Malformed(f"the index of the checkpoint has more than {MAX_ENTRIES:,} entries")
            named += len(entry[0])
            if named > MAX_CHECKPOINT_NAMES:
                raise Malformed(f"the names in the checkpoint's index have more than {MAX_CHECKPOINT_NAMES:,} bytes")
            yield entry


def _block(table: bytes, offset: int, size: int, footer: int) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block."""
    end = offset + size
    if end + _TRAILER_BYTES > footer:
        raise Malformed(f"a block of the checkpoint's index would end at byte {end:,}, behind the end of the file")
    compression = table[end]
    if compression == _SNAPPY:
        raise Malformed("the index of the checkpoint is compressed (Snappy), as only TensorFlow 1.0 and 1.1 wrote it")
    if compression != _UNCOMPRESSED:
        raise Malformed(f"the index of the checkpoint has an unknown compression, {compression}")
    if size < 4:
        raise Malformed("a block of the checkpoint's index has no bytes for its own description")
    restarts = int.from_bytes(table[end - 4 : end], "little")
    stop = end - 4 - 4 * restarts
    if stop < offset:
        raise Malformed(f"a block of the checkpoint's index says that it has {restarts:,} restart points")
    at, key = offset, b""
    while at < stop:
        shared, at = varint(table, at, stop)
        own, at = varint(table, at, stop)
        length, at = varint(table, at, stop)
        if shared > len(key) or own + length > stop - at:
            raise Malformed("an entry of the checkpoint's index is longer than the block it stands in")
        if shared + own > MAX_CHECKPOINT_NAME:
            raise Malformed(f"a name in the checkpoint's index has {shared + own:,} bytes")
        key = key[:shared] + table[at : at + own]
        at += own
        yield key, table[at : at + length]
        at += length
