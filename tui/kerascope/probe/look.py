"""One look, in a child of its own: run the user's file, record, tell, and be gone."""

from __future__ import annotations

import ast
import asyncio
import builtins
import faulthandler
import importlib
import importlib.abc
import importlib.machinery
import inspect
import linecache
import os
import signal
import sys
import types
from os import getpid  # bound now: the user's file may replace what os holds
from typing import TYPE_CHECKING, Any

from .choosing import Chooser
from .failing import exception_facts
from .lazy import make_weights_lazy
from .places import Places
from .pretrained import Pretrained
from .recorder import Recorder
from .skipping import Skipper
from .snapshot import Snapshot
from .ticker import Ticker
from .tolerance import Tolerance
from .wire import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .adapters import Adapter

__all__ = ["run_look"]


class _Stopped(BaseException):
    """The engine wants an answer now with what there is; a BaseException, so that a file's `except` lets it pass."""


def run_look(
    request: dict[str, Any], adapter: Adapter, keras_directory: str, records: int, crash_file: int, scratch: str
) -> None:
    """Run the user's file and send what was recorded. The caller ends the process afterwards.

    Args:
        request: As the engine sent it: `path`, `text`, `cwd`, `arguments` (for `sys.argv`), `lazy`, and optionally
            `module` (the dotted name the file is imported by), `pick` (`{"name", "call"}`: what in the file is asked
            for), `factories` (names of functions to call where the file makes no model) and `input_shapes`
            (`[name, shape, dtype]` each), `notebook` (whether it is one's code cells) and `tolerant` (whether to go
            past what is not installed here, moved, or fails).
        adapter: The Keras generation.
        keras_directory: Folder of the Keras package, to tell its frames from the user's.
        records: File descriptor the answers go to.
        crash_file: File descriptor that the Python stack goes to when native code crashes.
        scratch: Path of a folder for files of this look, which need not be there yet; the caller removes it.
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
    module = _module(request)
    if tolerance is not None:
        tolerance.install()

    def snapshot() -> dict[str, Any]:
        names = vars(module) if tolerance is None else {**tolerance.lost, **vars(module)}
        facts = Snapshot(adapter, recorder, names).read()
        told = None if tolerance is None else tolerance.facts()
        for model in facts["models"]:
            if model["uid"] in chooser.half_built:
                model.update(built=False, counts=None)
        made, shaped = list(chooser.made.items()), list(chooser.shaped.items())
        return {
            **facts,
            "unloaded": pretrained.unloaded,
            "tolerance": told,
            "choice": chooser.choice,
            "made": made,
            "shaped": shaped,
        }

    def describe_error(error: BaseException) -> dict[str, Any]:
        if isinstance(error, _Stopped):
            raise error
        return exception_facts(error, places, recorder)

    chooser = Chooser(adapter, recorder, places, vars(module), describe_error)

    recorder.snapshot = snapshot
    places.generated.watch(scratch)
    ticker = Ticker(recorder, places, writer.send)
    ticker.start()
    process = getpid()
    ending = _run(request, module, places, recorder, chooser, tolerance)
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
    # As `python FILE` does; a module is imported from where its package stands.
    sys.path.insert(0, request["root"] if request.get("module") else os.path.dirname(path))
    sys.argv[:] = [path, *request.get("arguments", [])]
    cwd = request.get("cwd")
    if cwd and os.path.isdir(cwd):
        os.chdir(cwd)
    # Tracebacks and inspect.getsource show the text that runs, even when the file has changed since.
    lines = request["text"].splitlines(keepends=True)
    linecache.cache[path] = (len(request["text"]), None, lines, path)


def _module(request: dict[str, Any]) -> types.ModuleType:
    """The module the file runs as: `__main__`, as for `python FILE`; pickle and dataclasses look it up by that name.

    A file that was named as a module is given its own name, so that its relative imports work; it is in `sys.modules`
    when it is imported.
    """
    name, path = request.get("module") or "__main__", request["path"]
    module = types.ModuleType(name)
    module.__file__ = path
    vars(module)["__builtins__"] = builtins
    if request.get("notebook"):
        vars(module).update(display=print, get_ipython=_NotebookShell)
    if name == "__main__":
        sys.modules[name] = module
    return module


class _OneModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the one module that is looked at, wherever it is imported first: by its own package, say."""

    def __init__(self, module: types.ModuleType, path: str, run: Callable[[], None]) -> None:
        self._module = module
        self._path = path
        self._run = run

    def find_spec(
        self, fullname: str, path: Any, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module.__name__:
            return None
        package = os.path.basename(self._path) == "__init__.py"
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=self._path, is_package=package)
        if package:
            spec.submodule_search_locations = [os.path.dirname(self._path)]
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        self._run()


class _NotebookShell:
    """What `get_ipython()` gives in a notebook, as far as programs use it: magics and commands that do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def _run(
    request: dict[str, Any],
    module: types.ModuleType,
    places: Places,
    recorder: Recorder,
    chooser: Chooser,
    tolerance: Tolerance | None,
) -> dict[str, Any]:
    """Execute the file, then choose.

    Returns:
        How the file, and what of it was called afterwards, ended:
        `{"kind": "end" | "exit" | "exception" | "stopped", ...}`.
    """

    def stop(number: int, frame: Any) -> None:
        raise _Stopped

    signal.signal(signal.SIGUSR1, stop)
    try:
        ending = _execute(request, module, places, recorder, tolerance)
        # What was asked for by name may be there although something further down failed.
        if ending["kind"] in ("end", "exit") or request.get("pick") is not None:
            _choose(request, recorder, chooser)
    except _Stopped as error:
        ending = {"kind": "stopped", "frames": places.traceback(error)}
    return ending


def _execute(
    request: dict[str, Any],
    module: types.ModuleType,
    places: Places,
    recorder: Recorder,
    tolerance: Tolerance | None,
) -> dict[str, Any]:
    path = request["path"]
    try:
        program = request["text"] if tolerance is None else tolerance.program(request["text"], path)
        # As a notebook does, and a plain program does not.
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if request.get("notebook") else 0
        compiled = compile(program, path, "exec", flags=flags, dont_inherit=True)
        if compiled.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(compiled, vars(module)))
        elif module.__name__ == "__main__":
            exec(compiled, vars(module))
        else:
            sys.meta_path.insert(0, _OneModule(module, path, lambda: exec(compiled, vars(module))))
            importlib.import_module(module.__name__)
    except SystemExit as error:
        code = error.code
        return {"kind": "exit", "code": None if code is None else str(code), "frames": places.traceback(error)}
    except _Stopped:
        raise
    except BaseException as error:
        return exception_facts(error, places, recorder)
    return {"kind": "end"}


def _choose(request: dict[str, Any], recorder: Recorder, chooser: Chooser) -> None:
    """What was asked for, or what the file's functions make where it has made no model itself; then missing shapes."""
    pick = request.get("pick")
    if pick is not None:
        chooser.pick(pick["name"], pick["call"])
    elif not recorder.has_user_models():
        chooser.call_factories(request.get("factories", ()))
    chooser.shape_unbuilt(request.get("input_shapes", []))
