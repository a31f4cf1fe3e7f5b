"""Reports of files that were asked about twice, that fail, that were called, and of notebooks."""

from __future__ import annotations

import json
from dataclasses import replace

from kerascope.graph import (
    Cell,
    Compared,
    Connection,
    Declaration,
    EngineInfo,
    Factory,
    Finding,
    Inspection,
    Layer,
    Location,
    Model,
    Note,
    Provenance,
    Severity,
    Shape,
    Source,
    SourceKind,
    Verdict,
)
from kerascope.reports import to_json, to_text

ENGINE = EngineInfo(keras="3.15.1", generation=3, tensorflow="2.21.0", python="/venv/bin/python")
WIDE: Shape = (None, 28, 28, 16)
NARROW: Shape = (None, 26, 26, 16)


def layer(name: str, **more: object) -> Layer:
    facts: dict[str, object] = {
        "effective": (WIDE,),
        "output": (WIDE,),
        "provenance": Provenance.KERAS,
        "connection": Connection.CONNECTED,
        "params": 72,
        **more,
    }
    return Layer(id=name, uid=1, name=name, class_name="Conv2D", **facts)  # type: ignore[arg-type]


def inspection(*layers: Layer, **more: object) -> Inspection:
    model = Model(name="net", class_name="Functional", built=True, layers=layers)
    source = Source(path="model.py", kind=SourceKind.PYTHON, executed=True, text="a = 1\nb = 2\nc = 3\n")
    return replace(Inspection(source=source, models=(model,), engine=ENGINE), **more)  # type: ignore[arg-type]


def compared() -> Inspection:
    same = Compared(effective=(WIDE,), output=(WIDE,), verdict=None, params=72)
    other = Compared(effective=(NARROW,), output=(NARROW,), verdict=Verdict.UNDECIDED, params=99, same=False)
    return inspection(
        layer("first", compared=same),
        layer(
            "second",
            declared=Declaration(shape=(None, 32, 32, 3), argument="input_shape", line=2),
            verdict=Verdict.DISCARDED,
            compared=other,
        ),
        compared=replace(ENGINE, keras="2.21.0", generation=2),
    )


def text(made: Inspection, *, width: int | None = None, ascii_only: bool = False) -> str:
    return to_text(made, width=width, color=False, ascii_only=ascii_only)


def row(report: str, name: str) -> str:
    return next(line for line in report.split("\n") if name in line)


def test_the_other_keras_has_a_column_beside_the_effective_shape() -> None:
    report = text(compared())
    assert row(report, "declared").split("  ")[-1] == "state"
    head = row(report, "declared")
    assert head.index("effective Keras 3") < head.index("Keras 2", head.index("Keras 3") + 8) < head.index("output")
    assert "≠" not in row(report, "first")
    second = row(report, "second")
    assert "(None, 28, 28, 16)  ≠ (None, 26, 26, 16)" in second
    assert "Keras 2: undecided; Keras 2: output (None, 26, 26, 16); Keras 2: 99 params" in second
    assert report.endswith("Keras 3.15.1 beside Keras 2.21.0\n")
    assert "!= (None, 26, 26, 16)" in text(compared(), ascii_only=True)


def test_two_keras_fit_a_terminal() -> None:
    report = text(compared(), width=80)
    head = row(report, "effective")
    assert len(head) <= 80
    assert "Keras 2" in head


def test_without_another_keras_there_is_no_column() -> None:
    assert "effective Keras" not in text(inspection(layer("first")))


def test_a_failing_layer_is_marked_and_says_what_it_needed() -> None:
    report = text(inspection(layer("conv", output=None, failure="it needs 4 dimensions, 2 came in")))
    assert row(report, "conv").startswith("  ✗ conv")
    assert row(report, "conv").endswith("fails: it needs 4 dimensions, 2 came in")


def test_what_made_and_what_shaped_a_model_is_said() -> None:
    made = inspection(layer("dense"))
    model = replace(made.models[0], made_by="build_model(units=64)", shaped_by="--input-shape (None, 8)")
    report = text(replace(made, models=(model,)))
    assert "net  Functional  made by calling build_model(units=64)  input shape from --input-shape (None, 8)" in report


def test_why_a_model_is_not_built_is_said_once() -> None:
    reason = "the model is not built: nothing tells the shape of its input"
    rows = [layer(name, output=None, effective=None, unknown=reason) for name in ("first", "second")]
    made = inspection(*rows)
    report = text(replace(made, models=(replace(made.models[0], built=False, unknown=reason),)))
    assert "not built: nothing tells the shape of its input" in row(report, "net")
    assert report.count("nothing tells") == 1
    assert row(report, "second").endswith("unknown")


def test_a_notebook_is_spoken_of_in_cells() -> None:
    made = inspection(layer("dense"))
    source = replace(made.source, path="net.ipynb", cells=(Cell(number=1, line=1), Cell(number=2, line=2)))
    finding = Finding(
        rule="KS101",
        name="discarded-input-shape",
        severity=Severity.WARNING,
        message="dropped",
        why="because",
        path="net.ipynb",
        line=3,
        column=1,
    )
    report = text(replace(made, source=source, findings=(finding,), notes=(Note(message="stopped", line=2),)))
    assert report.startswith("net.ipynb:cell 2:2: KS101 warning")
    assert "  2:2 │ c = 3" in report
    assert "note: cell 2:1: stopped" in report


def test_json_has_the_new_keys() -> None:
    made = compared()
    wrapped = replace(made.models[0].layers[0], wrapper="time_distributed", failure="it needs 4 dimensions")
    model = replace(
        made.models[0],
        layers=(wrapped, made.models[0].layers[1]),
        made_by="build_model()",
        shaped_by="--input-shape",
        location=Location(path="model.py", line=1),
    )
    factory = Factory(name="build_model", line=30, signature="(units)", required=("units",), called=True)
    data = json.loads(to_json(replace(made, models=(model,), factories=(factory,))))
    assert (data["compared"]["keras"], data["compared"]["generation"]) == ("2.21.0", 2)
    assert data["factories"] == [
        {"name": "build_model", "line": 30, "signature": "(units)", "required": ["units"], "called": True}
    ]
    first, second = data["models"][0]["layers"]
    assert (first["wrapper"], first["failure"]) == ("time_distributed", "it needs 4 dimensions")
    assert first["compared"]["same"] is True
    assert second["compared"] == {
        "effective": [[None, 26, 26, 16]],
        "output": [[None, 26, 26, 16]],
        "verdict": "undecided",
        "params": 99,
        "unknown": None,
        "same": False,
    }
    assert (data["models"][0]["made_by"], data["models"][0]["shaped_by"]) == ("build_model()", "--input-shape")


def test_json_says_null_where_nothing_was_compared() -> None:
    data = json.loads(to_json(inspection(layer("dense"))))
    assert data["compared"] is None
    assert data["models"][0]["layers"][0]["compared"] is None
    assert (data["factories"], data["source"]["cells"]) == ([], [])
