"""Which process a number means: ids are used again, so a process is its id and the tick at which it started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Here", "is_alive", "start_of"]

_START_FIELD = 22
"""Field of `/proc/PID/stat` that holds the start, in clock ticks since the machine was booted (Linux's proc(5))."""


@dataclass(frozen=True, slots=True)
class Here:
    """The machine, its boot and the process namespace we are in; ids mean something only inside all three."""

    host: str
    boot_id: str | None
    pid_namespace: str | None

    @classmethod
    def now(cls) -> Here:
        """Where this process is."""
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        except OSError:
            boot = None
        try:
            namespace = os.fspath(Path("/proc/self/ns/pid").readlink())
        except OSError:
            namespace = None
        return cls(host=socket.gethostname(), boot_id=boot, pid_namespace=namespace)


def start_of(pid: int) -> str | None:
    """What tells a process from a later one with the same id; `None` where there is no such process, or a dead one."""
    if sys.platform != "linux":
        return _start_by_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name in brackets can hold blanks and brackets of its own.
    fields = stat.rpartition(")")[2].split()
    if len(fields) < _START_FIELD - 2 or fields[0] in ("Z", "X"):
        return None
    return fields[_START_FIELD - 3]


def _start_by_ps(pid: int) -> str | None:
    """The start as `ps` words it, where there is no `/proc`."""
    ran = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
    )
    state, _, start = ran.stdout.strip().partition(" ")
    return start.strip() if ran.returncode == 0 and start and not state.startswith("Z") else None


def is_alive(pid: int, start: str | int | None) -> bool:
    """Whether that very process runs; a zombie does not.

    Args:
        pid: Its id.
        start: Its start as it was recorded; `None` where the recorder could not tell, then the id alone counts.
    """
    found = start_of(pid)
    return found is not None and (start is None or sys.platform != "linux" or found == str(start))
