"""The rules of convolutions and pooling, held against real Keras of both generations."""

from __future__ import annotations

import pytest
from tests.shapes.oracle_cases import compare
from tests.shapes.window_cases import window_cases

LEAST = 900
"""So many cases in each generation at least."""


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_windows_move_as_in_keras(generation: int) -> None:
    compared = compare(window_cases(generation), generation, exact=True)
    assert compared.differences == []
    assert compared.unsaid == []
    assert compared.cases >= LEAST
    assert compared.refused >= LEAST // 10
