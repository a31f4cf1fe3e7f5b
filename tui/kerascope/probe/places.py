"""Whose code a frame belongs to: the user's, Keras's, or somebody else's."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

from .generated import GeneratedSources

if TYPE_CHECKING:
    from types import CodeType, FrameType

__all__ = ["Place", "Places"]

Place = dict[str, Any]
"""`{"path", "line", "column", "end_line"}`; lines and columns from 1, column and end_line `None` before Python 3.11."""


class Places:
    """Tells frames apart by file, and finds the user's call behind what Keras does.

    The user's code is the file itself and every module that is neither the standard library's nor installed.
    """

    def __init__(self, main_path: str, keras_directory: str) -> None:
        self._main = main_path
        self._probe = os.path.dirname(os.path.abspath(__file__)) + os.sep
        self._keras = keras_directory.rstrip(os.sep) + os.sep
        self._applications = os.path.join(self._keras, "src", "applications") + os.sep
        paths = sysconfig.get_paths()
        installed = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib") if paths.get(key)}
        self._installed = tuple(os.path.abspath(path) + os.sep for path in installed)
        self.generated = GeneratedSources()
        self._own_lines = re.compile(rf'^ *File "{re.escape(self._probe)}.*\n.*\n', re.MULTILINE)
        self._owners: dict[str, str] = {}
        self._positions: dict[CodeType, list[Any]] = {}

    def owner(self, filename: str) -> str:
        """`user`, `probe`, `keras`, `applications` (Keras's ready-made models) or `other`."""
        owner = self._owners.get(filename)
        if owner is None:
            owner = self._owners[filename] = self._find_owner(filename)
        return owner

    def _find_owner(self, filename: str) -> str:
        if filename == self._main:
            return "user"
        if filename.startswith("<") or self.generated.holds(filename):
            return "other"
        path = os.path.abspath(filename)
        if path.startswith(self._probe):
            return "probe"
        if path.startswith(self._applications):
            return "applications"
        if path.startswith(self._keras):
            return "keras"
        if path.startswith(self._installed) or "site-packages" in path or "dist-packages" in path:
            return "other"
        return "user"

    def maker(self, frame: FrameType | None) -> tuple[str, str]:
        """Who made the call that `frame` belongs to: the owner and the function's name.

        Keras's own `__new__` methods, its `Input` function, its wrapper round `build` and its traceback filter are
        looked through: they stand for their caller.
        """
        while frame is not None:
            code = frame.f_code
            owner = self.owner(code.co_filename)
            passing = owner == "keras" and (
                code.co_name in ("__new__", "Input", "build_wrapper", "_build_wrapper")
                or code.co_filename.endswith("traceback_utils.py")
            )
            if owner != "probe" and not passing:
                return owner, code.co_name
            frame = frame.f_back
        return "other", ""

    def user_place(self, frame: FrameType | None) -> Place | None:
        """The innermost call in the user's code at or above `frame`, `None` when there is none."""
        while frame is not None:
            code = frame.f_code
            if self.owner(code.co_filename) == "user":
                return self.place(frame)
            origin = self._user_origin(code.co_filename, frame.f_lineno)
            if origin is not None:
                return {"path": origin[0], "line": origin[1], "column": None, "end_line": None}
            frame = frame.f_back
        return None

    def _user_origin(self, filename: str, line: int) -> tuple[str, int, str] | None:
        """The user's line that a line of a generated file stands for."""
        if not self.generated.holds(filename):
            return None
        origin = self.generated.origin(filename, line)
        return origin if origin is not None and self.owner(origin[0]) == "user" else None

    def place(self, frame: FrameType) -> Place:
        """Where `frame` stands now: the call it is making."""
        code = frame.f_code
        line, end_line, column = frame.f_lineno, None, None
        if sys.version_info >= (3, 11):
            positions = self._positions.get(code)
            if positions is None:
                positions = self._positions[code] = list(code.co_positions())
            start, end, offset, _ = positions[frame.f_lasti // 2]
            if start is not None:
                line, end_line = start, end
                column = None if offset is None else offset + 1
        return {"path": code.co_filename, "line": line, "column": column, "end_line": end_line}

    def stack(self, frame: FrameType | None) -> list[Place]:
        """The user's own frames of a running stack, outermost first, with the function's name."""
        frames: list[Place] = []
        while frame is not None:
            frames += self._user_frame(frame.f_code, frame.f_lineno)
            frame = frame.f_back
        return frames[::-1]

    def _user_frame(self, code: CodeType, line: int) -> list[Place]:
        """One frame of the user's, or nothing."""
        if self.owner(code.co_filename) == "user":
            return [{"path": code.co_filename, "line": line, "function": code.co_name}]
        origin = self._user_origin(code.co_filename, line)
        return [] if origin is None else [{"path": origin[0], "line": origin[1], "function": origin[2]}]

    def without_ours(self, text: str) -> str:
        """A traceback's text without the lines about our own frames, which AutoGraph writes into its messages."""
        return self._own_lines.sub("", text)

    def in_keras(self, frame: FrameType | None) -> bool:
        """Whether Keras is at work in a running stack, at any depth below the user's outermost frame."""
        working = False
        found = False
        while frame is not None:
            owner = self.owner(frame.f_code.co_filename)
            if owner == "user":
                found = found or working
            elif owner in ("keras", "applications", "probe"):
                working = True
            frame = frame.f_back
        return found

    def traceback(self, error: BaseException) -> list[Place]:
        """The user's own frames of a traceback, outermost first, with the function's name."""
        frames: list[Place] = []
        entry = error.__traceback__
        while entry is not None:
            frames += self._user_frame(entry.tb_frame.f_code, entry.tb_lineno)
            entry = entry.tb_next
        return frames
