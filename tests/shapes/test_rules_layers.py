"""The rules of layers without windows, held against real Keras of both generations."""

from __future__ import annotations

import pytest
from tests.shapes.layer_cases import layer_cases
from tests.shapes.oracle_cases import compare

LEAST = 1000
"""So many cases in each generation at least."""


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_layers_are_as_keras_makes_them(generation: int) -> None:
    compared = compare(layer_cases(generation), generation, exact=True)
    assert compared.differences == []
    assert compared.unsaid == []
    assert compared.cases >= LEAST
    assert compared.refused >= LEAST // 10
