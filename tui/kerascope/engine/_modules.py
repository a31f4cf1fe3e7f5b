"""Files that are named by a module, or have to be run as one."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

from kerascope.engine._syntax import parse_or_none

__all__ = ["ModuleError", "find_module", "import_name", "module_of", "real_path"]

FIND_SECONDS = 20.0
"""Seconds the interpreter has to find a module: the cold disk of a network is slow, a hang is not an answer."""

# Walks the packages without importing them: a package's __init__ may import TensorFlow, and would run twice.
_FIND = """
import importlib.machinery, sys
name, path, full = sys.argv[1], None, ""
sys.path.insert(0, sys.argv[2])
for part in name.split("."):
    full = full + "." + part if full else part
    spec = importlib.machinery.PathFinder.find_spec(full, path)
    if spec is None:
        sys.exit("no " + full)
    path = spec.submodule_search_locations
print(spec.origin or "")
"""


class ModuleError(Exception):
    """A module the user named cannot be found; the message says where was looked."""


def find_module(python: str, name: str) -> Path:
    """The file of a module, found as `python` would find it from the current directory; nothing is imported.

    Raises:
        ModuleError: There is no such module, or it has no Python file.
    """
    directory = str(Path.cwd())
    try:
        done = subprocess.run(
            [python, "-c", _FIND, name, directory],
            capture_output=True,
            text=True,
            timeout=FIND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModuleError(f"{python} could not be asked where the module {name} is: {error}") from None
    origin = done.stdout.strip().rpartition("\n")[2]
    if done.returncode:
        missing = done.stderr.strip().rpartition("\n")[2].removeprefix("no ")
        raise ModuleError(
            f"there is no file and no module {name!r}: {python} finds no {missing!r} from {directory}; "
            "give the path of a file, or a module that can be imported from here"
        )
    if not origin.endswith(".py"):
        raise ModuleError(
            f"the module {name!r} is no Python file ({origin or 'it has none'}): there is nothing to read"
        )
    return Path(origin)


def real_path(path: Path) -> str:
    """The absolute path, links kept: the file's folder is the one it was named in, as for `python FILE`."""
    try:
        return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links, absolute() keeps "..".
    except FileNotFoundError:
        return str(path)  # a relative path in a directory that has been deleted under us


def import_name(path: Path, text: str, module: str | None = None) -> tuple[str | None, str | None]:
    """The name a program is imported by, and from which directory; both `None` where it runs as `python FILE` does.

    Args:
        path: The program's file, absolute.
        text: The program.
        module: The dotted name it was asked for by; `None` where its path was named.
    """
    if module is not None:
        above = module.count(".") + (2 if path.name == "__init__.py" else 1)
        return module, os.fspath(path.parents[above - 1])
    return module_of(path, text) or (None, None)


def module_of(path: Path, text: str) -> tuple[str, str] | None:
    """The dotted name under which a file of a package has to run, and the directory that holds the package.

    Plain `python FILE` cannot run a file with relative imports; a file in a package that has them can only be meant to
    be imported. A package's `__main__.py` is what `python -m` runs.

    Returns:
        `None` for a file that runs on its own.
    """
    if not (path.parent / "__init__.py").is_file():
        return None
    if path.name != "__main__.py" and not _has_relative_imports(text):
        return None
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        parts.append(folder.name)
        folder = folder.parent
    name = ".".join(reversed(parts))
    return (name, os.fspath(folder)) if all(part.isidentifier() for part in parts) else None


def _has_relative_imports(text: str) -> bool:
    tree = parse_or_none(text)
    return tree is not None and any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in ast.walk(tree))
