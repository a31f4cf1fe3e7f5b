"""Which functions and classes of a program are offered as makers of models."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kerascope.readers import find_factories

if TYPE_CHECKING:
    from kerascope.graph import Factory

SAMPLES = Path(__file__).parents[2] / "sample_models"

IMPORTS = """
import keras
import tensorflow as tf
import torch.nn as nn
from django.db import models as tables
from keras import Model, Sequential, applications, layers
from keras.applications import ResNet50, resnet
from typing import *
"""


def found(text: str, imports: str = IMPORTS) -> dict[str, Factory]:
    factories = find_factories(imports + text)
    assert [each.line for each in factories] == sorted(each.line for each in factories)
    return {each.name: each for each in factories}


def certain(text: str, imports: str = IMPORTS) -> list[str]:
    return [name for name, each in found(text, imports).items() if not each.by_name]


@pytest.mark.parametrize(
    "annotation",
    [
        "keras.Model",
        "tf.keras.Sequential",
        "tf.keras.models.Model",
        "Model",
        "'Model'",
        "'keras.Model'",
        "Optional[Model]",
        "'Optional[Model]'",
        "Optional['Model']",
        "Model | None",
        "tuple[Model, int]",
        "Tuple[int, keras.Model]",
        "typing.Union[None, Model]",
        "list[Model]",
        "Dict[str, Model]",
    ],
)
def test_an_annotation_tells(annotation: str) -> None:
    assert certain(f"def encoder(x) -> {annotation}:\n    return x.y") == ["encoder"]


@pytest.mark.parametrize(
    "annotation",
    [
        "None",
        "int",
        "Callable[[], Model]",
        "type[Model]",
        "nn.Model",
        "tables.Model",
        "'not python ('",
        "''",
        "Model()",
    ],
)
def test_another_annotation_tells_nothing(annotation: str) -> None:
    assert found(f"def encoder(x) -> {annotation}:\n    return x.y") == {}


@pytest.mark.parametrize(
    "body",
    [
        "return keras.Sequential([])",
        "return Model(x, y)",
        "return keras.src.models.functional.Functional(x, y)",
        "m = Sequential()\n    m.add(1)\n    return m",
        "with scope():\n        m = Sequential()\n    return m",
        "m: Model = Sequential()\n    return m",
        "if (m := Sequential()):\n        return m",
        "a = Sequential()\n    b = a\n    return b",
        "a, b = Sequential(), 1\n    return a",
        "return Sequential(), 1",
        "return {'encoder': Sequential()}",
        "return [Sequential()]",
        "return Sequential() if x else None",
        "return x or Sequential()",
        "return applications.VGG16(weights=None)",
        "return tf.keras.applications.resnet50.ResNet50()",
        "return ResNet50()",
        "base = resnet.ResNet101()\n    return base",
        "return keras.models.load_model('a.keras')",
        "return keras.models.clone_model(x)",
        "try:\n        return Sequential()\n    except ValueError:\n        return None",
        "return helper()",
        "m, n = pair()\n    return m",
        "return Own(3)",
        "return Late()",
    ],
)
def test_what_is_returned_tells(body: str) -> None:
    text = f"def encoder(x=1):\n    {body}\n"
    text += "def helper():\n    return _hidden()\ndef _hidden():\n    return Sequential()\n"
    text += "def pair():\n    return Sequential(), 7\n"
    text += "class Own(Model):\n    pass\nclass Late(Own):\n    pass\n"
    assert "encoder" in certain(text)


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "return 3",
        "return Model(x, y)(x)",
        "return layers.Dense(3)",
        "return Sequential().predict(x)",
        "m = Sequential()\n    h = m.fit(x)\n    return h",
        "return nn.Sequential()",
        "return tables.Model()",
        "return resnet.preprocess_input(x)",
        "def inner():\n        return Sequential()\n    return 3",
        "f = lambda: Sequential()\n    return f",
        "yield Sequential()",
        "m, n = pair()\n    return n",
        "return self.Sequential()",
        "return x",
        "raise ValueError(Sequential())",
    ],
)
def test_what_else_is_returned_tells_nothing(body: str) -> None:
    text = f"def encoder(x=1):\n    {body}\ndef pair():\n    return Sequential(), 7\n"
    assert "encoder" not in found(text)


@pytest.mark.parametrize(
    "name",
    [
        "build_model",
        "create_model",
        "make_model",
        "get_model",
        "define_model",
        "make_generator_model",
        "build_and_compile_model",
        "get_models",
        "build_network",
        "make_net",
        "get_unet",
        "buildModel",
        "create_model_v2",
        "build_model3",
    ],
)
def test_a_name_tells_less(name: str) -> None:
    factory = found(f"def {name}(x):\n    return thing(x)")[name]
    assert factory.by_name
    assert found(f"def {name}(x):\n    add(x)")[name].by_name


@pytest.mark.parametrize(
    "text",
    [
        "def build_model(): pass",
        "def build_model(): ...",
        "def build_model():\n    '''Soon.'''",
        "def build_model(): raise NotImplementedError('soon')",
        "def get_model(): return 'resnet50'",
        "def get_model(kind): return f'{kind}.keras'",
        "def get_model():\n    log()\n    return None",
        "def get_model():\n    yield 1",
        "def model(): f()",
        "def train_model(): f()",
        "def get_model_path(): return f()",
        "def getter(): return f()",
    ],
)
def test_a_name_alone_is_not_enough(text: str) -> None:
    assert found(text) == {}


def test_what_is_not_of_the_module_or_not_for_others_is_not_offered() -> None:
    text = """
def _private(): return Sequential()
def test_model(): return Sequential()
async def waits(): return Sequential()
class _Private(Model): pass
class Other:
    def build_model(self): return Sequential()
def outer():
    def build_model(): return Sequential()
@pytest.fixture
def get_model(): return Sequential()
@pytest.fixture(scope="module")
def make_model(): return Sequential()
if __name__ == "__main__":
    def build_model(): return Sequential()
"""
    assert found(text) == {}


def test_a_condition_does_not_hide_a_function() -> None:
    text = "try:\n    def f(): return Sequential()\nexcept E:\n    def f(): return Sequential()\n"
    text += "if x:\n    def g(): return f()\nelse:\n    class H(Model): pass\nwith y:\n    def i(): return g()\n"
    assert {name: each.line - IMPORTS.count("\n") for name, each in found(text).items()} == {
        "f": 4,
        "g": 6,
        "H": 8,
        "i": 10,
    }


def test_the_last_definition_counts() -> None:
    assert found("def f(): return Sequential()\ndef f(): return 3") == {}
    assert certain("def f(): return 3\ndef f(): return Sequential()") == ["f"]
    assert certain("class f(Model): pass\ndef f(): return 3") == []


def test_classes() -> None:
    text = """
class Net(Model):
    def __init__(self, units: int = 64, *, name=None, **more): ...
class Deeper(Net):
    def call(self, x): ...
class Widest(Deeper):
    def __init__(self, width, /, *sizes, depth): ...
class Stack(keras.Sequential): pass
class Block(layers.Layer): pass
class Table(tables.Model): pass
class Torch(nn.Model): pass
class Mixed(Block, tf.keras.models.Model): pass
"""
    assert {name: (each.signature, each.required) for name, each in found(text).items()} == {
        "Net": ("(units=64, *, name=None, **more)", ()),
        "Deeper": ("(units=64, *, name=None, **more)", ()),
        "Widest": ("(width, /, *sizes, depth)", ("width", "depth")),
        "Stack": ("()", ()),
        "Mixed": ("()", ()),
    }


def test_a_class_of_the_file_that_is_called_like_one_of_keras_is_itself() -> None:
    text = "class Model:\n    pass\nclass A(Model):\n    pass\ndef f():\n    return Model()\n"
    assert found(text, imports="") == {}
    assert certain("from keras import Model\nclass Model(Model):\n    pass", imports="") == ["Model"]


@pytest.mark.parametrize(
    ("parameters", "signature", "required"),
    [
        ("", "()", ()),
        ("units=64", "(units=64)", ()),
        ("a, b=1", "(a, b=1)", ("a",)),
        ("a, /, b, c=2", "(a, /, b, c=2)", ("a", "b")),
        ("*, a, b=1", "(*, a, b=1)", ("a",)),
        ("*sizes, **more", "(*sizes, **more)", ()),
        ("a: int, b: 'x' = (1, 2)", "(a, b=(1, 2))", ("a",)),
        ("shape=(28, 28, 1), act='relu'", "(shape=(28, 28, 1), act='relu')", ()),
        ("size=2 * 3, f=print", "(size=2 * 3, f=print)", ()),
    ],
)
def test_parameters(parameters: str, signature: str, required: tuple[str, ...]) -> None:
    factory = found(f"def f({parameters}):\n    return Sequential()")["f"]
    assert (factory.signature, factory.required, factory.called) == (signature, required, False)


def test_a_long_signature_is_cut() -> None:
    parameters = ", ".join(f"parameter_{number}={number}" for number in range(50))
    factory = found(f"def f({parameters}):\n    return Sequential()")["f"]
    assert len(factory.signature) == 120
    assert factory.signature.startswith("(parameter_0=0, ")
    assert factory.signature.endswith("parameter_49=49)")


def test_controls_do_not_get_into_a_signature() -> None:
    factory = found("def f(x='\x1b]0;t\x07\u202e'):\n    return Sequential()")["f"]
    assert not {"\x1b", "\x07", "\u202e"} & set(factory.signature)


@pytest.mark.parametrize("imports", ["", "from mine import *\n", "from keras.models import *\n"])
def test_names_whose_import_is_not_in_the_text_are_taken_for_those_of_keras(imports: str) -> None:
    text = "def f(): return Sequential()\ndef g(): return tf.keras.Sequential()\nclass H(keras.Model): ...\n"
    assert certain(text, imports=imports) == ["f", "g", "H"]


def test_an_import_inside_the_function_counts() -> None:
    assert certain("def f():\n    from keras import Sequential as S\n    return S()", imports="") == ["f"]
    assert certain("def f():\n    from torch.nn import Sequential\n    return Sequential()", imports="") == []


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_function_and_model_class_of_the_samples_is_found(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    assert {each.name for each in find_factories(text)} == {
        line.split()[1].partition("(")[0]
        for line in text.splitlines()
        if line.startswith("def ") or (line.startswith("class ") and "Model" in line)
    }


def test_a_part_of_keras_that_an_assignment_has_bound_counts() -> None:
    assert certain("models = keras.models\ndef f():\n    return models.Sequential()") == ["f"]
    assert certain("models = None\ndef f():\n    m = models.Model(1, 2)\n    return m", imports="") == ["f"]
    assert certain("def models(): pass\ndef f():\n    return models.Model()", imports="") == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "def f(:",
        "(" * 5000,
        "x = " + "-" * 200_000 + "1",
        "\udcff",
        "return Sequential()",
        "def f(): return f()",
        "def f(): return g()\ndef g(): return f()",
        "class A(B): ...\nclass B(A): ...\ndef build_model(): return A()",
        "class A(A): ...",
        "def f():\n    a = b\n    b = a\n    return a",
    ],
)
def test_what_has_none_gives_none(text: str) -> None:
    assert [each for each in find_factories(text) if not each.by_name] == []


@pytest.mark.parametrize(
    "text",
    [
        "def f(x=" + "+".join(["1"] * 4000) + "): return Sequential()",
        "def f(x): return " + " or ".join(["Sequential()"] * 20_000),
        "def f(x):\n" + "    a = b, c if a else (a, b)\n    b = c or a\n    c = [a, b]\n" * 3000 + "    return a, b, c",
        "\n".join(f"def f{n}(): return f{n + 1}()" for n in range(5000)) + "\ndef f5000(): return Sequential()",
        "\n".join(f"class C{n}(C{n + 1}): ..." for n in range(5000)),
        "def f(x): return " + "x if x else " * 500 + "x",
        "def f(x):\n    return x" + ".y" * 3000,
    ],
    ids=["long default", "long or", "many names", "long chain", "many classes", "many conditions", "long attribute"],
)
def test_large_programs_take_no_time_and_never_raise(text: str) -> None:
    start = time.perf_counter()
    find_factories(text)
    assert time.perf_counter() - start < 3


def test_odd_programs_never_raise() -> None:
    pieces = [
        "def f(",
        "):",
        "class A(",
        "return ",
        "Model",
        "Sequential(",
        ")",
        ", ",
        "*",
        "/",
        "=",
        "x",
        "\n    ",
        "\n",
    ]
    pieces += [
        "->",
        "'",
        "lambda ",
        "yield ",
        "(",
        "[",
        "]",
        ":",
        "build_model",
        "@",
        "if ",
        " else ",
        "\0",
        "\\",
        "match ",
    ]
    chance = random.Random(2)
    read = 0
    for _ in range(4000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 8)))
        for given in (text, f"def build_model({text}): return Sequential()", f"def build_model():\n    {text}\n"):
            read += bool(find_factories(given))
    assert read > 50


@pytest.mark.keras
def test_what_is_certain_is_what_a_real_keras_returns() -> None:
    program = """
import keras
from keras import Model, layers
from keras.applications import MobileNetV2
class Net(keras.Model):
    def __init__(self, units=3):
        super().__init__()
class Stack(keras.Sequential): ...
class Block(layers.Layer): ...
def plain() -> keras.Model: return keras.models.Sequential()
def bare(): return Model(x := keras.Input((3,)), layers.Dense(1)(x))
def named():
    m = keras.Sequential([layers.Dense(3)]); m.compile("sgd", "mse")
    return m
def pair():
    m = named()
    return m, m.layers
def first():
    m, inside = pair()
    return m
def second():
    m, inside = pair()
    return inside
def own(): return Net(4)
def stack(): return Stack()
def block(): return Block()
def tower(): return MobileNetV2(weights=None, input_shape=(32, 32, 3))
def tensor(): return keras.Sequential([layers.Dense(3)])(keras.Input((3,)))
def cloned(): return keras.models.clone_model(named())
def known(): return {"model": own()}
def maybe(): return named() if block() else None
def layer(): return layers.Dense(3)
def text(): return "model"
def lazy():
    def inner(): return named()
    return inner
def generates(): yield named()
"""
    tail = """
import inspect, json
def holds(value):
    if isinstance(value, dict): value = list(value.values())
    return any(map(holds, value)) if isinstance(value, (list, tuple)) else isinstance(value, keras.Model)
mine = [(n, v) for n, v in globals().items() if getattr(v, "__module__", None) == "__main__" and n != "holds"]
print(json.dumps([name for name, value in mine if holds(value())]))
"""
    ran = subprocess.run([sys.executable, "-c", program + tail], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert certain(program, imports="") == json.loads(ran.stdout.splitlines()[-1])
