"""What an exception of Keras, TensorFlow or the user says, in one sentence: the cause, without what stands round it."""

from __future__ import annotations

import re
import textwrap

__all__ = ["sentence_of", "short"]

MOST = 400
"""Characters of a sentence; the traceback has all of them."""

_SHORT = 30
"""A first paragraph shorter than this says too little alone."""

_BOLD = re.compile(r"\x1b\[[0-9;]*m")
"""Keras 3 prints the middle of its messages bold."""

_ARGUMENTS = re.compile(r"^\s*(?:Call a|A)rguments received by .*", re.MULTILINE | re.DOTALL)
"""What both Keras add at the end, with every argument of the layer."""

_AUTOGRAPH = "in user code:"
"""Begins a message of AutoGraph: a traceback, indented by four, with the exception itself at its end."""

_INNER = re.compile(r"^ {4}([A-Za-z_][\w.]*): ", re.MULTILINE)

_CALLING = re.compile(r"Exception encountered when calling (?:(layer) )?(.+?)(?: \(type (\w+)\))?\.\s*\n")

_SHAPELESS = re.compile(r"Could not automatically infer the output shape.*?Error encountered:\s*", re.DOTALL)
"""Keras 3 on a layer whose `call` fails while its shapes are found out: the cause stands behind."""

_GRAPH = "Graph execution error:"
_GRAPH_NOISE = re.compile(r"Detected at node |<stack traces unavailable>|  |\t|Node: |\d+ root error|$")
"""Lines of a graph's error that say where in the graph; the cause is what is left."""

_NODE = re.compile(r"'?\{\{node ([^}]*)\}\}(?: = (\w+)\[[^\]]*\]\([^']*\))?'?")
_OPERATION = re.compile(r" ?\[Op:[^\]]*\](?: name: ?)?|\{\{function_node \S+\}\} ")


def sentence_of(message: str) -> str:
    """The last lines of a traceback as one sentence: `ValueError in Mix.call(): Dimensions must be equal, ...`.

    Args:
        message: Type and text, as `exception_message` gives them.
    """
    kind, colon, text = _BOLD.sub("", message).partition(": ")
    if not colon:
        return short(message)
    place = ""
    for _ in range(message.count("\n") + 1):
        text, before = _ARGUMENTS.sub("", text).strip(), text
        if text.startswith(_AUTOGRAPH):
            kind, text = _user_code(kind, text)
        elif (calling := _CALLING.match(text + "\n")) is not None:
            # Of layers in layers the inner one.
            place = f" in layer {calling[2]}" if calling[1] else f" in {calling[2]}"
            text = text[calling.end() :] or text
        elif (shapeless := _SHAPELESS.match(text)) is not None:
            text = text[shapeless.end() :] or text
        elif text.startswith(_GRAPH):
            text = _graph_cause(text) or text
        if text == before:
            break
    return short(f"{kind.rpartition('.')[2]}{place}: {_tidy(text)}")


def _user_code(kind: str, text: str) -> tuple[str, str]:
    """Type and text of the exception at the end of AutoGraph's traceback."""
    found = _INNER.search(text)
    if found is None:
        return kind, text
    return found[1], textwrap.dedent(f"    {text[found.end() :]}").strip()


def _graph_cause(text: str) -> str:
    """What an operation of a graph says, without where it is in the program and in the graph."""
    text = text.removeprefix(_GRAPH).partition("Traceback (most recent call last)")[0]
    return "\n".join(line for line in text.splitlines() if not _GRAPH_NOISE.match(line))


def _tidy(text: str) -> str:
    """The first paragraph, and the next where that one alone says too little, without the graph's own names."""
    text = _OPERATION.sub("", _NODE.sub(lambda node: node[2] or node[1], text))
    parts = text.strip().split("\n\n")
    first = " ".join(parts[0].split())
    return " ".join(" ".join(parts[:2]).split()) if first.endswith(":") or len(first) < _SHORT else first


def short(text: str) -> str:
    """A text on one line, cut where it is very long."""
    words = " ".join(text.split())
    return words if len(words) <= MOST else words[: MOST - 3] + "..."
