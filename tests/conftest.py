"""What all tests share: one warm Keras of each generation, asked from a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Target
from kerascope.inspection import Inspector, LookOptions
from kerascope.training import Trainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerascope.graph import Inspection, Progress
    from kerascope.runs import Run, TrainSpec

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_models"


class Looker:
    """Asks inspectors from ordinary test functions; the inspectors, and so the probes, live as long as the session."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._inspectors: dict[LookOptions, Inspector] = {}
        self.progress: list[Progress] = []

    def look(
        self,
        path: Path,
        *,
        keras: str = "3",
        timeout: float | None = 60.0,
        python: str | None = None,
        arguments: tuple[str, ...] = (),
        strict: bool = False,
        traceless: bool = False,
        names: tuple[tuple[str, str], ...] = (),
        **asked: Any,
    ) -> Inspection:
        """Look at a file; what was told on the way is in `progress` afterwards.

        Args:
            path: The file.
            keras: Generation, or `both`.
            timeout: Seconds it may run.
            python: Interpreter.
            arguments: What it finds in `sys.argv`.
            strict: Whether never to look tolerantly.
            traceless: Whether all that it makes on disk is taken back.
            names: Losses, optimizers and metrics that Keras is asked about.
            asked: Further fields of `Target`: `name`, `call`, `input_shapes`, `module`.
        """
        options = LookOptions(
            keras=keras,
            timeout=timeout,
            python=python,
            arguments=arguments,
            strict=strict,
            traceless=traceless,
            names=names,
        )
        inspector = self._inspector(options)
        self.progress = []
        target = Target(path=str(path), **asked)
        look = inspector.look(target, self.progress.append, compare=keras == "both")
        future = asyncio.run_coroutine_threadsafe(look, self._loop)
        return future.result(120)

    def start(self, spec: TrainSpec, text: str, runs: Path) -> Run:
        """Start a training run by the warm Keras of its generation."""
        trainer = Trainer(self._warm(spec.keras), runs)
        return asyncio.run_coroutine_threadsafe(trainer.start(spec, text), self._loop).result(120)

    def resume(self, run: Run, *, new_source: bool = False) -> Run:
        """Let a run go on, by the warm Keras of its generation."""
        assert run.spec is not None
        trainer = Trainer(self._warm(run.spec.keras), run.directory.parent)
        return asyncio.run_coroutine_threadsafe(trainer.resume(run, new_source=new_source), self._loop).result(120)

    def _warm(self, generation: int) -> Inspector:
        """An inspector that has looked at something: its Keras is ready."""
        self.look(SAMPLES / "clean.py", keras=str(generation))
        return self._inspector(LookOptions(keras=str(generation), timeout=60.0))

    def _inspector(self, options: LookOptions) -> Inspector:
        inspector = self._inspectors.get(options)
        if inspector is None:
            # One session for all of a generation's time limits would be nicer to the machine, but the limit is the
            # session's: tests use few of them.
            inspector = self._inspectors[options] = Inspector(options)
        return inspector

    def close(self) -> None:
        """End all probes."""

        async def close_all() -> None:
            await asyncio.gather(*(inspector.close() for inspector in self._inspectors.values()))

        asyncio.run_coroutine_threadsafe(close_all(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture(scope="session")
def looker() -> Iterator[Looker]:
    """The shared inspectors."""
    looker = Looker()
    yield looker
    looker.close()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the sample models."""
    return SAMPLES
