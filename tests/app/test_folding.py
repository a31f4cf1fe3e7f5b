"""Folding what is inside nested models and blocks."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.app._columns import fit_columns, read_cells
from kerascope.app._folds import carried, fold_paths, folded_layers
from kerascope.app._marks import marks_for
from kerascope.app._view import LayerRow, build_view
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.graph import Declaration, Layer, Location

if TYPE_CHECKING:
    from kerascope.app._folds import FoldPath


def rows(view: Any) -> list[str]:
    return [row.layer.name for row in view.rows if isinstance(row, LayerRow)]


# Which layers are folded


def test_a_path_is_made_of_names_and_numbers_what_stands_twice() -> None:
    layers = [
        Layer(id="a", uid=1, name="block", class_name="Block"),
        Layer(id="b", uid=2, name="dense", class_name="Dense", parent="a"),
        Layer(id="c", uid=3, name="dense", class_name="Dense", parent="a"),
        Layer(id="d", uid=4, name="lost", class_name="Dense", parent="nobody"),
    ]
    paths = fold_paths("net", layers)
    assert paths["a"] == ("net", "block")
    assert paths["b"] == ("net", "block", "dense")
    assert paths["c"] == ("net", "block", "dense (2)")
    assert paths["d"] == ("net", "lost")


def test_a_model_of_many_rows_starts_folded_and_remembers_what_was_unfolded(states: Any) -> None:
    layers = states.many_blocks().models[0].layers
    assert folded_layers("net", layers, {}) == {"wrapper", "block_1", "block_2"}
    assert folded_layers("net", layers, {("net", "wrapper"): False}) == {"block_1", "block_2"}
    assert folded_layers("net", states.blocks().models[0].layers, {}) == frozenset()


def test_a_fold_follows_a_layer_that_got_another_number() -> None:
    def numbered(number: int) -> list[Layer]:
        place = Location(path="m.py", line=4)
        return [
            Layer(id="x", uid=1, name=f"block_{number}", class_name="Block", location=place),
            Layer(id="y", uid=2, name="inner", class_name="Dense", parent="x", location=place),
        ]

    choices: dict[FoldPath, bool] = {("net", "block_1"): True}
    after = carried(choices, "net", numbered(1), numbered(2))
    assert folded_layers("net", numbered(2), after) == {"x"}


def test_a_fold_is_given_to_none_of_several_new_layers_of_one_line() -> None:
    place = Location(path="m.py", line=4)

    def made(*numbers: int) -> list[Layer]:
        blocks = [Layer(id=f"x{n}", uid=n, name=f"b_{n}", class_name="B", location=place) for n in numbers]
        inner = [Layer(id=f"y{n}", uid=n, name="inner", class_name="D", parent=f"x{n}") for n in numbers]
        return blocks + inner

    after = carried({("net", "b_1"): True}, "net", made(1), made(2, 3))
    assert folded_layers("net", made(2, 3), after) == frozenset()


# Rows of a folded view


def test_a_folded_row_hides_counts_and_keeps_the_worst_finding(states: Any) -> None:
    view = build_view(states.blocks(), 0, {("net", "wrapper", "block_2"): True})
    assert "conv_2_1" not in rows(view)
    row = next(row for row in view.rows if isinstance(row, LayerRow) and row.layer.name == "block_2")
    assert (row.inside, row.folded) == (3, True)
    assert row.severity is not None, "a finding inside shows on the row that hides it"
    assert view.shown_by["conv_2_1"] == "block_2"


def test_the_outermost_fold_is_the_row_that_shows(states: Any) -> None:
    view = build_view(states.blocks(), 0, {("net", "wrapper"): True, ("net", "wrapper", "block_2"): True})
    assert rows(view) == ["photo", "wrapper", "digits"]
    assert set(view.shown_by.values()) == {"wrapper"}


def test_lanes_of_the_visible_rows_are_those_of_a_model_without_the_hidden_ones(states: Any) -> None:
    made = states.blocks()
    hidden = {"conv_2_0", "conv_2_1", "conv_2_2"}
    without = replace(made.models[0], layers=tuple(layer for layer in made.models[0].layers if layer.id not in hidden))
    folded = build_view(made, 0, {("net", "wrapper", "block_2"): True})
    plain = build_view(replace(made, models=(without,)))
    assert [row.lanes for row in folded.rows] == [row.lanes for row in plain.rows]  # type: ignore[union-attr]


def test_ten_thousand_nested_rows_are_folded_at_once(states: Any) -> None:
    made = states.blocks(inner=5_000)
    began = perf_counter()
    view = build_view(made)
    assert perf_counter() - began < 1.0
    assert rows(view) == ["photo", "wrapper", "digits"]


# Keys and mouse


async def test_z_folds_the_selected_block_and_unfolds_it_again(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        await s.press("j", "z")
        assert s.selected() == "wrapper"
        assert "▸ wrapper +8" in s.text()
        assert "block_1" not in s.text()
        assert s.row("wrapper").startswith("▸!"), "the finding inside is seen from outside"
        await s.press("z")
        assert "▾ wrapper" in s.text()
        assert "conv_2_1" in s.text()


async def test_z_on_a_layer_inside_folds_what_it_is_in(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        s.screen.query_one(LayerTable).select("conv_1_1")
        await s.press("z")
        assert s.selected() == "block_1"
        assert "▸ block_1 +3" in s.text()


async def test_z_where_nothing_is_inside_says_so(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        await s.press("z")
        assert s.status() == "there is nothing to fold here"


async def test_capital_z_folds_all_then_unfolds_all(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        s.screen.query_one(LayerTable).select("conv_2_2")
        await s.press("Z")
        assert s.selected() == "wrapper", "the selection goes to the row that hides it"
        assert rows(s.screen._view) == ["photo", "wrapper", "digits"]
        await s.press("Z")
        assert len(rows(s.screen._view)) == 11


async def test_a_click_on_the_mark_folds(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        line = s.row("▾ block_1")
        y = s.text().split("\n").index(line)
        await s.pilot.click(offset=(line.index("▾"), y))
        await s.pilot.pause()
        assert "▸ block_1 +3" in s.text()
        line = s.row("▸ block_1")
        await s.pilot.click(offset=(line.index("block_1"), y))
        await s.pilot.pause()
        assert "▸ block_1 +3" in s.text(), "beside the mark a click only selects"


async def test_f_and_search_unfold_what_they_go_to(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        await s.press("Z", "f")
        assert s.selected() == "conv_2_1"
        assert "▸ block_1 +3" in s.text(), "only what is in the way is unfolded"
        await s.press("Z", "Z", "Z")
        await s.press("slash", *"conv_1_2", "enter")
        assert s.selected() == "conv_1_2"
        assert s.status().startswith("match 1 of 1")


async def test_a_finding_jump_unfolds(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        await s.press("Z", "3", "enter")
        assert s.screen.shown_view == "layers"
        assert s.selected() == "conv_2_1"


async def test_folds_survive_another_look(stage: Any, states: Any) -> None:
    async with stage(states.blocks()) as s:
        await s.press("j", "z", "r")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert "▸ wrapper +8" in s.text()


async def test_a_model_of_many_rows_says_that_it_is_folded(stage: Any, states: Any) -> None:
    async with stage(states.many_blocks()) as s:
        assert "▸ wrapper +242" in s.text()
        assert "242 layers folded away, Z unfolds" in s.status()
        await s.press("f")
        assert s.selected() == "conv_2_1"
        assert "folded away" not in s.status()


async def test_marks_are_ascii_where_that_is_asked_for(stage: Any, states: Any) -> None:
    async with stage(states.blocks(), ascii_only=True) as s:
        assert "- wrapper" in s.text()
        await s.press("j", "z")
        assert "+ wrapper +8" in s.text()
        assert s.text().isascii()


async def test_keys_to_fold_are_there_only_where_something_folds(stage: Any, states: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        assert "fold" not in {binding.action for _, binding, *_ in s.screen.active_bindings.values()}
    async with stage(states.blocks()) as s:
        assert "fold" in {binding.action for _, binding, *_ in s.screen.active_bindings.values()}


async def test_scrolling_through_a_thousand_rows_is_instant(stage: Any, states: Any) -> None:
    async with stage(states.blocks(inner=500)) as s:
        await s.press("Z")
        table = s.screen.query_one(LayerTable)
        began = perf_counter()
        for _ in range(50):
            table.action_page_down()
            table.render_lines(table.size.region)
        assert perf_counter() - began < 2.0
        assert len(rows(s.screen._view)) == 1005


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_goldens(stage: Any, states: Any, golden: Any, size: tuple[int, int]) -> None:
    async with stage(states.many_blocks(), size=size) as s:
        await s.press("f")
        golden(f"blocks-{size[0]}x{size[1]}", s.text())


# Room for the names of what is inside


def deep(states: Any, *, declares: bool) -> Any:
    """Blocks inside blocks, with shapes that leave the names no room at 70 columns."""
    layers = [
        states.layer(
            f"separable_convolution_{depth}",
            "SeparableConv2D",
            shape=(None, 331, 331, 42),
            params=12_345_678,
            parent=f"separable_convolution_{depth - 1}" if depth else None,
        )
        for depth in range(11)
    ]
    if declares:
        layers[3] = replace(layers[3], declared=Declaration(shape=(None, 224, 224, 3), argument="input_shape"))
    return states.inspection(states.model(*layers))


async def test_an_empty_column_goes_before_the_parameters(stage: Any, states: Any) -> None:
    async with stage(deep(states, declares=False), size=(70, 24)) as s:
        head = s.row("effective")
        assert "declared" not in head
        assert "params" in head
        assert "12,345,678" in s.text()
    view = build_view(deep(states, declares=True))
    marks = marks_for(ascii_only=False)
    cells = {
        at: read_cells(row, view, marks, foldable=True) for at, row in enumerate(view.rows) if isinstance(row, LayerRow)
    }
    assert fit_columns(view, cells, 70, marks).stage.drop[-1] == "params", "what is declared is what is looked for"
