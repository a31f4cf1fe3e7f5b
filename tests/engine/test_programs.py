"""Programs as people write them, with the findings each must have under both generations: no false alarm, no miss."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kerascope.graph import Connection, Inspection, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Looker

pytestmark = pytest.mark.keras

HEAD = "import keras, numpy as np\nfrom keras import layers\n"


@pytest.fixture(params=["3", "2"])
def look(looker: Looker, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Inspection]:
    """Look at a program, two import lines put before it."""

    def look(text: str) -> Inspection:
        path = tmp_path / "model_file.py"
        path.write_text(HEAD + textwrap.dedent(text))
        return looker.look(path, keras=request.param, timeout=60)

    return look


def warned(inspection: Inspection) -> list[tuple[str, int | None]]:
    """Rules and lines of what is above `info`, lines counted after the two import lines."""
    assert inspection.failure is None, inspection.failure
    return [
        (finding.rule, finding.line and finding.line - 2)
        for finding in inspection.findings
        if finding.severity.value != "info"
    ]


CLEAN = {
    "the vocabulary of an Embedding is no shape": """
        i = keras.Input((10,))
        m = keras.Model(i, layers.Dense(2)(layers.Flatten()(layers.Embedding(500, 4)(i))))
        n = keras.Sequential([keras.Input((10,)), layers.Embedding(input_dim=10, output_dim=4)])
        """,
    "a constructor of one's own may call anything input_dim": """
        class Block(layers.Layer):
            def __init__(self, input_dim, **kwargs):
                super().__init__(**kwargs)
                self.dense = layers.Dense(input_dim)
            def call(self, x):
                return self.dense(x)
        m = keras.Sequential([keras.Input((9,)), Block(64), Block(input_dim=5)])
        """,
    "what decides in a model still decides where the model is used again": """
        encoder = keras.Sequential([layers.Dense(32, input_shape=(784,)), layers.Dense(16)])
        whole = keras.Sequential([encoder, layers.Dense(784)])
        image = keras.Input((784,))
        same = keras.Model(image, encoder(image))
        part = keras.Model(encoder.inputs, encoder.layers[0].output)
        """,
    "a subclassed model is built by calling it on an Input": """
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.a = layers.Dense(4)
            def call(self, x):
                return self.a(x)
        m = Net()
        m(keras.Input(shape=(5,)))
        m.summary()
        """,
    "an autoencoder and its halves share layers": """
        i = keras.Input((8,))
        code = layers.Dense(2)(i)
        encoder = keras.Model(i, code)
        z = keras.Input((2,))
        decoder = keras.Model(z, layers.Dense(8)(z))
        whole = keras.Model(i, decoder(encoder(i)))
        """,
    "layers used by a pipeline that training would run": """
        flip = layers.RandomFlip()
        scale = layers.Rescaling(1 / 255)
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = layers.Dense(3)
            def call(self, x):
                return self.d(x)
            def train_step(self, data):
                x, y = data
                return super().train_step((flip(x), y))
        def prepare(x):
            return scale(x)
        m = Net()
        m.compile("sgd", "mse")
        m.fit(np.zeros((4, 8, 8, 3)), np.zeros((4, 8, 8, 3)))
        """,
    "a lookup is used by its methods": """
        to_number = layers.StringLookup(vocabulary=["a", "b"])
        words = to_number.get_vocabulary()
        m = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        """,
    "a normalisation is adapted and called on data": """
        norm = layers.Normalization()
        norm.adapt(np.zeros((5, 3)))
        x = norm(np.ones((2, 3)))
        m = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        """,
    "wrappers rebuild what they are given": """
        m = keras.Sequential([
            keras.Input((5, 3)),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(2)),
        ])
        """,
    "a layer taken off again": """
        m = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])
        m.pop()
        m.add(layers.Dense(1))
        """,
    "clones and configurations declare nothing anew": """
        m = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
        c = keras.models.clone_model(m)
        j = keras.models.model_from_json(m.to_json())
        """,
    "a clone stands on a tensor that it is given": """
        m = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
        i = keras.Input((4,))
        c = keras.models.clone_model(m, input_tensors=i)
        """,
    "operators are layers of their own": """
        a = keras.Input((4,))
        b = layers.Dense(4)(a)
        m = keras.Model(a, (a + b) * 2.0)
        """,
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_to_report(look: Callable[[str], Inspection], name: str) -> None:
    inspection = look(CLEAN[name])
    assert warned(inspection) == []
    assert inspection.notes == ()
    assert all(layer.verdict is not Verdict.REDUNDANT for model in inspection.models for layer in model.layers)


WRONG = {
    "models made in main, beside another": (
        """
        base = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        def build():
            return keras.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(2, input_shape=(9,))])
        if __name__ == "__main__":
            model = build()
        """,
        [("KS101", 4)],
    ),
    "a guard in the middle": (
        """
        if __name__ == "__main__" and True:
            units = 3
        model = keras.Sequential([keras.Input((4,)), layers.Dense(units, input_shape=(5,))])
        """,
        [("KS101", 4)],
    ),
    "after saving and loading again": (
        """
        m = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
        m.compile("sgd", "mse")
        m.fit(np.zeros((8, 4)), np.zeros((8, 1)), callbacks=[keras.callbacks.ModelCheckpoint("best.keras")])
        best = keras.models.load_model("best.keras")
        m.save("mine.keras")
        m.save_weights("mine.weights.h5")
        keras.models.load_model("mine.keras").load_weights("mine.weights.h5")
        late = keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, input_shape=(8,))])
        """,
        [("KS101", 9)],
    ),
    "after reading what training would have measured": (
        """
        m = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        m.compile("sgd", "mse", metrics=["accuracy"])
        x, y = np.zeros((8, 4)), np.zeros((8, 2))
        h = m.fit(x, y, validation_data=(x, y), epochs=2)
        print(int(100 * h.history["val_accuracy"][-1]), h.history["learning_rate"])
        loss, accuracy = m.evaluate(x, y)
        assert m.predict(x).argmax(axis=1).shape == (8,)
        while not loss < 0.5:
            loss = m.train_on_batch(x, y)
        late = keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, input_shape=(8,))])
        """,
        [("KS101", 11)],
    ),
    "a line in a loop is one finding": (
        """
        for fold in range(3):
            m = keras.Sequential()
            m.add(layers.Dense(3, input_shape=(4,)))
            m.add(layers.Dense(2, input_shape=(9,)))
        """,
        [("KS101", 5)],
    ),
    "layers that are built by being made are unconnected all the same": (
        """
        i = keras.Input((8, 8, 3))
        m = keras.Model(i, layers.Conv2D(4, 3)(i))
        pool = layers.MaxPooling2D()
        layers.Dropout(0.1)
        """,
        [("KS201", 4), ("KS201", 5)],
    ),
    "an Input that is given to a model and leads nowhere": (
        """
        a, b = keras.Input((4,)), keras.Input((5,), name="idle")
        m = keras.Model([a, b], layers.Dense(1)(a))
        passed_on = keras.Model([a, b], [layers.Dense(1)(a), b])
        """,
        [("KS203", 2)],
    ),
    "a call over several lines counts from its first": (
        """
        m = keras.Sequential([
            layers.Dense(3, input_shape=(4,)),
            layers.Dense(
                2,
                input_shape=(7,),
            ),
        ])
        """,
        [("KS101", 4)],
    ),
    "a declaration that only a state bears out": (
        """
        i, h, c = keras.Input((5, 9)), keras.Input((16,)), keras.Input((16,))
        m = keras.Model([i, h, c], layers.LSTM(16, input_dim=16)(i, initial_state=[h, c]))
        """,
        [("KS101", 3)],
    ),
    "two layers in one line": (
        "\ni = keras.Input((4,)); m = keras.Model(i, layers.Dense(2, input_shape=(5,))(layers.Dense(3)(i)))\n",
        [("KS101", 2)],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(
    look: Callable[[str], Inspection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    program, expected = WRONG[name]
    inspection = look(program)
    assert warned(inspection) == expected
    assert inspection.notes == ()
    assert [path.name for path in tmp_path.iterdir()] == ["model_file.py"]


def test_a_subclassed_model_is_read_from_its_call(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        class Block(layers.Layer):
            def __init__(self, units):
                super().__init__(name="block")
                self.first = layers.Dense(units, name="first")
                self.second = layers.Dense(units, input_shape=(99,), name="second")
            def call(self, x):
                return self.second(self.first(x)) + x
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.end = layers.Dense(2, name="end")
                self.forgotten = layers.Dense(9, name="forgotten")
                self.start = layers.Dense(32, name="start")
                self.block = Block(32)
            def call(self, x):
                return self.end(self.block(self.start(x)))
        net = Net()
        net(np.zeros((2, 5), "float32"))
        """)
    (model,) = inspection.models
    assert [layer.name for layer in model.layers] == ["start", "block", "first", "second", "end", "forgotten"]
    rows = {layer.name: layer for layer in model.layers}
    assert rows["end"].inbound == (rows["block"].id,)
    assert rows["block"].inbound == (rows["start"].id,)
    assert rows["second"].inbound == (rows["first"].id,)
    assert (rows["second"].parent, rows["second"].verdict) == (rows["block"].id, Verdict.DISCARDED)
    assert rows["start"].effective == ((2, 5),)
    assert rows["forgotten"].connection is Connection.UNCONNECTED
    assert rows["forgotten"].unknown == "the layer was never called"
    discarded, forgotten = inspection.findings
    assert "second gets (2, 32), the output of first" in discarded.why
    assert (forgotten.rule, forgotten.layer) == ("KS204", "forgotten")


def test_a_function_over_tensors_uses_them(looker: Looker, tmp_path: Path) -> None:
    path = tmp_path / "model_file.py"
    path.write_text(
        HEAD
        + "i = keras.Input((3,)); m = keras.Model(i, layers.Dense(1)(i))\n"
        + "j = keras.Input((3,)); f = keras.Function(j, layers.Dense(2)(j))\n"
    )
    assert looker.look(path).findings == ()


def test_the_file_is_main_to_those_who_ask(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        import dataclasses, inspect, pickle, sys
        @dataclasses.dataclass
        class Settings:
            units: int = 3
        assert pickle.loads(pickle.dumps(Settings())) == Settings()
        assert "units: int" in inspect.getsource(Settings)
        assert sys.modules["__main__"].Settings is Settings
        m = keras.Sequential([keras.Input((4,)), layers.Dense(Settings().units)])
        """)
    assert warned(inspection) == []
    assert inspection.notes == ()


def test_a_model_told_at_its_training_survives_what_follows_at_once(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        import os
        m = keras.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, input_shape=(9,))])
        m.compile("sgd", "mse")
        m.fit(np.zeros((4, 4)), np.zeros((4, 2)))
        os.abort()
        """)
    assert warned(inspection) == [("KS101", 3)]
    assert "SIGABRT" in inspection.notes[0].message


def test_a_file_that_closes_everything_is_told_so_and_its_files_are_its_own(
    look: Callable[[str], Inspection], tmp_path: Path
) -> None:
    inspection = look(f"""
        import os
        os.closerange(3, 1000)
        files = [open({str(tmp_path)!r} + "/victim" + str(i), "w") for i in range(40)]
        for i in range(5):
            layers.Dense(3)
        """)
    assert inspection.failure is not None
    assert "closed every open file" in inspection.failure.message
    assert [path.stat().st_size for path in tmp_path.glob("victim*")] == [0] * 40


@pytest.mark.parametrize(
    "nasty",
    [
        "import os\nos._exit = lambda code=0: None",
        "import sys\nclass Out:\n    def write(self, s): pass\n    def flush(self): sys.exit(0)\nsys.stderr = Out()",
    ],
)
def test_the_next_look_is_not_harmed(look: Callable[[str], Inspection], nasty: str) -> None:
    model = "\nm = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\n"
    for _ in range(2):
        assert look(nasty + model).failure is None
    assert look(model).failure is None


def test_what_of_the_user_fails_costs_only_that(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        class Odd(layers.Layer):
            @property
            def weights(self):
                raise ValueError("no weights for you")
            def call(self, x):
                return x
        class Shapeless:
            @property
            def shape(self):
                raise ValueError("no shape for you")
        class Proxy:
            @property
            def __class__(self):
                raise RuntimeError("unbound")
        proxy = Proxy()
        i = keras.Input((3,))
        odd = Odd(name="odd")
        m = keras.Model(i, layers.Dense(2, kernel_initializer="ones")(odd(i)))
        """)
    assert inspection.failure is None
    row = next(layer for layer in inspection.models[0].layers if layer.name == "odd")
    assert (row.effective, row.params) == (((None, 3),), None)


def test_a_layer_called_from_two_sides_comes_from_both(look: Callable[[str], Inspection]) -> None:
    inspection = look("""
        class Twins(keras.Model):
            def __init__(self):
                super().__init__()
                self.left = layers.Dense(8, name="left")
                self.right = layers.Dense(8, name="right")
                self.tower = layers.Dense(4, name="tower")
                self.join = layers.Concatenate(name="join")
            def call(self, inputs):
                a, b = inputs
                return self.join([self.tower(self.left(a)), self.tower(self.right(b))])
        twins = Twins()
        for rows in (2, 3, 2, 3):
            twins([np.zeros((rows, 5), "float32"), np.zeros((rows, 6), "float32")])
        """)
    rows = {layer.name: layer for layer in inspection.models[0].layers}
    assert rows["tower"].inbound == (rows["left"].id, rows["right"].id)
    # Each shape once, however often the loop goes round.
    assert rows["tower"].effective == ((2, 8), (3, 8))
    assert rows["join"].effective == ((2, 4), (2, 4), (3, 4), (3, 4))


def test_a_dead_branch_is_overtaken_by_what_comes_after_it(looker: Looker) -> None:
    path = Path(__file__).parent.parent / "corpus" / "last_residual_of_a_stack.py"
    (finding,) = looker.look(path).findings
    # The convolutions of its own round came before it; what came after is the sum over the skips.
    assert "line 16 calls add_3 on the output of conv1d_8 instead" in finding.message
