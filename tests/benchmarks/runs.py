"""What reading a run costs: a long history until its curves can be drawn, a long log until it is on the screen."""

from __future__ import annotations

import json
import random
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.common import RUNS, spread

from kerascope.runs import HistoryLoader, LogFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from kerascope.runs import History

__all__ = ["measure_log_reading", "measure_runs_reading", "write_big_log", "write_big_run"]

METRICS = 20
BATCHES = 50_000
BATCHES_PER_EPOCH = 1_000
COLUMNS = 200
"""Columns of a plot on a wide screen."""

SLICE = 0.015
"""Seconds a screen lets the loader have at once."""

LINES = 2_000_000
PAGE = 40
BUDGET = 256 * 1024
GROWTH_SECONDS = 5.0
GROWTH_LINES = 50_000
"""Lines a second that are written while the log is followed."""


def write_big_run(directory: Path, *, metrics: int = METRICS, batches: int = BATCHES) -> Path:
    """Write the `events.jsonl` of a long run: numbers of 32 bits, as Keras gives them; about 36 MB by default.

    Returns:
        The file.
    """
    chance = random.Random(0)
    names = [f"{'val_' if number % 2 else ''}head_{number // 2}" for number in range(metrics)]

    def numbers() -> dict[str, float]:
        return {name: struct.unpack("f", struct.pack("f", chance.random()))[0] for name in names}

    path = directory / "events.jsonl"
    with path.open("w", encoding="utf-8") as file:

        def write(now: int, event: str, **facts: object) -> None:
            file.write(json.dumps({"time": round(1.79e9 + now / 10, 3), "event": event, **facts}) + "\n")

        write(0, "start", attempt=1, pid=1)
        write(0, "fit", fit=1, model="heads", epochs=batches // BATCHES_PER_EPOCH, steps=BATCHES_PER_EPOCH)
        for step in range(1, batches + 1):
            epoch, batch = divmod(step - 1, BATCHES_PER_EPOCH)
            place = {"fit": 1, "epoch": epoch + 1, "batch": batch + 1, "steps": BATCHES_PER_EPOCH, "step": step}
            write(step, "batch", **place, metrics=numbers())
            if batch + 1 == BATCHES_PER_EPOCH:
                write(step, "epoch", fit=1, epoch=epoch + 1, seconds=100.0, step=step, metrics=numbers(), model="heads")
    return path


def write_big_log(directory: Path, *, lines: int = LINES) -> Path:
    """Write an `output.log` of so many lines of about 95 characters.

    Returns:
        The file.
    """
    path = directory / "output.log"
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            file.write(
                f"step {number:>8} of a training - loss: {1 / (number + 1):.6f} - accuracy: 0.987654 - 12ms/step\n"
            )
    return path


def measure_runs_reading() -> None:
    """A run of 20 metrics and 50,000 batches: until a preview of its curves can be drawn, until all of it is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_big_run(Path(folder))
        path.read_bytes()  # both measures are of a file that the kernel holds
        first, whole, longest, drawn = [], [], [], []
        for _ in range(RUNS):
            start = time.perf_counter()
            loader = HistoryLoader(Path(folder))
            _reduce(loader.open())
            first.append(1000 * (time.perf_counter() - start))
            slices = _timed(lambda loader=loader: loader.advance(SLICE))  # type: ignore[misc]
            whole.append(1000 * (time.perf_counter() - start))
            longest.append(1000 * max(slices))
            start = time.perf_counter()
            _reduce(loader.history)
            drawn.append(1000 * (time.perf_counter() - start))
        size = path.stat().st_size / 1e6
    print(f"a run of {METRICS} metrics x {BATCHES:,} batches, {size:.0f} MB: curves previewed:", spread(first, "ms"))
    print("  every record read, the screen having its turn:   ", spread(whole, "ms"))
    print("  longest time the screen has to wait:             ", spread(longest, "ms"))
    print(f"  all {METRICS} curves reduced to {COLUMNS} columns:             ", spread(drawn, "ms"))


def _reduce(history: History) -> None:
    """What a plot of every metric needs."""
    for series in history.by_batch.values():
        assert series.span is not None
        series.reduce(*series.span, COLUMNS)


def _timed(work: Callable[[], bool]) -> list[float]:
    """Seconds of each call, until one says that there is no more."""
    seconds = []
    more = True
    while more:
        start = time.perf_counter()
        more = work()
        seconds.append(time.perf_counter() - start)
    return seconds


def measure_log_reading() -> None:
    """A log of 2 million lines: its last page, all lines counted, searched and filtered; then one that grows."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_big_log(Path(folder))
        path.read_bytes()
        pages, counted, searched, filtered = [], [], [], []
        for _ in range(RUNS):
            start = time.perf_counter()
            log = LogFile(Path(folder))
            while log.count < PAGE:
                log.advance(BUDGET)
            assert log.lines(log.count - PAGE, log.count)[-1].text.startswith(f"step {LINES - 1:>8}")
            pages.append(1000 * (time.perf_counter() - start))
            _timed(lambda log=log: log.advance(BUDGET))  # type: ignore[misc]
            counted.append(1000 * (time.perf_counter() - start))
            assert log.count == LINES
            start = time.perf_counter()
            _search(log, "a text that is nowhere")
            searched.append(1000 * (time.perf_counter() - start))
            start = time.perf_counter()
            held = log.filtered("99 of a")
            _timed(lambda held=held: held.advance(BUDGET))  # type: ignore[misc]
            filtered.append(1000 * (time.perf_counter() - start))
            assert held.count == LINES // 100
        size = path.stat().st_size / 1e6
    print(f"a log of {LINES:,} lines, {size:.0f} MB: last page:    ", spread(pages, "ms"))
    print("  all lines counted, and the first error looked for:", spread(counted, "ms"))
    print("  searched from end to end:                         ", spread(searched, "ms"))
    print("  filtered:                                         ", spread(filtered, "ms"))
    _measure_growth()


def _search(log: LogFile, text: str) -> None:
    at: int | None = 0
    while at is not None:
        found = log.find(text, at, True, BUDGET)
        assert found.line is None
        at = found.next


def _measure_growth() -> None:
    """How much of a second it takes to follow 50,000 lines of one, looked at four times, the last page read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "output.log"
        path.touch()
        log, done = LogFile(Path(folder)), threading.Event()

        def write() -> None:
            with path.open("ab", buffering=0) as file:
                for number in range(int(GROWTH_SECONDS * 20)):
                    file.write(
                        b"".join(
                            b"step %08d - loss: 0.123456 - accuracy: 0.98765\n" % number
                            for _ in range(GROWTH_LINES // 20)
                        )
                    )
                    time.sleep(0.05)
            done.set()

        writer = threading.Thread(target=write)
        start, busy, behind = time.perf_counter(), 0.0, []
        writer.start()
        while not done.is_set() or log.size < path.stat().st_size:
            began = time.perf_counter()
            while log.advance(BUDGET):
                pass
            log.lines(log.count - PAGE, log.count)
            busy += time.perf_counter() - began
            behind.append(float(path.stat().st_size - log.size))
            done.wait(0.25)
        seconds = time.perf_counter() - start
        writer.join()
        print(
            f"  followed while {log.count / seconds:,.0f} lines a second are written: "
            f"{100 * busy / seconds:.1f} % of the time, never more than {max(behind):,.0f} bytes behind a look"
        )
