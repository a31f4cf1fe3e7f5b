"""Where a run would go on, said before it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.runs.directories import made_run

from kerascope.runs import TrainSpec, read_run, resume_point

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs import ResumePoint


def point_of(runs: Path, *kept: Any, done: int = 5, **facts: Any) -> ResumePoint:
    """Of a run that failed after `done` epochs, with states as they are written."""
    directory = made_run(runs, "run", **{"status": "failed", "epochs_done": done, "epochs": 9, **facts})
    (directory / "events.jsonl").touch()
    for number, state in enumerate(kept):
        folder = directory / "backup" / f"fit-00{number + 1}" / "epoch-0001"
        folder.mkdir(parents=True)
        (folder / "state.json").write_text(state if isinstance(state, str) else json.dumps({"run_epoch": state}))
    return resume_point(read_run(directory))


def test_it_goes_on_after_the_newest_state(tmp_path: Path) -> None:
    point = point_of(tmp_path, 2, 5, 3)
    assert (point.epoch, point.lost, point.sentence) == (5, False, "run goes on after epoch 5 of 9")


def test_epochs_after_the_newest_state_are_named(tmp_path: Path) -> None:
    goes_on = "run goes on after epoch 2 of 9; no state was saved after that, so epochs 3 to 5 are trained again"
    assert point_of(tmp_path, 2, "{half a state", "[]").sentence == goes_on
    assert point_of(tmp_path / "one", 4).sentence.endswith(", so epoch 5 is trained again")


def test_without_a_state_it_begins_again_and_says_why(tmp_path: Path) -> None:
    point = point_of(tmp_path / "a")
    assert (point.epoch, point.lost) == (0, True)
    assert point.sentence == (
        "run begins again from epoch 1: it ended before a state was saved; its 5 epochs are trained again"
    )
    spec = TrainSpec(path="/x/train.py", shown="train.py", resumable=False)
    refused = point_of(tmp_path / "b", 3, spec=spec)
    assert refused.lost
    assert "it was started with --no-backup" in refused.sentence


def test_without_an_epoch_nothing_is_lost(tmp_path: Path) -> None:
    point = point_of(tmp_path, done=0)
    assert (point.lost, point.sentence) == (False, "run begins again: it has completed no epoch")


def test_steps_without_epochs_cannot_be_resumed(tmp_path: Path) -> None:
    point = point_of(tmp_path, done=0, epochs=None, steps_done=1200)
    assert point.lost
    assert point.sentence == (
        "run begins again: train_on_batch cannot be resumed, so all 1,200 steps will be trained again"
    )


def test_states_without_their_records_belong_to_nobody(tmp_path: Path) -> None:
    directory = made_run(tmp_path, "run", status="failed")
    folder = directory / "backup" / "fit-001" / "epoch-0003"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"run_epoch": 3}')
    assert resume_point(read_run(directory)).lost
