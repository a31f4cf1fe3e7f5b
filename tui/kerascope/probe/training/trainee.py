"""The training process: what it is before the user's program runs in it, and how it ends."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

from ..keras_names import KerasMissingError
from .errors import SetupError
from .heir import Heir
from .record import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import RunRecord

__all__ = ["Pipes", "become_trainee"]

SAVE_SECONDS = 60.0
"""Seconds for which a process without a keeper tries to write how it ended."""

# Bound now: the user's program may replace what os holds.
_exit, _getpid = os._exit, os.getpid


class Pipes(NamedTuple):
    """The pipes between the keeper and the training process, each as its read end and its write end.

    Attributes:
        out: Standard output.
        err: Standard error.
        report: Facts for `run.json`, as JSON lines.
        life: Nothing is written to it: its write end is the keeper's alone, and closes when the keeper dies.
    """

    out: tuple[int, int]
    err: tuple[int, int]
    report: tuple[int, int]
    life: tuple[int, int]

    @classmethod
    def open(cls) -> Pipes:
        """Four new pipes."""
        return cls(os.pipe(), os.pipe(), os.pipe(), os.pipe())


def become_trainee(record: RunRecord, pipes: Pipes, train: Callable[[Reporter], int]) -> None:
    """The whole life of the training process; never returns."""
    process = _getpid()
    code = 1
    try:
        _separate(pipes)
        reporter = Reporter(pipes.report[1], record)
        heir = Heir(record.directory, pipes.out[0], pipes.err[0], pipes.life[0], reporter)
        heir.start()
        code = _trained(train, reporter)
        if _getpid() == process:
            _finish(heir, reporter, code)
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        _exit(code)


def _separate(pipes: Pipes) -> None:
    """Leave the keeper's group, its signals and its descriptors, as a program that was started by a shell would be."""
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    _reset_signals()
    # Before anything else is closed: what goes wrong from here on is in the log.
    null = os.open(os.devnull, os.O_RDONLY)
    for descriptor, number in ((null, 0), (pipes.out[1], 1), (pipes.err[1], 2)):
        os.dup2(descriptor, number)
    for descriptor in (null, pipes.out[1], pipes.err[1], pipes.report[0], pipes.life[1]):
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)
    faulthandler.enable(file=2, all_threads=True)
    # Python programs that the user's program starts write into the same log, and may be killed as well.
    os.environ.setdefault("PYTHONUNBUFFERED", "1")


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    kept = {signal.SIGKILL, signal.SIGSTOP}
    # Python itself ignores these two: writing to a closed pipe, or too large a file, is an exception.
    ignored = {signal.SIGHUP, signal.SIGPIPE, getattr(signal, "SIGXFSZ", signal.SIGPIPE)}
    for number in signal.valid_signals() - kept:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _trained(train: Callable[[Reporter], int], reporter: Reporter) -> int:
    """Train, and tell what kept it from beginning. What the user's own program raises is told where it runs."""
    try:
        return train(reporter)
    except (SetupError, KerasMissingError) as error:
        print(f"kerascope: {error}", file=sys.stderr)
        _tell_failed(reporter, {"sentence": str(error)})
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)
    except BaseException as error:
        traceback.print_exc()
        words = str(error).strip().split("\n", 1)[0]
        sentence = f"{type(error).__name__}: {words}" if words else type(error).__name__
        _tell_failed(
            reporter, {"sentence": sentence, "type": type(error).__name__, "traceback": traceback.format_exc()}
        )
    return 1


def _tell_failed(reporter: Reporter, error: dict[str, Any]) -> None:
    unknown = {"type": None, "path": None, "line": None, "layer": None, "traceback": None}
    reporter.tell({"kind": "end", "status": "failed", "error": {**unknown, **error}})


def _finish(heir: Heir, reporter: Reporter, code: int) -> None:
    """End as the interpreter does, except for taking down its modules: that takes TensorFlow longer than the rest."""
    for leave in (threading._shutdown, atexit._run_exitfuncs):  # type: ignore[attr-defined]
        try:
            leave()
        except BaseException:
            # Of the user's threads and handlers; Python prints it, too, and ends all the same.
            traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    heir.end()
    record = reporter.end(code)
    if record is not None:
        _save(record)


def _save(record: RunRecord) -> None:
    deadline = time.monotonic() + SAVE_SECONDS
    while True:
        try:
            record.save(at_the_end=True)
            return
        except OSError:
            if time.monotonic() >= deadline:
                return
            time.sleep(1.0)
