"""What a line says of a run that trains by `fit` and by `train_on_batch`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kerascope._cli._run_words import best_of, epochs_of, how_it_ended
from kerascope.app._marks import marks_for
from kerascope.app._runs_rows import run_cells
from kerascope.runs import Run, RunStatus, TrainSpec, read_run

MIXED: dict[str, Any] = {"epochs": 2, "epochs_done": 2, "steps_done": 1_500, "loop_steps": 1_200}


@pytest.mark.parametrize(
    ("facts", "epochs", "ended"),
    [
        (MIXED, "2/2, 1,200 steps", "2/2 epochs and 1,200 steps"),
        ({**MIXED, "loop_steps": 1}, "2/2, 1 step", "2/2 epochs and 1 step"),
        ({**MIXED, "loop_steps": 0}, "2/2", "2/2 epochs"),
        ({"steps_done": 1_200, "loop_steps": 1_200}, "1,200 steps", "1,200 steps"),
        ({}, "-", "no epoch"),
    ],
)
def test_steps_stand_beside_epochs(facts: dict[str, Any], epochs: str, ended: str) -> None:
    run = Run(id="a", directory=Path("/runs/a"), status=RunStatus.FINISHED, **facts)
    assert epochs_of(run) == epochs
    assert run_cells(run, 0.0, marks_for(False))["epochs"] == epochs
    assert how_it_ended(run) == ended


def test_the_best_of_another_model_says_whose_it_is(tmp_path: Path) -> None:
    spec = TrainSpec(path="a.py", shown="a.py").to_json()
    facts = {"spec": spec, "started": 1.0, "status": "finished", "model": {"name": "gan"}}
    best = {"metric": "loss", "value": 0.25, "epoch": 2}
    for model, said in (("critic", "loss 0.25 (critic)"), ("gan", "loss 0.25")):
        (tmp_path / "run.json").write_text(json.dumps({**facts, **MIXED, "best": {**best, "model": model}}))
        run = read_run(tmp_path)
        assert best_of(run) == said
        assert run_cells(run, 0.0, marks_for(False))["best"] == said
