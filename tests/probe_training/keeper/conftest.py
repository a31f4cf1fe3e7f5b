"""Runs that are started for one test, and ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.probe_training.keeper.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def prepare(tmp_path: Path) -> Iterator[Callable[[str], Kept]]:
    """Makes a run of a program that defines `train(reporter)`."""
    prepared: list[Kept] = []

    def make(program: str) -> Kept:
        prepared.append(Kept(tmp_path / f"run{len(prepared)}", program))
        return prepared[-1]

    yield make
    for kept in prepared:
        kept.kill()


@pytest.fixture
def keep(prepare: Callable[[str], Kept]) -> Callable[[str], tuple[Kept, int]]:
    """Makes a run of a program and starts it; returns it and its keeper's process id."""

    def start(program: str) -> tuple[Kept, int]:
        kept = prepare(program)
        answer = kept.start()
        assert answer["event"] == "launched", answer
        return kept, int(answer["pid"])

    return start
