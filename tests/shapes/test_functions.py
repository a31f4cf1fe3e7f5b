"""The rules of TensorFlow functions against real Keras 2: expressions over `tf`, every node of the models."""

from __future__ import annotations

import pytest
from tests.shapes.expressions import judge, lines
from tests.shapes.function_expressions import FUNCTIONS, LOST

from kerascope.configs import LayerConfig
from kerascope.shapes import Call, Tensor, Unknown, infer
from kerascope.shapes._registry import known_functions

X = Tensor((None, 4, 6), "float32")


@pytest.mark.keras
def test_every_node_has_the_shape_that_keras_gives() -> None:
    expressions, lost = lines(FUNCTIONS), lines(LOST)
    judged = judge([*expressions, *lost], 2)
    assert judged.refused == {}
    assert judged.differences == []
    unknown = {each.partition(": ")[0] for each in judged.unknown}
    assert unknown == set(lost)
    assert known_functions() <= judged.seen
    assert judged.nodes >= 850


def _function(name: object, **config: object) -> LayerConfig:
    config = {"function": name, **config}
    return LayerConfig(class_name="TFOpLambda", name="node", config=config, generation=2)


def _raw(op: object, constants: object = None, **attributes: object) -> LayerConfig:
    config = {"node_def": {"name": "raw", "op": op, "attr": attributes}, "constants": constants}
    return LayerConfig(class_name="TensorFlowOpLayer", name="node", config=config, generation=2)


@pytest.mark.parametrize(
    ("layer", "call"),
    [
        (_function("os.system"), Call((X,))),
        (_function(None), Call((X,))),
        (_function(["math.add"]), Call((X,))),
        (_function("math.add"), Call()),
        (_function("math.add"), Call((X,), {"y": {"a": "b"}})),
        (_function("reshape"), Call((X,), {"shape": "wide"})),
        (_function("reshape"), Call((X,), {"shape": [[1], [2, 3]]})),
        (_function("split"), Call((X,), {"num_or_size_splits": 10**18})),
        (_function("split"), Call((X,), {"num_or_size_splits": [1] * 5000, "axis": 1})),
        (_function("unstack"), Call((X,), {"num": 10**18, "axis": 0})),
        (_function("tile"), Call((X,), {"multiples": Tensor((None,), "int32")})),
        (_function("math.top_k"), Call((X,), {"k": "many"})),
        (_raw("NoSuchOperation"), Call((X,))),
        (_raw("Reshape"), Call((X,))),
        (_raw("Reshape", {"x": [1]}), Call((X,))),
        (_raw("AddV2", {"900000000000": 1}), Call((X,))),
        (_raw("StridedSlice", {"1": [0], "2": [1], "3": [1]}, begin_mask={"i": "many"}), Call((X,))),
        (_raw(17), Call((X,))),
        (
            LayerConfig(class_name="TensorFlowOpLayer", name="node", config={"node_def": "\n\x03add"}, generation=2),
            Call(),
        ),
    ],
)
def test_values_that_keras_does_not_write_are_unknown_and_break_nothing(layer: LayerConfig, call: Call) -> None:
    with pytest.raises(Unknown):
        infer(layer, call)


def test_a_shape_is_followed_through_the_numbers_a_model_computes_with_it() -> None:
    """`tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1] * 6])`."""
    (shape,) = infer(_function("compat.v1.shape"), Call((X,))).outputs
    assert shape == Tensor((3,), "int32", (None, 4, 6))
    getitem = _function("__operators__.getitem")
    batch, rows = (infer(getitem, Call((shape,), {"slice_spec": at})).outputs[0] for at in (0, 1))
    (product,) = infer(_function("math.multiply"), Call((rows,), {"y": 6})).outputs
    assert product.value == 24
    (reshaped,) = infer(_function("reshape"), Call((X,), {"shape": [batch, product]})).outputs
    assert reshaped.shape == (None, 24)
