"""Programs trained for real, watched: they do what they do without us, and we know what they did."""

from __future__ import annotations

import csv
import zipfile
from typing import TYPE_CHECKING

import pytest

from kerascope.runs import HistoryLoader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.probe_training.fit_cases import Outcome

    Outcomes = Callable[[str], Outcome]

pytestmark = [pytest.mark.keras, pytest.mark.timeout(400)]


def metrics(outcome: Outcome) -> list[set[str]]:
    return [set(record["metrics"]) for record in outcome.of("epoch")]


def test_a_watched_fit_is_the_fit_it_was(outcome: Outcomes) -> None:
    plain = outcome("plain")
    said = plain.said
    assert said["same"], "the weights differ from those of the bare fit"
    assert said["history"]
    assert said["params"]
    assert said["epoch"] == [0, 1, 2]
    assert said["given"] == 1, "the list of callbacks that the program keeps has grown"
    assert said["mine"][0] == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert len(said["mine"]) == 3 + 3 + 1 + 1
    assert said["one"] == [0]
    assert said["listed"]
    assert "unexpected keyword argument 'epoch'" in said["bad"]
    assert said["argv"] == ["--fast", "1"]
    assert plain.code == 0
    assert plain.end["status"] == "finished"
    assert plain.end["error"] is None


def test_every_epoch_is_recorded_whole(outcome: Outcomes) -> None:
    plain = outcome("plain")
    (start,) = plain.of("start")
    assert start["attempt"] == 1
    assert start["device"] == "CPU"
    fits = plain.of("fit")
    assert [record["fit"] for record in fits] == [1, 2, 3]
    assert {key: fits[0][key] for key in ("model", "class_name", "params", "epochs", "steps", "batch_size")} == {
        "model": "net",
        "class_name": "Sequential",
        "params": 67,
        "epochs": 3,
        "steps": 3,
        "batch_size": 16,
    }
    assert fits[0]["path"].endswith("train.py")
    line = fits[0]["line"]
    assert "fit(model, x, y" in (plain.directory / "source" / "train.py").read_text().splitlines()[line - 1]
    epochs = plain.of("epoch")
    assert [record["epoch"] for record in epochs] == [1, 2, 3, 4, 5]
    assert [record["fit_epoch"] for record in epochs] == [1, 2, 3, 1, 1]
    assert [record["step"] for record in epochs] == [3, 6, 9, 11, 13]
    assert metrics(plain)[:3] == [{"loss", "accuracy", "val_loss", "val_accuracy"}] * 3
    assert epochs[0]["learning_rate"] == pytest.approx(0.01)
    assert plain.of("batch")[0]["epoch"] == 1
    assert plain.told[0]["engine"]["generation"] == start["generation"]
    assert plain.end["epochs_done"] == 5
    assert plain.end["best"]["metric"] == "val_loss"
    assert plain.of("end")[0]["status"] == "finished"


def test_metrics_csv_has_the_columns_of_all_fits(outcome: Outcomes) -> None:
    with (outcome("plain").directory / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert float(rows[2]["val_loss"]) > 0
    assert rows[3]["val_loss"] == "NA"
    with (outcome("many").directory / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 11
    assert rows[8]["accuracy"] == "NA"
    assert all(None not in row and None not in row.values() for row in rows)


def test_several_models_loops_nested_fits_and_threads(outcome: Outcomes) -> None:
    many = outcome("many")
    fits = {record["fit"]: record for record in many.of("fit")}
    assert [fits[number]["model"] for number in (1, 2, 3, 4, 5, 7)] == ["first"] * 3 + ["second", "first", "first"]
    assert fits[6]["class_name"] == "Own"
    assert fits[5]["order"] is None, "a fit within a fit is not resumed"
    assert [record["epoch"] for record in many.of("epoch")] == list(range(1, 12))
    assert fits[7]["steps"] == 3
    assert {"model.keras", "model-second.keras"} <= many.files
    assert any(name.startswith("model-own") for name in many.files)
    assert not any(".tmp" in name for name in many.files)
    assert many.of("renamed")
    told = {each.path for each in HistoryLoader(many.directory).open().checkpoints}
    assert told == {name for name in many.files if name.startswith("model")}
    assert zipfile.is_zipfile(many.directory / "model.keras")


def test_epochs_and_batch_size_of_the_run_take_the_place_of_the_program_s(outcome: Outcomes) -> None:
    said = outcome("overridden").said
    assert said["arrays"] == [[0, 1], 16]
    assert said["later"] == [[6, 7], 16], "two epochs from where the program wanted to begin"
    assert said["data"] == [[0, 1], 4]
    assert "comes in batches; it stays" in outcome("overridden").messages


def test_loops_of_train_on_batch_are_counted(outcome: Outcomes) -> None:
    found = outcome("on batch")
    assert found.said == {"result": 2}
    assert [record["method"] for record in found.of("fit")] == ["train_on_batch"] * 2
    last = found.of("batch", fit=1)[-1]
    assert last["batch"] == 30
    assert set(last["metrics"]) == {"loss", "accuracy"}
    assert set(found.of("batch", fit=2)[-1]["metrics"]) == {"loss", "accuracy"}
    assert "30 batches of one were trained by train_on_batch" in found.messages
    assert {"model.keras", "model-one.keras"} <= found.files
    assert found.of("epoch") == []
    assert (found.facts["epochs"], found.facts["steps_done"]) == (None, 60), "nobody knows of any epochs"
    told = found.facts["metrics"]
    assert set(told) == {"one/loss", "one/accuracy", "other/loss", "other/accuracy"}
    assert told["one/loss"] == last["metrics"]["loss"]


def test_a_program_that_trains_nothing_has_failed(outcome: Outcomes) -> None:
    nothing = outcome("nothing")
    assert (nothing.code, nothing.end["status"], nothing.end["exit"]) == (0, "failed", 0)
    assert "called no fit: nothing was trained" in nothing.end["error"]["sentence"]
    assert outcome("exit 0").end["status"] == "finished"


@pytest.mark.parametrize(
    ("name", "notice"),
    [
        ("own loop", "called no fit, and computed gradients itself"),
        ("other process", "called no fit, and has started other processes"),
        ("passed over", "no fit went through: the program called it, and went on when that failed"),
    ],
)
def test_a_program_that_may_have_trained_all_the_same_has_not_failed(outcome: Outcomes, name: str, notice: str) -> None:
    found = outcome(name)
    assert (found.code, found.end["status"], found.end["error"]) == (0, "finished", None), found.output
    assert notice in found.messages


@pytest.mark.parametrize(
    ("name", "code", "sentence", "line"),
    [
        ("exit 3", 3, "the program ended itself with exit status 3", "sys.exit(3)"),
        ("exit text", 1, "the program ended itself: no data today", "sys.exit('no"),
        ("interrupted", 130, "the program was interrupted (KeyboardInterrupt)", "raise KeyboardInterrupt"),
        ("error", 1, "ValueError: the user's own second line", "raise ValueError"),
    ],
)
def test_how_a_program_failed_in_a_sentence(outcome: Outcomes, name: str, code: int, sentence: str, line: str) -> None:
    found = outcome(name)
    error = found.end["error"]
    text = (found.directory / "source" / "train.py").read_text().splitlines()
    number = next(number for number, each in enumerate(text, 1) if each.startswith(line))
    assert (found.code, found.end["status"], found.end["exit"]) == (code, "failed", code)
    assert error["sentence"] == sentence
    assert error["line"] == number
    assert found.of("end")[0]["error"] == error
    assert line in error["traceback"]
    assert error["traceback"].startswith("Traceback (most recent call last)")


def test_an_error_is_printed_as_python_does_and_what_was_trained_is_kept(outcome: Outcomes) -> None:
    error = outcome("error")
    assert error.output.strip().endswith("ValueError: the user's own\nsecond line")
    assert "probe" not in error.output, "our own frames"
    assert error.end["error"]["traceback"] == error.output
    assert error.end["epochs_done"] == 2
    assert "model.keras" in error.files
    assert outcome("exit text").output == "no data today\n"
    syntax = outcome("syntax")
    assert syntax.end["error"]["type"] == "SyntaxError"
    assert "def broken(:" in syntax.output


def test_epochs_of_a_fit_that_fails_at_once_are_those_of_the_run(outcome: Outcomes) -> None:
    found = outcome("not begun")
    assert (found.end["status"], found.end["epochs_done"], found.facts["epochs"]) == ("failed", 0, 5)


def test_the_layer_that_keras_names(outcome: Outcomes) -> None:
    error = outcome("layer").end["error"]
    # Keras 2 checks the model's own input, Keras 3 that of its first layer.
    assert error["layer"] in ("net", "dense") or error["layer"].startswith("dense_")
    assert error["sentence"].startswith("ValueError")
    assert "incompatible with the layer" in error["sentence"]
    assert "\x1b" not in error["sentence"]
    assert "File" not in error["sentence"]


def test_a_loss_that_is_nan_is_told_once_and_the_records_stay_json(outcome: Outcomes) -> None:
    nan = outcome("nan")
    assert nan.output.strip() == "2", "training goes on as it does without us"
    (warning,) = nan.of("warning")
    assert warning["message"].startswith("the loss became NaN in epoch 1, seen at batch 2")
    assert [record["metrics"]["loss"] for record in nan.of("epoch")] == ["NaN", "NaN"]
    assert nan.end["status"] == "finished"
    assert nan.end["notice"] == "the loss became NaN in epoch 1, seen at batch 2"


def test_a_run_directory_that_is_deleted_is_made_again_for_the_model(outcome: Outcomes) -> None:
    deleted = outcome("deleted")
    assert (deleted.code, deleted.end["status"]) == (0, "finished")
    assert zipfile.is_zipfile(deleted.directory / "model.keras")
    assert [record["epoch"] for record in deleted.of("epoch")] == [1, 2], "they waited in memory"
    assert deleted.of("end")


def test_what_cannot_be_written_is_a_warning_and_the_training_goes_on(outcome: Outcomes) -> None:
    found = outcome("no room")
    assert (found.code, found.end["status"], found.end["epochs_done"]) == (0, "finished", 2)
    warnings = [record["message"] for record in found.of("warning")]
    assert any(message.startswith("metrics.csv could not be written") for message in warnings)
    assert any(message.startswith("the checkpoint could not be written") for message in warnings)
    assert any(message.startswith("the state of net could not be saved") for message in warnings)
    assert found.end["warnings"] == warnings


def test_checkpoints_the_best_one_and_early_stopping(outcome: Outcomes) -> None:
    kept = outcome("kept")
    assert kept.said == {"epoch": [0, 1, 2, 3, 4]}
    best = kept.of("checkpoint", kind="best")
    assert [(record["epoch"], record["value"]) for record in best] == [(1, 3.0), (2, 1.0)]
    regular = kept.of("checkpoint", kind="epoch")
    assert [record["path"] for record in regular] == [f"checkpoints/epoch-000{number}.keras" for number in (2, 4, 6)]
    for record in kept.of("checkpoint"):
        assert (kept.directory / record["path"]).stat().st_size > 0
    assert "was stopped early after epoch 5: val_loss has not improved for 3 epochs" in kept.messages
    assert "early stopping waits for val_loss, which the fit at line" in kept.messages


def test_a_notebook_and_a_module_run_under_their_names(outcome: Outcomes) -> None:
    assert outcome("notebook").said == {"name": "__main__"}
    assert outcome("module").said == {"name": "some"}


def test_a_module_that_trains_as_the_program_is_the_program(outcome: Outcomes) -> None:
    found = outcome("main")
    assert found.said == {"name": "__main__", "package": "program", "path": True}
    assert len(found.of("epoch")) == 3


def test_a_model_trained_on_other_data_leaves_the_program_s_own_fit_out(outcome: Outcomes) -> None:
    found = outcome("other data")
    assert '{"loss": [0.0, 0.0, 0.0, 0.0, 0.0]}' in found.output
    assert "was left out: this run trains on other data" in found.messages
    assert [record["epoch"] for record in found.of("epoch")] == [1, 2]
    assert found.end["status"] == "finished"


def test_a_model_trained_on_other_data_leaves_the_program_s_files_alone(outcome: Outcomes) -> None:
    found = outcome("untouched")
    names = "best.keras old.keras w.weights.h5 result.txt result.csv gone.txt moved.txt tree/of.txt copy.txt"
    kept = names.split()
    assert {name: (found.directory / name).read_text() for name in kept} == dict.fromkeys(kept, "trained")
    assert not {"predictions.npy", "ckpt.index", "checkpoint"} & found.files
    assert (found.directory / "early.txt").read_text() == "before the fit"
    assert (found.directory / "model.keras").stat().st_size > 1000
    assert found.end["status"] == "finished"
    assert [record["epoch"] for record in found.of("epoch")] == [1, 2]
    assert "AutoGraph" not in found.output
    for sentence in (
        "save of best.keras at line 32 was left out: this run trains on other data, and saves in its own directory",
        "the train_on_batch at line 37 was left out",
        "result.txt was not written at line 43: the fit before it was left out, so it would come from an untrained",
        "gone.txt was not removed at line 52",
        "tree was not removed at line 56",
        "after the fit that was left out the program failed with RuntimeError: too bad",
    ):
        assert sentence in found.messages


def test_a_copy_that_the_program_forks_says_nothing_in_our_name(outcome: Outcomes) -> None:
    forked = outcome("forked")
    assert [record["epoch"] for record in forked.of("epoch")] == [1, 2]
    assert len(forked.of("fit")) == 1


def test_the_end_of_a_copy_is_not_that_of_the_run(outcome: Outcomes) -> None:
    forked = outcome("forked later")
    assert "of the copy" in forked.output
    assert "state kept: True" in forked.output
    assert forked.end["status"] == "finished"


def test_facts_told_for_run_json(outcome: Outcomes) -> None:
    told = outcome("plain").facts
    assert told["model"] == {"name": "net", "class_name": "Sequential", "params": 67}
    assert told["epochs"] == 5
    assert told["device"] == "CPU"
    assert set(told["metrics"]) == {"loss", "accuracy"}
    assert told["steps_done"] == 13
