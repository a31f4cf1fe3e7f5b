"""Broken and hostile files of TensorFlow's kinds: always contents or `Malformed`, and quickly."""

from __future__ import annotations

import random
import shutil
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from tests.readers.saved.tensorflow_files import message, number, saved_model, varint, written
from tests.readers.saved.test_checkpoint import checkpoint, entry

from kerascope.readers.saved import Malformed, _keras_objects, _operations, _saved_objects, _wire
from kerascope.readers.saved._checkpoint import read_checkpoint
from kerascope.readers.saved._saved_model import SavedModelContents, read_saved_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 5.0
MEGABYTE = 1 << 20
BOMBS = (varint((1 << 64) - 1), varint(1 << 31), b"\xff" * 12, b"\x0b", b"\x80", b"\x0a\xff\xff\xff\xff\x07", bytes(16))


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with a few bits turned, cut off, a part doubled, or a bomb put in."""
    out = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        return bytes(out[: chance.randrange(len(out))])
    if kind == 1:
        start = chance.randrange(len(out))
        out[start:start] = out[start : start + chance.randrange(1, 200)]
    elif kind == 2:
        start = chance.randrange(len(out))
        out[start : start + chance.randrange(8)] = chance.choice(BOMBS)
    else:
        for _ in range(chance.randrange(1, 9)):
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def read_all(contents: SavedModelContents) -> None:
    """Ask for everything that is worked out later."""
    for layer in contents.layers:
        layer.serialized()
    for signature in contents.signatures:
        signature.text()


@pytest.mark.keras
@pytest.mark.parametrize(
    ("generation", "name", "file", "count"),
    [
        ("2", "subclassed", "saved_model.pb", 60),
        ("3", "tf1", "saved_model.pb", 80),
        ("3", "sly", "saved_model.pb", 80),
        ("3", "module", "variables/variables.index", 150),
        ("3", "tf1", "variables/variables.index", 80),
        ("2", "words", "keras_metadata.pb", 100),
        ("3", "exported", "variables/variables.data-00000-of-00001", 50),
    ],
)
def test_mutations(tmp_path: Path, generation: str, name: str, file: str, count: int) -> None:
    path = tmp_path / "model"
    shutil.copytree(written(generation)[0] / name, path)
    good = (path / file).read_bytes()
    chance = random.Random(f"{name}/{file}")
    read = malformed = 0
    for _ in range(count):
        (path / file).write_bytes(mutated(good, chance))
        started = time.perf_counter()
        try:
            read_all(read_saved_model(path))
            read += 1
        except Malformed:
            malformed += 1
        assert time.perf_counter() - started < SECONDS
    assert read + malformed == count
    assert read > count // 10


def run(folder: Path, data: Callable[[], bytes]) -> tuple[SavedModelContents | None, float]:
    """What is read of a bomb, and the most memory it took, in MB."""
    (folder / "saved_model.pb").write_bytes(data())
    tracemalloc.start()
    contents = None
    try:
        contents = read_saved_model(folder)
    except Malformed:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return contents, peak / MEGABYTE


LARGE = 30_000
SAVED = {
    "objects": lambda: saved_model(b"", message(7, b"\x0a\x00" * LARGE)),
    "objects with many attributes": lambda: saved_model(b"", message(7, message(1, b"\x0a\x00" * 400) * 100)),
    "functions of the object graph": lambda: saved_model(b"", message(7, b"\x12\x00" * LARGE)),
    "unknown fields of an object": lambda: saved_model(b"", message(7, message(1, b"\x08\x00" * LARGE))),
    "operations": lambda: saved_model(b"\x0a\x00" * 2 * LARGE),
    "functions": lambda: saved_model(message(2, b"\x0a\x00" * LARGE)),
    "operations of a function": lambda: saved_model(message(2, message(1, b"\x1a\x00" * 3 * LARGE))),
    "operations that read files": lambda: saved_model(message(2, message(1, message(3, b"\x12\x08ReadFile") * 5_000))),
    "signatures": lambda: saved_model(b"", message(5, b"") * LARGE),
    "tensors of a signature": lambda: saved_model(b"", message(5, message(1, "x"), message(2, b"\x0a\x00" * LARGE))),
    "sizes of a shape": lambda: saved_model(
        b"",
        message(
            5, message(1, "x"), message(2, message(1, message(1, "a"), message(2, message(3, b"\x12\x00" * LARGE))))
        ),
    ),
    "graphs": lambda: number(1, 1) + message(2, b"") * LARGE,
    "tags": lambda: saved_model(b"", message(1, message(4, "") * LARGE)),
    "assets": lambda: saved_model(b"", message(6, message(2, "x")) * LARGE),
}


@pytest.mark.parametrize("kind", SAVED)
def test_bombs_in_a_saved_model(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds and bombs are a fiftieth of their size; so is the memory that may be taken."""
    monkeypatch.setattr(_wire, "MAX_STEPS", 120_000)
    monkeypatch.setattr(_wire, "MAX_FIELDS", 10_000)
    monkeypatch.setattr(_saved_objects, "MAX_EDGES", 20_000)
    monkeypatch.setattr(_operations, "MAX_FUNCTIONS", 2_000)
    contents, peak = run(tmp_path, SAVED[kind])
    assert peak < 6
    assert contents is None or contents.issues


def test_one_container_held_by_many_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What belongs to each layer is looked for through lists: not as often as there are layers times entries."""
    monkeypatch.setattr(_saved_objects, "MAX_WALK", 30_000)
    layer = '{"class_name": "Dense", "name": "d", "config": {}}'
    held = message(1, number(1, 300), message(2, "list"))
    objects = message(1, held, message(4, message(1, "_tf_keras_layer"), message(3, layer))) * 300
    objects += message(1, message(1, number(1, 300), message(2, "x")) * 1_000, message(4, message(1, "list")))
    contents, _ = run(tmp_path, lambda: saved_model(b"", message(7, objects)))
    assert contents is not None
    assert len(contents.layers) == 300
    assert any("held by each other in more than" in issue.message for issue in contents.issues)


def test_metadata_with_too_many_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_keras_objects, "MAX_KERAS_VALUES", 40_000)
    text = '{"class_name": "Dense", "name": "d", "config": {"x": [' + "1," * 10_000 + "1]}}"
    objects = b"".join(
        message(1, number(2, count), message(3, "root"), message(4, "_tf_keras_layer"), message(5, text))
        for count in range(5)
    )
    (tmp_path / "keras_metadata.pb").write_bytes(objects)
    contents, peak = run(tmp_path, saved_model)
    assert contents is not None
    assert len(contents.layers) == 3
    assert "more than 40,000 values" in contents.issues[0].message
    assert peak < 6


def test_an_index_with_long_names_and_many_entries(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="has 2,000 bytes"):
        read_checkpoint(checkpoint(tmp_path, (b"x" * 2000, entry())))
    pairs = [(f"{'a1' * 400}{count:06d}".encode(), entry()) for count in range(3000)]
    assert len(read_checkpoint(checkpoint(tmp_path, *pairs)).weights) == 3000


def keras_layer(name: str, *children: bytes) -> bytes:
    """A Keras layer as the graph of objects has it."""
    text = f'{{"class_name": "Dense", "name": "{name}", "config": {{"name": "{name}"}}}}'
    return message(1, *children, message(4, message(1, "_tf_keras_layer"), message(3, text)))


def test_chains_of_objects_and_of_layers(tmp_path: Path) -> None:
    """Paths, owners and documents of one name take no time that grows with the square of a chain's length."""
    name = "x" * 1000
    count = 8_000
    plain = [
        message(1, message(1, number(1, at + 1), message(2, name)), message(4, message(1, "list")))
        for at in range(1, count)
    ]
    objects = [keras_layer("first", message(1, number(1, 1), message(2, name))), *plain, keras_layer("last")]
    layers = [keras_layer("same", message(1, number(1, at + 1), message(2, "inner"))) for at in range(count)]
    for chain, held in ((objects, 2), ([*layers, keras_layer("same")], count + 1)):
        (tmp_path / "saved_model.pb").write_bytes(saved_model(b"", message(7, b"".join(chain))))
        started = time.process_time()
        assert len(read_saved_model(tmp_path).layers) == held
        assert time.process_time() - started < SECONDS / 2
