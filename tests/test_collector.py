"""The garbage collector rests while a file is read, and works again however that ends."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

from kerascope import _saved_looks
from kerascope._collector import collector_at_rest
from kerascope.graph import Target
from kerascope.inspection import Inspector, LookOptions
from kerascope.readers.saved import Cancelled

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.graph import Inspection


def test_it_works_again_afterwards() -> None:
    with collector_at_rest():
        assert not gc.isenabled()
        with collector_at_rest():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("raised", [Cancelled, RuntimeError])
def test_it_works_again_after_a_look_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: type[Exception]
) -> None:
    resting = []

    def reading(*_: Any) -> None:
        resting.append(gc.isenabled())
        raise raised

    async def look() -> Inspection:
        return await Inspector(LookOptions()).look(Target(path=str(path)), lambda progress: None)

    path = tmp_path / "model.json"
    path.write_text('{"class_name": "Sequential", "config": {"layers": []}}')
    monkeypatch.setattr(_saved_looks, "read_saved", reading)
    assert asyncio.run(look()).failure is not None
    assert resting == [False]
    assert gc.isenabled()
