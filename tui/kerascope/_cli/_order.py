"""Options that stand before the name of a command."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["command_first"]

_COUNTS = {argparse.OPTIONAL: (0, 1), argparse.ZERO_OR_MORE: (0, math.inf), argparse.ONE_OR_MORE: (1, math.inf)}
"""How many values an option takes at least and at most, by its `nargs`."""


def command_first(
    arguments: Sequence[str], commands: Collection[str], parser_of: Callable[[str], argparse.ArgumentParser]
) -> list[str]:
    """The arguments with the name of a command, and what stands right behind it, before the options before it.

    Args:
        arguments: What was given.
        commands: Names of commands.
        parser_of: Gives the parser of a command, which knows its options.

    Returns:
        The arguments as they are where nothing says that one of their words is a command.
    """
    arguments = list(arguments)
    if not arguments or not arguments[0].startswith("-"):
        return arguments
    end = arguments.index("--") if "--" in arguments else len(arguments)
    places = [place for place in range(end) if arguments[place] in commands]
    for place in places:
        if _are_options(arguments[:place], _values_of(parser_of(arguments[place]))):
            return _moved(arguments, place, end)
    # Its own parser says which of them it does not know.
    return next((_moved(arguments, place, end) for place in places if _may_be_options(arguments[:place])), arguments)


def _moved(arguments: list[str], place: int, end: int) -> list[str]:
    behind = place
    while behind < end and not arguments[behind].startswith("-"):
        behind += 1
    return [*arguments[place:behind], *arguments[:place], *arguments[behind:]]


def _values_of(parser: argparse.ArgumentParser) -> Mapping[str, tuple[float, float]]:
    """How many values each option of a command takes, those of its own commands, too."""
    found: dict[str, tuple[float, float]] = {}
    for action in parser._actions:  # argparse tells it nowhere else
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                found.update(_values_of(each))
        one = (1, 1) if action.nargs is None else (action.nargs, action.nargs)
        for name in action.option_strings:
            found[name] = _COUNTS.get(action.nargs, one)  # type: ignore[arg-type]
    return found


def _are_options(arguments: Sequence[str], values: Mapping[str, tuple[float, float]]) -> bool:
    """Whether these are options that are known, with as many values as they take."""
    place = 0
    while place < len(arguments):
        name, equals, _ = arguments[place].partition("=")
        if name not in values:
            return False
        least, most = (0, 0) if equals else values[name]
        place, begin = place + 1, place + 1
        while place < len(arguments) and place - begin < most and not arguments[place].startswith("-"):
            place += 1
        if place - begin < least:
            return False
    return True


def _may_be_options(arguments: Sequence[str]) -> bool:
    """Whether these may be options of one value each at most."""
    return all(
        each.startswith("-") or (place > 0 and arguments[place - 1].startswith("-"))
        for place, each in enumerate(arguments)
    )
