"""The workers that join a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.runs.directories import change, made_run, process_entry, sleeper

from kerascope.runs import RunStatus, list_runs, prepare_resume, read_run
from kerascope.runs._join import can_join, join_run

if TYPE_CHECKING:
    from pathlib import Path


def test_worker_asks_for_the_same_and_is_listed_with_nobody(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="running", ended=None, exit=None, attempt=2, metrics={"loss": 1})
    with sleeper() as process:
        change(directory, process=process_entry(process.pid))
        assert can_join(directory)
        own = join_run(directory, 1)
        assert own == directory / "workers" / "1"
        worker, chief = read_run(own), read_run(directory)
        assert (worker.status, worker.attempt, worker.pid, worker.metrics) == (RunStatus.STARTING, 2, None, {})
        assert worker.spec == chief.spec
        assert json.loads((own / "run.json").read_text())["worker"] == 1
        assert [run.id for run in list_runs(tmp_path)] == [chief.id]


def test_nobody_joins_what_has_not_begun_or_has_ended(tmp_path: Path) -> None:
    assert not can_join(tmp_path / "none")
    assert not can_join(made_run(tmp_path))


def test_resumed_run_is_joined_again_and_its_old_stop_forgotten(tmp_path: Path) -> None:
    directory = made_run(tmp_path, status="stopped")
    (directory / "workers").mkdir()
    stops = [directory / "stop.json", directory / "workers" / "stop.json"]
    for stop in stops:
        stop.write_text("{}")
    prepare_resume(read_run(directory))
    assert not any(stop.exists() for stop in stops)
    assert can_join(directory)
    change(join_run(directory, 1), status="failed", error={"sentence": "before"})
    assert read_run(join_run(directory, 1)).error is None
