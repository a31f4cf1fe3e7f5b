"""What a serialized Lambda carries: Python bytecode, or the name of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kerascope.readers.saved._blobs import carried
from kerascope.readers.saved._foreign import judge_function, shown

__all__ = ["FIX", "LAMBDA_CLASSES", "RUNS", "Carried", "lambda_of"]

LAMBDA_CLASSES = frozenset({"Lambda", "LambdaMerge", "__lambda__"})

_FUNCTIONS = ("function", "output_shape", "mask")

RUNS = (
    "Keras makes a function of that bytecode and calls it when the model is built or used: it can do whatever the "
    "user can. safe_mode refuses it in .keras files since Keras 2.13 (CVE-2024-3660); in .h5 files Keras ran it until "
    "3.11.3 (CVE-2025-9905), and tf-keras runs it"
)
_NAMED = (
    "the function is not in this file: Keras takes it by its name from the machine that loads the file, and calls it"
)
FIX = (
    "do not load this file unless you trust who made it; ask for one with a registered function in place of the Lambda"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a Lambda brings along.

    Attributes:
        certain: Whether code, or a name that leads to harm; else the name of a function.
        what: What it is, to follow "carries" or "names".
        key: The argument it is the value of; empty where it is the object itself.
        why: What a loader makes of it.
        fix: What to do.
    """

    certain: bool
    what: str
    key: str
    why: str
    fix: str = FIX


def _is_code(value: object) -> bool:
    """Whether a serialized function brings its bytecode along, in the manner of any generation."""
    if isinstance(value, Mapping):
        return value.get("class_name") == "__lambda__"
    if isinstance(value, Sequence) and not isinstance(value, str):
        # Keras 2: code, defaults, closure. A list of sizes is an output shape.
        return bool(value) and isinstance(value[0], str)
    return isinstance(value, str) and carried(value) is not None


def lambda_of(class_name: str, config: object) -> Carried:
    """What a Lambda of any generation carries.

    Args:
        class_name: `Lambda`, Keras 1's `LambdaMerge`, or `__lambda__` for a bare function.
        config: Its config, as JSON has it.
    """
    if class_name == "__lambda__" or not isinstance(config, Mapping):
        return Carried(True, f"carries {_size(config)} of Python bytecode", "", RUNS)
    for key in _FUNCTIONS:
        value, kind = config.get(key), config.get(f"{key}_type")
        if kind == "lambda" or _is_code(value):
            return Carried(True, f"carries {_size(value)} of Python bytecode", key, RUNS)
    named = None
    for key in _FUNCTIONS:
        name, module, registered = _function(config, key)
        if name is None:
            continue
        judged = judge_function(name, module, registered)
        # `builtins` is what Keras writes for any function that it knows by its name alone.
        alone = module is None or (module == "builtins" and not (judged is not None and judged.certain))
        spelled = shown(name if alone else f"{module}.{name}")
        if judged is not None and judged.certain:
            return Carried(True, f"calls {spelled}, {judged.what}", key, judged.why, judged.fix)
        of_keras = ", a function of Keras" if judged is None else ""
        named = named or Carried(False, f"calls {spelled}{of_keras}", key, _NAMED)
    return named or Carried(False, "calls a function that the file does not name", "", _NAMED)


def _function(config: Mapping[str, object], key: str) -> tuple[str | None, str | None, object]:
    """Name, module and registered name of a function that a Lambda names."""
    value = config.get(key)
    if isinstance(value, Mapping):
        name, module = value.get("config"), value.get("module")
        if not isinstance(name, str):
            name = value.get("class_name")
        return (
            name if isinstance(name, str) else None,
            module if isinstance(module, str) else None,
            value.get("registered_name"),
        )
    if isinstance(value, str):
        module = config.get("module" if key == "function" else f"{key}_module")
        return value, module if isinstance(module, str) else None, None
    return None, None, None


def _size(value: object) -> str:
    """How much code there is, as `1,204 characters`."""
    waiting, characters, looked_at = [value], 0, 0
    while waiting and looked_at < 100:
        item = waiting.pop()
        looked_at += 1
        if isinstance(item, str):
            characters = max(characters, len(item))
        elif isinstance(item, Mapping):
            waiting += list(item.values())[:10]
        elif isinstance(item, Sequence):
            waiting += list(item)[:10]
    return f"{characters:,} characters"
