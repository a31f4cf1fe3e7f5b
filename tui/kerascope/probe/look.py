"""One look, in a child of its own: run the user's file, record, tell, and be gone."""

from __future__ import annotations

import faulthandler
import signal
from os import getpid  # bound now: the user's file may replace what os holds
from typing import TYPE_CHECKING, Any

from .choosing import Chooser
from .failing import exception_facts
from .file_calls import FileCalls
from .journal import Journal
from .lazy import make_weights_lazy
from .native_files import replace_native_openers
from .places import Places
from .pretrained import Pretrained
from .recorder import Recorder
from .running import execute, make_module, prepare
from .skipping import Skipper
from .snapshot import Snapshot
from .sparing import SparedFiles
from .ticker import Ticker
from .tolerance import Tolerance
from .training.compiling import unknown_name
from .tree_calls import TreeCalls
from .wire import Writer

if TYPE_CHECKING:
    import types

    from .adapters import Adapter

__all__ = ["run_look"]


class _Stopped(BaseException):
    """The engine wants an answer now with what there is; a BaseException, so that a file's `except` lets it pass."""


def run_look(
    request: dict[str, Any],
    adapter: Adapter,
    keras_directory: str,
    records: int,
    crash_file: int,
    scratch: str,
    journal: str,
) -> None:
    """Run the user's file and send what was recorded. The caller ends the process afterwards.

    Args:
        request: As the engine sent it: `path`, `text`, `cwd`, `arguments` (for `sys.argv`), `lazy`, and optionally
            `module` (the dotted name the file is imported by), `pick` (`{"name", "call"}`: what in the file is asked
            for), `factories` (names of functions to call where the file makes no model) and `input_shapes`
            (`[name, shape, dtype]` each), `notebook` (whether it is one's code cells), `tolerant` (whether to go
            past what is not installed here, moved, or fails) and `traceless` (whether all that the file makes on disk
            is taken back) and `names` (`[kind, name]` of losses, optimizers and metrics: whether Keras knows them once
            the file has run).
        adapter: The Keras generation.
        keras_directory: Folder of the Keras package, to tell its frames from the user's.
        records: File descriptor the answers go to.
        crash_file: File descriptor that the Python stack goes to when native code crashes.
        scratch: Path of a folder for files of this look, which need not be there yet; the caller removes it.
        journal: Path of a file, not there yet, that says what the caller has to take back.
    """
    writer = Writer(records)
    faulthandler.enable(file=crash_file, all_threads=False)
    path = request["path"]
    places = Places(path, keras_directory)
    recorder = Recorder(adapter, places, writer.send)
    recorder.install()
    files = SparedFiles(scratch, Journal(journal), places, traceless=bool(request.get("traceless")))
    Skipper(adapter, recorder, places, files).install()
    pretrained = Pretrained(adapter, recorder, places)
    pretrained.install()
    tolerance = Tolerance(adapter, recorder, places) if request.get("tolerant") else None
    lazy = bool(request.get("lazy", True)) and make_weights_lazy(adapter)
    name = request.get("module")
    prepare(
        path,
        request["text"],
        root=request["root"] if name else None,
        arguments=request.get("arguments", ()),
        cwd=request.get("cwd"),
    )
    module = make_module(path, request["text"], name=name, notebook=bool(request.get("notebook")))
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
    calls = FileCalls(files)
    calls.install()
    TreeCalls(files, calls).install()
    replace_native_openers(calls)
    ending = _run(request, module, places, recorder, chooser, tolerance)
    if getpid() != process:
        # The user's file forked: this is the copy, whose end is nobody's answer.
        return
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    ticker.stop()
    recorder.flush()
    writer.send({"event": "reading"})
    unknown = unknown_name(request.get("names", ()), adapter)
    writer.send({"event": "result", "lazy": lazy, "ending": ending, "unknown_name": unknown, **snapshot()})


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
        execute(program, module, notebook=bool(request.get("notebook")))
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
