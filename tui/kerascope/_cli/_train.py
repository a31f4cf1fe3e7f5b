"""`kerascope train PATH`: look at the file, start a run, and follow it."""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kerascope._cli._checking import fatal_lines, nothing_trained, told_lines, untrusted_line
from kerascope._cli._codes import FINDINGS, NOTHING, USAGE
from kerascope._cli._follow import EXIT_CODES, follow
from kerascope._cli._options import Parser, split_arguments
from kerascope._cli._output import ProgressLine, escape_what_is_not_in_the_locale, talk, write
from kerascope._cli._train_options import add_train_options, complete_train_options, spec_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope._cli._follow import Written
    from kerascope._concerns import Concerns
    from kerascope.graph import Inspection, Target
    from kerascope.inspection import Inspector
    from kerascope.runs import Run, TrainSpec

__all__ = ["Refusal", "agreed", "let_pass", "parser", "refused_detaching", "tell_started", "train"]

_DESCRIPTION = """\
Start a training run and follow it. The run is a process of its own: it goes on when
this command, its terminal or its SSH connection ends, and any number can follow it.

A file that calls fit itself is run as it is. Any other model, also a saved one, is
trained on --data, or on random numbers with --synthetic."""

_EPILOG = f"""\
{EXIT_CODES}
  64  the command line is wrong, or the file trains nothing

What follows -- is what the program finds in sys.argv. PATH is as in kerascope check."""

_MOST_SAID = 10
"""Findings that are said one by one."""


class Refusal(Exception):
    """Nothing is started; the text says why.

    Attributes:
        code: The exit code.
    """

    def __init__(self, message: str, code: int = FINDINGS) -> None:
        super().__init__(message)
        self.code = code


def train(arguments: Sequence[str]) -> int:
    """Run `kerascope train` with its arguments and return its exit code."""
    wanted = parser()
    arguments, own = split_arguments(arguments)
    chosen = wanted.parse_args(arguments)
    complete_train_options(wanted, chosen)
    if chosen.detach and (reason := refused_detaching()) is not None:
        wanted.error(reason)
    escape_what_is_not_in_the_locale()

    import asyncio

    from kerascope.runs import default_directory
    from kerascope.training import TrainError

    try:
        spec, text = spec_of(chosen, own)
        run = asyncio.run(_start(chosen, spec, text, default_directory(chosen.runs_dir).absolute()))
    except ValueError as error:
        wanted.error(str(error))
    except Refusal as refusal:
        talk(str(refusal))
        return refusal.code
    except TrainError as error:
        talk(str(error))
        for line in error.details.splitlines():
            talk(line)
        return USAGE if error.asked else FINDINGS
    return tell_started(run, chosen.detach, log=not chosen.no_log, runs_dir=chosen.runs_dir)


def parser() -> Parser:
    """The parser of `kerascope train`."""
    parser = Parser(
        prog="kerascope train",
        usage="kerascope train [options] PATH [-- ARGUMENTS...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_train_options(parser)
    running = parser.add_argument_group("running")
    running.add_argument(
        "--detach", action="store_true", help="print the run's id and return once its process is up; follow nothing"
    )
    running.add_argument("--no-log", action="store_true", help="follow without what the program prints")
    running.add_argument(
        "--runs-dir", metavar="DIR", help="directory of the runs (default: KERASCOPE_RUNS, else ./runs)"
    )
    running.add_argument(
        "--run-id", metavar="ID", type=_run_id, help="id of the run; the workers of one run have to share it"
    )
    running.add_argument(
        "--anyway", action="store_true", help="start also where the look says that the training will fail"
    )
    running.add_argument("--no-check", action="store_true", help="do not look at the program first")
    return parser


def _run_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", text, re.ASCII) or text == "last":
        raise argparse.ArgumentTypeError(
            f"received {text!r}, expected up to 100 letters, digits, '.', '-' and '_', such as night-3"
        )
    return text


def refused_detaching() -> str | None:
    """Why a run cannot be left alone here: Slurm ends what outlives the task that started it."""
    if "SLURM_PROCID" not in os.environ:
        return None
    return "--detach does not go with Slurm, which ends what outlives its task; leave --detach out, and the task waits"


# Starting.


async def _start(chosen: argparse.Namespace, spec: TrainSpec, text: str | None, runs: Path) -> Run:
    """Look at the file as far as that is wanted, and start the run.

    Raises:
        Refusal: Something is in the way.
        TrainError: It cannot be started.
    """
    from kerascope.engine import LookOptions
    from kerascope.inspection import Inspector
    from kerascope.runs._gpus import absent_gpu
    from kerascope.training import Trainer, check_program, check_strategy

    if spec.saved and spec.data is None:
        raise Refusal(f"{spec.shown} is a saved model, which brings no data; give --data or --synthetic", USAGE)
    check_program(spec, text)
    gone = None if chosen.anyway else absent_gpu(spec.device)
    if gone is not None:
        raise Refusal(gone, USAGE)
    # A worker that is not the chief starts what the chief was asked about.
    worker = check_strategy(spec)
    # The program runs again right afterwards, and must find the disk as it would have been.
    options = LookOptions(
        keras=str(spec.keras),
        python=spec.python,
        arguments=spec.arguments,
        traceless=True,
        names=spec.compilation.names,
    )
    inspector = Inspector(options)
    try:
        # A saved model is read as data, which takes no Keras: what is in it decides who can load it.
        if (spec.saved or not chosen.no_check) and (worker is None or worker.index == 0 or spec.saved):
            spec = await _checked(chosen, spec, inspector)
        return await Trainer(inspector, runs).start(spec, text, run_id=chosen.run_id)
    finally:
        await inspector.close()


async def _checked(chosen: argparse.Namespace, spec: TrainSpec, inspector: Inspector) -> TrainSpec:
    """The run after a look at its file; a saved model is trained by the Keras that wrote it.

    Raises:
        Refusal: It would fail, or train nothing, and nobody said to go on.
    """
    from kerascope._concerns import concerns_of

    inspection = await _look(inspector, dataclasses.replace(chosen.path, input_shapes=spec.input_shapes))
    concerns = concerns_of(inspection, own=spec.data is None, saved=spec.saved)
    if not chosen.anyway:
        _refuse_absent(inspection, concerns, spec)
    told = list(told_lines(concerns, spec))
    for line in told[:_MOST_SAID]:
        talk(line)
    if len(told) > _MOST_SAID:
        more = len(told) - _MOST_SAID
        talk(f"{more} more {'finding' if more == 1 else 'findings'}: kerascope check {spec.shown}")
    if concerns.suspect and not spec.trust:
        raise Refusal(untrusted_line(concerns, spec))
    let_pass(concerns, inspection, spec, anyway=chosen.anyway)
    wrote = inspection.file.generation if inspection.file is not None else None
    if spec.saved and chosen.keras == "auto" and wrote is not None:
        spec = dataclasses.replace(spec, keras=max(2, wrote))
    return spec


def _refuse_absent(inspection: Inspection, concerns: Concerns, spec: TrainSpec) -> None:
    """Refuse what names something that is not there, and data of another shape.

    Raises:
        Refusal: The program has no such model, Keras no such loss, the data no such array, or the model takes another.
    """
    from kerascope._concerns import input_names, unmeasured
    from kerascope.runs._arrays import ports_of, unfit
    from kerascope.runs._contents import misnamed

    absent = concerns.absent
    if absent is None and spec.data is not None:
        absent = misnamed(spec.data, input_names(inspection.models))
        absent = absent or unfit(spec.data, ports_of(inspection.models), spec.compilation.loss)
    if spec.data is None:
        for option, metric in (
            ("--checkpoint-best", spec.checkpoint_best),
            ("--early-stopping", spec.early_stopping),
        ):
            wrong = None if metric is None else unmeasured(inspection, metric)
            absent = absent or (wrong and f"{option} {metric}: {wrong}")
    if absent is not None:
        raise Refusal(absent, USAGE)


def let_pass(concerns: Concerns, inspection: Inspection, spec: TrainSpec, *, anyway: bool) -> None:
    """Say what is in the way of a run, and ask about it.

    Raises:
        Refusal: It is not to be started.
    """
    if concerns.trains_nothing:
        nothing = nothing_trained(inspection, spec)
        if not anyway:
            raise Refusal(f"{nothing}; --anyway runs the file all the same", USAGE)
        talk(nothing)
    if not concerns.fatal:
        return
    for line in fatal_lines(concerns, spec):
        talk(line)
    if anyway:
        return
    if not agreed():
        raise Refusal("nothing was started; --anyway starts it all the same")


def agreed() -> bool:
    """Whether somebody at a terminal wants it all the same; nobody there is a no."""
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print("kerascope: start anyway? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


async def _look(inspector: Inspector, target: Target) -> Inspection:
    from kerascope._collector import collector_at_rest

    line = ProgressLine(Path(target.path), sys.stderr)
    with collector_at_rest():
        try:
            return await inspector.look(target, line.show)
        finally:
            line.clear()


def tell_started(run: Run, detach: bool, *, log: bool, runs_dir: str | None, after: Written | None = None) -> int:
    """Print what was started, and follow it unless it is left alone, `after` what was there; the exit code."""
    from kerascope.runs._linger import what_ends_at_logout

    warning = what_ends_at_logout()
    if warning is not None:
        talk(warning)
    if detach:
        write(f"{run.id}\n")
        return NOTHING
    return follow(run, log=log, runs_dir=runs_dir, after=after)
