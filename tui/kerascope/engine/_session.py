"""A session of looks: the probes that are warm, and one question put to them."""

from __future__ import annotations

import asyncio
import time
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.engine._decode import Decoder, Told
from kerascope.engine._ending import remainder_after
from kerascope.engine._failures import Explainer
from kerascope.engine._interpreter import InterpreterError, choose_generation, choose_python
from kerascope.engine._probe import Probe, ProbeError
from kerascope.graph import EngineInfo, Failure, Inspection, Progress, Source, SourceKind, clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.engine._options import LookOptions

__all__ = ["Session"]

Facts = dict[str, Any]

TICK_SECONDS = 1.0
"""How often progress is told while nothing else happens."""

STOP_ANSWER_SECONDS = 5.0
"""Seconds after a stop within which the probe must have answered or killed the child (its own grace is shorter)."""


class Session:
    """Keeps probes warm between looks and puts Python files to them.

    Args:
        options: Interpreter, Keras generation and time limit.
    """

    def __init__(self, options: LookOptions) -> None:
        self._options = options
        self._probes: dict[tuple[str, int], Probe] = {}

    async def look(self, path: Path, text: str, on_progress: Callable[[Progress], None]) -> Inspection:
        """Run a Python file in the probe and read its models.

        Args:
            path: The file as the user named it.
            text: Its text; exactly this is executed.
            on_progress: Called with what is going on, at least once a second.

        Returns:
            The inspection without findings. It never raises for what the file does; cancelling the task ends the file's
            process and all it started.
        """
        started = time.monotonic()
        # Not resolved: the file's folder is the one it was named in, as for `python FILE`.
        real_path = str(path.absolute())
        explainer = Explainer(text, real_path, str(path))
        executed = Source(path=str(path), kind=SourceKind.PYTHON, executed=True, text=text)
        unread = Source(path=str(path), kind=SourceKind.PYTHON, executed=False, text=text)
        try:
            python = choose_python(self._options.python)
        except InterpreterError as error:
            failure = Failure(kind="interpreter", message=str(error), path=str(path))
            return Inspection(source=unread, failure=failure)
        generation = choose_generation(self._options.keras, text)
        probe = self._probe(python, generation)
        teller = _Teller(on_progress, started, probe, python, str(path), real_path)
        ticking = asyncio.create_task(teller.tick())
        try:
            try:
                await probe.wait_ready()
            except ProbeError as error:
                self._forget(probe)
                return Inspection(
                    source=unread,
                    failure=explainer.probe_error(error, python),
                    output=error.details,
                    seconds=time.monotonic() - started,
                )
            look = _Look(probe, explainer, text, real_path, str(path), self._options.timeout, teller)
            try:
                await look.run()
            except ProbeError as error:
                self._forget(probe)
                return Inspection(
                    source=executed,
                    failure=explainer.probe_error(error, python),
                    output=look.output + error.details,
                    engine=_engine_info(probe),
                    seconds=time.monotonic() - started,
                )
            return look.inspection(executed, time.monotonic() - started)
        finally:
            ticking.cancel()

    def _probe(self, python: str, generation: int) -> Probe:
        key = (python, generation)
        probe = self._probes.get(key)
        if probe is None or not probe.alive:
            probe = self._probes[key] = Probe(python, generation)
        return probe

    def _forget(self, probe: Probe) -> None:
        self._probes = {key: other for key, other in self._probes.items() if other is not probe}
        self._closing = asyncio.create_task(probe.close())

    async def warm(self, text: str) -> None:
        """Start importing Keras before anything is asked, for a file with this text."""
        try:
            python = choose_python(self._options.python)
            await self._probe(python, choose_generation(self._options.keras, text)).wait_ready()
        except (InterpreterError, ProbeError):
            return  # The look itself meets the same and says it in words.

    async def close(self) -> None:
        """End all probes and everything they started."""
        probes, self._probes = list(self._probes.values()), {}
        await asyncio.gather(*(probe.close() for probe in probes))


class _Teller:
    """Turns what happens into `Progress`, and says it again every second."""

    def __init__(
        self,
        on_progress: Callable[[Progress], None],
        started: float,
        probe: Probe,
        python: str,
        path: str,
        real_path: str,
    ) -> None:
        self._on_progress = on_progress
        self._started = started
        self._probe = probe
        self._python = python
        self._path = path
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
        self._line_path = self._path if own else clean_line(facts["path"])
        self._layers = facts["layers"]
        self.tell(line=facts["line"])

    def enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self.tell()

    def tell(self, line: int | None = None) -> None:
        line = line if line is not None else self.line
        version = self._probe.ready.get("keras") or self._probe.starting.get("keras") or ""
        if self.phase == "starting":
            message = f"starting Keras {version} in {self._python}".replace("  ", " ")
        elif self.phase == "running":
            where = self._line_path or self._path
            message = f"running {where}" + (f" line {line}" if line else "")
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


class _Look:
    """One request and what came of it."""

    def __init__(
        self,
        probe: Probe,
        explainer: Explainer,
        text: str,
        real_path: str,
        shown_path: str,
        timeout: float | None,
        teller: _Teller,
    ) -> None:
        self._probe = probe
        self._explainer = explainer
        self._text = text
        self._real_path = real_path
        self._shown_path = shown_path
        self._timeout = timeout
        self._teller = teller
        self._told = Told()
        self._stop = asyncio.Event()
        self.output = ""

    async def run(self) -> None:
        """Ask and listen to the end.

        Raises:
            ProbeError: The probe died.
        """
        self._teller.enter("running")
        request = {"path": self._real_path, "text": self._text, "cwd": str(Path.cwd()), "arguments": [], "lazy": True}
        timer = None
        if self._timeout is not None:
            timer = asyncio.get_running_loop().call_later(self._timeout, self._stop.set)
        try:
            async for message in self._probe.look(request, self._stop):
                self._hear(message)
        finally:
            if timer is not None:
                timer.cancel()

    def _hear(self, message: Facts) -> None:
        event = message["event"]
        if event == "layer":
            self._told.layers[message["uid"]] = message
        elif event == "progress":
            self._teller.at(message)
        elif event == "reading":
            self._teller.enter("reading")
        elif event == "output":
            self.output += message["text"]
        elif event == "result":
            self._told.result = message
        elif event == "internal":
            self._told.internal = message["text"]
        elif event == "exit":
            self._told.exit = message

    # ------------------------------------------------------------------ the answer

    def inspection(self, source: Source, seconds: float) -> Inspection:
        """What the look has shown."""
        judged, complete = self._completeness()
        decoder = Decoder(
            self._told, real_path=self._real_path, shown_path=self._shown_path, judged=judged and bool(complete)
        )
        failure, notes = self._end(bool(complete))
        output = self.output + (self._told.internal or "")
        return Inspection(
            source=source,
            models=decoder.models(),
            notes=notes,
            failure=failure,
            engine=_engine_info(self._probe),
            output=clean_text(output),
            seconds=seconds,
        )

    def _completeness(self) -> tuple[bool, list[Facts]]:
        """Whether layers outside models may be judged, and the models that nothing was still being added to."""
        result = self._told.result
        if result is None:
            return False, []
        ending = result["ending"]
        models: list[Facts] = result["models"]
        if ending["kind"] in ("end", "exit"):
            return True, models
        stops = [(frame["path"], frame["line"], frame["function"]) for frame in ending["frames"]]
        texts = {path: self._text if path == self._real_path else _text_of(path) for path, _, _ in stops}
        remainder = remainder_after(texts, stops)
        complete = [model for model in models if not model["sequential"] or model["compiled"] or not remainder.may_add]
        return not remainder.may_build, complete

    def _end(self, any_complete: bool) -> tuple[Failure | None, tuple[Any, ...]]:
        told, explain = self._told, self._explainer
        if told.internal is not None:
            return explain.internal(told.internal), ()
        if told.result is None:
            if self._stop.is_set():
                return explain.stopped(None, self._timeout, self._teller.line), ()
            return explain.death(told.exit, self._teller.line), ()
        ending = told.result["ending"]
        kind = ending["kind"]
        if kind == "exception":
            return (None, (explain.exception_note(ending),)) if any_complete else (explain.exception(ending), ())
        if kind == "stopped":
            if any_complete:
                return None, (explain.stopped_note(ending, self._timeout),)
            return explain.stopped(ending, self._timeout, self._teller.line), ()
        notes = (explain.exit_note(ending),) if kind == "exit" else ()
        if not any_complete:
            return explain.no_model(ending, len(told.result["layers"])), notes
        return None, notes


def _text_of(path: str) -> str | None:
    """The text of a module the user's file imports, `None` when it cannot be had any more."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


def _engine_info(probe: Probe) -> EngineInfo:
    ready = probe.ready
    return EngineInfo(
        keras=clean_line(str(ready["keras"])),
        generation=ready["generation"],
        tensorflow=ready["tensorflow"] and clean_line(str(ready["tensorflow"])),
        python=clean_line(ready["python"]),
        python_version=clean_line(ready["python_version"]),
        backend=clean_line(ready["backend"]),
    )
