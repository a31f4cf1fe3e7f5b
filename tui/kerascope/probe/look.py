"""One look, in a child of its own: run the user's file, record, tell, and be gone."""

from __future__ import annotations

import ast
import faulthandler
import importlib.util
import linecache
import os
import signal
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

from .lazy import make_weights_lazy
from .places import Places
from .recorder import Recorder, Ticker
from .skipping import Skipper
from .snapshot import Snapshot
from .wire import Writer

if TYPE_CHECKING:
    from .adapters import Adapter

__all__ = ["run_look"]

MODULE_NAME = "__kerascope__"
"""What `__name__` is while the file runs: not `__main__`, so that a guarded training script is not started at once."""


class _Stopped(BaseException):
    """The engine wants an answer now with what there is; a BaseException, so that a file's `except` lets it pass."""


def run_look(request: dict[str, Any], adapter: Adapter, keras_directory: str, records: int, crash_file: int) -> None:
    """Run the user's file and send what was recorded. The caller ends the process afterwards.

    Args:
        request: `path`, `text`, `cwd`, `arguments` and `lazy`, as the engine sent them.
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
    lazy = bool(request.get("lazy", True)) and make_weights_lazy(adapter)
    _prepare(request)
    module = _module(path)

    def snapshot() -> dict[str, Any]:
        return Snapshot(adapter, recorder, vars(module)).read()

    ticker = Ticker(recorder, places, writer.send, snapshot)
    ticker.start()
    process = os.getpid()
    ending = _run(request, module, places, recorder)
    if os.getpid() != process:
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
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = path
    module.__spec__ = importlib.util.spec_from_loader(MODULE_NAME, loader=None, origin=path)
    # Keras's serialisation, pickle and dataclasses look classes up by their module's name.
    sys.modules[MODULE_NAME] = module
    return module


def _run(request: dict[str, Any], module: types.ModuleType, places: Places, recorder: Recorder) -> dict[str, Any]:
    """Execute the file; what stands under its main guard only when it has made no model without.

    Returns:
        How it ended: `{"kind": "end" | "exit" | "exception" | "stopped", ...}`.
    """
    path, text = request["path"], request["text"]

    def stop(number: int, frame: Any) -> None:
        raise _Stopped

    signal.signal(signal.SIGUSR1, stop)
    try:
        tree = ast.parse(text, path)
        exec(compile(tree, path, "exec", dont_inherit=True), vars(module))
        guarded = _guarded(tree)
        if guarded is not None and not recorder.has_models():
            module.__name__ = "__main__"
            sys.modules["__main__"] = module
            exec(compile(guarded, path, "exec", dont_inherit=True), vars(module))
    except SystemExit as error:
        code = error.code
        return {"kind": "exit", "code": None if code is None else str(code), "frames": places.traceback(error)}
    except _Stopped as error:
        return {"kind": "stopped", "frames": places.traceback(error)}
    except BaseException as error:
        return _exception(error, places)
    return {"kind": "end"}


def _guarded(tree: ast.Module) -> ast.Module | None:
    """The bodies of top-level `if __name__ == "__main__":` statements as a module of their own."""
    body = [
        statement
        for node in tree.body
        if isinstance(node, ast.If) and _is_main_guard(node.test)
        for statement in node.body
    ]
    return ast.Module(body=body, type_ignores=[]) if body else None


def _is_main_guard(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    values = [side.value for side in sides if isinstance(side, ast.Constant)]
    return names == ["__name__"] and values == ["__main__"]


def _exception(error: BaseException, places: Places) -> dict[str, Any]:
    frames = places.traceback(error)
    if isinstance(error, SyntaxError) and error.filename and not frames:
        frames = [{"path": error.filename, "line": error.lineno or 1, "function": "<module>"}]
    # A message is made by the exception's own __str__, which may fail in turn.
    lines = traceback.format_exception_only(type(error), error)
    return {
        "kind": "exception",
        "type": type(error).__name__,
        # A syntax error's first lines repeat its place and the text there.
        "message": (lines[-1] if isinstance(error, SyntaxError) else "".join(lines)).strip(),
        "frames": frames,
    }
