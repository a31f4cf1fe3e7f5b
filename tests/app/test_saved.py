"""What the screen shows of saved files: what they are, how they were read, their config and their weights."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest

from kerascope.app._lines import indented, layer_lines, log_document, source_document
from kerascope.app._view import build_view
from kerascope.app._watch import FileWatch
from kerascope.app._words import chain_lines
from kerascope.app.widgets.detail import DetailPane
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.text_view import TextView
from kerascope.app.widgets.weight_table import WeightTable
from kerascope.graph import Argument, Finding, Inspection, Severity, Weight

WIDE = (120, 40)
HUGE = (200, 50)


def words(text: str) -> str:
    """A screen as one line: what was wrapped is whole again."""
    return " ".join(text.replace("│", " ").replace("▌", " ").split())


# What it is and how it was read


async def test_the_header_says_what_the_file_is_and_that_nothing_was_executed(stage: Any, saved: Any) -> None:
    said = "Keras archive (.keras) · written by Keras 3.15.1 · read as data; nothing in this file was executed"
    async with stage(saved.keras(), size=HUGE) as s:
        assert said in s.text().split("\n")[1]
        await s.pilot.resize_terminal(80, 24)
        await s.pilot.pause()
        assert "read as data, nothing executed" in s.text().split("\n")[1]


async def test_a_saved_file_is_read_and_not_looked_at(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        assert s.status() == "read as data in 0.2 s · reads again when the file changes"
        s.inspector.gate.clear()
        await s.press("r")
        await s.until(lambda: s.screen.looking)
        assert s.status().startswith("reading again: reading")
        await s.press("escape", "escape")
        assert s.status() == "cancelled: this is the answer from before · r reads it again"
        assert "Keras is being asked" not in s.text()


async def test_before_it_is_read_it_is_being_read(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), wait=False) as s:
        assert "The file is being read as data." in s.text()
        assert "Being read as data" in s.text().split("\n")[1]
        assert "program text" not in s.text()
        s.inspector.gate.set()
        await s.until(lambda: not s.screen.looking)


async def test_what_the_format_does_not_record_is_not_called_nothing(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        assert "not recorded" in s.row("stem")
        await s.press("j")
        assert "declared not recorded by this format" in words(s.text())
    recorded = replace(saved.keras(), file=replace(saved.keras().file, declares=True))
    async with stage(recorded, size=WIDE) as s:
        await s.press("j")
        assert "not recorded" not in s.text()
        assert "declared nothing" in words(s.text())


async def test_shapes_say_where_they_come_from_or_why_they_are_unknown(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        await s.press("j")
        assert "(None, 28, 28, 1) stated in the file" in words(s.text())
        await s.press("f")
        assert s.selected() == "shout"
        said = words(s.screen.query_one(DetailPane).query_one("#detail-text").render().plain)
        assert "(None, 28, 28, 32) inferred by kerascope's shape rules" in said
        assert f"output unknown: {saved.CUSTOM}" in said
        await s.press("G")
        assert f"unknown: it takes what shout gives, and {saved.CUSTOM}" in words(
            s.screen.query_one(DetailPane).query_one("#detail-text").render().plain
        )


async def test_the_detail_shows_the_config_in_place_of_source(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=HUGE) as s:
        await s.press("j")
        said = words(s.text())
        assert "config filters 32 kernel_size [3, 3] padding same" in said
        assert "arguments" not in said


async def test_a_value_too_long_for_the_detail_says_where_it_is_whole(stage: Any, saved: Any) -> None:
    made = saved.keras()
    stem = replace(made.models[0].layers[1], arguments=(Argument(name="vocabulary", value="w" * 9000),))
    model = replace(made.models[0], layers=(made.models[0].layers[0], stem, *made.models[0].layers[2:]))
    async with stage(replace(made, models=(model,)), size=HUGE) as s:
        await s.press("j")
        assert "(9,000 characters; 4 has all of them)" in words(
            s.screen.query_one(DetailPane).query_one("#detail-config").render().plain
        )


async def test_without_a_source_line_nothing_leads_to_one(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        await s.press("f", "3", "enter")
        assert s.screen.shown_view == "layers"
        assert s.selected() == "shout"
        await s.press("b")
        assert s.inspector.looks == 1, "there is no other Keras to ask"


async def test_source_shows_the_config_at_the_selected_layer(stage: Any, saved: Any) -> None:
    async with stage(saved.keras()) as s:
        view = s.screen.query_one("#source", TextView)
        assert not view.document.lines, "it is made when it is looked at"
        await s.press("j", "4")
        assert view.document.lines[view.current - 1].strip() == '"name": "stem",'
        await s.press("slash", *"volume", "enter")
        assert view.selected_line[1].strip() == '"volume": "3"'
        await s.press("1", "j", "4")
        assert view.document.lines[view.current - 1].strip() == '"name": "norm"'


async def test_the_log_says_what_was_read(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        await s.press("5")
        said = words(s.text())
        for part in (
            "read as data; nothing in this file was executed",
            "format Keras archive (.keras)",
            "written by Keras 3.15.1, tensorflow backend",
            "size 49.3 kB",
            "declarations not recorded by this format",
            "members config.json, metadata.json, model.weights.h5",
            "at config.layers[3]",
        ):
            assert part in said


def test_the_config_is_cleaned_and_keeps_what_stands_there() -> None:
    text = '{"name": "a\x1b]0;b\x07\\u001b[2J", "list": [1, 2], "deep": [{"x": []}], "s": "a, [b] {c}: \\"d\\""}'
    assert json.loads(indented(text.replace("\x1b]0;b\x07", ""))) == json.loads(text.replace("\x1b]0;b\x07", ""))
    assert '"list": [1, 2],' in indented(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '["' * 50_000, "[1," * 50_000, '{"' + "\\a" * 50_000, "]}]}", "{", ""])
def test_no_text_takes_long_to_indent(text: str) -> None:
    began = perf_counter()
    assert len(indented(text)) < 10 * len(text) + 10
    assert perf_counter() - began < 1


def test_a_steering_text_in_a_config_does_not_reach_the_screen(saved: Any) -> None:
    made = saved.keras()
    file = replace(made.file, text='{"name": "\x1b[2J\x9b1m\u202egnp"}')
    document = source_document(replace(made, file=file))
    assert not {"\x1b", "\x9b", "\u202e"} & set("".join(document.lines))


def test_names_in_a_config_lead_to_their_first_line(saved: Any) -> None:
    document = source_document(saved.keras())
    lines = layer_lines(document)
    assert document.lines[lines["shout"] - 1].strip() == '"name": "shout",'
    assert lines["digit_model"] < lines["image"] < lines["shout"]


async def test_a_keras_that_was_asked_is_named(stage: Any, saved: Any, samples: Any) -> None:
    made = replace(saved.unbuilt(), engine=samples.ENGINE)
    async with stage(made, size=HUGE) as s:
        assert "read as data; then rebuilt by Keras 3.15.1" in s.text()
        assert "nothing in this file was executed" not in s.text()
    executed = replace(made, source=replace(made.source, executed=True))
    async with stage(executed) as s:
        assert "code in it may have been executed" in s.text()


# What there is not to ask, and what there is


async def test_there_is_no_other_reading_of_a_saved_file(stage: Any, saved: Any) -> None:
    async with stage(saved.keras()) as s:
        await s.press("b")
        assert "a saved model has one reading" in s.text()
        assert s.inspector.compared == [False]


async def test_a_stack_without_an_input_is_given_one(stage: Any, saved: Any) -> None:
    async with stage(saved.unbuilt()) as s:
        assert "? not built: nothing in the file states its input shape · i gives one" in s.text()
        await s.press("i", *"(None, 5)", "enter")
        assert s.inspector.targets[-1].input_shapes == ((None, (None, 5), None),)


async def test_a_small_window_has_room_for_weights_and_for_all_tabs(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=(60, 15)) as s:
        await s.press("6")
        assert "[6 Weights]" in s.text()
        assert len([line for line in s.text().split("\n") if "float32" in line]) >= 3


# What cannot be read


async def test_a_failure_stands_with_its_hint(stage: Any, saved: Any) -> None:
    async with stage(saved.cut_off()) as s:
        said = words(s.text())
        assert "config.json ends after 4,096 bytes in the middle of a text." in said
        assert "Copy the file again." in said
        assert "r reads the file again; a change of it does so too." in said
        await s.press("4")
        assert "The file could not be read." in s.text()
        await s.press("6")
        assert s.screen.shown_view == "source"


async def test_what_could_be_read_stands_beneath_a_failure(stage: Any, saved: Any) -> None:
    async with stage(saved.partly()) as s:
        said = words(s.text())
        assert "model.weights.h5 in it is cut off." in said
        assert "Below: what could be read of the file." in said
        assert "stem" in said


async def test_a_model_without_an_input_says_why_and_asks_for_nothing(stage: Any, saved: Any) -> None:
    async with stage(saved.unbuilt()) as s:
        assert "? not built: nothing in the file states its input shape" in s.text()
        assert "i gives an input shape" not in s.text()


async def test_no_findings_claims_no_more_than_was_seen(stage: Any, saved: Any) -> None:
    known = replace(saved.many(3), weights=())
    async with stage(known) as s:
        await s.press("3")
        assert "No findings: no code, nothing outside of the file and nothing malformed was seen in it." in words(
            s.text()
        )
    async with stage(replace(saved.keras(), findings=())) as s:
        await s.press("3")
        assert "No findings in what could be judged" in words(s.text())


# Weights


async def test_w_leads_to_the_weights_of_the_selected_layer(stage: Any, saved: Any) -> None:
    async with stage(saved.keras()) as s:
        await s.press("j", "j", "w")
        assert s.screen.shown_view == "weights"
        assert s.screen.query_one(WeightTable).selected.name == "norm/gamma"
        assert "[6 Weights]" in s.text()
        await s.press("1", "g", "w")
        assert s.status() == "image has no weights in this file"
        await s.press("escape")
        assert s.screen.shown_view == "layers"


async def test_w_on_a_model_inside_goes_to_the_weights_in_it(stage: Any, saved: Any) -> None:
    made = saved.keras()
    outer = replace(made.models[0].layers[1], id="outer", name="outer", class_name="Functional", is_model=True)
    inner = tuple(replace(each, parent="outer", inbound=()) for each in made.models[0].layers[1:3])
    made = replace(made, models=(replace(made.models[0], layers=(outer, *inner)),), findings=())
    async with stage(made) as s:
        await s.press("w")
        assert s.screen.query_one(WeightTable).selected.name == "stem/kernel"


async def test_weights_stand_under_their_layers_and_are_totalled(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), size=WIDE) as s:
        await s.press("6")
        said = words(s.text())
        assert "7 weights, 449 parameters, 1.8 kB; 449 by the config: equal; optimizer: 1 number" in said
        assert "norm 4 weights, 128 numbers, 512 B" in said
        assert "kernel (3, 3, 1, 32) float32 1.2 kB" in said
        assert "histogram" not in said, "no columns for what nobody asked for"


async def test_totals_that_differ_say_by_how_much(stage: Any, saved: Any) -> None:
    made = saved.keras()
    fewer = replace(made, models=(replace(made.models[0], params=replace(made.models[0].params, total=450)),))
    async with stage(fewer, size=WIDE) as s:
        await s.press("6")
        assert "≠ 450 by the config: 1 fewer here" in s.text()


async def test_enter_reads_one_weight_and_s_all(stage: Any, saved: Any) -> None:
    made = saved.keras()
    async with stage(made, size=HUGE) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        s.inspector.statistics["layers/norm/beta"] = saved.stats(nans=3, infs=1)
        s.inspector.statistics["layers/shout/scale"] = "its data is stored in another file"
        await s.press("6", "enter")
        await s.until(lambda: not s.screen._weighing)
        assert s.inspector.weighed == [("layers/stem/kernel",)]
        row = words(s.row("  kernel"))
        assert "finite -0.25 0.5 0.0125 0.125 12.5 % 0 0" in row
        assert "█" in row
        assert "statistics of 1 weight in 0.0 s" in s.status()
        await s.press("enter")
        assert s.status() == "the statistics of 1 weight are known already"
        await s.press("S")
        await s.until(lambda: not s.screen._weighing)
        assert len(s.inspector.weighed[1]) == len(made.weights) - 1
        assert "✗ NaN, Inf" in s.row("  beta")
        assert s.row("  beta").startswith(" ✗")
        assert "? not read" in s.row("  scale")
        assert "1 weight holds NaN or Inf: f goes there" in s.status()
        assert "✗ 1 error" in s.text().split("\n")[1], "it has become a finding"
        await s.press("f")
        assert s.screen.query_one(WeightTable).selected.name == "norm/beta"
        assert "✗ 3 NaN and 1 Inf" in s.text()
        await s.press("y")
        assert s.app.clipboard.startswith("norm/beta (32,) float32; 128 B; min -0.25; max 0.5")


async def test_a_finding_about_numbers_leads_to_its_weight(stage: Any, saved: Any) -> None:
    made = saved.keras()
    async with stage(made) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        s.inspector.statistics["layers/norm/moving_mean"] = saved.stats(nans=2)
        await s.press("6", "S")
        await s.until(lambda: not s.screen._weighing)
        await s.press("3", "G", "enter")
        assert s.screen.shown_view == "weights"
        assert s.screen.query_one(WeightTable).selected.name == "norm/moving_mean"


async def test_what_is_asked_for_last_is_read_first(stage: Any, saved: Any) -> None:
    made = saved.keras()
    async with stage(made) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        s.inspector.gate.clear()
        await s.press("6", "S")
        assert "statistics: 0 of 8 weights" in s.status()
        await s.press("j", "s")
        assert s.inspector.weighed[-1][0] == "layers/stem/bias"
        assert len(s.inspector.weighed[-1]) == len(made.weights)
        assert "reading" in s.row("  bias")
        s.inspector.gate.set()
        await s.until(lambda: not s.screen._weighing)
        assert "statistics of 8 weights" in s.status()


async def test_escape_stops_reading_numbers_and_keeps_what_was_found(stage: Any, saved: Any) -> None:
    made = saved.keras()
    async with stage(made) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        s.inspector.gate.clear()
        await s.press("6", "S", "escape")
        assert not s.screen._weighing
        assert s.status().startswith("stopped after 0.0 s: statistics of 0 of 8 weights")
        assert s.screen.shown_view == "weights"
        assert "reading" not in s.row("  bias")


async def test_an_error_in_reading_numbers_is_said(stage: Any, saved: Any) -> None:
    async with stage(saved.keras()) as s:
        s.inspector.statistics = {"layers/stem/kernel": RuntimeError("no")}
        await s.press("6", "enter")
        await s.until(lambda: not s.screen._weighing)
        assert s.status() == "kerascope itself failed while reading weights: RuntimeError: no"


async def test_a_changed_file_forgets_the_numbers_of_the_one_before(stage: Any, saved: Any) -> None:
    made = saved.keras()
    other = replace(saved.keras(), weights=made.weights[:2])
    async with stage(made, other) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        await s.press("6", "S")
        await s.until(lambda: not s.screen._weighing)
        await s.press("j", "r")
        await s.until(lambda: not s.screen.looking)
        assert "finite" not in s.text()
        assert "gamma" not in s.text()
        assert s.screen.query_one(WeightTable).selected.name == "stem/bias"


async def test_weights_that_are_gone_take_their_view_along(stage: Any, saved: Any) -> None:
    async with stage(saved.keras(), saved.partly()) as s:
        await s.press("6", "r")
        await s.until(lambda: not s.screen.looking)
        assert s.screen.shown_view == "layers"
        assert "6 Weights" not in s.text()


async def test_a_file_of_weights_opens_on_them_and_says_that_it_has_no_architecture(stage: Any, saved: Any) -> None:
    async with stage(saved.only_weights()) as s:
        assert s.screen.shown_view == "weights"
        assert "This file holds weights and has no architecture" in words(s.text())
        assert "weights only" in s.text().split("\n")[0]
        assert "by the config" not in s.text()
        await s.press("1")
        assert "6 shows its weights" in words(s.text())
        await s.press("escape")
        assert s.screen.shown_view == "weights"
        await s.press("2", "r")
        await s.until(lambda: not s.screen.looking)
        assert s.screen.shown_view == "detail", "only the first answer opens a view"


async def test_layers_that_weights_name_stand_under_a_title(stage: Any, saved: Any) -> None:
    made = saved.only_weights()
    layers = tuple(
        replace(each, class_name="", effective=None, output=None) for each in saved.keras().models[0].layers[1:3]
    )
    model = replace(saved.keras().models[0], name=None, class_name=None, built=False, layers=layers, params=None)
    async with stage(replace(made, models=(model,))) as s:
        await s.press("1")
        assert "Named by the weights · 2 layers" in s.text()


async def test_programs_have_no_weights_to_show(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.press("w")
        assert s.screen.shown_view == "layers"
        assert "6 Weights" not in s.text()
        assert not any("weights" in command.title for command in s.app.get_system_commands(s.screen))


async def test_search_and_copy_in_the_weights(stage: Any, saved: Any) -> None:
    async with stage(saved.keras()) as s:
        await s.press("6", "slash", *"moving", "enter")
        assert s.screen.query_one(WeightTable).selected.name == "norm/moving_mean"
        await s.press("n")
        assert s.screen.query_one(WeightTable).selected.name == "norm/moving_variance"
        await s.press("y")
        assert s.app.clipboard == "norm/moving_variance (32,) float32; 128 B"


async def test_on_a_heading_enter_reads_all_of_a_layer(stage: Any, saved: Any) -> None:
    made = saved.keras()
    async with stage(made) as s:
        s.inspector.statistics = {each.path: saved.stats() for each in made.weights}
        await s.press("6", "j", "j", "enter")
        await s.until(lambda: not s.screen._weighing)
        assert len(s.inspector.weighed[0]) == 4
        assert "finite" in s.row("  gamma")


# Many


async def test_ten_thousand_layers_and_weights_stay_quick(stage: Any, saved: Any) -> None:
    made = saved.many()
    began = perf_counter()
    view = build_view(made)
    assert perf_counter() - began < 5, "0.1 s on an idle machine"
    began = perf_counter()
    assert len(chain_lines(view.layers, made.models[0].layers[-1].id, made.source, 12)) == 13, (
        "twelve layers and what was left out"
    )
    assert perf_counter() - began < 2, "0.01 s on an idle machine"
    async with stage(made, size=WIDE) as s:
        assert s.screen.query_one(LayerTable).line_count == 10_000
        began = perf_counter()
        await s.press("G", "k")
        assert s.selected() == "block_249_conv_9998"
        await s.press("w")
        table = s.screen.query_one(WeightTable)
        assert table.selected.layer == "block_249_conv_9998"
        await s.press("g", "G")
        assert table.selected.layer == "block_249_conv_9999"
        assert perf_counter() - began < 20, "seven keys; each takes some milliseconds on an idle machine"


# The folder of a SavedModel


def test_a_file_written_anew_in_a_folder_is_noticed(tmp_path: Any) -> None:
    inside = tmp_path / "saved_model.pb"
    inside.write_bytes(b"one")
    watch = FileWatch(tmp_path)
    assert watch.poll() is None
    inside.write_bytes(b"three")
    os.utime(inside, (1, 1))
    assert [watch.poll(), watch.poll()] == [None, "changed"]


# All of it


SIZES = ((80, 24), (120, 40), (200, 50))


async def _at_all_sizes(s: Any, golden: Any, name: str) -> None:
    for width, height in SIZES:
        await s.pilot.resize_terminal(width, height)
        await s.pilot.pause()
        golden(f"saved-{name}-{width}x{height}", s.text())


@pytest.mark.parametrize("name", ["keras", "only_weights", "cut_off", "partly", "unbuilt"])
async def test_goldens(stage: Any, saved: Any, golden: Any, name: str) -> None:
    async with stage(saved.SAVED[name]()) as s:
        await s.press("j")
        await _at_all_sizes(s, golden, name)


async def _weighed(s: Any, saved: Any, weights: tuple[Weight, ...]) -> str:
    s.inspector.statistics = {each.path: saved.stats() for each in weights}
    s.inspector.statistics["layers/norm/beta"] = saved.stats(nans=3, infs=1)
    s.inspector.statistics["layers/shout/scale"] = "its data is stored in another file"
    await s.press("6", "S")
    await s.until(lambda: not s.screen._weighing)
    await s.press("f")
    return str(s.text())


async def test_goldens_of_statistics(stage: Any, saved: Any, golden: Any) -> None:
    made = saved.keras()
    async with stage(made) as s:
        await _weighed(s, saved, made.weights)
        await _at_all_sizes(s, golden, "statistics")


async def test_golden_without_colour_in_ascii(
    stage: Any, saved: Any, golden: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    made = saved.keras()
    async with stage(made, size=WIDE, ascii_only=True) as s:
        layers = s.text()
        text = await _weighed(s, saved, made.weights)
        assert layers.isascii()
        assert text.isascii()
        golden("saved-plain", f"{layers}{text}")


def test_the_log_of_a_program_is_what_it_printed(samples: Any) -> None:
    assert "read as data" not in "".join(log_document(samples.residual()).lines)


def test_an_unknown_finding_is_an_ordinary_one(saved: Any) -> None:
    finding = Finding(rule="KS503", name="malformed-file", severity=Severity.ERROR, message="m", why="w")
    made: Inspection = replace(saved.keras(), findings=(finding,))
    assert build_view(made).findings == {}
