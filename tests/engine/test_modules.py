"""Files of a package: by which name they run, and that they do so as `python -m` and `import` run them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from kerascope.engine import import_name
from kerascope.readers import parse_target

TUI = Path(__file__).parents[2] / "tui"

# What a program sees of itself; it must be the same whoever runs it.
SEEN = """
    import dataclasses, inspect, json, pickle, sys

    @dataclasses.dataclass
    class Config:
        units: int = 3

    def main():
        here = sys.modules[__name__]
        print(json.dumps({
            "name": __name__, "package": __package__, "file": __file__, "spec": [__spec__.name, __spec__.parent],
            "origin": [__spec__.origin, __spec__.has_location], "loader": type(__loader__).__name__,
            "argv": sys.argv, "path": sys.path[0], "registered": vars(here) is globals(),
            "pickled": pickle.loads(pickle.dumps(Config(5))).units, "sibling": sibling.LOADED, "imported": again(),
            "source": inspect.getsource(Config).splitlines()[1], "own": sys.modules["__main__"].__name__,
        }))

    def again():
        import pk.tr
        return [pk.tr.__name__, pk.tr is sys.modules["__main__"], type(Config()) is pk.tr.Config]
    """


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory that holds a package of which a file is a program."""
    folder = tmp_path / "pk"
    folder.mkdir()
    (folder / "__init__.py").write_text("print('the package')\n")
    (folder / "sibling.py").write_text("LOADED = __name__\n")
    program = textwrap.dedent(SEEN) + "from . import sibling\n"
    (folder / "tr.py").write_text(program + "if __name__ == '__main__':\n    main()\n")
    (folder / "plain.py").write_text("from . import sibling\nprint(__name__, __package__)\n")
    (folder / "__main__.py").write_text("from pk import sibling\nprint(__name__, __package__, __spec__.name)\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# As a look and a training run a file.
RUN = """
import json, sys
sys.path.insert(0, sys.argv.pop(1))
from kerascope.probe.running import execute, make_module, prepare
del sys.path[0]
path, text, name, root, arguments = json.loads(sys.argv[1])
prepare(path, text, root=root, arguments=arguments)
execute(text, make_module(path, text, name=name))
"""


def ours(path: Path, *arguments: str) -> list[str]:
    """What a file prints when it is run as we run it, by its path."""
    text = path.read_text()
    name, root = import_name(path, text)
    asked = json.dumps([str(path), text, name, root, arguments])
    return output([sys.executable, "-c", RUN, str(TUI), asked])


def output(command: list[str]) -> list[str]:
    """The lines that a command prints."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_program_of_a_package_runs_as_python_m_runs_it(package: Path) -> None:
    found = ours(package / "pk" / "tr.py", "--fast")
    assert found == output([sys.executable, "-m", "pk.tr", "--fast"])
    assert found[0] == "the package"
    seen: dict[str, Any] = json.loads(found[1])
    assert (seen["name"], seen["package"], seen["spec"]) == ("__main__", "pk", ["pk.tr", "pk"])


def test_a_package_that_imports_its_program_has_it_twice(package: Path) -> None:
    (package / "pk" / "__init__.py").write_text("from .tr import Config\nprint(Config.__module__)\n")
    found = ours(package / "pk" / "tr.py")
    assert found == output([sys.executable, "-W", "ignore", "-m", "pk.tr"])
    assert found[0] == "pk.tr"


def test_any_other_file_of_a_package_is_imported(package: Path) -> None:
    (package / "pk" / "__init__.py").write_text("from . import plain\n")
    assert ours(package / "pk" / "plain.py") == ["pk.plain pk"], "once, although its package imports it, too"


def test_what_runs_of_a_package_is_its_main(package: Path) -> None:
    target = parse_target("pk")
    assert (target.path, target.module) == ("pk/__main__.py", None)
    assert ours(package / target.path) == output([sys.executable, "-m", "pk"])
    (package / "pk" / "sub").mkdir()
    (package / "pk" / "sub" / "__main__.py").touch()
    assert parse_target("pk.sub").module == "pk.sub.__main__"
    assert parse_target("pk.sub:build").module == "pk.sub"


def test_a_directory_with_a_main_runs_as_python_runs_it(package: Path) -> None:
    (package / "pk" / "__init__.py").unlink()
    (package / "pk" / "__main__.py").write_text("import sibling\nprint(__name__, sibling.LOADED)\n")
    target = parse_target("pk")
    assert import_name(package / target.path, "from . import sibling") == (None, None)
    assert ours(package / target.path) == output([sys.executable, "pk"])
