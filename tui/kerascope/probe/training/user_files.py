"""Writing, removing and renaming kept from the user's files for a while, by what Python itself does it with."""

from __future__ import annotations

import builtins
import functools
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from ..skipping import replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..places import Places

__all__ = ["UserFiles"]

REMOVING = ("remove", "unlink", "rmdir", "truncate")
OPENING = ("open", "_open", "bltn_open", "_builtin_open")
"""Names under which modules hold `open`."""
RENAMING = ("rename", "replace")
TREES = ("rmtree", "move")
STATES = ("copymode", "copystat")
DEVICES = ("/dev/", "/proc/", "/sys/")
CACHES = ("~/.cache/", "~/.keras/")
"""What packages keep for themselves: it has nothing to do with a model."""


class UserFiles:
    """Lets files be written in a scratch directory instead, and be read from there.

    It reaches as far as `open`, and what Python's own library removes and renames with: NumPy, pandas and Matplotlib
    write by it. What a package writes in C by itself, as h5py does, is not seen.

    Args:
        places: Tells who calls, and where.
        scratch: An empty directory.
        say: Takes sentences that the user should know.
    """

    def __init__(self, places: Places, scratch: str, say: Callable[[str], None]) -> None:
        self._places = places
        self._scratch = scratch
        self._say = say
        self._written: dict[str, str] = {}
        self._open = builtins.open
        self._replaced: list[tuple[str, Any, Any]] = []
        self._caches = (*DEVICES, *map(os.path.expanduser, CACHES))

    def install(self) -> None:
        """Replace the functions."""
        opened = self._opening()
        for name in OPENING:
            self._replace(name, self._open, opened)
        self._replace_numpys(self._open, opened)
        functions = [(name, getattr(os, name)) for name in (*REMOVING, *RENAMING)]
        functions += [(name, getattr(shutil, name)) for name in TREES]
        for name, original in functions:
            self._replace(name, original, self._changing(name, original))
        for name in STATES:
            original = getattr(shutil, name)
            self._replace(name, original, self._copying_state(original))

    def _replace(self, name: str, original: Any, replacement: Any) -> None:
        _put(name, original, replacement)
        self._replaced.append((name, replacement, original))

    @staticmethod
    def _replace_numpys(original: Any, replacement: Any) -> None:
        """NumPy keeps what opens text, for savetxt, in a dict by the ends of names."""
        numpys = getattr(sys.modules.get("numpy.lib._datasource"), "_file_openers", None)
        openers = getattr(numpys, "_file_openers", {})
        openers.update({end: replacement for end, opener in openers.items() if opener is original})

    def restore(self) -> None:
        """Put them back."""
        self._replace_numpys(builtins.open, self._open)
        while self._replaced:
            _put(*self._replaced.pop())

    def _opening(self) -> Any:
        original = self._open

        @functools.wraps(original)
        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            path = self._path(file)
            if path is None or not isinstance(mode, str) or self._is_apart():
                return original(file, mode, *args, **kwargs)
            if set(mode) & set("wax+"):
                self._note(path, "written")
                kwargs.pop("opener", None)
                return original(self._instead(path, mode), mode.replace("x", "w"), *args, **kwargs)
            if path in self._written:
                kwargs.pop("opener", None)
                return original(self._written[path], mode, *args, **kwargs)
            return original(file, mode, *args, **kwargs)

        return opened

    def _path(self, file: Any) -> str | None:
        """The file in question; `None` for a descriptor, a device, or a cache."""
        if not isinstance(file, (str, bytes, os.PathLike)):
            return None
        path = os.path.realpath(os.fsdecode(file))
        return None if path.startswith((*self._caches, self._scratch)) else path

    def _instead(self, path: str, mode: str) -> str:
        """Where it is written; what is to be changed is copied there first, which may fail in Python's own words."""
        if path in self._written:
            return self._written[path]
        scratch = os.path.join(self._scratch, str(len(self._written)))
        if "r" in mode or ("a" in mode and os.path.exists(path)):
            with self._open(path, "rb") as source, self._open(scratch, "wb") as target:
                shutil.copyfileobj(source, target)
        self._written[path] = scratch
        return scratch

    def _changing(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def changed(path: Any, *args: Any, **kwargs: Any) -> Any:
            found = self._path(path)
            if found is None or kwargs.get("dir_fd") is not None or self._is_apart("shutil"):
                return original(path, *args, **kwargs)
            scratch = self._written.pop(found, None)
            to = self._path(args[0]) if args and (name in RENAMING or name == "move") else None
            if scratch is not None and to is not None:
                self._written[os.path.join(to, os.path.basename(found)) if os.path.isdir(to) else to] = scratch
            elif scratch is None:
                self._note(found, "moved" if to is not None else "changed" if name == "truncate" else "removed")
            return args[0] if name == "move" and args else None

        return changed

    def _copying_state(self, original: Any) -> Any:
        """Permissions and times are left alone for a copy that is written elsewhere."""

        @functools.wraps(original)
        def copied(source: Any, target: Any, **kwargs: Any) -> Any:
            return None if self._path(target) in self._written else original(source, target, **kwargs)

        return copied

    def _note(self, path: str, what: str) -> None:
        place = self._places.user_place(sys._getframe(2))
        where = "" if place is None else f" at line {place['line']}"
        self._say(
            f"{os.path.basename(path)} was not {what}{where}: the fit before it was left out, so it would come from an "
            "untrained model"
        )

    def _is_apart(self, *modules: str) -> bool:
        """Whether a function that was replaced is called by us, or for a temporary file, as AutoGraph's are.

        Args:
            modules: Others that may call it: what they were asked for has been let pass.
        """
        caller = sys._getframe(2)
        owner = self._places.owner(caller.f_code.co_filename)
        return owner == "probe" or caller.f_globals.get("__name__") in ("tempfile", *modules)


def _put(name: str, original: Any, replacement: Any) -> None:
    """Put one function in place of another in all modules, and where Python before 3.11 keeps those of `pathlib`."""
    replace_everywhere(name, original, replacement)
    accessor = getattr(sys.modules.get("pathlib"), "_NormalAccessor", None)
    if accessor is not None and getattr(accessor, name, None) is original:
        setattr(accessor, name, staticmethod(replacement))
