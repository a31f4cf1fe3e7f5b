"""What a command line can name, what it means, and what is answered to everything else."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import Shape, Target
from kerascope.readers import TargetError, parse_input_shape, parse_target
from kerascope.readers._target import DTYPES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("model.py", Target(path="model.py")),
        ("runs/model.py", Target(path="runs/model.py")),
        ("model.py:net", Target(path="model.py", name="net")),
        ("model.py: net ", Target(path="model.py", name="net")),
        ("model.py:gan.generator", Target(path="model.py", name="gan.generator")),
        ("notebook.ipynb:net", Target(path="notebook.ipynb", name="net")),
        ("model.py:build()", Target(path="model.py", name="build", call="")),
        ("model.py:build( )", Target(path="model.py", name="build", call="")),
        ("model.py:build(64,)", Target(path="model.py", name="build", call="64")),
        ('model.py:build(units=64, "relu")', Target(path="model.py", name="build", call='"relu", units=64')),
        ("model.py:build(a=1, 2, b=3, 4)", Target(path="model.py", name="build", call="2, 4, a=1, b=3")),
        ("models (old)/model.py:build(1)", Target(path="models (old)/model.py", name="build", call="1")),
        ("/a/model.keras:net", Target(path="/a/model.keras", name="net")),
        ("model", Target(path="model")),
        ("model:build", Target(path="model", name="build", module="model")),
        ("package.module", Target(path="package.module", module="package.module")),
        ("package.module:build", Target(path="package.module", name="build", module="package.module")),
        ("package.module:build(1)", Target(path="package.module", name="build", call="1", module="package.module")),
        ("./package.module:build", Target(path="./package.module", name="build")),
        ("a/b.module:build", Target(path="a/b.module", name="build")),
        ("my-file:build", Target(path="my-file", name="build")),
        ("class.module:build", Target(path="class.module", name="build")),
        ("v:2/model.py", Target(path="v:2/model.py")),
        ("v:2/model.py:net", Target(path="v:2/model.py", name="net")),
        ("http://example.org/model.py", Target(path="http://example.org/model.py")),
        ("größe.py:netz", Target(path="größe.py", name="netz")),
    ],
)
def test_what_is_named(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ("64", ((64,), {})),
        ("-1, +2.5, 1e-3, 1+2j", ((-1, 2.5, 1e-3, 1 + 2j), {})),
        ("None, True, ...", ((None, True, ...), {})),
        ("'a, b', \"c)\", '''d\"e'''", (("a, b", "c)", 'd"e'), {})),
        (r"'it\'s', 'a\\'", (("it's", "a\\"), {})),
        ("'a' 'b', b'c', r'\\d'", (("ab", b"c", "\\d"), {})),
        ("(28, 28, 1), [1, [2]], {'a': (1, 2)}, {3, 4}", (((28, 28, 1), [1, [2]], {"a": (1, 2)}, {3, 4}), {})),
        ("shape=(4,), name=':)'", ((), {"shape": (4,), "name": ":)"})),
        ("units=64, 'relu'", (("relu",), {"units": 64})),
        ("x = (1)", ((), {"x": 1})),
    ],
)
def test_arguments_mean_what_python_means(arguments: str, call: tuple[tuple[object, ...], dict[str, object]]) -> None:
    target = parse_target(f"model.py:build({arguments})")
    assert target.call is not None
    expression = ast.parse(f"build({target.call})", mode="eval").body
    assert isinstance(expression, ast.Call)
    positional = tuple(ast.literal_eval(value) for value in expression.args)
    keywords = {each.arg: ast.literal_eval(each.value) for each in expression.keywords}
    assert (positional, keywords) == call


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("model.py:", "'model.py:' with nothing after the colon"),
        ("model.py: ", "nothing after the colon"),
        (":net", "no file before the colon"),
        ("model.py:12", "'12' after the colon"),
        ("model.py:a-b", "'a-b' after the colon"),
        ("model.py:a..b", "'a..b' after the colon"),
        ("model.py:class", "'class' after the colon"),
        ("model.py:models[0]", "'models[0]' after the colon"),
        ("model.py:a:b", "'a:b' after the colon"),
        ("model.py:(1)", "'' after the colon"),
        ("model.py:build(", "never closed"),
        ("model.py:build((1, 2)", "never closed"),
        ("model.py:build('a)", '"\'a" as an argument of build'),
        ("model.py:build(1).layers", "'.layers' after the call"),
        ("model.py:build(1)(2)", "'(2)' after the call"),
        ("model.py:build(1, , 2)", "empty argument"),
        ("model.py:build(,)", "empty argument"),
        ("model.py:build(relu)", "'relu' as an argument of build"),
        ("model.py:build(units=n)", "'units=n' as an argument"),
        ("model.py:build(1, 2 * 3)", "'2 * 3' as an argument"),
        ("model.py:build(f())", "'f()' as an argument"),
        ("model.py:build(__import__('os').system('true'))", "as an argument"),
        ("model.py:build(*[1])", "'*[1]' as an argument"),
        ("model.py:build(**{'a': 1})", "as an argument"),
        ("model.py:build(x for x in 'a')", "as an argument"),
        ("model.py:build(lambda: 1)", "as an argument"),
        ("model.py:build(f'{1}')", "as an argument"),
        ("model.py:build(x := 1)", "as an argument"),
        ("model.py:build(1 # one)", "'1 # one' as an argument"),
        ("model.py:build(1]2)", "'1]2' as an argument"),
        ("model.py:build({[]: 1})", "as an argument"),
        ("model.py:build(a=1, a=2)", "a= twice"),
        ("model.py:build(\udcff)", "as an argument"),
        ("model.py:build(" + "(" * 9000 + ")" * 9000 + ")", "as an argument"),
        ("model.py:build(" + "-" * 9000 + "1)", "as an argument"),
        ("model.py:build(" + "1" * 9000 + "+x)", "as an argument"),
        ("m" * 30_000, "30,000 characters"),
    ],
)
def test_what_is_not_understood_is_answered(text: str, says: str) -> None:
    with pytest.raises(TargetError) as error:
        parse_target(text)
    message = str(error.value)
    assert says in message
    assert message.startswith("received ")
    assert "expected" in message
    assert len(message) < 500


def test_a_file_with_a_colon_in_its_name_is_that_file(empty_directory: Path) -> None:
    for name in ("model:v2", "model.py:build(1)", "package.module"):
        (empty_directory / name).touch()
        assert parse_target(name) == Target(path=name)
    assert parse_target("model:v2:net") == Target(path="model:v2", name="net")
    assert parse_target("model:v3") == Target(path="model", name="v3", module="model")
    assert parse_target("package.module:build") == Target(path="package.module", name="build")


def test_the_longest_file_wins(empty_directory: Path) -> None:
    (empty_directory / "a").touch()
    (empty_directory / "a:b").touch()
    assert parse_target("a:b:c") == Target(path="a:b", name="c")
    assert parse_target("a:c") == Target(path="a", name="c")


def test_a_folder_is_no_file_so_that_it_can_be_a_package(empty_directory: Path) -> None:
    (empty_directory / "package").mkdir()
    assert parse_target("package:build") == Target(path="package", name="build", module="package")
    assert parse_target("package") == Target(path="package")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(None, 28, 28, 1)", (None, (None, 28, 28, 1), None)),
        ("[None, 5]", (None, (None, 5), None)),
        (" ( None , 5 ) ", (None, (None, 5), None)),
        ("(8, 5)", (None, (8, 5), None)),
        ("(None,)", (None, (None,), None)),
        ("(None, None, 3)", (None, (None, None, 3), None)),
        ("image=(None, 5)", ("image", (None, 5), None)),
        ("image = (None, 5)", ("image", (None, 5), None)),
        ("input-1:0=(None, 5)", ("input-1:0", (None, 5), None)),
        ("a=b=(None, 5)", ("a=b", (None, 5), None)),
        ("(None, 10):int32", (None, (None, 10), "int32")),
        ("(None, 10) : string", (None, (None, 10), "string")),
        ("tokens=(None, 10):int64", ("tokens", (None, 10), "int64")),
        ("x=[None, 10]:bfloat16", ("x", (None, 10), "bfloat16")),
    ],
)
def test_an_input_shape(text: str, answer: tuple[str | None, Shape, str | None]) -> None:
    assert parse_input_shape(text) == answer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "received ''"),
        ("28,28,1", "a tuple in parentheses"),
        ("None, 28", "a tuple in parentheses"),
        ("28", "a tuple in parentheses"),
        ("image=", "a tuple in parentheses"),
        ("image", "a tuple in parentheses"),
        ("{None, 3}", "a tuple in parentheses"),
        ("(None, 3", "a tuple in parentheses"),
        ("(None, 3) 4", "a tuple in parentheses"),
        ("=(None, 3)", "nothing before '='"),
        ("(28)", "such as (None, 28)"),
        ("('ab')", "a tuple of sizes"),
        ("(None)", "a tuple of sizes"),
        ("()", "no batch size"),
        ("[]", "no batch size"),
        ("(None, -1)", "the size -1"),
        ("(None, 0)", "the size 0"),
        ("(None, True)", "the size True"),
        ("(None, 28.0)", "the size 28.0"),
        ("(None, '28')", "the size '28'"),
        ("(None, (28, 28))", "the size (28, 28)"),
        ("(None, 10000000000000000000)", "the size 10000000000000000000"),
        ("(None, n)", "no Python literal"),
        ("(None, 2 * 3)", "no Python literal"),
        ("(None, 3):", "received '' as a dtype"),
        ("(None, 3):int", "(perhaps int32)"),
        ("(None, 3):float", "(perhaps float32)"),
        ("(None, 3):flaot32", "(perhaps float32)"),
        ("(None, 3):quark", "expected one of float16, float32"),
        ("(None, 3):int32:x", "'int32:x' as a dtype"),
        ("(" * 5000 + ")" * 5000, "no Python literal"),
        ("(None, " + "1" * 9000 + ")", ""),
        ("x" * 30_000, "30,000 characters"),
        ("(None, \0)", ""),
    ],
)
def test_what_is_no_input_shape_is_answered(text: str, says: str) -> None:
    with pytest.raises(TargetError) as error:
        parse_input_shape(text)
    message = str(error.value)
    assert says in message
    assert message.startswith("received ")
    assert "expected" in message
    assert "such as" in message or "as in" in message
    assert len(message) < 500


def test_odd_texts_are_answered_or_understood() -> None:
    pieces = [
        *"()[]{}:,='\"\\#.*-/ \0\n\t\x1b",
        "model.py",
        "a.b",
        "None",
        "1",
        "''",
        '"""',
        "\udcff",
        "ß",
        "lambda",
        "f(",
    ]
    chance = random.Random(1)
    understood, answers = 0, []
    for _ in range(3000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(0, 12)))
        for read in (parse_target, parse_input_shape):
            for given in (text, f"model.py:build({text})", f"(None, {text})"):
                try:
                    read(given)
                except TargetError as error:
                    answers.append(str(error))
                else:
                    understood += 1
    assert understood > 100
    assert len(answers) > 1000
    assert not any(sign in answer for answer in answers for sign in "\x1b\n\0")


@pytest.mark.keras
def test_the_dtypes_are_those_that_an_input_takes() -> None:
    program = "import keras\nfor dtype in {!r}:\n    assert keras.Input((3,), dtype=dtype).dtype == dtype, dtype"
    ran = subprocess.run([sys.executable, "-c", program.format(DTYPES)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
