"""The verdict on every `fit` of a program against what the same `fit` really does, under both generations.

`fit_cases.py` holds the programs' lines. Every line is one training call; the oracle really trains, ours only looks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.fit_cases import CASES, PRELUDE, STRETCHED

from kerascope.graph import Fit, Inspection, Severity
from kerascope.rules import find

if TYPE_CHECKING:
    from tests.conftest import Looker

    from kerascope.graph import Finding

pytestmark = [pytest.mark.keras, pytest.mark.timeout(300)]

FIRST = PRELUDE.count("\n") + 1
"""The line of the first case."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases in one file, one a line."""
    path = tmp_path_factory.mktemp("fit") / "training.py"
    path.write_text(PRELUDE + "\n".join(f"note({case})" for case in CASES) + "\n")
    return path


@pytest.fixture(scope="module")
def trained(program: Path) -> dict[str, dict[int, Any]]:
    """What really training says of every line, by generation; both train at the same time."""
    oracle = str(Path(__file__).with_name("fit_oracle.py"))
    running = {
        generation: subprocess.Popen(
            [sys.executable, oracle, generation, str(program)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=program.parent,
        )
        for generation in ("3", "2")
    }
    try:
        outputs = {generation: process.communicate(timeout=280)[0] for generation, process in running.items()}
    finally:
        for process in running.values():
            process.kill()
    return {
        generation: {int(line): answer for line, answer in json.loads(output).items()}
        for generation, output in outputs.items()
    }


@pytest.fixture(scope="module", params=["3", "2"])
def generation(request: pytest.FixtureRequest) -> str:
    """Both Keras generations, one after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def looked(looker: Looker, program: Path, generation: str) -> Inspection:
    """What looking says of the same file."""
    inspection = looker.look(program, keras=generation, timeout=180)
    assert inspection.failure is None
    assert inspection.notes == ()
    return inspection


def verdict(findings: list[Finding]) -> str:
    """`raises`, `stretched` or `right`."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return "raises"
    return "stretched" if Severity.WARNING in severities else "right"


def by_line(inspection: Inspection) -> dict[int, list[Finding]]:
    """The findings about training, by line."""
    found: dict[int, list[Finding]] = {}
    for finding in inspection.findings:
        if finding.rule in ("KS401", "KS402"):
            assert finding.line is not None
            found.setdefault(finding.line, []).append(finding)
    return found


def test_every_verdict_is_what_training_does(
    looked: Inspection, trained: dict[str, dict[int, Any]], generation: str
) -> None:
    truth, ours = trained[generation], by_line(looked)
    # Losses that only the other generation has make no call at all.
    assert len(truth) > len(CASES) * 0.7
    wrong = {}
    for line, answer in truth.items():
        case = CASES[line - FIRST]
        runs = "stretched" if case in STRETCHED else "right"
        expected = "raises" if answer["error"] is not None else runs
        if verdict(ours.get(line, [])) != expected:
            wrong[case] = (expected, [finding.message for finding in ours.get(line, [])], answer["error"])
    assert wrong == {}
    assert set(ours) <= set(truth)


def test_all_three_verdicts_occur(trained: dict[str, dict[int, Any]], looked: Inspection) -> None:
    verdicts = [verdict(findings) for findings in by_line(looked).values()]
    assert verdicts.count("raises") > 40
    assert verdicts.count("stretched") > 15


def test_a_history_has_the_keys_that_training_gives_it(
    looked: Inspection, trained: dict[str, dict[int, Any]], generation: str
) -> None:
    ours: dict[int, list[str]] = {}
    for text in looked.output.splitlines():
        if text.startswith("KEYS "):
            line, *keys = text.split()[1:]
            ours[int(line)] = keys
    theirs = {
        line: answer["keys"]
        for line, answer in trained[generation].items()
        if answer["error"] is None and answer["keys"]
    }
    assert len(theirs) > 60
    different = {CASES[line - FIRST]: (ours.get(line), keys) for line, keys in theirs.items() if ours.get(line) != keys}
    assert different == {}
    # Where all that is measured was told beforehand, it is that.
    told = {
        fit.line: set(fit.measures)
        for model in looked.models
        for fit in model.fits
        if fit.measures and fit.method == "fit" and fit.line in theirs
    }
    assert len(told) > 50
    differing = {
        CASES[line - FIRST]: (names, theirs[line]) for line, names in told.items() if names != set(theirs[line])
    }
    assert differing == {}


def test_every_finding_says_what_is_wrong_and_what_keras_says(looked: Inspection) -> None:
    for finding in looked.findings:
        if finding.rule in ("KS401", "KS402") and finding.severity is Severity.ERROR:
            assert finding.message.endswith("will raise") or finding.message.endswith("when it first validates")
            assert "None of" not in finding.message


# The question this began with.


def test_the_questions_own_file(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "sequential_discarded.py", keras=generation)
    (finding,) = [finding for finding in inspection.findings if finding.rule == "KS402"]
    lines = (samples / "sequential_discarded.py").read_text().splitlines()
    assert finding.line is not None
    assert lines[finding.line - 1].startswith("sample_model.fit(")
    if generation == "3":
        assert finding.severity is Severity.ERROR
        assert finding.message == (
            "target (10,) and output (10, 16) have different ranks; binary_crossentropy needs the same; fit will raise"
        )
    else:
        assert finding.severity is Severity.WARNING
        assert finding.message == "y (10,) is broadcast against 16 outputs; fit runs but means something else"
    assert finding.fix is not None
    assert "1 unit in place of 16" in finding.fix.description


# What is recorded.


def look_at(looker: Looker, path: Path, generation: str, text: str) -> Inspection:
    path = path / "model_file.py"
    path.write_text("import keras, numpy as np\nfrom keras import layers\nz = np.zeros\n" + text)
    return looker.look(path, keras=generation)


def only_fit(inspection: Inspection) -> Fit:
    """The one training call of the one model."""
    assert inspection.failure is None, inspection.failure
    (fit,) = [fit for model in inspection.models for fit in model.fits]
    return fit


NET = "m = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\nm.compile('sgd', 'mse')\n"


def test_what_was_passed_is_recorded(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = NET + (
        "m.fit(z((64, 4), 'float32'), z((64, 2)), batch_size=16, epochs=5, validation_data=(z((8, 4)), z((8, 2))),\n"
        "      sample_weight=z((64,)), callbacks=[keras.callbacks.EarlyStopping()])\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    fit = only_fit(inspection)
    assert (fit.method, fit.line, fit.kind, fit.batch_size, fit.epochs) == ("fit", 6, "arrays", 16, 5)
    assert [(spec.shape, spec.dtype) for spec in fit.x] == [((64, 4), "float32")]
    assert [(spec.shape, spec.dtype) for spec in fit.y] == [((64, 2), "float64")]
    assert [spec.shape for spec in fit.weights] == [(64,)]
    assert [spec.shape for spec in fit.validation] == [(8, 4), (8, 2)]
    assert (fit.callbacks, fit.loss, fit.unknown) == (("EarlyStopping",), ("mse",), None)
    assert "line 6: fit was skipped: x (64, 4) float32; y (64, 2) float64" in inspection.output
    assert find(inspection) == ()


def test_a_generator_is_not_consumed(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = NET + (
        "def batches():\n    for number in range(3):\n        print('READ', number)\n"
        "        yield z((2, 9)), z((2, 9))\n"
        "data = batches()\nm.fit(data, steps_per_epoch=3)\nassert len(list(data)) == 3\nprint('ALL THREE')\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    fit = only_fit(inspection)
    assert (fit.kind, fit.x, fit.steps) == ("generator", (), 3)
    assert fit.unknown == "what a generator gives is not known until it is read"
    assert inspection.output.index("fit was skipped") < inspection.output.index("READ 0")
    assert "ALL THREE" in inspection.output
    assert inspection.findings == ()


def test_one_item_of_a_sequence_tells_its_shapes(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = NET + (
        "class Data(keras.utils.Sequence):\n"
        "    def __len__(self):\n        return 5\n"
        "    def __getitem__(self, number):\n        print('ITEM', number)\n        return z((8, 4)), z((8, 3))\n"
        "for epoch in range(3):\n    m.fit(Data())\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    fit = only_fit(inspection)
    assert (fit.kind, fit.count, [spec.shape for spec in fit.y]) == ("PyDataset", 3, [(8, 3)])
    assert inspection.output.count("ITEM") == 1
    assert [finding.rule for finding in inspection.findings] == ["KS402"]


def test_a_data_set_is_known_by_its_specification(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = NET + (
        "import tensorflow as tf\n"
        "def failing(x, y):\n"
        "    tf.debugging.assert_less(tf.reduce_sum(x), tf.constant(-1.0, x.dtype))\n    return x, y\n"
        "m.fit(tf.data.Dataset.from_tensor_slices((z((10, 4)), z((10, 3)))).map(failing).batch(5))\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    fit = only_fit(inspection)
    assert (fit.kind, [spec.shape for spec in fit.x]) == ("tf.data", [(None, 4)])
    (finding,) = inspection.findings
    assert (
        finding.message
        == "target (None, 3) and output (None, 2) have different sizes; mse needs the same; fit will raise"
    )
    assert finding.fix is not None
    assert "3 units in place of 2" in finding.fix.description


# What is not claimed.


UNKNOWN = {
    "an own train_step": (
        "class Net(keras.Sequential):\n    def train_step(self, data):\n        return {}\n"
        "m = Net([keras.Input((4,)), layers.Dense(2)])\nm.compile('sgd', 'mse')\nm.fit(z((10, 5)), z((10, 7)))\n",
        "the model has its own train_step",
    ),
    "an own compute_loss": (
        "class Net(keras.Sequential):\n    def compute_loss(self, **kwargs):\n        return 0.0\n"
        "m = Net([keras.Input((4,)), layers.Dense(2)])\nm.compile('sgd', 'mse')\nm.fit(z((10, 4)), z((10, 7)))\n",
        "the model has its own compute_loss",
    ),
    "an own compile": (
        "class Net(keras.Sequential):\n    def compile(self, **kwargs):\n        super().compile('sgd', 'mse')\n"
        "m = Net([keras.Input((4,)), layers.Dense(2)])\nm.compile()\nm.fit(z((10, 4)), z((10, 7)))\n",
        "the model has its own compile",
    ),
    "an own loss, which is not called": (
        "def my_loss(t, p):\n    raise SystemExit('called')\n"
        "m = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\nm.compile('sgd', my_loss)\n"
        "m.fit(z((10, 4)), z((10, 7)))\n",
        "the loss my_loss is the file's own and was not called",
    ),
    "an own Loss class, which is not called": (
        "class Mine(keras.losses.Loss):\n    def call(self, t, p):\n        raise SystemExit('called')\n"
        "m = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\nm.compile('sgd', Mine(name='mine'))\n"
        "m.fit(z((10, 4)), z((10, 7)))\n",
        "the loss mine is the file's own and was not called",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_nothing_is_claimed_of(looker: Looker, tmp_path: Path, generation: str, name: str) -> None:
    text, reason = UNKNOWN[name]
    inspection = look_at(looker, tmp_path, generation, text)
    assert only_fit(inspection).unknown == reason
    assert inspection.findings == ()
    assert inspection.notes == ()


@pytest.mark.parametrize("rest", ["", "late = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\n"])
def test_what_cannot_live_without_training_is_a_note(
    looker: Looker, tmp_path: Path, generation: str, rest: str
) -> None:
    text = NET + "m.fit(z((10, 4)), z((10, 2)))\nopen('what_training_writes.csv')\n" + rest
    inspection = look_at(looker, tmp_path, generation, text)
    assert inspection.failure is None
    assert inspection.findings == ()
    (note,) = inspection.notes
    assert note.line == 7
    # What stands behind it is looked at tolerantly, where it may make models.
    assert note.message.startswith("skipped: " if rest else "after the models were complete")
    assert len(inspection.models) == 1 + bool(rest)


def test_weights_stay_lazy_while_a_step_is_rehearsed(looker: Looker, tmp_path: Path, generation: str) -> None:
    # 40 GB of weights, and data that has to be sent through the model to be judged.
    text = (
        "m = keras.Sequential([keras.Input((100000,)), layers.Dense(100000), layers.Dense(2)])\n"
        "m.compile('sgd', 'mse')\nm.fit(np.broadcast_to(0.0, (10, 99999)), z((10, 2)))\n"
    )
    (finding,) = look_at(looker, tmp_path, generation, text).findings
    assert (finding.rule, finding.severity) == ("KS401", Severity.ERROR)


def test_what_was_recorded_is_not_changed_by_asking(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = (
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.d = layers.Dense(2)\n    def call(self, x):\n        return self.d(x)\n"
        "m = Net()\nm(keras.Input((4,)))\nm.compile('sgd', 'mse', metrics=['mae'])\nm.fit(z((10, 5)), z((10, 2)))\n"
        "after = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\nprint('NAME', after.name, m.metrics_names)\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    model = inspection.models[0]
    assert [layer.effective for layer in model.layers] == [((None, 4),)]
    assert "NAME sequential " in inspection.output
    assert [finding.rule for finding in inspection.findings] == ["KS401"]


def test_each_line_that_trains_a_model_has_its_own_finding(looker: Looker, tmp_path: Path, generation: str) -> None:
    text = NET + (
        "def train(x, y):\n    m.fit(x, y)\n"
        "train(z((10, 4)), z((10, 3)))\ntrain(z((10, 5)), z((10, 2)))\nm.evaluate(z((10, 4)), z((10, 7)))\n"
    )
    inspection = look_at(looker, tmp_path, generation, text)
    assert [(finding.rule, finding.line) for finding in inspection.findings] == [
        ("KS401", 7),
        ("KS402", 7),
        ("KS402", 10),
    ]
