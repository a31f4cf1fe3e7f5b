"""`PYTHON .../probe --socket PATH --generation N`: import Keras once, then answer on a Unix socket.

On standard output stands, for the engine alone, one JSON line each: `starting` (versions, before the import), then
`ready` or `failed`.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any

from .adapters import Adapter, adapter_for
from .keras_names import KerasMissingError, find_root, import_root, installed_versions
from .prctl import PR_SET_PDEATHSIG, prctl, set_subreaper
from .server import Server
from .wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Start the probe.

    Returns:
        3 when there is no usable Keras (said as a `failed` line). Otherwise it serves until the engine ends it, and
        then ends the process itself.
    """
    parser = argparse.ArgumentParser(prog="probe")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--generation", type=int, choices=(2, 3), required=True)
    options = parser.parse_args(argv)
    # The engine alone reads standard output; whatever Keras prints while it is imported must not get between.
    control = os.dup(1)
    os.dup2(2, 1)
    directory = os.path.dirname(options.socket)

    def leave(number: int, frame: Any) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)

    # While Keras is imported there is nothing to end but ourselves; later the server ends in good order.
    signal.signal(signal.SIGTERM, leave)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    set_subreaper(True)

    def say(message: dict[str, Any]) -> None:
        os.write(control, encode(message))

    try:
        adapter = _start_keras(options.generation, say)
    except KerasMissingError as error:
        say({"event": "failed", "kind": "missing", "message": str(error)})
        return 3
    except Exception as error:
        say({"event": "failed", "kind": "broken", "message": f"{type(error).__name__}: {error}"})
        traceback.print_exc()
        return 3
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(options.socket)
    listener.listen(8)
    say(
        {
            "event": "ready",
            "keras": adapter.version,
            "generation": adapter.generation,
            "backend": _backend(adapter),
            "tensorflow": str(getattr(sys.modules.get("tensorflow"), "__version__", "")) or None,
            "python": sys.executable,
            "python_version": platform.python_version(),
        }
    )
    os.close(control)
    try:
        Server(listener, adapter, directory).serve()
    finally:
        # The engine may have died without clearing up: the directory is private to us and this run.
        shutil.rmtree(directory, ignore_errors=True)
    # Taking TensorFlow's modules down in good order takes longer than all the rest of ending.
    os._exit(0)


def _start_keras(generation: int, say: Callable[[dict[str, Any]], None]) -> Adapter:
    root = find_root(generation)
    versions = installed_versions()
    say(
        {
            "event": "starting",
            "keras": versions.get(root, "unknown"),
            "tensorflow": versions.get("tensorflow"),
            "python": sys.executable,
        }
    )
    return adapter_for(import_root(root, generation), generation)


def _backend(adapter: Adapter) -> str:
    name = getattr(adapter.root.backend, "backend", lambda: "tensorflow")()
    return str(name)
