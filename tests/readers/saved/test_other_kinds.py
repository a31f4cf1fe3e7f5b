"""Files and folders that are no Keras models: each named by what is in it, whatever it is called."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.readers.saved.tensorflow_files import graph, message, node, number, saved_model, tensor, written

from kerascope.readers.saved._other_kinds import name_other

ROOT = Path(__file__).parents[3]


def zipped(*names: str) -> bytes:
    """A zip archive with empty members of those names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 100)
    return out.getvalue()


def tarred() -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("saved_model.pb"))
    return out.getvalue()


def npz() -> bytes:
    """What `numpy.savez` writes."""
    out = io.BytesIO()
    np.savez(out, a=np.ones(3), b=np.zeros(2))
    return out.getvalue()


def npy() -> bytes:
    """What `numpy.save` writes."""
    out = io.BytesIO()
    np.save(out, np.ones(3))
    return out.getvalue()


SAFETENSORS = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
ONNX = number(1, 8) + message(2, "pytorch") + message(3, "2.0") + message(7, message(1, node("a", "Add")))
ONNX_BARE = number(1, 7) + message(7, message(1, message(1, "x"), message(4, "Relu")), message(2, "main"))
META = message(
    1, message(2, message(1, message(1, "Add"), message(2, message(1, "x")))), message(4, "train")
) + message(2)
FROZEN = graph(node("x", "Placeholder"), node("w", "Const", attributes=tensor("y")))
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 269000000\n"

KINDS = {
    "lfs": (LFS, "is a Git LFS pointer: the file itself of 269,000,000 bytes was not downloaded"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(40), "is a TensorFlow Lite model"),
    "ort": (b"\x1c\x00\x00\x00ORTM" + bytes(40), "is an ONNX Runtime model"),
    "onnx": (ONNX, "is an ONNX model"),
    "onnx without a producer": (ONNX_BARE, "is an ONNX model"),
    "frozen": (FROZEN, "is a TensorFlow graph (a frozen .pb)"),
    "frozen, first node large": (graph(node("w", "Const", attributes=tensor("y" * 90_000))), "is a TensorFlow graph"),
    "meta": (META, "belongs to a TensorFlow 1 checkpoint"),
    "saved model": (saved_model(FROZEN), "is the graph of a SavedModel, taken out of its folder"),
    "torch": (zipped("archive/data.pkl", "archive/byteorder", "archive/data/0"), "is a PyTorch file"),
    "old torch": (
        pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + b"\x80\x02M\xe9\x03.",
        "is a PyTorch file (of before",
    ),
    "npz": (npz(), "is a NumPy archive (.npz)"),
    "npy": (npy(), "is one NumPy array"),
    "zipped saved model": (zipped("model/", "model/saved_model.pb"), "is a zip archive around a SavedModel"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "is a document or program in a zip archive"),
    "safetensors": (len(SAFETENSORS).to_bytes(8, "little") + SAFETENSORS + bytes(8), "is a safetensors file"),
    "gguf": (b"GGUF\x03\x00\x00\x00" + bytes(30), "is a GGUF file"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(20), "is a gzip archive: a model inside of it is not looked at"),
    "tar": (tarred(), "is a tar archive"),
    "xz": (b"\xfd7zXZ\x00" + bytes(20), "is an xz archive"),
    "html": (b"\n<!DOCTYPE html>\n<html><body>Log in</body></html>", "is a web page (HTML)"),
    "pbtxt": (b'node {\n  name: "x"\n  op: "Placeholder"\n}\n', "is a TensorFlow graph as text"),
    "saved pbtxt": (b"saved_model_schema_version: 1\nmeta_graphs {\n", "is a SavedModel as text"),
    "tfjs": (b'{"format": "graph-model", "modelTopology": {"node": []}}', "is a TensorFlow.js graph model"),
    "checkpoint": (b'model_checkpoint_path: "ckpt-9"\n', "that checkpoint's index is not there"),
    "openvino": (b'<?xml version="1.0"?>\n<net name="x" version="11">', "is an OpenVINO model"),
    **{
        f"pickle {protocol}": (pickle.dumps({"model": [1, 2], "name": "x"}, protocol=protocol), "is a Python pickle")
        for protocol in (2, 3, 4, 5)
    },
    "joblib": (pickle.dumps("joblib.numpy_pickle", protocol=4), "is a Python pickle, as joblib writes it"),
    "sklearn": (pickle.dumps({"sklearn.pipeline": 1}, protocol=4), "is a Python pickle, as scikit-learn writes it"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["file", "model.keras", "it's a model.h5"])
def test_kinds_are_named(tmp_path: Path, kind: str, name: str) -> None:
    data, says = KINDS[kind]
    path = tmp_path / name
    path.write_bytes(data)
    found = name_other(path, data[:4096])
    assert found is not None
    assert says in found.message
    assert found.kind == "not-a-model"
    assert found.path == str(path)
    assert found.message.startswith(f"{path} ")
    assert found.message.endswith(".")
    assert found.hint
    assert found.hint.endswith(".")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"import keras\n",
        b"\n\n\nimport keras\n",
        b'\n"""A_docstring_that_is_long_and_has_no_blank_in_it"""\n',
        b"{}",
        b'{"class_name": "Sequential", "config": []}',
        b'{"format": "layers-model", "modelTopology": {"model_config": {}}}',
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        zipped("metadata.json", "config.json", "model.weights.h5"),
        zipped("a.npy", "config.json"),
        bytes(4096),
        b"\xff" * 4096,
        b"<svg>",
    ],
)
def test_what_may_be_a_model_or_a_program_is_left_alone(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    assert name_other(path, data[:4096]) is None


def test_our_own_programs_are_left_alone() -> None:
    programs = [*(ROOT / "sample_models").iterdir(), *(ROOT / "tests" / "corpus").rglob("*.py")]
    assert len(programs) > 20
    for path in programs:
        if path.is_file():
            assert name_other(path, path.read_bytes()[:4096]) is None, path


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("config.json", "pytorch_model.bin"), "is a folder of Hugging Face Transformers"),
        (("config.json", "model.safetensors"), "is a folder of Hugging Face Transformers"),
        (("_CHECKPOINT_METADATA", "d"), "is an Orbax checkpoint"),
        (("variables", "assets"), "saved_model.pb is missing"),
        (("saved_model.pb", "variables", "assets"), None),
        (("model.py",), None),
        ((), None),
    ],
)
def test_folders(tmp_path: Path, names: tuple[str, ...], says: str | None) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    found = name_other(tmp_path, b"")
    assert (found is None) == (says is None)
    assert found is None or (says or "") in found.message


def test_a_data_file_without_its_index(tmp_path: Path) -> None:
    path = tmp_path / "net.data-00000-of-00001"
    path.write_bytes(b"\x01\x02")
    found = name_other(path, b"\x01\x02")
    assert found is not None
    assert "its index, net.index, is not beside it" in found.message


def test_names_are_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31mb.tflite"
    path.write_bytes(KINDS["tflite"][0])
    found = name_other(path, KINDS["tflite"][0])
    assert found is not None
    assert "\x1b" not in found.message + str(found.hint) + str(found.path)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("frozen.pb", "is a TensorFlow graph (a frozen .pb)"),
        ("frozen.pbtxt", "is a TensorFlow graph as text"),
        ("model.tflite", "is a TensorFlow Lite model"),
        ("tf1_checkpoint/model.ckpt-7.meta", "belongs to a TensorFlow 1 checkpoint"),
        ("module/saved_model.pb", "is the graph of a SavedModel"),
        ("tf1/saved_model.pb", "is the graph of a SavedModel"),
        ("tf1_text/saved_model.pbtxt", "is a SavedModel as text"),
    ],
)
def test_what_tensorflow_writes_is_named(name: str, says: str) -> None:
    path = written("3")[0] / name
    found = name_other(path, path.read_bytes()[:4096])
    assert found is not None
    assert says in found.message


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("model.h5.gz", b"\x89HDF", "Unpack it (gunzip -c model.h5.gz > unpacked) and open that."),
        ("a model", b"\x89HDF", "Unpack it (gunzip -c 'a model' > unpacked) and open that."),
        (
            "download",
            tarred(),
            "Unpack it (tar xf download) and open the model that was in it: its file, or its folder.",
        ),
    ],
)
def test_gzip_is_unpacked_by_what_is_in_it(tmp_path: Path, name: str, content: bytes, hint: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content))
    failure = name_other(path, path.read_bytes()[:4096])
    assert failure is not None
    assert failure.hint == hint
