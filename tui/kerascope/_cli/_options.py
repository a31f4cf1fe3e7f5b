"""Options that several commands have, and what stands behind them."""

from __future__ import annotations

import argparse
import math
import sys
from typing import TYPE_CHECKING, NoReturn

from kerascope._cli._codes import USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from kerascope.engine import LookOptions
    from kerascope.graph import Target

__all__ = [
    "Parser",
    "add_look_options",
    "input_shape_of",
    "look_options",
    "refuse_shapes",
    "shaped",
    "split_arguments",
    "target_of",
]


class Parser(argparse.ArgumentParser):
    """A parser whose errors leave with the code for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """As argparse does it, but a command's parser refuses what it does not know itself, by its own usage."""
        chosen, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return chosen, unknown


def add_look_options(parser: argparse.ArgumentParser) -> None:
    """Add what the screen and `check` have in common: how a file is looked at."""
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
        type=input_shape_of,
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
    parser.add_argument(
        "--resolve",
        action="store_true",
        help="for a saved model, read as data: let a real Keras rebuild it from its config as well, and compare",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="with --resolve: also where the file carries code (KS501), which then runs, or points elsewhere (KS502)",
    )


def look_options(chosen: argparse.Namespace, own: Sequence[str]) -> LookOptions:
    """The options of a look as they were chosen, and the arguments that are the file's own."""
    from kerascope.engine import LookOptions

    return LookOptions(
        keras=chosen.keras,
        python=chosen.python,
        timeout=chosen.timeout,
        arguments=tuple(own),
        strict=chosen.strict,
        resolve=chosen.resolve,
        trust=chosen.trust,
    )


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those behind `--`, which are the file's."""
    arguments = list(arguments)
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def shaped(target: Target, chosen: argparse.Namespace) -> Target:
    """The target with the input shapes that were given."""
    import dataclasses

    return dataclasses.replace(target, input_shapes=tuple(chosen.input_shape))


def refuse_shapes(parser: Parser, chosen: argparse.Namespace) -> None:
    """Leave with a usage error where the shapes of several inputs cannot be told apart."""
    from kerascope.readers import TargetError, check_input_shapes

    try:
        check_input_shapes(chosen.input_shape)
    except TargetError as error:
        parser.error(f"argument --input-shape: {error}")


def target_of(text: str) -> Target:
    """A path on the command line, and what in it; the type of an argument for `argparse`."""
    if not text:
        raise argparse.ArgumentTypeError(
            "received an empty text, expected the path of a Python file or of a saved model"
        )
    from kerascope.readers import TargetError, parse_target

    try:
        return parse_target(text)
    except TargetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def input_shape_of(text: str) -> tuple[str | None, tuple[int | None, ...], str | None]:
    """An input shape on the command line; the type of an argument for `argparse`."""
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
