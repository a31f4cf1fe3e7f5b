"""One object of an HDF5 file: attributes as bytes, and what an array is, before anything of it is read."""

from __future__ import annotations

import math
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5o, h5s, h5t, h5z

__all__ = ["Refused", "describe", "open_hard", "read_attribute", "wanted_attributes"]

ATTRIBUTES = (
    "model_config",
    "training_config",
    "keras_version",
    "backend",
    "weight_names",
    "name",
)
"""The attributes of groups that are looked for; a long `weight_names` is split: `weight_names0`, ..."""

SPLIT = "weight_names"

BOMB_FLOOR = 1 << 32
BOMB_RATIO = 1000
"""An array of more bytes than the floor, and more than so many times what is stored of it, is only a claim; Keras 3.15
refuses to load it by the same two numbers (`safe_get_h5_dataset`)."""

READ_FLOOR = 1 << 26
"""Bytes above which an array is not read either where it has so many times what is stored: it takes time, for numbers
that are not there."""


class Refused(Exception):
    """Something that is not read: `message` says what it is, to follow its name, and `why` what that means."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.message, self.why = message, why


def wanted_attributes(place: Any, most: int) -> tuple[list[bytes], bool]:
    """Names of the attributes of an object that Keras may have written, and whether there were too many to see all."""
    names: list[bytes] = []
    seen = 0

    def note(name: bytes, *_: object) -> bool | None:
        nonlocal seen
        seen += 1
        text = name.decode("utf-8", "replace")
        if text in ATTRIBUTES or text.rstrip("0123456789") == SPLIT:
            names.append(name)
        return None if seen <= most else True

    if h5a.get_num_attrs(place):
        h5a.iterate(place, note)
    return names, seen > most


def read_attribute(place: Any, name: bytes, most: int) -> tuple[bytes, list[int] | None]:
    """A text attribute: its bytes and, where it is a list of texts, their lengths one after the other.

    Args:
        place: The object that has it.
        name: Its name.
        most: Bytes that are read.

    Raises:
        Refused: It is no text, too long, or made of references.
    """
    attribute = h5a.open(place, name)
    type_, space = attribute.get_type(), attribute.get_space()
    extent = space.get_simple_extent_type()
    count = 0 if extent == h5s.NULL else space.get_simple_extent_npoints()
    if count == 0:
        # `weight_names` of a layer without weights: an empty array, of float64 as it happens.
        return b"", []
    if type_.get_class() != h5t.STRING:
        raise Refused("is not text", "Keras writes it as text")
    size = count * type_.get_size()
    if size > most:
        raise Refused(f"has {size:,} bytes, and {most:,} are the most that are read", "nothing of it was read")
    shape = () if extent == h5s.SCALAR else tuple(space.get_simple_extent_dims())
    dtype = attribute.dtype
    array = np.empty(shape, dtype=dtype)
    attribute.read(array)
    parts = [_bytes(each) for each in array.ravel()]
    total = sum(map(len, parts))
    if total > most:
        raise Refused(f"has {total:,} bytes, and {most:,} are the most that are read", "nothing of it was read")
    return b"".join(parts), None if shape == () else [len(part) for part in parts]


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return bytes(value) if isinstance(value, bytes) else b""


def open_hard(file: Any, path: str) -> Any:
    """The array at a path, by hard links alone.

    Raises:
        Refused: A step of it is a link that leads elsewhere, or there is nothing.
    """
    place = file
    for part in path.split("/"):
        name = part.encode("utf-8", "surrogateescape")
        try:
            kind = place.links.get_info(name).type
        except (KeyError, RuntimeError, ValueError, OSError):
            raise Refused("is not in the file", "the file has changed since it was opened") from None
        if kind != h5py.h5l.TYPE_HARD:
            raise Refused("is a link to another place", "links are not followed")
        place = h5o.open(place, name)
    if not isinstance(place, h5d.DatasetID):
        raise Refused("is not an array", "it has no numbers")
    return place


def describe(array: Any, limits: dict[str, int]) -> dict[str, Any]:
    """What an array is, as a line of the answer: shape, dtype, bytes, and why its numbers cannot be read.

    The creation properties are looked at first: asking a virtual dataset for its shape would open its source files.

    Args:
        array: The dataset's identifier.
        limits: The bounds of the request.
    """
    properties = array.get_create_plist()
    if properties.get_layout() == h5d.VIRTUAL:
        sources = [properties.get_virtual_filename(number) for number in range(min(properties.get_virtual_count(), 3))]
        shape = properties.get_virtual_vspace(0).get_simple_extent_dims() if sources else ()
        return {
            "shape": list(shape),
            "dtype": _type_name(array, array.get_type())[0],
            "nbytes": 0,
            "unreadable": "it is virtual: its numbers are in other files",
            "elsewhere": [_text(source) for source in sources],
            "how": "virtual",
        }
    external = [properties.get_external(number) for number in range(min(properties.get_external_count(), 3))]
    space = array.get_space()
    shape = space.get_simple_extent_dims() if space.get_simple_extent_type() == h5s.SIMPLE else ()
    dtype, itemsize, unreadable = _type_name(array, array.get_type())
    count = math.prod(shape)
    if space.get_simple_extent_type() == h5s.NULL:
        count, unreadable = 0, "it holds nothing"
    told: dict[str, Any] = {"shape": list(shape), "dtype": dtype, "nbytes": count * itemsize}
    if external:
        told["how"] = "external"
        told["elsewhere"] = [_text(each[0]) for each in external]
        unreadable = "its numbers are in another file"
    elif unreadable is None:
        unreadable = _storage(array, properties, told, limits)
    if unreadable is not None:
        told["unreadable"] = unreadable
    return told


def _storage(array: Any, properties: Any, told: dict[str, Any], limits: dict[str, int]) -> str | None:
    """How an array of plain numbers is stored, into `told`; returns why it cannot be read, where it cannot."""
    stored = array.get_storage_size()
    nbytes = told["nbytes"]
    if nbytes > READ_FLOOR and nbytes > BOMB_RATIO * stored:
        if nbytes > BOMB_FLOOR:
            told["claim"] = stored
        return f"it claims {nbytes:,} bytes and stores {stored:,}"
    if stored > limits["file_bytes"]:
        return f"it should have {stored:,} bytes, more than the file"
    if properties.get_layout() == h5d.CONTIGUOUS:
        offset = array.get_offset()
        if offset is not None and offset + stored > limits["file_bytes"]:
            return "its numbers are in a part of the file that is not there"
    if properties.get_layout() != h5d.CHUNKED:
        return None
    told["chunk"] = chunk = list(properties.get_chunk())
    filters = [properties.get_filter(number) for number in range(properties.get_nfilters())]
    if not filters:
        return None
    told["filters"] = [_text(each[3]) for each in filters]
    missing = [each for each in filters if not h5z.filter_avail(each[0])]
    if missing:
        return f"it is compressed by the filter {_text(missing[0][3]) or missing[0][0]}, which this HDF5 does not have"
    size = nbytes // max(1, math.prod(told["shape"])) * math.prod(chunk)
    if size > limits["chunk_bytes"]:
        return f"it is compressed in chunks of {size:,} bytes, and {limits['chunk_bytes']:,} are the most read at once"
    return None


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _type_name(array: Any, type_: Any) -> tuple[str, int, str | None]:
    """Name of an array's type, bytes of one item, and why its numbers cannot be read, where they cannot."""
    size = type_.get_size()
    kind = type_.get_class()
    if kind == h5t.OPAQUE:
        name = _noted_type(array)
        if size == 2 and name in (None, "bfloat16"):
            # What NumPy has no name for is stored as opaque bytes; of two bytes, only bfloat16 is.
            return "bfloat16", size, None
        if size == 1 and name is not None and name.startswith("float8_"):
            return name, size, None
        return name or f"opaque{size * 8}", size, "its type is not stored in the file, only its bytes"
    if kind == h5t.STRING:
        return "string", size, "it holds text, not numbers"
    if kind == h5t.REFERENCE:
        return "reference", size, "it holds references to other places, which are not followed"
    if kind not in (h5t.INTEGER, h5t.FLOAT, h5t.ENUM, h5t.COMPOUND, h5t.BITFIELD):
        return "other", size, "it holds a type that is not numbers"
    try:
        dtype = type_.dtype
    except (TypeError, ValueError, RuntimeError, KeyError):
        return "unknown", size, "its type is one that NumPy does not have"
    if dtype.kind == "c":
        return dtype.name, size, "complex numbers have no least and no greatest"
    if dtype.kind not in "iufb" or dtype.shape:
        return "compound" if dtype.names else dtype.name, size, "it holds a type that is not numbers"
    name = dtype.name
    if name == "uint16" and _noted_type(array) == "bfloat16":
        name = "bfloat16"
    return name, size, None


def _noted_type(array: Any) -> str | None:
    """The type that Keras notes in an attribute where HDF5 has no such type."""
    if not h5a.get_num_attrs(array) or not h5a.exists(array, b"dtype"):
        return None
    try:
        return read_attribute(array, b"dtype", 64)[0].rstrip(b"\0").decode("ascii", "replace")
    except Refused:
        return None
