"""How busy the GPUs are, by NVIDIA's management library where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kerascope.graph import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GpuLoad", "Gpus"]

_Told = TypeVar("_Told")


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
