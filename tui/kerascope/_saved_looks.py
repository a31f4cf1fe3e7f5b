"""Looking at saved files: in a thread, so that the screen goes on, and ended at once when nobody wants it any more."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope.graph import Failure, FileIssue, Inspection, Progress, Source, clean_line
from kerascope.readers.saved import Cancelled, Found, detect, read_saved, weight_stats

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence

    from kerascope.graph import Target, WeightStats

__all__ = ["SavedLooks", "glance_at", "with_stats"]

_MOST_ISSUES = 20
"""Weights with NaN or Inf that have a finding of their own: a model that diverged has them everywhere."""


def glance_at(found: Found, target: Target) -> Inspection:
    """What is known of a saved file before it is read: its kind."""
    source = Source(path=clean_line(target.path), kind=found.kind, executed=False)
    return Inspection(source=source, failure=_refused(target, source))


def _refused(target: Target, source: Source) -> Failure | None:
    """Why a target is none for a saved file: it has one model, and no names or functions."""
    if target.name is None:
        return None
    return Failure(
        kind="target",
        message=f"{source.path} is a saved model, which has no names to choose from: received "
        f"{clean_line(target.name)}, expected nothing behind the path.",
        hint=f"Open {source.path} alone; it shows the model with all that is inside it.",
        path=source.path,
    )


class SavedLooks:
    """The looks at saved files that are in progress.

    Args:
        timeout: Seconds that a look may take; `None` is without limit.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._stops: set[threading.Event] = set()
        self._found: dict[str, Found] = {}

    async def look(self, found: Found, target: Target, on_progress: Callable[[Progress], None]) -> Inspection:
        """Read a saved file.

        Args:
            found: What stands at the target's path.
            target: The file, as the user named it.
            on_progress: Called when reading begins.

        Returns:
            The inspection without findings. It never raises for what the file holds; cancelling the task ends the
            reading.
        """
        glance = glance_at(found, target)
        if glance.failure is not None:
            return glance
        started = time.monotonic()
        path = glance.source.path
        on_progress(Progress(phase="reading", message=f"reading {Path(path).name}", seconds=0.0, path=path))
        self._found[path] = found
        stop = threading.Event()
        self._stops.add(stop)
        try:
            reading = asyncio.to_thread(read_saved, found, path, target.input_shapes, stop)
            inspection = await asyncio.wait_for(reading, self._timeout)
        except Cancelled:
            seconds = time.monotonic() - started
            failure = Failure(kind="cancelled", message=f"Reading {path} was stopped after {seconds:.0f} s.", path=path)
            return dataclasses.replace(glance, failure=failure)
        except asyncio.TimeoutError:
            message = f"{path} could not be read within {self._timeout:g} s."
            failure = Failure(kind="timeout", message=message, hint="Give it more time with --timeout.", path=path)
            return dataclasses.replace(glance, failure=failure)
        except Exception as error:
            # Whatever a file makes break in here is an answer about that file, not the end of what was asked.
            message = f"kerascope itself failed while reading {path}: {type(error).__name__}: {clean_line(str(error))}"
            failure = Failure(
                kind="engine", message=message, hint="Please report it, with the file if you can.", path=path
            )
            return dataclasses.replace(glance, failure=failure)
        finally:
            # A thread cannot be cancelled: this ends the child that it waits for, and it sees that itself.
            stop.set()
            self._stops.discard(stop)
        return dataclasses.replace(inspection, seconds=time.monotonic() - started)

    async def stats(
        self, inspection: Inspection, paths: Sequence[str]
    ) -> AsyncGenerator[tuple[str, WeightStats | str], None]:
        """Statistics of weights, one by one as they are known.

        Args:
            inspection: The file, as `look` has read it.
            paths: `Weight.path` of those that are wanted.

        Yields:
            The path, and its statistics or why there are none.
        """
        path = inspection.source.path
        found = self._found.get(path) or detect(Path(path))
        if found is None:
            for each in paths:
                yield each, "the file is gone, or is another one now"
            return
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[str, WeightStats | str] | None] = asyncio.Queue()
        stop = threading.Event()
        self._stops.add(stop)

        def put(item: tuple[str, WeightStats | str] | None) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, item)

        def work() -> None:
            try:
                for item in self._read_stats(found, inspection, paths, stop):
                    put(item)
            finally:
                put(None)

        working = asyncio.create_task(asyncio.to_thread(work))
        try:
            while (item := await queue.get()) is not None:
                yield item
            await working
        finally:
            stop.set()
            self._stops.discard(stop)

    @staticmethod
    def _read_stats(
        found: Found, inspection: Inspection, paths: Sequence[str], stop: threading.Event
    ) -> Iterator[tuple[str, WeightStats | str]]:
        left = dict.fromkeys(paths)
        try:
            for path, result in weight_stats(found, inspection.weights, paths, stop):
                left.pop(path, None)
                yield path, result
        except Cancelled:
            return
        except Exception as error:
            said = f"kerascope itself failed while reading it: {type(error).__name__}: {clean_line(str(error))}"
            yield from ((path, said) for path in left)
            return
        for path in left:
            yield path, "the file has no such weight, or it could not be read"

    def stop(self) -> None:
        """End all reading in progress."""
        for stop in list(self._stops):
            stop.set()


def with_stats(inspection: Inspection, stats: Mapping[str, WeightStats | str]) -> Inspection:
    """The inspection with statistics of weights, and an issue for each that holds NaN or Inf; without findings."""
    weights = []
    for weight in inspection.weights:
        result = stats.get(weight.path)
        if isinstance(result, str):
            weight = dataclasses.replace(weight, unreadable=weight.unreadable or clean_line(result))
        elif result is not None:
            weight = dataclasses.replace(weight, stats=result)
        weights.append(weight)
    bad = [weight for weight in weights if weight.stats is not None and (weight.stats.nans or weight.stats.infs)]
    issues = [issue for issue in inspection.issues if issue.kind != "weights"]
    for weight in bad[:_MOST_ISSUES]:
        assert weight.stats is not None
        counts = [
            f"{count:,} {word}" for count, word in ((weight.stats.nans, "NaN"), (weight.stats.infs, "Inf")) if count
        ]
        more = len(bad) - _MOST_ISSUES
        also = f" (and so {more:,} more weights)" if more > 0 and weight is bad[_MOST_ISSUES - 1] else ""
        issues.append(
            FileIssue(
                kind="weights",
                message=f"{weight.name} holds {' and '.join(counts)} among its {weight.stats.count:,} numbers{also}",
                why="what is multiplied by NaN is NaN, and so is every output that depends on this weight; training "
                "that diverged (a learning rate too high, a loss of log(0)) leaves such weights",
                where=weight.path if weight.path != weight.name else "",
                layer=weight.layer,
                fix="go back to a checkpoint from before they appeared",
                certain=weight.group == "model",
            )
        )
    return dataclasses.replace(inspection, weights=tuple(weights), issues=tuple(issues))
