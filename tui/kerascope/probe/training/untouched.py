"""What a program leaves alone that is only run for its model: it must not write what comes from an untrained one.

A look spares files, too, in a process that ends with it. The process of a run goes on: all that is replaced here is put
back, and only what the program does after a `fit` that was left out is kept from its files.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from ..skipping import replace_everywhere
from .user_files import UserFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..adapters import Adapter
    from ..places import Places

__all__ = ["Untouched"]

METHODS = ("save", "save_weights", "export")
FUNCTIONS = ("save_model", "save_weights")


class Untouched:
    """A context in which models are not saved, and in which no file is changed once a `fit` was left out.

    What would have been saved is remembered, so that a program can load it again.

    Args:
        adapter: The Keras generation.
        places: Finds the user's line.
        say: Takes sentences that the user should know.

    Attributes:
        begun: Whether a `fit` was left out.
    """

    def __init__(self, adapter: Adapter, places: Places, say: Callable[[str], None]) -> None:
        self.begun = False
        self._adapter = adapter
        self._places = places
        self._say = say
        self._active = False
        self._saved: dict[str, Any] = {}
        self._undo: list[Callable[[], None]] = []
        self._scratch: str | None = None

    def __enter__(self) -> Untouched:
        self._active = True
        root, model_class = self._adapter.root, self._adapter.model_class
        for name in METHODS:
            self._replace_method(model_class, name, self._method)
        self._replace_method(model_class, "load_weights", self._loading_weights)
        for name in FUNCTIONS:
            self._replace_function(root.models, name, self._function)
        self._replace_function(root.models, "load_model", self._loading)
        tensorflow = sys.modules.get("tensorflow")
        if tensorflow is not None:
            self._replace_method(tensorflow.train.Checkpoint, "save", self._function)
            self._replace_method(tensorflow.train.Checkpoint, "write", self._function)
            self._replace_method(tensorflow.train.CheckpointManager, "save", self._function)
            self._replace_function(tensorflow.saved_model, "save", self._function)
        return self

    def __exit__(self, *error: object) -> None:
        self._active = False  # for what has been bound under a name of the program's own
        self._saved.clear()
        self.let_write()
        while self._undo:
            self._undo.pop()()

    def left_out(self, model: Any, callbacks: Any = None) -> None:
        """A `fit` was left out: whatever follows in the program is about an untrained model."""
        for callback in callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]:
            self._remember(getattr(callback, "filepath", None), model)
        if not self.begun:
            self.begun = True
            self._scratch = tempfile.mkdtemp(prefix="kerascope-unwritten-")
            self._files = UserFiles(self._places, self._scratch, self._say)
            self._files.install()

    def let_write(self) -> None:
        """The program is over: files can be written again. Models still are not saved."""
        if self._scratch is not None:
            self._files.restore()
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    # ------------------------------------------------------------------ what replaces what

    def _replace_method(self, owner: Any, name: str, make: Callable[[str, Any], Any]) -> None:
        original = getattr(owner, name, None)
        if original is None:
            return
        own = name in vars(owner)
        setattr(owner, name, make(name, original))
        self._undo.append(lambda: setattr(owner, name, original) if own else delattr(owner, name))

    def _replace_function(self, module: Any, name: str, make: Callable[[str, Any], Any]) -> None:
        original = getattr(module, name, None)
        if original is None:
            return
        replacement = make(name, original)
        replace_everywhere(name, original, replacement)
        setattr(module, name, replacement)  # a lazy module may not have it yet

        def undo() -> None:
            replace_everywhere(name, replacement, original)
            setattr(module, name, original)

        self._undo.append(undo)

    def _method(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def unsaved(model: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._active:
                return original(model, *args, **kwargs)
            self._note(name, next(iter([*args, *kwargs.values()]), None), model)
            return None

        return unsaved

    def _function(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def unsaved(*args: Any, **kwargs: Any) -> Any:
            if not self._active:
                return original(*args, **kwargs)
            model = args[0] if args else kwargs.get("model")
            path = next((one for one in [*args[1:], *kwargs.values()] if _is_path(one)), None)
            self._note(name, path, model)
            return None

        return unsaved

    def _note(self, name: str, path: Any, model: Any) -> None:
        place = self._places.user_place(sys._getframe(2))
        where = "" if place is None else f" at line {place['line']}"
        what = f" of {os.fspath(path)!s}" if _is_path(path) else ""
        self._say(f"{name}{what}{where} was left out: this run trains on other data, and saves in its own directory")
        if isinstance(model, self._adapter.model_class):
            self._remember(path, model)

    # ------------------------------------------------------------------ loading again

    def _remember(self, path: Any, model: Any) -> None:
        if _is_path(path):
            self._saved[_key(path)] = model

    def _loading(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def load(filepath: Any, *args: Any, **kwargs: Any) -> Any:
            saved = self._saved.get(_key(filepath)) if _is_path(filepath) else None
            return original(filepath, *args, **kwargs) if saved is None else saved

        return load

    def _loading_weights(self, name: str, original: Any) -> Any:
        @functools.wraps(original)
        def load(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            if _is_path(filepath) and _key(filepath) in self._saved:
                return None
            return original(model, filepath, *args, **kwargs)

        return load


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def _key(path: Any) -> str:
    return str(os.path.abspath(os.fspath(path)))
