"""Keeps a run whose training is plain Python: `PYTHON driver.py DIRECTORY PROGRAM.py`.

The program defines `train(reporter) -> int`. As `probe train` does, this returns when the run is up and prints the
answer; nothing of it imports Keras.
"""

from __future__ import annotations

import importlib
import os
import runpy
import sys

from tests.probe_training.data_driver import load_probe


def main() -> None:
    directory, program = sys.argv[1:]
    load_probe()
    detaching = importlib.import_module("_kerascope_probe.training.detaching")
    keeper = importlib.import_module("_kerascope_probe.training.keeper")
    train = runpy.run_path(program)["train"]
    pipe = detaching.detach(lambda ready: keeper.keep(directory, train, ready))
    with os.fdopen(pipe, "rb") as file:
        print(file.read().decode(), flush=True)


if __name__ == "__main__":
    main()
