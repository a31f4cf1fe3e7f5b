"""What in a file is looked at: names, functions that make models, modules, and shapes for unbuilt models."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.graph import Connection, Inspection

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Looker

    from kerascope.graph import Model

pytestmark = pytest.mark.keras

HEAD = "import keras\nfrom keras import layers\n"

ZOO = """
    def dense(units=8, act="relu", *, name="made"):
        return keras.Sequential([keras.Input((4,)), layers.Dense(units, activation=act)], name=name)

    def wide(width):
        return keras.Sequential([keras.Input((width,)), layers.Dense(2)], name="wide")

    def pair():
        encoder = keras.Sequential([keras.Input((9,)), layers.Dense(2)], name="encoder")
        decoder = keras.Sequential([keras.Input((2,)), layers.Dense(9)], name="decoder")
        return encoder, {"decoder": decoder}
    """


@pytest.fixture(params=["3", "2"])
def look(looker: Looker, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Inspection]:
    """Look at something in a program, two import lines put before it."""

    def look(text: str, **asked: Any) -> Inspection:
        path = tmp_path / "model_file.py"
        path.write_text(HEAD + textwrap.dedent(text))
        return looker.look(path, keras=request.param, **asked)

    return look


def named(inspection: Inspection) -> list[Model]:
    """Models of an inspection that did not fail."""
    assert inspection.failure is None, inspection.failure
    return [model for model in inspection.models if model.name is not None]


# A name.


def test_all_models_of_a_file_or_the_one_that_is_named(look: Callable[..., Inspection]) -> None:
    text = """
        a = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        class Box:
            inner = keras.Sequential([keras.Input((5,)), layers.Dense(2)])
        """
    assert [model.variable for model in named(look(text))] == ["a", None]
    (model,) = named(look(text, name="a"))
    assert (model.variable, model.made_by) == ("a", None)
    (model,) = named(look(text, name="Box.inner"))
    assert model.layers[-1].effective == ((None, 5),)


def test_a_name_that_is_not_there_is_answered_with_those_that_are(look: Callable[..., Inspection]) -> None:
    inspection = look(ZOO + "\n    net = dense()\n", name="nett")
    assert inspection.failure is not None
    assert inspection.failure.kind == "target"
    assert "has no 'nett'" in inspection.failure.message
    assert (inspection.failure.hint or "").endswith("; did you mean net?")
    assert "net, dense(units=8, act='relu'" in (inspection.failure.hint or "")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"name": "number"}, "number is 3, and no Keras model"),
        ({"name": "number", "call": ""}, "number is 3, and no Keras model"),
        ({"name": "nothing"}, "nothing() gave None, and no Keras model"),
        ({"name": "wide"}, "wide() cannot be called so: missing a required argument: 'width'; it takes (width)"),
        ({"name": "wide", "call": "1, 2"}, "wide(1, 2) cannot be called so: too many positional arguments"),
        ({"name": "net.nix"}, "model_file.py has no 'net.nix': net has no nix"),
        ({"name": "broken"}, "broken() was called for its model: ValueError: not today"),
    ],
)
def test_what_cannot_be_chosen_says_why(look: Callable[..., Inspection], asked: dict[str, str], message: str) -> None:
    more = """
    number = 3
    def nothing(): pass
    def broken(): raise ValueError("not today")
    net = dense()
    """
    inspection = look(ZOO + more, **asked)
    assert inspection.failure is not None
    assert message in inspection.failure.message


# A function.


def test_a_function_is_called_with_the_arguments_it_is_given(look: Callable[..., Inspection]) -> None:
    (model,) = named(look(ZOO, name="dense", call="16, name='mine'"))
    assert (model.name, model.made_by, model.layers[-1].output) == ("mine", "dense(16, name='mine')", ((None, 16),))
    assert model.layers[-1].location is not None
    assert model.layers[-1].location.line == 5


def test_every_model_a_function_returns_is_shown(look: Callable[..., Inspection]) -> None:
    assert [model.name for model in named(look(ZOO, name="pair"))] == ["encoder", "decoder"]


def test_functions_are_called_when_the_file_makes_no_model(look: Callable[..., Inspection]) -> None:
    inspection = look(ZOO)
    assert [(model.name, model.made_by) for model in named(inspection)] == [
        ("made", "dense()"),
        ("encoder", "pair()"),
        ("decoder", "pair()"),
    ]
    assert [(factory.name, factory.called) for factory in inspection.factories] == [
        ("dense", True),
        ("wide", False),
        ("pair", True),
    ]
    assert [note.line for note in inspection.notes] == [4, 10]


def test_functions_are_left_alone_when_the_file_makes_a_model(look: Callable[..., Inspection]) -> None:
    inspection = look(ZOO + "\n    net = wide(3)\n")
    assert [model.name for model in named(inspection)] == ["wide"]
    assert inspection.notes == ()
    assert not any(factory.called for factory in inspection.factories)


def test_a_function_that_raises_does_not_hide_the_others(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        def build_a():
            return keras.Sequential([keras.Input((3,)), layers.Dense("many")])
        def build_b():
            return keras.Sequential([keras.Input((3,)), layers.Dense(2)], name="b")
        """)
    assert [model.name for model in named(inspection)] == ["b"]
    broken = inspection.notes[0]
    assert "build_a() was called for its model and raised ValueError" in broken.message
    assert broken.frames[-1].line == 5
    assert "Traceback" in inspection.output


def test_what_is_named_may_stand_above_an_error(look: Callable[..., Inspection]) -> None:
    inspection = look(ZOO + "\n    raise OSError('no data')\n", name="dense")
    assert [model.name for model in named(inspection)] == ["made"]
    assert any("no data" in note.message for note in inspection.notes)


def test_a_class_of_the_file_is_made_and_shown_unbuilt(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        class Net(keras.Model):
            def __init__(self, units=3):
                super().__init__()
                self.d = layers.Dense(units)
            def call(self, x):
                return self.d(x)
        """)
    (model,) = named(inspection)
    assert (model.class_name, model.built, model.made_by) == ("Net", False, "Net()")
    assert model.location is not None
    assert model.location.line == 4


def test_the_file_finds_its_own_arguments(looker: Looker, tmp_path: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(
        "import argparse, keras\np = argparse.ArgumentParser()\np.add_argument('--units', type=int)\n"
        "m = keras.Sequential([keras.Input((3,)), keras.layers.Dense(p.parse_args().units)])\n"
    )
    (model,) = named(looker.look(path, arguments=("--units", "7")))
    assert model.layers[-1].output == ((None, 7),)


# A module.


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with relative imports, in the current directory."""
    folder = tmp_path / "nets" / "vision"
    folder.mkdir(parents=True)
    (tmp_path / "nets" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("print('package imported')\n")
    (folder / "blocks.py").write_text("from keras import layers\nBLOCK = layers.Dense(3, input_shape=(9,))\n")
    (folder / "models.py").write_text(
        "import keras\nfrom .blocks import BLOCK\nassert __name__ == 'nets.vision.models'\n"
        "def build(units=2):\n    return keras.Sequential([keras.Input((4,)), BLOCK, keras.layers.Dense(units)])\n"
    )
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_module_is_found_as_python_would_import_it(looker: Looker, package: Path) -> None:
    inspection = looker.look(package, module="nets.vision.models", name="build", call="5")
    (model,) = named(inspection)
    assert model.layers[-1].output == ((None, 5),)
    assert inspection.source.path == str(package / "models.py")
    assert inspection.output.count("package imported") == 1
    (finding,) = inspection.findings
    assert (finding.rule, finding.path, finding.line) == ("KS101", str(package / "blocks.py"), 2)
    assert "blocks.py line 2" not in finding.message


def test_a_file_of_a_package_runs_as_its_module_where_it_could_not_run_alone(looker: Looker, package: Path) -> None:
    (model,) = named(looker.look(package / "models.py"))
    assert model.made_by == "build()"


def test_what_a_file_of_a_package_makes_as_the_program_is_shown(looker: Looker, package: Path) -> None:
    (package / "train.py").write_text(
        "from .models import build\ndef main():\n    net = build(7)\n    net.compile('sgd', 'mse')\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    for module in (None, "nets.vision.train"):
        inspection = looker.look(package / "train.py", module=module)
        (model,) = named(inspection)
        assert (model.made_by, model.layers[-1].output) == (None, ((None, 7),))
        assert inspection.output.count("package imported") == 1


def test_a_module_that_is_not_there(looker: Looker, package: Path) -> None:
    failure = looker.look(package, module="nets.visoin.models").failure
    assert failure is not None
    assert "no module 'nets.visoin.models'" in failure.message
    assert "finds no 'nets.visoin'" in failure.message


# Shapes for models that are not built.


NET = """
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv = layers.Conv2D(4, 3)
            self.pool = layers.GlobalMaxPooling2D()
            self.spare = layers.Dense(9)
        def call(self, x, training=None):
            return self.pool(self.conv(x))
    net = Net()
    """


def test_a_given_input_shape_builds_what_nothing_else_does(look: Callable[..., Inspection]) -> None:
    (model,) = named(look(NET))
    assert (model.built, model.params) == (False, None)
    inspection = look(NET, input_shapes=((None, (None, 28, 28, 1), None),))
    (model,) = named(inspection)
    rows = {layer.name.split("_")[0]: layer for layer in model.layers}
    assert (rows["conv2d"].effective, rows["conv2d"].output) == (((None, 28, 28, 1),), ((None, 26, 26, 4),))
    assert model.params is not None
    assert model.params.total == 40
    assert model.shaped_by == "the given input (None, 28, 28, 1)"
    assert rows["dense"].connection is Connection.UNCONNECTED
    assert [finding.rule for finding in inspection.findings] == ["KS204"]


def test_a_given_shape_that_does_not_fit_says_why(look: Callable[..., Inspection]) -> None:
    inspection = look(NET, input_shapes=((None, (None, 28), None),))
    (model,) = named(inspection)
    assert not model.built
    (finding,) = inspection.findings
    assert finding.rule == "KS301"
    assert "called on the given input (None, 28) it fails" in finding.why
    row = next(layer for layer in model.layers if layer.class_name == "Conv2D")
    assert row.effective == ((None, 28),)
    assert row.failure == "it needs at least 4 dimensions, batch included, and gets 2"


def test_a_model_that_fails_half_way_is_not_built(look: Callable[..., Inspection]) -> None:
    text = """
        class Two(keras.Model):
            def __init__(self):
                super().__init__()
                self.a, self.b = layers.Dense(3), layers.Dense(3)
            def call(self, inputs):
                return self.a(inputs["left"]) + self.b(inputs["right"])
        net = Two()
        """
    inspection = look(text, name="net", input_shapes=(("left", (None, 5), None),))
    (model,) = named(inspection)
    assert (model.built, model.params) == (False, None)
    assert (model.unknown or "").startswith("called on the given input ")
    assert (model.unknown or "").endswith("KeyError: 'right'")
    assert [finding.rule for finding in inspection.findings] == ["KS301"]
    assert inspection.notes == (), "a name that holds a model is not called"


def test_a_function_that_fails_in_a_layer_says_which(look: Callable[..., Inspection]) -> None:
    inspection = look(
        """
        def build():
            return keras.Sequential([keras.Input((5,)), layers.Conv2D(3, 3, name="conv")])
        """,
        name="build",
    )
    assert inspection.failure is not None
    assert inspection.failure.message == (
        "build() was called for its model: ValueError: conv (Conv2D) cannot take (None, 5): it needs at least 4 "
        "dimensions, batch included, and gets 2"
    )
    assert "going past" not in (inspection.failure.hint or "")


def test_several_inputs_are_given_by_name_or_in_order(look: Callable[..., Inspection]) -> None:
    text = """
        class Two(keras.Model):
            def __init__(self):
                super().__init__()
                self.embed = layers.Embedding(10, 6)
                self.mix = layers.Dense(6)
            def call(self, words, image, mask=None):
                return keras.layers.add([layers.Flatten()(self.embed(words)), self.mix(image)])
        net = Two()
        """
    shapes = (("image", (None, 3), None), ("words", (None, 1), "int32"))
    (model,) = named(look(text, input_shapes=shapes))
    rows = {layer.class_name: layer for layer in model.layers}
    assert (rows["Embedding"].effective, rows["Dense"].effective) == (((None, 1),), ((None, 3),))


def test_a_dictionary_of_inputs_is_given_by_name(look: Callable[..., Inspection]) -> None:
    text = """
        class Two(keras.Model):
            def __init__(self):
                super().__init__()
                self.a, self.b = layers.Dense(3), layers.Dense(3)
            def call(self, inputs):
                return self.a(inputs["left"]) + self.b(inputs["right"])
        net = Two()
        """
    (model,) = named(look(text, input_shapes=(("left", (None, 5), None), ("right", (None, 7), None))))
    assert [layer.effective for layer in model.layers] == [((None, 5),), ((None, 7),)]


def test_a_build_call_of_the_file_gives_the_shape(look: Callable[..., Inspection]) -> None:
    inspection = look(NET + "\n    net.build((None, 10, 10, 2))\n")
    (model,) = named(inspection)
    assert model.layers[0].effective == ((None, 10, 10, 2),)
    assert model.shaped_by == "build((None, 10, 10, 2)), line 14"


def test_a_sequential_takes_the_shape_of_its_build_call(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        m = keras.Sequential([layers.Dense(3), layers.Dense(2, input_shape=(9,))])
        m.build((None, 7))
        """)
    (finding,) = inspection.findings
    assert finding.rule == "KS101"
    assert finding.why.startswith("Build((None, 7)), line 5 made the input") or "line 5 made the input" in finding.why


# Names that a training was asked for.


def test_keras_2_is_asked_about_names_once_the_file_has_registered_its_own(looker: Looker, tmp_path: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(
        HEAD + "@keras.utils.register_keras_serializable(package='mine')\ndef own(y, p): return p\n"
        "net = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n"
    )
    known = (("loss", "mine>own"), ("loss", "mse"), ("optimizer", "sgd"), ("metric", "accuracy"), ("metric", "mae"))
    found = looker.look(path, keras="2", names=(*known, ("optimizer", "adan")))
    assert "knows no optimizer 'adan'; did you mean adam or " in (found.unknown_name or "")
    assert len(named(found)) == 1
    path.write_text(path.read_text() + "raise OSError('no data')\n")
    assert looker.look(path, keras="2", names=(*known, ("optimizer", "adan"))).unknown_name is None, (
        "it may yet register it"
    )
