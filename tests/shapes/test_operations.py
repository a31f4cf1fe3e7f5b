"""The rules of operations against real Keras 3: hundreds of expressions over `keras.ops`, every node of the models."""

from __future__ import annotations

import pytest
from tests.shapes.expressions import judge, lines
from tests.shapes.operation_expressions import OPERATIONS

from kerascope.configs import LayerConfig
from kerascope.shapes import Call, Invalid, Tensor, Unknown, infer
from kerascope.shapes._registry import known_operations

UNSEEN = {
    *("Abs", "Arange", "Conj", "Mish"),
    *("AssociativeScan", "Cond", "ForiLoop", "Function", "JVP", "Map", "Scan", "Switch", "VectorizedMap", "WhileLoop"),
}
"""Other names of operations, what Keras refuses on symbolic tensors, and what it cannot serialize, as it holds code."""


@pytest.mark.keras
def test_every_node_has_the_shape_that_keras_gives() -> None:
    judged = judge(lines(OPERATIONS), 3)
    assert judged.refused == {}
    assert judged.differences + judged.unknown == []
    assert known_operations() - judged.seen == UNSEEN
    assert judged.nodes >= 600


def _operation(class_name: str, module: str = "keras.src.ops.numpy", **config: object) -> LayerConfig:
    return LayerConfig(class_name=class_name, name="node", config=config, generation=3, module=module)


X = Tensor((None, 4, 6), "float32")


@pytest.mark.parametrize(
    ("layer", "args", "says"),
    [
        (_operation("Add"), (X, Tensor((5, 6))), "4 stands against 5"),
        (_operation("Reshape", newshape=[3, 7]), (Tensor((2, 4)),), "has 8 numbers"),
        (_operation("Reshape", newshape=[-1, -1]), (X,), "-1 for at most one"),
        (_operation("Concatenate", axis=1), ([X, Tensor((None, 4, 5))],), "other sizes must be equal"),
        (_operation("Stack", axis=0), ([X, Tensor((None, 4, 5))],), "must be equal"),
        (_operation("Matmul"), (X, Tensor((5, 6))), "6 stands against 5"),
        (_operation("GetItem"), (X, [slice(None), 4]), "index 4 is outside axis 1"),
        (_operation("GetItem"), (X, [0, 0, 0, 0]), "4 axes are indexed"),
        (_operation("Split", indices_or_sections=3, axis=1), (X,), "cannot be divided into 3"),
        (_operation("Transpose", axes=[0, 1]), (X,), "name each of them once"),
        (_operation("Squeeze", axis=1), (X,), "has size 4"),
        (_operation("Sum", axis=3), (X,), "axis is 3"),
        (_operation("Einsum", subscripts="ij,jk->ik"), (X, X), "has 2 axes"),
        (_operation("Unstack", axis=0), (X,), "open size"),
        (_operation("Conv", "keras.src.ops.nn"), (Tensor((None, 2, 2, 3)), Tensor((3, 3, 3, 4))), "at least"),
    ],
)
def test_what_keras_refuses_is_invalid_in_a_sentence(layer: LayerConfig, args: tuple[object, ...], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        infer(layer, Call(args))


@pytest.mark.parametrize(
    ("layer", "args"),
    [
        (_operation("Split", indices_or_sections=10**18, axis=0), (X,)),
        (_operation("Split", indices_or_sections=list(range(5000)), axis=1), (Tensor((None, 10**6)),)),
        (_operation("Unstack", num=10**12, axis=0), (X,)),
        (_operation("Reshape", newshape=[2**62] * 100_000), (Tensor((2, 3)),)),
        (_operation("Einsum", subscripts="a" * 200_000 + "!"), (X,)),
        (_operation("Repeat", repeats="many", axis=1), (X,)),
        (_operation("Reshape"), (X,)),
        (_operation("Sum", axis={"a": 1}), (X,)),
        (_operation("Arange"), (float("inf"),)),
        (_operation("Add"), ()),
        (_operation("Einsum", subscripts="(a)->b"), (X,)),
        (_operation("Map", "keras.src.ops.core"), (X,)),
        (_operation("NoSuchOperation"), (X,)),
        (_operation("Tile", repeats=[[[[]]]]), (X,)),
    ],
)
def test_values_that_keras_does_not_write_are_unknown_and_break_nothing(
    layer: LayerConfig, args: tuple[object, ...]
) -> None:
    with pytest.raises(Unknown):
        infer(layer, Call(args))


def test_the_module_tells_an_operation_from_a_layer() -> None:
    """`Softmax`, `Reshape` and `Concatenate` are both, with other arguments."""
    reshaped = infer(_operation("Reshape", newshape=[-1, 24]), Call((X,)))
    assert [tensor.shape for tensor in reshaped.outputs] == [(None, 24)]
    layer = LayerConfig(
        class_name="Reshape", name="layer", config={"target_shape": [24]}, generation=3, module="keras.layers"
    )
    assert [tensor.shape for tensor in infer(layer, Call((X,))).outputs] == [(None, 24)]
    assert reshaped.weights == ()
