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
    from collections.abc import Coroutine, Sequence
    from typing import Any, TextIO

    from kerascope.engine import LookOptions
    from kerascope.graph import Inspection, Progress, Target

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

"""

_PATHS = """\
what PATH can be:
  train.py                      all models that the file makes
  train.py:net                  the model that this name holds
  train.py:build(64, act="elu") the model that this function or class gives; the
                                arguments are Python values (in quotes for the shell:
                                'train.py:build(64)')
  package.module:build          the same, found as Python would import it
  notebook.ipynb                the code cells in order; magics are left out

What follows -- is what the file finds in sys.argv. A file named like a command is
opened as ./check. The file is run in a process of its own; training, predicting
and saving are skipped."""

_EXIT_CODES = """\
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
        usage="kerascope [options] PATH [-- ARGUMENTS...]\n       kerascope check [options] PATH...",
        description=_DESCRIPTION,
        epilog=_EPILOG + _PATHS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("path", metavar="PATH", nargs="?", type=_target, help="what to open")
    _add_look_options(parser)
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--version", action="version", version=f"kerascope {__version__}")
    arguments, own = _split(arguments)
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
    from kerascope.inspection import Inspector

    _refuse_shapes(parser, chosen)
    target = _shaped(chosen.path, chosen)
    inspector = Inspector(_look_options(chosen, own))
    return run_app(inspector, target, ascii_only=chosen.ascii, compare=chosen.keras == "both")


def _check(arguments: Sequence[str]) -> int:
    """`kerascope check PATH...`: print what was found."""
    parser = _Parser(
        prog="kerascope check",
        description="Print what is wrong with the models in Python files, and what Keras made of every layer.",
        epilog=f"{_PATHS}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_target, help="what to look at")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    _add_look_options(parser)
    arguments, own = _split(arguments)
    chosen = parser.parse_args(arguments)
    _refuse_shapes(parser, chosen)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        # A layer may be named in letters that the locale does not have.
        sys.stdout.reconfigure(errors="backslashreplace")
    targets = [_shaped(target, chosen) for target in chosen.paths]
    return _run(_check_targets(targets, chosen.format, _look_options(chosen, own)))


def _run(work: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(work)


async def _check_targets(targets: Sequence[Target], form: str, options: LookOptions) -> int:
    """Look at the targets one after another and print each answer as it comes."""
    from kerascope.inspection import Inspector

    inspector = Inspector(options)
    codes = []
    try:
        for number, target in enumerate(targets):
            talk = _ProgressLine(Path(target.path), sys.stderr)
            try:
                inspection = await inspector.look(target, talk.show, compare=options.keras == "both")
            finally:
                talk.clear()
            _print_inspection(inspection, target.path, form, first=number == 0)
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
        choices=("auto", "2", "3", "both"),
        default="auto",
        help="Keras generation (default: auto, which is 3 unless TF_USE_LEGACY_KERAS or the file asks for 2); both "
        "shows the two side by side",
    )
    parser.add_argument(
        "--input-shape",
        metavar="SHAPE",
        action="append",
        type=_input_shape,
        default=[],
        help="input shape for models that nothing else gives one, batch first: '(None, 28, 28, 1)'; once for each "
        "input where a model has several, by name, 'image=(None, 28, 28, 1)', or in the order it takes them",
    )
    parser.add_argument(
        "--python",
        metavar="PY",
        help="interpreter that runs the file (default: that of the active virtual environment, if it has Keras)",
    )
    parser.add_argument(
        "--timeout", metavar="S", type=_seconds, help="seconds the file may run (default: as long as it takes)"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="look at the file only as it is: no stand-ins for what is not installed, no statement skipped",
    )


def _look_options(chosen: argparse.Namespace, own: Sequence[str]) -> LookOptions:
    from kerascope.engine import LookOptions

    return LookOptions(
        keras=chosen.keras,
        python=chosen.python,
        timeout=chosen.timeout,
        arguments=tuple(own),
        strict=chosen.strict,
    )


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those behind `--`, which are the file's."""
    arguments = list(arguments)
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _shaped(target: Target, chosen: argparse.Namespace) -> Target:
    import dataclasses

    return dataclasses.replace(target, input_shapes=tuple(chosen.input_shape))


def _refuse_shapes(parser: _Parser, chosen: argparse.Namespace) -> None:
    """Leave with a usage error where the shapes of several inputs cannot be told apart."""
    from kerascope.readers import TargetError, check_input_shapes

    try:
        check_input_shapes(chosen.input_shape)
    except TargetError as error:
        parser.error(f"argument --input-shape: {error}")


def _target(text: str) -> Target:
    if not text:
        raise argparse.ArgumentTypeError("received an empty text, expected the path of a Python file")
    from kerascope.readers import TargetError, parse_target

    try:
        return parse_target(text)
    except TargetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _input_shape(text: str) -> tuple[str | None, tuple[int | None, ...], str | None]:
    from kerascope.readers import TargetError, parse_input_shape

    try:
        return parse_input_shape(text)
    except TargetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


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


def _print_inspection(inspection: Inspection, path: str, form: str, *, first: bool) -> None:
    from kerascope.reports import to_json, to_text

    if form == "json":
        _write(f"{to_json(inspection, path=path)}\n")
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
