"""What all measures use: the environment of both sides, a real terminal, memory of processes, and how figures look."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]
RUNS = 5

ALIASED = """\
import tf_keras
for name in [n for n in sys.modules if n.split(".")[0] == "tf_keras"]:
    sys.modules["keras" + name[len("tf_keras"):]] = sys.modules[name]
import keras
"""


def spread(values: Sequence[float], unit: str = "s") -> str:
    """Median, smallest and largest."""
    return f"{statistics.median(values):8.3f} {unit}  (min {min(values):.3f}, max {max(values):.3f}, n={len(values)})"


def environment(generation: int = 3) -> dict[str, str]:
    """The same environment for both sides."""
    legacy = "1" if generation == 2 else "0"
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": legacy, "CUDA_VISIBLE_DEVICES": ""}


# A real terminal.


class Terminal:
    """A program in a pseudo-terminal.

    Args:
        command: What to start.
        size: Columns and lines.
    """

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (120, 40)) -> None:
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.environ.update(environment(), TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
            os.execv(command[0], list(command))
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def read_until(self, condition: Callable[[str], bool], limit: float = 120.0) -> float:
        """Read until the text since now (escape sequences taken out) satisfies the condition; the time that was."""
        text, deadline = "", time.perf_counter() + limit
        while time.perf_counter() < deadline:
            if select.select([self._descriptor], [], [], 0.2)[0]:
                text += os.read(self._descriptor, 65536).decode("utf-8", "replace")
                if condition(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)):
                    return time.perf_counter()
        raise TimeoutError(f"not on the screen after {limit} s: {text[-2000:]!r}")

    def settle(self, quiet: float = 0.5) -> None:
        """Read until nothing has come for a while."""
        while select.select([self._descriptor], [], [], quiet)[0]:
            os.read(self._descriptor, 65536)

    def count_bytes(self, seconds: float) -> int:
        """Read for a while; how many bytes came."""
        count, deadline = 0, time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if select.select([self._descriptor], [], [], left)[0]:
                count += len(os.read(self._descriptor, 65536))
        return count

    def press(self, keys: str) -> None:
        """Send keys."""
        os.write(self._descriptor, keys.encode())

    def end(self) -> None:
        """Quit the program, and read until it is gone."""
        self.press("q")
        with contextlib.suppress(OSError):
            while os.read(self._descriptor, 65536):
                pass
        os.waitpid(self.pid, 0)
        os.close(self._descriptor)


# Memory.


class PeakMemory:
    """The most memory that a process and its children had at once, looked at every 5 ms.

    Counted is `Pss`: what several processes share counts once.

    Args:
        pid: The process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """End looking; the peak in MiB."""
        self._stop.set()
        self._thread.join()
        return self._peak / 1024

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self._peak = max(self._peak, sum(map(_shared_memory, tree(self._pid))))


def _shared_memory(pid: int) -> int:
    """KiB of a process; 0 where it is gone."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def children(pid: int | None = None) -> list[int]:
    """Process ids of the children of a process, ours by default."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid or os.getpid()}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(below for child in children(pid) for below in tree(child))]


def timed_with_memory(command: Sequence[str], generation: int = 3, expected: str = "") -> tuple[float, float]:
    """Seconds of a command, and MiB that it and its children had at most.

    Raises:
        RuntimeError: Its output lacks what was expected: it has not done what is measured.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=environment(generation), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        memory = PeakMemory(process.pid)
        output, errors = process.communicate()
    seconds, peak = time.perf_counter() - start, memory.stop()
    if expected not in output:
        raise RuntimeError(f"{command[-1]}: no {expected!r} in what it said: {output[-500:]!r} {errors[-500:]!r}")
    return seconds, peak


def ours(*arguments: str) -> list[str]:
    """The command line of kerascope."""
    return [sys.executable, "-m", "kerascope", *arguments]
