"""Prepares many data runs in one Keras: `PYTHON data_driver.py GENERATION CASES.json` prints JSON, one answer a case.

A case is `{"name", "program", "spec", "fit"}`: the program's text is executed, its model prepared as a training run
would, and trained when `fit` is set. The answer is `{"error"}`, or `{"model", "arguments", "said", "loss", ...}`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

PROBE = Path(__file__).parents[2] / "tui" / "kerascope" / "probe"


def main() -> None:
    generation, cases = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")
    out, sys.stdout = sys.stdout, sys.stderr
    load_probe()
    names = importlib.import_module("_kerascope_probe.keras_names")
    root = names.import_root(names.find_root(generation), generation)
    adapter = importlib.import_module("_kerascope_probe.adapters").adapter_for(root, generation)
    json.dump({case["name"]: answer_to(case, adapter) for case in cases}, out)


def load_probe() -> None:
    """Load the probe's package under the alias that the probe itself uses."""
    spec = importlib.util.spec_from_file_location(
        "_kerascope_probe", PROBE / "__init__.py", submodule_search_locations=[str(PROBE)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["_kerascope_probe"] = module
    spec.loader.exec_module(module)


def answer_to(case: dict[str, Any], adapter: Any) -> dict[str, Any]:
    preparing = importlib.import_module("_kerascope_probe.training.preparing")
    setup_error = importlib.import_module("_kerascope_probe.training.errors").SetupError
    said: list[str] = []
    namespace: dict[str, Any] = {"__name__": "__main__"}
    adapter.root.backend.clear_session()
    try:
        exec(case["program"], namespace)
        model, arguments = preparing.prepare_data_run(case["spec"], namespace, adapter, said.append)
        answer = {
            "model": model.name,
            "said": said,
            "arguments": {name: described(value) for name, value in arguments.items()},
            "facts": facts_of(arguments),
            "optimizer": type(model.optimizer).__name__.lower(),
            "rate": float(adapter.root.backend.get_value(model.optimizer.learning_rate))
            if adapter.generation == 2
            else float(model.optimizer.learning_rate),
            "history": None,
        }
        if case.get("fit"):
            answer["history"] = sorted(model.fit(**arguments, verbose=0).history)
    except setup_error as error:
        return {"error": str(error), "said": said}
    except Exception:
        return {"crash": traceback.format_exc(), "said": said}
    return answer


def described(value: Any) -> Any:
    """Shapes and dtypes in place of arrays."""
    if isinstance(value, dict):
        return {name: described(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    if hasattr(value, "element_spec"):
        return f"dataset of {int(value.cardinality())}"
    if hasattr(value, "shape"):
        return f"{tuple(value.shape)} {value.dtype}"
    return value if isinstance(value, (int, float)) else type(value).__name__


def facts_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """Smallest and largest number of x and y, and a number that tells whether they are the same again."""
    answer = {}
    for name in ("x", "y"):
        value = arguments.get(name)
        arrays: list[Any] = (
            list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        )
        if all(hasattr(array, "shape") and array.dtype.kind in "iuf" for array in arrays):
            answer[name] = [[float(array.min()), float(array.max()), float(array.sum())] for array in arrays]
    return answer


if __name__ == "__main__":
    main()
