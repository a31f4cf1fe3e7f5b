"""Which Python runs the user's file, and which Keras generation it is meant for."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

from kerascope.engine._syntax import parse_or_none

__all__ = ["InterpreterError", "choose_generation", "choose_python", "legacy_line", "parses"]

PARSE_SECONDS = 30.0


class InterpreterError(Exception):
    """The interpreter the user named cannot be used; the message says why and what to do."""


def choose_python(chosen: str | None) -> str:
    """The interpreter that runs the user's file.

    Args:
        chosen: What the user named: a path, a command, or a virtual environment's folder. `None` takes the active
            virtual environment if it has Keras, else our own interpreter.

    Raises:
        InterpreterError: What was named is no program that can be run.
    """
    if chosen is None:
        for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            prefix = os.environ.get(variable)
            if prefix and _has_keras(Path(prefix)):
                python = Path(prefix) / "bin" / "python"
                if os.access(python, os.X_OK):
                    return str(python)
        return sys.executable
    path = Path(chosen).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    if path.is_file():
        if not os.access(path, os.X_OK):
            raise InterpreterError(f"--python {chosen}: {path} is not executable")
        # Not resolved: a virtual environment's python is a link, and the link is what makes it that environment.
        return str(path.absolute())
    found = shutil.which(chosen)
    if found is None:
        raise InterpreterError(
            f"--python {chosen}: there is no such interpreter; give the path of a Python that has Keras, "
            "such as .venv/bin/python"
        )
    return found


def parses(python: str, text: str) -> bool:
    """Whether an interpreter, of whatever version, can parse a program; one that cannot be asked is thought to."""
    program = "import sys; compile(sys.stdin.buffer.read().decode('utf-8', 'surrogateescape'), '', 'exec')"
    try:
        asked = subprocess.run(
            [python, "-I", "-W", "ignore", "-c", program],
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            timeout=PARSE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return asked.returncode == 0


def _has_keras(prefix: Path) -> bool:
    return any(
        next(prefix.glob(f"lib/python3*/site-packages/{package}/__init__.py"), None) is not None
        for package in ("keras", "tf_keras")
    )


def choose_generation(chosen: str, text: str) -> int:
    """The Keras generation a file is looked at with: 2 or 3.

    `auto` is 2 when the environment asks for it (`TF_USE_LEGACY_KERAS`) or the file imports `tf_keras` or asks for it
    itself (`os.environ["TF_USE_LEGACY_KERAS"] = "1"`), else 3.

    Args:
        chosen: `auto`, `2` or `3`.
        text: The program text; text that does not parse is nobody's vote.
    """
    if chosen in ("2", "3"):
        return int(chosen)
    # TensorFlow's own reading of the variable.
    if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true"):
        return 2
    return 2 if legacy_line(text) is not None else 3


def legacy_line(text: str) -> int | None:
    """The line at which a program asks for Keras 2 itself: it imports `tf_keras`, or sets TF_USE_LEGACY_KERAS."""
    if "tf_keras" not in text and "TF_USE_LEGACY_KERAS" not in text:
        return None
    tree = parse_or_none(text)
    if tree is None:
        return None
    asking = (
        node for node in ast.walk(tree) if _imports_tf_keras(node) or _sets_legacy(node) or _sets_legacy_default(node)
    )
    return next((int(getattr(node, "lineno", 1)) for node in asking), None)


def _imports_tf_keras(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "tf_keras" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "tf_keras"


def _sets_legacy_default(node: ast.AST) -> bool:
    """`os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setdefault"
        and [getattr(argument, "value", None) for argument in node.args] in (["TF_USE_LEGACY_KERAS", "1"],)
    )


def _sets_legacy(node: ast.AST) -> bool:
    """`os.environ["TF_USE_LEGACY_KERAS"] = "1"`."""
    return (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Subscript)
        and isinstance(node.targets[0].slice, ast.Constant)
        and node.targets[0].slice.value == "TF_USE_LEGACY_KERAS"
        and isinstance(node.value, ast.Constant)
        and str(node.value.value).lower() in ("1", "true")
    )
