"""Opens saved models one after another, as `check` and `weights --stats` do: `PYTHON fuzz_worker.py < paths > answers`.

An answer is one JSON object a line: `{"path", "seconds", "cpu", "outcome", "said", "rules"}`, the outcome `graph`,
`failure` or `crash`. The last line is `{"peak", "peak_of_children"}`, in bytes.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path
from typing import Any

MOST_BYTES = 2 << 30
"""Address space of this process: what wants more has to fail here, not to take the machine."""
HANGS = 30
"""Seconds after which it is told where a file hangs, and all ends."""


async def main() -> None:
    from kerascope.graph import Target
    from kerascope.inspection import Inspector, LookOptions
    from kerascope.reports import to_json, to_text

    inspector = Inspector(LookOptions())
    for line in sys.stdin:
        path = line.rstrip("\n")
        started, computed = time.monotonic(), computing()
        faulthandler.dump_traceback_later(HANGS, exit=True)
        answer: dict[str, Any] = {"path": path, "outcome": "crash"}
        try:
            inspection = await inspector.look(Target(path=path), lambda progress: None)
            if path.endswith(".h5") and hash_of(path) % 5 == 0 and inspection.weights:
                wanted = [weight.path for weight in inspection.weights]
                found = {place: stats async for place, stats in inspector.weight_stats(inspection, wanted)}
                inspection = inspector.with_weight_stats(inspection, found)
            text = to_text(inspection, width=None, color=False, ascii_only=False) + to_json(inspection, path=path)
            assert not inspection.source.executed
            assert "\x1b" not in text
            text.encode()
            assert inspection.failure is None or inspection.failure.kind != "engine", inspection.failure
            answer["outcome"] = "graph" if inspection.failure is None else "failure"
            answer["said"] = inspection.failure.message if inspection.failure else ""
            answer["rules"] = sorted({finding.rule for finding in inspection.findings})
        except BaseException:
            answer["said"] = traceback.format_exc()
        answer["seconds"], answer["cpu"] = time.monotonic() - started, computing() - computed
        print(json.dumps(answer), flush=True)
    faulthandler.cancel_dump_traceback_later()
    await inspector.close()
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({"peak": peak(), "peak_of_children": of_children}), flush=True)


def computing() -> float:
    """CPU seconds of this program and the children it has ended."""
    return sum(os.times()[:4])


def peak() -> int:
    """Bytes of memory this program took at most; `getrusage` would count what its parent had when it started us."""
    status = Path("/proc/self/status").read_text("ascii")
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def hash_of(path: str) -> int:
    """The same in every run, as `hash` is not."""
    return sum(Path(path).name.encode())


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    asyncio.run(main())
