"""What a look means for a training: what is refused, told, or asked about."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.runs.test_arrays import archive

from kerascope._cli._checking import fatal_lines, told_lines, untrusted_line
from kerascope._cli._train import Refusal, _refuse_absent, agreed, let_pass
from kerascope._concerns import Concerns, concerns_of, input_names, unmeasured
from kerascope.graph import Failure, Finding, Fit, Inspection, Layer, Model, Severity, Source, SourceKind
from kerascope.runs import Compilation, TrainingData, TrainSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPEC = TrainSpec(path="/x/train.py", shown="train.py")
WITH_DATA = TrainSpec(path="/x/train.py", shown="train.py", data=TrainingData(kind="synthetic"))
OUTPUT = Layer(id="m:d", uid=1, name="d", class_name="Softmax", output=((None, 3),))
SAVED = TrainSpec(path="/x/m.keras", shown="m.keras", saved=True, data=TrainingData(kind="synthetic"))


def finding(rule: str, severity: Severity, message: str = "what is wrong") -> Finding:
    return Finding(
        rule=rule, name="n", severity=severity, message=message, why="", path="train.py", line=7, layer="dense"
    )


def looked(
    *findings: Finding, fits: Sequence[Fit] = (), text: str | None = "import keras\n", failure: Failure | None = None
) -> Inspection:
    model = Model(name="net", class_name="Sequential", built=True, layers=(OUTPUT,), fits=tuple(fits))
    source = Source(path="train.py", kind=SourceKind.PYTHON, executed=True, text=text)
    return Inspection(source=source, models=(model,), findings=findings, failure=failure)


FIT = Fit(method="fit", line=3)


def judged(inspection: Inspection, spec: TrainSpec) -> Concerns:
    return concerns_of(inspection, own=spec.data is None, saved=spec.saved)


def told(inspection: Inspection, spec: TrainSpec) -> tuple[str, ...]:
    return tuple(told_lines(judged(inspection, spec), spec))


def test_misfit_of_the_own_data_is_fatal_and_of_no_account_for_other_data() -> None:
    inspection = looked(finding("KS402", Severity.WARNING, "stretched"), finding("KS401", Severity.ERROR), fits=[FIT])
    own = judged(inspection, SPEC)
    assert [each.rule for each in own.found] == ["KS401", "KS402"]
    assert own.grave
    assert tuple(fatal_lines(own, SPEC)) == (
        "this run will fail at the first batch because what is wrong (KS401, train.py:7)",
    )
    assert told(inspection, SPEC) == ("warning KS402, train.py:7: stretched",)
    assert judged(inspection, WITH_DATA) == Concerns()


def test_findings_are_told_without_what_is_harmless() -> None:
    inspection = looked(finding("KS101", Severity.WARNING, "dropped"), finding("KS102", Severity.INFO), fits=[FIT])
    concerns = judged(inspection, SPEC)
    assert told(inspection, SPEC) == ("warning KS101, train.py:7: dropped",)
    assert concerns.fatal == ()
    assert not concerns.grave


def test_failed_look_is_only_told() -> None:
    failure = Failure(kind="exception", message="train.py raised KeyError: 'x'\nmore")
    inspection = looked(failure=failure)
    assert told(inspection, SPEC) == (
        "the look at train.py failed, so that little is known of it: train.py raised KeyError: 'x'",
    )
    concerns = judged(inspection, SPEC)
    assert not concerns.grave
    let_pass(concerns, inspection, SPEC, anyway=False)


@pytest.mark.parametrize("text", ["import keras\n", "import keras\nmodel.compile('adam')\n", "not python ("])
def test_file_that_trains_nothing_is_told_what_fits(text: str) -> None:
    inspection = looked(text=text)
    concerns = judged(inspection, SPEC)
    assert concerns.trains_nothing
    with pytest.raises(
        Refusal, match=r"--loss sparse_categorical_crossentropy --metrics accuracy.*--anyway"
    ) as refusal:
        let_pass(concerns, inspection, SPEC, anyway=False)
    assert refusal.value.code == 64
    let_pass(concerns, inspection, SPEC, anyway=True)
    assert not judged(inspection, WITH_DATA).trains_nothing
    assert not judged(inspection, SAVED).trains_nothing


@pytest.mark.parametrize("call", ["net.fit(x)", "net.train_on_batch(x)", "if main: net.fit(x)", "tf.GradientTape()"])
def test_training_that_a_look_does_not_reach_counts(call: str) -> None:
    assert not judged(looked(text=f"{call}\n"), SPEC).trains_nothing


def test_an_empty_file_trains_nothing() -> None:
    assert judged(looked(text="", failure=Failure(kind="empty", message="pk/__init__.py is empty.")), SPEC).grave


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    failure = Failure(kind="target", message="train.py has no 'zz'", hint="in this file are net")
    inspection = looked(failure=failure)
    concerns = judged(inspection, WITH_DATA)
    assert concerns.absent == "train.py has no 'zz'; in this file are net"
    assert concerns.grave
    unknown = replace(looked(), unknown_name="Keras 3.15.1 knows no loss 'mss'")
    assert judged(unknown, WITH_DATA).absent == "Keras 3.15.1 knows no loss 'mss'"
    # What was skipped because something is not installed here may have made it.
    for each in (inspection, unknown):
        assert judged(replace(each, stood_in=("cv2",)), WITH_DATA).absent is None


def test_names_of_inputs_are_those_of_all_models() -> None:
    inputs = [Layer(id=name, uid=1, name=name, class_name="InputLayer", is_input=True) for name in ("image", "meta")]
    model = Model(name="net", class_name="Functional", built=True, layers=(*inputs, OUTPUT))
    assert input_names([model, model]) == ("image", "meta")


def test_data_of_another_shape_is_refused(tmp_path: Path) -> None:
    entry = Layer(id="in", uid=1, name="in", class_name="InputLayer", is_input=True, output=((None, 4),))
    model = Model(name="net", class_name="Functional", built=True, layers=(entry, replace(OUTPUT, inbound=("in",))))
    inspection = replace(looked(), models=(model,))

    def refuse(loss: str | None = None, **shapes: tuple[int, ...]) -> None:
        data = archive(tmp_path / "data.npz", **shapes)
        spec = replace(WITH_DATA, data=data, compilation=Compilation(loss=loss))
        _refuse_absent(inspection, judged(inspection, spec), spec)

    refuse(x=(9, 4), y=(9,))
    with pytest.raises(Refusal, match=r"the data is \(9, 5\), the model takes \(None, 4\)") as refused:
        refuse(x=(9, 5), y=(9,))
    assert refused.value.code == 64
    with pytest.raises(Refusal, match="categorical_crossentropy needs a target of the output's shape"):
        refuse("categorical_crossentropy", x=(9, 4), y=(9,))


MEASURED = replace(FIT, line=1, measures=("loss", "accuracy", "val_loss", "val_accuracy"))


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        (
            "val_los",
            "no fit of the file measures 'val_los'; it measures loss, accuracy, val_loss, val_accuracy; did you mean "
            "val_loss?",
        ),
        ("zz", "no fit of the file measures 'zz'; it measures loss, accuracy, val_loss, val_accuracy"),
        ("val_accuracy", None),
        ("learning_rate", None),
    ],
)
def test_a_metric_that_no_fit_measures(metric: str, sentence: str | None) -> None:
    text = "net.fit(x, y)\n"
    inspection = looked(fits=[MEASURED], text=text)
    assert unmeasured(inspection, metric) == sentence
    spec = replace(SPEC, early_stopping=metric)
    if sentence is not None:
        with pytest.raises(Refusal, match=f"--early-stopping {metric}: no fit of the file measures"):
            _refuse_absent(inspection, judged(inspection, spec), spec)
    # Nobody knows where a call was not seen, where one measures more, or where something is not as it will be.
    assert unmeasured(looked(fits=[MEASURED], text=text + "other.fit(x)\n"), metric) is None
    assert unmeasured(looked(fits=[MEASURED, replace(MEASURED, measures=())], text=text), metric) is None
    assert unmeasured(replace(inspection, stood_in=("cv2",)), metric) is None
    assert unmeasured(looked(), metric) is None


def test_a_metric_of_a_validation_that_there_is_not() -> None:
    inspection = looked(fits=[replace(MEASURED, measures=("loss", "mae"))], text="net.fit(x, y)\n")
    assert unmeasured(inspection, "val_mae") == (
        "no fit of the file has validation data, which val_mae needs; it measures loss, mae"
    )


def test_saved_model_with_code_has_to_be_trusted() -> None:
    concerns = judged(looked(finding("KS501", Severity.WARNING), finding("KS502", Severity.WARNING)), SAVED)
    assert concerns.suspect
    assert "KS501, and 1 more" in untrusted_line(concerns, SAVED)
    assert "--trust" in untrusted_line(concerns, SAVED)
    assert concerns.found == ()
    assert not judged(looked(), SAVED).suspect


def test_saved_model_that_cannot_be_read_is_not_loaded_either() -> None:
    failure = Failure(kind="malformed", message="it is cut off")
    concerns = judged(looked(failure=failure), SAVED)
    assert concerns.suspect
    assert "nobody knows whether it carries code" in untrusted_line(concerns, SAVED)


class Terminal(io.StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "started"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_what_will_fail_is_asked_about_at_a_terminal(
    answer: str, started: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", said)
    inspection = looked(finding("KS401", Severity.ERROR), fits=[FIT])
    concerns = judged(inspection, SPEC)
    if started:
        let_pass(concerns, inspection, SPEC, anyway=False)
    else:
        with pytest.raises(Refusal, match="nothing was started"):
            let_pass(concerns, inspection, SPEC, anyway=False)
    assert "this run will fail at the first batch because what is wrong" in said.getvalue()
    assert said.getvalue().endswith("start anyway? [y/N] ")


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert not agreed()
