"""The form that starts a training: what stands in it, what it asks for, and what its keys do."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.runs.test_arrays import archive

from kerascope.app._desk import Desk
from kerascope.app._local_runs import LocalRuns
from kerascope.app._settings import Settings
from kerascope.app._train_facts import TrainFacts, facts_of
from kerascope.app._train_fields import FIELDS
from kerascope.app._train_form import Form, form_of
from kerascope.app._train_words import about_lines, doubts
from kerascope.app.screens.confirm import ConfirmScreen
from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.run import RunScreen
from kerascope.app.screens.train import TrainScreen
from kerascope.app.widgets.bars import StatusBar
from kerascope.app.widgets.form_pane import FormPane
from kerascope.graph import Argument, DataSpec, Failure, Finding, Fit, Severity, Target
from kerascope.runs import Compilation, TrainingData, create_run, read_run
from kerascope.runs._arrays import ModelPorts

if TYPE_CHECKING:
    from kerascope.graph import Inspection
    from kerascope.runs import Run, TrainSpec

PATH = "/home/ada/train.py"
TARGET = Target(path="train.py")


class FakeTrainer:
    """Makes the directory of a run, and starts nothing."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.started: list[tuple[TrainSpec, str | None]] = []
        self.error: Exception | None = None

    async def start(self, spec: TrainSpec, text: str | None = None) -> Run:
        if self.error is not None:
            raise self.error
        self.started.append((spec, text))
        return read_run(create_run(spec, self.runs, text=text))

    async def resume(self, run: Run) -> Run:
        raise NotImplementedError("no test here asks for this")


def mismatch(severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        rule="KS402",
        name="fit-target-mismatch",
        severity=severity,
        message="The target has 10 columns, the output 3.",
        why="",
        model="net",
    )


def fitting(states: Any, *findings: Finding) -> Inspection:
    """A program with a fit call of its own."""
    data = DataSpec(name=None, shape=(600, 28, 28, 1), dtype="float32")
    fit = Fit(method="fit", line=30, x=(data,), y=(replace(data, shape=(600,)),), epochs=5, batch_size=64)
    model = states.model(states.layer("dense", line=4), fits=(fit,))
    made: Inspection = states.inspection(model, text="import keras\n", findings=findings)
    assert made.engine is not None
    return replace(made, engine=replace(made.engine, python="/usr/bin/env"))


def defining(states: Any, *findings: Finding) -> Inspection:
    """A program that only defines a model, ten classes by softmax."""
    softmax = replace(
        states.layer("dense", line=4, output=(None, 10)), arguments=(Argument(name="activation", value="'softmax'"),)
    )
    made: Inspection = states.inspection(states.model(softmax), text="import keras\n", findings=findings)
    assert made.engine is not None
    return replace(made, engine=replace(made.engine, python="/usr/bin/env"))


def facts(inspection: Inspection, **settings: Any) -> TrainFacts:
    return facts_of(TARGET, inspection, inspection.models[0], Settings(**settings))


@pytest.fixture
def form(states: Any) -> Form:
    """Of a program with a fit call."""
    return form_of(facts(fitting(states)))


@pytest.fixture
def given(states: Any) -> Form:
    """Of a program without one."""
    return form_of(facts(defining(states)))


# What it asks for


def test_a_file_with_fit_calls_is_run_as_it_is(form: Form) -> None:
    spec = form.spec
    assert spec is not None
    assert (spec.data, spec.epochs, spec.batch_size, spec.name) == (None, None, None, None)
    assert (spec.path, spec.shown, spec.keras, spec.python) == (PATH, "train.py", 3, "/usr/bin/env")
    assert form.shown("epochs") == ("as the file says (5)", True)
    assert form.shown("batch_size") == ("as the file says (64)", True)
    assert form.facts.fits[0].startswith("fit, line 30: x (600, 28, 28, 1) float32; y (600,)")
    assert form.command == f"kerascope train {PATH}"


def test_a_metric_that_the_file_does_not_measure_is_said_at_its_field(states: Any) -> None:
    made = fitting(states)
    fits = (replace(made.models[0].fits[0], measures=("loss", "accuracy")),)
    measuring = replace(made, models=(replace(made.models[0], fits=fits),))
    form = form_of(facts(measuring)).with_value("checkpoint_best", "acuracy")
    assert form.errors == {
        "checkpoint_best": "no fit of the file measures 'acuracy'; it measures loss, accuracy; did you mean accuracy?"
    }
    assert form.with_value("checkpoint_best", "accuracy").spec is not None
    assert form_of(facts(made)).with_value("checkpoint_best", "acuracy").spec is not None


def test_data_of_another_shape_is_said_at_its_field(given: Form, tmp_path: Path) -> None:
    archive(tmp_path / "data.npz", x=(9, 5), y=(9,))
    of_four = Form(replace(given.facts, ports=ModelPorts("in", (None, 4), None)), given.values)
    form = of_four.with_value("data", str(tmp_path / "data.npz"))
    assert form.errors == {"data": "the data is (9, 5), the model takes (None, 4)"}
    archive(tmp_path / "data.npz", x=(9, 4), y=(9,))
    assert of_four.with_value("data", str(tmp_path / "data.npz")).spec is not None


def test_what_is_overridden_is_in_the_command(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerascope.runs._gpus._count", lambda: 2)
    assert form.with_value("device", "gpu:2").errors == {
        "device": "GPU 2 was asked for and this machine has GPUs 0 to 1"
    }
    for key, text in {
        "epochs": "1,000",
        "device": "gpu:0,1",
        "seed": "7",
        "early_stopping": "val_loss",
        "tensorboard": "yes",
        "resumable": "no",
        "environment": "A=1 B='x y'",
        "arguments": "--lr 0.1",
    }.items():
        form = form.with_value(key, text)
    spec = form.spec
    assert spec is not None
    assert (spec.epochs, spec.device, spec.seed) == (1000, "gpu:0,1", 7)
    assert spec.environment == (("A", "1"), ("B", "x y"))
    assert spec.arguments == ("--lr", "0.1")
    assert (spec.early_stopping, spec.patience, spec.tensorboard, spec.resumable) == ("val_loss", 3, True, False)
    assert form.command == (
        f"kerascope train {PATH} --epochs 1000 --device gpu:0,1 --seed 7 --early-stopping val_loss --tensorboard "
        "--no-backup --env A=1 --env 'B=x y' -- --lr 0.1"
    )


def test_a_model_without_data_is_asked_for_it(given: Form, tmp_path: Path) -> None:
    assert given.spec is None
    assert given.errors["data"].startswith("received no data, expected .npz")
    assert given.shown("loss") == ("as compiled, else sparse_categorical_crossentropy", True)
    assert given.shown("metrics") == ("as compiled, else accuracy", True)
    table = tmp_path / "data.csv"
    table.write_text("size,label\n1,2\n")
    form = given.with_value("data", str(table)).with_value("target", "label").with_value("validation_split", "0.2")
    spec = form.spec
    assert spec is not None
    assert spec.data == TrainingData(kind="csv", paths=(str(table),), target="label", validation_split=0.2)
    # Left empty, the file's own compile is not overridden.
    assert spec.compilation == Compilation()
    assert (spec.epochs, form.shown("epochs")) == (None, ("1", True))
    assert "target" not in [field.key for field in given.fields]
    assert form.with_value("target", "zz").errors == {"target": "data.csv has no column 'zz'; it has size, label"}
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("pictures.npy", b"")
    form = Form(replace(given.facts, inputs=("image",)), {**given.values, "data": str(tmp_path / "data.npz")})
    assert form.errors["data"].startswith("data.npz holds pictures; none of them is called x")


def test_a_name_that_is_not_there_will_fail(states: Any) -> None:
    failure = Failure(kind="target", message="train.py has no 'zz'", hint="in this file are net")
    form = form_of(facts(replace(defining(states), failure=failure))).turned("source")
    assert doubts(form) == "This run will fail because train.py has no 'zz'; in this file are net. Start it anyway?"
    assert " --anyway " in form.command


def test_what_trains_where_a_look_does_not_go_is_no_doubt(states: Any, given: Form) -> None:
    assert doubts(given.turned("source", -1)) != ""
    made = defining(states)
    reached = replace(made, source=replace(made.source, text="if late: net.fit(x)\n"))
    form = form_of(facts(reached)).turned("source", -1)
    assert (form.own, doubts(form)) == (True, "")


def test_random_data_needs_nothing(given: Form) -> None:
    form = given.turned("source").with_value("loss", "mse").with_value("metrics", "mae, mse")
    spec = form.spec
    assert spec is not None
    assert spec.data == TrainingData(kind="synthetic", samples=1024)
    assert spec.compilation == Compilation(loss="mse", metrics=("mae", "mse"))
    assert "--synthetic 1024 --loss mse --metrics mae mse" in form.command


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("epochs", "many", "received 'many', expected a whole number of epochs above 0, such as 10"),
        ("epochs", "0", "received '0', expected a whole number of epochs above 0"),
        ("batch_size", "1.5", "expected a whole number of samples above 0"),
        ("learning_rate", "-1", "expected a number above 0, such as 0.001"),
        ("learning_rate", "nan", "expected a number above 0"),
        ("validation_split", "1", "expected a part from 0 to below 1"),
        ("device", "tpu", "expected auto, cpu, gpu, or GPUs by their numbers, such as gpu:0,1"),
        ("seed", "-3", "expected a whole number from 0 to 4,294,967,295"),
        ("loss", "mean squared", "expected the name of a Keras loss"),
        ("cwd", "/no/such/place", "there is no directory /no/such/place"),
        ("python", "/no/python", "there is no interpreter /no/python"),
        ("environment", "A", "received 'A', expected NAME=VALUE"),
        ("arguments", "'x", "this cannot be split into arguments as a shell does it"),
        ("early_stopping", "val_loss", "needs data for validation"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(given: Form, key: str, text: str, expected: str) -> None:
    form = given.turned("source").with_value(key, text)
    assert expected in form.errors[key]
    assert list(form.errors) == [key]
    assert form.spec is None
    # The command is shown all the while, without what is wrong.
    assert form.command.startswith(f"kerascope train {PATH} --synthetic 1024")


def test_several_workers_need_keras_2_and_their_names(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SLURM_", "TF_CONFIG")):
            monkeypatch.delenv(name)
    form = form.with_value("strategy", "multiworker")
    assert form.errors["strategy"].startswith("Keras 3 cannot train over several workers")
    form = form.with_value("keras", "2")
    assert "TF_CONFIG" in form.errors["strategy"]
    config = '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}'
    form = form.with_value("environment", f"TF_CONFIG='{config}'")
    assert form.spec is not None
    assert "--keras 2" in form.command


def test_choices_go_round_and_what_was_typed_stands_before_the_first(form: Form) -> None:
    assert form.turned("device").values["device"] == "cpu"
    assert form.turned("device", -1).values["device"] == "gpu"
    assert form.with_value("device", "gpu:3").turned("device").values["device"] == "auto"
    assert [each.values["source"] for each in (form, form.turned("source"))] == ["own", "data"]


def test_a_saved_model_that_carries_code_is_trained_once_it_is_trusted(saved: Any) -> None:
    made = replace(saved.keras(), findings=())
    code = Finding(rule="KS501", name="code", severity=Severity.WARNING, message="A Lambda holds code.", why="")
    form = form_of(facts(replace(made, findings=(code,)))).turned("source")
    assert form.choices("source") == ("data", "synthetic")
    assert "choose yes to train it" in form.errors["trust"]
    spec = form.with_value("trust", "yes").spec
    assert spec is not None
    assert (spec.saved, spec.trust, spec.arguments) == (True, True, ())
    assert not form_of(facts(made)).concerns.suspect


def test_of_several_models_the_shown_one_is_trained(states: Any) -> None:
    layers = states.layer("dense", line=4)
    models = (states.model(layers, name="a", variable="first"), states.model(layers, name="b", made_by="build(64)"))
    made = states.inspection(*models, text="import keras\n")
    named = [facts_of(TARGET, made, model, Settings()) for model in models]
    assert [(each.name, each.call) for each in named] == [("first", None), ("build", "64")]
    alone = states.inspection(models[0], text="import keras\n")
    assert facts_of(TARGET, alone, models[0], Settings()).name is None
    asked = facts_of(Target(path="train.py", name="net"), made, models[0], Settings())
    assert asked.name == "net"


def test_a_module_runs_from_the_directory_above_it(states: Any) -> None:
    made = states.inspection(states.model(states.layer("dense")), text="import keras\n")
    found = facts_of(Target(path="x", module="ada.train"), made, made.models[0], Settings())
    assert (found.module, found.root, found.shown) == ("ada.train", "/home", "ada.train")


def test_named_options_of_the_command_line_are_in_the_command(states: Any) -> None:
    form = form_of(facts(fitting(states), keras="3", python="/usr/bin/env", runs_dir="/data/runs", arguments=("-v",)))
    assert form.command == (f"kerascope train {PATH} --keras 3 --python /usr/bin/env --runs-dir /data/runs -- -v")


# What is said before it starts


def test_only_findings_that_matter_are_said_errors_first(states: Any, form: Form) -> None:
    discarded = states.discarded_finding("dense", 4)
    other = replace(discarded, rule="KS301", severity=Severity.INFO)
    known = facts(fitting(states, discarded, other, mismatch()))
    assert [finding.rule for finding in known.own.found] == ["KS402", "KS101"]
    assert doubts(form_of(known)) == (
        "This run will fail at the first batch because the target has 10 columns, the output 3. Start it anyway?"
    )
    # Other data has nothing to do with that call.
    assert doubts(form_of(known).turned("source", -1)) == ""
    assert doubts(form_of(facts(fitting(states, mismatch(Severity.WARNING))))) == ""
    assert doubts(form) == ""


def test_what_is_meant_in_spite_of_all_is_in_the_command(states: Any, given: Form) -> None:
    doubtful = form_of(facts(fitting(states, mismatch()), arguments=("-v",)))
    assert doubtful.command == f"kerascope train {PATH} --anyway -- -v"
    nothing = given.turned("source", -1)
    assert doubts(nothing).startswith("No fit call was seen in train.py: it is run as it is")
    assert nothing.command.startswith(f"kerascope train {PATH} --anyway")
    assert "--anyway" not in given.command


def test_a_saved_model_is_trained_by_the_keras_that_wrote_it(saved: Any) -> None:
    made = saved.keras()
    assert made.file is not None
    old = replace(made, file=replace(made.file, generation=1))
    assert [facts(each).keras for each in (made, old)] == [3, 2]
    assert facts(old, keras="3").keras == 3


def test_a_look_that_failed_is_said(states: Any) -> None:
    failure = Failure(kind="exception", message="KeyError: 'x'\nmore")
    form = form_of(facts(replace(fitting(states), failure=failure)))
    assert doubts(form).startswith("The look at this file failed, and the run may end in the same way: KeyError: 'x'")


def test_what_finds_no_room_is_counted(states: Any) -> None:
    from kerascope.app._marks import marks_for

    many = [replace(states.discarded_finding("dense", 4), message=f"number {number}") for number in range(5)]
    form = form_of(facts(fitting(states, *many)))
    lines = [text for text, _ in about_lines(form, marks_for(False), 4)]
    assert lines[:2] == ["! KS101 number 0", "! KS101 number 1"]
    assert lines[2] == "  and 3 more findings: esc goes back to them"
    assert lines[3].startswith("fit, line 30")
    assert len(about_lines(form, marks_for(False), 10)) == 6


def test_what_ends_a_run_at_logout_is_said(states: Any) -> None:
    from kerascope.app._marks import marks_for

    form = form_of(replace(facts(fitting(states)), logout="systemd ends this run when you log out"))
    lines = [text for text, _ in about_lines(form, marks_for(False), 4)]
    assert lines[0] == "! systemd ends this run when you log out"
    assert lines[1].startswith("fit, line 30")


def test_every_field_says_what_it_is_for() -> None:
    assert len({field.key for field in FIELDS}) == len(FIELDS)
    for field in FIELDS:
        assert field.help
        assert field.choices or field.example, field.key


# On the screen


@pytest.fixture
def trainer(tmp_path: Path) -> FakeTrainer:
    return FakeTrainer(tmp_path / "runs")


@pytest.fixture
def desk(trainer: FakeTrainer) -> Desk:
    return Desk(LocalRuns(), trainer, Settings(runs_dir=str(trainer.runs)))


def said(s: Any) -> str:
    text: str = s.app.screen.query_one(StatusBar).text
    return text


def shown(s: Any) -> Form:
    form = s.app.screen.query_one(FormPane).form
    assert isinstance(form, Form)
    return form


async def test_a_run_is_started_and_followed_and_goes_on(
    stage: Any, states: Any, desk: Desk, trainer: FakeTrainer
) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk) as s:
        await s.press("t")
        assert isinstance(s.app.screen, TrainScreen)
        await s.press("enter", "3", "enter")
        assert "--epochs 3" in s.text()
        await s.press("S")
        await s.until(lambda: isinstance(s.app.screen, RunScreen))
        [(spec, text)] = trainer.started
        assert (spec.epochs, text) == (3, "import keras\n")
        [sentence] = desk.farewells()
        [run] = trainer.runs.iterdir()
        assert sentence.startswith(f"the run {run.name} goes on; `kerascope runs follow {run.name} --runs-dir ")
        await s.press("q")
        await s.until(lambda: s.app.screen is s.screen)
        # What stood in the form is kept while kerascope runs.
        await s.press("t")
        assert shown(s).values["epochs"] == "3"


async def test_what_will_fail_is_started_only_when_it_is_meant(
    stage: Any, states: Any, desk: Desk, trainer: FakeTrainer
) -> None:
    async with stage(fitting(states, mismatch()), target=TARGET, desk=desk) as s:
        await s.press("t", "S")
        assert isinstance(s.app.screen, ConfirmScreen)
        assert "This run will fail at the first batch because" in s.text()
        await s.press("enter", "escape")
        assert said(s) == "nothing was started"
        assert not trainer.started
        await s.press("S", "y")
        await s.until(lambda: isinstance(s.app.screen, RunScreen))
        assert len(trainer.started) == 1


async def test_wrong_fields_are_shown_before_anything_starts(
    stage: Any, states: Any, desk: Desk, trainer: FakeTrainer
) -> None:
    async with stage(defining(states), target=TARGET, desk=desk) as s:
        await s.press("t")
        assert "received no data" not in s.text(), "nobody has begun with that field"
        await s.press("G", "enter")
        assert "✗ received no data, expected .npz" in s.text()
        assert said(s) == "one field is not right yet"
        pane = s.app.screen.query_one(FormPane)
        assert pane.selected is not None
        assert pane.selected.key == "data"
        assert not trainer.started


async def test_a_run_that_cannot_be_started_leaves_the_form_open(
    stage: Any, states: Any, desk: Desk, trainer: FakeTrainer
) -> None:
    trainer.error = RuntimeError("there is no room left on /data")
    async with stage(fitting(states), target=TARGET, desk=desk) as s:
        await s.press("t", "S")
        await s.until(lambda: "there is no room left on /data" in said(s))
        assert isinstance(s.app.screen, TrainScreen)
        trainer.error = None
        await s.press("S")
        await s.until(lambda: isinstance(s.app.screen, RunScreen))


async def test_a_field_is_typed_where_it_stands(stage: Any, states: Any, desk: Desk) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk) as s:
        await s.press("t", "enter", "x")
        row = next(line for line in s.text().split("\n") if " epochs " in line)
        assert row.split() == ["▸", "epochs", "x"]
        assert "✗ received 'x', expected a whole number of epochs" in s.text()
        await s.press("escape")
        assert shown(s).values["epochs"] == ""
        assert "received" not in s.text()
        await s.press("enter", "7", "tab")
        assert shown(s).values["epochs"] == "7"
        pane = s.app.screen.query_one(FormPane)
        assert pane.has_focus
        assert pane.selected.key == "batch_size"
        await s.press("k", "x")
        assert shown(s).values["epochs"] == ""


async def test_keys_choose_fold_copy_and_leave(stage: Any, states: Any, desk: Desk) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk, size=(120, 40)) as s:
        await s.press("t")
        assert "strategy" not in s.text()
        await s.press("z")
        assert "strategy" in s.text()
        await s.press("g", "j", "space")
        assert shown(s).values["source"] == "data"
        await s.press("h")
        assert shown(s).values["source"] == "own"
        await s.press("y")
        await s.until(lambda: "asked the terminal" in said(s))
        assert s.app.clipboard == shown(s).command
        await s.press("question_mark")
        assert isinstance(s.app.screen, HelpScreen)
        assert "Copy the command line that starts the same run" in s.text()
        await s.press("escape", "escape")
        assert s.app.screen is s.screen


async def test_folded_groups_tell_what_was_changed_in_them(stage: Any, states: Any, desk: Desk) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk) as s:
        await s.press("t", "z")
        s.app.screen.query_one(FormPane).select("tensorboard")
        await s.press("space", "z")
        assert "TensorBoard yes" in next(line for line in s.text().split("\n") if "Checkpoints" in line)


async def test_nothing_is_trained_while_a_look_is_in_progress(stage: Any, states: Any, desk: Desk) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk, wait=False) as s:
        await s.press("t")
        assert s.app.screen is s.screen
        assert s.status() == "t trains what the look in progress finds, once it is done"


async def test_without_a_desk_there_is_nothing_to_train_with(stage: Any, states: Any) -> None:
    async with stage(fitting(states)) as s:
        await s.press("t", "L")
        assert s.app.screen is s.screen
        assert "t train" not in s.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)])
@pytest.mark.parametrize("kind", [fitting, defining])
async def test_goldens(
    stage: Any, states: Any, golden: Any, kind: Any, size: tuple[int, int], trainer: FakeTrainer
) -> None:
    desk = Desk(LocalRuns(), trainer, Settings())
    found = mismatch(), states.discarded_finding("dense", 4)
    async with stage(kind(states, *found), target=TARGET, desk=desk, size=size) as s:
        await s.press("t")
        cwd = str(Path.cwd())
        golden(f"train-{kind.__name__}-{size[0]}x{size[1]}", s.text().replace(cwd, "/here"))


async def test_golden_plain(
    stage: Any, states: Any, golden: Any, trainer: FakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk = Desk(LocalRuns(), trainer, Settings())
    async with stage(fitting(states, mismatch()), target=TARGET, desk=desk, ascii_only=True) as s:
        await s.press("t", "enter", "x")
        text = s.text()
        assert text.isascii()
        golden("train-plain", text)


async def test_a_small_window_says_so(stage: Any, states: Any, desk: Desk) -> None:
    async with stage(fitting(states), target=TARGET, desk=desk) as s:
        await s.press("t")
        await s.pilot.resize_terminal(50, 12)
        await s.pilot.pause()
        assert "at least 60 columns and 15 lines" in " ".join(s.text().split())
