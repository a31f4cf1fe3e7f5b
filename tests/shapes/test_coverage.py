"""Every layer that Keras exports has a shape rule, or a reason why it has none."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from kerascope.configs import KERAS_NAMES, canonical
from kerascope.shapes import known_classes
from kerascope.shapes._registry import known_operations, reasons

PROGRAM = """
import json, sys
keras = __import__(sys.argv[1])
exported = [getattr(keras.layers, name) for name in dir(keras.layers)]
layers = [each for each in exported if isinstance(each, type) and issubclass(each, keras.layers.Layer)]
print(json.dumps(sorted({each.__name__ for each in layers})))
"""

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
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "keras" if generation == 3 else "tf_keras"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    exported = {canonical(name) for name in json.loads(ran.stdout)}
    assert len(exported) >= LEAST[generation]
    assert exported - known_classes(generation) - set(reasons(generation)) == set()
    assert exported & set(reasons(generation)) <= UNRULED[generation]


def test_no_class_has_both_a_rule_and_a_reason() -> None:
    for generation in KERAS_NAMES:
        assert known_classes(generation) & set(reasons(generation)) == set()


def test_every_operation_has_a_rule() -> None:
    """But the base classes, and `Rearrange`, which Keras cannot serialize."""
    assert KERAS_NAMES[3]["operations"] - known_operations() == {"Operation", "SegmentReduction", "Rearrange"}
