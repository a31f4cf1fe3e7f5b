"""Where calls and keywords stand, and that taking a keyword out leaves the rest of the program as it was."""

from __future__ import annotations

import ast

import pytest

from kerascope.graph import Edit
from kerascope.readers import declaration_edit, outline


def apply(text: str, edit: Edit) -> str:
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: edit.line - 1]) + (lines[edit.line - 1][: edit.column - 1] if edit.column > 1 else "")
    rest = lines[edit.end_line - 1 :]
    after = "".join([rest[0][edit.end_column - 1 :], *rest[1:]]) if rest else ""
    return before + edit.text + after


EDITS = {
    "Dense(32, input_shape=(4,))": "Dense(32)",
    "Dense(input_shape=(4,))": "Dense()",
    "Dense(input_shape=(4,), units=3)": "Dense(units=3)",
    "Dense(32, input_shape=(4,), name='a')(x)": "Dense(32, name='a')(x)",
    "Dense(32, input_shape = (4,), **more)": "Dense(32, **more)",
    "Dense(*sizes, input_shape=((4,)))": "Dense(*sizes)",
    "Dense((32), input_shape=(4,),)": "Dense((32),)",
    "Dense(input_shape=(4,),)": "Dense()",
    "Dense(input_shape=(4,), *sizes)": "Dense(*sizes)",
    "Dense(32,\n      input_shape=(4,))": "Dense(32)",
    "Dense(\n    32,\n    input_shape=(4,),\n    name='a',\n)": "Dense(\n    32,\n    name='a',\n)",
    "Dense(\n    32,\n    input_shape=(4,)\n)": "Dense(\n    32\n)",
    "Dense(\n    input_shape=(4,)\n)": "Dense()",
    "Dense(\n    input_shape=(4,),\n)": "Dense(\n)",
    "Dense(\n    32,\n    input_shape=(\n        4,\n    ),  # four\n    # why\n    name='a',\n)": (
        "Dense(\n    32,\n    # why\n    name='a',\n)"
    ),
    "Dense(32, input_shape=(4,),\n      name='a')": "Dense(32,\n      name='a')",
    "Dense(32, input_shape=(4,),  # four\n      name='a')": "Dense(32,  # four\n      name='a')",
    "Dense(32,  # units\n      input_shape=(4,))": "Dense(32,  # units\n      )",
    "Dense(name='naïve 層', input_shape=(4,), units=3)": "Dense(name='naïve 層', units=3)",
    "'層'; m.add(Dense(3, input_shape=(4,)))": "'層'; m.add(Dense(3))",
    "m.add(Dense(3, input_shape=f(1, g(2), ')')))": "m.add(Dense(3))",
    "(m\n .add(Dense(3, input_shape=(4,)))\n)": "(m\n .add(Dense(3))\n)",
    "(a\n .b(3, input_shape=(4,))\n .c())": "(a\n .b(3)\n .c())",
}


@pytest.mark.parametrize("text", EDITS)
def test_edit(text: str) -> None:
    found = outline(text, "model.py")
    (site,) = [site for site in found.calls if "input_shape" in site.keywords]
    edit = declaration_edit(found, site.line, "input_shape")
    assert edit is not None
    assert edit.path == "model.py"
    edited = apply(text, edit)
    assert edited == EDITS[text]

    expected = ast.parse(text)
    for node in ast.walk(expected):
        if isinstance(node, ast.Call):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "input_shape"]
    assert ast.dump(ast.parse(edited)) == ast.dump(expected)


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_other_line_ends_count_the_same(ends: str) -> None:
    text = ends.join(["import keras", "x = Dense(", "    3,", "    input_shape=(4,),", ")"])
    edit = declaration_edit(outline(text, "m.py"), 2, "input_shape")
    assert edit == Edit(path="m.py", line=4, column=1, end_line=5, end_column=1, text="")


def test_columns_count_characters() -> None:
    found = outline("é = f(層=1); Dense(32, input_shape = (4,))(x)", "m.py")
    (site,) = [site for site in found.calls if site.callee == "Dense"]
    assert (site.line, site.column) == (1, 13)
    span = site.keywords["input_shape"]
    assert (span.line, span.column, span.end_line, span.end_column, span.text) == (1, 23, 1, 41, "(4,)")


def test_two_calls_on_one_line_need_a_column_or_a_name() -> None:
    text = "a, b = Dense(1, input_shape=(4,)), Conv2D(2, input_shape=(5,))"
    found = outline(text, "m.py")
    assert declaration_edit(found, 1, "input_shape") is None
    by_column = declaration_edit(found, 1, "input_shape", column=36)
    by_name = declaration_edit(found, 1, "input_shape", callee="Conv2D")
    assert by_column is not None
    assert by_column == by_name
    assert apply(text, by_column) == "a, b = Dense(1, input_shape=(4,)), Conv2D(2)"


def test_no_such_keyword() -> None:
    found = outline("Dense(1, name='input_shape')\nf(**{'input_shape': 3})", "m.py")
    assert declaration_edit(found, 1, "input_shape") is None
    assert declaration_edit(found, 2, "input_shape") is None


def test_a_line_inside_the_call_leads_to_it() -> None:
    found = outline("Dense(\n    3,\n    input_shape=(4,),\n)\n", "m.py")
    assert declaration_edit(found, 3, "input_shape") is not None


@pytest.mark.parametrize("text", ["", "f(", "\0", "(" * 5000, "-" * 200_000 + "1", "a" + ".b()" * 20_000, "\ud800"])
def test_text_that_is_no_program_has_no_calls(text: str) -> None:
    outline(text, "m.py")


def test_warnings_about_the_text_are_kept(recwarn: pytest.WarningsRecorder, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(outline("x = '\\d' is 1\nf()", "m.py").calls) == 1
    assert not recwarn.list
    assert capfd.readouterr().err == ""
