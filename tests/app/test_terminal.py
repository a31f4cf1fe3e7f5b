"""What is found out about the terminal before Textual is imported."""

from __future__ import annotations

import io
import locale
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerascope.app import _terminal
from kerascope.app._watch import FileWatch

ROOT = Path(__file__).parents[2]


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_is_refused_with_the_plain_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    refusal = _terminal.screen_refusal({"TERM": "xterm"})
    assert refusal is not None
    assert "standard output is not a terminal" in refusal
    assert "kerascope check PATH" in refusal


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    monkeypatch.setattr(sys, "stdout", Tty())
    monkeypatch.setattr(sys, "stdin", Tty())
    refusal = _terminal.screen_refusal({"TERM": term})
    assert refusal is not None
    assert f"TERM={term!r}" in refusal


def test_a_terminal_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Tty())
    monkeypatch.setattr(sys, "stdin", Tty())
    assert _terminal.screen_refusal({"TERM": "screen"}) is None


def test_a_posix_locale_needs_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert _terminal.needs_ascii()
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(locale, "getpreferredencoding", lambda _set: "UTF-8")
    assert not _terminal.needs_ascii()
    monkeypatch.setattr(locale, "getpreferredencoding", lambda _set: "ISO-8859-1")
    assert _terminal.needs_ascii()


def test_few_frames_over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"SSH_TTY": "/dev/pts/1", "NO_COLOR": ""})
    _terminal.prepare_environment()
    assert os.environ["TEXTUAL_FPS"] == "15"
    assert "NO_COLOR" not in os.environ, "empty means not set"


def test_importing_the_package_imports_no_textual() -> None:
    code = "import sys, kerascope.app; assert not {'textual', 'rich', 'numpy', 'keras'} & set(sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tui")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_the_screen_imports_no_keras() -> None:
    code = "import sys, kerascope.app.app; assert not {'tensorflow', 'keras', 'tf_keras', 'numpy'} & set(sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tui")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_a_change_counts_when_it_is_over(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("a")
    watch = FileWatch(path)
    assert watch.poll() is None
    path.write_text("ab")
    assert watch.poll() is None, "it may still be being written"
    assert watch.poll() == "changed"
    assert watch.poll() is None
    path.unlink()
    assert [watch.poll(), watch.poll(), watch.poll()] == [None, "missing", None]
    path.write_text("abc")
    assert [watch.poll(), watch.poll()] == [None, "changed"]
