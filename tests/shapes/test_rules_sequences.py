"""The rules of layers over time, around layers and of several tensors, held against real Keras of both generations."""

from __future__ import annotations

import pytest
from tests.shapes.merging_cases import merging_cases
from tests.shapes.oracle_cases import compare
from tests.shapes.sequence_cases import sequence_cases

LEAST = 1000
"""So many cases in each generation at least."""


@pytest.mark.keras
@pytest.mark.timeout(600)  # half a minute of work, which a busy machine takes long over
@pytest.mark.parametrize("generation", [2, 3])
def test_layers_are_as_keras_makes_them(generation: int) -> None:
    compared = compare(sequence_cases(generation) + merging_cases(generation), generation, exact=True)
    assert compared.differences == []
    assert compared.cases >= LEAST
    assert compared.refused >= LEAST // 10
