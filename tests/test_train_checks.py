"""What a look means for a training: what is refused, told, or asked about."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from kerascope._cli._checking import concerns_of
from kerascope._cli._train import Refusal, agreed, let_pass
from kerascope.graph import Failure, Finding, Fit, Inspection, Layer, Model, Severity, Source, SourceKind
from kerascope.runs import TrainingData, TrainSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = TrainSpec(path="/x/train.py", shown="train.py")
WITH_DATA = TrainSpec(path="/x/train.py", shown="train.py", data=TrainingData(kind="synthetic"))
SAVED = TrainSpec(path="/x/m.keras", shown="m.keras", saved=True, data=TrainingData(kind="synthetic"))


def finding(rule: str, severity: Severity, message: str = "what is wrong") -> Finding:
    return Finding(
        rule=rule, name="n", severity=severity, message=message, why="", path="train.py", line=7, layer="dense"
    )


def looked(
    *findings: Finding, fits: Sequence[Fit] = (), text: str | None = "import keras\n", failure: Failure | None = None
) -> Inspection:
    output = Layer(id="m:d", uid=1, name="d", class_name="Softmax", output=((None, 3),))
    model = Model(name="net", class_name="Sequential", built=True, layers=(output,), fits=tuple(fits))
    source = Source(path="train.py", kind=SourceKind.PYTHON, executed=True, text=text)
    return Inspection(source=source, models=(model,), findings=findings, failure=failure)


FIT = Fit(method="fit", line=3)


def test_misfit_of_the_own_data_is_fatal_and_of_no_account_for_other_data() -> None:
    inspection = looked(finding("KS401", Severity.ERROR), finding("KS402", Severity.WARNING, "stretched"), fits=[FIT])
    own = concerns_of(inspection, SPEC)
    assert own.fatal == ("what is wrong (KS401, train.py:7)",)
    assert own.told == ("warning KS402, train.py:7: stretched",)
    other = concerns_of(inspection, WITH_DATA)
    assert (other.fatal, other.told) == ((), ())


def test_findings_are_told_without_what_is_harmless() -> None:
    inspection = looked(finding("KS101", Severity.WARNING, "dropped"), finding("KS102", Severity.INFO), fits=[FIT])
    concerns = concerns_of(inspection, SPEC)
    assert concerns.told == ("warning KS101, train.py:7: dropped",)
    assert concerns.fatal == ()
    assert concerns.nothing_trained is None


def test_failed_look_is_only_told() -> None:
    failure = Failure(kind="exception", message="train.py raised KeyError: 'x'\nmore")
    concerns = concerns_of(looked(failure=failure), SPEC)
    assert concerns.told == (
        "the look at train.py failed, so that little is known of it: train.py raised KeyError: 'x'",
    )
    assert concerns.nothing_trained is None
    let_pass(concerns, anyway=False)


@pytest.mark.parametrize("text", ["import keras\n", "import keras\nmodel.compile('adam')\n", "not python ("])
def test_file_that_trains_nothing_is_told_what_fits(text: str) -> None:
    concerns = concerns_of(looked(text=text), SPEC)
    assert concerns.nothing_trained is not None
    assert "--loss sparse_categorical_crossentropy --metrics accuracy" in concerns.nothing_trained
    with pytest.raises(Refusal, match="--anyway") as refusal:
        let_pass(concerns, anyway=False)
    assert refusal.value.code == 64
    let_pass(concerns, anyway=True)
    assert concerns_of(looked(text=text), WITH_DATA).nothing_trained is None


@pytest.mark.parametrize("call", ["net.fit(x)", "net.train_on_batch(x)", "if main: net.fit(x)", "tf.GradientTape()"])
def test_training_that_a_look_does_not_reach_counts(call: str) -> None:
    assert concerns_of(looked(text=f"{call}\n"), SPEC).nothing_trained is None


def test_saved_model_with_code_has_to_be_trusted() -> None:
    concerns = concerns_of(looked(finding("KS501", Severity.WARNING), finding("KS502", Severity.WARNING)), SAVED)
    assert concerns.untrusted is not None
    assert "KS501, and 1 more" in concerns.untrusted
    assert "--trust" in concerns.untrusted
    assert concerns.told == ()
    assert concerns_of(looked(), SAVED).untrusted is None


def test_saved_model_that_cannot_be_read_is_not_loaded_either() -> None:
    failure = Failure(kind="malformed", message="it is cut off")
    assert concerns_of(looked(failure=failure), SAVED).untrusted is not None


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
    concerns = concerns_of(looked(finding("KS401", Severity.ERROR), fits=[FIT]), SPEC)
    if started:
        let_pass(concerns, anyway=False)
    else:
        with pytest.raises(Refusal, match="nothing was started"):
            let_pass(concerns, anyway=False)
    assert "this run will fail at the first batch because what is wrong" in said.getvalue()
    assert said.getvalue().endswith("start anyway? [y/N] ")


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert not agreed()
