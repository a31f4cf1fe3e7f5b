"""The screen on one file: what it shows, and what its keys do."""

from __future__ import annotations

import gc
import warnings
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Footer, Static

from kerascope.app.screens.help import HelpScreen
from kerascope.app.screens.models import ModelsScreen
from kerascope.app.widgets.bars import HeaderBar
from kerascope.app.widgets.detail import DetailPane
from kerascope.app.widgets.failure import FailurePane
from kerascope.app.widgets.findings import FindingsPane
from kerascope.app.widgets.layer_table import LayerTable
from kerascope.app.widgets.text_view import TextView
from kerascope.graph import Failure, Frame, Location, Note, Progress

WIDE = (120, 40)


async def test_the_program_text_is_shown_before_keras_answers(stage: Any, samples: Any, clock: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        text = s.text()
        assert "Read from the program text" in text
        assert "(None, 44)" in text
        assert "line 7    Dense" in text
        assert "waiting for Keras" in text
        s.inspector.progress(Progress(phase="starting", message="starting Keras 3.15.1 in /p", seconds=0.0))
        assert s.status() == "starting Keras 3.15.1 in /p … 0 s, Esc cancels"
        clock.now += 4.2
        s.screen._tick()
        assert s.status() == "starting Keras 3.15.1 in /p … 4 s, Esc cancels"


async def test_a_long_interpreter_path_never_hides_the_way_out(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        s.inspector.progress(Progress(phase="starting", message="starting Keras in " + "/very/long" * 20, seconds=0.0))
        assert s.status().endswith(" … 0 s, Esc cancels")
        assert len(s.status()) <= 78


async def test_the_answer_takes_its_place_without_a_jump(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        table = s.screen.query_one(LayerTable)
        await s.press("j")
        assert s.selected() == ""
        s.inspector.gate.set()
        await s.until(lambda: not s.screen.looking)
        assert s.screen.query_one(LayerTable) is table
        assert s.selected() == "dense_1", "the layer of the same line stays selected"
        assert "✗ discarded" in s.text()
        assert "waiting" not in s.text()


async def test_rows_stand_where_they_stood_and_the_first_is_selected(stage: Any, samples: Any) -> None:
    made = samples.discarded()
    added = samples.layer("input_layer", "InputLayer", effective=(None, 4), output=(None, 4))
    model = replace(made.models[0], layers=(added, *made.models[0].layers))
    async with stage(replace(made, models=(model,)), wait=False) as s:
        assert "line 6    Dense" in s.text().split("\n")[4]
        s.inspector.gate.set()
        await s.until(lambda: not s.screen.looking)
        await s.pilot.pause()
        assert s.selected() == "input_layer"


async def test_a_discarded_declaration_is_marked_by_words(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        row = next(line for line in s.text().split("\n") if "dense_1" in line)
        assert row.lstrip().startswith("!●")
        assert "(None, 44) ✗ discarded" in row
        assert "(None, 32)" in row
        assert "528" in row


async def test_layers_connected_to_nothing_have_a_section(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected(), size=WIDE) as s:
        lines = s.text().split("\n")
        at = next(number for number, line in enumerate(lines) if "Connected to nothing" in line)
        below = "\n".join(lines[at : at + 4])
        for word in ("✗ unused-input", "✗ dead-branch", "✗ unconnected"):
            assert word in below


async def test_enter_on_a_finding_jumps_to_its_layer(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("3", "j", "enter")
        assert s.screen.shown_view == "layers"
        assert s.selected() == "conv_2"
        await s.press("f")
        assert s.selected() == "hidden"
        await s.press("F", "F")
        assert s.selected() == "mask"


async def test_a_finding_in_another_model_switches_to_it(stage: Any, samples: Any) -> None:
    async with stage(samples.two_models()) as s:
        assert s.screen.model_index == 1
        await s.press("3", "enter")
        assert s.screen.model_index == 0
        assert s.selected() == "dense_1"


async def test_the_next_finding_may_be_in_another_model(stage: Any, samples: Any) -> None:
    async with stage(samples.two_models()) as s:
        assert s.screen.model_index == 1
        await s.press("f")
        assert s.screen.model_index == 0
        assert s.selected() == "dense_1"


async def test_a_passing_status_gives_way_on_the_next_move(stage: Any, samples: Any) -> None:
    async with stage(samples.residual()) as s:
        resting = s.status()
        await s.press("f")
        assert s.status() == "no layer of this file has a finding"
        await s.press("j")
        assert s.status() == resting
        await s.press("y")
        assert s.status() != resting
        await s.press("4")
        assert s.status() == resting


async def test_models_are_listed_and_switched(stage: Any, samples: Any) -> None:
    async with stage(samples.two_models(), size=WIDE) as s:
        chosen = s.selected()
        await s.press("[")
        assert "model 1/2" in s.text()
        await s.press("j", "m")
        assert isinstance(s.app.screen, ModelsScreen)
        assert "encoder_with_residuals (Functional, residual.py line 22)" in s.text()
        await s.press("j", "enter")
        assert "model 2/2" in s.text()
        assert s.selected() == chosen
        await s.press("[")
        assert s.selected() == "dense_1", "each model keeps its own selection"
        await s.press("[")
        assert s.screen.model_index == 1


async def test_escape_asks_for_what_there_is(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        await s.until(lambda: s.inspector.looks == 1)
        s.inspector.stopped_answer = samples.two_models()
        await s.press("escape")
        await s.until(lambda: not s.screen.looking)
        assert (s.inspector.stops, s.inspector.cancelled) == (1, 0)
        assert s.screen.inspection == samples.two_models()


async def test_a_stopped_look_without_models_keeps_the_rows_of_the_text(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        await s.until(lambda: s.inspector.looks == 1)
        rows = s.screen.inspection.models
        failure = Failure(kind="cancelled", message="the look was stopped")
        s.inspector.stopped_answer = replace(samples.discarded(), models=(), failure=failure)
        await s.press("escape")
        await s.until(lambda: not s.screen.looking)
        assert len(s.screen.inspection.models) == len(rows)
        assert s.screen.inspection.failure == failure
        assert "not asked" in s.text()
        assert "waiting for Keras" not in s.text()
        assert "recorded until then" not in s.text()


async def test_a_second_escape_cancels_and_the_screen_lives_on(stage: Any, samples: Any, clock: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        await s.until(lambda: s.inspector.looks == 1)
        clock.now += 3
        await s.press("escape")
        assert s.status() == "stopping … 3 s, Esc again ends it at once"
        await s.press("escape")
        await s.until(lambda: s.inspector.cancelled == 1)
        assert s.screen.inspection.failure.kind == "cancelled"
        assert "The look was cancelled after 3 s." in s.text()
        assert "Dense" in s.text()
        s.inspector.gate.set()
        await s.press("r")
        await s.until(lambda: not s.screen.looking)
        assert s.screen.inspection.failure is None
        assert "✗ discarded" in s.text()
        assert "failed" not in s.text()


async def test_cancelling_a_second_look_keeps_the_answer(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        s.inspector.gate.clear()
        await s.press("r")
        await s.until(lambda: s.inspector.looks == 2)
        await s.press("escape", "escape")
        await s.until(lambda: s.inspector.cancelled == 1)
        assert "✗ discarded" in s.text()
        assert s.status().startswith("cancelled")


async def test_saving_the_file_looks_again_and_keeps_the_selection(stage: Any, samples: Any) -> None:
    first = samples.discarded()
    model = first.models[0]
    moved = tuple(
        replace(layer, location=Location(path=layer.location.path, line=layer.location.line + 3))
        for layer in model.layers
    )
    added = samples.layer("input_layer", "InputLayer", line=7, effective=(None, 4), output=(None, 4))
    second = replace(first, models=(replace(model, layers=(added, *moved)),))
    async with stage(first, second) as s:
        await s.press("j")
        assert s.selected() == "dense_1"
        s.path.write_text("x = 2  # saved\n")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert s.selected() == "dense_1"
        assert "input_layer" in s.text()


async def test_a_layer_that_comes_back_is_selected_again(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), samples.syntax_error(), samples.discarded()) as s:
        await s.press("j", "r")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert s.selected() is None
        await s.press("r")
        await s.until(lambda: s.inspector.looks == 3 and not s.screen.looking)
        assert s.selected() == "dense_1"


async def test_a_deleted_file_keeps_the_last_answer(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        s.path.unlink()
        await s.until(lambda: "is gone" in s.status())
        assert "✗ discarded" in s.text()
        assert s.inspector.looks == 1
        s.path.write_text("back again\n")
        await s.until(lambda: s.inspector.looks == 2)


async def test_search_goes_round_the_matches(stage: Any, samples: Any) -> None:
    async with stage(samples.residual()) as s:
        await s.press("slash", *"add", "enter")
        assert s.selected() == "add"
        assert s.status().startswith("match 1 of 2")
        await s.press("n")
        assert s.selected() == "add_1"
        await s.press("n")
        assert s.selected() == "add"
        await s.press("N")
        assert s.selected() == "add_1"
        await s.press("slash", *"nothing", "enter")
        assert "no layer name or class contains 'addnothing'" in s.status() or "'nothing'" in s.status()
        await s.press("slash", "escape")
        assert isinstance(s.app.focused, LayerTable)


async def test_search_in_the_source(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("4", "slash", *"Dense", "enter")
        assert s.screen.shown_view == "source"
        assert s.status().startswith("match")


async def test_a_failure_is_an_answer(stage: Any, samples: Any) -> None:
    async with stage(samples.exception()) as s:
        text = s.text()
        assert "✗ line 8: NameError: name 'sample_modell' is not defined" in text
        assert "Recorded until the failure" in text
        assert "dense_1" in text
        await s.press("3")
        assert "in <module>" in s.text()
        await s.press("enter")
        assert s.screen.shown_view == "source"
        assert s.screen.query_one("#source", TextView).current == 8


async def test_a_failure_without_rows_fills_the_pane(stage: Any, samples: Any) -> None:
    async with stage(samples.syntax_error()) as s:
        text = s.text()
        assert "'[' was never closed" in text
        assert "→ 3 │ model = keras.Sequential([" in text
        assert not s.screen.query_one(LayerTable).display
        assert isinstance(s.app.focused, FailurePane) or s.app.focused is not None


async def test_no_model_says_what_was_looked_for(stage: Any, samples: Any) -> None:
    async with stage(samples.no_model(), size=WIDE) as s:
        assert "made no Keras model" in s.text()
        assert "Looked for" in s.text()
        await s.press("5")
        assert "hello" in s.text()


async def test_a_broken_engine_does_not_end_the_screen(stage: Any, samples: Any) -> None:
    async with stage(RuntimeError("the pipe broke")) as s:
        assert s.screen.inspection.failure.kind == "engine"
        assert "the pipe broke" in s.text()
        assert "Dense" in s.text()


async def test_no_findings_is_a_sentence(stage: Any, samples: Any) -> None:
    async with stage(samples.clean()) as s:
        await s.press("3")
        assert "No findings: every declaration is what Keras uses" in s.text()


async def test_notes_stand_with_the_findings(stage: Any, samples: Any) -> None:
    async with stage(samples.conv_encoder()) as s:
        await s.press("3")
        text = s.text()
        assert "note  line 31" in text
        assert "URL fetch failure" in " ".join(text.split())


async def test_an_exception_after_the_models_is_seen_at_once(stage: Any, samples: Any) -> None:
    clean = samples.clean()
    frame = Frame(path=clean.source.path, line=4, function="<module>", text="boom()")
    died = replace(clean, notes=(Note(message="NameError: boom", line=4, frames=(frame,)),))
    async with stage(died, size=(60, 15)) as s:
        assert "! 1 note" in s.text().split("\n")[1]
        assert "3 Findings ! 1 note" in s.text().split("\n")[2]
    async with stage(replace(clean, notes=(Note(message="a download was left out"),))) as s:
        assert "no findings  1 note" in s.text().split("\n")[1]


async def test_nothing_is_claimed_of_layers_that_were_not_judged(stage: Any, samples: Any) -> None:
    made = samples.clean()
    model = made.models[0]
    unknown = tuple(replace(layer, connection=None, inbound=()) for layer in model.layers)
    apart = replace(samples.layer("apart", "Dense"), connection=None)
    none = replace(model, name=None, class_name=None, variable=None, layers=(apart,))
    async with stage(replace(made, models=(replace(model, layers=unknown), none)), size=WIDE) as s:
        text = s.text()
        assert "In no model" in text
        assert "Connected to nothing" not in text
        assert "✗" not in text
        assert "No findings in what could be judged." in text
        assert "○" not in text.split("In no model")[0]
        assert "Its connections are not known" in text


async def test_the_detail_says_why_and_where_from(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), size=WIDE) as s:
        await s.press("j")
        text = s.text()
        assert "computed by Keras 3.15.1" in text
        assert "Why: Line 6 made the input (None, 4)" in text
        assert "Fix: Remove input_shape=(44,)." in text
        await s.press("k")
        assert "Line 6 made the input (None, 4)." in s.text()
        await s.press("2")
        assert isinstance(s.app.focused, DetailPane)


async def test_an_unknown_shape_carries_its_reason(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("G", "enter")
        assert "unknown: the layer was never called" in s.text()


async def test_views_tabs_and_footer(stage: Any, samples: Any) -> None:
    async with stage(samples.two_models()) as s:
        for key, view in zip("12345", ("layers", "detail", "findings", "source", "log"), strict=True):
            await s.press(key)
            assert s.screen.shown_view == view
            assert f"[{key} {view.title()}" in s.text()
        await s.press("tab")
        assert s.screen.shown_view == "layers"
        await s.press("shift+tab")
        assert s.screen.shown_view == "log"
        await s.press("escape")
        assert s.screen.shown_view == "layers"
        assert len(s.screen.query_one(Footer).children) <= 7


async def test_the_source_marks_findings_and_the_selected_line(stage: Any, samples: Any) -> None:
    async with stage(samples.unconnected()) as s:
        await s.press("f", "4")
        lines = s.text().split("\n")
        assert any(line.startswith("→!  6 │ mask") for line in lines)
        assert any(line.startswith(" !  9 │ y =") for line in lines)


async def test_the_log_is_cleaned(stage: Any, samples: Any) -> None:
    async with stage(samples.residual()) as s:
        await s.press("5")
        assert "loss red" in s.text()
        assert "\x1b" not in s.text()


async def test_source_text_cannot_steer_the_terminal(stage: Any, samples: Any) -> None:
    made = samples.discarded()
    hostile = replace(made, source=replace(made.source, text="x = 1 # \x1b]52;c;AAAA\x07 \x9b31m \u202e\n" * 9))
    async with stage(hostile, size=WIDE) as s:
        for key in "24":
            await s.press(key)
            assert not set(s.text()) & {"\x1b", "\x9b", "\x07", "\u202e"}


async def test_help_lists_the_live_bindings(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), size=WIDE) as s:
        await s.press("question_mark")
        assert isinstance(s.app.screen, HelpScreen)
        content = str(s.app.screen.query_one(Static).content)
        assert "Look" in content or "look" in content
        assert "Look at the file again: run a program, read a saved model" in content
        assert "List the models" not in content, "there is only one model"
        await s.press("q")
        assert s.screen.shown_view == "layers"


async def test_copy_says_what_was_tried(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.press("j", "y")
        assert s.app.clipboard.startswith("dense_1 (Dense); declared (None, 44) discarded; effective (None, 32)")
        assert "OSC 52" in s.status()


@pytest.mark.parametrize("size", [(59, 24), (80, 14)])
async def test_a_tiny_window_gets_a_sentence(stage: Any, samples: Any, size: tuple[int, int]) -> None:
    async with stage(samples.discarded(), size=size) as s:
        assert "at least 60 columns and 15 lines" in " ".join(s.text().split())
        assert not s.screen.query_one(HeaderBar).display
        await s.pilot.resize_terminal(80, 24)
        await s.pilot.pause()
        assert "✗ discarded" in s.text()


@pytest.mark.parametrize("view", ["layers", "source"])
async def test_the_keys_live_on_after_a_tiny_window(stage: Any, samples: Any, view: str) -> None:
    async with stage(samples.residual()) as s:
        s.screen.action_view(view)
        await s.pilot.resize_terminal(50, 12)
        await s.pilot.pause()
        await s.pilot.resize_terminal(80, 24)
        await s.pilot.pause()
        assert s.app.focused is s.screen.query_one(f"#{view}")
        if view == "layers":
            await s.press("j")
            assert s.selected() == "stem"


async def test_every_sample_fits_every_width(stage: Any, samples: Any) -> None:
    for make in samples.SAMPLES.values():
        async with stage(make()) as s:
            for width in (60, 80, 81, 119, 120, 179, 180, 200):
                await s.pilot.resize_terminal(width, 24)
                await s.pilot.pause()
                lines = s.text().split("\n")
                assert max(len(line) for line in lines) <= width
                assert lines[2].startswith(" [1 Layers]")


async def test_one_long_shape_never_hides_a_verdict(stage: Any, samples: Any) -> None:
    made = samples.discarded()
    first, second = made.models[0].layers
    long = replace(second.declared, shape=None, value="build_the_shape(" + "very_long_name, " * 9 + ")")
    model = replace(made.models[0], layers=(first, replace(second, declared=long)))
    async with stage(replace(made, models=(model,))) as s:
        row = next(line for line in s.text().split("\n") if "dense_1" in line)
        assert "✗ discarded" in row
        assert "build_" in row
        assert "528" in row


@pytest.mark.parametrize("name", ["clean", "discarded"])
async def test_the_output_is_given_up_late(stage: Any, samples: Any, name: str) -> None:
    async with stage(samples.SAMPLES[name]()) as s:
        head = s.text().split("\n")[3]
        assert "  output" in head, head
        assert "class" in head


async def test_the_smallest_window_keeps_variable_counts_and_keys(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), size=(60, 15)) as s:
        lines = s.text().split("\n")
        assert "sample_model" in lines[0]
        assert lines[1].endswith("! 1 warning")
        assert "enter detail" in lines[14]


async def test_ctrl_c_stops_a_look_else_says_what_quits(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), wait=False) as s:
        await s.until(lambda: s.inspector.looks == 1)
        await s.press("ctrl+c")
        assert s.inspector.stops == 1
        s.inspector.gate.set()
        await s.until(lambda: not s.screen.looking)
        await s.press("ctrl+c")
        assert s.status() == "q quits"
        assert "ctrl+z" in {binding.key for _, binding, *_ in s.screen.active_bindings.values()}


async def test_q_quits(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.press("q")
        assert s.app.return_value == 0


async def test_quitting_during_a_look_leaves_nothing_unawaited(stage: Any, samples: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with stage(samples.discarded()) as s:
            looks = s.inspector.looks
            s.screen._look("looking again")
            s.screen.action_quit_screen()
            s.screen._look("one too late")
            await s.pilot.pause()
        gc.collect()
    assert s.inspector.looks <= looks + 1
    assert not [entry for entry in caught if "never awaited" in str(entry.message)]


async def test_the_palette_lists_the_actions(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        titles = [command.title for command in s.app.get_system_commands(s.screen)]
        assert "look again (r)" in titles
        assert "models (m)" not in titles


async def test_nothing_is_drawn_when_nothing_changes(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.pilot.pause(0.3)
        drawn: list[object] = []
        s.app._display, original = (lambda *args, **kwargs: drawn.append(args)), s.app._display
        try:
            await s.pilot.pause(2.3)
        finally:
            s.app._display = original
        assert drawn == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize(
    "name", ["discarded", "glance", "residual", "unconnected", "conv_encoder", "nested", "exception", "syntax_error"]
)
async def test_goldens(stage: Any, samples: Any, golden: Any, name: str, size: tuple[int, int]) -> None:
    async with stage(samples.SAMPLES[name](), size=size) as s:
        await s.press("f")
        golden(f"{name}-{size[0]}x{size[1]}", s.text())


@pytest.mark.parametrize("name", ["discarded", "residual", "unconnected", "exception", "long_names"])
async def test_goldens_without_colour_in_ascii(
    stage: Any, samples: Any, golden: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(samples.SAMPLES[name](), size=WIDE, ascii_only=True) as s:
        await s.press("f")
        text = s.text()
        assert text.isascii()
        assert s.app.theme == "ansi-dark"
        for strip in s.app.screen._compositor.render_strips():
            for segment in strip:
                if segment.style is not None:
                    assert segment.style.color is None or segment.style.color.is_default
                    assert segment.style.bgcolor is None or segment.style.bgcolor.is_default
        golden(f"{name}-plain", text)


async def test_without_answers_failures_can_be_replaced(stage: Any, samples: Any) -> None:
    missing = replace(samples.glance(), models=(), failure=Failure(kind="missing", message="model.py does not exist."))
    async with stage(missing, glance=missing) as s:
        assert "model.py does not exist." in s.text()
        assert isinstance(s.screen.query_one(FindingsPane), FindingsPane)


async def test_the_largest_model_is_shown_first(stage: Any, samples: Any) -> None:
    two = samples.two_models()
    small, large = sorted(two.models, key=lambda model: len(model.layers))
    async with stage(replace(two, models=(small, large))) as s:
        assert s.screen.query_one(HeaderBar).view.model == large
