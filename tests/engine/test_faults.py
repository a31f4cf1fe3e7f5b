"""Everything a user's file can do to us: each ends in an answer, and nothing of it stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import Inspection, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Looker

pytestmark = pytest.mark.keras

MODEL = """\
import keras
from keras import layers
model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2, input_shape=(7,))])
"""

SHORT = 2.0
"""The time limit of the tests that run into it, in seconds."""


@pytest.fixture(params=["3", "2"])
def look(looker: Looker, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Inspection]:
    """Write a program and look at it."""

    def look(text: str, *, name: str = "model_file.py", timeout: float = 60.0) -> Inspection:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return looker.look(path, keras=request.param, timeout=timeout)

    return look


def the_model_is_known(inspection: Inspection) -> None:
    """The model of `MODEL` was read, with its finding."""
    assert inspection.failure is None
    (model,) = inspection.models
    assert [layer.verdict for layer in model.layers] == [Verdict.DECIDES, None, Verdict.DISCARDED]
    assert [finding.rule for finding in inspection.findings] == ["KS101"]


# Exceptions and early ends.


def test_an_exception_before_the_model_shows_what_was_recorded(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        from keras import layers
        first = layers.Dense(3, name="first")
        def load():
            raise ValueError("no \\x1b[31mdata\\x1b[0m here")
        load()
        """)
    failure = inspection.failure
    assert failure is not None
    assert (failure.kind, failure.line) == ("exception", 5)
    assert failure.message == "ValueError: no data here"
    assert [(frame.line, frame.function) for frame in failure.frames] == [(6, "<module>"), (5, "load")]
    assert failure.frames[-1].text.startswith("raise ValueError(")
    (loose,) = inspection.models
    assert loose.name is None
    assert [layer.name for layer in loose.layers] == ["first"]
    assert loose.layers[0].connection is None
    assert inspection.findings == ()


def test_an_exception_after_the_models_is_a_note(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + 'open("/nowhere/data.csv")\n')
    the_model_is_known(inspection)
    (note,) = inspection.notes
    assert note.line == 4
    assert "FileNotFoundError" in note.message
    assert "/nowhere/data.csv" in note.message


def test_an_exception_while_a_sequential_grows_is_a_failure(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        model = keras.Sequential()
        model.add(keras.layers.Dense(3, input_shape=(4,)))
        model.add(keras.layers.Conv2D(3, 3))
        """)
    assert inspection.failure is not None
    assert (inspection.failure.kind, inspection.failure.line) == ("exception", 5)
    rows = {layer.name: layer for model in inspection.models for layer in model.layers}
    assert rows["dense"].verdict is Verdict.DECIDES
    assert "conv2d" in rows
    assert inspection.findings == ()


def test_nothing_is_called_unconnected_when_the_rest_could_have_connected_it(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        inputs = keras.Input((4,))
        code = keras.layers.Dense(2)(inputs)
        encoder = keras.Model(inputs, code)
        decoded = keras.layers.Dense(4)(code)
        open("/nowhere")
        autoencoder = keras.Model(inputs, decoded)
        """)
    assert inspection.failure is None
    assert inspection.findings == ()
    assert len(inspection.notes) == 1


def test_a_dead_branch_is_still_found_when_only_data_was_to_come(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        inputs = keras.Input((4,))
        code = keras.layers.Dense(2)(inputs)
        extra = keras.layers.Dense(9)(code)
        model = keras.Model(inputs, code)
        open("/nowhere")
        print("never")
        """)
    assert [(finding.rule, finding.line) for finding in inspection.findings] == [("KS202", 5)]


def test_sys_exit_after_the_model(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "import sys\nsys.exit(3)\n")
    the_model_is_known(inspection)
    assert [note.message for note in inspection.notes] == ["the file ended itself with sys.exit(3)"]


def test_sys_exit_before_any_model(look: Callable[..., Inspection]) -> None:
    inspection = look("import sys\nsys.exit('no data')\n")
    assert inspection.failure is not None
    assert inspection.failure.kind == "no-model"
    assert inspection.failure.message.endswith("ended itself with sys.exit(no data) before it made a Keras model")
    assert (inspection.failure.line, inspection.notes) == (2, ())


def test_a_file_that_misses_arguments_says_where_to_give_them(look: Callable[..., Inspection]) -> None:
    inspection = look("""\
import argparse
parser = argparse.ArgumentParser(prog="train.py")
parser.add_argument("--units", required=True)
parser.parse_args()
""")
    assert inspection.failure is not None
    assert inspection.failure.message.endswith("train.py: error: the following arguments are required: --units")
    assert "behind --" in (inspection.failure.hint or "")
    assert inspection.failure.line == 4


def test_a_file_without_a_model_names_what_could_have_made_one(look: Callable[..., Inspection]) -> None:
    inspection = look("import keras\ndef build_net(units):\n    return keras.Sequential()\n")
    assert inspection.failure is not None
    assert inspection.failure.kind == "no-model"
    assert "Sequential" in inspection.failure.message
    assert "build_net(units)" in (inspection.failure.hint or "")


# Files that do not end.


def test_an_endless_loop_is_stopped_at_its_line(look: Callable[..., Inspection], looker: Looker) -> None:
    inspection = look("x = 0\nwhile True:\n    x += 1\n", timeout=SHORT)
    assert inspection.failure is not None
    assert inspection.failure.kind == "timeout"
    assert inspection.failure.line in (2, 3)
    running = [progress for progress in looker.progress if progress.phase == "running" and progress.line]
    assert running, "the line that runs was told while it ran"
    assert {progress.line for progress in running} <= {2, 3}


def test_a_training_loop_of_its_own_does_not_hide_the_model(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "import time\nwhile True:\n    time.sleep(0.01)\n", timeout=SHORT)
    the_model_is_known(inspection)
    assert "stopped after 2 s" in inspection.notes[0].message


def test_a_file_that_catches_everything_is_killed_and_its_model_known(look: Callable[..., Inspection]) -> None:
    text = (
        MODEL + "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass\n"
    )
    inspection = look(text, timeout=SHORT)
    the_model_is_known(inspection)


# Processes that die.


@pytest.mark.parametrize(
    ("code", "signal_name"),
    [
        ("import os\nos.abort()", "SIGABRT"),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
    ],
)
def test_a_native_crash_is_named_with_its_line(look: Callable[..., Inspection], code: str, signal_name: str) -> None:
    inspection = look(f"from keras import layers\na = layers.Dense(1, name='kept')\n{code}\n")
    failure = inspection.failure
    assert failure is not None
    assert (failure.kind, failure.line) == ("signal", 4)
    assert signal_name in failure.message
    assert [layer.name for model in inspection.models for layer in model.layers] == ["kept"]


def test_being_killed_is_named(look: Callable[..., Inspection]) -> None:
    inspection = look("import os\nos.kill(os.getpid(), 9)\n")
    assert inspection.failure is not None
    assert "SIGKILL (signal 9)" in inspection.failure.message
    assert "memory" in inspection.failure.message


def test_running_out_of_memory_after_the_model_keeps_the_model(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "import os, time\nfor _ in range(8):\n    time.sleep(0.2)\nos.kill(os.getpid(), 9)\n")
    the_model_is_known(inspection)
    assert "SIGKILL" in inspection.notes[0].message


def test_os_exit_is_named(look: Callable[..., Inspection]) -> None:
    inspection = look("import os\nos._exit(7)\n")
    assert inspection.failure is not None
    assert inspection.failure.kind == "exit"
    assert "status 7" in inspection.failure.message


# What files do besides.


def test_megabytes_of_output_are_bounded_and_end_with_the_end(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "for i in range(100000):\n    print('line', i, 'x' * 60)\nprint('the very end')\n")
    the_model_is_known(inspection)
    assert len(inspection.output) < 400_000
    assert "line 0 " in inspection.output
    assert "left out" in inspection.output
    assert inspection.output.rstrip().endswith("the very end")


def test_output_is_cleaned(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "print('a\\x1b]52;c;aGk=\\x07b\\x1b[2Jc\\u202ed')\n")
    assert "abc\N{REPLACEMENT CHARACTER}d" in inspection.output
    assert "\x1b" not in inspection.output


def test_a_progress_bar_is_one_line(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "for i in range(3):\n    print(f'\\r{i}/2', end='')\nprint('\\ndone')\n")
    assert inspection.output.endswith("2/2\ndone\n")
    assert "1/2" not in inspection.output


def test_standard_input_is_empty(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "answer = input('epochs? ')\n")
    the_model_is_known(inspection)
    assert "standard input" in inspection.notes[0].message


def test_a_fork_in_the_file_answers_once(look: Callable[..., Inspection]) -> None:
    inspection = look(MODEL + "import os\nprint('child' if os.fork() == 0 else 'parent')\n")
    the_model_is_known(inspection)


def test_the_file_runs_as_its_author_expects(look: Callable[..., Inspection], tmp_path: Path) -> None:
    (tmp_path / "recorder.py").write_text("NAME = 'the user\\'s own recorder'\n")
    inspection = look(
        MODEL
        + textwrap.dedent("""
        import os, sys, recorder
        print([__file__, sys.argv, sys.path[0], os.getcwd(), recorder.NAME])
        os.chdir("/")
        """)
    )
    the_model_is_known(inspection)
    path = str(tmp_path / "model_file.py")
    assert str([path, [path], str(tmp_path), str(Path.cwd()), "the user's own recorder"]) in inspection.output


def test_a_main_guard_is_run_when_nothing_else_makes_a_model(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras
        def main():
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        if __name__ == "__main__":
            main()
        """)
    assert inspection.failure is None
    assert [layer.output for layer in inspection.models[0].layers] == [((None, 4),), ((None, 2),)]


def test_training_predicting_and_saving_are_skipped(look: Callable[..., Inspection], tmp_path: Path) -> None:
    kept = tmp_path / "model.keras"
    kept.write_text("yesterday's training")
    inspection = look(
        f"""
        import keras, numpy as np
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        model.compile("sgd", "mse", metrics=["mae"])
        x, y = np.zeros((6, 4)), np.zeros((6, 2))
        history = model.fit(x, y, epochs=3, validation_split=0.5)
        assert len(history.history["val_loss"]) == len(history.epoch) == 3
        loss, mae = model.evaluate(x, y)
        assert model.predict(x).shape == (6, 2)
        model.train_on_batch(x, y)
        model.save({str(kept)!r})
        keras.models.save_model(model, {str(kept)!r})
        model.save_weights({str(tmp_path / "w.weights.h5")!r})
        print("to the end")
        """
    )
    assert inspection.failure is None
    assert inspection.notes == ()
    assert "to the end" in inspection.output
    assert kept.read_text() == "yesterday's training"
    assert not list(tmp_path.glob("w.*"))


def test_fit_data_builds_a_model_that_waits_for_it(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, numpy as np
        model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
        model.compile("sgd", "mse")
        model.fit(np.zeros((10, 4)), np.zeros((10, 2)))
        """)
    (model,) = inspection.models
    assert [layer.effective for layer in model.layers] == [((None, 4),), ((None, 3),)]
    assert inspection.findings == ()


def test_lazy_weights_train_and_read_like_real_ones(look: Callable[..., Inspection]) -> None:
    inspection = look("""
        import keras, numpy as np, tensorflow as tf
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization(),
                                  keras.layers.Dense(1)])
        optimizer = keras.optimizers.SGD(0.05)
        @tf.function
        def step(x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
            gradients = tape.gradient(loss, model.trainable_variables)
            assert all(g is not None for g in gradients)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            return loss
        rng = np.random.default_rng(1)
        x = rng.normal(size=(32, 4)).astype("float32")
        losses = [float(step(x, x[:, :1])) for _ in range(60)]
        assert losses[-1] < losses[0], losses
        weights = model.get_weights()
        assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights()))
        model.set_weights([w + 1 for w in weights])
        assert all(np.allclose(a + 1, b) for a, b in zip(weights, model.get_weights()))
        print("as in plain Keras")
        """)
    assert inspection.notes == ()
    assert "as in plain Keras" in inspection.output


def test_a_sibling_that_shadows_keras_is_named(look: Callable[..., Inspection], tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("Sequential = None\n")
    inspection = look(MODEL)
    the_model_is_known(inspection)
    assert "keras.py" in inspection.notes[0].message


# Nothing stays behind.


def test_what_the_file_starts_is_ended(looker: Looker, tmp_path: Path) -> None:
    mark = f"kerascope-test-{os.getpid()}"
    path = tmp_path / "starts.py"
    path.write_text(
        MODEL
        + textwrap.dedent(f"""
        import os, subprocess, sys, threading, time
        command = [sys.executable, "-c", "import time; time.sleep(600)", {mark!r}]
        subprocess.Popen(command)
        subprocess.Popen(command, start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(command[0], command)
            time.sleep(600)
        threading.Thread(target=time.sleep, args=(600,)).start()
        """)
    )
    the_model_is_known(looker.look(path))
    assert _gone(mark), _processes(mark)


def _processes(mark: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if mark in line and "ps -eo" not in line]


def _gone(mark: str, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while _processes(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# Interpreters.


def test_an_interpreter_without_keras_is_named(looker: Looker, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    path = tmp_path / "model_file.py"
    path.write_text(MODEL)
    failure = looker.look(path, python=str(bare)).failure
    assert failure is not None
    assert failure.kind == "interpreter"
    assert str(bare / "bin" / "python") in failure.message
    assert "--python" in (failure.hint or "")


def test_an_interpreter_that_is_not_there(looker: Looker, tmp_path: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(MODEL)
    failure = looker.look(path, python="/nowhere/python").failure
    assert failure is not None
    assert failure.kind == "interpreter"
    assert "/nowhere/python" in failure.message
