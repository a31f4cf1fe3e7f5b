"""Our side of the child process that reads HDF5: start it, bound what it says, end it whatever happens."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.readers.saved import _limits as limits
from kerascope.readers.saved._errors import Cancelled

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterator

    from kerascope.readers.saved._open import Place

__all__ = ["Child", "ChildDied", "Line"]

PROGRAM = Path(__file__).with_name("hdf5_child")

POLL_SECONDS = 0.1
"""Seconds after which a cancellation is seen while the child says nothing."""

MAX_LINE = 1 << 20
"""Bytes of one line of the answer, without what follows it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the child's answer, and the raw bytes that followed it."""

    event: str
    values: dict[str, Any]
    payload: bytes


class ChildDied(Exception):
    """The child ended, or had to be ended, before its answer was whole; the message says how, as part of a sentence."""


class Child:
    """One request to the child. It is on its way once the object exists; `lines` reads the answer.

    Args:
        do: `tree`, `arrays` or `ranges`.
        place: Where to read; its descriptor must stay open until the answer was read.
        wanted: What to take statistics of.
        cpu_seconds: How long it may compute; `None` is what a tree in so many bytes may take.
        cancel: When set, the child is killed.
    """

    def __init__(
        self,
        do: str,
        place: Place,
        wanted: list[Any],
        *,
        cpu_seconds: int | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        self._cancel = cancel
        if cpu_seconds is None:
            cpu_seconds = limits.TREE_CPU_SECONDS + place.size // limits.TREE_BYTES_PER_SECOND
            cpu_seconds = min(cpu_seconds, limits.MAX_TREE_CPU_SECONDS)
        request = {
            "do": do,
            "descriptor": place.descriptor,
            "place": {"offset": place.offset, "size": place.size, "inflated": place.inflated},
            "limits": _bounds(cpu_seconds),
            "path": _library_folders(),
            "wanted": wanted,
        }
        # Neither site nor the user's folders: what runs in the child is Python, NumPy, h5py and the program.
        command = [sys.executable, "-I", "-S", "-B", str(PROGRAM)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            pass_fds=(place.descriptor,),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        # It reads all of its request before it touches the file; one that is dead by now is seen by its answer.
        with contextlib.suppress(OSError), self._process.stdin as request_end:
            request_end.write(json.dumps(request).encode("ascii"))

    def lines(self) -> Generator[Line, None, None]:
        """The answer, line by line; the child is gone when the iterator is exhausted or closed.

        Raises:
            ChildDied: The answer is not whole.
            Cancelled: `cancel` was set.
        """
        try:
            whole = False
            for line in self._parsed():
                if line.event == "end":
                    whole = True
                elif line.event != "alive":
                    yield line
            if not whole:
                raise ChildDied(self._how_it_ended())
        finally:
            self.close()

    def close(self) -> None:
        """End the child, however far it is."""
        process = self._process
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(limits.KILL_SECONDS)
        if process.stdout is not None:
            process.stdout.close()

    def _parsed(self) -> Iterator[Line]:
        data = bytearray()
        wanted: tuple[str, dict[str, Any], int] | None = None
        for chunk in self._chunks():
            data += chunk
            start = 0
            while True:
                if wanted is not None:
                    event, values, size = wanted
                    if len(data) - start < size:
                        break
                    yield Line(event, values, bytes(data[start : start + size]))
                    start, wanted = start + size, None
                    continue
                end = data.find(b"\n", start, start + MAX_LINE)
                if end < 0:
                    if len(data) - start >= MAX_LINE:
                        raise ChildDied("said something that is no answer")
                    break
                event, values = _parse(bytes(data[start:end]))
                start = end + 1
                size = values.get("bytes", 0)
                if not isinstance(size, int) or size < 0:
                    raise ChildDied("said something that is no answer")
                if "bytes" in values:
                    wanted = event, values, size
                else:
                    yield Line(event, values, b"")
            del data[:start]

    def _chunks(self) -> Iterator[bytes]:
        """What the child writes, until it ends, says nothing for too long, or says too much."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        total = 0
        silent_until = time.monotonic() + limits.ANSWER_SECONDS
        while True:
            if self._cancel is not None and self._cancel.is_set():
                raise Cancelled
            if not poll.poll(POLL_SECONDS * 1000):
                if time.monotonic() > silent_until:
                    raise ChildDied(f"said nothing for {limits.ANSWER_SECONDS:g} seconds and was ended")
                continue
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                return
            total += len(chunk)
            if total > 2 * limits.MAX_ANSWER_BYTES:
                raise ChildDied("said more than it may and was ended")
            silent_until = time.monotonic() + limits.ANSWER_SECONDS
            yield chunk

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(limits.KILL_SECONDS)
        except subprocess.TimeoutExpired:
            return "did not end"
        if code == -signal.SIGXCPU:
            return "took more time than it may and was ended"
        if code == -signal.SIGKILL:
            return "was killed from outside (the machine may be out of memory)"
        if code < 0:
            return f"crashed (signal {-code})"
        return f"ended with status {code}"


def _parse(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        values = json.loads(line)
        return str(values.pop("event")), values
    except (ValueError, KeyError, AttributeError, RecursionError):
        raise ChildDied("said something that is no answer") from None


def _bounds(cpu_seconds: int) -> dict[str, int]:
    return {
        "answer_bytes": limits.MAX_ANSWER_BYTES,
        "attribute_bytes": limits.MAX_ATTRIBUTE_BYTES,
        "attributes": limits.MAX_ATTRIBUTES,
        "chunk_bytes": limits.MAX_CHUNK_BYTES,
        "cpu_seconds": cpu_seconds,
        "depth": limits.MAX_HDF5_DEPTH,
        "issues": limits.MAX_ISSUES,
        "memory_bytes": limits.MAX_CHILD_BYTES,
        "name_bytes": limits.MAX_HDF5_NAME,
        "objects": limits.MAX_HDF5_OBJECTS,
        "path_bytes": limits.MAX_HDF5_PATH,
        "slice_bytes": limits.SLICE_BYTES,
    }


def _library_folders() -> list[str]:
    """Where NumPy and h5py are; nothing of them is imported to know it."""
    folders = []
    for name in ("numpy", "h5py"):
        with contextlib.suppress(ImportError, ValueError):
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.origin is not None:
                folders.append(str(Path(spec.origin).parent.parent))
    return list(dict.fromkeys(folders))


def _environment() -> dict[str, str]:
    """The user's environment, in which HDF5 loads no plugins, and NumPy starts no threads."""
    return {
        **os.environ,
        "HDF5_PLUGIN_PRELOAD": "::",
        "HDF5_PLUGIN_PATH": "",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
