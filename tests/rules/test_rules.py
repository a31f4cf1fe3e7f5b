"""Rules over models made by hand: what is found, and in which words."""

from __future__ import annotations

from dataclasses import replace

from kerascope.graph import (
    Connection,
    Declaration,
    EngineInfo,
    Failure,
    Finding,
    Inspection,
    Layer,
    Location,
    Model,
    Overtaken,
    Severity,
    Shape,
    Source,
    SourceKind,
    Verdict,
    judge_declaration,
)
from kerascope.rules import RULES, find

TEXT = "".join(f"line{number} = {number}\n" for number in range(1, 20))


def layer(name: str, uid: int, *, line: int, **values: object) -> Layer:
    """A layer at a line of model.py."""
    location = Location(path="model.py", line=line, column=5)
    plain = Layer(id=f"m0/{uid}", uid=uid, name=name, class_name="Dense", location=location)
    return replace(plain, **values)  # type: ignore[arg-type]


def declares(*shape: int | None, argument: str = "input_shape") -> Declaration:
    """A declaration with an open batch dimension."""
    value = f"({shape[0]},)" if len(shape) == 1 else str(shape)
    return Declaration(shape=(None, *shape), argument=argument, value=value)


def findings(*models: Model, text: str = TEXT, failure: Failure | None = None) -> tuple[Finding, ...]:
    """The findings over these models under Keras 3."""
    source = Source(path="model.py", kind=SourceKind.PYTHON, executed=True, text=text)
    engine = EngineInfo(keras="3.15.1", generation=3, tensorflow="2.21.0", python="python")
    return find(Inspection(source=source, models=models, engine=engine, failure=failure))


def sequential(*layers: Layer, built: bool = True) -> Model:
    """A Sequential named `net`."""
    return Model(name="net", class_name="Sequential", built=built, layers=layers, uid=99)


FIRST = layer("dense", 1, line=5, declared=declares(4), effective=((None, 4),), verdict=Verdict.DECIDES)
SECOND = layer(
    "dense_1",
    2,
    line=6,
    inbound=("m0/1",),
    declared=declares(44),
    effective=((None, 32),),
    verdict=Verdict.DISCARDED,
    decided_by="m0/1",
)


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_a_discarded_declaration_says_who_decided() -> None:
    (finding,) = findings(sequential(FIRST, SECOND))
    assert (finding.rule, finding.name, finding.severity) == ("KS101", "discarded-input-shape", Severity.WARNING)
    assert (finding.line, finding.column, finding.model, finding.layer) == (6, 5, "net", "dense_1")
    assert "(None, 44)" in finding.message
    assert "(None, 32)" in finding.message
    assert finding.why.startswith(
        "Line 5 made the input (None, 4); Keras looks only at the first layer's input_shape, so (44,) here was "
        "dropped: dense_1 gets (None, 32), the output of dense (line 5)"
    )
    assert finding.fix is not None
    assert "remove input_shape=(44,)" in finding.fix.description


def test_a_redundant_declaration_is_only_information() -> None:
    same = replace(SECOND, declared=declares(32), verdict=Verdict.REDUNDANT)
    (finding,) = findings(sequential(FIRST, same))
    assert (finding.rule, finding.severity) == ("KS102", Severity.INFO)


def test_a_layer_in_two_models_is_reported_once() -> None:
    again = sequential(FIRST, SECOND)
    assert len(findings(sequential(FIRST, SECOND), replace(again, name="other", uid=100))) == 1


def test_a_comment_on_the_line_silences_one_rule() -> None:
    lines = TEXT.splitlines()
    lines[5] += "  # kerascope: ignore[KS101]"
    assert findings(sequential(FIRST, SECOND), text="\n".join(lines)) == ()
    lines[5] = lines[5].replace("KS101", "KS102, KS201")
    assert len(findings(sequential(FIRST, SECOND), text="\n".join(lines))) == 1


def loose(*layers: Layer) -> Model:
    """The entry for layers of no model."""
    return Model(name=None, class_name=None, built=False, layers=layers)


def test_an_unconnected_layer() -> None:
    (finding,) = findings(loose(layer("hidden", 7, line=9, connection=Connection.UNCONNECTED)))
    assert (finding.rule, finding.line, finding.layer) == ("KS201", 9, "hidden")


def test_a_layer_without_a_judged_connection_is_no_finding() -> None:
    assert findings(loose(layer("hidden", 7, line=9))) == ()


def test_a_dead_branch_is_one_finding_and_names_the_overtaking_line() -> None:
    overtaken = Overtaken(path="model.py", line=11, layer="pool", tensor_of="conv_1")
    dead = {"connection": Connection.DEAD_BRANCH}
    head = layer("conv_2", 7, line=9, overtaken=overtaken, inbound=("m0/1",), **dead)
    tail = layer("conv_3", 8, line=10, overtaken=overtaken, inbound=("m0/7",), **dead)
    (finding,) = findings(loose(head, tail))
    assert (finding.rule, finding.line) == ("KS202", 9)
    assert "(and with it conv_3): line 11 calls pool on the output of conv_1 instead" in finding.message
    assert finding.fix is not None
    assert "the output of conv_3" in finding.fix.description


def test_an_unused_input() -> None:
    unused = layer("mask", 7, line=3, connection=Connection.UNUSED_INPUT, is_input=True, output=((None, 28),))
    (finding,) = findings(loose(unused))
    assert (finding.rule, finding.line) == ("KS203", 3)
    assert "mask (None, 28)" in finding.message


def test_an_unbuilt_sequential_says_what_would_build_it() -> None:
    waiting = replace(FIRST, declared=None, effective=None, verdict=None)
    late = replace(SECOND, effective=None, verdict=Verdict.UNDECIDED, decided_by=None)
    finding, undecided = findings(sequential(waiting, late, built=False))
    assert (undecided.rule, undecided.line, undecided.severity) == ("KS105", 6, Severity.WARNING)
    assert "that is dense (line 5), which declares none" in undecided.why
    assert (finding.rule, finding.severity) == ("KS301", Severity.INFO)
    assert "dense_1 (line 6) declares input_shape=(44,), but Keras looks only at the first layer, dense" in finding.why
    assert finding.fix is not None
    assert "keras.Input" in finding.fix.description


def test_an_unbuilt_model_whose_layer_fails_is_not_told_to_declare_its_input() -> None:
    failing = replace(SECOND, declared=None, verdict=None, failure="it needs 4 dimensions and gets 2")
    (finding,) = findings(sequential(FIRST, failing, built=False))
    assert finding.rule == "KS301"
    assert "calling dense_1 (line 6) on what comes before it fails: it needs 4 dimensions and gets 2" in finding.why
    assert "--input-shape" not in (finding.fix.description if finding.fix is not None else "")


def test_a_file_that_failed_is_not_blamed_for_unbuilt_models() -> None:
    assert findings(sequential(FIRST, built=False), failure=Failure(kind="exception", message="x")) == ()


def test_verdicts() -> None:
    def verdict(declared: Shape | None, *effective: Shape, decides: bool = False) -> Verdict | None:
        return judge_declaration(Declaration(shape=declared, argument="input_shape"), effective, decides=decides)

    assert judge_declaration(None, ((None, 4),), decides=True) is None
    assert verdict((None, 4), (None, 4), decides=True) is Verdict.DECIDES
    assert verdict((None, 4)) is Verdict.UNDECIDED
    assert verdict((None, 4), (None, 4)) is Verdict.REDUNDANT
    assert verdict((None, 4), (None, 5)) is Verdict.DISCARDED
    assert verdict((None, 4), (None, 4, 1)) is Verdict.DISCARDED
    # An open size asks for nothing; a fixed one is not borne out by an open one.
    assert verdict((None, None, 3), (None, 28, 3)) is Verdict.REDUNDANT
    assert verdict((None, 10, 3), (None, None, 3)) is Verdict.DISCARDED
    assert verdict((8, 4), (None, 4)) is Verdict.DISCARDED
    # A layer called twice: one call that disagrees is enough.
    assert verdict((None, 4), (None, 4), (None, 6)) is Verdict.DISCARDED
    assert verdict(None, (None, 4)) is None
