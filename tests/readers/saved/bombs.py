"""Saved models that are small and want to be large, and models that were cut or changed."""

from __future__ import annotations

import json
import random
import struct
import tempfile
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Bomb:
    """One file.

    Attributes:
        name: What it is.
        path: The file or folder.
        told: Whether it has to be said that something is wrong: KS503, or why nothing is shown.
    """

    name: str
    path: Path
    told: bool = False


def bombs(folder: Path, forge: Any) -> list[Bomb]:
    """Write every one of them; `forge` is the module that writes saved models."""
    folder.mkdir()
    return [
        *_zips(folder, forge),
        *_jsons(folder, forge),
        *_hdf5s(folder, forge),
        *_protobufs(folder, forge),
        *_cut(folder, forge),
    ]


def _zips(folder: Path, forge: Any) -> Iterator[Bomb]:
    good = forge.sequential([forge.dense()])
    path = folder / "ratio.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("metadata.json", "{}")
        file.writestr("config.json", json.dumps(good)[:-1] + " " * (200 << 20) + "}")
    yield Bomb("a config of 200 MB in 200 kB", path, told=True)
    path = folder / "ratio-weights.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(good))
        file.writestr("model.weights.h5", bytes(64 << 20))
    yield Bomb("weights of 64 MB in 64 kB", path, told=True)
    path = folder / "members.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(good))
        for number in range(20_000):
            file.writestr(zipfile.ZipInfo(f"assets/{number}"), b"")
    yield Bomb("20,000 members", path, told=True)
    path = forge.archive(folder / "twice.keras", good)
    with zipfile.ZipFile(path, "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.writestr("config.json", json.dumps(forge.sequential([forge.dense(units=7)])))
    yield Bomb("two configs", path, told=True)
    whole = forge.archive(folder / "sizes.keras", good).read_bytes()
    at = whole.index(b"PK\x01\x02")
    (folder / "sizes.keras").write_bytes(
        whole[: at + 20] + struct.pack("<II", 0xFFFFFFFE, 0xFFFFFFFE) + whole[at + 28 :]
    )
    yield Bomb("a member of 4 GB that is not there", folder / "sizes.keras")
    (folder / "overlap.keras").write_bytes(_overlapping(json.dumps(good).encode()))
    yield Bomb("members over each other", folder / "overlap.keras")
    locked = bytearray(forge.archive(folder / "locked.keras", good).read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(magic, at + 1)) >= 0:
            locked[at + flags] |= 1
    (folder / "locked.keras").write_bytes(locked)
    yield Bomb("locked members", folder / "locked.keras", told=True)
    (folder / "end.keras").write_bytes(b"PK\x05\x06" + bytes(18))
    yield Bomb("an archive of nothing", folder / "end.keras", told=True)
    (folder / "only-end.keras").write_bytes(b"PK\x03\x04" + b"PK\x05\x06\0\0\0\0" + b"\xff" * 14)
    yield Bomb("an archive of lies", folder / "only-end.keras", told=True)


def _overlapping(text: bytes) -> bytes:
    """Many members that share the bytes of one."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(text + b" " * (1 << 20)) + packed.flush()
    sizes = struct.pack("<III", zlib.crc32(text + b" " * (1 << 20)), len(data), len(text) + (1 << 20))
    local = (
        b"PK\x03\x04"
        + struct.pack("<HHHHH", 20, 0, 8, 0, 0)
        + sizes
        + struct.pack("<HH", 11, 0)
        + b"config.json"
        + data
    )
    entries = b""
    for number in range(500):
        name = b"config.json" if number == 0 else b"assets/%04d" % number
        entries += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
        entries += struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 500, 500, len(entries), len(local), 0)
    return local + entries + end


def _jsons(folder: Path, forge: Any) -> Iterator[Bomb]:
    head = '{"class_name": "Sequential", "config": {"name": "m", "layers": '
    texts = {
        "100,000 lists in each other": head + "[" * 100_000 + "]" * 100_000 + "}}",
        "100,000 objects in each other": '{"class_name":' * 100_000 + "1" + "}" * 100_000,
        "10 million zeros": head + "[" + "0," * 10_000_000 + "0]}}",
        "a number of a million digits": head + "1" * 1_000_000 + "}}",
        "a float beyond measure": head + '[{"class_name": "Dense", "config": {"units": 1e999}}]}}',
        "no number": head + '[{"class_name": "Dense", "config": {"units": NaN}}]}}',
        "a text of 30 MB": head + '[{"class_name": "' + "x" * 30_000_000 + '", "config": {}}]}}',
        "half a surrogate": head + '[{"class_name": "Dense", "config": {"name": "\\ud800", "units": 3}}]}}',
        "a name that steers a terminal": head
        + '[{"class_name": "Dense", "config": {"name": "\\u001b]52;c;aGk=\\u0007\\u001b[?1049l\\u202e"}}]}}',
        "units beyond measure": head
        + '[{"class_name": "Dense", "config": {"name": "d", "units": '
        + "9" * 250
        + "}}]}}",
        "a shape of a thousand axes": head
        + '[{"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": ['
        + "9, " * 1000
        + "9]}}]}}",
        "a model in itself": head + '[{"class_name": "Sequential", "config": "Sequential"}]}}',
        "only a head": head,
        "only a brace": "{",
        "no model": '{"a": 1}',
    }
    for number, (name, text) in enumerate(texts.items()):
        path = folder / f"json-{number}.json"
        path.write_text(text)
        yield Bomb(name, path)
        if len(text) < 1_000_000:
            yield Bomb(f"{name}, in an archive", forge.archive(folder / f"json-{number}.keras", text))
            yield Bomb(f"{name}, in HDF5", _h5_with(folder / f"json-{number}.h5", text))


def _h5_with(path: Path, text: str) -> Path:
    with h5py.File(path, "w") as file:
        # Longer text than fits beside the object is kept apart, as Keras's configs are.
        file.attrs.create("model_config", text.encode("utf-8", "surrogatepass"), dtype=h5py.string_dtype())
    return path


def _hdf5s(folder: Path, forge: Any) -> Iterator[Bomb]:
    good = json.dumps(forge.sequential([forge.dense(generation=2)], 2))

    def opened(name: str) -> Any:
        forge.model_h5(folder / name, good)
        return h5py.File(folder / name, "a")

    with opened("deep.h5") as file:
        group = file["model_weights"]
        for _ in range(500):
            group = group.create_group("g")
    yield Bomb("500 groups in each other", folder / "deep.h5", told=True)
    with opened("cycle.h5") as file:
        file["model_weights/plain/again"] = file["model_weights"]
        file["model_weights/plain/root"] = file["/"]
    yield Bomb("groups in themselves", folder / "cycle.h5")
    with opened("many.h5") as file:
        group = file["model_weights"]
        for number in range(10_000):
            group.create_group(str(number))
    yield Bomb("10,000 groups", folder / "many.h5")
    with opened("packed.h5") as file:
        zeros = np.zeros(1 << 20, "f4")
        file.create_dataset("model_weights/plain/packed", (1 << 28,), "f4", chunks=(1 << 20,), compression="gzip")
        for number in range(4):
            file["model_weights/plain/packed"][number << 20 : (number + 1) << 20] = zeros
    yield Bomb("an array of 1 GB in 20 kB", folder / "packed.h5")
    with opened("chunk.h5") as file:
        file.create_dataset("model_weights/plain/chunk", (1 << 28,), "f4", chunks=(1 << 28,), compression="gzip")
    yield Bomb("a chunk of 1 GB", folder / "chunk.h5")
    with opened("attributes.h5") as file:
        for number in range(3000):
            file["model_weights"].attrs[f"layer_names{number}"] = np.array([b"plain"] * 100)
    yield Bomb("3,000 attributes", folder / "attributes.h5")
    with opened("empty.h5") as file:
        file["model_weights/plain/null"] = h5py.Empty("f4")
        file["model_weights/plain/text"] = "a text"
        file["model_weights/plain/ref"] = file["model_weights"].ref
        file["model_weights/plain/none"] = np.zeros((0, 3), "f4")
        file["model_weights/plain/odd"] = np.zeros(3, [("a", "f4"), ("b", "S3")])
        file["model_weights/plain/type"] = np.dtype("f4")
    yield Bomb("arrays of other things", folder / "empty.h5")
    path = folder / "numbers.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = np.zeros(10)
        file.attrs["keras_version"] = 3
    yield Bomb("a config of numbers", path)


def _protobufs(folder: Path, forge: Any) -> Iterator[Bomb]:
    good = forge.saved_model(folder / "good", [forge.node("n", "NoOp")])
    whole = (good / "saved_model.pb").read_bytes()
    deep = b""
    for _ in range(20_000):
        deep = forge.field(2, deep[: 1 << 20])
    contents = {
        "a length beyond the end": b"\x12\xff\xff\xff\xff\x0f" + b"x" * 10,
        "a number without an end": b"\x08" + b"\xff" * 1000,
        "messages in each other": deep,
        "groups in each other": b"\x0b" * 100_000,
        "a field that there is not": b"\x00" * 100 + whole,
        "200,000 nodes": forge.field(2, forge.field(2, forge.field(1, forge.node("n", "NoOp")) * 200_000)),
        "20,000 functions": forge.field(
            2, forge.field(2, forge.field(2, forge.field(1, forge.field(1, forge.field(1, "f"))) * 20_000))
        ),
        "a name of 20 MB": forge.field(2, forge.field(2, forge.field(1, forge.node("n" * (20 << 20), "NoOp")))),
        "half of it": whole[: len(whole) // 2],
        "nothing": b"",
        "chance": random.Random(3).randbytes(5000),
    }
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"pb-{number}"
        path.mkdir()
        (path / "saved_model.pb").write_bytes(content)
        yield Bomb(name, path)
        both = forge.saved_model(folder / f"metadata-{number}", [forge.node("n", "NoOp")], keras_metadata=content)
        yield Bomb(f"{name}, as metadata", both)


def _cut(folder: Path, forge: Any) -> Iterator[Bomb]:
    """Every format, cut at several places and with bits turned."""
    chance = random.Random(11)
    for name, content in samples(forge).items():
        suffix = name.partition(".")[2]
        for number, part in enumerate((1, 7, len(content) // 3, len(content) - 1)):
            path = write(folder / f"cut-{number}-{name}", content[:part], suffix, forge)
            yield Bomb(path.name, path)
        for number in range(4):
            turned = bytearray(content)
            for _ in range(3):
                turned[chance.randrange(len(turned))] ^= 1 << chance.randrange(8)
            path = write(folder / f"turned-{number}-{name}", bytes(turned), suffix, forge)
            yield Bomb(path.name, path)


def write(path: Path, content: bytes, suffix: str, forge: Any) -> Path:
    """Write a changed sample so that it is taken for what it was: a graph and its metadata stand in a folder."""
    if suffix == "pb":
        path.mkdir()
        (path / "saved_model.pb").write_bytes(content)
    elif suffix == "metadata":
        forge.saved_model(path, [forge.node("n", "NoOp")], keras_metadata=content)
    else:
        path.write_bytes(content)
    return path


def samples(forge: Any) -> dict[str, bytes]:
    """One good file of each format, by a name with its suffix."""
    embedding = forge.layer("Embedding", {"name": "words", "input_dim": 9, "output_dim": 4})
    inner = forge.sequential([forge.dense("inner")])
    new = forge.sequential([embedding, forge.layer("LSTM", {"name": "lstm", "units": 4}), inner, forge.dense()])
    old = forge.sequential([forge.dense(generation=2, batch_input_shape=[None, 4]), forge.dense("b", generation=2)], 2)
    oldest = forge.sequential([forge.layer("Dense", {"output_dim": 3, "input_dim": 4, "name": "plain"}, 2)], 1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        graph = forge.saved_model(
            folder / "graph",
            [forge.constant("c", "x"), forge.node("r", "ReadFile", ("c",))],
            [forge.node("w", "WriteFile", ("a", "b"))],
            keras_metadata=forge.keras_metadata(old),
        )
        return {
            "keras3.keras": forge.archive(folder / "3.keras", new).read_bytes(),
            "keras2.keras": forge.archive(folder / "2.keras", old, version="2.15.0").read_bytes(),
            "keras3.h5": forge.model_h5(folder / "3.h5", new, "3.8.0").read_bytes(),
            "keras2.h5": forge.model_h5(folder / "2.h5", old).read_bytes(),
            "keras1.h5": forge.model_h5(folder / "1.h5", oldest, "1.2.2").read_bytes(),
            "weights.weights.h5": forge.weights(),
            "keras3.json": json.dumps(new).encode(),
            "keras1.json": json.dumps(oldest).encode(),
            "graph.pb": (graph / "saved_model.pb").read_bytes(),
            "metadata.metadata": (graph / "keras_metadata.pb").read_bytes(),
            "checkpoint.index": forge.checkpoint(folder / "c.index").read_bytes(),
        }
