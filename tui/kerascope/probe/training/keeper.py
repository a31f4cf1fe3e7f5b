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
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from ..prctl import set_subreaper
from ..reaping import reaped
from .detaching import answer
from .epilogue import Epilogue
from .identity import identify, place, start_of
from .killer import oom_evidence, read_counters
from .leftovers import end_leftovers
from .lock import locked
from .output import OutputLog
from .record import RunRecord, events_size
from .trainee import Pipes, become_trainee

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .record import Reporter

__all__ = ["keep", "keep_on"]

PIPE_BYTES = 1 << 20
"""Capacity of the output pipes: what the training can write while we wait for the processor."""

SAVE_SECONDS = 1.0
"""At most this often is `run.json` written while the training goes on."""

COUNTER_SECONDS = 5.0
"""Seconds between two readings of the kernel's counters: the younger, the less anybody else has moved them."""

DRAIN_SECONDS = 5.0
"""Seconds for which output is still read when nothing of the training is left."""

_F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", 1031)  # in Python's fcntl since 3.10


def keep(directory: str, train: Callable[[Reporter], int], ready: int | None = None, *, renew: bool = False) -> None:
    """Become the keeper of a run; never returns.

    Args:
        directory: The run's directory; its `run.json` says what is to be trained.
        train: Trains, in a process of its own, and returns its exit status.
        ready: Write end of the pipe on which whoever started us is told how it began.
        renew: Whether to go on in a fresh interpreter: a copy of the probe would hold its memory for as long as the run
            takes.
    """
    directory = os.path.abspath(directory)
    with _excused(directory):
        _leave_everybody(ready)
        try:
            record = _claimed(directory)
        except (OSError, ValueError) as error:
            message = f"the run cannot be started: {directory}/run.json: {getattr(error, 'strerror', None) or error}"
            answer(ready, {"event": "failed", "message": message})
            os._exit(1)
        keeper = _started(record, train, ready)
        if renew:
            keeper.renew()
        keeper.stay()


def keep_on(argv: list[str]) -> None:
    """Go on as the keeper that another program in this process was; never returns.

    Args:
        argv: The run's directory, and what `Keeper.renew` has written down.
    """
    directory, state = argv
    with _excused(directory):
        number, events_before, *descriptors = json.loads(state)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        Keeper(RunRecord.read(directory), number, events_before, *descriptors).stay()


def _claimed(directory: str) -> RunRecord:
    """The record of the run, we its keeper from now on.

    Raises:
        OSError: It cannot be read or written.
        ValueError: It is not as a run writes it, or nobody waits for a keeper.
    """
    with locked(directory):
        record = RunRecord.read(directory)
        if _is_kept(record):
            raise ValueError("the processes that it names are alive, so the run goes on already")
        status = record.facts.get("status")
        if status != "starting":
            raise ValueError(f"it says {status}, expected starting: whoever asked for the run has given it up")
        record.merge({**place(), "keeper": identify(os.getpid()), "process": None})
        record.save()
    return record


def _is_kept(record: RunRecord) -> bool:
    """Whether the run has live processes: two that ask for it at the same moment must not both train in it."""
    known = (record.facts.get("keeper"), record.facts.get("process"))
    alive = [start_of(int(entry["pid"])) == entry["start"] for entry in known if entry and entry.get("start")]
    return any(alive) and record.facts.get("boot_id") == place()["boot_id"]


@contextlib.contextmanager
def _excused(directory: str) -> Iterator[None]:
    """End the process; where that is by an error of ours, the training sees it and takes our place."""
    code = 1
    try:
        yield
        code = 0
    except BaseException:
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


def _started(record: RunRecord, train: Callable[[Reporter], int], ready: int | None) -> Keeper:
    """Start the training process, and say that it is up."""
    pipes, events_before = Pipes.open(), events_size(record.directory)
    pid = os.fork()
    if pid == 0:
        if ready is not None:
            os.close(ready)
        become_trainee(record, pipes, train)
    out, err, report, life = pipes
    for descriptor in (out[1], err[1], report[1], life[0]):
        os.close(descriptor)
    for descriptor in (out[0], err[0]):
        with contextlib.suppress(OSError):
            # More than an ordinary user may have in all is refused; then it stays at 64 KiB.
            fcntl.fcntl(descriptor, _F_SETPIPE_SZ, PIPE_BYTES)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)  # It does so itself; who comes first is chance.
    os.chdir("/")  # No file system of the user's shall be busy because of us.
    record.merge({"process": identify(pid)})
    with contextlib.suppress(OSError):
        record.save()
    answer(ready, {"event": "launched", "pid": os.getpid()})
    return Keeper(record, pid, events_before, out[0], err[0], report[0], life[1])


class Keeper:
    """Watches a training process until nothing of it is left.

    Args:
        record: The run's record, in which we stand already.
        pid: The training process, our child.
        events_before: Size of `events.jsonl` when it began.
        out: Read end of its standard output.
        err: Read end of its standard error.
        report: Read end of the pipe by which it tells facts.
        life: Write end of the pipe that tells it that we live.
    """

    def __init__(
        self, record: RunRecord, pid: int, events_before: int, out: int, err: int, report: int, life: int
    ) -> None:
        self._record = record
        self._log = OutputLog(record.directory)
        self._pid = pid
        self._events_before = events_before
        self._out, self._err, self._report, self._life = out, err, report, life
        self._counters = read_counters()
        self._counters_at = self._saved_at = time.monotonic()
        self._poll = select.poll()
        self._reported = b""
        self._told_end = False
        self._status: int | None = None
        self._trouble: str | None = None
        self._unwritten = ""

    def renew(self) -> None:
        """Go on in a fresh interpreter, as the same process; returns only where that cannot be."""
        if self._record.unsaved or not sys.executable:
            return
        descriptors = (self._out, self._err, self._report, self._life)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        state = json.dumps([self._pid, self._events_before, *descriptors])
        probe = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        with contextlib.suppress(OSError):
            # Of the user's packages it needs none.
            os.execv(sys.executable, [sys.executable, "-S", probe, "keep", self._record.directory, state])

    def stay(self) -> None:
        """Write down what the training says and tells, and at last how it ended."""
        self._wake_up_for_children()
        for descriptor in (self._out, self._err, self._report, self._wake):
            self._poll.register(descriptor, select.POLLIN)
        # It may have ended before we were ready to be woken.
        self._reap()
        while self._status is None:
            self._round()
        self._conclude()

    def _wake_up_for_children(self) -> None:
        self._wake, write = os.pipe()
        for descriptor in (self._wake, write):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # Whoever ends us means the run.
        signal.signal(signal.SIGTERM, lambda number, frame: self._pass_on(number))

    def _pass_on(self, number: int) -> None:
        if self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, number)

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
        output = False
        for descriptor, _ in self._poll.poll(timeout * 1000):
            if descriptor == self._wake:
                with contextlib.suppress(BlockingIOError):
                    os.read(descriptor, 4096)
            elif descriptor == self._report:
                self._hear()
            elif self._log.copy(descriptor, error=descriptor == self._err):
                output = True
            else:
                self._poll.unregister(descriptor)
        return output

    def _hear(self) -> None:
        data = os.read(self._report, 65536)
        if not data:
            self._poll.unregister(self._report)
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
        self._unwritten = str(message.pop("unwritten", ""))
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
        for pid, status in reaped():
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
        epilogue = Epilogue(self._record, self._log, self._events_before, self._unwritten)
        epilogue.tell_of_leftovers(ended)
        epilogue.tell_of_trouble(self._trouble)
        epilogue.save()


def _exit_code(status: int) -> int:
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
