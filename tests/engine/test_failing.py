"""Builds that fail: the graph up to the failing call, the layer with what came in, and what it needed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from kerascope.engine._calls import core_message, what_it_needed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Looker

    from kerascope.graph import Inspection, Layer

HEAD = "import keras\nfrom keras import layers\n"


@pytest.fixture(params=["3", "2"])
def look(looker: Looker, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Inspection]:
    """Look at a program, two import lines put before it."""

    def look(text: str) -> Inspection:
        path = tmp_path / "model_file.py"
        path.write_text(HEAD + textwrap.dedent(text))
        return looker.look(path, keras=request.param)

    return look


def failing(inspection: Inspection) -> Layer:
    """The one row whose call failed."""
    (layer,) = (layer for model in inspection.models for layer in model.layers if layer.failure is not None)
    return layer


@pytest.mark.keras
def test_the_graph_is_shown_up_to_the_failing_call(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        i = keras.Input((28, 28, 1))
        x = layers.Conv2D(8, 3)(i)
        x = layers.Flatten()(x)
        x = layers.Conv2D(8, 3, name="late")(x)
        m = keras.Model(i, x)
        """)
    assert inspection.failure is not None
    assert inspection.failure.line == 7
    assert inspection.failure.message == (
        "ValueError: late (Conv2D) cannot take (None, 5408): it needs at least 4 dimensions, batch included, and gets 2"
    )
    rows = [layer for model in inspection.models for layer in model.layers]
    assert [layer.class_name for layer in rows] == ["InputLayer", "Conv2D", "Flatten", "Conv2D"]
    assert rows[2].output == ((None, 5408),)
    assert failing(inspection).effective == ((None, 5408),)
    assert inspection.findings == ()


@pytest.mark.keras
def test_a_sequential_shows_the_layer_it_could_not_add(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        m = keras.Sequential()
        m.add(layers.Dense(8, input_shape=(4,)))
        m.add(layers.LSTM(3, name="recurrent"))
        """)
    layer = failing(inspection)
    assert (layer.name, layer.effective) == ("recurrent", ((None, 8),))
    assert layer.failure == "it needs 3 dimensions, batch included, and gets 2"
    assert inspection.failure is not None
    assert inspection.failure.line == 6


@pytest.mark.keras
def test_the_innermost_layer_of_the_users_own_is_the_one_that_failed(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        class Block(layers.Layer):
            def __init__(self):
                super().__init__(name="block")
                self.inner = layers.Conv1D(3, 9, name="inner")
            def call(self, x):
                return self.inner(x)
        m = keras.Sequential([keras.Input((4, 2)), Block()])
        """)
    layer = failing(inspection)
    assert (layer.name, layer.effective) == ("inner", ((None, 4, 2),))
    assert "inner (Conv1D) cannot take (None, 4, 2)" in (inspection.failure.message if inspection.failure else "")


@pytest.mark.keras
def test_the_whole_traceback_is_in_the_log(look: Callable[[str], Inspection]) -> None:
    inspection = look("print('first')\nlayers.Dense(3)(keras.Input(()))\n")
    assert inspection.output.startswith("first\nTraceback (most recent call last):\n")
    assert 'model_file.py", line 4, in <module>' in inspection.output
    assert "min_ndim=2" in inspection.output
    assert "kerascope" not in inspection.output


@pytest.mark.keras
def test_an_exception_that_no_layer_raised_marks_no_layer(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        try:
            layers.LSTM(3)(keras.Input((4,)))
        except ValueError:
            pass
        layers.Dense(3)(keras.Input((4,)))
        raise RuntimeError("something else")
        """)
    assert inspection.failure is not None
    assert inspection.failure.message == "RuntimeError: something else"
    assert all(layer.failure is None for model in inspection.models for layer in model.layers)


NEEDS = [
    (
        'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape to have '
        "value 32, but received input with shape (None, 44)",
        "axis -1 of its input must be 32, the size it was built for",
    ),
    (
        "ValueError: Input 0 with name 'x' of layer 'functional' is incompatible with the layer: "
        "expected shape=(None, 4), found shape=(None, 5)",
        "it needs the shape (None, 4) and gets (None, 5)",
    ),
    (
        "ValueError: Exception encountered when calling Reshape.call().\n\n\x1b[1mThe total size of the tensor must be "
        "unchanged. Received: input_shape=(784,), target_shape=(10,)\x1b[0m\n\nArguments received by Reshape.call():\n"
        "  • args=('<KerasTensor>',)",
        "The total size of the tensor must be unchanged. Received: input_shape=(784,), target_shape=(10,)",
    ),
    (
        'ValueError: Exception encountered when calling layer "reshape" (type Reshape).\n\ntotal size of new array '
        'must be unchanged\n\nCall arguments received by layer "reshape" (type Reshape):\n  • inputs=tf.Tensor',
        "total size of new array must be unchanged",
    ),
    ("no type at all: really", "no type at all: really"),
    ("", ""),
]


@pytest.mark.parametrize(("message", "needed"), NEEDS)
def test_what_a_layer_needed_is_said_plainly(message: str, needed: str) -> None:
    assert what_it_needed(message) == needed


def test_an_exception_keeps_its_type_and_loses_keras_wrapping() -> None:
    assert core_message(NEEDS[3][0]) == "ValueError: total size of new array must be unchanged"


@pytest.mark.keras
def test_a_sequential_given_all_at_once_is_no_model_when_one_of_its_layers_fails(
    look: Callable[[str], Inspection],
) -> None:
    inspection = look("""
        m = keras.Sequential([
            layers.Conv2D(4, 5, input_shape=(8, 8, 1)),
            layers.MaxPooling2D(2),
            layers.Conv2D(4, 5, name="too_large"),
            layers.Flatten(),
        ])
        """)
    assert inspection.failure is not None
    assert inspection.failure.message.startswith("ValueError: too_large (Conv2D) cannot take (None, 2, 2, 4): ")
    assert inspection.failure.line == 4
    assert failing(inspection).effective == ((None, 2, 2, 4),)


@pytest.mark.keras
def test_a_model_whose_outputs_need_another_input_is_none(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        a, b = keras.Input((4,)), keras.Input((5,))
        m = keras.Model(a, layers.Dense(3)(layers.concatenate([a, b])))
        """)
    assert inspection.failure is not None
    assert inspection.failure.line == 5


SUBCLASSED = """
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.features = layers.Conv2D(4, 3, name="features")
            self.recurrent = layers.LSTM(3, name="recurrent")
        def call(self, x):
            return self.recurrent(self.features(x))
    net = Net()
    net(np.zeros((2, 8, 8, 1), "float32"))
    """


@pytest.mark.keras
def test_a_subclassed_model_whose_first_call_fails_says_which_layer_it_was(look: Callable[[str], Inspection]) -> None:
    inspection = look("import numpy as np\n" + textwrap.dedent(SUBCLASSED))
    assert inspection.failure is not None
    assert inspection.failure.message == (
        "ValueError: recurrent (LSTM) cannot take (2, 6, 6, 4): it needs 3 dimensions, batch included, and gets 4"
    )
    assert inspection.failure.line == 11
    rows = {layer.name: layer for model in inspection.models for layer in model.layers}
    assert rows["features"].output == ((2, 6, 6, 4),)
    assert failing(inspection) is rows["recurrent"]
    assert inspection.findings == ()


@pytest.mark.keras
def test_a_model_that_was_called_before_survives_a_call_that_fails(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = layers.Dense(4)
            def call(self, x):
                return self.dense(x)
        net = Net()
        net(keras.Input((5,)))
        net(keras.Input((6,)))
        """)
    assert inspection.failure is None
    assert inspection.models[0].built
    (note,) = inspection.notes
    assert "after the models were complete the file stopped" in note.message


@pytest.mark.keras
def test_a_function_called_for_its_model_says_which_layer_failed(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        def make_model(units=4):
            i = keras.Input((5,))
            return keras.Model(i, layers.Conv1D(3, 3, name="late")(layers.Dense(units)(i)))
        """)
    assert inspection.failure is not None
    assert inspection.failure.message == (
        "make_model() was called for its model: ValueError: late (Conv1D) cannot take (None, 4): "
        "it needs at least 3 dimensions, batch included, and gets 2"
    )
    assert failing(inspection).effective == ((None, 4),)


def test_a_key_error_is_read_through_the_escapes_of_its_text() -> None:
    wrapped = (
        "Exception encountered when calling Two.call().\n\n\x1b[1mCould not automatically infer the output shape / "
        "dtype of 'two' (of type Two). Either the `Two.call()` method is incorrect, or ... Error encountered:\n\n"
        "'meta'\x1b[0m\n\nArguments received by Two.call():\n • args=()"
    )
    assert core_message(f"KeyError: {wrapped!r}") == "KeyError: 'meta'"
    assert core_message("KeyError: not a literal") == "KeyError: not a literal"
