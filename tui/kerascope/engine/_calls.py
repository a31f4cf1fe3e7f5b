"""What Keras says when a layer cannot take its input, in one plain sentence."""

from __future__ import annotations

import ast
import contextlib
import re

from kerascope.graph import clean_line

__all__ = ["core_message", "what_it_needed"]

_WRAPPING = re.compile(r"^Exception encountered when calling [^\n]*\n+")
"""How both generations begin the message of an exception from inside a layer's `call`."""

_INFERRING = re.compile(
    r"\ACould not automatically infer the output shape / dtype of .*?Error encountered:\s+", re.DOTALL
)
"""What Keras 3 puts before the exception of a `call` that it ran to see its output."""

_ARGUMENTS = re.compile(r"\n+(?:Call )?[Aa]rguments received by .*", re.DOTALL)
"""The list of arguments with which both generations end it."""

_CONVERTED = re.compile(r"\Ain user code:\n.*^    (?P<error>[A-Za-z_][\w.]*: .*)\Z", re.DOTALL | re.MULTILINE)
"""What Keras 2 makes of an exception from code that AutoGraph has converted: a traceback in the message."""

_SPEC = re.compile(
    r"Input \d+ (?:with name '[^']*' )?of layer ['\"][^'\"]*['\"] is incompatible with the layer: (?P<what>.*)",
    re.DOTALL,
)
_NEEDS = (
    (
        re.compile(r"expected min_ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)"),
        "it needs at least {wanted} dimensions, batch included, and gets {found}",
    ),
    (
        re.compile(r"expected max_ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)"),
        "it takes at most {wanted} dimensions, batch included, and gets {found}",
    ),
    (
        re.compile(r"expected ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)"),
        "it needs {wanted} dimensions, batch included, and gets {found}",
    ),
    (
        re.compile(r"expected axis (?P<axis>-?\d+) of input shape to have value (?P<wanted>\d+)"),
        "axis {axis} of its input must be {wanted}, the size it was built for",
    ),
    (
        re.compile(r"expected shape=(?P<wanted>\([^)]*\)), found shape=(?P<found>\([^)]*\))"),
        "it needs the shape {wanted} and gets {found}",
    ),
)


def core_message(message: str) -> str:
    """An exception's message without what Keras wraps round it: what was being called, and the list of arguments."""
    kind, separator, rest = message.partition(": ")
    if not separator or " " in kind:
        kind, rest = "", message
    if kind == "KeyError":
        # Its text is the repr of what Keras wrote, line ends and colours escaped.
        with contextlib.suppress(ValueError, SyntaxError):
            rest = str(ast.literal_eval(rest))
    rest = _INFERRING.sub("", _WRAPPING.sub("", re.sub("\x1b\\[[0-9;]*m", "", rest)))
    converted = _CONVERTED.match(rest)
    if converted is not None:
        return core_message(re.sub(r"^    ", "", converted["error"], flags=re.MULTILINE))
    core = clean_line(_ARGUMENTS.sub("", rest))
    return f"{kind}: {core}" if kind else core


def what_it_needed(message: str) -> str:
    """What a layer needed and did not get, as a sentence without its subject; Keras's own words where none is known."""
    core = core_message(message)
    found = _SPEC.search(core)
    if found is not None:
        for pattern, words in _NEEDS:
            match = pattern.search(found["what"])
            if match is not None:
                return words.format(**match.groupdict())
        return found["what"]
    kind, separator, rest = core.partition(": ")
    return rest if separator and " " not in kind else core
