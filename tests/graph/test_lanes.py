"""Lanes: every row one node, every connection drawn, the cap respected, and no quadratic time."""

from __future__ import annotations

import random

import pytest

from kerascope.graph import Layer, draw_lanes, lay_out
from kerascope.graph._lanes import CROSS, DOWN, LEFT, MAX_DEPTH, MAX_LANES, NODE, RIGHT, UP


def node(name: str, *inbound: str, parent: str | None = None) -> Layer:
    return Layer(id=name, uid=0, name=name, class_name="Dense", inbound=inbound, parent=parent)


def drawn(*layers: Layer, ascii_only: bool = False, max_lanes: int = MAX_LANES) -> list[str]:
    return [draw_lanes(row, ascii_only=ascii_only) for row in lay_out(layers, max_lanes=max_lanes)]


def random_layers(seed: int, count: int, reach: int, density: float) -> list[Layer]:
    chance = random.Random(seed)
    return [
        node(str(at), *(str(source) for source in range(max(0, at - reach), at) if chance.random() < density))
        for at in range(count)
    ]


def connections(layers: list[Layer], max_lanes: int = MAX_LANES) -> set[tuple[str, str]]:
    """Read the drawing back: follow the lines from each node, cell by cell."""
    carried: dict[int, str] = {}
    found: set[tuple[str, str]] = set()
    for row in lay_out(layers, max_lanes=max_lanes):
        cells = row.cells
        sources: set[int] = set()
        if cells[row.lane] & UP:
            sources.add(row.lane)
        for step, towards, away in ((-1, RIGHT, LEFT), (1, LEFT, RIGHT)):
            lane = row.lane
            while cells[lane] & (LEFT if step < 0 else RIGHT):
                lane += step
                assert cells[lane] & towards, "a line that leads nowhere"
                if cells[lane] & UP and not cells[lane] & CROSS:
                    sources.add(lane)
                if not cells[lane] & away:
                    break
        found |= {(carried[lane], row.id) for lane in sources}
        for lane, cell in enumerate(cells):
            assert not cell & UP or lane in carried, "a line that comes from nowhere"
            if not cell & DOWN:
                carried.pop(lane, None)
        if cells[row.lane] & DOWN:
            carried[row.lane] = row.id
    return found


def test_a_chain_is_one_straight_line() -> None:
    assert drawn(node("a"), node("b", "a"), node("c", "b")) == ["○", "●", "●"]


def test_a_residual_block() -> None:
    layers = [node("in"), node("a", "in"), node("b", "a"), node("add", "in", "b"), node("out", "add")]
    assert drawn(*layers) == ["○", "├─●", "│ ●", "●─╯", "●"]
    assert drawn(*layers, ascii_only=True) == ["o", "+-*", "| *", "*-'", "*"]


def test_a_line_that_only_passes_is_told_from_a_junction() -> None:
    layers = [node("a"), node("b"), node("c", "a"), node("d", "a", "b", "c"), node("e", "b")]
    rows = drawn(*layers)
    assert rows[2] == "├─│─●"
    assert rows[3] == "●─┼─╯"


def test_a_layer_connected_to_nothing_is_a_cross() -> None:
    row = lay_out([node("a")])[0]
    assert draw_lanes(row, loose=True) == "✗"
    assert draw_lanes(row, loose=True, ascii_only=True) == "x"


def test_inputs_from_elsewhere_are_counted() -> None:
    rows = lay_out([node("a", "elsewhere", "later"), node("later")])
    assert [row.outside for row in rows] == [2, 0]


def test_nested_layers_stand_to_the_right_of_their_parent() -> None:
    layers = [
        node("in"),
        node("side", "in"),
        node("model", "in"),
        node("x", parent="model"),
        node("y", "x", parent="model"),
        node("out", "model", "side"),
    ]
    rows = lay_out(layers)
    assert [row.depth for row in rows] == [0, 0, 0, 1, 1, 0]
    assert [draw_lanes(row) for row in rows] == ["○", "├─●", "● │", "│ │ ○", "│ │ ●", "●─╯"]


def test_deep_nesting_and_rings_of_parents_end() -> None:
    layers = [node("0")] + [node(str(at), parent=str(at - 1)) for at in range(1, 3000)]
    rows = lay_out(layers)
    assert [row.id for row in rows] == [layer.id for layer in layers]
    assert max(row.depth for row in rows) == MAX_DEPTH
    assert len(lay_out([node("a", parent="b"), node("b", parent="a"), node("c", parent="c")])) == 3


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed: int) -> None:
    layers = random_layers(seed, count=60, reach=8, density=0.22)
    rows = lay_out(layers)
    assert [row.id for row in rows] == [layer.id for layer in layers]
    for row in rows:
        assert sum(bool(cell & NODE) for cell in row.cells) == 1
        assert row.cells[row.lane] & NODE
    assert all(not row.more for row in rows)
    assert connections(layers) == {(source, layer.id) for layer in layers for source in layer.inbound}


@pytest.mark.parametrize("seed", range(10))
def test_the_number_of_lanes_is_capped(seed: int) -> None:
    layers = random_layers(seed, count=120, reach=60, density=0.3)
    rows = lay_out(layers, max_lanes=5)
    assert max(len(row.cells) for row in rows) <= 6
    waiting: set[str] = set()
    last_use = {source: layer.id for layer in layers for source in layer.inbound}
    for layer, row in zip(layers, rows, strict=True):
        waiting = {source for source in waiting if last_use[source] != layer.id}
        if layer.id in last_use:
            waiting.add(layer.id)
        lanes = sum(bool(cell & DOWN) for cell in row.cells[:5])
        assert lanes + row.more >= len(waiting), "every output that is still taken later is drawn or counted"
        assert (f"+{row.more}" in draw_lanes(row)) == bool(row.more)


class Counted(str):
    """A layer id that counts how often it is hashed or compared."""

    operations = 0

    def __hash__(self) -> int:
        Counted.operations += 1
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        Counted.operations += 1
        return str.__eq__(self, other)


def operations(count: int) -> int:
    chance = random.Random(count)
    names = [Counted(f"layer_{at}") for at in range(count)]
    layers = [
        node(names[at], *(names[source] for source in range(max(0, at - 40), at) if chance.random() < 0.06))
        for at in range(count)
    ]
    Counted.operations = 0
    assert len(lay_out(layers)) == count
    return Counted.operations


def test_work_grows_with_the_layers_and_not_with_their_square() -> None:
    small, large = operations(2_000), operations(20_000)
    assert large < small * 12
