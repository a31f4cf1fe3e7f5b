"""Measure what kerascope promises about speed, side by side with what one would do without it.

    python tests/benchmarks/measure.py [paint] [check] [second-look] [applications] [giant] [graphs] [growth]
                                       [saved] [saved-large] [training] [mnist] [log] [reading] [log-reading]

Every figure is the median of several runs, with the smallest and the largest; comparisons alternate the two sides in
one run, so that a machine that slows down slows both. Nothing here is asserted: the figures are for reading.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.graph import Target
from kerascope.inspection import Inspector, LookOptions

sys.path.insert(0, str(Path(__file__).parents[2]))  # started by its path, this file's folder is there, not the root

from tests.benchmarks.common import ALIASED, ROOT, RUNS, Terminal, children, environment, spread
from tests.benchmarks.log_bytes import measure_log_bytes
from tests.benchmarks.runs import measure_log_reading, measure_runs_reading
from tests.benchmarks.runs_list import measure_runs_list
from tests.benchmarks.saved import PLAIN_MEMORY, measure_saved, measure_saved_large
from tests.benchmarks.training import measure_mnist, measure_training

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE = ROOT / "sample_models" / "sequential_discarded.py"

PLAIN = """\
import os, sys
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
keras.Model.fit = lambda *args, **kwargs: None
names = {"__name__": "__main__"}
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), names)
for value in list(names.values()):
    if isinstance(value, keras.Model):
        value.summary()
"""
"""What a user does without us: run the file, without its training, and print the summary."""

APPLICATION = """\
import resource, time
import keras
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
model = keras.applications.{name}(weights=None)
seconds = time.perf_counter() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(f"FIGURES {{seconds:.3f}} {{grown // 1024}}")
"""


# Start to first useful paint.


def first_paint() -> tuple[float, int]:
    """Seconds from exec to the file's declarations on a real terminal, and the peak memory of the screen in MiB."""
    start = time.perf_counter()
    terminal = Terminal([sys.executable, "-m", "kerascope", str(SAMPLE)])
    seconds = terminal.read_until(lambda text: "(None, 44)" in text) - start
    # Let the answer of Keras come, so that the peak has everything in it.
    terminal.read_until(lambda text: "discarded" in text)
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    terminal.end()
    return seconds, int(peak[1]) // 1024 if peak else 0


def measure_paint() -> None:
    """First useful paint in a real pty, and memory."""
    results = [first_paint() for _ in range(RUNS)]
    print("start to first useful paint (pty, 120x40):", spread([seconds for seconds, _ in results]))
    print("peak memory of the screen's process:      ", spread([float(peak) for _, peak in results], "MiB"))


# check, cold.


def timed(command: Sequence[str], generation: int) -> float:
    """Seconds of one command, its output read and thrown away."""
    start = time.perf_counter()
    subprocess.run(command, env=environment(generation), capture_output=True, check=False)
    return time.perf_counter() - start


def measure_check() -> None:
    """`check` of one file, cold, against plain Python and `summary()`."""
    for generation in (3, 2):
        plain_code = PLAIN if generation == 3 else PLAIN.replace("import keras\n", ALIASED, 1)
        plain, ours = [], []
        for number in range(RUNS + 1):
            one = timed([sys.executable, "-c", plain_code, str(SAMPLE)], generation)
            two = timed(
                [sys.executable, "-m", "kerascope", "check", "--keras", str(generation), str(SAMPLE)], generation
            )
            if number:  # the first pair warms the disk's cache
                plain.append(one)
                ours.append(two)
        ratios = [two / one for one, two in zip(plain, ours, strict=True)]
        print(f"Keras {generation}: python -c … summary():", spread(plain))
        print(f"Keras {generation}: kerascope check:      ", spread(ours))
        print(f"Keras {generation}: ratio:                ", spread(ratios, "x"))


# The second look.


def measure_second_look() -> None:
    """A look after a save in a warm session, against a new Python each time."""
    for generation in (3, 2):
        looks = asyncio.run(warm_looks(generation))
        print(f"Keras {generation}: first look (with the import):", spread(looks[:1]))
        print(f"Keras {generation}: look after a save:           ", spread(looks[1:]))


async def warm_looks(generation: int) -> list[float]:
    """Seconds of the first and of ten later looks."""
    inspector = Inspector(LookOptions(keras=str(generation)))
    text = SAMPLE.read_text()
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        for number in range(11):
            path.write_text(text.replace("Dense(32", f"Dense({32 + number}"))
            start = time.perf_counter()
            inspection = await inspector.look(Target(path=str(path)), lambda progress: None)
            seconds.append(time.perf_counter() - start)
            assert inspection.models[0].layers[0].output == ((None, 32 + number),)
    await inspector.close()
    return seconds


# Large models.


def measure_applications() -> None:
    """Building VGG16 and EfficientNetB7 in a file: time after the import and memory above it."""
    for generation in (3, 2):
        for name in ("VGG16", "EfficientNetB7"):
            code = APPLICATION.format(name=name)
            plain_code = code if generation == 3 else "import sys\n" + code.replace("import keras\n", ALIASED, 1)
            plain = [figures(run_plain(plain_code, generation)) for _ in range(3)]
            ours = asyncio.run(look_at(code, generation, 3))
            plain_seconds, plain_memory = zip(*plain, strict=True)
            our_seconds, our_memory, whole = zip(*ours, strict=True)
            print(f"Keras {generation}: {name} plain:     ", spread(plain_seconds), spread(plain_memory, "MiB"))
            print(f"Keras {generation}: {name} kerascope: ", spread(our_seconds), spread(our_memory, "MiB"))
            print(f"Keras {generation}: {name} whole look:", spread(whole))
            ratio = statistics.median(plain_seconds) / statistics.median(our_seconds)
            print(f"Keras {generation}: {name} built {ratio:.1f} times faster")


def run_plain(code: str, generation: int) -> str:
    """Output of a plain Python."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(generation), capture_output=True, text=True, check=True
    )
    return done.stdout


def figures(output: str) -> tuple[float, float]:
    """Seconds and MiB from a program's own line."""
    found = re.search(r"FIGURES (\S+) (\S+)", output)
    assert found is not None, output
    return float(found[1]), float(found[2])


async def look_at(code: str, generation: int, times: int) -> list[tuple[float, float, float]]:
    """The program's own figures inside a look, and the seconds of the whole look, with Keras warm."""
    inspector = Inspector(LookOptions(keras=str(generation)))
    results = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        path.write_text("import keras\nkeras.Sequential([keras.Input((1,))])\n")
        await inspector.look(Target(path=str(path)), lambda progress: None)
        path.write_text(code)
        for _ in range(times):
            start = time.perf_counter()
            inspection = await inspector.look(Target(path=str(path)), lambda progress: None)
            results.append((*figures(inspection.output), time.perf_counter() - start))
    await inspector.close()
    return results


# Graphs that are too large, or made of many layers.

GIANT = """\
import resource, time
import keras
from keras import layers
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
width, heads, depth = 8192, 64, 76
tokens = keras.Input((2048,), dtype="int32")
x = layers.Embedding(50_000, width)(tokens)
for _ in range(depth):
    x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(x, x)])
    x = layers.LayerNormalization()(x)
    y = layers.Dense(4 * width, activation="gelu")(x)
    x = layers.Add()([x, layers.Dense(width)(y)])
    x = layers.LayerNormalization()(x)
model = keras.Model(tokens, layers.Dense(50_000)(x))
seconds = time.perf_counter() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(f"PARAMETERS {model.count_params():,}")
print(f"FIGURES {seconds:.3f} {grown // 1024}")
"""
"""A transformer of 61 billion parameters: 245 GB of weights, were they made."""

GRAPHS = {
    "chain of 900": """\
x = i = keras.Input((32,))
for _ in range(900):
    x = keras.layers.Dense(32)(x)
model = keras.Model(i, x)
""",
    "Sequential of 150": """\
model = keras.Sequential()
model.add(keras.Input((32,)))
for _ in range(150):
    model.add(keras.layers.Dense(32))
""",
    "DenseNet201": "model = keras.applications.DenseNet201(weights=None)\n",
    "NASNetLarge": "model = keras.applications.NASNetLarge(weights=None)\n",
}

TIMED = """\
import resource, time
import keras
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
{body}seconds = time.perf_counter() - start
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(f"FIGURES {{seconds:.3f}} {{grown // 1024}}")
"""

RECORDED = """\
import keras
from kerascope.probe.adapters import adapter_for
from kerascope.probe.places import Places
from kerascope.probe.recorder import Recorder
import os
places = Places("<string>", os.path.dirname(keras.__file__))
Recorder(adapter_for(keras, {generation}), places, lambda message: None).install()
"""


def measure_giant() -> None:
    """A transformer of 61 billion parameters, after the import; plain Keras with a limit on its memory."""
    for generation in (3, 2):
        ours = asyncio.run(look_at(GIANT, generation, 3))
        seconds, memory, whole = zip(*ours, strict=True)
        print(f"Keras {generation}: 61 billion parameters, kerascope: ", spread(seconds), spread(memory, "MiB"))
        print(f"Keras {generation}: whole look:                       ", spread(whole))
        limit = f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({PLAIN_MEMORY}, {PLAIN_MEMORY}))\n"
        code = limit + (GIANT if generation == 3 else "import sys\n" + GIANT.replace("import keras\n", ALIASED, 1))
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment(generation), capture_output=True, text=True, check=False
        )
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1][:100]
        took = time.perf_counter() - start
        print(f"Keras {generation}: plain, with 12 GiB: status {done.returncode} after {took:.0f} s: {last}")


def measure_graphs() -> None:
    """Graphs of many layers, built in a file: our time against plain Keras's, after the import; and recording alone."""
    for generation in (3, 2):
        for name, body in GRAPHS.items():
            code = TIMED.format(body=body)
            plain_code = code if generation == 3 else "import sys\n" + code.replace("import keras\n", ALIASED, 1)
            recording = RECORDED.format(generation=generation)
            recorded_code = plain_code.replace("import keras\n", "import keras\n" + recording, 1)
            plain, recorded = [], []
            for _ in range(3):
                plain.append(figures(run_plain(plain_code, generation))[0])
                recorded.append(figures(run_plain(recorded_code, generation))[0])
            ours = [seconds for seconds, _, _ in asyncio.run(look_at(code, generation, 3))]
            ratio = statistics.median(ours) / statistics.median(plain)
            alone = statistics.median(recorded) / statistics.median(plain)
            print(f"Keras {generation}: {name}: plain ", spread(plain))
            print(
                f"Keras {generation}: {name}: ours  ", spread(ours), f" ratio {ratio:.2f}, recording alone {alone:.2f}"
            )


# Many looks.


def measure_growth() -> None:
    """Twenty looks in a row in one session: the probe's memory after each, and what is left at the end."""
    for generation in (3, 2):
        sizes, left = asyncio.run(twenty_looks(generation))
        print(f"Keras {generation}: the probe's memory after looks 1, 10, 20: {sizes[0]}, {sizes[9]}, {sizes[19]} MiB")
        print(f"Keras {generation}: child processes left after each look: {left}; after the end: {len(children())}")


async def twenty_looks(generation: int) -> tuple[list[int], int]:
    """Resident MiB of the probe after each look, and the most processes it was left with."""
    inspector = Inspector(LookOptions(keras=str(generation)))
    sizes, left = [], 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        path.write_text("import keras\nmodel = keras.applications.MobileNetV2(weights=None)\n")
        for _ in range(20):
            await inspector.look(Target(path=str(path)), lambda progress: None)
            (probe,) = children()
            sizes.append(resident_memory(probe))
            left = max(left, len(children(probe)))
    await inspector.close()
    return sizes, left


def resident_memory(pid: int) -> int:
    """MiB of a process that are in memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0


MEASURES = {
    "paint": measure_paint,
    "check": measure_check,
    "second-look": measure_second_look,
    "applications": measure_applications,
    "giant": measure_giant,
    "graphs": measure_graphs,
    "growth": measure_growth,
    "saved": measure_saved,
    "saved-large": measure_saved_large,
    "training": measure_training,
    "mnist": measure_mnist,
    "log": measure_log_bytes,
    "reading": measure_runs_reading,
    "log-reading": measure_log_reading,
    "runs-list": measure_runs_list,
}


def main(names: Sequence[str]) -> int:
    """Run the measurements named, or all."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 64
    for name in names or list(MEASURES):
        MEASURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
