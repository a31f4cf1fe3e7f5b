"""The process of one look, from the fork to its end: a session, signals and standard streams of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

from .prctl import PR_SET_PDEATHSIG, prctl
from .wire import ConnectionLostError, encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

__all__ = ["live", "reset_signals"]

CONNECTION_LOST = 86
"""Exit status of a child whose descriptors the user's file has closed."""

# Bound now: the user's file runs in this process and may replace what os holds.
_exit, _write = os._exit, os.write


def live(look: Callable[[], None], let_go: Callable[[], None], records: int, output: int) -> NoReturn:
    """The whole life of a child.

    Args:
        look: What it lives for.
        let_go: Closes what belongs to the server.
        records: Descriptor the answers go to.
        output: Descriptor that becomes standard output and error.
    """
    code = 1
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        reset_signals()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _offer_to_the_memory_killer()
        let_go()
        _open_streams(output)
        look()
        code = 0
    except ConnectionLostError:
        code = CONNECTION_LOST
    except BaseException:
        # Ours, not the user's: what the user's code raises is caught where it runs.
        with contextlib.suppress(BaseException):
            _write(records, encode({"event": "internal", "text": traceback.format_exc()}))
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        with contextlib.suppress(BaseException):
            sys.stderr.flush()
        # Threads that never end and the user's atexit handlers have no say any more, and the server's own clearing up
        # must not run in a child.
        _exit(code)


def reset_signals() -> None:
    """Take back what the server does with signals."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _open_streams(output: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(null)
    os.close(output)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def _offer_to_the_memory_killer() -> None:
    """When memory runs out, the kernel shall take the user's program, not the probe or the screen."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
