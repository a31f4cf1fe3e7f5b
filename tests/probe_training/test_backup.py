"""Runs that were stopped or killed, and go on: no completed epoch is lost, none is recorded twice."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.probe_training.fit_cases import Outcome

    Outcomes = Callable[[str], Outcome]

pytestmark = [pytest.mark.keras, pytest.mark.timeout(400)]


def epochs(outcome: Outcome) -> list[int]:
    """The epochs as a reader sees them: a resume takes back what is trained again."""
    found: list[int] = []
    for record in outcome.events:
        if record["event"] == "resume":
            found = [number for number in found if number <= record["from_epoch"]]
        elif record["event"] == "epoch":
            found.append(record["epoch"])
    return found


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    with (outcome.directory / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_stop_ends_the_program_after_the_batch_and_a_resume_goes_on(outcome: Outcomes) -> None:
    stopped = outcome("stopped")
    ends = stopped.of("end")
    assert [record["status"] for record in ends] == ["stopped", "finished"]
    assert ends[0]["epochs_done"] == 1
    assert stopped.of("stopping")[0]["by"] == "ann@host"
    assert stopped.of("resume") == [{**stopped.of("resume")[0], "attempt": 2, "from_epoch": 1}]
    assert epochs(stopped) == [1, 2, 3, 4]
    assert len(stopped.of("epoch")) == 4, "the epoch that the stop has cut is not recorded"
    # The program's own callback saw only the new epochs; its history has them all.
    assert stopped.said == {"epoch": [0, 1, 2, 3], "losses": 4, "done": [1, 2, 3]}
    assert stopped.output.count('"epoch"') == 1, "nothing after the fit ran in the attempt that was stopped"
    assert [row["epoch"] for row in rows(stopped)] == ["1", "2", "3", "4"]
    assert [record["step"] for record in stopped.of("epoch")] == [16, 32, 48, 64]
    assert "backup" not in {name.split("/")[0] for name in stopped.files}, "a finished run needs none"


def test_a_program_that_catches_the_stop_is_stopped_at_its_next_fit(outcome: Outcomes) -> None:
    swallowed = outcome("swallowed")
    assert (swallowed.code, swallowed.end["status"], swallowed.end["epochs_done"]) == (0, "stopped", 1)
    assert swallowed.facts["epochs"] == 2, "the epochs it has not come to are still those of the run"
    assert "caught SystemExit" in swallowed.output
    assert "not reached" not in swallowed.output
    assert "model.keras" in swallowed.files
    assert any(name.startswith("backup/fit-001/epoch-0001/") for name in swallowed.files)


def test_a_stop_leaves_a_long_validation_and_keeps_the_epoch(outcome: Outcomes) -> None:
    cut = outcome("cut validation")
    assert cut.end["status"] == "stopped"
    assert not cut.said["end"]
    assert cut.said["seen"] < 32
    (epoch,) = cut.of("epoch")
    assert set(epoch["metrics"]) == {"loss", "accuracy"}
    assert "the validation of epoch 1 was left" in cut.messages


def test_runs_killed_twice_lose_nothing_but_the_epoch_they_were_in(outcome: Outcomes) -> None:
    killed = outcome("killed")
    assert [record["from_epoch"] for record in killed.of("resume")] == [5, 6]
    assert epochs(killed) == list(range(1, 9))
    assert len(killed.of("epoch")) == 8
    assert [row["epoch"] for row in rows(killed)] == [str(number) for number in range(1, 9)]
    said = killed.said
    # The optimizers' own counts: every step of both models was trained once.
    assert said["steps"] == [3 * 4, 5 * 4]
    assert said["epochs"] == [[0], [1], [2], [0, 1, 2, 3, 4]]
    recorded = [record["metrics"]["loss"] for record in killed.of("epoch")]
    assert [loss for losses in said["losses"] for loss in losses] == pytest.approx(recorded)
    assert {"model.keras", "model-first.keras"} <= killed.files


def test_epochs_too_fast_for_a_state_each_are_trained_again(outcome: Outcomes) -> None:
    fast = outcome("fast killed")
    assert fast.of("resume")[0]["from_epoch"] == 0
    assert epochs(fast) == [1, 2, 3]
    assert fast.said == {"epoch": [0, 1, 2], "steps": 6}
    assert [row["epoch"] for row in rows(fast)] == ["1", "2", "3"]


def test_a_fit_that_a_callback_has_ended_early_is_over_after_a_later_error(outcome: Outcomes) -> None:
    early = outcome("ended early")
    assert [record["status"] for record in early.of("end")] == ["failed", "finished"]
    assert [record["from_epoch"] for record in early.of("resume")] == [4]
    assert epochs(early) == [1, 2, 3, 4]
    assert early.said == {"trained": [], "epochs": [[0, 1, 2], [0]], "val_loss": [3.0, 1.0, 2.0], "steps": [6, 2]}


def test_calls_each_too_short_for_a_state_are_trained_long_enough_together(outcome: Outcomes) -> None:
    short = outcome("short fits")
    (resume,) = short.of("resume")
    assert resume["from_epoch"] > 1
    assert epochs(short) == list(range(1, 17))
    assert short.said == {"epochs": [[0]] * 16, "steps": 32}


def test_a_subclassed_model_that_fit_builds_goes_on(outcome: Outcomes) -> None:
    found = outcome("subclassed")
    assert found.of("resume")[0]["from_epoch"] == 2
    assert epochs(found) == [1, 2, 3]
    assert found.said == {"epoch": [0, 1, 2], "steps": 6}
    assert "model.weights.h5" in found.files
    assert "model.keras" not in found.files
    assert "Keras cannot save net as a whole" in found.messages


def test_a_torn_state_gives_way_to_the_one_before(outcome: Outcomes) -> None:
    torn = outcome("torn")
    assert [record["from_epoch"] for record in torn.of("resume")] == [3, 2]
    assert epochs(torn) == [1, 2, 3, 4]
    assert torn.said == {"epoch": [0, 1, 2, 3], "steps": 16}
    assert "the state after epoch 3 cannot be restored" in torn.messages


def test_a_program_that_goes_another_way_is_trained_anew(outcome: Outcomes) -> None:
    other = outcome("other way")
    assert [record["from_epoch"] for record in other.of("resume")] == [2, 0]
    assert epochs(other) == [1, 2, 3]
    assert other.end["status"] == "finished"
    assert "the program goes another way" in other.messages
