"""A probe process of ours: started once per interpreter and generation, asked many times."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.graph import clean_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["Probe", "ProbeError"]

PROBE_DIRECTORY = Path(__file__).parent.parent / "probe"

MAX_SOCKET_PATH = 107
"""Bytes of a Unix socket's path, without the terminating NUL (`sockaddr_un.sun_path`, Linux's unix(7))."""

MAX_LINE = 256 * 1024 * 1024
"""Bytes of one answer line: the facts of 100,000 layers take about 100 MB."""

QUIT_SECONDS = 3.0
"""Seconds the probe has to end its children and itself before it is killed."""


class ProbeError(Exception):
    """The probe could not be started or has died.

    Attributes:
        kind: `missing` (no Keras there), `broken` (Keras cannot be imported), `start` or `died`.
        details: The end of what it wrote to its error output.
    """

    def __init__(self, kind: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.details = details


class Probe:
    """One probe: `PYTHON .../probe --generation N`, its private directory and socket.

    Args:
        python: Interpreter to start it with.
        generation: Keras generation, 2 or 3.
    """

    def __init__(self, python: str, generation: int) -> None:
        self.python = python
        self.generation = generation
        self.starting: dict[str, Any] = {}
        self.ready: dict[str, Any] = {}
        self.started = time.monotonic()
        self._process: asyncio.subprocess.Process | None = None
        self._directory: Path | None = None
        self._start: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs (being started counts)."""
        return self._process is None or self._process.returncode is None

    async def wait_ready(self) -> dict[str, Any]:
        """Start the probe if nobody has, and wait until Keras is imported.

        Returns:
            The `ready` line: `keras`, `generation`, `tensorflow`, `python`, `python_version`, `backend`.

        Raises:
            ProbeError: It did not get that far.
        """
        if self._start is None:
            self._start = asyncio.create_task(self._launch())
        # Shielded: a look that is cancelled while Keras is imported leaves the import to the next look.
        await asyncio.shield(self._start)
        return self.ready

    async def _launch(self) -> None:
        self.started = time.monotonic()
        self._directory = _private_directory()
        with (self._directory / "probe.log").open("wb") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    self.python,
                    str(PROBE_DIRECTORY),
                    "--socket",
                    str(self._directory / "s"),
                    "--generation",
                    str(self.generation),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    env=_environment(self.generation),
                    # A Ctrl+C at the terminal is the screen's business, not the probe's.
                    start_new_session=True,
                )
            except OSError as error:
                raise ProbeError("start", f"{self.python} could not be started: {error.strerror}") from error
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            try:
                message = json.loads(line)
            except ValueError:
                continue  # A sitecustomize of the user's printed something before us.
            event = message.get("event")
            if event == "starting":
                self.starting = message
            elif event == "failed":
                raise ProbeError(message["kind"], clean_text(message["message"]), self._log_tail())
            elif event == "ready":
                self.ready = message
                return
        code = await self._process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        raise ProbeError("start", f"{self.python} ended while it was importing Keras ({how})", self._log_tail())

    def _log_tail(self) -> str:
        if self._directory is None:
            return ""
        with contextlib.suppress(OSError):
            return clean_text((self._directory / "probe.log").read_text(errors="replace")[-4000:])
        return ""

    async def look(self, request: dict[str, Any], stop: asyncio.Event) -> AsyncGenerator[dict[str, Any], None]:
        """Send one request and yield the answers, the last of them `exit`.

        Cancelling the consumer closes the connection, and with it the child and all it started.

        Args:
            request: See `probe.look.run_look`.
            stop: When set, the child is asked to answer with what it has; it is killed when it does not.

        Raises:
            ProbeError: The probe has died.
        """
        assert self._directory is not None
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._directory / "s"), limit=MAX_LINE)
        except OSError as error:
            raise ProbeError("died", f"the probe is gone: {error.strerror}", self._log_tail()) from error
        stopper = asyncio.create_task(_send_stop(stop, writer))
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            while line := await reader.readline():
                message: dict[str, Any] = json.loads(line)
                yield message
                if message.get("event") == "exit":
                    return
            raise ProbeError("died", "the probe ended before it had answered", self._log_tail())
        except ConnectionError as error:
            raise ProbeError("died", f"the probe is gone: {error.strerror}", self._log_tail()) from error
        finally:
            stopper.cancel()
            writer.close()

    async def close(self) -> None:
        """End the probe and everything it started, and remove its directory."""
        if self._start is not None and not self._start.done():
            self._start.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProbeError):
                await self._start
        process = self._process
        if process is not None and process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), QUIT_SECONDS)
            except asyncio.TimeoutError:
                process.kill()
                await process.wait()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


async def _send_stop(stop: asyncio.Event, writer: asyncio.StreamWriter) -> None:
    await stop.wait()
    writer.write(b'{"stop":true}\n')
    with contextlib.suppress(ConnectionError):
        await writer.drain()


def _private_directory() -> Path:
    """A fresh directory that only we can enter, on a path short enough for a socket."""
    for base in (os.environ.get("XDG_RUNTIME_DIR"), None, "/tmp"):
        if base is not None and not os.access(base, os.W_OK | os.X_OK):
            continue
        directory = Path(tempfile.mkdtemp(prefix="kerascope-", dir=base))  # mkdtemp makes it 0700
        if len(os.fsencode(directory / "s")) <= MAX_SOCKET_PATH:
            return directory
        directory.rmdir()
    raise ProbeError(
        "start",
        f"no directory with a path under {MAX_SOCKET_PATH} bytes for a socket: TMPDIR is {tempfile.gettempdir()}; "
        "set TMPDIR to a shorter one",
    )


def _environment(generation: int) -> dict[str, str]:
    """The user's environment, with no accelerator to look with and one Keras generation to look at."""
    environment = dict(os.environ)
    # Looking must neither wait for a GPU nor take its memory from a training run.
    environment["CUDA_VISIBLE_DEVICES"] = ""
    environment["TF_USE_LEGACY_KERAS"] = "1" if generation == 2 else "0"
    # TensorFlow's native start-up chatter (no GPU found, ...) would stand first in the log of every look.
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    return environment
