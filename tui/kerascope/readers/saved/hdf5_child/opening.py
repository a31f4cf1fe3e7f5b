"""Opening a part of a file as HDF5, through a Python object: HDF5 itself knows no path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from h5py import h5f, h5fd, h5p

if TYPE_CHECKING:
    from .places import Place

__all__ = ["open_file"]

# What HDF5 1.10 to 1.14 say of a file that is shorter than its superblock tells (H5F__super_read).
_TRUNCATED = re.compile(r"eof = (\d+), sblock->base_addr = (\d+), stored_eof = (\d+)")


def open_file(place: Place) -> Any:
    """The file's identifier, for reading. A file that was cut off is opened, too: what is there can be read.

    Args:
        place: The bytes of the file; its `end` is set to where it should be.

    Raises:
        OSError: It is not HDF5, or its first blocks are broken.
    """
    try:
        return _open(place)
    except OSError as error:
        told = _TRUNCATED.search(str(error))
        if told is None:
            raise
        place.end = int(told[2]) + int(told[3])
    return _open(place)


def _open(place: Place) -> Any:
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    access.set_fileobj_driver(h5fd.fileobj_driver, place)
    return h5f.open(b"(a part of an open file)", flags=h5f.ACC_RDONLY, fapl=access)
