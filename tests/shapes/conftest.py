"""What the tests of shapes share: the processes of real Keras, ended when all is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.shapes.oracle import close

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _oracle() -> Iterator[None]:
    yield
    close()
