"""TensorFlow's words for shapes and types, as its protobuf messages have them.

Numbers are from tensorflow/core/framework/types.proto (`DataType`), tensor_shape.proto (`TensorShapeProto`: 2 dim,
3 unknown_rank; `Dim`: 1 size) and tensor.proto (`TensorProto`: 1 dtype, 2 tensor_shape, 8 string_val).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._limits import MAX_RANK

if TYPE_CHECKING:
    from kerascope.graph import Shape
    from kerascope.readers.saved._wire import Message

__all__ = ["TEXT", "dtype_of", "item_bytes", "shape_of", "strings_of"]

TEXT = "string"
"""The type of tensors that hold text and not numbers."""

_TYPES: dict[int, tuple[str, int]] = {
    1: ("float32", 4),
    2: ("float64", 8),
    3: ("int32", 4),
    4: ("uint8", 1),
    5: ("int16", 2),
    6: ("int8", 1),
    7: (TEXT, 0),
    8: ("complex64", 8),
    9: ("int64", 8),
    10: ("bool", 1),
    11: ("qint8", 1),
    12: ("quint8", 1),
    13: ("qint32", 4),
    14: ("bfloat16", 2),
    15: ("qint16", 2),
    16: ("quint16", 2),
    17: ("uint16", 2),
    18: ("complex128", 16),
    19: ("float16", 2),
    20: ("resource", 0),
    21: ("variant", 0),
    22: ("uint32", 4),
    23: ("uint64", 8),
    24: ("float8_e5m2", 1),
    25: ("float8_e4m3fn", 1),
    26: ("float8_e4m3fnuz", 1),
    27: ("float8_e4m3b11fnuz", 1),
    28: ("float8_e5m2fnuz", 1),
    29: ("int4", 1),
    30: ("uint4", 1),
    31: ("int2", 1),
    32: ("uint2", 1),
    33: ("float4_e2m1fn", 1),
}
_BYTES = dict(_TYPES.values())
_REFERENCE = 100


def dtype_of(number: int) -> str:
    """The name of a `DataType`, as NumPy calls it; types of references (number + 100) by what they refer to."""
    known = _TYPES.get(number - _REFERENCE if number > _REFERENCE else number)
    return known[0] if known else f"type {number}"


def item_bytes(dtype: str) -> int:
    """Bytes of one number of that type; 0 for text and what has no fixed size."""
    return _BYTES.get(dtype, 0)


def shape_of(message: Message | None) -> Shape | None:
    """The shape that a `TensorShapeProto` states; `None` where the number of axes is not known.

    Raises:
        Malformed: It has more axes than arrays have, or a negative size.
    """
    if message is None or message.integer(3):
        return None
    spans = message.spans(2)
    if len(spans) > MAX_RANK:
        raise Malformed(f"a shape has {len(spans):,} axes, and {MAX_RANK} are the most that are read")
    sizes = [dim.integer(1) for dim in message.messages(2)]
    if any(size < -1 for size in sizes):
        raise Malformed(f"a shape has the size {min(sizes):,}, which is negative")
    return tuple(None if size == -1 else size for size in sizes)


def strings_of(tensor: Message | None, most: int) -> list[str]:
    """The first strings that a `TensorProto` holds, cleaned."""
    if tensor is None:
        return []
    return tensor.texts(8)[:most]
