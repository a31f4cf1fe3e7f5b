"""Output of the command line: stdout is data, stderr is talk."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TypedDict

from kerascope._cli._codes import BROKEN_PIPE

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from kerascope.graph import Progress

__all__ = [
    "OutputError",
    "ProgressLine",
    "abandon_stdout",
    "escape_what_is_not_in_the_locale",
    "flushed",
    "talk",
    "text_style",
    "write",
]


class TextStyle(TypedDict):
    """The keyword arguments that every report in text takes."""

    width: int | None
    color: bool
    ascii_only: bool


class OutputError(Exception):
    """Standard output cannot take what we write, for another reason than a reader that went away."""


class ProgressLine:
    """What is going on, in one line of a terminal that is wiped before anything else is said."""

    def __init__(self, path: Path, stream: TextIO | None) -> None:
        tty = stream is not None and stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._stream = stream if tty else None
        self._path = path
        self._shown = False

    def show(self, progress: Progress) -> None:
        if self._stream is None:
            return
        import shutil

        from kerascope.graph import clean_line, cut_middle

        line = "" if progress.line is None else f", line {progress.line}"
        text = clean_line(f"{self._path.name}: {progress.message}{line} ({progress.seconds:.0f} s)")
        width = shutil.get_terminal_size().columns - 1
        text = (
            cut_middle(text, width, "...")
            .encode(self._stream.encoding or "ascii", "replace")
            .decode(self._stream.encoding or "ascii")
        )
        self._stream.write(f"\r{text}\x1b[K")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        if self._stream is not None and self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


def write(text: str) -> None:
    """Write to standard output now: a pipe's reader wants each answer as it comes."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


def escape_what_is_not_in_the_locale() -> None:
    """Let standard output take every name: a layer may be named in letters that the locale does not have."""
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def talk(text: str) -> None:
    """Say something on standard error."""
    from kerascope.graph import clean_line

    if sys.stderr is not None:
        # A full disk under the log must not turn an answer into an error.
        with contextlib.suppress(OSError):
            print(f"kerascope: {clean_line(text)}", file=sys.stderr)


def flushed(code: int) -> int:
    """The exit code, when all that was written has gone out; another one where nobody reads it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
        return BROKEN_PIPE
    return code


def abandon_stdout() -> None:
    """Keep the interpreter from flushing, and complaining, once more when it ends."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def text_style() -> TextStyle:
    """How text is written: to the width of a terminal and in its colours, and whole and plain elsewhere."""
    import shutil

    tty = sys.stdout is not None and sys.stdout.isatty()
    return {
        "width": shutil.get_terminal_size().columns if tty else None,
        "color": tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb",
        "ascii_only": _needs_ascii(),
    }


def _needs_ascii() -> bool:
    import codecs

    try:
        return codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name != "utf-8"
    except LookupError:
        return True
