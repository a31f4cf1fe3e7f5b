"""Statistics of weights against NumPy's own, of every type, in one slice and in many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from kerascope.graph import WeightStats
from kerascope.readers.saved import _child, _limits
from kerascope.readers.saved._containers import read_hdf5
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._stats import NumberRange, array_stats, range_stats

if TYPE_CHECKING:
    from collections.abc import Callable

CHANCE = np.random.default_rng(4)


def stats_of(path: Path, *, archive: bool = False) -> dict[str, Any]:
    """Statistics of all arrays of a file."""
    weights = read_hdf5(path).weights
    return dict(array_stats(path, weights, [weight.path for weight in weights], archive=archive))


def check(told: object, array: Any) -> None:
    """What was told of an array is what NumPy says of it."""
    assert isinstance(told, WeightStats), told
    numbers = np.asarray(array).astype("f8").ravel()
    finite = numbers[np.isfinite(numbers)]
    assert told.count == numbers.size
    assert told.nans == np.isnan(numbers).sum()
    assert told.infs == np.isinf(numbers).sum()
    assert told.zeros == (finite == 0).sum()
    if not finite.size:
        assert (told.minimum, told.maximum, told.mean, told.std, told.histogram) == (None, None, None, None, ())
        return
    assert (told.minimum, told.maximum) == (finite.min(), finite.max())
    # In extended precision: near the greatest float64 NumPy's own overflow.
    wide = finite.astype(np.longdouble)
    close = 1e-12 * float(np.abs(finite).max())
    assert told.mean == pytest.approx(float(wide.mean()), rel=1e-9, abs=close)
    assert told.std == pytest.approx(float(wide.std()), rel=1e-9, abs=close)
    if finite.min() == finite.max():
        assert told.histogram == (finite.size, *[0] * 15)
    else:
        quarter = finite / 4 if np.abs(finite).max() > 1e300 else finite
        assert told.histogram == tuple(np.histogram(quarter, 16, (quarter.min(), quarter.max()))[0])


ARRAYS = {
    "plain": CHANCE.normal(size=(3, 5, 7)).astype("f4"),
    "scalar": np.float32(3.5),
    "constant": np.full((4, 4), -2.5, "f4"),
    "zeros": np.zeros((100, 3), "f2"),
    "none": np.zeros((0, 3), "f4"),
    "nans": np.full(5, np.nan, "f4"),
    "mixed": np.array([np.nan, 1, -np.inf, 0, np.inf, -3, 0, -0.0], "f4"),
    "half": CHANCE.normal(size=(10, 11)).astype("f2"),
    "double": CHANCE.normal(1e9, 1e-3, size=(1000,)),
    "far": np.array([1e308, -1e308, 1.5e308, 0]),
    "tiny": np.array([5e-324, 1e-310, 0.0]),
    "big_endian": CHANCE.normal(size=(9, 2)).astype(">f4"),
    "bool": CHANCE.random((6, 6)) > 0.3,
    **{name: CHANCE.integers(0, 100, (7, 8)).astype(name) for name in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")},
    "limits": np.array([-(2**63), 2**63 - 1, 0], "i8"),
    "unsigned": np.array([2**64 - 1, 0], "u8"),
}


def test_every_type(tmp_path: Path) -> None:
    path = tmp_path / "types.h5"
    with h5py.File(path, "w") as file:
        for name, array in ARRAYS.items():
            file[name] = array
    told = stats_of(path)
    assert set(told) == set(ARRAYS)
    for name, array in ARRAYS.items():
        check(told[name], array)


def bfloat16(numbers: Any) -> tuple[Any, Any]:
    """Numbers as bfloat16 stores them, cut to its precision: the bits, and what they stand for."""
    bits = (np.asarray(numbers, "f4").view("u4") >> 16).astype("u2")
    return bits, (bits.astype("u4") << 16).view("f4")


def test_types_that_numpy_does_not_have(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    bits, numbers = bfloat16(CHANCE.normal(size=(20, 3)))
    every = np.arange(256, dtype="u1")
    path = tmp_path / "types.h5"
    with h5py.File(path, "w") as file:
        file["opaque"] = bits.view("V2")
        file["noted"] = bits.view("V2")
        file["noted"].attrs["dtype"] = "bfloat16"
        file["unsigned"] = bits
        file["unsigned"].attrs["dtype"] = "bfloat16"
        for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3"):
            file[name] = every.view("V1")
            file[name].attrs["dtype"] = name
    weights = {weight.path: weight for weight in read_hdf5(path).weights}
    told = stats_of(path)
    for name in ("opaque", "noted", "unsigned"):
        assert weights[name].dtype == "bfloat16"
        check(told[name], numbers)
    for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3"):
        assert weights[name].dtype == name
        check(told[name], every.view(getattr(ml_dtypes, name)).astype("f4"))


@pytest.mark.parametrize(
    ("shape", "chunks"),
    [
        ((300_000,), None),
        ((7, 11, 13, 17), None),
        ((3, 1, 70_000), None),
        ((100_003,), (1000,)),
        ((130, 170), (32, 50)),
        ((5, 9, 300), (2, 4, 100)),
        ((50, 50), (1, 1)),
    ],
)
def test_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], chunks: Any) -> None:
    """A slice of 16 kB is enough to need many, cut at every axis."""
    monkeypatch.setattr(_limits, "SLICE_BYTES", 1 << 14)
    array = CHANCE.normal(3, 2, size=shape).astype("f4")
    path = tmp_path / "slices.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=array, chunks=chunks, compression="gzip" if chunks else None)
    check(stats_of(path)["x"], array)


def test_blocks_cover_everything_once() -> None:
    """Cut in storage order, along chunks, and no block above the size."""
    program = f"""if True:
        import importlib, itertools, random, sys
        sys.path[:0] = [{str(_child.PROGRAM.parent)!r}]
        import numpy
        blocks = importlib.import_module("hdf5_child.slices").blocks
        chance = random.Random(1)
        for _ in range(500):
            shape = tuple(chance.randrange(1, 9) for _ in range(chance.randrange(0, 5)))
            unit = tuple(chance.choice((1, size, chance.randrange(1, size + 1))) for size in shape)
            most = chance.randrange(1, 60)
            seen = numpy.zeros(shape, int)
            for start, sizes in blocks(shape, unit, most):
                seen[tuple(slice(at, at + size) for at, size in zip(start, sizes))] += 1
                assert numpy.prod(sizes) <= max(most, numpy.prod(unit))
                assert all(at % one == 0 for at, one in zip(start, unit))
            assert (seen == 1).all()
        print("good")
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout == "good\n", ran.stderr


def test_ranges_of_a_plain_file(tmp_path: Path) -> None:
    arrays = {name: array for name, array in ARRAYS.items() if np.ndim(array) and name not in ("big_endian", "none")}
    path, ranges, data = tmp_path / "variables.data", [], b"head"
    for name, array in arrays.items():
        ranges.append(NumberRange(name, len(data), array.size, array.dtype.name))
        data += array.tobytes()
    bits, numbers = bfloat16(CHANCE.normal(size=1000))
    ranges.append(NumberRange("bfloat16", len(data), 1000, "bfloat16"))
    data += bits.tobytes()
    path.write_bytes(data)
    odd = [
        NumberRange("beyond", len(data) - 4, 2, "float32"),
        NumberRange("before", -4, 1, "float32"),
        NumberRange("text", 0, 2, "string"),
        NumberRange("complex", 0, 0, "complex64"),
    ]
    told = dict(range_stats(path, [*ranges, *odd]))
    for name, array in arrays.items():
        check(told[name], array)
    check(told["bfloat16"], numbers)
    assert told["beyond"] == f"it should have 8 bytes from byte {len(data) - 4:,} on, and the file ends before"
    assert isinstance(told["before"], str)
    assert told["text"] == "its type, string, is not one of plain numbers"
    assert told["complex"] == "its type, complex64, is not one of plain numbers"
    assert len(told) == len(ranges) + len(odd)


def test_only_what_is_wanted_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "few.h5"
    with h5py.File(path, "w") as file:
        file["a/b"], file["c"], file["text"] = np.ones(3), np.ones(4), "text"
    weights = read_hdf5(path).weights
    told = list(array_stats(path, weights, ["c", "none", "text", "c"], archive=False))
    assert sorted(name for name, _ in told) == ["c", "none", "text"]
    assert dict(told)["none"] == "it is not in this file"
    assert dict(told)["text"] == "it holds text, not numbers"
    assert list(array_stats(path, weights, [], archive=False)) == []


def test_links_are_not_followed_when_the_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "changed.h5"
    with h5py.File(path, "w") as file:
        file["a/b"], file["c"], file["d"] = np.ones(3), np.ones(4), np.ones(4)
    weights = read_hdf5(path).weights
    with h5py.File(path, "w") as file:
        file["x"] = np.full(3, 9.0)
        file["a"] = h5py.SoftLink("/x")
        file["c"] = h5py.ExternalLink(str(path), "/x")
    told = dict(array_stats(path, weights, ["a/b", "c", "d"], archive=False))
    assert told == {
        "a/b": "it is a link to another place",
        "c": "it is a link to another place",
        "d": "it is not in the file",
    }
    path.write_bytes(b"something else")
    told = dict(array_stats(path, weights, ["a/b", "c"], archive=False))
    assert told == dict.fromkeys(("a/b", "c"), "Unable to synchronously open file (file signature not found)")


DYING = """
import json, os, signal, sys
request = json.loads(sys.stdin.read())
for path in request["wanted"]:
    print(json.dumps({"event": "begin", "path": path}), flush=True)
    if path.startswith("bad"):
        os.kill(os.getpid(), signal.SIGSEGV)
    print(json.dumps({"event": "stats", "path": path, "unreadable": "fine"}), flush=True)
print(json.dumps({"event": "end"}))
"""


def test_an_array_that_kills_the_child_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["bad1", "good1", "bad2", "good2", "bad3", "good3", "bad4", "good4", "good5"]
    path = tmp_path / "many.h5"
    with h5py.File(path, "w") as file:
        for name in names:
            file[name] = np.ones(2)
    weights = read_hdf5(path).weights
    (tmp_path / "dying.py").write_text(DYING)
    monkeypatch.setattr(_child, "PROGRAM", tmp_path / "dying.py")
    told = dict(array_stats(path, weights, names, archive=False))
    died = "the process that reads it crashed (signal 11)"
    assert told == {name: died if name.startswith("bad") or name > "good3" else "fine" for name in names}


def test_cancelling(tmp_path: Path) -> None:
    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.ones(1000)
    weights = read_hdf5(path).weights
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(array_stats(path, weights, ["x"], archive=False, cancel=cancel))


def test_weights_that_an_archive_no_longer_has(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.ones(10)
    weights = read_hdf5(path).weights
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(Malformed, match=r"the archive has no model.weights.h5"):
        list(array_stats(tmp_path / "x.keras", weights, ["x"], archive=True))


# Memory.


def sparse_hdf5(path: Path, gigabytes: float) -> None:
    """An array of which only the last number is written; the file has its whole size."""
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (int(gigabytes * (1 << 28)),), "f4")[-1] = 1.0


def deflated(path: Path, gigabytes: float) -> None:
    """An archive whose weights are deflated: numbers that repeat, so that it is quick to make."""
    inner = path.with_suffix(".h5")
    with h5py.File(inner, "w") as file:
        file["x"] = np.tile(CHANCE.normal(size=1 << 12).astype("f4"), int(gigabytes * (1 << 16)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("config.json", "{}")
        archive.write(inner, "model.weights.h5")
    inner.unlink()


def chunked(path: Path, gigabytes: float) -> None:
    """Compressed chunks of the largest size that is read."""
    with h5py.File(path, "w") as file:
        size = int(gigabytes * (1 << 28))
        array = file.create_dataset("x", (size,), "f4", chunks=(_limits.MAX_CHUNK_BYTES // 4,), compression="gzip")
        for start in range(0, size, array.chunks[0]):
            array[start : start + array.chunks[0]] = CHANCE.integers(0, 9, array.chunks[0])


MEASURE = """
import json, resource, sys, time
from pathlib import Path
from kerascope.readers.saved._containers import read_archive, read_hdf5
from kerascope.readers.saved._stats import array_stats
path = Path(sys.argv[1])
packed = path.suffix == ".keras"
weights = read_archive(path).weights.weights if packed else read_hdf5(path).weights
told = dict(array_stats(path, weights, ["x"], archive=packed))
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
# Not `ru_maxrss`, which counts what the process was before it became this program.
own = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(json.dumps({"count": told["x"].count, "child": child / 1024, "own": own / 1024}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="macOS counts memory in another unit, and has no sparse files here")
@pytest.mark.parametrize(
    ("make", "name", "gigabytes"),
    [
        (sparse_hdf5, "sparse.h5", 1.0),
        (deflated, "deflated.keras", 0.0625),
        (chunked, "chunked.h5", 0.03125),
    ],
)
def test_memory(tmp_path: Path, make: Callable[[Path, float], None], name: str, gigabytes: float) -> None:
    """Peak resident memory in MiB of the child, and of the process that asks it."""
    make(tmp_path / name, gigabytes)
    package = Path(_child.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["count"] == int(gigabytes * (1 << 28))
    assert told["child"] < 100, told
    assert told["own"] < 60, told
