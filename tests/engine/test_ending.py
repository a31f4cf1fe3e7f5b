"""What an early end leaves undone, read off the text after it."""

from __future__ import annotations

import textwrap

import pytest

from kerascope.engine._ending import Remainder, remainder_after

NOTHING = Remainder(may_add=False, may_build=False)


def after(text: str, *stops: tuple[int, str]) -> Remainder:
    """The remainder of one file."""
    return remainder_after({"f.py": textwrap.dedent(text)}, [("f.py", line, function) for line, function in stops])


def test_data_after_a_complete_model() -> None:
    text = """\
    model = Sequential()
    model.add(Dense(1))
    data = load("x")
    print(data)
    """
    assert after(text, (3, "<module>")) == NOTHING


@pytest.mark.parametrize("rest", ["model.add(Dense(2))", "if big:\n    model.add(Dense(2))"])
def test_layers_that_were_still_to_be_added(rest: str) -> None:
    assert after(f"model = Sequential()\ndata = load()\n{rest}\n", (2, "<module>")).may_add


@pytest.mark.parametrize(
    "rest", ["m = keras.Model(a, b)", "m = Sequential([])", "class A: pass\nm = A()", "m = build()"]
)
def test_models_that_were_still_to_be_made(rest: str) -> None:
    text = f"def build():\n    return 1\ndata = load()\n{rest}\n"
    assert after(text, (3, "<module>")).may_build


def test_definitions_alone_build_nothing() -> None:
    text = "data = load()\ndef build():\n    return keras.Model(a, b)\n"
    assert after(text, (1, "<module>")) == NOTHING


def test_the_failing_statement_counts_only_in_the_innermost_frame() -> None:
    text = """\
    def load():
        return open("x")
    m = Model(a, b)
    data = load()
    """
    assert after(text, (4, "<module>"), (2, "load")) == NOTHING
    # Had the function itself been about to make one, it would count.
    text = """\
    def make():
        data = open("x")
        return Model(a, b)
    m = make()
    """
    assert after(text, (4, "<module>"), (2, "make")).may_build


def test_a_loop_would_have_begun_again() -> None:
    text = "for units in (1, 2):\n    model.add(Dense(units))\n    check(model)\n"
    assert after(text, (3, "<module>")).may_add


def test_branches_behind_are_not_ahead() -> None:
    text = "if True:\n    model.add(Dense(1))\n    data = load()\n    print(data)\n"
    assert after(text, (3, "<module>")) == NOTHING


def test_without_the_text_everything_is_possible() -> None:
    everything = Remainder(may_add=True, may_build=True)
    assert remainder_after({"f.py": None}, [("f.py", 1, "<module>")]) == everything
    assert after("x = = 1\n", (1, "<module>")) == everything
