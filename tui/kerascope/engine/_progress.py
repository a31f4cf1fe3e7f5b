"""What is going on, said once a second and whenever it changes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from kerascope.graph import Progress, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.engine._probe import Probe
    from kerascope.graph import Source

__all__ = ["Teller"]

Facts = dict[str, Any]

TICK_SECONDS = 1.0
"""How often progress is told while nothing else happens."""


class Teller:
    """Turns what happens into `Progress`, and says it again every second."""

    def __init__(
        self,
        on_progress: Callable[[Progress], None],
        started: float,
        probe: Probe,
        python: str,
        source: Source,
        real_path: str,
    ) -> None:
        self._on_progress = on_progress
        self._started = started
        self.probe = probe
        self._python = python
        self._source = source
        self._real_path = real_path
        self.phase = "starting"
        self.line: int | None = None
        self._line_path: str | None = None
        self._layers = 0

    async def tick(self) -> None:
        while True:
            self.tell()
            await asyncio.sleep(TICK_SECONDS)

    def at(self, facts: Facts) -> None:
        """The probe said which line runs now."""
        own = facts["path"] == self._real_path
        self.line = facts["line"] if own else self.line
        self._line_path = self._source.path if own else clean_line(facts["path"])
        self._layers = facts["layers"]
        self.tell(line=facts["line"])

    def enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self.tell()

    def tell(self, line: int | None = None) -> None:
        line = line if line is not None else self.line
        version = self.probe.ready.get("keras") or self.probe.starting.get("keras") or ""
        if self.phase == "starting":
            message = f"starting Keras {version} in {self._python}".replace("  ", " ")
        elif self.phase == "running":
            message = f"running {self._source.path}"
            if line:
                own = self._line_path in (None, self._source.path)
                name = self._source.line_name(line, self._line_path)
                message = f"{message} {name}" if own else f"running {self._line_path} line {line}"
        else:
            message = "reading the models"
        self._on_progress(
            Progress(
                phase=self.phase,
                message=message,
                seconds=time.monotonic() - self._started,
                path=self._line_path,
                line=line if self.phase == "running" else None,
                layers=self._layers,
            )
        )
