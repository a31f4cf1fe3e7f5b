"""A tolerant look: go past what this machine has not got, and say what was stood in for, moved and skipped."""

from __future__ import annotations

import builtins
import dis
import functools
import re
import socket
import sys
import traceback
import types
from typing import TYPE_CHECKING, Any

from . import describe
from .building import with_before_build
from .datasets import replace_datasets
from .failing import unfinished_models
from .guarding import GUARD, OLD_COPY, guarded
from .moved_names import MovedNames
from .standins import Inert, StandInFinder, catchable, refuse_inside

if TYPE_CHECKING:
    import ast

    from .adapters import Adapter
    from .guarding import Statement
    from .places import Places
    from .recorder import Recorder

__all__ = ["Tolerance"]

MAX_FAILURES = 20
"""Times that a statement may fail before the loop around it is given up."""

MAX_MESSAGE = 500
"""Characters of an error that are told: the first line of it."""

NETWORK_SECONDS = 3.0
"""Seconds that a tolerant look waits for a network: what it fetches is the data, which is not looked at."""

_WITHOUT_SIZE = ("activation", "initializer", "regularizer", "constraint")
"""Ends of the names of arguments on which no shape depends."""

MAX_DEPTH = 3
MAX_ITEMS = 64

_UNDEFINED = re.compile(r"(?:name|variable) '(\w+)'")


class SkippedBeforeError(Exception):
    """Something that an earlier skipped statement has left unfinished would be used."""


class Tolerance:
    """What the changed program calls, and what came of it.

    Attributes:
        error: What a guard catches: not `SystemExit`, not the request to stop.
        lost: Models by the names they had before a statement that failed would have bound these anew.
    """

    error = Exception
    catchable = staticmethod(catchable)

    def __init__(self, adapter: Adapter, recorder: Recorder, places: Places) -> None:
        self._adapter = adapter
        self._recorder = recorder
        self._places = places
        self._finder = StandInFinder(places)
        self._names = MovedNames(adapter)
        self._path = ""
        self._statements: list[Statement] = []
        self._additions: frozenset[int] = frozenset()
        self._skipped: dict[int, dict[str, Any]] = {}
        self._unfinished: dict[int, int] = {}
        self._lost_by: dict[str, int] = {}
        self._datasets: list[str] = []
        self._current = 0
        self.lost: dict[str, Any] = {}

    def install(self) -> None:
        """Make this process tolerant; there is no way back, it dies after the look."""
        self._names.install()
        replace_datasets(self._adapter, self._made_up)
        # Last: only what nothing else finds.
        sys.meta_path.append(self._finder)
        socket.setdefaulttimeout(NETWORK_SECONDS)
        self._refuse_unfinished()
        self._refuse_stand_ins()
        setattr(builtins, GUARD, self)

    def program(self, text: str, path: str) -> ast.Module:
        """The text with its statements guarded.

        Raises:
            SyntaxError: The text is no Python.
        """
        self._path = path
        tree, self._statements, self._additions = guarded(text, path)
        if OLD_COPY in text:
            self._names.note(f"{OLD_COPY} is keras")
        return tree

    def facts(self) -> dict[str, Any]:
        """What was stood in for, moved and skipped, ready to be sent."""
        return {
            "stood_in": list(self._finder.stood_in),
            "moved": list(self._names.moved),
            "datasets": list(self._datasets),
            "skipped": [self._skipped[number] for number in sorted(self._skipped)],
            "unfinished": list(self._unfinished),
        }

    def _made_up(self, name: str) -> None:
        if name not in self._datasets:
            self._datasets.append(name)

    # ------------------------------------------------------------------ called by the program

    def skip(self, number: int) -> None:
        """A statement has failed: note it, or pass the error on when it fails again and again."""
        error = sys.exc_info()[1]
        assert error is not None
        statement = self._statements[number]
        self._current = statement.line
        entry = self._skipped.get(number)
        if entry is not None and entry["count"] >= MAX_FAILURES:
            raise error
        frame = sys._getframe(1)
        values = {name: _value(frame, name) for name in statement.read | statement.bound}
        if entry is None:
            entry = self._skipped[number] = {
                "line": statement.line,
                "end_line": statement.end_line,
                "error": self._message(error),
                "names": sorted(statement.read | statement.bound),
                "follows": self._follows(error),
                "makes": statement.makes,
                "tensors": False,
                "models": [],
                "count": 0,
            }
        entry["count"] += 1
        kept = [value for name, value in values.items() if name not in statement.harmless]
        entry["tensors"] = entry["tensors"] or any(self._is_symbolic(value, 0) for value in kept)
        for value in kept:
            if isinstance(value, self._adapter.model_class):
                uid = self._recorder.uid(value)
                entry["models"] += [uid] if uid not in entry["models"] else []
        for receiver in statement.grown:
            self._leave_unfinished(self._models_at(frame, receiver), entry)
        self._leave_unfinished(self._models_in_the_making(error, frame), entry)
        for uid in unfinished_models(error, self._places, self._recorder):
            self._unfinished.setdefault(uid, statement.line)
            entry["models"] += [uid] if uid not in entry["models"] else []
        self._lost_by.update(dict.fromkeys(statement.bound, statement.line))

    def loses(self, name: str, value: Any, how: str) -> bool:
        """Whether a name must be unbound after its statement has failed: it would still mean what was before.

        Args:
            name: The name.
            value: What it means now.
            how: What the statement would have done: `bound` it, `altered` what is in it, or `handed` it to a function.
        """
        kind = type(value)
        container = issubclass(kind, (list, dict, set))
        if how == "handed" and not container:
            return False
        if how == "altered" and not container and not self._has_state(value):
            return False
        if issubclass(kind, self._adapter.model_class):
            self.lost[name] = value
        self._lost_by[name] = self._current
        return True

    @staticmethod
    def forget(name: str) -> None:
        """Unbind a name of the module from inside a function."""
        sys._getframe(1).f_globals.pop(name, None)

    # ------------------------------------------------------------------ parts

    def _message(self, error: BaseException) -> str:
        lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
        line = lines[-1] if isinstance(error, SyntaxError) else lines[0]
        match = _UNDEFINED.search(str(error)) if isinstance(error, NameError) else None
        line_before = self._lost_by.get(match[1]) if match else None
        if match and line_before is not None:
            return f"{match[1]} is what line {line_before}, which was skipped, would have made"
        return (str(error) if isinstance(error, SkippedBeforeError) else line)[:MAX_MESSAGE]

    def _follows(self, error: BaseException) -> bool:
        """Whether a statement failed only because an earlier one was skipped."""
        match = _UNDEFINED.search(str(error)) if isinstance(error, NameError) else None
        return isinstance(error, SkippedBeforeError) or bool(match and match[1] in self._lost_by)

    def _has_state(self, value: Any) -> bool:
        """Whether a value that a failed statement would have changed may tell sizes: a tokenizer, a setting."""
        kind = type(value)
        if issubclass(kind, (types.ModuleType, types.FunctionType, Inert, self._adapter.model_class)):
            return False
        # An array keeps its shape, whatever is put into it.
        return describe.shape_of(value) is None

    def _is_symbolic(self, value: Any, depth: int) -> bool:
        """Whether a value is, or holds, a symbolic tensor or a layer that is no model."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, (list, tuple, set)):
            return depth < MAX_DEPTH and any(self._is_symbolic(item, depth + 1) for item in list(value)[:MAX_ITEMS])
        kind = type(value)
        if issubclass(kind, self._adapter.layer_class):
            return not issubclass(kind, self._adapter.model_class)
        return kind.__name__ == "KerasTensor" or "_keras_history" in getattr(value, "__dict__", ())

    def _models_at(self, frame: Any, receiver: str | None) -> list[Any]:
        """What a dotted name means where a frame stands."""
        if receiver is None:
            # `models[0].add(...)`: any of them may be meant.
            return [record.layer for record in list(self._recorder.layers.values())]
        first, *rest = receiver.split(".")
        value = _value(frame, first)
        for name in rest:
            value = getattr(value, "__dict__", {}).get(name)
        return [value]

    def _models_in_the_making(self, error: BaseException, guarded_frame: Any) -> list[Any]:
        """What functions that the error came through held, where they still had layers to add."""
        found: list[Any] = []
        entry = error.__traceback__
        while entry is not None:
            code = entry.tb_frame.f_code
            if entry.tb_frame is not guarded_frame and self._places.owner(code.co_filename) == "user":
                last = max((line for _, line in dis.findlinestarts(code) if line), default=entry.tb_lineno)
                own_file = code.co_filename == self._path
                # Of another file's text nothing is known.
                if not own_file or any(entry.tb_lineno <= line <= last for line in self._additions):
                    found += list(entry.tb_frame.f_locals.values())
            entry = entry.tb_next
        return found

    def _leave_unfinished(self, models: list[Any], entry: dict[str, Any]) -> None:
        """Note the Sequential models that lack a layer now."""
        for model in models:
            if self._is_sequential(model):
                self._mark_unfinished(model, entry["line"])
                uid = self._recorder.uid(model)
                entry["models"] += [uid] if uid not in entry["models"] else []

    def _mark_unfinished(self, model: Any, line: int) -> None:
        self._unfinished.setdefault(self._recorder.uid(model), line)

    def _refuse_unfinished(self) -> None:
        """Nothing may be built on a Sequential that lacks a layer: every shape after it would be a wrong one."""
        sequential = self._adapter.sequential_class
        for name in ("add", "pop", "__call__"):
            setattr(sequential, name, self._refusing(getattr(sequential, name)))

    def _refuse_stand_ins(self) -> None:
        """No layer or operation of Keras may get a stand-in for an argument: some take it for a size that is open."""
        # Keras 3 has a class above its layers that is that of its operations too.
        base = next(
            kind for kind in self._adapter.layer_class.__mro__[::-1] if kind is not object and "__new__" in vars(kind)
        )
        original = base.__new__
        owner = self._places.owner

        @functools.wraps(original)
        def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
            if owner(describe.file_of(cls)) == "keras":
                for name, value in describe.arguments_of(cls, args, kwargs):
                    if not name.endswith(_WITHOUT_SIZE):
                        refuse_inside(value)
            return original(cls, *args, **kwargs)

        base.__new__ = staticmethod(new)
        for kind in (self._adapter.model_class, self._adapter.sequential_class):
            if "build" in vars(kind):
                kind.build = with_before_build(kind.build, lambda model, input_shape: refuse_inside(input_shape))

    def _refusing(self, original: Any) -> Any:
        @functools.wraps(original)
        def method(model: Any, *args: Any, **kwargs: Any) -> Any:
            for each in (model, *args):
                line = self._unfinished.get(self._recorder.uid(each)) if self._is_sequential(each) else None
                if line is not None:
                    raise SkippedBeforeError(f"{each.name} lacks what line {line}, which was skipped, would have added")
            return original(model, *args, **kwargs)

        return method

    def _is_sequential(self, value: Any) -> bool:
        return issubclass(type(value), self._adapter.sequential_class)


def _value(frame: Any, name: str) -> Any:
    """What a name means where a frame stands, `None` where it means nothing."""
    if name in frame.f_locals:
        return frame.f_locals[name]
    return frame.f_globals.get(name)
