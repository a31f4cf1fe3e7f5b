"""The rules of layers that prepare data, held against real Keras of both generations."""

from __future__ import annotations

import pytest
from tests.shapes.oracle_cases import compare
from tests.shapes.preprocessing_cases import preprocessing_cases

from kerascope.configs import LayerConfig
from kerascope.shapes import Call, Tensor, Unknown, infer

LEAST = {2: 370, 3: 650}
"""So many cases at least; the number is part of what is promised."""


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_layers_are_as_keras_makes_them(generation: int) -> None:
    compared = compare(preprocessing_cases(generation), generation)
    assert compared.differences == []
    assert compared.cases >= LEAST[generation]
    assert compared.refused >= 30


def _layer(class_name: str, generation: int, **config: object) -> LayerConfig:
    return LayerConfig(class_name=class_name, name="layer", config=config, generation=generation)


TEXTS = Call((Tensor((None, 5), "string"),))


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (_layer("TextVectorization", 3, output_mode="multi_hot", split="whitespace", vocabulary_size=1), "vocabulary"),
        (_layer("StringLookup", 3, output_mode="multi_hot", vocabulary="words.txt"), "vocabulary"),
        (_layer("StringLookup", 2, output_mode="multi_hot"), "vocabulary"),
        (_layer("Discretization", 2, output_mode="one_hot", num_bins=4), "learnt from data"),
        (_layer("TFSMLayer", 3, filepath="model"), "another framework"),
        (_layer("DenseFeatures", 2), "feature columns"),
        (_layer("Pipeline", 3), "its layers are not in the file"),
        (_layer("Pipeline", 3, layers=["RandomFlip"]), "a layer of this Pipeline cannot be read"),
    ],
)
def test_what_a_config_does_not_say_is_unknown(layer: LayerConfig, says: str) -> None:
    with pytest.raises(Unknown, match=says):
        infer(layer, TEXTS)


def test_buckets_learnt_from_data_leave_the_weights_unknown() -> None:
    result = infer(_layer("Discretization", 2, num_bins=4), Call((Tensor((None, 5), "float32"),)))
    assert [tensor.shape for tensor in result.outputs] == [(None, 5)]
    assert result.weights is None
