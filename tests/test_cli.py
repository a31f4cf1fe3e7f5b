"""The command line: exit codes, what goes to which stream, and how little is imported."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

import kerascope
from kerascope import cli
from kerascope.engine import LookOptions
from kerascope.graph import (
    Failure,
    Finding,
    Inspection,
    Layer,
    Model,
    Progress,
    Severity,
    Source,
    SourceKind,
    Target,
)
from kerascope.runs import TrainSpec, create_run

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]


def inspection(path: Path, *severities: Severity, failure: Failure | None = None) -> Inspection:
    findings = tuple(
        Finding(rule="KS101", name="discarded-input-shape", severity=severity, message="m", why="w", line=1)
        for severity in severities
    )
    layers = (Layer(id="m0:d", uid=1, name="couche_é", class_name="Dense"),)
    return Inspection(
        source=Source(path=str(path), kind=SourceKind.PYTHON, executed=True, text="x = 1\n"),
        models=(Model(name="m", class_name="Sequential", built=True, layers=layers),),
        findings=findings,
        failure=failure,
    )


ANSWERS: dict[str, Callable[[Path], Inspection]] = {
    "clean.py": lambda path: inspection(path),
    "info.py": lambda path: inspection(path, Severity.INFO),
    "warning.py": lambda path: inspection(path, Severity.INFO, Severity.WARNING),
    "error.py": lambda path: inspection(path, Severity.ERROR),
    "failed.py": lambda path: inspection(
        path, Severity.WARNING, failure=Failure(kind="syntax", message="failed.py is not valid Python.")
    ),
}


class FakeInspector:
    """Answers by the file's name."""

    options: ClassVar[list[LookOptions]] = []
    targets: ClassVar[list[Target]] = []
    compared: ClassVar[list[bool]] = []
    closed: ClassVar[int] = 0

    def __init__(self, options: LookOptions) -> None:
        FakeInspector.options.append(options)

    async def look(
        self, target: Target, on_progress: Callable[[Progress], None], *, compare: bool = False
    ) -> Inspection:
        FakeInspector.targets.append(target)
        FakeInspector.compared.append(compare)
        path = Path(target.path)
        on_progress(Progress(phase="starting", message="starting Keras", seconds=0.5))
        if path.name == "interrupt.py":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(30)
        if path.name == "bug.py":
            raise RuntimeError("a bug")
        return ANSWERS[path.name](path)

    async def close(self) -> None:
        FakeInspector.closed += 1


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("kerascope.inspection")
    module.__dict__["Inspector"] = FakeInspector
    monkeypatch.setitem(sys.modules, "kerascope.inspection", module)
    monkeypatch.setattr(FakeInspector, "options", [])
    monkeypatch.setattr(FakeInspector, "targets", [])
    monkeypatch.setattr(FakeInspector, "compared", [])
    monkeypatch.setattr(FakeInspector, "closed", 0)


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["clean.py"], 0),
        (["info.py"], 0),
        (["warning.py"], 1),
        (["error.py"], 1),
        (["failed.py"], 2),
        (["clean.py", "warning.py", "clean.py"], 1),
        (["warning.py", "failed.py", "clean.py"], 2),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_exit_codes(paths: list[str], code: int, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--format", form, *paths]) == code
    captured = capsys.readouterr()
    assert FakeInspector.closed == 1
    if form == "json":
        answers = [json.loads(line) for line in captured.out.splitlines()]
        assert [answer["source"]["path"] for answer in answers] == paths
        failed = [answer["failure"] for answer in answers if answer["failure"] is not None]
        assert captured.err == "".join(f"kerascope: {failure['message']}\n" for failure in failed)
    else:
        assert captured.err == ""
        assert all(f"{path}: " in captured.out for path in paths)
        assert "\x1b" not in captured.out


def test_what_is_asked_for_reaches_the_inspector(capsys: pytest.CaptureFixture[str]) -> None:
    shapes = ["--input-shape", "image=(None, 28, 28, 1)", "--input-shape", "(None, 5):int32"]
    arguments = ["check", "--keras", "both", "--strict", *shapes, 'clean.py:build(units=64, "relu")', "clean.py"]
    assert cli.main([*arguments, "--", "--epochs", "3", "--", "x"]) == 0
    input_shapes = (("image", (None, 28, 28, 1), None), (None, (None, 5), "int32"))
    assert FakeInspector.targets == [
        Target(path="clean.py", name="build", call='"relu", units=64', input_shapes=input_shapes),
        Target(path="clean.py", input_shapes=input_shapes),
    ]
    assert FakeInspector.compared == [True, True]
    (options,) = FakeInspector.options
    assert (options.keras, options.strict, options.arguments) == ("both", True, ("--epochs", "3", "--", "x"))
    assert "clean.py: no findings" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["check", "--format", "xml", "a.py"],
        ["check", "--form", "json", "a.py"],
        ["check", "--timeout", "-1", "a.py"],
        ["check", "--timeout", "0", "a.py"],
        ["check", "--timeout", "nan", "a.py"],
        ["check", "--timeout", "inf", "a.py"],
        ["check", "--timeout", "soon", "a.py"],
        ["check", "--keras", "4", "a.py"],
        ["check", "--input-shape", "28", "a.py"],
        ["check", "--input-shape", "(None, 0)", "a.py"],
        ["check", "--input-shape", "a=(None, 2)", "--input-shape", "a=(None, 3)", "a.py"],
        ["check", "clean.py:build(open('x'))"],
        ["check", "clean.py:"],
        ["check", "--", "a.py"],
        ["check", ""],
        ["--timeout", "-1", "a.py"],
        ["--nothing"],
        ["a.py", "b.py"],
    ],
)
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: kerascope")
    assert FakeInspector.options == []


def test_options_reach_the_inspector() -> None:
    chosen = ["--keras", "2", "--python", "/venv/bin/python", "--timeout", "2.5", "--strict"]
    assert cli.main(["check", *chosen, "clean.py"]) == 0
    assert FakeInspector.options == [LookOptions(keras="2", python="/venv/bin/python", timeout=2.5, strict=True)]


def test_a_file_named_check_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["./check"]) == 64  # the screen, and there is no terminal here
    assert "kerascope check ./check" in capsys.readouterr().err


def test_a_run_is_opened_by_its_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = create_run(TrainSpec(path="/x/train.py", shown="train.py"), tmp_path)
    opened: list[Path] = []

    def open_run(path: Path, **others: Any) -> int:
        opened.append(path)
        return 0

    monkeypatch.setattr("kerascope.app._terminal.screen_refusal", lambda: None)
    monkeypatch.setattr("kerascope.app.run_app_on_run", open_run)
    assert cli.main([str(directory)]) == cli.NOTHING
    assert opened == [directory]


def test_screen_without_terminal_says_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--keras", "2", "--ascii", "my model.py"]) == 64
    captured = capsys.readouterr()
    assert "kerascope check --keras 2 'my model.py'" in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    if arguments == ["--version"]:
        assert captured.out == f"kerascope {kerascope.__version__}\n"


def test_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "interrupt.py"]) == 130
    assert FakeInspector.closed == 1
    assert capsys.readouterr().err == ""


def test_an_error_of_our_own_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "bug.py"]) == 70
    assert "RuntimeError: a bug" in capsys.readouterr().err
    assert FakeInspector.closed == 1


class Terminal:
    """A text stream that says it is a terminal."""

    encoding = "ascii"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("", True), ("1", False)])
def test_colour(no_color: str | None, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert cli.main(["check", "warning.py"]) == 1
    assert ("\x1b[1;33m" in out.text) == coloured


def test_progress_is_wiped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["check", "clean.py"]) == 0
    assert "clean.py: starting Keras" in err.text
    assert err.text.endswith("\r\x1b[K")
    assert "starting" not in capsys.readouterr().out


def python(program: str, **streams: int) -> subprocess.CompletedProcess[bytes]:
    """Run a program in which the inspector is a fake, in a locale that knows only ASCII."""
    fake = """if True:
        import sys, types
        from pathlib import Path
        from kerascope.graph import Inspection, Layer, Model, Source, SourceKind
        class Inspector:
            def __init__(self, options): pass
            async def look(self, target, on_progress, compare=False):
                layers = tuple(Layer(id=str(n), uid=n, name="é" * 50, class_name="Dense") for n in range(3000))
                model = Model(name="m", class_name="M", built=True, layers=layers)
                source = Source(path=target.path, kind=SourceKind.PYTHON, executed=True)
                return Inspection(source=source, models=(model,))
            async def close(self): pass
        sys.modules["kerascope.inspection"] = module = types.ModuleType("kerascope.inspection")
        module.Inspector = Inspector
        from kerascope.cli import main
    """
    fake = f"{fake.rstrip()}\n        {program}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tui"), "PYTHONIOENCODING": "ascii"}
    return subprocess.run([sys.executable, "-c", fake], env=environment, check=False, timeout=60, **streams)  # type: ignore[call-overload, no-any-return]


def test_a_reader_that_goes_away_is_no_news() -> None:
    read, write = os.pipe()
    os.close(read)
    ran = python('sys.exit(main(["check", "a.py", "b.py"]))', stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert ran.stderr == b""
    assert ran.returncode == 141


def test_a_full_disk_is_said() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    ran = python('sys.exit(main(["check", "a.py"]))', stdout=full, stderr=subprocess.PIPE)
    os.close(full)
    assert ran.returncode == 74
    assert b"No space left" in ran.stderr
    assert ran.stderr.count(b"\n") == 1


def test_names_outside_the_locale_are_printed() -> None:
    ran = python('sys.exit(main(["check", "a.py"]))', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert rb"\xe9\xe9" in ran.stdout


def test_closed_output_is_survived() -> None:
    ran = python('sys.stdout = None; sys.stderr = None; sys.exit(main(["check", "a.py"]))')
    assert ran.returncode == 0
