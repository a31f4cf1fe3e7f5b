"""Which process a number means, and where: ids are used again, and mean something only on one machine since one boot.

Readers of a run compare these facts with what they see themselves; their twin is `kerascope.runs._process`.
"""

from __future__ import annotations

import os
import socket
from typing import Any

__all__ = ["identify", "place", "start_of"]

_START_FIELD = 22
"""Field of `/proc/PID/stat` that holds the start, in clock ticks since the machine was booted (Linux's proc(5))."""


def start_of(pid: int) -> int | None:
    """The clock tick at which a process started; `None` where there is no such process, or no `/proc`."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            stat = file.read()
    except OSError:
        return None
    # The name in brackets can hold blanks and brackets of its own.
    return int(stat.rpartition(")")[2].split()[_START_FIELD - 3])


def identify(pid: int) -> dict[str, int | None]:
    """A process as `run.json` names it: `pid` and `start`."""
    return {"pid": pid, "start": start_of(pid)}


def place() -> dict[str, Any]:
    """Where this process is: `host`, `boot_id` and `pid_namespace`, `None` where the system has no such thing."""
    return {
        "host": socket.gethostname(),
        "boot_id": _boot_id(),
        "pid_namespace": _pid_namespace(),
    }


def _boot_id() -> str | None:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _pid_namespace() -> str | None:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None
