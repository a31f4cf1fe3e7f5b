"""The memory a container or a batch system leaves to a process, by the kernel's control groups."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["MemoryLimit", "memory_limit"]


class MemoryLimit(NamedTuple):
    """Bytes that are used of a limit, and the limit."""

    used: int
    total: int


def memory_limit(pid: int, *, proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> MemoryLimit | None:
    """The tightest limit on a process's memory, of its group and of all groups around that.

    What is used is counted without the part of the page cache that the kernel would drop first, as container tools
    count it. Sources: the kernel's cgroup-v2.rst and cgroup-v1/memory.rst.

    Args:
        pid: Process id.
        proc: Where the processes are listed.
        groups: Where the control groups are mounted.

    Returns:
        `None` where there is no limit, or nobody tells.
    """
    try:
        lines = (proc / str(pid) / "cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    limits = []
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers:
            limits += _limits(groups, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
            limits += _limits(groups / "memory", path, *names)
    return min(limits, key=lambda limit: limit.total, default=None)


def _limits(root: Path, path: str, limit: str, usage: str, cache: str) -> list[MemoryLimit]:
    """The limits of a group and of those around it."""
    # A path that leads out of what is mounted here is that of a group outside the container.
    parts = [part for part in path.split("/") if part]
    parts = [] if ".." in parts else parts
    found = []
    for depth in range(len(parts), -1, -1):
        group = root.joinpath(*parts[:depth])
        total, used = _number(group / limit), _number(group / usage)
        if total is not None and used is not None:
            found.append(MemoryLimit(max(0, used - _cached(group / "memory.stat", cache)), total))
    return found


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return int(text) if text.isdecimal() else None


def _cached(path: Path, key: str) -> int:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return 0
    for line in text.splitlines():
        name, _, number = line.partition(" ")
        if name == key and number.isdecimal():
            return int(number)
    return 0
