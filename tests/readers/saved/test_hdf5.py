"""Hostile and broken HDF5: nothing is followed, nothing else is opened, and there is an answer whatever happens."""

from __future__ import annotations

import ast
import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from tests.readers.saved import forge

from kerascope.readers.saved import _child, _limits
from kerascope.readers.saved._child import Child
from kerascope.readers.saved._containers import read_archive, read_hdf5
from kerascope.readers.saved._errors import Cancelled, Malformed
from kerascope.readers.saved._hdf5 import collect
from kerascope.readers.saved._open import Place, open_regular
from kerascope.readers.saved._stats import array_stats
from kerascope.readers.saved._weights import Array, name_weights

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = b"a secret that no answer may hold"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the model that nobody may read."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET * 10)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.full(4, 7.25, "f4")
    return path


def hdf5(path: Path, fill: Callable[[Any], None]) -> Path:
    """An HDF5 file with one ordinary array and something else."""
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.ones((2, 2), "f4")
        fill(file)
    return path


def issues_of(path: Path) -> list[tuple[str, str, str]]:
    """Kind, place and message of every issue; the ordinary array must be there all the same."""
    contents = read_hdf5(path)
    assert (2, 2) in {weight.shape for weight in contents.weights}
    return [(issue.kind, issue.where, issue.message) for issue in contents.issues]


def stats_of(path: Path) -> dict[str, object]:
    """What statistics of all of a file's arrays say."""
    weights = read_hdf5(path).weights
    return dict(array_stats(path, weights, [weight.path for weight in weights], archive=False))


def test_links(tmp_path: Path, secret: Path) -> None:
    def fill(file: Any) -> None:
        file["external"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
        file["soft"] = h5py.SoftLink("/layers/dense")
        file["layers/nowhere"] = h5py.SoftLink("/none")

    assert issues_of(hdf5(tmp_path / "links.h5", fill)) == [
        ("reference", "external", f"external is an external link to /x in the file {tmp_path / 'other.h5'}"),
        ("reference", "soft", "soft is a soft link to /layers/dense"),
        ("reference", "layers/nowhere", "layers/nowhere is a soft link to /none"),
    ]


def test_numbers_in_other_files(tmp_path: Path, secret: Path) -> None:
    """External storage (CVE-2026-1669) and virtual datasets, with sources that are fixed and that grow."""

    def fill(file: Any) -> None:
        file.create_dataset("outside", (8,), "f4", external=[(str(secret), 0, 32)])
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (4,))
        file.create_virtual_dataset("virtual", layout)
        growing = h5py.VirtualLayout((4,), "f4", maxshape=(None,))
        source = h5py.VirtualSource(str(tmp_path / "other.h5"), "x", (4,), maxshape=(None,))
        growing[: h5py.h5s.UNLIMITED] = source[: h5py.h5s.UNLIMITED]
        file.create_virtual_dataset("growing", growing)

    path = hdf5(tmp_path / "outside.h5", fill)
    assert sorted(issues_of(path)) == [
        ("reference", "growing", f"growing keeps its numbers elsewhere (virtual storage): {tmp_path / 'other.h5'}"),
        ("reference", "outside", f"outside keeps its numbers elsewhere (external storage): {secret}"),
        ("reference", "virtual", f"virtual keeps its numbers elsewhere (virtual storage): {tmp_path / 'other.h5'}"),
    ]
    told = stats_of(path)
    assert told["outside"] == "its numbers are in another file"
    assert told["virtual"] == told["growing"] == "it is virtual: its numbers are in other files"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what is open in /proc")
def test_the_child_cannot_open_anything(tmp_path: Path, secret: Path) -> None:
    """Even if the checks above failed: the limit of open files is what is open."""
    program = f"""if True:
        import os, sys
        sys.path[:0] = [{str(_child.PROGRAM.parent)!r}]
        import importlib
        program = importlib.import_module("hdf5_child.program")
        program._give_up({{"cpu_seconds": 5, "memory_bytes": 1 << 28}})
        for what in (lambda: os.open({str(secret)!r}, 0), lambda: open("/dev/null", "w"), lambda: os.pipe(), os.fork):
            try:
                what()
            except OSError as error:
                print(type(error).__name__, error.errno)
            else:
                print("could")
        try:
            bytearray(1 << 30)
        except MemoryError:
            print("no memory")
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    lines = ran.stdout.split("\n")
    assert lines[:3] == ["OSError 24"] * 3
    # Root may start processes all the same.
    assert os.geteuid() == 0 or lines[3].startswith("BlockingIOError")
    assert "no memory" in lines


def test_objects_that_hold_themselves(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        group = file.create_group("a/b")
        group["again"], group["root"] = file["a"], file["/"]
        file["twin"] = file["layers/dense/vars/0"]

    assert sorted(issues_of(hdf5(tmp_path / "loop.h5", fill))) == [
        ("malformed", "a/b/again", "a/b/again is the same object as a"),
        ("malformed", "a/b/root", "a/b/root is the same object as the root"),
        ("malformed", "layers/dense/vars/0", "layers/dense/vars/0 is the same object as twin"),
    ]


def test_depth(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        group = file
        for _ in range(_limits.MAX_HDF5_DEPTH + 10):
            group = group.create_group("g")

    found = issues_of(hdf5(tmp_path / "deep.h5", fill))
    assert len(found) == 1
    assert found[0][1] == "/".join("g" * _limits.MAX_HDF5_DEPTH)
    assert found[0][2].endswith(f"is nested deeper than {_limits.MAX_HDF5_DEPTH} groups; what it holds is not shown")


def test_number_of_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_limits, "MAX_HDF5_OBJECTS", 500)

    def fill(file: Any) -> None:
        for number in range(600):
            file.create_group(f"many/{number}")

    found = issues_of(hdf5(tmp_path / "many.h5", fill))
    assert found == [("malformed", "many", "many holds more than 500 objects; those beyond are not shown")]


def test_many_issues_are_few(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        for number in range(1000):
            file[f"soft{number}"] = h5py.SoftLink("/x")

    assert len(issues_of(hdf5(tmp_path / "many.h5", fill))) == _limits.MAX_ISSUES


def test_names(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file["red\x1b[31m"], file[b"\xff\xfe"], file["a\nb"] = np.ones(1), np.ones(1), np.ones(1)
        file["a b"] = np.ones(1)
        file["x" * 3000] = np.ones(1)
        file.create_group("vars").attrs["name"] = "steers\x1b]52;c;aGk=\x07\u202e"

    path = hdf5(tmp_path / "names.h5", fill)
    assert issues_of(path) == [("malformed", "", "the file has a link whose name, or path, is too long: 3,000 bytes")]
    contents = read_hdf5(path)
    assert contents.names == {"": "steers\ufffd"}
    odd = {weight.path: weight.unreadable for weight in contents.weights if weight.unreadable}
    assert odd == dict.fromkeys(("red", "??", "a b~1"), "its name has characters that are not shown")


def test_many_names_of_which_the_same_is_shown() -> None:
    """Numbers that tell them apart take no time that grows with the square of how many there are."""
    arrays = [
        Array("".join(chr(1 + int(digit)) for digit in f"{at:05d}"), (1,), "float32", 4, None) for at in range(8000)
    ]
    started = time.process_time()
    assert len({weight.path for weight in name_weights(arrays, frozenset(), {})}) == len(arrays)
    assert time.process_time() - started < 2


def test_claims(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file.create_dataset("claim", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip")
        file.create_dataset("less", (1 << 28,), "f4", chunks=(1 << 20,))
        file.create_dataset("chunk", data=np.zeros(5 << 20, "f4"), chunks=(5 << 20,), compression="gzip")

    path = hdf5(tmp_path / "claims.h5", fill)
    assert issues_of(path) == [
        ("malformed", "claim", "claim claims 4,398,046,511,104 bytes of numbers and stores 0"),
    ]
    told = stats_of(path)
    assert told["claim"] == "it claims 4,398,046,511,104 bytes and stores 0"
    assert told["less"] == "it claims 1,073,741,824 bytes and stores 0"
    assert told["chunk"] == ("it is compressed in chunks of 20,971,520 bytes, and 8,388,608 are the most read at once")


def test_attributes(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file.attrs["keras_version"], file.attrs["backend"] = 3.0, file.ref
        file.attrs.create("model_config", "x" * (40 << 20), dtype=h5py.string_dtype())
        file.attrs["layer_names"] = h5py.Empty("S3")
        for number in range(300):
            file["layers"].attrs[f"weight_names{number}"] = b"x"

    assert sorted(issues_of(hdf5(tmp_path / "attributes.h5", fill))) == [
        ("malformed", "", "the file has an attribute backend that is not text"),
        ("malformed", "", "the file has an attribute keras_version that is not text"),
        (
            "malformed",
            "",
            "the file has an attribute model_config that has 41,943,040 bytes, and 33,554,432 are the most that are "
            "read",
        ),
        ("malformed", "layers", "layers has more than 256 attributes; those beyond were not read"),
    ]


def test_what_is_no_numbers(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file["named"] = np.dtype("f4")
        file["object_reference"] = file["layers"].ref
        file["region"] = file["layers/dense/vars/0"].regionref[:1]
        file["text"], file["texts"] = "abc", np.array([b"a", b"b"])
        file["compound"] = np.zeros(2, [("a", "i4"), ("b", "f4")])
        file["complex"] = np.ones(2, "c8")
        file.create_dataset("ragged", (2,), h5py.vlen_dtype("i4"))[0] = [1, 2]
        file["opaque"] = np.zeros(3, "V1")
        file["empty"] = h5py.Empty("f4")
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((10,))
        properties.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
        space = h5py.h5s.create_simple((100,))
        h5py.h5d.create(file.id, b"filtered", h5py.h5t.NATIVE_FLOAT, space, properties)

    path = hdf5(tmp_path / "types.h5", fill)
    assert issues_of(path) == [("malformed", "named", "named is a type without an array")]
    told = stats_of(path)
    assert {name: reason for name, reason in told.items() if isinstance(reason, str)} == {
        "object_reference": "it holds references to other places, which are not followed",
        "region": "it holds references to other places, which are not followed",
        "text": "it holds text, not numbers",
        "texts": "it holds text, not numbers",
        "compound": "it holds a type that is not numbers",
        "complex": "complex numbers have no least and no greatest",
        "ragged": "it holds a type that is not numbers",
        "opaque": "its type is not stored in the file, only its bytes",
        "empty": "it holds nothing",
        "filtered": "it is compressed by the filter 32015, which this HDF5 does not have",
    }


# The child itself.


def test_a_child_that_crashes_costs_only_what_it_had_not_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_child, "PROGRAM", fake(tmp_path, "os.kill(os.getpid(), signal.SIGSEGV)"))
    contents = collect(asked(forge.model_h5(tmp_path / "model.h5", {})))
    assert [weight.path for weight in contents.weights] == ["x"]
    assert contents.failed is None
    assert [issue.message for issue in contents.issues] == [
        "the process that reads HDF5 crashed (signal 11); 1 arrays could be read before"
    ]


@pytest.mark.parametrize(
    ("ending", "says"),
    [
        ("sys.exit(3)", "ended with status 3"),
        ('print(\'{"event": "array"}\'); sys.exit()', "said something that is no answer"),
        ("print('no json'); sys.exit()", "said something that is no answer"),
        ("print('[' * 100000); sys.exit()", "said something that is no answer"),
        ('print(\'{"event": "text", "bytes": -1}\'); sys.exit()', "said something that is no answer"),
        ("sys.stdout.write('x' * 3_000_000); sys.exit()", "said something that is no answer"),
        ('print(\'{"event": "text", "bytes": 10}\'); sys.exit()', "ended with status 0"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "took more time than it may and was ended"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "was killed from outside"),
        ('[print(\'{"event":"alive"}\') for _ in iter(int, 1)]', "said more than it may and was ended"),
        ("time.sleep(60)", "said nothing for 0.5 seconds and was ended"),
    ],
)
def test_whatever_a_child_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, says: str) -> None:
    monkeypatch.setattr(_limits, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(_limits, "MAX_ANSWER_BYTES", 1 << 20)
    monkeypatch.setattr(_child, "PROGRAM", fake(tmp_path, ending))
    contents = collect(asked(forge.model_h5(tmp_path / "model.h5", {})))
    assert says in contents.issues[-1].message


def fake(tmp_path: Path, ending: str) -> Path:
    """A program in the child's place, which tells of one array and then does something else."""
    path = tmp_path / "fake.py"
    path.write_text(
        "import os, signal, sys, time\nsys.stdin.read()\n"
        'print(\'{"event": "array", "path": "x", "shape": [1], "dtype": "float32", "nbytes": 4}\', flush=True)\n'
        + ending
    )
    return path


def asked(path: Path, cancel: threading.Event | None = None) -> Child:
    """A child that was asked for a file's tree; the descriptor is its own by now."""
    with open_regular(path) as (descriptor, size):
        return Child("tree", Place(descriptor, 0, size), [], cancel=cancel)


def test_cancelling_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_child, "PROGRAM", fake(tmp_path, "time.sleep(60)"))
    cancel = threading.Event()
    child = asked(forge.model_h5(tmp_path / "model.h5", {}), cancel)
    threading.Timer(0.2, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        collect(child)
    assert time.monotonic() - begun < 5
    assert child._process.poll() == -signal.SIGKILL


def test_closing_the_answer_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_child, "PROGRAM", fake(tmp_path, "time.sleep(60)"))
    child = asked(forge.model_h5(tmp_path / "model.h5", {}))
    lines = child.lines()
    assert next(lines).values["path"] == "x"
    lines.close()
    assert child._process.poll() == -signal.SIGKILL


def test_numpy_is_found_wherever_it_is() -> None:
    folders = _child._library_folders()
    assert folders
    assert all((Path(folder) / "numpy").is_dir() or (Path(folder) / "h5py").is_dir() for folder in folders)


def test_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_child, "_library_folders", lambda: [])
    with pytest.raises(Malformed, match="needs h5py and NumPy: No module named"):
        read_hdf5(forge.model_h5(tmp_path / "model.h5", {}))


# Broken files.


def broken(data: bytes, chance: random.Random) -> bytes:
    """A file with a few bits turned, bytes set, stretches copied, or its end lost."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 32))):
        at = chance.randrange(len(changed))
        what = chance.random()
        if what < 0.6:
            changed[at] ^= 1 << chance.randrange(8)
        elif what < 0.8:
            changed[at] = chance.choice((0, 127, 128, 255))
        elif what < 0.9:
            changed[at : at + 8] = chance.randbytes(8)
        else:
            other = chance.randrange(len(changed))
            length = chance.randrange(1, 64)
            changed[at : at + length] = changed[other : other + length]
    if chance.random() < 0.1:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def newer(path: Path) -> Path:
    """A file in HDF5's newest format, on which libhdf5 1.14 crashes far more often than on what Keras writes."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["model_config"], file.attrs["layer_names"] = "{}" * 1000, np.array([b"plain"] * 50)
        for number in range(20):
            group = file.create_group(f"layers/dense_{number}/vars", track_order=number % 2 == 0)
            group.attrs["name"] = "x" * number
            group["0"] = np.ones((3, 4), "f4")
            group.create_dataset("1", data=np.ones(100), chunks=(10,), compression="gzip")
            file["layers"].attrs[f"weight_names{number}"] = b"x"
    return path


def test_there_is_always_an_answer(tmp_path: Path) -> None:
    """What libhdf5 makes of broken files: nonsense, errors, crashes and endless loops, each in a process of its own."""
    model = forge.model_h5(tmp_path / "model.h5", forge.sequential([forge.dense()])).read_bytes()
    archive = forge.archive(tmp_path / "model.keras", forge.sequential([forge.dense()])).read_bytes()
    files = (archive, model, newer(tmp_path / "newer.h5").read_bytes())

    def look(number: int) -> None:
        packed = number % 3 == 0
        path = tmp_path / f"broken-{number}"
        path.write_bytes(broken(files[number % 3], random.Random(number)))
        with contextlib.suppress(Malformed):
            held = read_archive(path).weights if packed else read_hdf5(path)
            weights = held.weights if held is not None else ()
            if number % 4 == 0:
                told = dict(array_stats(path, weights, [each.path for each in weights], archive=packed))
                assert set(told) == {each.path for each in weights}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(60)))


MANY = """
import importlib, os, random, signal, sys, time
sys.path[:0] = [{program!r}, {root!r}]
program = importlib.import_module("hdf5_child.program")
wire = importlib.import_module("hdf5_child.wire")
importlib.import_module("hdf5_child.statistics"), importlib.import_module("hdf5_child.walk")
broken = importlib.import_module("tests.readers.saved.test_hdf5").broken
data = open({path!r}, "rb").read()
nothing = os.open(os.devnull, os.O_WRONLY)
ends = {{}}
for number in range({count}):
    with open({path!r} + ".broken", "wb") as file:
        file.write(broken(data, random.Random("many" + str(number))))
    child = os.fork()
    if child == 0:
        code = 99
        try:
            descriptor = os.open({path!r} + ".broken", os.O_RDONLY)
            request = {{"descriptor": descriptor, "place": {{"offset": 0, "size": os.fstat(descriptor).st_size}}}}
            wanted = ["model_weights/plain/plain/kernel:0", "layers/dense_0/vars/1"]
            request.update(do=("tree", "arrays")[number % 2], wanted=wanted)
            program._answer(request, {limits!r}, wire.Answer(nothing, 1 << 24, 200))
            code = 0
        except BaseException as error:
            os.write(2, repr((number, error)).encode() + b"\\n")
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    ends[status] = ends.get(status, 0) + 1
print(ends)
"""


@pytest.mark.parametrize("latest", [False, True])
def test_the_child_ends_by_itself_or_by_a_signal(tmp_path: Path, latest: bool) -> None:
    """The same without a process of its own for each file: no error of Python's gets past the child's own words."""
    path = newer(tmp_path / "model.h5") if latest else forge.model_h5(tmp_path / "model.h5", forge.sequential([]))
    limits = {**_child._bounds(1), "answer_bytes": 1 << 24}
    program = MANY.format(
        program=str(_child.PROGRAM.parent),
        root=str(Path(__file__).parents[3]),
        path=str(path),
        count=150,
        limits=limits,
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=170, check=True)
    ends = ast.literal_eval(ran.stdout)
    # What libc says of corrupted memory does not count.
    assert "Error" not in ran.stderr
    assert sum(ends.values()) == 150
    assert ends[0] > 100
    assert set(ends) <= {0, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGXCPU}
