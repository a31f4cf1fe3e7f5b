"""Saved models against the Keras that saved them: every shape, every parameter, in every format."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Connection
from kerascope.readers.saved import Found, detect, read_saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kerascope.graph import Inspection, Layer

pytestmark = pytest.mark.keras

HERE = Path(__file__).parent
CORPUS = Path(__file__).parents[2] / "corpus"
WRITER = HERE / "truth_writer.py"

FAMILIES = (
    "ConvNeXtTiny",
    "DenseNet121",
    "EfficientNetB0",
    "InceptionV3",
    "MobileNetV3Small",
    "NASNetMobile",
    "Xception",
)
ONLY_2 = ("RegNetX002", "ResNetRS50")
"""Families that are unlike each other. `truth_writer.py` takes every other name as well, which takes ten minutes each
generation."""
NAMED_LIKE_ONE_OF_KERAS = "custom_attention_layer.py.h5"
"""A class of the author's own with the name of one of Keras's: in HDF5 nothing tells them apart."""
OWN_CODE = ("is not one of Keras's own layers", "a Lambda runs", "is not in the file")
"""Reasons for which a shape may be unknown: what decides it is the author's code, or an operand that Keras 2 does not
write (`x == y`)."""


@dataclass
class Held:
    """How many things were compared, every difference, and the reasons for what is unknown."""

    count: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    def hold(self, where: str, theirs: Sequence[dict[str, Any]], layers: Sequence[Layer], parent: str | None) -> None:
        """Hold the layers of one model against what Keras says of them."""
        ours: dict[str, list[Layer]] = defaultdict(list)
        for layer in layers:
            if layer.parent == parent:
                ours[layer.name].append(layer)
        for their in theirs:
            found = ours.get(their["name"])
            if found is None:
                # The InputLayer that a Sequential makes for itself is no row.
                if their["class_name"] != "InputLayer":
                    self.differences.append(f"{where}: {their['name']} is missing")
                continue
            layer = found[0]
            for name, shapes in (("inputs", layer.effective), ("outputs", layer.output)):
                self._one(where, layer, name, shapes, their[name])
            self._params(where, layer, their)
            if their["inside"] is not None:
                self.hold(where, their["inside"], layers, layer.id)

    def _one(self, where: str, layer: Layer, name: str, ours: Any, theirs: Any) -> None:
        if theirs is None:
            return
        if ours is None:
            self.unknown[str(layer.unknown)] += 1
        elif [list(shape) for shape in ours] != theirs:
            self.differences.append(f"{where}: {layer.name} ({layer.class_name}) {name} {ours}; Keras says {theirs}")
        else:
            self.count[name] += 1

    def _params(self, where: str, layer: Layer, their: dict[str, Any]) -> None:
        if their["params"] is None:
            return
        if layer.params is None:
            self.count["unknown parameters"] += 1
        elif (layer.params, layer.trainable_params) != (their["params"], their["trainable"]):
            self.differences.append(
                f"{where}: {layer.name} ({layer.class_name}) has {layer.params} parameters, {layer.trainable_params} "
                f"trainable; Keras says {their['params']}, {their['trainable']}"
            )
        else:
            self.count["params"] += 1


def write(generation: int, folder: Path, what: Sequence[str]) -> list[dict[str, Any]]:
    """Save models with real Keras, and take what it says of them."""
    ran = subprocess.run(
        [sys.executable, str(WRITER), str(generation), str(folder), *what],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    told: list[dict[str, Any]] = json.loads(ran.stdout)
    return told


def read(path: Path) -> Inspection:
    found = detect(path)
    assert isinstance(found, Found), path
    inspection = read_saved(found, path.name)
    assert inspection.failure is None, (path, inspection.failure)
    return inspection


def held(
    generation: int, folder: Path, what: Sequence[str], suffixes: Sequence[str] = (".json", ".keras", ".h5")
) -> Held:
    """Hold all files that come of `what` against Keras."""
    result = Held()
    for each in write(generation, folder, what):
        for suffix in each["files"]:
            if suffix not in suffixes:
                continue
            inspection = read(folder / f"{each['number']}{suffix}")
            (model,) = inspection.models
            where = f"{each['of']}{suffix}"
            if where == NAMED_LIKE_ONE_OF_KERAS:
                continue
            result.count[suffix] += 1
            result.count[f"generation {inspection.file and inspection.file.generation}"] += 1
            if model.unknown is not None and "is code" in model.unknown:
                result.count["subclassed"] += 1
                continue
            result.hold(where, each["layers"], model.layers, None)
            # Keras saves no layer that has no part in its model; Inputs that lead nowhere are kept.
            result.differences += [
                f"{where}: {layer.name} ({layer.class_name}) is {layer.connection.value}"
                for layer in model.layers
                if layer.connection in (Connection.DEAD_BRANCH, Connection.UNCONNECTED)
            ]
            if model.params is not None and model.params.total != each["params"]:
                result.differences.append(f"{where}: {model.params.total} parameters; Keras says {each['params']}")
            result.differences += [
                f"{where}: {issue.message}" for issue in inspection.issues if issue.kind == "malformed"
            ]
            result.differences += [
                f"{where}: {note.message}" for note in inspection.notes if "shape rules" in note.message
            ]
    return result


@pytest.mark.timeout(600)
@pytest.mark.parametrize("generation", [3, 2])
def test_models_as_people_write_them(tmp_path: Path, generation: int) -> None:
    result = held(generation, tmp_path, sorted(map(str, CORPUS.glob("*.py"))))
    assert result.differences == []
    assert result.count["inputs"] > 4_500
    assert result.count["outputs"] > 4_500
    assert result.count["params"] > 4_400
    own = [reason for reason in result.unknown if not any(word in reason for word in OWN_CODE)]
    assert [reason for reason in own if not reason.startswith("it takes the output of")] == []
    assert result.count[f"generation {generation}"] == sum(
        result.count[suffix] for suffix in (".json", ".keras", ".h5")
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("generation", [3, 2])
def test_ready_made_models(tmp_path: Path, generation: int) -> None:
    names = FAMILIES + (ONLY_2 if generation == 2 else ())
    result = held(generation, tmp_path, [f"applications:{name}" for name in names])
    assert result.differences == []
    assert result.unknown == Counter()
    assert result.count["unknown parameters"] == 0
    for suffix in (".json", ".keras", ".h5"):
        assert result.count[suffix] == len(names)
