"""`kerascope runs`: list, show, follow, stop, resume, name and delete training runs."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from typing import TYPE_CHECKING

from kerascope._cli._codes import FINDINGS, NOTHING, USAGE
from kerascope._cli._follow import EXIT_CODES, Written, follow
from kerascope._cli._options import Parser
from kerascope._cli._order import command_first
from kerascope._cli._output import escape_what_is_not_in_the_locale, talk, text_style, write
from kerascope._cli._runs_text import card, table
from kerascope.runs import (
    DeleteError,
    MissingRunError,
    RunStatus,
    StopError,
    StopStep,
    default_directory,
    delete_run,
    describe_run,
    find_run,
    list_runs,
    stop_run,
)
from kerascope.runs._json import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kerascope.runs import Run

__all__ = ["alive_runs", "parser", "runs"]

_COMMANDS = ("list", "show", "follow", "stop", "resume", "name", "note", "delete")

_DESCRIPTION = """\
Training runs: list them, see how one stands, follow it, stop it, let it go on."""

_EPILOG = f"""\
RUN is the id of a run, the beginning of one, a name that you gave it, the path of its
directory, or last, which is the youngest run.

{EXIT_CODES.replace(" (--detach: it is up)", ", or what was asked is done").replace(", or it was not started", "")}
  64  the command line is wrong"""


def runs(arguments: Sequence[str]) -> int:
    """Run `kerascope runs` with its arguments and return its exit code."""
    wanted = parser()
    arguments = command_first(arguments, _COMMANDS, lambda _: wanted)
    if not arguments or arguments[0].startswith("-"):
        arguments = ["--help"] if {"-h", "--help"} & set(arguments) else ["list", *arguments]
    chosen = wanted.parse_args(arguments)
    escape_what_is_not_in_the_locale()
    directory = default_directory(chosen.runs_dir).absolute()
    act: Callable[[argparse.Namespace, Path], int] = chosen.act
    try:
        return act(chosen, directory)
    except (MissingRunError, StopError, DeleteError) as error:
        talk(str(error))
    except OSError as error:
        talk(f"{error.filename or directory}: {error.strerror or error}")
    return FINDINGS


def parser() -> Parser:
    """The parser of `kerascope runs`."""
    parser = Parser(
        prog="kerascope runs",
        usage=f"kerascope runs [{'|'.join(_COMMANDS)}] [options] [RUN]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(
        title="commands",
        prog=parser.prog,
        metavar="COMMAND",
        required=True,
        help="what to do, --help says how (default: list)",
    )

    def add(name: str, help_text: str, act: Callable[[argparse.Namespace, Path], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text, allow_abbrev=False)
        command.set_defaults(act=act)
        command.add_argument(
            "--runs-dir", metavar="DIR", help="directory of the runs (default: KERASCOPE_RUNS, else ./runs)"
        )
        if name != "list":
            command.add_argument("run", metavar="RUN", help="id, the beginning of one, name, path, or last")
        return command

    listing = add("list", "all runs, the youngest first", _list)
    showing = add("show", "everything that is known of a run", _show)
    for command in (listing, showing):
        command.add_argument("--format", choices=("text", "json"), default="text", help="what to print (default: text)")
    following = add("follow", "print what a run does until it ends", _follow)
    stopping = add("stop", "stop after this batch, and save; asked again, send SIGTERM", _stop)
    harder = stopping.add_mutually_exclusive_group()
    harder.add_argument("--term", action="store_true", help="send SIGTERM at once")
    harder.add_argument("--kill", action="store_true", help="send SIGKILL: nothing is saved")
    resuming = add("resume", "let an ended run go on after its last saved epoch", _resume)
    resuming.add_argument("--detach", action="store_true", help="print the run's id and return once its process is up")
    resuming.add_argument(
        "--new-source",
        action="store_true",
        help="go on with the program as its file is now, not as it was when the run began (kept in source/attempt-N)",
    )
    for command in (following, resuming):
        command.add_argument("--no-log", action="store_true", help="follow without what the program prints")
    add("name", "give a run a name; an empty one takes it away", _name).add_argument("text", metavar="NAME")
    add("note", "note something about a run; an empty text takes it away", _note).add_argument("text", metavar="TEXT")
    deleting = add("delete", "delete a run's directory with everything in it", _delete)
    deleting.add_argument("--yes", action="store_true", help="do not ask")
    for command in (resuming, deleting):
        command.add_argument(
            "--gone",
            action="store_true",
            help="the machine or container is gone that it ran in, out of sight from here",
        )
    return parser


def alive_runs() -> str:
    """A sentence about runs of the default directory that are alive; empty where there are none."""
    try:
        found = [run for run in list_runs(default_directory()) if run.alive]
    except OSError:
        return ""
    if not found:
        return ""
    named = ", ".join(f"{run.id} ({run.status.value})" for run in found[:3]) + (", ..." if len(found) > 3 else "")
    return f"runs that are alive: {named}; `kerascope runs follow RUN` follows one"


# Commands.


def _list(chosen: argparse.Namespace, directory: Path) -> int:
    found = list_runs(directory)
    if chosen.format == "json":
        write(json.dumps([facts_of(run) for run in found], allow_nan=False) + "\n")
    elif found:
        write(table(found, **text_style()))
    else:
        talk(f"{directory} holds no runs; `kerascope train PATH` starts one, --runs-dir says where others are")
    return NOTHING


def _show(chosen: argparse.Namespace, directory: Path) -> int:
    run = find_run(directory, chosen.run)
    if chosen.format == "json":
        write(json.dumps(facts_of(run), allow_nan=False) + "\n")
    else:
        write(card(run))
    return NOTHING


def _follow(chosen: argparse.Namespace, directory: Path) -> int:
    return follow(find_run(directory, chosen.run), log=not chosen.no_log, runs_dir=chosen.runs_dir)


def _stop(chosen: argparse.Namespace, directory: Path) -> int:
    step = StopStep.KILL if chosen.kill else StopStep.TERM if chosen.term else None
    _, sentence = stop_run(find_run(directory, chosen.run), step)
    write(f"{sentence}\n")
    return NOTHING


def _resume(chosen: argparse.Namespace, directory: Path) -> int:
    import asyncio

    from kerascope._cli._train import refused_detaching, tell_started
    from kerascope._resuming import point_of
    from kerascope.training import TrainError

    if chosen.detach and (reason := refused_detaching()) is not None:
        talk(reason)
        return FINDINGS
    run = find_run(directory, chosen.run)
    before, said = Written.of(run.directory), list[str]()
    if (chosen.gone or not run.alive) and run.status is not RunStatus.FINISHED and run.spec is not None:
        point = point_of(run)
        said = [point.sentence, *([point.changed] if point.changed and not chosen.new_source else [])]
    try:
        run = asyncio.run(_resumed(run, directory, chosen, said))
    except TrainError as error:
        talk(str(error))
        return USAGE if error.asked else FINDINGS
    return tell_started(run, chosen.detach, log=not chosen.no_log, runs_dir=chosen.runs_dir, after=before)


def _talk_all(said: Sequence[str]) -> None:
    for sentence in said:
        talk(sentence)


async def _resumed(run: Run, directory: Path, chosen: argparse.Namespace, said: Sequence[str]) -> Run:
    from kerascope.engine import LookOptions
    from kerascope.inspection import Inspector
    from kerascope.training import Trainer

    inspector = Inspector(LookOptions())
    try:
        return await Trainer(inspector, directory).resume(
            run,
            gone=chosen.gone,
            new_source=chosen.new_source,
            before=lambda: _talk_all(said),
        )
    finally:
        await inspector.close()


def _name(chosen: argparse.Namespace, directory: Path) -> int:
    try:
        describe_run(find_run(directory, chosen.run), name=chosen.text)
    except ValueError as error:
        talk(str(error))
        return USAGE
    return NOTHING


def _note(chosen: argparse.Namespace, directory: Path) -> int:
    describe_run(find_run(directory, chosen.run), note=chosen.text)
    return NOTHING


def _delete(chosen: argparse.Namespace, directory: Path) -> int:
    run = find_run(directory, chosen.run)
    if not chosen.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            talk(f"{run.id} is not deleted: nobody can be asked here; --yes deletes {run.directory}")
            return FINDINGS
        print(f"delete {shlex.quote(str(run.directory))} and all in it? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return FINDINGS
    delete_run(run, gone=chosen.gone)
    return NOTHING
