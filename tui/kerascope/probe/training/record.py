"""`run.json`: what is known of a run, kept in memory and written whole; and how the training process adds to it."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from ..wire import ConnectionLostError, Writer
from .identity import identify

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reporter", "RunRecord", "append_bytes", "append_event", "end_recorded", "events_size", "strict"]

RUN_FILE = "run.json"
EVENTS_FILE = "events.jsonl"

LAST_EVENTS = 1 << 20
"""Bytes of the end of `events.jsonl` in which the last record is looked for."""

ENDED = frozenset({"finished", "stopped", "failed", "killed"})


class RunRecord:
    """The facts of a run, and the file that holds them.

    Args:
        directory: The run's directory, absolute.
        facts: What is known.

    Attributes:
        facts: What `run.json` says, or is to say.
        unsaved: Whether there are facts that the file does not hold yet.
    """

    def __init__(self, directory: str, facts: dict[str, Any]) -> None:
        self.directory = directory
        self.facts = facts
        self.unsaved = False

    @classmethod
    def read(cls, directory: str) -> RunRecord:
        """The record of a run's directory.

        Raises:
            OSError: `run.json` cannot be read.
            ValueError: It is not as a run writes it.
        """
        with open(os.path.join(directory, RUN_FILE), "rb") as file:
            facts = json.loads(file.read())
        if not isinstance(facts, dict):
            raise ValueError(f"it holds no JSON object but {type(facts).__name__}")
        return cls(directory, facts)

    def merge(self, facts: Mapping[str, Any]) -> None:
        """Add facts, in place of what was known under the same names."""
        self.facts.update(facts)
        self.unsaved = True

    def save(self, *, at_the_end: bool = False) -> None:
        """Write the file whole or not at all: aside, then renamed.

        Args:
            at_the_end: Whether to make the directory again where it is gone, and to wait until the data is on the disk.

        Raises:
            OSError: It cannot be written; the file is as it was.
        """
        if at_the_end:
            os.makedirs(self.directory, exist_ok=True)
        path = os.path.join(self.directory, RUN_FILE)
        aside = os.path.join(self.directory, f".{RUN_FILE}.{os.getpid()}")
        try:
            with open(aside, "w", encoding="utf-8") as file:
                file.write(json.dumps(strict(self.facts), indent=1) + "\n")
                if at_the_end:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(aside, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(aside)
            raise
        self.unsaved = False

    def end(self, code: int, evidence: str | None = None, *, told: bool = False, crash: bool = False) -> None:
        """Add how the training process ended.

        Args:
            code: Its exit status as `subprocess` gives it: negative is a signal.
            evidence: What speaks for a lack of memory.
            told: Whether the process itself has said how the training ended: then that stands.
            crash: Whether the end of the log holds what Python wrote of a crash.
        """
        facts: dict[str, Any] = {"exit": code, "ended": time.time()}
        if not told or self.facts.get("status") not in ENDED:
            if code < 0:
                facts.update(status="killed", error={"sentence": _killed_by(-code, evidence, crash=crash)})
            elif code > 0:
                sentence = f"the process ended with exit status {code} before the training was over"
                facts.update(status="failed", error={"sentence": sentence})
            else:
                facts.update(status="finished")
        self.merge(facts)


def _killed_by(number: int, evidence: str | None, *, crash: bool) -> str:
    try:
        name = f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL and evidence is not None:
        return f"killed by {name}, probably out of memory: {evidence}"
    return f"killed by {name}" + ("; the end of its log says where Python was" if crash else "")


def strict(value: Any) -> Any:
    """A value as strict JSON can hold it: NaN and the infinities become the words `NaN`, `Infinity`, `-Infinity`."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {str(key): strict(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(each) for each in value]
    return value


def append_event(directory: str, event: str, **facts: Any) -> None:
    """Add one record to `events.jsonl`, on a line of its own even where the last one was cut off.

    Raises:
        OSError: It cannot be written.
    """
    path = os.path.join(directory, EVENTS_FILE)
    line = json.dumps(strict({"time": time.time(), "event": event, **facts})).encode("ascii") + b"\n"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def append_bytes(directory: str, data: bytes) -> int:
    """Go on with `events.jsonl` where its last writer could write no more; returns how many bytes were written.

    Raises:
        OSError: None was.
    """
    path = os.path.join(directory, EVENTS_FILE)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)


def events_size(directory: str) -> int:
    """Bytes of `events.jsonl`; 0 where there is none."""
    try:
        return os.stat(os.path.join(directory, EVENTS_FILE)).st_size
    except OSError:
        return 0


def end_recorded(directory: str, begin: int) -> bool:
    """Whether the training process has written its `end` record.

    Args:
        directory: The run's directory.
        begin: Size of `events.jsonl` when the training process began: what stands before is an earlier attempt's.
    """
    size = events_size(directory)
    try:
        with open(os.path.join(directory, EVENTS_FILE), "rb") as file:
            file.seek(max(size - LAST_EVENTS, begin if begin <= size else 0))
            lines = file.read(LAST_EVENTS).split(b"\n")
    except OSError:
        return False
    return any(_event(line) == "end" for line in lines)


def _event(line: bytes) -> Any:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record.get("event") if isinstance(record, dict) else None


class Reporter:
    """How the training process tells what it knows of the run; from any thread.

    While the keeper lives it alone writes `run.json`, and is told by a pipe. When it is dead we write the file.

    Args:
        descriptor: Write end of the pipe to the keeper.
        record: What was known when the training process began.
    """

    def __init__(self, descriptor: int, record: RunRecord) -> None:
        self._writer = Writer(descriptor)
        self._record = record
        self._process = os.getpid()
        self._keeper = os.getppid()
        self._told: dict[str, Any] = {}
        self._alone = False
        self._ended = False
        # Entered again by the same thread where a fact is told while another is.
        self._lock = threading.RLock()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Tell facts. It never raises: what cannot be told now is kept.

        Args:
            message: `kind` (`engine`, `progress` or `end`), and the keys of `run.json` to merge; `unwritten`, the
                records that could not be written, is for the keeper alone.
        """
        if os.getpid() != self._process:
            return  # A copy of us that the user's program has forked.
        with self._lock:
            facts = {key: value for key, value in message.items() if key not in ("kind", "unwritten")}
            if message.get("kind") == "end":
                if self._ended:
                    return  # What fails after the end does not change how the run ended.
                self._ended = True
            else:
                facts.setdefault("status", "running")
            self._told.update(facts)
            if not self._alone:
                try:
                    self._writer.send(strict({**message, **facts}))
                    return
                except BrokenPipeError:
                    pass  # The keeper alone has the other end, and it is dead.
                except (OSError, ConnectionLostError):
                    if os.getppid() == self._keeper:
                        return  # The user's program has closed the pipe; the keeper sees at least how we end.
            self.inherit()

    def inherit(self) -> None:
        """Write `run.json` ourselves from now on: the keeper is dead."""
        with self._lock:
            if not self._alone:
                self._alone = True
                with contextlib.suppress(OSError, ValueError):
                    # It has facts that only the keeper knew.
                    self._record.facts = RunRecord.read(self._record.directory).facts
                self._record.merge({"keeper": None, "process": identify(self._process)})
            self._record.merge(self._told)
            with contextlib.suppress(OSError):
                self._record.save()  # What could not be written stays to be written with the next facts.

    def end(self, code: int) -> RunRecord | None:
        """How we end, where nobody but us will write it.

        Returns:
            The record, to be saved; `None` while the keeper lives.
        """
        with self._lock:
            if not self._alone:
                return None
            self._record.merge(self._told)
            self._record.end(code, told=True)
            return self._record
