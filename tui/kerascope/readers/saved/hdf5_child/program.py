"""One request: give up what is not needed, open the file inside its descriptor, answer."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from .wire import Answer

__all__ = ["main"]


def main() -> int:
    """Read the request from standard input and answer on standard output.

    The request has `do` (`tree`, `arrays`, `ranges`), `descriptor` (the open file), `place` (`offset`, `size`, and
    `inflated` where it is a deflated member), `limits`, `path` (where NumPy and h5py are), and `wanted`: paths of
    arrays, or ranges of bytes (`path`, `offset`, `count`, `dtype`).
    """
    request = json.loads(sys.stdin.buffer.read())
    limits: dict[str, int] = request["limits"]
    answer = Answer(_private_output(), limits["answer_bytes"], limits["issues"])
    sys.path.extend(request["path"])
    try:
        import numpy  # noqa: F401

        if request["do"] != "ranges":
            import h5py  # noqa: F401
    except ImportError as error:
        answer.say("failed", message=f"needs h5py and NumPy: {error}")
    else:
        _answer(request, limits, answer)
    answer.say("end", issues=answer.issues)
    answer.flush()
    return 0


def _private_output() -> int:
    """The answer's descriptor, out of the way of what native code may print."""
    answer = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return answer


def _give_up(limits: dict[str, int]) -> None:
    """Bound this process from here on. What a system does not have is left as it is.

    No descriptor beyond those that are open: HDF5 cannot open another file, whatever it finds in this one.
    """
    bounds = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NPROC", 0), ("RLIMIT_NOFILE", 0)]
    bounds += [("RLIMIT_CPU", limits["cpu_seconds"]), ("RLIMIT_AS", _address_space() + limits["memory_bytes"])]
    for name, value in bounds:
        try:
            number = getattr(resource, name)
            most = resource.getrlimit(number)[1]
            # One second more for the kernel's last word, so that the first is a signal that tells what it was.
            hard = value + 1 if name == "RLIMIT_CPU" else value
            if most != resource.RLIM_INFINITY:
                value, hard = min(value, most), min(hard, most)
            resource.setrlimit(number, (value, hard))
        except (AttributeError, ValueError, OSError):
            continue


def _address_space() -> int:
    """Bytes that are mapped now: how many depends on the build of NumPy, and only what is added is the file's."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 1 << 32


def _answer(request: dict[str, Any], limits: dict[str, int], answer: Answer) -> None:
    from .places import Inflated, Place, Window

    place = request["place"]
    part: Place = Window(request["descriptor"], place["offset"], place["size"])
    if place.get("inflated") is not None:
        part = Inflated(part, place["inflated"])
    limits["file_bytes"] = part.size
    if request["do"] == "ranges":
        from .statistics import tell_ranges

        _give_up(limits)
        tell_ranges(part, request["wanted"], limits, answer)
        return
    from .opening import open_file
    from .statistics import tell_arrays
    from .walk import ERRORS, reason_of, walk

    _give_up(limits)
    try:
        if part.size == 0:
            raise OSError("it is empty")
        file = open_file(part)
    except ERRORS as error:
        answer.say("failed", message=reason_of(error))
        return
    if part.end > part.size:
        what = f"was cut off: {part.size:,} bytes of {part.end:,} are there"
        answer.issue("malformed", "", what, "what lies in the part that is there is shown; copy the file again")
    try:
        if request["do"] == "tree":
            walk(file, limits, answer)
        else:
            tell_arrays(file, request["wanted"], limits, answer)
    except ERRORS as error:
        answer.issue("malformed", "", f"cannot be read to its end: {reason_of(error)}", "what was read is shown")
