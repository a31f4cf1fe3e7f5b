"""Whether the kernel's out-of-memory killer was at work: its counters, read before and after a process was killed."""

from __future__ import annotations

import os

__all__ = ["oom_evidence", "read_counters"]

_MACHINE = "oom_kill in /proc/vmstat"

OomCounters = dict[str, int]
"""How many processes were killed for memory, by the counter's name. The cgroup's counter stands first: it speaks of our
own processes, that of `/proc/vmstat` of the whole machine's."""


def read_counters() -> OomCounters:
    """The counters as they stand; empty where the system has none."""
    counters = {}
    for path in _cgroup_files():
        count = _oom_kills(path)
        if count is not None:
            counters[f"oom_kill in {path}"] = count
    count = _oom_kills("/proc/vmstat")
    if count is not None:
        counters[_MACHINE] = count
    return counters


def oom_evidence(before: OomCounters, after: OomCounters) -> str | None:
    """What speaks for a lack of memory, as the end of a sentence; `None` when no counter has moved."""
    for name, count in after.items():
        earlier = before.get(name)
        if earlier is not None and count > earlier:
            whose = "on this machine" if name == _MACHINE else "of this run's cgroup"
            what = "a process" if count - earlier == 1 else f"{count - earlier} processes"
            return f"the kernel's out-of-memory killer ended {what} {whose} just then ({name}: {earlier} to {count})"
    return None


def _oom_kills(path: str) -> int | None:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
    except (OSError, ValueError):
        return None
    return None


def _cgroup_files() -> list[str]:
    """The files that count for our cgroup, of both versions of cgroups (Linux's cgroups(7))."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8", errors="replace") as file:
            entries = [line.rstrip("\n").split(":", 2) for line in file]
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            mounts = [line.split() for line in file]
    except OSError:
        return []
    found = []
    for number, controllers, path in (entry for entry in entries if len(entry) == 3):
        unified = number == "0" and not controllers
        if not unified and "memory" not in controllers.split(","):
            continue
        directory = _mounted(mounts, path, unified=unified)
        if directory is not None:
            found.append(os.path.join(directory, "memory.events" if unified else "memory.oom_control"))
    return found


def _mounted(mounts: list[list[str]], path: str, *, unified: bool) -> str | None:
    """The directory of a cgroup: where the hierarchy is mounted, and what of it."""
    for fields in mounts:
        if "-" not in fields:
            continue
        kind, _, options = fields[fields.index("-") + 1 :][:3]
        if kind != ("cgroup2" if unified else "cgroup") or not (unified or "memory" in options.split(",")):
            continue
        root, point = fields[3], fields[4]
        # A container sees its own part of the hierarchy as if it were the whole.
        inside = path[len(root) :] if root != "/" and path.startswith(root) else path
        return os.path.normpath(os.path.join(point, inside.lstrip("/")))
    return None
