"""What the tests of training runs share: one process a generation runs all their programs."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest
from tests.probe_training.fit_cases import Cases, Outcome
from tests.probe_training.fit_programs import collect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session", params=[2, 3])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """How a program went, by its name; run once, whichever of pytest's processes comes first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / f"fits-{request.param}"
    cases = Cases(folder, request.param)
    with (shared / f"fits-{request.param}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _are_run(folder):
            folder.mkdir(exist_ok=True)
            collect(cases)
            cases.run()
            (folder / "done").touch()
    return cases.outcome


def _are_run(folder: Path) -> bool:
    return (folder / "done").exists()
