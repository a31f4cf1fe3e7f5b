"""Running the user's file the way `python FILE` does: what a look and a training run have in common."""

from __future__ import annotations

import ast
import asyncio
import builtins
import importlib
import importlib.abc
import importlib.machinery
import inspect
import linecache
import os
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["execute", "make_module", "prepare"]


def prepare(
    path: str,
    text: str,
    *,
    root: str | None = None,
    arguments: Any = (),
    cwd: str | None = None,
    shown: str | None = None,
) -> None:
    """Make this process what `python FILE ARGUMENTS` would be.

    Args:
        path: The file.
        text: What of it runs; it is also what tracebacks and `inspect.getsource` show.
        root: The directory a module is imported from, `None` for a file that is run by itself.
        arguments: For `sys.argv`.
        cwd: Working directory; one that is not there is left alone.
        shown: The file as the user wrote it, which is what `sys.argv` begins with where it is the file from there.
    """
    sys.path.insert(0, root or os.path.dirname(path))
    if cwd and os.path.isdir(cwd):
        os.chdir(cwd)
    written = shown if shown and root is None and _is_same(shown, path) else path
    sys.argv[:] = [written, *arguments]
    _show_text(path, text)


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def _show_text(path: str, text: str) -> None:
    """Let `linecache` know the file as the text that runs: it may have changed since, or be a notebook."""
    lines = text.splitlines(keepends=True)
    read = linecache.updatecache

    def update(filename: str, module_globals: Any = None) -> list[str]:
        if filename != path:
            return read(filename, module_globals)
        # An entry without a time is never checked against the file.
        linecache.cache[path] = (len(text), None, lines, path)
        return lines

    # AutoGraph, for one, has entries read again.
    linecache.updatecache = update
    update(path)


def make_module(path: str, text: str, *, name: str | None = None, notebook: bool = False) -> types.ModuleType:
    """The module the file runs as; pickle, dataclasses and relative imports look it up by its name.

    It is `__main__` for a file that is run by itself, as for `python FILE`. A file that has the name of a module is
    `__main__`, too, where it says what it does as the program, as for `python -m NAME`; any other one is imported under
    its own name, and is in `sys.modules` once it is.

    Args:
        path: The file.
        text: What of it runs.
        name: Dotted name, `None` for a file that is run by itself.
        notebook: Whether it is a notebook's code cells.
    """
    main = name is None or _is_program(name, text)
    module = types.ModuleType("__main__" if name is None or main else name)
    module.__file__ = path
    vars(module)["__builtins__"] = builtins
    if notebook:
        vars(module).update(display=print, get_ipython=_NotebookShell)
    if main:
        sys.modules["__main__"] = module
    if main and name is not None:
        module.__loader__ = importlib.machinery.SourceFileLoader(name, path)
        module.__spec__ = importlib.machinery.ModuleSpec(name, module.__loader__, origin=path)
        module.__spec__.has_location = True
        module.__package__ = module.__spec__.parent
    return module


def _is_program(name: str, text: str) -> bool:
    """Whether a module does something of its own when it is the program: the text speaks of `"__main__"`.

    Any other one is better imported: where its package imports it, too, it would run twice, as two modules.
    """
    if name.rpartition(".")[2] == "__main__":
        return True
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False  # running it says what is wrong
    return any(isinstance(node, ast.Constant) and node.value == "__main__" for node in nodes)


def execute(program: Any, module: types.ModuleType, *, notebook: bool = False) -> None:
    """Run a program in its module.

    Args:
        program: Text or syntax tree.
        module: From `make_module`.
        notebook: Whether `await` may stand outside of functions, as in a notebook.

    Raises:
        BaseException: Whatever the program raises, and what `compile` says of its syntax.
    """
    path = str(module.__file__)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if notebook else 0
    compiled = compile(program, path, "exec", flags=flags, dont_inherit=True)
    if compiled.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(compiled, vars(module)))
    elif module.__name__ == "__main__":
        if module.__package__:
            # Before the program, as `python -m` does; only its relative imports would import it otherwise.
            importlib.import_module(module.__package__)
        exec(compiled, vars(module))
    else:
        sys.meta_path.insert(0, _OneModule(module, path, lambda: exec(compiled, vars(module))))
        importlib.import_module(module.__name__)


class _OneModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the one module that is run, wherever it is imported first: by its own package, say."""

    def __init__(self, module: types.ModuleType, path: str, run: Callable[[], None]) -> None:
        self._module = module
        self._path = path
        self._run = run

    def find_spec(
        self, fullname: str, path: Any, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._module.__name__:
            return None
        package = os.path.basename(self._path) == "__init__.py"
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=self._path, is_package=package)
        if package:
            spec.submodule_search_locations = [os.path.dirname(self._path)]
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._module

    def exec_module(self, module: types.ModuleType) -> None:
        self._run()


class _NotebookShell:
    """What `get_ipython()` gives in a notebook, as far as programs use it: magics and commands that do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None
