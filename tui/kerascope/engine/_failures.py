"""Every way a look can end without an answer, in words: what happened, with the values, and what to do."""

from __future__ import annotations

import difflib
import re
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kerascope.engine._calls import core_message, what_it_needed
from kerascope.graph import Failure, Frame, Note, clean_line, clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.engine._options import Question
    from kerascope.engine._probe import ProbeError
    from kerascope.graph import Target

__all__ = ["Explainer"]

Facts = dict[str, Any]

_SIGNAL_MEANINGS = {
    signal.SIGABRT: "native code called abort(), usually after a failed check of its own",
    signal.SIGSEGV: "native code touched memory that is not its own",
    signal.SIGBUS: "native code touched memory that is not there",
    signal.SIGILL: "native code used an instruction this processor does not have",
    signal.SIGFPE: "native code divided an integer by zero",
    signal.SIGKILL: "probably by the kernel, because the machine or the container ran out of memory",
    signal.SIGTERM: "something on this machine asked it to end",
}

_CRASH_FRAME = re.compile(r'^  File "(?P<path>.*)", line (?P<line>\d+) in (?P<function>.*)$', re.MULTILINE)

CONNECTION_LOST = 86
"""Exit status by which the probe says that the file has closed its descriptors (`probe.child.CONNECTION_LOST`)."""

MAX_SAID = 200
"""Characters of what the file said as it ended itself."""

MAX_MESSAGE = 2000
"""Characters of an exception's message: TensorFlow's can hold whole tensors."""


class Explainer:
    """Writes the failures and notes of one look.

    Args:
        question: The program that ran, and what was asked for.
    """

    def __init__(self, question: Question) -> None:
        self._source = question.source
        self._factories = question.factories
        self._lines = question.text.splitlines()
        self._real_path = question.path
        self._shown_path = question.source.path

    # ------------------------------------------------------------------ the file's own ends

    def exception(self, ending: Facts, layer: Facts | None = None) -> Failure:
        """An exception in the user's code before any model was complete.

        Args:
            ending: How the file ended.
            layer: The layer whose call failed, where it was one.
        """
        frames = self.frames(ending["frames"])
        return Failure(
            kind="syntax" if ending["type"] in ("SyntaxError", "IndentationError", "TabError") else "exception",
            message=self._exception_message(ending, layer),
            hint=self._exception_hint(ending),
            path=frames[-1].path if frames else self._shown_path,
            line=frames[-1].line if frames else None,
            frames=frames,
        )

    def exception_note(self, ending: Facts, layer: Facts | None = None, *, more_models: bool) -> Note:
        """An exception after models were complete; `more_models` when what did not run may have made others."""
        frames = self.frames(ending["frames"])
        rest = "; what stands after it did not run, and models made there are not seen" if more_models else ""
        when = "after these models were complete" if more_models else "after the models were complete"
        return Note(
            message=f"{when} the file stopped: {self._exception_message(ending, layer)}{_reads_input(ending)}{rest}",
            path=frames[-1].path if frames else self._shown_path,
            line=frames[-1].line if frames else None,
            frames=frames,
        )

    def exit_note(self, ending: Facts) -> Note:
        """`sys.exit()` in the user's code."""
        frames = self.frames(ending["frames"])
        code = "" if ending["code"] is None else clean_line(str(ending["code"]))[:200]
        return Note(
            message=f"the file ended itself with sys.exit({code})",
            path=frames[-1].path if frames else self._shown_path,
            line=frames[-1].line if frames else None,
        )

    def stopped_note(self, places: Sequence[Facts], timeout: float | None, calling: str | None) -> Note:
        """The file, or what was called for its model, was stopped while it still ran, after models were complete."""
        frames = self.frames(places)
        what = "the file" if calling is None else f"{clean_line(calling)} was called for its model,"
        return Note(
            message=f"after {'the' if calling is None else 'these'} models were complete {what} still ran and was "
            f"stopped{_after(timeout)}",
            path=frames[-1].path if frames else self._shown_path,
            line=frames[-1].line if frames else None,
            frames=frames,
        )

    def not_run(self) -> Failure:
        """The look was stopped while Keras was still being imported."""
        return Failure(
            kind="cancelled",
            message="the look was stopped while Keras was starting; the file was not run",
            hint="look again (r): the start goes on meanwhile",
            path=self._shown_path,
        )

    def stopped(self, places: Sequence[Facts], timeout: float | None, calling: str | None) -> Failure:
        """The file, or what was called for its model, was stopped before any model was complete."""
        frames = self.frames(places)
        before = "before any model was complete" if calling is None else f"before {clean_line(calling)} gave its model"
        return Failure(
            kind="cancelled" if timeout is None else "timeout",
            message=f"the look was stopped{_after(timeout)}, {before}",
            hint="move what takes long below the model"
            + ("" if timeout is None else ", or give it more time with --timeout"),
            path=frames[-1].path if frames else self._shown_path,
            line=frames[-1].line if frames else None,
            frames=frames,
        )

    def no_model(self, ending: Facts, layers: int, printed_last: str = "") -> Failure:
        """The file ran to its end, or ended itself, and made no model.

        Args:
            ending: How it ended.
            layers: How many layers it made.
            printed_last: The last line it printed.
        """
        code, frames = ending.get("code"), self.frames(ending.get("frames", ()))
        line = frames[-1].line if frames else None
        if ending["kind"] == "exit" and code not in (None, "0", "False"):
            return replace(self._gave_up(clean_line(str(code)), printed_last), line=line)
        waiting = [f"{factory.name}{factory.signature}" for factory in self._factories if factory.required]
        made = f"made {layers} layer{'s' * (layers != 1)} but no Keras model" if layers else "made no Keras model"
        ended = "ended itself with sys.exit" if ending["kind"] == "exit" else "ran to its end"
        if waiting:
            name = next(factory.name for factory in self._factories if factory.required)
            hint = (
                f"it has functions that make one and need arguments: {'; '.join(waiting[:5])}; "
                f"name one with its arguments: '{self._shown_path}:{name}(...)'"
            )
        else:
            hint = "make one when the file runs: at module level, in a function it calls, or under its main guard"
        return Failure(
            kind="no-model",
            message=f"{self._shown_path} {ended} and {made}; looked for were Sequential(...), Model(...) and instances "
            "of Model subclasses",
            hint=hint,
            path=self._shown_path,
            line=line,
        )

    def _gave_up(self, code: str, printed_last: str) -> Failure:
        """The file ended itself with an error of its own, as argparse does where arguments are missing."""
        said = f": {clean_line(printed_last)}" if code.isdigit() and printed_last else ""
        return Failure(
            kind="no-model",
            message=f"{self._shown_path} ended itself with sys.exit({code[:MAX_SAID]}) before it made a Keras model"
            f"{said[:MAX_SAID]}",
            hint="if it wants arguments, give them behind --, as in: "
            f"kerascope {self._shown_path} -- --epochs 5; what it printed is in the log",
            path=self._shown_path,
        )

    # ------------------------------------------------------------------ what was asked for by name

    def not_picked(self, target: Target, answer: Facts, ending: Facts, models: Sequence[str]) -> Failure:
        """`FILE:name` led to no model, and not because what was called raised."""
        name = target.name or ""
        kind = answer["error"]
        known = [*models, *(f"{factory.name}{factory.signature}" for factory in self._factories)]
        there = (
            f"in this file are {', '.join(known[:8])}" if known else "no model and no function that makes one is there"
        )
        line = next((factory.line for factory in self._factories if factory.name == name), None)
        if kind == "missing" and ending["kind"] == "exception":
            # What stands further down was never reached.
            return self.exception(ending)
        if kind == "missing":
            partial = f"{answer['partial']} has no {name[len(answer['partial']) + 1 :]}" if answer["partial"] else ""
            message = f"{self._shown_path} has no {name!r}" + (f": {partial}" if partial else "")
            names = [] if answer["partial"] else [*models, *(factory.name for factory in self._factories)]
            near = difflib.get_close_matches(name, names, 1)
            there += f"; did you mean {near[0]}?" if near else ""
        elif kind == "arguments":
            call, text, takes = (clean_line(answer[key]) for key in ("call", "text", "takes"))
            message = f"{call} cannot be called so: {text}; it takes {takes}"
            first = re.match(r"\((?:self, )?(\w+)", takes)
            example = f"{first[1]}=..." if first is not None else "..."
            there = f"give its arguments as Python values: '{self._shown_path}:{name}({example})'"
        elif "call" in answer:
            message = f"{clean_line(answer['call'])} gave {clean_line(answer['text'])}, and no Keras model"
        else:
            message = f"{name} is {clean_line(answer['text'])}, and no Keras model"
        return Failure(kind="target", message=message, hint=there, path=self._shown_path, line=line)

    def factory_failed(self, answer: Facts, layer: Facts | None = None) -> Failure:
        """A function that was called for its model raised; `layer` is the one whose call failed, where it was one."""
        failure = self.exception(answer, layer)
        return replace(failure, message=f"{clean_line(answer['call'])} was called for its model: {failure.message}")

    def factory_note(self, answer: Facts) -> Note:
        """What came of a function that was called because the file makes no model itself."""
        call = clean_line(answer.get("call", ""))
        line = next((factory.line for factory in self._factories if factory.name == answer.get("name")), None)
        if "models" in answer:
            asked = "" if "name" in answer else ", as asked for"
            message = f"{call} was called for its model{asked or ': the file itself calls no function that makes one'}"
        elif answer["error"] == "exception":
            frames = self.frames(answer["frames"])
            message = f"{call} was called for its model and raised {self._exception_message(answer)}"
            return Note(message=message, path=self._shown_path, line=frames[-1].line if frames else line, frames=frames)
        elif answer["error"] == "arguments":
            message = f"{call} cannot be called: {clean_line(answer['text'])}"
        else:
            message = f"{call} was called and gave {clean_line(answer['text'])}, no model"
        return Note(message=message, path=self._shown_path, line=line)

    # ------------------------------------------------------------------ the process's ends

    def death_note(self, failure: Failure) -> Note:
        """The child ended without an answer after its models had been told."""
        return Note(message=f"after the models were complete {failure.message}", path=failure.path, line=failure.line)

    def death(self, exit_facts: Facts, places: Sequence[Facts]) -> Failure:
        """The child ended without an answer: killed by a signal, or by the file's own `os._exit`."""
        number = exit_facts.get("signal")
        own = [place["line"] for place in places if place["path"] == self._real_path]
        line = own[-1] if own else None
        # Only a crash report names the line itself; otherwise it is where the file was seen a moment before.
        exact = bool(self.crash_stack(exit_facts.get("crash", "")))
        at = self._source.line_name(line) if line else ""
        where = (f" while {at} ran" if exact else f" (last seen at {at})") if line else ""
        if number is None:
            code = exit_facts.get("code")
            if code == CONNECTION_LOST:
                return Failure(
                    kind="exit",
                    message=f"the file closed every open file of its process{where}, and with them the connection "
                    "through which it is looked at",
                    hint="leave out what turns the process into a daemon while looking",
                    path=self._shown_path,
                    line=line,
                )
            return Failure(
                kind="exit",
                message=f"the file ended its process at once with status {code}{where}, as os._exit({code}) does",
                hint="nothing can be read after os._exit; leave it out, or end with sys.exit",
                path=self._shown_path,
                line=line,
            )
        try:
            name = signal.Signals(number).name
            meaning = _SIGNAL_MEANINGS.get(signal.Signals(number), "sent by something on this machine")
        except ValueError:
            name, meaning = f"signal {number}", "sent by something on this machine"
        hint = None
        if number == signal.SIGKILL:
            hint = "try with smaller data, or on a machine with more memory; model weights take none while looking"
        elif number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE):
            hint = f"the same happens without kerascope: python {self._shown_path}"
        return Failure(
            kind="signal",
            message=f"the file's process was killed by {name} (signal {number}){where}: {meaning}",
            hint=hint,
            path=self._shown_path,
            line=line,
        )

    def internal(self, text: str) -> Failure:
        """A fault of ours inside the child."""
        last = clean_line(text.strip().splitlines()[-1]) if text.strip() else "no message"
        return Failure(
            kind="engine",
            message=f"kerascope's probe failed: {last}",
            hint="this is a fault of kerascope's: please report it with the file that caused it (the whole trace is "
            "in the log)",
            path=self._shown_path,
        )

    def probe_error(self, error: ProbeError, python: str) -> Failure:
        """There is no probe to ask."""
        choose = "choose another interpreter with --python PATH (a Python or a virtual environment that has Keras)"
        if error.kind == "missing":
            message, hint = f"no usable Keras: {error}", f"install it there, look with --keras 2 or 3, or {choose}"
        elif error.kind == "broken":
            message, hint = f"Keras could not be imported by {python}: {error}", f"repair that environment, or {choose}"
        else:
            message, hint = str(error), f"try `{python} -c 'import keras'`, or {choose}"
        return Failure(
            kind="engine" if error.kind == "died" else "interpreter",
            message=clean_line(message),
            hint="look again (r); the probe is started anew" if error.kind == "died" else hint,
            path=self._shown_path,
        )

    # ------------------------------------------------------------------ parts

    def frames(self, places: Sequence[Facts]) -> tuple[Frame, ...]:
        """The user's own frames, with the text of their lines where it is this file's."""
        return tuple(
            Frame(
                path=self._shown_path if place["path"] == self._real_path else clean_line(place["path"]),
                line=place["line"],
                function=clean_line(place["function"]),
                text=self._line(place["line"]) if place["path"] == self._real_path else "",
            )
            for place in places
        )

    def _line(self, number: int) -> str:
        return clean_text(self._lines[number - 1]).strip() if 0 < number <= len(self._lines) else ""

    @staticmethod
    def _exception_message(ending: Facts, layer: Facts | None = None) -> str:
        # What Keras wraps round it is in the traceback, which the log holds whole.
        message = core_message(str(ending["message"]))
        if layer is not None and ending.get("failed"):
            got = ", ".join(repr(tuple(shape)) for shape in ending["failed"]["inputs"]) or "what it was called on"
            needed = what_it_needed(str(ending["failed"]["message"]))
            name = clean_line(layer["name"]) or clean_line(layer["class_name"]).lower()
            message = f"{ending['type']}: {name} ({clean_line(layer['class_name'])}) cannot take {got}: {needed}"
        return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"

    @staticmethod
    def _exception_hint(ending: Facts) -> str | None:
        kind = ending["type"]
        if kind in ("ModuleNotFoundError", "ImportError"):
            return "install what is missing in that interpreter, or choose another one with --python PATH"
        if kind == "EOFError":
            return "the file reads standard input; while looking there is none"
        if kind == "MemoryError":
            return "try with smaller data; model weights take no memory while looking"
        return None

    def crash_stack(self, crash: str) -> list[Facts]:
        """This file's frames in faulthandler's report, which lists the most recent call first."""
        found = [
            {"path": self._real_path, "line": int(match["line"]), "function": match["function"]}
            for match in _CRASH_FRAME.finditer(crash)
            if match["path"] == self._real_path
        ]
        return found[::-1]


def _reads_input(ending: Facts) -> str:
    return " (the file reads standard input; while looking there is none)" if ending["type"] == "EOFError" else ""


def _after(timeout: float | None) -> str:
    return "" if timeout is None else f" after {timeout:g} s (--timeout)"
