"""How busy a run keeps its machine: real processes, a GPU driver that is spoken by a fake."""

from __future__ import annotations

import subprocess
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.runs.directories import sleeper

from kerascope.runs import GpuLoad, HostLoad, LoadSample, MachineLoad, ProcessLoad, load_words
from kerascope.runs._gpus import absent_gpu
from kerascope.runs._memory_limit import MemoryLimit, memory_limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MIB = 2**20

PARENT = """\
import subprocess, sys, threading, time
held = bytearray(b"x" * 64 * 2**20)
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
child = subprocess.Popen([sys.executable, "-c", "print('up', flush=True)\\nwhile True: pass"], stdout=subprocess.PIPE)
child.stdout.readline()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has, a test begins without GPUs."""
    monkeypatch.setitem(sys.modules, "pynvml", None)


class NVMLError(Exception):
    """As the library's."""


class FakeNvml(ModuleType):
    """Speaks the part of NVIDIA's library that is used."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0

    def __init__(self, **broken: str) -> None:
        super().__init__("pynvml")
        self.broken = set(broken)
        self.opened = 0

    def nvmlInit(self) -> None:
        self.opened += 1
        self._may_fail("init")

    def nvmlDeviceGetCount(self) -> int:
        self._may_fail("count")
        return 0 if "none" in self.broken else 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: int) -> str | bytes:
        return b"Old \x1b[31mName" if handle else "NVIDIA H100"

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        self._may_fail("rates")
        return SimpleNamespace(gpu=87 + handle, memory=3)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        self._may_fail("memory")
        return SimpleNamespace(used=20 * 10**9, total=80 * 10**9, free=60 * 10**9)

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:
        assert sensor == self.NVML_TEMPERATURE_GPU
        self._may_fail("temperature")
        return 61

    def _may_fail(self, what: str) -> None:
        if what in self.broken:
            raise NVMLError(what)


def poll(sample: Callable[[], LoadSample], until: Callable[[LoadSample], bool]) -> LoadSample:
    """Sample until something is so."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = sample()
        if until(found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"still {sample()}")


class TestProcesses:
    def test_children_count(self) -> None:
        load = HostLoad()
        with sleeper(PARENT) as process:
            first = load.sample(process.pid).process
            assert first is not None
            assert (first.cpu, first.read) == (None, None)
            assert first.processes == 2
            assert first.threads >= 3
            assert first.memory > 64 * MIB

            def busy(sample: LoadSample) -> bool:
                return sample.process is not None and (sample.process.cpu or 0) > 10

            later = poll(lambda: load.sample(process.pid), busy)
            assert later.process is not None
            assert later.process.written is not None
        assert load.sample(process.pid).process is None

    def test_a_zombie_is_gone(self) -> None:
        process = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
        try:
            load = HostLoad()
            poll(lambda: load.sample(process.pid), lambda sample: sample.process is None)
        finally:
            process.wait()
        assert load.sample(process.pid).process is None

    def test_no_process_is_none(self) -> None:
        sample = HostLoad().sample(None)
        assert sample.process is None
        assert sample.machine is not None
        assert HostLoad().sample(2**22 + 1).process is None

    def test_another_process_begins_anew(self) -> None:
        load = HostLoad()
        with sleeper() as one, sleeper() as other:
            load.sample(one.pid)
            second = load.sample(other.pid).process
            assert second is not None
            assert second.cpu is None


class TestMachine:
    def test_tells_what_there_is(self) -> None:
        load = HostLoad()
        first = load.sample(None).machine
        second = load.sample(None).machine
        assert first is not None
        assert second is not None
        assert first.cpu is None
        assert second.cpu is not None
        assert 0 < second.memory < second.memory_total
        assert second.cores >= 1

    def test_without_psutil_nothing_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psutil", None)
        assert HostLoad().sample(1) == LoadSample()

    def test_a_limit_below_the_machines_memory_is_the_total(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kerascope.runs._load.memory_limit", lambda pid: MemoryLimit(30 * MIB, 100 * MIB))
        machine = HostLoad().sample(None).machine
        assert machine is not None
        assert (machine.memory, machine.memory_total, machine.limited) == (30 * MIB, 100 * MIB, True)
        monkeypatch.setattr("kerascope.runs._load.memory_limit", lambda pid: MemoryLimit(30 * MIB, 2**62))
        machine = HostLoad().sample(None).machine
        assert machine is not None
        assert not machine.limited
        assert machine.memory_total < 2**62


class TestMemoryLimit:
    def _group(self, root: Path, path: str, *, limit: str, used: int, cached: int = 0, version: int = 2) -> None:
        group = root / path
        group.mkdir(parents=True, exist_ok=True)
        names = ("memory.max", "memory.current", "inactive_file")
        if version == 1:
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        (group / names[0]).write_text(f"{limit}\n")
        (group / names[1]).write_text(f"{used}\n")
        (group / "memory.stat").write_text(f"anon 1\n{names[2]} {cached}\n")

    def _limit(self, tmp_path: Path, cgroup: str) -> MemoryLimit | None:
        (tmp_path / "proc" / "7").mkdir(parents=True, exist_ok=True)
        (tmp_path / "proc" / "7" / "cgroup").write_text(cgroup)
        return memory_limit(7, proc=tmp_path / "proc", groups=tmp_path / "groups")

    def test_that_of_the_own_group(self, tmp_path: Path) -> None:
        self._group(tmp_path / "groups", "job", limit="4000", used=1000, cached=300)
        assert self._limit(tmp_path, "0::/job\n") == (700, 4000)

    def test_the_tightest_around_it(self, tmp_path: Path) -> None:
        self._group(tmp_path / "groups", "job", limit="3000", used=2500)
        self._group(tmp_path / "groups", "job/step", limit="max", used=100)
        self._group(tmp_path / "groups", "job/step/task", limit="5000", used=50)
        assert self._limit(tmp_path, "0::/job/step/task\n") == (2500, 3000)

    def test_inside_a_container_it_stands_at_the_root(self, tmp_path: Path) -> None:
        self._group(tmp_path / "groups", ".", limit="8000", used=10)
        assert self._limit(tmp_path, "0::/\n") == (10, 8000)
        assert self._limit(tmp_path, "0::/../../elsewhere\n") == (10, 8000)

    def test_version_1(self, tmp_path: Path) -> None:
        self._group(tmp_path / "groups" / "memory", "job", limit="4000", used=1000, cached=1, version=1)
        assert self._limit(tmp_path, "9:cpu,cpuacct:/\n4:memory:/job\n0::/\n") == (999, 4000)

    @pytest.mark.parametrize("cgroup", ["", "0::/\n", "0::/job\n", "nonsense\n", "0::\n", "4:memory:/gone\n"])
    def test_no_limit(self, tmp_path: Path, cgroup: str) -> None:
        self._group(tmp_path / "groups", "job", limit="max", used=1000)
        assert self._limit(tmp_path, cgroup) is None

    def test_no_such_process(self, tmp_path: Path) -> None:
        assert memory_limit(7, proc=tmp_path, groups=tmp_path) is None


class TestGpus:
    def _sample(self, monkeypatch: pytest.MonkeyPatch, library: FakeNvml) -> tuple[GpuLoad, ...] | None:
        monkeypatch.setitem(sys.modules, "pynvml", library)
        return HostLoad().sample(None).gpus

    def test_no_driver_is_no_gpu(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert HostLoad().sample(None).gpus is None
        assert self._sample(monkeypatch, FakeNvml(init="")) is None
        assert self._sample(monkeypatch, FakeNvml(count="")) is None
        assert self._sample(monkeypatch, FakeNvml(none="")) is None

    def test_tells_of_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gpus = self._sample(monkeypatch, FakeNvml())
        assert gpus is not None
        assert gpus[0] == GpuLoad(
            index=0,
            name="NVIDIA H100",
            utilisation=87.0,
            memory=20 * 10**9,
            memory_total=80 * 10**9,
            temperature=61,
        )
        assert gpus[1].name == "Old Name"
        assert gpus[1].utilisation == 88.0

    def test_what_the_driver_does_not_tell_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gpus = self._sample(monkeypatch, FakeNvml(rates="", temperature="", memory=""))
        assert gpus is not None
        first = gpus[0]
        assert (first.utilisation, first.temperature, first.memory) == (None, None, None)

    def test_the_driver_is_looked_for_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        library = FakeNvml()
        monkeypatch.setitem(sys.modules, "pynvml", library)
        load = HostLoad()
        load.sample(None)
        library.broken.add("count")
        assert load.sample(None).gpus is None
        library.broken.clear()
        assert load.sample(None).gpus is not None
        assert library.opened == 1

    def test_the_real_library_without_a_driver_or_with_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "pynvml")
        pytest.importorskip("pynvml")
        gpus = HostLoad().sample(None).gpus
        assert gpus is None or all(gpu.name for gpu in gpus)


def test_words() -> None:
    assert load_words(LoadSample()) == ("no GPU",)
    sample = LoadSample(
        process=ProcessLoad(cpu=142.6, memory=1_200_000_000, threads=31, processes=2),
        machine=MachineLoad(cpu=71.0, cores=2, memory=4 * 10**9, memory_total=24 * 10**9, limited=True),
        gpus=(
            GpuLoad(index=0, name="x", utilisation=87.0, memory=20 * 10**9, memory_total=80 * 10**9, temperature=61),
            GpuLoad(index=1, name="y"),
        ),
    )
    assert load_words(sample) == (
        "CPU 143 %",
        "memory 1.2 GB",
        "GPU 0 87 % 20.0 GB of 80.0 GB 61 C",
        "GPU 1",
        "machine 71 % of 2 cores",
        "limit 4.0 GB of 24.0 GB",
        "31 threads",
    )


@pytest.mark.parametrize(
    ("device", "count", "sentence"),
    [
        ("gpu:0,3", 2, "GPU 3 was asked for and this machine has GPUs 0 to 1"),
        ("gpu:1,2", 1, "GPU 1, 2 was asked for and this machine has GPU 0 alone"),
        ("gpu", 0, "the device gpu was asked for and this machine has no GPU; use --device cpu"),
        ("gpu:0", 1, None),
        ("gpu", 1, None),
        ("gpu:7", None, None),
        ("auto", 0, None),
        ("cpu", 0, None),
    ],
)
def test_a_gpu_that_is_not_there(
    device: str, count: int | None, sentence: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerascope.runs._gpus._count", lambda: count)
    assert absent_gpu(device) == sentence
