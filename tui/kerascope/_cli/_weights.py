"""`kerascope weights PATH`: the arrays of a saved model, read as data."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope._cli._codes import FAILED, FINDINGS, NOTHING
from kerascope._cli._options import Parser, target_of
from kerascope._cli._output import ProgressLine, escape_what_is_not_in_the_locale, talk, text_style, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Inspection, Target
    from kerascope.inspection import Inspector

__all__ = ["parser", "weights"]

_EXIT_CODES = """\
exit codes:
  0   no NaN or Inf, as far as was looked (--stats)
  1   a weight holds NaN or Inf, or part of the file cannot be read
  2   the path, or every weight, cannot be read
  64  the command line is wrong"""


def parser() -> Parser:
    """The parser of `kerascope weights`."""
    parser = Parser(
        prog="kerascope weights",
        description="Print the weights of a saved model: names, shapes, dtypes and sizes, and with --stats what their "
        "numbers are. The file is read as data, in slices; nothing in it is executed.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("path", metavar="PATH", type=target_of, help="a saved model, weights, or a checkpoint")
    parser.add_argument(
        "--stats", action="store_true", help="minimum, maximum, mean, standard deviation, zeros, NaN and Inf of each"
    )
    parser.add_argument(
        "--only", metavar="TEXT", action="append", default=[], help="only weights whose name or place holds this text"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    return parser


def weights(arguments: Sequence[str]) -> int:
    """Run `kerascope weights` with its arguments and return its exit code."""
    chosen = parser().parse_args(arguments)
    escape_what_is_not_in_the_locale()

    import asyncio

    return asyncio.run(_print_weights(chosen.path, chosen.only, chosen.format, stats=chosen.stats))


async def _print_weights(target: Target, only: Sequence[str], form: str, *, stats: bool) -> int:
    """Read a saved model, take statistics where they are asked for, and print its weights."""
    from kerascope.engine import LookOptions
    from kerascope.graph import Failure, SourceKind
    from kerascope.inspection import Inspector

    inspector = Inspector(LookOptions())
    line = ProgressLine(Path(target.path), sys.stderr)
    try:
        inspection = inspector.glance(target)
        if inspection.failure is None and inspection.source.kind is SourceKind.PYTHON:
            failure = Failure(
                kind="not-a-model",
                message=f"{inspection.source.path} is a program, which holds no weights; expected a saved model.",
                hint="kerascope check prints what it makes.",
                path=inspection.source.path,
            )
            inspection = dataclasses.replace(inspection, failure=failure, models=())
        if inspection.failure is None:
            inspection = await inspector.look(target, line.show)
        if stats:
            inspection = await _with_stats(inspector, inspection, only, line)
    finally:
        line.clear()
        await inspector.close()
    return _tell_weights(inspection, target.path, only, form)


async def _with_stats(
    inspector: Inspector, inspection: Inspection, only: Sequence[str], line: ProgressLine
) -> Inspection:
    """The inspection with statistics of the weights that `only` names, and with what is found in them."""
    from time import monotonic

    from kerascope.graph import Progress, weights_named

    started = monotonic()
    found = {}
    wanted = [weight.path for weight in weights_named(inspection.weights, only)]
    total = len(wanted)
    async for path, result in inspector.weight_stats(inspection, wanted):
        found[path] = result
        message = f"statistics, {len(found):,} of {total:,} weights"
        line.show(Progress(phase="reading", message=message, seconds=monotonic() - started))
    return inspector.with_weight_stats(inspection, found)


def _tell_weights(inspection: Inspection, path: str, only: Sequence[str], form: str) -> int:
    """Print the weights, and say by the exit code what was found."""
    from kerascope.graph import Severity
    from kerascope.reports import to_text, to_weights_json, to_weights_text

    if form == "json":
        write(f"{to_weights_json(inspection, path=path, only=only)}\n")
    if inspection.failure is not None:
        if form == "text":
            write(to_text(inspection, **text_style()))
        else:
            talk(inspection.failure.message)
        return FAILED
    if form == "text":
        write(to_weights_text(inspection, **text_style(), only=only))
    broken = any(finding.rule == "KS503" and finding.severity is Severity.ERROR for finding in inspection.findings)
    if broken and not any(weight.unreadable is None for weight in inspection.weights):
        return FAILED  # cut off before its first weight, whatever else is in it
    return FINDINGS if broken or any(finding.rule == "KS504" for finding in inspection.findings) else NOTHING
