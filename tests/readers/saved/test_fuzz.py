"""Changed models and bombs: always a graph or a plain error, in little time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.readers.saved import bombs, forge, mutations

WORKER = Path(__file__).with_name("fuzz_worker.py")
MOST_SECONDS = 5.0
MOST_BYTES = 300 << 20
WORKERS = 2


def opened(paths: list[Path]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """What a process of its own says of these files, and the memory it took."""
    ran = subprocess.run(
        [sys.executable, str(WORKER)],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    done = len(lines) - 1 if ran.returncode == 0 else len(lines)
    assert ran.returncode == 0, f"it ended at {paths[done]}: {ran.stderr[-3000:]}"
    assert ran.stderr == ""
    return lines[:-1], lines[-1]


def opened_by_all(paths: list[Path]) -> list[dict[str, Any]]:
    """The same, by several processes at once; none of them, nor their children, may take too much."""
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(opened, [paths[number::WORKERS] for number in range(WORKERS)]))
    for _, peaks in parts:
        assert peaks["peak"] < MOST_BYTES, peaks
        assert peaks["peak_of_children"] < MOST_BYTES, peaks
    return [answer for answers, _ in parts for answer in answers]


def judge(answers: list[dict[str, Any]]) -> None:
    crashed = [f"{answer['path']}: {answer['said'][-1500:]}" for answer in answers if answer["outcome"] == "crash"]
    assert crashed == [], f"{len(crashed)} crashes, the first: {crashed[0]}"
    # A busy machine makes everything slow: what takes long there must not have computed for long, nor wait for ever.
    slow = [
        answer
        for answer in answers
        if answer["seconds"] > MOST_SECONDS and (answer["cpu"] > MOST_SECONDS or answer["seconds"] > 5 * MOST_SECONDS)
    ]
    assert slow == []
    silent = [answer["path"] for answer in answers if answer["outcome"] == "failure" and len(answer["said"]) < 20]
    assert silent == []


def test_two_thousand_changed_models(tmp_path: Path) -> None:
    paths = list(mutations.mutations(tmp_path, forge))
    assert len(paths) == sum(mutations.COUNTS.values()) == 2000
    answers = opened_by_all(paths)
    assert len(answers) == len(paths)
    judge(answers)
    graphs = sum(answer["outcome"] == "graph" for answer in answers)
    # Both ends are reached often, or the changes are too small or too large to find anything.
    assert 600 < graphs < 1700


def test_bombs_cuts_and_turned_bits(tmp_path: Path) -> None:
    made = bombs.bombs(tmp_path / "bombs", forge)
    assert len(made) > 150
    answers = opened_by_all([bomb.path for bomb in made])
    judge(answers)
    by_path = {answer["path"]: answer for answer in answers}
    for bomb in made:
        answer = by_path[str(bomb.path)]
        if bomb.told:
            assert answer["outcome"] == "failure" or "KS503" in answer["rules"], (bomb.name, answer)


def test_the_changes_are_the_same_each_time(tmp_path: Path) -> None:
    counts = {"json": 40, "metadata": 10}
    contents = []
    for run in ("a", "b"):
        folder = tmp_path / run
        folder.mkdir()
        made = mutations.mutations(folder, forge, counts)
        files = [path if path.is_file() else path / "keras_metadata.pb" for path in made]
        contents.append([file.read_bytes() for file in files])
    assert contents[0] == contents[1]
