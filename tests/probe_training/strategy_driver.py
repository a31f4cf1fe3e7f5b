"""Trains under a strategy in one process: `PYTHON strategy_driver.py GENERATION SPEC.json` prints JSON."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for nothing else to be found there.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.probe_training.data_driver import load_probe

del sys.path[0]

PROGRAM = """
import keras
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation='softmax')])
"""


def main() -> None:
    generation, spec = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
    out, sys.stdout = sys.stdout, sys.stderr
    load_probe()
    try:
        answer = trained(generation, spec)
    except importlib.import_module("_kerascope_probe.training.errors").SetupError as error:
        answer = {"error": str(error)}
    json.dump(answer, out)


def trained(generation: int, spec: dict[str, Any]) -> dict[str, Any]:
    part = importlib.import_module
    devices, strategies = part("_kerascope_probe.training.devices"), part("_kerascope_probe.training.strategies")
    strategies.check_strategy(spec, generation)
    names = part("_kerascope_probe.keras_names")
    root = names.import_root(names.find_root(generation), generation)
    adapter = part("_kerascope_probe.adapters").adapter_for(root, generation)
    tensorflow = part("tensorflow")
    words = devices.choose_devices(spec, tensorflow)
    devices.set_precision(spec, adapter)
    devices.set_seed(spec, adapter)
    said: list[str] = []
    with strategies.scope_for(spec, tensorflow, generation) as distribution:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(PROGRAM, namespace)
        prepare = part("_kerascope_probe.training.preparing").prepare_data_run
        model, arguments = prepare(spec, namespace, adapter, said.append)
        history = model.fit(**arguments, verbose=0).history
    return {
        "device": words,
        "replicas": distribution.replicas,
        "worker": [distribution.worker, distribution.workers, distribution.is_chief],
        "loss": history["loss"][-1],
        "weights": float(sum(abs(weight).sum() for weight in model.get_weights())),
        "policy": model.layers[-1].compute_dtype,
        "said": said,
    }


if __name__ == "__main__":
    main()
