"""How busy a run keeps its machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerascope.graph import format_bytes
from kerascope.runs._gpus import Gpus
from kerascope.runs._memory_limit import memory_limit

if TYPE_CHECKING:
    from kerascope.runs._gpus import GpuLoad

__all__ = ["HostLoad", "LoadSample", "MachineLoad", "ProcessLoad", "load_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLoad:
    """A process and all that it has started.

    Attributes:
        cpu: Percent of one core since the sample before, so 200 is two cores; `None` in the first sample.
        memory: Bytes in memory (RSS); what several processes share counts for each.
        threads: How many there are.
        processes: How many there are.
        read: Bytes read from disks a second since the sample before; `None` where that is not told.
        written: Bytes written, likewise.
    """

    cpu: float | None
    memory: int
    threads: int
    processes: int
    read: float | None = None
    written: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLoad:
    """The machine, or of its memory the part that a container leaves us.

    Attributes:
        cpu: Percent of all cores since the sample before; `None` in the first sample.
        cores: How many this process may use.
        memory: Bytes in use.
        memory_total: Bytes there are.
        limited: Whether that is the limit of a container or a batch system, lower than what the machine has.
    """

    cpu: float | None
    cores: int
    memory: int
    memory_total: int
    limited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSample:
    """How busy everything is at one moment.

    Attributes:
        process: The run's processes; `None` where they are gone.
        machine: `None` where it cannot be told.
        gpus: `None` where there are none.
    """

    process: ProcessLoad | None = None
    machine: MachineLoad | None = None
    gpus: tuple[GpuLoad, ...] | None = None


class HostLoad:
    """Takes samples of the load; shares are over the time since the sample before, so take them at a steady pace.

    A sample takes some milliseconds, on machines with thousands of processes more: take it in a thread, but not in two
    at once. The first one may wait for the GPU driver.
    """

    def __init__(self) -> None:
        self._gpus = Gpus()
        self._processes: dict[int, Any] = {}
        self._root: int | None = None
        self._moved: dict[int, tuple[int, int]] = {}
        self._sampled = 0.0
        self._seen_machine = False

    def sample(self, pid: int | None) -> LoadSample:
        """The load now. Never raises.

        Args:
            pid: The training process, on this machine; `None` leaves it out.
        """
        try:
            import psutil
        except ImportError:
            return LoadSample(gpus=self._gpus.sample())
        if pid != self._root:
            self._root = pid
            self._processes.clear()
            self._moved.clear()
        return LoadSample(
            process=None if pid is None else self._process(psutil, pid),
            machine=self._machine(psutil, os.getpid() if pid is None else pid),
            gpus=self._gpus.sample(),
        )

    def _process(self, psutil: Any, pid: int) -> ProcessLoad | None:
        try:
            root = self._processes.get(pid) or psutil.Process(pid)
            if not root.is_running() or root.status() == psutil.STATUS_ZOMBIE:
                return None
            tree = [root, *root.children(recursive=True)]
        except (psutil.Error, OSError):
            return None
        # A process object knows its CPU time at the sample before, so the same one has to be asked.
        first = pid not in self._processes
        known = {process.pid: process for process in tree}
        self._processes = {each: self._kept(each, process) for each, process in known.items()}
        return self._sum(psutil, first=first)

    def _kept(self, pid: int, process: Any) -> Any:
        before = self._processes.get(pid)
        return before if before == process else process

    def _sum(self, psutil: Any, *, first: bool) -> ProcessLoad | None:
        cpu, memory, threads, count = 0.0, 0, 0, 0
        moved: dict[int, tuple[int, int]] = {}
        for pid, process in self._processes.items():
            try:
                with process.oneshot():
                    cpu += process.cpu_percent()
                    memory += process.memory_info().rss
                    threads += process.num_threads()
                count += 1
                moved[pid] = _moved(process)
            except (psutil.Error, OSError, AttributeError):
                # It has just ended, or its disk traffic is not for us to see (another user's, or on macOS).
                continue
        now, before = time.monotonic(), self._sampled
        both = [(moved[pid], self._moved[pid]) for pid in moved if pid in self._moved]
        rates: list[float | None] = [None, None]
        if both and now > before:
            rates = [sum(new[way] - old[way] for new, old in both) / (now - before) for way in (0, 1)]
        self._moved, self._sampled = moved, now
        if not count:
            return None
        return ProcessLoad(
            cpu=None if first else cpu,
            memory=memory,
            threads=threads,
            processes=count,
            read=rates[0],
            written=rates[1],
        )

    def _machine(self, psutil: Any, pid: int) -> MachineLoad | None:
        try:
            cpu = psutil.cpu_percent()
            memory = psutil.virtual_memory()
        except (psutil.Error, OSError, ValueError):
            return None
        first, self._seen_machine = not self._seen_machine, True
        limit = memory_limit(pid)
        limited = limit is not None and limit.total < memory.total
        return MachineLoad(
            cpu=None if first else cpu,
            cores=_cores(psutil),
            memory=limit.used if limited and limit is not None else memory.total - memory.available,
            memory_total=limit.total if limited and limit is not None else memory.total,
            limited=limited,
        )


def _moved(process: Any) -> tuple[int, int]:
    counters = process.io_counters()
    return counters.read_bytes, counters.write_bytes


def _cores(psutil: Any) -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        # Not every system can bind processes to cores.
        return psutil.cpu_count() or 1


def load_words(sample: LoadSample) -> tuple[str, ...]:
    """A sample in words, the most telling first: `CPU 143 %`, `memory 1.2 GiB`, `no GPU`."""
    words = []
    process, machine = sample.process, sample.machine
    if process is not None:
        if process.cpu is not None:
            words.append(f"CPU {process.cpu:.0f} %")
        words.append(f"memory {format_bytes(process.memory)}")
    words += _gpu_words(sample.gpus)
    if machine is not None:
        if machine.cpu is not None:
            words.append(f"machine {machine.cpu:.0f} % of {machine.cores} cores")
        what = "limit" if machine.limited else "memory"
        words.append(f"{what} {format_bytes(machine.memory)} of {format_bytes(machine.memory_total)}")
    if process is not None:
        words.append("1 thread" if process.threads == 1 else f"{process.threads} threads")
    return tuple(words)


def _gpu_words(gpus: tuple[GpuLoad, ...] | None) -> list[str]:
    if not gpus:
        return ["no GPU"]
    words = []
    for gpu in gpus:
        parts = [f"GPU {gpu.index}"]
        if gpu.utilisation is not None:
            parts.append(f"{gpu.utilisation:.0f} %")
        if gpu.memory is not None and gpu.memory_total is not None:
            parts.append(f"{format_bytes(gpu.memory)} of {format_bytes(gpu.memory_total)}")
        if gpu.temperature is not None:
            parts.append(f"{gpu.temperature:.0f} C")
        words.append(" ".join(parts))
    return words
