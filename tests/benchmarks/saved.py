"""Measures of saved files, against plain Keras: `load_model` and `summary()` in a fresh process."""

from __future__ import annotations

import compileall
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.common import ROOT, PeakMemory, Terminal, environment, ours, spread, timed_with_memory
from tests.benchmarks.large_files import write_chain, write_sparse, write_transformer, write_with_keras

PAIRS = 3
LOAD = """\
import sys
import keras
keras.saving.load_model(sys.argv[1]).summary()
"""
FROM_JSON = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
import keras
keras.models.model_from_json(open(sys.argv[1]).read()).summary()
"""
PLAIN_STATS = """\
import sys
import h5py, numpy

def tell(name, array):
    if isinstance(array, h5py.Dataset):
        data = array[...]
        zeros, nans, infs = (data == 0).mean(), numpy.isnan(data).sum(), numpy.isinf(data).sum()
        print(name, data.shape, data.min(), data.max(), data.mean(), data.std(), zeros, nans, infs)

h5py.File(sys.argv[1]).visititems(tell)
"""
"""What one does without us to know the numbers in a file."""

PLAIN_MEMORY = 12 * 1024**3
"""Bytes of address space plain Keras gets for the giant: enough to show that it needs more, not to take the machine."""

PARAMETERS = "66,658,687"
"""Of EfficientNetB7: both sides have to say it."""

KEYS = 20


def measure_saved() -> None:
    """EfficientNetB7, 816 layers and 269 MB: shell to full table, and to the first useful paint of the screen."""
    compile_package()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "b7.keras", Path(folder) / "b7.h5"]
        write_with_keras("EfficientNetB7", *paths)
        for path in paths:
            pairs = []
            for number in range(PAIRS + 1):
                plain = timed_with_memory([sys.executable, "-c", LOAD, str(path)], expected=PARAMETERS)
                check = timed_with_memory(ours("check", str(path)), expected=PARAMETERS)
                if number:  # the first pair warms the disk's cache
                    pairs.append((plain, check))
            tell_pairs(f"B7 {path.suffix}", "load_model, summary()", "kerascope check", pairs)
            paints = [paint(path, "stem_conv") for _ in range(PAIRS)]
            print(f"B7 {path.suffix}: start to its layers on the screen:", spread([seconds for seconds, _ in paints]))
            print(f"B7 {path.suffix}: memory of the screen:             ", spread([peak for _, peak in paints], "MiB"))


def measure_saved_large() -> None:
    """10,000 layers, 62 billion parameters, and 2 GiB of weights."""
    compile_package()
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.json"
        last = write_chain(chain, 10_000)
        checks = [timed_with_memory(ours("check", str(chain)), expected=last) for _ in range(PAIRS)]
        print("10,000 layers: kerascope check:          ", spread([seconds for seconds, _ in checks]))
        print("10,000 layers: memory:                   ", spread([peak for _, peak in checks], "MiB"))
        measure_end_of_table(chain, last)

        giant = Path(folder) / "transformer.json"
        parameters = write_transformer(giant)
        checks = [timed_with_memory(ours("check", str(giant)), expected=f"{parameters:,}") for _ in range(PAIRS)]
        print(f"{parameters:,} parameters: kerascope check:", spread([seconds for seconds, _ in checks]))
        print(f"{parameters:,} parameters: memory:         ", spread([peak for _, peak in checks], "MiB"))
        start = time.perf_counter()
        code = FROM_JSON.format(limit=PLAIN_MEMORY)
        done = subprocess.run(
            [sys.executable, "-c", code, str(giant)], env=environment(), capture_output=True, text=True, check=False
        )
        ended = (done.stderr.strip().splitlines() or ["nothing"])[-1][:100]
        took = time.perf_counter() - start
        print(f"{parameters:,} parameters: plain, 12 GiB: status {done.returncode} after {took:.0f} s: {ended}")

        weights = Path(folder) / "sparse.weights.h5"
        write_sparse(weights)
        pairs = []
        for number in range(PAIRS + 1):
            plain = timed_with_memory([sys.executable, "-c", PLAIN_STATS, str(weights)], expected="dense_7")
            stats = timed_with_memory(ours("weights", "--stats", str(weights)), expected="dense_7")
            if number:
                pairs.append((plain, stats))
        tell_pairs("weights of 2 GiB", "h5py and NumPy", "kerascope weights --stats", pairs)


def tell_pairs(what: str, plain: str, own: str, pairs: list[tuple[tuple[float, float], tuple[float, float]]]) -> None:
    """Seconds and MiB of both sides, and how many times as fast and as small ours is."""
    width = max(len(plain), len(own)) + 1
    for name, side in ((plain, 0), (own, 1)):
        print(f"{what}: {name + ':':{width}}", spread([pair[side][0] for pair in pairs]))
        print(f"{what}: {'memory:':>{width}}", spread([pair[side][1] for pair in pairs], "MiB"))
    times = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
    sizes = statistics.median(pair[0][1] / pair[1][1] for pair in pairs)
    print(f"{what}: {times:.1f} times as fast, with 1/{sizes:.1f} of the memory")


def paint(path: Path, wanted: str) -> tuple[float, float]:
    """Seconds from the start to a text on the screen, and MiB at most until then."""
    start = time.perf_counter()
    terminal = Terminal(ours(str(path)))
    memory = PeakMemory(terminal.pid)
    seconds = terminal.read_until(lambda text: wanted in text) - start
    terminal.settle()
    peak = memory.stop()
    terminal.end()
    return seconds, peak


def measure_end_of_table(path: Path, last: str) -> None:
    """Start to the table on the screen, to its end, and from a key to what it paints there."""
    start = time.perf_counter()
    terminal = Terminal(ours(str(path)))
    table = terminal.read_until(lambda text: "dense_1" in text) - start
    print(f"10,000 layers: table on the screen:       {table:8.3f} s")
    terminal.settle()
    start = time.perf_counter()
    terminal.press("G")
    # The last row may be painted in pieces.
    end = terminal.read_until(lambda text: last in re.sub(r"\s+", "", text))
    print(f"10,000 layers: G to the last row painted: {1000 * (end - start):8.1f} ms")
    taken = []
    for number in range(KEYS):
        terminal.settle()
        start = time.perf_counter()
        terminal.press("jk"[number % 2 == 0])
        taken.append(1000 * (terminal.read_until(bool) - start))
    print("10,000 layers: key to paint at the end:  ", spread(taken, "ms"))
    terminal.end()


def compile_package() -> None:
    """What pip does when it installs a package: without its bytecode every start would compile it."""
    compileall.compile_dir(ROOT / "tui" / "kerascope", quiet=2)
