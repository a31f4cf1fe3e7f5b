"""The graph against plain Keras, and the samples against the answers they were written to give."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Connection, Inspection, Layer, Provenance, Severity, Verdict

if TYPE_CHECKING:
    from tests.conftest import Looker

pytestmark = pytest.mark.keras

OTHERWISE = {"failing_build.py", "model_zoo.py", "subclassed_blocks.py"}
"""Samples that plain Keras's own list of layers says nothing of; each has a test of its own."""

SAMPLES = sorted(
    path.name for path in (Path(__file__).parents[2] / "sample_models").glob("*.py") if path.name not in OTHERWISE
)
GENERATIONS = ("3", "2")


@pytest.fixture(scope="session", params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    """Both Keras generations, one after the other."""
    return str(request.param)


def plain_keras(path: Path, generation: str, cwd: Path) -> dict[str, Any]:
    """What Keras itself says, without us."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("oracle.py")), generation, str(path)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def layers_of(inspection: Inspection) -> dict[str, Layer]:
    """All layers by name."""
    return {layer.name: layer for model in inspection.models for layer in model.layers}


def found(inspection: Inspection) -> list[tuple[str, int | None]]:
    """Rule and line of every finding."""
    return [(finding.rule, finding.line) for finding in inspection.findings]


@pytest.mark.parametrize("sample", SAMPLES)
def test_shapes_and_parameters_are_what_plain_keras_says(
    looker: Looker, samples: Path, tmp_path: Path, generation: str, sample: str
) -> None:
    ours = looker.look(samples / sample, keras=generation)
    theirs = plain_keras(samples / sample, generation, tmp_path)
    assert ours.failure is None
    models = [model for model in ours.models if model.name is not None]
    assert [model.name for model in models] == [model["name"] for model in theirs["models"]]
    for mine, truth in zip(models, theirs["models"], strict=True):
        assert mine.params is not None
        assert (mine.params.total, mine.params.trainable) == (truth["total"], truth["trainable"])
        # An explicit Input of a Sequential is a row of ours; Keras's own list leaves it out.
        names = {layer["name"] for layer in truth["layers"]}
        rows = [layer for layer in mine.layers if layer.name in names or not layer.is_input]
        assert [layer.name for layer in rows] == [layer["name"] for layer in truth["layers"]]
        for row, layer in zip(rows, truth["layers"], strict=True):
            assert row.class_name == layer["class_name"]
            assert [list(shape) for shape in row.effective or ()] == layer["effective"], row.name
            assert [list(shape) for shape in row.output or ()] == layer["output"], row.name
            assert row.params == layer["params"], row.name
            assert row.provenance is Provenance.KERAS


def test_sequential_discarded(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "sequential_discarded.py", keras=generation)
    layers = layers_of(inspection)
    first, second = layers["dense"], layers["dense_1"]
    assert first.verdict is Verdict.DECIDES
    assert first.effective == ((None, 4),)
    assert second.verdict is Verdict.DISCARDED
    assert second.declared is not None
    assert second.declared.shape == (None, 44)
    assert second.declared.argument == "input_shape"
    assert second.effective == ((None, 32),)
    assert second.decided_by == first.id
    assert (first.params, second.params) == (160, 528)
    assert second.location is not None
    # The file's own fit is wrong too (tests/engine/test_fit.py says how).
    assert found(inspection) == [("KS101", second.location.line), ("KS402", 14)]
    finding = inspection.findings[0]
    assert finding.severity is Severity.WARNING
    assert first.location is not None
    assert f"Line {first.location.line} made the input (None, 4)" in finding.why
    assert inspection.engine is not None
    assert inspection.engine.generation == int(generation)


def test_the_fix_removes_the_declaration_and_nothing_else(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "sequential_discarded.py", keras=generation)
    (finding,) = [finding for finding in inspection.findings if finding.rule == "KS101"]
    assert finding.fix is not None
    (edit,) = finding.fix.edits
    lines = (samples / "sequential_discarded.py").read_text().splitlines()
    line = lines[edit.line - 1]
    assert edit.line == edit.end_line
    assert line[: edit.column - 1] + edit.text + line[edit.end_column - 1 :] == "sample_model.add(layers.Dense(16))"


def test_sequential_three(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "sequential_three.py", keras=generation)
    discarded = [layer for layer in layers_of(inspection).values() if layer.verdict is Verdict.DISCARDED]
    assert [(layer.declared.shape, layer.effective) for layer in discarded if layer.declared] == [
        ((None, 44), ((None, 32),)),
        ((None, 32), ((None, 16),)),
    ]
    assert [rule for rule, _ in found(inspection)] == ["KS101", "KS101"]


def test_sequential_44(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "sequential_44.py", keras=generation)
    assert inspection.findings == ()
    first = inspection.models[0].layers[0]
    assert (first.verdict, first.effective) == (Verdict.DECIDES, ((None, 44),))


def test_functional_discarded(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "functional_discarded.py", keras=generation)
    (model,) = inspection.models
    assert model.name == "mnist_model"
    source, first, second, last = model.layers
    assert (source.is_input, source.verdict) == (True, Verdict.DECIDES)
    assert first.declared is not None
    assert second.declared is not None
    assert (first.declared.shape, first.effective) == ((None, 8), ((None, 4),))
    assert (second.declared.shape, second.effective) == ((None, 16), ((None, 64),))
    assert last.declared is None
    assert [rule for rule, _ in found(inspection)] == ["KS101", "KS101"]
    assert first.decided_by == second.decided_by == source.id


def test_conv_encoder_without_its_data(
    looker: Looker, samples: Path, generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspection = looker.look(samples / "conv_encoder_mnist.py", keras=generation)
    assert [rule for rule, _ in found(inspection)] == ["KS101"] * 4
    discarded = [layer for layer in layers_of(inspection).values() if layer.verdict is Verdict.DISCARDED]
    assert [(layer.declared.shape, layer.effective) for layer in discarded if layer.declared] == [
        ((None, 32, 32, 3), ((None, 28, 28, 1),)),
        ((None, 64, 64, 3), ((None, 26, 26, 16),)),
        ((None, 224, 321, 3), ((None, 8, 8, 32),)),
        ((None, 420, 32, 3), ((None, 6, 6, 32),)),
    ]
    (model,) = inspection.models
    assert model.params is not None
    assert model.params.total == 18_842
    assert [layer.params for layer in model.layers if layer.params] == [160, 4640, 9248, 4624, 170]
    # With the data in Keras's cache the file ends without an exception; without it there is exactly one note.
    lines = (samples / "conv_encoder_mnist.py").read_text().splitlines()
    for note in inspection.notes:
        assert note.line is not None
        assert "load_data" in lines[note.line - 1]


def test_unconnected(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "unconnected.py", keras=generation)
    assert sorted(rule for rule, _ in found(inspection)) == ["KS201", "KS202", "KS203"]
    by_rule = {finding.rule: finding for finding in inspection.findings}
    layers = layers_of(inspection)
    branch = layers[by_rule["KS202"].layer or ""]
    assert branch.connection is Connection.DEAD_BRANCH
    assert branch.overtaken is not None
    taker = layers[branch.overtaken.layer or ""]
    assert taker.call_location is not None
    assert branch.overtaken.line == taker.call_location.line
    assert f"line {branch.overtaken.line}" in by_rule["KS202"].message
    assert layers[by_rule["KS201"].layer or ""].connection is Connection.UNCONNECTED
    assert layers[by_rule["KS203"].layer or ""].connection is Connection.UNUSED_INPUT
    loose = next(model for model in inspection.models if model.name is None)
    assert len(loose.layers) == 3


def test_subclassed_blocks(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "subclassed_blocks.py", keras=generation)
    (model,) = inspection.models
    assert model.params is not None
    assert model.params.total == 5000 * 64 + 2 * (16_640 + 2 * 64 + 16_640 + 16_448) + 130
    blocks = [layer for layer in model.layers if layer.class_name == "Block"]
    forgotten = [layer for layer in model.layers if layer.connection is Connection.UNCONNECTED]
    assert [layer.parent for layer in forgotten] == [block.id for block in blocks]
    assert [block.effective for block in blocks] == [((None, 128, 64),)] * 2
    lines = (samples / "subclassed_blocks.py").read_text().splitlines()
    (finding,) = inspection.findings
    assert finding.rule == "KS204"
    assert "second_norm" in lines[(finding.line or 0) - 1]


def test_model_zoo(looker: Looker, samples: Path, generation: str) -> None:
    zoo = samples / "model_zoo.py"
    inspection = looker.look(zoo, keras=generation)
    assert [model.name for model in inspection.models] == ["autoencoder", "encoder", "regressor"]
    assert [factory.name for factory in inspection.factories if factory.required] == ["classifier"]
    (classifier,) = looker.look(zoo, keras=generation, name="classifier", call="classes=100").models
    assert classifier.layers[-1].output == ((None, 100),)
    (regressor,) = looker.look(zoo, keras=generation, name="Regressor", input_shapes=((None, (None, 12), None),)).models
    assert regressor.params is not None
    assert regressor.params.total == 13 * 24 + 25


def test_failing_build(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "failing_build.py", keras=generation)
    layers = layers_of(inspection)
    assert list(layers) == ["image", "conv_1", "pool", "flatten", "conv_2"]
    assert layers["conv_2"].effective == ((None, 2704),)
    assert layers["conv_2"].failure == "it needs at least 4 dimensions, batch included, and gets 2"
    assert inspection.failure is not None
    assert inspection.failure.line == layers["conv_2"].location.line if layers["conv_2"].location else False


def test_two_towers(looker: Looker, samples: Path, generation: str) -> None:
    inspection = looker.look(samples / "two_towers.ipynb", keras=generation)
    layers = layers_of(inspection)
    assert layers["both"].effective == ((None, 8), (None, 8))
    (finding,) = inspection.findings
    assert (finding.rule, finding.layer) == ("KS101", "same")
    assert inspection.source.line_name(finding.line or 0) == "cell 3:3"
    assert "the output of both (cell 3:1)" in finding.why


@pytest.mark.parametrize("sample", ["clean.py", "residual.py"])
def test_nothing_is_found_where_nothing_is_wrong(looker: Looker, samples: Path, generation: str, sample: str) -> None:
    inspection = looker.look(samples / sample, keras=generation)
    assert inspection.findings == ()
    assert inspection.notes == ()
    assert {layer.connection for layer in layers_of(inspection).values()} == {Connection.CONNECTED}


@pytest.mark.parametrize("name", ["MobileNetV2", "DenseNet121", "InceptionV3"])
def test_a_ready_made_model_is_what_it_says_of_itself(
    looker: Looker, tmp_path: Path, generation: str, name: str
) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(
        "import json, keras\n"
        f"model = keras.applications.{name}(weights=None)\n"
        "rows = [[layer.name, list(layer.output.shape), layer.count_params()] for layer in model.layers]\n"
        "open('rows.json', 'w').write(json.dumps([model.count_params(), rows]))\n".replace(
            "'rows.json'", repr(str(tmp_path / "rows.json"))
        )
    )
    inspection = looker.look(path, keras=generation)
    total, rows = json.loads((tmp_path / "rows.json").read_text())
    assert inspection.findings == ()
    assert inspection.notes == ()
    (model,) = inspection.models
    assert model.params is not None
    assert model.params.total == total
    ours = [[layer.name, list((layer.output or ((),))[0]), layer.params] for layer in model.layers]
    assert [row for row in ours if row[0] in {name for name, _, _ in rows}] == rows
