"""Each report against its golden file, byte by byte.

`KERASCOPE_UPDATE_GOLDENS=1 pytest tests/reports` writes the files anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kerascope.graph import (
    Argument,
    Connection,
    Declaration,
    Edit,
    EngineInfo,
    Failure,
    Finding,
    Fix,
    Frame,
    Inspection,
    Layer,
    Location,
    Model,
    Note,
    Overtaken,
    Params,
    Provenance,
    Severity,
    SkippedStatement,
    Source,
    SourceKind,
    Verdict,
)
from kerascope.reports import to_json, to_text

GOLDENS = Path(__file__).parent / "goldens"

TEXT = """\
from keras import layers, models

sample_model = models.Sequential()
sample_model.add(layers.Dense(32, input_shape=(4,)))
sample_model.add(layers.Dense(16, activation="relu", input_shape = (44,)))
spare = layers.Dense(8)
sample_model.fit(x, y)
"""

ENGINE = EngineInfo(keras="3.15.1", generation=3, tensorflow="2.21.0", python="/venv/bin/python", python_version="3.11")


def discarded() -> Inspection:
    """The question's own model, with a layer left over and a fit that raised."""
    path = "model.py"
    dense = Layer(
        id="m0:dense",
        uid=1,
        name="dense",
        class_name="Dense",
        declared=Declaration(shape=(None, 4), argument="input_shape", value="(4,)", line=4),
        effective=((None, 4),),
        output=((None, 32),),
        provenance=Provenance.KERAS,
        verdict=Verdict.DECIDES,
        connection=Connection.CONNECTED,
        params=160,
        trainable_params=160,
        location=Location(path=path, line=4, column=18, end_line=4),
        arguments=(Argument(name="units", value="32"), Argument(name="input_shape", value="(4,)")),
    )
    dense_1 = Layer(
        id="m0:dense_1",
        uid=2,
        name="dense_1",
        class_name="Dense",
        inbound=("m0:dense",),
        declared=Declaration(shape=(None, 44), argument="input_shape", value="(44,)", line=5),
        effective=((None, 32),),
        output=((None, 16),),
        provenance=Provenance.KERAS,
        verdict=Verdict.DISCARDED,
        decided_by="m0:dense",
        connection=Connection.CONNECTED,
        params=528,
        trainable_params=528,
        location=Location(path=path, line=5, column=18, end_line=5),
    )
    spare = Layer(
        id="loose:dense_2",
        uid=3,
        name="dense_2",
        class_name="Dense",
        unknown="it was never called",
        connection=Connection.UNCONNECTED,
        location=Location(path="helpers/parts.py", line=6, column=9, end_line=6),
    )
    return Inspection(
        source=Source(path=path, kind=SourceKind.PYTHON, executed=True, text=TEXT),
        models=(
            Model(
                name="sequential",
                class_name="Sequential",
                built=True,
                layers=(dense, dense_1),
                params=Params(total=688, trainable=688, non_trainable=0),
                variable="sample_model",
                location=Location(path=path, line=3, column=16),
            ),
            Model(name=None, class_name=None, built=False, layers=(spare,)),
        ),
        findings=(
            Finding(
                rule="KS101",
                name="discarded-input-shape",
                severity=Severity.WARNING,
                message="dense_1 declares (None, 44), but its input is (None, 32): the declaration was dropped.",
                why="Line 4 made the input (None, 4); Keras looks only at the first layer's input_shape, so (44,) here"
                " was dropped and dense_1 takes what dense gives, (None, 32).",
                model="sequential",
                layer="dense_1",
                layer_id="m0:dense_1",
                path=path,
                line=5,
                column=18,
                fix=Fix(
                    description="Remove input_shape=(44,).",
                    edits=(Edit(path=path, line=5, column=54, end_line=5, end_column=75, text=""),),
                ),
            ),
            Finding(
                rule="KS201",
                name="unconnected-layer",
                severity=Severity.WARNING,
                message="dense_2 is constructed and never called.",
                why="Nothing calls it, so it is in no model.",
                layer="dense_2",
                layer_id="loose:dense_2",
                path="helpers/parts.py",
                line=6,
                column=9,
            ),
            Finding(
                rule="KS102",
                name="redundant-input-shape",
                severity=Severity.INFO,
                message="made up, to have one of each level.",
                why="So that the colours are seen.",
            ),
        ),
        notes=(Note(message="fit raised ValueError: shapes differ.", path=path, line=7),),
        engine=ENGINE,
        seconds=6.25,
    )


def branches() -> Inspection:
    """A nested model, a dead branch, several shapes, an unbuilt model and a long name."""
    inner = Layer(
        id="m0:backbone",
        uid=1,
        name="backbone",
        class_name="Functional",
        is_model=True,
        effective=((None, 28, 28, 1),),
        output=((None, 64),),
        provenance=Provenance.KERAS,
        connection=Connection.CONNECTED,
        params=1234567,
    )
    layers = (
        Layer(
            id="m0:input",
            uid=2,
            name="画像",
            class_name="InputLayer",
            is_input=True,
            declared=Declaration(shape=(None, 28, 28, 1), argument="shape", line=1),
            effective=((None, 28, 28, 1),),
            output=((None, 28, 28, 1),),
            provenance=Provenance.KERAS,
            verdict=Verdict.DECIDES,
            connection=Connection.CONNECTED,
            params=0,
        ),
        inner,
        Layer(
            id="m0:backbone/conv",
            uid=3,
            name="block_12_expanded_depthwise_convolution_with_a_name_of_its_own",
            class_name="DepthwiseConv2D",
            parent="m0:backbone",
            declared=Declaration(shape=None, argument="input_shape", value="image.shape[1:]", line=2),
            effective=((None, 28, 28, 1), (None, 14, 14, 1)),
            output=((None, 26, 26, 1), (None, 12, 12, 1)),
            provenance=Provenance.INFERRED,
            verdict=Verdict.REDUNDANT,
            connection=Connection.CONNECTED,
            params=10,
        ),
    )
    dead = Layer(
        id="loose:conv_2",
        uid=4,
        name="conv_2",
        class_name="Conv2D",
        effective=((None, 26, 26, 16),),
        output=((None, 24, 24, 32),),
        provenance=Provenance.KERAS,
        connection=Connection.DEAD_BRANCH,
        overtaken=Overtaken(path="wide.py", line=11, layer="pool", tensor_of="conv_1"),
        params=4640,
    )
    return Inspection(
        source=Source(path="wide.py", kind=SourceKind.PYTHON, executed=True, text=None),
        models=(
            Model(
                name="digit_model",
                class_name="Functional",
                built=True,
                layers=layers,
                params=Params(total=1234567, trainable=1234000, non_trainable=567),
            ),
            Model(name="later", class_name="MyModel", built=False, layers=(), unknown="it was never called"),
            Model(name=None, class_name=None, built=False, layers=(dead,)),
        ),
        engine=replace(ENGINE, keras="2.21.0", generation=2),
    )


def failed() -> Inspection:
    """A program that raised before any model was complete."""
    return Inspection(
        source=Source(path="broken.py", kind=SourceKind.PYTHON, executed=True, text="a = 1\nb = a / 0\n"),
        failure=Failure(
            kind="exception",
            message="broken.py raised ZeroDivisionError: division by zero before any model was complete.",
            hint="Run it with plain python to see the whole traceback.",
            path="broken.py",
            line=2,
            frames=(Frame(path="broken.py", line=2, function="<module>", text="b = a / 0"),),
        ),
        engine=ENGINE,
    )


def syntax() -> Inspection:
    """A program that Python cannot read, its line indented by a tab."""
    return Inspection(
        source=Source(path="typo.py", kind=SourceKind.PYTHON, executed=False, text="if True:\n\tx = (1,\n"),
        failure=Failure(
            kind="syntax",
            message="typo.py is not valid Python: '(' was never closed (line 2).",
            hint="Correct the line; nothing of the file was run.",
            path="typo.py",
            line=2,
            column=6,
        ),
    )


def clean() -> Inspection:
    """Nothing to report."""
    return replace(discarded(), findings=(), notes=(), models=discarded().models[:1])


CASES = {"discarded": discarded, "branches": branches, "failed": failed, "syntax": syntax, "clean": clean}
FORMATS = {
    "json": lambda inspection: f"{to_json(inspection)}\n",
    "txt": lambda inspection: to_text(inspection, width=None, color=False, ascii_only=False),
    "80.txt": lambda inspection: to_text(inspection, width=80, color=False, ascii_only=False),
    "ascii.txt": lambda inspection: to_text(inspection, width=None, color=False, ascii_only=True),
    "color.txt": lambda inspection: to_text(inspection, width=100, color=True, ascii_only=False),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, form: str) -> None:
    golden = GOLDENS / f"{case}.{form}"
    report = FORMATS[form](CASES[case]()).encode()
    if os.environ.get("KERASCOPE_UPDATE_GOLDENS"):
        golden.write_bytes(report)
    assert report == golden.read_bytes()


def _object(keys: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": keys, "required": list(keys), **more}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


INTEGER, STRING = {"type": "integer"}, {"type": "string"}
SHAPE = {"type": "array", "items": _or_null(INTEGER)}
SHAPES = _or_null({"type": "array", "items": SHAPE})
VERDICTS = ["decides", "redundant", "discarded", "undecided", None]
CONNECTIONS = ["connected", "unconnected", "dead-branch", "unused-input", None]
CONTRACT = _object(
    {
        "schema": {"const": 1},
        "source": _object(
            {
                "path": STRING,
                "kind": {"enum": ["python", "keras", "hdf5", "saved_model", "json", "checkpoint"]},
                "executed": {"type": "boolean"},
            }
        ),
        "file": _or_null(_object({"format": STRING, "size": INTEGER, "generation": _or_null(INTEGER)})),
        "weights": {
            "type": "array",
            "items": _object({"path": STRING, "name": STRING, "shape": SHAPE, "dtype": STRING, "size": INTEGER}),
        },
        "engine": _or_null(
            _object({"keras": STRING, "generation": {"enum": [2, 3]}, "tensorflow": _or_null(STRING), "python": STRING})
        ),
        "models": {
            "type": "array",
            "items": _object(
                {
                    "name": _or_null(STRING),
                    "class_name": _or_null(STRING),
                    "built": {"type": "boolean"},
                    "params": _or_null(_object({"total": INTEGER, "trainable": INTEGER, "non_trainable": INTEGER})),
                    "layers": {
                        "type": "array",
                        "items": _object(
                            {
                                "id": STRING,
                                "name": STRING,
                                "class_name": STRING,
                                "parent": _or_null(STRING),
                                "inbound": {"type": "array", "items": STRING},
                                "declared": _or_null(
                                    _object({"shape": _or_null(SHAPE), "argument": STRING, "line": _or_null(INTEGER)})
                                ),
                                "effective": SHAPES,
                                "output": SHAPES,
                                "provenance": {"enum": ["keras", "file", "inferred", "source", None]},
                                "verdict": {"enum": VERDICTS},
                                "connection": {"enum": CONNECTIONS},
                                "params": _or_null(INTEGER),
                                "line": _or_null(INTEGER),
                            }
                        ),
                    },
                }
            ),
        },
        "findings": {
            "type": "array",
            "items": _object(
                {
                    "rule": {"type": "string", "pattern": "^KS[0-9]{3}$"},
                    "name": STRING,
                    "severity": {"enum": ["error", "warning", "info"]},
                    "model": _or_null(STRING),
                    "layer": _or_null(STRING),
                    "path": _or_null(STRING),
                    "line": _or_null(INTEGER),
                    "column": _or_null(INTEGER),
                    "message": STRING,
                    "why": STRING,
                    "fix": _or_null(_object({"description": STRING, "edits": {"type": "array"}})),
                }
            ),
        },
    }
)


@pytest.mark.parametrize("case", CASES)
def test_json_keeps_the_contract(case: str) -> None:
    import jsonschema  # type: ignore[import-untyped]  # it comes without types

    text = to_json(CASES[case]())
    assert "\n" not in text
    jsonschema.validate(json.loads(text), CONTRACT)


def test_json_values() -> None:
    data = json.loads(to_json(discarded()))
    layer = data["models"][0]["layers"][1]
    assert layer["declared"] == {"shape": [None, 44], "argument": "input_shape", "line": 5, "value": "(44,)"}
    assert (layer["effective"], layer["verdict"], layer["line"]) == ([[None, 32]], "discarded", 5)
    assert "file" not in layer
    loose = data["models"][1]
    assert loose["name"] is None
    assert loose["layers"][0]["file"] == "helpers/parts.py"
    assert data["findings"][0]["rule"] == "KS101"


def tolerated() -> Inspection:
    """The question's model, as a tolerant look reached it."""
    inspection = discarded()
    models = (replace(inspection.models[0], skipped=(7,)), *inspection.models[1:])
    return replace(
        inspection,
        models=models,
        stood_in=("cv2",),
        moved=("keras.layers.core.Dense is keras.layers.Dense",),
        skipped=(SkippedStatement(line=7, error="NameError: name 'x' is not defined"),),
    )


def test_json_says_what_a_tolerant_look_went_past() -> None:
    assert json.loads(to_json(discarded()))["tolerance"] is None
    data = json.loads(to_json(tolerated()))
    assert data["tolerance"] == {
        "stood_in": ["cv2"],
        "moved": ["keras.layers.core.Dense is keras.layers.Dense"],
        "skipped": [{"line": 7, "error": "NameError: name 'x' is not defined"}],
    }
    assert [model["skipped"] for model in data["models"]] == [[7], []]


def test_text_says_of_a_model_what_it_may_lack() -> None:
    text = to_text(tolerated(), width=None, color=False, ascii_only=False)
    (title,) = [line for line in text.splitlines() if line.startswith("sample_model")]
    assert title.endswith("may lack something: skipped line 7")
    assert "skipped" not in to_text(discarded(), width=None, color=False, ascii_only=False)


def test_piped_text_is_never_cut() -> None:
    text = to_text(branches(), width=None, color=False, ascii_only=False)
    assert "block_12_expanded_depthwise_convolution_with_a_name_of_its_own" in text
    assert "…" not in text


def test_terminal_text_fits() -> None:
    for case in ("discarded", "branches"):
        text = to_text(CASES[case](), width=80, color=False, ascii_only=True)
        assert max(len(line) for line in text.splitlines() if "unknown:" not in line) <= 80


def test_ascii_text_is_ascii_short_of_the_users_own_names() -> None:
    text = to_text(branches(), width=60, color=False, ascii_only=True)
    assert text.replace("画像", "").isascii()


def test_mark_stands_under_the_declaration() -> None:
    lines = to_text(discarded(), width=None, color=False, ascii_only=False).splitlines()
    at = next(number for number, line in enumerate(lines) if "^" in line)
    source, mark = lines[at - 1], lines[at]
    assert source[mark.index("^") : mark.rindex("^") + 1] == "input_shape = (44,)"


def test_long_source_line_keeps_the_mark_in_sight() -> None:
    inspection = discarded()
    long = TEXT.replace('activation="relu"', f"activation={'r' * 200!r}")
    inspection = replace(inspection, source=replace(inspection.source, text=long))
    lines = to_text(inspection, width=60, color=False, ascii_only=False).splitlines()
    at = next(number for number, line in enumerate(lines) if "^" in line)
    assert lines[at - 1][lines[at].index("^") : lines[at].rindex("^") + 1] == "input_shape = (44,)"


def test_control_characters_of_the_source_are_not_passed_on() -> None:
    inspection = discarded()
    hostile = TEXT.replace("models.Sequential", "models\x1b]52;c;aGk=\x07.Sequential").replace("32,", "32,\x1b[2J")
    hostile = hostile.replace('"relu"', '"\x9b2J\u202e"')
    inspection = replace(inspection, source=replace(inspection.source, text=hostile))
    text = to_text(inspection, width=None, color=False, ascii_only=False)
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
