"""What several test modules share: files that a real TensorFlow wrote, and protobuf messages made by hand."""

from __future__ import annotations

import atexit
import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["graph", "message", "node", "number", "saved_model", "tensor", "varint", "written"]

_SCRIPT = Path(__file__).with_name("written_by_tensorflow.py")


@functools.cache
def written(generation: str) -> tuple[Path, dict[str, Any]]:
    """A folder with what TensorFlow wrote, and what it says of it; written once for all tests of a session.

    Args:
        generation: `2` for tf-keras, `3` for TensorFlow itself and Keras 3.
    """
    keep = tempfile.TemporaryDirectory()
    atexit.register(keep.cleanup)
    folder = Path(keep.name)
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), generation, str(folder)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return folder, said


def varint(value: int) -> bytes:
    """A number as protobuf writes it; negative ones as int64."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """An integer field."""
    return varint(field << 3) + varint(value)


def message(field: int, *parts: bytes | str) -> bytes:
    """A length-delimited field."""
    data = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(text: str) -> bytes:
    """The attribute `value` of a constant that holds one text (`NodeDef.attr`)."""
    proto = number(1, 7) + message(8, text)
    return message(5, message(1, "value"), message(2, message(8, proto)))


def node(name: str, op: str, *inputs: str, attributes: bytes = b"") -> bytes:
    """The inside of a `NodeDef`."""
    return message(1, name) + message(2, op) + b"".join(message(3, each) for each in inputs) + attributes


def graph(*nodes: bytes, functions: dict[str, list[bytes]] | None = None) -> bytes:
    """The inside of a `GraphDef`."""
    library = b""
    for name, inside in (functions or {}).items():
        library += message(1, message(1, message(1, name)), *(message(3, each) for each in inside))
    return b"".join(message(1, each) for each in nodes) + (message(2, library) if library else b"")


def saved_model(graph_def: bytes = b"", *others: bytes) -> bytes:
    """A `SavedModel` with one graph, and further fields of that `MetaGraphDef`."""
    info = message(1, message(4, "serve"), message(5, "2.21.0"))
    return number(1, 1) + message(2, info, message(2, graph_def), *others)
