"""Every layer that Keras exports has a shape rule, or a reason why it has none."""

from __future__ import annotations

import contextlib
import random

import pytest
from tests.shapes.oracle import ask

from kerascope.configs import KERAS_NAMES, LayerConfig, canonical
from kerascope.shapes import Call, Tensor, Unknown, infer, known_classes
from kerascope.shapes._registry import known_functions, known_operations, reasons

LEAST = {2: 110, 3: 140}
"""So many classes tf-keras 2.21 and Keras 3.15 export at least, aliases counted once."""

UNRULED = {
    2: {"AbstractRNNCell", "DenseFeatures"},
    3: {"FlaxLayer", "JaxLayer", "Layer", "TFSMLayer", "TorchModuleWrapper"},
}
"""The exported ones without a rule."""


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_every_exported_layer_has_a_rule_or_a_reason(generation: int) -> None:
    exported = {canonical(name) for name in ask(generation, "exported", [])}
    assert len(exported) >= LEAST[generation]
    assert exported - known_classes(generation) - set(reasons(generation)) == set()
    assert exported & set(reasons(generation)) <= UNRULED[generation]


def test_no_class_has_both_a_rule_and_a_reason() -> None:
    for generation in KERAS_NAMES:
        assert known_classes(generation) & set(reasons(generation)) == set()


def test_every_operation_has_a_rule() -> None:
    """But the base classes, and `Rearrange`, which Keras cannot serialize."""
    assert KERAS_NAMES[3]["operations"] - known_operations() == {"Operation", "SegmentReduction", "Rearrange"}


GROWING: list[tuple[str, str, dict[str, object]]] = [
    ("math.multiply", "y", {}),
    ("concat", "", {"axis": 0}),
    ("stack", "", {"axis": 0}),
    ("tensordot", "b", {"axes": 0}),
]


@pytest.mark.parametrize(("name", "second", "kwargs"), GROWING)
def test_what_doubles_with_every_step_stays_bounded(name: str, second: str, kwargs: dict[str, object]) -> None:
    """Fifty nodes in a file, each called on what the one before gave, twice."""
    layer = LayerConfig(class_name="TFOpLambda", name="node", config={"function": name}, generation=2)
    tensor = Tensor((), "int32", 4) if second else Tensor((2,), "int32", (4, 4))
    for _ in range(50):
        call = Call((tensor,), {second: tensor, **kwargs}) if second else Call(([tensor, tensor],), kwargs)
        try:
            (tensor,) = infer(layer, call).outputs
        except Unknown:
            break
        assert len(tensor.shape) <= 254
        assert all(size is None or size < 2**63 for size in tensor.shape)
        assert not isinstance(tensor.value, tuple) or len(tensor.value) <= 254
        assert not isinstance(tensor.value, int) or abs(tensor.value) < 2**31


def test_sizes_that_square_with_every_step_end_unknown() -> None:
    outer = LayerConfig(class_name="Outer", name="node", config={}, generation=3, module="keras.src.ops.numpy")
    tensor = Tensor((2,))
    for _ in range(6):
        (tensor,) = infer(outer, Call((tensor, tensor))).outputs
    with pytest.raises(Unknown, match="more than"):
        infer(outer, Call((tensor, tensor)))


VALUES: list[object] = [
    *(None, True, -1, 0, 1, 2, 7, 10**30, -(10**30), 1.5, float("inf"), float("nan"), "", "valid", "x", "\x1b[2J"),
    *([], [0], [1, 2], [None], ["a"], [[1, 1], [2, 2]], [[[]]], {}, {"class_name": "X", "config": {}}, {"start": 1}),
]
NAMES = """
    axis axes axis1 axis2 newshape shape size pad_width repeats indices_or_sections num num_classes k n q strides
    padding data_format dilation_rate pool_size output_size keepdims subscripts key dtype block_size fft_length
    sequence_length sequence_stride output_padding source destination indices y x2 b perm multiples paddings depth
    num_or_size_splits begin slice_spec ksize filters kernel frame_length frame_step
"""


def test_no_config_breaks_an_operation() -> None:
    """Thousands of configs and calls that no Keras writes: a result, or a sentence that says unknown."""
    chance = random.Random(20260801)
    words = NAMES.split()
    sizes = Tensor((3,), "int32", (None, 4, 6))
    tensors = [Tensor(()), Tensor((None,)), Tensor((2, 3)), Tensor((None, 4, 4, 3)), sizes]
    operations = [(name, "") for name in sorted(known_operations())]
    functions = [("TFOpLambda", name) for name in sorted(known_functions())]
    for name, function in operations + functions:
        generation, module = (2, None) if function else (3, "keras.src.ops.numpy")
        for _ in range(40):
            config = {key: chance.choice(VALUES) for key in chance.sample(words, 12)}
            config["function"] = function
            layer = LayerConfig(class_name=name, name="node", config=config, generation=generation, module=module)
            given = [*tensors, *VALUES, tensors[:3], [tensors[2], tensors[2]]]
            args = tuple(chance.choice(given) for _ in range(chance.randrange(4)))
            kwargs = {key: chance.choice(given) for key in chance.sample(words, 4)}
            with contextlib.suppress(Unknown):
                for tensor in infer(layer, Call(args, kwargs)).outputs:
                    assert all(size is None or type(size) is int for size in tensor.shape), (name, config, args, kwargs)
