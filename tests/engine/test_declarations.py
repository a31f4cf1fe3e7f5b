"""Every way to declare an input shape: what Keras makes of it, and that we say the same, under both generations.

Each case is put to a plain Keras too, in a process of its own that knows nothing of us: the shapes we call effective
must be those it built its layers with, and what we say was never built must have none there.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine import declaration_cases, declaration_cases_inside
from tests.engine.declaration_cases import HEAD, Case

from kerascope.graph import Severity

if TYPE_CHECKING:
    from tests.conftest import Looker

    from kerascope.graph import Inspection, Layer

pytestmark = pytest.mark.keras

GENERATIONS = ("3", "2")
CASES: dict[str, Case] = {**declaration_cases.CASES, **declaration_cases_inside.CASES}
ASKED = [(name, generation) for name in CASES for generation in GENERATIONS]


def file_name(name: str) -> str:
    """The file a case is written to."""
    return "".join(letter if letter.isalnum() else "_" for letter in name) + ".py"


@functools.cache
def plain_keras(generation: str) -> dict[str, Any]:
    """What plain Keras of a generation says of every case."""
    script = Path(__file__).parents[1] / "plain_keras.py"
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / file_name(name) for name in CASES]
        for path, case in zip(paths, CASES.values(), strict=True):
            path.write_text(HEAD + case.program + "\n")
        done = subprocess.run(
            [sys.executable, str(script), generation, *map(str, paths)],
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def look_at(looker: Looker, tmp_path: Path, name: str, generation: str) -> Inspection:
    """Our look at a case."""
    path = tmp_path / file_name(name)
    path.write_text(HEAD + CASES[name].program + "\n")
    return looker.look(path, keras=generation)


def of_generation(value: Any, generation: str, otherwise: Any) -> Any:
    """What a case says for one generation."""
    if isinstance(value, dict) and set(value) <= set(GENERATIONS) and value:
        return value.get(generation, otherwise)
    return value


def cases(*, failing: bool) -> list[Any]:
    """Cases with generations, those that Keras itself refuses or the others."""
    return [
        pytest.param(name, generation, id=f"{name}-{generation}")
        for name, generation in ASKED
        if (generation in CASES[name].raises) == failing
    ]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_plain_keras_runs_and_refuses_what_the_cases_say(generation: str) -> None:
    facts = plain_keras(generation)
    for name, case in CASES.items():
        error = facts[file_name(name)]["error"]
        wanted = case.raises.get(generation)
        assert (error is None) == (wanted is None), (name, error)
        assert wanted is None or f"\n{wanted}:" in error, (name, error)


@pytest.mark.parametrize(("name", "generation"), cases(failing=False))
def test_shapes_and_verdicts(looker: Looker, tmp_path: Path, name: str, generation: str) -> None:
    inspection = look_at(looker, tmp_path, name, generation)
    assert inspection.failure is None, inspection.failure
    assert inspection.notes == ()
    rows = rows_of(inspection)
    truth = plain_keras(generation)[file_name(name)]["shapes"]
    for layer, (declared, effective, verdict) in of_generation(CASES[name].rows, generation, {}).items():
        # A layer of a nested model stands in both models' rows.
        for row in rows[layer]:
            assert (row.declared and row.declared.shape) == declared, row
            assert row.effective == effective, row
            assert (row.verdict and row.verdict.value) == verdict, row
            if not row.is_input:
                # The calls of a nested model's layers on other inputs leave no shape behind there.
                assert {tuple(shape) for shape in truth.get(layer, ())} >= set(effective or ()), (layer, truth)
                assert effective is not None or not truth.get(layer), (layer, truth)


@pytest.mark.parametrize(("name", "generation"), cases(failing=False))
def test_findings(looker: Looker, tmp_path: Path, name: str, generation: str) -> None:
    inspection = look_at(looker, tmp_path, name, generation)
    found = Counter(
        (finding.rule + ("?" if finding.severity is Severity.INFO else ""), finding.layer)
        for finding in inspection.findings
    )
    assert found == Counter(of_generation(CASES[name].findings, generation, ()))


@pytest.mark.parametrize(("name", "generation"), cases(failing=True))
def test_what_keras_refuses_is_said_in_its_words(looker: Looker, tmp_path: Path, name: str, generation: str) -> None:
    inspection = look_at(looker, tmp_path, name, generation)
    # Depending on what stands before it, that is a failure, a note, or a statement left out.
    told = [skipped.error for skipped in inspection.skipped] + [note.message for note in inspection.notes]
    if inspection.failure is not None:
        told.append(inspection.failure.message)
    assert any(CASES[name].raises[generation] in text for text in told), inspection


def rows_of(inspection: Inspection) -> dict[str, list[Layer]]:
    """All rows by layer name."""
    rows: dict[str, list[Layer]] = {}
    for model in inspection.models:
        for layer in model.layers:
            rows.setdefault(layer.name, []).append(layer)
    return rows


def test_the_cases_cover_every_way_to_write_a_declaration() -> None:
    programs = "\n".join(case.program for case in CASES.values())
    ways = ("input_shape=(", "input_shape=[", "input_dim=", "input_length=", "batch_input_shape=", "batch_size=")
    for way in (*ways, "TensorShape", "partial", "**{", "InputLayer", ".build(", "TimeDistributed", "RNN(", "np.int64"):
        assert way in programs, way
    assert len(CASES) == len(declaration_cases.CASES) + len(declaration_cases_inside.CASES)
