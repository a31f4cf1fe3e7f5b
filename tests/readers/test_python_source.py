"""What a glance at a program's text shows, and how it says that there is no program."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest

from kerascope.graph import Inspection, Layer, Provenance, Shape
from kerascope.readers import MAX_SOURCE_BYTES, read_python
from kerascope.readers._layer_names import ALIASES, BOTH, KERAS_2_ONLY, KERAS_3_ONLY, LAYER_NAMES

SAMPLES = Path(__file__).parents[2] / "sample_models"


def glance(tmp_path: Path, text: str) -> list[Layer]:
    path = tmp_path / "model.py"
    path.write_text(text, encoding="utf-8")
    inspection = read_python(path)
    assert inspection.failure is None
    (model,) = inspection.models
    return list(model.layers)


def declared(layers: list[Layer]) -> list[tuple[str, Shape | None, str] | None]:
    return [
        None if layer.declared is None else (layer.declared.argument, layer.declared.shape, layer.declared.value)
        for layer in layers
    ]


def test_the_question() -> None:
    inspection = read_python(SAMPLES / "sequential_discarded.py")
    (model,) = inspection.models
    assert model.name is None
    assert inspection.engine is None
    assert not inspection.source.executed
    assert inspection.source.text == (SAMPLES / "sequential_discarded.py").read_text()
    first, second = model.layers
    assert declared([first, second]) == [
        ("input_shape", (None, 4), "(4,)"),
        ("input_shape", (None, 44), "(44,)"),
    ]
    assert second.location is not None
    assert (second.location.line, second.location.column) == (7, 18)
    assert (second.effective, second.unknown, second.provenance) == (None, "waiting for Keras", Provenance.SOURCE)
    assert [(each.name, each.value) for each in second.arguments] == [("", "16"), ("input_shape", "(44,)")]


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_samples_take_milliseconds(sample: Path) -> None:
    start = time.perf_counter()
    inspection = read_python(sample)
    assert time.perf_counter() - start < 0.25
    assert inspection.failure is None
    assert len(inspection.models[0].layers) >= 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from keras.layers import Dense as D\nD(1)", ["Dense"]),
        ("import keras.layers as L\nL.Dense(1)", ["Dense"]),
        ("import tensorflow as tf\ntf.keras.layers.Dense(1)", ["Dense"]),
        ("import tensorflow.keras as K\nK.layers.Dense(1)", ["Dense"]),
        ("from tensorflow.keras import layers\nlayers.Dense(1)", ["Dense"]),
        ("from tensorflow.python.keras.layers.core import Dense\nDense(1)", ["Dense"]),
        ("import tf_keras\ntf_keras.layers.Dense(1)", ["Dense"]),
        ("import tensorflow as tf\nL = tf.keras.layers\nC = L.Conv2D\nL.Dense(1); C(1, 2)", ["Dense", "Conv2D"]),
        ("from keras.layers import *\nDense(1)", ["Dense"]),
        ("def f(layers): return layers.Dense(1)", ["Dense"]),
        (
            "from keras.layers import Convolution2D, MaxPool2D\nConvolution2D(1)\nMaxPool2D()",
            ["Conv2D", "MaxPooling2D"],
        ),
        ("from keras import layers\nlayers.Dense(2)(layers.Flatten()(x))", ["Dense", "Flatten"]),
        ("import keras\nclass A(keras.layers.Layer): ...\nclass B(A): ...\nB(); A()", ["B", "A"]),
        ("import torch.nn as nn\nnn.LSTM(1); nn.Dropout(2)", []),
        ("from flax.linen import Dense\nDense(1)", []),
        ("from mine import layers\nlayers.Dense(1)", []),
        ("Dense(1)", []),
        ("from keras import layers\nlayers.serialize(x); layers.Thing()", []),
        ("from keras import models\nmodels.Sequential()", []),
    ],
)
def test_what_counts_as_a_layer(tmp_path: Path, text: str, names: list[str]) -> None:
    assert [layer.class_name for layer in glance(tmp_path, text)] == names


@pytest.mark.parametrize(
    ("call", "argument", "shape"),
    [
        ("Dense(1, input_dim=5)", "input_dim", (None, 5)),
        ("Dense(1, input_shape=[28, None])", "input_shape", (None, 28, None)),
        ("Dense(1, input_shape=(4,), batch_size=8)", "input_shape", (8, 4)),
        ("Dense(1, batch_input_shape=(8, 4))", "batch_input_shape", (8, 4)),
        ("Dense(1, input_shape=())", "input_shape", (None,)),
        ("Dense(1, input_shape=x.shape[1:])", "input_shape", None),
        ("Dense(1, input_shape=(4 + 4,))", "input_shape", None),
        ("Dense(1, input_shape=(True,))", "input_shape", None),
        ("Dense(1, input_dim=n)", "input_dim", None),
        ("Dense(1, input_dim=ONCE)", "input_dim", (None, 7)),
        ("Dense(1, input_shape=SHAPE)", "input_shape", (None, 28, 14, 1)),
        ("Dense(1, input_shape=TWICE)", "input_shape", None),
        ("Dense(1, input_shape=LOOP)", "input_shape", None),
        ("Embedding(1000, 8, input_length=5)", "input_length", (None, 5)),
        ("LSTM(8, input_dim=3)", "input_dim", None),
        ("InputLayer(input_shape=(4,))", "input_shape", (None, 4)),
        ("InputLayer(batch_shape=(2, 4))", "batch_shape", (2, 4)),
        ("InputLayer((4,))", "shape", (None, 4)),
        ("Input((4,))", "shape", (None, 4)),
        ("Input(shape=(4,), batch_size=2)", "shape", (2, 4)),
        ("Input(batch_shape=(None, 4))", "batch_shape", (None, 4)),
    ],
)
def test_declarations(tmp_path: Path, call: str, argument: str, shape: Shape | None) -> None:
    text = "from keras.layers import *\nfrom keras import Input\nONCE = 7\nROWS, COLUMNS = 28, 14\n"
    text += f"SHAPE = (ROWS, COLUMNS, 1)\nTWICE = (1,)\nTWICE = (2,)\nLOOP = (LOOP,)\n{call}\n"
    (layer,) = glance(tmp_path, text)
    assert layer.declared is not None
    assert (layer.declared.argument, layer.declared.shape) == (argument, shape)
    assert layer.declared.value in call
    assert layer.is_input == call.startswith("Input")


@pytest.mark.parametrize(
    "text",
    [
        "from keras import layers\nlayers.Embedding(input_dim=1000, output_dim=8)",
        "from keras import layers\nlayers.Dense(1, input_shape=None)",
        "from keras import Input\nInput(tensor=x)",
        "import keras\nclass A(keras.Layer):\n  def __init__(self, input_dim=3): ...\nA(input_dim=3)",
    ],
)
def test_what_is_no_declaration(tmp_path: Path, text: str) -> None:
    (layer,) = glance(tmp_path, text)
    assert layer.declared is None


def test_names(tmp_path: Path) -> None:
    text = "from keras import layers\na = layers.Dense(1)\nself.b = layers.Dense(1)\nx = layers.Dense(1)(x)\n"
    text += "c = layers.Dense(1, name='d')\ne = layers.Dense(1, name=f'{i}')"
    assert [layer.name for layer in glance(tmp_path, text)] == ["a", "b", "", "d", "e"]


def test_columns_count_characters(tmp_path: Path) -> None:
    (layer,) = glance(tmp_path, "from keras import layers\nnaïve = '層'; x = layers.Dense(\n  1)")
    assert layer.location is not None
    assert (layer.location.line, layer.location.column, layer.location.end_line) == (2, 18, 3)


def test_controls_do_not_get_through_and_columns_stay(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "from keras import layers\nx = '\x1b[2J\u202e'; layers.Dense(1, name='a\x1b]0;t\x07b')", encoding="utf-8"
    )
    inspection = read_python(path)
    (layer,) = inspection.models[0].layers
    text = inspection.source.text
    assert text is not None
    assert not {"\x1b", "\u202e", "\x07"} & set(text + layer.name + layer.arguments[1].value)
    assert layer.location is not None
    assert text.split("\n")[1][(layer.location.column or 0) - 1 :].startswith("layers.Dense")


def test_encoding_of_the_cookie(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_bytes(
        "# -*- coding: latin-1 -*-\r\nfrom keras import layers\r\né = layers.Dense(1)\r\n".encode("latin-1")
    )
    assert read_python(path).models[0].layers[0].name == "é"
    path.write_bytes(b"\xef\xbb\xbffrom keras import layers\nlayers.Dense(1)")
    assert len(read_python(path).models[0].layers) == 1


def failing(path: Path) -> tuple[str, str, Inspection]:
    inspection = read_python(path)
    assert inspection.failure is not None
    assert inspection.models == ()
    assert inspection.failure.path == str(path)
    return inspection.failure.kind, f"{inspection.failure.message} {inspection.failure.hint}", inspection


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", "empty", "is empty"),
        (b"# nothing\n\n", "empty", "nothing but comments"),
        (b"\x7fELF\x02", "not-python", "compiled program"),
        (b"\x89HDF\r\n\x1a\n\0", "not-python", "HDF5"),
        (b"\x89PNG\r\n\x1a\n", "not-python", "PNG"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "not-python", "git lfs pull"),
        (b'{"class_name": "Sequential", "config": null}', "not-python", "JSON"),
        (b'{"cells": [], "nbformat": 4}', "empty", "without code cells"),
        (b'{"nbformat": 4}', "not-python", "JSON"),
        (b"x = 1\n\0", "not-python", "NUL byte at offset 6"),
        (b"x = 1\ny = '\xff'\n", "not-python", "byte 0xff in line 2"),
        (b"# coding: klingon\n", "not-python", "klingon"),
        ("x = 1".encode("utf-16"), "not-python", "UTF-16"),
        (b"x = (1,\n", "syntax", "line 1"),
        (b"print 'hello'\n", "syntax", "Python 2"),
        (b"%matplotlib inline\n", "syntax", "notebook"),
        (b"<!DOCTYPE html>\n", "syntax", "web page"),
        (b"(" * 5000, "syntax", ""),
        (b"x = " + b"-" * 200_000 + b"1", "syntax", ""),
    ],
)
def test_content_that_is_no_program(tmp_path: Path, content: bytes, kind: str, says: str) -> None:
    path = tmp_path / "model.py"
    path.write_bytes(content)
    found, message, _ = failing(path)
    assert found == kind
    assert says in message


def test_syntax_error_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("é = 'é'\né = é é\n", encoding="utf-8")
    _, _, inspection = failing(path)
    assert inspection.failure is not None
    assert (inspection.failure.line, inspection.failure.column) == (2, 7)
    assert inspection.source.text == "é = 'é'\né = é é\n"


def test_zip_by_any_name(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    assert ".keras" in failing(path)[1]


def test_missing_names_a_neighbour(tmp_path: Path) -> None:
    (tmp_path / "encoder.py").write_text("x = 1")
    kind, message, _ = failing(tmp_path / "encodr.py")
    assert kind == "missing"
    assert "Did you mean" in message
    assert "encoder.py" in message
    assert failing(tmp_path / "encoder.py" / "x.py")[0] == "missing"


def test_a_link_that_leads_nowhere_names_its_target(tmp_path: Path) -> None:
    (tmp_path / "model.py").symlink_to("gone.py")
    failure = read_python(tmp_path / "model.py").failure
    assert failure is not None
    assert failure.message.endswith("model.py is a link to gone.py, which does not exist.")
    assert failure.hint is None, "the link itself is no name to propose"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("model.keras", b"", "is empty: it has 0 bytes"),
        ("model.h5", b"import os", "is named like a saved model or data (.h5), and holds no model"),
        ("model.h5", bytes(MAX_SOURCE_BYTES + 1), "holds no model"),
    ],
)
def test_what_is_said_of_files_that_are_named_like_models(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    kind, message, _ = failing(tmp_path / name)
    assert kind == "not-python"
    assert says in message


def test_directory(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("x = 1")
    kind, message, _ = failing(tmp_path)
    assert kind == "directory"
    assert "train.py" in message


def test_special_files_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    assert failing(tmp_path / "fifo.py")[0] == "unreadable"
    assert failing(Path("/dev/zero"))[0] == "unreadable"
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    assert failing(tmp_path / "loop.py")[0] == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.touch(mode=0)
    assert failing(path)[0] == "unreadable"


def test_odd_paths() -> None:
    assert read_python(Path("a\0b")).failure is not None
    assert read_python(Path("a" * 5000)).failure is not None
    failure = read_python(Path("no\x1b[2Jsuch.py")).failure
    assert failure is not None
    assert "\x1b" not in f"{failure.message}{failure.hint}{failure.path}"


def test_huge_files_are_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    with path.open("wb") as file:
        file.truncate(MAX_SOURCE_BYTES + 1)
    kind, message, _ = failing(path)
    assert kind == "unreadable"
    assert "too large" in message


def test_warnings_about_the_text_are_kept(
    tmp_path: Path, recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]
) -> None:
    glance(tmp_path, "x = '\\d' is 1\n")
    assert not recwarn.list
    assert capfd.readouterr().err == ""


@pytest.mark.keras
def test_layer_names_are_those_of_keras() -> None:
    import json
    import subprocess
    import sys

    program = """if True:
        import inspect, json, keras, tf_keras
        def names(module, base):
            return {n: c.__name__ for n, c in vars(module).items() if inspect.isclass(c) and issubclass(c, base)}
        print(json.dumps([names(keras.layers, keras.layers.Layer), names(tf_keras.layers, tf_keras.layers.Layer)]))
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    three, two = json.loads(ran.stdout.splitlines()[-1])
    assert set(three) - LAYER_NAMES == set()
    assert set(two) - LAYER_NAMES == set()
    assert set(three) >= BOTH
    assert set(two) >= BOTH | KERAS_2_ONLY
    assert set(three) >= KERAS_3_ONLY
    for alias, name in ALIASES.items():
        assert three[alias] == name
        assert two.get(alias, name) == name
    assert {name for name, known_as in three.items() if name != known_as} <= set(ALIASES)


@pytest.mark.parametrize(
    "name", ["m.keras", "m.h5", "m.weights.h5", "m.JSON", "saved_model.pb", "m.pkl", "m.data-00000-of-00001"]
)
def test_what_is_named_as_a_model_is_no_program(tmp_path: Path, name: str) -> None:
    """A user who opens a stranger's model means to look at data."""
    path = tmp_path / name
    path.write_text("print('run')\n")
    failure = read_python(path).failure
    assert failure is not None
    assert failure.kind == "not-python"
    assert "not run as a program" in failure.message
