"""What takes long, ends the process, or would leave something behind, in places where it is easily overlooked."""

from __future__ import annotations

import functools
import inspect
import json
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kerascope.probe.building import with_before_build
from kerascope.probe.recorder import MAX_SOURCES, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Looker

    from kerascope.graph import Inspection

HEAD = "import keras, os, sys\nfrom keras import layers\n"

SHORT = 3.0
"""The time limit of the tests that run into it, in seconds."""

FACTORIES = """
    def build_first():
        model = keras.Sequential(name="first")
        model.add(layers.Dense(2, input_shape=(3,)))
        return model

    def build_second():
        model = keras.Sequential(name="second")
        model.add(layers.Dense(2, input_shape=(3,)))
        {what}
        model.add(layers.Dense(3))
        return model
    """


@pytest.fixture(params=["3", "2"])
def look(looker: Looker, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Inspection]:
    """Look at a program, two import lines put before it."""

    def look(text: str, *, timeout: float = 60.0, **asked: Any) -> Inspection:
        path = tmp_path / "model_file.py"
        path.write_text(HEAD + textwrap.dedent(text))
        return looker.look(path, keras=request.param, timeout=timeout, **asked)

    return look


# Functions that are called for their models.


@pytest.mark.keras
def test_a_function_that_never_returns_does_not_hide_those_before_it(look: Callable[..., Inspection]) -> None:
    inspection = look(FACTORIES.format(what="while True: pass"), timeout=SHORT)
    assert inspection.failure is None
    assert inspection.models[0].name == "first"
    first, stopped = inspection.notes
    assert first.message.startswith("build_first() was called for its model")
    assert "build_second() was called for its model, still ran and was stopped after 3 s" in stopped.message
    assert stopped.line == 12
    assert [factory.called for factory in inspection.factories] == [True, False]


@pytest.mark.keras
def test_a_function_that_was_asked_for_and_never_returns_has_given_no_model(look: Callable[..., Inspection]) -> None:
    text = "other = keras.Sequential([keras.Input((3,)), layers.Dense(1)])\n" + textwrap.dedent(FACTORIES)
    inspection = look(text.format(what="while True: pass"), timeout=SHORT, name="build_second", call="")
    assert inspection.failure is not None
    assert (inspection.failure.kind, inspection.failure.line) == ("timeout", 13)
    assert inspection.failure.message.endswith("before build_second() gave its model")


@pytest.mark.keras
@pytest.mark.parametrize("what", ["os._exit(4)", "os.abort()"])
def test_a_function_that_ends_the_process_does_not_hide_those_before_it(
    look: Callable[..., Inspection], what: str
) -> None:
    inspection = look(FACTORIES.format(what=what))
    assert inspection.failure is None
    assert [(model.name, model.built) for model in inspection.models if model.name is not None] == [("first", True)]
    assert inspection.notes[0].message.startswith("build_first() was called for its model")
    assert "status 4" in inspection.notes[1].message or "SIGABRT" in inspection.notes[1].message


# What a file prints and writes.


@pytest.mark.keras
def test_megabytes_without_a_line_end_are_read_at_once(look: Callable[..., Inspection]) -> None:
    model = "model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n"
    assert look(model).failure is None
    started = time.monotonic()
    inspection = look(model + "print('x' * 5_000_000)\nprint('1/3\\r2/3\\r3/3')\n")
    assert inspection.failure is None
    assert inspection.output.endswith("x\n3/3\n")
    assert time.monotonic() - started < 10


@pytest.mark.keras
@pytest.mark.parametrize("end", ["", "os._exit(0)", "os.kill(os.getpid(), 9)", "while True: pass"])
def test_what_autograph_writes_is_removed_whatever_the_file_ends_by(looker: Looker, tmp_path: Path, end: str) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(
        HEAD
        + textwrap.dedent("""
            import tensorflow as tf
            class Shift(layers.Layer):
                def call(self, x):
                    if tf.reduce_sum(x) > 0:
                        x = x + 1
                    return x
            inputs = keras.Input((3,))
            model = keras.Model(inputs, Shift()(inputs))
            model.compile(loss="mse")
            model.fit(tf.zeros((4, 3)), tf.zeros((4, 3)))
            modules = list(sys.modules.values())
            print("generated", *[each.__file__ for each in modules if "__autograph" in each.__name__])
            """)
        + end
    )
    inspection = looker.look(path, keras="2", timeout=SHORT if end.startswith("while") else 60.0)
    assert inspection.models[0].layers[-1].output == ((None, 3),)
    (line,) = [line for line in inspection.output.splitlines() if line.startswith("generated")]
    (file,) = [Path(each) for each in line.split()[1:]]
    assert file.name.startswith("__autograph_generated_file")
    assert file.parent.parent != Path(tempfile.gettempdir()), "in a folder of the probe's own"
    deadline = time.monotonic() + 5
    # Its folder holds the compiled form too.
    while file.parent.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not file.parent.exists()


# Waiting for a network.


@pytest.mark.keras
def test_a_download_of_keras_does_not_wait_for_a_network_that_is_silent(look: Callable[..., Inspection]) -> None:
    inspection = look(
        """
        import socket
        def connect(*args, **kwargs):
            print("silence of", socket.getdefaulttimeout())
            raise TimeoutError("nobody answers")
        socket.create_connection = connect
        os.environ["KERAS_HOME"] = "/nowhere"
        try:
            keras.datasets.boston_housing.load_data(path="not_in_any_cache.npz")
        except Exception as error:
            print(type(error).__name__)
        print("afterwards", socket.getdefaulttimeout())
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
        """,
        strict=True,
    )
    assert "silence of 5.0" in inspection.output
    assert "afterwards None" in inspection.output


# Properties of the user's own.


@pytest.mark.keras
def test_a_property_that_raises_does_not_take_the_other_models_along(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        class Net(keras.Model):
            @property
            def built(self):
                raise RuntimeError("not yet")
            @built.setter
            def built(self, value):
                pass
        try:
            net = Net()
        except RuntimeError:
            pass
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
        """)
    assert inspection.failure is None
    assert [(model.class_name, model.built) for model in inspection.models] == [("Net", False), ("Sequential", True)]


# Notebooks.


@pytest.mark.keras
@pytest.mark.parametrize("generation", ["3", "2"])
def test_a_notebook_may_wait_at_its_top_level(looker: Looker, tmp_path: Path, generation: str) -> None:
    cells = [
        "import asyncio, keras",
        "units = await asyncio.sleep(0, 3)",
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])",
        "await fetch()",
    ]
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": cell} for cell in cells]}))
    inspection = looker.look(path, keras=generation)
    assert inspection.failure is None
    assert inspection.models[0].layers[-1].output == ((None, 3),)
    assert inspection.models[0].variable == "model"
    (note,) = inspection.notes
    assert "NameError: name 'fetch' is not defined" in note.message
    assert [frame.function for frame in note.frames] == ["<module>"]


# Inside the probe.


def test_a_build_with_something_before_it_looks_to_keras_as_it_did() -> None:
    asked: list[Any] = []

    class Layer:
        def build(self, input_shape: Any) -> str:
            return f"built {input_shape}"

        def build_open(self, input_shape: Any = None) -> str:
            return f"built {input_shape}"

    Layer.build.marked = True  # type: ignore[attr-defined]
    for name in ("build", "build_open"):
        setattr(Layer, name, with_before_build(vars(Layer)[name], lambda layer, shape: asked.append(shape)))
    layer = Layer()
    assert (layer.build((None, 3)), layer.build(input_shape=(4,)), layer.build_open()) == (
        "built (None, 3)",
        "built (4,)",
        "built None",
    )
    assert asked == [(None, 3), (4,), None]
    assert layer.build.marked  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        layer.build()  # type: ignore[call-arg]

    # As Keras wraps it in turn; older Pythons follow `__wrapped__` through the bound method to the function.
    @functools.wraps(layer.build)
    def wrapper(*args: Any) -> None: ...

    assert list(inspect.signature(wrapper).parameters) == ["input_shape"]
    assert not hasattr(layer.build, "__wrapped__")


def test_remembering_where_tensors_came_from_takes_the_time_of_their_number() -> None:
    class Tensor:
        pass

    recorder = Recorder(None, None, lambda message: None)  # type: ignore[arg-type]
    tensors = [Tensor() for _ in range(10 * MAX_SOURCES)]
    started = time.monotonic()
    for number, tensor in enumerate(tensors):
        recorder._note_source(tensor, number)
    assert time.monotonic() - started < 5
    assert [recorder._source(tensor) for tensor in tensors[:3]] == [0, 1, 2]
    for number in range(10 * MAX_SOURCES):
        recorder._note_source(Tensor(), number)
    assert len(recorder._sources) <= 2 * len(tensors) + MAX_SOURCES, "those that are gone are forgotten"
