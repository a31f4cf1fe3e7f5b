"""The command line. Everything heavy is imported when it is needed, so that `--help` and `--version` are instant."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kerascope import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any, TextIO

    from kerascope.engine import LookOptions
    from kerascope.graph import Inspection, Progress, Target
    from kerascope.inspection import Inspector

__all__ = ["FAILED", "FINDINGS", "INTERRUPTED", "NOTHING", "USAGE", "main"]

NOTHING = 0
"""No findings, or none above `info`."""
FINDINGS = 1
"""At least one warning or error."""
FAILED = 2
"""At least one path could not be looked at."""
USAGE = 64
"""The command line itself is wrong (EX_USAGE of sysexits.h)."""
INTERNAL = 70
"""An error of our own (EX_SOFTWARE): it must not look like a finding."""
NO_OUTPUT = 74
"""Standard output could not be written (EX_IOERR)."""
INTERRUPTED = 130
"""Ctrl+C, as a shell reports it: 128 and the number of SIGINT."""
BROKEN_PIPE = 141
"""Whoever read our output went away, as a shell reports it: 128 and the number of SIGPIPE."""

_DESCRIPTION = """\
See what Keras really made of your model: declared beside effective input shapes,
declarations that Keras discarded, layers that are connected to nothing, and why."""

_EPILOG = """\
commands:
  kerascope PATH           open the screen on a Python file that defines a model
  kerascope check PATH...  print the findings as text or JSON (kerascope check --help)

A file named like a command is opened as ./check. The file is run in a process of
its own; training, predicting and saving are skipped."""

_CHECK_EPILOG = """\
exit codes:
  0   no findings (or none above the level info)
  1   findings
  2   a path could not be looked at
  64  the command line is wrong"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run kerascope with `argv` (without the program's name; `sys.argv` when `None`) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _check(arguments[1:]) if arguments[:1] == ["check"] else _screen(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as end:
        return _flushed(end.code if isinstance(end.code, int) else NOTHING)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    except _OutputError as error:
        _abandon_stdout()
        _talk(f"standard output cannot be written: {error}")
        return NO_OUTPUT
    except Exception:
        import traceback

        _talk("an error of its own, not of your file; please report it:")
        traceback.print_exc()
        return INTERNAL


# Commands.


def _screen(arguments: Sequence[str]) -> int:
    """`kerascope [PATH]`: open the screen."""
    parser = _Parser(
        prog="kerascope",
        usage="kerascope [options] PATH\n       kerascope check [options] PATH...",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("path", metavar="PATH", nargs="?", type=_path, help="the Python file to open")
    _add_look_options(parser)
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--version", action="version", version=f"kerascope {__version__}")
    chosen = parser.parse_args(arguments)
    if chosen.path is None:
        parser.error("no PATH was given, and the screen needs a Python file to open.")

    from kerascope.app._terminal import screen_refusal

    # Before Textual is imported, which takes a quarter of a second.
    refusal = screen_refusal()
    if refusal is not None:
        _talk(_with_command(refusal, arguments))
        return USAGE

    from kerascope.app import run_app
    from kerascope.graph import Target
    from kerascope.inspection import Inspector

    inspector = _ByTarget(Inspector(_look_options(chosen)))
    return run_app(inspector, Target(path=str(chosen.path)), ascii_only=chosen.ascii)


class _ByTarget:
    """The inspector as the screen asks it; so far a file is all that can be asked for."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self.stop = inspector.stop
        self.close = inspector.close

    def glance(self, target: Target) -> Inspection:
        return self._inspector.glance(Path(target.path))

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        return await self._inspector.look(Path(target.path), on_progress)


def _check(arguments: Sequence[str]) -> int:
    """`kerascope check PATH...`: print what was found."""
    parser = _Parser(
        prog="kerascope check",
        description="Print what is wrong with the models in Python files, and what Keras made of every layer.",
        epilog=_CHECK_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="a Python file that defines a model")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    _add_look_options(parser)
    chosen = parser.parse_args(arguments)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        # A layer may be named in letters that the locale does not have.
        sys.stdout.reconfigure(errors="backslashreplace")
    return _run(_check_paths(chosen.paths, chosen.format, _look_options(chosen)))


def _run(work: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(work)


async def _check_paths(paths: Sequence[Path], form: str, options: LookOptions) -> int:
    """Look at the paths one after another and print each answer as it comes."""
    from kerascope.inspection import Inspector

    inspector = Inspector(options)
    codes = []
    try:
        for number, path in enumerate(paths):
            talk = _ProgressLine(path, sys.stderr)
            try:
                inspection = await inspector.look(path, talk.show)
            finally:
                talk.clear()
            _print_inspection(inspection, path, form, first=number == 0)
            codes.append(_exit_code(inspection))
    finally:
        await inspector.close()
    return max(codes, default=NOTHING)


def _exit_code(inspection: Inspection) -> int:
    from kerascope.graph import Severity

    if inspection.failure is not None:
        return FAILED
    return FINDINGS if any(each.severity is not Severity.INFO for each in inspection.findings) else NOTHING


# Options.


class _Parser(argparse.ArgumentParser):
    """A parser whose errors leave with the code for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _add_look_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keras",
        choices=("auto", "2", "3"),
        default="auto",
        help="Keras generation (default: auto, which is 3 unless TF_USE_LEGACY_KERAS or the file asks for 2)",
    )
    parser.add_argument(
        "--python",
        metavar="PY",
        help="interpreter that runs the file (default: that of the active virtual environment, if it has Keras)",
    )
    parser.add_argument(
        "--timeout", metavar="S", type=_seconds, help="seconds the file may run (default: as long as it takes)"
    )


def _look_options(chosen: argparse.Namespace) -> LookOptions:
    from kerascope.engine import LookOptions

    return LookOptions(keras=chosen.keras, python=chosen.python, timeout=chosen.timeout)


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("received an empty text, expected the path of a Python file")
    return Path(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds <= 0:
        raise argparse.ArgumentTypeError(f"received {text!r}, expected a number of seconds above 0, such as 30")
    return seconds


# Output: stdout is data, stderr is talk.


class _OutputError(Exception):
    """Standard output cannot take what we write, for another reason than a reader that went away."""


class _ProgressLine:
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


def _print_inspection(inspection: Inspection, path: Path, form: str, *, first: bool) -> None:
    from kerascope.reports import to_json, to_text

    if form == "json":
        _write(f"{to_json(inspection, path=str(path))}\n")
        if inspection.failure is not None:
            _talk(inspection.failure.message)
        return
    tty = sys.stdout is not None and sys.stdout.isatty()
    text = to_text(inspection, width=_width() if tty else None, color=tty and _color(), ascii_only=_ascii_only())
    _write(text if first else f"\n{text}")


def _write(text: str) -> None:
    """Write to standard output now: a pipe's reader wants each answer as it comes."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _OutputError(error.strerror or str(error)) from error


def _talk(text: str) -> None:
    from kerascope.graph import clean_line

    if sys.stderr is not None:
        # A full disk under the log must not turn an answer into an error.
        with contextlib.suppress(OSError):
            print(f"kerascope: {clean_line(text)}", file=sys.stderr)


def _flushed(code: int) -> int:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _abandon_stdout()
        return BROKEN_PIPE
    return code


def _abandon_stdout() -> None:
    """Keep the interpreter from flushing, and complaining, once more when it ends."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _color() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def _ascii_only() -> bool:
    import codecs

    try:
        return codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name != "utf-8"
    except LookupError:
        return True


def _with_command(refusal: str, arguments: Sequence[str]) -> str:
    """The refusal with the command that answers the same question as text."""
    import shlex

    command = shlex.join(["kerascope", "check", *(each for each in arguments if each != "--ascii")])
    if "kerascope check PATH" in refusal:
        return refusal.replace("kerascope check PATH", command)
    return f"{refusal} The same findings as plain text: {command}"
