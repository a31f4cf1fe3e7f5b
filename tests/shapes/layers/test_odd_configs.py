"""No config breaks a rule: what Keras does not write is unknown, in a sentence, and soon."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from kerascope.configs import LayerConfig
from kerascope.shapes import Call, Tensor, Unknown, infer, known_classes

KEYS = (
    *("units", "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "data_format", "activation"),
    *("use_bias", "depth_multiplier", "output_padding", "implementation", "pool_size", "keepdims", "output_size"),
    *("target_shape", "dims", "n", "cropping", "size", "axis", "center", "scale", "renorm", "shared_axes", "equation"),
    *(
        "output_shape",
        "bias_axes",
        "input_dim",
        "output_dim",
        "lora_rank",
        "dtype",
        "trainable",
        "layer",
        "batch_shape",
    ),
    *("projection_dim", "nb_feature", "merge_mode", "cell", "return_state", "num_heads", "key_dim", "axes"),
)
ODD: tuple[Any, ...] = (
    *(
        "x",
        "",
        "a" * 5000,
        -1,
        0,
        1,
        3,
        10**30,
        10**4000,
        1.5,
        float("nan"),
        None,
        True,
        [],
        [[]],
        [3, -7],
        [10**30] * 3,
    ),
    *(
        {},
        {"class_name": "Dense", "config": {"units": "x"}},
        {"class_name": "Dense", "config": {"units": 2}},
        [3] * 5000,
    ),
    *("ab,bc->ac", "a" * 900 + ",b->c", "channels_first", "same", [None, 3], [[1, 2], [3, 4]], [1], [2, 2], [3, 3, 3]),
)
SHAPES: tuple[tuple[int | None, ...], ...] = (
    *((), (None,), (None, 4), (None, 5, 4), (None, 6, 5, 4), (2, 6, 7, 5, 4), (None, None, None, None)),
    *((0, 0, 0, 0), (None, 10**18, 10**18, 10**18)),
)
PLAUSIBLE: dict[str, Any] = {
    **{"units": 3, "filters": 2, "kernel_size": 2, "output_dim": 3, "input_dim": 5, "target_shape": [-1], "n": 2},
    **{"dims": [2, 1], "equation": "...a,ab->...b", "output_shape": 3, "activation": "linear", "projection_dim": 4},
    **{"layer": {"class_name": "Dense", "config": {"units": 2}}, "output_size": 2, "size": 2},
}
LONGEST = 601
"""Characters of a reason."""

SOON = 2.0
"""Seconds that a single call may take at the very most, on a busy machine; it takes a fraction of a millisecond."""


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_no_config_breaks_a_rule(generation: int) -> None:
    chance = random.Random(generation)
    known = 0
    for class_name in sorted(known_classes(generation)):
        for _ in range(150):
            config = dict(PLAUSIBLE)
            for key in chance.sample(KEYS, chance.randrange(4)):
                config[key] = chance.choice(ODD)
            given = [Tensor(chance.choice(SHAPES), "float32") for _ in range(chance.choice((1, 1, 1, 2)))]
            call = Call(args=(given[0] if len(given) == 1 else given,))
            layer = LayerConfig(class_name=class_name, name="odd", config=config, generation=generation)
            begun = time.monotonic()
            try:
                result = infer(layer, call)
            except Unknown as error:
                said = str(error)
                assert 0 < len(said) <= LONGEST
            else:
                known += 1
                # What is told can be written down.
                assert str(result.outputs)
                assert result.weights is None or str([weight.count for weight in result.weights])
            assert time.monotonic() - begun < SOON, (class_name, config)
    assert known > 1000
