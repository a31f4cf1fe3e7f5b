"""The command line. Everything heavy is imported when it is needed, so that `--help` and `--version` are instant."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope import __version__
from kerascope._cli._codes import (
    BROKEN_PIPE,
    FAILED,
    FINDINGS,
    INTERNAL,
    INTERRUPTED,
    NO_OUTPUT,
    NOTHING,
    USAGE,
)
from kerascope._cli._options import (
    Parser,
    add_look_options,
    look_options,
    refuse_shapes,
    shaped,
    split_arguments,
    target_of,
)
from kerascope._cli._order import command_first
from kerascope._cli._output import (
    OutputError,
    ProgressLine,
    abandon_stdout,
    escape_what_is_not_in_the_locale,
    flushed,
    talk,
    text_style,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from kerascope.engine import LookOptions
    from kerascope.graph import Inspection, Target

__all__ = ["FAILED", "FINDINGS", "INTERRUPTED", "NOTHING", "USAGE", "main"]

_DESCRIPTION = """\
See what Keras really made of your model: declared beside effective input shapes,
declarations that Keras discarded, layers that are connected to nothing, and why."""

_EPILOG = """\
commands:
  kerascope [PATH]         open the screen on a Python file that defines a model, or
                           on a saved model; without a PATH on the runs there are
  kerascope check PATH...  print the findings as text or JSON (kerascope check --help)
  kerascope weights PATH   print the weights of a saved model (kerascope weights --help)
  kerascope train PATH     start a training run and follow it (kerascope train --help)
  kerascope runs           list, show, follow, stop, resume, name, note and delete
                           runs (kerascope runs --help)
  kerascope RUN_DIRECTORY  open the screen on one training run

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
  model.keras, model.h5, config.json, a SavedModel's folder, a checkpoint
                                read as data: nothing in such a file is executed

What follows -- is what the file finds in sys.argv. A file named like a command is
opened as ./check. A program is run in a process of its own; training, predicting
and saving are skipped."""

_EXIT_CODES = """\
exit codes:
  0   no findings (or none above the level info)
  1   findings
  2   a path could not be looked at
  64  the command line is wrong"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run kerascope with `argv` (without the program's name; `sys.argv` when `None`) and return its exit code."""
    arguments = command_first(sys.argv[1:] if argv is None else argv, _COMMANDS, _parser_of)
    try:
        command = _COMMANDS.get(arguments[0]) if arguments else None
        code = _screen(arguments) if command is None else command(arguments[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as end:
        return flushed(end.code if isinstance(end.code, int) else NOTHING)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        abandon_stdout()
        return BROKEN_PIPE
    except OutputError as error:
        abandon_stdout()
        talk(f"standard output cannot be written: {error}")
        return NO_OUTPUT
    except Exception:
        import traceback

        talk("an error of its own, not of your file; please report it:")
        traceback.print_exc()
        return INTERNAL


# Commands.


def _screen(arguments: Sequence[str]) -> int:
    """`kerascope [PATH]`: open the screen."""
    parser = Parser(
        prog="kerascope",
        usage="kerascope [options] [PATH] [-- ARGUMENTS...]\n       kerascope check [options] PATH...\n"
        "       kerascope weights [options] PATH\n       kerascope train [options] PATH [-- ARGUMENTS...]\n"
        "       kerascope runs [list|show|follow|stop|resume|name|note|delete] [options] [RUN]",
        description=_DESCRIPTION,
        epilog=_EPILOG + _PATHS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "path", metavar="PATH", nargs="?", type=target_of, help="what to open (default: the runs, else the files here)"
    )
    add_look_options(parser)
    parser.add_argument(
        "--runs-dir", metavar="DIR", help="directory of the training runs (default: KERASCOPE_RUNS, else ./runs)"
    )
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--version", action="version", version=f"kerascope {__version__}")
    arguments, own = split_arguments(arguments)
    chosen = parser.parse_args(arguments)

    from kerascope.app._terminal import screen_refusal

    # Before Textual is imported, which takes a quarter of a second.
    refusal = screen_refusal()
    if refusal is not None:
        if chosen.path is None:
            parser.error(_without_path())
        talk(_with_command(refusal, arguments))
        return USAGE

    from kerascope.app import Settings, run_app, run_app_on_run
    from kerascope.inspection import Inspector
    from kerascope.runs import is_run
    from kerascope.training import Trainer

    refuse_shapes(parser, chosen)
    target = None if chosen.path is None else shaped(chosen.path, chosen)
    inspector = Inspector(look_options(chosen, own))
    if target is not None and target.module is None and is_run(Path(target.path)):
        directory = Path(target.path)
        return run_app_on_run(directory, ascii_only=chosen.ascii, trainer=Trainer(inspector, directory.parent))
    settings = Settings(keras=chosen.keras, python=chosen.python, arguments=tuple(own), runs_dir=chosen.runs_dir)
    return run_app(
        inspector,
        target,
        ascii_only=chosen.ascii,
        compare=chosen.keras == "both",
        trainer=Trainer(inspector, settings.runs),
        settings=settings,
    )


def _without_path() -> str:
    """What is missing where there is no screen that could offer something to open."""
    from kerascope._cli._runs import alive_runs

    message = "no PATH was given, and there is no terminal to choose one at"
    return f"{message}; {alive}" if (alive := alive_runs()) else f"{message}; give a Python file or a saved model."


def _parser_of(command: str) -> Parser:
    """The parser of a command."""
    if command == "check":
        return _check_parser()
    from importlib import import_module

    parser: Parser = import_module(f"kerascope._cli._{command}").parser()
    return parser


def _check_parser() -> Parser:
    parser = Parser(
        prog="kerascope check",
        description="Print what is wrong with models, in Python files and saved ones, and the shapes of every layer.",
        epilog=f"{_PATHS}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=target_of, help="what to look at")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    add_look_options(parser)
    return parser


def _check(arguments: Sequence[str]) -> int:
    """`kerascope check PATH...`: print what was found."""
    parser = _check_parser()
    arguments, own = split_arguments(arguments)
    chosen = parser.parse_args(arguments)
    refuse_shapes(parser, chosen)
    escape_what_is_not_in_the_locale()
    targets = [shaped(target, chosen) for target in chosen.paths]
    return _run(_check_targets(targets, chosen.format, look_options(chosen, own)))


def _train(arguments: Sequence[str]) -> int:
    """`kerascope train PATH`: start a training run."""
    from kerascope._cli._train import train

    return train(arguments)


def _runs(arguments: Sequence[str]) -> int:
    """`kerascope runs`: what runs there are, and what is asked of them."""
    from kerascope._cli._runs import runs

    return runs(arguments)


def _weights(arguments: Sequence[str]) -> int:
    """`kerascope weights PATH`: print the arrays of a saved model."""
    from kerascope._cli._weights import weights

    return weights(arguments)


def _run(work: Coroutine[Any, Any, int]) -> int:
    import asyncio

    return asyncio.run(work)


async def _check_targets(targets: Sequence[Target], form: str, options: LookOptions) -> int:
    """Look at the targets one after another and print each answer as it comes."""
    from kerascope._collector import collector_at_rest
    from kerascope.inspection import Inspector

    inspector = Inspector(options)
    codes = []
    try:
        for number, target in enumerate(targets):
            line = ProgressLine(Path(target.path), sys.stderr)
            with collector_at_rest():
                try:
                    inspection = await inspector.look(target, line.show, compare=options.keras == "both")
                finally:
                    line.clear()
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


def _print_inspection(inspection: Inspection, path: str, form: str, *, first: bool) -> None:
    from kerascope.reports import to_json, to_text

    if form == "json":
        write(f"{to_json(inspection, path=path)}\n")
        if inspection.failure is not None:
            talk(inspection.failure.message)
        return
    text = to_text(inspection, **text_style())
    write(text if first else f"\n{text}")


def _with_command(refusal: str, arguments: Sequence[str]) -> str:
    """The refusal with the command that answers the same question as text."""
    import shlex

    command = shlex.join(["kerascope", "check", *_without_screen_options(arguments)])
    if "kerascope check PATH" in refusal:
        return refusal.replace("kerascope check PATH", command)
    return f"{refusal} The same findings as plain text: {command}"


def _without_screen_options(arguments: Sequence[str]) -> list[str]:
    """The arguments without those that `check` does not know."""
    kept, skip = [], False
    for each in arguments:
        if not skip and each not in ("--ascii", "--runs-dir") and not each.startswith("--runs-dir="):
            kept.append(each)
        skip = each == "--runs-dir"
    return kept


_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "check": _check,
    "runs": _runs,
    "train": _train,
    "weights": _weights,
}
