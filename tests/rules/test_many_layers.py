"""Rules over models of very many layers: the work grows as the model does."""

from __future__ import annotations

import time
from dataclasses import replace

from kerascope.graph import Connection, Declaration, Inspection, Layer, Model, Source, SourceKind, Verdict
from kerascope.reports import to_text
from kerascope.rules import find


def inspection(layers: tuple[Layer, ...], class_name: str = "Sequential") -> Inspection:
    source = Source(path="model.json", kind=SourceKind.JSON, executed=False)
    model = Model(name="net", class_name=class_name, built=True, layers=layers, uid=0)
    return Inspection(source=source, models=(model,))


def discarding(count: int) -> Inspection:
    """A chain in which every other layer declares what Keras dropped, half of them inside wrappers."""
    declared = Declaration(shape=(None, 44), argument="batch_input_shape", value="(None, 44)")
    layers = [Layer(id="0", uid=0, name="layer_0", class_name="Dense", effective=((None, 8),))]
    for number in range(1, count):
        plain = Layer(
            id=str(number),
            uid=number,
            name=f"layer_{number}",
            class_name="Dense",
            parent=str(number - 1) if number % 4 == 1 else None,
            wrapper=f"layer_{number - 1}" if number % 4 == 1 else None,
            inbound=(str(number - 1),),
            decided_by="0",
            declared=declared if number % 2 else None,
            verdict=Verdict.DISCARDED if number % 2 else None,
            effective=((None, 8),),
        )
        layers.append(plain)
    return inspection(tuple(layers))


def dead(count: int) -> Inspection:
    """As many branches as layers that all of them run into, and nothing that leads to an output."""
    half = count // 2
    layers = [
        Layer(
            id=str(number),
            uid=number,
            name=f"layer_{number}",
            class_name="Dense",
            inbound=() if number < half else tuple(map(str, range(half))) if number == half else (str(number - 1),),
            connection=Connection.DEAD_BRANCH,
        )
        for number in range(count)
    ]
    return inspection(tuple(layers), "Functional")


def seconds(inspection: Inspection) -> float:
    """CPU seconds of the rules and the report, the better of two runs."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        to_text(
            replace(inspection, findings=find(inspection)),
            width=None,
            color=False,
            ascii_only=False,
        )
        best = min(best, time.process_time() - start)
    return best


def test_twice_the_declarations_take_twice_the_time() -> None:
    many = discarding(20_000)
    found = find(many)
    assert [finding.rule for finding in found].count("KS101") == 5_000
    assert [finding.rule for finding in found].count("KS103") == 5_000
    assert found[0].why.endswith("layer_3 gets (None, 8), the output of layer_2")
    # Work that grows with the square takes four times as long; what is around it hides a part of that.
    assert seconds(many) < 3.2 * seconds(discarding(10_000))


def test_twice_the_dead_branches_take_twice_the_time() -> None:
    many = dead(2_000)
    found = find(many)
    assert len(found) == 1_000
    assert "(and with it layer_1000, layer_1001" in found[0].message
    assert found[0].message.endswith("layer_1099 and others)")
    assert seconds(many) < 3.2 * seconds(dead(1_000))


def test_a_branch_names_what_follows_in_the_order_of_the_model() -> None:
    (finding,) = find(
        inspection(
            tuple(
                Layer(id=name, uid=number, name=name, class_name="Dense", inbound=inbound, connection=connection)
                for number, (name, inbound, connection) in enumerate(
                    [
                        ("in", (), Connection.CONNECTED),
                        ("a", ("in",), Connection.DEAD_BRANCH),
                        ("b", ("a",), Connection.DEAD_BRANCH),
                        ("c", ("a",), Connection.DEAD_BRANCH),
                        ("d", ("b", "c"), Connection.DEAD_BRANCH),
                        ("out", ("in",), Connection.CONNECTED),
                    ]
                )
            ),
            "Functional",
        )
    )
    assert finding.rule == "KS202"
    assert "(and with it b, c and d)" in finding.message
