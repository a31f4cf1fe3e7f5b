"""The keeper of a run: starts the training process, writes down all it says, sees how it ends, and outlives everybody.

It knows no Keras. It must not be in the way either: the training never waits for the disk, only for us to read.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import time
import traceback
from typing import TYPE_CHECKING, Any

from ..prctl import set_subreaper
from .detaching import answer
from .epilogue import Epilogue
from .identity import identify, place
from .killer import oom_evidence, read_counters
from .leftovers import end_leftovers
from .output import OutputLog
from .record import RunRecord, events_size
from .trainee import Pipes, become_trainee

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import Reporter

__all__ = ["keep"]

PIPE_BYTES = 1 << 20
"""Capacity of the output pipes: what the training can write while we wait for the processor."""

SAVE_SECONDS = 1.0
"""At most this often is `run.json` written while the training goes on."""

COUNTER_SECONDS = 5.0
"""Seconds between two readings of the kernel's counters: the younger, the less anybody else has moved them."""

DRAIN_SECONDS = 5.0
"""Seconds for which output is still read when nothing of the training is left."""

_F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)  # in Python's fcntl since 3.10


def keep(directory: str, train: Callable[[Reporter], int], ready: int | None = None) -> None:
    """Become the keeper of a run; never returns.

    Args:
        directory: The run's directory; its `run.json` says what is to be trained.
        train: Trains, in a process of its own, and returns its exit status.
        ready: Write end of the pipe on which whoever started us is told how it began.
    """
    code = 1
    directory = os.path.abspath(directory)
    try:
        _leave_everybody(ready)
        try:
            record = RunRecord.read(directory)
            record.merge({**place(), "keeper": identify(os.getpid()), "process": None, "status": "starting"})
            record.save()
        except (OSError, ValueError) as error:
            message = f"the run cannot be started: {directory}/run.json: {getattr(error, 'strerror', None) or error}"
            answer(ready, {"event": "failed", "message": message})
        else:
            code = _Keeper(record).run(train, ready)
    except BaseException:
        # Ours, not the user's. The training sees us die and takes our place.
        with contextlib.suppress(BaseException), open(os.path.join(directory, "output.log"), "a") as log:
            log.write(f"[kerascope: the process that kept this run failed]\n{traceback.format_exc()}")
    finally:
        os._exit(code)


def _leave_everybody(ready: int | None) -> None:
    """Take leave of the terminal and of everything else of whoever started us."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if descriptor != ready:
            os.dup2(null, descriptor)
    if null > 2:
        os.close(null)
    set_subreaper(True)


class _Keeper:
    """One run's keeper.

    Args:
        record: The run's record, in which we stand already.
    """

    def __init__(self, record: RunRecord) -> None:
        self._record = record
        self._log = OutputLog(record.directory)
        self._events_before = events_size(record.directory)
        self._counters = read_counters()
        self._counters_at = self._saved_at = time.monotonic()
        self._poll = select.poll()
        self._reported = b""
        self._told_end = False
        self._status: int | None = None
        self._pid = 0
        self._trouble: str | None = None

    def run(self, train: Callable[[Reporter], int], ready: int | None) -> int:
        """Start the training and stay until nothing of it is left; returns our own exit status."""
        self._pipes = Pipes.open()
        self._wake_up_for_children()
        self._pid = os.fork()
        if self._pid == 0:
            if ready is not None:
                os.close(ready)
            for descriptor in self._wake:
                os.close(descriptor)
            become_trainee(self._record, self._pipes, train)
        self._close_training_ends()
        with contextlib.suppress(OSError):
            os.setpgid(self._pid, self._pid)  # It does so itself; who comes first is chance.
        os.chdir("/")  # No file system of the user's shall be busy because of us.
        self._record.merge({"process": identify(self._pid)})
        self._save()
        answer(ready, {"event": "launched", "pid": os.getpid()})
        while self._status is None:
            self._round()
        self._conclude()
        return 0

    def _wake_up_for_children(self) -> None:
        self._wake = os.pipe()
        for descriptor in self._wake:
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # Whoever ends us means the run.
        signal.signal(signal.SIGTERM, lambda number, frame: self._pass_on(number))

    def _pass_on(self, number: int) -> None:
        if self._pid and self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, number)

    def _close_training_ends(self) -> None:
        out, err, report, life = self._pipes
        for descriptor in (out[1], err[1], report[1], life[0]):
            os.close(descriptor)
        for descriptor in (out[0], err[0]):
            with contextlib.suppress(OSError):
                # More than an ordinary user may have in all is refused; then it stays at 64 KiB.
                fcntl.fcntl(descriptor, _F_SETPIPE_SZ, PIPE_BYTES)
        for descriptor in (out[0], err[0], report[0], self._wake[0]):
            self._poll.register(descriptor, select.POLLIN)

    # ------------------------------------------------------------------ while it runs

    def _round(self) -> None:
        self._read(self._timeout())
        now = time.monotonic()
        if self._log.behind:
            self._log.flush()
        if self._record.unsaved and not self._told_end and now - self._saved_at >= SAVE_SECONDS:
            self._save()
        if now - self._counters_at >= COUNTER_SECONDS:
            self._counters, self._counters_at = read_counters(), now
        self._reap()

    def _timeout(self) -> float:
        """Seconds until there is something to do that nobody wakes us for."""
        waiting = self._log.behind or self._record.unsaved
        return SAVE_SECONDS if waiting else COUNTER_SECONDS

    def _read(self, timeout: float) -> bool:
        """Read what has come; returns whether it was output."""
        err, report = self._pipes.err[0], self._pipes.report[0]
        output = False
        for descriptor, _ in self._poll.poll(timeout * 1000):
            if descriptor == self._wake[0]:
                with contextlib.suppress(BlockingIOError):
                    os.read(descriptor, 4096)
            elif descriptor == report:
                self._hear()
            elif self._log.copy(descriptor, error=descriptor == err):
                output = True
            else:
                self._poll.unregister(descriptor)
        return output

    def _hear(self) -> None:
        data = os.read(self._pipes.report[0], 65536)
        if not data:
            self._poll.unregister(self._pipes.report[0])
            return
        *lines, self._reported = (self._reported + data).split(b"\n")
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # The user's program may write to any descriptor it guesses.
            if isinstance(message, dict):
                self._merge(message)

    def _merge(self, message: dict[str, Any]) -> None:
        kind = message.pop("kind", None)
        self._record.merge(message)
        if kind == "end":
            # Not before it is true: the process may take its time, and its last words are still to be read.
            self._told_end = True
        elif kind != "progress":
            self._save()

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        try:
            self._record.save()
        except OSError as error:
            self._trouble = error.strerror or str(error)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            # Others are what the training has started and lost.
            if pid == self._pid:
                self._status = status

    # ------------------------------------------------------------------ the end

    def _conclude(self) -> None:
        assert self._status is not None
        evidence = oom_evidence(self._counters, read_counters())
        ended = end_leftovers(self._pid, lambda: self._read(0.05))
        deadline = time.monotonic() + DRAIN_SECONDS
        # Not until the pipes end: who knows who else holds them open.
        while self._read(0) and time.monotonic() < deadline:
            pass
        crash = b"Fatal Python error" in self._log.tail
        self._record.end(_exit_code(self._status), evidence, told=self._told_end, crash=crash)
        epilogue = Epilogue(self._record, self._log, self._events_before)
        epilogue.tell_of_leftovers(ended)
        epilogue.tell_of_trouble(self._trouble)
        epilogue.save()


def _exit_code(status: int) -> int:
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
