"""HDF5 files and archives as real Keras writes them: weights, whose they are, and their numbers."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from tests.readers.saved import forge

from kerascope.graph import WeightStats
from kerascope.readers.saved._containers import Asset, read_archive, read_hdf5
from kerascope.readers.saved._errors import Malformed
from kerascope.readers.saved._stats import array_stats

if TYPE_CHECKING:
    from kerascope.graph import Weight
    from kerascope.readers.saved._hdf5 import Hdf5Contents

INNER = {"a": "inner", "b": "inner"}
"""In a store of Keras 3 a nested model's layers have their own names."""


@functools.cache
def written(generation: int) -> tuple[Path, dict[str, Any]]:
    """The files of a generation of Keras, and what it says of their weights."""
    folder = Path(tempfile.mkdtemp(prefix="kerascope-test-"))
    script = Path(__file__).with_name("keras_containers.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(generation), str(folder)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    facts: dict[str, Any] = json.loads(ran.stdout)
    assert len(facts) == 6
    return folder, facts


def contents_of(path: Path) -> Hdf5Contents:
    """What a file holds, and no issue."""
    if path.suffix != ".keras":
        contents = read_hdf5(path)
    else:
        archive = read_archive(path)
        assert archive.issues == ()
        assert isinstance(archive.config, dict)
        assert archive.metadata["keras_version"]
        assert archive.weights is not None
        contents = archive.weights
    assert contents.issues == ()
    return contents


FILES = [
    f"{name}-{generation}{suffix}"
    for generation in (2, 3)
    for name in ("trained", "nested")
    for suffix in (".keras", ".h5", ".weights.h5")
]


@pytest.mark.keras
@pytest.mark.parametrize("name", FILES)
def test_weights_are_those_that_keras_has(name: str) -> None:
    generation = 2 if "-2." in name else 3
    folder, facts = written(generation)
    truth = facts[name]
    weights = contents_of(folder / name).weights
    assert len({weight.path for weight in weights}) == len(weights)
    own = [weight for weight in weights if weight.group == "model"]
    store = not name.endswith(f"-{generation}.h5")
    named = not (store and generation == 2)
    ours = Counter(
        (INNER.get(weight.layer or "", weight.layer) if named else None, weight.shape, weight.dtype) for weight in own
    )
    theirs = Counter((layer if named else None, tuple(shape), dtype) for layer, shape, dtype, _ in truth["weights"])
    assert ours == theirs
    if not name.startswith("nested"):
        optimizer = sum(weight.group == "optimizer" for weight in weights)
        assert optimizer == (truth["optimizer"] if name.startswith("trained") else 0)
    numbers = dict(array_stats(folder / name, weights, [each.path for each in own], archive=name.endswith(".keras")))
    sums = []
    for weight in own:
        told = numbers[weight.path]
        assert isinstance(told, WeightStats), told
        assert told.mean is not None
        assert told.count == int(np.prod(weight.shape))
        sums.append((weight.shape, told.mean * told.count))
    expected = [(tuple(shape), total) for *_, shape, _, total in truth["weights"]]
    assert [shape for shape, _ in sorted(sums)] == [shape for shape, _ in sorted(expected)]
    assert [total for _, total in sorted(sums)] == pytest.approx([total for _, total in sorted(expected)], abs=1e-5)


@pytest.mark.keras
@pytest.mark.parametrize("generation", [2, 3])
def test_what_a_full_model_says_of_itself(generation: int) -> None:
    folder, _ = written(generation)
    contents = contents_of(folder / f"nested-{generation}.h5")
    assert contents.config is not None
    assert json.loads(contents.config)["class_name"] == "Sequential"
    assert contents.backend == "tensorflow"
    assert (contents.keras_version or "").startswith({2: "2.", 3: "3."}[generation])
    trained = contents_of(folder / f"trained-{generation}.h5")
    assert json.loads(trained.training or b"{}")["loss"] == "mse"


@pytest.mark.keras
def test_names_as_people_say_them() -> None:
    folder, _ = written(3)
    names = {weight.name for weight in contents_of(folder / "nested-3.keras").weights}
    assert names >= {"inner/a/vars/0", "same/vars/1", "both/forward_layer/cell/vars/2"}
    names = {weight.name for weight in contents_of(folder / "nested-3.h5").weights}
    assert names >= {"inner/a/kernel", "same/bias", "both/backward_lstm/lstm_cell/recurrent_kernel"}
    names = {weight.name for weight in contents_of(written(2)[0] / "nested-2.h5").weights}
    assert names >= {"inner/a/kernel", "same/bias", "both/backward_lstm/lstm_cell/recurrent_kernel"}


@pytest.mark.keras
def test_a_store_tells_the_names_of_its_layers() -> None:
    names = contents_of(written(3)[0] / "trained-3.keras").names
    assert names["layers/conv2d"] == "first"
    assert names["layers/conv2d_1"] == "second"
    assert names[""] == "trained"
    assert contents_of(written(2)[0] / "trained-2.keras").names == {}


# Forms that today's Keras no longer writes.


def by_path(path: Path) -> dict[str, Weight]:
    """The weights of an HDF5 file."""
    return {weight.path: weight for weight in read_hdf5(path).weights}


def test_keras_1(tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"dense_1", b"deep/er"])
        group = file.create_group("dense_1")
        group.attrs["weight_names"] = np.array([b"dense_1_W", b"dense_1_b"])
        group["dense_1_W"], group["dense_1_b"] = np.ones((2, 3), "f4"), np.ones(3, "f4")
        group = file.create_group("deep/er")
        group.attrs["weight_names"] = np.array([b"deep/er/kernel:0"])
        group["deep/er/kernel:0"] = np.ones(3, "f4")
    weights = by_path(path)
    assert [(weight.name, weight.layer) for weight in weights.values()] == [
        ("deep/er/kernel", "deep/er"),
        ("dense_1/dense_1_W", "dense_1"),
        ("dense_1/dense_1_b", "dense_1"),
    ]


def test_long_lists_were_split(tmp_path: Path) -> None:
    path = tmp_path / "split.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights")
        group.attrs["layer_names0"], group.attrs["layer_names1"] = np.array([b"one", b"two"]), np.array([b"three"])
        group.create_group("one").attrs["weight_names0"] = np.array([b"one/kernel:0"])
        group["one/one/kernel:0"] = np.ones(3)
    contents = read_hdf5(path)
    assert [(weight.name, weight.layer) for weight in contents.weights] == [("one/kernel", "one")]


def test_texts_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "texts.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = np.bytes_(b'{"a": 1}')
        file.attrs["keras_version"] = np.bytes_(b"1.2.2")
        file.attrs.create("backend", "theano", dtype=h5py.string_dtype("ascii", 20))
    contents = read_hdf5(path)
    assert (contents.config, contents.keras_version, contents.backend) == (b'{"a": 1}', "1.2.2", "theano")


def test_what_else_a_store_keeps(tmp_path: Path) -> None:
    path = tmp_path / "store.h5"
    with h5py.File(path, "w") as file:
        for place in (
            "layers/dropout/seed_generator/vars/0",
            "metrics/mean/vars/0",
            "optimizer/vars/0",
            "layers/sequential/optimizer/vars/3",
            "layers/sequential/metrics/auc/vars/0",
            "layers/optimizer/vars/0",
            "layers/text_vectorization/_lookup_layer/vars/idf_weights",
            "_layer_checkpoint_dependencies/dense/vars/0",
            "vars/0",
        ):
            file[place] = np.ones(2, "f4")
    weights = by_path(path)
    assert {path: (weight.group, weight.name) for path, weight in weights.items()} == {
        "layers/dropout/seed_generator/vars/0": ("seed", "dropout/seed_generator/vars/0"),
        "metrics/mean/vars/0": ("metrics", "metrics/mean/vars/0"),
        "optimizer/vars/0": ("optimizer", "optimizer/vars/0"),
        "layers/sequential/optimizer/vars/3": ("optimizer", "sequential/optimizer/vars/3"),
        "layers/sequential/metrics/auc/vars/0": ("metrics", "sequential/metrics/auc/vars/0"),
        "layers/optimizer/vars/0": ("model", "optimizer/vars/0"),
        "layers/text_vectorization/_lookup_layer/vars/idf_weights": (
            "other",
            "text_vectorization/_lookup_layer/vars/idf_weights",
        ),
        "_layer_checkpoint_dependencies/dense/vars/0": ("model", "dense/vars/0"),
        "vars/0": ("model", "vars/0"),
    }


# Archives.


def test_an_archive_that_was_packed_again(tmp_path: Path) -> None:
    """Deflated weights are read in the archive, too."""
    whole = forge.archive(tmp_path / "whole.keras", {"a": 1}, {"assets/words.txt": b"one two"})
    packed = tmp_path / "packed.keras"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    one, other = read_archive(whole), read_archive(packed)
    assert one.weights is not None
    assert one.weights.weights
    assert (one.weights, one.config, one.text, one.assets) == (other.weights, other.config, other.text, other.assets)
    assert one.assets == (Asset("assets/words.txt", 7),)
    wanted = [weight.path for weight in one.weights.weights]
    stats = list(array_stats(whole, one.weights.weights, wanted, archive=True))
    assert stats == list(array_stats(packed, one.weights.weights, wanted, archive=True))


def test_an_archive_that_lacks_things(tmp_path: Path) -> None:
    path = tmp_path / "bare.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", "[1")
        file.writestr("model.weights.h5", b"no weights")
    archive = read_archive(path)
    assert (archive.config, archive.metadata) == (None, {})
    assert archive.weights is not None
    assert archive.weights.weights == ()
    assert [issue.message for issue in archive.issues] == [
        "the archive has no config.json",
        "metadata.json is not valid JSON: Expecting ',' delimiter (line 1 column 3)",
        "model.weights.h5 holds no weights that can be read: it cannot be read as HDF5: "
        "Unable to synchronously open file (file signature not found)",
    ]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
        file.writestr("model.weights.npz", b"")
    archive = read_archive(path)
    assert archive.weights is None
    assert "the archive has no model.weights.h5" in [issue.message for issue in archive.issues]


def test_a_file_that_was_cut_off(tmp_path: Path) -> None:
    path = forge.model_h5(tmp_path / "model.h5", {"a": 1})
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    contents = read_hdf5(path)
    assert contents.config == b'{"a": 1}'
    assert contents.issues[0].message == f"the file was cut off: {len(whole) - 100:,} bytes of {len(whole):,} are there"


@pytest.mark.parametrize(("data", "says"), [(b"", "it is empty"), (b"x" * 5000, "file signature not found")])
def test_no_hdf5(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "no.h5"
    path.write_bytes(data)
    with pytest.raises(Malformed, match=says):
        read_hdf5(path)


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="not a regular file"):
        read_hdf5(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_hdf5(tmp_path / "none")
