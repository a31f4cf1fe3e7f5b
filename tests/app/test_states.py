"""What the screen says of layers that fail, of how shapes came to be, of tolerant looks and of notebooks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kerascope.app._lines import log_document, source_document, traceback_line
from kerascope.app._words import chain_lines, connection_sentence, tolerance_words
from kerascope.app.widgets.findings import FindingsPane
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.text_view import TextView
from kerascope.graph import chain_to

WIDE = (120, 40)
HUGE = (200, 50)


# Layers that fail


async def test_a_failing_layer_is_a_row_with_what_came_in(stage: Any, states: Any) -> None:
    async with stage(states.fails()) as s:
        row = s.row("conv ")
        assert row.startswith(" ✗")
        assert "(None, 784) ✗ fails" in row
        assert "f goes to the layer that fails, T to the traceback" in " ".join(s.text().replace("▌", "").split())
        await s.press("f")
        assert s.selected() == "conv"


async def test_the_detail_says_what_it_needed_first(stage: Any, states: Any) -> None:
    async with stage(states.fails(), size=WIDE) as s:
        await s.press("f")
        said = " ".join(s.text().split())
        assert "✗ fails: Conv2D needs 4 dimensions" in said
        assert "(None, 784) what came in" in said
        assert "Its connections are not known" not in said


async def test_capital_t_goes_to_the_last_traceback_of_the_log(stage: Any, states: Any) -> None:
    async with stage(states.fails()) as s:
        await s.press("T")
        assert s.screen.shown_view == "log"
        assert s.text().split("\n")[3] == " Traceback (most recent call last):"
        await s.press("y")
        assert s.app.clipboard == "Traceback (most recent call last):"


async def test_capital_t_without_a_traceback_says_so(stage: Any, samples: Any) -> None:
    async with stage(samples.residual()) as s:
        await s.press("T")
        assert s.screen.shown_view == "layers"
        assert s.status() == "the log holds no traceback"


def test_of_several_tracebacks_the_last_one_counts(states: Any) -> None:
    head = "Traceback (most recent call last):\n"
    made = states.inspection(output=f"{head}  a\n\nDuring handling of the above\n\n{head}  b\n")
    assert traceback_line(log_document(made)) == 6


async def test_a_failing_layer_inside_a_folded_block_shows_on_its_row(stage: Any, states: Any) -> None:
    made = states.blocks()
    layers = tuple(
        replace(layer, failure="it needs 4 dimensions") if layer.name == "conv_1_1" else layer
        for layer in made.models[0].layers
    )
    async with stage(replace(made, models=(replace(made.models[0], layers=layers),), findings=())) as s:
        await s.press("Z")
        assert s.row("wrapper").startswith(" ✗")
        await s.press("f")
        assert s.selected() == "conv_1_1"


# How a shape came to be


async def test_the_detail_shows_the_way_from_the_input(stage: Any, samples: Any) -> None:
    async with stage(samples.residual(), size=HUGE) as s:
        await s.press("G")
        text = s.text()
        assert "how this shape came to be" in text
        at = text.index("how this shape came to be")
        steps = ["image", "stem", "add", "also takes conv_b (None, 28, 28, 32)", "shortcut", "pool", "join", "digits"]
        places = [text.index(step, at) for step in steps]
        assert places == sorted(places)
        assert "(None, 14, 14, 64)  Conv2D, line 13" in text


async def test_an_input_layer_has_no_way_to_show(stage: Any, samples: Any) -> None:
    async with stage(samples.residual(), size=HUGE) as s:
        assert "how this shape came to be" not in s.text()


def test_an_overruled_declaration_is_marked_on_its_step(samples: Any) -> None:
    made = samples.discarded()
    layers = {layer.id: layer for layer in made.models[0].layers}
    lines = chain_lines(layers, "dense_1", made.source, 12)
    assert [(line.name, line.shape) for line in lines] == [
        ("(input)", "(None, 4)"),
        ("dense", "(None, 32)"),
        ("dense_1", "(None, 16)"),
    ]
    assert lines[0].class_name == "declared by dense"
    assert (lines[2].where, lines[2].remark) == ("line 7", "✗ discarded (None, 44)")


def test_a_long_way_is_cut_in_its_middle_and_counted(samples: Any) -> None:
    made = samples.deep(100)
    layers = {layer.id: layer for layer in made.models[0].layers}
    last = made.models[0].layers[98]
    lines = chain_lines(layers, last.id, made.source, 12)
    cut = [line.name for line in lines if line.name.startswith("…")]
    steps = [line for line in lines if line.class_name and line.name != "(input)"]
    assert len(steps) == 12
    assert cut == [f"… {len(chain_to(layers, last.id)) - 12} more layers"]


def test_a_way_into_a_nested_model_says_what_it_takes(samples: Any) -> None:
    made = samples.nested()
    layers = {layer.id: layer for layer in made.models[0].layers}
    lines = chain_lines(layers, "inner_conv", made.source, 12)
    backbone = next(line for line in lines if line.name == "backbone")
    assert backbone.shape == "takes (None, 64, 64, 3)"


def test_a_dead_branch_says_which_name_held_it(samples: Any) -> None:
    made = samples.unconnected()
    branch = next(layer for layer in made.models[1].layers if layer.name == "conv_2")
    held = replace(branch.overtaken, variable="y", rebound_line=14)
    sentence = connection_sentence(replace(branch, overtaken=held), made.source)
    assert "It was overtaken at line 10: pool took the output of conv_1" in sentence
    assert sentence.endswith("Its result was held by `y` until line 14 gave that name to something else.")
    same = replace(branch.overtaken, variable="x", rebound_line=10)
    sentence = connection_sentence(replace(branch, overtaken=same), made.source)
    assert sentence.endswith("Its result was held by `x` until line 10 gave that name to the result of pool.")


async def test_the_detail_says_it_beside_the_finding_unless_that_does(stage: Any, samples: Any) -> None:
    made = samples.unconnected()
    net, loose = made.models
    held = tuple(
        replace(layer, overtaken=replace(layer.overtaken, variable="y", rebound_line=14)) if layer.overtaken else layer
        for layer in loose.layers
    )
    made = replace(made, models=(net, replace(loose, layers=held)))
    async with stage(made) as s:
        await s.press("f", "f", "enter")
        assert "Its result was held by `y` until line 14" in " ".join(s.text().split())
    said = tuple(replace(finding, why="`y` was rebound") for finding in made.findings)
    async with stage(replace(made, findings=said)) as s:
        await s.press("f", "f", "enter")
        assert "Its result was held" not in s.text()


# Tolerant looks


async def test_a_tolerant_look_is_said_in_header_and_status(stage: Any, states: Any) -> None:
    async with stage(states.tolerant(), size=WIDE) as s:
        assert "tolerant" in s.text().split("\n")[1]
        assert "tolerant: 1 statement skipped, cv2 and pandas stood in, 1 moved name found" in s.status()
        assert "No findings in what could be judged." in s.text()


def test_tolerance_names_three_modules_at_most(states: Any) -> None:
    made = replace(states.tolerant(), stood_in=("a", "b", "c", "d", "e"), moved=(), skipped=())
    assert tolerance_words(made) == "tolerant: a, b, c and 2 more stood in"
    assert tolerance_words(replace(made, stood_in=("cv2",))) == "tolerant: cv2 stood in"
    assert tolerance_words(states.factories()) == ""


async def test_a_model_that_may_lack_something_says_so_above_its_rows(stage: Any, states: Any) -> None:
    made = states.tolerant()
    partial = replace(made.models[0], skipped=(12, 14))
    async with stage(replace(made, models=(partial,))) as s:
        assert "! may lack something: line 12, line 14 could not be run" in s.text()


# Notebooks


async def test_a_notebook_has_cells_with_lines_of_their_own(stage: Any, states: Any) -> None:
    async with stage(states.notebook()) as s:
        await s.press("f", "4")
        lines = s.text().split("\n")
        assert lines[3].startswith("── cell 1 ─")
        assert lines[4].startswith("   1:1 │ import keras")
        assert lines[6].startswith("── cell 2 ─")
        assert lines[9].startswith("→! 2:3 │ net.add(layers.Dense(8, input_shape=(4,)))")


async def test_a_notebook_is_spoken_of_in_cells(stage: Any, states: Any) -> None:
    async with stage(states.notebook(), size=WIDE) as s:
        await s.press("f")
        text = s.text()
        assert "cell 2:3  dense_1" in text
        assert "input_shape=(4,), cell 2:3" in text
        assert "net.ipynb cell 2:3" in text
        assert "line 5" not in text


async def test_jumping_to_a_line_of_a_notebook_finds_its_row(stage: Any, states: Any) -> None:
    async with stage(states.notebook()) as s:
        view = s.screen.query_one("#source", TextView)
        await s.press("f", "4")
        assert view.current == 5
        assert view.selected_line == (5, "net.add(layers.Dense(8, input_shape=(4,)))")
        await s.press("y")
        assert s.app.clipboard == "net.add(layers.Dense(8, input_shape=(4,)))"
        assert "cell 2:3" in s.status()


def test_headings_are_no_lines_of_the_program(states: Any) -> None:
    document = source_document(states.notebook())
    assert document.lines[0] == "cell 1"
    assert document.number(0) == 0
    assert document.row(5) == 6


async def test_a_search_finds_no_headings(stage: Any, states: Any) -> None:
    async with stage(states.notebook()) as s:
        await s.press("4", "slash", *"cell", "enter")
        assert s.status() == "no line contains 'cell'"


# Copying, and what lies beyond the edge


async def test_y_copies_the_selected_finding(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("3", "j", "y")
        assert s.app.clipboard == "/home/ada/unconnected.py:9: KS202 The result of conv_2 reaches no model output."
        assert "the selected entry" in s.status()


async def test_y_copies_a_note_whole(stage: Any, samples: Any) -> None:
    async with stage(samples.conv_encoder()) as s:
        await s.press("3", "G", "y")
        assert s.app.clipboard.startswith("note line 31 The file stopped at line 31")
        assert s.screen.query_one(FindingsPane).selected_text == s.app.clipboard


async def test_y_copies_the_selected_source_line(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("f", "4", "y")
        assert s.app.clipboard == 'mask = keras.Input(shape=(28, 28, 1), name="mask")'
        await s.press("slash", *"hidden", "enter", "y")
        assert s.app.clipboard.startswith("hidden = layers.Dense(64")


async def test_y_in_an_empty_log_copies_nothing(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.press("5", "y")
        assert s.status() == "nothing is selected, so nothing was copied"


async def test_l_reaches_the_columns_that_found_no_room(stage: Any, samples: Any) -> None:
    async with stage(samples.conv_encoder()) as s:
        head = s.text().split("\n")[3]
        assert "…output" in head
        assert not head.endswith("  output")
        for _ in range(8):
            await s.press("l")
        lines = s.text().split("\n")
        assert "  output" in lines[3]
        assert "encod" in lines[4], "the names stay"
        assert "(None, 26, 26, 16)" in lines[5]
        await s.press(*"hhhhhhhh")
        assert s.text().split("\n")[3] == head


async def test_nothing_scrolls_sideways_where_all_columns_are_in_sight(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), size=WIDE) as s:
        await s.press("l")
        assert s.screen.query_one(LayerTable).scroll_x == 0


async def test_the_side_pane_is_no_wider_than_it_needs(stage: Any, samples: Any) -> None:
    async with stage(samples.residual(), size=HUGE) as s:
        assert s.screen.query_one("#side").size.width <= 72
        assert "effective …output" not in s.text()
