"""Checkpoints: the same arrays as TensorFlow lists, and the numbers at the places we say."""

from __future__ import annotations

import shutil
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.readers.saved.tensorflow_files import message, number, varint, written

from kerascope.graph import WeightStats
from kerascope.readers.saved import Malformed, detect, weight_stats
from kerascope.readers.saved._checkpoint import CheckpointContents, group_of, read_checkpoint
from kerascope.readers.saved._sstable import TABLE_MAGIC, entries

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINTS = {
    "sequential": ("2", "sequential/variables/variables"),
    "functional": ("2", "functional/variables/variables"),
    "subclassed": ("2", "subclassed/variables/variables"),
    "stack": ("2", "stack/variables/variables"),
    "recurrent": ("2", "recurrent/variables/variables"),
    "words": ("2", "words/variables/variables"),
    "weights": ("2", "weights/net"),
    "weights_of_sequential": ("2", "weights_of_sequential/plain"),
    "module": ("3", "module/variables/variables"),
    "exported": ("3", "exported/variables/variables"),
    "tf1": ("3", "tf1/variables/variables"),
    "tf1_checkpoint": ("3", "tf1_checkpoint/model.ckpt-7"),
    "kinds": ("3", "kinds/ckpt-1"),
    "many": ("3", "many/ckpt"),
}
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def table(pairs: list[tuple[bytes, bytes]], *, compression: int = 0) -> bytes:
    """A LevelDB table with one block, and no bytes of keys shared."""

    def block(items: list[tuple[bytes, bytes]]) -> bytes:
        body = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in items)
        return body + struct.pack("<II", 0, 1)

    data = block(pairs)
    trailer = bytes([compression]) + bytes(4)
    index = block([(b"\xff", varint(0) + varint(len(data)))])
    footer = varint(0) + varint(0) + varint(len(data) + 5) + varint(len(index))
    return data + trailer + index + bytes(5) + footer.ljust(40, b"\0") + TABLE_MAGIC


def entry(dtype: int = 1, shape: tuple[int, ...] = (2,), shard: int = 0, offset: int = 0, size: int = 8) -> bytes:
    """A `BundleEntryProto`."""
    dims = b"".join(message(2, number(1, each)) for each in shape)
    return number(1, dtype) + message(2, dims) + number(3, shard) + number(4, offset) + number(5, size)


def checkpoint(folder: Path, *pairs: tuple[bytes, bytes], header: bytes | None = None, data: int = 8) -> Path:
    """A checkpoint with those entries and a data file of zeros."""
    index = folder / "c.index"
    index.write_bytes(table([(b"", number(1, 1) if header is None else header), *pairs]))
    if data >= 0:
        (folder / "c.data-00000-of-00001").write_bytes(bytes(data))
    return index


# What TensorFlow wrote


@pytest.mark.keras
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_arrays_are_those_that_tensorflow_lists(name: str) -> None:
    generation, prefix = CHECKPOINTS[name]
    folder, said = written(generation)
    contents = read_checkpoint(folder / f"{prefix}.index")
    wanted = {path: value[:2] for path, value in said[name]["variables"].items() if path != OBJECT_GRAPH}
    assert {weight.path: [list(weight.shape), weight.dtype] for weight in contents.weights} == wanted
    assert contents.issues == ()
    for weight in contents.weights:
        assert (weight.path in contents.places) == (weight.unreadable is None) == (weight.dtype != "string")
        if weight.unreadable is None:
            assert weight.size == sum(place.nbytes for place in contents.places[weight.path])


@pytest.mark.keras
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_numbers_stand_at_their_places(name: str) -> None:
    generation, prefix = CHECKPOINTS[name]
    folder, said = written(generation)
    contents = read_checkpoint(folder / f"{prefix}.index")
    for path, (_, dtype, total) in said[name]["variables"].items():
        if total is None:
            continue
        numbers = [
            np.frombuffer(place.file.read_bytes()[place.offset : place.offset + place.nbytes], dtype)
            for place in contents.places[path]
        ]
        assert np.isclose(sum(float(part.astype("float64").sum()) for part in numbers), total), path


@pytest.mark.keras
def test_partitioned_arrays_have_a_place_for_each_slice() -> None:
    contents = read_checkpoint(written("3")[0] / "tf1_checkpoint" / "model.ckpt-7.index")
    assert [place.nbytes for place in contents.places["net/kernel"]] == [48, 48]
    kernel = next(weight for weight in contents.weights if weight.path == "net/kernel")
    assert (kernel.shape, kernel.size, kernel.unreadable) == ((4, 6), 96, None)


@pytest.mark.keras
def test_names_are_those_of_the_program_and_groups_are_told() -> None:
    folder, _ = written("2")
    contents = read_checkpoint(folder / "sequential" / "variables" / "variables.index")
    by_path = {weight.path.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE"): weight for weight in contents.weights}
    assert by_path["layer_with_weights-0/kernel"].name == "first/kernel"
    groups = {path: weight.group for path, weight in by_path.items()}
    assert groups["layer_with_weights-1/bias"] == "model"
    assert groups["keras_api/metrics/0/count"] == "other"
    assert {groups[path] for path in groups if path.startswith("optimizer/")} == {"optimizer"}
    names = [weight.path for weight in read_checkpoint(folder / "stack/variables/variables.index").weights]
    assert names == sorted(
        names, key=lambda name: (name.split("/")[0], int(name.split("/")[1]) if "/" in name[9:11] else 0)
    )


@pytest.mark.keras
def test_a_missing_data_file_is_said(tmp_path: Path) -> None:
    folder, _ = written("2")
    shutil.copy(folder / "weights" / "net.index", tmp_path / "net.index")
    contents = read_checkpoint(tmp_path / "net.index")
    assert len(contents.weights) == 4
    assert {weight.unreadable for weight in contents.weights} == {"its data file net.data-00000-of-00001 is missing"}
    assert contents.places == {}
    assert [issue.message for issue in contents.issues] == ["the data file net.data-00000-of-00001 is missing"]


@pytest.mark.keras
def test_a_short_data_file_is_said(tmp_path: Path) -> None:
    folder, _ = written("2")
    shutil.copy(folder / "weights" / "net.index", tmp_path / "net.index")
    data = (folder / "weights" / "net.data-00000-of-00001").read_bytes()
    (tmp_path / "net.data-00000-of-00001").write_bytes(data[:100])
    contents = read_checkpoint(tmp_path / "net.index")
    assert any(weight.unreadable for weight in contents.weights)
    assert any("of a data file of 100" in issue.message for issue in contents.issues)


# Made by hand


def only(contents: CheckpointContents) -> Any:
    """The one array of a checkpoint."""
    (weight,) = contents.weights
    return weight


def test_a_small_checkpoint(tmp_path: Path) -> None:
    contents = read_checkpoint(checkpoint(tmp_path, (b"kernel", entry())))
    weight = only(contents)
    assert (weight.path, weight.shape, weight.dtype, weight.size) == ("kernel", (2,), "float32", 8)
    place = contents.places["kernel"][0]
    assert (place.file.name, place.offset, place.nbytes, place.dtype) == ("c.data-00000-of-00001", 0, 8, "float32")
    assert not place.big_endian
    assert {fact.name: fact.value for fact in contents.facts} == {"Arrays": "1", "Data files": "1"}


def test_a_big_endian_checkpoint(tmp_path: Path) -> None:
    contents = read_checkpoint(checkpoint(tmp_path, (b"a", entry()), header=number(1, 1) + number(2, 1)))
    assert contents.places["a"][0].big_endian


def test_optimizer_variables_of_tensorflow_1(tmp_path: Path) -> None:
    names = (b"beta1_power", b"global_step", b"net/w", b"net/w/Adam", b"net/w/Adam_1", b"other/Adam")
    contents = read_checkpoint(checkpoint(tmp_path, *((name, entry()) for name in names)))
    assert {weight.path: weight.group for weight in contents.weights} == {
        "beta1_power": "optimizer",
        "global_step": "optimizer",
        "net/w": "model",
        "net/w/Adam": "optimizer",
        "net/w/Adam_1": "optimizer",
        "other/Adam": "model",
    }


def test_optimizers_of_tensorflow_2_are_known_by_what_they_keep(tmp_path: Path) -> None:
    """`tf.train.Checkpoint(model=model, adam=optimizer)` has the optimizer twice; only one of them is named so."""
    places = {
        "adam/_iterations": "optimizer",
        "adam/_learning_rate": "optimizer",
        "adam/_variables/1": "optimizer",
        "model/_operations/1/_kernel": "model",
        "model/keras_api/metrics/0/total": "other",
        "model/inner/optimizer/_iterations": "optimizer",
        "model/inner/optimizer/_learning_rate": "optimizer",
        "old/decay": "optimizer",
        "old/iter": "optimizer",
        "other/iter": "model",
    }
    pairs = [(f"{place}/.ATTRIBUTES/VARIABLE_VALUE".encode(), entry()) for place in places]
    contents = read_checkpoint(checkpoint(tmp_path, *pairs))
    assert {weight.path.partition("/.ATTRIBUTES/")[0]: weight.group for weight in contents.weights} == places


def test_names_are_cleaned(tmp_path: Path) -> None:
    contents = read_checkpoint(checkpoint(tmp_path, (b"a\x1b]0;x\x07b\nc", entry())))
    assert only(contents).path == "ab c"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (entry(offset=-1), "behind the end"),
        (entry(size=-8), "behind the end"),
        (entry(size=1 << 62), "behind the end"),
        (entry(offset=(1 << 63) - 1, size=(1 << 63) - 1), "behind the end"),
        (entry(shape=(3,)), "another size than its shape"),
        (entry(shape=(1 << 40, 1 << 40)), "another size than its shape"),
        (entry(shard=5), "c.data-00005-of-00001 is missing"),
        (entry(shard=-5), "is missing"),
        (entry(dtype=7), "text, not numbers"),
        (entry(dtype=21), "type variant"),
        (entry(dtype=77), "type type 77"),
        (entry() + message(7, b""), "another size than its shape"),
    ],
)
def test_places_that_cannot_be(tmp_path: Path, value: bytes, why: str) -> None:
    contents = read_checkpoint(checkpoint(tmp_path, (b"a", value)))
    unreadable = only(contents).unreadable
    assert unreadable is not None
    assert why in unreadable
    assert contents.places == {}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (entry(shape=(-3,)), "size -3, which is negative"),
        (entry(shape=(1,) * 50), "50 axes"),
        (b"\x0a\xff", "in the middle of a number"),
        (message(2, b"\x12\x7f"), "only 0 follow"),
    ],
)
def test_entries_that_are_none(tmp_path: Path, value: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        read_checkpoint(checkpoint(tmp_path, (b"a", value)))
    contents = read_checkpoint(checkpoint(tmp_path, (b"a", entry()), (b"b", value)))
    assert [weight.path for weight in contents.weights] == ["a"]
    assert says in contents.issues[0].message


def test_headers_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="1,000,000 data files"):
        read_checkpoint(checkpoint(tmp_path, header=number(1, 1_000_000)))
    with pytest.raises(Malformed, match="first format"):
        read_checkpoint(checkpoint(tmp_path, header=message(1, b"")))
    index = tmp_path / "c.index"
    index.write_bytes(table([(b"a", entry())]))
    with pytest.raises(Malformed, match="does not begin with its header"):
        read_checkpoint(index)
    index.write_bytes(table([]))
    with pytest.raises(Malformed, match="has no header"):
        read_checkpoint(index)


def test_tables_that_are_none() -> None:
    good = table([(b"", b"x"), (b"name", b"value")])
    assert list(entries(good)) == [(b"", b"x"), (b"name", b"value")]
    for data, says in (
        (b"", "does not end as an index does"),
        (good[:-1], "does not end as an index does"),
        (bytes(40) + TABLE_MAGIC, "restart|description|compression|end of the file"),
        (table([(b"", b"x")], compression=1), "Snappy"),
        (table([(b"", b"x")], compression=9), "unknown compression, 9"),
        (b"\xff" * 40 + TABLE_MAGIC, "more than ten bytes"),
        (bytes(100) + varint(0) * 2 + varint(1 << 60) + varint(1 << 60) + bytes(20) + TABLE_MAGIC, "end of the file"),
    ):
        with pytest.raises(Malformed, match=says):
            list(entries(data))


def test_keys_share_what_went_before() -> None:
    body = varint(0) + varint(3) + varint(1) + b"abcX" + varint(2) + varint(1) + varint(1) + b"dY"
    block = body + struct.pack("<II", 0, 1)
    index_body = varint(0) + varint(1) + varint(2) + b"\xff" + varint(0) + varint(len(block))
    index = index_body + struct.pack("<II", 0, 1)
    footer = (varint(0) * 2 + varint(len(block) + 5) + varint(len(index))).ljust(40, b"\0")
    data = block + bytes(5) + index + bytes(5) + footer + TABLE_MAGIC
    assert list(entries(data)) == [(b"abc", b"X"), (b"abd", b"Y")]


def test_blocks_that_overlap_are_not_read_over_and_over() -> None:
    block = varint(0) + varint(1) + varint(1) + b"aX" + struct.pack("<II", 0, 1)
    handle = varint(0) + varint(len(block))
    items = b"".join(varint(0) + varint(1) + varint(len(handle)) + b"k" + handle for _ in range(50))
    index = items + struct.pack("<II", 0, 1)
    footer = (varint(0) * 2 + varint(len(block) + 5) + varint(len(index))).ljust(40, b"\0")
    with pytest.raises(Malformed, match="overlap"):
        list(entries(block + bytes(5) + index + bytes(5) + footer + TABLE_MAGIC))


@pytest.mark.parametrize(
    ("place", "group"),
    [
        ("layer_with_weights-1/optimizer/_iterations", "optimizer"),
        ("layer-1/keras_api/metrics/0/count", "other"),
        ("layer_with_weights-0/keras_api/states/0", "other"),
        ("layer_with_weights-0/kernel", "model"),
        ("variables/3", "model"),
    ],
)
def test_what_a_model_inside_another_keeps(place: str, group: str) -> None:
    name = f"{place}/.ATTRIBUTES/VARIABLE_VALUE"
    assert group_of(name, "float32", [name], None) == group


def test_scopes_of_tensorflow_1_are_no_attributes() -> None:
    assert group_of("tower/optimizer/kernel", "float32", ["tower/optimizer/kernel"], None) == "model"


def test_numbers_that_go_away_take_none_with_them(tmp_path: Path) -> None:
    """Statistics that were told stay, when a later data file is gone by its turn."""
    pairs = ((b"a", entry()), (b"b", entry(shard=1)))
    index = checkpoint(tmp_path, *pairs, header=number(1, 2), data=-1)
    for shard in range(2):
        (tmp_path / f"c.data-0000{shard}-of-00002").write_bytes(bytes(8))
    found = detect(index)
    assert found is not None
    weights = read_checkpoint(index).weights
    told = weight_stats(found, weights, ["a", "b"])
    path, stats = next(told)
    assert path == "a"
    assert isinstance(stats, WeightStats)
    (tmp_path / "c.data-00001-of-00002").unlink()
    assert list(told) == [("b", "the file can no longer be read: No such file or directory")]
