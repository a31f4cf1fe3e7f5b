"""The saved models of `sample_models/saved`: each shows what it is there to show."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kerascope.graph import Inspection, Severity, Target
from kerascope.inspection import Inspector, LookOptions

FOLDER = Path(__file__).parents[3] / "sample_models" / "saved"


def look(name: str, *, stats: bool = False) -> Inspection:
    async def asked() -> Inspection:
        inspector = Inspector(LookOptions())
        inspection = await inspector.look(Target(path=str(FOLDER / name)), lambda progress: None)
        if stats:
            paths = [weight.path for weight in inspection.weights]
            found = {path: result async for path, result in inspector.weight_stats(inspection, paths)}
            inspection = inspector.with_weight_stats(inspection, found)
        await inspector.close()
        return inspection

    return asyncio.run(asked())


def told(inspection: Inspection) -> list[tuple[str, str | None, Severity]]:
    return [(finding.rule, finding.layer, finding.severity) for finding in inspection.findings]


def test_every_sample_is_pinned_here() -> None:
    pinned = {"diverged.keras", "no_input_layer.h5", "old_style.json", "question_keras2.h5", "two_inputs.keras"}
    assert {path.name for path in FOLDER.iterdir() if path.suffix != ".py" and path.is_file()} == pinned


def test_keras_2_keeps_the_declaration_that_it_dropped() -> None:
    inspection = look("question_keras2.h5")
    assert told(inspection) == [("KS101", "dense_1", Severity.WARNING)]
    (finding,) = inspection.findings
    assert finding.message.startswith("dense_1 declares (None, 44), but its input is (None, 32)")
    (model,) = inspection.models
    assert [(layer.name, layer.params) for layer in model.layers] == [("dense", 160), ("dense_1", 528)]


def test_a_shared_layer_and_a_model_inside() -> None:
    inspection = look("two_inputs.keras")
    assert told(inspection) == []
    (model,) = inspection.models
    layers = {layer.name: layer for layer in model.layers}
    assert layers["shared"].effective == ((None, 8), (None, 8))
    assert len(layers["shared"].inbound) == 2
    assert layers["merged"].output == ((None, 12),)
    assert layers["hidden"].parent == layers["head"].id
    assert model.params is not None
    assert model.params.total == 54 + 52 + 5


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("old_style.json", [("KS302", None, Severity.INFO)]),
        ("no_input_layer.h5", [("KS106", "dense_1", Severity.WARNING)]),
    ],
)
def test_old_files_depend_on_who_loads_them(name: str, rules: list[tuple[str, str | None, Severity]]) -> None:
    inspection = look(name)
    assert told(inspection) == rules
    (model,) = inspection.models
    assert [layer.output for layer in model.layers] == [((None, 32),), ((None, 16),)]
    # What Keras 1 wrote on every Dense is no declaration, and neither is anything on the second layer.
    assert [layer.declared is not None for layer in model.layers] == [True, False]


def test_a_model_that_diverged() -> None:
    assert told(look("diverged.keras")) == []
    inspection = look("diverged.keras", stats=True)
    assert [(rule, layer) for rule, layer, _ in told(inspection)] == [("KS504", "after")]
    assert "NaN" in inspection.findings[0].message
