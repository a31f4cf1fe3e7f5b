"""The corpus: programs as people write them, each with all findings it must have under every Keras that can run it.

A program of `tests/corpus/` begins with a block of comments: one line that says what it shows, then its `kind`
(`discarded`, `unconnected`, or `right` for what only looks suspicious), `only` where one generation alone can run it,
and its findings, `expect` for those above information and `infos` for the others:

    # expect: KS101 line 9 dense_1
    # infos[3]: KS301 line 7

The layer may be left out; `[3]` restricts a line to one generation; `expect: nothing` says that there are none at all.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Severity

if TYPE_CHECKING:
    from tests.conftest import Looker

    from kerascope.graph import Inspection, Layer

CORPUS = Path(__file__).parent / "corpus"
GENERATIONS = ("3", "2")

LINE = re.compile(r"# (?P<key>kind|only|expect|infos)(?:\[(?P<generation>[23])\])?: (?P<value>.+)")
FINDING = re.compile(r"(?P<rule>KS\d{3}) line (?P<line>\d+)(?: (?P<layer>\S+))?")


@dataclass(frozen=True)
class Expected:
    """A finding a program must have; `layer` is `None` where the block does not name it."""

    rule: str
    line: int
    layer: str | None
    info: bool


@dataclass(frozen=True)
class Program:
    """A program of the corpus and what its block says; `generations` are those that can run it."""

    path: Path
    says: str
    kind: str
    generations: tuple[str, ...]
    expected: dict[str, tuple[Expected, ...]]


def read(path: Path) -> Program:
    """Read a program's block.

    Raises:
        ValueError: A line of the block is not as the block's rules say.
    """
    lines = path.read_text().splitlines()
    block = lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]
    said = block[0].removeprefix("# ")
    kind, nothing = "", False
    generations: tuple[str, ...] = GENERATIONS
    expected: dict[str, list[Expected]] = {generation: [] for generation in GENERATIONS}
    for line in block[1:]:
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{path.name}: {line!r} is no line of a block")
        key, value = match["key"], match["value"]
        if key == "kind":
            kind = value
        elif key == "only":
            generations = (value,)
        elif value == "nothing":
            nothing = True
        else:
            finding = FINDING.fullmatch(value)
            if finding is None or not lines[int(finding["line"]) - 1].strip() or int(finding["line"]) <= len(block):
                raise ValueError(f"{path.name}: {value!r} names no finding on a line of the program")
            told = Expected(finding["rule"], int(finding["line"]), finding["layer"], key == "infos")
            for generation in match["generation"] or GENERATIONS:
                expected[generation].append(told)
    if kind not in ("discarded", "unconnected", "right") or not set(generations) <= set(GENERATIONS):
        raise ValueError(f"{path.name}: kind {kind!r}, only {generations}")
    if nothing == any(expected.values()):
        raise ValueError(f"{path.name}: says {'nothing and something' if nothing else 'not what to expect'}")
    return Program(path, said, kind, generations, {key: tuple(value) for key, value in expected.items()})


PROGRAMS = tuple(read(path) for path in sorted(CORPUS.glob("*.py")))
LOOKS = [(program, generation) for program in PROGRAMS for generation in program.generations]


@functools.cache
def plain_keras(generation: str) -> dict[str, Any]:
    """What plain Keras of a generation says of every program."""
    script = Path(__file__).with_name("plain_keras.py")
    done = subprocess.run(
        [sys.executable, str(script), generation, *(str(program.path) for program in PROGRAMS)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_corpus_is_as_large_and_as_varied_as_it_should_be() -> None:
    kinds = Counter(program.kind for program in PROGRAMS)
    assert len(PROGRAMS) >= 64
    assert kinds["discarded"] >= 26
    assert kinds["unconnected"] >= 16
    assert kinds["right"] >= 22
    assert len({program.says for program in PROGRAMS}) == len(PROGRAMS)


def test_each_kind_expects_what_its_name_says() -> None:
    for program in PROGRAMS:
        told = [finding for generation in program.generations for finding in program.expected[generation]]
        above = {finding.rule[:3] for finding in told if not finding.info}
        if program.kind == "right":
            assert not above, program.path.name
        else:
            assert ("KS1" if program.kind == "discarded" else "KS2") in above, program.path.name


@pytest.mark.keras
@pytest.mark.parametrize(
    ("program", "generation"), LOOKS, ids=[f"{program.path.stem}-{generation}" for program, generation in LOOKS]
)
def test_a_program_has_its_findings_and_no_others(looker: Looker, program: Program, generation: str) -> None:
    inspection = looker.look(program.path, keras=generation)
    assert inspection.failure is None, inspection.failure
    assert inspection.notes == ()
    expected = program.expected[generation]
    unnamed = {(finding.rule, finding.line) for finding in expected if finding.layer is None}
    found = [
        Expected(
            finding.rule,
            finding.line or 0,
            None if (finding.rule, finding.line) in unnamed else finding.layer,
            finding.severity is Severity.INFO,
        )
        for finding in inspection.findings
    ]
    assert Counter(found) == Counter(expected)


@pytest.mark.keras
@pytest.mark.parametrize("generation", GENERATIONS)
def test_plain_keras_runs_exactly_the_programs_whose_blocks_say_so(generation: str) -> None:
    failed = {name: facts["error"] for name, facts in plain_keras(generation).items() if facts["error"] is not None}
    unfit = {program.path.name for program in PROGRAMS if generation not in program.generations}
    assert set(failed) == unfit, failed


@pytest.mark.keras
@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_shapes_behind_the_findings_are_those_plain_keras_builds_with(looker: Looker, generation: str) -> None:
    compared = 0
    for program in PROGRAMS:
        if generation not in program.generations or program.kind != "discarded":
            continue
        shapes = plain_keras(generation)[program.path.name]["shapes"]
        inspection = looker.look(program.path, keras=generation)
        layers = layers_of(inspection)
        for finding in inspection.findings:
            # Layers that a list or a function hides from the module's names cannot be asked of plain Keras.
            if finding.rule not in ("KS101", "KS102") or not shapes.get(finding.layer):
                continue
            row = layers[finding.layer_id or ""]
            assert row.declared is not None
            used = shapes[row.name]
            assert all(list(effective) in used for effective in row.effective or ()), row
            all_agree = all(fits(row.declared.shape or (), shape) for shape in used)
            assert finding.rule == ("KS102" if all_agree else "KS101"), row
            compared += 1
    assert compared >= 40


def layers_of(inspection: Inspection) -> dict[str, Layer]:
    """All rows by id."""
    return {layer.id: layer for model in inspection.models for layer in model.layers}


def fits(declared: tuple[int | None, ...], used: list[int | None]) -> bool:
    """Whether each declared size is the one that was used; an open one agrees with any."""
    return len(declared) == len(used) and all(
        wanted in (None, size) for wanted, size in zip(declared, used, strict=True)
    )


READY_MADE = """\
import inspect, keras
builders = {{name: b for name, b in sorted(vars(keras.applications).items()) if inspect.isfunction(b)}}
print("known", *builders)
for name in {names} or list(builders)[{first}::4]:
    print("made", builders[name](weights=None).name)
"""

SMALLEST = (
    ("ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionV3", "MobileNet", "MobileNetV2"),
    ("InceptionResNetV2", "MobileNetV3Large", "MobileNetV3Small", "RegNetX002", "RegNetY002"),
    ("NASNetMobile", "ResNet50", "ResNet50V2", "ResNetRS50", "VGG16", "VGG19", "Xception"),
)
"""One of each family: the others are the same code in a loop that is longer, and Keras 2 takes minutes for them."""


@pytest.mark.keras
@pytest.mark.parametrize("first", range(4))
def test_no_ready_made_model_of_keras_3_has_a_finding_above_information(
    looker: Looker, tmp_path: Path, first: int
) -> None:
    known, made = build_ready_made(looker, tmp_path, "3", READY_MADE.format(names=[], first=first))
    assert len(known) >= 36
    assert len(made) == len(known[first::4])


@pytest.mark.keras
@pytest.mark.parametrize("names", SMALLEST)
def test_no_family_of_ready_made_models_of_keras_2_has_a_finding_above_information(
    looker: Looker, tmp_path: Path, names: tuple[str, ...]
) -> None:
    known, made = build_ready_made(looker, tmp_path, "2", READY_MADE.format(names=list(names), first=0))
    assert len(made) == len(names)
    # None of the families that Keras knows may be left out.
    assert {family(name) for name in known} == {family(name) for chosen in SMALLEST for name in chosen}


def build_ready_made(looker: Looker, tmp_path: Path, generation: str, text: str) -> tuple[list[str], list[str]]:
    """Look at a file of ready-made models.

    Returns:
        The builders Keras knows, and the names of the models that were made and found to be all right.
    """
    path = tmp_path / "ready_made.py"
    path.write_text(text)
    inspection = looker.look(path, keras=generation, timeout=120)
    assert inspection.failure is None, inspection.failure
    assert inspection.notes == ()
    assert [finding for finding in inspection.findings if finding.severity is not Severity.INFO] == []
    lines = inspection.output.splitlines()
    made = [line.split()[1] for line in lines if line.startswith("made ")]
    assert set(made) <= {model.name for model in inspection.models if model.built}
    return next(line.split()[1:] for line in lines if line.startswith("known ")), made


def family(name: str) -> str:
    """What the builders of one architecture have in common: `EfficientNetV2` of `EfficientNetV2B3`."""
    return re.sub(r"(?<=ResNet)\d+(?=V2)|(B\d|S|M|L|XL|Tiny|Small|Base|Large|XLarge|Mobile|\d{2,3})$", "", name)
