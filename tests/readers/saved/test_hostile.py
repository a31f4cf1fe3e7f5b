"""Hostile saved models: however they are opened, nothing in them runs, is fetched or opened, and the user is told."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.readers.saved import forge, hostile

from kerascope import cli
from kerascope.app.app import KerascopeApp
from kerascope.app.screens.look import LookScreen
from kerascope.graph import Target
from kerascope.inspection import Inspector, LookOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.readers.saved.hostile import Canary, Hostile
    from textual.pilot import Pilot

MOST_SECONDS = 5.0
CLASSES = {
    "CVE-2024-3660", "CVE-2025-1550", "CVE-2025-8747", "CVE-2025-9905", "CVE-2025-9906", "CVE-2025-49655",
    "CVE-2025-12058", "CVE-2026-0897", "CVE-2026-1462", "CVE-2026-1669", "CVE-2026-12479", "CVE-2026-12481",
}  # fmt: skip
ON_SCREEN = CLASSES | {"a pickle", "a program named as a model", "graph reads a file", "lambda in metadata", "zip slip"}


@dataclass
class Zoo:
    """The corpus and what tells that something in it has got out."""

    files: list[Hostile]
    canary: Canary
    folder: Path


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    folder = tmp_path_factory.mktemp("hostile")
    canary = hostile.Canary(folder)
    files = hostile.corpus(folder / "corpus", canary, forge)
    assert canary.fired() == []
    yield Zoo(files, canary, folder)
    canary.close()


def test_every_published_class_is_there(zoo: Zoo) -> None:
    assert {each.name for each in zoo.files} >= CLASSES


def test_the_canary_can_sing(zoo: Zoo) -> None:
    """What the files want to be done, done without a loader: it is seen each time."""
    armed = [each for each in zoo.files if each.fire is not None]
    assert len(armed) > 15
    for each in armed:
        assert each.fire is not None
        each.fire()
        deadline = time.monotonic() + 2
        while not (fired := zoo.canary.fired()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert fired, each.path.name


def test_a_pickle_fires_in_another_process_too(zoo: Zoo) -> None:
    path = next(each.path for each in zoo.files if each.name == "a pickle")
    subprocess.run([sys.executable, "-c", f"import pickle; pickle.load(open({str(path)!r}, 'rb'))"], check=True)
    assert zoo.canary.fired() == ["made pickle.keras"]


def test_check(zoo: Zoo, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file alone: its exit code, its findings, where they lead, and silence."""
    for each in zoo.files:
        code = cli.main(["check", "--format", "json", str(each.path)])
        captured = capsys.readouterr()
        assert zoo.canary.fired() == [], each.path.name
        assert code in each.exits, (each.path.name, code, captured.out)
        assert hostile.SECRET.strip() not in captured.out + captured.err
        assert "Traceback" not in captured.out + captured.err
        assert "kerascope itself failed" not in captured.out + captured.err
        answer = json.loads(captured.out)
        assert answer["source"]["executed"] is False
        findings = answer["findings"]
        assert {finding["rule"] for finding in findings} >= each.rules, (each.path.name, findings)
        told = [finding for finding in findings if finding["rule"] in ("KS501", "KS502")]
        if each.layer is not None:
            assert each.layer in {finding["layer"] for finding in told}, (each.path.name, told)
        assert all(finding["why"] and finding["message"] for finding in told)


def test_check_in_a_process_of_its_own(zoo: Zoo) -> None:
    paths = [
        str(each.path) for each in zoo.files if each.name in ("CVE-2024-3660", "CVE-2025-9906", "zip slip", "a pickle")
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "kerascope", "check", *paths], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr == ""
    assert "Traceback" not in ran.stdout
    assert "KS501" in ran.stdout
    assert "nothing in this file was executed" in " ".join(ran.stdout.split())
    assert zoo.canary.fired() == []


def test_weights_with_statistics(zoo: Zoo, capsys: pytest.CaptureFixture[str]) -> None:
    holding = [each for each in zoo.files if each.path.suffix in (".h5", ".keras") and each.layer is None]
    once = [next(each for each in zoo.files if each.name == name) for name in sorted(CLASSES)]
    for each in {one.path: one for one in [*holding, *once]}.values():
        code = cli.main(["weights", "--stats", "--format", "json", str(each.path)])
        captured = capsys.readouterr()
        assert zoo.canary.fired() == [], each.path.name
        assert code in (0, 1, 2), each.path.name
        assert hostile.SECRET.strip() not in captured.out + captured.err
        assert "Traceback" not in captured.out + captured.err
        assert "kerascope itself failed" not in captured.out + captured.err


def test_the_screen(zoo: Zoo) -> None:
    """One app for each file, as a user starts it; statistics of all weights are asked for where there are some."""

    async def look_at(each: Hostile) -> None:
        inspector = Inspector(LookOptions())
        app = KerascopeApp(inspector, Target(path=str(each.path)))
        async with app.run_test(size=(100, 30)) as pilot:
            assert isinstance(app.screen, LookScreen)
            answered = await _answered(app.screen, pilot)
            assert answered, each.path.name
            await pilot.press("w", "end")
            await pilot.pause()
            lines = [strip.text for strip in app.screen._compositor.render_strips()]
            assert hostile.SECRET.strip() not in "\n".join(lines)
        await inspector.close()

    async def look_at_all() -> None:
        seen = set()
        for each in zoo.files:
            # Of each class one: what differs between its files is read the same way as for `check`.
            if each.name in seen or each.name not in ON_SCREEN:
                continue
            seen.add(each.name)
            await look_at(each)
            assert zoo.canary.fired() == [], each.path.name

    asyncio.run(look_at_all())


async def _answered(screen: LookScreen, pilot: Pilot[Any]) -> bool:
    """Whether an answer came within the time there is."""
    for _ in range(int(MOST_SECONDS / 0.05)):
        inspection = screen.inspection
        if inspection is not None and (inspection.file is not None or inspection.failure is not None):
            return True
        await pilot.pause(0.05)
    return False
