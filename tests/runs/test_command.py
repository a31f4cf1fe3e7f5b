"""Runs as command lines, and command lines as runs."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from kerascope._cli._options import Parser, split_arguments
from kerascope._cli._train_options import add_train_options, complete_train_options, spec_of
from kerascope.runs import Compilation, TrainingData, TrainSpec
from kerascope.runs._command import command_of
from kerascope.runs._data import data_of
from kerascope.training import TrainError

if TYPE_CHECKING:
    from pathlib import Path


def asked_for(*arguments: str) -> TrainSpec:
    """The run that a command line asks for."""
    parser = Parser(prog="kerascope train", allow_abbrev=False)
    add_train_options(parser)
    ours, own = split_arguments(arguments)
    chosen = parser.parse_args(ours)
    complete_train_options(parser, chosen)
    return spec_of(chosen, own)[0]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a program and data in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    (tmp_path / "train.py").write_text("import keras\n")
    for name in ("x.npy", "y.npy", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "table.csv").write_text("size,-price\n1,2\n")
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("x.npy", b"")
    (tmp_path / "images").mkdir()
    (tmp_path / "elsewhere").mkdir()
    return tmp_path


def test_plain_command_asks_for_nothing_else(files: Path) -> None:
    spec = asked_for("train.py")
    assert spec == TrainSpec(path=str(files / "train.py"), shown="train.py")
    assert command_of(spec, keras=3) == ["kerascope", "train", "train.py"]


@pytest.mark.parametrize(
    ("options", "data", "metrics"),
    [
        (["--data", "data.npz"], ("data.npz",), None),
        (["--data", "x.npy", "y.npy"], ("x.npy", "y.npy"), None),
        (["--data", "images"], ("images",), None),
        (["--epochs", "3", "--data", "table.csv"], ("table.csv",), None),
        (["--data", "data.npz", "--metrics", "mae", "mape"], ("data.npz",), ("mae", "mape")),
        (["--synthetic"], (), None),
        (["--synthetic", "64"], (), None),
    ],
)
def test_options_with_several_values_leave_the_path_behind_them(
    files: Path, options: list[str], data: tuple[str, ...], metrics: object
) -> None:
    spec = asked_for(*options, "train.py")
    assert spec == asked_for("train.py", *options)
    assert spec.shown == "train.py"
    assert spec.data is not None
    assert spec.data.paths == tuple(str(files / name) for name in data)
    assert spec.data.samples == (64 if "64" in options else 1024)
    assert spec.compilation.metrics == metrics


def everything(files: Path) -> TrainSpec:
    """A run that leaves nothing as it is by default."""
    return TrainSpec(
        path=str(files / "train.py"),
        shown="train.py",
        name="build",
        call="64, act='relu'",
        input_shapes=((None, (None, 28, 28, 1), None),),
        arguments=("--fast", "a b"),
        data=TrainingData(kind="csv", paths=(str(files / "table.csv"),), target="-price", validation_split=0.25),
        compilation=Compilation(loss="mse", optimizer="sgd", learning_rate=1e-05, metrics=("mae", "mape")),
        trust=True,
        epochs=3,
        batch_size=64,
        keras=2,
        python="/usr/bin/python3",
        cwd=str(files / "elsewhere"),
        environment=(("A", "b=c"), ("EMPTY", "")),
        device="gpu:0,1",
        memory_growth=True,
        precision="mixed_float16",
        seed=0,
        checkpoint_every=5,
        checkpoint_best="val_loss",
        early_stopping="loss",
        patience=7,
        tensorboard=True,
        resumable=False,
        strategy="mirrored",
    )


def test_everything_that_can_be_chosen_goes_there_and_back(files: Path) -> None:
    spec = everything(files)
    # A field that is added later must not be forgotten here.
    plain = TrainSpec(path="", shown="")
    same = {field.name for field in dataclasses.fields(spec) if getattr(spec, field.name) == getattr(plain, field.name)}
    assert same == {"module", "root", "saved"}
    command = command_of(spec)
    assert command[:2] == ["kerascope", "train"]
    assert asked_for(*command[2:]) == spec


@pytest.mark.parametrize(
    "data",
    [
        TrainingData(kind="synthetic", samples=1024),
        TrainingData(kind="synthetic", samples=7, validation_split=0.5),
        TrainingData(kind="npz", paths=("data.npz",)),
        TrainingData(kind="npy", paths=("x.npy", "y.npy")),
        TrainingData(kind="images", paths=("images",)),
        TrainingData(kind="function", paths=("package.module:make",)),
    ],
    ids=lambda data: data.kind,
)
def test_every_kind_of_data_goes_there_and_back(files: Path, data: TrainingData) -> None:
    if data.kind != "function":
        data = dataclasses.replace(data, paths=tuple(str(files / path) for path in data.paths))
    spec = TrainSpec(path=str(files / "train.py"), shown="train.py", data=data)
    assert asked_for(*command_of(spec)[2:]) == spec


def test_no_metrics_are_not_the_same_as_metrics_not_named(files: Path) -> None:
    assert asked_for("train.py", "--synthetic", "--metrics").compilation.metrics == ()
    assert asked_for("train.py", "--synthetic").compilation.metrics is None


def test_command_leads_to_the_file_from_another_directory(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = asked_for("train.py")
    monkeypatch.chdir(files / "elsewhere")
    assert command_of(spec, keras=3)[2] == str(files / "train.py")
    assert asked_for(*command_of(spec)[2:]).path == spec.path


def test_what_is_taken_anyway_is_not_said(files: Path) -> None:
    spec = dataclasses.replace(asked_for("train.py"), python="/usr/bin/python3", cwd=os.fspath(files))
    assert command_of(spec, keras=3, python="/usr/bin/python3") == ["kerascope", "train", "train.py"]
    named = command_of(spec, runs_dir="old runs")
    assert named[3:] == ["--keras", "3", "--python", "/usr/bin/python3", "--runs-dir", "old runs"]


def test_file_that_asks_for_keras_2_gets_it(files: Path) -> None:
    (files / "old.py").write_text("import tf_keras\n")
    assert asked_for("old.py").keras == 2
    assert asked_for("old.py", "--keras", "3").keras == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train.py", "--data", "notes.txt"], "data of an unknown kind"),
        (["train.py", "--data", "none.npz"], "there is no data at none.npz"),
        (["train.py", "--data", "x.npy"], "expected two"),
        (["train.py", "--data", "x.npy", "data.npz"], "two .npy files"),
        (["train.py", "--data", "data.npz", "--synthetic"], "--synthetic as well"),
        (["train.py", "--data", "table.csv", "--target", "zz"], "table.csv has no column 'zz'; it has size, -price"),
        (["train.py", "--data", "data.npz", "--target", "price"], "only .csv and .tsv have columns"),
        (
            ["train.py", "--synthetic", "--early-stopping", "val_loss"],
            "no data for validation; give --validation-split",
        ),
        (["train.py", "--loss", "mse"], "--loss without --data or --synthetic"),
        (["train.py:net"], "leave the name out"),
    ],
)
def test_options_that_do_not_go_together_are_explained(files: Path, arguments: list[str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        asked_for(*arguments)


def test_missing_file_is_an_error_of_starting(files: Path) -> None:
    with pytest.raises(TrainError, match="does not exist"):
        asked_for("none.py")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "0"],
        ["--epochs", "ten"],
        ["--learning-rate", "nan"],
        ["--validation-split", "1"],
        ["--device", "gpu:"],
        ["--env", "NAME"],
        ["--cwd", "nowhere"],
        ["--seed", "-1"],
        ["--synthetic", "train.py"],
    ],
    ids=" ".join,
)
def test_values_that_mean_nothing_are_usage_errors(
    files: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        asked_for("train.py", *arguments)
    assert end.value.code == 64
    assert arguments[1] in capsys.readouterr().err


def test_data_of_a_function_in_a_file_has_an_absolute_path(files: Path) -> None:
    assert data_of(["train.py:make"]).paths == (f"{files / 'train.py'}:make",)
    with pytest.raises(ValueError, match=r"there is no data at none\.py"):
        data_of(["none.py:make"])
