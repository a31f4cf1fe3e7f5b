"""The probe's main loop: a child is forked for every request, from a process that has imported Keras.

Protocol, on the Unix socket, one connection a look: the engine sends one request line; the probe answers with the
child's lines (`layer`, `progress`, `models`, `reading`, `result`) and its own (`output`, and last `exit`). A line
`{"stop": true}` from the engine asks the child for an answer with what there is; closing the connection kills the child
and all it started. A request `{"train": DIRECTORY, "environment": {...}}` starts a training run instead, that belongs
to nobody afterwards; its one answer is `launched` or `failed`. When standard input ends, the engine is gone, and so is
everything here but the runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import shutil
import signal
import tempfile
import time
from typing import TYPE_CHECKING, Any

from .child import live, reset_signals
from .journal import take_back
from .look import run_look
from .reaping import reaped
from .training.detaching import last_answer
from .training.warm import launch
from .wire import encode

if TYPE_CHECKING:
    import socket

    from .adapters import Adapter

__all__ = ["Server"]

MAX_OUTPUT = 256 * 1024
"""Bytes of a file's printed output that are passed on; a file can print for ever."""

TAIL_OUTPUT = 16 * 1024
"""Bytes of the end of the output that are passed on where it was longer."""

MAX_REQUEST = 64 * 1024 * 1024
"""Bytes of a request line; the engine bounds source files far below that."""

STOP_GRACE = 2.0
"""Seconds a child has to answer after it was asked to stop; native code may not let it."""

CHUNK = 65536

ORPHAN_SECONDS = 2.0
"""Seconds for which we end what a file left running: each process that dies can hand us its children."""


class Look:
    """One request: the connection it came by, the child that works on it, and the pipes between."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.received = b""
        self.pid: int | None = None
        self.records = -1
        self.output = -1
        self.crash_file: Any = None
        self.scratch = ""
        self.journal = ""
        self.unfinished = b""
        self.passed_output = 0
        self.tail = b""
        self.deadline: float | None = None


class Server:
    """Accepts looks and forks for each; single-threaded, so that a fork copies no lock that somebody holds."""

    def __init__(self, listener: socket.socket, adapter: Adapter, directory: str) -> None:
        self._listener = listener
        self._adapter = adapter
        self._directory = directory
        self._keras_directory = os.path.dirname(os.path.abspath(adapter.root.__file__))
        self._selector = selectors.DefaultSelector()
        self._looks: dict[int, Look] = {}
        self._wake_read, self._wake_write = os.pipe()
        self._running = True

    def serve(self) -> None:
        """Run until standard input ends."""
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGTERM, self._terminate)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._reap)
        self._selector.register(self._listener.fileno(), selectors.EVENT_READ, self._accept)
        self._selector.register(0, selectors.EVENT_READ, self._engine_gone)
        try:
            while self._running:
                for key, _ in self._selector.select(self._timeout()):
                    # An earlier event of the same round may have closed this one's look.
                    if self._selector.get_map().get(key.fileobj) is key:
                        key.data()
                self._enforce_deadlines()
        finally:
            for look in list(self._looks.values()):
                self._drop(look)
            self._kill_orphans()

    def _terminate(self, number: int, frame: Any) -> None:
        self._running = False

    def _timeout(self) -> float | None:
        deadlines = [look.deadline for look in self._looks.values() if look.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _enforce_deadlines(self) -> None:
        for look in self._looks.values():
            if look.deadline is not None and time.monotonic() >= look.deadline:
                look.deadline = None
                self._kill(look)

    def _engine_gone(self) -> None:
        if not os.read(0, CHUNK):
            self._running = False

    # ------------------------------------------------------------------ requests

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        look = Look(connection)
        self._looks[connection.fileno()] = look
        self._selector.register(connection.fileno(), selectors.EVENT_READ, lambda: self._hear(look))

    def _hear(self, look: Look) -> None:
        try:
            data = look.connection.recv(CHUNK)
        except OSError:
            data = b""
        if not data or len(look.received) > MAX_REQUEST:
            self._drop(look)
            return
        look.received += data
        while b"\n" in look.received:
            line, look.received = look.received.split(b"\n", 1)
            message = json.loads(line)
            if message.get("stop"):
                self._ask_to_stop(look)
            elif "train" in message:
                self._launch(look, message)
                return
            elif look.pid is None:
                self._fork(look, message)

    def _ask_to_stop(self, look: Look) -> None:
        if look.pid is not None and look.deadline is None:
            look.deadline = time.monotonic() + STOP_GRACE
            with contextlib.suppress(ProcessLookupError):
                os.kill(look.pid, signal.SIGUSR1)

    def _fork(self, look: Look, request: dict[str, Any]) -> None:
        look.records, records_write = os.pipe()
        look.output, output_write = os.pipe()
        look.crash_file = tempfile.TemporaryFile()
        look.scratch = os.path.join(self._directory, f"look-{look.connection.fileno()}")
        look.journal = f"{look.scratch}.journal"
        pid = os.fork()
        if pid == 0:
            live(
                lambda: self._look(look, request, records_write),
                lambda: self._close_for_child(look),
                records_write,
                output_write,
            )
        os.close(records_write)
        os.close(output_write)
        look.pid = pid
        os.set_blocking(look.records, False)
        os.set_blocking(look.output, False)
        self._selector.register(look.records, selectors.EVENT_READ, lambda: self._relay(look))
        self._selector.register(look.output, selectors.EVENT_READ, lambda: self._pass_output(look))

    def _look(self, look: Look, request: dict[str, Any], records: int) -> None:
        crash_file = look.crash_file.fileno()
        run_look(request, self._adapter, self._keras_directory, records, crash_file, look.scratch, look.journal)

    def _launch(self, look: Look, request: dict[str, Any]) -> None:
        """Start a training run; the answer comes when its processes are up."""

        def let_go() -> None:
            reset_signals()
            self._close_for_child(look)

        try:
            look.records = launch(request, self._adapter, let_go)
        except OSError as error:
            self._tell(look, encode({"event": "failed", "message": f"no process could be started: {error.strerror}"}))
            self._close(look)
            return
        self._selector.unregister(look.connection.fileno())
        self._selector.register(look.records, selectors.EVENT_READ, lambda: self._launched(look))

    def _launched(self, look: Look) -> None:
        data = os.read(look.records, CHUNK)
        look.unfinished += data
        if not data:
            self._tell(look, encode(last_answer(look.unfinished)))
            self._close(look)

    def _close_for_child(self, look: Look) -> None:
        """Close what belongs to the server, so that no end of a pipe stays open in a process of the user's."""
        self._selector.close()
        self._listener.close()
        os.close(self._wake_read)
        os.close(self._wake_write)
        for other in self._looks.values():
            other.connection.close()
            for descriptor in (other.records, other.output):
                if descriptor >= 0:
                    os.close(descriptor)
            if other is not look and other.crash_file is not None:
                other.crash_file.close()

    # ------------------------------------------------------------------ answers

    def _relay(self, look: Look) -> None:
        data = _read(look.records)
        if data is None:
            return
        if not data:
            self._selector.unregister(look.records)
            return
        lines, separator, look.unfinished = (look.unfinished + data).rpartition(b"\n")
        if separator:
            self._tell(look, lines + separator)

    def _pass_output(self, look: Look) -> None:
        data = _read(look.output)
        if data is None:
            return
        if not data:
            self._selector.unregister(look.output)
            return
        room = MAX_OUTPUT - look.passed_output
        look.passed_output += len(data)
        if room > 0:
            self._tell(look, encode({"event": "output", "text": data[:room].decode("utf-8", "replace")}))
        if len(data) > room:
            look.tail = (look.tail + data[max(room, 0) :])[-TAIL_OUTPUT:]

    def _tell(self, look: Look, data: bytes) -> None:
        # Where the engine has closed the connection, the reading side sees it too and drops the look.
        with contextlib.suppress(OSError):
            look.connection.sendall(data)

    # ------------------------------------------------------------------ ends

    def _reap(self) -> None:
        os.read(self._wake_read, CHUNK)
        for pid, status in reaped():
            for look in list(self._looks.values()):
                if look.pid == pid:
                    self._finish(look, status)

    def _finish(self, look: Look, status: int) -> None:
        self._kill_group(look)
        for descriptor, handle in ((look.records, self._relay), (look.output, self._pass_output)):
            # What the child wrote before it died is in the pipe still; what its children hold open is not waited for.
            while descriptor in self._selector.get_map() and _readable(descriptor):
                handle(look)
        look.crash_file.seek(0)
        crash = look.crash_file.read(CHUNK).decode("utf-8", "replace")
        # Before it is told: the training that was waiting for this look makes the same files.
        take_back(look.journal)
        exited = os.WIFEXITED(status)
        if look.tail:
            hidden = look.passed_output - MAX_OUTPUT - len(look.tail)
            text = (f"\n[… {hidden:,} bytes left out …]\n" if hidden > 0 else "") + look.tail.decode("utf-8", "replace")
            self._tell(look, encode({"event": "output", "text": text}))
        self._tell(
            look,
            encode(
                {
                    "event": "exit",
                    "code": os.WEXITSTATUS(status) if exited else None,
                    "signal": None if exited else os.WTERMSIG(status),
                    "crash": crash,
                }
            ),
        )
        look.pid = None
        self._close(look)

    def _drop(self, look: Look) -> None:
        """The engine has gone from this look: end everything it started."""
        pid = look.pid
        self._kill(look)
        if pid is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
            take_back(look.journal)
        self._close(look)

    def _kill(self, look: Look) -> None:
        if look.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(look.pid, signal.SIGKILL)
        self._kill_group(look)

    def _kill_group(self, look: Look) -> None:
        if look.pid is not None:
            # The child leads a session and a group of its own; before its setsid() there is no such group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(look.pid, signal.SIGKILL)

    def _close(self, look: Look) -> None:
        self._looks.pop(look.connection.fileno(), None)
        with contextlib.suppress(KeyError):
            self._selector.unregister(look.connection.fileno())
        for descriptor in (look.records, look.output):
            if descriptor >= 0:
                with contextlib.suppress(KeyError):
                    self._selector.unregister(descriptor)
                os.close(descriptor)
        look.records = look.output = -1
        if look.crash_file is not None:
            look.crash_file.close()
            shutil.rmtree(look.scratch, ignore_errors=True)
        look.connection.close()
        if not self._looks:
            self._kill_orphans()

    def _kill_orphans(self) -> None:
        """End processes the user's file started in sessions of their own: as subreaper we are their parent now."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while (orphans := _own_children()) and time.monotonic() < deadline:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            for pid in orphans:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _read(descriptor: int) -> bytes | None:
    """What there is to read now, empty at the end, `None` when there is nothing yet."""
    try:
        return os.read(descriptor, CHUNK)
    except BlockingIOError:
        return None


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _own_children() -> list[int]:
    """Process ids of our children (Linux; elsewhere orphans go to process 1 and are none of ours)."""
    found: list[int] = []
    tasks = f"/proc/{os.getpid()}/task"
    with contextlib.suppress(OSError):
        for task in os.listdir(tasks):
            with contextlib.suppress(OSError), open(f"{tasks}/{task}/children", encoding="ascii") as file:
                found += [int(pid) for pid in file.read().split()]
    return found
