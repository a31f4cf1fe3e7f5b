"""The walls between the houses, each proved in a fresh interpreter or on the text of the program."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tui" / "kerascope"
KERAS = {"tensorflow", "keras", "tf_keras", "numpy"}
ARRAYS = {"numpy", "h5py"}
PROBE = sorted((PACKAGE / "probe").rglob("*.py"))
CHILD = sorted((PACKAGE / "readers" / "saved" / "hdf5_child").rglob("*.py"))


def modules() -> list[str]:
    """Every module of the package but those of the probe and of the child that reads HDF5, programs of their own."""
    found = []
    for path in sorted(set(PACKAGE.rglob("*.py")) - set(CHILD)):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not name.startswith("kerascope.probe"):
            found.append(name)
    return found


def imported_by(program: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after `program`."""
    tail = "\nimport sys as _s, json as _j\nprint(_j.dumps(sorted({name.partition('.')[0] for name in _s.modules})))"
    setup = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n"
    ran = subprocess.run(
        [sys.executable, "-c", setup + program + tail], capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_the_list_of_modules_is_not_empty() -> None:
    assert {"kerascope", "kerascope.cli", "kerascope.graph", "kerascope.__main__"} <= set(modules())
    assert PROBE
    assert CHILD


def test_importing_everything_imports_no_keras() -> None:
    program = f"import importlib\nfor name in {modules()!r}: importlib.import_module(name)"
    assert imported_by(program) & (KERAS | ARRAYS) == set()


def test_the_measure_can_fail() -> None:
    assert "numpy" in imported_by("import numpy")


def test_command_line_is_instant() -> None:
    heavy = {"textual", "rich", "asyncio", "socket", *KERAS}
    assert imported_by("import kerascope.cli") & heavy == set()
    program = "from kerascope.cli import main\nimport contextlib, io\n"
    program += "with contextlib.redirect_stdout(io.StringIO()): assert main(['--help']) == main(['--version']) == 0"
    assert imported_by(program) & heavy == set()


def test_without_a_screen_there_is_no_textual() -> None:
    names = [name for name in modules() if name.partition(".")[2].partition(".")[0] not in {"app", "__main__"}]
    program = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    assert "textual" not in imported_by(program)


def test_a_running_screen_has_no_keras() -> None:
    program = f"""if True:
        import asyncio
        from pathlib import Path
        from kerascope.app.app import KerascopeApp
        from kerascope.graph import Target
        from kerascope.readers import read_python
        class Inspector:
            def glance(self, target): return read_python(Path(target.path))
            async def look(self, target, on_progress, *, compare=False): return self.glance(target)
            async def close(self): pass
        async def main():
            target = Target(path={str(ROOT / "sample_models" / "unconnected.py")!r})
            async with KerascopeApp(Inspector(), target).run_test(size=(80, 24)) as pilot:
                await pilot.pause()
        asyncio.run(main())
    """
    held = imported_by(program)
    assert "textual" in held
    assert held & KERAS == set()


def test_contracts() -> None:
    """The import-linter contracts of pyproject.toml."""
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    ran = subprocess.run(
        [program, "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(PACKAGE.parent), "PATH": "/usr/bin:/bin", "COLUMNS": "120", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def imports_of(path: Path) -> set[str]:
    """Top-level names that a file imports anywhere in it; `.` for a relative import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." if node.level else (node.module or "").partition(".")[0])
    return names


@pytest.mark.parametrize("path", PROBE, ids=lambda path: path.name)
def test_probe_runs_in_an_old_python(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


@pytest.mark.parametrize("path", PROBE, ids=lambda path: path.name)
def test_probe_needs_only_keras(path: Path) -> None:
    own = {each.stem for each in PROBE} | {".", "kerascope_probe", "_kerascope_probe"}
    assert imports_of(path) <= set(sys.stdlib_module_names) | KERAS | own


@pytest.mark.parametrize("path", [path for path in PACKAGE.rglob("*.py") if path not in PROBE + CHILD], ids=str)
def test_nobody_else_imports_keras(path: Path) -> None:
    assert imports_of(path) & (KERAS | ARRAYS) == set()


@pytest.mark.parametrize("path", CHILD, ids=lambda path: path.name)
def test_child_needs_only_arrays(path: Path) -> None:
    """It is a program of its own, so that a crash in it is not ours; it is started by path, never imported."""
    assert imports_of(path) <= set(sys.stdlib_module_names) | ARRAYS | {"."}


def test_readme_has_the_test_command() -> None:
    """`.ci/run` takes it from there."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines.count("python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest") == 1
