"""What watching costs a training: the same `fit`, bare and through kerascope."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.common import ROOT, environment, spread

__all__ = ["measure_mnist", "measure_training"]

PAIRS = 5

PROGRAM = """\
import time
{imports}
import numpy as np
from {keras} import layers

{model}
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x, y, batch_size={batch}, epochs=1, verbose=0)  # traces, once for both sides
start, cpu = time.perf_counter(), time.process_time()
model.fit(x, y, batch_size={batch}, epochs={epochs}, verbose=0)
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
print(f"FIGURES {{seconds}} {{cpu}} {{{epochs} * -(-len(x) // {batch})}}", flush=True)
"""

SMALL = """\
x = np.random.rand(48000, 20).astype("float32")
y = np.random.randint(0, 4, 48000)
model = {keras}.Sequential([
    {keras}.Input((20,)), layers.Dense(64, activation="relu"), layers.Dense(4, activation="softmax")])"""

ENCODER = """\
x = np.random.rand(2560, 28, 28, 1).astype("float32")
y = np.random.randint(0, 10, 2560)
model = {keras}.Sequential([
    {keras}.Input((28, 28, 1)), layers.Conv2D(16, 3, activation="relu"), layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(3), layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(16, 3, activation="relu"),
    layers.GlobalMaxPooling2D(), layers.Dense(10, activation="softmax")])"""


def measure_training() -> None:
    """The ratio of both, in alternating pairs, for a model of 1 ms steps and a convolutional encoder."""
    for generation in (3, 2):
        keras = "keras" if generation == 3 else "tf_keras"
        for name, model, batch, epochs in (("small", SMALL, 32, 5), ("encoder", ENCODER, 256, 30)):
            text = PROGRAM.format(
                imports=f"import {keras}", keras=keras, model=model.format(keras=keras), batch=batch, epochs=epochs
            )
            _measure_pairs(f"Keras {generation}, {name}", text, generation)


def _measure_pairs(title: str, text: str, generation: int) -> None:
    """Both sides by the clock and by the processor's time, which a neighbour on the machine changes less."""
    bare, ours, steps = [], [], 1
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "train.py"
        program.write_text(text)
        for _ in range(PAIRS):
            *seconds, steps = _bare(program, generation)
            bare.append(seconds)
            ours.append(_watched(program, generation, Path(folder) / "runs")[:2])
    for at, what in enumerate(("clock", "processor")):
        ratios = [two[at] / one[at] for one, two in zip(bare, ours, strict=True)]
        print(f"{title}, by the {what}: step, bare:    ", spread([1000 * each[at] / steps for each in bare], "ms"))
        print(f"{title}, by the {what}: step, watched: ", spread([1000 * each[at] / steps for each in ours], "ms"))
        print(f"{title}, by the {what}: ratio:         ", spread(ratios, "x"), flush=True)


def _figures(output: str) -> tuple[float, float, int]:
    found = re.search(r"FIGURES (\S+) (\S+) (\d+)", output)
    if found is None:
        raise RuntimeError(f"the program printed no figures: {output[-2000:]}")
    return float(found[1]), float(found[2]), int(found[3])


def _bare(program: Path, generation: int) -> tuple[float, float, int]:
    ran = subprocess.run(
        [sys.executable, program], env=environment(generation), capture_output=True, text=True, check=False
    )
    return _figures(ran.stdout + ran.stderr)


def _watched(program: Path, generation: int, runs: Path) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "kerascope", "train", str(program), "--no-check", "--keras", str(generation)]
    ran = subprocess.run(
        [*command, "--runs-dir", str(runs)], env=environment(generation), capture_output=True, text=True, check=False
    )
    return _figures(ran.stdout + ran.stderr)


def measure_mnist() -> None:
    """The conv encoder on real MNIST, one epoch, followed; the four arrays are taken from the file named by `MNIST`.

    Keras's own loader takes only the very file that it would download, and loads that again where its hash is another.
    """
    data = Path(os.environ.get("MNIST", "~/.keras/datasets/mnist.npz")).expanduser()
    if not data.exists():
        print(f"there is no {data} with MNIST's arrays: not measured (MNIST=FILE.npz names another)")
        return
    text = (ROOT / "sample_models" / "conv_encoder_mnist.py").read_text()
    loading = "(x_train, y_train), _ = keras.datasets.mnist.load_data()"
    assert loading in text
    ours = f"import numpy\narrays = numpy.load({str(data)!r})\nx_train, y_train = arrays['x_train'], arrays['y_train']"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "conv_encoder_mnist.py"
        program.write_text(text.replace(loading, ours))
        start = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, "-m", "kerascope", "train", str(program), "--runs-dir", folder, "--no-log"],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        print(
            f"conv encoder on MNIST, one epoch, followed to its end ({seconds:.1f} s):\n{ran.stdout}{ran.stderr[-500:]}"
        )
