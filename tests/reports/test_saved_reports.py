"""Reports of saved files: where shapes come from, and the weights as text and JSON, each against its golden file.

`KERASCOPE_UPDATE_GOLDENS=1 pytest tests/reports` writes the files anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from kerascope.graph import (
    Argument,
    Connection,
    Declaration,
    Failure,
    FileInfo,
    Finding,
    Inspection,
    Layer,
    Model,
    Note,
    Params,
    Provenance,
    Severity,
    Source,
    SourceKind,
    Verdict,
    Weight,
    WeightStats,
)
from kerascope.reports import to_json, to_text, to_weights_json, to_weights_text

GOLDENS = Path(__file__).parent / "goldens"
STATS = WeightStats(
    count=128,
    minimum=-0.25,
    maximum=0.5,
    mean=0.0125,
    std=0.125,
    zeros=16,
    nans=0,
    infs=0,
    histogram=(0, 1, 4, 9, 16, 9, 4, 1),
)


def saved() -> Inspection:
    """A Keras 3 archive: one layer stated in the file, one inferred, one unknown."""
    layers = (
        Layer(
            id="m0:image",
            uid=1,
            name="image",
            class_name="InputLayer",
            is_input=True,
            declared=Declaration(shape=(None, 4), argument="batch_shape", value="[None, 4]"),
            verdict=Verdict.DECIDES,
            effective=((None, 4),),
            output=((None, 4),),
            provenance=Provenance.FILE,
            params=0,
            connection=Connection.CONNECTED,
        ),
        Layer(
            id="m0:dense",
            uid=2,
            name="dense",
            class_name="Dense",
            inbound=("m0:image",),
            effective=((None, 4),),
            output=((None, 32),),
            provenance=Provenance.INFERRED,
            params=160,
            arguments=(Argument(name="units", value="32"),),
            connection=Connection.CONNECTED,
        ),
        Layer(
            id="m0:shout",
            uid=3,
            name="shout",
            class_name="Shout",
            inbound=("m0:dense",),
            unknown="Shout is not one of Keras's own layers",
            connection=Connection.CONNECTED,
        ),
    )
    return Inspection(
        source=Source(path="digits.keras", kind=SourceKind.KERAS, executed=False),
        models=(
            Model(
                name="digits",
                class_name="Functional",
                built=True,
                layers=layers,
                params=Params(total=160, trainable=160, non_trainable=0),
            ),
        ),
        findings=(
            Finding(
                rule="KS501",
                name="executable-content",
                severity=Severity.WARNING,
                message="config.layers[2] names the class Shout, which is not one of Keras's own.",
                why="Loading this file needs the code of that class, and runs it.",
                model="digits",
                layer="shout",
                layer_id="m0:shout",
            ),
        ),
        file=FileInfo(
            format="Keras archive (.keras)",
            size=49_322,
            generation=3,
            keras_version="3.15.1",
            backend="tensorflow",
            saved="2026-11-20@10:11:12",
            facts=(Argument(name="members", value="config.json, metadata.json, model.weights.h5"),),
            text="{}",
        ),
        weights=(
            Weight(path="l/0", name="dense/kernel", shape=(4, 32), dtype="float32", size=512, layer="dense"),
            Weight(path="l/1", name="dense/bias", shape=(32,), dtype="float32", size=128, layer="dense"),
            Weight(path="o/0", name="optimizer/iteration", shape=(), dtype="int64", size=8, group="optimizer"),
        ),
        notes=(Note(message="metadata.json names no date."),),
        seconds=0.2,
    )


def weighed() -> Inspection:
    """The same with statistics: one weight holds NaN, one cannot be read."""
    made = saved()
    kernel, bias, step = made.weights
    weights = (
        replace(kernel, stats=STATS),
        replace(bias, stats=replace(STATS, nans=2, infs=1, minimum=None, std=float("inf"), histogram=())),
        replace(step, unreadable="its data is stored in another file"),
    )
    return replace(made, weights=weights)


def only_weights() -> Inspection:
    """A file of weights alone, with the layers that its weights name."""
    made = saved()
    dense = Layer(id="dense", uid=1, name="dense", class_name="", unknown="the file holds only its weights", params=160)
    return replace(
        made,
        source=Source(path="digits.weights.h5", kind=SourceKind.HDF5, executed=False),
        models=(Model(name=None, class_name=None, built=False, layers=(dense,)),),
        findings=(),
        file=FileInfo(format="HDF5 weights", size=42_104, architecture=False),
    )


def cut_off() -> Inspection:
    """A file that could not be read."""
    return Inspection(
        source=Source(path="digits.keras", kind=SourceKind.KERAS, executed=False),
        failure=Failure(kind="unreadable", message="digits.keras ends too early.", hint="Copy it again."),
    )


CASES = {"saved": saved, "weighed": weighed, "only_weights": only_weights, "cut_off": cut_off}
FORMATS = {
    "json": lambda made: f"{to_json(made)}\n",
    "txt": lambda made: to_text(made, width=None, color=False, ascii_only=False),
    "80.txt": lambda made: to_text(made, width=80, color=False, ascii_only=False),
    "weights.json": lambda made: f"{to_weights_json(made)}\n",
    "weights.txt": lambda made: to_weights_text(made, width=None, color=False, ascii_only=False),
    "weights.80.txt": lambda made: to_weights_text(made, width=80, color=False, ascii_only=False),
    "weights.ascii.txt": lambda made: to_weights_text(made, width=None, color=False, ascii_only=True),
    "weights.color.txt": lambda made: to_weights_text(made, width=100, color=True, ascii_only=False),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, form: str) -> None:
    golden = GOLDENS / f"file-{case}.{form}"
    report = FORMATS[form](CASES[case]()).encode()
    if os.environ.get("KERASCOPE_UPDATE_GOLDENS"):
        golden.write_bytes(report)
    assert report == golden.read_bytes()


def test_text_says_what_the_file_is_and_that_nothing_was_executed() -> None:
    lines = to_text(saved(), width=None, color=False, ascii_only=False).split("\n")
    assert lines[0] == "digits.keras: Keras archive (.keras), written by Keras 3.15.1 (tensorflow), 49.3 kB"
    assert lines[1] == "  read as data; nothing in this file was executed"


def test_a_declaration_the_format_keeps_not_is_not_recorded() -> None:
    text = to_text(saved(), width=None, color=False, ascii_only=False)
    row = next(line for line in text.split("\n") if " dense " in line)
    assert "not recorded" in row
    made = saved()
    assert made.file is not None
    kept = to_text(replace(made, file=replace(made.file, declares=True)), width=None, color=False, ascii_only=False)
    assert "not recorded" not in kept


def test_where_shapes_come_from_is_said_once_unless_mixed() -> None:
    text = to_text(saved(), width=None, color=False, ascii_only=False)
    assert "inferred" in next(line for line in text.split("\n") if " dense " in line)
    made = saved()
    layers = tuple(replace(each, provenance=Provenance.FILE) for each in made.models[0].layers)
    same = to_text(
        replace(made, models=(replace(made.models[0], layers=layers),)), width=None, color=False, ascii_only=False
    )
    assert same.count("stated in the file") == 1
    assert "from file" not in same


def test_layers_of_a_file_of_weights_are_not_called_program_text() -> None:
    text = to_text(only_weights(), width=None, color=False, ascii_only=False)
    assert "program text" not in text
    assert "This file holds weights and has no architecture" in text


def test_a_file_without_layers_tells_what_else_it_says() -> None:
    made = only_weights()
    assert made.file is not None
    file = replace(made.file, facts=(Argument(name="Signature serve", value="x (None, 4) float32"),))
    text = to_text(replace(made, file=file), width=None, color=False, ascii_only=False)
    assert "\n  Signature serve: x (None, 4) float32\n" in text
    assert "members: config.json" not in to_text(saved(), width=None, color=False, ascii_only=False)


def test_why_an_output_is_unknown_stands_in_its_row() -> None:
    made = saved()
    model = made.models[0]
    image, dense, shout = model.layers
    shout = replace(shout, effective=((None, 32),), provenance=Provenance.FILE)
    text = to_text(
        replace(made, models=(replace(model, layers=(image, dense, shout)),)),
        width=None,
        color=False,
        ascii_only=False,
    )
    row = next(line for line in text.split("\n") if line.startswith("    shout"))
    assert row.endswith("from file; output unknown: Shout is not one of Keras's own layers")


def test_json_of_a_saved_file() -> None:
    data = json.loads(to_json(weighed()))
    assert data["source"] == {"path": "digits.keras", "kind": "keras", "executed": False, "cells": []}
    assert data["engine"] is None
    assert data["file"]["format"] == "Keras archive (.keras)"
    assert "text" not in data["file"]
    assert data["file"]["facts"][0]["name"] == "members"
    assert [weight["shape"] for weight in data["weights"]] == [[4, 32], [32], []]
    assert data["weights"][0]["stats"]["histogram"] == list(STATS.histogram)
    assert data["weights"][1]["stats"]["std"] is None, "JSON has no infinity"
    assert data["weights"][2]["unreadable"] == "its data is stored in another file"


def test_json_of_weights_has_totals() -> None:
    data = json.loads(to_weights_json(saved(), path="./digits.keras"))
    assert data["source"]["path"] == "./digits.keras"
    assert data["totals"] == {
        "weights": 2,
        "parameters": 160,
        "size": 640,
        "config_parameters": 160,
        "others": {"optimizer": 1},
    }


def test_of_wanted_weights_the_totals_are_those_of_the_file() -> None:
    text = to_weights_text(saved(), width=None, color=False, ascii_only=False, only=["bias", "o/0"])
    assert "dense/kernel" not in text
    assert "2 weights, 160 parameters, 640 B; 160 by the config: equal" in text
    assert text.endswith("digits.keras: 2 of 3 weights\n")
    data = json.loads(to_weights_json(saved(), only=["bias"]))
    assert [weight["name"] for weight in data["weights"]] == ["dense/bias"]
    assert data["totals"]["weights"] == 2
    none = to_weights_text(saved(), width=None, color=False, ascii_only=False, only=["gamma"])
    assert none.endswith("digits.keras: none of 3 weights has 'gamma' in its name or place\n")


def test_weights_that_cannot_be_read_are_counted() -> None:
    made = saved()
    kernel, *others = made.weights
    missing = replace(made, weights=(replace(kernel, unreadable="its data file is missing"), *others))
    text = to_weights_text(missing, width=None, color=False, ascii_only=False)
    assert text.endswith("digits.keras: 3 weights; 1 cannot be read\n")


def test_why_there_are_no_weights() -> None:
    config = replace(saved(), weights=(), source=Source(path="net.json", kind=SourceKind.JSON, executed=False))
    text = to_weights_text(config, width=None, color=False, ascii_only=False)
    assert text.endswith("net.json: a config holds no weights\n")
    cut = replace(
        saved().findings[0],
        rule="KS503",
        name="malformed-file",
        severity=Severity.ERROR,
        message="the file was cut off",
    )
    text = to_weights_text(replace(saved(), findings=(cut,)), width=None, color=False, ascii_only=False)
    assert "\nKS503 error [malformed-file] the file was cut off\n" in text


def test_weights_fit_a_terminal_and_are_whole_in_a_pipe() -> None:
    made = weighed()
    long = replace(made, weights=tuple(replace(each, name=f"{'block/' * 20}{each.name}") for each in made.weights))
    narrow = to_weights_text(long, width=80, color=False, ascii_only=False)
    table = [line for line in narrow.split("\n") if "float32" in line or "finite" in line]
    assert table
    assert all(len(line) <= 80 for line in table)
    assert "block/" * 20 + "dense/kernel" in to_weights_text(long, width=None, color=False, ascii_only=False)


def test_ascii_keeps_what_the_file_says() -> None:
    made = replace(weighed(), source=Source(path="größe→.keras", kind=SourceKind.KERAS, executed=False))
    text = to_weights_text(made, width=None, color=False, ascii_only=True)
    assert text.startswith("größe→.keras: ")
    assert text.replace("größe→", "").isascii()
