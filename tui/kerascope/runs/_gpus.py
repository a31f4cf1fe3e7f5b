"""How busy the GPUs are, by NVIDIA's management library where there is one."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kerascope.graph import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GpuLoad", "Gpus", "absent_gpu"]

_Told = TypeVar("_Told")

_NODES = ("nvidia[0-9]*", "nvidiactl", "kfd", "dri", "dxg")
"""What stands in /dev where there is a GPU of NVIDIA, AMD or Intel, or Windows lends one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuLoad:
    """One GPU; what its driver does not tell is `None`.

    Attributes:
        index: Its number, as `--device gpu:0` counts.
        name: As the driver names it.
        utilisation: Percent of the last moment in which it worked.
        memory: Bytes in use, by whomever.
        memory_total: Bytes it has.
        temperature: Degrees Celsius.
    """

    index: int
    name: str
    utilisation: float | None = None
    memory: int | None = None
    memory_total: int | None = None
    temperature: float | None = None


class Gpus:
    """Asks the driver, which is looked for once; where there is none, there are no GPUs."""

    def __init__(self) -> None:
        self._library: Any = None
        self._looked = False

    def sample(self) -> tuple[GpuLoad, ...] | None:
        """All GPUs now; `None` where there is no driver or no GPU. Never raises."""
        library = self._open()
        if library is None:
            return None
        try:
            count = library.nvmlDeviceGetCount()
            return tuple(_load(library, index) for index in range(count)) or None
        except library.NVMLError:
            # The driver was unloaded, or a GPU fell off the bus.
            return None

    def _open(self) -> Any:
        if not self._looked:
            self._looked = True
            try:
                import pynvml

                pynvml.nvmlInit()
            except Exception:
                # Without a driver, or with one of another version, each library fails in a way of its own.
                return None
            self._library = pynvml
        return self._library


def absent_gpu(device: str) -> str | None:
    """That GPUs which were asked for are not on this machine; `None` where they are, or nobody knows.

    Whether TensorFlow can use those that are there, only the training finds out.

    Args:
        device: `auto`, `cpu`, `gpu`, or `gpu:0,1`.
    """
    if not device.startswith("gpu"):
        return None
    count = _count()
    if count is None:
        return None
    if not count:
        return f"the device {device} was asked for and this machine has no GPU; use --device cpu"
    numbers = sorted({int(number) for number in device.partition(":")[2].split(",") if number.isdigit()})
    missing = [str(number) for number in numbers if number >= count]
    if not missing:
        return None
    there = "GPU 0 alone" if count == 1 else f"GPUs 0 to {count - 1}"
    return f"GPU {', '.join(missing)} was asked for and this machine has {there}"


@functools.cache
def _count() -> int | None:
    """How many GPUs there are; `None` where that cannot be known without TensorFlow."""
    load = Gpus().sample()
    if load is not None:
        return len(load)
    if not sys.platform.startswith("linux"):
        return None
    return None if any(True for name in _NODES for _ in Path("/dev").glob(name)) else 0


def _load(library: Any, index: int) -> GpuLoad:
    handle = library.nvmlDeviceGetHandleByIndex(index)

    def ask(question: Callable[..., _Told], *arguments: Any) -> _Told | None:
        try:
            return question(handle, *arguments)
        except library.NVMLError:
            # Not every GPU tells everything: a slice of one (MIG) has no utilisation of its own.
            return None

    name = ask(library.nvmlDeviceGetName)
    rates = ask(library.nvmlDeviceGetUtilizationRates)
    memory = ask(library.nvmlDeviceGetMemoryInfo)
    # Earlier versions of the library give the name as bytes.
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name or "")
    return GpuLoad(
        index=index,
        name=clean_line(text),
        utilisation=None if rates is None else float(rates.gpu),
        memory=None if memory is None else int(memory.used),
        memory_total=None if memory is None else int(memory.total),
        temperature=ask(library.nvmlDeviceGetTemperature, library.NVML_TEMPERATURE_GPU),
    )
