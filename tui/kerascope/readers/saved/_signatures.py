"""The signatures of a SavedModel: which tensors go in and out, by name.

Numbers are from tensorflow/core/protobuf/meta_graph.proto: `SignatureDef` (1 inputs, 2 outputs, 3 method_name) and
`TensorInfo` (1 name, 2 dtype, 3 tensor_shape, 4 coo_sparse, 5 composite_tensor).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope.graph import DataSpec, format_data
from kerascope.readers.saved._limits_tensorflow import MAX_SIGNATURE_TENSORS
from kerascope.readers.saved._tensors import dtype_of, shape_of

if TYPE_CHECKING:
    from kerascope.readers.saved._wire import Message

__all__ = ["Signature", "read_signature"]

_OWN = "__saved_model_"
"""How the names of signatures begin that TensorFlow keeps for itself (initialization, training)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a SavedModel.

    Attributes:
        name: Its name; `serving_default` is what servers call.
        method: What kind of call it says it is (`tensorflow/serving/predict`).
        inputs: Tensors by name; a shape of `None` has no fixed number of axes.
        outputs: The same of what comes out.
    """

    name: str
    method: str
    inputs: tuple[DataSpec, ...]
    outputs: tuple[DataSpec, ...]

    def text(self) -> str:
        """`x (None, 4) float32 -> y (None, 3) float32`."""
        return f"{_tensors_text(self.inputs)} -> {_tensors_text(self.outputs)}"


def read_signature(name: str, signature: Message) -> Signature | None:
    """A `SignatureDef`; `None` for those of TensorFlow's own."""
    if name.startswith(_OWN):
        return None
    return Signature(name, signature.text(3), _tensors(signature, 1), _tensors(signature, 2))


def _tensors(signature: Message, number: int) -> tuple[DataSpec, ...]:
    found: list[DataSpec] = []
    for name, tensor in signature.entries(number):
        if len(found) >= MAX_SIGNATURE_TENSORS:
            break
        dtype = dtype_of(tensor.integer(2)) if tensor.integer(2) else None
        found.append(DataSpec(name=name, shape=shape_of(tensor.message(3)), dtype=dtype))
    return tuple(sorted(found, key=lambda each: each.name or ""))


def _tensors_text(tensors: tuple[DataSpec, ...]) -> str:
    return format_data(tensors) if tensors else "nothing"
