"""Opening a part of a file as HDF5, through a Python object: HDF5 itself knows no path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from h5py import h5f, h5fd, h5p

if TYPE_CHECKING:
    from .places import Place

__all__ = ["open_file"]


def open_file(place: Place) -> Any:
    """The file's identifier, for reading.

    Args:
        place: The bytes of the file.

    Raises:
        OSError: It is not HDF5, or its first blocks are broken.
    """
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    access.set_fileobj_driver(h5fd.fileobj_driver, place)
    return h5f.open(b"(a part of an open file)", flags=h5f.ACC_RDONLY, fapl=access)
