"""What in a config is called dangerous, what is called perhaps so, and that ordinary models are called neither."""

from __future__ import annotations

import base64
import gzip
import json
import marshal
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.readers.saved import forge

from kerascope.readers.saved import _suspects
from kerascope.readers.saved._blobs import carried
from kerascope.readers.saved._limits import MAX_NAME
from kerascope.readers.saved._suspects import suspects

CODE = marshal.dumps((lambda x: x + 1).__code__)
CODE_TEXT = base64.encodebytes(CODE).decode()


def found(config: object) -> list[tuple[str, bool, str]]:
    """Kind, certainty and place of what is found."""
    return [(issue.kind, issue.certain, issue.where) for issue in suspects(config, what="config")]


def with_layer(class_name: str, config: dict[str, Any], **more: Any) -> dict[str, Any]:
    return forge.sequential([forge.dense(), forge.layer(class_name, {"name": "strange", **config}, **more)])


def in_dense(name: str = "plain", **config: Any) -> dict[str, Any]:
    return forge.sequential([forge.dense(name, **config)])


LAST = "config.config.layers[2]"
LAMBDA = {"class_name": "__lambda__", "config": {"code": CODE_TEXT, "defaults": None, "closure": None}}

EXECUTABLE = {
    "lambda of Keras 3": (with_layer("Lambda", {"function": LAMBDA}), True, f"{LAST}.config.function"),
    "lambda of Keras 2": (
        with_layer("Lambda", {"function": [CODE_TEXT, None, None], "function_type": "lambda"}),
        True,
        f"{LAST}.config.function",
    ),
    "lambda of Keras 1": (
        with_layer("Lambda", {"function": CODE.decode("raw_unicode_escape"), "function_type": "lambda"}),
        True,
        f"{LAST}.config.function",
    ),
    "lambda in an output shape": (
        with_layer("Lambda", {"function": forge.function("keras.ops", "relu"), "output_shape": LAMBDA}),
        True,
        f"{LAST}.config.output_shape",
    ),
    "lambda of a function of Keras": (
        with_layer("Lambda", {"function": forge.function("keras.ops", "relu")}),
        False,
        f"{LAST}.config.function",
    ),
    "lambda of a named function": (
        with_layer("Lambda", {"function": "crop", "function_type": "function", "module": "model"}),
        False,
        f"{LAST}.config.function",
    ),
    "lambda of a function of Python": (
        with_layer("Lambda", {"function": "system", "function_type": "function", "module": "os"}),
        True,
        f"{LAST}.config.function",
    ),
    "lambda in a wrapper": (
        with_layer("TimeDistributed", {"layer": forge.layer("Lambda", {"name": "inner", "function": LAMBDA})}),
        True,
        f"{LAST}.config.layer.config.function",
    ),
    "lambda in a nested model": (
        forge.sequential([forge.sequential([forge.layer("Lambda", {"name": "inner", "function": LAMBDA})])]),
        True,
        "config.config.layers[1].config.layers[1].config.function",
    ),
    "lambda as an initializer": (
        in_dense(kernel_initializer=LAMBDA),
        True,
        "config.config.layers[1].config.kernel_initializer",
    ),
    "lambda as a metric": (
        forge.sequential([forge.dense()], compile_config={"metrics": [LAMBDA]}),
        True,
        "config.compile_config.metrics[0]",
    ),
    "class of Python": (
        in_dense(kernel_initializer={"module": "os", "class_name": "system", "config": {}, "registered_name": None}),
        True,
        "config.config.layers[1].config.kernel_initializer",
    ),
    "function of Python": (
        in_dense(activation=forge.function("builtins", "exec")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "function of NumPy": (
        in_dense(activation=forge.function("numpy", "load")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "get_file": (
        in_dense(activation=forge.function("keras.utils", "get_file")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "get_file where it lives": (
        in_dense(activation=forge.function("keras.src.utils.file_utils", "get_file")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "get_file as a class": (
        in_dense(
            bias_constraint={"module": "keras.utils", "class_name": "get_file", "config": {}, "registered_name": None}
        ),
        True,
        "config.config.layers[1].config.bias_constraint",
    ),
    "load_model": (
        in_dense(activation=forge.function("keras.models", "load_model")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "safe mode off": (
        in_dense(activation=forge.function("keras.config", "enable_unsafe_deserialization")),
        True,
        "config.config.layers[1].config.activation",
    ),
    "safe mode off, anywhere": (
        in_dense(note="enable_unsafe_deserialization()"),
        True,
        "config.config.layers[1].config.note",
    ),
    "torch module": (with_layer("TorchModuleWrapper", {"module": "UEsDBAAACAgAAA=="}), True, LAST),
    "operation of TensorFlow": (with_layer("TFOpLambda", {"function": "io.write_file"}), True, LAST),
    "operation of TensorFlow's Keras": (with_layer("TFOpLambda", {"function": "keras.utils.get_file"}), True, LAST),
    "Python in a graph": (
        with_layer("TensorFlowOpLayer", {"node_def": 'name: "p" op: "PyFunc" input: "x"'}),
        True,
        LAST,
    ),
    "pickle": (
        in_dense(note=base64.b64encode(pickle.dumps(print)).decode()),
        True,
        "config.config.layers[1].config.note",
    ),
    "type of a foreign module": (
        in_dense(
            spec={
                "class_name": "__typespec__",
                "spec_name": "Popen",
                "module": "subprocess",
                "config": [],
                "registered_name": None,
            }
        ),
        True,
        "config.config.layers[1].config.spec",
    ),
    "array of objects": (
        in_dense(value={"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}),
        False,
        "config.config.layers[1].config.value",
    ),
    "layer of the author's own": (
        forge.sequential(
            [
                {
                    "module": "shop.layers",
                    "class_name": "Crop",
                    "config": {"name": "crop"},
                    "registered_name": "shop>Crop",
                }
            ]
        ),
        False,
        "config.config.layers[1]",
    ),
    "layer of the author's own, Keras 2": (
        forge.sequential([{"class_name": "Crop", "config": {"name": "crop"}}], 2),
        False,
        "config.config.layers[1]",
    ),
    "loss of the author's own": (
        forge.sequential([forge.dense()], compile_config={"loss": "dice_coef_loss", "metrics": ["accuracy"]}),
        False,
        "config.compile_config.loss",
    ),
    "activation of the author's own": (
        in_dense(activation="swishy"),
        False,
        "config.config.layers[1].config.activation",
    ),
    "layer of KerasHub": (
        forge.sequential(
            [
                {
                    "module": "keras_hub.src.layers.modeling.reversible_embedding",
                    "class_name": "ReversibleEmbedding",
                    "config": {"name": "tokens"},
                    "registered_name": "keras_hub>ReversibleEmbedding",
                }
            ]
        ),
        False,
        "config.config.layers[1]",
    ),
    "layer in place of Keras's own": (
        forge.sequential([{**forge.dense(), "registered_name": "strange>Dense"}]),
        False,
        "config.config.layers[1]",
    ),
}

REFERENCE = {
    "vocabulary": (with_layer("StringLookup", {"vocabulary": "/etc/hostname"}), True, f"{LAST}.config.vocabulary"),
    "vocabulary beside the file": (
        with_layer("TextVectorization", {"vocabulary": "words.txt"}),
        True,
        f"{LAST}.config.vocabulary",
    ),
    "address": (in_dense(note="see http://127.0.0.1:9/x"), False, "config.config.layers[1].config.note"),
    "bucket": (in_dense(note="gs://bucket/words"), False, "config.config.layers[1].config.note"),
    "share": (in_dense(note="\\\\host\\share\\words"), False, "config.config.layers[1].config.note"),
    "file of the machine": (
        in_dense(model_path="/home/someone/model"),
        False,
        "config.config.layers[1].config.model_path",
    ),
    "path that leaves": (in_dense(note="a/../../b"), False, "config.config.layers[1].config.note"),
    "name that leaves": (in_dense(".."), True, "config.config.layers[1].config.name"),
    "name that leaves on Windows": (in_dense("..\\..\\x"), True, "config.config.layers[1].config.name"),
}


@pytest.mark.parametrize("name", EXECUTABLE)
def test_executable(name: str) -> None:
    config, certain, where = EXECUTABLE[name]
    assert found(config) == [("executable", certain, where)]


@pytest.mark.parametrize("name", REFERENCE)
def test_reference(name: str) -> None:
    config, certain, where = REFERENCE[name]
    assert found(config) == [("reference", certain, where)]


def test_a_model_of_another_file_is_both() -> None:
    config = with_layer("TFSMLayer", {"filepath": "/models/other", "call_endpoint": "serve"})
    assert found(config) == [("executable", True, LAST), ("reference", True, f"{LAST}.config.filepath")]


@pytest.mark.parametrize("issues", [EXECUTABLE, REFERENCE])
def test_every_issue_says_what_why_and_what_to_do(issues: dict[str, tuple[Any, bool, str]]) -> None:
    for name, (config, _, _) in issues.items():
        (issue,) = suspects(config, what="config")
        assert len(issue.message) > 20, name
        assert not issue.message.endswith("."), issue.message
        assert len(issue.why) > 40, name
        assert issue.fix, name


def test_the_layer_is_named() -> None:
    config, _, _ = EXECUTABLE["lambda in a wrapper"]
    (issue,) = suspects(config, what="config")
    assert (issue.layer, issue.model) == ("inner", "stranger")
    (issue,) = suspects(EXECUTABLE["class of Python"][0], what="config")
    assert issue.layer == "plain"
    assert "os.system" in issue.message


def test_a_class_of_the_authors_own_is_told_once() -> None:
    config = forge.sequential([forge.layer("Crop", {"name": f"crop_{number}"}, 2) for number in range(50)], 2)
    assert len(suspects(config, what="config")) == 1


def test_values_are_shown_clean_and_short() -> None:
    (issue,) = suspects(in_dense(note="http://x/\x1b]52;c;aGk=\x07" + "y" * 5000), what="config")
    assert "\x1b" not in issue.message
    assert "\x07" not in issue.message
    assert len(issue.message) < 300


def test_json_in_text_is_looked_into() -> None:
    config, _, where = EXECUTABLE["lambda of Keras 3"]
    assert found(json.dumps(config)) == [("executable", True, where)]
    assert found({"model_config": json.dumps(config)}) == [
        ("executable", True, where.replace("config.", "config.model_config.", 1))
    ]
    many = suspects([json.dumps(forge.dense())] * 100, what="config")
    assert [(issue.kind, issue.where) for issue in many] == [("malformed", "config[16]")]


def test_words_are_data() -> None:
    words = [
        "http://example.org",
        "/etc/passwd",
        "..",
        "../x",
        "gASVHwAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu",
    ]
    assert found(with_layer("StringLookup", {"vocabulary": words})) == []
    assert found(with_layer("EinsumDense", {"equation": "...ij,jk->...ik"})) == []


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_suspects, "MAX_ISSUES", 5)
    layers = [forge.layer("Lambda", {"name": f"l{number}", "function": LAMBDA}) for number in range(20)]
    issues = suspects(forge.sequential(layers), what="config")
    assert len(issues) == 6
    assert issues[-1].message.startswith("15 more")
    monkeypatch.setattr(_suspects, "MAX_JSON_NODES", 10)
    assert [issue.kind for issue in suspects([{}] * 100, what="config")] == ["malformed"]


def test_deep_and_odd_configs() -> None:
    deep: Any = {"class_name": "Lambda", "config": {"function": LAMBDA}}
    for _ in range(50_000):
        deep = [deep]
    (issue,) = suspects(deep, what="config")
    assert len(issue.where) <= MAX_NAME
    odd: list[Any] = [
        None,
        3,
        "x",
        [],
        {},
        {"class_name": 3},
        {"class_name": []},
        {"class_name": "Lambda"},
        {"": {"": ""}},
    ]
    for config in odd:
        suspects(config, what="")
    values: list[Any] = [None, 3, "x", [], {}, [[]], {"class_name": None}]
    for value in values:
        for class_name in ("Lambda", "__lambda__", "function", "__numpy__", "__typespec__", "TFSMLayer", "TFOpLambda"):
            for key in ("config", "module", "registered_name", "name", "spec_name"):
                suspects({"class_name": class_name, "config": {"function": value}, key: value}, what="c")


def test_a_large_config_takes_little_time() -> None:
    layers = [
        forge.dense(f"dense_{number}", kernel_initializer={"class_name": "Zeros", "config": {}})
        for number in range(10_000)
    ]
    config = forge.sequential(layers)
    start = time.monotonic()
    assert found(config) == []
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_are_told(protocol: int) -> None:
    for value in (os.system, Path("x"), *([{"a": list(range(5000))}] if protocol > 1 else [])):
        raw = pickle.dumps(value, protocol=protocol)
        assert carried(base64.b64encode(raw).decode()) == "a Python pickle"
    raw = pickle.dumps(os.system, protocol=protocol)
    assert carried(raw.decode("latin-1")) == "a Python pickle"


def test_other_blobs_are_told() -> None:
    assert carried(CODE_TEXT) == "marshalled Python bytecode"
    assert carried(CODE.decode("latin-1")) == "marshalled Python bytecode"
    assert carried(base64.urlsafe_b64encode(CODE).decode()) == "marshalled Python bytecode"
    assert carried(base64.b64encode(b"PK\x03\x04" + bytes(40)).decode()) is not None
    assert carried(base64.b64encode(gzip.compress(b"x" * 100)).decode()) == "a gzip archive"


def test_ordinary_text_carries_nothing() -> None:
    assert carried("gA==" + " " * 10) is None  # the first byte of a pickle, and no second one
    chance = random.Random(5)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for _ in range(20_000):
        assert carried("".join(chance.choices(letters, k=chance.randint(10, 60)))) is None
    for text in ("conv2d\nrelu\nmean", "(a, b)\nc\nd", "categorical_crossentropy", "class_names", "c\nd\ne\nf\ng\nh\n"):
        assert carried(text) is None


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_ordinary_models_raise_no_alarm(generation: int) -> None:
    script = Path(__file__).with_name("ordinary.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(generation)], capture_output=True, text=True, timeout=170, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    configs = json.loads(ran.stdout)
    assert len(configs) > 300
    alarms = {
        label: [issue.message for issue in issues]
        for label, config in configs.items()
        if (issues := suspects(config, what="config"))
    }
    assert alarms == {}
