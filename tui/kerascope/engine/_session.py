"""A session of looks: the probes that are warm, and one question put to them."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from kerascope.engine._failures import Explainer
from kerascope.engine._interpreter import InterpreterError, choose_generation, choose_python
from kerascope.engine._look import Look
from kerascope.engine._probe import Probe, ProbeError
from kerascope.engine._progress import Teller
from kerascope.graph import Failure, Inspection

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.engine._options import LookOptions, Question
    from kerascope.graph import Progress, Source

__all__ = ["Session"]


class Session:
    """Keeps probes warm between looks and puts Python files to them.

    Args:
        options: Interpreter, Keras generation, time limit, and whether to be strict.
    """

    def __init__(self, options: LookOptions) -> None:
        self._options = options
        self._probes: dict[tuple[str, int], Probe] = {}
        self._stops: set[Callable[[], None]] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def look(
        self, question: Question, on_progress: Callable[[Progress], None], *, generation: int | None = None
    ) -> Inspection:
        """Run a Python program in the probe and read its models.

        Args:
            question: The program, and what in it is asked for.
            on_progress: Called with what is going on, at least once a second.
            generation: Keras generation to ask; `None` takes the one that was chosen, or that the file asks for.

        Returns:
            The inspection without findings. It never raises for what the file does; cancelling the task ends the file's
            process and all it started.
        """
        started = time.monotonic()
        explainer = Explainer(question)
        unread = question.source

        def failed(source: Source, failure: Failure, output: str = "") -> Inspection:
            return Inspection(source=source, failure=failure, output=output, seconds=time.monotonic() - started)

        try:
            python = choose_python(self._options.python)
        except InterpreterError as error:
            return failed(unread, Failure(kind="interpreter", message=str(error), path=unread.path))
        wanted = generation or choose_generation(self._options.keras, question.text)
        probe = self._probe(python, wanted)
        teller = Teller(on_progress, started, probe, python, question.source, question.path)
        ticking = asyncio.create_task(teller.tick())
        stopped = asyncio.Event()
        self._stops.add(stopped.set)
        try:
            try:
                ready = await _ready_unless(stopped, probe)
            except ProbeError as error:
                if error.kind != "missing" or self._options.keras != "auto" or generation is not None:
                    raise
                # Nobody asked for a generation: the other one, where only that is installed.
                self._forget(probe)
                other = self._probe(python, 5 - probe.generation)
                try:
                    ready = await _ready_unless(stopped, other)
                except ProbeError:
                    self._forget(other)
                    raise error from None
                probe = teller.probe = other
            if not ready:
                return failed(unread, explainer.not_run())
            executed = dataclasses.replace(unread, executed=True)

            def new_look(*, tolerant: bool) -> Look:
                return Look(probe, explainer, teller, question, self._options, tolerant=tolerant)

            look = new_look(tolerant=False)
            try:
                await self._run(look)
                if look.cut_short and not self._options.strict and not stopped.is_set():
                    second = new_look(tolerant=True)
                    await self._run(second)
                    if second.reached > look.reached:
                        look = second
                    else:
                        look.not_reached_by(second)
            except ProbeError as error:
                self._forget(probe)
                return failed(executed, explainer.probe_error(error, python), look.output + error.details)
            return look.inspection(executed, time.monotonic() - started)
        except ProbeError as error:
            self._forget(probe)
            return failed(unread, explainer.probe_error(error, python), error.details)
        finally:
            self._stops.discard(stopped.set)
            ticking.cancel()

    async def _run(self, look: Look) -> None:
        self._stops.add(look.stop)
        try:
            await look.run()
        finally:
            self._stops.discard(look.stop)

    def stop(self) -> None:
        """Ask the looks in progress to answer with what they have; they do so within seconds."""
        for stop in list(self._stops):
            stop()

    def _probe(self, python: str, generation: int) -> Probe:
        key = (python, generation)
        probe = self._probes.get(key)
        if probe is None or not probe.alive:
            probe = self._probes[key] = Probe(python, generation)
        return probe

    def warm_probe(self, python: str, generation: int) -> Probe | None:
        """The probe of an interpreter and a generation that is ready to be asked at once, if there is one."""
        probe = self._probes.get((python, generation))
        return probe if probe is not None and probe.alive and probe.ready else None

    def _forget(self, probe: Probe) -> None:
        self._probes = {key: other for key, other in self._probes.items() if other is not probe}
        self._closing.add(asyncio.create_task(probe.close()))

    async def close(self) -> None:
        """End all probes and everything they started."""
        probes, self._probes = list(self._probes.values()), {}
        await asyncio.gather(*(probe.close() for probe in probes), *self._closing)


async def _ready_unless(stopped: asyncio.Event, probe: Probe) -> bool:
    """Wait until the probe is ready; false when the user no longer wants to.

    Raises:
        ProbeError: The probe cannot be started.
    """
    ready = asyncio.ensure_future(probe.wait_ready())
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait((ready, stop), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            return False
        await ready
        return True
    finally:
        # Cancelling the waiting does not cancel the import: the next look finds it further on.
        ready.cancel()
        stop.cancel()
