"""Runs many programs as training runs in one Keras: `PYTHON fit_driver.py GENERATION CASES.json`, nothing is printed.

A case is `{"directory", "spec", "attempt", "every_epoch", "grace"}`; each runs in a copy of this process, as it does in
a warm start. In its directory it leaves `told.json` (what went to the reporter), `exit.json` and `output.txt`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

# Run by its path, so that only its own folder is on sys.path; taken off again, for nothing else to be found there.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.probe_training.data_driver import load_probe

del sys.path[0]


class Listener:
    """Takes what a training process tells its keeper."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def tell(self, message: dict[str, Any]) -> None:
        self.told.append(json.loads(json.dumps(message)))


def main() -> None:
    generation, cases = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
    load_probe()
    names = importlib.import_module("_kerascope_probe.keras_names")
    root = names.import_root(names.find_root(generation), generation)
    adapter = importlib.import_module("_kerascope_probe.adapters").adapter_for(root, generation)
    for case in cases:
        begin = time.monotonic()
        child = os.fork()
        if not child:
            run(case, adapter)
        _, status = os.waitpid(child, 0)
        facts = {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - begin}
        directory = Path(case["directory"])
        directory.mkdir(exist_ok=True)  # a program may have deleted it
        (directory / "exit.json").write_text(json.dumps(facts))


def run(case: dict[str, Any], adapter: Any) -> None:
    """Train in this process, and end it."""
    code = 77
    directory = Path(case["directory"])
    try:
        (directory / "run.json").write_text(json.dumps({"spec": case["spec"], "attempt": case["attempt"]}))
        (directory / "stop.json").unlink(missing_ok=True)
        output = os.open(directory / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for number in (1, 2):
            os.dup2(output, number)
        if case.get("every_epoch"):
            vars(importlib.import_module("_kerascope_probe.training.backup"))["interval"] = lambda cost: 0.0
        if case.get("grace") is not None:
            vars(importlib.import_module("_kerascope_probe.training.callback"))["VALIDATION_GRACE"] = case["grace"]
        listener = Listener()
        code = importlib.import_module("_kerascope_probe.training.training").train(str(directory), listener, adapter)
        sys.stdout.flush()
        (directory / "told.json").write_text(json.dumps(listener.told))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
