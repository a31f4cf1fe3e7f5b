"""One look, in a child of its own: run the user's file, record, tell, and be gone."""

from __future__ import annotations

import builtins
import faulthandler
import linecache
import os
import signal
import sys
import traceback
import types
from os import getpid  # bound now: the user's file may replace what os holds
from typing import TYPE_CHECKING, Any

from .lazy import make_weights_lazy
from .places import Places
from .pretrained import Pretrained
from .recorder import Recorder, Ticker
from .skipping import Skipper
from .snapshot import Snapshot
from .tolerance import Tolerance
from .wire import Writer

if TYPE_CHECKING:
    from .adapters import Adapter

__all__ = ["run_look"]


class _Stopped(BaseException):
    """The engine wants an answer now with what there is; a BaseException, so that a file's `except` lets it pass."""


def run_look(request: dict[str, Any], adapter: Adapter, keras_directory: str, records: int, crash_file: int) -> None:
    """Run the user's file and send what was recorded. The caller ends the process afterwards.

    Args:
        request: `path`, `text`, `cwd`, `arguments`, `lazy` and `tolerant`, as the engine sent them.
        adapter: The Keras generation.
        keras_directory: Folder of the Keras package, to tell its frames from the user's.
        records: File descriptor the answers go to.
        crash_file: File descriptor that the Python stack goes to when native code crashes.
    """
    writer = Writer(records)
    faulthandler.enable(file=crash_file, all_threads=False)
    path = request["path"]
    places = Places(path, keras_directory)
    recorder = Recorder(adapter, places, writer.send)
    recorder.install()
    Skipper(adapter, recorder, places).install()
    pretrained = Pretrained(adapter, recorder, places)
    pretrained.install()
    tolerance = Tolerance(adapter, recorder, places) if request.get("tolerant") else None
    lazy = bool(request.get("lazy", True)) and make_weights_lazy(adapter)
    _prepare(request)
    module = _module(path)
    if tolerance is not None:
        tolerance.install()

    def snapshot() -> dict[str, Any]:
        names = vars(module) if tolerance is None else {**tolerance.lost, **vars(module)}
        facts = Snapshot(adapter, recorder, names).read()
        told = None if tolerance is None else tolerance.facts()
        return {**facts, "unloaded": pretrained.unloaded, "tolerance": told}

    recorder.snapshot = snapshot
    ticker = Ticker(recorder, places, writer.send)
    ticker.start()
    process = getpid()
    ending = _run(request, module, places, tolerance)
    if getpid() != process:
        # The user's file forked: this is the copy, whose end is nobody's answer.
        return
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    ticker.stop()
    recorder.flush()
    writer.send({"event": "reading"})
    writer.send({"event": "result", "lazy": lazy, "ending": ending, **snapshot()})


def _prepare(request: dict[str, Any]) -> None:
    path = request["path"]
    sys.path.insert(0, os.path.dirname(path))
    sys.argv[:] = [path, *request.get("arguments", [])]
    cwd = request.get("cwd")
    if cwd and os.path.isdir(cwd):
        os.chdir(cwd)
    # Tracebacks and inspect.getsource show the text that runs, even when the file has changed since.
    lines = request["text"].splitlines(keepends=True)
    linecache.cache[path] = (len(request["text"]), None, lines, path)


def _module(path: str) -> types.ModuleType:
    """The module the file runs as: `__main__`, as for `python FILE`; pickle and dataclasses look it up by that name."""
    module = types.ModuleType("__main__")
    module.__file__ = path
    vars(module)["__builtins__"] = builtins
    sys.modules["__main__"] = module
    return module


def _run(
    request: dict[str, Any], module: types.ModuleType, places: Places, tolerance: Tolerance | None
) -> dict[str, Any]:
    """Execute the file.

    Returns:
        How it ended: `{"kind": "end" | "exit" | "exception" | "stopped", ...}`.
    """
    path = request["path"]

    def stop(number: int, frame: Any) -> None:
        raise _Stopped

    signal.signal(signal.SIGUSR1, stop)
    try:
        program = request["text"] if tolerance is None else tolerance.program(request["text"], path)
        exec(compile(program, path, "exec", dont_inherit=True), vars(module))
    except SystemExit as error:
        code = error.code
        return {"kind": "exit", "code": None if code is None else str(code), "frames": places.traceback(error)}
    except _Stopped as error:
        return {"kind": "stopped", "frames": places.traceback(error)}
    except BaseException as error:
        return _exception(error, places)
    return {"kind": "end"}


def _exception(error: BaseException, places: Places) -> dict[str, Any]:
    frames = places.traceback(error)
    if isinstance(error, SyntaxError) and error.filename and not frames:
        frames = [{"path": error.filename, "line": error.lineno or 1, "function": "<module>"}]
    # Copes with an exception whose own __str__ fails.
    lines = traceback.format_exception_only(type(error), error)
    return {
        "kind": "exception",
        "type": type(error).__name__,
        # A syntax error's first lines repeat its place and the text there.
        "message": (lines[-1] if isinstance(error, SyntaxError) else "".join(lines)).strip(),
        "frames": frames,
    }
