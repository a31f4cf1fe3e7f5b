"""Choosing what to look at: functions that make models, input shapes, the other Keras."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList

from kerascope.app import _asked
from kerascope.app.screens.ask import AskScreen
from kerascope.app.screens.models import ModelsScreen
from kerascope.app.widgets.bars import HeaderBar
from kerascope.app.widgets.failure import FailurePane
from kerascope.app.widgets.text_view import TextView
from kerascope.graph import DataSpec, Factory, Failure, Finding, Fit, Fix, Severity, Target, Verdict

WIDE = (120, 40)


# The meaning of what is typed


def test_shapes_are_read_with_and_without_names() -> None:
    assert _asked.read_shapes("(None, 28, 28, 1)") == ((None, (None, 28, 28, 1), None),)
    two = (("image", (None, 28, 28, 1), None), ("meta", (None, 5), None))
    assert _asked.read_shapes("image=(None, 28, 28, 1), meta=(None, 5)") == two
    assert _asked.read_shapes("image=(None, 28, 28, 1)\nmeta=(None, 5)\n") == two
    assert _asked.shapes_text(two) == "image=(None, 28, 28, 1), meta=(None, 5)"
    assert _asked.read_shapes(_asked.shapes_text(two)) == two


def test_shapes_without_names_are_taken_in_their_order() -> None:
    assert _asked.read_shapes("(None, 2), (None, 3)") == ((None, (None, 2), None), (None, (None, 3), None))


@pytest.mark.parametrize(
    "text", ["", "  ", "28 by 28", "(None, x)", "(None, 2), a=(1, 3), (1, 4)", "a=(1, 2), a=(1, 3)"]
)
def test_other_texts_are_refused_with_an_answer(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        _asked.read_shapes(text)


def test_a_call_replaces_the_name_and_nothing_else() -> None:
    factory = Factory(name="build_model", line=3, signature="(units=64)")
    target = Target(path="train.py", name="other", input_shapes=((None, (None, 5), None),))
    asked = _asked.read_call(target, factory, "units=32")
    assert (asked.name, asked.call) == ("build_model", "units=32")
    assert asked.input_shapes == target.input_shapes
    with pytest.raises(ValueError, match=r"\w"):
        _asked.read_call(target, factory, "units=")


# Input shapes


async def test_an_unbuilt_model_says_what_to_do(stage: Any, states: Any) -> None:
    async with stage(states.unbuilt()) as s:
        assert "? not built: it was never called on data · i gives an input shape" in s.text()


async def test_the_shape_that_is_given_is_looked_at_and_stays(stage: Any, states: Any) -> None:
    async with stage(states.unbuilt(), states.shaped()) as s:
        await s.press("i", *"(None, 8)", "enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        given = ((None, (None, 8), None),)
        assert s.inspector.targets[1].input_shapes == given
        assert "built with --input-shape (None, 8), i gives another" in s.text()
        await s.press("r")
        await s.until(lambda: s.inspector.looks == 3 and not s.screen.looking)
        assert s.inspector.targets[2].input_shapes == given
        await s.press("i")
        assert s.app.screen.query_one("#ask", Input).value == "(None, 8)"


async def test_a_shape_that_broke_the_look_can_be_changed_or_taken_away(stage: Any, states: Any) -> None:
    failure = Failure(kind="exception", message="ValueError: no such shape")
    broken = replace(states.unbuilt(), models=(), engine=None, failure=failure)
    async with stage(states.unbuilt(), broken, states.unbuilt()) as s:
        await s.press("i", *"(None, 3)", "enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        await s.press("i", *["backspace"] * 9, "enter")
        await s.until(lambda: s.inspector.looks == 3 and not s.screen.looking)
        assert s.inspector.targets[2].input_shapes == ()


async def test_a_wrong_shape_is_answered_while_it_is_typed_and_not_taken(stage: Any, states: Any) -> None:
    async with stage(states.unbuilt()) as s:
        await s.press("i")
        assert "✗" not in s.text(), "nothing is wrong with what was not typed yet"
        await s.press(*"(None")
        assert "✗" in s.text()
        await s.press("enter")
        assert isinstance(s.app.screen, AskScreen)
        assert s.inspector.looks == 1
        await s.press("escape")
        assert s.screen.shown_view == "layers"
        assert s.inspector.looks == 1


async def test_an_empty_answer_says_what_one_looks_like(stage: Any, states: Any) -> None:
    async with stage(states.unbuilt()) as s:
        await s.press("i", "enter")
        assert "nothing is typed yet; for example (None, 28, 28, 1)" in " ".join(s.text().split())


async def test_several_pasted_lines_are_one(stage: Any, states: Any) -> None:
    async with stage(states.unbuilt()) as s:
        await s.press("i")
        line = s.app.screen.query_one("#ask", Input)
        line.post_message(Paste("a=(None, 5),\nb=(None, 3)\n"))
        await s.pilot.pause()
        assert line.value == "a=(None, 5), b=(None, 3)"


async def test_a_built_model_asks_for_no_shape(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded()) as s:
        await s.press("i")
        assert not isinstance(s.app.screen, AskScreen)
        assert "not built" not in s.text()


async def test_a_model_whose_layer_fails_is_not_asked_for_a_shape(stage: Any, states: Any) -> None:
    made = states.unbuilt()
    first, second = made.models[0].layers
    broken = replace(made.models[0], layers=(replace(first, verdict=Verdict.DECIDES), replace(second, failure="no")))
    async with stage(replace(made, models=(broken,))) as s:
        assert "✗ not built: calling decode fails, no · T shows the traceback" in s.text()


# What the file trains with


def training(states: Any, **more: Any) -> Any:
    """A file with two models, the second of which is trained."""
    data = DataSpec(name=None, shape=(10, 4), dtype="float32")
    fit = Fit(method="fit", line=30, x=(data,), y=(replace(data, shape=(10,)),), epochs=5, **more)
    first = states.model(states.layer("alone", "Dense", line=3), name="first")
    second = states.model(states.layer("dense", "Dense", line=9), name="second", fits=(fit,))
    finding = Finding(
        rule="KS401",
        name="fit-input-mismatch",
        severity=Severity.ERROR,
        message="x does not fit",
        why="the model takes (None, 8)",
        model="second",
        path=states.PATH,
        line=30,
        fix=Fix(description="give x rows of (8,)"),
    )
    return states.inspection(first, second, findings=(finding,) if more else ())


async def test_a_training_call_stands_above_the_layers_and_in_the_detail(stage: Any, states: Any) -> None:
    async with stage(training(states)) as s:
        assert "fit, line" not in s.text(), "another model is trained"
        await s.press("]")
        assert " fit, line 30: x (10, 4) float32; y (10,) float32; 5 epochs" in s.text()
        await s.press("enter", "G")
        assert "fit          line 30: x (10, 4) float32" in s.text()


async def test_data_that_does_not_fit_is_said_where_the_training_call_stands(stage: Any, states: Any) -> None:
    async with stage(training(states, input_error="x (10, 4) does not fit the input (None, 8)")) as s:
        await s.press("]")
        assert "✗ fit, line 30: x (10, 4) does not fit the input (None, 8)" in s.text()


async def test_a_finding_about_a_model_says_why_and_leads_to_its_line(stage: Any, states: Any) -> None:
    async with stage(training(states, input_error="x")) as s:
        await s.press("f")
        assert "3 lists what is about whole models" in s.status()
        await s.press("3")
        assert "Why: the model takes (None, 8)" in s.text()
        assert "Fix: give x rows of (8,)" in s.text()
        await s.press("enter")
        await s.pilot.pause()
        assert s.screen.shown_view == "source"
        assert s.screen.query_one("#source", TextView).current == 30
        assert "second" in s.text().split("\n")[0]


# Functions that make models


async def test_functions_stand_below_the_models(stage: Any, states: Any) -> None:
    async with stage(states.factories(), size=WIDE) as s:
        await s.press("m")
        assert isinstance(s.app.screen, ModelsScreen)
        text = s.text()
        assert text.index("1 net (Functional)") < text.index("build_model(units=64) · line 30")
        assert "build_head(classes, width=8) · line 36" in text
        assert "needs classes, enter asks for it" in text


async def test_a_function_without_needs_is_called_at_once(stage: Any, states: Any) -> None:
    async with stage(states.factories(), states.called(), size=WIDE) as s:
        await s.press("m", "j", "enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert (s.inspector.targets[1].name, s.inspector.targets[1].call) == ("build_model", "")
        header = s.text().split("\n")[0]
        assert "train.py:build_model()" in header
        assert "made by calling build_model()" in s.text()


async def test_a_function_with_needs_asks_for_its_arguments(stage: Any, states: Any) -> None:
    async with stage(states.factories(), states.called(), size=WIDE) as s:
        await s.press("m", "j", "j", "enter")
        assert isinstance(s.app.screen, AskScreen)
        assert "It needs classes." in " ".join(s.text().split())
        assert s.app.screen.query_one("#ask", Input).value == "classes="
        await s.press("enter")
        assert isinstance(s.app.screen, AskScreen), "classes= is no argument yet"
        await s.press(*"10", "enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert (s.inspector.targets[1].name, s.inspector.targets[1].call) == ("build_head", "classes=10")
        assert "train.py:build_head(classes=10)" in s.text()


async def test_a_asks_for_arguments_where_none_are_needed(stage: Any, states: Any) -> None:
    async with stage(states.factories(), states.called(), size=WIDE) as s:
        await s.press("m", "j", "a", "enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert s.inspector.targets[1].call == ""


async def test_there_is_a_way_back_to_all_models(stage: Any, states: Any) -> None:
    named = Target(path="/home/ada/train.py", name="build_model", call="units=8")
    async with stage(states.called(), states.factories(), size=WIDE, target=named) as s:
        assert s.screen.query_one(HeaderBar).target == named
        assert "train.py:build_model(units=8)" in s.text()
        await s.press("m")
        options = s.app.screen.query_one(OptionList)
        options.highlighted = options.option_count - 1
        assert "not only build_model(units=8)" in s.text()
        await s.press("enter")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert (s.inspector.targets[1].name, s.inspector.targets[1].call) == (None, None)


async def test_a_module_is_named_by_its_name(stage: Any, states: Any) -> None:
    target = Target(path="train", module="vision.train", name="build_model")
    async with stage(states.called(), target=target, size=WIDE) as s:
        assert "vision.train:build_model" in s.text().split("\n")[0]
        assert str(s.screen._watch.path) == states.PATH, "the file that the module turned out to be is watched"


async def test_a_file_without_a_model_offers_what_would_make_one(stage: Any, states: Any) -> None:
    async with stage(states.only_factories()) as s:
        assert s.screen.query_one(FailurePane).has_class("-alone")
        text = s.text()
        assert "m chooses what makes a model and calls it:" in text
        assert "build_model(units=64) · line 30" in text
        assert "m models" in text.split("\n")[-2]
        await s.press("m")
        assert isinstance(s.app.screen, ModelsScreen)


# Both generations


async def test_b_asks_the_other_keras_and_hides_it_again(stage: Any, states: Any) -> None:
    both = states.both_keras()
    async with stage(replace(both, compared=None), both, size=WIDE) as s:
        assert s.inspector.compared == [False]
        await s.press("b")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert s.inspector.compared == [False, True]
        head = s.text().split("\n")[3]
        assert "effective Keras 3" in head
        assert "Keras 2" in head
        assert "Keras 3.15.1 beside Keras 2.21.0" in s.text()
        assert "≠ (None, 26, 26, 16)" in s.row("second")
        assert "≠" not in s.row("first_")
        await s.press("b")
        assert s.inspector.looks == 2
        assert "Keras 2" not in s.text().split("\n")[3]
        await s.press("b")
        assert s.inspector.looks == 2, "what is known is not asked again"
        assert "Keras 2" in s.text().split("\n")[3]


async def test_two_keras_fit_eighty_columns(stage: Any, states: Any) -> None:
    async with stage(states.both_keras(), compare=True) as s:
        assert s.inspector.compared == [True]
        row = s.row("≠")
        assert len(row) <= 80
        assert "(None, 32, 32, 3) ✗" in row
        assert "(None, 28, 28, 16)" in row
        assert row.endswith("≠ (None, 26, 26, 16)")
        assert "same" in s.row("first")


async def test_a_layer_without_a_counterpart_is_not_called_the_same(stage: Any, states: Any) -> None:
    made = states.both_keras()
    first, second = made.models[0].layers
    alone = replace(made.models[0], layers=(replace(first, compared=None), second))
    async with stage(replace(made, models=(alone,)), compare=True) as s:
        assert s.row("first").endswith("not matched")
        await s.press("enter")
        assert "holds no layer that matches this one" in s.text()


async def test_the_detail_says_all_that_differs(stage: Any, states: Any) -> None:
    async with stage(states.both_keras(), compare=True, size=WIDE) as s:
        assert "Keras 2      the same" in s.text()
        await s.press("j")
        text = s.text()
        for said in ("≠ (None, 26, 26, 16)  effective", "≠ (None, 12)  output", "≠ ? undecided", "≠ 99 parameters"):
            assert said in text


async def test_another_keras_that_does_not_answer_is_said(stage: Any, samples: Any) -> None:
    async with stage(samples.discarded(), samples.discarded()) as s:
        await s.press("b")
        await s.until(lambda: s.inspector.looks == 2 and not s.screen.looking)
        assert "the other Keras gave no answer" in s.status()
        assert "effective Keras" not in s.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("name", ["both_keras", "fails", "unbuilt", "only_factories", "tolerant", "notebook"])
async def test_goldens(stage: Any, states: Any, golden: Any, name: str, size: tuple[int, int]) -> None:
    async with stage(getattr(states, name)(), size=size, compare=name == "both_keras") as s:
        await s.press("f")
        golden(f"{name}-{size[0]}x{size[1]}", s.text())


@pytest.mark.parametrize("name", ["both_keras", "fails"])
async def test_goldens_without_colour_in_ascii(
    stage: Any, states: Any, golden: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(getattr(states, name)(), size=WIDE, ascii_only=True, compare=name == "both_keras") as s:
        await s.press("f")
        assert s.text().isascii()
        golden(f"{name}-plain", s.text())
