"""What real Keras makes of expressions: a part of `keras_oracle`.

An expression is Python over `keras`, `ops` (Keras 3), `tf`, `backend` (Keras 2), `np` and the inputs below. It is made
into a functional model; the answer is `{"config": MODEL, "outputs": {LAYER: [[[SHAPE, DTYPE], ...], ...]}}` (for each
call of a layer the tensors that it gives), or
`{"error": TEXT}` where Keras refuses the expression. kerascope is not in it.
"""

from __future__ import annotations

import json
from typing import Any

INPUTS: dict[str, tuple[tuple[int | None, ...], str]] = {
    "x": ((None, 4, 6), "float32"),
    "y": ((None, 4, 6), "float32"),
    "v": ((None, 6), "float32"),
    "b": ((None,), "float32"),
    "fixed": ((2, 4, 6), "float32"),
    "fixed_v": ((2, 6), "float32"),
    "line": ((6,), "float32"),
    "matrix": ((None, 4, 4), "float32"),
    "open": ((None, None, 6), "float32"),
    "all_open": ((None, None, None), "float32"),
    "image": ((None, 8, 9, 3), "float32"),
    "image1": ((None, 8, 9, 1), "float32"),
    "open_image": ((None, None, None, 3), "float32"),
    "first": ((None, 3, 8, 9), "float32"),
    "volume": ((None, 5, 6, 7, 2), "float32"),
    "ids": ((None, 5), "int32"),
    "id": ((None,), "int32"),
    "two": ((None, 2, 4), "int32"),
    "flag": ((None, 4, 6), "bool"),
    "logits": ((None, 7, 5), "float32"),
}


def answer(keras: Any, generation: int, expression: str) -> dict[str, Any]:
    """Build one model and tell its config and what each of its layers gives."""
    import numpy as np

    names: dict[str, Any] = {"keras": keras, "np": np}
    if generation == 3:
        names |= {"ops": keras.ops, "nn": keras.ops.nn, "image_ops": keras.ops.image}
    else:
        import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types

        names |= {"tf": tf, "backend": keras.backend, "raw": lambda make, *given: raw(tf, make, *given)}
    code = compile(expression, "<expression>", "eval")
    used = {
        name: keras.Input(batch_shape=shape, dtype=dtype, name=name)
        for name, (shape, dtype) in INPUTS.items()
        if name in code.co_names
    }
    try:
        result = eval(code, names | used)
        model = keras.Model(list(used.values()), flat(result))
        config = json.loads(model.to_json())
        outputs = {
            layer.name: [
                [described(tensor) for tensor in flat(node.output_tensors if generation == 3 else node.outputs)]
                for node in layer._inbound_nodes
            ]
            for layer in (model.operations if generation == 3 else model.layers)
        }
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    return {"config": config, "outputs": outputs}


def raw(tf: Any, make: Any, *given: Any) -> Any:
    """The one operation that `make` ends in, in the layer that TensorFlow 2.0 to 2.3 wrapped around it."""
    from google.protobuf import json_format  # type: ignore[import-untyped]  # it comes without types
    from tf_keras.src.engine.base_layer import TensorFlowOpLayer

    with tf.Graph().as_default():
        places = [tf.compat.v1.placeholder(tensor.dtype, tensor.shape) for tensor in given]
        made = make(*places)
        op = (made[0] if isinstance(made, (list, tuple)) else made).op
        constants = {
            str(number): tf.get_static_value(tensor).tolist()
            for number, tensor in enumerate(op.inputs)
            if tensor.op.type == "Const"
        }
        order = [
            next(at for at, place in enumerate(places) if place is tensor)
            for tensor in op.inputs
            if tensor.op.type != "Const"
        ]
        node = json_format.MessageToDict(op.node_def)
    tensors = [given[at] for at in order]
    return TensorFlowOpLayer(node, "raw", constants)(tensors[0] if len(tensors) == 1 else tensors)


def flat(structure: Any) -> list[Any]:
    """All tensors of a structure, dicts in the order of their keys."""
    if isinstance(structure, dict):
        return [tensor for key in sorted(structure) for tensor in flat(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [tensor for item in structure for tensor in flat(item)]
    return [] if structure is None else [structure]


def described(tensor: Any) -> list[Any]:
    return [None if tensor.shape is None else list(tensor.shape), getattr(tensor.dtype, "name", tensor.dtype)]
