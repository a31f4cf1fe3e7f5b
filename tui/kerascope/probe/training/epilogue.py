"""The last that is written of a run, by its keeper: how it ended, and what nobody could say before."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from .record import append_bytes, append_event, end_recorded

if TYPE_CHECKING:
    from .output import OutputLog
    from .record import RunRecord

__all__ = ["Epilogue"]

PERSIST_SECONDS = 3600.0
"""Seconds after the end for which a full disk is asked again."""

LOG_SECONDS = 5.0
"""Seconds after the end for which output that still waits for the disk is kept, before it is counted as lost."""

LONGEST_PAUSE = 10.0


class Epilogue:
    """Brings the end of a run to the disk, as soon as the disk takes it.

    Args:
        record: All that is known of the run, its end included.
        log: Its output, read to the end.
        events_begin: Size of `events.jsonl` when the training process began.
        unwritten: Records that the training process could not write; the first may be the rest of one.
    """

    def __init__(self, record: RunRecord, log: OutputLog, events_begin: int, unwritten: str = "") -> None:
        self._record = record
        self._log = log
        self._events_begin = events_begin
        self._unwritten = unwritten.encode()
        self._events: list[tuple[str, dict[str, Any]]] = []
        self._recorded = False
        self._keep_log_until = time.monotonic() + LOG_SECONDS

    def tell_of_leftovers(self, ended: list[str]) -> None:
        """Say which processes were ended that the training had left running."""
        if ended:
            what = "1 process" if len(ended) == 1 else f"{len(ended)} processes"
            message = f"{what} that the training left running had to be ended: {', '.join(ended)}"
            self._events.append(("notice", {"message": message}))

    def tell_of_trouble(self, trouble: str | None) -> None:
        """Say that `run.json` could not be written while the run went on."""
        if trouble is not None:
            message = f"run.json could not be written for a while during the run: {trouble}"
            self._events.append(("warning", {"message": message}))

    def save(self) -> None:
        """Write it all; try again where that fails."""
        deadline = time.monotonic() + PERSIST_SECONDS
        pause = 0.5
        while not self._saved() and time.monotonic() < deadline:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _saved(self) -> bool:
        try:
            os.makedirs(self._record.directory, exist_ok=True)
            self._log.restore()
            # Before the record: whoever reads there that the run has ended finds all of its log.
            written = self._log.flush()
            if not self._recorded:
                # Once: a run that has ended can be resumed while we still wait for room, and is not ours any more.
                self._record.save(at_the_end=True)
                self._recorded = True
            if not written and time.monotonic() < self._keep_log_until:
                return False
            self._save_events()
        except OSError:
            return False
        return True

    def _save_events(self) -> None:
        directory = self._record.directory
        if os.path.basename(os.path.dirname(directory)) == "workers":
            return  # Of several workers' events only the chief's are kept.
        while self._unwritten:
            self._unwritten = self._unwritten[append_bytes(directory, self._unwritten) :]
        if not end_recorded(directory, self._events_begin):
            end = {key: self._record.facts.get(key) for key in ("status", "exit", "error", "epochs_done")}
            append_event(directory, "end", **end)
        lost = self._log.give_up()
        if lost:
            message = f"output.log could not be written: {lost:,} bytes of the training's output are lost"
            self._events.append(("warning", {"message": message}))
        while self._events:
            event, facts = self._events[0]
            append_event(directory, event, **facts)
            del self._events[0]
