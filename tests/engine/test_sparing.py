"""What a look leaves of the user's files: all of them, as they were."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kerascope.probe.journal import take_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Looker

MODEL = """\
import numpy as np
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""

# What it asserts holds for the program as it runs by itself, too.
PROGRAM = f"""\
import bz2, contextlib, functools, glob, json, os, shutil, sqlite3, tarfile, tempfile
from pathlib import Path
import h5py
import tensorflow as tf

os.mkdir("new")
json.dump([1], open("new/config.json", "w"))
os.makedirs("logs/deep", exist_ok=True)
Path("kept").mkdir(exist_ok=True)
Path("data.txt").write_text("fetched")
open("running.lock", "x").close()
with open("log.txt", "a") as log:
    log.write("again\\n")
assert Path("log.txt").read_text() == "once\\nagain\\n"

shutil.rmtree("old")
assert not os.path.exists("old") and not glob.glob("old/*")
try:
    open("old/a.txt", "w")
except FileNotFoundError:
    pass
else:
    raise AssertionError("written into a directory that is gone")
os.mkdir("old")
assert os.listdir("old") == []
Path("old/b.txt").write_text("b")
assert os.listdir("old") == ["b.txt"] and not os.path.exists("old/a.txt")
shutil.rmtree("old")
assert not os.path.isdir("old")

os.remove("single.txt")
assert not os.access("single.txt", os.R_OK)
os.rename("moved.txt", "elsewhere.txt")
assert open("elsewhere.txt").read() == "moved" and not os.path.exists("moved.txt")
os.truncate("shortened.txt", 1)
assert os.stat("shortened.txt").st_size == 1
# Listings, links and renamed directories.
for name in sorted(os.listdir("many"))[:2]:
    os.remove(os.path.join("many", name))
assert sorted(glob.glob("many/*")) == ["many/3.txt"] and [e.name for e in os.scandir("many")] == ["3.txt"]
Path("many/3.txt").rename("many/4.txt")
assert [path.name for path in Path("many").iterdir()] == ["4.txt"]
assert list(os.walk("many")) == [("many", [], ["4.txt"])]
os.remove("latest")
os.symlink("full", "latest")
assert os.path.islink("latest") and os.readlink("latest").endswith("full") and os.listdir("latest") == ["a.txt"]
os.symlink("many", "latest.new")
os.replace("latest.new", "latest")
assert os.listdir("latest") == ["4.txt"] and not os.path.lexists("latest.new")
Path("latest/5.txt").write_text("5")
assert Path("many/5.txt").read_text() == "5"
open("latest/../above.txt", "w").close()
assert os.path.isfile("above.txt")
os.link("log.txt", "second.txt")
with open("second.txt", "a"):
    pass
with open("name.txt", "w") as file:
    file.write("x")
assert open("shortened.txt").read() == "x"
shutil.move("set", "set.old")
assert open("set.old/in/a.txt").read() == "a" and not os.path.exists("set/in")
Path("set.old/in/a.txt").write_text("new")
assert open("set.old/in/a.txt").read() == "new"
os.mkdir("set.new")
Path("set.new/b.txt").write_text("b")
os.rename("set.new", "set")
assert os.listdir("set") == ["b.txt"]
os.chmod("full/a.txt", 0o600)
os.utime("full/a.txt", (1, 1))
descriptor = os.open("full", os.O_RDONLY)
os.unlink("a.txt", dir_fd=descriptor)
assert os.listdir("full") == []
os.mkfifo("pipe")
os.remove("pipe")

# What has its own ways to files.
with bz2.open("packed.bz2", "wt") as file:
    file.write("x")
with tarfile.open("packed.tar", "w") as file:
    file.add("above.txt")
with contextlib.closing(sqlite3.connect("runs.db")) as base:
    base.execute("CREATE TABLE IF NOT EXISTS runs (name)")
    base.execute("INSERT INTO runs VALUES ('again')")
    base.commit()
assert tf.io.gfile.exists("events") and tf.io.gfile.glob("events/*") == ["events/a.txt"]
tf.io.gfile.rmtree("events")
assert not tf.io.gfile.exists("events")
tf.io.write_file("best.txt", "x")
tf.data.Dataset.range(3).save("numbers")
assert len(list(tf.data.Dataset.load("numbers"))) == 3
shutil.rmtree("numbers")
os.mkdir("numbers")
with tempfile.NamedTemporaryFile(dir="numbers") as file:
    assert len(os.listdir("numbers")) == 1
assert os.listdir("numbers") == []
tf.io.gfile.copy("best.txt", "packed.bz2", overwrite=True)

exclusive = functools.partial(open, mode="x")
impossible = ((exclusive, "log.txt"), (os.mkdir, "kept"), (os.rmdir, "many"), (os.remove, "none"), (os.listdir, "none"))
for call, path in impossible:
    try:
        call(path)
    except OSError as error:
        assert error.filename == path
    else:
        raise AssertionError("this cannot work")

{MODEL}
model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0)
model.save("saved.keras")
assert os.path.getsize("saved.keras") > 0 and "saved.keras" in os.listdir(".")
shutil.copy("saved.keras", "copied.keras")
assert keras.models.load_model("copied.keras").count_params() == 5
os.remove("copied.keras")
os.remove("saved.keras")
np.save("predicted.npy", model.predict(np.zeros((8, 4)), verbose=0))
assert np.load("predicted.npy").shape == (8, 1)
np.savetxt("table.csv", np.zeros(3))
np.savetxt("table.tmp", np.ones(3))
os.replace("table.tmp", "table.csv")
assert np.loadtxt("table.csv").sum() == 3 and not os.path.exists("table.tmp")
with h5py.File("arrays.h5", "a") as file:
    file["b"] = 2
with h5py.File("arrays.h5") as file:
    assert sorted(file) == ["a", "b"]
with tf.io.gfile.GFile("log.txt", "a") as file:
    file.write("by TensorFlow\\n")
assert Path("log.txt").read_text() == "once\\nagain\\nby TensorFlow\\n"
with tf.io.gfile.GFile("log.txt") as file:
    assert file.read().endswith("by TensorFlow\\n")
with tf.io.gfile.GFile("other.txt", "w") as file:
    file.write("other")
with tf.io.TFRecordWriter("single.txt") as writer:
    writer.write(b"x")
with tf.summary.create_file_writer("logs/deep").as_default(step=1):
    pass
Path("later").mkdir()
os.symlink("log.txt", "link.txt")
print("went through")
"""

BEFORE = {
    "log.txt": "once\n",
    "old/a.txt": "a",
    "single.txt": "single",
    "moved.txt": "moved",
    "shortened.txt": "long",
    "full/a.txt": "a",
    "predicted.npy": "of last night",
    "table.csv": "of last night",
    "many/1.txt": "1",
    "many/2.txt": "2",
    "many/3.txt": "3",
    "set/in/a.txt": "a",
    "events/a.txt": "a",
    "best.txt": "of last night",
    "numbers/snapshot.metadata": "of last night",
    "packed.bz2": "of last night",
    "packed.tar": "of last night",
}


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current directory with files in it."""
    for name, text in BEFORE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    make = "import h5py; file = h5py.File('arrays.h5', 'w'); file['a'] = 1; file.close()"
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, check=True)
    (tmp_path / "latest").symlink_to("set")
    (tmp_path / "name.txt").symlink_to("shortened.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(directory: Path) -> dict[str, tuple[int, int, bytes]]:
    """All files and directories by name, with mode, time of the last change, and what is in a file."""
    return {
        str(path.relative_to(directory)): (status.st_mode, status.st_mtime_ns * path.is_file(), content_of(path))
        for path in directory.rglob("*")
        if path.name != "program.py"
        for status in [path.lstat()]
    }


def content_of(path: Path) -> bytes:
    """What is in a file, where a link leads; empty for a directory."""
    if path.is_symlink():
        return bytes(path.readlink())
    return path.read_bytes() if path.is_file() else b""


@pytest.mark.keras
@pytest.mark.parametrize("keras", ["3", "2"])
def test_files_are_as_they_were_after_a_look(looker: Looker, directory: Path, keras: str) -> None:
    (directory / "program.py").write_text(PROGRAM)
    before = contents(directory)
    inspection = looker.look(directory / "program.py", keras=keras, strict=True)
    assert inspection.output.endswith("went through\n"), inspection.output
    assert inspection.failure is None
    assert not inspection.notes
    # What the program made before anything was skipped may be what it has fetched.
    fetched = {name: directory / name for name in ("data.txt", "above.txt", "many/5.txt", "runs.db")}
    assert contents(directory).keys() - before.keys() == fetched.keys()
    assert fetched["data.txt"].read_text() == "fetched"
    for path in fetched.values():
        path.unlink()
    assert contents(directory) == before
    assert "line 12: log.txt is changed for this look only\n" in inspection.output
    assert "old is removed for this look only\n" in inspection.output

    traceless = looker.look(directory / "program.py", keras=keras, strict=True, traceless=True)
    assert traceless.output.endswith("went through\n")
    assert contents(directory) == before
    assert "data.txt is made for this look only\n" in traceless.output


@pytest.mark.keras
def test_program_does_the_same_by_itself(directory: Path) -> None:
    """The assertions in the program are right."""
    (directory / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("went through\n"), done.stderr


@pytest.mark.keras
def test_what_was_open_before_the_training_is_taken_back_with_what_it_says_of_it(
    looker: Looker, directory: Path
) -> None:
    text = f"""
{MODEL}
early = open("early.txt", "w")
early.write("the settings\\n")
early.close()
import time
time.sleep(0.1)
results = open("results.csv", "w")
score = model.evaluate(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0)
results.write(f"{{score}}\\n")
results.close()
"""
    (directory / "program.py").write_text(text)
    assert looker.look(directory / "program.py").failure is None
    assert (directory / "early.txt").is_file()
    assert not (directory / "results.csv").exists()


@pytest.mark.keras
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "while True: time.sleep(1)"])
def test_a_look_that_is_killed_leaves_nothing_either(looker: Looker, directory: Path, end: str) -> None:
    (directory / "program.py").write_text(f"import os, time\nos.mkdir('new')\nopen('new/a', 'w').close()\n{end}\n")
    inspection = looker.look(directory / "program.py", timeout=2.0)
    assert inspection.failure is not None
    assert inspection.failure.kind != "no-model"
    assert not (directory / "new").exists()


@pytest.mark.keras
def test_a_check_that_is_interrupted_leaves_nothing_either(directory: Path) -> None:
    (directory / "program.py").write_text(
        "import os, time\nos.mkdir('new')\nopen('new/a', 'w').close()\nwhile True: time.sleep(1)\n"
    )
    command = [sys.executable, "-m", "kerascope", "check", "program.py"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as check:
        wait_for(directory / "new" / "a", there=True)
        check.send_signal(signal.SIGINT)
        check.wait(60)
    wait_for(directory / "new", there=False)


def wait_for(path: Path, *, there: bool) -> None:
    """Wait until something is there, or is gone."""
    deadline = time.monotonic() + 60
    while path.exists() is not there:
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


# What the journal says.


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A file that another process holds open."""
    path = tmp_path / "held.txt"
    path.write_text("of a training")
    program = "import sys, time; file = open(sys.argv[1], 'a'); print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield path
        finally:
            holder.kill()


def entry_for(path: Path) -> str:
    """The journal's line for a file that was made."""
    status = path.lstat()
    return json.dumps({"file": str(path), "device": status.st_dev, "inode": status.st_ino, "always": True}) + "\n"


def test_only_what_the_look_has_made_is_taken_back(tmp_path: Path, held: Path) -> None:
    made, replaced, journal = tmp_path / "made.txt", tmp_path / "replaced.txt", tmp_path / "journal"
    for path in (made, replaced):
        path.write_text("x")
    journal.write_text(entry_for(made) + entry_for(replaced) + entry_for(held) + '{"file": "half')
    other = tmp_path / "other.txt"
    other.write_text("of a training")
    other.replace(replaced)
    take_back(str(journal))
    assert not made.exists()
    assert not journal.exists()
    assert replaced.read_text() == held.read_text() == "of a training"
    take_back(str(journal))  # nothing was made
