"""Starting a process that belongs to nobody: no parent, session or terminal of whoever asked for it."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["answer", "detach", "last_answer"]


def detach(become: Callable[[int], object]) -> int:
    """Fork twice, so that the process is nobody's child and, leading no session, can never get a terminal.

    Args:
        become: The process's whole life. It is given the write end of a pipe, on which it says by `answer` how it
            began, and which it closes; it must not return.

    Returns:
        The read end of that pipe. It ends without an answer where the process died first.

    Raises:
        OSError: There is no room for another process.
    """
    read, write = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        raise
    if pid == 0:
        try:
            os.close(read)
            os.setsid()
            if os.fork() == 0:
                become(write)
                os._exit(1)
            os._exit(0)
        except BaseException as error:
            # Nobody above may go on with a copy of the caller's work.
            answer(write, {"event": "failed", "message": f"no process could be started: {error}"})
        finally:
            os._exit(1)
    os.close(write)
    os.waitpid(pid, 0)
    return read


def answer(descriptor: int | None, message: dict[str, Any]) -> None:
    """Say how it began, once, and close the pipe; whoever asked may have gone."""
    if descriptor is None:
        return
    with contextlib.suppress(OSError):
        os.write(descriptor, json.dumps(message).encode("ascii") + b"\n")
    with contextlib.suppress(OSError):
        os.close(descriptor)


def last_answer(data: bytes) -> dict[str, Any]:
    """What was said on the pipe, as the line that goes to whoever asked."""
    try:
        message = json.loads(data)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        return {"event": "failed", "message": "the process that keeps the run died before it could say anything"}
    return message
