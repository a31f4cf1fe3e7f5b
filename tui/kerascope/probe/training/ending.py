"""How a program has ended, in a sentence: its exit, its exception, the user's line, the layer that Keras names."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from ..failing import exception_message, exception_traceback, user_frames
from .errors import SetupError
from .sentences import sentence_of, short
from .stopping import Stopping

if TYPE_CHECKING:
    from ..adapters import Adapter
    from ..places import Places

__all__ = ["Ending", "ending_of", "print_error"]

FAILED = 1
INTERRUPTED = 130
"""Exit status of a shell's command that Ctrl-C has ended."""

_LAYER = re.compile(r"""(?:layer|Layer|shape / dtype of) ["']([^"']+)["']""")
_CLASS = re.compile(r"when calling (\w+)\.call\(\)")


class Ending:
    """How a program has ended.

    Attributes:
        status: `finished`, `stopped` or `failed`.
        exit: The exit status.
        error: As `run.json` has it, `None` where all went well.
    """

    def __init__(self, status: str, code: int, error: dict[str, Any] | None = None) -> None:
        self.status = status
        self.exit = code
        self.error = error


def ending_of(error: BaseException | None, places: Places, adapter: Adapter | None, models: Any = ()) -> Ending:
    """What an exception that has left the program makes of the run; `None` is its end.

    Args:
        error: The exception.
        places: Finds the user's line.
        adapter: The Keras generation, `None` where Keras could not be imported.
        models: Those that were trained, to find the layer that Keras means.
    """
    if error is None:
        return Ending("finished", 0)
    if isinstance(error, Stopping):
        return Ending("stopped", 0)
    if isinstance(error, SystemExit):
        return _exit(error, places)
    if isinstance(error, SetupError):
        return Ending("failed", FAILED, {"sentence": str(error)})
    frames = user_frames(error, places)
    message = exception_message(error, places)
    facts: dict[str, Any] = {
        "sentence": _sentence(error, message),
        "type": type(error).__name__,
        "path": frames[-1]["path"] if frames else None,
        "line": frames[-1]["line"] if frames else None,
        "layer": _layer(message, adapter, models),
        "traceback": exception_traceback(error, places),
    }
    return Ending("failed", INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED, facts)


def _exit(error: SystemExit, places: Places) -> Ending:
    """`sys.exit`: nothing and 0 mean success, a number is the status, a text goes to standard error."""
    code = error.code
    if code is None or code == 0:
        return Ending("finished", 0)
    frames = places.traceback(error)
    facts: dict[str, Any] = {"type": "SystemExit", "traceback": exception_traceback(error, places)}
    if frames:
        facts.update(path=frames[-1]["path"], line=frames[-1]["line"])
    if isinstance(code, int):
        facts["sentence"] = f"the program ended itself with exit status {code}"
        return Ending("failed", code & 0xFF or FAILED, facts)
    facts["sentence"] = f"the program ended itself: {short(str(code))}"
    return Ending("failed", FAILED, facts)


def _sentence(error: BaseException, message: str) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "the program was interrupted (KeyboardInterrupt)"
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"out of memory: {sentence_of(message)}"
    return sentence_of(message)


def _layer(message: str, adapter: Adapter | None, models: Any) -> str | None:
    """The layer that Keras names, or the only one of the class that it names."""
    found = _LAYER.search(message)
    if found is not None:
        return found[1]
    named = _CLASS.search(message)
    if named is None or adapter is None:
        return None
    names = {
        str(layer.name)
        for model in models
        for layer in adapter.own_layers(model)
        if type(layer).__name__ == named[1] and hasattr(layer, "name")
    }
    return names.pop() if len(names) == 1 else None


def print_error(error: BaseException, ending: Ending) -> None:
    """Print what Python would have printed at the end of the program, by the program's own hook where it has one."""
    if isinstance(error, Stopping):
        return
    if isinstance(error, SystemExit):
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
        return
    if isinstance(error, SetupError):
        print(f"kerascope: {error}", file=sys.stderr)
    elif sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, error.__traceback__)
    elif ending.error is not None:
        sys.stderr.write(str(ending.error["traceback"]))
