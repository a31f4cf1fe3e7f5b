"""One look: a request to the probe, and what came of it."""

from __future__ import annotations

import asyncio
import functools
import re
import tokenize
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerascope.engine._decode import Decoder, Told
from kerascope.engine._ending import remainder_after
from kerascope.engine._tolerant import Tolerated, unloaded_notes
from kerascope.engine._uses import Uses
from kerascope.graph import EngineInfo, Inspection, Note, clean_line, clean_text

if TYPE_CHECKING:
    from kerascope.engine._failures import Explainer
    from kerascope.engine._options import LookOptions, Question
    from kerascope.engine._probe import Probe
    from kerascope.engine._progress import Teller
    from kerascope.graph import Factory, Failure, SkippedStatement, Source

__all__ = ["Look"]

Facts = dict[str, Any]

OLD_COPY = "tensorflow.python.keras"
"""TensorFlow's own copy of an earlier Keras."""

# What a progress bar wrote over: text up to a line's last carriage return that is followed by more of the line. Only
# looked for where a line begins: from every place in a long line it would take the square of its length.
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)


class Look:
    """One request to a probe that is ready, and what came of it.

    Args:
        probe: Whom to ask.
        explainer: Writes the failures and notes.
        teller: Is told what goes on.
        question: The program, and what in it is asked for.
        options: What the user chose for all looks.
        tolerant: Whether to go past what is not installed here, moved, or fails.
    """

    def __init__(
        self,
        probe: Probe,
        explainer: Explainer,
        teller: Teller,
        question: Question,
        options: LookOptions,
        *,
        tolerant: bool = False,
    ) -> None:
        self._probe = probe
        self._explainer = explainer
        self._question = question
        self._text = question.text
        self._real_path = question.path
        self._shown_path = question.source.path
        self._arguments = options.arguments
        self._timeout = options.timeout
        self._tolerant = tolerant
        self._traceless = options.traceless
        self._names_asked = options.names
        self._teller = teller
        self._told = Told()
        self._stop = asyncio.Event()
        self._timed_out = False
        self._stack: list[Facts] = []
        self._uses: dict[str, Uses | None] = {}
        self._in_vain: SkippedStatement | None = None
        self.output = ""

    def stop(self) -> None:
        """Ask for an answer with what there is."""
        self._stop.set()

    def _time_out(self) -> None:
        self._timed_out = True
        self._stop.set()

    async def run(self) -> None:
        """Ask and listen to the end.

        Raises:
            ProbeError: The probe died.
        """
        self._teller.enter("running")
        target = self._question.target
        request: Facts = {
            "path": self._real_path,
            "text": self._text,
            "cwd": _current_directory(),
            "arguments": list(self._arguments),
            "lazy": True,
            "notebook": bool(self._question.source.cells),
            "module": self._question.module,
            "root": self._question.root,
            "pick": None if target.name is None else {"name": target.name, "call": target.call},
            "factories": [factory.name for factory in self._question.factories if not factory.required],
            "input_shapes": [list(each) for each in target.input_shapes],
            "tolerant": self._tolerant,
            "traceless": self._traceless,
            "names": [list(each) for each in self._names_asked],
        }
        timer = None
        if self._timeout is not None:
            timer = asyncio.get_running_loop().call_later(self._timeout, self._time_out)
        try:
            async for message in self._probe.look(request, self._stop):
                self._hear(message)
        finally:
            if timer is not None:
                timer.cancel()

    def _hear(self, message: Facts) -> None:
        event = message["event"]
        if event == "layer":
            self._told.layers[message["uid"]] = message
        elif event == "progress":
            self._stack = message["frames"]
            self._teller.at(message)
        elif event == "models":
            # Taken back by the `result`, should the file live to its end.
            self._told.result = {**message, "ending": {"kind": "died"}}
        elif event == "reading":
            self._teller.enter("reading")
        elif event == "output":
            self.output += message["text"]
        elif event == "result":
            self._told.result = message
        elif event == "internal":
            self._told.internal = message["text"]
        elif event == "exit":
            self._told.exit = message

    # ------------------------------------------------------------------ the answer

    def inspection(self, source: Source, seconds: float) -> Inspection:
        """What the look has shown."""
        judged, complete, more_models = self._completeness
        tolerated = self._tolerated
        decoder = Decoder(
            self._told,
            judged=judged and tolerated.judged and bool(complete),
            question=self._question,
            uses=self._uses_in,
            skipped_for=tolerated.lines_for,
        )
        failure, notes = self._end(bool(complete), more_models=more_models)
        if failure is not None and self._in_vain is not None and not _stops_at(failure, self._in_vain.line):
            where = source.line_name(self._in_vain.line)
            more = f"going past such errors made no model either; the last was {where} {self._in_vain.error}"
            failure = replace(failure, hint=f"{failure.hint}; {more}" if failure.hint else more)
        return Inspection(
            source=source,
            models=decoder.models(),
            notes=notes
            + tolerated.notes(source)
            + unloaded_notes(self._told.result, source, self._real_path)
            + self._shadows(),
            failure=failure,
            engine=_engine_info(self._probe),
            output=clean_text(_OVERWRITTEN.sub("", self._whole_output().replace("\r\n", "\n"))),
            seconds=seconds,
            factories=self._factories(),
            stood_in=tolerated.stood_in,
            moved=tolerated.moved,
            skipped=tolerated.skipped,
            unknown_name=self._unknown_name,
        )

    @property
    def _unknown_name(self) -> str | None:
        """What Keras does not know of the names it was asked about; a file that ended early may have made it known."""
        result = self._told.result or {}
        unknown = result.get("unknown_name")
        if unknown is None or result["ending"]["kind"] not in ("end", "exit"):
            return None
        return clean_line(unknown)

    def _whole_output(self) -> str:
        """What the file printed, and what Python would have printed at its end."""
        ending = self._told.result["ending"] if self._told.result is not None else {}
        parts = [ending.get("traceback") or "", self._told.internal or ""]
        parts += [answer["traceback"] for answer in self._answers() if answer.get("traceback")]
        text = self.output
        for part in parts:
            # A traceback begins on a line of its own.
            text += ("\n" if part and text and not text.endswith("\n") else "") + part
        return text

    def _answers(self) -> list[Facts]:
        """What came of the functions that were called for their models."""
        choice = self._told.result.get("choice", {}) if self._told.result is not None else {}
        pick = [choice["pick"]] if choice.get("pick") is not None else []
        return pick + list(choice.get("factories", ()))

    def _factories(self) -> tuple[Factory, ...]:
        called = {answer["name"] for answer in self._answers() if "name" in answer}
        return tuple(
            replace(factory, called=True) if factory.name in called else factory for factory in self._question.factories
        )

    def not_reached_by(self, second: Look) -> None:
        """Note that a tolerant look reached no more than this one, and what kept it from more."""
        self._in_vain = second._tolerated.last_cause

    @property
    def reached(self) -> int:
        """Models that were finished: nothing that ran, failed or was skipped still had layers to add to them."""
        return len(self._completeness[1])

    @property
    def cut_short(self) -> bool:
        """Whether an error kept the file from making models, so that a tolerant look might reach more."""
        result = self._told.result
        if result is None or self._told.internal is not None:
            return False
        ending = result["ending"]
        if ending["kind"] == "exception":
            _, complete, more_models = self._completeness
            return more_models or not complete
        if result["models"]:
            return False
        # A program that asks for what it misses ends itself; TensorFlow's old copy of Keras makes models we cannot see.
        gave_up = ending["kind"] == "exit" and ending["code"] not in (None, "0", "2")
        return gave_up or (ending["kind"] == "end" and OLD_COPY in self._text)

    def _uses_in(self, path: str) -> Uses | None:
        """The names of a program and their uses; `None` where its text cannot be had."""
        if path not in self._uses:
            text = self._text if path == self._real_path else _text_of(path)
            self._uses[path] = None if text is None else Uses(text)
        return self._uses[path]

    def _shadows(self) -> tuple[Note, ...]:
        """A module beside the file that plain Python would import in Keras's place."""
        folder = Path(self._real_path).parent
        names = [name for name in ("keras", "tensorflow", "tf_keras") if (folder / f"{name}.py").is_file()]
        return tuple(
            Note(
                message=f"beside the file stands {name}.py, which `python {self._shown_path}` imports in place of "
                f"{name}; this answer is the real one's"
            )
            for name in names
        )

    @functools.cached_property
    def _tolerated(self) -> Tolerated:
        """What was stood in for, moved and skipped; asked for once the look has ended."""
        return Tolerated(self._told.result)

    @functools.cached_property
    def _completeness(self) -> tuple[bool, list[Facts], bool]:
        """What an early end has left open; worked out once, when the look has ended: it reads the program again.

        Returns:
            Whether layers outside models may be judged, the models that nothing was still being added to, and whether
            more models might have been made.
        """
        result = self._told.result
        if result is None:
            return False, [], False
        ending = result["ending"]
        models: list[Facts] = result["models"]
        unfinished = self._tolerated.unfinished
        models = [model for model in models if model["uid"] not in unfinished]
        picked = (result.get("choice", {}).get("pick") or {}).get("models")
        if picked is not None and ending["kind"] not in ("end", "exit"):
            return False, [model for model in models if model["uid"] in picked], False
        if ending["kind"] in ("end", "exit"):
            return True, models, False
        frames = self._last_frames(ending)
        stops = [(frame["path"], frame["line"], frame["function"]) for frame in frames]
        texts = {path: self._text if path == self._real_path else _text_of(path) for path, _, _ in stops}
        remainder = remainder_after(texts, stops)
        # Nothing is added to a model once the function that was called for it has returned.
        returned = {uid for uid, _ in result.get("made", ())}
        complete = [
            model
            for model in models
            if model["uid"] not in ending.get("unfinished", ())
            and (not model["sequential"] or model["compiled"] or model["uid"] in returned or not remainder.may_add)
        ]
        # What went into a call that failed was about to be used.
        judged = not remainder.may_build and ending.get("failed") is None
        return judged, complete, remainder.may_build

    def _last_frames(self, ending: Facts) -> list[Facts]:
        """The user's frames when the file ended early: from its traceback, the crash report, or the last word of it."""
        if ending["kind"] != "died":
            frames: list[Facts] = ending["frames"]
            return frames
        return self._explainer.crash_stack(self._told.exit.get("crash", "")) or self._stack

    def _end(self, any_complete: bool, *, more_models: bool) -> tuple[Failure | None, tuple[Note, ...]]:
        told, explain = self._told, self._explainer
        if told.internal is not None:
            return explain.internal(told.internal), ()
        ending = told.result["ending"] if told.result is not None else {"kind": "died"}
        kind = ending["kind"]
        answers = self._answers()
        pick = told.result["choice"].get("pick") if told.result is not None and "choice" in told.result else None
        if pick is not None and pick.get("error") == "exception":
            return explain.factory_failed(pick, self._failed_layer(pick)), ()
        if pick is not None and "error" in pick:
            return explain.not_picked(self._question.target, pick, ending, self._names()), ()
        if kind == "exception":
            return (
                (None, (explain.exception_note(ending, self._failed_layer(ending), more_models=more_models),))
                if any_complete
                else (explain.exception(ending, self._failed_layer(ending)), ())
            )
        notes = tuple(explain.factory_note(answer) for answer in answers if "call" in answer)
        if kind == "stopped" or (kind == "died" and self._stop.is_set()):
            frames = self._last_frames(ending)
            timeout = self._timeout if self._timed_out else None
            calling = told.result.get("choice", {}).get("calling") if told.result is not None else None
            # Other models do not answer for the one that was asked for.
            if any_complete and not (calling and self._question.target.name is not None):
                return None, (*notes, explain.stopped_note(frames, timeout, calling))
            return explain.stopped(frames, timeout, calling), notes
        if kind == "died":
            failure = explain.death(told.exit, self._last_frames(ending))
            return (None, (*notes, explain.death_note(failure))) if any_complete else (failure, notes)
        left = (explain.exit_note(ending),) if kind == "exit" else ()
        if not any_complete:
            failed = next((answer for answer in answers if answer.get("error") == "exception"), None)
            if failed is not None:
                return explain.factory_failed(failed, self._failed_layer(failed)), left + notes
            made = len(told.result["layers"]) if told.result is not None else 0
            return explain.no_model(ending, made, printed_last=_last_line(self.output)), notes
        return None, left + notes

    def _failed_layer(self, ending: Facts) -> Facts | None:
        failed = ending.get("failed")
        return None if failed is None else self._told.layers.get(failed["uid"])

    def _names(self) -> list[str]:
        """Names of the models the file made, for somebody who asked for another one."""
        models = self._told.result["models"] if self._told.result is not None else []
        return [clean_line(model["variable"]) for model in models if model["variable"]]


def _stops_at(failure: Failure, line: int) -> bool:
    """Whether the way to a failure leads over a line of the file: then it is no other failure."""
    return any(frame.line == line and frame.path == failure.path for frame in failure.frames)


def _last_line(output: str) -> str:
    """The last line of what the file printed."""
    lines = output.split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _current_directory() -> str | None:
    """The user's current directory, `None` when it has been deleted under us."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return None


def _text_of(path: str) -> str | None:
    """The text of a module the user's file imports, `None` when it cannot be had any more."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None


def _engine_info(probe: Probe) -> EngineInfo:
    ready = probe.ready
    return EngineInfo(
        keras=clean_line(str(ready["keras"])),
        generation=ready["generation"],
        tensorflow=ready["tensorflow"] and clean_line(str(ready["tensorflow"])),
        python=clean_line(ready["python"]),
        python_version=clean_line(ready["python_version"]),
        backend=clean_line(ready["backend"]),
    )
