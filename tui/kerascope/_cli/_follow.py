"""Following a run in plain lines, on a terminal or into a file: what it prints, and a line for each epoch."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerascope._cli._codes import FINDINGS, INTERRUPTED, NOTHING
from kerascope._cli._output import talk, write
from kerascope._cli._run_words import event_line, how_it_ended
from kerascope.runs import EventReader, LogFile, RunStatus, read_run
from kerascope.runs._layout import EVENTS_FILE, LOG_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from kerascope.runs import Run

__all__ = ["EXIT_CODES", "Written", "follow"]

EXIT_CODES = """\
exit codes:
  0   the run finished (--detach: it is up)
  1   it failed (also by training nothing), was stopped, killed or has vanished, or it
      was not started
  130 left by Ctrl+C: the run goes on"""

POLL_SECONDS = 0.2
STATUS_SECONDS = 1.0
STEP_BYTES = 1024 * 1024
"""Bytes of a log that are looked at before anything is printed."""
PAGE_LINES = 2000


@dataclass(frozen=True)
class Written:
    """How much a run has written.

    Attributes:
        events: Bytes of its records.
        log: Bytes of its log.
    """

    events: int
    log: int

    @classmethod
    def of(cls, directory: Path) -> Written:
        """What is there now."""
        return cls(*(_size_of(directory / name) for name in (EVENTS_FILE, LOG_FILE)))


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def follow(run: Run, *, log: bool = True, runs_dir: str | None = None, after: Written | None = None) -> int:
    """Print what a run does until it ends, from its beginning; the exit code.

    Args:
        run: The run, alive or not.
        log: Whether to print what its program prints.
        runs_dir: The directory of runs as it was named, for the command that follows it again.
        after: What attempts before have written, which is not printed again.
    """
    name = _name_of(run)
    where = f" --runs-dir {shlex.quote(runs_dir)}" if runs_dir is not None else ""
    follower = _Follower(run, log=log, after=after)
    try:
        if after is not None:
            talk(f"what was printed before is left out here; `kerascope runs follow {name}{where}` prints all of it")
        if run.alive:
            talk(f"{_shown(run)} (process {run.pid or 'starting'}); Ctrl+C leaves it running")
        ended = follower.until_end()
    except KeyboardInterrupt:
        talk(
            f"{name} goes on; `kerascope runs follow {name}{where}` follows it, "
            f"`kerascope runs stop {name}{where}` stops it"
        )
        return INTERRUPTED
    write(f"[{ended.status.value}] {how_it_ended(ended)}\n")
    return NOTHING if ended.status is RunStatus.FINISHED else FINDINGS


def _name_of(run: Run) -> str:
    """The id of a run by which commands find it, also of one of its workers."""
    return run.directory.parent.parent.name if run.directory.parent.name == "workers" else run.id


def _shown(run: Run) -> str:
    name = _name_of(run)
    return name if name == run.id else f"worker {run.directory.name} of {name}"


class _Follower:
    """Reads a run's log and events on and on, and prints what is new."""

    def __init__(self, run: Run, *, log: bool, after: Written | None = None) -> None:
        self._directory = run.directory
        self._events = EventReader(run.directory)
        self._log = LogFile(run.directory) if log else None
        self._log_generation = 0
        self._printed = 0
        self._log_begin = 0
        if after is not None:
            self._events.skip_to(after.events)
            self._log_begin = after.log

    def until_end(self) -> Run:
        """Print until the run has ended and all of it is printed; the run as it ended."""
        due = 0.0
        while True:
            now = time.monotonic()
            run = None
            if now >= due:
                run, due = read_run(self._directory), now + STATUS_SECONDS
            # Asked before reading: what was written up to its end is read then.
            ended = run is not None and not run.alive
            again = self._read()
            if ended and not again:
                assert run is not None
                self._print_log(partial=True)
                return run
            if ended:
                due = 0.0
            if not again:
                time.sleep(POLL_SECONDS)

    def _read(self) -> bool:
        """Print the next piece; whether there is more at once."""
        more = False
        if self._log is not None:
            more = self._advance_log(self._log)
        told = [event_line(record) for record in self._events.read()]
        if any(told):
            write("".join(f"{line}\n" for line in told if line))
        return more or self._events.more

    def _advance_log(self, log: LogFile) -> bool:
        changed = log.advance(STEP_BYTES)
        if log.generation != self._log_generation:
            self._log_generation, self._printed, self._log_begin = log.generation, 0, 0
        if not log.complete:
            return changed  # its beginning is not known yet
        if self._log_begin:
            self._printed, self._log_begin = log.place_at(self._log_begin), 0
        self._print_log()
        return changed

    def _print_log(self, *, partial: bool = False) -> None:
        """Print the lines that are whole, at the end of the run also one that has no end."""
        log = self._log
        if log is None:
            return
        last = log.count if partial else log.whole
        while self._printed < last:
            lines = log.lines(self._printed, min(last, self._printed + PAGE_LINES))
            if not lines:
                return
            write("".join(f"{line.text}{_cut(line.cut_bytes)}\n" for line in lines))
            self._printed += len(lines)


def _cut(count: int) -> str:
    return f" [... {count:,} bytes left out ...]" if count else ""
